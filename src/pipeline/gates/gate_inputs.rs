//! Applies the gates to each supplier of a run, and quarantines those with findings.

use jiff::civil::Date;

use crate::job::Job;
use crate::ledger::History;
use crate::pipeline::gates::absolute_gates;
use crate::pipeline::gates::history_gates::{self, SchemeTonight, SupplierFigures};
use crate::pipeline::gates::probing;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::summary::OnSupply;

/// Quarantines each supplier for which a gate has a finding. A supplier that the run is not for gets nothing
/// anyway; with a finding, its file counts in allocation only as that of a quarantined supplier.
pub(crate) fn examine(matched: &mut Matched<'_>, history: &History, date: Date) {
    let job = matched.job;
    let suppliers = matched.suppliers.iter_mut().chain(&mut matched.others);
    for supplier in suppliers {
        let tonight = tonight(job, supplier, date);
        let history = history.of_supplier(&supplier.supplier.id);
        let mut findings = history_gates::examine(&tonight, history, &job.gates);
        findings.extend(absolute_gates::examine(&tonight, &job.gates));
        if let (Some(settings), Some(figures)) = (&job.probing, &supplier.probing) {
            findings.extend(probing::examine(figures, &tonight, history, &job.gates, settings));
        }
        supplier.findings = findings;
    }
}

fn tonight<'a>(job: &'a Job, supplier: &SupplierMatch<'_>, date: Date) -> SupplierFigures<'a> {
    let read = &supplier.read;
    let sum = |count: fn(&crate::pipeline::inputs::input_file::InputFile) -> u64| read.files.iter().map(count).sum();
    let on_supply = OnSupply::count(&read.accounts);
    let schemes = job.schemes.iter().zip(&supplier.verdicts).filter_map(|(scheme, verdicts)| {
        let verdicts = verdicts.as_ref()?;
        Some(SchemeTonight {
            id: &scheme.id,
            qualifying_date: scheme.qualifying_date.into(),
            on_supply: verdicts.on_supply,
            matched: verdicts.matched,
        })
    });
    SupplierFigures {
        date,
        rows: sum(|file| file.rows),
        rejected: sum(|file| file.rejected),
        noted: sum(|file| file.noted),
        accounts: read.accounts.count() as u64,
        on_supply: on_supply.accounts,
        usable: on_supply.usable,
        schemes: schemes.collect(),
        files: read.files.iter().map(|file| file.blake3.clone()).collect(),
    }
}

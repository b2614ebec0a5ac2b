//! Builds the run's record, `administrator/run.json`: inputs, settings and results, in counts.
//!
//! It has no name, date, address or reference of any person.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::intake::{IntakeError, input_sum};
use crate::job::Job;
use crate::matching::{KeyCounts, KeyKind};
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::progress::Progress;
use crate::release::run_record::{
    InputRecord, KeyRecord, QuarantineRecord, RunRecord, SchemeRecord, SettingsRecord, Summary,
};

/// The BLAKE3 sums of a run's inputs.
pub(crate) struct Sums {
    shared: Vec<String>,
    suppliers: Vec<Vec<String>>,
}

impl Sums {
    /// Sums the inputs that were used. A sum has to be of the bytes that were read: a supplier whose file has
    /// changed since is rejected, and a changed shared input stops the run.
    pub(crate) fn new(matched: &mut Matched<'_>, progress: &dyn Progress) -> Result<Sums, PipelineError> {
        let suppliers = matched.all_suppliers().map(|supplier| &supplier.read.files);
        let all = matched.shared.files.iter().chain(suppliers.flatten());
        progress.begin("sum the inputs", all.map(|file| file.bytes).sum());
        let sum = |file: &InputFile| {
            let sum = input_sum(&file.path).and_then(|sum| file.is_unchanged().map(|()| sum));
            progress.advance(file.bytes);
            sum
        };
        let unreadable = |source| PipelineError::Unreadable { input: "an input, read again for its sum", source };
        // All files at once, and then the first error in their order.
        let sums_of = |files: &[InputFile]| {
            let sums: Vec<Result<String, IntakeError>> = files.par_iter().map(sum).collect();
            sums.into_iter().collect::<Result<Vec<_>, IntakeError>>()
        };
        let all: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
        let (shared, of_suppliers) = rayon::join(
            || sums_of(&matched.shared.files),
            || all.par_iter().map(|supplier| sums_of(&supplier.read.files)).collect::<Vec<_>>(),
        );
        let (shared, mut of_suppliers) = (shared.map_err(unreadable)?, of_suppliers.into_iter());
        let mut suppliers = Vec::new();
        matched.keep_if(|_, _| {
            suppliers.extend(of_suppliers.next().transpose()?);
            Ok(())
        })?;
        progress.end();
        Ok(Sums { shared, suppliers })
    }

    /// The sum of a shared input, by its place among them.
    pub(crate) fn of_shared(&self, place: usize) -> &str {
        &self.shared[place]
    }

    /// The sums of each supplier's files, in the order of all suppliers that were matched.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &[String]> {
        self.suppliers.iter().map(Vec::as_slice)
    }
}

/// Builds the record.
pub(crate) fn run_record(
    matched: &Matched<'_>,
    sums: &Sums,
    summary: &Summary,
    ledger_head: &str,
    held: Vec<QuarantineRecord>,
) -> RunRecord {
    let files = matched.all_suppliers().flat_map(|supplier| &supplier.read.files);
    let sums = sums.shared.iter().chain(sums.suppliers.iter().flatten());
    let weights = serde_json::value::to_raw_value(matched.shared.matcher.model().weights());
    RunRecord {
        format: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ledger_head: Some(ledger_head.to_owned()),
        release: None,
        settings: settings(matched),
        inputs: matched.shared.files.iter().chain(files).zip(sums).map(|(file, sum)| input(file, sum)).collect(),
        keys: keys(matched),
        summary: summary.clone(),
        weights: Some(weights.expect("weights are numbers under names, which JSON can say")),
        held,
    }
}

fn input(file: &InputFile, blake3: &str) -> InputRecord {
    InputRecord {
        input: file.input.clone(),
        path: file.path.clone(),
        bytes: file.bytes,
        blake3: blake3.to_owned(),
        rows: file.rows,
        rejected: file.rejected,
        noted: file.noted,
    }
}

fn settings(matched: &Matched<'_>) -> SettingsRecord {
    let job: &Job = matched.job;
    SettingsRecord {
        threshold: Some(job.matching.threshold),
        reject_limit: Some(job.intake.reject_limit),
        disclosure: Some(job.disclosure.clone()),
        changes: job.changes.clone(),
        night_of: matched.night_of.map(|date| date.to_string()),
        gates: Some(job.gates),
        probing: job.probing,
        schemes: job.schemes.iter().map(SchemeRecord::from).collect(),
    }
}

fn keys(matched: &Matched<'_>) -> BTreeMap<String, KeyRecord> {
    let mut counts = KeyCounts::default();
    // The flagged accounts by their set of kinds.
    let mut flagged = [0_u64; 1 << KeyKind::ALL.len()];
    for supplier in &matched.suppliers {
        counts.add(&supplier.read.keys);
        let rows = supplier.verdicts.iter().flatten().flat_map(|verdicts| &verdicts.of_accounts);
        rows.filter(|row| row.flag).for_each(|row| flagged[usize::from(row.verdict.keys)] += 1);
    }
    let met = |kind: KeyKind| flagged.iter().zip(0_u16..).filter(move |(_, kinds)| kinds & kind.bit() != 0);
    KeyKind::ALL
        .into_iter()
        .map(|kind| {
            let record = KeyRecord {
                tried: counts.tried(kind),
                compared: counts.compared(kind),
                met: counts.met(kind),
                left_out: matched.shared.matcher.left_out(kind),
                flagged: met(kind).map(|(accounts, _)| accounts).sum(),
                flagged_alone: flagged[usize::from(kind.bit())],
            };
            (kind.name().to_owned(), record)
        })
        .collect()
}

//! Looks at each supplier of a matched night by the gates, and holds back those that they find something in.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::gates::{self, SchemeTonight, Tonight};
use super::matched::{Matched, SupplierMatch};
use super::record::Sums;
use super::summary::InPlay;
use super::{absolute_gates, probing};
use crate::job::Job;
use crate::ledger::History;

/// Holds back each supplier in whose night a gate finds something. One that the run is not for would get
/// nothing anyway; what its file says then counts no more than that of any other that is held back.
pub(super) fn examine(matched: &mut Matched<'_>, sums: &Sums, history: &History, date: Date) {
    let job = matched.job;
    let suppliers = matched.suppliers.iter_mut().chain(&mut matched.others);
    for (supplier, files) in suppliers.zip(sums.suppliers()) {
        let tonight = tonight(job, supplier, files, date);
        let history = history.of(&supplier.supplier.id);
        let mut findings = gates::examine(&tonight, history, &job.gates);
        findings.extend(absolute_gates::examine(&tonight, &job.gates));
        if let (Some(settings), Some(figures)) = (&job.probing, &supplier.probing) {
            findings.extend(probing::examine(figures, &tonight, history, &job.gates, settings));
        }
        supplier.findings = findings;
    }
}

fn tonight<'a>(job: &'a Job, supplier: &SupplierMatch<'_>, files: &'a [String], date: Date) -> Tonight<'a> {
    let read = &supplier.read;
    let sum = |count: fn(&super::shared::InputFile) -> u64| read.files.iter().map(count).sum();
    let in_play = InPlay::of(&read.accounts);
    let schemes = job.schemes.iter().zip(&supplier.verdicts).filter_map(|(scheme, verdicts)| {
        let verdicts = verdicts.as_ref()?;
        Some(SchemeTonight {
            id: &scheme.id,
            qualifying_date: civil(scheme.qualifying_date),
            in_play: verdicts.in_play,
            matched: verdicts.matched,
        })
    });
    Tonight {
        date,
        rows: sum(|file| file.rows),
        rejected: sum(|file| file.rejected),
        noted: sum(|file| file.noted),
        accounts: read.accounts.count() as u64,
        in_play: in_play.accounts,
        usable: in_play.usable,
        schemes: schemes.collect(),
        files,
    }
}

/// The day of an instant, in UTC.
pub(super) fn day(now: SystemTime) -> Date {
    Offset::UTC.to_datetime(Timestamp::try_from(now).unwrap_or(Timestamp::MAX)).date()
}

fn civil(date: crate::date::Date) -> Date {
    // Both calendars have the same days, from year 1 to 9999.
    Date::new(date.year() as i16, date.month() as i8, date.day() as i8).unwrap_or(Date::MAX)
}

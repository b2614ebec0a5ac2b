//! Says what became of each row of a supplier's reports of exceptions.
//!
//! A receipt follows from the report, the supplier's own deliveries and the day alone. It tells a supplier nothing that
//! these do not: not whether staff decided, and not what became of the rebate.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::intake::FaultKind;
use crate::job::{Exceptions, Job};
use crate::ledger::{RecordKind, recorded_before};
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::exceptions::{INPUT, ReportedAccount};
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::Matched;
use crate::release::run_record::{InputRecord, OutcomeSummary, ReportSummary, RunRecord};
use crate::release::{DeliveredAccounts, NotifiedOn, Published, ReceiptOutcome, RunId};
use crate::scheme::Exception;

/// The counts of a file of exceptions when it was taken in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakenIn {
    /// The supplier's id.
    pub supplier: String,
    /// Its base name.
    pub file: String,
    /// Its BLAKE3 sum.
    pub blake3: String,
    /// The day on which it was taken in.
    pub taken_in: String,
    /// Rows found, good and bad.
    pub rows: u64,
    /// Rows that cannot be used.
    pub rejected: u64,
    /// Exceptions by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Exceptions reported after the notice's last day. The next run respects them all the same.
    pub late: u64,
    /// Exceptions about accounts of which the supplier has no known notice.
    pub without_notice: u64,
    /// What became of the rows. Empty in records of versions that did not say.
    #[serde(default)]
    pub outcomes: Vec<OutcomeSummary>,
}

/// The content of a record of exceptions.
#[derive(Serialize, Deserialize)]
pub(crate) struct ExceptionsRecord {
    pub(crate) day: String,
    pub(crate) files: Vec<TakenIn>,
}

impl TakenIn {
    /// Counts a file on a day.
    pub(crate) fn new(
        report: ReportSummary,
        blake3: String,
        day: Date,
        file: &InputFile,
        rows: &[ReportedAccount],
    ) -> TakenIn {
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for row in rows {
            *reasons.entry(row.exception.kind.name().to_owned()).or_default() += 1;
        }
        TakenIn {
            blake3,
            taken_in: day.to_string(),
            rejected: file.rejected,
            reasons,
            late: report.with(ReceiptOutcome::Late),
            without_notice: report.with(ReceiptOutcome::NotFlagged) + report.with(ReceiptOutcome::Unknown),
            supplier: report.supplier,
            file: report.file,
            rows: report.rows,
            outcomes: report.outcomes,
        }
    }
}

/// Since when, on a day, a notice may still be reported.
pub(crate) fn first_open_day(day: Date, days: u32) -> Date {
    day.saturating_sub(i64::from(days).days())
}

/// The last day on which a notice of the day `told` may be reported.
pub(crate) fn last_day(told: Date, days: u32) -> Date {
    told.saturating_add(i64::from(days).days())
}

/// What is wrong with an unknown reference that is not far from one that was delivered.
const NEAR: &str = "differs only in leading zeros, capitals or spaces from a reference in your deliveries";

/// Compares a file's rows with the supplier's deliveries. A row without a date of report counts as reported on `day`.
pub(crate) fn report(
    supplier: &str,
    file: &InputFile,
    rows: &[ReportedAccount],
    delivered: Option<&DeliveredAccounts>,
    job: &Job,
    day: Date,
) -> ReportSummary {
    let days = job.exceptions.as_ref().map_or(Exceptions::DAYS, |exceptions| exceptions.days);
    // A file without a row has a receipt too.
    let mut lines: BTreeMap<(ReceiptOutcome, String), Vec<u64>> =
        BTreeMap::from([((ReceiptOutcome::TakenIn, String::new()), Vec::new())]);
    for ReportedAccount { line, customer_ref, exception } in rows {
        let reported = exception.reported_on.map_or(day, Date::from);
        let (outcome, cause) = match delivered
            .and_then(|delivered| notified_on(delivered, customer_ref, exception, job))
        {
            Some(NotifiedOn::On(told)) if reported > last_day(told, days) => (ReceiptOutcome::Late, ""),
            // The notice's last day was before today, so a report of today is late. Whether an older report was late is
            // unknown.
            Some(NotifiedOn::Before) if reported == day => (ReceiptOutcome::Late, ""),
            Some(_) => (ReceiptOutcome::TakenIn, ""),
            None if delivered.is_some_and(|delivered| delivered.has(customer_ref)) => (ReceiptOutcome::NotFlagged, ""),
            None if delivered.is_some_and(|delivered| delivered.has_near(customer_ref)) => {
                (ReceiptOutcome::Unknown, NEAR)
            }
            None => (ReceiptOutcome::Unknown, ""),
        };
        lines.entry((outcome, cause.to_owned())).or_default().push(*line);
    }
    let mut listed = 0;
    for fault in &file.faults {
        let column = fault.column.map_or(String::new(), |column| format!("{}: ", file.columns.heading(column)));
        let outcome = match fault.kind {
            FaultKind::Reject => ReceiptOutcome::Unreadable,
            FaultKind::Note => ReceiptOutcome::Noted,
        };
        listed += u64::from(fault.kind == FaultKind::Reject);
        lines.entry((outcome, format!("{column}{}", fault.reason))).or_default().push(fault.line);
    }
    let mut outcomes: Vec<OutcomeSummary> = lines
        .into_iter()
        .map(|((outcome, cause), lines)| OutcomeSummary {
            outcome,
            rows: lines.len() as u64,
            lines: ranges(lines),
            cause,
        })
        .collect();
    // A record with broken quoting is listed at its first line, and counts for each of its lines.
    if let Some(unreadable) = outcomes.iter_mut().find(|own| own.outcome == ReceiptOutcome::Unreadable) {
        unreadable.rows += file.rejected.saturating_sub(listed);
    }
    let is_of_notice = |own: &OutcomeSummary| matches!(own.outcome, ReceiptOutcome::TakenIn | ReceiptOutcome::Late);
    // Before the first delivery there is no notice, and an exception counts all the same.
    let changed_nothing = delivered.is_some_and(DeliveredAccounts::has_any)
        && !outcomes.iter().any(|own| is_of_notice(own) && own.rows > 0);
    ReportSummary { supplier: supplier.to_owned(), file: file.name.clone(), rows: file.rows, outcomes, changed_nothing }
}

/// When the supplier was notified of an exception's account; of several schemes, the latest notice.
fn notified_on(
    delivered: &DeliveredAccounts,
    customer_ref: &str,
    exception: &Exception,
    job: &Job,
) -> Option<NotifiedOn> {
    let about = job.schemes.iter().filter(|scheme| exception.scheme.as_ref().is_none_or(|own| *own == scheme.id));
    about.filter_map(|scheme| delivered.notified_on(customer_ref, &scheme.id)).max()
}

/// Writes line numbers in order, with ranges: `2-4 7`.
fn ranges(mut lines: Vec<u64>) -> String {
    lines.sort_unstable();
    lines.dedup();
    let runs = lines.chunk_by(|one, next| one + 1 == *next);
    let range = |run: &[u64]| match run {
        [first, .., last] => format!("{first}-{last}"),
        _ => run.iter().map(u64::to_string).collect(),
    };
    runs.map(range).collect::<Vec<_>>().join(" ")
}

/// Gives each supplier the receipts of the reports that came since its last delivery, and logs them.
pub(crate) fn give(matched: &mut Matched<'_>, published: Option<&Published>, today: Date) -> Result<(), PipelineError> {
    if matched.shared.reports.is_empty() {
        return Ok(());
    }
    let recorded: Vec<ExceptionsRecord> = recorded_before(&matched.job.output, RecordKind::Exceptions)?;
    let recorded: Vec<TakenIn> = recorded.into_iter().flat_map(|record| record.files).collect();
    let days = matched.job.exceptions.as_ref().map_or(Exceptions::DAYS, |exceptions| exceptions.days);
    let mut receipted = Receipted { published, by_run: HashMap::new() };
    let mut all: Vec<ReportSummary> = Vec::new();
    for supplier in &matched.suppliers {
        let id = supplier.supplier.id.as_str();
        let mut new = Vec::new();
        for report in matched.shared.reports.iter().filter(|report| report.supplier == id) {
            let file = &matched.shared.files[report.file];
            if !receipted.has(id, file)? {
                new.push((report, file));
            }
        }
        if new.is_empty() {
            continue;
        }
        let references = || new.iter().flat_map(|(report, ..)| &report.rows).map(|row| row.customer_ref.as_str());
        let read = |published| DeliveredAccounts::read(published, id, first_open_day(today, days), references());
        let delivered = published.map(read).transpose()?;
        for (report, file) in new {
            // Whether a report is late was settled when it was taken in.
            let known = recorded.iter().find(|known| known.supplier == id && known.blake3 == file.blake3);
            let day = known.and_then(|known| known.taken_in.parse().ok()).unwrap_or(today);
            all.push(self::report(id, file, &report.rows, delivered.as_ref(), matched.job, day));
        }
    }
    all.iter().for_each(log);
    matched.receipts = all;
    Ok(())
}

fn log(report: &ReportSummary) {
    let ReportSummary { supplier, file, rows, .. } = report;
    tracing::info!(
        supplier,
        file,
        rows,
        taken_in = report.with(ReceiptOutcome::TakenIn),
        late = report.with(ReceiptOutcome::Late),
        not_flagged = report.with(ReceiptOutcome::NotFlagged),
        unknown = report.with(ReceiptOutcome::Unknown),
        unreadable = report.with(ReceiptOutcome::Unreadable),
        "report of exceptions"
    );
    if report.changed_nothing {
        tracing::warn!("{supplier}: its report {file} changed nothing: no row is about an account that was Y");
    }
}

/// The reports of which suppliers have had a receipt.
struct Receipted<'a> {
    published: Option<&'a Published>,
    /// What was read by the run of a newest delivery.
    by_run: HashMap<RunId, Vec<InputRecord>>,
}

impl Receipted<'_> {
    /// Whether the run of the supplier's newest delivery read this file. It then went with the delivery.
    fn has(&mut self, supplier: &str, file: &InputFile) -> Result<bool, PipelineError> {
        let Some(published) = self.published else { return Ok(false) };
        let Some(run) = published.delivering_run(supplier)? else { return Ok(false) };
        if !self.by_run.contains_key(&run) {
            self.by_run.insert(run.clone(), RunRecord::read(published, &run)?.inputs);
        }
        let is_same = |other: &InputRecord| {
            other.input == INPUT && other.blake3 == file.blake3 && other.path.file_name() == file.path.file_name()
        };
        Ok(self.by_run[&run].iter().any(is_same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_listed_in_order_with_ranges() {
        for (lines, listed) in
            [(&[][..], ""), (&[7], "7"), (&[2, 3], "2-3"), (&[9, 2, 3, 4, 7, 8, 12, 12], "2-4 7-9 12")]
        {
            assert_eq!(ranges(lines.to_vec()), listed);
        }
    }
}

//! Takes in suppliers' exceptions, their reports of flags that they cannot act on.
//!
//! For each supplier the result says until when it may report, and what it has reported. A `Y` is a notice. Its days
//! run from the day on which it was first released, as far back as deliveries show it; the days of older notices are
//! over.
//!
//! A file is taken in once, and recognised by its sum. Its counts, with what was late on that day, are recorded, and
//! later results repeat the record. Neither a record nor the result contains an account's reference. The supplier reads
//! what became of its rows in the `receipts.csv` of its next delivery.

mod error;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::civil::Date;
use serde::Serialize;

pub use error::NoticesError;

use crate::date;
use crate::intake::{ReadSettings, input_sum};
use crate::job::{Exceptions, Job};
use crate::ledger::{self, Ledger, RecordKind, recorded_before, write_record};
use crate::pipeline::exceptions::{self, ExceptionFile, Reported};
use crate::pipeline::receipts::{ExceptionsRecord, TakenIn, first_open_day, last_day, report};
use crate::pipeline::{PipelineError, identities};
use crate::progress::Progress;
use crate::release::{DeliveredAccounts, Notices, OutputLock, Published, ReleasedFlag};

/// The state of notices and exceptions.
#[derive(Debug, Serialize)]
pub struct ReturnLeg {
    /// The day to which days are counted, in UTC.
    pub day: String,
    /// The number of days after a notice in which a supplier may report.
    pub days: u32,
    /// The clock of each supplier and scheme.
    pub clocks: Vec<Clock>,
    /// The counts of each file, including those taken in earlier.
    pub files: Vec<TakenIn>,
    /// Suppliers that are held back because their files cannot be used.
    pub refused: Vec<Refused>,
    /// The record of what was taken in now; `None` if nothing was new, or nothing was recorded.
    pub record: Option<PathBuf>,
}

/// Until when a supplier may report.
#[derive(Debug, Serialize)]
pub struct Clock {
    /// The supplier.
    pub supplier: String,
    /// The scheme.
    pub scheme: String,
    /// Its notices: the accounts that are `Y` in its newest delivery.
    pub notices: u64,
    /// Notices that may still be reported, by their day.
    pub open: Vec<OpenNotices>,
    /// The number of notices whose days are over.
    pub over: u64,
}

/// Notices of one day.
#[derive(Debug, Serialize)]
pub struct OpenNotices {
    /// The day on which they were first released.
    pub told_on: String,
    /// Their number.
    pub notices: u64,
    /// The last day on which they may be reported.
    pub until: String,
    /// Days left after today.
    pub days_left: u32,
}

/// A supplier whose files cannot be used.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// The supplier.
    pub supplier: String,
    /// Why.
    pub reason: String,
}

/// What one supplier was notified of.
struct Supplied {
    notices: Notices,
    /// Its current `Y` flags.
    flags: Vec<ReleasedFlag>,
}

impl Supplied {
    fn read(published: &Published, supplier: &str, from: Date) -> Result<Supplied, NoticesError> {
        Ok(Supplied {
            notices: Notices::read(published, supplier, from)?,
            flags: published.released_flags(&[supplier])?,
        })
    }
}

/// Takes in what suppliers have reported, and says until when they may report.
///
/// # Errors
/// [`NoticesError`] if something cannot be read or recorded. What is wrong with one supplier's files is part
/// of the answer.
pub fn take_in(job: &Job, dry_run: bool, now: SystemTime, progress: &dyn Progress) -> Result<ReturnLeg, NoticesError> {
    let day = date::day(now);
    let days = job.exceptions.as_ref().map_or(Exceptions::DAYS, |exceptions| exceptions.days);
    let identities = identities(job).map_err(PipelineError::from)?;
    let settings = ReadSettings { identities: identities.as_ref(), ..ReadSettings::default() };
    let Reported { files, refused } = exceptions::read(job, &settings, progress)?;
    let refused = refused.into_iter().map(|(supplier, why)| Refused { supplier, reason: why.to_string() }).collect();
    let mut leg =
        ReturnLeg { day: day.to_string(), days, clocks: Vec::new(), files: Vec::new(), refused, record: None };
    let published = Published::latest(&job.output)?;
    let mut supplied: BTreeMap<&str, Supplied> = BTreeMap::new();
    if let Some(published) = &published {
        let from = first_open_day(day, days);
        ledger::check_published(&job.output, Some(published))?;
        let mut runs = Vec::new();
        for run in published.runs()? {
            if run.date()? >= from {
                runs.push(run);
            }
        }
        ledger::check_files(&job.output, &runs, |file| file.ends_with("/changes.csv"))?;
        for supplier in &job.suppliers {
            supplied.insert(&supplier.id, Supplied::read(published, &supplier.id, from)?);
        }
    }
    for supplier in &job.suppliers {
        let Some(own) = supplied.get(supplier.id.as_str()) else { continue };
        for scheme in job.schemes.iter().filter(|scheme| supplier.takes_part_in(scheme)) {
            leg.clocks.push(clock(&supplier.id, &scheme.id, own, day, days));
        }
    }
    let before: Vec<ExceptionsRecord> = recorded_before(&job.output, RecordKind::Exceptions)?;
    let known: Vec<TakenIn> = before.into_iter().flat_map(|record| record.files).collect();
    let mut new = Vec::new();
    for file in &files {
        let sum = input_sum(&file.file.path)?;
        if let Some(earlier) = known.iter().find(|other| other.supplier == file.supplier && other.blake3 == sum) {
            leg.files.push(earlier.clone());
            continue;
        }
        let taken = taken_in(file, sum, published.as_ref(), job, day, days)?;
        new.push(taken.clone());
        leg.files.push(taken);
    }
    // Before the first run there are no notices to report on.
    let Some(published) = published.filter(|_| !new.is_empty() && !dry_run) else { return Ok(leg) };
    let _occupied = OutputLock::take::<NoticesError>(&job.output, || Ok(Ledger::newest_known(&job.output)?))?;
    ledger::begin(&job.output, now)?;
    let told = ExceptionsRecord { day: day.to_string(), files: new };
    let newest = Published::latest(&job.output)?.unwrap_or(published);
    leg.record = Some(write_record(&job.output, RecordKind::Exceptions, Some(newest.run_id()), now, &told)?);
    Ledger::catch_up(&job.output)?;
    Ok(leg)
}

fn clock(supplier: &str, scheme: &str, own: &Supplied, day: Date, days: u32) -> Clock {
    let notices = own.flags.iter().filter(|flag| flag.scheme == scheme).count() as u64;
    let open = own.notices.open(scheme).into_iter().filter_map(|(told, notices)| {
        let until = last_day(told, days);
        let days_left = u32::try_from((until - day).get_days()).ok()?;
        Some(OpenNotices { told_on: told.to_string(), notices, until: until.to_string(), days_left })
    });
    let open: Vec<OpenNotices> = open.collect();
    let running: u64 = open.iter().map(|open| open.notices).sum();
    let (supplier, scheme) = (supplier.to_owned(), scheme.to_owned());
    Clock { supplier, scheme, notices, over: notices.saturating_sub(running), open }
}

/// Compares a file that is new with its supplier's deliveries.
fn taken_in(
    file: &ExceptionFile,
    sum: String,
    published: Option<&Published>,
    job: &Job,
    day: Date,
    days: u32,
) -> Result<TakenIn, NoticesError> {
    let references = || file.rows.iter().map(|row| row.customer_ref.as_str());
    let read = |published| DeliveredAccounts::read(published, &file.supplier, first_open_day(day, days), references());
    let delivered = published.map(read).transpose()?;
    let report = report(&file.supplier, &file.file, &file.rows, delivered.as_ref(), job, day);
    Ok(TakenIn::new(report, sum, day, &file.file, &file.rows))
}

//! What is past its retention: in go a job and a day, out come runs without the flags and rows of schemes
//! whose `retention_days` are over, and on demand inputs that nothing within its retention was made from.
//!
//! Counts and sums stay, for which `audit_days` is the measure: the run's record, the manifests, the rates,
//! the ledger. What is removed is recorded before it is removed, so that nothing goes without a trace; what
//! a kill leaves of a purge the next one does.
//!
//! A supplier's newest delivery stays although it is past: by it the next run knows what is new, and that a
//! claim's rebate is given. Only a purge that is told so removes it too.

mod error;
mod inputs;
mod runs;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};

pub use error::RetentionError;

use crate::job::Job;
use crate::ledger::{self, Front, Ledger, RecordKind, remove_records, write_record};
use crate::release::{Do, Extent, Occupied, Published, purge_run, remove_run};
use crate::text::shown;
use inputs::InputToGo;
use runs::RunPast;

/// What a purge is asked to do beside its job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Remove input files too.
    pub inputs: bool,
    /// Remove newest deliveries too, at a scheme's end: the next run then knows of none.
    pub newest: bool,
    /// Remove nothing, and write nothing.
    pub dry_run: bool,
    /// The day that it is, where the clock is so far ahead of the newest run that somebody has to confirm it.
    pub day: Option<Date>,
}

/// What was past its retention.
#[derive(Debug, Serialize)]
pub struct Purged {
    /// The day that retentions were measured at, in UTC.
    #[serde(serialize_with = "as_text")]
    pub day: Date,
    /// Nothing was removed, since that was asked for.
    pub dry_run: bool,
    /// Newest deliveries were removed too, if they were past.
    pub newest: bool,
    /// The runs that something was removed from.
    pub runs: Vec<RunPurged>,
    /// The input files that were removed.
    pub inputs: Vec<InputPurged>,
    /// Newest deliveries that stay although they are past.
    pub kept: Vec<Kept>,
    /// The rows that were taken off the front of the ledger.
    pub ledger: Option<Front>,
    /// The purge's own record; none where there was nothing to remove, or nothing was.
    pub record: Option<PathBuf>,
}

/// A run that something was removed from.
#[derive(Debug, Serialize)]
pub struct RunPurged {
    /// Its id.
    pub run: String,
    /// The schemes that were past.
    pub schemes: Vec<String>,
    /// Its record, manifests and rates went too, as past the audit's own retention.
    pub whole: bool,
    /// How much it was.
    #[serde(flatten)]
    pub extent: Extent,
    /// What is left of each file that changes, by its path in the run's folder: its new BLAKE3 sum, or nothing.
    pub left: BTreeMap<String, Option<String>>,
}

/// An input file that was removed.
#[derive(Debug, Serialize)]
pub struct InputPurged {
    /// What it was: `benefits`, a supplier's id, and so on.
    pub input: String,
    /// Where it was.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3 sum, as the runs' records have it.
    pub blake3: String,
}

/// A delivery that is past and stays.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// The supplier.
    pub supplier: String,
    /// The run of its newest delivery.
    pub run: String,
}

fn as_text<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

impl Purged {
    /// Nothing was past.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.inputs.is_empty() && self.ledger.is_none()
    }
}

/// Removes what is past its retention on the day of `now`.
///
/// # Errors
/// [`RetentionError`] if a run is at work in the output directory, or something cannot be read, recorded
/// or removed. What is removed by then is recorded.
pub fn purge(job: &Job, options: Options, now: SystemTime) -> Result<Purged, RetentionError> {
    let timestamp = jiff::Timestamp::try_from(now).unwrap_or(jiff::Timestamp::MAX);
    let day = Offset::UTC.to_datetime(timestamp).date();
    let Options { inputs, newest, dry_run, .. } = options;
    let mut purged = Purged {
        day,
        dry_run,
        newest,
        runs: Vec::new(),
        inputs: Vec::new(),
        kept: Vec::new(),
        ledger: None,
        record: None,
    };
    if Published::latest(&job.output)?.is_none() {
        return Ok(purged);
    }
    let take = || Occupied::take::<RetentionError>(&job.output, || Ok(Ledger::newest_known(&job.output)?));
    let occupied = if dry_run { None } else { Some(take()?) };
    if occupied.is_some() {
        ledger::begin(&job.output, now)?;
    }
    // What a kill left behind is put right now, and the newest run may be another.
    let Some(published) = Published::latest(&job.output)? else { return Ok(purged) };
    published.is_not_ahead_of(now)?;
    let runs = runs::past(job, &published, day, newest)?;
    for RunPast { run, past, whole, removal, .. } in &runs {
        if *whole || !removal.extent.is_empty() {
            let schemes = past.schemes.iter().cloned().collect();
            let (extent, left) = (removal.extent, removal.left.clone());
            purged.runs.push(RunPurged { run: run.to_string(), schemes, whole: *whole, extent, left });
        }
        let kept = past.newest_of.iter().filter(|_| !past.schemes.is_empty());
        purged.kept.extend(kept.map(|supplier| Kept { supplier: supplier.clone(), run: run.to_string() }));
    }
    let files = if inputs { inputs::past(job, &runs)? } else { Vec::new() };
    purged.inputs.extend(files.iter().map(InputToGo::told));
    purged.ledger = ledger_front(job, &runs)?;
    if purged.is_empty() || dry_run {
        return Ok(purged);
    }
    is_confirmed(&published, day, options.day)?;
    for changed in runs.iter().flat_map(|past| &past.removal.changed) {
        tracing::warn!("{}: was changed after it was published; rows that are past go all the same", shown(changed));
    }
    purged.record = Some(write_record(&job.output, RecordKind::Purge, Some(published.run_id()), now, &purged)?);
    for RunPast { run, past, whole, removal, sums, .. } in &runs {
        if *whole {
            remove_run(&job.output, run)?;
        } else if !removal.extent.is_empty() {
            purge_run(&job.output, run, past, sums, Do::Remove)?;
        }
    }
    files.iter().try_for_each(InputToGo::remove)?;
    purged.ledger.iter().try_for_each(|front| remove_records(&job.output, front))?;
    Ledger::catch_up(&job.output)?;
    Ok(purged)
}

/// How many days the clock may be ahead of the newest run. Beyond them it is likelier that the clock is wrong.
const MOST_DAYS_AHEAD: i32 = 500;

/// The clock is not far ahead of the newest run, or somebody says that it is right.
fn is_confirmed(published: &Published, day: Date, confirmed: Option<Date>) -> Result<(), RetentionError> {
    let newest = published.run_id();
    let days = (day - newest.date()?).get_days();
    if days <= MOST_DAYS_AHEAD || confirmed == Some(day) {
        return Ok(());
    }
    Err(RetentionError::ClockFarAhead { day, newest: newest.clone(), days })
}

/// The ledger's rows in front of the first run that stays.
fn ledger_front(job: &Job, runs: &[RunPast]) -> Result<Option<Front>, RetentionError> {
    let Some(ledger) = Ledger::find(&job.output)? else { return Ok(None) };
    if job.retention.audit_days.is_none() {
        return Ok(None);
    }
    // A run that is not there any more went whole before, or by somebody's hand; its rows are as old.
    let stays = |run: &_| runs.iter().any(|past| past.run == *run && !past.whole);
    Ok(ledger.front(|run| !stays(run))?)
}

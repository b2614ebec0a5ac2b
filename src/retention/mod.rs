//! Removes what is past its retention.
//!
//! That is flags and rows of schemes whose `retention_days` are over and, on request, inputs that no run within its
//! retention read.
//!
//! Counts and sums stay for `audit_days`: the run's record, the manifests, the rates and the ledger. Every removal is
//! recorded before it happens, so that it leaves a trace. The next purge completes one that was killed.
//!
//! A supplier's newest delivery stays even if it is past its retention: from it the next run knows what is new, and
//! which claims have their rebate. Only a purge with [`Options::newest`] removes it too.

mod error;
mod inputs;
mod runs;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

pub use error::RetentionError;

use crate::date;
use crate::job::Job;
use crate::ledger::{self, Front, Ledger, RecordKind, write_record};
use crate::release::{OutputLock, Published, PurgeMode, PurgeStats, purge_run, remove_run};
use crate::text::shown;
use inputs::InputToGo;
use runs::RunPast;

/// The options of a purge.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Remove input files too.
    pub inputs: bool,
    /// Remove newest deliveries too, at a scheme's end. The next run then knows of no earlier delivery.
    pub newest: bool,
    /// Remove nothing, and write nothing.
    pub dry_run: bool,
    /// The present day, to confirm a clock that is far ahead of the newest run.
    pub day: Option<Date>,
}

/// What a purge found past its retention.
#[derive(Debug, Serialize)]
pub struct Purged {
    /// The day on which retentions were measured, in UTC.
    #[serde(serialize_with = "as_text")]
    pub day: Date,
    /// Nothing was removed, as requested.
    pub dry_run: bool,
    /// Newest deliveries were removed too, if they were past their retention.
    pub newest: bool,
    /// The runs that something was removed from.
    pub runs: Vec<RunPurged>,
    /// The input files that were removed.
    pub inputs: Vec<InputPurged>,
    /// Newest deliveries that stay although they are past their retention.
    pub kept: Vec<KeptDelivery>,
    /// The rows that were removed from the front of the ledger.
    pub ledger: Option<Front>,
    /// The purge's own record; `None` if nothing was removed.
    pub record: Option<PathBuf>,
}

/// A run that something was removed from.
#[derive(Debug, Serialize)]
pub struct RunPurged {
    /// Its id.
    pub run: String,
    /// The schemes that were past their retention.
    pub schemes: Vec<String>,
    /// Its record, manifests and rates were removed too, since `audit_days` were over.
    pub whole: bool,
    /// The size of what was removed.
    #[serde(flatten)]
    pub extent: PurgeStats,
    /// The new BLAKE3 sum of each file that changes, by its path in the run's folder; `None` if the file is removed.
    pub left: BTreeMap<String, Option<String>>,
}

/// An input file that was removed.
#[derive(Debug, Serialize)]
pub struct InputPurged {
    /// What it was: `benefits`, a supplier's id, and so on.
    pub input: String,
    /// Its path.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its BLAKE3 sum, as the runs' records have it.
    pub blake3: String,
}

/// A delivery that is past its retention and stays.
#[derive(Debug, Serialize)]
pub struct KeptDelivery {
    /// The supplier.
    pub supplier: String,
    /// The run of its newest delivery.
    pub run: String,
}

fn as_text<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

impl Purged {
    /// Whether nothing was past its retention.
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
    let day = date::day(now);
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
    let take = || OutputLock::take::<RetentionError>(&job.output, || Ok(Ledger::newest_known(&job.output)?));
    let occupied = if dry_run { None } else { Some(take()?) };
    if occupied.is_some() {
        ledger::begin(&job.output, now)?;
    }
    // Locking cleans up after a kill, so the newest run may be another now.
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
        purged.kept.extend(kept.map(|supplier| KeptDelivery { supplier: supplier.clone(), run: run.to_string() }));
    }
    let files = if inputs { inputs::past(job, &runs)? } else { Vec::new() };
    purged.inputs.extend(files.iter().map(InputToGo::purged));
    purged.ledger = ledger_front(job, &runs)?;
    if purged.is_empty() || dry_run {
        return Ok(purged);
    }
    is_confirmed(&published, day, options.day)?;
    for changed in runs.iter().flat_map(|past| &past.removal.changed) {
        tracing::warn!("{}: was changed after it was published; its expired rows are removed anyway", shown(changed));
    }
    purged.record = Some(write_record(&job.output, RecordKind::Purge, Some(published.run_id()), now, &purged)?);
    for RunPast { run, past, whole, removal, sums, .. } in &runs {
        if *whole {
            remove_run(&job.output, run)?;
        } else if !removal.extent.is_empty() {
            purge_run(&job.output, run, past, sums, PurgeMode::Remove)?;
        }
    }
    files.iter().try_for_each(InputToGo::remove)?;
    Ledger::catch_up(&job.output)?;
    Ok(purged)
}

/// How many days the clock may be ahead of the newest run. Beyond that, a wrong clock is likelier.
const MOST_DAYS_AHEAD: i32 = 500;

/// Checks that the clock is not far ahead of the newest run, or that somebody confirmed the day.
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
    // A run that no longer exists was removed by a purge or by hand; its rows are as old.
    let stays = |run: &_| runs.iter().any(|past| past.run == *run && !past.whole);
    Ok(ledger.front(|run| !stays(run))?)
}

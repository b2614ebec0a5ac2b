//! Which runs are past: in go the published runs and a day, out comes for each what of it is past its
//! retention.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::error::RetentionError;
use crate::job::Job;
use crate::ledger::Purges;
use crate::release::{Do, Past, Published, Removal, RunId, RunSums, extent_of, purge_run};

/// Of a run's record, what a purge needs.
#[derive(Deserialize)]
struct Record {
    settings: Settings,
    inputs: Vec<Input>,
}

#[derive(Deserialize)]
struct Settings {
    schemes: Vec<Scheme>,
}

#[derive(Deserialize)]
struct Scheme {
    id: String,
    retention_days: Option<u32>,
}

/// A file that a run read.
#[derive(Deserialize)]
pub(super) struct Input {
    pub(super) input: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

/// What of a run is past.
pub(super) struct RunPast {
    pub(super) run: RunId,
    pub(super) past: Past,
    /// All of it goes, the record too.
    pub(super) whole: bool,
    /// What of it goes.
    pub(super) removal: Removal,
    /// The sums of its files.
    pub(super) sums: RunSums,
    /// What the run read.
    pub(super) inputs: Vec<Input>,
}

/// What is past of each published run, oldest first, also of those of which nothing is.
pub(super) fn past(job: &Job, published: &Published, day: Date, newest: bool) -> Result<Vec<RunPast>, RetentionError> {
    let mut runs = Vec::new();
    let purges = Purges::read(&job.output)?;
    let newest_deliveries = published.newest()?;
    for run in published.runs()? {
        let Record { settings, inputs } = record(published, &run)?;
        let made = run.date()?;
        let is_over = |days: u32| made.saturating_add(i64::from(days).days()) < day;
        // The job's own word holds as long as it names the scheme, then what it said when the run was made.
        let days_of = |scheme: &Scheme| match job.schemes.iter().find(|known| known.id == scheme.id) {
            Some(known) => known.retention_days,
            None => scheme.retention_days,
        };
        let over = settings.schemes.iter().filter(|scheme| days_of(scheme).is_some_and(is_over));
        let schemes: BTreeSet<String> = over.map(|scheme| scheme.id.clone()).collect();
        let is_its_own = |(supplier, delivering): (&String, &RunId)| (*delivering == run).then(|| supplier.clone());
        let newest_of: BTreeSet<String> = newest_deliveries.iter().filter_map(is_its_own).collect();
        let is_needed = run == *published.run_id() || !newest_of.is_empty();
        let all = schemes.len() == settings.schemes.len();
        let whole = all && !is_needed && job.retention.audit_days.is_some_and(is_over);
        let carries_rebates = run == *published.run_id() && !newest;
        let newest_of = if newest { Default::default() } else { newest_of };
        let past = Past { schemes, all, newest_of, carries_rebates };
        let sums = RunSums::read(&job.output, &run, &purges.of(&run))?;
        let removal = match whole {
            true => Removal { extent: extent_of(&job.output, &run)?, ..Removal::default() },
            false if past.schemes.is_empty() => Removal::default(),
            false => purge_run(&job.output, &run, &past, &sums, Do::Measure)?,
        };
        runs.push(RunPast { run, past, whole, removal, sums, inputs });
    }
    Ok(runs)
}

fn record(published: &Published, run: &RunId) -> Result<Record, RetentionError> {
    let path = published.record(run);
    let text = fs::read(&path).map_err(|source| RetentionError::Io {
        action: "read this file",
        path: path.clone(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| RetentionError::NotARecord { path, line: error.line() })
}

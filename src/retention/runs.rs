//! Finds what is past its retention in each published run.

use std::collections::BTreeSet;
use std::fs;

use jiff::ToSpan;
use jiff::civil::Date;

use super::error::RetentionError;
use crate::job::Job;
use crate::ledger::Purges;
use crate::release::run_record::{InputRecord, RunRecord, SchemeRecord};
use crate::release::{Expired, Published, PurgeMode, Removal, RunId, RunSums, extent_of, purge_run};

/// What is past its retention in a run.
pub(super) struct RunPast {
    pub(super) run: RunId,
    pub(super) past: Expired,
    /// The whole run is removed, with its record.
    pub(super) whole: bool,
    /// What is removed from it.
    pub(super) removal: Removal,
    /// The sums of its files.
    pub(super) sums: RunSums,
    /// The files that the run read.
    pub(super) inputs: Vec<InputRecord>,
}

/// What is past its retention in each published run, oldest first, including runs in which nothing is.
pub(super) fn past(job: &Job, published: &Published, day: Date, newest: bool) -> Result<Vec<RunPast>, RetentionError> {
    let mut runs = Vec::new();
    let purges = Purges::read(&job.output)?;
    let newest_deliveries = published.newest()?;
    for run in published.runs()? {
        let RunRecord { settings, inputs, .. } = record(published, &run)?;
        let made = run.date()?;
        let is_over = |days: u32| made.saturating_add(i64::from(days).days()) < day;
        // The job's present setting counts if it still has the scheme; otherwise its setting at the time of the run.
        let days_of = |scheme: &SchemeRecord| match job.schemes.iter().find(|known| known.id == scheme.id) {
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
        let past = Expired { schemes, all, newest_of, carries_rebates };
        let sums = RunSums::read(&job.output, &run, &purges.of_run(&run))?;
        let removal = match whole {
            true => Removal { extent: extent_of(&job.output, &run)?, ..Removal::default() },
            false if past.schemes.is_empty() => Removal::default(),
            false => purge_run(&job.output, &run, &past, &sums, PurgeMode::Measure)?,
        };
        runs.push(RunPast { run, past, whole, removal, sums, inputs });
    }
    Ok(runs)
}

fn record(published: &Published, run: &RunId) -> Result<RunRecord, RetentionError> {
    let path = published.record(run);
    let text = fs::read(&path).map_err(|source| RetentionError::Io {
        action: "read this file",
        path: path.clone(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| RetentionError::NotARecord { path, line: error.line() })
}

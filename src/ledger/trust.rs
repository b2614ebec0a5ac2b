//! Checks whether a run may build on an output directory.
//!
//! It checks the ledger's chain, the records of runs and purges by the sums in the ledger, the files of runs by the
//! sums in their records, and the sequence numbers of deliveries.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::chain::BEGINNING;
use super::entry::SupplierBody;
use super::error::LedgerError;
use super::record::{self, RecordKind, recorded_before, write_record};
use super::store::Ledger;
use super::verify::{GAP, body};
use crate::release::layout::{ADMINISTRATOR, RECORD};
use crate::release::run_record::RunRecord;
use crate::release::{Published, PurgedFiles, RunId, RunSums, refuse_older};
use crate::text::shown;

/// What purges removed from the runs of an output directory.
#[derive(Debug, Default)]
pub struct Purges(BTreeMap<RunId, PurgedFiles>);

impl Purges {
    /// Reads the records of purges.
    ///
    /// # Errors
    /// [`LedgerError`] if one cannot be read.
    pub fn read(output: &Path) -> Result<Purges, LedgerError> {
        let mut purges = Purges::default();
        for number in record::numbers(output)? {
            for (run, left) in record::read(output, number)?.left {
                let of_run = purges.0.entry(run).or_default();
                of_run.without_sums |= left.is_none();
                for (file, sum) in left.unwrap_or_default() {
                    of_run.left.entry(file).or_default().push(sum);
                }
            }
        }
        Ok(purges)
    }

    /// What purges removed from one run.
    pub fn of_run(&self, run: &RunId) -> PurgedFiles {
        self.0.get(run).cloned().unwrap_or_default()
    }
}

/// The content of the record of a rebuilt ledger.
#[derive(Serialize, Deserialize)]
struct MadeAgain {
    /// The newest run that it was rebuilt from.
    through: String,
}

/// Brings the ledger of a directory up to date, before a run or another action changes something there, and returns the
/// hash at its end. A lost ledger is rebuilt, with a warning.
///
/// # Errors
/// [`LedgerError`] if the ledger or a run's record cannot be read or written.
pub fn begin(output: &Path, now: SystemTime) -> Result<String, LedgerError> {
    let published = Published::latest(output)?;
    let is_lost = match &published {
        Some(published) => Ledger::newest_known(output)?.is_none() && began_with_a_ledger(published)?,
        None => false,
    };
    let head = Ledger::catch_up(output)?;
    let Some(published) = published.filter(|_| is_lost) else { return Ok(head) };
    let ledger = Ledger::open(output)?;
    let gaps = ledger.check(Some(&published), false)?.gaps;
    tracing::warn!(
        "{}: the ledger was lost, and was made again from the runs and records in this directory{}",
        shown(&ledger.path),
        if gaps.is_empty() { "" } else { "; rows are missing, so `flagmatch ledger verify` will keep failing" }
    );
    if gaps.is_empty() {
        return Ok(head);
    }
    let told = MadeAgain { through: published.run_id().to_string() };
    write_record(output, RecordKind::LedgerMadeAgain, Some(published.run_id()), now, &told)?;
    Ledger::catch_up(output)
}

/// Whether the latest run began with a ledger that had rows. A kill right after the switch of `latest` leaves a first
/// run without a ledger.
fn began_with_a_ledger(published: &Published) -> Result<bool, LedgerError> {
    let (_, text) = super::entry::record_of(published, published.run_id())?;
    let record: RunRecord = serde_json::from_slice(&text).map_err(|error| {
        let path = published.record(published.run_id());
        LedgerError::NotARecord { path, line: error.line() }
    })?;
    Ok(record.ledger_head.is_some_and(|head| head != BEGINNING))
}

/// Checks everything that the next run builds on. If nothing is published, the ledger must have no run either.
///
/// # Errors
/// [`LedgerError`] with the first thing that is not what was written or published.
pub fn check_published(output: &Path, published: Option<&Published>) -> Result<(), LedgerError> {
    refuse_older(output, published.map(Published::run_id), Ledger::newest_known(output)?.as_ref())?;
    let Some(published) = published else { return Ok(()) };
    let ledger = Ledger::find(output)?;
    if let Some(ledger) = &ledger {
        ledger.check_chain(published)?;
    }
    let purges = Purges::read(output)?;
    published.check(&|run| purges.of_run(run))?;
    match &ledger {
        Some(ledger) => ledger.check_sequences(published),
        None => Ok(()),
    }
}

/// Checks the files of some runs whose paths in the run's folder are `wanted`. [`check_published`] checks the runs'
/// records against the ledger.
///
/// # Errors
/// [`LedgerError`] with the first file that is not what was published.
pub fn check_files(output: &Path, runs: &[RunId], wanted: impl Fn(&str) -> bool) -> Result<(), LedgerError> {
    let purges = Purges::read(output)?;
    for run in runs {
        RunSums::read(output, run, &purges.of_run(run))?.check(&wanted)?;
    }
    Ok(())
}

/// Checks the files of the runs in some folders whose paths are `wanted`, before somebody reads them, and the ledger
/// beside them if there is one. A folder without a record, such as an analyst's copy, cannot be checked.
///
/// # Errors
/// [`LedgerError`] with the first file that is not what was published.
pub fn check_folders<'a>(
    folders: impl IntoIterator<Item = &'a PathBuf>,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), LedgerError> {
    let mut runs: BTreeMap<PathBuf, Vec<RunId>> = BTreeMap::new();
    for folder in folders.into_iter().filter_map(|folder| folder.canonicalize().ok()) {
        if !folder.join(ADMINISTRATOR).join(RECORD).exists() {
            continue;
        }
        let run = folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        match (run, folder.parent()) {
            (Some(run), Some(output)) => runs.entry(output.to_owned()).or_default().push(run),
            _ => RunSums::calculate(&folder, &PurgedFiles::default())?.check(&wanted)?,
        }
    }
    for (output, runs) in runs {
        // A copy may have no ledger, or be where none can be opened.
        if let (Ok(ledger), Some(published)) = (Ledger::open(&output), Published::latest(&output)?) {
            ledger.check_chain(&published)?;
        }
        check_files(&output, &runs, &wanted)?;
    }
    Ok(())
}

impl Ledger {
    /// Checks the chain, the records of runs and those of other actions.
    fn check_chain(&self, published: &Published) -> Result<(), LedgerError> {
        let gaps = self.check(Some(published), true)?.gaps;
        if gaps.is_empty() {
            return Ok(());
        }
        // Rows before these runs are gone, and a warning was given when the ledger was rebuilt.
        let made_again: Vec<MadeAgain> = recorded_before(self.output(), RecordKind::LedgerMadeAgain)?;
        let through: Option<RunId> = made_again.iter().filter_map(|told| told.through.parse().ok()).max();
        let is_known = |run: &str| run.parse::<RunId>().is_ok_and(|run| through.as_ref().is_some_and(|to| run <= *to));
        match gaps.into_iter().find(|(run, _)| !is_known(run)) {
            Some((_, row)) => Err(LedgerError::Broken { path: self.path.clone(), row, reason: GAP }),
            None => Ok(()),
        }
    }

    /// Checks that each newest delivery is the newest that the ledger has, with the same sequence number.
    fn check_sequences(&self, published: &Published) -> Result<(), LedgerError> {
        let mut newest = published.newest()?;
        let mut known: BTreeMap<String, (String, u64)> = BTreeMap::new();
        let rows = self.rows()?;
        // A run that the ledger lacks is added when the next one begins.
        let runs: BTreeSet<&str> =
            rows.iter().filter(|(row, _)| row.kind == "run").map(|(row, _)| row.run.as_str()).collect();
        newest.retain(|_, run| runs.contains(run.to_string().as_str()));
        for (row, _) in rows.into_iter().filter(|(row, _)| row.kind == "supplier") {
            let sequence = body::<SupplierBody>(&row).and_then(|body| body.sequence);
            let Some(sequence) = sequence.filter(|_| newest.contains_key(&row.subject)) else { continue };
            known.insert(row.subject, (row.run, sequence));
        }
        for (supplier, run) in newest {
            let Some((of, known)) = known.remove(&supplier) else { continue };
            let found = published.sequence(&run, &supplier)?.unwrap_or(0);
            if of != run.to_string() || found != known {
                return Err(LedgerError::Sequence { path: self.path.clone(), run: of, supplier, known, found });
            }
        }
        Ok(())
    }
}

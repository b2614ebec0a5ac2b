//! Reads what is published: the latest run and each supplier's newest delivery.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::SignedDuration;
use serde::de::DeserializeOwned;

use super::current;
use super::data_package;
use super::error::ReleaseError;
use super::flags::Flag;
use super::folder;
use super::layout::{ADMINISTRATOR, ANALYST, CHANGES, CURRENT, LATEST, NIGHT, PLAIN, RECORD, SUPPLIERS};
use super::rows::DecisionsTable;
use super::run_id::RunId;
use super::table::Table;
use crate::date;

/// How far the latest run's date may be ahead of the clock.
const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The published runs of an output directory, up to its latest.
///
/// Hold a [`Staging`](super::Staging) of the same directory while reading it; otherwise it may change meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    output: PathBuf,
    latest: RunId,
}

/// A `Y` that a supplier received, with the claim it rests on. `Debug` shows no reference.
#[derive(Clone, PartialEq, Eq)]
pub struct ReleasedFlag {
    /// The supplier's id.
    pub supplier: String,
    /// The account.
    pub customer_ref: String,
    /// The scheme's id.
    pub scheme: String,
    /// The claim.
    pub claim_ref: String,
}

impl fmt::Debug for ReleasedFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

impl Published {
    /// The latest published run of a directory; `None` if there is none.
    ///
    /// # Errors
    /// [`ReleaseError::Inconsistent`] if `latest` is not a link to a run, [`ReleaseError::Io`] if it cannot be read.
    pub fn latest(output: &Path) -> Result<Option<Published>, ReleaseError> {
        let link = output.join(LATEST);
        let Some(target) = folder::link_target(&link)? else {
            return Ok(None);
        };
        match target.parse() {
            Ok(latest) if folder::is_there(&output.join(&target))? => {
                Ok(Some(Published { output: output.to_owned(), latest }))
            }
            _ => Err(ReleaseError::Inconsistent { path: link, reason: "does not point to the folder of a run" }),
        }
    }

    /// The latest run's id.
    pub fn run_id(&self) -> &RunId {
        &self.latest
    }

    /// The latest run's folder.
    pub fn folder(&self) -> PathBuf {
        self.output.join(self.latest.to_string())
    }

    /// Checks that the latest run is dated at most a day after `now`. Clocks of machines differ a little and may be set
    /// back; a run dated next year means that some clock was wrong.
    ///
    /// # Errors
    /// [`ReleaseError::Ahead`] if it is dated later.
    pub fn is_not_ahead_of(&self, now: SystemTime) -> Result<(), ReleaseError> {
        let now = date::instant(now);
        let is_ahead = |run: &RunId| Ok::<_, ReleaseError>(run.begun()?.duration_since(now) > MOST_AHEAD);
        if !is_ahead(&self.latest)? {
            return Ok(());
        }
        let (mut ahead, mut before) = (Vec::new(), None);
        for run in self.runs()? {
            if is_ahead(&run)? { ahead.push(run) } else { before = Some(run) }
        }
        Err(ReleaseError::Ahead {
            output: self.output.clone(),
            ahead,
            before,
            now: now.strftime("%F %T UTC").to_string(),
        })
    }

    /// What the latest run's `analyst/night.json` says; `None` if the run has none.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if it cannot be read.
    pub fn night<T: DeserializeOwned>(&self) -> Result<Option<T>, ReleaseError> {
        let path = self.folder().join(ANALYST).join(NIGHT);
        if !folder::is_there(&path)? {
            return Ok(None);
        }
        let text = std::fs::read(&path).map_err(ReleaseError::io("read this file", &path))?;
        serde_json::from_slice(&text).map(Some).map_err(|error| ReleaseError::Damaged {
            path,
            line: error.line() as u64,
            reason: "not as flagmatch writes it",
        })
    }

    /// The analyst's folder of a run.
    pub fn analyst_folder(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string()).join(ANALYST)
    }

    /// The published runs that still exist, oldest first.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the directory cannot be read.
    pub fn runs(&self) -> Result<Vec<RunId>, ReleaseError> {
        let names = folder::names(&self.output)?;
        let mut runs: Vec<RunId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        // A newer folder is left from a run that was killed before it was published.
        runs.retain(|run| *run <= self.latest);
        runs.sort_unstable();
        Ok(runs)
    }

    /// The run of each supplier's newest delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Inconsistent`] if `current` cannot be read.
    pub fn newest(&self) -> Result<BTreeMap<String, RunId>, ReleaseError> {
        let own = self.folder().join(CURRENT);
        // Before this version's first run, the links are where earlier versions kept them.
        current::read(&if own.is_dir() { own } else { self.output.join(CURRENT) })
    }

    /// The plain-text file of changes that a run delivered to a supplier; `None` if it delivered nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the system cannot say whether the file exists.
    pub fn changes(&self, run: &RunId, supplier: &str) -> Result<Option<PathBuf>, ReleaseError> {
        let run = self.output.join(run.to_string());
        for folder in [run.join(ADMINISTRATOR).join(PLAIN).join(supplier), run.join(SUPPLIERS).join(supplier)] {
            let changes = folder.join(CHANGES);
            if folder::is_there(&changes)? {
                return Ok(Some(changes));
            }
        }
        Ok(None)
    }

    /// The path of a run's record, `administrator/run.json`.
    pub fn record(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string()).join(ADMINISTRATOR).join(RECORD)
    }

    /// The sequence number of a run's delivery to a supplier; `None` if it delivered nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the delivery's manifest cannot be read.
    pub fn sequence(&self, run: &RunId, supplier: &str) -> Result<Option<u64>, ReleaseError> {
        data_package::sequence(&self.output.join(run.to_string()).join(SUPPLIERS).join(supplier))
    }

    /// The accounts that are `Y` in each supplier's newest delivery, whichever run made it. A supplier that never had a
    /// delivery has none. Accounts are in order of run, then supplier.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a run's decisions cannot be read.
    pub fn released_flags(&self, suppliers: &[&str]) -> Result<Vec<ReleasedFlag>, ReleaseError> {
        let by_run = self.by_delivering_run(suppliers)?;
        let mut flags = Vec::new();
        for (run, suppliers) in by_run {
            let decisions = self.run_folder(&run).join(ADMINISTRATOR).join(DecisionsTable::FILE);
            flags.extend(released_flags(&decisions, &suppliers)?);
        }
        Ok(flags)
    }

    /// Groups suppliers by the run of their newest delivery, so that each run's tables, which are long and hold all
    /// suppliers' rows, are read once.
    pub(super) fn by_delivering_run<'s>(
        &self,
        suppliers: &[&'s str],
    ) -> Result<BTreeMap<RunId, Vec<&'s str>>, ReleaseError> {
        let mut by_run: BTreeMap<RunId, Vec<&str>> = BTreeMap::new();
        let mut newest = self.newest()?;
        for supplier in suppliers {
            if let Some(run) = newest.remove(*supplier) {
                by_run.entry(run).or_default().push(supplier);
            }
        }
        Ok(by_run)
    }

    /// The output directory.
    pub(super) fn output(&self) -> &Path {
        &self.output
    }

    /// The folder of a run.
    pub(crate) fn run_folder(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string())
    }

    /// The run of a supplier's newest delivery; `None` if it never had one.
    ///
    /// # Errors
    /// [`ReleaseError::Inconsistent`] if a link in `current` does not point to a delivery.
    pub fn delivering_run(&self, supplier: &str) -> Result<Option<RunId>, ReleaseError> {
        Ok(self.newest()?.remove(supplier))
    }

    /// The suppliers that have had a delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the directory cannot be read.
    pub fn suppliers(&self) -> Result<Vec<String>, ReleaseError> {
        Ok(self.newest()?.into_keys().collect())
    }
}

/// The accounts of `suppliers` that are `Y` in a table of decisions.
pub(super) fn released_flags(path: &Path, suppliers: &[&str]) -> Result<Vec<ReleasedFlag>, ReleaseError> {
    let mut flags = Vec::new();
    DecisionsTable::read(path, |row, _| {
        if row.flag == Flag::Y && suppliers.contains(&row.supplier) {
            let [supplier, customer_ref, scheme, claim_ref] =
                [row.supplier, row.customer_ref, row.scheme, row.claim_ref].map(str::to_owned);
            flags.push(ReleasedFlag { supplier, customer_ref, scheme, claim_ref });
        }
        Ok(())
    })?;
    Ok(flags)
}

/// The folder of a delivery's plain-text tables: the administrator's copy if the delivery was encrypted.
pub(super) fn tables(output: &Path, run: &RunId, supplier: &str) -> Result<PathBuf, ReleaseError> {
    let plain = output.join(run.to_string()).join(ADMINISTRATOR).join(PLAIN).join(supplier);
    Ok(if folder::is_there(&plain)? { plain } else { current::delivery(output, run, supplier) })
}

//! What is published: which run is the latest, what each supplier received last, and how to bring an
//! output directory back to that after a kill.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::data_package;
use super::disclosure::{Details, Rates};
use super::error::ReleaseError;
use super::flags::Flag;
use super::folder::{self, LINK_PREFIX};
use super::rows::{Decisions, Table, read_rows};
use super::run_id::RunId;
use super::supplier_folder::CHANGES;

pub(super) const LATEST: &str = "latest";
pub(super) const CURRENT: &str = "current";
pub(super) const SUPPLIERS: &str = "suppliers";
pub(super) const ADMINISTRATOR: &str = "administrator";
pub(super) const ANALYST: &str = "analyst";

/// The file of rates among the analyst's.
pub(super) const RATES: &str = "rates.csv";

/// How accounts were found, among the analyst's.
pub(super) const DETAILS: &str = "details.csv";

/// What the record of a run is called.
pub(super) const RECORD: &str = "run.json";

/// Where the administrator keeps the tables of those deliveries that went out encrypted.
pub(super) const PLAIN: &str = "plain";

/// The published runs of an output directory, seen from its latest.
///
/// Read it while a [`Staging`](super::Staging) of the same directory is held, or it may change
/// meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    output: PathBuf,
    latest: RunId,
}

/// A `Y` that a supplier was told, with the claim it rests on. `Debug` shows no reference.
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
    /// The latest published run of a directory, if there is any.
    ///
    /// # Errors
    /// [`ReleaseError::Inconsistent`] if `latest` is no link to a run, [`ReleaseError::Io`] if it
    /// cannot be read.
    pub fn latest(output: &Path) -> Result<Option<Published>, ReleaseError> {
        let link = output.join(LATEST);
        let Some(target) = folder::link_target(&link)? else {
            return Ok(None);
        };
        match target.parse() {
            Ok(latest) if output.join(&target).is_dir() => Ok(Some(Published { output: output.to_owned(), latest })),
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

    /// The rates that the latest run released; none if it released none.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if they cannot be read.
    pub fn rates(&self) -> Result<Rates, ReleaseError> {
        Rates::read(&self.folder().join(ANALYST).join(RATES))
    }

    /// What the latest run told of how accounts were found; nothing if it told nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if it cannot be read.
    pub fn details(&self) -> Result<Details, ReleaseError> {
        Details::read(&self.folder().join(ANALYST).join(DETAILS))
    }

    /// Where what analysts read of a run is.
    pub fn analyst_folder(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string()).join(ANALYST)
    }

    /// The published runs that are still there, oldest first.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the directory cannot be read.
    pub fn runs(&self) -> Result<Vec<RunId>, ReleaseError> {
        let names = folder::names(&self.output)?;
        let mut runs: Vec<RunId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        // What is newer than the latest is left of a run that was killed before it was published.
        runs.retain(|run| *run <= self.latest);
        runs.sort_unstable();
        Ok(runs)
    }

    /// The suppliers whose newest delivery a run's is.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Inconsistent`] if `current` cannot be read.
    pub fn newest_of(&self, run: &RunId) -> Result<BTreeSet<String>, ReleaseError> {
        let current = self.output.join(CURRENT);
        let mut newest = BTreeSet::new();
        for supplier in folder::names(&current)?.into_iter().filter(|name| !name.starts_with(LINK_PREFIX)) {
            if delivering_run(&current.join(&supplier))?.as_ref() == Some(run) {
                newest.insert(supplier);
            }
        }
        Ok(newest)
    }

    /// Where the changes that a run told a supplier of are, in plain text; none if it delivered nothing.
    pub fn changes(&self, run: &RunId, supplier: &str) -> Option<PathBuf> {
        let run = self.output.join(run.to_string());
        let folders = [run.join(ADMINISTRATOR).join(PLAIN).join(supplier), run.join(SUPPLIERS).join(supplier)];
        folders.into_iter().map(|folder| folder.join(CHANGES)).find(|changes| changes.is_file())
    }

    /// Where the record of a run is, `administrator/run.json`.
    pub fn record(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string()).join(ADMINISTRATOR).join(RECORD)
    }

    /// The sequence number of what a run delivered to a supplier; none if it delivered nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the delivery's manifest cannot be read.
    pub fn sequence(&self, run: &RunId, supplier: &str) -> Result<Option<u64>, ReleaseError> {
        data_package::sequence(&self.output.join(run.to_string()).join(SUPPLIERS).join(supplier))
    }

    /// The accounts that each supplier's newest delivery, be it of the latest run or an older one, has
    /// as `Y`; none of one that never had a delivery. They stand by run, and by supplier in that.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a run's decisions cannot be read.
    pub fn released_flags(&self, suppliers: &[&str]) -> Result<Vec<ReleasedFlag>, ReleaseError> {
        // A run's decisions hold all suppliers', and are long: they are read once.
        let mut by_run: BTreeMap<RunId, Vec<&str>> = BTreeMap::new();
        for supplier in suppliers {
            if let Some(run) = self.delivering_run(supplier)? {
                by_run.entry(run).or_default().push(supplier);
            }
        }
        let mut flags = Vec::new();
        for (run, suppliers) in by_run {
            let decisions = self.run_folder(&run).join(ADMINISTRATOR).join(Decisions::FILE);
            flags.extend(released_flags(&decisions, &suppliers)?);
        }
        Ok(flags)
    }

    /// The output directory.
    pub(super) fn output(&self) -> &Path {
        &self.output
    }

    /// Where a supplier's newest delivery is, if there is one.
    pub(super) fn delivery(&self, supplier: &str) -> PathBuf {
        self.output.join(CURRENT).join(supplier)
    }

    /// The folder of a run.
    pub(super) fn run_folder(&self, run: &RunId) -> PathBuf {
        self.output.join(run.to_string())
    }

    /// The run of a supplier's newest delivery; none if it never had one.
    ///
    /// # Errors
    /// [`ReleaseError::Inconsistent`] if `current` has something else there.
    pub fn delivering_run(&self, supplier: &str) -> Result<Option<RunId>, ReleaseError> {
        delivering_run(&self.output.join(CURRENT).join(supplier))
    }

    /// The suppliers that have had a delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the directory cannot be read.
    pub fn suppliers(&self) -> Result<Vec<String>, ReleaseError> {
        folder::names(&self.output.join(CURRENT))
    }
}

/// The accounts of some suppliers that a table of decisions has as `Y`.
pub(super) fn released_flags(path: &Path, suppliers: &[&str]) -> Result<Vec<ReleasedFlag>, ReleaseError> {
    let mut flags = Vec::new();
    read_rows(path, Decisions::HEADER, |row| {
        // In the header's order: supplier, customer_ref, scheme, flag, reason, group, claim_ref.
        if &row[3] == Flag::Y.as_str() && suppliers.contains(&&row[0]) {
            let field = |place: usize| row[place].to_owned();
            flags.push(ReleasedFlag {
                supplier: field(0),
                customer_ref: field(1),
                scheme: field(2),
                claim_ref: field(6),
            });
        }
        Ok(())
    })?;
    Ok(flags)
}

/// What `current/<supplier>` points to when a run delivered to that supplier.
pub(super) fn delivery(run: &str, supplier: &str) -> String {
    format!("../{run}/{SUPPLIERS}/{supplier}")
}

/// The run that a link in `current` points to; none if there is no link.
fn delivering_run(link: &Path) -> Result<Option<RunId>, ReleaseError> {
    let Some(target) = folder::link_target(link)? else {
        return Ok(None);
    };
    let run = target.split('/').nth(1).and_then(|run| run.parse().ok());
    let reason = "does not point to a delivery of a run";
    run.map(Some).ok_or_else(|| ReleaseError::Inconsistent { path: link.to_owned(), reason })
}

/// Where the tables of a delivery, to which this link in `current` points, are in plain text; none if they
/// are in the delivery itself.
pub(super) fn plain_tables(output: &Path, link: &Path, supplier: &str) -> Result<Option<PathBuf>, ReleaseError> {
    let Some(run) = delivering_run(link)? else {
        return Ok(None);
    };
    let plain = output.join(run.to_string()).join(ADMINISTRATOR).join(PLAIN).join(supplier);
    Ok(plain.is_dir().then_some(plain))
}

/// Removes what a killed run left and finishes what it had begun to publish. Gives the newest run.
///
/// One kill leaves at most one run folder that is newer than `latest`, to which nothing points. In
/// any other state somebody has had a hand in it, and nothing is removed.
pub(super) fn recover(output: &Path, staging_prefix: &str) -> Result<Option<RunId>, ReleaseError> {
    let latest = Published::latest(output)?.map(|published| published.latest);
    let names = folder::names(output)?;
    let mut runs: Vec<RunId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    runs.sort_unstable();
    let published = match &latest {
        Some(latest) => runs.partition_point(|run| run <= latest),
        None => 0,
    };
    let unpublished = runs.split_off(published);

    let current = output.join(CURRENT);
    if current.is_symlink() {
        // What is put into it would lie somewhere else.
        return Err(ReleaseError::Inconsistent { path: current, reason: "should be a folder and is a link" });
    }
    let links = folder::names(&current)?;
    let (half_made, suppliers): (Vec<&String>, Vec<&String>) =
        links.iter().partition(|name| name.starts_with(LINK_PREFIX));
    let mut delivered = BTreeMap::new();
    for supplier in suppliers {
        delivered.insert(supplier.as_str(), delivering_run(&current.join(supplier))?);
    }
    let pointed_to = |run: &RunId| delivered.values().flatten().any(|delivered| delivered >= run);
    if unpublished.len() > 1 || unpublished.iter().any(pointed_to) {
        let reason = "should point to the newest published run; switch it, or move the newer run folders elsewhere";
        return Err(ReleaseError::Inconsistent { path: output.join(LATEST), reason });
    }

    for name in names.iter().filter(|name| name.starts_with(staging_prefix)) {
        folder::remove(&output.join(name))?;
    }
    for run in &unpublished {
        // Under another name first: a kill in the middle of removing it must not leave half a run under
        // the name of a whole one.
        let (place, litter) = (output.join(run.to_string()), output.join(format!("{staging_prefix}{run}")));
        fs::rename(&place, &litter).map_err(ReleaseError::io("move this folder", &place))?;
        folder::remove(&litter)?;
    }
    let links = names.iter().filter(|name| name.starts_with(LINK_PREFIX)).map(|name| output.join(name));
    for link in links.chain(half_made.into_iter().map(|name| current.join(name))) {
        fs::remove_file(&link).map_err(ReleaseError::io("remove this link", &link))?;
    }
    repair_current(output, &current, &runs, &delivered)?;
    Ok(latest)
}

/// Lets each supplier's `current` point to its newest published delivery.
fn repair_current(
    output: &Path,
    current: &Path,
    runs: &[RunId],
    delivered: &BTreeMap<&str, Option<RunId>>,
) -> Result<(), ReleaseError> {
    let mut newest = BTreeMap::new();
    for run in runs {
        for supplier in folder::names(&output.join(run.to_string()).join(SUPPLIERS))? {
            newest.insert(supplier, run);
        }
    }
    newest.retain(|supplier, run| delivered.get(supplier.as_str()).and_then(Option::as_ref) != Some(*run));
    if newest.is_empty() {
        return Ok(());
    }
    folder::ensure(current)?;
    for (supplier, run) in newest {
        folder::switch_link(current, &supplier, &delivery(&run.to_string(), &supplier))?;
    }
    folder::sync(current)
}

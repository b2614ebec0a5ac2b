//! Checks that a published run still is what was published, by the sums in its `run.json` and the records of purges.
//!
//! A run of an earlier version has sums of its deliveries only, in their `SHA256SUMS`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::current;
use super::data_package::{self, MANIFEST, SIGNATURE, SUMS};
use super::edit_fingerprints::MARKS;
use super::error::ReleaseError;
use super::folder;
use super::layout::{ADMINISTRATOR, ANALYST, CURRENT, PLAIN, SUPPLIERS};
use super::published::Published;
use super::purge::PART_PREFIX;
use super::record::{Kind, Sealed, files_of};
use super::rows::DecisionsTable;
use super::run_id::RunId;
use super::table::Table;
use super::verify;
use crate::file_sum::blake3_of;

/// What purges left of a run's files. A file may have several sums, since a kill may leave it as it was before a purge.
#[derive(Debug, Clone, Default)]
pub struct PurgedFiles {
    /// The BLAKE3 sums that each file may have, by its path in the run's folder; `None` among them if a purge removed
    /// it.
    pub left: BTreeMap<String, Vec<Option<String>>>,
    /// A purge by an earlier version, which recorded no sums, removed something from this run.
    pub without_sums: bool,
}

/// A sum that a file may have.
enum Sum {
    /// The file was written without a sum.
    Any,
    Blake3(String),
    Sha256(String),
}

/// The sums of a published run's files.
pub(crate) struct RunSums {
    folder: PathBuf,
    sealed: Sealed,
    /// The sums that each file may have; `None` among them if it may be missing.
    expected: BTreeMap<String, Vec<Option<Sum>>>,
}

impl RunSums {
    /// Reads the sums of a run of an output directory.
    pub(crate) fn read(output: &Path, run: &RunId, purged: &PurgedFiles) -> Result<RunSums, ReleaseError> {
        RunSums::calculate(&output.join(run.to_string()), purged)
    }

    /// Reads the sums of a run by its folder.
    pub(crate) fn calculate(folder: &Path, purged: &PurgedFiles) -> Result<RunSums, ReleaseError> {
        let folder = folder.to_owned();
        let sealed = Sealed::read(&folder)?;
        let mut expected: BTreeMap<String, Vec<Option<Sum>>> = match sealed.format {
            Some(_) => {
                let sums = sealed.files.iter().map(|(file, sum)| (file.clone(), vec![Some(Sum::Blake3(sum.clone()))]));
                sums.collect()
            }
            None => of_deliveries(&folder)?,
        };
        for (file, left) in &purged.left {
            let sums = left.iter().map(|sum| sum.clone().map(Sum::Blake3));
            expected.entry(file.clone()).or_default().extend(sums);
        }
        if purged.without_sums && sealed.format.is_none() {
            // That purge may have removed this file of a delivery, or rows of it.
            let stay = [MANIFEST, SUMS, SIGNATURE];
            for (file, sums) in &mut expected {
                if !stay.iter().any(|name| file.ends_with(name)) {
                    sums.extend([None, Some(Sum::Any)]);
                }
            }
        }
        Ok(RunSums { folder, sealed, expected })
    }

    /// Whether a file is as published. A file that an earlier version wrote without a sum counts as unchanged.
    pub(crate) fn is_as_published(&self, file: &str) -> Result<bool, ReleaseError> {
        match self.expected.get(file) {
            Some(sums) => is_one_of(&self.folder.join(file), sums),
            None => Ok(self.sealed.format.is_none()),
        }
    }

    /// Checks the files whose paths are `wanted`, and that no such file was added.
    pub(crate) fn check(&self, wanted: impl Fn(&str) -> bool) -> Result<(), ReleaseError> {
        let present = files_of(&self.folder)?;
        let changed = |file: &str, reason| ReleaseError::NotAsPublished { path: self.folder.join(file), reason };
        let mut to_sum = Vec::new();
        for (file, sums) in self.expected.iter().filter(|(file, _)| wanted(file)) {
            match present.get(file) {
                Some(Kind::File) => to_sum.push((file, sums)),
                Some(Kind::Other) => {
                    return Err(changed(file, "is no regular file, and was one when it was published"));
                }
                None if sums.iter().any(Option::is_none) => {}
                None => return Err(changed(file, "is missing")),
            }
        }
        let added = |file: &&String| wanted(file) && !self.expected.contains_key(*file) && self.is_closed(file);
        if let Some(file) = present.keys().find(added) {
            let reason = "was added after the run was published: move it elsewhere";
            return Err(ReleaseError::Inconsistent { path: self.folder.join(file), reason });
        }
        let another = to_sum.par_iter().map(|(file, sums)| match is_one_of(&self.folder.join(file), sums) {
            Ok(true) => Ok(()),
            Ok(false) => Err(changed(file, "was changed after it was published: its sum differs")),
            Err(error) => Err(error),
        });
        // The first by its path, whichever thread finishes first.
        another.collect::<Vec<_>>().into_iter().collect()
    }

    /// Checks the links to newest deliveries.
    fn check_links(&self, run: &RunId) -> Result<(), ReleaseError> {
        let Some(expected) = self.sealed.newest(run, &self.folder)? else { return Ok(()) };
        let links = self.folder.join(CURRENT);
        let found = current::read(&links)?;
        for (supplier, run) in &expected {
            if found.get(supplier) != Some(run) {
                let target = current::link_to(run, supplier);
                return Err(ReleaseError::NotLinked { path: links.join(supplier), target });
            }
        }
        if let Some(added) = found.keys().find(|supplier| !expected.contains_key(*supplier)) {
            let reason = "was added after the run was published: remove this link";
            return Err(ReleaseError::Inconsistent { path: links.join(added), reason });
        }
        Ok(())
    }

    /// Whether no file may be added beside this one: a run would read it or deliver it.
    fn is_closed(&self, file: &str) -> bool {
        let is_hidden = file.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let within = |folder: &str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if file.rsplit('/').next().is_some_and(|name| name.starts_with(PART_PREFIX)) {
            return false;
        }
        if within(SUPPLIERS) {
            return true;
        }
        // Office programs leave hidden files beside a table that is open.
        let own = [ANALYST.to_owned(), format!("{ADMINISTRATOR}/{MARKS}"), format!("{ADMINISTRATOR}/{PLAIN}")];
        self.sealed.format.is_some() && !is_hidden && own.iter().any(|folder| within(folder))
    }
}

impl Published {
    /// Checks what the next run builds on: all of the latest run, and the newest deliveries of older runs.
    ///
    /// # Errors
    /// [`ReleaseError::NotAsPublished`] or another error that names the first file that is not what was published.
    pub fn check(&self, purged: &dyn Fn(&RunId) -> PurgedFiles) -> Result<(), ReleaseError> {
        let latest = self.run_id();
        let sums = RunSums::read(self.output(), latest, &purged(latest))?;
        sums.check(|_| true)?;
        sums.check_links(latest)?;
        let mut delivered: BTreeMap<RunId, BTreeSet<String>> = BTreeMap::new();
        for (supplier, run) in self.newest()? {
            delivered.entry(run).or_default().insert(supplier);
        }
        delivered.remove(latest);
        let runs = self.runs()?;
        for (run, suppliers) in delivered {
            if !runs.contains(&run) {
                let path = self.output().join(run.to_string());
                let reason = "is missing; it has a supplier's newest delivery";
                return Err(ReleaseError::NotAsPublished { path, reason });
            }
            let sums = RunSums::read(self.output(), &run, &purged(&run))?;
            sums.check(|file| is_of_delivery(file, &suppliers))?;
        }
        Ok(())
    }
}

/// Whether the next run reads this file, given the suppliers whose newest delivery is in the run.
fn is_of_delivery(file: &str, suppliers: &BTreeSet<String>) -> bool {
    if file == format!("{ADMINISTRATOR}/{}", DecisionsTable::FILE) {
        return true;
    }
    let plain = format!("{ADMINISTRATOR}/{PLAIN}/");
    let marks = format!("{ADMINISTRATOR}/{MARKS}/");
    let deliveries = format!("{SUPPLIERS}/");
    let of = |prefix: &str| file.strip_prefix(prefix).and_then(|rest| rest.split('/').next());
    [&deliveries, &plain, &marks].into_iter().filter_map(|prefix| of(prefix)).any(|own| suppliers.contains(own))
}

/// The sums that deliveries of an earlier version have of themselves.
fn of_deliveries(run_folder: &Path) -> Result<BTreeMap<String, Vec<Option<Sum>>>, ReleaseError> {
    let mut expected = BTreeMap::new();
    for supplier in folder::names(&run_folder.join(SUPPLIERS))? {
        let place = format!("{SUPPLIERS}/{supplier}");
        let path = run_folder.join(&place).join(SUMS);
        expected.insert(format!("{place}/{SUMS}"), vec![Some(Sum::Any)]);
        expected.insert(format!("{place}/{SIGNATURE}"), vec![None, Some(Sum::Any)]);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            // `check` reports the missing sums if this delivery is needed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(ReleaseError::io("read this file", &path)(error)),
        };
        let reason = "is not as flagmatch writes it";
        let sums = verify::parse(&text).map_err(|_| ReleaseError::NotAsPublished { path: path.clone(), reason })?;
        for (name, sum) in sums {
            expected.insert(format!("{place}/{name}"), vec![Some(Sum::Sha256(sum.to_owned()))]);
        }
    }
    Ok(expected)
}

fn is_one_of(path: &Path, sums: &[Option<Sum>]) -> Result<bool, ReleaseError> {
    let has = |is: &dyn Fn(&Sum) -> bool| sums.iter().flatten().any(is);
    if has(&|sum| matches!(sum, Sum::Any)) {
        return Ok(true);
    }
    let found = File::open(path).and_then(blake3_of).map_err(ReleaseError::io("read this file", path))?;
    if has(&|sum| matches!(sum, Sum::Blake3(sum) if *sum == found)) {
        return Ok(true);
    }
    if !has(&|sum| matches!(sum, Sum::Sha256(_))) {
        return Ok(false);
    }
    let found = data_package::sum(path)?.sha256;
    Ok(has(&|sum| matches!(sum, Sum::Sha256(sum) if *sum == found)))
}

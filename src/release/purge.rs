//! Removes from a published run what is past its retention: flags and table rows of schemes whose retention is over.
//!
//! What stays is needed for an audit and contains no personal data: `run.json`, the manifests with their sums and
//! signatures, and the rates. A table with rows of several schemes is rewritten without the expired rows and replaced
//! atomically, so a kill leaves the old table or the new one. The sums of the new tables are known before anything is
//! removed, so that they are recorded first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::archive::ARCHIVE;
use super::check::RunSums;
use super::data_package::{ENCRYPTED_ENDING, MANIFEST, SIGNATURE, SUMS};
use super::edit_fingerprints::MARKS;
use super::error::ReleaseError;
use super::figure_rows::FiguresTable;
use super::folder;
use super::layout::{ADMINISTRATOR, CHANGES, FLAGS_ENDING, PLAIN, RECORD, REPORT, STAGING_PREFIX, SUPPLIERS};
use super::lock::Lock;
use super::recovery::recover;
use super::rows::{Claims, DecisionsTable, Review};
use super::run_id::RunId;
use super::table::Table;
use crate::csv_row;

/// Prefix of the name of a table that is about to replace another.
pub(super) const PART_PREFIX: &str = ".purged-";

/// A lock on an output directory: no run can begin there meanwhile.
pub struct OutputLock {
    _lock: Lock,
}

impl OutputLock {
    /// Locks a directory and cleans up after a killed run. `known` returns the newest run that is known to be
    /// published; if it is newer than `latest`, nothing is changed.
    ///
    /// # Errors
    /// [`ReleaseError::Locked`] if a run is at work there, [`ReleaseError::Inconsistent`] or
    /// [`ReleaseError::NotTheNewest`] if the directory is in a state that no run leaves, [`ReleaseError::Io`] if
    /// something cannot be written, and the errors of `known`.
    pub fn take<E: From<ReleaseError>>(
        output: &Path,
        known: impl FnOnce() -> Result<Option<RunId>, E>,
    ) -> Result<OutputLock, E> {
        let lock = Lock::take(output)?;
        recover(output, known()?.as_ref())?;
        Ok(OutputLock { _lock: lock })
    }
}

/// What is past its retention in a run.
#[derive(Debug, Clone, Default)]
pub struct Expired {
    /// The schemes that are past their retention.
    pub schemes: BTreeSet<String>,
    /// Every scheme of the run is past its retention.
    pub all: bool,
    /// Suppliers whose newest delivery is this run's: their flags stay, since the next run compares with them.
    pub newest_of: BTreeSet<String>,
    /// The run is the newest: its `claims.csv` carries the released rebates, which stay for the season.
    pub carries_rebates: bool,
}

/// The size of what a purge removes, or would remove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PurgeStats {
    /// Files removed.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Rows removed from tables that stay.
    pub rows: u64,
}

impl PurgeStats {
    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        *self == PurgeStats::default()
    }
}

impl std::ops::AddAssign for PurgeStats {
    fn add_assign(&mut self, other: PurgeStats) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.rows += other.rows;
    }
}

/// What a purge removes from a run.
#[derive(Debug, Default)]
pub struct Removal {
    /// Its size.
    pub extent: PurgeStats,
    /// The new BLAKE3 sum of each file that changes, by its path in the run's folder; `None` if the file is removed.
    pub left: BTreeMap<String, Option<String>>,
    /// Tables that were changed after publication. Their expired rows are removed too, but no new sum is recorded for
    /// them.
    pub changed: Vec<PathBuf>,
}

/// Whether a purge removes, or only measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeMode {
    /// Nothing is changed.
    Measure,
    /// Files and rows are removed for good.
    Remove,
}

/// Removes from a published run what is past its retention, or measures it. `sums` are the sums that its files should
/// have.
///
/// # Errors
/// [`ReleaseError::Io`] if something cannot be read, written or removed, [`ReleaseError::Damaged`] if a table cannot be
/// parsed.
pub(crate) fn purge_run(
    output: &Path,
    run: &RunId,
    past: &Expired,
    sums: &RunSums,
    what: PurgeMode,
) -> Result<Removal, ReleaseError> {
    let root = output.join(run.to_string());
    let administrator = root.join(ADMINISTRATOR);
    let (plain, marks) = (administrator.join(PLAIN), administrator.join(MARKS));
    let mut purge = Purge { root: &root, past, sums, what, removal: Removal::default() };
    for deliveries in [root.join(SUPPLIERS), plain.clone()] {
        for supplier in folder::names(&deliveries)? {
            if !past.newest_of.contains(&supplier) {
                purge.folder(&deliveries.join(supplier), &[])?;
            }
        }
    }
    // The next run compares with the newest delivery's fingerprints, so they stay as its flags do.
    let stay: Vec<PathBuf> = past.newest_of.iter().map(|supplier| marks.join(supplier)).collect();
    purge.folder(&administrator, &stay.iter().chain([&plain]).collect::<Vec<_>>())?;
    Ok(purge.removal)
}

/// Removes a whole run.
///
/// # Errors
/// [`ReleaseError::Io`] if it cannot be removed.
pub fn remove_run(output: &Path, run: &RunId) -> Result<(), ReleaseError> {
    // Renamed first: half a run must not have the name of a complete one.
    let (place, litter) = (output.join(run.to_string()), output.join(format!("{STAGING_PREFIX}{run}")));
    fs::rename(&place, &litter).map_err(ReleaseError::io("move this folder", &place))?;
    folder::remove(&litter)?;
    folder::sync(output)
}

/// The number and size of all files of a run.
///
/// # Errors
/// [`ReleaseError::Io`] if it cannot be listed.
pub fn extent_of(output: &Path, run: &RunId) -> Result<PurgeStats, ReleaseError> {
    fn add(place: &Path, extent: &mut PurgeStats) -> Result<(), ReleaseError> {
        for name in folder::names(place)? {
            let path = place.join(name);
            let metadata = path.symlink_metadata().map_err(ReleaseError::io("look at this file", &path))?;
            if metadata.is_dir() {
                add(&path, extent)?;
            } else if metadata.is_file() {
                *extent += PurgeStats { files: 1, bytes: metadata.len(), rows: 0 };
            }
        }
        Ok(())
    }
    let mut extent = PurgeStats::default();
    add(&output.join(run.to_string()), &mut extent)?;
    Ok(extent)
}

struct Purge<'a> {
    root: &'a Path,
    past: &'a Expired,
    sums: &'a RunSums,
    what: PurgeMode,
    removal: Removal,
}

/// What a purge does with a file.
enum Fate {
    Stays,
    Goes,
    /// Some of its rows are removed.
    Rows,
}

impl Purge<'_> {
    fn folder(&mut self, place: &Path, but: &[&PathBuf]) -> Result<(), ReleaseError> {
        for name in folder::names(place)? {
            let path = place.join(&name);
            if but.contains(&&path) {
                continue;
            }
            if name.starts_with(PART_PREFIX) {
                // Left from a purge that was killed.
                if self.what == PurgeMode::Remove {
                    fs::remove_file(&path).map_err(ReleaseError::io("remove this file", &path))?;
                }
                continue;
            }
            let metadata = path.symlink_metadata().map_err(ReleaseError::io("look at this file", &path))?;
            if metadata.is_dir() {
                self.folder(&path, but)?;
                continue;
            }
            match self.fate(place, &name) {
                Fate::Stays => {}
                Fate::Rows => self.take_rows(place, &name)?,
                Fate::Goes => {
                    self.removal.extent += PurgeStats { files: 1, bytes: metadata.len(), rows: 0 };
                    self.removal.left.insert(self.in_run(&path), None);
                    if self.what == PurgeMode::Remove {
                        fs::remove_file(&path).map_err(ReleaseError::io("remove this file", &path))?;
                    }
                }
            }
        }
        if self.what == PurgeMode::Remove { folder::sync(place) } else { Ok(()) }
    }

    fn fate(&self, place: &Path, name: &str) -> Fate {
        let plain = name.strip_suffix(ENCRYPTED_ENDING).unwrap_or(name);
        let goes = |is_past| if is_past { Fate::Goes } else { Fate::Stays };
        // The manifest of a plain copy is no evidence of what was delivered: its sums are of what goes.
        let is_copy = place.parent().is_some_and(|parent| parent.ends_with(PLAIN));
        if [RECORD, MANIFEST, SUMS, SIGNATURE].contains(&name) && !is_copy {
            return Fate::Stays;
        }
        if let Some(scheme) = plain.strip_suffix(FLAGS_ENDING) {
            return goes(self.past.all || self.past.schemes.contains(scheme));
        }
        match plain {
            // Nothing can be removed from an encrypted file; the administrator's own copy is plain.
            _ if name == ARCHIVE => goes(!self.past.schemes.is_empty()),
            CHANGES if plain != name => goes(!self.past.schemes.is_empty()),
            CHANGES | DecisionsTable::FILE | Review::FILE | Claims::FILE | FiguresTable::FILE => Fate::Rows,
            // The page has figures of all schemes.
            REPORT => goes(!self.past.schemes.is_empty()),
            _ => goes(self.past.all),
        }
    }

    /// The path of a file in the run's folder.
    fn in_run(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Removes the rows of expired schemes from a table.
    fn take_rows(&mut self, place: &Path, name: &str) -> Result<(), ReleaseError> {
        let (path, part) = (place.join(name), place.join(format!("{PART_PREFIX}{name}")));
        let removed = match self.what {
            PurgeMode::Measure => {
                let mut sum = blake3::Hasher::new();
                let removed = self.without_past_rows(&path, &mut sum)?;
                if removed > 0 && self.sums.is_as_published(&self.in_run(&path))? {
                    self.removal.left.insert(self.in_run(&path), Some(sum.finalize().to_hex().to_string()));
                } else if removed > 0 {
                    self.removal.changed.push(path);
                }
                removed
            }
            PurgeMode::Remove => {
                let mut out = BufWriter::with_capacity(1 << 18, table(&part)?);
                let removed = self.without_past_rows(&path, &mut out)?;
                if removed == 0 {
                    drop(out);
                    fs::remove_file(&part).map_err(ReleaseError::io("remove this file", &part))?;
                } else {
                    let unwritten = ReleaseError::io("write this file", &part);
                    let written = out.into_inner().map_err(io::IntoInnerError::into_error);
                    written.and_then(|file| file.sync_all()).map_err(unwritten)?;
                    fs::rename(&part, &path).map_err(ReleaseError::io("replace this file", &path))?;
                }
                removed
            }
        };
        self.removal.extent.rows += removed;
        Ok(())
    }

    /// Copies a table to `out` without the rows of expired schemes, and returns how many these are.
    fn without_past_rows(&self, path: &Path, out: &mut dyn Write) -> Result<u64, ReleaseError> {
        let damaged = |line| ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" };
        let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
        let buffered = BufReader::with_capacity(1 << 18, file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(buffered);
        let mut row = csv::StringRecord::new();
        if !reader.read_record(&mut row).map_err(|_| damaged(1))? {
            return Err(damaged(1));
        }
        let mut bytes = Vec::new();
        let mut write = |row: &csv::StringRecord| {
            bytes.clear();
            csv_row::row(row, &mut bytes);
            out.write_all(&bytes).map_err(ReleaseError::io("write this table anew", path))
        };
        let column = |wanted: &str| row.iter().position(|heading| heading == wanted);
        let (Some(scheme), supplier) = (column("scheme"), column("supplier")) else { return Err(damaged(1)) };
        let rebate = column("rebate").filter(|_| self.past.carries_rebates);
        write(&row)?;
        let is_decisions = path.file_name().is_some_and(|name| name == DecisionsTable::FILE);
        let mut removed = 0;
        while reader.read_record(&mut row).map_err(|error| damaged(line(&error)))? {
            let is_newest = is_decisions && supplier.is_some_and(|at| self.past.newest_of.contains(&row[at]));
            let stays = is_newest || rebate.is_some_and(|at| !row[at].is_empty());
            if (self.past.all || self.past.schemes.contains(&row[scheme])) && !stays {
                removed += 1;
            } else {
                write(&row)?;
            }
        }
        Ok(removed)
    }
}

/// Creates a table that only its owner can read.
fn table(path: &Path) -> Result<File, ReleaseError> {
    let options = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    options.map_err(ReleaseError::io("create this file", path))
}

fn line(error: &csv::Error) -> u64 {
    error.position().map_or(1, csv::Position::line)
}

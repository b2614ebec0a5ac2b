//! Takes what is past its retention out of a published run: in go a run's folder and the schemes that are
//! past, out come the same folder without their flags and rows, and how much that was.
//!
//! What stays is what an audit asks for and nobody is in: `run.json`, the manifests with their sums and
//! signatures, and the rates. A table that holds rows of several schemes is written anew without those
//! that are past, and takes its own place whole; a kill leaves the old table or the new one. The sums of
//! the new tables are known before anything is removed, so that a record of them is there first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::check::RunSums;
use super::data_package::{ENCRYPTED_ENDING, MANIFEST, SIGNATURE, SUMS};
use super::error::ReleaseError;
use super::folder;
use super::lock::Lock;
use super::marks::MARKS;
use super::published::{ADMINISTRATOR, PLAIN, RECORD, SUPPLIERS};
use super::recovery::recover;
use super::rows::{Decisions, Table};
use super::run_id::RunId;
use super::staging::STAGING_PREFIX;
use super::supplier_folder::{CHANGES, FLAGS_ENDING};

/// Begins the name of a table that is about to take another's place.
pub(super) const PART_PREFIX: &str = ".purged-";

/// An output directory in which no run can begin meanwhile.
pub struct Occupied {
    _lock: Lock,
}

impl Occupied {
    /// Takes a directory, and puts right what a killed run may have left there. `known` gives the newest run
    /// that is known to be published: if it is newer than `latest`, nothing is touched.
    ///
    /// # Errors
    /// [`ReleaseError::Locked`] if a run is at work there, [`ReleaseError::Inconsistent`] or
    /// [`ReleaseError::NotTheNewest`] if it is in a state that no run leaves, [`ReleaseError::Io`] if
    /// something cannot be written; and what `known` gives.
    pub fn take<E: From<ReleaseError>>(
        output: &Path,
        known: impl FnOnce() -> Result<Option<RunId>, E>,
    ) -> Result<Occupied, E> {
        let lock = Lock::take(output)?;
        recover(output, known()?.as_ref())?;
        Ok(Occupied { _lock: lock })
    }
}

/// What of a run is past.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The schemes that are past their retention.
    pub schemes: BTreeSet<String>,
    /// Every scheme of the run is.
    pub all: bool,
    /// Suppliers whose newest delivery is this run's: their flags stay, since the next run compares with them.
    pub newest_of: BTreeSet<String>,
    /// The run is the newest, whose `claims.csv` carries the rebates that were released: they stay for the season.
    pub carries_rebates: bool,
}

/// How much of a run is past, or was until it was taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Extent {
    /// Files removed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows taken out of tables that stay.
    pub rows: u64,
}

impl Extent {
    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Extent::default()
    }
}

impl std::ops::AddAssign for Extent {
    fn add_assign(&mut self, other: Extent) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.rows += other.rows;
    }
}

/// What a purge takes out of a run.
#[derive(Debug, Default)]
pub struct Removal {
    /// How much it is.
    pub extent: Extent,
    /// What is left of each file that changes, by its path in the run's folder: its new BLAKE3 sum, or nothing.
    pub left: BTreeMap<String, Option<String>>,
    /// Tables that are not as they were published. Rows are taken out of them all the same, and what is left
    /// is not said to be as it should be.
    pub changed: Vec<PathBuf>,
}

/// Whether what is past is taken out, or only measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Nothing is changed.
    Measure,
    /// It is gone, for good.
    Remove,
}

/// Takes out of a published run what is past, or measures it. `sums` are what its files should have.
///
/// # Errors
/// [`ReleaseError::Io`] if something cannot be read, written or removed, [`ReleaseError::Damaged`] if a
/// table is none.
pub(crate) fn purge_run(
    output: &Path,
    run: &RunId,
    past: &Past,
    sums: &RunSums,
    what: Do,
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
    // What the next run tells edits by is that of the newest delivery, as its flags are.
    let stay: Vec<PathBuf> = past.newest_of.iter().map(|supplier| marks.join(supplier)).collect();
    purge.folder(&administrator, &stay.iter().chain([&plain]).collect::<Vec<_>>())?;
    Ok(purge.removal)
}

/// Removes a run as a whole.
///
/// # Errors
/// [`ReleaseError::Io`] if it cannot be removed.
pub fn remove_run(output: &Path, run: &RunId) -> Result<(), ReleaseError> {
    // Under another name first, as elsewhere: half a run must not bear the name of a whole one.
    let (place, litter) = (output.join(run.to_string()), output.join(format!("{STAGING_PREFIX}{run}")));
    fs::rename(&place, &litter).map_err(ReleaseError::io("move this folder", &place))?;
    folder::remove(&litter)?;
    folder::sync(output)
}

/// What all files of a folder come to.
///
/// # Errors
/// [`ReleaseError::Io`] if it cannot be listed.
pub fn extent_of(output: &Path, run: &RunId) -> Result<Extent, ReleaseError> {
    fn add(place: &Path, extent: &mut Extent) -> Result<(), ReleaseError> {
        for name in folder::names(place)? {
            let path = place.join(name);
            let metadata = path.symlink_metadata().map_err(ReleaseError::io("look at this file", &path))?;
            if metadata.is_dir() {
                add(&path, extent)?;
            } else if metadata.is_file() {
                *extent += Extent { files: 1, bytes: metadata.len(), rows: 0 };
            }
        }
        Ok(())
    }
    let mut extent = Extent::default();
    add(&output.join(run.to_string()), &mut extent)?;
    Ok(extent)
}

struct Purge<'a> {
    root: &'a Path,
    past: &'a Past,
    sums: &'a RunSums,
    what: Do,
    removal: Removal,
}

/// What becomes of a file.
enum Fate {
    Stays,
    Goes,
    /// Some of its rows go.
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
                // Left of a purge that was killed.
                if self.what == Do::Remove {
                    fs::remove_file(&path).map_err(ReleaseError::io("remove this file", &path))?;
                }
                continue;
            }
            let metadata = path.symlink_metadata().map_err(ReleaseError::io("look at this file", &path))?;
            if metadata.is_dir() {
                self.folder(&path, but)?;
                continue;
            }
            match self.fate(&name) {
                Fate::Stays => {}
                Fate::Rows => self.take_rows(place, &name)?,
                Fate::Goes => {
                    self.removal.extent += Extent { files: 1, bytes: metadata.len(), rows: 0 };
                    self.removal.left.insert(self.in_run(&path), None);
                    if self.what == Do::Remove {
                        fs::remove_file(&path).map_err(ReleaseError::io("remove this file", &path))?;
                    }
                }
            }
        }
        if self.what == Do::Remove { folder::sync(place) } else { Ok(()) }
    }

    fn fate(&self, name: &str) -> Fate {
        let plain = name.strip_suffix(ENCRYPTED_ENDING).unwrap_or(name);
        let goes = |is_past| if is_past { Fate::Goes } else { Fate::Stays };
        if [RECORD, MANIFEST, SUMS, SIGNATURE].contains(&name) {
            return Fate::Stays;
        }
        if let Some(scheme) = plain.strip_suffix(FLAGS_ENDING) {
            return goes(self.past.all || self.past.schemes.contains(scheme));
        }
        match plain {
            // Nobody can take rows out of it here; the administrator's own copy is plain.
            CHANGES if plain != name => goes(!self.past.schemes.is_empty()),
            CHANGES | "decisions.csv" | "review.csv" | "claims.csv" => Fate::Rows,
            _ => goes(self.past.all),
        }
    }

    /// The path of a file in the run's folder.
    fn in_run(&self, path: &Path) -> String {
        path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Takes the rows of schemes that are past out of a table.
    fn take_rows(&mut self, place: &Path, name: &str) -> Result<(), ReleaseError> {
        let (path, part) = (place.join(name), place.join(format!("{PART_PREFIX}{name}")));
        let removed = match self.what {
            Do::Measure => {
                let mut sum = blake3::Hasher::new();
                let removed = self.without_past_rows(&path, &mut sum)?;
                if removed > 0 && self.sums.is_as_published(&self.in_run(&path))? {
                    self.removal.left.insert(self.in_run(&path), Some(sum.finalize().to_hex().to_string()));
                } else if removed > 0 {
                    self.removal.changed.push(path);
                }
                removed
            }
            Do::Remove => {
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

    /// Writes a table anew without the rows of schemes that are past, and tells how many they were.
    fn without_past_rows(&self, path: &Path, out: &mut dyn Write) -> Result<u64, ReleaseError> {
        let damaged = |line| ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" };
        let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
        let buffered = BufReader::with_capacity(1 << 18, file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(buffered);
        let mut out = csv::WriterBuilder::new().from_writer(out);
        let unwritten = |error: csv::Error| ReleaseError::io("write this table anew", path)(error.into());
        let mut row = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut row).map_err(|_| damaged(1))? {
            return Err(damaged(1));
        }
        let column = |wanted: &str| row.iter().position(|heading| heading == wanted.as_bytes());
        let (Some(scheme), supplier) = (column("scheme"), column("supplier")) else { return Err(damaged(1)) };
        let rebate = column("rebate").filter(|_| self.past.carries_rebates);
        out.write_byte_record(&row).map_err(unwritten)?;
        let is_decisions = path.file_name().is_some_and(|name| name == Decisions::FILE);
        let mut removed = 0;
        while reader.read_byte_record(&mut row).map_err(|error| damaged(line(&error)))? {
            let text = |at: usize| std::str::from_utf8(&row[at]).unwrap_or_default();
            let is_newest = is_decisions && supplier.is_some_and(|at| self.past.newest_of.contains(text(at)));
            let stays = is_newest || rebate.is_some_and(|at| !row[at].is_empty());
            if (self.past.all || self.past.schemes.contains(text(scheme))) && !stays {
                removed += 1;
            } else {
                out.write_byte_record(&row).map_err(unwritten)?;
            }
        }
        out.flush().map_err(ReleaseError::io("write this table anew", path))?;
        Ok(removed)
    }
}

/// A new table, its owner's alone.
fn table(path: &Path) -> Result<File, ReleaseError> {
    let options = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    options.map_err(ReleaseError::io("create this file", path))
}

fn line(error: &csv::Error) -> u64 {
    error.position().map_or(1, csv::Position::line)
}

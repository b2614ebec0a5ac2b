//! What is past its retention, taken out of a published run: in go a run's folder and the schemes that are
//! past, out come the same folder without their flags and rows, and how much that was.
//!
//! What stays is what an audit asks for and nobody is in: `run.json`, the manifests with their sums and
//! signatures, and the rates. A table that holds rows of several schemes is written anew without those
//! that are past, and takes its own place whole; a kill leaves the old table or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::data_package::{ENCRYPTED_ENDING, MANIFEST, SIGNATURE, SUMS};
use super::error::ReleaseError;
use super::folder;
use super::lock::Lock;
use super::marks::MARKS;
use super::published::{self, ADMINISTRATOR, PLAIN, RECORD, SUPPLIERS};
use super::rows::{Decisions, Table};
use super::run_id::RunId;
use super::staging::STAGING_PREFIX;
use super::supplier_folder::{CHANGES, FLAGS_ENDING};

/// Begins the name of a table that is about to take another's place.
const PART_PREFIX: &str = ".purged-";

/// An output directory in which no run can begin meanwhile.
pub struct Occupied {
    _lock: Lock,
}

impl Occupied {
    /// Takes a directory, and puts right what a killed run may have left there.
    ///
    /// # Errors
    /// [`ReleaseError::Locked`] if a run is at work there, [`ReleaseError::Inconsistent`] if it is in a
    /// state that no run leaves, [`ReleaseError::Io`] if something cannot be written.
    pub fn take(output: &Path) -> Result<Occupied, ReleaseError> {
        let lock = Lock::take(output)?;
        published::recover(output, STAGING_PREFIX)?;
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

/// Whether what is past is taken out, or only measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Nothing is changed.
    Measure,
    /// It is gone, for good.
    Remove,
}

/// Takes out of a published run what is past.
///
/// # Errors
/// [`ReleaseError::Io`] if something cannot be read, written or removed, [`ReleaseError::Damaged`] if a
/// table is none.
pub fn purge_run(output: &Path, run: &RunId, past: &Past, what: Do) -> Result<Extent, ReleaseError> {
    let run = output.join(run.to_string());
    let administrator = run.join(ADMINISTRATOR);
    let (plain, marks) = (administrator.join(PLAIN), administrator.join(MARKS));
    let mut purge = Purge { past, what, extent: Extent::default() };
    for deliveries in [run.join(SUPPLIERS), plain.clone()] {
        for supplier in folder::names(&deliveries)? {
            if !past.newest_of.contains(&supplier) {
                purge.folder(&deliveries.join(supplier), &[])?;
            }
        }
    }
    // What the next run tells edits by is that of the newest delivery, as its flags are.
    let stay: Vec<PathBuf> = past.newest_of.iter().map(|supplier| marks.join(supplier)).collect();
    purge.folder(&administrator, &stay.iter().chain([&plain]).collect::<Vec<_>>())?;
    Ok(purge.extent)
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
            } else {
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
    past: &'a Past,
    what: Do,
    extent: Extent,
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
                Fate::Rows => self.extent.rows += self.without_past_rows(place, &name)?,
                Fate::Goes => {
                    self.extent += Extent { files: 1, bytes: metadata.len(), rows: 0 };
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

    /// Writes a table anew without the rows of schemes that are past, and tells how many they were.
    fn without_past_rows(&self, place: &Path, name: &str) -> Result<u64, ReleaseError> {
        let (path, part) = (place.join(name), place.join(format!("{PART_PREFIX}{name}")));
        let damaged = |line| ReleaseError::Damaged { path: path.clone(), line, reason: "not a row of this table" };
        let file = File::open(&path).map_err(ReleaseError::io("open this file", &path))?;
        let buffered = BufReader::with_capacity(1 << 18, file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(buffered);
        let mut row = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut row).map_err(|_| damaged(1))? {
            return Err(damaged(1));
        }
        let column = |wanted: &str| row.iter().position(|heading| heading == wanted.as_bytes());
        let (Some(scheme), supplier) = (column("scheme"), column("supplier")) else { return Err(damaged(1)) };
        let mut out = match self.what {
            Do::Measure => None,
            Do::Remove => Some(table(&part)?),
        };
        let unwritten = |error: csv::Error| ReleaseError::io("write this file", &part)(error.into());
        if let Some(out) = &mut out {
            out.write_byte_record(&row).map_err(unwritten)?;
        }
        let mut removed = 0;
        while reader.read_byte_record(&mut row).map_err(|error| damaged(line(&error)))? {
            let text = |at: usize| std::str::from_utf8(&row[at]).unwrap_or_default();
            let stays = name == Decisions::FILE && supplier.is_some_and(|at| self.past.newest_of.contains(text(at)));
            if (self.past.all || self.past.schemes.contains(text(scheme))) && !stays {
                removed += 1;
            } else if let Some(out) = &mut out {
                out.write_byte_record(&row).map_err(unwritten)?;
            }
        }
        let Some(out) = out else { return Ok(removed) };
        if removed == 0 {
            drop(out);
            fs::remove_file(&part).map_err(ReleaseError::io("remove this file", &part))?;
            return Ok(0);
        }
        let unflushed = |error: std::io::Error| ReleaseError::io("write this file", &part)(error);
        let written = out.into_inner().map_err(|error| unflushed(error.into_error()))?;
        let mut file = written.into_inner().map_err(|error| unflushed(error.into_error()))?;
        file.flush().and_then(|()| file.sync_all()).map_err(unflushed)?;
        fs::rename(&part, &path).map_err(ReleaseError::io("replace this file", &path))?;
        Ok(removed)
    }
}

/// A new table, its owner's alone.
fn table(path: &Path) -> Result<csv::Writer<BufWriter<File>>, ReleaseError> {
    let options = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let file = options.map_err(ReleaseError::io("create this file", path))?;
    Ok(csv::WriterBuilder::new().from_writer(BufWriter::with_capacity(1 << 18, file)))
}

fn line(error: &csv::Error) -> u64 {
    error.position().map_or(1, csv::Position::line)
}

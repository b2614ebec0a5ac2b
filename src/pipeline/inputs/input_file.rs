//! Describes a file that was read, and what its source calls its columns.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::intake::{ColumnMap, Fault, FaultKind, FileRead, Identities, IdentityError, IntakeError, Stamp};
use crate::job::{Job, Source};
use crate::text::{counted, shown};

/// The rows of a file that were rejected, where they are too many.
#[derive(Debug, Clone)]
pub struct RejectedRows {
    /// The file.
    pub file: PathBuf,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows in all.
    pub rows: u64,
    /// The line of the first.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl RejectedRows {
    /// How many there are, in words, of a file that is named so.
    pub(crate) fn of_file(&self, name: impl fmt::Display) -> String {
        format!("{name}: {} of {} cannot be read", self.rejected, counted(self.rows, "row"))
    }

    /// Which is the first, in words.
    pub(crate) fn first(&self) -> String {
        format!("the first is line {}: {}", self.line, self.reason)
    }
}

/// How many there are, with the file's path.
impl fmt::Display for RejectedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of_file(shown(&self.file)))
    }
}

/// A file that was read, for the run's record and the lists of faults.
#[derive(Debug)]
pub(crate) struct InputFile {
    /// What the file is: `benefits`, a supplier's id, and so on.
    pub(crate) input: String,
    /// Its path.
    pub(crate) path: PathBuf,
    /// Its base name.
    pub(crate) name: String,
    /// Its length in bytes.
    pub(crate) bytes: u64,
    /// The BLAKE3 sum of the bytes that were read.
    pub(crate) blake3: String,
    /// Rows found, good and bad.
    pub(crate) rows: u64,
    /// Rows that were rejected.
    pub(crate) rejected: u64,
    /// Rows that were kept with a field treated as absent.
    pub(crate) noted: u64,
    /// The headings of its columns.
    pub(crate) columns: ColumnMap,
    /// Each reject and note.
    pub(crate) faults: Vec<Fault>,
    /// The file's state when it was read, to detect a later change.
    stamp: Stamp,
}

impl InputFile {
    /// Splits a read file into its record and its consumers.
    pub(crate) fn new<C>(input: &str, path: &Path, columns: &ColumnMap, read: FileRead<C>) -> (InputFile, Vec<C>) {
        let file = InputFile {
            input: input.to_owned(),
            path: path.to_owned(),
            name: read.file,
            bytes: read.bytes,
            blake3: read.blake3,
            rows: read.rows,
            rejected: read.rejected,
            noted: read.noted,
            columns: columns.clone(),
            faults: read.faults,
            stamp: read.stamp,
        };
        let InputFile { name, rows, rejected, noted, .. } = &file;
        tracing::info!(input, file = name, rows, rejected, noted, "file read");
        (file, read.consumers)
    }

    /// Adds notes that were found when the file was read once more.
    pub(crate) fn add_notes<C>(&mut self, read: FileRead<C>) -> Result<(), IntakeError> {
        self.is_as_read(&read)?;
        let noted = |line: u64| self.faults.binary_search_by_key(&line, |fault| fault.line).is_ok();
        let more = read.faults.iter().filter(|fault| !noted(fault.line)).count() as u64;
        self.noted += more;
        self.faults.extend(read.faults);
        self.faults.sort_by_key(|fault| fault.line);
        Ok(())
    }

    /// An error if the file was read once more, and had other bytes.
    pub(crate) fn is_as_read<C>(&self, again: &FileRead<C>) -> Result<(), IntakeError> {
        if again.blake3 == self.blake3 { Ok(()) } else { Err(IntakeError::Changed { file: self.path.clone() }) }
    }

    /// An error if the file is no longer the one that was read.
    pub(crate) fn is_unchanged(&self) -> Result<(), IntakeError> {
        self.stamp.is_still_of(&self.path)
    }

    /// Whether more rows were rejected than the limit allows.
    pub(crate) fn is_refused(&self, reject_limit: f64) -> bool {
        self.rejected as f64 > reject_limit * self.rows as f64
    }

    /// Its rejected rows, if more were rejected than the limit allows.
    pub(crate) fn refused(&self, reject_limit: f64) -> Option<RejectedRows> {
        let first = self.first_reject().filter(|_| self.is_refused(reject_limit))?;
        Some(RejectedRows {
            file: self.path.clone(),
            rejected: self.rejected,
            rows: self.rows,
            line: first.line,
            reason: first.reason.to_string(),
        })
    }

    /// The first row that was rejected, and why.
    pub(crate) fn first_reject(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.kind == FaultKind::Reject)
    }
}

/// What the objections are called in messages.
pub(crate) const OBJECTIONS_INPUT: &str = "objections";

/// What the decisions are called in messages.
pub(crate) const DECISIONS_INPUT: &str = "decisions";

/// What opens encrypted inputs, if the job names it.
pub(crate) fn identities(job: &Job) -> Result<Option<Identities>, IdentityError> {
    job.intake.identity.as_deref().map(Identities::read).transpose()
}

/// The columns of a source, as intake wants them.
pub(crate) fn column_map(source: &Source) -> ColumnMap {
    source.columns().iter().map(|(name, heading)| (name.clone(), heading.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::intake::{self, CUSTOMERS, Consumer, Faults, ReadSettings, Row};
    use crate::progress::Unwatched;

    struct Nothing;

    impl Consumer for Nothing {
        fn take(&mut self, _row: &Row<'_>, _faults: &mut Faults) {}
    }

    /// The file has the length and the time that it had.
    #[test]
    fn a_second_reading_of_other_bytes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("north.csv");
        let write = |text: &str| fs::write(&path, text).unwrap();
        let columns = ColumnMap::default();
        let read =
            || intake::read(&path, &CUSTOMERS, &columns, &ReadSettings::default(), &Unwatched, || Nothing).unwrap();
        write("customer_ref,surname\nREF-1,Oxenbridge\n");
        let then = fs::metadata(&path).unwrap().modified().unwrap();
        let (mut file, _) = InputFile::new("north", &path, &columns, read());
        file.add_notes(read()).unwrap();
        write("customer_ref,surname\nREF-2,Oxenbridge\n");
        fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
        file.is_unchanged().unwrap();
        assert!(matches!(file.add_notes(read()), Err(IntakeError::Changed { .. })));
    }
}

//! Reads a run's record, and says why a run cannot be read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::release::ReleaseError;
use crate::release::layout::{ADMINISTRATOR, RECORD};
use crate::release::run_record::RunRecord;
use crate::text::shown;

/// Why a run cannot be reported on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The folder is not a run: it has no `analyst/published.csv`.
    #[error("{}: no folder of a run with analyst/published.csv in it", shown(folder))]
    NoRun {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The folder has no record of a run.
    #[error("{}: this is not the folder of a published run; name one, or the id of one with --out DIR", shown(folder))]
    NotARun {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The run's figures for analysts are of another kind: an older version wrote them.
    #[error(
        "{}: this run was made by an older version, which wrote no analyst/published.csv; report on a later run",
        shown(folder)
    )]
    Older {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file is not in the format that a run writes.
    #[error("{}, line {line}: not as a run writes it", shown(file))]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// A field of a reviewed sample cannot be read.
    #[error("{}, line {line}, column {column}: {reason}", shown(file))]
    Answer {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// The column's heading.
        column: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The run's decisions were purged.
    #[error("{}: this run was purged, and its decisions are gone; name a later run", shown(folder))]
    Purged {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The sample is too small to have one account of each stratum.
    #[error(
        "the accounts fall into {strata} strata of group, key and band; ask for at least as many accounts with --n"
    )]
    TooFew {
        /// The number of strata.
        strata: usize,
    },
    /// The report itself cannot be made.
    #[error("the report cannot be made: {0}")]
    Unmade(String),
}

impl From<ReleaseError> for ReportError {
    fn from(error: ReleaseError) -> ReportError {
        match error {
            ReleaseError::Io { path, source, .. } => ReportError::Unreadable { file: path, source },
            ReleaseError::Damaged { path, line, .. } => ReportError::Damaged { file: path, line },
            other => ReportError::Unmade(other.to_string()),
        }
    }
}

/// Whether a file or folder exists. If the look-up itself fails, that is an error, not a no.
pub(super) fn is_there(path: &Path) -> Result<bool, ReportError> {
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(unreadable(path)(error)),
    }
}

/// Reads the record of a run.
pub(super) fn record(folder: &Path) -> Result<RunRecord, ReportError> {
    let file = folder.join(ADMINISTRATOR).join(RECORD);
    if !is_there(&file)? {
        return Err(ReportError::NotARun { folder: folder.to_owned() });
    }
    let text = std::fs::read(&file).map_err(unreadable(&file))?;
    serde_json::from_slice(&text).map_err(|error| ReportError::Damaged { file, line: error.line() as u64 })
}

pub(super) fn unreadable(file: &Path) -> impl FnOnce(std::io::Error) -> ReportError {
    let file = file.to_owned();
    move |source| ReportError::Unreadable { file, source }
}

/// Converts the csv crate's error, without the values that it quotes.
pub(super) fn damaged(file: &Path, error: csv::Error) -> ReportError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => unreadable(file)(source),
        _ => ReportError::Damaged { file: file.to_owned(), line },
    }
}

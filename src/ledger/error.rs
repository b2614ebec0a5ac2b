//! Why the ledger cannot be read, written or believed.

use std::path::PathBuf;

use thiserror::Error;

use crate::release::ReleaseError;
use crate::text::shown;

/// Why the ledger cannot be read, written or believed. Nothing of anybody is in it, nor in this.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// SQLite refused: no space, no permission, no database.
    #[error("{}: {source}", shown(path))]
    Database {
        /// The ledger.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file cannot be created or read.
    #[error("{}: cannot {action}: {source}", shown(path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody has put a link in its place: what is written would lie somewhere else.
    #[error("{}: the ledger is a link; nothing was changed", shown(path))]
    Link {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no ledger yet.
    #[error("{}: there is no ledger here: no run has been published in this directory", shown(path))]
    None {
        /// Where it would be.
        path: PathBuf,
    },
    /// A run's record is not as flagmatch writes it.
    #[error("{}, line {line}: not the record of a run as flagmatch writes it", shown(path))]
    NotARecord {
        /// The record.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A row is not what was written.
    #[error("{}, row {row}: {reason}", shown(path))]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// The row's number, from 1.
        row: u64,
        /// In which way.
        reason: &'static str,
    },
    /// A delivery does not bear the number that the ledger has for it.
    #[error(
        "{}: has delivery {known} of run {run} to {supplier}, whose datapackage.json says {found}. Put that file back from a copy; nothing was changed",
        shown(path)
    )]
    Sequence {
        /// The ledger.
        path: PathBuf,
        /// The run.
        run: String,
        /// The supplier.
        supplier: String,
        /// The number that the ledger has.
        known: u64,
        /// The number that the manifest says.
        found: u64,
    },
    /// A published run is not in it as it was published.
    #[error("{}: {reason} the run {run}", shown(path))]
    Run {
        /// The ledger.
        path: PathBuf,
        /// The run.
        run: String,
        /// In which way.
        reason: &'static str,
    },
    /// A record is not in it as it was written.
    #[error("{}: {reason} the record {record:06}", shown(path))]
    Record {
        /// The ledger.
        path: PathBuf,
        /// The record's number.
        record: u64,
        /// In which way.
        reason: &'static str,
    },
    /// The published runs cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

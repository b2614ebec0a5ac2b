//! Lists the reasons why the ledger cannot be read, written or trusted.

use std::path::PathBuf;

use thiserror::Error;

use crate::release::ReleaseError;
use crate::text::shown;

/// Why the ledger cannot be read, written or trusted. Messages contain no personal data, since the ledger has none.
#[derive(Debug, Error)]
#[non_exhaustive]
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
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A link is in its place, so writes would go somewhere else.
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
    /// A row is not as it was written.
    #[error("{}, row {row}: {reason}", shown(path))]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// The row's number, from 1.
        row: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A delivery's sequence number is not the one that the ledger has for it.
    #[error(
        "{}: the delivery of run {run} to {supplier} has number {known} here, and {found} in its datapackage.json. \
         Put that file back from a copy; nothing was changed",
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
        /// The number that the manifest has.
        found: u64,
    },
    /// The ledger lacks a published run, or has another record of it.
    #[error("{}: run {run} {reason}", shown(path))]
    Run {
        /// The ledger.
        path: PathBuf,
        /// The run.
        run: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The ledger lacks a record, or has another text of it.
    #[error("{}: record {record:06} {reason}", shown(path))]
    Record {
        /// The ledger.
        path: PathBuf,
        /// The record's number.
        record: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The published runs cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

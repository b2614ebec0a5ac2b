//! Lists the reasons why a purge stops.

use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;

use crate::intake::IntakeError;
use crate::ledger::LedgerError;
use crate::release::{ReleaseError, RunId};
use crate::text::shown;

/// Why a purge stops. What was removed before is recorded; the next purge continues from there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RetentionError {
    /// A run cannot be read, or a part of it cannot be removed.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An input file cannot be read for its sum.
    #[error(transparent)]
    Input(#[from] IntakeError),
    /// The clock is so far ahead of the newest run that it may be wrong, and a purge cannot be undone.
    #[error(
        "the clock says {day}, {days} days after the newest run {newest}: nothing was removed. If the clock is wrong, set it right; if it is right, confirm it with --day {day}"
    )]
    ClockFarAhead {
        /// The day by the clock.
        day: Date,
        /// The newest run.
        newest: RunId,
        /// The days between.
        days: i32,
    },
    /// A run's record is not as flagmatch writes it, so the run's content is unknown.
    #[error("{}, line {line}: not the record of a run as flagmatch writes it", shown(path))]
    NotARecord {
        /// The record.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The system refused.
    #[error("{}: cannot {action}: {source}", shown(path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

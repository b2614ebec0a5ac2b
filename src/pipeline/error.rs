//! Defines the errors that end a run without a release.

use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;

use super::night_of::MOST_DAYS_AHEAD;
use crate::intake::{IdentityError, IntakeError};
use crate::job::FilesError;
use crate::ledger::LedgerError;
use crate::matching::{RelativesError, WeightsError};
use crate::pipeline::inputs::input_file::RejectedRows;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::release::ReleaseError;
use crate::text::shown;

/// Why nothing was released. No message holds a field's value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// `--supplier` names a supplier that the job does not have.
    #[error("the job has no supplier {id:?}; it has {known}")]
    UnknownSupplier {
        /// The id asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// The job has release days, and the run's date was not stated.
    #[error("the job has release_days under [changes]: state this run's date with --night-of DATE")]
    WhichNight,
    /// The run's date is far ahead of the day on which it runs. What is counted by days, such as when figures are due or a
    /// gone account's rebate is free, would be settled by a slip.
    #[error(
        "--night-of {night_of} is more than {MOST_DAYS_AHEAD} days after today, {today}: state the date of the night that is run"
    )]
    FarNight {
        /// The run's date.
        night_of: Date,
        /// The day (UTC) on which it began.
        today: Date,
    },
    /// A shared input's files cannot be found.
    #[error("{input}: {source}")]
    NoFiles {
        /// Which input.
        input: &'static str,
        /// Why.
        source: FilesError,
    },
    /// A shared input cannot be read.
    #[error("{input}: {source}")]
    Unreadable {
        /// Which input.
        input: &'static str,
        /// Why.
        source: IntakeError,
    },
    /// A shared input has too many bad rows.
    #[error("{input}: {rows}, more than reject_limit allows; {}", rows.first())]
    TooManyRejects {
        /// Which input.
        input: &'static str,
        /// The rows.
        rows: RejectedRows,
    },
    /// An objection cannot be read. The run would otherwise ignore it silently.
    #[error(
        "objections: {}: line {line}: {reason}; correct the line. The run stops, since it must not ignore an objection",
        shown(file)
    )]
    UnreadableObjection {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A heading in objections or decisions may be a misspelt column. The run would otherwise ignore it
    /// silently.
    #[error(
        "{input}: {}: the heading of column {position} is unknown, and may mean {nearest}; name it {nearest}, or map \
         it under columns in [{input}]. The run stops, since it must not ignore that column",
        shown(file)
    )]
    UnreadHeading {
        /// `objections` or `decisions`.
        input: &'static str,
        /// The file.
        file: PathBuf,
        /// The column's place in the file, from 1.
        position: usize,
        /// The column that may be meant.
        nearest: &'static str,
    },
    /// A decision names a supplier that the job does not have. The run would otherwise ignore it silently.
    #[error(
        "decisions: {file:?}: line {line}: the job has no supplier of this id; put the id right, or name the supplier in the job, with former = true if it has left"
    )]
    DecisionOnNobody {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// Too few benefit rows have a field that matching needs.
    #[error(
        "benefits: {usable} of {rows} rows have a usable {what}, and {setting} under [gates] requires a share of \
         {least}: check the columns of the files, or lower {setting}"
    )]
    BenefitFields {
        /// The field, in words.
        what: &'static str,
        /// Rows that have it.
        usable: u64,
        /// Rows in all.
        rows: u64,
        /// The setting.
        setting: &'static str,
        /// The share that it requires.
        least: f64,
    },
    /// A group names a benefit code that no row has.
    #[error(
        "benefits: no row has the benefit {code:?} of group {group} in {scheme}; flagmatch check lists the codes that are there. Put the code right, or set benefits_found = false under [gates]"
    )]
    BenefitOfNobody {
        /// The code, as the job file has it.
        code: String,
        /// The group.
        group: String,
        /// Its scheme.
        scheme: String,
    },
    /// The name of an exceptions file does not say which supplier it is from.
    #[error(
        "exceptions: {}: this file's name names no supplier of the job: it must be a supplier's id, or begin with \
         the id and one of - _ .",
        shown(file)
    )]
    ExceptionsOfNobody {
        /// The file.
        file: PathBuf,
    },
    /// The benefit files hold no usable row.
    #[error("benefits: there is not one usable row in the benefit files")]
    NoBenefits,
    /// There are more benefit rows than the index can number.
    #[error("benefits: {rows} rows are more than the {most} that one run can match")]
    TooManyBenefits {
        /// Rows.
        rows: usize,
        /// The most.
        most: usize,
    },
    /// The weights file that the job names cannot be used.
    #[error("weights: {0}")]
    Weights(#[from] WeightsError),
    /// The identity that the job names cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The table of unseen persons cannot be used.
    #[error(transparent)]
    Relatives(#[from] RelativesError),
    /// Every supplier is held back.
    #[error("nothing was released: every supplier is held back ({})", by_supplier(.0))]
    NothingReleased(Vec<(String, RejectedSupplier)>),
    /// The operating system gave no key.
    #[error("the operating system gave no random key: {0}")]
    NoKey(getrandom::Error),
    /// The caller stopped the run.
    #[error("stopped by a signal; nothing was published")]
    Stopped,
    /// The job asks for signatures, and the caller gave no opened key.
    #[error("the job names a secret key to sign with, and it was not opened")]
    NoSigner,
    /// The analyst's report cannot be made from the files just written.
    #[error("the analyst's report cannot be made: {0}")]
    Page(String),
    /// The ledger cannot be brought up to date with earlier runs.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The run cannot be written.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

fn by_supplier(all: &[(String, RejectedSupplier)]) -> String {
    all.iter().map(|(supplier, why)| format!("{supplier}: {why}")).collect::<Vec<_>>().join("; ")
}

//! Why a night ends without a release.

use std::path::PathBuf;

use thiserror::Error;

use crate::intake::IntakeError;
use crate::job::FilesError;
use crate::ledger::LedgerError;
use crate::matching::WeightsError;
use crate::release::ReleaseError;
use crate::text::{counted, shown};

/// Why nothing was released. No message holds a field's value.
#[derive(Debug, Error)]
pub enum NightError {
    /// `--supplier` names one that the job does not have.
    #[error("the job has no supplier {id:?}; it has {known}")]
    UnknownSupplier {
        /// The id asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// The job has release days, and nobody said which night it is.
    #[error("the job has release_days under [changes]: say which night this is, with --night-of DATE")]
    WhichNight,
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
    #[error(
        "{input}: {}: {rejected} of {} cannot be read, more than reject_limit allows; the first is line {line}: {reason}",
        shown(file),
        counted(*rows, "row")
    )]
    TooManyRejects {
        /// Which input.
        input: &'static str,
        /// The file.
        file: PathBuf,
        /// Rows rejected.
        rejected: u64,
        /// Rows in all.
        rows: u64,
        /// The line of the first.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// An objection that cannot be read would be forgotten in silence.
    #[error(
        "objections: {}: line {line}: {reason}; an objection that would be forgotten stops the run: put the line right",
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
    /// A column of objections or decisions that nothing reads would be forgotten in silence.
    #[error(
        "{input}: {}: the heading of column {position} is not read, and may be {nearest}; what it says would be forgotten: name it {nearest}, or map it under columns in [{input}]",
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
    /// A decision that is about nobody's account would be forgotten in silence.
    #[error(
        "decisions: {file:?}: line {line}: the job has no supplier of this id; put the id right, or name the supplier in the job, with former = true if it has left"
    )]
    DecisionOnNobody {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// Nearly no benefit row has what people are matched by.
    #[error(
        "benefits: {usable} of {rows} rows have a usable {what}, and {setting} under [gates] wants a share of {least}: look at the columns of the files, or set {setting} lower"
    )]
    BenefitFields {
        /// What is missing.
        what: &'static str,
        /// Rows that have it.
        usable: u64,
        /// Rows in all.
        rows: u64,
        /// The setting.
        setting: &'static str,
        /// Its share.
        least: f64,
    },
    /// A group asks for a benefit that nobody has.
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
    /// It is not known whose exceptions they are.
    #[error(
        "exceptions: {}: this file is named after no supplier of the job: its name has to be the supplier's id, or to begin with it and one of - _ .",
        shown(file)
    )]
    ExceptionsOfNobody {
        /// The file.
        file: PathBuf,
    },
    /// The benefit files hold no usable row.
    #[error("benefits: there is not one usable row in the benefit files")]
    NoBenefits,
    /// There are more benefit rows than the index can tell apart.
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
    /// Every supplier is held back.
    #[error("nothing was released: every supplier is held back ({0})")]
    NothingReleased(String),
    /// The operating system gave no key.
    #[error("the operating system gave no random key: {0}")]
    NoKey(getrandom::Error),
    /// Whoever watches asked for it.
    #[error("stopped by a signal; nothing was published")]
    Stopped,
    /// The job asks for signatures, and whoever runs it gave nothing to sign with.
    #[error("the job names a secret key to sign with, and it was not opened")]
    NoSigner,
    /// The analyst's page cannot be made of what was just written.
    #[error("the analyst's report cannot be made: {0}")]
    Page(String),
    /// The ledger of the runs before cannot be brought up to date.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The run cannot be written.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

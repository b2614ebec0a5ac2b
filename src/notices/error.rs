//! Lists the reasons why exceptions cannot be taken in.

use thiserror::Error;

use crate::intake::IntakeError;
use crate::ledger::LedgerError;
use crate::pipeline::PipelineError;
use crate::release::ReleaseError;

/// Why exceptions cannot be taken in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoticesError {
    /// The exceptions cannot be read.
    #[error(transparent)]
    Night(#[from] PipelineError),
    /// A file of exceptions cannot be read again for its sum.
    #[error("exceptions: {0}")]
    Intake(#[from] IntakeError),
    /// The deliveries cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// What was taken in cannot be recorded.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

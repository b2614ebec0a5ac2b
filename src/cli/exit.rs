//! Turns what stopped a command into one sentence on standard error and an exit code.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

use super::passphrase::PassphraseError;
use crate::desk::DeskError;
use crate::job::JobError;
use crate::ledger::LedgerError;
use crate::notices::NoticesError;
use crate::pipeline::{LayoutError, ManualReleaseError, PipelineError, PrepareError};
use crate::release::{KeyError, VerifyError};
use crate::report::{ReportError, TruthError};
use crate::retention::RetentionError;
use crate::synth::SynthError;
use crate::text::shown;

pub(super) const FAULT: u8 = 1;
const USAGE: u8 = 2;
pub(super) const REFUSED: u8 = 3;
pub(super) const HELD_BACK: u8 = 4;

/// What stopped a command.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Night(#[from] PipelineError),
    #[error(transparent)]
    ByHand(#[from] ManualReleaseError),
    #[error(transparent)]
    Truth(#[from] TruthError),
    #[error(transparent)]
    Synth(#[from] SynthError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    #[error("not verified: {0}")]
    NotVerified(#[from] VerifyError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Notices(#[from] NoticesError),
    #[error(transparent)]
    Retention(#[from] RetentionError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Desk(DeskError),
    #[error("{0}")]
    Usage(String),
    #[error("the result cannot be written: {0}")]
    Output(#[from] io::Error),
    #[error("the run {run} is published, but its summary cannot be written: {source}")]
    Summary { run: String, source: io::Error },
    #[error("{}: cannot be written: {source}", shown(file))]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("other programs cannot be kept from reading this process's memory: {0}")]
    Unshielded(io::Error),
    #[error("signals cannot be handled: {0}; give the process more memory or more threads (ulimit -v, -u)")]
    Signals(io::Error),
    #[error(
        "{threads} threads cannot be started: {source}; give the process more memory or more threads (ulimit -v, -u), or use fewer with --threads"
    )]
    Threads { threads: usize, source: rayon::ThreadPoolBuildError },
}

impl From<DeskError> for Fault {
    fn from(error: DeskError) -> Fault {
        match error {
            DeskError::Pipeline(error) => Fault::Night(error),
            other => Fault::Desk(other),
        }
    }
}

impl Fault {
    /// Prints the fault, and returns the exit code.
    pub(super) fn report(self) -> ExitCode {
        // A reader that stops early, such as `head`, is not a fault.
        if let Fault::Output(error) = &self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        tracing::error!("{self}");
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Fault::Truth(TruthError::Unwritable { .. }) => FAULT,
            Fault::Synth(SynthError::NotEmpty(_) | SynthError::Suppliers | SynthError::TooLarge) => USAGE,
            Fault::Report(ReportError::NoRun { .. } | ReportError::NotARun { .. } | ReportError::TooFew { .. }) => {
                USAGE
            }
            Fault::Prepare(PrepareError::Io { .. } | PrepareError::NoKey(_) | PrepareError::Busy { .. }) => FAULT,
            Fault::Prepare(_) => REFUSED,
            Fault::Job(_) | Fault::Layout(_) | Fault::Usage(_) | Fault::Truth(_) => USAGE,
            Fault::Night(
                PipelineError::UnknownSupplier { .. } | PipelineError::WhichNight | PipelineError::FarNight { .. },
            ) => USAGE,
            Fault::Night(
                PipelineError::Release(_)
                | PipelineError::Ledger(_)
                | PipelineError::NoKey(_)
                | PipelineError::NoSigner
                | PipelineError::Stopped
                | PipelineError::Page(_),
            ) => FAULT,
            Fault::Notices(NoticesError::Night(_) | NoticesError::Intake(_)) => REFUSED,
            Fault::Notices(_) => FAULT,
            Fault::Night(_) => REFUSED,
            Fault::ByHand(ManualReleaseError::NotARun { .. } | ManualReleaseError::NothingHeld { .. }) => USAGE,
            Fault::ByHand(
                ManualReleaseError::NewerIsOut { .. }
                | ManualReleaseError::HaveChanged { .. }
                | ManualReleaseError::NotFound { .. }
                | ManualReleaseError::Unreadable { .. }
                | ManualReleaseError::NoneLeft { .. },
            ) => REFUSED,
            Fault::ByHand(_) => FAULT,
            Fault::Key(_) | Fault::Passphrase(_) | Fault::NotVerified(_) | Fault::Ledger(_) => FAULT,
            Fault::Synth(_) | Fault::Output(_) | Fault::Summary { .. } | Fault::Unwritable { .. } => FAULT,
            Fault::Threads { .. } | Fault::Unshielded(_) | Fault::Signals(_) => FAULT,
            Fault::Desk(
                DeskError::NoDecisions | DeskError::WhichDecisions | DeskError::NotRead(_) | DeskError::Proxy,
            ) => USAGE,
            Fault::Retention(_) | Fault::Report(_) | Fault::Desk(_) => FAULT,
        }
    }
}

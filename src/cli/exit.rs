//! Faults and exit codes: in goes what stopped a command, out comes one sentence on standard error and
//! a code.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

use super::passphrase::PassphraseError;
use crate::job::JobError;
use crate::ledger::LedgerError;
use crate::night::NightError;
use crate::release::{KeyError, VerifyError};
use crate::report::{ReportError, TruthError};
use crate::synth::SynthError;

const FAULT: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 3;
pub(super) const HELD_BACK: u8 = 4;

/// What stopped a command.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Night(#[from] NightError),
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
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("{0}")]
    Usage(String),
    #[error("the result cannot be written: {0}")]
    Output(#[from] io::Error),
    #[error("{}: cannot be written: {source}", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("the threads cannot be started: {0}")]
    Threads(rayon::ThreadPoolBuildError),
}

impl Fault {
    /// Says what is wrong, and gives the exit code.
    pub(super) fn report(self) -> ExitCode {
        // A reader that has seen enough, as `head` does, is no fault.
        if let Fault::Output(error) = &self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        let _closed = writeln!(io::stderr(), "flagmatch: {self}");
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Fault::Truth(TruthError::Unwritable { .. }) => FAULT,
            Fault::Synth(SynthError::NotEmpty(_) | SynthError::Suppliers | SynthError::TooLarge) => USAGE,
            Fault::Report(ReportError::NoRun { .. }) => USAGE,
            Fault::Job(_) | Fault::Usage(_) | Fault::Truth(_) => USAGE,
            Fault::Night(NightError::UnknownSupplier { .. }) => USAGE,
            Fault::Night(
                NightError::Release(_)
                | NightError::Ledger(_)
                | NightError::NoKey(_)
                | NightError::NoSigner
                | NightError::Page(_),
            ) => FAULT,
            Fault::Night(_) => REFUSED,
            Fault::Report(_) | Fault::Key(_) | Fault::Passphrase(_) | Fault::NotVerified(_) | Fault::Ledger(_) => FAULT,
            Fault::Synth(_) | Fault::Output(_) | Fault::Unwritable { .. } | Fault::Threads(_) => FAULT,
        }
    }
}

//! Says why the page cannot be opened, or an answer cannot be written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::pipeline::PipelineError;
use crate::text::shown;

/// Why the page cannot be opened or go on.
#[derive(Debug, Error)]
pub(crate) enum DeskError {
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    #[error(
        "the job has no [decisions], so no run would respect what is decided: add the section, with files = [\"decisions.csv\"]"
    )]
    NoDecisions,
    #[error(
        "[decisions] names several files or a pattern: say with decisions under [review] to which of them decisions are appended"
    )]
    WhichDecisions,
    #[error("{}: no pattern of [decisions] finds this file, so no run would read it: change decisions under [review]", shown(.0))]
    NotRead(PathBuf),
    #[error(
        "{}: the header has no column {column:?}, which a decision needs: add it to the header, and an empty field to each row",
        shown(file)
    )]
    NoColumn { file: PathBuf, column: &'static str },
    #[error("{}: {reason}", shown(file))]
    Unusable { file: PathBuf, reason: &'static str },
    #[error("{}: {source}", shown(file))]
    Io { file: PathBuf, source: io::Error },
    #[error("127.0.0.1:{port}: the page cannot be offered there: {source}; choose another port with --port")]
    Port { port: u16, source: io::Error },
    #[error("the server cannot be started: {0}")]
    Server(io::Error),
    #[error("the system has no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error(
        "identity_header under [review] needs proxy_secret and origin: without them any user of this machine could pass for the proxy"
    )]
    Proxy,
}

impl DeskError {
    pub(super) fn io(file: &std::path::Path) -> impl FnOnce(io::Error) -> DeskError {
        let file = file.to_owned();
        move |source| DeskError::Io { file, source }
    }
}

/// Why an answer is not taken. The page says it to the reviewer.
#[derive(Debug, Error)]
pub(crate) enum NotTaken {
    #[error("Somebody else has decided this case in the meantime. Your answer was not written.")]
    DecidedMeanwhile,
    #[error("You have answered this case already. A second person has to confirm.")]
    AnsweredAlready,
    #[error("You have answered this case already. This answer was not written; open the case to change yours.")]
    OwnDecision,
    #[error("You have put this case aside today. This answer was not written; open the case to change yours.")]
    PutAside,
    #[error("The answer that you wanted to change is not there any more. Open the case to see what is.")]
    ChangedMeanwhile,
    #[error("This can no longer be undone: somebody has answered since.")]
    TooLate,
    #[error("There is nothing to undo.")]
    NothingToUndo,
    #[error("“{reason}” is no reason for “{answer}”. Choose a reason that fits the answer, or none, and answer again.")]
    Misfit { reason: &'static str, answer: &'static str },
    #[error(
        "Yes cannot be answered here: the person shown is not entitled or has objected, or nobody in the benefit records is like the holder."
    )]
    NoYes,
    #[error(
        "This supplier's files, or the benefit records, are not those of the run that listed the case. It is closed until the next run."
    )]
    Closed,
    #[error("The answer could not be written. Nothing is confirmed: {0}")]
    NotWritten(#[from] DeskError),
}

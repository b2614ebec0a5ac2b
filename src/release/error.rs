//! Lists the reasons why something cannot be staged, published or read back.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::shown;
use thiserror::Error;

use super::run_id::RunId;

/// Why something cannot be staged, published or read back. Messages contain nothing of a row's content.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The system refused: no space, no permission, no such folder.
    #[error("{}: cannot {action}: {source}", shown(path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run holds the output directory.
    #[error("{}: another run holds this output directory{}", shown(path), process(*pid))]
    Locked {
        /// The output directory.
        path: PathBuf,
        /// The other run's process id, if the lock file has it.
        pid: Option<u32>,
    },
    /// The output directory is in a state that no run leaves. Nothing in it is changed.
    #[error("{}: {reason}; nothing was changed", shown(path))]
    Inconsistent {
        /// The file or folder that is wrong.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The ledger has a published run that is newer than the one `latest` points to.
    #[error("{}", not_the_newest(output, run, *is_there))]
    NotTheNewest {
        /// The output directory.
        output: PathBuf,
        /// The newest run that the ledger has.
        run: RunId,
        /// Its folder exists.
        is_there: bool,
    },
    /// The latest run is dated after the present: its clock or this machine's clock was wrong.
    #[error("{}", dated_ahead(output, ahead, before.as_ref(), now))]
    Ahead {
        /// The output directory.
        output: PathBuf,
        /// The runs that are dated after the present.
        ahead: Vec<RunId>,
        /// The newest run that is not dated after the present.
        before: Option<RunId>,
        /// What this machine's clock says.
        now: String,
    },
    /// A file of a published run is not what was published.
    #[error("{}: {reason}. {PUT_BACK}; nothing was changed", shown(path))]
    NotAsPublished {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A run's record has a format that this version does not know.
    #[error("{}: was written by a newer version of flagmatch; use that one", shown(path))]
    NewerFormat {
        /// The record.
        path: PathBuf,
    },
    /// A link to a supplier's newest delivery is not what was published.
    #[error(
        "{}: should be a link to {target}. Make it again: ln -sfn {target} {}; nothing was changed",
        shown(path),
        shown(path)
    )]
    NotLinked {
        /// The link.
        path: PathBuf,
        /// What it should point to.
        target: String,
    },
    /// The system refused something after the run was published.
    #[error("the run {run} is published, but may be lost if this machine fails now: {source}")]
    Published {
        /// The run.
        run: String,
        /// What the system refused.
        source: Box<ReleaseError>,
    },
    /// A file was begun and not finished, so it may be cut short.
    #[error("{}: not published, since a file in it was begun and not finished", shown(path))]
    Unfinished {
        /// The folder that the file is in.
        path: PathBuf,
    },
    /// A quarantined file was changed.
    #[error("{}: was changed after it was quarantined: its SHA-256 sum differs", shown(path))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A run's id names a day that does not exist.
    #[error("{run}: this run's id has no valid date")]
    NoSuchDay {
        /// The run's id.
        run: String,
    },
    /// The system gave no random bytes to sign with.
    #[error("{}: cannot be signed: the system gave no random bytes", shown(path))]
    NotSigned {
        /// The signature's file.
        path: PathBuf,
    },
    /// A file of an earlier run is not as flagmatch writes it.
    #[error("{}, line {line}: {reason}", shown(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The row's line, from 1.
        line: u64,
        /// What is wrong there.
        reason: &'static str,
    },
}

impl ReleaseError {
    /// Adds the action and the path to an error of the system, for [`Result::map_err`].
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReleaseError {
        move |source| ReleaseError::Io { action, path: path.to_owned(), source }
    }
}

/// What to do about a changed file of a published run.
const PUT_BACK: &str = "Put it back from a copy; without one, docs/operations.md says how to set a run aside";

fn not_the_newest(output: &Path, run: &RunId, is_there: bool) -> String {
    let output = shown(output);
    let what_to_do = if is_there {
        format!("point it to that run again: ln -sfn {run} {output}/latest")
    } else {
        format!("put the folder {run} back; if it is lost, move {output}/ledger.sqlite elsewhere")
    };
    format!(
        "{output}/latest: does not point to {run}, which the ledger has as the newest published run; {what_to_do}; nothing was changed"
    )
}

fn dated_ahead(output: &Path, ahead: &[RunId], before: Option<&RunId>, now: &str) -> String {
    let output = shown(output);
    let all: Vec<String> = ahead.iter().map(RunId::to_string).collect();
    let all = all.join(" ");
    let link = match before {
        Some(before) => format!("ln -sfn {before} {output}/latest"),
        None => format!("rm {output}/latest"),
    };
    format!(
        "{output}: the newest published run is dated more than a day after this machine's clock ({now}): {all}. If the clock is wrong, set it right. If the clock was wrong when that run was made, move {all} and ledger.sqlite out of {output}, then: {link}; docs/operations.md says what suppliers have to be told. Nothing was changed"
    )
}

fn process(pid: Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (process {pid})"))
}

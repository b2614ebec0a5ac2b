//! Why something could not be staged, published or read back.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why something could not be staged, published or read back. Nothing of a row's content is in it.
#[derive(Debug, Error)]
pub enum ReleaseError {
    /// The system refused: no space, no permission, no such folder.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run holds the output directory.
    #[error("{}: another run holds this output directory{}", path.display(), process(*pid))]
    Locked {
        /// The output directory.
        path: PathBuf,
        /// The other run's process, where the lock file tells it.
        pid: Option<u32>,
    },
    /// The output directory is in a state that no run leaves, so that nothing in it is touched.
    #[error("{}: {reason}; nothing was changed", path.display())]
    Inconsistent {
        /// What is not as it should be.
        path: PathBuf,
        /// In which way.
        reason: &'static str,
    },
    /// A file was begun and not finished, so that it may be cut short.
    #[error("{}: not published, since a file in it was begun and not finished", path.display())]
    Unfinished {
        /// The folder that the file is in.
        path: PathBuf,
    },
    /// A file that was kept is no longer what it was.
    #[error("{}: was changed since it was kept: its SHA-256 sum is another", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A run is named after a day that there is not.
    #[error("{run}: the id of this run names no day")]
    NoSuchDay {
        /// The run's id.
        run: String,
    },
    /// The system gave no random bytes to sign with.
    #[error("{}: cannot be signed: the system gave no random bytes", path.display())]
    NotSigned {
        /// The signature that was to be.
        path: PathBuf,
    },
    /// A file of an earlier run is not as flagmatch writes it.
    #[error("{}, line {line}: {reason}", path.display())]
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
    /// Says what was tried on what, for [`Result::map_err`].
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReleaseError {
        move |source| ReleaseError::Io { action, path: path.to_owned(), source }
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (process {pid})"))
}

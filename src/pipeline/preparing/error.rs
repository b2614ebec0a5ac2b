//! Lists the reasons why a supplier's files cannot be prepared.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::intake::IntakeError;
use crate::pipeline::inputs::input_file::RejectedRows;
use crate::pipeline::notice;
use crate::text::{counted, shown};

/// Why nothing was prepared. No message holds a field's value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// A file cannot be read.
    #[error("{}", of_file(.0))]
    Unreadable(#[from] IntakeError),
    /// A file has too many bad rows.
    #[error("{rows}, so that a run would reject you; {}. Most often the export is broken", rows.first())]
    TooManyRejects {
        /// The rows.
        rows: RejectedRows,
    },
    /// The same account is in two files.
    #[error(
        "{} in more than one of these files: take older files out; if your accounts are spread over files, ask the \
         administrator for a layout with parts = true",
        if *accounts == 1 { "1 account is".to_owned() } else { format!("{} are", counted(*accounts, "account")) }
    )]
    RepeatedAcrossFiles {
        /// How many accounts.
        accounts: u64,
    },
    /// There is no account to keep.
    #[error("no account in these files is on supply on a qualifying date: send the whole export")]
    NoAccounts,
    /// The operating system gave no key.
    #[error("the operating system gave no random key: {0}")]
    NoKey(getrandom::Error),
    /// Something in the folder is in the way of what is to be written.
    #[error("{}: {what}", shown(path))]
    InTheWay {
        /// The file or folder.
        path: PathBuf,
        /// What it is.
        what: InTheWay,
    },
    /// Another process is writing to the folder.
    #[error("{}: another flagmatch prepare is writing here: prepare again when it is done", shown(folder))]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// Something cannot be written.
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

/// What is in the way of what is to be written. None of it is removed, since it may be the only copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InTheWay {
    /// One of the files from which the prepared one is made.
    #[error("this is one of the files to prepare: prepare into another folder with --out")]
    Export,
    /// Plain text, where the layout encrypts.
    #[error(
        "this is plain text, and the layout has a recipient: remove it, so that it is not sent by mistake, or prepare \
         into another folder with --out"
    )]
    Plain,
    /// An encrypted file, where the layout does not encrypt.
    #[error(
        "this is encrypted, and the layout has no recipient: remove it, so that it is not sent by mistake, or prepare \
         into another folder with --out"
    )]
    Encrypted,
    /// A file in a folder that nothing was prepared into.
    #[error(
        "flagmatch prepare would replace this, and did not write it: move it away, or name another folder with --out"
    )]
    Foreign,
    /// A folder where a file is to be.
    #[error("this is a folder, where a file is to be written: move it away, or name another folder with --out")]
    Folder,
    /// A file where the folder is to be.
    #[error("this is not a folder: name one with --out")]
    NotAFolder,
}

/// What is wrong with a file, said to the supplier whose file it is.
fn of_file(error: &IntakeError) -> String {
    match error {
        IntakeError::Unreadable { .. } => error.to_string(),
        IntakeError::NoIdentity { file } => {
            format!("{}: it is encrypted already: prepare the export from which it was made", shown(file))
        }
        _ => notice::of_file(error).replace('\n', " "),
    }
}

impl PrepareError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PrepareError {
        move |source| PrepareError::Io { action, path: path.to_owned(), source }
    }
}

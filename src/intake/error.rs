//! Lists the errors that stop a whole file from being read.

use std::io;
use std::path::PathBuf;

use super::fault::FaultReason;
use crate::text::shown;

/// Why a file cannot be read at all. Messages name the file and, of its headings, only those that the program
/// or the job file knows; never a field's content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The file does not exist, may not be opened, or fails while it is read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system or the decompressor said.
        source: io::Error,
    },
    /// The path leads to something other than a regular file.
    #[error(
        "{}: this is {found}, not a file; only regular files are read: put the data into a file, and name that",
        shown(file)
    )]
    NotAFile {
        /// Its path.
        file: PathBuf,
        /// What is there instead.
        found: &'static str,
    },
    /// The first bytes show that the file is no CSV.
    #[error("{}: this is {found}, not CSV; {remedy}", shown(file))]
    OtherFormat {
        /// The file.
        file: PathBuf,
        /// The format found.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The columns are separated by a character that is not supported.
    #[error(
        "{}: line {line}: columns are separated by {found:?}; save the file with commas, semicolons or tabs",
        shown(file)
    )]
    Separator {
        /// The file.
        file: PathBuf,
        /// The line that shows it.
        line: u64,
        /// What separates them.
        found: char,
    },
    /// Compressed data that stop before their end, because a transfer broke off.
    #[error("{}: the compressed data break off before their end; was the file copied whole?", shown(file))]
    BreaksOff {
        /// The file.
        file: PathBuf,
    },
    /// An encrypted file, and nothing to open it with.
    #[error(
        "{}: it is encrypted with age, and the job names no identity: set identity = \"...\" under [intake]",
        shown(file)
    )]
    NoIdentity {
        /// The file.
        file: PathBuf,
    },
    /// A file that is encrypted to somebody else, or with a passphrase.
    #[error(
        "{}: it is encrypted to another recipient than the identity of [intake]; age-keygen -y prints the right one",
        shown(file)
    )]
    OtherRecipient {
        /// The file.
        file: PathBuf,
    },
    /// Encrypted data that stop before their end, or were changed.
    #[error("{}: the encrypted data are cut off or were changed; was the file copied whole?", shown(file))]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// A file that is not encrypted, although its name says so.
    #[error("{}: its name ends in .age, but this is no age file; encrypt it, or rename it", shown(file))]
    NotEncrypted {
        /// The file.
        file: PathBuf,
    },
    /// Somebody wrote to the file or replaced it while it was read.
    #[error("{}: the file changed during the run; wait until it is copied, then run again", shown(file))]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Compressed data that become too long for a table.
    #[error(
        "{}: decompressed, the data are more than {times} times as long, which no table is: check the file",
        shown(file)
    )]
    Expands {
        /// The file.
        file: PathBuf,
        /// How many times longer the data may become.
        times: u64,
    },
    /// The file has more faults than can be listed.
    #[error("{}: more than {limit} rows and fields cannot be used; this is probably another file", shown(file))]
    TooManyFaults {
        /// The file.
        file: PathBuf,
        /// How many can be listed.
        limit: usize,
    },
    /// There is no header row.
    #[error("{}: the file is empty, there is not even a header row", shown(file))]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// The header row itself cannot be read.
    #[error("{}: line {line}: the header row cannot be read: {reason}", shown(file))]
    BrokenHeader {
        /// The file.
        file: PathBuf,
        /// The line on which the header starts.
        line: u64,
        /// What is wrong with it.
        reason: FaultReason,
    },
    /// No heading is known, so the first row may be no header.
    #[error(
        "{}: line {line}: no heading of this table is here (column {column} needs the heading {heading:?}){}; add the \
         header row, or map its headings under columns in the job",
        shown(file),
        separated(*separator)
    )]
    NoHeader {
        /// The file.
        file: PathBuf,
        /// The line on which the first row starts.
        line: u64,
        /// The first column that is missing.
        column: &'static str,
        /// The heading looked for.
        heading: String,
        /// What seems to separate the columns, if not a comma.
        separator: Option<char>,
    },
    /// A column is missing that is required or that the columns map names.
    #[error("{}: line {line}: column {column} is missing: no heading {heading:?}; {found}", shown(file))]
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// The line of the header.
        line: u64,
        /// The canonical name.
        column: &'static str,
        /// The heading looked for.
        heading: String,
        /// The known headings that are there, and how many others.
        found: String,
    },
    /// Of several alternative columns, all are missing.
    #[error("{}: line {line}: one of these columns must be there: {wanted}; {found}", shown(file))]
    MissingOneOf {
        /// The file.
        file: PathBuf,
        /// The line of the header.
        line: u64,
        /// The headings looked for.
        wanted: String,
        /// The known headings that are there, and how many others.
        found: String,
    },
    /// Two columns have the heading of a column that is needed.
    #[error("{}: line {line}: column {column}: the heading {heading:?} is there more than once", shown(file))]
    RepeatedHeading {
        /// The file.
        file: PathBuf,
        /// The line of the header.
        line: u64,
        /// The canonical name.
        column: &'static str,
        /// The heading.
        heading: String,
    },
}

/// How a message names a separator that is not a comma.
fn separated(separator: Option<char>) -> String {
    separator.map(|found| format!("; columns seem to be separated by {found:?}")).unwrap_or_default()
}

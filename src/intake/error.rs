//! What stops a whole file from being read.

use std::io;
use std::path::PathBuf;

use super::fault::Reason;
use crate::text::shown;

/// A file that cannot be read at all. Messages name the file, and of its headings only those that the
/// program or the job file knows; never a field's content.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file is not there, may not be opened, or fails while it is read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system or the decompressor said.
        source: io::Error,
    },
    /// There is something else than a regular file.
    #[error(
        "{}: this is {found}, not a file; only regular files are read: put the data into a file, and name that",
        shown(file)
    )]
    NotAFile {
        /// Its path.
        file: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// The file is no CSV, by its first bytes.
    #[error("{}: this is {found}, not CSV; {remedy}", shown(file))]
    OtherFormat {
        /// The file.
        file: PathBuf,
        /// The format found.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The columns are separated by something that is not read.
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
    /// Compressed data that stop before their end: a transfer that broke off.
    #[error("{}: the compressed data break off before their end; was the file copied whole?", shown(file))]
    BreaksOff {
        /// The file.
        file: PathBuf,
    },
    /// Somebody wrote to the file, or put another in its place, after reading it had begun.
    #[error("{}: changed while the run was at work; is it still being copied?", shown(file))]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Compressed data that become so much more that they are no table.
    #[error("{}: the compressed data become more than {times} times as long: no table does", shown(file))]
    Expands {
        /// The file.
        file: PathBuf,
        /// So many times are allowed.
        times: u64,
    },
    /// So much is wrong with the file that it is not worth being listed.
    #[error("{}: more than {limit} rows and fields cannot be used; this is probably another file", shown(file))]
    TooManyFaults {
        /// The file.
        file: PathBuf,
        /// So many are listed.
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
        reason: Reason,
    },
    /// Not one heading is known: the row may be no header.
    #[error("{}: line {line}: none of the headings of this table is here (column {column} is looked for as {heading:?}){}; is the header row missing, or the columns map?", shown(file), separated(*separator))]
    NoHeader {
        /// The file.
        file: PathBuf,
        /// The line on which the first row starts.
        line: u64,
        /// The first column that is missing.
        column: &'static str,
        /// The heading looked for.
        heading: String,
        /// What seems to separate the columns, where it is no comma.
        separator: Option<char>,
    },
    /// A column that must be there, or that the columns map names, is not.
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
    /// None of several columns is there of which one must be.
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
    /// Two columns bear the heading of a column that is needed.
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

/// What a message says of a separator that is no comma.
fn separated(separator: Option<char>) -> String {
    separator.map(|found| format!("; columns seem to be separated by {found:?}")).unwrap_or_default()
}

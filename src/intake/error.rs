//! What stops a whole file from being read.

use std::io;
use std::path::PathBuf;

use super::fault::Reason;

/// A file that cannot be read at all. Messages name the file, and headings where the first row is known
/// to be a header; never a field's content.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file is not there, may not be opened, or fails while it is read.
    #[error("{}: cannot be read: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system or the decompressor said.
        source: io::Error,
    },
    /// Compressed data that stop before their end: a transfer that broke off.
    #[error("{}: the compressed data break off before their end; was the file copied whole?", file.display())]
    BreaksOff {
        /// The file.
        file: PathBuf,
    },
    /// Somebody wrote to the file, or put another in its place, after reading it had begun.
    #[error("{}: changed while the run was at work; is it still being copied?", file.display())]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Compressed data that become so much more that they are no table.
    #[error("{}: the compressed data become more than {times} times as long: no table does", file.display())]
    Expands {
        /// The file.
        file: PathBuf,
        /// So many times are allowed.
        times: u64,
    },
    /// So much is wrong with the file that it is not worth being listed.
    #[error("{}: more than {limit} rows and fields cannot be used; this is probably another file", file.display())]
    TooManyFaults {
        /// The file.
        file: PathBuf,
        /// So many are listed.
        limit: usize,
    },
    /// There is no header row.
    #[error("{}: the file is empty, there is not even a header row", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// The header row itself cannot be read.
    #[error("{}: line {line}: the header row cannot be read: {reason}", file.display())]
    BrokenHeader {
        /// The file.
        file: PathBuf,
        /// The line on which the header starts.
        line: u64,
        /// What is wrong with it.
        reason: Reason,
    },
    /// Not one heading is known, so that the row may not be a header and is not shown.
    #[error("{}: line {line}: none of the headings of this table is here (column {column} is looked for as {heading:?}); is the header row missing, or the columns map?", file.display())]
    NoHeader {
        /// The file.
        file: PathBuf,
        /// The line on which the first row starts.
        line: u64,
        /// The first column that is missing.
        column: &'static str,
        /// The heading looked for.
        heading: String,
    },
    /// A column that must be there, or that the columns map names, is not.
    #[error("{}: line {line}: column {column} is missing: no heading {heading:?}; there are {found}", file.display())]
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// The line of the header.
        line: u64,
        /// The canonical name.
        column: &'static str,
        /// The heading looked for.
        heading: String,
        /// The headings that are there, the likeliest first.
        found: String,
    },
    /// None of several columns is there of which one must be.
    #[error("{}: line {line}: one of these columns must be there: {wanted}; there are {found}", file.display())]
    MissingOneOf {
        /// The file.
        file: PathBuf,
        /// The line of the header.
        line: u64,
        /// The headings looked for.
        wanted: String,
        /// The headings that are there.
        found: String,
    },
    /// Two columns bear the heading of a column that is needed.
    #[error("{}: line {line}: column {column}: the heading {heading:?} is there more than once", file.display())]
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

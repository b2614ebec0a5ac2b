//! Files to rows.
//!
//! In go a path, what the file is to hold (a [`Table`]), the headings it has for that (a [`ColumnMap`])
//! and something that takes rows (a [`Consumer`]). Out come the consumers in file order, with the lines
//! that could not be read, by physical line number and never by content ([`FileRead`]).
//!
//! A file is one stream: decompressed, and taken from UTF-16 to UTF-8 where that is needed. One encoding
//! and one separator are decided for all of it. The stream
//! is cut into chunks where records end, which needs one look at every quote in turn; then the chunks
//! are parsed side by side. What comes out does not depend on where it was cut, nor on the number of
//! threads.
//!
//! Bad rows cost themselves and no more, as far as can be told:
//! - the wrong number of fields: that record;
//! - a closing quote with text behind it: that record as `csv` would read it, however many lines its
//!   quotes swallow; it counts as that many rejected rows;
//! - a quote that is never closed, or a record beyond the limit: its first physical line. Behind it,
//!   as far as the vain search for its end went, each line is taken as a record, so that the rows that
//!   a stray quote had swallowed come back.
//!
//! A line ends at a line feed, at a carriage return, or at both together; lines are counted by their
//! line feeds.

mod boundary;
mod chunks;
mod column;
mod column_map;
mod encoding;
mod error;
mod fault;
mod format;
mod header;
mod marks;
mod part;
mod read;
mod record;
mod regular;
mod row;
mod separator;
mod source;
mod stamp;
mod sum;
mod table;
mod unused;
mod utf16;

pub use column::Column;
pub use column_map::ColumnMap;
pub use error::IntakeError;
pub use fault::{Fault, FaultKind, Faults, Reason};
pub use read::{Consumer, FileRead, ReadSettings, read};
pub use row::Row;
pub(crate) use stamp::Stamp;
pub use sum::input_sum;
pub use table::{BENEFITS, CUSTOMERS, DECISIONS, EXCEPTIONS, OBJECTIONS, PROPERTIES, Table};
pub use unused::UnusedHeading;

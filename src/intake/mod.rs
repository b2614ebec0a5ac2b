//! Reads files into rows.
//!
//! Reading takes a path, what the file holds (a [`Table`]), the headings it uses (a [`ColumnMap`]) and something
//! that takes rows (a [`Consumer`]). It gives the consumers in file order, and the lines that could not be read,
//! by physical line number and never by content ([`FileRead`]).
//!
//! A file is one stream: decrypted, decompressed, and converted from UTF-16 to UTF-8 if necessary. The whole file has one
//! encoding and one separator. The stream is cut into chunks where records end, which needs one look at every
//! quote in turn; then the chunks are parsed in parallel. The result depends neither on where the stream was cut
//! nor on the number of threads.
//!
//! A bad row costs itself and no more, as far as that can be known:
//! - the wrong number of fields: that record;
//! - a closing quote with text behind it: that record as `csv` would read it, however many lines its
//!   quotes swallow; it counts as that many rejected rows;
//! - a quote that is never closed, or a record beyond the limit: its first physical line. The lines behind it
//!   that were searched in vain for its end are each read as a record, so that the rows that a stray quote
//!   swallowed come back.
//!
//! A line ends at a line feed, at a carriage return, or at both together; lines are counted by their
//! line feeds.

mod boundary;
mod chunks;
mod column;
mod column_map;
mod csv_delimiters;
mod decryption;
mod encoding;
mod error;
mod fault;
mod format;
mod header;
mod part;
mod read;
mod record;
mod regular;
mod row;
mod schema;
mod separator;
mod source;
mod stamp;
mod sum;
mod table;
mod unused;
mod utf16;

pub use column::Column;
pub use column_map::ColumnMap;
pub use decryption::{Identities, IdentityError};
pub use error::IntakeError;
pub use fault::{Fault, FaultKind, FaultReason, Faults};
pub(crate) use read::columns;
pub use read::{Consumer, FileRead, ReadSettings, read};
pub use row::Row;
pub(crate) use stamp::Stamp;
pub use sum::input_sum;
pub use table::{BENEFITS, CUSTOMERS, DECISIONS, EXCEPTIONS, OBJECTIONS, PROPERTIES, Table};
pub use unused::UnusedHeading;

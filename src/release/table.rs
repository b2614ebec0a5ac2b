//! Writes and reads the CSV tables other than flags, each by one declaration of its columns.
//!
//! A declaration gives the struct of a row, the header, the writer and the reader. Tables are read by the names of
//! their columns, so that one of an older version, which lacks some, can be read as well.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::marker::PhantomData;
use std::path::Path;

use jiff::civil::Date;

use super::encode;
use super::error::ReleaseError;
use super::staged_file::StagedFile;
use crate::text::{marked, unmarked};

/// A kind of CSV file that a run writes.
pub trait Table {
    /// One row of it.
    type Row<'a>;
    /// The file's name.
    const FILE: &'static str;
    /// The names of its columns.
    const HEADER: &'static [&'static str];
    /// Calls `write` with the row's fields, in the header's order.
    fn fields(row: &Self::Row<'_>, write: impl FnOnce(&[&str]));
}

/// Rows of a table, made separately from its file, so that several threads can make them in parallel.
pub struct Block<T> {
    bytes: Vec<u8>,
    table: PhantomData<T>,
}

impl<T> Default for Block<T> {
    fn default() -> Block<T> {
        Block { bytes: Vec::new(), table: PhantomData }
    }
}

impl<T: Table> Block<T> {
    /// Appends a row.
    pub fn push(&mut self, row: &T::Row<'_>) {
        T::fields(row, |fields| {
            debug_assert_eq!(fields.len(), T::HEADER.len(), "{}", T::FILE);
            encode::row(fields.iter().copied(), &mut self.bytes);
        });
    }
}

/// The file of a table.
pub struct RowFile<T> {
    file: StagedFile,
    row: Block<T>,
}

impl<T: Table> RowFile<T> {
    pub(super) fn begin(file: StagedFile) -> Result<RowFile<T>, ReleaseError> {
        let mut begun = RowFile { file, row: Block::default() };
        encode::row(T::HEADER.iter().copied(), &mut begun.row.bytes);
        begun.file.append(&begun.row.bytes)?;
        Ok(begun)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written.
    pub fn write(&mut self, row: &T::Row<'_>) -> Result<(), ReleaseError> {
        self.row.bytes.clear();
        self.row.push(row);
        self.file.append(&self.row.bytes)
    }

    /// Writes the rows of a block.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written.
    pub fn append(&mut self, block: &Block<T>) -> Result<(), ReleaseError> {
        self.file.append(&block.bytes)
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the last rows cannot be written.
    pub fn finish(self) -> Result<(), ReleaseError> {
        self.file.finish()
    }
}

/// Whether a table that flagmatch wrote has a column of that name.
pub(super) fn has_column(path: &Path, column: &str) -> Result<bool, ReleaseError> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| damaged(path, error))?;
    Ok(reader.headers().map_err(|error| damaged(path, error))?.iter().any(|heading| heading == column))
}

/// Reads columns of a table that flagmatch wrote, by their names. A file of an older version may lack those that are
/// `later`; their fields are then empty.
pub(super) fn read_columns<const N: usize>(
    path: &Path,
    columns: [&str; N],
    later: [bool; N],
    mut take: impl FnMut([&str; N], u64) -> Result<(), ReleaseError>,
) -> Result<(), ReleaseError> {
    let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 18, file));
    let header = reader.headers().map_err(|error| damaged(path, error))?;
    let places = columns.map(|column| header.iter().position(|heading| heading == column));
    if places.iter().zip(later).any(|(place, later)| place.is_none() && !later) {
        return Err(ReleaseError::Damaged { path: path.to_owned(), line: 1, reason: "not the header of this table" });
    }
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| damaged(path, error))? {
        let line = row.position().map_or(1, csv::Position::line);
        take(places.map(|place| place.and_then(|place| row.get(place)).unwrap_or_default()), line)?;
    }
    Ok(())
}

/// Converts the csv crate's error, without the fields that it quotes.
fn damaged(path: &Path, error: csv::Error) -> ReleaseError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => ReleaseError::io("read this file", path)(source),
        _ => ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" },
    }
}

/// What a column holds.
pub(super) trait Cell<'a>: Sized {
    /// As the file has it.
    fn write(&self) -> Cow<'_, str>;
    /// What the file has; `None` if no flagmatch wrote it.
    fn read(text: &'a str) -> Option<Self>;
}

impl<'a> Cell<'a> for &'a str {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn read(text: &'a str) -> Option<&'a str> {
        Some(text)
    }
}

impl Cell<'_> for u64 {
    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn read(text: &str) -> Option<u64> {
        text.parse().ok()
    }
}

/// A day, or nothing.
impl Cell<'_> for Option<Date> {
    fn write(&self) -> Cow<'_, str> {
        self.map_or(Cow::Borrowed(""), |day| Cow::Owned(day.to_string()))
    }

    fn read(text: &str) -> Option<Option<Date>> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}

/// A reference in a table that people open in a spreadsheet: one that looks like a formula is marked.
#[derive(Clone, Copy)]
pub struct Marked<'a>(pub &'a str);

impl<'a> Cell<'a> for Marked<'a> {
    fn write(&self) -> Cow<'_, str> {
        marked(self.0)
    }

    fn read(text: &'a str) -> Option<Marked<'a>> {
        Some(Marked(unmarked(text)))
    }
}

/// Declares a table: the name of its file and, with `@since_later` for those that older versions lack, its columns.
macro_rules! table {
    (
        $(#[$doc:meta])* $table:ident = $file:literal;
        $(#[$row_doc:meta])* $row:ident { $($(#[$field_doc:meta])* $(@$later:ident)? $field:ident: $ty:ty,)+ }
    ) => {
        $(#[$doc])*
        pub enum $table {}

        $(#[$row_doc])*
        pub struct $row<'a> { $($(#[$field_doc])* pub $field: $ty,)+ }

        impl Table for $table {
            type Row<'a> = $row<'a>;
            const FILE: &'static str = $file;
            const HEADER: &'static [&'static str] = &[$(stringify!($field),)+];

            fn fields(row: &$row<'_>, write: impl FnOnce(&[&str])) {
                let cells = [$(row.$field.write(),)+];
                write(&cells.each_ref().map(|cell| &**cell));
            }
        }

        impl $table {
            /// Calls `take` with each row of a file of this table and its line.
            pub(super) fn read(
                path: &Path,
                mut take: impl FnMut($row<'_>, u64) -> Result<(), ReleaseError>,
            ) -> Result<(), ReleaseError> {
                const COLUMNS: usize = [$(stringify!($field),)+].len();
                let columns: [&str; COLUMNS] = [$(stringify!($field),)+];
                let is_later: [bool; COLUMNS] = [$(crate::release::table::is_later(stringify!($($later)?)),)+];
                crate::release::table::read_columns(path, columns, is_later, |cells, line| {
                    let [$($field,)+] = cells;
                    let damaged = || crate::release::table::not_a_value(path, line);
                    take(
                        $row { $($field: Cell::read($field).ok_or_else(damaged)?,)+ },
                        line,
                    )
                })
            }
        }
    };
}

pub(super) use table;

/// A column is marked as one that older versions lack.
pub(super) const fn is_later(mark: &str) -> bool {
    !mark.is_empty()
}

/// A cell is not as flagmatch writes its column.
pub(super) fn not_a_value(path: &Path, line: u64) -> ReleaseError {
    ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" }
}

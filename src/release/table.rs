//! Writes and reads the CSV tables of a run, each by one declaration of its columns.
//!
//! A declaration gives the struct of a row, the header, the writer, the reader and the [schema](super::Schema). Tables
//! are read by the names of their columns, so that one of an older version, which lacks some, can be read as well.

use std::borrow::Cow;
use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use jiff::civil::Date;
use rayon::prelude::*;

use super::error::ReleaseError;
use super::schema::{Column, Kind};
use super::staged_file::StagedFile;
use crate::csv_row;
use crate::text::{marked, unmarked};

/// A kind of CSV file that a run writes.
pub trait Table {
    /// One row of it.
    type Row<'a>;
    /// The file's name, or its ending if there is one for each scheme.
    const FILE: &'static str;
    /// What the file is.
    const TITLE: &'static str;
    /// The columns that tell its rows apart; empty if none do.
    const KEY: &'static [&'static str];
    /// Its columns.
    const COLUMNS: &'static [Column];
    /// Appends a row as the file has it.
    fn append(row: &Self::Row<'_>, out: &mut Vec<u8>);
    /// Parses the fields that `next` returns, in the columns' order; `None` if no flagmatch wrote one of them.
    fn parse<'a>(next: impl FnMut() -> &'a str) -> Option<Self::Row<'a>>;

    /// Calls `take` with each row of a file of this table and its line.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be read, [`ReleaseError::Damaged`] if it is not such a table, and the errors
    /// of `take`.
    fn read(
        path: &Path,
        mut take: impl FnMut(Self::Row<'_>, u64) -> Result<(), ReleaseError>,
    ) -> Result<(), ReleaseError>
    where
        Self: Sized,
    {
        let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_reader(file);
        let header = reader.headers().map_err(|error| damaged(path, error))?;
        let place = |column: &Column| header.iter().position(|heading| heading == column.name);
        let places: Vec<Option<usize>> = Self::COLUMNS.iter().map(place).collect();
        if places.iter().zip(Self::COLUMNS).any(|(place, column)| place.is_none() && !column.is_later) {
            let reason = "not the header of this table";
            return Err(ReleaseError::Damaged { path: path.to_owned(), line: 1, reason });
        }
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(|error| damaged(path, error))? {
            let line = row.position().map_or(1, csv::Position::line);
            let mut fields = places.iter().map(|place| place.and_then(|place| row.get(place)).unwrap_or_default());
            let parsed = Self::parse(|| fields.next().unwrap_or_default());
            take(parsed.ok_or_else(|| not_a_row(path, line))?, line)?;
        }
        Ok(())
    }
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
    /// The header, for rows that are no part of a [`RowFile`].
    pub(super) fn with_header() -> Block<T> {
        let mut block = Block::default();
        csv_row::row(T::COLUMNS.iter().map(|column| column.name), &mut block.bytes);
        block
    }

    /// The rows as the file has them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a row.
    pub fn push(&mut self, row: &T::Row<'_>) {
        T::append(row, &mut self.bytes);
    }

    /// Drops the rows, and keeps the memory for others.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Blocks that are made while as many others are written, so that memory stays bounded and in the cache.
const BLOCKS_AT_ONCE: usize = 4;

/// Makes so many blocks, each on any thread, and writes them in order. While some are written, the next are made.
/// `make` is given a block that may have the content of an earlier one.
pub(crate) fn in_blocks<B: Default + Send + Sync>(
    count: usize,
    make: impl Fn(usize, &mut B) + Sync,
    mut write: impl FnMut(&B) -> Result<(), ReleaseError> + Send,
) -> Result<(), ReleaseError> {
    let [mut made, mut next]: [Vec<B>; 2] =
        [(); 2].map(|()| (0..BLOCKS_AT_ONCE.min(count)).map(|_| B::default()).collect());
    let mut due = 0;
    for start in (0..count).step_by(BLOCKS_AT_ONCE) {
        let own = BLOCKS_AT_ONCE.min(count - start);
        let (written, ()) = rayon::join(
            || made[..due].iter().try_for_each(&mut write),
            || next[..own].par_iter_mut().enumerate().for_each(|(place, block)| make(start + place, block)),
        );
        written?;
        std::mem::swap(&mut made, &mut next);
        due = own;
    }
    made[..due].iter().try_for_each(write)
}

/// The file of a table.
pub struct RowFile<T> {
    file: StagedFile,
    row: Block<T>,
}

impl<T: Table> RowFile<T> {
    pub(super) fn begin(file: StagedFile) -> Result<RowFile<T>, ReleaseError> {
        let mut begun = RowFile { file, row: Block::with_header() };
        begun.file.append(&begun.row.bytes)?;
        Ok(begun)
    }

    /// Writes a whole file.
    pub(super) fn whole<'r>(file: StagedFile, rows: impl IntoIterator<Item = T::Row<'r>>) -> Result<(), ReleaseError> {
        let mut begun = RowFile::<T>::begin(file)?;
        for row in rows {
            begun.write(&row)?;
        }
        begun.finish()
    }

    /// Writes one row.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written.
    pub fn write(&mut self, row: &T::Row<'_>) -> Result<(), ReleaseError> {
        self.row.clear();
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

/// Converts the csv crate's error, without the fields that it quotes.
fn damaged(path: &Path, error: csv::Error) -> ReleaseError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => ReleaseError::io("read this file", path)(source),
        _ => not_a_row(path, line),
    }
}

/// What a column holds.
pub(super) trait Cell<'a>: Sized {
    /// What it may be.
    const KIND: Kind;
    /// The file has nothing in some rows.
    const MAY_BE_EMPTY: bool = false;
    /// As the file has it, but for quotes.
    fn write(&self) -> Cow<'_, str>;
    /// Appends it as the file has it.
    fn append(&self, out: &mut Vec<u8>) {
        csv_row::field(&self.write(), out);
    }
    /// What the file has; `None` if no flagmatch wrote it.
    fn read(text: &'a str) -> Option<Self>;
}

impl<'a> Cell<'a> for &'a str {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn read(text: &'a str) -> Option<&'a str> {
        Some(text)
    }
}

/// A number from 1, such as a line's.
impl Cell<'_> for u64 {
    const KIND: Kind = Kind::Count;

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn read(text: &str) -> Option<u64> {
        text.parse().ok().filter(|number| *number > 0)
    }
}

impl Cell<'_> for bool {
    const KIND: Kind = Kind::Boolean;

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "true" } else { "false" })
    }

    fn read(text: &str) -> Option<bool> {
        text.parse().ok()
    }
}

impl Cell<'_> for Date {
    const KIND: Kind = Kind::Date;

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn read(text: &str) -> Option<Date> {
        text.parse().ok()
    }
}

/// Something, or an empty field.
impl<'a, C: Cell<'a>> Cell<'a> for Option<C> {
    const KIND: Kind = C::KIND;
    const MAY_BE_EMPTY: bool = true;

    fn write(&self) -> Cow<'_, str> {
        self.as_ref().map_or(Cow::Borrowed(""), Cell::write)
    }

    fn append(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|cell| cell.append(out));
    }

    fn read(text: &'a str) -> Option<Option<C>> {
        if text.is_empty() { Some(None) } else { C::read(text).map(Some) }
    }
}

/// A reference in a table that people open in a spreadsheet: one that looks like a formula is marked.
#[derive(Clone, Copy)]
pub struct Marked<'a>(pub &'a str);

impl<'a> Cell<'a> for Marked<'a> {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Cow<'_, str> {
        marked(self.0)
    }

    fn read(text: &'a str) -> Option<Marked<'a>> {
        Some(Marked(unmarked(text)))
    }
}

/// Declares a table: what it is, its file, the columns that tell its rows apart, if some do, and each column with what it
/// means. The schema has these words. A column that rows may leave empty has a type that says so or is `@optional`; one
/// that files of older versions lack is `@since_later`, and empty there.
macro_rules! table {
    (@is_later) => { false };
    (@is_later optional) => { false };
    (@is_later since_later) => { true };
    (
        $(#[doc = $title:literal])+ $vis:vis $table:ident = $file:expr $(, key [$($key:ident),+])?;
        $(#[$row_doc:meta])*
        $row:ident { $($(#[doc = $meaning:literal])+ $(@$mark:ident)? $column:ident: $ty:ty,)+ }
    ) => {
        $(#[doc = $title])+
        $vis enum $table {}

        $(#[$row_doc])*
        $vis struct $row<'a> { $($(#[doc = $meaning])+ $vis $column: $ty,)+ }

        impl<'a> $row<'a> {
            const COLUMNS: &'static [Column] = &[$(Column {
                name: stringify!($column),
                meaning: concat!($($meaning),+),
                kind: <$ty as Cell<'a>>::KIND,
                may_be_empty: <$ty as Cell<'a>>::MAY_BE_EMPTY || !stringify!($($mark)?).is_empty(),
                is_later: table!(@is_later $($mark)?),
            },)+];
        }

        impl Table for $table {
            type Row<'a> = $row<'a>;
            const FILE: &'static str = $file;
            const TITLE: &'static str = concat!($($title),+);
            const KEY: &'static [&'static str] = &[$($(stringify!($key)),+)?];
            const COLUMNS: &'static [Column] = $row::COLUMNS;

            fn append(row: &$row<'_>, out: &mut Vec<u8>) {
                $(
                    row.$column.append(out);
                    out.push(b',');
                )+
                // The last comma ends the row.
                out.pop();
                out.push(b'\n');
            }

            fn parse<'a>(mut next: impl FnMut() -> &'a str) -> Option<$row<'a>> {
                Some($row { $($column: Cell::read(next())?,)+ })
            }
        }
    };
}

pub(super) use table;

/// A row is not as flagmatch writes the rows of its table.
pub(super) fn not_a_row(path: &Path, line: u64) -> ReleaseError {
    ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_written_in_order_until_one_cannot_be() {
        let make = |number: usize, block: &mut Vec<usize>| *block = vec![number; 3];
        for count in 0..3 * BLOCKS_AT_ONCE {
            let mut written = Vec::new();
            in_blocks(count, make, |block| {
                written.extend_from_slice(block);
                Ok(())
            })
            .unwrap();
            assert_eq!(written, (0..count).flat_map(|number| [number; 3]).collect::<Vec<_>>());
        }
        let mut written = 0;
        let failed = in_blocks(100, make, |block| {
            written += 1;
            if block[0] < 5 { Ok(()) } else { Err(not_a_row(Path::new("full"), 1)) }
        });
        assert!(failed.is_err() && written == 6);
    }
}

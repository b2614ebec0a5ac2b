//! One chunk of a file: in go the bytes of whole records, out come a consumer that has seen its rows, the
//! faults found and the counts.
//!
//! Bytes that are UTF-8 throughout are checked once and used as they are. Otherwise each record is
//! looked at alone, and one that is not UTF-8 is read as Windows-1252, so that a line appended by
//! another program does not spoil the rest.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use super::chunks::{Chunk, FirstRecord, Pool, line_feeds};
use super::column_map::ColumnMap;
use super::error::IntakeError;
use super::fault::{Faults, Reason};
use super::header::Layout;
use super::read::Consumer;
use super::record::{Record, Records, Span, unescape};
use super::row::Row;
use super::table::Table;

/// What one chunk gave. The lines of its faults count from the chunk's beginning, which is line 1.
pub(super) struct Part<C> {
    pub(super) consumer: C,
    pub(super) faults: Faults,
    pub(super) rows: u64,
    pub(super) line_feeds: u64,
}

impl<C: Consumer> Part<C> {
    /// Gives all rows of a chunk to the consumer, and the chunk's buffer back to the pool.
    pub(super) fn read(chunk: Chunk, pool: &Pool, layout: &Layout, consumer: C) -> Part<C> {
        match chunk {
            Chunk::Refused { reason, line_feeds } => {
                let mut consumer = consumer;
                consumer.finish();
                let mut faults = Faults::default();
                faults.reject(reason);
                faults.end_row(1, 1);
                Part { consumer, faults, rows: 1, line_feeds }
            }
            Chunk::Records { buffer, length, lines_only } => {
                let mut reader = Reader::new(&buffer[..length], layout, consumer);
                if lines_only {
                    reader.read_lines();
                } else {
                    reader.read_records(0, length);
                }
                reader.consumer.finish();
                let Reader { consumer, faults, rows, .. } = reader;
                let line_feeds = line_feeds(&buffer[..length]);
                pool.give(buffer);
                Part { consumer, faults, rows, line_feeds }
            }
        }
    }
}

/// Goes through the bytes of one chunk.
struct Reader<'a, C> {
    bytes: &'a [u8],
    /// The bytes as text, where they are UTF-8 throughout.
    text: Option<&'a str>,
    layout: &'a Layout,
    consumer: C,
    faults: Faults,
    rows: u64,
    /// The place up to which lines have been counted, and the line there.
    counted: (usize, u64),
    unescaped: String,
}

impl<'a, C: Consumer> Reader<'a, C> {
    fn new(bytes: &'a [u8], layout: &'a Layout, consumer: C) -> Self {
        Reader {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            layout,
            consumer,
            faults: Faults::default(),
            rows: 0,
            counted: (0, 1),
            unescaped: String::new(),
        }
    }

    /// Reads each line as a record of its own.
    fn read_lines(&mut self) {
        let mut start = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', self.bytes) {
            self.read_records(start, end);
            start = end + 1;
        }
        self.read_records(start, self.bytes.len());
    }

    /// Reads the records that lie between two places.
    fn read_records(&mut self, start: usize, end: usize) {
        let mut records = Records::new(&self.bytes[start..end]);
        let text = self.text.map(|text| &text[start..end]);
        let mut fields = vec![Span::default(); self.layout.width()];
        while let Some(record) = records.next(&mut fields) {
            let raw = &self.bytes[start + record.start..start + record.end];
            let line = if C::NEEDS_LINES { self.line_at(start + record.start) } else { 0 };
            match text {
                Some(text) => self.take(text, &mut fields, record, raw, line),
                None => self.take_alone(&mut fields, record, raw, line),
            }
            if self.faults.has_any_in_row() {
                self.close_faulty(start + record.start, record, raw);
            } else {
                self.rows += 1;
            }
        }
    }

    /// Gives a record to the consumer, or finds that it is none.
    #[inline]
    fn take(&mut self, text: &str, fields: &mut [Span], record: Record, raw: &[u8], line: u64) {
        if record.broken {
            return self.faults.reject(Reason::BrokenQuoting);
        }
        if record.width != self.layout.width() {
            return self.faults.reject(Reason::WrongNumberOfFields);
        }
        if record.escaped {
            unescape(text, fields, &mut self.unescaped);
        }
        let row = Row { layout: self.layout, fields, text, unescaped: &self.unescaped, raw, line };
        self.consumer.take(&row, &mut self.faults);
    }

    /// Gives a record to the consumer whose chunk is not all UTF-8.
    #[cold]
    fn take_alone(&mut self, fields: &mut [Span], record: Record, raw: &[u8], line: u64) {
        let text = decoded(raw);
        // The places of the fields are now those in the record's own text. It has the same commas,
        // quotes and line ends as its bytes have.
        Records::new(text.as_bytes()).next(fields);
        self.take(&text, fields, record, raw, line);
    }

    /// The line of a place that is not before one asked for earlier.
    fn line_at(&mut self, start: usize) -> u64 {
        let (place, line) = self.counted;
        let line = line + line_feeds(&self.bytes[place..start]);
        self.counted = (start, line);
        line
    }

    /// Closes a row about which something was said.
    #[cold]
    fn close_faulty(&mut self, start: usize, record: Record, raw: &[u8]) {
        let line = self.line_at(start);
        let rows = if record.broken { 1 + line_feeds(raw) } else { 1 };
        self.faults.end_row(line, rows);
        self.rows += rows;
    }
}

/// One record as text.
fn decoded(record: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(record) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(record).0,
    }
}

/// Finds the table's columns in a file's first record.
pub(super) fn read_header(
    first: &FirstRecord,
    table: &Table,
    columns: &ColumnMap,
    file: &Path,
) -> Result<Layout, IntakeError> {
    let line = 1 + first.line_feeds_before;
    let broken = |reason| IntakeError::BrokenHeader { file: file.to_owned(), line, reason };
    let text = decoded(first.record.as_deref().map_err(|reason| broken(*reason))?);
    let commas = memchr::memchr_iter(b',', text.as_bytes()).count();
    let (mut fields, mut unescaped) = (vec![Span::default(); commas + 1], String::new());
    let record = Records::new(text.as_bytes()).next(&mut fields);
    let record = record.ok_or_else(|| IntakeError::Empty { file: file.to_owned() })?;
    if record.broken {
        return Err(broken(Reason::BrokenQuoting));
    }
    fields.truncate(record.width);
    unescape(&text, &mut fields, &mut unescaped);
    let headings: Vec<&str> = fields.iter().map(|field| field.content(&text, &unescaped)).collect();
    Layout::resolve(&headings, table, columns, file, line)
}

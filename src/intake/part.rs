//! Reads one chunk of a file: gives its rows to a consumer, and collects faults and counts.
//!
//! If all bytes are UTF-8, they are checked once and used as they are. Otherwise each record is decoded
//! alone, and a field with bytes of another encoding is treated as absent.

use super::chunks::{Chunk, Pool, line_feeds};
use super::column::Column;
use super::encoding::{Encoding, Seen};
use super::fault::{FaultReason, Faults};
use super::header::Layout;
use super::read::Consumer;
use super::record::{Record, Records, Span, unescape};
use super::row::Row;

/// The result of one chunk. The lines of its faults count from the chunk's beginning, which is line 1.
pub(super) struct Part<C> {
    pub(super) consumer: C,
    pub(super) faults: Faults,
    pub(super) rows: u64,
    pub(super) line_feeds: u64,
    /// What was counted to tell the encoding, if that is not known yet.
    pub(super) seen: Seen,
}

impl<C: Consumer> Part<C> {
    /// Gives all rows of a chunk to the consumer, and the chunk's buffer back to the pool.
    pub(super) fn read(chunk: Chunk, encoding: Assumed, pool: &Pool, layout: &Layout, consumer: C) -> Part<C> {
        match chunk {
            Chunk::Refused { reason, line_feeds } => {
                let mut consumer = consumer;
                consumer.finish();
                let mut faults = Faults::default();
                faults.reject(reason);
                faults.end_row(1, 1);
                Part { consumer, faults, rows: 1, line_feeds, seen: Seen::default() }
            }
            Chunk::Records { buffer, length, lines_only } => {
                let mut reader = Reader::new(&buffer[..length], encoding, layout, consumer);
                if lines_only {
                    reader.read_lines();
                } else {
                    reader.read_records(0, length);
                }
                reader.consumer.finish();
                let Reader { consumer, faults, rows, seen, .. } = reader;
                let line_feeds = line_feeds(&buffer[..length]);
                pool.give(buffer);
                Part { consumer, faults, rows, line_feeds, seen }
            }
        }
    }
}

/// The encoding in which a chunk is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assumed {
    pub(super) encoding: Encoding,
    /// Whether it is final. If not, the counts over the whole file decide at its end.
    pub(super) is_decided: bool,
}

/// Replaces a reference that has bytes of another encoding, and so makes it unreadable.
const UNREADABLE: char = '\u{1A}';

/// Reads the bytes of one chunk.
struct Reader<'a, C> {
    bytes: &'a [u8],
    /// The bytes as text, if they are valid text as they are.
    text: Option<&'a str>,
    encoding: Encoding,
    seen: Seen,
    layout: &'a Layout,
    consumer: C,
    faults: Faults,
    rows: u64,
    /// The position up to which lines have been counted, and the line there.
    counted: (usize, u64),
    unescaped: String,
}

impl<'a, C: Consumer> Reader<'a, C> {
    fn new(bytes: &'a [u8], assumed: Assumed, layout: &'a Layout, consumer: C) -> Self {
        let Assumed { encoding, is_decided } = assumed;
        let valid = std::str::from_utf8(bytes).ok();
        let text = valid.filter(|_| encoding == Encoding::Utf8 || bytes.is_ascii());
        let seen = match valid {
            _ if is_decided => Seen::default(),
            Some(text) => Seen::of_text(text),
            None => Seen::new(bytes),
        };
        Reader {
            bytes,
            text,
            encoding,
            seen,
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

    /// Reads the records between two positions.
    fn read_records(&mut self, start: usize, end: usize) {
        let mut records = Records::new(&self.bytes[start..end], self.layout.separator());
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

    /// Gives a record to the consumer, or rejects it if it is malformed.
    #[inline]
    fn take(&mut self, text: &str, fields: &mut [Span], record: Record, raw: &[u8], line: u64) {
        if let Some(reason) = self.malformed(record) {
            return self.faults.reject(reason);
        }
        if record.escaped {
            unescape(text, fields, &mut self.unescaped);
        }
        let row = Row { layout: self.layout, fields, text, unescaped: &self.unescaped, raw, line };
        self.consumer.take(&row, &mut self.faults);
    }

    /// Why a record cannot be used, whatever its fields hold.
    #[inline]
    fn malformed(&self, record: Record) -> Option<FaultReason> {
        if record.broken {
            return Some(FaultReason::BrokenQuoting);
        }
        (record.width != self.layout.width()).then_some(FaultReason::WrongNumberOfFields)
    }

    /// Gives a record to the consumer if the chunk is no text as it stands.
    #[cold]
    fn take_alone(&mut self, fields: &mut [Span], record: Record, raw: &[u8], line: u64) {
        if let Some(reason) = self.malformed(record) {
            return self.faults.reject(reason);
        }
        // Positions of the fields in the record's own bytes.
        Records::new(raw, self.layout.separator()).next(fields);
        match std::str::from_utf8(raw) {
            Ok(text) if self.encoding == Encoding::Utf8 || raw.is_ascii() => self.take(text, fields, record, raw, line),
            _ => {
                let text = self.decode(fields, raw);
                self.take(&text, fields, record, raw, line);
            }
        }
    }

    /// Decodes a record's fields into one text, and moves their positions there. A field with bytes of
    /// another encoding is noted if its column is read.
    fn decode(&mut self, fields: &mut [Span], raw: &[u8]) -> String {
        let mut text = String::with_capacity(raw.len() + raw.len() / 2);
        for (position, field) in fields.iter_mut().enumerate() {
            let start = text.len();
            if let Some(column) = self.layout.column_at(position)
                && !self.encoding.decode(field.bytes(raw), &mut text)
            {
                if matches!(column, Column::CustomerRef | Column::ClaimRef | Column::PersonRef) {
                    text.push(UNREADABLE);
                }
                self.faults.note(column, FaultReason::ForeignBytes);
            }
            *field = field.moved_to(start, text.len());
        }
        text
    }

    /// The line of a position, which is not before one asked for earlier.
    fn line_at(&mut self, start: usize) -> u64 {
        let (place, line) = self.counted;
        let line = line + line_feeds(&self.bytes[place..start]);
        self.counted = (start, line);
        line
    }

    /// Closes a row that has faults.
    #[cold]
    fn close_faulty(&mut self, start: usize, record: Record, raw: &[u8]) {
        let line = self.line_at(start);
        let rows = if record.broken { 1 + line_feeds(raw) } else { 1 };
        self.faults.end_row(line, rows);
        self.rows += rows;
    }
}

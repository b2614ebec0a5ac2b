//! Gives a consumer the fields of one row.

use super::column::Column;
use super::header::Layout;
use super::record::Span;
use crate::fingerprint::fingerprint;

/// A row, whose fields are read by column. It borrows from the buffer it was read into and has no `Debug`, so
/// that its content is neither kept nor printed.
///
/// ```
/// use flagmatch::intake::{Column, Row};
/// fn is_named(row: &Row<'_>) -> bool {
///     !row.get(Column::Surname).is_empty() || !row.get(Column::FullName).is_empty()
/// }
/// ```
pub struct Row<'a> {
    pub(super) layout: &'a Layout,
    pub(super) fields: &'a [Span],
    pub(super) text: &'a str,
    pub(super) unescaped: &'a str,
    pub(super) raw: &'a [u8],
    pub(super) line: u64,
}

impl Row<'_> {
    /// The content of a field, untrimmed; also empty if the file has no such column.
    #[inline]
    pub fn get(&self, column: Column) -> &str {
        match self.layout.position(column).and_then(|position| self.fields.get(position)) {
            Some(field) => field.content(self.text, self.unescaped),
            None => "",
        }
    }

    /// A reference, untrimmed; `None` if it is blank or contains control characters, which makes it
    /// unreadable ([`FaultReason::NoReference`](super::FaultReason::NoReference)).
    #[inline]
    pub fn reference(&self, column: Column) -> Option<&str> {
        let content = self.get(column);
        let readable = if content.is_ascii() {
            // Both tests at once, over all bytes: references are short.
            let looked = content.bytes().fold((false, false), |(signs, controls), byte| {
                (signs | (byte != b' '), controls | byte.is_ascii_control())
            });
            looked == (true, false)
        } else {
            !content.trim().is_empty() && !content.contains(char::is_control)
        };
        readable.then_some(content)
    }

    /// The line on which the row begins, counted from the chunk's first, which is 1; 0 unless the consumer
    /// [needs lines](super::Consumer::NEEDS_LINES).
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A number that exact repeats of a record share, computed from its bytes in the file without the line
    /// end. It is neither keyed nor secret, and no proof of equality: two different records share one with a
    /// chance of about 2⁻⁶⁴.
    #[inline]
    pub fn fingerprint(&self) -> u64 {
        fingerprint(self.raw)
    }
}

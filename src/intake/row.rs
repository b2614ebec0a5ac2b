//! Gives a consumer the fields of one row.

use super::column::Column;
use super::header::Layout;
use super::record::Span;

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

/// Takes sixteen bytes a step: mixes a constant into each half, multiplies the halves to 128 bits and folds
/// the product. The length goes in first, so that zero padding makes no two records alike.
fn fingerprint(bytes: &[u8]) -> u64 {
    // The fractional parts of the square roots of 2, 3 and 5.
    const MIX: [u64; 3] = [0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ (product >> 64) as u64
    };
    let step = |state: u64, block: &[u8; 16]| {
        let (words, _) = block.as_chunks::<8>();
        let (first, second) = (u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
        fold(first ^ MIX[0] ^ state, second ^ MIX[1] ^ state.rotate_left(32))
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    let mut state = blocks.iter().fold(fold(bytes.len() as u64 ^ MIX[2], MIX[0]), step);
    if !rest.is_empty() {
        let mut block = [0; 16];
        block[..rest.len()].copy_from_slice(rest);
        state = step(state, &block);
    }
    fold(state ^ MIX[2], MIX[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn different_records_have_different_fingerprints() {
        let mut seen = HashSet::new();
        for length in 0..70 {
            let record = vec![0u8; length];
            assert!(seen.insert(fingerprint(&record)), "zeros of length {length}");
            for place in 0..length {
                for bit in 0..8 {
                    let mut changed = record.clone();
                    changed[place] ^= 1 << bit;
                    assert!(seen.insert(fingerprint(&changed)), "length {length}, place {place}, bit {bit}");
                }
            }
        }
    }
}

//! Finds the delimiters of a CSV in order: separators (commas, say), quotes, line feeds and carriage returns.
//!
//! Fields are short (six bytes on average), so a search from one comma to the next costs more to start than
//! to run. Instead, 64 bytes are compared at once and leave one bit each; the bits are then walked.

/// Walks over the delimiters in some bytes. It is small, and is copied into registers where speed matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delimiters<'a> {
    bytes: &'a [u8],
    separator: u8,
    block: usize,
    bits: u64,
}

impl<'a> Delimiters<'a> {
    pub(super) fn new(bytes: &'a [u8], separator: u8) -> Self {
        Delimiters { bytes, separator, block: 0, bits: marks_from(bytes, separator) }
    }

    /// The position of the next delimiter.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            let rest = self.bytes.get(self.block + 64..)?;
            if rest.is_empty() {
                return None;
            }
            self.block += 64;
            self.bits = marks_from(rest, self.separator);
        }
        let position = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(position)
    }
}

/// The delimiters among the first 64 bytes; the lowest bit stands for the first byte.
#[inline]
fn marks_from(bytes: &[u8], separator: u8) -> u64 {
    match bytes.first_chunk() {
        Some(block) => marks_of(block, separator),
        None => {
            let mut block = [0; 64];
            block[..bytes.len()].copy_from_slice(bytes);
            marks_of(&block, separator)
        }
    }
}

/// Written so that the compiler makes vector compares of it on any processor. First each byte becomes 0 or 1.
/// Then one multiplication gathers eight of those: it moves the bit of byte `i` to bit `56 + i` without any
/// two meeting.
#[inline]
fn marks_of(block: &[u8; 64], separator: u8) -> u64 {
    let mut marks = [0u8; 64];
    for (mark, &byte) in marks.iter_mut().zip(block) {
        // Not `||`: short-circuits would prevent vector code.
        *mark = u8::from((byte == separator) | (byte == b'"') | (byte == b'\n') | (byte == b'\r'));
    }
    let (eights, _) = marks.as_chunks::<8>();
    let mut bits = 0;
    for (place, eight) in eights.iter().enumerate() {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * place);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_mark_is_found_and_nothing_else(
            bytes in prop::collection::vec(
                prop_oneof![prop::sample::select(b",;\t\"\n\r".to_vec()), any::<u8>()], 0..300),
            separator in prop::sample::select(b",;\t".to_vec()),
        ) {
            let mut marks = Delimiters::new(&bytes, separator);
            let found: Vec<usize> = std::iter::from_fn(|| marks.next()).collect();
            let expected: Vec<usize> = (0..bytes.len())
                .filter(|&at| bytes[at] == separator || b"\"\n\r".contains(&bytes[at]))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}

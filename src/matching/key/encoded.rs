//! Encodes the fields of a match key as the block that is hashed.

use super::super::hash::Block;
use super::kind::KeyKind;
use crate::normalise::AddressView;
use crate::normalise::postcode::Postcode;

/// A block that is being filled: the kind, then the fields. All keys of a kind have their fields in the same
/// order, each of a fixed length or with its length in front, so that different keys never have the same bytes.
pub(super) struct Key {
    pub(super) block: Block,
    length: usize,
}

impl Key {
    #[inline(always)]
    pub(super) fn new(kind: KeyKind) -> Key {
        let mut block = [0; blake3::BLOCK_LEN];
        block[0] = kind as u8 + 1;
        Key { block, length: 1 }
    }

    #[inline(always)]
    pub(super) fn with<const N: usize>(mut self, field: [u8; N]) -> Key {
        self.block[self.length..self.length + N].copy_from_slice(&field);
        self.length += N;
        self
    }

    /// All fields together fit one block; longer text would be cut off in the same way for holder and person.
    pub(super) fn with_text(mut self, text: &str) -> Key {
        let length = text.len().min(self.block.len() - self.length - 1);
        self.block[self.length] = length as u8;
        self.block[self.length + 1..self.length + 1 + length].copy_from_slice(&text.as_bytes()[..length]);
        self.length += 1 + length;
        self
    }
}

/// The code padded with zeros, which no code contains; `None` if it is absent.
pub(super) fn padded(postcode: &Postcode) -> Option<[u8; 12]> {
    match postcode {
        Postcode::Absent => None,
        Postcode::British(code) => Some(zero_padded(code.as_str())),
        Postcode::Opaque(text) => Some(zero_padded(text)),
    }
}

pub(super) fn zero_padded<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    bytes
}

/// The first word of a street's name.
pub(super) fn first_word(street: &str) -> Option<&str> {
    let end = street.bytes().position(|byte| byte == b' ').unwrap_or(street.len());
    Some(&street[..end]).filter(|word| !word.is_empty())
}

pub(super) fn number_bytes(address: &AddressView<'_>) -> Option<[u8; 2]> {
    address.number.map(|number| number.first.to_le_bytes())
}

//! Encodes the fields of a match key as the block that is hashed.

use super::super::hash::Block;
use super::kind::KeyKind;
use crate::normalise::AddressView;
use crate::normalise::postcode::Postcode;

/// Match keys as blocks to be hashed, each with its kind.
#[derive(Default)]
pub(crate) struct Keys {
    blocks: Vec<Block>,
    kinds: Vec<KeyKind>,
}

impl Keys {
    /// Begins a key. Its fields are written where the block stays: a block that is copied just after its bytes were
    /// written one by one makes the processor wait.
    #[inline(always)]
    pub(super) fn begin(&mut self, kind: KeyKind) -> Key<'_> {
        self.kinds.push(kind);
        self.blocks.push([0; blake3::BLOCK_LEN]);
        let block = self.blocks.last_mut().expect("a block was just pushed");
        block[0] = kind as u8 + 1;
        Key { block, length: 1 }
    }

    pub(crate) fn clear(&mut self) {
        self.blocks.clear();
        self.kinds.clear();
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The kind of each key.
    pub(crate) fn kinds(&self) -> &[KeyKind] {
        &self.kinds
    }
}

/// A key that is being filled: the kind, then the fields. All keys of a kind have their fields in the same
/// order, each of a fixed length or with its length in front, so that different keys never have the same bytes.
pub(super) struct Key<'a> {
    block: &'a mut Block,
    length: usize,
}

impl Key<'_> {
    #[inline(always)]
    pub(super) fn with<const N: usize>(mut self, field: [u8; N]) -> Self {
        self.block[self.length..self.length + N].copy_from_slice(&field);
        self.length += N;
        self
    }

    /// All fields together fit one block; longer text would be cut off in the same way for holder and person.
    pub(super) fn with_text(mut self, text: &str) -> Self {
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
        Postcode::British(code) => {
            let mut bytes = [0; 12];
            bytes[..8].copy_from_slice(&code.packed().to_be_bytes());
            Some(bytes)
        }
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

//! Finds the few words that have a meaning of their own among the many that have none.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::text::Word;

/// Values by word. A bit for each hash tells of most words that they are not in the map, without a search.
pub(super) struct WordMap<V> {
    bits: [u64; BITS / 64],
    values: HashMap<u128, V, FixedState>,
}

/// Some twenty times as many as a map has words; a power of two.
const BITS: usize = 1 << 13;

impl<V: Copy> WordMap<V> {
    /// The value of a word; `None` if the map does not have it.
    #[inline]
    pub(super) fn get(&self, word: &Word) -> Option<V> {
        let number = word.number()?;
        let bit = bit_of(number);
        if self.bits[bit / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        self.values.get(&number).copied()
    }
}

/// No word may have more than 16 letters.
impl<V> FromIterator<(&'static str, V)> for WordMap<V> {
    fn from_iter<Words: IntoIterator<Item = (&'static str, V)>>(words: Words) -> Self {
        let numbered = words.into_iter().filter_map(|(word, value)| Some((Word::new(word).number()?, value)));
        let values: HashMap<u128, V, FixedState> = numbered.collect();
        let mut bits = [0; BITS / 64];
        for bit in values.keys().map(|number| bit_of(*number)) {
            bits[bit / 64] |= 1 << (bit % 64);
        }
        WordMap { bits, values }
    }
}

/// The place of a word's bit: the highest bits of a product, on which all letters have an effect.
fn bit_of(number: u128) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let folded = number as u64 ^ ((number >> 64) as u64).rotate_left(23);
    (folded.wrapping_mul(MIX) >> (u64::BITS - BITS.ilog2())) as usize
}

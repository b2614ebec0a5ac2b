//! Caches what match keys need of a normalised word of a name: how it sounds, and which forenames may stand
//! for it.
//!
//! Most names come again and again. A word has two places in the cache, by its hash, in one cache line, so that a
//! lookup waits for memory once. A new word takes the place of the one that was asked for less recently.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::memory;
use crate::normalise::given_name::{self, Variants};
use crate::normalise::sound::{Sound, sound};
use crate::text::as_numbers;

/// What is known of a word.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) sound: Option<Sound>,
    variants: Variants,
}

impl Known {
    fn read(word: &str) -> Known {
        Known { sound: sound(word), variants: given_name::variants(word) }
    }

    /// The groups of interchangeable forenames that the word belongs to.
    pub(super) fn groups(self) -> &'static [u16] {
        self.variants.groups()
    }
}

/// The cache of words.
#[derive(Default)]
pub(super) struct KnownWords {
    pairs: Vec<Pair>,
    /// Random numbers, so that no file can be made whose words share a place.
    seeds: [u64; 2],
}

/// The number of pairs of places; a power of two.
const PAIRS: usize = 1 << 14;

/// Two words that share a hash, the more recent one first.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Pair([Slot; 2]);

/// A word's letters, padded with zeros, and what is known of it. The default is right for the empty word.
#[derive(Clone, Copy, Default)]
struct Slot {
    letters: [u64; 3],
    known: Known,
}

impl KnownWords {
    /// What is known of a word.
    #[inline]
    pub(super) fn look_up(&mut self, word: &str) -> Known {
        let Some(letters) = as_numbers(word.as_bytes()) else { return Known::read(word) };
        if self.pairs.is_empty() {
            self.begin();
        }
        let number = self.number(letters);
        let Pair(pair) = &mut self.pairs[number];
        if pair[0].letters != letters {
            pair.swap(0, 1);
            if pair[0].letters != letters {
                pair[0] = Slot { letters, known: Known::read(word) };
            }
        }
        pair[0].known
    }

    #[cold]
    fn begin(&mut self) {
        let random = RandomState::default();
        self.seeds = [1, 2].map(|seed: u64| random.hash_one(seed));
        self.pairs = memory::zeroed(PAIRS);
    }

    /// The product of the letters and the seeds, folded.
    fn number(&self, [first, second, third]: [u64; 3]) -> usize {
        let rest = second ^ third.rotate_left(32);
        let product = u128::from(first ^ self.seeds[0]) * u128::from(rest ^ self.seeds[1]);
        ((product >> 64) as u64 ^ product as u64) as usize % PAIRS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_share_a_cache_line() {
        assert_eq!((size_of::<Pair>(), align_of::<Pair>()), (64, 64));
    }

    #[test]
    fn what_is_kept_is_what_is_found_out_anew() {
        let mut words = KnownWords::default();
        let names = [
            "",
            "J",
            "SMITH",
            "SMYTHE",
            "BILL",
            "WILLIAM",
            "CHRIS",
            "ABCDEFGHIJKLMNOPQRSTUVWX",
            "ABCDEFGHIJKLMNOPQRSTUVWXY",
        ];
        let many: Vec<String> = (0..PAIRS * 4)
            .map(|number| format!("{number:X}").replace(|sign: char| sign.is_ascii_digit(), "Q"))
            .collect();
        for word in names.into_iter().chain(many.iter().map(String::as_str).step_by(97)).chain(names) {
            let fresh = Known::read(word);
            for _ in 0..2 {
                let known = words.look_up(word);
                assert_eq!((known.sound, known.groups()), (fresh.sound, fresh.groups()), "{word}");
            }
        }
        assert!(
            words.look_up("BILL").groups() == given_name::groups("BILL") && !words.look_up("BILL").groups().is_empty()
        );
    }
}

//! Caches what match keys need of a normalised word of a name: how it sounds, and which forenames may stand
//! for it.
//!
//! Most names come again and again. A word has one place in the cache, by its hash, of half a cache line, so
//! that a lookup waits for memory once. Of two words that share a place, the later replaces the earlier.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::memory;
use crate::normalise::given_name::{self, Variants};
use crate::normalise::sound::{Sound, sound};

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
    places: Vec<Slot>,
    hasher: RandomState,
}

/// The number of places; a power of two.
const PLACES: usize = 1 << 14;

/// A word's letters, padded with zeros, and what is known of it. The default is right for the empty word.
#[derive(Clone, Copy, Default)]
struct Slot {
    letters: [u64; 3],
    known: Known,
}

impl KnownWords {
    /// What is known of a word.
    pub(super) fn look_up(&mut self, word: &str) -> Known {
        let Some(letters) = letters(word) else { return Known::read(word) };
        if self.places.is_empty() {
            self.places = memory::zeroed(PLACES);
        }
        let number = self.number(letters);
        let place = &mut self.places[number];
        if place.letters != letters {
            *place = Slot { letters, known: Known::read(word) };
        }
        place.known
    }

    /// Prefetches the place of a word. The returned number only keeps the compiler from dropping the load.
    pub(super) fn prefetch(&self, word: &str) -> u64 {
        let Some(letters) = letters(word) else { return 0 };
        self.places.get(self.number(letters)).map_or(0, |place| place.letters[0])
    }

    fn number(&self, letters: [u64; 3]) -> usize {
        self.hasher.hash_one(letters) as usize % PLACES
    }
}

/// The letters of a word, padded with zeros (no letter is zero); `None` if there are more than 24.
fn letters(word: &str) -> Option<[u64; 3]> {
    let mut bytes = [0; 24];
    bytes.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
    let (words, _) = bytes.as_chunks::<8>();
    Some([words[0], words[1], words[2]].map(u64::from_le_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_half_a_cache_line() {
        assert_eq!(size_of::<Slot>(), 32);
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
        let many: Vec<String> = (0..PLACES * 2)
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

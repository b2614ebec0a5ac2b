//! What keys take from one word of a name: in goes a normalised word, out come how it sounds and which
//! forenames may stand for it.
//!
//! Most names come again and again: so it is kept by word. A word has one place in the table, by its hash,
//! and half a cache line there, so that a look waits for memory once; of two words that share a place, the
//! one that came last has it.

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
    fn of(word: &str) -> Known {
        Known { sound: sound(word), variants: given_name::variants(word) }
    }

    /// The groups of interchangeable forenames that the word belongs to.
    pub(super) fn groups(self) -> &'static [u16] {
        self.variants.groups()
    }
}

/// Words with what is known of them.
#[derive(Default)]
pub(super) struct KnownWords {
    places: Vec<Place>,
    hasher: RandomState,
}

/// Words that there is room for; a power of two.
const PLACES: usize = 1 << 14;

/// A word's letters with zeros behind, and what is known of it. What is known of no word is true of the empty one.
#[derive(Clone, Copy, Default)]
struct Place {
    letters: [u64; 3],
    known: Known,
}

impl KnownWords {
    /// What is known of a word.
    pub(super) fn of(&mut self, word: &str) -> Known {
        let Some(letters) = letters(word) else { return Known::of(word) };
        if self.places.is_empty() {
            self.places = memory::zeroed(PLACES);
        }
        let number = self.number(letters);
        let place = &mut self.places[number];
        if place.letters != letters {
            *place = Place { letters, known: Known::of(word) };
        }
        place.known
    }

    /// Loads the place of a word, and says nothing that means anything.
    pub(super) fn touch(&self, word: &str) -> u64 {
        let Some(letters) = letters(word) else { return 0 };
        self.places.get(self.number(letters)).map_or(0, |place| place.letters[0])
    }

    fn number(&self, letters: [u64; 3]) -> usize {
        self.hasher.hash_one(letters) as usize % PLACES
    }
}

/// The letters of a word, which has none that is zero; none where there are too many.
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
        assert_eq!(size_of::<Place>(), 32);
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
            let fresh = Known::of(word);
            for _ in 0..2 {
                let known = words.of(word);
                assert_eq!((known.sound, known.groups()), (fresh.sound, fresh.groups()), "{word}");
            }
        }
        assert!(words.of("BILL").groups() == given_name::groups("BILL") && !words.of("BILL").groups().is_empty());
    }
}

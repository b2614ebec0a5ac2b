//! Caches what match keys need of a normalised word of a name: how it sounds, and which forenames may stand
//! for it.

use crate::normalise::given_name::{self, Variants};
use crate::normalise::memo::Memo;
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

/// The number of pairs of words that a thread remembers.
const PAIRS: usize = 1 << 14;

/// The cache of words.
pub(super) struct KnownWords(Memo<Known>);

impl Default for KnownWords {
    fn default() -> KnownWords {
        KnownWords(Memo::new(PAIRS))
    }
}

impl KnownWords {
    /// What is known of a word.
    #[inline]
    pub(super) fn look_up(&mut self, word: &str) -> Known {
        self.0.look_up(word, || Known::read(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_is_found_out_anew() {
        let mut words = KnownWords::default();
        for _ in 0..2 {
            for word in ["", "J", "SMITH", "SMYTHE", "BILL", "WILLIAM", "CHRIS", "ABCDEFGHIJKLMNOPQRSTUVWXY"] {
                let (known, fresh) = (words.look_up(word), Known::read(word));
                assert_eq!((known.sound, known.groups()), (fresh.sound, fresh.groups()), "{word}");
            }
        }
        assert!(!words.look_up("BILL").groups().is_empty());
    }

    /// The memo's pairs are made for what takes eight bytes.
    #[test]
    fn what_is_known_is_short() {
        assert_eq!(size_of::<Known>(), 8);
    }
}

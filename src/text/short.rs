//! Keeps short text for personal data on the stack. `Debug` shows no content, so that no log or panic can.
//!
//! The bytes behind a text are zeros, so that comparing two texts, or using a short one as a number, needs no
//! loop over letters. The bytes are known to be UTF-8 and are not checked again: a run reads names, streets
//! and towns some hundred times an account, and checking them again took a thirtieth of it.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Text of at most `N` bytes (`N` up to 255), kept without allocation. What does not fit is cut off, always
/// at the same point.
///
/// ```
/// use flagmatch::text::Word;
/// let word = Word::new("SATTERTHWAITE");
/// assert_eq!(&*word, "SATTERTHWAITE");
/// assert_eq!(format!("{word:?}"), "[withheld]");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    /// The first `length` are UTF-8, the others zeros.
    bytes: [u8; N],
    length: u8,
}

/// One word of a name, or a flat's designation.
pub type Word = Text<24>;

/// A street, a building's name, a town.
pub type Phrase = Text<40>;

impl<const N: usize> Text<N> {
    const FITS: () = assert!(N <= u8::MAX as usize, "the length of a text is one byte");

    /// The text, or as much of its beginning as fits.
    pub fn new(text: &str) -> Self {
        let mut kept = Self::default();
        kept.push_str(text);
        kept
    }

    /// The letters in capitals; `None` if some byte is not a letter from A to Z, small or capital, or if
    /// there are too many.
    pub(crate) fn of_letters(letters: &[u8]) -> Option<Self> {
        let mut text = Self::default();
        text.bytes.get_mut(..letters.len())?.copy_from_slice(letters);
        text.length = letters.len() as u8;
        // All bytes alike, so that this becomes vector code; a zero stays zero.
        let mut other = 0;
        for byte in &mut text.bytes {
            let capital = *byte & !0x20;
            let is_letter = capital.wrapping_sub(b'A') < 26;
            other += u8::from(!is_letter);
            *byte = if is_letter { capital } else { 0 };
        }
        (usize::from(other) + letters.len() == N).then_some(text)
    }

    /// The text of these bytes; `None` if some byte is not ASCII, or if there are too many.
    pub(crate) fn of_ascii(bytes: &[u8]) -> Option<Self> {
        let mut text = Self::default();
        text.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        text.length = bytes.len() as u8;
        text.bytes.is_ascii().then_some(text)
    }

    /// Appends as many whole characters of `text` as fit.
    pub fn push_str(&mut self, text: &str) {
        let length = usize::from(self.length);
        let room = N - length;
        let end = if text.len() <= room { text.len() } else { text.floor_char_boundary(room) };
        self.bytes[length..length + end].copy_from_slice(&text.as_bytes()[..end]);
        self.length = (length + end) as u8;
    }

    /// Appends a character if there is room for it.
    pub fn push(&mut self, character: char) {
        match self.bytes.get_mut(usize::from(self.length)) {
            Some(byte) if character.is_ascii() => {
                *byte = character as u8;
                self.length += 1;
            }
            // A character that does not fit is left out as a whole.
            _ => self.push_str(character.encode_utf8(&mut [0; 4])),
        }
    }

    /// Removes all content.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many bytes fit in all.
    pub fn room(&self) -> usize {
        N
    }

    /// The text itself.
    #[inline]
    pub fn as_str(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.length)];
        // SAFETY: the bytes are whole characters one after another: `push_str` copies a text up to the end of
        // a character, `push` and `of_ascii` take ASCII, `of_letters` takes only A to Z; and bytes are only
        // ever removed all at once.
        unsafe { str::from_utf8_unchecked(bytes) }
    }
}

impl Word {
    /// A word of up to sixteen letters as one number; `None` for a longer one.
    pub(crate) fn number(&self) -> Option<u128> {
        let (first, _) = self.bytes.as_chunks::<16>();
        (self.length <= 16).then_some(u128::from_le_bytes(first[0]))
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        let () = Self::FITS;
        Text { bytes: [0; N], length: 0 }
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// A text hashes as its content does, so that a map of texts can be searched by content alone.
impl<const N: usize> Borrow<str> for Text<N> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> Hash for Text<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<const N: usize> PartialOrd for Text<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Text<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_at_a_whole_character() {
        assert_eq!(Text::<3>::new("abé").as_str(), "ab");
        assert_eq!(Text::<4>::new("abé").as_str(), "abé");
        let mut text = Text::<2>::new("ab");
        text.push('c');
        text.push_str("de");
        assert_eq!(text.as_str(), "ab");
    }

    #[test]
    fn debug_shows_no_content() {
        assert!(!format!("{:?}", Word::new("ELLISON")).contains("ELLISON"));
    }

    /// Applies steps to a text, and to a string that keeps the same.
    fn reference(steps: &[(bool, String)]) -> (Text<9>, String) {
        let (mut text, mut kept) = (Text::<9>::default(), String::new());
        for (clear, more) in steps {
            if *clear {
                text.clear();
                kept.clear();
            }
            let mut rest = more.chars();
            if let Some(first) = rest.next_back().filter(|_| more.len() % 2 == 1) {
                text.push(first);
                kept.extend(Some(first).filter(|first| kept.len() + first.len_utf8() <= 9));
            }
            text.push_str(rest.as_str());
            for character in rest {
                if kept.len() + character.len_utf8() > 9 {
                    break;
                }
                kept.push(character);
            }
        }
        (text, kept)
    }

    proptest! {
        #[test]
        fn whatever_is_appended_it_stays_text(
            steps in prop::collection::vec((prop::bool::weighted(0.2), "[a-zé€𝄞]{0,5}"), 0..6),
            others in prop::collection::vec((prop::bool::weighted(0.2), "[a-b]{0,5}"), 0..6),
        ) {
            let (text, kept) = reference(&steps);
            prop_assert_eq!(str::from_utf8(&text.bytes[..usize::from(text.length)]), Ok(kept.as_str()));
            prop_assert_eq!(text.as_str(), kept.as_str());
            let (other, other_kept) = reference(&others);
            prop_assert_eq!(text == other, kept == other_kept);
            prop_assert_eq!(text.cmp(&other), kept.cmp(&other_kept));
        }

        #[test]
        fn letters_are_read_as_one_by_one(typed in "[A-Za-z]{0,30}", other in "[A-Za-z@\\[`{À1\\x00 -]{0,26}") {
            for typed in [typed, other] {
                let plain = typed.len() <= 24 && typed.bytes().all(|byte| byte.is_ascii_alphabetic());
                let word = Word::of_letters(typed.as_bytes());
                prop_assert_eq!(word, plain.then(|| Word::new(&typed.to_ascii_uppercase())));
            }
        }
    }

    #[test]
    fn only_ascii_that_fits_is_text() {
        for (bytes, expected) in
            [(&b""[..], Some("")), (b"LS82QN", Some("LS82QN")), (b"DN350PX", Some("DN350PX")), (b"DN350PXX", None)]
        {
            assert_eq!(Text::<7>::of_ascii(bytes).as_deref(), expected);
        }
        for place in 0..4 {
            let mut bytes = *b"ABCD";
            bytes[place] = 0x80;
            assert_eq!(Text::<7>::of_ascii(&bytes), None);
        }
    }

    #[test]
    fn a_number_is_a_words_own() {
        let words = ["", "A", "B", "AB", "BA", "ABCDEFGHIJKLMNOP"].map(Word::new);
        for (one, place) in words.iter().zip(0..) {
            assert!(one.number().is_some());
            assert_eq!(words.iter().position(|other| other.number() == one.number()), Some(place));
        }
        assert_eq!(Word::new("ABCDEFGHIJKLMNOPQ").number(), None);
    }
}

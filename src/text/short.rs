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

    /// The text of these bytes; `None` if some byte is not ASCII, or if there are too many.
    pub(crate) fn of_ascii(bytes: &[u8]) -> Option<Self> {
        let mut text = Self::default();
        text.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        text.length = bytes.len() as u8;
        text.bytes.is_ascii().then_some(text)
    }

    /// The text of the first `length` of these bytes, behind which are zeros; `None` if some byte is not ASCII.
    #[inline]
    pub(crate) fn of_padded(bytes: [u8; N], length: usize) -> Option<Self> {
        debug_assert!(bytes[length..].iter().all(|byte| *byte == 0));
        (length <= N && bytes.is_ascii()).then_some(Text { bytes, length: length as u8 })
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

    /// The bytes, with zeros behind them.
    pub(crate) fn padded(&self) -> &[u8; N] {
        &self.bytes
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
        // a character, `push`, `of_ascii` and `of_padded` take ASCII, `of_letters` takes only A to Z, `push_word` takes a whole
        // word; and bytes are only ever removed all at once.
        unsafe { str::from_utf8_unchecked(bytes) }
    }
}

/// Up to 24 bytes as three numbers with zeros behind them; `None` for more. Each number is loaded whole: bytes that
/// are copied one by one make the processor wait when they are read together.
#[inline]
pub(crate) fn as_numbers(bytes: &[u8]) -> Option<[u64; 3]> {
    let eight = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    // The last eight bytes, without those that stand in the numbers before.
    let last = |all: usize| Some(eight(bytes.len() - 8)? >> (8 * (all - bytes.len())));
    match bytes.len() {
        0..=8 => Some([up_to_eight(bytes), 0, 0]),
        9..=16 => Some([eight(0)?, last(16)?, 0]),
        17..=24 => Some([eight(0)?, eight(8)?, last(24)?]),
        _ => None,
    }
}

/// Up to eight bytes as a number, from two loads that may overlap.
#[inline]
fn up_to_eight(bytes: &[u8]) -> u64 {
    if let (Some(all), 8) = (bytes.first_chunk(), bytes.len()) {
        return u64::from_le_bytes(*all);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [first, last] = [*first, *last].map(|four| u64::from(u32::from_le_bytes(four)));
        return first | last << (8 * (bytes.len() - 4));
    }
    let byte = |at: usize| u64::from(bytes[at]) << (8 * at);
    if bytes.is_empty() { 0 } else { byte(0) | byte(bytes.len() / 2) | byte(bytes.len() - 1) }
}

/// The first `length` letters of eight in capitals; `None` if one of them is no letter.
#[inline]
fn capitals(letters: u64, length: usize) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let capitals = letters & !(0x20 * ONES);
    // Adds to each byte what lifts a letter, but nothing below A, above 127; and then what lifts anything above Z.
    let low = capitals & !HIGH;
    let are_letters = (low + (0x80 - u64::from(b'A')) * ONES) & !(low + (0x7F - u64::from(b'Z')) * ONES) & !letters;
    let wanted = if length < 8 { (1 << (8 * length)) - 1 } else { u64::MAX };
    (are_letters & HIGH == wanted & HIGH).then_some(capitals)
}

impl Word {
    /// The letters in capitals; `None` if some byte is not a letter from A to Z, small or capital, or if
    /// there are too many.
    #[inline]
    pub(crate) fn of_letters(letters: &[u8]) -> Option<Word> {
        let length = letters.len();
        let [first, second, third] = as_numbers(letters)?;
        let numbers = match length {
            0..=8 => [capitals(first, length)?, 0, 0],
            9..=16 => [capitals(first, 8)?, capitals(second, length - 8)?, 0],
            _ => [capitals(first, 8)?, capitals(second, 8)?, capitals(third, length - 16)?],
        };
        let mut word = Word { bytes: [0; 24], length: length as u8 };
        let (eights, _) = word.bytes.as_chunks_mut::<8>();
        for (eight, number) in eights.iter_mut().zip(numbers) {
            *eight = number.to_le_bytes();
        }
        Some(word)
    }

    /// A word of up to sixteen letters as one number; `None` for a longer one.
    pub(crate) fn number(&self) -> Option<u128> {
        let (first, _) = self.bytes.as_chunks::<16>();
        (self.length <= 16).then_some(u128::from_le_bytes(first[0]))
    }
}

impl Phrase {
    /// Appends a word behind a space, if all of it fits. No space comes first.
    #[inline]
    pub(crate) fn push_word(&mut self, word: &Word) -> bool {
        let length = usize::from(self.length);
        let start = length + usize::from(length > 0);
        let end = start + usize::from(word.length);
        let Some(room) = self.bytes.get_mut(start..).filter(|room| room.len() >= end - start) else { return false };
        match room.first_chunk_mut() {
            // All bytes at once; those behind the word are zeros.
            Some(room) => *room = word.bytes,
            None => room[..end - start].copy_from_slice(word.as_bytes()),
        }
        if length > 0 {
            self.bytes[length] = b' ';
        }
        self.length = end as u8;
        true
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

    proptest! {
        #[test]
        fn numbers_are_bytes_with_zeros_behind_them(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            let mut padded = bytes.clone();
            padded.resize(24.max(bytes.len()), 0);
            let (eights, _) = padded.as_chunks::<8>();
            let expected = [eights[0], eights[1], eights[2]].map(u64::from_le_bytes);
            prop_assert_eq!(as_numbers(&bytes), (bytes.len() <= 24).then_some(expected));
        }

        #[test]
        fn any_other_byte_is_no_letter(word in "[A-Za-z]{1,24}", at in 0..24_usize) {
            let mut letters = word.into_bytes();
            let at = at % letters.len();
            for byte in 0..=u8::MAX {
                letters[at] = byte;
                let expected = byte.is_ascii_alphabetic();
                prop_assert_eq!(Word::of_letters(&letters).is_some(), expected, "{} at {}", byte, at);
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

    proptest! {
        #[test]
        fn words_are_joined_as_far_as_they_fit(words in prop::collection::vec("[A-Z]{1,24}", 0..8)) {
            let (mut phrase, mut kept) = (Phrase::default(), String::new());
            for word in words {
                let longer = if kept.is_empty() { word.clone() } else { format!("{kept} {word}") };
                let fits = longer.len() <= 40;
                prop_assert_eq!(phrase.push_word(&Word::new(&word)), fits);
                kept = if fits { longer } else { kept };
                prop_assert_eq!(phrase, Phrase::new(&kept));
            }
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

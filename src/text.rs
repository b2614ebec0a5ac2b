//! Short text on the stack, for personal data: in go normalised words, out comes nothing but what is
//! asked for by name. `Debug` shows no content, so that no log or panic can.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use arrayvec::ArrayString;

/// Text of at most `N` bytes, kept without allocation. What does not fit is cut off, at the same
/// place every time.
///
/// ```
/// use flagmatch::text::Word;
/// let word = Word::new("SATTERTHWAITE");
/// assert_eq!(&*word, "SATTERTHWAITE");
/// assert_eq!(format!("{word:?}"), "[withheld]");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const N: usize>(ArrayString<N>);

/// One word of a name, or a flat's designation.
pub type Word = Text<24>;

/// A street, a building's name, a town.
pub type Phrase = Text<40>;

impl<const N: usize> Text<N> {
    /// The text, or as much of its beginning as fits.
    pub fn new(text: &str) -> Self {
        let mut kept = Self::default();
        kept.push_str(text);
        kept
    }

    /// Appends as many whole characters of `text` as fit.
    pub fn push_str(&mut self, text: &str) {
        let room = N - self.0.len();
        let end = if text.len() <= room { text.len() } else { text.floor_char_boundary(room) };
        self.0.push_str(&text[..end]);
    }

    /// Appends a character where there is room for it.
    pub fn push(&mut self, character: char) {
        let _full = self.0.try_push(character);
    }

    /// Takes all content away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many bytes it has room for in all.
    pub fn room(&self) -> usize {
        N
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// A text hashes as its content does, so that a map of texts can be asked for content alone.
impl<const N: usize> Borrow<str> for Text<N> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// A count with commas: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The first sixteen bytes of a text as a number that sorts as they do. To sort many texts by it first
/// spares nearly all looks at the texts themselves, each of which waits for memory.
pub(crate) fn leading(text: &str) -> u128 {
    let mut first = [0; 16];
    let length = text.len().min(first.len());
    first[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn leading_bytes_sort_as_the_texts_do() {
        let texts = ["", "A", "A1", "AB", "B", "B234567890123456", "B2345678901234567", "B2345678901234568", "C"];
        for pair in texts.windows(2) {
            assert!((leading(pair[0]), pair[0]) < (leading(pair[1]), pair[1]));
            assert!(leading(pair[0]) <= leading(pair[1]));
        }
    }

    #[test]
    fn debug_shows_no_content() {
        assert!(!format!("{:?}", Word::new("ELLISON")).contains("ELLISON"));
    }
}

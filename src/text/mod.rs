//! Keeps short text for personal data, and formats counts and words.

mod file_name;
mod mark;
mod short;

use std::cmp::Ordering;

use rayon::prelude::*;

pub use file_name::shown;
pub(crate) use mark::{marked, unmarked};
pub(crate) use short::as_numbers;
pub use short::{Phrase, Text, Word};

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

/// A count and its noun in the singular or the plural: `1 row`, `2 rows`. The noun's last word takes an `s`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The first sixteen bytes of a text as a number that sorts as they do. Sorting many texts by it first avoids
/// nearly all accesses to the texts themselves, each of which waits for memory.
pub(crate) fn leading(text: &str) -> u128 {
    let mut first = [0; 16];
    let length = text.len().min(first.len());
    first[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(first)
}

/// A number that stands for a text, with the text's first sixteen bytes: a list of these is sorted by text, and most
/// texts are read back, without looking at the texts themselves, which wait for memory.
#[derive(Clone, Copy)]
pub(crate) struct ByText {
    leading: u128,
    length: u32,
    pub(crate) number: u32,
}

impl ByText {
    pub(crate) fn new(text: &str, number: u32) -> ByText {
        // Fields of files are far shorter than four gigabytes.
        ByText { leading: leading(text), length: text.len() as u32, number }
    }

    /// Sorts by text. `compare` compares two numbers by all of their texts, and by what decides between equal ones.
    pub(crate) fn sort(all: &mut [ByText], compare: impl Fn(u32, u32) -> Ordering + Sync) {
        all.par_sort_unstable_by(|one, other| {
            one.leading.cmp(&other.leading).then_with(|| compare(one.number, other.number))
        });
    }

    /// The text, in `bytes` if it is short; `long` looks up any other.
    pub(crate) fn text<'t>(&self, bytes: &'t mut [u8; 16], long: impl FnOnce(u32) -> &'t str) -> &'t str {
        *bytes = self.leading.to_be_bytes();
        match bytes.get(..self.length as usize).map(str::from_utf8) {
            Some(Ok(text)) => text,
            _ => long(self.number),
        }
    }
}

/// Breaks a text into lines of at most `width` letters; a longer word gets a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let own = &mut lines[last];
        if !own.is_empty() && own.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !own.is_empty() {
                own.push(' ');
            }
            own.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_nothing_else_is() {
        for (number, text) in [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1001, "1,001 rows")] {
            assert_eq!(counted(number, "row"), text);
        }
    }

    #[test]
    fn texts_are_sorted_and_read_back() {
        let texts = ["C", "", "é", "B2345678901234567", "A\0", "A", "B234567890123456", "B2345678901234568", "seven é"];
        let mut all: Vec<ByText> = texts.iter().zip(0..).map(|(text, number)| ByText::new(text, number)).collect();
        let text_of = |number| texts[number as usize];
        ByText::sort(&mut all, |one, other| text_of(one).cmp(text_of(other)));
        let mut sorted = texts;
        sorted.sort_unstable();
        for (own, expected) in all.iter().zip(sorted) {
            let mut is_long = false;
            let mut bytes = [0; 16];
            let found = own.text(&mut bytes, |number| {
                is_long = true;
                text_of(number)
            });
            assert_eq!((found, is_long), (expected, expected.len() > 16));
        }
    }

    #[test]
    fn leading_bytes_sort_as_the_texts_do() {
        let texts = ["", "A", "A1", "AB", "B", "B234567890123456", "B2345678901234567", "B2345678901234568", "C"];
        for pair in texts.windows(2) {
            assert!((leading(pair[0]), pair[0]) < (leading(pair[1]), pair[1]));
            assert!(leading(pair[0]) <= leading(pair[1]));
        }
    }
}

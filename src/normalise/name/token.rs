//! Splits text as typed into words of capitals A to Z, and keeps the marks between them.

use arrayvec::ArrayVec;

use super::super::fold::{Folded, fold};
use super::lexicon::{Meaning, meaning};
use crate::text::Word;

/// One word as typed, and what stood around it.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) meaning: Meaning,
    /// A hyphen joins it to the word before.
    pub(super) hyphen: bool,
    /// A comma stands before it.
    pub(super) comma: bool,
    /// An ampersand, a plus sign or a stroke stands before it.
    pub(super) joint: bool,
    /// It stands in brackets or double quotation marks.
    pub(super) bracketed: bool,
    /// An apostrophe separates its first letter from the rest (`O'Brien`), or it ends in one (`O' Brien`).
    pub(super) apostrophe: bool,
    /// A capital follows a small letter (`MacDonald`).
    pub(super) inner_capital: bool,
}

/// What one character means to the reader of words.
enum Mark {
    Letter(u8),
    Nought,
    One,
    Digit,
    Apostrophe,
    Hyphen,
    Comma,
    Joint,
    Open,
    Close,
    Quote,
    Space,
    Nothing,
}

/// Splits `text` into words. Gives whether a letter outside A to Z was folded.
///
/// A word with a letter that has no counterpart in A to Z is left out. Digits and other marks are dropped,
/// with two exceptions: a zero before a letter or an apostrophe is a letter O (`J0an`, `0'Brien`), and a one
/// between letters is a letter L (`Wi11iam`).
pub(super) fn words(text: &str, mut found: impl FnMut(Token)) -> bool {
    let mut reader = Reader::new();
    if text.is_ascii() {
        for &byte in text.as_bytes() {
            reader.take(ascii(byte), &mut found);
        }
    } else {
        for character in text.chars() {
            reader.take_any(character, &mut found);
        }
    }
    reader.end(&mut found);
    reader.folded
}

fn ascii(byte: u8) -> Mark {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' => Mark::Letter(byte),
        b'0' => Mark::Nought,
        b'1' => Mark::One,
        b'2'..=b'9' => Mark::Digit,
        b'\'' | b'`' => Mark::Apostrophe,
        b'-' => Mark::Hyphen,
        b',' | b';' => Mark::Comma,
        b'&' | b'+' | b'/' => Mark::Joint,
        b'(' | b'[' | b'{' => Mark::Open,
        b')' | b']' | b'}' => Mark::Close,
        b'"' => Mark::Quote,
        b' ' | b'\t' | b'\r' | b'\n' | b'.' | b'_' => Mark::Space,
        _ => Mark::Nothing,
    }
}

struct Reader {
    token: Token,
    /// The letters of the word so far, as many as a word has room for.
    letters: ArrayVec<u8, 24>,
    depth_of_brackets: u8,
    in_quotes: bool,
    unreadable: bool,
    after_small_letter: bool,
    after_digit: bool,
    /// A zero has just been read, with no digit before it.
    after_nought: bool,
    /// How many ones have just been read behind a letter.
    ones: usize,
    folded: bool,
}

impl Reader {
    fn new() -> Self {
        let token = Token {
            word: Word::default(),
            meaning: Meaning::Plain,
            hyphen: false,
            comma: false,
            joint: false,
            bracketed: false,
            apostrophe: false,
            inner_capital: false,
        };
        Reader {
            token,
            letters: ArrayVec::new(),
            depth_of_brackets: 0,
            in_quotes: false,
            unreadable: false,
            after_small_letter: false,
            after_digit: false,
            after_nought: false,
            ones: 0,
            folded: false,
        }
    }

    fn letter(&mut self, letter: u8) {
        self.token.inner_capital |= self.after_small_letter && letter.is_ascii_uppercase();
        self.after_small_letter = letter.is_ascii_lowercase();
        let _full = self.letters.try_push(letter.to_ascii_uppercase());
    }

    fn take(&mut self, mark: Mark, found: &mut impl FnMut(Token)) {
        if self.after_nought && matches!(mark, Mark::Letter(_) | Mark::Apostrophe) {
            self.letter(if self.after_small_letter { b'o' } else { b'O' });
        }
        if matches!(mark, Mark::Letter(_)) {
            for _ in 0..self.ones {
                self.letter(if self.after_small_letter { b'l' } else { b'L' });
            }
        }
        self.ones = match mark {
            Mark::One if self.ones > 0 || !self.after_digit && !self.letters.is_empty() => self.ones + 1,
            _ => 0,
        };
        self.after_nought = matches!(mark, Mark::Nought) && !self.after_digit;
        self.after_digit = matches!(mark, Mark::Nought | Mark::One | Mark::Digit);
        match mark {
            Mark::Letter(letter) => self.letter(letter),
            Mark::Nought | Mark::One | Mark::Digit => {}
            Mark::Apostrophe => self.token.apostrophe |= self.letters.len() == 1,
            Mark::Nothing => {}
            Mark::Space => self.end(found),
            Mark::Hyphen => {
                self.end(found);
                self.token.hyphen = true;
            }
            Mark::Comma => {
                self.end(found);
                self.token.comma = true;
            }
            Mark::Joint => {
                self.end(found);
                self.token.joint = true;
            }
            Mark::Open => {
                self.end(found);
                self.depth_of_brackets = self.depth_of_brackets.saturating_add(1);
            }
            Mark::Close => {
                self.end(found);
                self.depth_of_brackets = self.depth_of_brackets.saturating_sub(1);
            }
            Mark::Quote => {
                self.end(found);
                self.in_quotes = !self.in_quotes;
            }
        }
    }

    fn take_any(&mut self, character: char, found: &mut impl FnMut(Token)) {
        fold(character, |part| match part {
            Folded::Ascii(byte) => self.take(ascii(byte), found),
            Folded::Letters(letters) => {
                self.folded = true;
                letters.bytes().for_each(|letter| self.letter(letter));
            }
            Folded::Accent => self.folded |= !self.letters.is_empty(),
            Folded::Apostrophe => self.take(Mark::Apostrophe, found),
            Folded::Dash => self.take(Mark::Hyphen, found),
            Folded::Quote => self.take(Mark::Quote, found),
            Folded::Space => self.take(Mark::Space, found),
            Folded::Nothing => {}
            Folded::Other(character) => self.unreadable |= character.is_alphabetic(),
        });
    }

    fn end(&mut self, found: &mut impl FnMut(Token)) {
        if !self.letters.is_empty() && !self.unreadable {
            self.token.bracketed = self.depth_of_brackets > 0 || self.in_quotes;
            // The letters are A to Z, so they are valid text.
            self.token.word = Word::new(std::str::from_utf8(&self.letters).unwrap_or_default());
            self.token.meaning = meaning(&self.token.word);
            found(self.token);
        }
        // The marks before an unreadable word still separate its neighbours.
        if !self.letters.is_empty() || self.unreadable {
            let kept = self.unreadable && (self.token.comma || self.token.joint);
            let (comma, joint) = (self.token.comma && kept, self.token.joint && kept);
            self.letters.clear();
            self.token = Token {
                meaning: Meaning::Plain,
                hyphen: false,
                comma,
                joint,
                bracketed: false,
                apostrophe: false,
                inner_capital: false,
                ..self.token
            };
        }
        self.unreadable = false;
        self.after_small_letter = false;
    }
}

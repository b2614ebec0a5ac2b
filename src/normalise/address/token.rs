//! Splits address lines into tokens: capitals A to Z and digits, in one buffer on the stack.

use arrayvec::{ArrayString, ArrayVec};

use super::words::{self, Known, Roles};
use crate::normalise::fold::{Folded, fold};
use crate::text::Word;

/// Adjacent tokens: from, to.
pub(super) type Span = (usize, usize);

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of a line, a comma or a bracket; or a token that has been used.
    Break,
    /// Letters, or one of the known words with a digit (`1ST`).
    Word,
    /// A number up to 65535, perhaps with a letter after it, perhaps the first of a range.
    Number,
    /// Digits and letters mixed in another way.
    Code,
    /// Two or more of those with `/` between them.
    Slashed,
    /// A dash after a number.
    Dash,
}

/// A word, a number or a break of an address.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    start: u16,
    length: u16,
    /// The number, or the first of a range.
    pub(super) first: u16,
    /// The last of a range; else equal to `first`.
    pub(super) last: u16,
    /// The letter after a number, or 0.
    pub(super) letter: u8,
    known: Option<&'static Known>,
}

impl Token {
    pub(super) const BREAK: Token =
        Token { kind: Kind::Break, start: 0, length: 0, first: 0, last: 0, letter: 0, known: None };

    /// What the word can be in an address.
    pub(super) fn roles(self) -> Roles {
        self.known().map_or(0, |known| known.roles)
    }

    /// Whether it can be any of these.
    pub(super) fn is(self, roles: Roles) -> bool {
        self.roles() & roles != 0
    }

    pub(super) fn known(self) -> Option<&'static Known> {
        self.known
    }

    /// The first of a range.
    pub(super) fn single(self) -> Token {
        Token { last: self.first, ..self }
    }

    pub(super) fn length(self) -> usize {
        usize::from(self.length)
    }

    pub(super) fn is_range(self) -> bool {
        self.first != self.last
    }
}

/// How many letters and digits of an address are read; a British address rarely has a hundred.
const MOST_BYTES: usize = 256;
/// How many words and breaks are read.
const MOST_TOKENS: usize = 64;

/// The tokens of an address. A break always stands before the first and after the last.
pub(super) struct Tokens {
    letters: ArrayString<MOST_BYTES>,
    list: ArrayVec<Token, MOST_TOKENS>,
    word_start: usize,
}

impl Tokens {
    /// Reads lines one after another.
    pub(super) fn read(lines: &[&str]) -> Tokens {
        let mut tokens = Tokens { letters: ArrayString::new(), list: ArrayVec::new(), word_start: 0 };
        for line in lines {
            tokens.read_line(line);
            tokens.end_word();
            tokens.push_break();
        }
        tokens
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The token at a place, a break beyond either end.
    pub(super) fn at(&self, place: usize) -> Token {
        self.list.get(place).copied().unwrap_or(Token::BREAK)
    }

    /// The token before a place.
    pub(super) fn before(&self, place: usize) -> Token {
        place.checked_sub(1).map_or(Token::BREAK, |before| self.at(before))
    }

    pub(super) fn text(&self, token: Token) -> &str {
        let start = usize::from(token.start);
        // Only ASCII goes into the buffer, so every token begins and ends at a character.
        self.letters.get(start..start + usize::from(token.length)).unwrap_or_default()
    }

    /// Removes tokens; their neighbours do not become adjacent.
    pub(super) fn take(&mut self, from: usize, to: usize) {
        for token in &mut self.list[from..to] {
            *token = Token::BREAK;
        }
    }

    /// Puts a plain number in a token's place.
    pub(super) fn set_number(&mut self, place: usize, number: u16) {
        if let Some(token) = self.list.get_mut(place) {
            *token = Token { kind: Kind::Number, first: number, last: number, ..Token::BREAK };
        }
    }

    /// Puts a range of numbers in a token's place.
    pub(super) fn set_range(&mut self, place: usize, first: u16, last: u16) {
        self.set_number(place, first);
        if let Some(token) = self.list.get_mut(place) {
            token.last = last;
        }
    }

    fn read_line(&mut self, line: &str) {
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                self.push_byte(byte.to_ascii_uppercase());
                at += 1;
            } else if byte.is_ascii() {
                self.read_mark(bytes, at);
                at += 1;
            } else {
                // `at` is always at the beginning of a character.
                let Some(character) = line[at..].chars().next() else {
                    return;
                };
                self.read_other(character, &line[..at], &line[at + character.len_utf8()..]);
                at += character.len_utf8();
            }
        }
    }

    fn read_mark(&mut self, bytes: &[u8], at: usize) {
        let is_part = |place: Option<usize>| place.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let inside = || is_part(at.checked_sub(1)) && is_part(Some(at + 1));
        match bytes[at] {
            b'\'' | b'`' => {}
            b'/' | b'\\' if inside() => self.push_byte(b'/'),
            b'-' => self.dash(inside()),
            b',' | b';' | b'(' | b')' | b'[' | b']' | b'\n' => {
                self.end_word();
                self.push_break();
            }
            b'&' => {
                self.end_word();
                self.push_str("AND");
                self.end_word();
            }
            _ => self.end_word(),
        }
    }

    fn read_other(&mut self, character: char, before: &str, after: &str) {
        if character == '½' {
            self.end_word();
            self.push_str("1/2");
            return self.end_word();
        }
        fold(character, |part| match part {
            Folded::Ascii(byte) if byte.is_ascii_alphanumeric() || byte == b'/' => {
                self.push_byte(byte.to_ascii_uppercase());
            }
            Folded::Ascii(byte) => self.read_mark(&[byte], 0),
            Folded::Letters(letters) => self.push_str(letters),
            Folded::Accent | Folded::Apostrophe | Folded::Nothing => {}
            Folded::Dash => {
                let tight =
                    before.ends_with(|c: char| c.is_alphanumeric()) && after.starts_with(|c: char| c.is_alphanumeric());
                self.dash(tight);
            }
            Folded::Quote | Folded::Space | Folded::Other(_) => self.end_word(),
        });
    }

    fn dash(&mut self, tight: bool) {
        self.end_word();
        let place = self.list.len();
        let last = self.before(place);
        if last.kind == Kind::Number {
            // "Flat 2 - 10 High Street" is no range.
            let of_flat = self.before(place - 1).is(words::UNIT);
            self.push(if of_flat && !tight { Token::BREAK } else { Token { kind: Kind::Dash, ..Token::BREAK } });
        } else if !tight {
            self.push_break();
        }
    }

    fn push_byte(&mut self, byte: u8) {
        let _full = self.letters.try_push(char::from(byte));
    }

    fn push_str(&mut self, text: &str) {
        for byte in text.bytes() {
            self.push_byte(byte.to_ascii_uppercase());
        }
    }

    fn push(&mut self, token: Token) {
        let _full = self.list.try_push(token);
    }

    fn push_break(&mut self) {
        if self.list.last().is_some_and(|last| last.kind == Kind::Dash) {
            self.list.pop();
        }
        if self.list.last().is_some_and(|last| last.kind != Kind::Break) {
            self.push(Token::BREAK);
        }
    }

    /// Makes a token of the letters and digits since the last one.
    fn end_word(&mut self) {
        let start = self.word_start;
        self.word_start = self.letters.len();
        if start == self.letters.len() {
            return;
        }
        let token = token_of(&self.letters.as_bytes()[start..], start);
        if token.kind == Kind::Number && self.ends_in_range() {
            self.list.pop();
            if let Some(first) = self.list.last_mut() {
                first.last = token.first;
                first.letter = 0;
            }
            return;
        }
        if self.list.last().is_some_and(|last| last.kind == Kind::Dash) {
            self.list.pop();
        }
        if token.kind == Kind::Slashed && self.text(token) == "C/O" {
            self.push_break();
        }
        self.push(token);
    }

    /// Whether the last two tokens are a number and what may join it to another.
    fn ends_in_range(&self) -> bool {
        let [.., first, joint] = self.list[..] else {
            return false;
        };
        let joins = joint.kind == Kind::Dash || (joint.kind == Kind::Word && joint.is(words::JOINS));
        joins && first.kind == Kind::Number && !first.is_range()
    }
}

fn token_of(bytes: &[u8], start: usize) -> Token {
    // Both fit: the buffer has fewer than 65536 bytes.
    let (start, length) = (start as u16, bytes.len() as u16);
    let word = Token { kind: Kind::Word, start, length, ..Token::BREAK };
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == bytes.len() || (digits > 0 && digits + 1 == bytes.len() && bytes[digits] != b'/') {
        let number = bytes[..digits]
            .iter()
            .try_fold(0u16, |number, byte| number.checked_mul(10)?.checked_add(u16::from(byte - b'0')));
        if let Some(first) = number {
            let letter = bytes.get(digits).copied().unwrap_or(0);
            return Token { kind: Kind::Number, first, last: first, letter, ..word };
        }
        return Token { kind: Kind::Code, ..word };
    }
    if bytes.contains(&b'/') {
        return Token { kind: Kind::Slashed, ..word };
    }
    let known = Word::of_ascii(bytes).and_then(|word| words::find(&word));
    if known.is_none() && (digits > 0 || bytes.iter().any(u8::is_ascii_digit)) {
        return Token { kind: Kind::Code, ..word };
    }
    Token { known, ..word }
}

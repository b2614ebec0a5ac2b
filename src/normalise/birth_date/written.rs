//! Takes a written date apart into year, month and day, possible or not.

use super::super::digits;
use crate::date::Date;

/// The parts of a date in a supported form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) year: Year,
    pub(super) month: u32,
    pub(super) day: u32,
    /// Whether the month is written as a word.
    pub(super) is_named: bool,
}

/// A year as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    Four(u32),
    Two(u32),
}

impl Written {
    /// The date, if the year has four digits and the day exists.
    pub(super) fn date(self) -> Option<Date> {
        match self.year {
            Year::Four(year) => Date::new(year, self.month, self.day),
            Year::Two(_) => None,
        }
    }
}

/// Takes apart a date that has no spaces around it.
pub(super) fn written(text: &str) -> Option<Written> {
    let text = without_time(text).as_bytes();
    if let Ok(eight) = <[u8; 8]>::try_from(text)
        && let Some(number) = digits::eight(eight)
    {
        // Eight digits may also have the day first, so take them only if the date exists.
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        return Date::new(year, month, day).map(|_| Written { year: Year::Four(year), month, day, is_named: false });
    }
    if text.iter().any(u8::is_ascii_alphabetic) { in_words(text) } else { in_numbers(text) }
}

/// Three numbers with one separator between them.
fn in_numbers(text: &[u8]) -> Option<Written> {
    let is_separator = |byte: &u8| matches!(byte, b'-' | b'/' | b'.' | b' ');
    let separator = *text.iter().find(|byte| is_separator(byte))?;
    let mut parts = text.split(|byte| *byte == separator).filter(|part| !part.is_empty());
    let (first, month, last) = (parts.next()?, short_number(parts.next()?)?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, day) = match four_digits(first) {
        Some(year) => (Year::Four(year), last),
        None => (year(last)?, first),
    };
    Some(Written { year, month, day: short_number(day)?, is_named: false })
}

/// A day, the name of a month and a year, with or without anything between them: `08-Dec-73`,
/// `8th of December 1973`, `December 8, 1973`, `1973-Dec-08`.
fn in_words(text: &[u8]) -> Option<Written> {
    let mut words = Words { rest: text };
    let (first, second) = (words.next_word()?, words.next_word()?);
    let third = words.next_word()?;
    if !words.rest.is_empty() {
        return None;
    }
    let (month, day, year_last) = match (month_named(first), month_named(second)) {
        (Some(month), None) => (month, second, year(third)?),
        (None, Some(month)) => match four_digits(first) {
            Some(year) => (month, third, Year::Four(year)),
            None => (month, first, year(third)?),
        },
        _ => return None,
    };
    Some(Written { year: year_last, month, day: short_number(day)?, is_named: true })
}

/// Runs of digits and of letters, one after the other.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// The next run. Skips what may follow it: the ending of an ordinal, signs, `of`.
    fn next_word(&mut self) -> Option<&'a [u8]> {
        let word = self.take_run()?;
        if word[0].is_ascii_digit() {
            self.pass([&b"st"[..], b"nd", b"rd", b"th"]);
        }
        self.pass_signs();
        self.pass([&b"of"[..]]);
        self.pass_signs();
        Some(word)
    }

    fn take_run(&mut self) -> Option<&'a [u8]> {
        let first = *self.rest.first()?;
        let is_same = |byte: &&u8| match first.is_ascii_digit() {
            true => byte.is_ascii_digit(),
            false => byte.is_ascii_alphabetic(),
        };
        let (run, rest) = self.rest.split_at(self.rest.iter().take_while(is_same).count());
        self.rest = rest;
        (!run.is_empty()).then_some(run)
    }

    fn pass<const N: usize>(&mut self, known: [&[u8]; N]) {
        let mut ahead = Words { rest: self.rest };
        let run = ahead.take_run();
        if run.is_some_and(|run| known.iter().any(|known| run.eq_ignore_ascii_case(known))) {
            self.rest = ahead.rest;
        }
    }

    fn pass_signs(&mut self) {
        let signs = self.rest.iter().take_while(|byte| matches!(byte, b'-' | b'/' | b'.' | b' ' | b',')).count();
        self.rest = &self.rest[signs..];
    }
}

/// The text without a time of day after the date (`T00:00:00`, ` 00:00`, ` 12:30 PM`).
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let before = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = &text[colon..];
    let is_time = before.len() < colon
        && rest.bytes().all(|byte| {
            byte.is_ascii_digit()
                || matches!(byte, b':' | b'.' | b'Z' | b'+' | b'-' | b' ' | b'A' | b'P' | b'M' | b'a' | b'p' | b'm')
        });
    if !is_time {
        return text;
    }
    before.strip_suffix(['T', 't', ' ']).map_or(text, str::trim_end)
}

/// A year of four digits or two.
fn year(text: &[u8]) -> Option<Year> {
    match text.len() {
        2 => short_number(text).map(Year::Two),
        _ => four_digits(text).map(Year::Four),
    }
}

fn four_digits(text: &[u8]) -> Option<u32> {
    let (century, year) = text.split_at_checked(2).filter(|_| text.len() == 4)?;
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(short_number(century)? * 100 + short_number(year)?)
}

/// One or two digits.
fn short_number(text: &[u8]) -> Option<u32> {
    match *text {
        [a @ b'0'..=b'9'] => Some(u32::from(a - b'0')),
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u32::from(a - b'0') * 10 + u32::from(b - b'0')),
        _ => None,
    }
}

/// A month's English name, or at least its first three letters.
fn month_named(text: &[u8]) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "JANUARY",
        "FEBRUARY",
        "MARCH",
        "APRIL",
        "MAY",
        "JUNE",
        "JULY",
        "AUGUST",
        "SEPTEMBER",
        "OCTOBER",
        "NOVEMBER",
        "DECEMBER",
    ];
    let of_month = |name: &&str| {
        text.len() >= 3 && text.len() <= name.len() && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text)
    };
    (1..).zip(&MONTHS).find(|(_, name)| of_month(name)).map(|(month, _)| month)
}

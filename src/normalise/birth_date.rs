//! Dates as people and spreadsheets write them: in comes text, out comes a day that exists.
//!
//! The day stands before the month, always: `08/23/2026` is no date here, because a file in which
//! months come first would be read wrongly twelve days in every month without anybody noticing.

use super::{Reading, digits};
use crate::date::Date;

/// The first birth date taken for real. Nobody older than this has an electricity account.
const EARLIEST: (u32, u32, u32) = (1895, 1, 1);

/// Dates that systems write where they know none. 1 January 1970 is not among them: people were born
/// on it.
const PLACEHOLDERS: [(u32, u32, u32); 10] = [
    (1, 1, 1),
    (1111, 11, 11),
    (1753, 1, 1),
    (1800, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1901, 1, 1),
    (2999, 12, 31),
    (9999, 12, 31),
];

/// Reads a date: `2026-08-23`, `23/08/2026`, `23.8.2026`, `20260823`, `23 Aug 2026`, with or without
/// a time of day after it. Nothing but spaces is absent.
///
/// ```
/// use flagmatch::date::Date;
/// use flagmatch::normalise::{Reading, birth_date::date};
/// assert_eq!(date("23/08/2026"), Reading::Known(Date::new(2026, 8, 23).expect("a date")));
/// assert_eq!(date("08/23/2026"), Reading::Unusable);
/// ```
pub fn date(text: &str) -> Reading<Date> {
    if text.is_empty() {
        return Reading::Absent;
    }
    if let Some(date) = usual(text.as_bytes()) {
        return Reading::Known(date);
    }
    let text = text.trim();
    if text.is_empty() {
        return Reading::Absent;
    }
    match written(text) {
        Some(date) => Reading::Known(date),
        None => Reading::Unusable,
    }
}

/// Reads a date of birth: a [`date`] from 1895 up to `latest`, the qualifying date. What stands for
/// not known (`1900-01-01`, `00/00/0000`, `N/A`) is absent.
///
/// ```
/// use flagmatch::date::Date;
/// use flagmatch::normalise::{Reading, birth_date::birth_date};
/// let latest = Date::new(2026, 8, 23).expect("a date");
/// assert_eq!(birth_date("1900-01-01", latest), Reading::Absent);
/// assert_eq!(birth_date("2026-08-24", latest), Reading::Unusable);
/// ```
pub fn birth_date(text: &str, latest: Date) -> Reading<Date> {
    match date(text) {
        // Neither is any placeholder.
        Reading::Known(date) if date <= latest && (1902..2999).contains(&date.year()) => Reading::Known(date),
        Reading::Known(date) => {
            let parts = (date.year(), date.month(), date.day());
            if PLACEHOLDERS.contains(&parts) {
                Reading::Absent
            } else if parts >= EARLIEST && date <= latest {
                Reading::Known(date)
            } else {
                Reading::Unusable
            }
        }
        Reading::Unusable if stands_for_nothing(text) || is_all_zeros(text) => Reading::Absent,
        other => other,
    }
}

/// Whether text is one of the words people write into a field they have nothing for.
pub(super) fn stands_for_nothing(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "N/A",
        "NA",
        "NONE",
        "NULL",
        "NIL",
        "NAN",
        "UNKNOWN",
        "NOT KNOWN",
        "NOT PROVIDED",
        "NOT GIVEN",
        "NOT SUPPLIED",
        "NOT STATED",
        "TBC",
        "U/K",
    ];
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_punctuation()) || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn is_all_zeros(text: &str) -> bool {
    text.contains('0') && text.bytes().all(|byte| byte == b'0' || !byte.is_ascii_alphanumeric())
}

/// The forms nearly every row has, `2026-08-23` and `23/08/2026`, without a search for separators.
fn usual(text: &[u8]) -> Option<Date> {
    match *text {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => number_of([y1, y2, y3, y4, m1, m2, d1, d2]),
        [d1, d2, b'/', m1, m2, b'/', y1, y2, y3, y4] => number_of([y1, y2, y3, y4, m1, m2, d1, d2]),
        _ => None,
    }
}

/// Eight digits, year first.
fn number_of(digits: [u8; 8]) -> Option<Date> {
    let number = digits::eight(digits)?;
    Date::new(number / 10_000, number / 100 % 100, number % 100)
}

fn written(text: &str) -> Option<Date> {
    let text = without_time(text).as_bytes();
    if let Ok(digits) = <[u8; 8]>::try_from(text)
        && let Some(date) = number_of(digits)
    {
        return Some(date);
    }
    let is_separator = |byte: &u8| matches!(byte, b'-' | b'/' | b'.' | b' ');
    let separator = *text.iter().find(|byte| is_separator(byte))?;
    let mut parts = text.split(|byte| *byte == separator).filter(|part| !part.is_empty());
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let is_year = |part: &[u8]| part.len() == 4 && part.iter().all(u8::is_ascii_digit);
    let (year, day) = if is_year(first) { (first, last) } else { (last, first) };
    if !is_year(year) {
        return None;
    }
    let month = if month[0].is_ascii_digit() { short_number(month)? } else { month_named(month)? };
    Date::new(short_number(&year[..2])? * 100 + short_number(&year[2..])?, month, day_number(day)?)
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

/// One or two digits.
fn short_number(text: &[u8]) -> Option<u32> {
    match *text {
        [a @ b'0'..=b'9'] => Some(u32::from(a - b'0')),
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u32::from(a - b'0') * 10 + u32::from(b - b'0')),
        _ => None,
    }
}

/// One or two digits, perhaps with `st`, `nd`, `rd` or `th`.
fn day_number(text: &[u8]) -> Option<u32> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, ending) = text.split_at(digits);
    let ordinal = ["", "ST", "ND", "RD", "TH"].iter().any(|known| known.as_bytes().eq_ignore_ascii_case(ending));
    if ordinal { short_number(number) } else { None }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(year: u32, month: u32, day: u32) -> Reading<Date> {
        Reading::Known(Date::new(year, month, day).unwrap())
    }

    fn latest() -> Date {
        Date::new(2026, 8, 23).unwrap()
    }

    #[test]
    fn one_day_however_written() {
        for text in [
            "2026-08-23",
            "23/08/2026",
            "23.08.2026",
            "23-08-2026",
            "20260823",
            "23/8/2026",
            " 2026-08-23 ",
            "2026/08/23",
            "2026.8.23",
            "23 Aug 2026",
            "23-AUG-2026",
            "23 august 2026",
            "23rd August 2026",
            "23  Aug  2026",
            "2026-08-23T00:00:00",
            "2026-08-23T00:00:00.000Z",
            "2026-08-23T00:00:00+01:00",
            "2026-08-23 00:00:00",
            "23/08/2026 00:00",
            "23/08/2026 12:00:00 AM",
            "20260823 00:00",
        ] {
            assert_eq!(date(text), day(2026, 8, 23), "{text}");
        }
        assert_eq!(date("3/4/1950"), day(1950, 4, 3));
        assert_eq!(date("29/02/2000"), day(2000, 2, 29));
        assert_eq!(date("1 Sept 1966"), day(1966, 9, 1));
        assert_eq!(date("31.12.9999"), day(9999, 12, 31));
    }

    #[test]
    fn what_is_no_date_is_unusable() {
        for text in [
            "08/23/2026",
            "2026-23-08",
            "23/08/26",
            "26-08-23",
            "1916-00-17",
            "1931-01-75",
            "29/02/2023",
            "31/04/2020",
            "2026-08",
            "2026",
            "23082026",
            "23/08-2026",
            "23/08/2026/1",
            "23/08/202",
            "023/08/2026",
            "2026-8-023",
            "23 Ma 2026",
            "23 Augu5t 2026",
            "23 Augustus 2026",
            "23xx Aug 2026",
            "2026-08-23T",
            "2026-08-2300:00",
            "2026-08-23 noon: sharp",
            "+2026-08-23",
            "２０２６-08-23",
            "45892",
            "yesterday",
            "::",
            ":00",
        ] {
            assert_eq!(date(text), Reading::Unusable, "{text}");
        }
        assert_eq!(date(""), Reading::Absent);
        assert_eq!(date(" \t "), Reading::Absent);
    }

    #[test]
    fn placeholders_are_no_birth_date() {
        for text in [
            "",
            "  ",
            "1900-01-01",
            "01/01/1900",
            "1901-01-01",
            "0001-01-01",
            "01/01/0001",
            "1800-01-01",
            "1753-01-01",
            "30/12/1899",
            "1899-12-31",
            "9999-12-31",
            "31/12/2999",
            "11/11/1111",
            "00/00/0000",
            "0000-00-00",
            "0000-00-00 00:00:00",
            "00000000",
            "0",
            "N/A",
            "n/a",
            "unknown",
            "Not known",
            "none",
            "NULL",
            "-",
            "?",
            "//",
        ] {
            assert_eq!(birth_date(text, latest()), Reading::Absent, "{text}");
        }
    }

    #[test]
    fn a_birth_date_lies_between_1895_and_the_latest() {
        for (text, expected) in [
            ("1970-01-01", day(1970, 1, 1)),
            ("1895-01-01", day(1895, 1, 1)),
            ("1902-01-01", day(1902, 1, 1)),
            ("2026-08-23", day(2026, 8, 23)),
            ("03/07/1948", day(1948, 7, 3)),
            ("2026-08-24", Reading::Unusable),
            ("1894-12-31", Reading::Unusable),
            ("2999-12-30", Reading::Unusable),
            ("1916-00-17", Reading::Unusable),
            ("1931-01-75", Reading::Unusable),
            ("03/07/48", Reading::Unusable),
            ("ask her", Reading::Unusable),
        ] {
            assert_eq!(birth_date(text, latest()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>(), typed in "[0-9TJanug:/. -]{0,24}") {
            let _readings = (date(&text), birth_date(&typed, latest()));
        }

        #[test]
        fn a_date_survives_being_written(year in 1u32..=9999, month in 1u32..=12, of_month in 1u32..=28) {
            let expected = day(year, month, of_month);
            prop_assert_eq!(date(&format!("{year:04}-{month:02}-{of_month:02}")), expected);
            prop_assert_eq!(date(&format!("{of_month}/{month}/{year:04}")), expected);
            prop_assert_eq!(date(&format!("{year:04}{month:02}{of_month:02}")), expected);
        }
    }
}

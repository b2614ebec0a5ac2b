//! Reads dates as people and spreadsheets write them.
//!
//! The day always stands before the month. `08/23/2026` is not a date here, because a file in which months
//! come first would be read wrongly on twelve days of every month without anybody noticing. A month written
//! as a word may stand first, because it cannot be mistaken.
//!
//! A year of two digits is read in birth dates alone, and only if one reading is possible: `08/12/73` is
//! 1973, because 2073 is in the future; `08/12/15` may be 1915 or 2015, and is unusable.

mod written;

use self::written::{Written, Year, written};
use super::missing::is_missing;
use super::{Reading, digits};
use crate::date::Date;

/// The earliest birth date that is accepted. Nobody older than this has an electricity account.
const EARLIEST: (u32, u32, u32) = (1895, 1, 1);

/// Dates that systems write if they know none. 1 January 1970 is not among them, because people were born on
/// it.
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

/// Reads a date: `2026-08-23`, `23/08/2026`, `23.8.2026`, `20260823`, `23 Aug 2026`, `August 23, 2026`, with
/// or without a time of day after it. Blank text is absent.
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
    match written(text).and_then(Written::date) {
        Some(date) => Reading::Known(date),
        None => Reading::Unusable,
    }
}

/// Whether an unusable date is in a supported form. If so, the day does not exist or is impossible; if not,
/// the form is not supported or may mean several days. `latest` is given for a birth date.
pub fn is_supported_form(text: &str, latest: Option<Date>) -> bool {
    let Some(written) = written(text.trim()) else { return false };
    match latest {
        Some(latest) => short_year(written, latest) != ShortYear::Several,
        None => matches!(written.year, Year::Four(_)),
    }
}

/// Reads a date of birth: a [`date`] from 1895 up to `latest`, the qualifying date. A placeholder for an
/// unknown date (`1900-01-01`, `00/00/0000`, `N/A`) is absent.
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
        // No placeholder is in these years.
        Reading::Known(date) if date <= latest && (1902..2999).contains(&date.year()) => Reading::Known(date),
        Reading::Known(date) => {
            let parts = (date.year(), date.month(), date.day());
            if PLACEHOLDERS.contains(&parts) {
                Reading::Absent
            } else if is_possible(date, latest) {
                Reading::Known(date)
            } else {
                Reading::Unusable
            }
        }
        Reading::Unusable if is_missing(text) || is_all_zeros(text) => Reading::Absent,
        Reading::Unusable => match written(text.trim()).map(|written| short_year(written, latest)) {
            Some(ShortYear::One(date)) => Reading::Known(date),
            _ => Reading::Unusable,
        },
        other => other,
    }
}

/// Whether a person with an account may have been born on that day.
fn is_possible(date: Date, latest: Date) -> bool {
    (date.year(), date.month(), date.day()) >= EARLIEST && date <= latest
}

/// What birth dates a text with a year of two digits can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShortYear {
    None,
    One(Date),
    Several,
}

/// The birth dates up to `latest` that a text with a year of two digits can mean: in each century and, if all
/// parts are numbers, also with the year first.
fn short_year(written: Written, latest: Date) -> ShortYear {
    let Written { year: Year::Two(year), month, day, is_named } = written else { return ShortYear::None };
    let centuries = EARLIEST.0 / 100..=latest.year() / 100;
    let turned = (!is_named).then_some((day, year));
    let orders = [Some((year, day)), turned].into_iter().flatten();
    let mut found = ShortYear::None;
    for (year, day) in orders {
        for date in centuries.clone().filter_map(|century| Date::new(century * 100 + year, month, day)) {
            if is_possible(date, latest) {
                found = if found == ShortYear::None { ShortYear::One(date) } else { ShortYear::Several };
            }
        }
    }
    found
}

fn is_all_zeros(text: &str) -> bool {
    text.contains('0') && text.bytes().all(|byte| byte == b'0' || !byte.is_ascii_alphanumeric())
}

/// Reads the forms of nearly every row, `2026-08-23` and `23/08/2026`, without a search for separators.
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
            "23-Aug-2026",
            "23Aug2026",
            "23rd of August, 2026",
            "23 Aug. 2026",
            "2026-Aug-23",
            "August 23, 2026",
            "Aug 23rd 2026",
            "23-8-2026",
            "2026/08/23 00:00",
            "23 August 2026 00:00:00",
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
            "23-Aug-26",
            "Aug 2026",
            "23 Aug",
            "Aug 2026 23",
            "23 Aug 2026 1",
            "23/Aug-2026 x",
            "of Aug 2026",
            "-23 Aug 2026",
            "23th of th Aug 2026",
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
            "#N/A",
            "not applicable",
            "TBA",
            "-",
            "?",
            "//",
        ] {
            assert_eq!(birth_date(text, latest()), Reading::Absent, "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_read_where_one_birth_date_is_possible() {
        for (text, expected) in [
            ("08-Dec-73", day(1973, 12, 8)),
            ("8 december 73", day(1973, 12, 8)),
            ("08/12/73", day(1973, 12, 8)),
            ("8.12.73 00:00", day(1973, 12, 8)),
            ("08-12-73", day(1973, 12, 8)),
            ("Dec 8, 73", day(1973, 12, 8)),
            // The next day and the next year are in the future.
            ("24-Aug-26", day(1926, 8, 24)),
            ("24-Aug-27", day(1927, 8, 24)),
            ("31-Dec-94", day(1994, 12, 31)),
            // 1926 or 2026, 1895 or 1995, 1900 or 2000.
            ("23/08/26", Reading::Unusable),
            ("01-Jan-95", Reading::Unusable),
            ("01-Jan-00", Reading::Unusable),
            // 1930-08-12 or 12 August 1930; a month written as a word tells them apart.
            ("12/08/30", Reading::Unusable),
            ("24/08/26", Reading::Unusable),
            ("12-Aug-30", day(1930, 8, 12)),
            // No month has 73 days.
            ("73-12-08", day(1973, 12, 8)),
            ("31/02/73", Reading::Unusable),
        ] {
            assert_eq!(birth_date(text, latest()), expected, "{text}");
            assert_eq!(date(text), Reading::Unusable, "{text} is ambiguous where it is no birth date");
        }
    }

    #[test]
    fn an_unusable_date_is_impossible_or_of_no_form_that_is_read() {
        for (text, is_supported) in [
            ("31/02/1973", true),
            ("08/23/2026", true),
            ("2026-23-08", true),
            ("32 August 1973", true),
            ("1894-12-31", true),
            ("2099-01-01", true),
            ("31/02/73", true),
            ("31-Feb-73", true),
            ("23/08/26", false),
            ("12/08/30", false),
            ("26752", false),
            ("23082026", false),
            ("ask her", false),
            ("08/12", false),
            ("8 Dez 1973", false),
        ] {
            assert_eq!(is_supported_form(text, Some(latest())), is_supported, "{text}");
        }
        assert!(!is_supported_form("08-Dec-73", None));
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
            ("03/07/48", day(1948, 7, 3)),
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

//! Compares dates of birth.

use std::ops::Range;

use super::BirthDate;
use crate::date::Date;

/// Years by which a parent is at least older than a child.
const A_GENERATION: u32 = 15;

/// Years by which most parents are older than a child that has their name.
const USUAL_GENERATION: Range<u32> = 25..45;

/// The place of the decade among a date's eight digits.
const DECADE: usize = 2;

/// The level at which two dates of birth agree.
pub(crate) fn compare(one: Option<Date>, other: Option<Date>) -> BirthDate {
    let (Some(one), Some(other)) = (one, other) else {
        return BirthDate::Absent;
    };
    if one == other {
        return BirthDate::Exact;
    }
    let same_year = one.year() == other.year();
    if same_year && one.day() == other.month() && one.month() == other.day() {
        return BirthDate::Exchanged;
    }
    if same_year && (is_first_of_january(one) || is_first_of_january(other)) {
        return BirthDate::YearOnly;
    }
    let years = one.year().abs_diff(other.year());
    match slip(digits(one), digits(other)) {
        // A child may be born on a parent's birthday, thirty years after.
        Some(BirthDate::Decade) if USUAL_GENERATION.contains(&years) => return BirthDate::Generation,
        Some(slip) => return slip,
        None => {}
    }
    let (same_month, same_day) = (one.month() == other.month(), one.day() == other.day());
    match (same_year, same_month, same_day) {
        _ if years >= A_GENERATION => BirthDate::Generation,
        (true, true, _) | (true, _, true) | (_, true, true) => BirthDate::TwoParts,
        (true, false, false) => BirthDate::Year,
        _ => BirthDate::Different,
    }
}

fn is_first_of_january(date: Date) -> bool {
    date.month() == 1 && date.day() == 1
}

fn digits(date: Date) -> [u8; 8] {
    let mut number = date.year() * 10_000 + date.month() * 100 + date.day();
    let mut digits = [0; 8];
    for digit in digits.iter_mut().rev() {
        *digit = (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// The slip by which one date becomes the other, if one does.
fn slip(one: [u8; 8], other: [u8; 8]) -> Option<BirthDate> {
    let mut differing = (0..8).filter(|&place| one[place] != other[place]);
    match (differing.next(), differing.next(), differing.next()) {
        (Some(DECADE), None, _) => Some(BirthDate::Decade),
        (Some(_), None, _) => Some(BirthDate::Slip),
        (Some(first), Some(second), None) => {
            let exchanged = second == first + 1 && one[first] == other[second] && one[second] == other[first];
            exchanged.then_some(BirthDate::Neighbours)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        use BirthDate::*;
        for (one, other, level) in [
            ((1951, 2, 14), (1951, 2, 14), Exact),
            ((1948, 5, 7), (1948, 7, 5), Exchanged),
            ((1948, 5, 7), (1958, 5, 7), Decade),
            ((1948, 5, 7), (1949, 5, 7), Slip),
            ((1948, 5, 7), (1968, 5, 7), Decade),
            ((1951, 3, 14), (1981, 3, 14), Generation),
            ((1931, 3, 14), (1991, 3, 14), Decade),
            // A clerk may have turned the year's digits round; hardly any child is born on that very day.
            ((1947, 3, 14), (1974, 3, 14), Neighbours),
            ((1948, 12, 5), (1948, 12, 15), Slip),
            ((1984, 9, 30), (1948, 9, 30), Neighbours),
            ((1950, 1, 1), (1950, 8, 19), YearOnly),
            ((1950, 1, 1), (1951, 1, 1), Slip),
            ((1950, 6, 11), (1972, 6, 11), Generation),
            ((1950, 6, 11), (1963, 6, 11), TwoParts),
            ((1950, 6, 11), (1950, 6, 25), TwoParts),
            ((1950, 6, 11), (1950, 12, 25), Year),
            ((1956, 3, 12), (1984, 9, 30), Generation),
            ((1956, 3, 12), (1971, 9, 30), Generation),
            ((1956, 3, 12), (1970, 9, 30), Different),
            ((1954, 4, 14), (1961, 12, 1), Different),
        ] {
            let date = |(year, month, day)| Date::new(year, month, day);
            let (one, other) = (date(one).unwrap(), date(other).unwrap());
            assert_eq!(compare(Some(one), Some(other)), level, "{one} {other}");
            assert_eq!(compare(Some(other), Some(one)), level, "{other} {one}");
        }
        assert_eq!(compare(None, Date::new(1950, 1, 1)), Absent);
    }
}

//! Compares dates of birth.

use super::BirthDate;
use crate::date::Date;

/// The level at which two dates of birth agree.
pub(super) fn compare(one: Option<Date>, other: Option<Date>) -> BirthDate {
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
    if is_one_slip(digits(one), digits(other)) {
        return BirthDate::Slip;
    }
    let same_month = one.month() == other.month();
    let same_day = one.day() == other.day();
    match (same_year, same_month || same_day) {
        (true, true) => BirthDate::TwoParts,
        (true, false) => BirthDate::Year,
        // The same birthday in different years is as likely a parent's and a child's as a slip.
        (false, _) => BirthDate::Different,
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

/// One digit differs, or two neighbouring digits are exchanged.
fn is_one_slip(one: [u8; 8], other: [u8; 8]) -> bool {
    let mut differing = (0..8).filter(|&place| one[place] != other[place]);
    match (differing.next(), differing.next(), differing.next()) {
        (Some(_), None, _) => true,
        (Some(first), Some(second), None) => {
            second == first + 1 && one[first] == other[second] && one[second] == other[first]
        }
        _ => false,
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
            ((1948, 5, 7), (1958, 5, 7), Slip),
            ((1948, 12, 5), (1948, 12, 15), Slip),
            ((1984, 9, 30), (1948, 9, 30), Slip),
            ((1950, 1, 1), (1950, 8, 19), YearOnly),
            ((1950, 1, 1), (1951, 1, 1), Slip),
            ((1950, 6, 11), (1972, 6, 11), Different),
            ((1950, 6, 11), (1950, 6, 25), TwoParts),
            ((1950, 6, 11), (1950, 12, 25), Year),
            ((1956, 3, 12), (1984, 9, 30), Different),
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

//! Represents calendar dates that exist.
//!
//! The `normalise` module reads dates as people write them; this module only says what a date is.

use std::fmt;

/// A day of the Gregorian calendar, from year 1 to 9999, in four bytes. Dates are ordered by time.
///
/// `Debug` shows nothing, because a date may be somebody's birthday. `Display` writes ISO 8601 and is meant
/// for the dates of schemes and awards, which policy sets.
///
/// ```
/// use flagmatch::date::Date;
/// let date = Date::new(2024, 2, 29).expect("a leap day");
/// assert_eq!(date.to_string(), "2024-02-29");
/// assert!(Date::new(2023, 2, 29).is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(u32);

impl Date {
    /// The day; `None` if it does not exist.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Date> {
        let valid = (1..=9999).contains(&year) && day >= 1 && day <= days_in_month(year, month);
        valid.then_some(Date(year << 9 | month << 5 | day))
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> u32 {
        self.0 >> 9
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0 >> 5 & 15
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.0 & 31
    }

    /// The date as one number that sorts as dates do; never 0.
    pub(crate) fn packed(self) -> u32 {
        self.0
    }

    /// The date that [`packed`](Self::packed) gave; `None` for a number that it never gives.
    pub(crate) fn unpack(packed: u32) -> Option<Date> {
        Date::new(packed >> 9, packed >> 5 & 15, packed & 31)
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist() {
        for (year, month, day, exists) in [
            (2026, 8, 23, true),
            (2000, 2, 29, true),
            (1900, 2, 29, false),
            (2023, 2, 29, false),
            (2026, 4, 31, false),
            (2026, 13, 1, false),
            (2026, 0, 1, false),
            (2026, 1, 0, false),
            (0, 1, 1, false),
            (10000, 1, 1, false),
        ] {
            assert_eq!(Date::new(year, month, day).is_some(), exists, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn dates_order_as_time_does_and_survive_packing() {
        let earlier = Date::new(1999, 12, 31).unwrap();
        let later = Date::new(2000, 1, 1).unwrap();
        assert!(earlier < later);
        assert_eq!(Date::unpack(earlier.packed()), Some(earlier));
        assert_eq!(Date::unpack(0), None);
    }
}

//! Represents calendar dates that exist, in a form that shows no birthday.
//!
//! The `normalise` module reads dates as people write them; `jiff` knows the calendar and the clock.

use std::fmt;
use std::num::NonZeroU32;
use std::time::SystemTime;

use jiff::{Timestamp, civil, tz::Offset};

/// A day of the Gregorian calendar, from year 1 to 9999. Dates are ordered by time.
///
/// It is `jiff`'s date packed into one number, because the matcher stores, hashes and compares one for each person;
/// [`From`] and [`TryFrom`] convert. `Debug` shows nothing, because a date may be somebody's birthday. `Display` writes
/// ISO 8601 and is meant for the dates of schemes and awards, which policy sets.
///
/// ```
/// use flagmatch::date::Date;
/// let date = Date::new(2024, 2, 29).expect("a leap day");
/// assert_eq!(date.to_string(), "2024-02-29");
/// assert!(Date::new(2023, 2, 29).is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(NonZeroU32);

impl Date {
    /// The day; `None` if it does not exist.
    #[inline]
    pub fn new(year: u32, month: u32, day: u32) -> Option<Date> {
        // Every month has 28 days.
        if (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=28).contains(&day) {
            return Date::unpack(year << 9 | month << 5 | day);
        }
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        civil::Date::new(i16::try_from(year).ok()?, month, day).ok()?.try_into().ok()
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> u32 {
        self.packed() >> 9
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.packed() >> 5 & 15
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.packed() & 31
    }

    /// The date as one number that sorts as dates do; never 0.
    pub(crate) fn packed(self) -> u32 {
        self.0.get()
    }

    /// The date of a number that comes from [`packed`](Self::packed); `None` for 0.
    pub(crate) fn unpack(packed: u32) -> Option<Date> {
        NonZeroU32::new(packed).map(Date)
    }
}

/// A year is not one from 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange;

impl TryFrom<civil::Date> for Date {
    type Error = OutOfRange;

    #[inline]
    fn try_from(date: civil::Date) -> Result<Date, OutOfRange> {
        let year = u32::try_from(date.year()).map_err(|_| OutOfRange)?;
        let packed = year << 9 | (date.month() as u32) << 5 | date.day() as u32;
        Date::unpack(packed).filter(|_| year > 0).ok_or(OutOfRange)
    }
}

impl From<Date> for civil::Date {
    fn from(date: Date) -> civil::Date {
        civil::Date::new(date.year() as i16, date.month() as i8, date.day() as i8)
            .expect("it was made from such a date")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        civil::Date::from(*self).fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// An instant of the system's clock; the last one of `jiff` for a clock beyond it.
pub(crate) fn instant(now: SystemTime) -> Timestamp {
    Timestamp::try_from(now).unwrap_or(Timestamp::MAX)
}

/// The day of an instant, in UTC.
pub(crate) fn day(now: SystemTime) -> civil::Date {
    Offset::UTC.to_datetime(instant(now)).date()
}

/// An instant to the second, in UTC: `2026-11-24T02:15:00Z`.
pub(crate) fn second(now: SystemTime) -> String {
    format!("{:.0}", instant(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_days_that_exist() {
        for (year, month, day, exists) in [
            (2026, 8, 23, true),
            (1, 1, 1, true),
            (9999, 12, 31, true),
            (2000, 2, 29, true),
            (1900, 2, 29, false),
            (2023, 2, 29, false),
            (2026, 4, 31, false),
            (2026, 13, 1, false),
            (2026, 0, 1, false),
            (2026, 1, 0, false),
            (2026, 257, 1, false),
            (0, 1, 1, false),
            (10000, 1, 1, false),
            (67_562, 1, 1, false),
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

    #[test]
    fn each_day_is_the_same_in_both_forms() {
        for date in
            [civil::date(1, 1, 1), civil::date(1951, 2, 28), civil::date(2024, 2, 29), civil::date(9999, 12, 31)]
        {
            let packed = Date::try_from(date).unwrap();
            assert_eq!(civil::Date::from(packed), date);
            assert_eq!(packed.to_string(), date.to_string());
            assert_eq!(Date::new(date.year() as u32, date.month() as u32, date.day() as u32), Some(packed));
        }
        for date in [civil::date(0, 12, 31), civil::date(-1, 1, 1)] {
            assert_eq!(Date::try_from(date), Err(OutOfRange));
        }
    }

    #[test]
    fn the_clock_is_read_in_utc() {
        // 2026-11-24 02:15:00 UTC is 1795486500 seconds after 1970.
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_486_500_999);
        assert_eq!(day(now), civil::date(2026, 11, 24));
        assert_eq!(second(now), "2026-11-24T02:15:00Z");
    }
}

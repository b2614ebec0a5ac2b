//! Moves dates and makes those that a calendar may lack, so that they can be drawn.

use jiff::{ToSpan, civil};

use crate::date::Date;

/// The date `days` later, or earlier if `days` is negative.
pub(crate) fn later(date: Date, days: i64) -> Date {
    let moved = civil::Date::from(date).saturating_add(days.days());
    moved.try_into().expect("a nation's dates are within a few hundred years of today")
}

/// A date; a day beyond the end of the month becomes the month's last.
pub(crate) fn made(year: u32, month: u32, day: u32) -> Date {
    let first = civil::Date::from(Date::new(year, month, 1).expect("callers pass years 1 to 9999 and months 1 to 12"));
    Date::new(year, month, day.min(first.days_in_month() as u32)).expect("callers pass days above 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_past_the_month_is_its_last() {
        assert_eq!(made(2023, 2, 30).to_string(), "2023-02-28");
        assert_eq!(made(2024, 4, 31).to_string(), "2024-04-30");
        assert_eq!(later(made(2024, 2, 28), 2).to_string(), "2024-03-01");
        assert_eq!(later(made(2024, 1, 1), -1).to_string(), "2023-12-31");
    }
}

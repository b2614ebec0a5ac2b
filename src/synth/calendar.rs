//! Converts dates to day numbers and back, so that spans of time can be drawn.

use crate::date::Date;

/// Days since 1 March of the year 0. Years are counted from March, which puts the leap day last.
pub(crate) fn day_number(date: Date) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + i64::from(date.day()) - 1
}

/// The date of a day number.
pub(crate) fn from_day_number(days: i64) -> Date {
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + carry;
    made(year as u32, month as u32, of_month as u32)
}

/// The date `days` later, or earlier if `days` is negative.
pub(crate) fn later(date: Date, days: i64) -> Date {
    from_day_number(day_number(date) + days)
}

/// A date; a day beyond the end of the month becomes the month's last.
pub(crate) fn made(year: u32, month: u32, day: u32) -> Date {
    let mut day = day;
    loop {
        match Date::new(year, month, day) {
            Some(date) => return date,
            None if day > 28 => day -= 1,
            None => unreachable!("callers pass years 1 to 9999, months 1 to 12 and days above 0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_and_dates_agree_over_four_centuries() {
        let start = day_number(Date::new(1800, 1, 1).unwrap());
        let mut before = from_day_number(start - 1);
        for days in start..start + 146_097 {
            let date = from_day_number(days);
            assert_eq!(day_number(date), days);
            assert!(before < date);
            before = date;
        }
        assert_eq!(before.to_string(), "2199-12-31");
    }

    #[test]
    fn a_day_past_the_month_is_its_last() {
        assert_eq!(made(2023, 2, 30).to_string(), "2023-02-28");
        assert_eq!(later(made(2024, 2, 28), 2).to_string(), "2024-03-01");
    }
}

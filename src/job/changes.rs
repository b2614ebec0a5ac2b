//! Declares the section `[changes]`: the days on which changed flags of unchanged accounts are released.

use jiff::civil::{Date, Weekday};
use serde::{Serialize, Serializer};
use toml::de::DeValue;

use super::kinds::integer;
use super::settings::{list, settings};

settings! {
    /// When changed flags of unchanged accounts are released. A job without the section releases them in every
    /// run.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Changes {
        /// On other days an account that its supplier did not change keeps its flag. Each run then needs its date,
        /// `--night-of 2026-11-24`: flags never depend on the clock.
        pub release_days: Vec<ReleaseDay> =
            list("weekdays (\"monday\") and days of the month (1 to 28), at least one", ReleaseDay::read),
    }
}

/// A day that recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseDay {
    /// Every such day of the week.
    OfWeek(Weekday),
    /// That day of every month, 1 to 28.
    OfMonth(i8),
}

const WEEK: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl ReleaseDay {
    fn read(value: &DeValue) -> Option<ReleaseDay> {
        if let Some(name) = value.as_str() {
            let day = WEEK.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            return Some(ReleaseDay::OfWeek(day.1));
        }
        // Every month has 28 days; a later day would silently be missing in some.
        let day = i8::try_from(integer(value)?).ok().filter(|day| (1..=28).contains(day))?;
        Some(ReleaseDay::OfMonth(day))
    }

    fn is(self, date: Date) -> bool {
        match self {
            ReleaseDay::OfWeek(day) => date.weekday() == day,
            ReleaseDay::OfMonth(day) => date.day() == day,
        }
    }
}

impl Serialize for ReleaseDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ReleaseDay::OfMonth(day) => serializer.serialize_i8(*day),
            ReleaseDay::OfWeek(day) => {
                let name = WEEK.iter().find(|(_, known)| known == day).map_or("", |(name, _)| name);
                serializer.serialize_str(name)
            }
        }
    }
}

impl Changes {
    /// Whether changed flags are released in the run of that date.
    pub fn are_released_on(&self, date: Date) -> bool {
        self.release_days.iter().any(|day| day.is(date))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::job::Job;

    #[test]
    fn weekdays_and_days_of_the_month_come_again_and_again() {
        let days = |days: &str| {
            let text = format!(
                "[[scheme]]\nid = 'a'\nname = 'A'\nqualifying_date = 2026-08-23\n[[scheme.group]]\nid = 'g'\n\
                 benefits = ['X']\n[benefits]\nfiles = ['b']\n[[supplier]]\nid = 's'\nfiles = ['c']\n\
                 [changes]\nrelease_days = {days}\n"
            );
            Job::parse(&text, Path::new("")).unwrap().changes.unwrap()
        };
        // 1 November 2026 is a Sunday.
        for (written, released) in [
            ("['monday']", &[2, 9, 16, 23, 30][..]),
            ("['Sunday', 'WEDNESDAY']", &[1, 4, 8, 11, 15, 18, 22, 25, 29]),
            ("[1, 28]", &[1, 28]),
            ("['saturday', 3]", &[3, 7, 14, 21, 28]),
        ] {
            let changes = days(written);
            let all = (1..=30).filter(|day| changes.are_released_on(Date::constant(2026, 11, *day)));
            assert_eq!(all.collect::<Vec<_>>(), released, "{written}");
        }
        let written = serde_json::to_value(days("['Saturday', 3]")).unwrap();
        assert_eq!(written, serde_json::json!({ "release_days": ["saturday", 3] }));
    }
}

//! Reads any text as a date: only real days are accepted, and as dates of birth only those that a person may have.

#![no_main]

use flagmatch::date::Date;
use flagmatch::normalise::Reading;
use flagmatch::normalise::birth_date::{birth_date, date};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let latest = Date::new(2026, 8, 23).expect("a day");
    let written = |day: Date| format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
    if let Reading::Known(day) = date(data) {
        assert!(date(&written(day)) == Reading::Known(day));
    }
    if let Reading::Known(day) = birth_date(data, latest) {
        assert!(day <= latest && day.year() >= 1895);
        assert!(date(data) == Reading::Known(day));
    }
});

//! Lists the kinds of values that settings have: how each is read, and what it must be in words.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use toml::de::DeValue;
use toml::value::Datetime;

use super::settings::{Kind, list};
use crate::date::Date;

pub(super) fn text() -> Kind<String> {
    Kind::value("text that is not empty", |value| filled(value).map(str::to_owned))
}

/// Texts, of which `fits` accepts each.
pub(super) fn texts(of: &str, fits: fn(&str) -> bool) -> Kind<Vec<String>> {
    let read = move |value: &DeValue| filled(value).filter(|text| fits(text)).map(str::to_owned);
    list(&format!("{of}, at least one and none of them empty"), read)
}

fn filled<'v>(value: &'v DeValue) -> Option<&'v str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

/// A path, relative to the job file's folder.
pub(super) fn path() -> Kind<PathBuf> {
    text().map(|section, path| section.document.folder.join(path))
}

/// Text that the type can be parsed from.
pub(super) fn parsed<T: FromStr + 'static>(must_be: &str) -> Kind<T> {
    Kind::value(must_be, |value| value.as_str()?.parse().ok())
}

/// Letters, digits and a few signs without special meaning to any file system, shell or glob.
pub(super) fn id() -> Kind<String> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = move |id: &&str| {
        let begins_well = id.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        id.len() <= 64 && begins_well && id.bytes().all(safe) && !id.contains("..")
    };
    let must_be = "at most 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit and without \"..\"";
    Kind::value(must_be, move |value| value.as_str().filter(fits).map(str::to_owned))
}

pub(super) fn switch() -> Kind<bool> {
    Kind::value("true or false", |value| value.as_bool())
}

/// A whole number in a range; `of` says of what.
pub(super) fn whole<T: TryFrom<i64> + 'static>(of: &str, range: RangeInclusive<i64>) -> Kind<T> {
    let must_be = format!("a whole number{of} from {} to {}", range.start(), range.end());
    Kind::value(&must_be, move |value| T::try_from(integer(value).filter(|number| range.contains(number))?).ok())
}

/// A whole number that the type can hold, which is unsigned; `of` says of what.
pub(super) fn count<T: TryFrom<i64> + 'static>(of: &str) -> Kind<T> {
    Kind::value(&format!("a whole number{of}, 0 or more"), |value| T::try_from(integer(value)?).ok())
}

pub(super) fn integer(value: &DeValue) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A finite number that `fits`, written with a decimal point or without.
pub(super) fn number(must_be: &str, fits: fn(f64) -> bool) -> Kind<f64> {
    Kind::value(must_be, move |value| {
        let number = match value {
            DeValue::Float(float) => float.as_str().parse().ok()?,
            _ => integer(value)? as f64,
        };
        Some(number).filter(|number: &f64| number.is_finite() && fits(*number))
    })
}

pub(super) fn share() -> Kind<f64> {
    number("a number from 0 to 1", |number| (0.0..=1.0).contains(&number))
}

/// A share that may be more than all.
pub(super) fn times() -> Kind<f64> {
    number("a number, 0 or more", |number| number >= 0.0)
}

/// A date without a time of day, bare or as text; one with a time is not meant as a day.
pub(super) fn date() -> Kind<Date> {
    Kind::value("a date that exists, such as 2026-08-23", |value| {
        let written = value.as_datetime().copied().or_else(|| value.as_str()?.parse().ok())?;
        let Datetime { date: Some(date), time: None, offset: None } = written else { return None };
        Date::new(date.year.into(), date.month.into(), date.day.into())
    })
}

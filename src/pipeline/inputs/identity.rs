//! Reads a row of a customer or benefit file into the people it names.
//!
//! Fields get one spelling, and every field that cannot be used gets a note.

use jiff::civil::Time;

use crate::date::Date;
use crate::intake::{Column, FaultReason, Faults, Row};
use crate::normalise::name::{NameFields, Named};
use crate::normalise::{Home, Reading, address, birth_date, name, postcode, uprn};
use crate::scheme::Moment;

/// Reads the people named in the name columns.
pub(crate) fn named(row: &Row<'_>, named: &mut Named) {
    named.read(&NameFields {
        title: row.get(Column::Title),
        forename: row.get(Column::Forename),
        middle_names: row.get(Column::MiddleNames),
        surname: row.get(Column::Surname),
        full_name: row.get(Column::FullName),
    });
}

/// Reads the joint holder. Without a surname they share the first holder's, whichever column it is in.
pub(crate) fn joint(row: &Row<'_>, first: &Named, joint: &mut Named) {
    let forename = row.get(Column::JointForename);
    let surname = row.get(Column::JointSurname);
    let is_blank = |text: &str| text.is_empty() || text.trim().is_empty();
    if is_blank(forename) && is_blank(surname) {
        return joint.clear();
    }
    joint.read(&name::joint_fields(forename, surname, row.get(Column::Surname)));
    if let Some(first) = first.people.first() {
        for person in joint.people.iter_mut().filter(|person| person.family.is_empty()) {
            person.family.clone_from(&first.family);
        }
    }
}

/// A date of birth, not after `latest`.
pub(crate) fn born(row: &Row<'_>, column: Column, latest: Date, faults: &mut Faults) -> Option<Date> {
    let text = row.get(column);
    day(birth_date::birth_date(text, latest), text, Some(latest), column, faults)
}

/// Any other date.
pub(crate) fn date(row: &Row<'_>, column: Column, faults: &mut Faults) -> Option<Date> {
    let text = row.get(column);
    day(birth_date::date(text), text, None, column, faults)
}

/// The days on which the holders of a row are on supply.
#[derive(Clone, Copy)]
pub(crate) struct Supply {
    start: Option<Date>,
    end: Option<Date>,
}

impl Supply {
    #[inline]
    pub(crate) fn read(row: &Row<'_>, faults: &mut Faults) -> Supply {
        Supply { start: date(row, Column::SupplyStart, faults), end: date(row, Column::SupplyEnd, faults) }
    }

    /// Whether they are on supply on a day.
    #[inline]
    pub(crate) fn covers(self, day: Date) -> bool {
        self.start.is_none_or(|start| start <= day) && self.end.is_none_or(|end| day <= end)
    }
}

/// The date that was read. If it cannot be used, adds a note with the reason.
fn day(reading: Reading<Date>, text: &str, latest: Option<Date>, column: Column, faults: &mut Faults) -> Option<Date> {
    if matches!(reading, Reading::Unusable) {
        let is_supported = birth_date::is_supported_form(text, latest);
        faults.note(column, if is_supported { FaultReason::ImpossibleDate } else { FaultReason::UnsupportedDate });
    }
    reading.known()
}

/// A day, perhaps with a time: `2026-10-03`, `2026-10-03T14:05`, `03/10/2026 14:05:30`. If the time cannot be
/// read, it gets a note and the moment is the beginning of the day.
pub(crate) fn moment(row: &Row<'_>, column: Column, faults: &mut Faults) -> Moment {
    let text = row.get(column).trim();
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) if time.contains(':') => (day, Some(time)),
        _ => (text, None),
    };
    let day = note(birth_date::date(day), column, FaultReason::ImpossibleDate, faults);
    let seconds = time.and_then(seconds_of_day);
    if time.is_some() && seconds.is_none() {
        faults.note(column, FaultReason::ImpossibleDate);
    }
    Moment::new(day, seconds)
}

/// Seconds after midnight of `14:05` or `14:05:30`, with or without a fraction or a `Z` at the end.
fn seconds_of_day(time: &str) -> Option<u32> {
    let time = time.trim().trim_end_matches('Z');
    let time = Time::strptime("%H:%M:%S%.f", time).or_else(|_| Time::strptime("%H:%M", time)).ok()?;
    Some(time.hour() as u32 * 3600 + time.minute() as u32 * 60 + time.second() as u32)
}

/// Reads the home that the row states.
pub(crate) fn home(row: &Row<'_>, faults: &mut Faults, home: &mut Home) {
    let lines = [
        row.get(Column::AddressLine1),
        row.get(Column::AddressLine2),
        row.get(Column::AddressLine3),
        row.get(Column::AddressLine4),
        row.get(Column::AddressLine5),
    ];
    home.postcode = code(row, faults).unwrap_or_default();
    home.uprn = property(row, faults);
    address::read(&lines, row.get(Column::Town), &mut home.address);
}

/// The postcode.
pub(crate) fn code(row: &Row<'_>, faults: &mut Faults) -> Option<postcode::Postcode> {
    note(postcode::postcode(row.get(Column::Postcode)), Column::Postcode, FaultReason::NotAPostcode, faults)
}

/// The UPRN.
pub(crate) fn property(row: &Row<'_>, faults: &mut Faults) -> Option<uprn::Uprn> {
    note(uprn::uprn(row.get(Column::Uprn)), Column::Uprn, FaultReason::NotAUprn, faults)
}

/// A number of pounds or points, with or without pound sign and commas.
pub(crate) fn number(row: &Row<'_>, column: Column, faults: &mut Faults) -> Option<f64> {
    let text = row.get(column);
    if let Ok(whole) = text.parse::<u32>() {
        return Some(f64::from(whole));
    }
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let plain = text.strip_prefix('£').unwrap_or(text).trim();
    let parsed = if plain.contains(',') { plain.replace(',', "").parse::<f64>() } else { plain.parse() };
    match parsed {
        Ok(number) if number.is_finite() => Some(number),
        _ => {
            faults.note(column, FaultReason::NotANumber);
            None
        }
    }
}

fn note<T>(reading: Reading<T>, column: Column, reason: FaultReason, faults: &mut Faults) -> Option<T> {
    if matches!(reading, Reading::Unusable) {
        faults.note(column, reason);
    }
    reading.known()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_minutes_and_perhaps_seconds() {
        for (time, seconds) in [
            ("00:00", Some(0)),
            ("14:05", Some(50_700)),
            ("14:05:30", Some(50_730)),
            (" 9:05:30.75Z", Some(32_730)),
            ("24:00", None),
            ("14:60", None),
            ("14", None),
            ("14:05:30:00", None),
            ("2:05 PM", None),
        ] {
            assert_eq!(seconds_of_day(time), seconds, "{time}");
        }
    }
}

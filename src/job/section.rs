//! Reads values of the right type from one table of the job file. Every error knows its line.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Fault, Hint, JobError};
use crate::date::Date;

/// The text in which lines are counted.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// The folder that paths are relative to.
    pub(super) folder: &'a Path,
    /// The sections read so far, and their first unknown key.
    pub(super) register: &'a RefCell<Register>,
}

/// The sections that a job file may have, as far as it was read, and the first unknown key in it.
#[derive(Default)]
pub(super) struct Register {
    sections: Vec<(String, &'static [&'static str])>,
    unknown: Option<UnknownKey>,
}

/// A key that is not known in the section where it stands.
struct UnknownKey {
    place: usize,
    key: String,
    section: &'static str,
    known: &'static [&'static str],
    /// The enclosing section, its known keys, and this section's header as it is written.
    enclosing: Option<(&'static str, &'static [&'static str], String)>,
}

impl UnknownKey {
    /// What may have been meant. The same key of another section comes before a key that only looks like it.
    fn hint(&self, sections: &[(String, &'static [&'static str])]) -> Hint {
        if let Some((section, known, before)) = &self.enclosing
            && known.contains(&self.key.as_str())
        {
            return Hint::Enclosing { section: (*section).to_owned(), before: before.clone() };
        }
        let others = sections.iter().filter(|(_, known)| known.contains(&self.key.as_str()));
        let mut others: Vec<String> = others.map(|(name, _)| name.clone()).collect();
        others.dedup();
        match Hint::new(&self.key, self.known.iter().copied()) {
            hint if others.is_empty() => hint,
            _ => Hint::Elsewhere(others),
        }
    }
}

impl Document<'_> {
    /// The line of a position in the text, from 1.
    pub(super) fn line(&self, place: usize) -> usize {
        let before = &self.text.as_bytes()[..place.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The error for the first unknown key. Ask for it after all sections were read.
    pub(super) fn unknown_key(&self) -> Option<JobError> {
        let register = self.register.borrow();
        let first = register.unknown.as_ref()?;
        let (key, section) = (first.key.clone(), first.section.to_owned());
        Some(self.error(first.place, Fault::UnknownKey { key, section, hint: first.hint(&register.sections) }))
    }

    pub(super) fn error(&self, place: usize, fault: Fault) -> JobError {
        JobError::Wrong { file: self.name.to_owned(), line: self.line(place), fault: Box::new(fault) }
    }
}

/// A table of the job file.
pub(super) struct Section<'a> {
    pub(super) document: Document<'a>,
    name: &'static str,
    /// Where it begins.
    pub(super) start: usize,
    known: &'static [&'static str],
    table: &'a DeTable<'a>,
}

/// A value and its position.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) place: usize,
}

pub(super) type Reads<T> = Result<T, JobError>;

impl<'a> Section<'a> {
    /// The table. Unknown keys are kept for [`Document::unknown_key`].
    pub(super) fn new(
        document: Document<'a>,
        name: &'static str,
        start: usize,
        known: &'static [&'static str],
        table: &'a DeTable<'a>,
    ) -> Section<'a> {
        let section = Section { document, name, start, known, table };
        section.note_unknown(None);
        section
    }

    /// The section under a key of this one.
    fn inner(
        &self,
        key: &'static str,
        name: &'static str,
        start: usize,
        known: &'static [&'static str],
        table: &'a DeTable<'a>,
    ) -> Section<'a> {
        let section = Section { document: self.document, name, start, known, table };
        section.note_unknown(Some((self.name, self.known, self.header_of(key, name))));
        section
    }

    /// The header of a section inside this one, as it is written.
    fn header_of(&self, key: &str, name: &str) -> String {
        let own = self.name.trim_matches(['[', ']']);
        if name.starts_with('[') || own == self.name { name.to_owned() } else { format!("[{own}.{key}]") }
    }

    fn note_unknown(&self, enclosing: Option<(&'static str, &'static [&'static str], String)>) {
        let unknown = self.table.keys().filter(|key| !self.known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return };
        // Only the first unknown key is reported, in the order in which sections are read.
        self.document.register.borrow_mut().unknown.get_or_insert_with(|| UnknownKey {
            place: key.span().start,
            key: key.get_ref().to_string(),
            section: self.name,
            known: self.known,
            enclosing,
        });
    }

    /// Remembers which keys a section inside this one may have, whether the section is there or not.
    fn register(&self, key: &str, name: &str, known: &'static [&'static str]) {
        // The names of columns are no settings that could be meant elsewhere.
        if key != "columns" {
            self.document.register.borrow_mut().sections.push((self.header_of(key, name), known));
        }
    }

    /// The value of a key, if it is there.
    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.known.contains(&key), "{key} is read but not known");
        self.table.get(key)
    }

    /// The value, or the error that it is missing, at the line where this section begins.
    pub(super) fn required<T>(&self, key: &'static str, value: Option<T>) -> Reads<T> {
        let missing = || Fault::Missing { key, section: self.name.to_owned() };
        value.ok_or_else(|| self.document.error(self.start, missing()))
    }

    /// The error that a value is not as expected.
    pub(super) fn unusable(&self, key: &str, place: usize, expected: &'static str) -> JobError {
        let (key, section) = (key.to_owned(), self.name.to_owned());
        self.document.error(place, Fault::Unusable { key, section, expected })
    }

    /// The value of a key, converted by `read`; an error if `read` gives `None`.
    fn read<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Reads<Option<Found<T>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let Range { start: place, .. } = value.span();
        match read(value.get_ref()) {
            Some(value) => Ok(Some(Found { value, place })),
            None => Err(self.unusable(key, place, expected)),
        }
    }

    pub(super) fn text(&self, key: &'static str) -> Reads<Option<Found<&'a str>>> {
        self.read(key, "text that is not empty", filled)
    }

    pub(super) fn boolean(&self, key: &'static str) -> Reads<Option<bool>> {
        Ok(self.read(key, "true or false", DeValue::as_bool)?.map(|found| found.value))
    }

    /// A whole number that the type can hold.
    pub(super) fn whole<T: TryFrom<i64>>(&self, key: &'static str, expected: &'static str) -> Reads<Option<T>> {
        Ok(self.read(key, expected, |value| T::try_from(integer(value)?).ok())?.map(|found| found.value))
    }

    /// A whole number of a range.
    pub(super) fn whole_in(
        &self,
        key: &'static str,
        expected: &'static str,
        range: RangeInclusive<u32>,
    ) -> Reads<Option<u32>> {
        let read = |value: &DeValue| u32::try_from(integer(value)?).ok().filter(|number| range.contains(number));
        Ok(self.read(key, expected, read)?.map(|found| found.value))
    }

    /// A finite number that `fits`, written with a decimal point or without.
    pub(super) fn number(
        &self,
        key: &'static str,
        expected: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Reads<Option<f64>> {
        Ok(self.number_at(key, expected, fits)?.map(|found| found.value))
    }

    /// The same, with its position.
    pub(super) fn number_at(
        &self,
        key: &'static str,
        expected: &'static str,
        fits: impl Fn(f64) -> bool,
    ) -> Reads<Option<Found<f64>>> {
        let read = |value: &DeValue| {
            let number = match value {
                DeValue::Float(float) => float.as_str().parse().ok()?,
                _ => integer(value)? as f64,
            };
            Some(number).filter(|number: &f64| number.is_finite() && fits(*number))
        };
        self.read(key, expected, read)
    }

    /// A date, bare or as text.
    pub(super) fn date(&self, key: &'static str) -> Reads<Option<Date>> {
        Ok(self.read(key, "a date that exists, such as 2026-08-23", date)?.map(|found| found.value))
    }

    /// A list of at least one text, none of them empty.
    pub(super) fn texts(&self, key: &'static str) -> Reads<Option<Vec<Found<&'a str>>>> {
        let expected = "a list of texts, at least one and none of them empty";
        let Some(found) = self.read(key, expected, DeValue::as_array)? else {
            return Ok(None);
        };
        if found.value.is_empty() {
            return Err(self.unusable(key, found.place, expected));
        }
        let read = |item: &'a Spanned<DeValue<'a>>| {
            let place = item.span().start;
            let value = filled(item.get_ref()).ok_or_else(|| self.unusable(key, place, expected))?;
            Ok(Found { value, place })
        };
        found.value.iter().map(read).collect::<Reads<Vec<_>>>().map(Some)
    }

    /// A list of at least one value, each converted by `read`.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        read: impl Fn(&DeValue) -> Option<T>,
    ) -> Reads<Option<Vec<T>>> {
        let Some(Found { value: items, place }) = self.read(key, expected, DeValue::as_array)? else {
            return Ok(None);
        };
        if items.is_empty() {
            return Err(self.unusable(key, place, expected));
        }
        let read = |item: &Spanned<DeValue>| {
            read(item.get_ref()).ok_or_else(|| self.unusable(key, item.span().start, expected))
        };
        items.iter().map(read).collect::<Reads<Vec<_>>>().map(Some)
    }

    /// A section inside this one.
    pub(super) fn section(
        &self,
        key: &'static str,
        name: &'static str,
        known: &'static [&'static str],
    ) -> Reads<Option<Section<'a>>> {
        self.register(key, name, known);
        let found = self.read(key, "a section, written as [section] on a line of its own", DeValue::as_table)?;
        Ok(found.map(|Found { value, place }| self.inner(key, name, place, known, value)))
    }

    /// The sections inside this one that are written with double brackets, at least one.
    pub(super) fn sections(
        &self,
        key: &'static str,
        name: &'static str,
        known: &'static [&'static str],
    ) -> Reads<Vec<Section<'a>>> {
        self.register(key, name, known);
        let expected = "one section or more, each begun with its name in double brackets";
        let found = self.read(key, expected, DeValue::as_array)?;
        let Found { value: array, place } = self.required(key, found)?;
        if array.is_empty() {
            return Err(self.unusable(key, place, expected));
        }
        let read = |item: &'a Spanned<DeValue<'a>>| {
            let place = item.span().start;
            let table = item.get_ref().as_table().ok_or_else(|| self.unusable(key, place, expected))?;
            Ok(self.inner(key, name, place, known, table))
        };
        array.iter().map(read).collect()
    }
}

/// Text that is not blank.
fn filled<'a>(value: &'a DeValue<'a>) -> Option<&'a str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

pub(super) fn integer(value: &DeValue) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A date without a time of day; one with a time is not meant as a day.
fn date(value: &DeValue) -> Option<Date> {
    if let Some(toml::value::Datetime { date: Some(date), time: None, offset: None }) = value.as_datetime() {
        return Date::new(date.year.into(), date.month.into(), date.day.into());
    }
    let text = value.as_str()?;
    let shape = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.bytes().enumerate().all(shape) {
        return None;
    }
    let number = |range: Range<usize>| text[range].parse().ok();
    Date::new(number(0..4)?, number(5..7)?, number(8..10)?)
}

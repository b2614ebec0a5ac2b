//! Gives the values of a section of a job file, with their places, so that each error names its line.

use std::collections::HashMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::{Fault, Hint, JobError};
use super::settings::Declaration;

pub(super) type Reads<T> = Result<T, JobError>;

/// The text in which lines are counted.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// The folder that paths are relative to.
    pub(super) folder: &'a Path,
}

impl Default for Document<'_> {
    fn default() -> Self {
        Document { name: "", text: "", folder: Path::new("") }
    }
}

impl Document<'_> {
    /// The line of a position in the text, from 1.
    fn line(&self, place: usize) -> usize {
        let before = &self.text.as_bytes()[..place.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn error(&self, place: usize, fault: Fault) -> JobError {
        JobError::Wrong { file: self.name.to_owned(), line: self.line(place), fault: Box::new(fault) }
    }
}

/// A section of a job file, and its declaration.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) document: Document<'a>,
    /// Its key in the enclosing section.
    key: &'static str,
    declared: &'a Declaration,
    /// Where it begins.
    pub(super) start: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The section that has all others.
    pub(super) fn outermost(document: Document<'a>, declared: &'a Declaration, table: &'a DeTable<'a>) -> Section<'a> {
        Section { document, key: "", declared, start: 0, table }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// The value, or the error that it is missing, at the line where this section begins.
    pub(super) fn required(&self, key: &'static str) -> Reads<&'a Spanned<DeValue<'a>>> {
        let missing = || Fault::Missing { key, section: self.declared.title.to_owned() };
        self.get(key).ok_or_else(|| self.document.error(self.start, missing()))
    }

    /// The items of a list, at least one.
    pub(super) fn items(&self, key: &'static str) -> Reads<&'a DeArray<'a>> {
        let value = self.required(key)?;
        let items = value.get_ref().as_array().filter(|items| !items.is_empty());
        items.ok_or_else(|| self.unusable(key, value.span().start))
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.get_ref().as_str()
    }

    pub(super) fn is_on(&self, switch: &str) -> bool {
        self.get(switch).and_then(|value| value.get_ref().as_bool()) == Some(true)
    }

    /// Where a value begins.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.get(key).map(|value| value.span().start)
    }

    /// Where the items of a list begin.
    pub(super) fn places(&self, key: &str) -> impl Iterator<Item = usize> {
        let items = self.get(key).and_then(|value| value.get_ref().as_array());
        items.into_iter().flat_map(|items| items.iter()).map(|item| item.span().start)
    }

    /// The error that a value is not as it is declared.
    pub(super) fn unusable(&self, key: &str, place: usize) -> JobError {
        let setting = self.declared.setting(key).expect("only declared settings are read");
        self.must_be(key, place, &setting.must_be)
    }

    pub(super) fn must_be(&self, key: &str, place: usize, expected: &str) -> JobError {
        let (key, section, expected) = (key.to_owned(), self.declared.title.to_owned(), expected.to_owned());
        self.document.error(place, Fault::Unusable { key, section, expected })
    }

    /// The section that a value is; `None` if it is none.
    pub(super) fn open(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Section<'a>> {
        let setting = self.declared.setting(key)?;
        let (declared, table) = (setting.section.as_ref()?, value.get_ref().as_table()?);
        Some(Section { document: self.document, key: setting.key, declared, start: value.span().start, table })
    }

    /// The sections under a key, in single or double brackets; none if there are none.
    pub(super) fn inner(&self, key: &str) -> Vec<Section<'a>> {
        match self.get(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref().as_array() {
                Some(items) => items.iter().filter_map(|item| self.open(key, item)).collect(),
                None => self.open(key, value).into_iter().collect(),
            },
        }
    }

    /// The error for the first key that is not declared. Those of this section come before those inside it.
    pub(super) fn unknown_key(&self, root: &Declaration, outer: Option<&Section>) -> Option<JobError> {
        let unknown = self.table.keys().filter(|key| self.declared.setting(key.get_ref()).is_none());
        if let Some(key) = unknown.min_by_key(|key| key.span().start) {
            let (place, key) = (key.span().start, key.get_ref().to_string());
            let (hint, section) = (self.hint(&key, root, outer), self.declared.title.to_owned());
            return Some(self.document.error(place, Fault::UnknownKey { key, section, hint }));
        }
        let inner = self.declared.settings.iter().flat_map(|setting| self.inner(setting.key));
        inner.into_iter().find_map(|inner| inner.unknown_key(root, Some(self)))
    }

    /// What may have been meant. The same key of another section comes before a key that only looks like it.
    fn hint(&self, key: &str, root: &Declaration, outer: Option<&Section>) -> Hint {
        if let Some(outer) = outer.map(|outer| outer.declared).filter(|outer| outer.setting(key).is_some()) {
            let before = outer.header(self.key, self.declared);
            return Hint::Enclosing { section: outer.title.to_owned(), before };
        }
        match root.sections_with(key) {
            others if others.is_empty() => Hint::new(key, self.declared.settings.iter().map(|own| own.key)),
            others => Hint::Elsewhere(others),
        }
    }

    /// Checks that no two sections have the same id, ignoring case as some file systems do.
    pub(super) fn have_ids_of_their_own(kind: &'static str, sections: &[Section]) -> Reads<()> {
        let mut taken = HashMap::new();
        for section in sections {
            let (Some(id), Some(place)) = (section.text("id"), section.place("id")) else { continue };
            let line = section.document.line(place);
            if let Some((same, first)) = taken.insert(id.to_ascii_lowercase(), (id, line)) {
                let rule = if same == id { "ids must differ" } else { "ids must differ in more than capitals" };
                let fault = Fault::Duplicate { kind, id: id.to_owned(), first, rule };
                return Err(section.document.error(place, fault));
            }
        }
        Ok(())
    }
}

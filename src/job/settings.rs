//! Declares the settings of the job file: each once, with its meaning, what it must be, and its default.
//!
//! The reader, the messages about keys and values, the tables of `docs/job-file.md` and `flagmatch job-file`
//! follow from the declarations. They are our own because serde's errors are text that repeats the wrong value,
//! which may be a person's, and names neither section nor key; and because serde knows no range, no
//! documentation, and no section in which an unknown key would be right.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::section::{Reads, Section};

/// A setting of the job file.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) meaning: &'static str,
    /// What its value must be, in words.
    pub(crate) must_be: String,
    pub(crate) absent: Absent,
    /// The section that its value is.
    pub(crate) section: Option<Declaration>,
}

/// What holds if the job file does not have a setting.
#[derive(Debug, Clone)]
pub(crate) enum Absent {
    /// The job is refused.
    Required,
    /// This value, as the job file writes it.
    Value(String),
    /// For a section: the defaults of its settings.
    Defaults,
    /// Something else, in words.
    Words(&'static str),
}

/// A section of the job file.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    /// Its name in messages.
    pub(crate) title: &'static str,
    pub(crate) settings: Vec<Setting>,
}

impl Declaration {
    pub(super) fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// The header of the section that a setting of this one is, as the job file writes it.
    pub(crate) fn header(&self, key: &str, inner: &Declaration) -> String {
        if inner.title.starts_with('[') {
            return inner.title.to_owned();
        }
        format!("[{}.{key}]", self.title.trim_matches(['[', ']']))
    }

    /// The titles of all sections inside this one that have a setting of this name.
    pub(super) fn sections_with(&self, key: &str) -> Vec<String> {
        let inner = self.settings.iter().filter_map(|setting| setting.section.as_ref());
        // The names of columns are no settings that could be meant elsewhere.
        let inner = inner.filter(|inner| inner.title.starts_with('['));
        let own = |inner: &Declaration| inner.setting(key).map(|_| inner.title.to_owned());
        inner.flat_map(|inner| own(inner).into_iter().chain(inner.sections_with(key)).collect::<Vec<_>>()).collect()
    }
}

type Read<T> = Box<dyn Fn(&Section, &'static str) -> Reads<T>>;
type ReadSection<T> = Box<dyn Fn(&Section) -> Reads<T>>;

/// What the value of a setting must be, and how it is read.
pub(super) struct Kind<T> {
    pub(super) setting: Setting,
    read: Read<T>,
}

impl<T: 'static> Kind<T> {
    fn new(
        must_be: &str,
        section: Option<Declaration>,
        read: impl Fn(&Section, &'static str) -> Reads<T> + 'static,
    ) -> Kind<T> {
        let setting = Setting { key: "", meaning: "", must_be: must_be.to_owned(), absent: Absent::Required, section };
        Kind { setting, read: Box::new(read) }
    }

    /// A value that `read` accepts.
    pub(super) fn value(must_be: &str, read: impl Fn(&DeValue) -> Option<T> + 'static) -> Kind<T> {
        Kind::new(must_be, None, move |section, key| {
            let value = section.required(key)?;
            read(value.get_ref()).ok_or_else(|| section.unusable(key, value.span().start))
        })
    }

    /// The setting under its key.
    pub(super) fn named(mut self, key: &'static str, meaning: &'static str) -> Kind<T> {
        (self.setting.key, self.setting.meaning) = (key, meaning.trim());
        self
    }

    pub(super) fn read(&self, section: &Section) -> Reads<T> {
        (self.read)(section, self.setting.key)
    }

    pub(super) fn map<U>(self, change: impl Fn(&Section, T) -> U + 'static) -> Kind<U> {
        let Kind { setting, read } = self;
        Kind { setting, read: Box::new(move |section, key| Ok(change(section, read(section, key)?))) }
    }

    /// A setting that a job need not have; `otherwise` says what holds without it.
    pub(super) fn optional_or(self, otherwise: &'static str) -> Kind<Option<T>> {
        let Kind { setting, read } = self;
        let read = move |section: &Section<'_>, key| section.get(key).map(|_| read(section, key)).transpose();
        Kind { setting: Setting { absent: Absent::Words(otherwise), ..setting }, read: Box::new(read) }
    }

    pub(super) fn optional(self) -> Kind<Option<T>> {
        self.optional_or("none")
    }

    pub(super) fn or(self, default: T) -> Kind<T>
    where
        T: Clone + Debug,
    {
        let absent = Absent::Value(format!("{default:?}"));
        let mut kind = self.optional().map(move |_, value| value.unwrap_or_else(|| default.clone()));
        kind.setting.absent = absent;
        kind
    }
}

/// The settings of a section, and how the section is read.
pub(super) struct Settings<T> {
    pub(super) settings: Vec<Setting>,
    pub(super) read: ReadSection<T>,
}

static EMPTY: LazyLock<Spanned<DeValue<'static>>> =
    LazyLock::new(|| Spanned::new(Range::default(), DeValue::Table(DeTable::new())));

impl<T> Settings<T> {
    /// What an empty section gives.
    pub(super) fn defaults(self) -> T {
        let declared = Declaration { title: "", settings: self.settings };
        let table = EMPTY.get_ref().as_table().expect("it is made of a table");
        (self.read)(&Section::outermost(Default::default(), &declared, table)).expect("each setting has a default")
    }
}

/// A section.
pub(super) fn section<T: 'static>(title: &'static str, of: Settings<T>) -> Kind<T> {
    section_or_empty(title, of, false)
}

/// A section that is as an empty one if it is not there.
pub(super) fn section_or_defaults<T: 'static>(title: &'static str, of: Settings<T>) -> Kind<T> {
    let mut kind = section_or_empty(title, of, true);
    kind.setting.absent = Absent::Defaults;
    kind
}

fn section_or_empty<T: 'static>(
    title: &'static str,
    Settings { settings, read }: Settings<T>,
    or_empty: bool,
) -> Kind<T> {
    let must_be = "a section, written as [section] on a line of its own";
    Kind::new(must_be, Some(Declaration { title, settings }), move |section, key| {
        let value = if or_empty { section.get(key).unwrap_or(&EMPTY) } else { section.required(key)? };
        let inner = section.open(key, value);
        read(&inner.ok_or_else(|| section.unusable(key, value.span().start))?)
    })
}

/// Sections that are written with double brackets, at least one, each with an `id` of its own.
pub(super) fn sections<T: 'static>(title: &'static str, Settings { settings, read }: Settings<T>) -> Kind<Vec<T>> {
    let must_be = "one section or more, each begun with its name in double brackets";
    Kind::new(must_be, Some(Declaration { title, settings }), move |section, key| {
        let open = |item| section.open(key, item).ok_or_else(|| section.unusable(key, item.span().start));
        let inner = section.items(key)?.iter().map(open).collect::<Reads<Vec<_>>>()?;
        let all = inner.iter().map(&read).collect::<Reads<Vec<T>>>()?;
        Section::have_ids_of_their_own(key, &inner)?;
        Ok(all)
    })
}

/// A list of at least one item, each of which `read` accepts.
pub(super) fn list<T: 'static>(of: &str, read: impl Fn(&DeValue) -> Option<T> + 'static) -> Kind<Vec<T>> {
    Kind::new(&format!("a list of {of}"), None, move |section, key| {
        let read =
            |item: &Spanned<DeValue>| read(item.get_ref()).ok_or_else(|| section.unusable(key, item.span().start));
        section.items(key)?.iter().map(read).collect()
    })
}

/// Declares the settings of a section, each as a field of a struct: its meaning, and its kind with its default.
/// The key is the field's name, or follows `as`. A last field after `..` is read from several settings at once.
macro_rules! settings {
    ($(#[$meta:meta])* $struct_vis:vis struct $name:ident {
        $($(#[doc = $meaning:literal])+ $vis:vis $field:ident $(as $key:ident)?: $ty:ty = $kind:expr,)*
        $(.. $(#[doc = $part_meaning:literal])+ $part_vis:vis $part:ident: $part_ty:ty = $part_settings:expr,)?
    }) => {
        $(#[$meta])*
        $struct_vis struct $name {
            $($(#[doc = $meaning])+ $vis $field: $ty,)*
            $($(#[doc = $part_meaning])+ $part_vis $part: $part_ty,)?
        }

        impl $name {
            /// The declared settings.
            pub(in crate::job) fn settings() -> crate::job::settings::Settings<$name> {
                $(let $field: crate::job::settings::Kind<$ty> =
                    $kind.named([$(stringify!($key),)? stringify!($field)][0], concat!($($meaning),+));)*
                let settings = vec![$($field.setting.clone()),*];
                $(
                    let $part: crate::job::settings::Settings<$part_ty> = $part_settings;
                    let settings = [settings, $part.settings].concat();
                )?
                let read = Box::new(move |section: &crate::job::section::Section<'_>| {
                    Ok($name { $($field: $field.read(section)?,)* $($part: ($part.read)(section)?,)? })
                });
                crate::job::settings::Settings { settings, read }
            }
        }
    };
}

pub(super) use settings;

//! Declares the settings of a section of the job file: each once, with its meaning, default and range.

use super::section::{Reads, Section};

/// What a setting may be. Each reads it; `None` if the section does not have it.
type Kind<T> = fn(&Section, &'static str) -> Reads<Option<T>>;

pub(super) const SHARE: Kind<f64> =
    |section, key| section.number(key, "a number from 0 to 1", |number| (0.0..=1.0).contains(&number));

pub(super) const TIMES: Kind<f64> = |section, key| section.number(key, "a number, 0 or more", |number| number >= 0.0);

pub(super) const COUNT: Kind<u64> = |section, key| section.whole(key, "a whole number, 0 or more");

pub(super) const DAYS: Kind<u32> =
    |section, key| section.whole_in(key, "a whole number of days from 1 to 36600", 1..=36_600);

pub(super) const DAYS_OR_NONE: Kind<Option<u32>> = |section, key| Ok(DAYS(section, key)?.map(Some));

pub(super) const SWITCH: Kind<bool> = |section, key| section.boolean(key);

/// Declares a section: a struct with a field for each setting, its default, and the function that reads it.
macro_rules! settings {
    (
        $(#[$doc:meta])* $name:ident in $section:literal, $title:literal;
        $($(#[$field_doc:meta])* $field:ident: $ty:ty = $default:expr, $kind:expr;)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)+ }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)+ }
            }
        }

        impl $name {
            /// Reads the section; `None` if the job file does not have it.
            pub(super) fn read(root: &Section) -> Result<Option<$name>, JobError> {
                let keys: &[&'static str] = &[$(stringify!($field),)+];
                let Some(section) = root.section($section, $title, keys)? else { return Ok(None) };
                $(let $field = ($kind)(&section, stringify!($field))?.unwrap_or($default);)+
                Ok(Some($name { $($field,)+ }))
            }
        }
    };
}

pub(super) use settings;

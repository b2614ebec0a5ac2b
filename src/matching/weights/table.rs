//! Reads and writes weights files: tables of m and u for every level of every field.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::field::Field;
use crate::text::shown;

/// The share of true pairs and the share of chance pairs that show one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shares {
    /// The share of true pairs.
    pub(crate) m: f64,
    /// The share of chance pairs.
    pub(crate) u: f64,
}

/// What is wrong with a weights file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Its text cannot be used.
    #[error("{}: {fault}", shown(file))]
    Wrong {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        fault: WeightsFault,
    },
}

/// What is wrong with the text of a weights file.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum WeightsFault {
    /// It is not TOML of the right form.
    #[error("not a table of levels with m and u: {0}")]
    Form(String),
    /// A field or level is missing.
    #[error("[{field}] lacks {level}")]
    Missing {
        /// The field.
        field: &'static str,
        /// Its level.
        level: &'static str,
    },
    /// A field or level does not exist.
    #[error("there is no level {level} of [{field}]")]
    Unknown {
        /// The field.
        field: String,
        /// Its level.
        level: String,
    },
    /// A share is not above 0 and at most 1.
    #[error("m and u of [{field}] {level} must be above 0 and at most 1")]
    Share {
        /// The field.
        field: &'static str,
        /// Its level.
        level: &'static str,
    },
}

/// The shares of all levels of all fields except "absent", which weighs nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct LevelShares {
    shares: BTreeMap<String, BTreeMap<String, Shares>>,
}

impl LevelShares {
    /// The table that ships with the program.
    pub(super) fn shipped() -> LevelShares {
        LevelShares::parse(include_str!("shipped.toml")).expect("the shipped weights are whole: a test reads them")
    }

    /// The table in a file.
    pub(super) fn read(file: &Path) -> Result<LevelShares, WeightsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| WeightsError::Unreadable { file: file.to_owned(), source })?;
        LevelShares::parse(&text).map_err(|fault| WeightsError::Wrong { file: file.to_owned(), fault })
    }

    /// Reads a table from text, which must state the shares of every level of every field, and of no other.
    pub(super) fn parse(text: &str) -> Result<LevelShares, WeightsFault> {
        let tree: BTreeMap<String, toml::Value> =
            toml::from_str(text).map_err(|error| WeightsFault::Form(error.message().to_owned()))?;
        let mut stated = BTreeMap::new();
        for (field, value) in tree {
            flatten(field, value, &mut stated)?;
        }
        for &field in Field::ALL {
            for level in levels(field) {
                let missing = WeightsFault::Missing { field: field.name(), level };
                let pair = stated.get(field.name()).and_then(|levels| levels.get(level)).ok_or(missing)?;
                let is_share = |share: f64| share > 0.0 && share <= 1.0;
                if !is_share(pair.m) || !is_share(pair.u) {
                    return Err(WeightsFault::Share { field: field.name(), level });
                }
            }
        }
        for (field, of_field) in &stated {
            let known = Field::ALL.iter().find(|known| known.name() == field);
            for level in of_field.keys() {
                if !known.is_some_and(|known| levels(*known).any(|known| known == level)) {
                    return Err(WeightsFault::Unknown { field: field.clone(), level: level.clone() });
                }
            }
        }
        Ok(LevelShares { shares: stated })
    }

    /// The shares of a level.
    pub(crate) fn shares(&self, field: Field, level: &str) -> Option<Shares> {
        self.shares.get(field.name())?.get(level).copied()
    }

    /// Replaces the shares of a level.
    pub(crate) fn set(&mut self, field: Field, level: &str, shares: Shares) {
        if let Some(place) = self.shares.get_mut(field.name()).and_then(|levels| levels.get_mut(level)) {
            *place = shares;
        }
    }

    /// The text of a weights file with this table, the levels in their order.
    pub(crate) fn to_toml(&self) -> String {
        let mut text = String::new();
        for &field in Field::ALL {
            let _infallible = writeln!(text, "\n[{}]", field.name());
            for level in levels(field) {
                if let Some(Shares { m, u }) = self.shares(field, level) {
                    let _infallible = writeln!(text, "{level} = {{ m = {m:.9}, u = {u:.9} }}");
                }
            }
        }
        text
    }
}

/// The levels of a field that are weighed: all but "absent".
pub(crate) fn levels(field: Field) -> impl Iterator<Item = &'static str> {
    field.levels().into_iter().filter(|level| *level != "absent")
}

fn flatten(
    field: String,
    value: toml::Value,
    shares: &mut BTreeMap<String, BTreeMap<String, Shares>>,
) -> Result<(), WeightsFault> {
    let form = |error: toml::de::Error| WeightsFault::Form(error.message().to_owned());
    let levels: BTreeMap<String, toml::Value> = value.try_into().map_err(form)?;
    for (level, value) in levels {
        let is_level = value.get("m").is_some_and(|m| !m.is_table());
        if is_level {
            let pair: Shares = value.try_into().map_err(form)?;
            shares.entry(field.clone()).or_default().insert(level, pair);
        } else {
            flatten(format!("{field}.{level}"), value, shares)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_shares_add_up() {
        let table = LevelShares::shipped();
        for &field in Field::ALL {
            if matches!(field, Field::Swapped | Field::Order | Field::Middle) {
                continue;
            }
            // An initial counts like a field of its own: nothing else can be compared in that forename.
            let sum = |share: fn(Shares) -> f64| -> f64 {
                levels(field)
                    .filter(|level| *level != "initial")
                    .filter_map(|level| table.shares(field, level))
                    .map(share)
                    .sum()
            };
            assert!((sum(|pair| pair.m) - 1.0).abs() < 0.03, "m of {field:?} sums to {}", sum(|pair| pair.m));
            assert!((sum(|pair| pair.u) - 1.0).abs() < 0.03, "u of {field:?} sums to {}", sum(|pair| pair.u));
        }
    }

    #[test]
    fn a_table_written_out_reads_the_same() {
        let table = LevelShares::shipped();
        assert_eq!(LevelShares::parse(&table.to_toml()), Ok(table));
    }

    #[test]
    fn faults_are_named() {
        let text = include_str!("shipped.toml");
        let (field, level) = ("birth-date", "exchanged");
        for (changed, fault) in [
            (text.replace("exchanged = { m = 0.006, u = 0.000030 }\n", ""), WeightsFault::Missing { field, level }),
            (text.replace("u = 0.000030", "u = 0.0"), WeightsFault::Share { field, level }),
            (text.replace("u = 0.000030", "u = 1.1"), WeightsFault::Share { field, level }),
            (
                text.replace("exchanged = {", "swapped = { m = 0.1, u = 0.1 }\nexchanged = {"),
                WeightsFault::Unknown { field: field.to_owned(), level: "swapped".to_owned() },
            ),
        ] {
            assert_eq!(LevelShares::parse(&changed), Err(fault));
        }
        for wrong in ["given = 3", "[given", "[given]\nexact = { m = 'x', u = 1.0 }"] {
            assert!(matches!(LevelShares::parse(wrong), Err(WeightsFault::Form(_))), "{wrong}");
        }
    }
}

//! Reads and writes weights files: tables of m and u for every level of every field.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::field::Field;
use crate::matching::unseen::{KINDS, Kind};
use crate::text::shown;

/// The table of a weights file that has the factors of the rates of unseen persons.
const RELATIVES: &str = "relatives";

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
    /// A factor of the rate of unseen persons is out of its range.
    #[error("{kind} of [relatives] must be from 0.001 to 1000")]
    Factor {
        /// The kind.
        kind: &'static str,
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

/// A figure that differs between two tables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moved {
    pub(crate) figure: &'static str,
    pub(crate) name: String,
    pub(crate) before: f64,
    pub(crate) now: f64,
}

/// The shares of all levels of all fields except "absent", which weighs nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LevelShares {
    #[serde(flatten)]
    shares: BTreeMap<String, BTreeMap<String, Shares>>,
    /// By kind of unseen person, the factor of its rate; 1 where nothing is stated.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    relatives: BTreeMap<&'static str, f64>,
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
        let mut relatives = BTreeMap::new();
        for (field, value) in tree {
            if field == RELATIVES {
                relatives = factors(value)?;
                continue;
            }
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
        Ok(LevelShares { shares: stated, relatives })
    }

    /// The shares of a level.
    pub(crate) fn shares(&self, field: Field, level: &str) -> Option<Shares> {
        self.shares.get(field.name())?.get(level).copied()
    }

    /// The factor of the rate of a kind of unseen person.
    pub(crate) fn relatives(&self, kind: Kind) -> f64 {
        self.relatives.get(kind.name()).copied().unwrap_or(1.0)
    }

    /// Replaces the factors of the rates of unseen persons.
    pub(crate) fn set_relatives(&mut self, factors: [f64; KINDS]) {
        let moved = Kind::ALL.iter().zip(factors).filter(|(_, factor)| *factor != 1.0);
        self.relatives = moved.map(|(kind, factor)| (kind.name(), factor)).collect();
    }

    /// Replaces the shares of a level.
    pub(crate) fn set(&mut self, field: Field, level: &str, shares: Shares) {
        if let Some(place) = self.shares.get_mut(field.name()).and_then(|levels| levels.get_mut(level)) {
            *place = shares;
        }
    }

    /// The shares of each level, named by field and level.
    pub(crate) fn each(&self) -> impl Iterator<Item = (String, Shares)> {
        let all = Field::ALL.iter().flat_map(|&field| levels(field).map(move |level| (field, level)));
        all.filter_map(|(field, level)| Some((format!("{}:{level}", field.name()), self.shares(field, level)?)))
    }

    /// The figures that differ from another table's by at least a factor.
    pub(crate) fn moved(&self, before: &LevelShares, factor: f64) -> Vec<Moved> {
        let mut all = Vec::new();
        let mut add = |figure, name: String, before: f64, now: f64| {
            if now / before >= factor || before / now >= factor {
                all.push(Moved { figure, name, before, now });
            }
        };
        for &field in Field::ALL {
            for level in levels(field) {
                if let (Some(then), Some(now)) = (before.shares(field, level), self.shares(field, level)) {
                    add("m of", format!("[{}] {level}", field.name()), then.m, now.m);
                    add("u of", format!("[{}] {level}", field.name()), then.u, now.u);
                }
            }
        }
        for &kind in Kind::ALL {
            add("factor of the rate of", kind.name().to_owned(), before.relatives(kind), self.relatives(kind));
        }
        all
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
        if !self.relatives.is_empty() {
            let _infallible =
                writeln!(text, "\n# The factor of the rate of each kind of unseen person.\n[{RELATIVES}]");
            for (kind, factor) in &self.relatives {
                let _infallible = writeln!(text, "{kind} = {factor:.9}");
            }
        }
        text
    }
}

/// The factors of the rates of unseen persons.
fn factors(stated: toml::Value) -> Result<BTreeMap<&'static str, f64>, WeightsFault> {
    let stated: BTreeMap<String, f64> =
        stated.try_into().map_err(|error: toml::de::Error| WeightsFault::Form(error.message().to_owned()))?;
    let mut factors = BTreeMap::new();
    for (name, factor) in stated {
        let unknown = || WeightsFault::Unknown { field: RELATIVES.to_owned(), level: name.clone() };
        let kind = Kind::ALL.iter().find(|kind| kind.name() == name).ok_or_else(unknown)?;
        if !(0.001..=1000.0).contains(&factor) {
            return Err(WeightsFault::Factor { kind: kind.name() });
        }
        factors.insert(kind.name(), factor);
    }
    Ok(factors)
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
            (text.replace("exchanged = { m = 0.005, u = 0.000030 }\n", ""), WeightsFault::Missing { field, level }),
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

//! Reads tables of unseen persons: for each kind its rate, and how it compares in each field.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{KINDS, Kind};
use crate::matching::weights::{Field, levels};
use crate::text::shown;

/// What is wrong with a table of unseen persons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelativesError {
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
        fault: RelativesFault,
    },
}

/// What is wrong with the text of a table of unseen persons.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum RelativesFault {
    /// It is not TOML of the right form.
    #[error("not a table of unseen persons: {0}")]
    Form(String),
    /// A distribution is named that the table does not have.
    #[error(
        "{field} of [{kind}]: there is no distribution of that name; write \"same\", \"any\" or one of [distributions]"
    )]
    Unnamed {
        /// The kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A distribution lacks a level of its field, or has one that the field has not.
    #[error(
        "{field} of [{kind}]: the distribution must have each level of the field once: {level} is missing or unknown"
    )]
    Level {
        /// The kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
        /// The level.
        level: String,
    },
    /// A figure is out of its range.
    #[error("{figure} of [{kind}] must be {range}")]
    Range {
        /// The kind.
        kind: &'static str,
        /// The figure.
        figure: &'static str,
        /// Its range.
        range: &'static str,
    },
}

/// The rate of a kind, by the age of the person found.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ByAge {
    #[serde(rename = "under-35")]
    under_35: f64,
    #[serde(rename = "under-45")]
    under_45: f64,
    older: f64,
    unknown: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
enum Rate {
    Same(f64),
    ByAge(ByAge),
}

/// How a kind compares with the person found in one field, as the table states it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Stated {
    Named(String),
    Mixed(Mixed),
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mixed {
    same: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KindFigures {
    rate: Rate,
    places: u8,
    home: f64,
    near: f64,
    support: f64,
    again: Option<f64>,
    given: Stated,
    middle: Stated,
    family: Stated,
    order: Stated,
    birth_date: Stated,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    distributions: BTreeMap<String, BTreeMap<String, f64>>,
    twin: KindFigures,
    namesake: KindFigures,
    sibling: KindFigures,
    partner: KindFigures,
    family: KindFigures,
    housemate: KindFigures,
    occupier: KindFigures,
    misdated: KindFigures,
}

/// How a kind compares with the person found in one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Comparison {
    /// This share as the person would themselves, the others as a stranger would.
    Same(f64),
    /// A share for each level, in the field's order; 0 for "absent".
    Levels(Vec<f64>),
}

/// What faults call the distributions of those who live nearby.
const NEAR: &str = "distributions";

/// One kind's figures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    /// People of the kind for each person found: aged under 35, under 45, older, and of unknown age.
    pub(super) rates: [f64; 4],
    /// How many of the kind one home can have.
    pub(super) places: u8,
    /// The share of them who live in the person's home.
    pub(super) home: f64,
    /// The share of them who live next door or in the same building.
    pub(super) near: f64,
    /// The rate where the records already have two such people at the home.
    pub(super) again: Option<f64>,
    /// The share of their shared accounts on which the other holder is the partner on the claim.
    pub(super) support: f64,
    /// Forename, middle names, surname, senior or junior, date of birth.
    pub(super) fields: [Comparison; 5],
}

/// The fields of [`Figures::fields`].
pub(super) const FIELDS: [Field; 5] = [Field::Given, Field::Middle, Field::Family, Field::Order, Field::BirthDate];

/// A table of unseen persons; without kinds, nobody is unseen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RelativesTable {
    kinds: Option<Box<[Figures; KINDS]>>,
    near_dwelling: Vec<f64>,
    near_uprn: Vec<f64>,
}

impl RelativesTable {
    /// The table that ships with the program.
    pub(crate) fn shipped() -> RelativesTable {
        RelativesTable::parse(include_str!("shipped.toml")).expect("the shipped table is whole: a test reads it")
    }

    /// Nobody is unseen: for records without households.
    pub(crate) fn none() -> RelativesTable {
        RelativesTable { kinds: None, near_dwelling: Vec::new(), near_uprn: Vec::new() }
    }

    /// The table in a file.
    pub(crate) fn read(file: &Path) -> Result<RelativesTable, RelativesError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| RelativesError::Unreadable { file: file.to_owned(), source })?;
        RelativesTable::parse(&text).map_err(|fault| RelativesError::Wrong { file: file.to_owned(), fault })
    }

    fn parse(text: &str) -> Result<RelativesTable, RelativesFault> {
        let text: Text = toml::from_str(text).map_err(|error| RelativesFault::Form(error.message().to_owned()))?;
        let figures = |kind: Kind| {
            let stated = match kind {
                Kind::Twin => &text.twin,
                Kind::Namesake => &text.namesake,
                Kind::Sibling => &text.sibling,
                Kind::Partner => &text.partner,
                Kind::Family => &text.family,
                Kind::Housemate => &text.housemate,
                Kind::Occupier => &text.occupier,
                Kind::Misdated => &text.misdated,
            };
            figures(kind, stated, &text.distributions)
        };
        let kinds: Vec<Figures> = Kind::ALL.iter().map(|&kind| figures(kind)).collect::<Result<_, _>>()?;
        let kinds: Box<[Figures; KINDS]> = kinds.try_into().expect("one for each kind");
        let near = |name: &'static str, field| {
            let missing = RelativesFault::Unnamed { kind: NEAR, field: name };
            by_level(NEAR, field, text.distributions.get(name).ok_or(missing)?)
        };
        Ok(RelativesTable {
            kinds: Some(kinds),
            near_dwelling: near("near-dwelling", Field::DwellingNear)?,
            near_uprn: near("near-uprn", Field::UprnNear)?,
        })
    }

    /// People of a kind at the home of each person found, of unknown age; `None` if nobody is unseen.
    pub(crate) fn at_home(&self, kind: Kind) -> Option<f64> {
        self.kinds().map(|kinds| kinds[kind as usize].rates[3] * kinds[kind as usize].home)
    }

    /// People of a kind for each person found of that age, before weights adjust it; 0 if nobody is unseen.
    pub(crate) fn rate(&self, kind: Kind, age: Option<u8>) -> f64 {
        self.kinds().map_or(0.0, |kinds| kinds[kind as usize].rates[age_group(age)])
    }

    /// The shares of a kind who live in the person's home, and nearby.
    pub(crate) fn homes(&self, kind: Kind) -> [f64; 2] {
        self.kinds().map_or([0.0; 2], |kinds| [kinds[kind as usize].home, kinds[kind as usize].near])
    }

    /// How a kind compares in a field; `None` if the table does not state it.
    pub(crate) fn comparison(&self, kind: Kind, field: Field) -> Option<&Comparison> {
        let place = FIELDS.iter().position(|own| *own == field)?;
        Some(&self.kinds()?[kind as usize].fields[place])
    }

    /// How the address of somebody who lives nearby compares: shares by level of the dwelling, and of the UPRN.
    pub(super) fn near(&self) -> [&[f64]; 2] {
        [&self.near_dwelling, &self.near_uprn]
    }

    /// Nobody is unseen.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_none()
    }

    /// The figures of each kind; `None` if nobody is unseen.
    pub(super) fn kinds(&self) -> Option<&[Figures; KINDS]> {
        self.kinds.as_deref()
    }
}

/// The place of an age among the rates of a kind.
pub(super) fn age_group(age: Option<u8>) -> usize {
    match age {
        Some(..35) => 0,
        Some(35..45) => 1,
        Some(45..) => 2,
        None => 3,
    }
}

fn figures(
    kind: Kind,
    stated: &KindFigures,
    distributions: &BTreeMap<String, BTreeMap<String, f64>>,
) -> Result<Figures, RelativesFault> {
    let kind = kind.name();
    let within = |figure, value: f64, most: f64, range| match (0.0..=most).contains(&value) {
        true => Ok(value),
        false => Err(RelativesFault::Range { kind, figure, range }),
    };
    let share = |figure, value| within(figure, value, 1.0, "from 0 to 1");
    let rates = match stated.rate {
        Rate::Same(rate) => [rate; 4],
        Rate::ByAge(ByAge { under_35, under_45, older, unknown }) => [under_35, under_45, older, unknown],
    };
    for rate in rates {
        within("rate", rate, 100.0, "from 0 to 100")?;
    }
    let fields = [&stated.given, &stated.middle, &stated.family, &stated.order, &stated.birth_date];
    let mut compared = Vec::with_capacity(FIELDS.len());
    for (field, stated) in FIELDS.into_iter().zip(fields) {
        compared.push(match stated {
            Stated::Mixed(Mixed { same }) => Comparison::Same(share(field.name(), *same)?),
            Stated::Named(name) if name == "same" => Comparison::Same(1.0),
            Stated::Named(name) if name == "any" => Comparison::Same(0.0),
            Stated::Named(name) => {
                let missing = RelativesFault::Unnamed { kind, field: field.name() };
                Comparison::Levels(by_level(kind, field, distributions.get(name).ok_or(missing)?)?)
            }
        });
    }
    Ok(Figures {
        rates,
        places: stated.places,
        home: share("home", stated.home)?,
        near: within("near", stated.near, 1.0 - stated.home, "from 0 to what home leaves")?,
        support: share("support", stated.support)?,
        again: stated.again.map(|again| within("again", again, 100.0, "from 0 to 100")).transpose()?,
        fields: compared.try_into().expect("one for each field"),
    })
}

/// The shares of a distribution in the order of the field's levels.
fn by_level(kind: &'static str, field: Field, stated: &BTreeMap<String, f64>) -> Result<Vec<f64>, RelativesFault> {
    let fault = |level: &str| RelativesFault::Level { kind, field: field.name(), level: level.to_owned() };
    if let Some(unknown) = stated.keys().find(|level| !levels(field).any(|known| known == *level)) {
        return Err(fault(unknown));
    }
    if let Some(missing) = levels(field).find(|level| !stated.contains_key(*level)) {
        return Err(fault(missing));
    }
    if !stated.values().all(|share| (0.0..=1.0).contains(share)) {
        return Err(RelativesFault::Range { kind, figure: field.name(), range: "shares from 0 to 1" });
    }
    Ok(field.levels().into_iter().map(|level| stated.get(level).copied().unwrap_or(0.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("shipped.toml");

    /// Each distribution is one: an initial counts as a field of its own.
    #[test]
    fn shipped_distributions_add_up() {
        let text: Text = toml::from_str(SHIPPED).unwrap();
        for (name, levels) in text.distributions {
            let rest = if name == "namesake-middle" { "initial" } else { "-" };
            let left_out = if levels.contains_key("close-rare") { "initial" } else { rest };
            let sum: f64 = levels.iter().filter(|(level, _)| *level != left_out).map(|(_, share)| share).sum();
            assert!((sum - 1.0).abs() < 0.06, "{name} sums to {sum}");
        }
    }

    #[test]
    fn faults_are_named() {
        for (from, to, expected) in [
            ("middle = \"any\"", "middle = \"some\"", "middle of [twin]: there is no distribution of that name"),
            ("home = 0.04", "home = 1.04", "home of [twin] must be from 0 to 1"),
            ("rate = 0.0075", "rate = -1", "rate of [twin] must be from 0 to 100"),
            ("close-rare = 0.03\n", "", "given of [twin]: the distribution must have each level"),
            ("close-rare = 0.03\n", "close-rare = 0.03\nclosest = 0.1\n", "closest is missing or unknown"),
            ("[occupier]", "[lodger]", "not a table of unseen persons"),
        ] {
            let fault = RelativesTable::parse(&SHIPPED.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }
}

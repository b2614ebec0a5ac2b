//! What each level of agreement is worth: in go levels and how common the names are, out comes a match
//! weight in bits, the sum over fields of log2(m / u) (Fellegi and Sunter, *A theory for record
//! linkage*, 1969).
//!
//! Fields that say the same thing twice are not counted as independent: the weight of a dwelling, a
//! street, a town and a UPRN is conditional on what the postcodes already said, so that the sum follows
//! the chain rule of probability. Names are worth more the rarer they are: an exact agreement weighs
//! log2(m / rate), with the rate of the value itself in place of u.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evidence::{
    BirthDate, Dwelling, Evidence, Family, Given, Middle, NameComparison, Order, Postcode, Street, Town, Uprn,
};

/// The shares of true and of chance pairs that show one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shares {
    /// The share of true pairs.
    pub(crate) m: f64,
    /// The share of chance pairs.
    pub(crate) u: f64,
}

/// What is wrong with a weights file.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum WeightsError {
    /// It is not TOML of the right form.
    #[error("the weights are not a table of levels with m and u: {0}")]
    Form(String),
    /// A field or level is missing.
    #[error("the weights lack [{field}] {level}")]
    Missing {
        /// The field.
        field: String,
        /// Its level.
        level: &'static str,
    },
    /// A share is not one.
    #[error("m and u of [{field}] {level} must be above 0 and at most 1")]
    Share {
        /// The field.
        field: String,
        /// Its level.
        level: &'static str,
    },
}

/// How common the names of a candidate pair are, as shares of the population.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameRates {
    /// The person's forename.
    pub(crate) given: f64,
    /// The person's surname.
    pub(crate) family: f64,
    /// The person's forename and surname together; at least their product.
    pub(crate) full: f64,
    /// The holder's forename, as typed.
    pub(crate) holder_given: f64,
    /// The holder's surname, as typed.
    pub(crate) holder_family: f64,
    /// Forenames that begin with the initial that is all there is on one side.
    pub(crate) initial: f64,
}

/// Match weights of all levels.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Weights {
    shares: BTreeMap<String, BTreeMap<String, Shares>>,
    #[serde(skip)]
    bits: Bits,
}

/// log2(m / u) by field and level, in the order of each field's levels.
#[derive(Debug, Clone, Default)]
struct Bits {
    given: Vec<f64>,
    given_exact_m: f64,
    middle: Vec<f64>,
    family: Vec<f64>,
    family_exact_m: f64,
    order: Vec<f64>,
    straight: f64,
    swapped: f64,
    birth_date: Vec<f64>,
    postcode_british: Vec<f64>,
    postcode_opaque: Vec<f64>,
    dwelling: [Vec<f64>; 3],
    street: [Vec<f64>; 3],
    town: [Vec<f64>; 3],
    uprn: [Vec<f64>; 3],
}

/// What the postcodes said, on which the weight of everything else in an address depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Near,
    Apart,
    Unknown,
}

const AROUND: [&str; 3] = ["near", "apart", "unknown"];

/// A rare typed word is likelier a slip of the other than a common one is: half the difference in bits
/// from a typical rate is counted, within these bounds.
const RARITY_BOUND: f64 = 3.0;
const TYPICAL_GIVEN: f64 = 1e-3;
const TYPICAL_FAMILY: f64 = 1e-4;

impl Weights {
    /// The weights that ship with the program.
    pub(crate) fn shipped() -> Weights {
        Weights::parse(include_str!("default-weights.toml")).expect("the shipped weights are whole: a test reads them")
    }

    /// Weights from the text of a weights file.
    pub(crate) fn parse(text: &str) -> Result<Weights, WeightsError> {
        let tree: BTreeMap<String, toml::Value> =
            toml::from_str(text).map_err(|error| WeightsError::Form(error.message().to_owned()))?;
        let mut shares = BTreeMap::new();
        for (field, value) in tree {
            flatten(field, value, &mut shares)?;
        }
        let bits = Bits::of(&shares)?;
        Ok(Weights { shares, bits })
    }

    /// The part of the names.
    pub(crate) fn of_names(&self, names: &NameComparison, rates: &NameRates) -> f64 {
        let bits = &self.bits;
        let orientation = if names.swapped { bits.swapped } else { bits.straight };
        let rest = bits.middle[names.middle as usize] + bits.order[names.order as usize] + orientation;
        if names.given == Given::Exact && names.family == Family::Exact {
            return bits.given_exact_m + bits.family_exact_m - rates.full.log2() + rest;
        }
        let given = self.of_given(names.given, rates);
        let family = match names.family {
            Family::Exact => bits.family_exact_m - rates.family.log2(),
            Family::Part => bits.family[Family::Part as usize] + rarity(TYPICAL_FAMILY, rates.family),
            Family::Close => bits.family[Family::Close as usize] + rarity(TYPICAL_FAMILY, rates.holder_family),
            level => bits.family[level as usize],
        };
        given + family + rest
    }

    /// The part of the forename alone.
    pub(crate) fn of_given(&self, level: Given, rates: &NameRates) -> f64 {
        let bits = &self.bits;
        match level {
            Given::Exact => bits.given_exact_m - rates.given.log2(),
            Given::Initial => bits.given[Given::Initial as usize] + (TYPICAL_INITIAL / rates.initial).log2(),
            Given::Variant | Given::Close | Given::Middle => {
                bits.given[level as usize] + rarity(TYPICAL_GIVEN, rates.holder_given)
            }
            Given::Loose | Given::Absent | Given::Different => bits.given[level as usize],
        }
    }

    /// The part of the dates of birth.
    pub(crate) fn of_birth_date(&self, level: BirthDate) -> f64 {
        self.bits.birth_date[level as usize]
    }

    /// The part of postcode, dwelling, street, town and UPRN, each given the ones before it.
    pub(crate) fn of_place(&self, evidence: &Evidence) -> f64 {
        let bits = &self.bits;
        let postcode = if evidence.british { &bits.postcode_british } else { &bits.postcode_opaque };
        let around = match evidence.postcode {
            _ if evidence.is_near() => Around::Near,
            Postcode::Absent => Around::Unknown,
            _ if !evidence.british => Around::Unknown,
            _ => Around::Apart,
        };
        let town = match evidence.postcode {
            Postcode::Absent => bits.town[Around::Unknown as usize][evidence.town as usize],
            Postcode::Slip | Postcode::Different if !evidence.british => {
                bits.town[Around::Unknown as usize][evidence.town as usize]
            }
            Postcode::Different => bits.town[Around::Apart as usize][evidence.town as usize],
            _ => 0.0,
        };
        let uprn = match (around, evidence.dwelling) {
            (Around::Near, Dwelling::Same) => 0,
            (Around::Near, _) => 1,
            _ => 2,
        };
        postcode[evidence.postcode as usize]
            + bits.dwelling[around as usize][evidence.dwelling as usize]
            + bits.street[around as usize][evidence.street as usize]
            + town
            + bits.uprn[uprn][evidence.uprn as usize]
    }
}

/// The share of forenames that begin with a typical letter.
const TYPICAL_INITIAL: f64 = 0.08;

fn rarity(typical: f64, rate: f64) -> f64 {
    (0.5 * (typical / rate).log2()).clamp(-RARITY_BOUND, RARITY_BOUND)
}

fn flatten(
    field: String,
    value: toml::Value,
    shares: &mut BTreeMap<String, BTreeMap<String, Shares>>,
) -> Result<(), WeightsError> {
    let form = |error: toml::de::Error| WeightsError::Form(error.message().to_owned());
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

impl Bits {
    fn of(shares: &BTreeMap<String, BTreeMap<String, Shares>>) -> Result<Bits, WeightsError> {
        let one = |field: &str, level: &'static str| -> Result<Shares, WeightsError> {
            let missing = || WeightsError::Missing { field: field.to_owned(), level };
            let pair = *shares.get(field).and_then(|levels| levels.get(level)).ok_or_else(missing)?;
            let is_share = |share: f64| share > 0.0 && share <= 1.0;
            if is_share(pair.m) && is_share(pair.u) {
                Ok(pair)
            } else {
                Err(WeightsError::Share { field: field.to_owned(), level })
            }
        };
        let list =
            |field: &str, levels: &mut dyn Iterator<Item = &'static str>| -> Result<Vec<f64>, WeightsError> {
                levels
                    .map(|level| {
                        if level == "absent" { Ok(0.0) } else { one(field, level).map(|pair| (pair.m / pair.u).log2()) }
                    })
                    .collect()
            };
        let around = |field: &str, names: [&str; 3], levels: &[&'static str]| -> Result<[Vec<f64>; 3], WeightsError> {
            let mut all: [Vec<f64>; 3] = Default::default();
            for (bits, name) in all.iter_mut().zip(names) {
                *bits = list(&format!("{field}.{name}"), &mut levels.iter().copied())?;
            }
            Ok(all)
        };
        let dwellings: Vec<_> = Dwelling::ALL.iter().map(|level| level.name()).collect();
        let streets: Vec<_> = Street::ALL.iter().map(|level| level.name()).collect();
        let towns: Vec<_> = Town::ALL.iter().map(|level| level.name()).collect();
        let uprns: Vec<_> = Uprn::ALL.iter().map(|level| level.name()).collect();
        let mut opaque = vec![0.0; Postcode::ALL.len()];
        for level in [Postcode::Exact, Postcode::Slip, Postcode::Different] {
            let pair = one("postcode.opaque", level.name())?;
            opaque[level as usize] = (pair.m / pair.u).log2();
        }
        let town_apart = list("town.apart", &mut towns.iter().copied())?;
        let town_unknown = list("town.unknown", &mut towns.iter().copied())?;
        Ok(Bits {
            given: list("given", &mut Given::ALL.iter().map(|level| level.name()))?,
            given_exact_m: one("given", Given::Exact.name())?.m.log2(),
            middle: list("middle", &mut Middle::ALL.iter().map(|level| level.name()))?,
            family: list("family", &mut Family::ALL.iter().map(|level| level.name()))?,
            family_exact_m: one("family", Family::Exact.name())?.m.log2(),
            order: list("order", &mut Order::ALL.iter().map(|level| level.name()))?,
            straight: one("swapped", "no").map(|pair| (pair.m / pair.u).log2())?,
            swapped: one("swapped", "yes").map(|pair| (pair.m / pair.u).log2())?,
            birth_date: list("birth-date", &mut BirthDate::ALL.iter().map(|level| level.name()))?,
            postcode_british: list("postcode.british", &mut Postcode::ALL.iter().map(|level| level.name()))?,
            postcode_opaque: opaque,
            dwelling: around("dwelling", AROUND, &dwellings)?,
            street: around("street", AROUND, &streets)?,
            town: [Vec::new(), town_apart, town_unknown],
            uprn: around("uprn", ["same-dwelling", "near", "apart"], &uprns)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_weights_are_whole_and_their_shares_add_up() {
        let weights = Weights::shipped();
        for (field, levels) in &weights.shares {
            // An initial is a field of its own: it says all that can be said of that forename.
            let sum = |share: fn(&Shares) -> f64| -> f64 {
                levels
                    .iter()
                    .filter(|(level, _)| *level != "initial" || field != "given" && field != "middle")
                    .map(|(_, pair)| share(pair))
                    .sum()
            };
            if field == "swapped" || field == "order" || field == "middle" {
                continue;
            }
            assert!((sum(|pair| pair.m) - 1.0).abs() < 0.03, "m of {field} sums to {}", sum(|pair| pair.m));
            assert!((sum(|pair| pair.u) - 1.0).abs() < 0.03, "u of {field} sums to {}", sum(|pair| pair.u));
        }
    }

    #[test]
    fn faults_are_named() {
        let text = include_str!("default-weights.toml");
        let without = text.replace("exchanged = { m = 0.006, u = 0.000030 }\n", "");
        assert_eq!(
            Weights::parse(&without).unwrap_err(),
            WeightsError::Missing { field: "birth-date".to_owned(), level: "exchanged" }
        );
        let zero = text.replace("u = 0.000030", "u = 0.0");
        assert_eq!(
            Weights::parse(&zero).unwrap_err(),
            WeightsError::Share { field: "birth-date".to_owned(), level: "exchanged" }
        );
        assert!(matches!(Weights::parse("given = 3").unwrap_err(), WeightsError::Form(_)));
        assert!(matches!(Weights::parse("[given").unwrap_err(), WeightsError::Form(_)));
    }
}

//! Computes match weights in bits from comparison levels and from how common the names are: the sum over
//! fields of log2(m / u) (Fellegi and Sunter, *A theory for record linkage*, 1969).
//!
//! Rare names weigh more: an exact agreement weighs log2(m / rate), with the rate of the value itself in
//! place of u.

mod field;
mod share_out;
mod table;

use std::path::Path;

use serde::Serialize;

use super::evidence::{BirthDate, Evidence, Family, Given, NameComparison};
use field::Cell;
pub(super) use field::{Field, MOST_LEVELS, name_cells, place_cells};
pub(super) use table::{LevelShares, Shares, levels};
pub use table::{WeightsError, WeightsFault};

/// How common the names of a candidate pair are, as shares of the population.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameRates {
    /// The person's forename.
    pub(crate) given: f64,
    /// The person's surname.
    pub(crate) family: f64,
    /// The person's forename and surname together; at least their product.
    pub(crate) full: f64,
    /// The holder's forename, as typed; looked up only if [it counts](Self::weigh_typed_given).
    pub(crate) holder_given: f64,
    /// The holder's surname, as typed; looked up only if [it counts](Self::weigh_typed_family).
    pub(crate) holder_family: f64,
    /// Forenames that begin with the initial, if one side has only an initial.
    pub(crate) initial: f64,
}

impl NameRates {
    /// Whether the weight of this level depends on how rare the holder's forename is, as typed.
    pub(crate) fn weigh_typed_given(names: &NameComparison) -> bool {
        NameRates::weighs_typed_given(names.given)
    }

    fn weighs_typed_given(level: Given) -> bool {
        matches!(level, Given::Variant | Given::Close | Given::CloseRare | Given::CutOff | Given::Middle)
    }

    /// Whether the weight of this level depends on how rare the holder's surname is, as typed.
    pub(crate) fn weigh_typed_family(names: &NameComparison) -> bool {
        names.family == Family::Close
    }
}

/// The most bits that the rarity of a typed word adds or takes away. A rare word is likelier than a common
/// one to be a slip of the other name, so half the difference in bits from a typical rate counts.
const RARITY_BOUND: f64 = 3.0;
const TYPICAL_GIVEN: f64 = 1e-3;
const TYPICAL_FAMILY: f64 = 1e-4;

/// The share of forenames that begin with a typical letter.
const TYPICAL_INITIAL: f64 = 0.08;

/// What a pair gains in bits under other weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gains {
    pub(super) given: f64,
    pub(super) birth_date: f64,
    /// All fields together.
    pub(super) all: f64,
}

/// Match weights of all levels.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    table: LevelShares,
    /// By field and level; 0 for "absent".
    bits: Vec<[f64; MOST_LEVELS]>,
    /// The most that a field can add, by field.
    most: Vec<f64>,
    given_exact_m: f64,
    family_exact_m: f64,
}

impl Weights {
    /// The weights that ship with the program.
    pub(crate) fn shipped() -> Weights {
        Weights::new(LevelShares::shipped())
    }

    /// The weights in a file.
    pub(crate) fn read(file: &Path) -> Result<Weights, WeightsError> {
        LevelShares::read(file).map(Weights::new)
    }

    /// The weights that a table of m and u makes.
    pub(super) fn new(table: LevelShares) -> Weights {
        let mut bits = vec![[0.0; MOST_LEVELS]; Field::ALL.len()];
        for &field in Field::ALL {
            for (place, level) in field.levels().into_iter().enumerate() {
                if let Some(Shares { m, u }) = table.shares(field, level) {
                    bits[field as usize][place] = (m / u).log2();
                }
            }
        }
        let most = bits.iter().map(|levels| levels.iter().copied().fold(0.0, f64::max)).collect();
        let exact_m = |field| table.shares(field, "exact").map_or(0.0, |shares| shares.m.log2());
        Weights { given_exact_m: exact_m(Field::Given), family_exact_m: exact_m(Field::Family), table, bits, most }
    }

    /// The m and u behind the weights.
    pub(crate) fn table(&self) -> &LevelShares {
        &self.table
    }

    /// The weight of the names.
    pub(crate) fn of_names(&self, names: &NameComparison, rates: &NameRates) -> f64 {
        let [_, middle, family, order, swapped] = name_cells(names);
        let rest = self.bits(middle) + self.bits(order) + self.bits(swapped);
        if names.given == Given::Exact && names.family == Family::Exact {
            return self.given_exact_m + self.family_exact_m - rates.full.log2() + rest;
        }
        let of_family = match names.family {
            Family::Exact => self.family_exact_m - rates.family.log2(),
            Family::Part => self.bits(family) + rarity(TYPICAL_FAMILY, rates.family),
            Family::Close => self.bits(family) + rarity(TYPICAL_FAMILY, rates.holder_family),
            Family::Loose | Family::Absent | Family::Different => self.bits(family),
        };
        self.of_given(names, rates) + of_family + rest
    }

    /// The weights of middle names, and of senior and junior.
    pub(super) fn of_middle_and_order(&self, evidence: &Evidence) -> [f64; 2] {
        let [_, middle, _, order, _] = name_cells(&evidence.names());
        [self.bits(middle), self.bits(order)]
    }

    /// The weight of the forename alone.
    pub(crate) fn of_given(&self, names: &NameComparison, rates: &NameRates) -> f64 {
        let [given, ..] = name_cells(names);
        match names.given {
            Given::Exact => self.given_exact_m - rates.given.log2(),
            Given::Initial => self.bits(given) + (TYPICAL_INITIAL / rates.initial).log2(),
            level if NameRates::weighs_typed_given(level) => {
                self.bits(given) + rarity(TYPICAL_GIVEN, rates.holder_given)
            }
            _ => self.bits(given),
        }
    }

    /// The weight of the dates of birth.
    pub(crate) fn of_birth_date(&self, level: BirthDate) -> f64 {
        self.bits((Field::BirthDate, level as usize))
    }

    /// The weight of postcode, dwelling, street, town and UPRN, each given the ones before it.
    pub(crate) fn of_place(&self, evidence: &Evidence) -> f64 {
        place_cells(evidence).into_iter().map(|cell| self.bits(cell)).sum()
    }

    /// The highest weight that the place can still get before streets and towns are compared.
    pub(crate) fn most_of_place(&self, begun: &Evidence) -> f64 {
        let most = |(field, level): Cell| match field {
            Field::StreetNear | Field::StreetApart | Field::StreetUnknown | Field::TownApart | Field::TownUnknown => {
                self.most[field as usize]
            }
            _ => self.bits((field, level)),
        };
        place_cells(begun).into_iter().map(most).sum()
    }

    /// How many bits a pair gains if these weights replace the others.
    pub(super) fn gains_over(&self, others: &Weights, evidence: &Evidence) -> Gains {
        let gain = |(field, level): Cell| match (field, level) {
            (Field::Given, level) if level == Given::Exact as usize => self.given_exact_m - others.given_exact_m,
            (Field::Family, level) if level == Family::Exact as usize => self.family_exact_m - others.family_exact_m,
            cell => self.bits(cell) - others.bits(cell),
        };
        let names: f64 = name_cells(&evidence.names()).into_iter().map(gain).sum();
        let place: f64 = place_cells(evidence).into_iter().map(gain).sum();
        let birth_date = gain((Field::BirthDate, evidence.birth_date as usize));
        Gains { given: gain((Field::Given, evidence.given as usize)), birth_date, all: names + place + birth_date }
    }

    fn bits(&self, (field, level): Cell) -> f64 {
        self.bits[field as usize][level]
    }
}

impl Serialize for Weights {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.table.serialize(serializer)
    }
}

fn rarity(typical: f64, rate: f64) -> f64 {
    (0.5 * (typical / rate).log2()).clamp(-RARITY_BOUND, RARITY_BOUND)
}

//! Computes the odds of unseen persons from the levels at which a holder agrees with a person found.

use super::table::{Comparison, FIELDS, Figures, RelativesTable, age_group};
use super::{KINDS, Kind};
use crate::matching::evidence::{Dwelling, Evidence, Given};
use crate::matching::weights::{Field, MOST_LEVELS, Weights};

/// The likelihood ratios of a pair's fields against chance, if holder and person are the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) given: f64,
    pub(crate) middle: f64,
    /// Surname, and names exchanged.
    pub(crate) family: f64,
    pub(crate) order: f64,
    pub(crate) birth_date: f64,
    /// Postcode, dwelling, street, town and UPRN.
    pub(crate) place: f64,
}

/// The likelihood ratio of a level under a kind is `same` × that of the same person, plus `chance`.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    same: f64,
    chance: f64,
}

/// The price of one kind.
#[derive(Debug, Clone)]
struct Price {
    rates: [f64; 4],
    places: u8,
    again: Option<f64>,
    home: f64,
    near: f64,
    support: f64,
    given: [Level; MOST_LEVELS],
    middle: [Level; MOST_LEVELS],
    family: [Level; MOST_LEVELS],
    order: [Level; MOST_LEVELS],
    birth_date: [Level; MOST_LEVELS],
}

/// The prices of all kinds, under one table of weights.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    kinds: Vec<Price>,
    near_dwelling: [Level; MOST_LEVELS],
    /// Where the addresses name one dwelling, and where they do not.
    near_uprn: [[Level; MOST_LEVELS]; 2],
}

impl Prices {
    /// The prices of a table, where the same person has these weights.
    pub(crate) fn new(table: &RelativesTable, weights: &Weights) -> Prices {
        let price = |(figures, kind): (&Figures, &Kind)| {
            let factor = weights.table().relatives(*kind);
            let levels = |place: usize| levels(FIELDS[place], &figures.fields[place], weights);
            Price {
                rates: figures.rates.map(|rate| rate * factor),
                places: figures.places,
                again: figures.again,
                home: figures.home,
                near: figures.near,
                support: figures.support,
                given: levels(0),
                middle: levels(1),
                family: levels(2),
                order: levels(3),
                birth_date: levels(4),
            }
        };
        let [dwelling, uprn] = table.near().map(|shares| Comparison::Levels(shares.to_vec()));
        let near = |field, comparison: &Comparison| match table.kinds() {
            Some(_) => levels(field, comparison, weights),
            None => [Level::default(); MOST_LEVELS],
        };
        Prices {
            near_dwelling: near(Field::DwellingNear, &dwelling),
            near_uprn: [Field::UprnSameDwelling, Field::UprnNear].map(|field| near(field, &uprn)),
            kinds: table.kinds().into_iter().flatten().zip(Kind::ALL).map(price).collect(),
        }
    }

    /// Nobody is unseen.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The factor of a kind's rate where the records already have so many of the kind at the home: those who are there
    /// take places, unless one makes another likelier.
    pub(crate) fn beside(&self, kind: Kind, recorded: usize) -> f64 {
        let Some(price) = self.kinds.get(kind as usize) else { return 1.0 };
        match price.again {
            _ if recorded == 0 => 1.0,
            Some(again) => again / price.rates[0],
            None => (1.0 - recorded as f64 / f64::from(price.places)).max(0.0),
        }
    }

    /// The odds of one unseen person of each kind against a stranger, where the prior odds of one person are 1.
    /// `support` gives the factor of another holder for the share of the kind's accounts on which that holder is the
    /// partner on the claim.
    pub(crate) fn odds(
        &self,
        evidence: &Evidence,
        fields: &Fields,
        age: Option<u8>,
        support: impl Fn(f64) -> f64,
    ) -> [f64; KINDS] {
        let age = age_group(age);
        let near = self.near(evidence, fields.place);
        let mut odds = [0.0; KINDS];
        for (price, odds) in self.kinds.iter().zip(&mut odds) {
            let of = |level: Level, same: f64| level.same * same + level.chance;
            *odds = price.rates[age]
                * of(price.given[evidence.given as usize], fields.given)
                * of(price.middle[evidence.middle as usize], fields.middle)
                * of(price.family[evidence.family as usize], fields.family)
                * of(price.order[evidence.order as usize], fields.order)
                * of(price.birth_date[evidence.birth_date as usize], fields.birth_date)
                * (price.home * fields.place + price.near * near + 1.0 - price.home - price.near)
                * support(price.support);
        }
        odds
    }
}

impl Prices {
    /// The likelihood ratio of the place of somebody who lives nearby, where that of the same person is `place`.
    fn near(&self, evidence: &Evidence, place: f64) -> f64 {
        if !evidence.is_near() {
            return 0.0;
        }
        let uprn = &self.near_uprn[usize::from(evidence.dwelling != Dwelling::Same)];
        place * self.near_dwelling[evidence.dwelling as usize].same * uprn[evidence.uprn as usize].same
    }
}

fn levels(field: Field, comparison: &Comparison, weights: &Weights) -> [Level; MOST_LEVELS] {
    let mut all = [Level::default(); MOST_LEVELS];
    for (place, level) in field.levels().into_iter().enumerate() {
        all[place] = match (comparison, weights.table().shares(field, level)) {
            (_, None) => Level { same: 1.0, chance: 0.0 },
            (Comparison::Same(share), Some(_)) => Level { same: *share, chance: 1.0 - share },
            // Another name has a given initial by chance, whichever letter it is.
            (Comparison::Levels(shares), Some(of_level)) if (field, level) == (Field::Given, Given::Initial.name()) => {
                Level { same: 0.0, chance: shares[place] / of_level.u }
            }
            (Comparison::Levels(shares), Some(of_level)) => Level { same: shares[place] / of_level.m, chance: 0.0 },
        };
    }
    all
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;

//! Counts the levels of pairs, and tells pairs of persons who have an account of their own from others.
//!
//! Beside a person who was found on an account of their own, a further account at the same home under another forename
//! is a relative's. As many relatives are expected beside persons without such an account. Only what goes beyond that
//! counts as an error in a forename or a birth date.

use super::{each_pair, is_rivals};
use crate::matching::evidence::{BirthDate, Evidence, Given};
use crate::matching::matcher::Candidate;
use crate::matching::model::Model;
use crate::matching::persons::Persons;
use crate::matching::weights::{Field, name_cells, place_cells};

/// Standard deviations by which a count has to exceed what relatives explain.
const BEYOND: f64 = 2.0;

/// Counts of levels, by field.
pub(super) struct Tally {
    counts: Vec<Vec<f64>>,
    /// The same of pairs whose person has an account of their own.
    beside: Vec<Vec<f64>>,
    pairs: f64,
}

impl Tally {
    pub(super) fn new() -> Tally {
        let counts: Vec<Vec<f64>> = Field::ALL.iter().map(|field| vec![0.0; field.levels().len()]).collect();
        Tally { beside: counts.clone(), counts, pairs: 0.0 }
    }

    /// Counts a pair that is true with this posterior, of a person who has an account of their own with that one.
    pub(super) fn add(&mut self, evidence: &Evidence, posterior: f64, own_account: f64) {
        self.pairs += posterior;
        let birth_date = (Field::BirthDate, evidence.birth_date as usize);
        for (field, level) in name_cells(&evidence.names()).into_iter().chain(place_cells(evidence)).chain([birth_date])
        {
            if is_rivals(field, field.levels()[level]) {
                self.counts[field as usize][level] += posterior * (1.0 - own_account);
                self.beside[field as usize][level] += posterior * own_account;
            } else {
                self.counts[field as usize][level] += posterior;
            }
        }
    }

    /// Takes the relatives away who are expected beside persons without an account of their own.
    pub(super) fn finish(&mut self, own_accounts: &OwnAccounts) {
        let (with, without) = own_accounts.persons();
        for (counts, beside) in self.counts.iter_mut().zip(&self.beside) {
            for (count, beside) in counts.iter_mut().zip(beside) {
                if *beside > 0.0 && with > 0.0 {
                    let expected = beside * without / with;
                    let deviation = (*count + expected * without / with).sqrt();
                    *count = (*count - expected - BEYOND * deviation).max(0.0);
                }
            }
        }
    }

    pub(super) fn count(&self, field: Field, level: &str) -> f64 {
        let place = field.levels().iter().position(|other| *other == level);
        place.map_or(0.0, |place| self.counts[field as usize][place])
    }

    /// The counted pairs.
    pub(super) fn pairs(&self) -> f64 {
        self.pairs
    }
}

/// For each person, the posterior that they are a holder under their own forename and birth date.
pub(super) struct OwnAccounts {
    by_person: Vec<f32>,
}

impl OwnAccounts {
    pub(super) fn find(holders: &[&[Candidate]], persons: &Persons, before: &Model, now: &Model) -> OwnAccounts {
        let mut by_person = vec![0.0_f32; persons.count()];
        each_pair(holders, persons, before, now, |candidate, posterior| {
            if agrees(&candidate.evidence()) {
                let own = &mut by_person[candidate.person as usize];
                *own = own.max(posterior as f32);
            }
        });
        OwnAccounts { by_person }
    }

    pub(super) fn posterior(&self, person: u32) -> f64 {
        f64::from(self.by_person[person as usize])
    }

    /// How many persons have an account of their own, and how many have none.
    pub(super) fn persons(&self) -> (f64, f64) {
        let with = self.sum();
        (with, self.by_person.len() as f64 - with)
    }

    /// The sum over all persons.
    pub(super) fn sum(&self) -> f64 {
        self.by_person.iter().map(|own| f64::from(*own)).sum()
    }
}

fn agrees(evidence: &Evidence) -> bool {
    !is_rivals(Field::Given, evidence.given.name())
        && evidence.given != Given::Absent
        && !matches!(evidence.birth_date, BirthDate::Different | BirthDate::Generation)
}

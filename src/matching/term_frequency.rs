//! Estimates how common surnames, forenames and full names are among the persons of a run's benefit records.
//!
//! The run's counts are blended with the shipped table of common British names, which counts as so many
//! persons seen before: a file of fifty persons does not make Smith rare, and a file of ten million outweighs
//! the table. A person's own appearance is left out of the count.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};
use rayon::prelude::*;

use super::persons::Persons;
use super::store::RowRates;
use crate::normalise::{NameView, frequency};
use crate::text::Word;

/// The weight of the shipped table, in persons.
const TABLE_PERSONS: f64 = 100_000.0;

/// The weight of the assumption that forename and surname are independent, in persons.
const INDEPENDENT_PERSONS: f64 = 1_000_000.0;

/// The seed of the hashes of full names.
const FULL_NAMES: u64 = 1;

/// The lowest rate of a surname or forename: a count of ten million cannot show a lower one.
const RAREST: f64 = 2e-7;

/// Counts by name. Each map hashes with its own seed, so that no file can be crafted to make names collide.
type Counted = HashMap<Word, u32, RandomState>;

/// Rates by name.
type Rates = HashMap<Word, f64, RandomState>;

/// Rates of names among the persons of a run, kept in memory only.
#[derive(Default)]
pub(crate) struct TermFrequencies {
    given: Rates,
    family: Rates,
    /// How often full names that several persons have are seen together, by a hash that is the same in every run. Two
    /// names with the same hash would count as one.
    full: HashMap<u64, f64, FixedState>,
    persons: f64,
}

impl TermFrequencies {
    /// Counts each person once, by their [first row](Persons::first_row), whatever the order of the file.
    pub(crate) fn new(persons: &Persons) -> TermFrequencies {
        let count = persons.count();
        // Few maps, since each of them has every common name.
        let some = count / (2 * rayon::current_num_threads()) + 1;
        let counted = (0..count as u32)
            .into_par_iter()
            .with_min_len(some)
            .fold(Counts::default, |mut counts, person| {
                counts.add(&persons.name(persons.first_row(person)));
                counts
            })
            .reduce(Counts::default, Counts::merge);
        let Counts { given, family, mut full } = counted;
        full.par_sort_unstable();
        // The full name of one person alone says no more than its parts.
        let persons = count as f64;
        let together = |same: &[u64]| (same.len() - 1) as f64 / (persons + INDEPENDENT_PERSONS);
        let full = || {
            let several = full.chunk_by(|one, other| one == other).filter(|same| same.len() > 1);
            several.map(|same| (same[0], together(same))).collect()
        };
        let rates = |counted: Counted, table: fn(&str) -> f64| -> Rates {
            counted.into_iter().map(|(word, count)| (word, blend(count, table(&word), persons))).collect()
        };
        let parts = || (rates(given, frequency::given_name_rate), rates(family, frequency::family_name_rate));
        let (full, (given, family)) = rayon::join(full, parts);
        TermFrequencies { given, family, full, persons }
    }

    /// The rate of a forename of the benefit records.
    pub(crate) fn given(&self, word: &str) -> f64 {
        let known = self.given.get(word).copied();
        known.unwrap_or_else(|| blend(1, frequency::given_name_rate(word), self.persons))
    }

    /// The rate of a surname of the benefit records.
    pub(crate) fn family(&self, word: &str) -> f64 {
        let known = self.family.get(word).copied();
        known.unwrap_or_else(|| blend(1, frequency::family_name_rate(word), self.persons))
    }

    /// How common the names of a person of the benefit records are.
    pub(crate) fn of_name(&self, name: &NameView<'_>) -> RowRates {
        let first = name.given.first();
        let given = first.map_or(1.0, |word| self.given(word));
        // The commonest part of the surname, and the rarest.
        let parts = name.family.iter().map(|part| self.family(part));
        let (part, rarest) = parts.fold((0.0, 1.0), |(most, least), rate| (rate.max(most), rate.min(least)));
        let part = if name.family.is_empty() { 1.0 } else { part };
        let (family, full) = match (first, &name.family[..]) {
            (Some(word), [only]) => (part, self.together(word, only).max(given * part)),
            (_, [] | [_]) => (part, given * part),
            _ => {
                let whole = double_barrelled(rarest);
                (whole, given * whole)
            }
        };
        RowRates { given: given as f32, part: part as f32, family: family as f32, full: full as f32 }
    }

    /// The rate at which a forename and a surname are seen together.
    fn together(&self, given: &str, family: &str) -> f64 {
        self.full.get(&full_name(given, family)).copied().unwrap_or_default()
    }
}

/// The rate of a name that `count` of the persons have, besides the shipped table.
fn blend(count: u32, table: f64, persons: f64) -> f64 {
    ((f64::from(count - 1) + TABLE_PERSONS * table) / (persons + TABLE_PERSONS)).max(RAREST)
}

/// The rate of a double-barrelled surname: about one in twenty people with the rarer part joins it to another name,
/// and few of them to the same one.
fn double_barrelled(rarest: f64) -> f64 {
    const JOINED: f64 = 0.05;
    (rarest * JOINED).max(RAREST)
}

fn full_name(given: &str, family: &str) -> u64 {
    FixedState::with_seed(FULL_NAMES).hash_one((given, family))
}

fn count(counted: &mut Counted, word: &str) {
    match counted.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            counted.insert(Word::new(word), 1);
        }
    }
}

#[derive(Default)]
struct Counts {
    given: Counted,
    family: Counted,
    full: Vec<u64>,
}

impl Counts {
    fn add(&mut self, name: &NameView<'_>) {
        if let Some(word) = name.given.first() {
            count(&mut self.given, word);
        }
        for part in &name.family {
            count(&mut self.family, part);
        }
        if let (Some(given), Some(family)) = (name.given.first(), name.family.first()) {
            self.full.push(full_name(given, family));
        }
    }

    fn merge(mut self, other: Counts) -> Counts {
        fn add(into: &mut Counted, mut from: Counted) {
            if into.len() < from.len() {
                std::mem::swap(into, &mut from);
            }
            for (key, count) in from {
                *into.entry(key).or_default() += count;
            }
        }
        add(&mut self.given, other.given);
        add(&mut self.family, other.family);
        self.full.extend(other.full);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::RunKey;
    use super::super::persons::{BenefitPerson, BenefitPersons, Role};
    use super::*;
    use crate::normalise::Identity;

    #[test]
    fn a_person_with_a_former_name_counts_the_same_in_any_order_of_rows() {
        let rates = |surnames: &[&str]| {
            let key = RunKey::from_bytes(&[7; 32]);
            let mut rows = BenefitPersons::default();
            for (person, surname) in ["1", "1", "2", "3"].into_iter().zip(surnames) {
                let mut identity = Identity::default();
                identity.name.family.push(Word::new(surname));
                rows.push(
                    &key,
                    &BenefitPerson {
                        claim_ref: surname,
                        person_ref: person,
                        role: Role::Claimant,
                        identity: &identity,
                    },
                );
            }
            rows.finish(&key);
            let counted = TermFrequencies::new(&Persons::gather(vec![rows]));
            ["OXENBRIDGE", "THRUPKIN"].map(|word| counted.family.get(word).copied())
        };
        assert_eq!(
            rates(&["OXENBRIDGE", "THRUPKIN", "SMITH", "JONES"]),
            rates(&["THRUPKIN", "OXENBRIDGE", "SMITH", "JONES"])
        );
    }
}

//! Estimates m and u from a run's own candidates and benefit records, without known matches.
//!
//! u of names and dates of birth is counted among pairs of different benefit records taken at regular
//! distances, which are chance pairs; u of places stays as shipped.
//!
//! m is estimated by expectation–maximisation (Dempster, Laird and Rubin 1977; for record linkage, Winkler
//! 1988). Each candidate counts as a true pair by its posterior. The shares of levels among these pairs make
//! the next weights, until the weights no longer change.
//!
//! The shipped table counts as so many pairs seen before, so that few data change it little. A level that no
//! true pair should show (contradicting birth dates, another forename) keeps its shipped m. So does an
//! initial, and a missing field is not counted: neither says how the other levels agree.

use super::evidence::{BirthDate, Evidence, Given, NameComparison};
use super::matcher::Candidate;
use super::persons::Persons;
use super::weights::{Field, LevelShares, Shares, Weights, levels, name_cells, place_cells};

/// The most pairs of benefit records among which u is counted.
const CHANCE_PAIRS: u64 = 2_000_000;

/// The weight of the shipped table, in pairs.
const SHIPPED_TRUE_PAIRS: f64 = 200.0;
const SHIPPED_CHANCE_PAIRS: f64 = 1_000_000.0;

/// The most rounds of estimation, and the largest change of an m with which they end.
const MOST_ROUNDS: usize = 25;
const SETTLED: f64 = 1e-6;

/// Counts of levels, by field.
struct Tally {
    counts: Vec<Vec<f64>>,
}

impl Tally {
    fn new() -> Tally {
        Tally { counts: Field::ALL.iter().map(|field| vec![0.0; field.levels().len()]).collect() }
    }

    fn add(&mut self, evidence: &Evidence, weight: f64) {
        let birth_date = (Field::BirthDate, evidence.birth_date as usize);
        for (field, level) in name_cells(evidence).into_iter().chain(place_cells(evidence)).chain([birth_date]) {
            self.counts[field as usize][level] += weight;
        }
    }

    fn share_of(&self, field: Field, level: &str) -> f64 {
        let place = field.levels().iter().position(|other| *other == level);
        place.map_or(0.0, |place| self.counts[field as usize][place])
    }
}

/// Levels whose shares are estimated together: those that are neither held nor absent.
fn estimated(field: Field) -> impl Iterator<Item = &'static str> {
    levels(field).filter(move |level| !is_held(field, level))
}

/// The level keeps its shipped m.
fn is_held(field: Field, level: &str) -> bool {
    match field {
        Field::Given => level == Given::Different.name() || level == Given::Initial.name(),
        Field::BirthDate => level == BirthDate::Different.name(),
        Field::Middle | Field::Order => true,
        _ => false,
    }
}

/// Estimates m from each holder's candidates, and u from the benefit records.
pub(crate) fn train(holders: &[&[Candidate]], persons: &Persons, shipped: &Weights) -> Weights {
    let mut table = shipped.table().clone();
    estimate_u(&mut table, persons);
    let mut weights = Weights::new(table);
    for _ in 0..MOST_ROUNDS {
        let next = Weights::new(maximise(&expect(holders, &weights, shipped), weights.table(), shipped.table()));
        let change = largest_change(weights.table(), next.table());
        weights = next;
        if change < SETTLED {
            break;
        }
    }
    weights
}

/// Counts each level among pairs of persons taken at regular distances.
fn estimate_u(table: &mut LevelShares, persons: &Persons) {
    let count = persons.count() as u64;
    if count < 2 {
        return;
    }
    let mut tally = Tally::new();
    for pair in 0..CHANCE_PAIRS.min(count * 8) {
        let one = pair % count;
        // The distance grows with every round, and never leads back to the same person.
        let other = (one + 1 + (pair / count + 1) * 7919 % (count - 1)) % count;
        let [one, other] = [one, other].map(|person| persons.identity(persons.rows_of(person as u32)[0]));
        tally.add(&Evidence::compare(&one, &other, NameComparison::straight(&one.name, &other.name)), 1.0);
    }
    // u of places stays the country's, not the file's, as the prior is the country's too.
    for field in [Field::Given, Field::Family, Field::BirthDate] {
        let counted: Vec<_> = levels(field).filter(|level| !(field == Field::Given && *level == "initial")).collect();
        let all: f64 = counted.iter().map(|level| tally.share_of(field, level)).sum();
        for level in counted {
            if let Some(Shares { m, u }) = table.shares(field, level) {
                let blended = (tally.share_of(field, level) + SHIPPED_CHANCE_PAIRS * u) / (all + SHIPPED_CHANCE_PAIRS);
                table.set(field, level, Shares { m, u: blended });
            }
        }
    }
}

/// The expected count of each level among true pairs, under the present weights.
fn expect(holders: &[&[Candidate]], weights: &Weights, shipped: &Weights) -> Tally {
    let mut tally = Tally::new();
    let mut weighed: Vec<(Evidence, f64)> = Vec::new();
    for candidates in holders {
        weighed.clear();
        weighed.extend(candidates.iter().filter(|candidate| candidate.bar.is_none()).map(|candidate| {
            let evidence = candidate.evidence();
            (evidence, (candidate.log_odds() + weights.gain_over(shipped, &evidence)).exp2())
        }));
        let all: f64 = 1.0 + weighed.iter().map(|(_, odds)| odds).sum::<f64>();
        for (evidence, odds) in &weighed {
            tally.add(evidence, odds / all);
        }
    }
    tally
}

/// The table in which each level's m is its share of the counted true pairs.
fn maximise(tally: &Tally, present: &LevelShares, shipped: &LevelShares) -> LevelShares {
    let mut next = present.clone();
    for &field in Field::ALL {
        let shipped_m = |level: &str| shipped.shares(field, level).map_or(0.0, |shares| shares.m);
        let counted: f64 = estimated(field).map(|level| tally.share_of(field, level)).sum();
        // Levels that keep their shipped m keep their share; the estimated ones divide the rest.
        let rest: f64 = estimated(field).map(shipped_m).sum();
        for level in estimated(field) {
            if let Some(Shares { u, .. }) = present.shares(field, level) {
                let seen =
                    tally.share_of(field, level) + SHIPPED_TRUE_PAIRS * shipped_m(level) / rest.max(f64::MIN_POSITIVE);
                let m = rest * seen / (counted + SHIPPED_TRUE_PAIRS);
                next.set(field, level, Shares { m: m.clamp(1e-6, 1.0), u });
            }
        }
    }
    next
}

fn largest_change(one: &LevelShares, other: &LevelShares) -> f64 {
    let m = |table: &LevelShares, field, level| table.shares(field, level).map_or(0.0, |shares| shares.m);
    let changes = Field::ALL
        .iter()
        .flat_map(|&field| levels(field).map(move |level| (m(one, field, level) - m(other, field, level)).abs()));
    changes.fold(0.0, f64::max)
}

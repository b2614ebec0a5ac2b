//! Estimates the rates of relatives from pairs of distinct persons at one home within the benefit records.
//!
//! The records have only some of a person's relatives: those whose coverage is c, the probability with which another
//! adult of a home is recorded as well, on a claim of their own. It is counted on accounts with two holders of whom
//! one was found. Each recorded relative stands for a × (1 − c) ÷ c unseen ones who are named on an account, where a is
//! the share of recorded persons who are.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;

use super::each_pair;
use super::tally::OwnAccounts;
use crate::matching::evidence::{Given, NameComparison};
use crate::matching::household::{Holder, Household, relation};
use crate::matching::matcher::Candidate;
use crate::matching::model::Model;
use crate::matching::persons::Persons;
use crate::matching::unseen::{Comparison, KINDS, Kind, RelativesTable};
use crate::matching::weights::Field;
use crate::normalise::View;
use crate::normalise::postcode::Postcode;

/// A rate is estimated within a third and three times the table's.
pub(super) const BOUND: f64 = 3.0;

/// The weight of the table, in persons.
const TABLE_PERSONS: f64 = 20_000.0;

/// Homes with more persons are no family's.
const MOST_AT_HOME: usize = 16;

/// The kinds whose rates are estimated.
const ESTIMATED: [Kind; 4] = [Kind::Twin, Kind::Namesake, Kind::Sibling, Kind::Family];

/// With fewer found holders on accounts with two, the coverage of all holders stands for that of a home.
const LEAST_SHARED: f64 = 100.0;

/// By kind, the factor by which the table's rate is multiplied. `shared` has the first two holders of accounts with two.
pub(super) fn factors(
    holders: &[&[Candidate]],
    shared: &[[&[Candidate]; 2]],
    accounts: u64,
    persons: &Persons,
    model: &Model,
    table: &RelativesTable,
) -> [f64; KINDS] {
    let mut factors = [1.0; KINDS];
    let count = persons.count() as f64;
    if count < 1.0 || accounts == 0 {
        return factors;
    }
    let coverage = coverage_at_home(shared, persons, model).unwrap_or_else(|| {
        let mut found = 0.0;
        each_pair(holders, persons, model, model, |_, posterior| found += posterior);
        found / accounts as f64
    });
    let named = OwnAccounts::find(holders, persons, model, model).sum() / count;
    // Recorded relatives for each unseen one.
    let recorded_for_each = coverage / ((1.0 - coverage).max(0.01) * named.max(0.01));
    let recorded = recorded(persons);
    for kind in ESTIMATED {
        let Some(at_home) = table.at_home(kind) else { continue };
        let stated = at_home * recognised(kind, table);
        let seen = 2.0 * recorded[kind as usize] as f64 / stated;
        let factor = (TABLE_PERSONS + seen) / (TABLE_PERSONS + count * recorded_for_each);
        factors[kind as usize] = factor.clamp(1.0 / BOUND, BOUND);
    }
    factors
}

/// Both forenames are established. Else one person may be recorded twice, once garbled or shortened.
fn have_other_forenames(one: &View<'_>, other: &View<'_>) -> bool {
    NameComparison::straight(&one.name, &other.name).given == Given::Different
}

/// The share of a kind that is recognised: of twins, those who [have other forenames](have_other_forenames).
fn recognised(kind: Kind, table: &RelativesTable) -> f64 {
    match table.comparison(kind, Field::Given) {
        Some(Comparison::Levels(shares)) if kind == Kind::Twin => shares[Given::Different as usize],
        _ => 1.0,
    }
}

/// How often another holder of an account is in the records on a claim of their own, if one holder is in them. `None`
/// if too few are.
fn coverage_at_home(shared: &[[&[Candidate]; 2]], persons: &Persons, model: &Model) -> Option<f64> {
    let found = |candidates: &[Candidate]| {
        let holder = [Holder { candidates, couple: false }];
        let all = Household::new(&holder, persons, model).weigh(0);
        let best = all.candidates().first().map(|one| (one.candidate.person, one.odds / all.all()));
        best.filter(|(_, posterior)| *posterior >= 0.5).map(|(person, _)| person)
    };
    let (mut one_found, mut both) = (0.0, 0.0);
    for [first, second] in shared {
        match (found(first), found(second)) {
            (Some(one), Some(other)) if one == other || persons.share_a_claim(one, other) => {}
            (Some(_), Some(_)) => {
                one_found += 2.0;
                both += 2.0;
            }
            (Some(_), None) | (None, Some(_)) => one_found += 1.0,
            (None, None) => {}
        }
    }
    (one_found >= LEAST_SHARED).then(|| both / one_found)
}

/// How many pairs of persons at one home are relatives of each kind.
fn recorded(persons: &Persons) -> [u64; KINDS] {
    let hasher = FixedState::default();
    let home = |person: u32| {
        let View { postcode, uprn, address, .. } = persons.identity(persons.first_row(person));
        match (uprn, postcode) {
            (Some(uprn), _) => Some(hasher.hash_one(uprn.number())),
            (None, Postcode::Absent) => None,
            (None, postcode) => {
                let number = address.number?.first;
                Some(hasher.hash_one((postcode.as_str(), number, address.flat, address.building)))
            }
        }
    };
    let mut homes: Vec<(u64, u32)> =
        (0..persons.count() as u32).filter_map(|person| Some((home(person)?, person))).collect();
    homes.sort_unstable();
    let mut counts = [0; KINDS];
    for at_home in homes.chunk_by(|one, other| one.0 == other.0).filter(|home| home.len() <= MOST_AT_HOME) {
        for (place, (_, one)) in at_home.iter().enumerate() {
            for (_, other) in &at_home[place + 1..] {
                // Those on one claim are partners.
                if persons.share_a_claim(*one, *other) {
                    continue;
                }
                let [one, other] = [*one, *other].map(|person| persons.identity(persons.first_row(person)));
                match relation(&one, &other) {
                    Some(Kind::Twin) if !have_other_forenames(&one, &other) => {}
                    Some(kind) => counts[kind as usize] += 1,
                    None => {}
                }
            }
        }
    }
    counts
}

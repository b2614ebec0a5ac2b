//! Estimates m and u, and the rates of relatives, from a run's own candidates and benefit records, without known
//! matches.
//!
//! m is estimated by expectation–maximisation (Dempster, Laird and Rubin 1977; for record linkage, Winkler 1988): each
//! candidate counts as a true pair by its posterior, in which unseen persons compete, and the shares of levels among
//! these pairs make the next weights. u of names and birth dates is counted among [chance pairs](chance). Rates of
//! relatives come from [pairs within the benefit records](relatives), never from candidates: a twin and a garbled
//! forename are one pattern in a pair.
//!
//! Whoever sends a file takes part in an estimate, so each is bounded: see [`bound`].

mod chance;
mod correlation;
mod relatives;
mod tally;

use super::household::{Holder, Household};
use super::matcher::Candidate;
use super::model::Model;
use super::persons::Persons;
use super::unseen::{Kind, RelativesTable};
use super::weights::{Field, LevelShares, Shares, Weights, levels};
pub(crate) use correlation::Correlation;
use tally::{OwnAccounts, Tally};

/// The weight of the shipped table, in true pairs.
const SHIPPED_TRUE_PAIRS: f64 = 1000.0;

/// The most rounds of estimation, and the largest change of an m with which they end.
const MOST_ROUNDS: usize = 25;
const SETTLED: f64 = 1e-6;

/// The factor by which an m of a level that another person would show may rise or fall: another established name, a
/// contradicting birth date.
const RIVAL_BOUND: f64 = 3.0;

/// The factor by which any other m may rise or fall.
const BOUND: f64 = 5.0;

/// What training found.
pub(crate) struct Estimates {
    /// The weights, with the factors of relatives' rates.
    pub(crate) weights: Weights,
    /// The true pairs that m rests on, as the sum of their posteriors.
    pub(crate) true_pairs: f64,
    /// The figures that sit at a bound.
    pub(crate) at_bound: Vec<String>,
    /// Fields that disagree together more often than chance has it, the strongest first.
    pub(crate) correlations: Vec<Correlation>,
}

/// Estimates m from each holder's candidates, u and the rates of relatives from the benefit records. `shared` has the first
/// two holders of each account with two, and `accounts` is the number of accounts, found or not.
pub(crate) fn train(
    holders: &[&[Candidate]],
    shared: &[[&[Candidate]; 2]],
    accounts: u64,
    persons: &Persons,
    model: &Model,
    relatives: &RelativesTable,
) -> Estimates {
    let shipped = model.weights();
    let mut table = shipped.table().clone();
    chance::estimate_u(&mut table, persons);
    let mut weights = Weights::new(table);
    let mut tally = Tally::new();
    for round in 0..MOST_ROUNDS {
        let now = model.with_weights(weights.clone(), relatives);
        tally = expect(holders, persons, model, &now);
        if round == 0 {
            let factors = relatives::factors(holders, shared, accounts, persons, &now, relatives);
            let mut table = weights.table().clone();
            table.set_relatives(factors);
            weights = Weights::new(table);
        }
        let next = Weights::new(maximise(&tally, weights.table(), shipped.table()));
        let change = largest_change(weights.table(), next.table());
        weights = next;
        if round > 0 && change < SETTLED {
            break;
        }
    }
    let at_bound = at_bound(weights.table(), shipped.table());
    let now = model.with_weights(weights.clone(), relatives);
    let correlations = correlation::strongest(holders, persons, model, &now);
    Estimates { weights, true_pairs: tally.pairs(), at_bound, correlations }
}

/// By which factor an m may rise or fall; `None` if it keeps its shipped value. An initial is a field of its own, and
/// middle names and generations are too seldom on both sides. How many people move is the country's, not the file's, as
/// the prior is: under a prior that is too low for a small file, those who moved would not count.
fn bound(field: Field, level: &str) -> Option<f64> {
    match (field, level) {
        (Field::Given, "initial") | (Field::Middle | Field::Order, _) => None,
        (
            Field::PostcodeBritish | Field::DwellingApart | Field::StreetApart | Field::TownApart | Field::UprnApart,
            _,
        ) => None,
        (Field::Given, "different" | "unfamiliar" | "close-names") => Some(RIVAL_BOUND),
        (Field::BirthDate, "different" | "generation") => Some(RIVAL_BOUND),
        _ => Some(BOUND),
    }
}

/// Whether a rival shows the level more often than the person would. Such a level counts only beyond what is seen
/// beside persons who have an account of their own.
fn is_rivals(field: Field, level: &str) -> bool {
    bound(field, level) == Some(RIVAL_BOUND)
}

/// The expected count of each level among true pairs, under the present model.
fn expect(holders: &[&[Candidate]], persons: &Persons, before: &Model, now: &Model) -> Tally {
    let own_accounts = OwnAccounts::find(holders, persons, before, now);
    let mut tally = Tally::new();
    each_pair(holders, persons, before, now, |candidate, posterior| {
        tally.add(&candidate.evidence(), posterior, own_accounts.posterior(candidate.person));
    });
    tally.finish(&own_accounts);
    tally
}

/// Calls `found` with each candidate and the posterior that the holder is that person.
fn each_pair(
    holders: &[&[Candidate]],
    persons: &Persons,
    before: &Model,
    now: &Model,
    mut found: impl FnMut(&Candidate, f64),
) {
    let mut candidates = Vec::new();
    for own in holders {
        candidates.clear();
        candidates.extend(own.iter().map(|one| one.reweighed(before.weights(), now.weights())));
        let holder = [Holder { candidates: &candidates, couple: false }];
        let all = Household::new(&holder, persons, now).weigh(0);
        let sum = all.all();
        for one in all.candidates() {
            found(one.candidate, one.odds / sum);
        }
    }
}

/// The table in which each level's m is its share of the counted true pairs, within its bound. The commonest
/// level takes up what the bounds leave.
fn maximise(tally: &Tally, present: &LevelShares, shipped: &LevelShares) -> LevelShares {
    let mut next = present.clone();
    for &field in Field::ALL {
        let m = |level: &str| shipped.shares(field, level).map_or(0.0, |shares| shares.m);
        let estimated: Vec<_> = levels(field).filter(|level| bound(field, level).is_some()).collect();
        let Some(&best) = estimated.iter().max_by(|one, other| m(one).total_cmp(&m(other))) else { continue };
        let counted: f64 = estimated.iter().map(|level| tally.count(field, level)).sum();
        let all: f64 = estimated.iter().map(|level| m(level)).sum();
        let mut rest = all;
        for &level in estimated.iter().filter(|level| **level != best) {
            let seen = tally.count(field, level) + SHIPPED_TRUE_PAIRS * m(level) / all;
            let estimate = all * seen / (counted + SHIPPED_TRUE_PAIRS);
            let bound = bound(field, level).unwrap_or(1.0);
            let estimate = estimate.clamp(m(level) / bound, (m(level) * bound).min(all / 2.0));
            rest -= estimate;
            set_m(&mut next, field, level, estimate);
        }
        let least = m(best) / BOUND;
        set_m(&mut next, field, best, rest.clamp(least, 1.0));
    }
    next
}

fn set_m(table: &mut LevelShares, field: Field, level: &str, m: f64) {
    if let Some(Shares { u, .. }) = table.shares(field, level) {
        table.set(field, level, Shares { m, u });
    }
}

fn largest_change(one: &LevelShares, other: &LevelShares) -> f64 {
    let m = |table: &LevelShares, field, level| table.shares(field, level).map_or(0.0, |shares| shares.m);
    let changes = Field::ALL
        .iter()
        .flat_map(|&field| levels(field).map(move |level| (m(one, field, level) - m(other, field, level)).abs()));
    changes.fold(0.0, f64::max)
}

/// The names of the figures that sit at a bound.
fn at_bound(table: &LevelShares, shipped: &LevelShares) -> Vec<String> {
    const ROUNDING: f64 = 1e-9;
    let mut all = Vec::new();
    for &field in Field::ALL {
        for level in levels(field) {
            let (Some(bound), Some(now), Some(then)) =
                (bound(field, level), table.shares(field, level), shipped.shares(field, level))
            else {
                continue;
            };
            let factor = now.m / then.m;
            if factor >= bound - ROUNDING || factor <= 1.0 / bound + ROUNDING {
                all.push(format!("m of [{}] {level}", field.name()));
            }
        }
    }
    for &kind in Kind::ALL {
        let factor = table.relatives(kind);
        if factor >= relatives::BOUND - ROUNDING || factor <= 1.0 / relatives::BOUND + ROUNDING {
            all.push(format!("rate of [{}]", kind.name()));
        }
    }
    all
}

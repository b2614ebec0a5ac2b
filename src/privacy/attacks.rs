//! Attacks published figures: an adversary knows every record but those of one household, has all figures of a season as
//! they are before they are rounded, and guesses between two possibilities for that household as well as can be done.
//!
//! Whatever is guessed, nobody may be right more often than Φ(√(2ρ) ÷ 2) for a budget ρ: a season is one observation with
//! Gaussian noise, moved by √(2ρ) standard deviations at most (Dong, Roth and Su, *Gaussian differential privacy*, 2022).

use std::num::NonZeroU32;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::counted::Counted;
use super::first_two::{Claimed, FirstTwo};
use super::noise::Noise;
use super::plan::{Plan, PlannedTable};
use super::published::figures;
use super::season::{Season, Spending, SpentOnTable};
use super::spending::Budget;
use crate::job::Disclosure;
use crate::release::{AnalystOutcome, AnalystTable, AnalystUnit};

const SEASONS: u32 = 4_000;

/// A season begins on this day, and there is a run every day of it.
const FIRST_DAY: Date = date(2026, 10, 1);
const DAYS: i64 = 400;

fn parts(table: AnalystTable) -> usize {
    if table == AnalystTable::AccountsBySupplier { 25 } else { 2 }
}

/// The tables of each release of a season, as runs would publish them.
fn schedule(settings: &Disclosure) -> Vec<Vec<PlannedTable>> {
    let plans = [Plan::new(settings, 1, 3_000_000, parts)];
    let mut season = Season::new(settings, &[], None);
    let mut releases = Vec::new();
    for day in (0..DAYS).map(|day| FIRST_DAY.checked_add(day.days()).unwrap()) {
        let due = season.affordable(day, &plans);
        if !due.is_any() {
            continue;
        }
        let planned = plans[0].asked(due);
        let spent = |own: &PlannedTable| SpentOnTable {
            scheme: "core".to_owned(),
            table: own.table.as_str().to_owned(),
            variance: own.variance,
            rho: own.spends(),
        };
        let tables = planned.iter().map(spent).collect();
        season.spend(&Spending { season: settings.season.clone(), day, tables });
        releases.push(planned);
    }
    releases
}

/// The share of seasons in which the adversary tells apart two possibilities for one household. `world` has the counts
/// of each release and table under both, and `variance` the noise that is drawn where so much is planned.
fn success(
    world: impl Fn(bool, usize, AnalystTable) -> Counted,
    releases: &[Vec<PlannedTable>],
    variance: impl Fn(u64) -> u64,
) -> f64 {
    let mut noise = Noise::from_seed(2026);
    let tables: Vec<(Counted, Counted, u64)> = releases
        .iter()
        .enumerate()
        .flat_map(|(release, planned)| planned.iter().map(move |own| (release, own)))
        .map(|(release, own)| (world(false, release, own.table), world(true, release, own.table), own.variance))
        .collect();
    let mut right = 0;
    for season in 0..SEASONS {
        let truth = season % 2 == 1;
        let evidence: f64 = tables
            .iter()
            .filter(|(without, with, _)| without.exact() != with.exact())
            .map(|(without, with, planned)| {
                let told = if truth { with } else { without }.with_noise(variance(*planned), &mut noise);
                let cells = told.values().iter().zip(without.exact().iter().zip(with.exact()));
                let weighed = cells.map(|(told, (without, with))| {
                    let (without, with) = (*without as f64, *with as f64);
                    (told - f64::midpoint(without, with)) * (with - without)
                });
                weighed.sum::<f64>() / *planned as f64
            })
            .sum();
        right += u32::from((evidence > 0.0) == truth);
    }
    f64::from(right) / f64::from(SEASONS)
}

/// Φ(√(2ρ) ÷ 2) for the default budget, from a table of the normal distribution, with four standard errors.
fn most() -> f64 {
    let rho = Budget::from_settings(&Disclosure::default()).rho();
    assert!(((2.0 * rho).sqrt() / 2.0 - 0.1675).abs() < 0.001, "{rho}");
    let most: f64 = 0.5665;
    most + 4.0 * (most * (1.0 - most) / f64::from(SEASONS)).sqrt()
}

/// Counts of a table with so many in the first and the second outcome of its first part.
fn first_part(table: AnalystTable, first: u64, second: u64) -> Counted {
    let mut counts = vec![500; parts(table) * table.outcomes().len()];
    counts[0] = first;
    if let Some(count) = counts.get_mut(1) {
        *count = second;
    }
    Counted::from_counts(table, counts)
}

/// A household that moves every table as far as is declared: with its other records one household, two persons and four
/// accounts change from one outcome to another.
fn as_far_as_declared(other: bool, _: usize, table: AnalystTable) -> Counted {
    let moved = match table.unit() {
        AnalystUnit::Households => 1,
        AnalystUnit::Persons => 2,
        AnalystUnit::Accounts => 4,
    };
    if other { first_part(table, 900, 100 + moved) } else { first_part(table, 900 + moved, 100) }
}

#[test]
fn the_budget_bounds_what_anybody_can_guess() {
    let releases = schedule(&Disclosure::default());
    let tables: usize = releases.iter().map(Vec::len).sum();
    assert_eq!((releases.len(), tables), (26, 26 + 7 * 14));
    let found = success(as_far_as_declared, &releases, |planned| planned);
    assert!(found <= most(), "{found} of at most {}", most());
    // The attack is as good as the bound allows, so that less noise shows.
    assert!(found > 0.54, "{found}");
    let with_half_the_noise = success(as_far_as_declared, &releases, |planned| planned / 4);
    assert!(with_half_the_noise > most(), "{with_half_the_noise}");
}

/// What is paid for all tables of a season, by their declared moves and their noise, is the budget: a table that was not
/// counted would be beyond it.
#[test]
fn every_table_of_a_season_is_paid_for() {
    for settings in [
        Disclosure::default(),
        Disclosure { headlines: 52, details: 13, epsilon: 1.0, ..Disclosure::default() },
        Disclosure { headline_days: 1, detail_days: 1, ..Disclosure::default() },
    ] {
        let paid: f64 = schedule(&settings)
            .iter()
            .flatten()
            .map(|own| f64::from(own.table.moves()) / (2.0 * own.variance as f64))
            .sum();
        let rho = Budget::from_settings(&settings).rho();
        assert!(paid <= rho * (1.0 + 1e-9) && paid > 0.98 * rho, "{paid} of {rho}");
    }
}

/// A supplier drops one account more with each release, the one it asks about half-way, and compares what is told before
/// and after.
#[test]
fn dropping_one_account_a_release_tells_nothing_of_it() {
    let releases = schedule(&Disclosure::default());
    let world = |is_poor: bool, release: usize, table: AnalystTable| {
        let has_target = release < 13;
        let flagged = 40 + u64::from(is_poor && has_target);
        let all = 2_000 - release as u64;
        match table.unit() {
            AnalystUnit::Accounts => first_part(table, flagged, all - flagged),
            // The household is there and matched by another supplier's account, whatever this one does.
            _ => first_part(table, 300 + u64::from(is_poor), 100),
        }
    };
    let found = success(world, &releases, |planned| planned);
    assert!(found <= most(), "{found} of at most {}", most());
    assert!(success(world, &releases, |_| 1) > 0.99, "without noise the attack works");
}

/// A supplier asks for its rival's cell, of which it knows everything but one household.
#[test]
fn a_rivals_cell_tells_nothing_of_one_household() {
    let releases = schedule(&Disclosure::default());
    let world = |is_poor: bool, _: usize, table: AnalystTable| {
        let most = if table.unit() == AnalystUnit::Households { 1 } else { 2 };
        let own = most * u64::from(is_poor);
        first_part(table, 3 + own, 7 - own)
    };
    let found = success(world, &releases, |planned| planned);
    assert!(found <= most(), "{found} of at most {}", most());
    assert!(success(world, &releases, |_| 1) > 0.99, "without noise the attack works");
}

/// A supplier sends a thousand accounts in the name of one person, each garbled in another way, and looks whether its
/// flagged share rises.
#[test]
fn a_thousand_copies_tell_no_more_than_two() {
    const COPIES: u32 = 1_000;
    let releases = schedule(&Disclosure::default());
    let world = |bounded: bool| {
        move |is_poor: bool, _: usize, table: AnalystTable| {
            let mut first_two = FirstTwo::default();
            let account = |copy| NonZeroU32::MIN.saturating_add(copy);
            let claims = |copy| Claimed { account: account(copy), support: 100.0 + copy as f32, hash: copy };
            (0..COPIES).for_each(|copy| first_two.offer(claims(copy)));
            let counts = |copy: &u32| !bounded || first_two.counts_on(account(*copy));
            let flagged = if is_poor { (0..COPIES).filter(counts).count() as u64 } else { 0 };
            match table.unit() {
                AnalystUnit::Accounts => first_part(table, 40 + flagged, 5_000 - flagged),
                _ => first_part(table, 300 + u64::from(is_poor), 100),
            }
        }
    };
    let found = success(world(true), &releases, |planned| planned);
    assert!(found <= most(), "{found} of at most {}", most());
    let without_bound = success(world(false), &releases, |planned| planned);
    assert!(without_bound > 0.99, "{without_bound}");
}

/// The tables of a nation with 25 suppliers of very different size. Those of one population have the same totals.
fn nation(accounts: u64, plan: &Plan) -> Vec<Counted> {
    let all = [plan.headline].into_iter().chain(plan.published_details().copied());
    all.map(|own| {
        let (whole, percents): (u64, &[u64]) = match own.table.unit() {
            AnalystUnit::Households => (accounts / 10, &[80, 4, 1, 15]),
            AnalystUnit::Persons => (accounts / 8, &[80, 4, 1, 15]),
            AnalystUnit::Accounts if own.table.outcomes().len() == 1 => (accounts, &[91]),
            AnalystUnit::Accounts => (accounts, &[9, 91]),
        };
        // Each part has half of what is left, and the last one all of it.
        let mut left: Vec<u64> = percents.iter().map(|percent| whole * percent / 100).collect();
        let count = parts(own.table);
        let sizes = (1..=count).flat_map(|part| {
            let taken: Vec<u64> = left.iter().map(|left| if part == count { *left } else { left / 2 }).collect();
            left.iter_mut().zip(&taken).for_each(|(left, taken)| *left -= taken);
            taken
        });
        Counted::from_counts(own.table, sizes.collect())
    })
    .collect()
}

/// The rates that are published err to both sides alike, where they are shown.
#[test]
fn published_rates_are_right_on_average() {
    const DRAWS: u32 = 1_000;
    for accounts in [200_000, 3_000_000] {
        let plan = Plan::new(&Disclosure::default(), 1, accounts, parts);
        let planned: Vec<PlannedTable> = [plan.headline].into_iter().chain(plan.published_details().copied()).collect();
        let counted = nation(accounts, &plan);
        let mut noise = Noise::from_seed(accounts);
        let names = |table| (0..parts(table)).map(|part| part.to_string()).collect();
        // By figure: how often it was shown, the sum of its errors and of their squares.
        let mut errors: Vec<(u32, f64, f64)> = Vec::new();
        for _ in 0..DRAWS {
            let noisy = planned
                .iter()
                .zip(&counted)
                .map(|(own, counted)| (own.table, counted.with_noise(own.variance, &mut noise)));
            let all = figures("core", noisy.collect(), names, FIRST_DAY);
            errors.resize(all.len(), (0, 0.0, 0.0));
            for (own, figure) in errors.iter_mut().zip(&all) {
                let Some(share) = figure.share else { continue };
                let error = share - true_share(&counted, figure.table, &figure.part, figure.outcome);
                *own = (own.0 + 1, own.1 + error, own.2 + error * error);
            }
        }
        let always: Vec<&(u32, f64, f64)> = errors.iter().filter(|own| own.0 == DRAWS).collect();
        assert!(always.len() > 10, "{accounts}: {}", always.len());
        for (count, sum, squares) in always {
            let count = f64::from(*count);
            let mean = sum / count;
            let error = (squares / count).sqrt() / count.sqrt();
            assert!(mean.abs() <= 4.0 * error, "{accounts}: {mean} with a standard error of {error}");
        }
    }
}

fn true_share(counted: &[Counted], table: AnalystTable, part: &str, outcome: AnalystOutcome) -> f64 {
    let own = counted.iter().find(|own| own.table() == table).unwrap();
    let outcomes = table.outcomes();
    let row = own.exact().chunks(outcomes.len()).nth(part.parse().unwrap()).unwrap();
    let place = outcomes.iter().position(|own| *own == outcome).unwrap();
    row[place] as f64 / row.iter().sum::<u64>() as f64
}

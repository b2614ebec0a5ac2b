//! Judges an account from its holders' candidates: enumerates who a holder may be, and finds the claim through which
//! the account is eligible for the rebate.

use std::collections::BTreeMap;

use super::people::{Account, Benefits};
use super::scoring::{Scored, Scorer, prior};
use crate::matching::evidence::{BirthDate, Family, Given, NameComparison, compare_birth_dates};
use crate::matching::unseen::{Fields, Kind};
use crate::normalise::postcode::Postcode;

/// A candidate once the other holders are known.
struct Weighed<'s, 'a> {
    scored: &'s Scored,
    odds: f64,
    /// The likelihood ratio by which another holder is the candidate's partner; 1 if none is.
    partner: f64,
    claim: Option<&'a str>,
}

/// The claim through which an account is eligible, and its support (log2 of the odds). `None` if no holder's posterior
/// reaches the threshold; of several such holders, the one with the highest posterior counts.
pub(super) fn due<'a>(
    account: &Account,
    found: &[Vec<Scored>],
    benefits: &'a Benefits,
    scorer: &Scorer<'_>,
    threshold: f64,
) -> Option<(&'a str, f32)> {
    let mut best: Option<(f32, &str, f32)> = None;
    for (holder, candidates) in found.iter().enumerate() {
        let couple = account.holders[holder].couple;
        let weighed: Vec<Weighed<'_, '_>> =
            candidates.iter().map(|scored| weigh(scored, holder, found, couple, benefits)).collect();
        let all: f64 = weighed.iter().map(|one| one.odds).sum();
        let unseen: f64 = unseen(&weighed, benefits, scorer);
        let eligible = |one: &&Weighed<'_, '_>| one.claim.is_some();
        let posterior = weighed.iter().filter(eligible).map(|one| one.odds).sum::<f64>() / (1.0 + unseen + all);
        if posterior < threshold {
            continue;
        }
        let likeliest = weighed.iter().filter(eligible).max_by(|one, other| {
            let first_claim = |one: &Weighed<'_, '_>| benefits.claims(one.scored.person)[0];
            one.odds.total_cmp(&other.odds).then_with(|| first_claim(other).cmp(first_claim(one)))
        });
        let likeliest = likeliest.expect("the posterior is not 0");
        let shown = posterior as f32;
        if best.is_none_or(|(other, ..)| shown > other) {
            best =
                Some((shown, likeliest.claim.expect("an eligible person has a claim"), likeliest.odds.log2() as f32));
        }
    }
    best.map(|(_, claim, support)| (claim, support))
}

fn weigh<'s, 'a>(
    scored: &'s Scored,
    holder: usize,
    found: &[Vec<Scored>],
    couple: bool,
    benefits: &'a Benefits,
) -> Weighed<'s, 'a> {
    let on_one_claim = |other: usize| {
        let claims = benefits.claims(scored.person);
        other != scored.person && benefits.claims(other).iter().any(|claim| claims.contains(claim))
    };
    // Another holder was found as another person on the claim. Three in five couples claim together.
    let others = found.iter().enumerate().filter(|(other, _)| *other != holder).flat_map(|(_, theirs)| theirs);
    let partner = others
        .filter(|other| on_one_claim(other.person))
        .map(|other| f64::from(other.own_weight).exp2())
        .fold(1.0, f64::max);
    let support = match () {
        () if partner > 1.0 => (0.4 + 0.6 * partner).min(1_048_576.0),
        () if !couple => 1.0,
        () if has_partner(scored, benefits) => 2.5,
        () => 0.4,
    };
    Weighed {
        scored,
        odds: (f64::from(scored.weight) + prior()).exp2() * support,
        partner,
        claim: benefits.eligible_claim(scored.person),
    }
}

fn has_partner(scored: &Scored, benefits: &Benefits) -> bool {
    benefits.claims(scored.person).iter().any(|claim| benefits.people_on(claim).len() > 1)
}

/// The sum of the odds of all unseen persons: one of each kind at each home.
fn unseen(weighed: &[Weighed<'_, '_>], benefits: &Benefits, scorer: &Scorer<'_>) -> f64 {
    let mut most: BTreeMap<(String, Kind), f64> = BTreeMap::new();
    for one in weighed {
        let home = home(one.scored, benefits);
        let support = |share: f64| (1.0 - share + share * one.partner).clamp(1.0, 1_048_576.0);
        let odds = scorer.prices.odds(&one.scored.evidence, &fields(one.scored, scorer), age(one.scored), support);
        for (&kind, odds) in Kind::ALL.iter().zip(odds) {
            let recorded = weighed
                .iter()
                .filter(|other| other.scored.person != one.scored.person && self::home(other.scored, benefits) == home)
                .filter(|other| {
                    let relation = relation(one.scored, other.scored, benefits);
                    relation == Some(if kind == Kind::Misdated { Kind::Twin } else { kind })
                });
            let mut odds = odds * prior().exp2() * scorer.prices.beside(kind, recorded.count());
            if kind == Kind::Partner && has_partner(one.scored, benefits) {
                odds = 0.0;
            }
            let place = most.entry((home.clone(), kind)).or_insert(0.0);
            *place = place.max(odds);
        }
    }
    most.values().sum()
}

fn age(scored: &Scored) -> Option<u8> {
    scored.age.map(|age| u8::try_from(age).unwrap_or(u8::MAX))
}

fn fields(scored: &Scored, scorer: &Scorer<'_>) -> Fields {
    let birth_date = f64::from(scored.birth_date_weight);
    let given = f64::from(scored.own_weight) - birth_date;
    let [middle, order] = scorer.weights.of_middle_and_order(&scored.evidence);
    let place = scorer.weights.of_place(&scored.evidence);
    let family = f64::from(scored.weight) - birth_date - given - middle - order - place;
    let [given, middle, family, order, birth_date, place] =
        [given, middle, family, order, birth_date, place].map(f64::exp2);
    Fields { given, middle, family, order, birth_date, place }
}

/// What one person is to another.
fn relation(one: &Scored, other: &Scored, benefits: &Benefits) -> Option<Kind> {
    let claims = benefits.claims(one.person);
    if benefits.claims(other.person).iter().any(|claim| claims.contains(claim)) {
        return Some(Kind::Partner);
    }
    let [one, other] = [one, other].map(|scored| &benefits.rows[scored.row].identity);
    let names = NameComparison::straight(&one.name.view(), &other.name.view());
    let same_family = matches!(names.family, Family::Exact | Family::Part | Family::Close);
    let same_given = matches!(names.given, Given::Exact | Given::Variant | Given::Close | Given::CloseRare);
    match (same_given, same_family, compare_birth_dates(one.birth_date, other.birth_date)) {
        (true, true, BirthDate::Generation | BirthDate::Different) => Some(Kind::Namesake),
        (true, _, _) => None,
        (false, false, _) => Some(Kind::Housemate),
        (false, true, BirthDate::Exact) => Some(Kind::Twin),
        (false, true, BirthDate::Generation) => Some(Kind::Family),
        (false, true, _) => Some(Kind::Sibling),
    }
}

/// The home of a candidate's row, by a name of its own.
fn home(scored: &Scored, benefits: &Benefits) -> String {
    let home = &benefits.rows[scored.row].identity.home;
    if scored.evidence.home_agrees() {
        return "the holder's".to_owned();
    }
    match home.uprn {
        Some(uprn) => uprn.number().to_string(),
        None => {
            let number = home.address.number.map_or(0, |number| number.first);
            let postcode = if home.postcode == Postcode::Absent { "" } else { home.postcode.as_str() };
            format!("{postcode}, {number}, {}, {}", &*home.address.flat, &*home.address.building)
        }
    }
}

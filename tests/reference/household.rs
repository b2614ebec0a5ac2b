//! Judges an account from its holders' candidates: finds the claim through which the account is eligible for the
//! rebate.

use super::people::{Account, Benefits};
use super::scoring::{PRIOR, Scored};
use crate::matching::evidence::{BirthDate, Given, Middle};
use crate::matching::rules::Bar;

/// A candidate once the other holders are known.
struct Weighed<'s, 'a> {
    scored: &'s Scored,
    odds: f64,
    /// The odds that the holder is somebody of the same name at the same home who is in no benefit record.
    namesakes: f64,
    /// The forename is only an initial, and no other field supports it.
    initial_only: bool,
    claim: Option<&'a str>,
}

/// The claim through which an account is eligible, and its support (log2 of the odds). `None` if no holder's posterior
/// reaches the threshold; of several such holders, the one with the highest posterior counts.
pub(super) fn due<'a>(
    account: &Account,
    found: &[Vec<Scored>],
    benefits: &'a Benefits,
    threshold: f64,
) -> Option<(&'a str, f32)> {
    let mut best: Option<(f32, &str, f32)> = None;
    for (holder, candidates) in found.iter().enumerate() {
        let couple = account.holders[holder].couple;
        let weighed: Vec<Weighed<'_, '_>> =
            candidates.iter().map(|scored| weigh(scored, holder, found, couple, benefits)).collect();
        let counts = |one: &&Weighed<'_, '_>| one.scored.bar.is_none();
        let all: f64 = weighed.iter().filter(counts).map(|one| one.odds).sum();
        let unseen: f64 = weighed.iter().map(|one| one.namesakes).sum();
        let eligible = |one: &&Weighed<'_, '_>| counts(one) && one.claim.is_some();
        let sure = |one: &&Weighed<'_, '_>| eligible(one) && !one.initial_only;
        let posterior = |odds: f64| odds / (1.0 + unseen + all);
        if posterior(weighed.iter().filter(sure).map(|one| one.odds).sum()) < threshold {
            continue;
        }
        let likeliest = weighed.iter().filter(sure).max_by(|one, other| {
            let first_claim = |one: &Weighed<'_, '_>| benefits.claims(one.scored.person)[0];
            one.odds.total_cmp(&other.odds).then_with(|| first_claim(other).cmp(first_claim(one)))
        });
        let likeliest = likeliest.expect("the posterior is not 0");
        let shown = posterior(weighed.iter().filter(eligible).map(|one| one.odds).sum()) as f32;
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
        .filter(|other| matches!(other.bar, None | Some(Bar::Thin | Bar::OtherDwelling)) && on_one_claim(other.person))
        .map(|other| (0.4 + 0.6 * f64::from(other.own_weight).exp2()).min(1_048_576.0))
        .fold(1.0, f64::max);
    let claims = benefits.claims(scored.person);
    let of_a_couple = couple && claims.iter().any(|claim| benefits.people_on(claim).len() > 1);
    let support = match () {
        () if partner > 1.0 => partner,
        () if of_a_couple => 2.5,
        () => 1.0,
    };
    let evidence = scored.evidence;
    let middle = matches!(evidence.middle, Middle::Exact | Middle::Initial);
    let supported = partner > 1.0 || of_a_couple || middle;
    let rate = match evidence.given {
        Given::Exact | Given::Variant | Given::Close | Given::Middle => match scored.age {
            Some(0..=34) => 0.006,
            Some(35..=44) => 0.002,
            Some(_) => 0.0003,
            None => 0.001,
        },
        Given::Initial => {
            if supported {
                0.0015
            } else {
                0.06
            }
        }
        Given::Absent => 0.5,
        Given::Loose | Given::Different => 0.0,
    };
    let same_year = matches!(evidence.birth_date, BirthDate::Year | BirthDate::YearOnly);
    let at_home = if evidence.home_agrees() { rate } else { 0.0 } * if same_year { 0.2 } else { 1.0 };
    let without_birth_date = f64::from(scored.weight) - f64::from(scored.birth_date_weight) + PRIOR;
    Weighed {
        scored,
        odds: (f64::from(scored.weight) + PRIOR).exp2() * support,
        namesakes: at_home * without_birth_date.exp2() * support,
        initial_only: evidence.given == Given::Initial && !evidence.birth_date_agrees() && !supported,
        claim: benefits.eligible_claim(scored.person),
    }
}

//! What became of each claim: in go the settled verdicts, out comes an outcome for each claim that may
//! carry a rebate in a scheme.

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::matched::Matched;
use crate::release::Outcome;
use crate::scheme::{Delivery, Reason};

/// Outcomes of all claims in one scheme, by claim; none where the claim can carry no rebate
/// and has none.
pub(super) fn of_claims(matched: &Matched<'_>, scheme: usize) -> Vec<Option<Outcome>> {
    let shared = &matched.shared;
    let (persons, objections) = (shared.matcher.persons(), &shared.objections);
    let mut outcomes: Vec<Option<Outcome>> = (0..persons.claim_count() as u32)
        .map(|claim| shared.standings.may_carry(claim, scheme).then_some(Outcome::Unmatched))
        .collect();
    for supplier in matched.all_suppliers() {
        let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
        let goes_out = matched.delivery(supplier) == Delivery::GoesOut;
        for row in &verdicts.of_accounts {
            let Some(claim) = row.verdict.claim else { continue };
            // Its flag rests on the claim that it was released on.
            let is_kept = verdicts.kept(row.account).is_some();
            let outcome = match row.verdict.reason {
                _ if row.flag && !is_kept && !goes_out => Outcome::MatchedPending,
                _ if row.flag && !is_kept => Outcome::Matched,
                // It is found, and goes out on a release day.
                Reason::Matched => Outcome::MatchedPending,
                Reason::Objected => Outcome::Objected,
                Reason::Limit => Outcome::Limit,
                // Its rebate went to another account, which says so itself.
                Reason::ClaimUsed => continue,
                reason if reason.is_for_review() => Outcome::Review,
                _ => continue,
            };
            raise(&mut outcomes[claim as usize], outcome);
        }
        if matched.job.schemes.len() > 1 {
            for claim in elsewhere_in_play(supplier, scheme) {
                raise(&mut outcomes[claim as usize], Outcome::NotInPlay);
            }
        }
    }
    let rebates = matched.rebates[scheme].iter().map(|rebate| (rebate.claim_ref(), rebate.state.outcome()));
    let mut by_claim: HashMap<&str, Outcome> = HashMap::new();
    for (claim_ref, outcome) in rebates {
        let known = by_claim.entry(claim_ref).or_insert(outcome);
        if rank(outcome) > rank(*known) {
            *known = outcome;
        }
    }
    if !by_claim.is_empty() {
        outcomes.par_iter_mut().zip(0_u32..persons.claim_count() as u32).for_each(|(outcome, claim)| {
            let own = persons.named_claim_ref(claim).and_then(|claim_ref| by_claim.get(claim_ref));
            own.into_iter().for_each(|own| raise(outcome, *own));
        });
    }
    for claim in (0..persons.claim_count() as u32).filter(|_| !objections.is_empty()) {
        if objections.bars_claim(claim) {
            raise(&mut outcomes[claim as usize], Outcome::Objected);
        }
    }
    // What became of one claim of a household became of all that may carry its rebate.
    let households = &shared.households[scheme];
    let mut best: HashMap<u32, Outcome> = HashMap::new();
    for (claim, household) in households.of_several() {
        let Some(outcome) = outcomes[claim as usize].filter(|outcome| rank(*outcome) >= rank(Outcome::Reserved)) else {
            continue;
        };
        let known = best.entry(household).or_insert(outcome);
        if rank(outcome) > rank(*known) {
            *known = outcome;
        }
    }
    for (claim, household) in households.of_several() {
        best.get(&household).into_iter().for_each(|outcome| raise(&mut outcomes[claim as usize], *outcome));
    }
    outcomes
}

/// Claims found through accounts that are on supply in another scheme's time, but not in this one's.
fn elsewhere_in_play(supplier: &super::SupplierMatch<'_>, scheme: usize) -> impl Iterator<Item = u32> {
    let others = supplier.verdicts.iter().enumerate().filter(move |(other, _)| *other != scheme);
    others
        .filter_map(|(_, verdicts)| verdicts.as_ref())
        .flat_map(|verdicts| &verdicts.of_accounts)
        .filter(move |row| !supplier.read.accounts.at(row.account as usize).is_in_play(scheme))
        .filter_map(|row| row.verdict.claim)
}

/// Takes the outcome that tells the administrator more. That a flag went out is told of any claim: by a
/// decision it may be one that can carry no rebate by the rules.
fn raise(outcome: &mut Option<Outcome>, new: Outcome) {
    let tells_more = outcome.map_or(rank(new) >= rank(Outcome::Reserved), |old| rank(new) > rank(old));
    if tells_more {
        *outcome = Some(new);
    }
}

/// How much an outcome tells, the most last.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Matched => 7,
        Outcome::MatchedPending => 6,
        Outcome::Reserved => 5,
        Outcome::Objected => 4,
        Outcome::Limit => 3,
        Outcome::Review => 2,
        Outcome::NotInPlay => 1,
        Outcome::Unmatched => 0,
    }
}

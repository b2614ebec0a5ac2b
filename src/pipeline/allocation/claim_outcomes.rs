//! Finds the outcome of each claim that may carry a rebate in a scheme, once rebates are allocated.

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::RestsOn;
use crate::pipeline::judging::matched::Matched;
use crate::release::Outcome;
use crate::scheme::{Delivery, Reason};

/// Outcomes in one scheme, by claim. `None` if the claim may not carry a rebate and has none.
pub(super) fn of_claims(matched: &Matched<'_>, scheme: usize, rests_on: RestsOn) -> Vec<Option<Outcome>> {
    let shared = &matched.shared;
    let (persons, objections) = (shared.matcher.persons(), &shared.objections);
    let mut outcomes: Vec<Option<Outcome>> = (0..persons.claim_count() as u32)
        .into_par_iter()
        .map(|claim| shared.eligibilities.may_carry(claim, scheme).then_some(Outcome::Unmatched))
        .collect();
    for supplier in matched.all_suppliers() {
        let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
        let goes_out = matched.delivery(supplier) == Delivery::GoesOut;
        for row in verdicts.rows().iter() {
            let Some(claim) = row.verdict.claim else { continue };
            // A kept flag rests on the claim that it was released on.
            let is_kept = verdicts.kept(row.account).is_some();
            let outcome = match row.verdict.reason {
                _ if row.flag && !is_kept && !goes_out => Outcome::MatchedPending,
                _ if row.flag && !is_kept => Outcome::Matched,
                // It matched, and goes out on a release day.
                Reason::Matched => Outcome::MatchedPending,
                Reason::Objected => Outcome::Objected,
                Reason::Limit => Outcome::Limit,
                // Its rebate went to another account, which gives the outcome.
                Reason::ClaimUsed => continue,
                reason if reason.is_for_review() => Outcome::Review,
                _ => continue,
            };
            raise(&mut outcomes[claim as usize], outcome);
        }
        if matched.job.schemes.len() > 1 {
            for claim in elsewhere_on_supply(supplier, scheme) {
                raise(&mut outcomes[claim as usize], Outcome::NotOnSupply);
            }
        }
    }
    for (claim, outcome) in rests_on.numbered {
        let known = &mut outcomes[claim as usize];
        if tells_more(*known, outcome) && persons.named_claim_ref(claim).is_some() {
            *known = Some(outcome);
        }
    }
    let mut by_claim: HashMap<String, Outcome> = HashMap::new();
    for (claim_ref, outcome) in rests_on.named {
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
    // The outcome of one claim of a household holds for all its claims that may carry the rebate.
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

/// Claims found through accounts that are on supply on another scheme's qualifying date, but not on this one's.
fn elsewhere_on_supply(supplier: &crate::pipeline::SupplierMatch<'_>, scheme: usize) -> impl Iterator<Item = u32> {
    let others = supplier.verdicts.iter().enumerate().filter(move |(other, _)| *other != scheme);
    others
        .filter_map(|(_, verdicts)| verdicts.as_ref())
        .flat_map(|verdicts| verdicts.rows().iter())
        .filter(move |row| !supplier.read.accounts.at(row.account as usize).is_on_supply(scheme))
        .filter_map(|row| row.verdict.claim)
}

/// Keeps the outcome that tells the administrator more.
fn raise(outcome: &mut Option<Outcome>, new: Outcome) {
    if tells_more(*outcome, new) {
        *outcome = Some(new);
    }
}

/// Whether a new outcome tells the administrator more than the known one. A released or reserved rebate counts for any
/// claim: staff may have decided `Y` for a claim that cannot carry a rebate by the rules.
fn tells_more(known: Option<Outcome>, new: Outcome) -> bool {
    known.map_or(rank(new) >= rank(Outcome::Reserved), |known| rank(new) > rank(known))
}

/// How much an outcome tells; a higher rank tells more.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Matched => 7,
        Outcome::MatchedPending => 6,
        Outcome::Reserved => 5,
        Outcome::Objected => 4,
        Outcome::Limit => 3,
        Outcome::Review => 2,
        Outcome::NotOnSupply => 1,
        Outcome::Unmatched => 0,
    }
}

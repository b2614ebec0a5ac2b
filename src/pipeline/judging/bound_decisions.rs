//! Binds staff's decisions to persons: checks that a decision is still about the person whom the account names.
//!
//! A decision is made about people, and a supplier may give the account's reference to others later. So the run
//! that first applies a decision records how far name and birth date agreed. The decision is outdated if one of
//! them agrees less now.

use crate::matching::{Evidence, Persons};
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::release::DecisionRecord;
use crate::scheme::{Decision, Judgement, Ruling};

/// A decision on an account, as it is tonight.
pub(crate) struct Bound<'a> {
    pub(crate) decision: &'a Decision,
    /// Name or birth date agrees less than in the run that first applied it.
    pub(crate) is_outdated: bool,
    /// The claim that it rests on. `None` if the records do not have it; `claim_ref` is its reference all the
    /// same.
    pub(crate) claim: Option<u32>,
    pub(crate) claim_ref: String,
    /// The person found for the account, among those that the decision is about.
    pub(crate) person: Option<u32>,
    /// What the tables record about it.
    pub(crate) record: DecisionRecord,
}

/// The record, if it is about the same decision.
pub(crate) fn record_of<'r>(ruling: &Ruling, record: Option<&'r DecisionRecord>) -> Option<&'r DecisionRecord> {
    let moment = ruling.moment().to_string();
    record.filter(|record| record.decided_on.as_ref().is_none_or(|decided_on| *decided_on == moment))
}

/// Binds a decision to tonight's candidates. `by_match` is the claim that the match found.
pub(crate) fn bind<'a>(
    decision: &'a Decision,
    record: Option<&DecisionRecord>,
    judged: &Judgement<'_>,
    by_match: Option<u32>,
    shared: &SharedInputs,
) -> Bound<'a> {
    let persons = shared.matcher.persons();
    // A decision that names nobody is about whoever matched in the run that first applied it.
    let recorded = record.map_or("", |record| record.claim_ref.as_str());
    let claim_ref = if decision.claim_ref.is_empty() { recorded } else { decision.claim_ref.as_str() };
    let person = shared.decisions.person(&decision.person_ref);
    let is_meant = |candidate: u32| match person {
        _ if !decision.person_ref.is_empty() => person == Some(candidate),
        _ => claim_ref.is_empty() || persons.claims_of(candidate).any(|claim| persons.claim_ref(claim) == claim_ref),
    };
    let best = judged.best_of(is_meant).map(|best| best.candidate);
    let levels = best.map(|best| Evidence::unpack(best.levels));
    let described = levels.map_or(String::new(), |levels| {
        let mut text = String::new();
        levels.describe(&mut text);
        text
    });
    let first = record.filter(|record| record.decided_on.is_some());
    let is_outdated = first.is_some_and(|first| {
        let now = Evidence::identity_ranks(levels);
        Evidence::described_ranks(&first.levels).iter().zip(now).any(|(then, now)| now > *then)
    });
    let found = best.map(|best| best.person);
    let claim = claim(claim_ref, person.or(found), shared).or(by_match.filter(|_| claim_ref.is_empty()));
    let claim_ref = claim.map_or(claim_ref, |claim| persons.claim_ref(claim)).to_owned();
    let record = DecisionRecord {
        decided_on: Some(decision.moment.to_string()),
        claim_ref: claim_ref.clone(),
        levels: first.map_or(described, |first| first.levels.clone()),
    };
    Bound { decision, is_outdated, claim, claim_ref, person: found, record }
}

/// The claim with that reference. If a person is given who is not on it, the first claim of that person, which
/// may have a new reference.
fn claim(claim_ref: &str, person: Option<u32>, shared: &SharedInputs) -> Option<u32> {
    let persons = shared.matcher.persons();
    let named = shared.decisions.claim(claim_ref).or_else(|| {
        let own = person.into_iter().flat_map(|person| persons.claims_of(person));
        own.into_iter().find(|claim| persons.claim_ref(*claim) == claim_ref)
    });
    let is_on = |claim: &u32, person: u32| persons.claims_of(person).any(|own| own == *claim);
    match person {
        Some(person) => named.filter(|claim| is_on(claim, person)).or_else(|| first_claim(person, persons)).or(named),
        None => named,
    }
}

/// The first of a person's claims by reference.
fn first_claim(person: u32, persons: &Persons) -> Option<u32> {
    persons.claims_of(person).min_by_key(|claim| persons.claim_ref(*claim))
}

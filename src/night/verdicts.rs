//! Verdicts on all accounts of a supplier in one scheme.

use rayon::prelude::*;

use super::accounts::Accounts;
use super::shared::SharedInputs;
use crate::job::{Job, Supplier};
use crate::scheme::{AccountEvidence, Decision, Eligibility, Reason, SchemeView, Verdict, judge};

/// The verdict on one account.
#[derive(Debug, Clone)]
pub(crate) struct AccountVerdict {
    /// The account, by its place.
    pub(crate) account: u32,
    pub(crate) verdict: Verdict,
    /// The reference of the claim that a decision of the administrator's staff names, where there is a
    /// decision that holds; empty where it names none.
    pub(crate) decided: Option<Box<str>>,
    /// The flag, once accounts are settled against each other.
    pub(crate) flag: bool,
}

/// Verdicts of one supplier in one scheme: a row for each account with a candidate or a decision, in the
/// accounts' order. All others are `N`, since nobody was found or since they are not in play.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) of_accounts: Vec<AccountVerdict>,
    pub(crate) in_play: u64,
}

impl Verdicts {
    /// Judges the accounts of a supplier in the scheme of that place.
    pub(super) fn of(
        job: &Job,
        supplier: &Supplier,
        scheme: usize,
        accounts: &Accounts,
        shared: &SharedInputs,
    ) -> Verdicts {
        let view = SchemeView {
            persons: shared.matcher.persons(),
            standings: &shared.standings,
            objections: &shared.objections,
            scheme,
            threshold: job.matching.threshold,
        };
        let in_play =
            (0..accounts.count()).into_par_iter().filter(|account| accounts.is_in_play(*account, scheme)).count();
        let of_accounts = (0..accounts.count())
            .into_par_iter()
            .filter_map(|account| {
                let found = accounts.has_candidate(account, scheme) || accounts.is_cut_off(account, scheme);
                if !found && shared.decisions.is_empty() {
                    return None;
                }
                let reference = accounts.reference(account);
                let decision = shared.decisions.on(&supplier.id, reference, &job.schemes[scheme].id);
                if !found && decision.is_none() {
                    return None;
                }
                let objected = shared.objections.bars_account(&supplier.id, reference);
                let mut verdict = if accounts.is_in_play(account, scheme) {
                    let holders = accounts.holders(account, scheme);
                    let evidence = AccountEvidence {
                        holders: &holders,
                        energy_score: accounts.energy_score(account, scheme),
                        cut_off: accounts.is_cut_off(account, scheme),
                        objected,
                    };
                    judge(&evidence, &view)
                } else {
                    Verdict::without_candidate(Reason::NotInPlay)
                };
                let mut decided = None;
                if let Some(decision) = decision
                    && verdict.reason != Reason::NotInPlay
                {
                    if objected || verdict.reason == Reason::Objected || is_barred(decision, &verdict, &view) {
                        verdict.reason = Reason::Objected;
                    } else {
                        verdict.reason = Reason::Decided;
                        if !decision.claim_ref.is_empty() && decision.claim != verdict.claim {
                            let score = accounts.energy_score(account, scheme);
                            verdict.claim = decision.claim;
                            verdict.group = decision.claim.and_then(|claim| group_of(claim, score, &view));
                        }
                        decided = Some(decision);
                    }
                }
                let flag = decided.map_or(verdict.is_eligible(), |decision| decision.eligible);
                let decided = decided.map(|decision| decision.claim_ref.as_str().into());
                Some(AccountVerdict { account: account as u32, verdict, decided, flag })
            })
            .collect();
        Verdicts { of_accounts, in_play: in_play as u64 }
    }
}

/// The group through which a claim is eligible, if it is.
fn group_of(claim: u32, score: Option<f32>, view: &SchemeView<'_>) -> Option<u8> {
    match view.standings.of_claim(claim, view.scheme, score) {
        Eligibility::Through(group) => Some(group),
        Eligibility::NotDecidable | Eligibility::No => None,
    }
}

/// An objection stands against what a decision rests on: the claim that it names or everybody on it, or
/// the person who was found, if they are on that claim. A decision that names no claim rests on what the
/// match found.
fn is_barred(decision: &Decision, verdict: &Verdict, view: &SchemeView<'_>) -> bool {
    let SchemeView { persons, objections, .. } = *view;
    if let Some(claim) = decision.claim {
        let mut people = persons.rows_of_claim(claim).iter().map(|&row| persons.person_of(row));
        if objections.bars_claim(claim) || people.all(|person| objections.bars_person(person)) {
            return true;
        }
    }
    let Some(person) = verdict.person else { return false };
    match decision.claim {
        Some(claim) => objections.bars_person(person) && persons.claims_of(person).any(|own| own == claim),
        None => {
            let all_claims = || persons.claims_of(person).all(|claim| objections.bars_claim(claim));
            objections.bars_person(person)
                || verdict.claim.map_or_else(all_claims, |claim| objections.bars_claim(claim))
        }
    }
}

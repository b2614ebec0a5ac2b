//! Allocates the rebates of all schemes, and enters the result in the verdicts.

use crate::pipeline::allocation::claim_outcomes;
use crate::pipeline::allocation::deferred_changes::{self, KeptFlags};
use crate::pipeline::allocation::{AccountOutcome, RestsOn, VerdictRow, allocate_scheme};
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::review::for_review;
use crate::release::{Published, Rebate};
use crate::scheme::{Outcome, Reason};

/// Whether changed flags of unchanged accounts go out tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changes {
    GoOut,
    Wait,
}

impl Matched<'_> {
    /// Allocates the rebates of each scheme, and lists what staff have to decide then.
    pub(crate) fn allocate(&mut self, published: Option<&Published>, changes: Changes) -> Result<(), PipelineError> {
        let mut all = published.map(|published| published.rebates(|_, _| true)).transpose()?.unwrap_or_default();
        let mut rests_on = Vec::new();
        for (number, scheme) in self.job.schemes.iter().enumerate() {
            let carried = take_of(&mut all, &scheme.id);
            let (next, moved) = match published.filter(|_| changes == Changes::Wait) {
                Some(published) => {
                    let kept = deferred_changes::kept(self, number, &carried, published)?;
                    let on_a_release_day = allocate_scheme(self, number, &carried, &[], Some(published))?.accounts();
                    let tonight = allocate_scheme(self, number, &carried, &kept, Some(published))?;
                    let moved = tonight.moved(&carried);
                    let next = tonight.rebates(carried.clone());
                    let accounts = tonight.accounts();
                    self.take_in_with_kept(number, &carried, &kept, &on_a_release_day, &accounts);
                    (next, moved)
                }
                None => {
                    let tonight = allocate_scheme(self, number, &carried, &[], published)?;
                    let moved = tonight.moved(&carried);
                    // Before the outcomes of accounts: to make rebates takes more memory for a moment than they do.
                    let next = tonight.rebates(carried);
                    let accounts = tonight.accounts();
                    self.take_in(number, &accounts);
                    (next, moved)
                }
            };
            self.rebates.push(next.rebates);
            rests_on.push(next.rests_on);
            self.moved.push(moved);
        }
        let of_scheme = |(scheme, own): (usize, RestsOn)| claim_outcomes::of_claims(self, scheme, own);
        self.outcomes = rests_on.into_iter().enumerate().map(of_scheme).collect();
        self.review = for_review(self);
        Ok(())
    }

    fn verdicts_mut(&mut self, supplier: usize, scheme: usize) -> Option<&mut Verdicts> {
        let own = self.suppliers.iter_mut().chain(&mut self.others).nth(supplier)?;
        own.verdicts[scheme].as_mut()
    }

    fn take_in(&mut self, scheme: usize, outcomes: &[(VerdictRow, AccountOutcome)]) {
        for ((supplier, place), outcome) in outcomes {
            let Some(verdicts) = self.verdicts_mut(*supplier as usize, scheme) else { continue };
            let mut row = verdicts.rows().at(*place as usize);
            row.flag = outcome.outcome == Outcome::Flagged;
            row.verdict.claim = outcome.claim.or(row.verdict.claim);
            if let Some(reason) = reason(*outcome) {
                row.verdict.reason = reason;
            }
            verdicts.set_row(*place as usize, &row);
        }
    }

    /// Applies tonight's outcome, in which some accounts keep their present flag. If that flag differs from the
    /// outcome of a release day, the change waits.
    fn take_in_with_kept(
        &mut self,
        scheme: usize,
        carried: &[Rebate],
        kept: &[KeptFlags],
        on_a_release_day: &[(VerdictRow, AccountOutcome)],
        tonight: &[(VerdictRow, AccountOutcome)],
    ) {
        self.take_in(scheme, tonight);
        let id = &self.job.schemes[scheme].id;
        let persons = self.shared.matcher.persons();
        for (number, (matched, kept)) in self.suppliers.iter_mut().zip(kept).enumerate() {
            let Some(verdicts) = matched.verdicts[scheme].as_mut() else { continue };
            let released = deferred_changes::claims_of(carried, &matched.supplier.id, id);
            for place in 0..verdicts.rows().len() {
                let mut row = verdicts.rows().at(place);
                let Some(keeps) = kept.flag(row.account) else { continue };
                let then = on_a_release_day.binary_search_by_key(&(number as u32, place as u32), |(place, _)| *place);
                let then = then.ok().map(|found| on_a_release_day[found].1);
                if keeps && !row.flag {
                    // Two flags of one household are out, since the scheme once had another rule; only one
                    // stays.
                    continue;
                }
                row.flag = keeps;
                row.waits = keeps != then.is_some_and(|then| then.outcome == Outcome::Flagged);
                if let Some(reason) = then.and_then(reason) {
                    row.verdict.reason = reason;
                }
                let own = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                let customer_ref = matched.read.accounts.reference(row.account as usize);
                let claim_ref =
                    released.get(customer_ref).filter(|claim_ref| keeps && (row.waits || **claim_ref != own));
                if let Some(claim_ref) = claim_ref {
                    verdicts.keep(row.account, claim_ref);
                }
                verdicts.set_row(place, &row);
            }
        }
    }
}

/// Takes the rebates of a scheme out of a list. There are as many as flags: the last ones are not copied.
fn take_of(all: &mut Vec<Rebate>, scheme: &str) -> Vec<Rebate> {
    if all.iter().all(|rebate| rebate.scheme() == scheme) {
        return std::mem::take(all);
    }
    let own = all.extract_if(.., |rebate| rebate.scheme() == scheme).collect();
    all.shrink_to_fit();
    own
}

/// Why an account has its flag. `None` if the match alone decides.
fn reason(outcome: AccountOutcome) -> Option<Reason> {
    match outcome.outcome {
        Outcome::Flagged => outcome.is_weak.then_some(Reason::Weakened),
        Outcome::ClaimUsed => Some(Reason::ClaimUsed),
        Outcome::ClaimFreed => Some(Reason::ClaimFreed),
        Outcome::Limit => Some(Reason::Limit),
        Outcome::NotFlagged => None,
    }
}

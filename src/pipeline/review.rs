//! Lists the accounts that staff have to decide, with those first whose decision is likeliest to add a rebate.
//!
//! A night lists more accounts than staff can look at. A decision is worth most where it turns an `N` into a `Y` that
//! gives a household its rebate: the probability of that is the posterior that a holder is an eligible person. It is
//! nothing where the household has its rebate already.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::publishing::score_bands;
use crate::release::run_record::ReviewBand;
use crate::release::{Chance, Outcome};
use crate::scheme::Reason;
use crate::text::leading;

/// An account of one supplier that staff have to decide in one scheme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForReview {
    /// How likely it is that a decision adds a rebate.
    pub(crate) chance: Chance,
    /// The supplier, by its place [among the sorted](by_id).
    pub(crate) supplier: u32,
    /// The scheme, by its place in the job.
    pub(crate) scheme: u16,
    pub(crate) account: ReviewAccount,
    /// The [first letters](leading) of the reference, which nearly always decide.
    leading: u128,
}

/// An account for review, by its place among the supplier's verdicts of the scheme.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReviewAccount {
    /// A verdict.
    Judged(u32),
    /// A decision on an account that is gone.
    Gone(u32),
}

/// The suppliers of the run, sorted by id.
pub(crate) fn by_id<'m, 'a>(matched: &'m Matched<'a>) -> Vec<&'m SupplierMatch<'a>> {
    let mut suppliers: Vec<&SupplierMatch<'_>> = matched.suppliers.iter().collect();
    suppliers.sort_unstable_by_key(|supplier| &supplier.supplier.id);
    suppliers
}

/// Lists the accounts for review of all suppliers and schemes. Rebates have been allocated.
pub(crate) fn for_review(matched: &Matched<'_>) -> Vec<ForReview> {
    let suppliers = by_id(matched);
    let mut all: Vec<ForReview> = Vec::new();
    for (scheme, rules) in matched.job.schemes.iter().enumerate() {
        let has_rebate = |row: &AccountVerdict| {
            let outcome = row.verdict.claim.and_then(|claim| matched.outcomes[scheme][claim as usize]);
            rules.one_rebate_per_claim && matches!(outcome, Some(Outcome::Matched | Outcome::MatchedPending))
        };
        for (place, supplier) in suppliers.iter().enumerate() {
            let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
            let one = |chance, account, reference: &str| ForReview {
                chance,
                supplier: place as u32,
                scheme: scheme as u16,
                account,
                leading: leading(reference),
            };
            let rows = verdicts.rows().par_iter().enumerate();
            let judged = rows.filter(|(_, row)| row.verdict.reason.is_for_review()).map(|(at, row)| {
                let reference = supplier.read.accounts.reference(row.account as usize);
                one(chance(&row, has_rebate(&row)), ReviewAccount::Judged(at as u32), reference)
            });
            all.par_extend(judged);
            let gone = verdicts.gone.iter().enumerate();
            all.extend(
                gone.map(|(at, gone)| one(Chance::default(), ReviewAccount::Gone(at as u32), &gone.customer_ref)),
            );
        }
    }
    let rest = |one: &ForReview| (reference(&suppliers, one), &matched.job.schemes[usize::from(one.scheme)].id);
    all.par_sort_unstable_by(|one, other| {
        let first = |one: &ForReview| (Reverse(one.chance), one.supplier, one.leading);
        first(one).cmp(&first(other)).then_with(|| rest(one).cmp(&rest(other)))
    });
    all
}

/// The reference of an account for review.
fn reference<'m>(suppliers: &[&'m SupplierMatch<'_>], one: &ForReview) -> &'m str {
    let supplier = suppliers[one.supplier as usize];
    let verdicts = supplier.verdicts[usize::from(one.scheme)].as_ref();
    let verdicts = verdicts.expect("an account is listed in a scheme that its supplier takes part in");
    match one.account {
        ReviewAccount::Judged(at) => supplier.read.accounts.reference(verdicts.rows().account(at as usize) as usize),
        ReviewAccount::Gone(at) => &verdicts.gone[at as usize].customer_ref,
    }
}

/// How likely it is that a decision on the account adds a rebate.
fn chance(row: &AccountVerdict, household_has_rebate: bool) -> Chance {
    match row.verdict.reason {
        // It is `Y` already, or another account of the household is.
        _ if row.flag || household_has_rebate => Chance::default(),
        Reason::ClaimUsed => Chance::default(),
        // The match does not say whether the supplier's report is right.
        Reason::Excepted(_) => Chance::default(),
        // Where an income or a score is not known, the posterior is what it would be if the value qualified. That is
        // taken to be as likely as not.
        _ => Chance::new(f64::midpoint(f64::from(row.verdict.certain), f64::from(row.verdict.posterior))),
    }
}

/// What decisions on the accounts for review are expected to bring, by scheme and band, the highest band first.
pub(crate) fn bands(matched: &Matched<'_>) -> Vec<ReviewBand> {
    let band = |chance: &Chance| score_bands::posterior(chance.probability() as f32);
    let mut all = Vec::new();
    for (place, scheme) in matched.job.schemes.iter().enumerate() {
        let own = matched.review.iter().filter(|one| usize::from(one.scheme) == place);
        let chances: Vec<Chance> = own.map(|one| one.chance).collect();
        let by_band = chances.chunk_by(|one, other| band(one) == band(other));
        all.extend(by_band.map(|own| ReviewBand::new(&scheme.id, band(&own[0]), own)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::{ExceptionKind, Verdict};

    /// A decision is worth the posterior that a holder is eligible, and nothing where it cannot add a rebate.
    #[test]
    fn a_decision_is_likely_to_add_a_rebate_where_somebody_eligible_has_none() {
        let (no, yes) = (false, true);
        for (reason, flag, has_rebate, [certain, posterior], expected) in [
            (Reason::Uncertain, no, no, [0.7, 0.7], 0.7),
            (Reason::Ambiguous, no, no, [0.4987, 0.4987], 0.4987),
            (Reason::ForenameDiffers, no, no, [0.95, 0.95], 0.95),
            // Another account of the household has the rebate.
            (Reason::Uncertain, no, yes, [0.7, 0.7], 0.0),
            (Reason::ClaimUsed, no, yes, [1.0, 1.0], 0.0),
            (Reason::ClaimUsed, no, no, [1.0, 1.0], 0.0),
            // Nobody has it: staff may move it from the account that is gone.
            (Reason::ClaimFreed, no, no, [0.999, 0.999], 0.999),
            // The account has it.
            (Reason::Weakened, yes, yes, [0.6, 0.6], 0.0),
            (Reason::DecisionOutdated, yes, no, [0.99, 0.99], 0.0),
            (Reason::DecisionOutdated, no, no, [0.99, 0.99], 0.99),
            (Reason::DecisionVoid, no, no, [0.999, 0.999], 0.999),
            // An unknown value qualifies as often as not.
            (Reason::NotDecidable, no, no, [0.0, 0.99], 0.495),
            (Reason::NotDecidable, no, no, [0.6, 1.0], 0.8),
            (Reason::CutOff, no, no, [0.0, 0.0], 0.0),
            (Reason::Excepted(ExceptionKind::Closed), no, no, [1.0, 1.0], 0.0),
            (Reason::Excepted(ExceptionKind::Other), no, no, [1.0, 1.0], 0.0),
        ] {
            let verdict = Verdict { certain, posterior, ..Verdict::without_candidate(reason) };
            let mut row = AccountVerdict::unflagged(0, verdict);
            row.flag = flag;
            assert_eq!(chance(&row, has_rebate), Chance::new(expected), "{reason:?}, {certain}, {posterior}");
        }
    }
}

//! Decides which accounts keep their present flag until a release day.
//!
//! If a flag changes on an account whose rows did not change, its supplier learns that something happened to
//! somebody. So such changes wait. What people say takes effect at once all the same: objections, decisions of
//! staff, and exceptions that the supplier reported.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::release::{Published, Rebate, RebateState};
use crate::scheme::Reason;

/// The claims of the flags that a supplier has in a scheme, by account.
pub(crate) fn claims_of<'r>(carried: &'r [Rebate], supplier: &str, scheme: &str) -> HashMap<&'r str, &'r str> {
    let own = carried.iter().filter(|rebate| rebate.supplier() == supplier && rebate.scheme() == scheme);
    let is_out = own.filter(|rebate| rebate.state == RebateState::Released);
    is_out.map(|rebate| (rebate.customer_ref(), rebate.claim_ref())).collect()
}

/// Accounts of a supplier that keep their present flag in one scheme. Both lists are in order.
#[derive(Debug, Default)]
pub(crate) struct KeptFlags {
    /// Accounts that are `Y` and stay so.
    yes: Vec<u32>,
    /// Accounts that would be `Y` by tonight's match, and stay `N`.
    no: Vec<u32>,
}

impl KeptFlags {
    /// The flag that an account keeps. `None` if it takes tonight's.
    pub(crate) fn flag(&self, account: u32) -> Option<bool> {
        let is_in = |accounts: &[u32]| accounts.binary_search(&account).is_ok();
        if is_in(&self.yes) {
            Some(true)
        } else if is_in(&self.no) {
            Some(false)
        } else {
            None
        }
    }
}

/// The flags that each supplier's accounts keep in a scheme, in the order of the suppliers. Accounts that are
/// `Y` only because of an earlier release get a row among the verdicts.
pub(crate) fn kept(
    matched: &mut Matched<'_>,
    scheme: usize,
    carried: &[Rebate],
    published: &Published,
) -> Result<Vec<KeptFlags>, PipelineError> {
    let id = &matched.job.schemes[scheme].id;
    let mut all = Vec::new();
    for supplier in &mut matched.suppliers {
        // A supplier without flags of this scheme keeps none: all its flags are new.
        let has_flags = published.has_flags(&supplier.supplier.id, id)?;
        let kept = has_flags.then(|| kept_of(supplier, &matched.shared, scheme, id, carried));
        let kept = kept.flatten().unwrap_or_default();
        if let Some(verdicts) = &mut supplier.verdicts[scheme] {
            verdicts.add_rows(&kept.yes);
        }
        all.push(kept);
    }
    Ok(all)
}

fn kept_of(
    supplier: &SupplierMatch<'_>,
    shared: &SharedInputs,
    scheme: usize,
    scheme_id: &str,
    carried: &[Rebate],
) -> Option<KeptFlags> {
    let (verdicts, fresh) = (supplier.verdicts[scheme].as_ref()?, supplier.fresh.as_ref()?);
    let (id, accounts) = (&supplier.supplier.id, &supplier.read.accounts);
    let own = claims_of(carried, id, scheme_id);
    let is_unchanged = |account: u32| fresh.binary_search(&account).is_err();

    let of_match = verdicts.rows().par_iter().filter(|row| row.flag && is_unchanged(row.account));
    let no = of_match.filter(|row| verdicts.decided(row.account).is_none());
    let no = no.filter(|row| !own.contains_key(accounts.reference(row.account as usize))).map(|row| row.account);
    let no: Vec<u32> = no.collect();

    let objections = ObjectionCheck::new(shared, own.values().copied());
    let yes = (0..accounts.count() as u32).into_par_iter().filter(|account| {
        let customer_ref = accounts.reference(*account as usize);
        let Some(claim_ref) = own.get(customer_ref).filter(|_| is_unchanged(*account)) else { return false };
        let row = verdicts.rows().find(*account);
        accounts.at(*account as usize).is_on_supply(scheme)
            && verdicts.decided(*account).is_none()
            && row.as_ref().is_none_or(|row| row.verdict.reason != Reason::Objected)
            && shared.exception(id, customer_ref, scheme_id).is_none()
            && !shared.objections.bars_account(id, customer_ref)
            && objections.allow(claim_ref, row.as_ref())
    });
    Some(KeptFlags { yes: yes.collect(), no })
}

/// Checks the claims that flags were released on for objections.
struct ObjectionCheck<'a> {
    shared: &'a SharedInputs,
    /// The claims that are in the benefit records. Empty if nobody objected.
    claims: HashMap<&'a str, u32>,
}

impl<'a> ObjectionCheck<'a> {
    fn new(shared: &'a SharedInputs, claim_refs: impl Iterator<Item = &'a str>) -> ObjectionCheck<'a> {
        let objections = &shared.objections;
        if objections.is_empty() && !objections.name_unknown() {
            return ObjectionCheck { shared, claims: HashMap::new() };
        }
        let named: HashSet<&str> = claim_refs.collect();
        let persons = shared.matcher.persons();
        let claims = (0..persons.claim_count() as u32).into_par_iter().map(|claim| (persons.claim_ref(claim), claim));
        ObjectionCheck { shared, claims: claims.filter(|(claim_ref, _)| named.contains(claim_ref)).collect() }
    }

    /// Whether no objection can concern the flag: neither its claim nor anybody on the claim is barred. If
    /// tonight's match does not show the person whom the flag rests on, an objection that names an unknown
    /// person may be theirs.
    fn allow(&self, claim_ref: &str, row: Option<&AccountVerdict>) -> bool {
        let SharedInputs { objections, matcher, .. } = self.shared;
        if objections.is_empty() && !objections.name_unknown() {
            return true;
        }
        let persons = matcher.persons();
        let Some(&claim) = self.claims.get(claim_ref) else { return !objections.name_unknown() };
        let people = || persons.rows_of_claim(claim).iter().map(|row| persons.person_of(*row));
        if objections.bars_claim(claim) || people().any(|person| objections.bars_person(person)) {
            return false;
        }
        let seen = row.and_then(|row| row.verdict.person);
        seen.is_some_and(|person| people().any(|other| other == person)) || !objections.name_unknown()
    }
}

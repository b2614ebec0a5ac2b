//! Finds which account has each rebate of earlier runs tonight, and where the other rebates are.

use std::cmp::Reverse;
use std::collections::HashSet;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use rayon::prelude::*;

use super::asking::{Account, RowOf, reaches};
use super::known::Found;
use super::{SchemeAllocation, VerdictRow};
use crate::release::{Rebate as Carried, RebateState};
use crate::scheme::{Basis, Delivery, Eligibility, ExceptionKind, Position, Reason};

/// A rebate that an earlier run released, or that waits for a release day.
pub(super) struct Out<'c> {
    pub(super) rebate: &'c Carried,
    /// The supplier that has it now: a supplier that ended passes it to its successor. `None` if there is no
    /// successor.
    pub(super) supplier: Option<&'c str>,
}

/// Which rebates rest on which account.
pub(super) struct ByAccount<'c> {
    /// By supplier and account reference, the last rebate.
    last: Vec<HashMap<&'c str, usize>>,
    /// By rebate, the previous one on the same account. There are several if a reference has had several
    /// holders.
    before: Vec<Option<usize>>,
}

impl ByAccount<'_> {
    pub(super) fn rebates_of(&self, supplier: usize, customer_ref: &str) -> impl Iterator<Item = usize> {
        let last = self.last[supplier].get(customer_ref).copied();
        std::iter::successors(last, |number| self.before[*number])
    }

    pub(super) fn has(&self, supplier: usize, customer_ref: &str) -> bool {
        self.last[supplier].contains_key(customer_ref)
    }

    pub(super) fn is_without(&self, supplier: usize) -> bool {
        self.last[supplier].is_empty()
    }
}

impl<'a> SchemeAllocation<'a> {
    /// A rebate with the supplier that has it now.
    pub(super) fn out<'c>(&self, rebate: &'c Carried) -> Out<'c>
    where
        'a: 'c,
    {
        let present = || {
            let mut id = rebate.supplier();
            while let Some(supplier) = self.matched.job.supplier(id).filter(|own| own.former) {
                id = supplier.successor.as_deref()?;
            }
            Some(id)
        };
        Out { rebate, supplier: present() }
    }

    pub(super) fn by_account<'c>(&self, carried: &[Out<'c>]) -> ByAccount<'c> {
        let place = |out: &Out<'c>| {
            // A successor's references are its own.
            let own = out.supplier.filter(|supplier| *supplier == out.rebate.supplier());
            own.and_then(|own| self.places.get(own)).copied()
        };
        let places: Vec<Option<usize>> = carried.par_iter().map(place).collect();
        let mut of_suppliers = vec![Vec::new(); self.suppliers.len()];
        places.iter().zip(0..).for_each(|(place, number)| place.iter().for_each(|own| of_suppliers[*own].push(number)));
        let of_supplier = |numbers: Vec<usize>| {
            let (mut last, mut before) = (HashMap::with_capacity(numbers.len()), Vec::new());
            for number in numbers {
                let earlier = last.insert(carried[number].rebate.customer_ref(), number);
                before.extend(earlier.map(|earlier| (number, earlier)));
            }
            (last, before)
        };
        let (last, earlier): (Vec<_>, Vec<_>) = of_suppliers.into_par_iter().map(of_supplier).unzip();
        let mut before = vec![None; carried.len()];
        earlier.into_iter().flatten().for_each(|(number, earlier)| before[number] = Some(earlier));
        ByAccount { last, before }
    }

    /// For each rebate, the account that holds it tonight, among those that ask for one. An account holds at
    /// most one rebate: its household's, else the one released last.
    pub(super) fn holders(
        &self,
        carried: &[Out<'_>],
        rows: &[Option<RowOf>],
        households: &[Option<u32>],
        accounts: &mut [Account],
    ) -> Vec<Option<usize>> {
        let known: HashSet<u32> = households.iter().copied().flatten().collect();
        let mut holders = vec![None; carried.len()];
        let mut holds_one = vec![false; accounts.len()];
        let mut late = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let Some(at) = row.and_then(|row| row.account) else { continue };
            if households[number] == Some(accounts[at].household) && !holds_one[at] {
                (holders[number], holds_one[at]) = (Some(at), true);
            } else {
                late.push((number, at));
            }
        }
        late.sort_by_key(|(number, _)| {
            let rebate = carried[*number].rebate;
            (rebate.state == RebateState::Gone, Reverse(rebate.released_on), *number)
        });
        for (number, at) in late {
            let rebate = carried[number].rebate;
            let holds = !holds_one[at]
                && match households[number] {
                    Some(household) => self.holds(&mut accounts[at], household),
                    None => self.follows(rebate, &accounts[at], &known),
                };
            if holds {
                (holders[number], holds_one[at]) = (Some(at), true);
            }
        }
        holders
    }

    /// Whether the account stays with the rebate's household, although its match is of another one. It does if
    /// it also names somebody of the rebate's household who is likely enough; then it is moved to that
    /// household.
    fn holds(&self, account: &mut Account, household: u32) -> bool {
        let claim = self.likely_claim(account, household);
        if claim.is_none() && !account.keeps || matches!(account.basis, Basis::DecidedClaim(_)) {
            return false;
        }
        account.claim = claim.or(account.claim);
        (account.household, account.is_moved) = (household, true);
        true
    }

    /// Whether the account may still be of the rebate's household, which the records no longer have. It may not
    /// if its person has another reference, or if its household is among the `known` ones, which have a rebate.
    fn follows(&self, rebate: &Carried, account: &Account, known: &HashSet<u32>) -> bool {
        let person_ref = account.person.map_or("", |person| self.persons().first_person_ref(person));
        let is_another = !rebate.person_ref().is_empty() && !person_ref.is_empty();
        account.keeps || !is_another && !known.contains(&account.household)
    }

    /// A claim of that household whose eligible person the account names, with the likelihood that a released
    /// flag needs.
    fn likely_claim(&self, account: &Account, household: u32) -> Option<u32> {
        let keep = self.matched.job.matching.keep;
        let shared = &self.matched.shared;
        let persons = self.persons();
        let verdicts = self.verdicts(account.place.0)?;
        let number = self.row(account.place).account;
        let likely = verdicts.likely(number).filter(|one| reaches(one.likelihood, keep));
        let people = likely.map(|one| persons.person_of(one.row)).filter(|one| !shared.objections.bars_person(*one));
        let claims = people.flat_map(|person| persons.claims_of(person));
        let score =
            self.suppliers[account.place.0 as usize].read.accounts.at(number as usize).energy_score(self.scheme);
        let is_eligible = |claim: &u32| {
            matches!(shared.eligibilities.of_claim(*claim, self.scheme, score), Eligibility::Through(_))
                && !shared.objections.bars_claim(*claim)
        };
        claims
            .filter(|claim| shared.households[self.scheme].of_claim(*claim) == household && is_eligible(claim))
            .min_by_key(|claim| persons.claim_ref(*claim))
    }

    /// Where a rebate is, and since when its account is gone. `None` if it is free.
    pub(super) fn position(
        &self,
        out: &Out<'_>,
        holder: Option<usize>,
        row: Option<VerdictRow>,
        found: &Found<'_>,
    ) -> Option<(Position, Option<Date>)> {
        let shared = &self.matched.shared;
        let rebate = out.rebate;
        let (supplier, customer_ref) = (rebate.supplier(), rebate.customer_ref());
        let own = out.supplier.and_then(|id| self.places.get(id)).copied();
        let goes_out =
            own.is_some_and(|own| self.deliveries[own] == Delivery::GoesOut && self.verdicts(own as u32).is_some());
        let stands = !goes_out && out.supplier.is_some() && rebate.state == RebateState::Released;
        let reason = row.filter(|_| goes_out).map(|row| self.row(row).verdict.reason);

        // An objection comes first: the rebate is then nobody's, whatever else holds.
        let objected = || {
            shared.objections.bars_account(supplier, customer_ref)
                || reason == Some(Reason::Objected)
                || self.is_barred(rebate, found)
        };
        if holder.is_none() && objected() {
            return Some(match stands {
                true => (Position::Stands(None), rebate.gone_since),
                false => (Position::Objected, None),
            });
        }
        // The supplier's exceptions count even if no customer file came with them.
        let exception = shared.exception(supplier, customer_ref, self.scheme_id());
        if out.supplier.is_none() || exception.is_some_and(ExceptionKind::frees_rebate) {
            return None;
        }
        if exception.is_some() || reason == Some(Reason::DecisionVoid) {
            return Some((Position::AwaitsStaff, None));
        }
        if !goes_out {
            let position = if stands { Position::Stands(holder) } else { Position::VacantUnseen(holder) };
            return Some((position, rebate.gone_since));
        }
        if let Some(holder) = holder {
            return Some((Position::Held(holder), None));
        }
        if reason == Some(Reason::Decided) || rebate.state == RebateState::Waits {
            // Staff decided `N`; or it never went out, and its account is not eligible any more.
            return None;
        }
        let today = shared.released.today();
        let gone_since = rebate.gone_since.or(today);
        let is_free = gone_since.zip(today).is_some_and(|(since, today)| {
            let days = self.matched.job.schemes[self.scheme].free_after_days;
            i64::from((today - since).get_days()) >= i64::from(days)
        });
        (!is_free).then_some((Position::Vacant, gone_since))
    }

    /// Whether the claim or the person of a rebate is barred.
    fn is_barred(&self, rebate: &Carried, found: &Found<'_>) -> bool {
        let objections = &self.matched.shared.objections;
        let claim = found.claims.get(rebate.claim_ref());
        let person = found.persons.get(rebate.person_ref());
        claim.is_some_and(|claim| objections.bars_claim(*claim))
            || person.is_some_and(|person| objections.bars_person(*person))
    }
}

//! Says what becomes of accounts and rebates, and makes the rebates that the next run starts from.

use jiff::civil::Date;
use rayon::prelude::*;

use super::asking::Account;
use super::{SchemeAllocation, VerdictRow};
use crate::pipeline::judging::matched::MovedRebate;
use crate::release::{Rebate as Carried, RebateNames, RebateState};
use crate::scheme::{Basis, Contender, Delivery, Fate, Outcome, Position};
use crate::text::leading;

/// What becomes of one account.
#[derive(Debug, Clone, Copy)]
pub(in crate::pipeline) struct AccountOutcome {
    pub(in crate::pipeline) outcome: Outcome,
    /// Its match is below the threshold.
    pub(in crate::pipeline) is_weak: bool,
    /// The claim that its rebate rests on, if known.
    pub(in crate::pipeline) claim: Option<u32>,
}

/// What becomes of a carried rebate.
#[derive(Clone, Copy)]
pub(super) struct Then {
    pub(super) fate: Fate,
    pub(super) position: Position,
    pub(super) gone_since: Option<Date>,
}

impl Then {
    /// The account that has the rebate, if it asks for it.
    fn holder(self) -> Option<usize> {
        match (self.fate, self.position) {
            (Fate::Ends, _) => None,
            (Fate::MovesTo(at), _) => Some(at),
            (Fate::Stays, Position::Held(at)) => Some(at),
            (Fate::Stays, Position::Stands(at) | Position::VacantUnseen(at)) => at,
            (Fate::Stays, _) => None,
        }
    }

    /// Whether it stays as before, because its supplier gets no delivery tonight.
    fn is_as_before(self) -> bool {
        self.fate == Fate::Stays && matches!(self.position, Position::Stands(_) | Position::VacantUnseen(_))
    }
}

/// What becomes of a scheme's accounts and rebates.
pub(in crate::pipeline) struct Allocated<'a> {
    pub(super) night: SchemeAllocation<'a>,
    pub(super) accounts: Vec<Account<'a>>,
    /// By account.
    pub(super) outcomes: Vec<Outcome>,
    /// By carried rebate. `None` if it is free.
    pub(super) then: Vec<Option<Then>>,
}

impl Allocated<'_> {
    /// What becomes of each account that asks for a rebate, in the order of suppliers and of their verdicts.
    pub(in crate::pipeline) fn accounts(&self) -> Vec<(VerdictRow, AccountOutcome)> {
        let outcomes = self.accounts.iter().zip(&self.outcomes).map(|(account, outcome)| {
            let is_weak = account.contender.basis == Basis::MayKeep && !account.keeps;
            let claim = account.claim.filter(|_| !account.keeps);
            (account.place, AccountOutcome { outcome: *outcome, is_weak, claim })
        });
        outcomes.collect()
    }

    /// The rebates that the next run starts from, in the order of their claims' references. `carried` has the
    /// rebates that were allocated.
    pub(in crate::pipeline) fn rebates(&self, carried: Vec<Carried>) -> Vec<Carried> {
        let mut has_rebate = vec![false; self.accounts.len()];
        for at in self.then.iter().flatten().filter_map(|then| then.holder()) {
            has_rebate[at] = true;
        }
        let old = carried.into_par_iter().zip(&self.then).filter_map(|(rebate, then)| {
            let then = then.filter(|then| then.fate != Fate::Ends)?;
            Some(self.next(rebate, then))
        });
        let mut next: Vec<Carried> = old.collect();
        let all = self.accounts.par_iter().zip(&self.outcomes).zip(&has_rebate);
        next.par_extend(all.filter_map(|((account, outcome), has_rebate)| {
            let is_new = *outcome == Outcome::Flagged && !has_rebate;
            let goes_out = account.contender.delivery == Delivery::GoesOut;
            let (state, released_on) = self.released(account, None);
            (is_new && goes_out).then(|| Carried::new(&self.names(account, None), state, released_on))
        }));
        in_order(next)
    }

    /// The released rebates that go to another account. `carried` has the rebates that were allocated.
    pub(in crate::pipeline) fn moved(&self, carried: &[Carried]) -> Vec<MovedRebate> {
        let moved = carried.iter().zip(&self.then).filter_map(|(rebate, then)| {
            let Fate::MovesTo(at) = then.as_ref()?.fate else { return None };
            let Contender { supplier, customer_ref, basis, .. } = self.accounts[at].contender;
            (rebate.state != RebateState::Waits).then(|| MovedRebate {
                from: (rebate.supplier().to_owned(), rebate.customer_ref().to_owned()),
                to: (supplier.to_owned(), customer_ref.to_owned()),
                is_decided: matches!(basis, Basis::Decided(_) | Basis::DecidedClaim(_)),
            })
        });
        moved.collect()
    }

    /// A carried rebate as the next run finds it.
    fn next(&self, rebate: Carried, then: Then) -> Carried {
        let holder = then.holder().filter(|_| !then.is_as_before()).map(|at| &self.accounts[at]);
        let was_out = rebate.state != RebateState::Waits;
        match holder {
            // The flag stays until a release day, so tonight's match does not change its rebate.
            Some(account) if account.keeps && then.fate == Fate::Stays => {
                let released_on = rebate.released_on;
                rebate.now(RebateState::Released, released_on, None)
            }
            // It was released already, and the flag of its next account waits for a release day. Keep it for
            // that account.
            Some(account) if account.contender.basis == Basis::Waits && was_out => {
                let released_on = rebate.released_on;
                rebate.now(RebateState::Gone, released_on, None)
            }
            Some(account) => {
                let (state, released_on) = self.released(account, rebate.released_on.filter(|_| was_out));
                let names = self.names(account, Some(&rebate));
                if names == rebate.names() {
                    return rebate.now(state, released_on, None);
                }
                Carried::new(&names, state, released_on)
            }
            None => {
                let (state, released_on) = (state_of(then.position, rebate.state), rebate.released_on);
                rebate.now(state, released_on, then.gone_since)
            }
        }
    }

    /// State and day of first release of a rebate that the account has tonight.
    fn released(&self, account: &Account<'_>, released_on: Option<Date>) -> (RebateState, Option<Date>) {
        match account.contender.basis {
            Basis::Waits => (RebateState::Waits, None),
            _ => (RebateState::Released, released_on.or(self.night.matched.night_of)),
        }
    }

    /// The references that a rebate of the account has. The person keeps the reference of `before` if that
    /// still names them.
    fn names<'n>(&'n self, account: &'n Account<'_>, before: Option<&'n Carried>) -> RebateNames<'n> {
        let persons = self.night.persons();
        let person = account
            .person
            .filter(|person| account.claim.is_none_or(|claim| persons.claims_of(*person).any(|own| own == claim)));
        let before = before.map(Carried::person_ref);
        let known = |person| before.filter(|before| persons.is_known_as(person, before));
        RebateNames {
            scheme: self.night.scheme_id(),
            supplier: account.contender.supplier,
            customer_ref: account.contender.customer_ref,
            claim_ref: account.claim_ref,
            household: account.contender.household_ref,
            person_ref: person.map_or("", |person| known(person).unwrap_or_else(|| persons.first_person_ref(person))),
        }
    }
}

/// Sorts rebates by claim, supplier and account. The first letters of the claim nearly always decide.
fn in_order(rebates: Vec<Carried>) -> Vec<Carried> {
    let mut keyed: Vec<(u128, Carried)> =
        rebates.into_par_iter().map(|rebate| (leading(rebate.claim_ref()), rebate)).collect();
    fn rest(rebate: &Carried) -> [&str; 3] {
        [rebate.claim_ref(), rebate.supplier(), rebate.customer_ref()]
    }
    keyed.par_sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| rest(&one.1).cmp(&rest(&other.1))));
    keyed.into_iter().map(|(_, rebate)| rebate).collect()
}

/// The state of a carried rebate without an account.
fn state_of(position: Position, before: RebateState) -> RebateState {
    match position {
        Position::Stands(_) | Position::Held(_) | Position::VacantUnseen(_) => before,
        Position::Vacant => RebateState::Gone,
        Position::AwaitsStaff => RebateState::AwaitsStaff,
        Position::Objected => RebateState::Objected,
    }
}

//! Says what becomes of accounts and rebates, and makes the rebates that the next run starts from.

use jiff::civil::Date;
use rayon::prelude::*;

use super::asking::Account;
use super::{SchemeAllocation, VerdictRow};
use crate::memory;
use crate::pipeline::judging::matched::MovedRebate;
use crate::release::{Outcome as ClaimOutcome, Rebate as Carried, RebateNames, RebateState};
use crate::scheme::{Basis, Delivery, Fate, Outcome, Position};
use crate::text::ByText;

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

/// Accounts whose names are prefetched together.
const AT_ONCE: usize = 64;

/// The rebates that the next run starts from.
pub(in crate::pipeline) struct NextRebates {
    /// In the order of their claims' references, then of suppliers and accounts.
    pub(in crate::pipeline) rebates: Vec<Carried>,
    pub(in crate::pipeline) rests_on: RestsOn,
}

/// The claims on which rebates rest, with the outcome that each rebate gives its claim.
#[derive(Default)]
pub(in crate::pipeline) struct RestsOn {
    /// By the number that tonight's records give the claim: nearly all.
    pub(in crate::pipeline) numbered: Vec<(u32, ClaimOutcome)>,
    /// By reference, if no account says which of tonight's claims it is.
    pub(in crate::pipeline) named: Vec<(String, ClaimOutcome)>,
}

impl RestsOn {
    fn new(rebates: &[Carried], claims: &[Option<u32>]) -> RestsOn {
        let mut all = RestsOn::default();
        for (rebate, claim) in rebates.iter().zip(claims) {
            let outcome = rebate.state.outcome();
            match claim {
                Some(claim) => all.numbered.push((*claim, outcome)),
                None => all.named.push((rebate.claim_ref().to_owned(), outcome)),
            }
        }
        all
    }
}

/// What becomes of a scheme's accounts and rebates.
pub(in crate::pipeline) struct Allocated<'a> {
    pub(super) night: SchemeAllocation<'a>,
    pub(super) accounts: Vec<Account>,
    /// By account.
    pub(super) outcomes: Vec<Outcome>,
    /// By carried rebate. `None` if it is free.
    pub(super) then: Vec<Option<Then>>,
}

impl Allocated<'_> {
    /// What becomes of each account that asks for a rebate, in the order of suppliers and of their verdicts.
    pub(in crate::pipeline) fn accounts(&self) -> Vec<(VerdictRow, AccountOutcome)> {
        let outcomes = self.accounts.iter().zip(&self.outcomes).map(|(account, outcome)| {
            let is_weak = account.basis == Basis::MayKeep && !account.keeps;
            let claim = account.claim.filter(|_| !account.keeps);
            (account.place, AccountOutcome { outcome: *outcome, is_weak, claim })
        });
        outcomes.collect()
    }

    /// The rebates that the next run starts from. `carried` has the rebates that were allocated.
    pub(in crate::pipeline) fn rebates(&self, carried: Vec<Carried>) -> NextRebates {
        let mut has_rebate = vec![false; self.accounts.len()];
        for at in self.then.iter().flatten().filter_map(|then| then.holder()) {
            has_rebate[at] = true;
        }
        let old = carried.into_par_iter().zip(&self.then).filter_map(|(rebate, then)| {
            let then = then.filter(|then| then.fate != Fate::Ends)?;
            let next = self.next(rebate, then);
            let holder = then.holder().map(|at| &self.accounts[at]);
            let claim = holder
                .filter(|account| self.night.claim_ref(account) == next.claim_ref())
                .and_then(|account| account.claim);
            Some((next, claim))
        });
        let (mut rebates, mut claims): (Vec<Carried>, Vec<Option<u32>>) = old.unzip();
        let is_new = |at: &usize| {
            let goes_out = || self.night.delivery_of(&self.accounts[*at]) == Delivery::GoesOut;
            self.outcomes[*at] == Outcome::Flagged && !has_rebate[*at] && goes_out()
        };
        let new = (0..self.accounts.len()).into_par_iter().filter(is_new);
        let mut new: Vec<ByText> =
            new.map(|at| ByText::new(self.night.claim_ref(&self.accounts[at]), at as u32)).collect();
        let account_of = |own: &ByText| &self.accounts[own.number as usize];
        // Made in order, so that the texts stand in memory in the order in which the table of claims reads them.
        ByText::sort(&mut new, |one, other| {
            let key = |number: u32| {
                let account = &self.accounts[number as usize];
                (self.night.claim_ref(account), self.night.supplier_of(account), self.night.reference(account.place))
            };
            key(one).cmp(&key(other))
        });
        let is_first = rebates.is_empty();
        rebates.par_extend((0..new.len()).into_par_iter().with_min_len(AT_ONCE).map(|place| {
            if place.is_multiple_of(AT_ONCE) {
                new[place..].iter().take(AT_ONCE).for_each(|own| self.prefetch(account_of(own)));
            }
            let account = account_of(&new[place]);
            let (state, released_on) = self.released(account, None);
            Carried::new(&self.names(account, None), state, released_on)
        }));
        claims.par_extend(new.par_iter().map(|own| account_of(own).claim));
        let rests_on = RestsOn::new(&rebates, &claims);
        if !is_first {
            // Both parts are in order already.
            fn key(rebate: &Carried) -> [&str; 3] {
                [rebate.claim_ref(), rebate.supplier(), rebate.customer_ref()]
            }
            rebates.par_sort_by(|one, other| key(one).cmp(&key(other)));
        }
        NextRebates { rebates, rests_on }
    }

    /// Prefetches what names an account's rebate.
    fn prefetch(&self, account: &Account) {
        memory::prefetch(self.night.reference(account.place).as_bytes());
        account.person.into_iter().for_each(|person| self.night.persons().prefetch_references(person));
    }

    /// The released rebates that go to another account. `carried` has the rebates that were allocated.
    pub(in crate::pipeline) fn moved(&self, carried: &[Carried]) -> Vec<MovedRebate> {
        let moved = carried.iter().zip(&self.then).filter_map(|(rebate, then)| {
            let Fate::MovesTo(at) = then.as_ref()?.fate else { return None };
            let account = &self.accounts[at];
            (rebate.state != RebateState::Waits).then(|| MovedRebate {
                from: (rebate.supplier().to_owned(), rebate.customer_ref().to_owned()),
                to: (self.night.supplier_of(account).to_owned(), self.night.reference(account.place).to_owned()),
                is_decided: matches!(account.basis, Basis::Decided(_) | Basis::DecidedClaim(_)),
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
            Some(account) if account.basis == Basis::Waits && was_out => {
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
    fn released(&self, account: &Account, released_on: Option<Date>) -> (RebateState, Option<Date>) {
        match account.basis {
            Basis::Waits => (RebateState::Waits, None),
            _ => (RebateState::Released, released_on.or(self.night.matched.night_of)),
        }
    }

    /// The references that a rebate of the account has. The person keeps the reference of `before` if that
    /// still names them.
    fn names<'n>(&'n self, account: &Account, before: Option<&'n Carried>) -> RebateNames<'n> {
        let persons = self.night.persons();
        let person = account
            .person
            .filter(|person| account.claim.is_none_or(|claim| persons.claims_of(*person).any(|own| own == claim)));
        let before = before.map(Carried::person_ref);
        let known = |person| before.filter(|before| persons.is_known_as(person, before));
        RebateNames {
            scheme: self.night.scheme_id(),
            supplier: self.night.supplier_of(account),
            customer_ref: self.night.reference(account.place),
            claim_ref: self.night.claim_ref(account),
            household: self.night.household_ref(account),
            person_ref: person.map_or("", |person| known(person).unwrap_or_else(|| persons.first_person_ref(person))),
        }
    }
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

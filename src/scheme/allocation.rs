//! Decides which account of a household gets its one rebate, and what becomes of released rebates.
//!
//! A supplier chooses what its file says. What a supplier can invent therefore does not count between
//! suppliers: neither how many fields agree nor how well. A released rebate stays where it is. If its account
//! is gone, it waits for the same supplier's next account of the household.

use std::cmp::{Ordering, Reverse};

use jiff::civil::Date;
use rayon::prelude::*;

/// Whether this run delivers to a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delivery {
    /// The supplier is held back: its accounts come after all others, and free nothing.
    Withheld,
    /// The run is not for this supplier: its accounts count, but it gets no delivery.
    NotAsked,
    /// The supplier gets its delivery.
    GoesOut,
}

/// Why an account asks for its household's rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Basis {
    /// The match is below the threshold, but likely enough to keep a released flag: the account may keep a rebate,
    /// not get one.
    MayKeep,
    /// The match reaches the threshold.
    Matched,
    /// The match reaches the threshold, and the flag waits for a release day.
    Waits,
    /// Staff decided at this moment, but named no claim.
    Decided(u64),
    /// Staff decided at this moment, and named the claim: the rebate moves to this account.
    DecidedClaim(u64),
}

/// An account that asks for the rebate of a household.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Contender<'a> {
    pub(crate) supplier: &'a str,
    pub(crate) customer_ref: &'a str,
    /// The household, by a number that its accounts and rebates share.
    pub(crate) household: u32,
    /// The household's reference, the same in every run.
    pub(crate) household_ref: &'a str,
    pub(crate) basis: Basis,
    /// The account's home is a current home of the household.
    pub(crate) home_agrees: bool,
    /// The odds of its candidate in bits; counts only between accounts of one supplier.
    pub(crate) support: f32,
    /// The account is in the supplier's newest delivery.
    pub(crate) was_delivered: bool,
    pub(crate) delivery: Delivery,
    /// The energy-cost score of the home; higher is colder; `None` if it is not known.
    pub(crate) energy_score: Option<f32>,
}

impl<'a> AsRef<Contender<'a>> for Contender<'a> {
    fn as_ref(&self) -> &Contender<'a> {
        self
    }
}

/// Where a released rebate is tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Position {
    /// Its supplier gets no delivery tonight, so its flag stands. The contender is the account that holds it in
    /// the file that is not delivered, if any.
    Stands(Option<usize>),
    /// This contender holds it.
    Held(usize),
    /// Its account is gone, off supply or no longer likely enough.
    Vacant,
    /// As [`Position::Vacant`], but its supplier gets no delivery tonight, so no account takes it over. The
    /// contender is the account that would.
    VacantUnseen(Option<usize>),
    /// Its supplier reported the account, and staff have to decide.
    AwaitsStaff,
    /// Somebody objected: no account holds it, and it is not freed.
    Objected,
}

/// A rebate that an earlier run released and that is not freed.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Rebate<'a> {
    pub(crate) household: u32,
    /// The supplier that has it, or its successor.
    pub(crate) supplier: &'a str,
    pub(crate) customer_ref: &'a str,
    /// The day of its first release; `None` if it is not known.
    pub(crate) released_on: Option<Date>,
    pub(crate) position: Position,
}

/// What becomes of a contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The account gets the flag, or keeps it.
    Flagged,
    /// The household's rebate is or goes elsewhere.
    ClaimUsed,
    /// The account that has the household's rebate is gone, and the rebate is not free yet.
    ClaimFreed,
    /// The scheme has no rebate left.
    Limit,
    /// The account may only keep a rebate, and has none.
    NotFlagged,
}

/// What becomes of a rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays where it is, with an account or waiting for one.
    Stays,
    /// It goes to this contender.
    MovesTo(usize),
    /// It ends: the household has another one, or, if each account has its own, the account is gone.
    Ends,
}

/// The rules of a scheme that allocation follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) one_rebate_per_claim: bool,
    pub(crate) limit: Option<u64>,
}

/// What becomes of all contenders and rebates, in the order in which they were given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Allocation {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) fates: Vec<Fate>,
    /// Contenders that have a released rebate.
    has_rebate: Vec<bool>,
}

/// Allocates the rebates of one scheme among what holds contenders. The order of contenders and rebates does not matter.
pub(crate) fn allocate<'a, C: AsRef<Contender<'a>>>(
    contenders: &[C],
    rebates: &[Rebate<'_>],
    rules: Rules<'_>,
) -> Allocation {
    let mut allocation = Allocation::new(contenders.len(), rebates.len());
    if rules.one_rebate_per_claim {
        let is_open = allocation.decide_uncontested(contenders, rebates);
        allocation.decide_households(contenders, rebates, rules, &is_open);
    } else {
        allocation.each_for_itself(contenders, rebates);
    }
    if let Some(limit) = rules.limit {
        allocation.keep_limit(contenders, rules.scheme, limit);
    }
    allocation
}

/// Each open household with its place, sorted by household.
fn by_household(households: impl Iterator<Item = u32>, is_open: &[bool]) -> Vec<(u32, usize)> {
    let mut order: Vec<(u32, usize)> =
        households.zip(0..).filter(|(household, _)| is_open[*household as usize]).collect();
    order.par_sort_unstable();
    order
}

/// Splits off the entries of a household, which come first.
fn leading<'o>(order: &mut &'o [(u32, usize)], household: u32) -> &'o [(u32, usize)] {
    let count = order.iter().take_while(|one| one.0 == household).count();
    let (own, rest) = order.split_at(count);
    *order = rest;
    own
}

impl Allocation {
    fn new(contenders: usize, rebates: usize) -> Allocation {
        Allocation {
            outcomes: vec![Outcome::NotFlagged; contenders],
            fates: vec![Fate::Stays; rebates],
            has_rebate: vec![false; contenders],
        }
    }

    /// Decides the households of one account that have no rebate, or one that the account holds: nearly all of them, so
    /// that few have to be sorted. Returns by household whether it is still open.
    fn decide_uncontested<'a, C: AsRef<Contender<'a>>>(
        &mut self,
        contenders: &[C],
        rebates: &[Rebate<'_>],
    ) -> Vec<bool> {
        let households = || contenders.iter().map(|one| one.as_ref().household as usize);
        let of_rebates = || rebates.iter().map(|one| one.household as usize);
        let count = households().chain(of_rebates()).max().map_or(0, |most| most + 1);
        let (mut accounts, mut out) = (vec![0_u8; count], vec![0_u8; count]);
        households().for_each(|household| accounts[household] = accounts[household].saturating_add(1));
        of_rebates().for_each(|household| out[household] = out[household].saturating_add(1));
        let mut is_open = vec![true; count];
        for (contender, outcome) in contenders.iter().map(AsRef::as_ref).zip(&mut self.outcomes) {
            let household = contender.household as usize;
            if (accounts[household], out[household]) == (1, 0) {
                is_open[household] = false;
                if contender.basis != Basis::MayKeep {
                    *outcome = Outcome::Flagged;
                }
            }
        }
        for rebate in rebates {
            let household = rebate.household as usize;
            if let Position::Held(at) | Position::Stands(Some(at)) = rebate.position
                && (accounts[household], out[household]) == (1, 1)
                && contenders[at].as_ref().household == rebate.household
            {
                is_open[household] = false;
                (self.outcomes[at], self.has_rebate[at]) = (Outcome::Flagged, true);
            }
        }
        is_open
    }

    /// Decides the open households one by one.
    fn decide_households<'a, C: AsRef<Contender<'a>>>(
        &mut self,
        contenders: &[C],
        rebates: &[Rebate<'_>],
        rules: Rules<'_>,
        is_open: &[bool],
    ) {
        let accounts = by_household(contenders.iter().map(|one| one.as_ref().household), is_open);
        let out = by_household(rebates.iter().map(|one| one.household), is_open);
        let (mut accounts, mut out) = (&accounts[..], &out[..]);
        while let Some(household) = accounts.first().into_iter().chain(out.first()).map(|one| one.0).min() {
            let (own, own_out) = (leading(&mut accounts, household), leading(&mut out, household));
            Household { contenders, rebates, rules, own }.allocate(own_out, self);
        }
    }

    /// Gives every account a rebate of its own; a rebate whose account is gone ends.
    fn each_for_itself<'a, C: AsRef<Contender<'a>>>(&mut self, contenders: &[C], rebates: &[Rebate<'_>]) {
        for (contender, outcome) in contenders.iter().zip(&mut self.outcomes) {
            if contender.as_ref().basis != Basis::MayKeep {
                *outcome = Outcome::Flagged;
            }
        }
        for (rebate, fate) in rebates.iter().zip(&mut self.fates) {
            match rebate.position {
                Position::Held(at) | Position::Stands(Some(at)) => {
                    (self.outcomes[at], self.has_rebate[at]) = (Outcome::Flagged, true);
                }
                Position::Stands(None) => {}
                Position::Vacant | Position::VacantUnseen(_) | Position::AwaitsStaff | Position::Objected => {
                    *fate = Fate::Ends;
                }
            }
        }
    }

    /// Refuses new rebates beyond the limit. Released rebates count first; then the new ones of suppliers that are
    /// not held back, the coldest homes first; then those that are held back. A home without a score comes last.
    fn keep_limit<'a, C: AsRef<Contender<'a>>>(&mut self, contenders: &[C], scheme: &str, limit: u64) {
        let released = self.fates.iter().filter(|fate| **fate != Fate::Ends).count() as u64;
        let is_new = |at: &usize| self.outcomes[*at] == Outcome::Flagged && !self.has_rebate[*at];
        let mut new: Vec<usize> = (0..contenders.len()).filter(is_new).collect();
        new.sort_by_cached_key(|at| {
            let one = contenders[*at].as_ref();
            let cold = Reverse(Score(one.energy_score.unwrap_or(f32::NEG_INFINITY)));
            let hash = hash(scheme, one.household_ref, one.supplier);
            (one.delivery == Delivery::Withheld, cold, hash, one.supplier, one.customer_ref)
        });
        let left = limit.saturating_sub(released);
        for late in new.into_iter().skip(usize::try_from(left).unwrap_or(usize::MAX)) {
            self.outcomes[late] = Outcome::Limit;
        }
    }
}

/// One household: its accounts, by their places among all contenders, each with the household's number.
struct Household<'h, C> {
    contenders: &'h [C],
    rebates: &'h [Rebate<'h>],
    rules: Rules<'h>,
    own: &'h [(u32, usize)],
}

impl<'h, 'a: 'h, C: AsRef<Contender<'a>>> Household<'h, C> {
    fn contender(&self, at: usize) -> &Contender<'a> {
        self.contenders[at].as_ref()
    }

    fn own(&self) -> impl Iterator<Item = usize> + Clone {
        self.own.iter().map(|(_, at)| *at)
    }

    fn allocate(&self, out: &[(u32, usize)], allocation: &mut Allocation) {
        let rebate = self.the_one_that_stays(out, allocation);
        let named = self.latest_decision(rebate);
        let (winner, lost) = match (rebate, named) {
            (None, named) => (named.or_else(|| self.first_for_a_new_rebate()), Outcome::ClaimUsed),
            (Some(rebate), named) => {
                let Rebate { position, supplier, .. } = self.rebates[rebate];
                let stands = matches!(position, Position::Stands(_));
                // A move waits for a run that delivers to both suppliers.
                let can_move = |at: &usize| !stands && self.contender(*at).delivery == Delivery::GoesOut;
                match (named.filter(can_move), position) {
                    (Some(named), Position::Held(holder)) if named == holder => (Some(holder), Outcome::ClaimUsed),
                    (Some(named), _) => {
                        allocation.fates[rebate] = Fate::MovesTo(named);
                        (Some(named), Outcome::ClaimUsed)
                    }
                    (None, Position::Held(holder) | Position::Stands(Some(holder))) => {
                        (Some(holder), Outcome::ClaimUsed)
                    }
                    // The file that is not delivered may have renumbered the account; other suppliers do not count.
                    (None, Position::Stands(None)) => (self.next_of(supplier), Outcome::ClaimUsed),
                    (None, Position::VacantUnseen(holder)) => {
                        (holder.or_else(|| self.next_of(supplier)), Outcome::ClaimFreed)
                    }
                    (None, Position::Vacant) => {
                        let next = self.next_of(supplier);
                        if let Some(next) = next {
                            allocation.fates[rebate] = Fate::MovesTo(next);
                        }
                        (next, if next.is_some() { Outcome::ClaimUsed } else { Outcome::ClaimFreed })
                    }
                    (None, Position::AwaitsStaff) => (None, Outcome::ClaimFreed),
                    (None, Position::Objected) => (None, Outcome::ClaimUsed),
                }
            }
        };
        if let (Some(_), Some(winner)) = (rebate, winner) {
            allocation.has_rebate[winner] = true;
        }
        for at in self.own() {
            allocation.outcomes[at] = match self.contender(at).basis {
                _ if winner == Some(at) => Outcome::Flagged,
                Basis::MayKeep => Outcome::NotFlagged,
                _ => lost,
            };
        }
    }

    /// The rebate that stays if a household has several, because claims turned out to be one household: one whose
    /// flag is out, then the oldest. The others end, except those whose flag stands tonight whatever is decided.
    fn the_one_that_stays(&self, out: &[(u32, usize)], allocation: &mut Allocation) -> Option<usize> {
        let rank = |at: usize| {
            let Rebate { position, released_on, supplier, customer_ref, .. } = self.rebates[at];
            let is_out = matches!(position, Position::Stands(_) | Position::Held(_));
            (!is_out, released_on.unwrap_or(Date::MAX), supplier, customer_ref)
        };
        let out = out.iter().map(|(_, at)| *at);
        let stays = out.clone().min_by(|one, other| rank(*one).cmp(&rank(*other)))?;
        for other in out.filter(|other| *other != stays) {
            if !matches!(self.rebates[other].position, Position::Stands(_)) {
                allocation.fates[other] = Fate::Ends;
            }
        }
        Some(stays)
    }

    /// The account that staff named last for a claim of the household.
    fn latest_decision(&self, rebate: Option<usize>) -> Option<usize> {
        let holder = rebate.and_then(|rebate| match self.rebates[rebate].position {
            Position::Held(holder) => Some(holder),
            _ => None,
        });
        let moment = |at: usize| match *self.contender(at) {
            Contender { basis: Basis::DecidedClaim(moment), delivery, .. } if delivery > Delivery::Withheld => {
                Some(moment)
            }
            _ => None,
        };
        let decided = self.own().filter_map(|at| Some((moment(at)?, Some(at) == holder, at)));
        let first = decided.max_by(|one, other| {
            (one.0, one.1).cmp(&(other.0, other.1)).then_with(|| self.by_account(other.2).cmp(&self.by_account(one.2)))
        });
        first.map(|(.., at)| at)
    }

    /// The supplier's account that takes over the household's rebate.
    fn next_of(&self, supplier: &str) -> Option<usize> {
        self.first_of(self.own().filter(|at| self.contender(*at).supplier == supplier))
    }

    /// The first of one supplier's accounts, by staff decision, then home, then support, then reference.
    fn first_of(&self, accounts: impl Iterator<Item = usize>) -> Option<usize> {
        let reaches = accounts.filter(|at| self.contender(*at).basis != Basis::MayKeep);
        reaches.max_by(|one, other| {
            let (one, other) = (self.contender(*one), self.contender(*other));
            decided(one)
                .cmp(&decided(other))
                .then(one.home_agrees.cmp(&other.home_agrees))
                .then(one.support.total_cmp(&other.support))
                .then_with(|| other.customer_ref.cmp(one.customer_ref))
        })
    }

    /// The account that gets the rebate if none was released. These come first, in this order: accounts that are
    /// not held back, that wait for a release day, that staff decided, whose home agrees, that were delivered
    /// before; then a hash that no supplier can choose.
    fn first_for_a_new_rebate(&self) -> Option<usize> {
        let rank = |at: usize| {
            let one = self.contender(at);
            let waits = one.basis == Basis::Waits;
            (one.delivery > Delivery::Withheld, waits, decided(one), one.home_agrees, one.was_delivered)
        };
        let reaches = self.own().filter(|at| self.contender(*at).basis != Basis::MayKeep);
        let best = reaches.clone().map(rank).max()?;
        let first = reaches.filter(|at| rank(*at) == best).min_by(|one, other| {
            let (hash, other_hash) = (self.hash(*one), self.hash(*other));
            hash.cmp(&other_hash).then_with(|| self.by_account(*one).cmp(&self.by_account(*other)))
        })?;
        let supplier = self.contender(first).supplier;
        // Among one supplier's own accounts, what its file says may decide.
        let is_equal = |at: &usize| {
            let one = self.contender(*at);
            one.supplier == supplier && one.delivery == self.contender(first).delivery && waits(one) == best.1
        };
        self.first_of(self.own().filter(is_equal))
    }

    fn hash(&self, at: usize) -> [u8; 32] {
        let Contender { household_ref, supplier, .. } = *self.contender(at);
        hash(self.rules.scheme, household_ref, supplier)
    }

    fn by_account(&self, at: usize) -> (&str, &str) {
        (self.contender(at).supplier, self.contender(at).customer_ref)
    }
}

fn waits(contender: &Contender<'_>) -> bool {
    contender.basis == Basis::Waits
}

/// The moment of the staff decision, if there is one.
fn decided(contender: &Contender<'_>) -> Option<u64> {
    match contender.basis {
        Basis::Decided(moment) | Basis::DecidedClaim(moment) => Some(moment),
        Basis::MayKeep | Basis::Matched | Basis::Waits => None,
    }
}

/// BLAKE3 of scheme, household and supplier: the same in every run, and nobody can choose it. Each part has its
/// length in front, so that no two triples make one text.
fn hash(scheme: &str, household: &str, supplier: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in [scheme, household, supplier] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// A score in the total order of floating-point numbers.
#[derive(PartialEq)]
struct Score(f32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Score) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Score) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;

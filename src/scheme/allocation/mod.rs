//! Decides which account of a household gets its one rebate, and what becomes of released rebates.
//!
//! A supplier chooses what its file says. What a supplier can invent therefore does not count between
//! suppliers: neither how many fields agree nor how well. A released rebate stays where it is. If its account
//! is gone, it waits for the same supplier's next account of the household.

mod household;

use std::cmp::{Ordering, Reverse};

use jiff::civil::Date;
use rayon::prelude::*;

use household::Household;

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

/// The accounts that ask for rebates, by number. Most need no more than household and basis to be decided, so that what
/// else is known of one is found when it is asked for.
pub(crate) trait Contenders<'a>: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// See [`Contender::household`].
    fn household(&self, at: usize) -> u32;

    /// See [`Contender::basis`].
    fn basis(&self, at: usize) -> Basis;

    /// All that is known of one.
    fn at(&self, at: usize) -> Contender<'a>;
}

impl<'a> Contenders<'a> for [Contender<'a>] {
    fn count(&self) -> usize {
        self.len()
    }

    fn household(&self, at: usize) -> u32 {
        self[at].household
    }

    fn basis(&self, at: usize) -> Basis {
        self[at].basis
    }

    fn at(&self, at: usize) -> Contender<'a> {
        self[at]
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

/// Allocates the rebates of one scheme among contenders. The order of contenders and rebates does not matter.
pub(crate) fn allocate<'a, C: Contenders<'a> + ?Sized>(
    contenders: &C,
    rebates: &[Rebate<'_>],
    rules: Rules<'_>,
) -> Allocation {
    let mut allocation = Allocation::new(contenders.count(), rebates.len());
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

/// The household of each contender.
fn households_of<'a, C: Contenders<'a> + ?Sized>(contenders: &C) -> impl Iterator<Item = u32> {
    (0..contenders.count()).map(|at| contenders.household(at))
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
    fn decide_uncontested<'a, C: Contenders<'a> + ?Sized>(
        &mut self,
        contenders: &C,
        rebates: &[Rebate<'_>],
    ) -> Vec<bool> {
        let households = || households_of(contenders).map(|household| household as usize);
        let of_rebates = || rebates.iter().map(|one| one.household as usize);
        let count = households().chain(of_rebates()).max().map_or(0, |most| most + 1);
        let (mut accounts, mut out) = (vec![0_u8; count], vec![0_u8; count]);
        households().for_each(|household| accounts[household] = accounts[household].saturating_add(1));
        of_rebates().for_each(|household| out[household] = out[household].saturating_add(1));
        let mut is_open = vec![true; count];
        for ((at, household), outcome) in households().enumerate().zip(&mut self.outcomes) {
            if (accounts[household], out[household]) == (1, 0) {
                is_open[household] = false;
                if contenders.basis(at) != Basis::MayKeep {
                    *outcome = Outcome::Flagged;
                }
            }
        }
        for rebate in rebates {
            let household = rebate.household as usize;
            if let Position::Held(at) | Position::Stands(Some(at)) = rebate.position
                && (accounts[household], out[household]) == (1, 1)
                && contenders.household(at) == rebate.household
            {
                is_open[household] = false;
                (self.outcomes[at], self.has_rebate[at]) = (Outcome::Flagged, true);
            }
        }
        is_open
    }

    /// Decides the open households one by one.
    fn decide_households<'a, C: Contenders<'a> + ?Sized>(
        &mut self,
        contenders: &C,
        rebates: &[Rebate<'_>],
        rules: Rules<'_>,
        is_open: &[bool],
    ) {
        let accounts = by_household(households_of(contenders), is_open);
        let out = by_household(rebates.iter().map(|one| one.household), is_open);
        let (mut accounts, mut out) = (&accounts[..], &out[..]);
        while let Some(household) = accounts.first().into_iter().chain(out.first()).map(|one| one.0).min() {
            let (own, own_out) = (leading(&mut accounts, household), leading(&mut out, household));
            Household { contenders, rebates, rules, own }.allocate(own_out, self);
        }
    }

    /// Gives every account a rebate of its own; a rebate whose account is gone ends.
    fn each_for_itself<'a, C: Contenders<'a> + ?Sized>(&mut self, contenders: &C, rebates: &[Rebate<'_>]) {
        for (at, outcome) in self.outcomes.iter_mut().enumerate() {
            if contenders.basis(at) != Basis::MayKeep {
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
    fn keep_limit<'a, C: Contenders<'a> + ?Sized>(&mut self, contenders: &C, scheme: &str, limit: u64) {
        let released = self.fates.iter().filter(|fate| **fate != Fate::Ends).count() as u64;
        let is_new = |at: &usize| self.outcomes[*at] == Outcome::Flagged && !self.has_rebate[*at];
        let mut new: Vec<usize> = (0..contenders.count()).filter(is_new).collect();
        new.par_sort_by_cached_key(|at| {
            let one = contenders.at(*at);
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
mod tests;

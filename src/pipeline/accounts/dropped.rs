//! Drops the candidates of those accounts of which tables for analysts need no more than households, and notes these.
//!
//! Most candidates share nothing but a name with a holder. A nation has tens of millions of them, and all suppliers'
//! accounts are kept until tables are counted.

use std::ops::Range;

use rayon::prelude::*;

use crate::matching::Candidate;
use crate::pipeline::accounts::account_index::RowId;
use crate::pipeline::accounts::customer_chunk::{CandidatesOfRow, CustomerChunk};
use crate::pipeline::accounts::grouping::{Accounts, has_bit};

/// An account whose candidates were all of one household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfOne {
    pub(crate) account: u32,
    pub(crate) household: u32,
}

/// A household on an account that is improbable whichever of its households count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ImprobableOn {
    pub(crate) account: u32,
    pub(crate) household: u32,
    /// The odds of the household's best candidate in bits.
    pub(crate) support: f32,
}

/// What tables need of the accounts whose candidates were dropped, in the order of the accounts.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    of_one: Vec<OfOne>,
    /// By account, then household.
    improbable: Vec<ImprobableOn>,
}

/// What is kept of an account whose candidates were dropped.
pub(crate) enum Kept<'d> {
    /// The only household.
    One(u32),
    /// The households on an improbable account.
    Improbable(&'d [ImprobableOn]),
}

/// Goes along accounts in order, with what is kept of each.
pub(crate) struct Walk<'d> {
    of_one: &'d [OfOne],
    improbable: &'d [ImprobableOn],
}

impl<'d> Walk<'d> {
    /// What is kept of an account that comes after those asked for before; `None` if its candidates were not dropped.
    pub(crate) fn reach(&mut self, account: u32) -> Option<Kept<'d>> {
        self.of_one = &self.of_one[self.of_one.iter().take_while(|own| own.account < account).count()..];
        self.improbable = &self.improbable[self.improbable.iter().take_while(|own| own.account < account).count()..];
        if let Some(own) = self.of_one.first().filter(|own| own.account == account) {
            return Some(Kept::One(own.household));
        }
        let households = self.improbable.iter().take_while(|own| own.account == account).count();
        (households > 0).then(|| Kept::Improbable(&self.improbable[..households]))
    }
}

impl Dropped {
    /// Goes along consecutive accounts.
    pub(crate) fn walk(&self, some: &Range<usize>) -> Walk<'_> {
        Walk { of_one: self.of_one(some), improbable: self.improbable(some) }
    }

    /// Those of one household among consecutive accounts.
    pub(crate) fn of_one(&self, some: &Range<usize>) -> &[OfOne] {
        part(&self.of_one, some, |own| own.account)
    }

    /// The households on improbable ones among consecutive accounts.
    pub(crate) fn improbable(&self, some: &Range<usize>) -> &[ImprobableOn] {
        part(&self.improbable, some, |own| own.account)
    }
}

/// The part of a list that is about consecutive accounts.
fn part<'l, T>(list: &'l [T], some: &Range<usize>, account: impl Fn(&T) -> u32) -> &'l [T] {
    let place = |first: usize| list.partition_point(|own| (account(own) as usize) < first);
    &list[place(some.start)..place(some.end)]
}

/// What decides whether an account's candidates are dropped.
pub(crate) struct Rules<M, H, I> {
    /// Whether the candidates of an account may be dropped.
    pub(crate) may: M,
    /// The household of a person.
    pub(crate) household_of: H,
    /// Whether a holder's candidates are improbable whichever of them count, where the holder may be named as one of a
    /// couple; and if so, the odds of each in bits.
    pub(crate) improbable: I,
}

impl Accounts {
    /// Drops the candidates of each account whose candidates are all of one household, or all of one holder and
    /// improbable.
    pub(crate) fn drop_candidates<M, H, I>(&mut self, rules: &Rules<M, H, I>) -> Dropped
    where
        M: Fn(u32) -> bool + Sync,
        H: Fn(u32) -> u32 + Sync,
        I: Fn(&[Candidate], bool, &mut Vec<f32>) -> bool + Sync,
    {
        let mut of_one = self.of_one_in_several_rows(rules);
        let rows = of_one.iter().flat_map(|own| self.at(own.account as usize).rows()).map(|(id, _)| id);
        let mut rows: Vec<RowId> = rows.collect();
        rows.sort_unstable();
        let (parts, first, has_further) = self.parts_to_change();
        let of_part = |(number, part): (usize, &mut CustomerChunk)| {
            // Together, so that the waits for memory overlap.
            let households: Vec<u32> = part.persons().map(&rules.household_of).collect();
            let start = rows.partition_point(|id| (id.part as usize) < number);
            let mut in_several = rows[start..].iter().take_while(|id| id.part as usize == number).peekable();
            let mut account_of = first.accounts_of(number);
            let (mut dropped, mut supports, mut by_household) = (Dropped::default(), Vec::new(), Vec::new());
            part.retain_candidates(|of_row| {
                let row = of_row.number;
                while in_several.next_if(|id| id.row < row).is_some() {}
                if in_several.next_if(|id| id.row == row).is_some() {
                    return false;
                }
                let alone = account_of(row).filter(|account| !has_bit(has_further, *account));
                let Some(account) = alone.filter(|account| (rules.may)(*account)) else { return true };
                let households = &households[of_row.places.clone()];
                let household = households[0];
                if households.iter().all(|other| *other == household) {
                    dropped.of_one.push(OfOne { account, household });
                    return false;
                }
                if !is_improbable(&of_row, rules, &mut supports) {
                    return true;
                }
                by_household.clear();
                by_household.extend(households.iter().copied().zip(supports.iter().copied()));
                by_household.sort_unstable_by_key(|(household, _)| *household);
                dropped.improbable.extend(by_household.chunk_by(|one, other| one.0 == other.0).map(|own| {
                    let support = own.iter().map(|(_, support)| *support).fold(f32::NEG_INFINITY, f32::max);
                    ImprobableOn { account, household: own[0].0, support }
                }));
                false
            });
            dropped
        };
        let of_parts: Vec<Dropped> = parts.par_iter_mut().enumerate().map(of_part).collect();
        // With room for all that there are: these are large lists.
        let mut improbable = Vec::with_capacity(of_parts.iter().map(|own| own.improbable.len()).sum());
        for own in of_parts {
            of_one.extend(own.of_one);
            improbable.extend(own.improbable);
        }
        of_one.shrink_to_fit();
        of_one.sort_by_key(|own| own.account);
        // An account of one row stands where its row does.
        debug_assert!(improbable.is_sorted_by_key(|own| own.account));
        Dropped { of_one, improbable }
    }

    /// The accounts of several rows whose candidates are all of one household, if they `may` be.
    fn of_one_in_several_rows<M, H, I>(&self, rules: &Rules<M, H, I>) -> Vec<OfOne>
    where
        M: Fn(u32) -> bool + Sync,
        H: Fn(u32) -> u32 + Sync,
        I: Sync,
    {
        let of_one = |account: u32| {
            let candidates = self.at(account as usize).all_candidates();
            let mut households = candidates.map(|one| (rules.household_of)(one.person));
            let household = households.next()?;
            (households.all(|other| other == household) && (rules.may)(account)).then_some(OfOne { account, household })
        };
        self.of_several_rows().filter_map(of_one).collect()
    }
}

/// Whether the candidates of an account of one row are of one holder, and improbable whichever of them count.
fn is_improbable<M, H, I>(of_row: &CandidatesOfRow<'_>, rules: &Rules<M, H, I>, supports: &mut Vec<f32>) -> bool
where
    I: Fn(&[Candidate], bool, &mut Vec<f32>) -> bool,
{
    let CandidatesOfRow { row, candidates, energy_score, .. } = of_row;
    let holder = candidates[0].holder;
    // With an energy score, the best candidate's claim gives a group; with another holder, partners support each other.
    !row.cut_off
        && energy_score.is_none()
        && candidates.iter().all(|one| one.holder == holder)
        && (rules.improbable)(candidates, row.couples >> holder & 1 == 1, supports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::accounts::customer_chunk::{CustomerRow, tests::candidate};

    /// The holders of the candidates, whether some were left out, the energy score, whether the odds are low, and what
    /// follows.
    #[test]
    fn candidates_are_dropped_only_where_their_odds_say_all() {
        for (about, holders, cut_off, energy_score, low, expected) in [
            ("low odds", [1, 1], false, None, true, true),
            ("high odds", [1, 1], false, None, false, false),
            ("of two holders", [0, 1], false, None, true, false),
            ("some left out", [1, 1], true, None, true, false),
            ("a known energy score", [1, 1], false, Some(70.0), true, false),
        ] {
            let row = CustomerRow { cut_off, couples: 0b10, ..CustomerRow::on_supply(1) };
            let candidates = holders.map(|holder| candidate(holder, 0));
            let own = CandidatesOfRow { number: 0, row: &row, energy_score, candidates: &candidates, places: 0..2 };
            let improbable = |given: &[Candidate], couple: bool, _: &mut Vec<f32>| {
                assert!(given.len() == 2 && couple, "{about}");
                low
            };
            let rules = Rules { may: (), household_of: (), improbable };
            assert_eq!(is_improbable(&own, &rules, &mut Vec::new()), expected, "{about}");
        }
    }
}

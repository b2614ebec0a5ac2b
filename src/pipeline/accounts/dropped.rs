//! Drops the candidates of those accounts of which tables for analysts need no more than households, and notes these.
//!
//! Most candidates share nothing but a name with a holder. A nation has tens of millions of them, and all suppliers'
//! accounts are kept until tables are counted.

use std::ops::Range;

use rayon::prelude::*;

use crate::matching::Candidate;
use crate::pipeline::accounts::account_index::RowId;
use crate::pipeline::accounts::customer_chunk::{CandidatesOfRow, CustomerChunk};
use crate::pipeline::accounts::grouping::{ACCOUNTS_A_CHUNK, Accounts, has_bit};

/// An account whose candidates were all of one household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfOne {
    pub(crate) account: u32,
    pub(crate) household: u32,
}

/// A household on an account that is improbable whichever of its households count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ImprobableOn {
    /// With [`LAST`] on the last one of its account.
    household: u32,
    /// The odds of the household's best candidate in bits.
    pub(crate) support: f32,
}

/// Households have fewer numbers than this.
const LAST: u32 = 1 << 31;

impl ImprobableOn {
    pub(crate) fn household(&self) -> u32 {
        self.household & !LAST
    }
}

/// What tables need of the accounts whose candidates were dropped.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    /// In the order of the accounts.
    of_one: Vec<OfOne>,
    improbable: Improbable,
}

/// The households on improbable accounts: there are more of them than accounts.
#[derive(Debug, Default)]
struct Improbable {
    /// A bit for each account, set if it has some.
    accounts: Vec<u64>,
    /// By account, then household.
    households: Vec<ImprobableOn>,
    /// Where the households begin of every [`ACCOUNTS_A_CHUNK`] accounts.
    starts: Vec<usize>,
}

impl Improbable {
    /// Joins lists, each with the accounts that the households are on; both in the order of the accounts. There are so
    /// many accounts in all.
    fn joined(parts: Vec<(Vec<u32>, Vec<ImprobableOn>)>, accounts: usize) -> Improbable {
        let room = parts.iter().map(|(_, households)| households.len()).sum();
        if room == 0 {
            return Improbable::default();
        }
        let mut all = Improbable {
            accounts: vec![0; accounts.div_ceil(64)],
            // With room for all that there are: this is a large list.
            households: Vec::with_capacity(room),
            starts: Vec::new(),
        };
        for (accounts, households) in parts {
            accounts.iter().for_each(|account| all.accounts[*account as usize / 64] |= 1 << (account % 64));
            all.households.extend(households);
        }
        let mut walk = Along { improbable: &all, next: 0, place: 0 };
        let starts = (0..accounts).step_by(ACCOUNTS_A_CHUNK).map(|first| {
            walk.skip_to(first as u32);
            walk.place
        });
        all.starts = starts.collect();
        all
    }

    /// Goes along accounts from one on.
    fn along(&self, first: usize) -> Along<'_> {
        let chunk = first / ACCOUNTS_A_CHUNK;
        let place = self.starts.get(chunk).copied().unwrap_or_default();
        let mut along = Along { improbable: self, next: (chunk * ACCOUNTS_A_CHUNK) as u32, place };
        along.skip_to(first as u32);
        along
    }
}

/// Goes along accounts in order.
struct Along<'d> {
    improbable: &'d Improbable,
    /// The next account.
    next: u32,
    /// Where its households are, if it has some.
    place: usize,
}

impl<'d> Along<'d> {
    /// The households on the next account; none if it is no improbable one.
    fn step(&mut self) -> &'d [ImprobableOn] {
        let Improbable { accounts, households, .. } = self.improbable;
        let has_some = !accounts.is_empty() && has_bit(accounts, self.next);
        self.next += 1;
        if !has_some {
            return &[];
        }
        let own = &households[self.place..];
        let count = 1 + own.iter().take_while(|one| one.household & LAST == 0).count();
        self.place += count;
        &own[..count]
    }

    fn skip_to(&mut self, account: u32) {
        while self.next < account {
            self.step();
        }
    }
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
    improbable: Along<'d>,
}

impl<'d> Walk<'d> {
    /// What is kept of an account that comes after those asked for before; `None` if its candidates were not dropped.
    pub(crate) fn reach(&mut self, account: u32) -> Option<Kept<'d>> {
        self.of_one = &self.of_one[self.of_one.iter().take_while(|own| own.account < account).count()..];
        debug_assert!(self.improbable.next <= account, "accounts come in order");
        self.improbable.skip_to(account);
        let improbable = self.improbable.step();
        if let Some(own) = self.of_one.first().filter(|own| own.account == account) {
            return Some(Kept::One(own.household));
        }
        (!improbable.is_empty()).then_some(Kept::Improbable(improbable))
    }
}

impl Dropped {
    /// Goes along consecutive accounts.
    pub(crate) fn walk(&self, some: &Range<usize>) -> Walk<'_> {
        let first = self.of_one.partition_point(|own| (own.account as usize) < some.start);
        Walk { of_one: &self.of_one[first..], improbable: self.improbable.along(some.start) }
    }
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
            let (mut of_one, mut accounts, mut on_them) = (Vec::new(), Vec::new(), Vec::<ImprobableOn>::new());
            let (mut supports, mut by_household) = (Vec::new(), Vec::new());
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
                    of_one.push(OfOne { account, household });
                    return false;
                }
                if !is_improbable(&of_row, rules, &mut supports) {
                    return true;
                }
                by_household.clear();
                by_household.extend(households.iter().copied().zip(supports.iter().copied()));
                by_household.sort_unstable_by_key(|(household, _)| *household);
                accounts.push(account);
                on_them.extend(by_household.chunk_by(|one, other| one.0 == other.0).map(|own| {
                    let support = own.iter().map(|(_, support)| *support).fold(f32::NEG_INFINITY, f32::max);
                    ImprobableOn { household: own[0].0, support }
                }));
                on_them.last_mut().into_iter().for_each(|last| last.household |= LAST);
                false
            });
            (of_one, (accounts, on_them))
        };
        let (of_parts, improbable): (Vec<Vec<OfOne>>, Vec<_>) = parts.par_iter_mut().enumerate().map(of_part).unzip();
        of_one.extend(of_parts.into_iter().flatten());
        of_one.shrink_to_fit();
        of_one.sort_by_key(|own| own.account);
        // An account of one row stands where its row does.
        debug_assert!(improbable.iter().flat_map(|(accounts, _)| accounts).is_sorted());
        Dropped { of_one, improbable: Improbable::joined(improbable, self.count()) }
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

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

    proptest! {
        /// Accounts of several chunks, and parts of a supplier's files that have some of them.
        #[test]
        fn each_account_gets_its_own_households(
            given in prop::collection::btree_map(0_u32..40_000, prop::collection::vec(0_u32..LAST, 1..4), 0..60),
            a_part in 1_usize..20,
            (from, asked) in (0_u32..40_000, prop::collection::btree_set(0_u32..40_000, 0..60)),
        ) {
            let given: Vec<(u32, Vec<u32>)> = given.into_iter().collect();
            let on = |own: &(u32, Vec<u32>)| {
                let mut households: Vec<_> =
                    own.1.iter().map(|household| ImprobableOn { household: *household, support: own.0 as f32 }).collect();
                households.last_mut().unwrap().household |= LAST;
                households
            };
            let parts = given.chunks(a_part).map(|some| {
                (some.iter().map(|own| own.0).collect(), some.iter().flat_map(on).collect())
            });
            let improbable = Improbable::joined(parts.collect(), 40_000);
            let dropped = Dropped { of_one: vec![OfOne { account: 39_999, household: 5 }], improbable };
            let mut walk = dropped.walk(&(from as usize..40_000));
            let known = given.iter().map(|own| own.0);
            for account in asked.into_iter().chain(known).filter(|account| *account >= from).collect::<BTreeSet<_>>() {
                let expected = given.iter().find(|own| own.0 == account).map(|own| &own.1);
                match (walk.reach(account), expected) {
                    (Some(Kept::One(5)), _) => prop_assert_eq!(account, 39_999),
                    (Some(Kept::Improbable(all)), Some(expected)) => {
                        prop_assert!(all.iter().map(ImprobableOn::household).eq(expected.iter().copied()));
                        prop_assert!(all.iter().all(|one| one.support == account as f32));
                    }
                    (found, expected) => prop_assert!(found.is_none() && expected.is_none(), "{}", account),
                }
            }
        }
    }
}

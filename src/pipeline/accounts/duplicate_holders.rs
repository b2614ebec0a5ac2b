//! Counts holders who are named on several accounts, and holders at addresses with too many surnames.
//!
//! It looks at one supplier's files of one run. Meanwhile it keeps only parts of hashes, under a key that is
//! drawn for the process and never leaves it. They are dropped before the next supplier is read.

use std::hash::BuildHasher;

use rayon::prelude::*;

use crate::normalise::View;

/// A hash of what is named, with a hash of who names it in the lowest bits.
type Pair = u64;

/// Bits of a pair that say who. Among 30 million holders, the other 40 bits collide by chance about 400 times
/// (n²/2 / 2^40).
const WHO: u32 = 24;

/// The holders of some rows.
#[derive(Default)]
pub(crate) struct DuplicateHolders {
    /// Name and date of birth, with the account.
    by_birth_date: Vec<Pair>,
    /// Name and home, with the account.
    by_home: Vec<Pair>,
    /// Home, with the surname.
    homes: Vec<Pair>,
    holders: u64,
}

/// How many holders are named in an unusual way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) holders: u64,
    /// Holders whose name and date of birth another account has too.
    pub(crate) same_birth_date: u64,
    /// Holders whose name and home another account has too.
    pub(crate) same_home: u64,
    /// Holders at an address with many surnames.
    pub(crate) crowded: u64,
}

impl DuplicateHolders {
    /// Adds the holders of a row.
    pub(crate) fn push(&mut self, hasher: &impl BuildHasher, customer_ref: &str, holders: &[View<'_>]) {
        let account = hasher.hash_one(customer_ref);
        for View { name, birth_date, postcode, address, .. } in holders {
            let (given, family) = (&name.given, &name.family);
            let (Some(first), false) = (given.first(), family.is_empty()) else { continue };
            self.holders += 1;
            if let Some(date) = birth_date {
                self.by_birth_date.push(pair(hasher.hash_one((first, family, date)), account));
            }
            let place = (postcode, address.flat, address.number, address.building, address.street);
            if address.number.is_some() || !address.building.is_empty() {
                self.by_home.push(pair(hasher.hash_one((first, family, place)), account));
                self.homes.push(pair(hasher.hash_one(place), hasher.hash_one(family)));
            }
        }
    }

    /// Joins the holders of all chunks.
    pub(crate) fn gather(parts: impl IntoIterator<Item = DuplicateHolders>) -> DuplicateHolders {
        let mut all = DuplicateHolders::default();
        for part in parts {
            all.by_birth_date.extend(part.by_birth_date);
            all.by_home.extend(part.by_home);
            all.homes.extend(part.homes);
            all.holders += part.holders;
        }
        all
    }

    /// Counts the holders. An address with at least `surnames` different surnames is crowded.
    pub(crate) fn count(self, surnames: u32) -> Seen {
        Seen {
            holders: self.holders,
            same_birth_date: shared(self.by_birth_date, 2),
            same_home: shared(self.by_home, 2),
            crowded: shared(self.homes, surnames as usize),
        }
    }
}

fn pair(what: u64, who: u64) -> Pair {
    what & !((1 << WHO) - 1) | who >> (u64::BITS - WHO)
}

/// Counts the pairs of things that at least `least` different accounts, or surnames, name.
fn shared(mut pairs: Vec<Pair>, least: usize) -> u64 {
    pairs.par_sort_unstable();
    let groups = pairs.chunk_by(|one, other| one >> WHO == other >> WHO).filter(|group| group.len() >= least);
    let names = |group: &[Pair]| group.chunk_by(|one, other| one == other).count();
    groups.filter(|group| names(group) >= least).map(|group| group.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::Identity;
    use foldhash::fast::FixedState;

    /// Counts holders, given as account, forename, surname, year of birth and house number.
    fn seen(holders: &[(&str, &str, &str, u32, u16)], surnames: u32) -> Seen {
        // A fixed seed: with 24 bits, two names may have the same hash by chance.
        let hasher = FixedState::with_seed(7);
        let mut duplicates = DuplicateHolders::default();
        for (account, forename, surname, year, number) in holders {
            let mut holder = Identity::default();
            holder.name.given.push(crate::text::Word::new(forename));
            holder.name.family.push(crate::text::Word::new(surname));
            holder.birth_date = crate::date::Date::new(*year, 1, 1);
            holder.home.address.number = Some(crate::normalise::HouseNumber { first: *number, last: *number });
            duplicates.push(&hasher, account, &[holder.view()]);
        }
        duplicates.count(surnames)
    }

    #[test]
    fn one_person_on_several_accounts_and_many_surnames_in_one_home_are_counted() {
        let apart = [("1", "ANN", "LEE", 1950, 1), ("2", "BOB", "RAY", 1951, 2), ("3", "ANN", "RAY", 1950, 3)];
        assert_eq!(seen(&apart, 2), Seen { holders: 3, ..Seen::default() });
        // Another home, another year, and one account's own two rows.
        let again = [
            ("1", "ANN", "LEE", 1950, 1),
            ("2", "ANN", "LEE", 1950, 2),
            ("3", "ANN", "LEE", 1960, 1),
            ("4", "BOB", "RAY", 1951, 4),
            ("4", "BOB", "RAY", 1951, 4),
        ];
        assert_eq!(seen(&again, 2), Seen { holders: 5, same_birth_date: 2, same_home: 2, crowded: 0 });
        let home = [("1", "ANN", "LEE", 1950, 7), ("2", "BOB", "RAY", 1951, 7), ("3", "CAL", "RAY", 1952, 7)];
        assert_eq!(seen(&home, 2).crowded, 3);
        assert_eq!(seen(&home, 3).crowded, 0, "there are two surnames");
    }
}

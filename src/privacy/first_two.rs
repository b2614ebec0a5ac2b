//! Keeps the two accounts on which each household counts as a candidate: those where its own records agree best.

use std::num::NonZeroU32;

/// A place in the order of a household's accounts. It depends on the household's own records and on the account, and on
/// nothing else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Claimed {
    /// The account, by its number among those of all suppliers, from 1.
    pub(crate) account: NonZeroU32,
    /// The odds of the household's best pair there, in bits.
    pub(crate) support: f32,
    /// A hash of the account, which decides between accounts of equal support.
    pub(crate) hash: u32,
}

impl Claimed {
    fn comes_before(&self, other: &Claimed) -> bool {
        let by_hash = || (self.hash, self.account).cmp(&(other.hash, other.account));
        other.support.total_cmp(&self.support).then_with(by_hash).is_lt()
    }
}

/// The first two accounts of a household, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FirstTwo([Option<Claimed>; 2]);

impl FirstTwo {
    /// Considers another account.
    pub(crate) fn offer(&mut self, claimed: Claimed) {
        let [Some(one), Some(other)] = &mut self.0 else {
            self.0.iter_mut().find(|place| place.is_none()).into_iter().for_each(|place| *place = Some(claimed));
            return;
        };
        let last = if one.comes_before(other) { other } else { one };
        if claimed.comes_before(last) {
            *last = claimed;
        }
    }

    /// Whether the household counts as a candidate on an account.
    pub(crate) fn counts_on(&self, account: NonZeroU32) -> bool {
        self.0.iter().flatten().any(|own| own.account == account)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first two of some accounts, each by its number, its support and its hash.
    fn first_two(all: &[(u32, f32, u32)]) -> Vec<u32> {
        let number = |account: u32| NonZeroU32::new(account).unwrap();
        let mut two = FirstTwo::default();
        for &(account, support, hash) in all {
            two.offer(Claimed { account: number(account), support, hash });
        }
        (1..=200).filter(|account| two.counts_on(number(*account))).collect()
    }

    #[test]
    fn the_likeliest_two_come_first_and_a_hash_decides_between_equals() {
        for (offered, expected) in [
            (vec![], vec![]),
            (vec![(7, 1.0, 0)], vec![7]),
            (vec![(1, 0.5, 0), (2, 9.0, 0), (3, 4.0, 0)], vec![2, 3]),
            (vec![(1, 2.0, 30), (2, 2.0, 10), (3, 2.0, 20)], vec![2, 3]),
            (vec![(1, f32::INFINITY, 3), (2, 0.0, 1), (3, 5.0, 2)], vec![1, 3]),
        ] {
            assert_eq!(first_two(&offered), expected, "{offered:?}");
        }
    }

    proptest! {
        /// A thousand copies count as two, in whatever order they come.
        #[test]
        fn no_more_than_two_count_in_any_order(
            odds in prop::collection::vec((0.0_f32..3.0, 0_u32..4), 0..200), turn in 0_usize..200,
        ) {
            let all: Vec<(u32, f32, u32)> =
                odds.iter().zip(1..).map(|((odds, hash), account)| (account, odds.round(), *hash)).collect();
            let expected = first_two(&all);
            prop_assert_eq!(expected.len(), all.len().min(2));
            let mut turned = all.clone();
            turned.rotate_left(turn % all.len().max(1));
            turned.reverse();
            prop_assert_eq!(first_two(&turned), expected);
        }
    }
}

//! Joins rows into disjoint sets, on all cores.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::memory;

/// Disjoint sets of rows, which threads join side by side; each set is led by its first row (Jayanti and Tarjan 2016,
/// *A Randomized Concurrent Algorithm for Disjoint Set Union*, with the first row in place of a random one).
pub(super) struct Sets {
    parent: Vec<AtomicU32>,
}

impl Sets {
    pub(super) fn new(count: usize) -> Sets {
        let mut parent = memory::with_room(count);
        parent.extend((0..count as u32).map(AtomicU32::new));
        Sets { parent }
    }

    fn parent(&self, row: u32) -> u32 {
        self.parent[row as usize].load(Ordering::Relaxed)
    }

    fn leader(&self, mut row: u32) -> u32 {
        loop {
            let parent = self.parent(row);
            let next = self.parent(parent);
            if next == parent {
                return parent;
            }
            // Shortens the path for the next search; any ancestor may stand here, so that it does not matter who is last.
            self.parent[row as usize].store(next, Ordering::Relaxed);
            row = next;
        }
    }

    pub(super) fn join(&self, one: u32, other: u32) {
        loop {
            let (one, other) = (self.leader(one), self.leader(other));
            let (first, later) = (one.min(other), one.max(other));
            // Fails if another thread has joined the later one to some row meanwhile.
            let joined =
                |parent: &AtomicU32| parent.compare_exchange(later, first, Ordering::Relaxed, Ordering::Relaxed);
            if first == later || joined(&self.parent[later as usize]).is_ok() {
                return;
            }
        }
    }

    pub(super) fn numbered(self) -> (Vec<u32>, usize) {
        let mut numbers = memory::untouched_zeros(self.parent.len());
        let mut count = 0;
        for row in 0..numbers.len() {
            let leader = self.leader(row as u32) as usize;
            if leader == row {
                numbers[row] = count;
                count += 1;
            } else {
                numbers[row] = numbers[leader];
            }
        }
        (numbers, count as usize)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use rayon::prelude::*;

    /// Each row's set, numbered by first row: each pair gives all rows of one set the number of the other.
    pub(in crate::matching::persons) fn joined_plainly(count: usize, pairs: &[(u32, u32)]) -> Vec<u32> {
        let mut sets: Vec<u32> = (0..count as u32).collect();
        for &(one, other) in pairs {
            let (one, other) = (sets[one as usize], sets[other as usize]);
            sets.iter_mut().filter(|set| **set == one.max(other)).for_each(|set| *set = one.min(other));
        }
        let mut leaders = sets.clone();
        leaders.sort_unstable();
        leaders.dedup();
        sets.iter().map(|set| leaders.binary_search(set).unwrap() as u32).collect()
    }

    proptest! {
        #[test]
        fn sets_that_threads_join_are_those_joined_one_by_one(pairs in vec((0_u32..300, 0_u32..300), 0..400)) {
            let sets = Sets::new(300);
            pairs.par_iter().with_max_len(1).for_each(|&(one, other)| sets.join(one, other));
            let expected = joined_plainly(300, &pairs);
            let count = expected.iter().max().unwrap() + 1;
            prop_assert_eq!(sets.numbered(), (expected, count as usize));
        }
    }
}

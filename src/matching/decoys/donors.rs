//! Keeps a sample of a run's holders while their rows are read.
//!
//! A row is in the sample if its fingerprint is below a limit, which falls as more rows are read. So the sample is the
//! same whatever the threads and the order of rows, and memory holds little more than the sample.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::matching::store::Store;
use crate::normalise::View;

/// How many of so many are taken: `fewest` or one in `one_in`, whichever are more, but at most `most`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) fewest: f64,
    pub(super) one_in: f64,
    pub(super) most: f64,
}

/// Holders from whom decoys are made. None of 400,000 decoys flagged means under 1 in 100,000 accounts (95 %), and one
/// holder in 75 is looked up in about 1 % of a run's time. (Choices.)
const HOLDERS: Share = Share { fewest: 1_500.0, one_in: 75.0, most: 400_000.0 };

/// The fingerprint below which one of `count` is taken. It never rises with the count.
pub(super) fn limit(share: Share, count: u64) -> u64 {
    let count = count.max(1) as f64;
    let rate = (share.fewest / count).max(1.0 / share.one_in).min(share.most / count);
    // The conversion stops at the highest number.
    (rate * 2_f64.powi(64)) as u64
}

/// Tells, while a supplier's rows are read on all cores, which of them are surely not in the sample.
#[derive(Debug)]
pub(crate) struct Sampling {
    /// Rows of suppliers before.
    before: u64,
    rows: AtomicU64,
}

impl Sampling {
    /// `donors` are those of the suppliers before.
    pub(crate) fn new(donors: &[Donors]) -> Sampling {
        Sampling { before: donors.iter().map(|donors| donors.sampled).sum(), rows: AtomicU64::new(0) }
    }

    /// Counts the rows of a chunk that was read.
    pub(crate) fn count(&self, donors: &Donors) {
        self.rows.fetch_add(donors.sampled, Ordering::Relaxed);
    }

    /// A fingerprint that is not below the final limit. A file in an unforeseen encoding is read twice, so that only
    /// half of the rows are sure.
    pub(crate) fn limit(&self) -> u64 {
        limit(HOLDERS, self.before + self.rows.load(Ordering::Relaxed) / 2)
    }
}

/// Holders, each the first of a row. No `Debug`: they are personal data.
#[derive(Default)]
pub(crate) struct Donors {
    /// How many rows they are a sample of.
    sampled: u64,
    /// By donor: the row's fingerprint, and the schemes in which it is on supply, one bit each.
    rows: Vec<(u64, u32)>,
    identities: Store,
}

impl Donors {
    /// Counts a row, and adds its holder if the fingerprint is below the limit.
    pub(crate) fn offer<'a>(&mut self, limit: u64, row: (u64, u32), holder: impl FnOnce() -> View<'a>) {
        self.sampled += 1;
        if row.0 < limit {
            self.rows.push(row);
            self.identities.push(&holder());
        }
    }

    /// Joins parts into a sample of all their rows, in the fingerprints' order, each once.
    pub(crate) fn gather(parts: &[Donors]) -> Donors {
        let sampled = parts.iter().map(|part| part.sampled).sum();
        let limit = limit(HOLDERS, sampled);
        let mut all = Vec::new();
        for part in parts {
            let numbered = part.rows.iter().zip(0..).filter(|((fingerprint, _), _)| *fingerprint < limit);
            all.extend(numbered.map(|(row, number)| (*row, part.identities.packed(number))));
        }
        all.sort_unstable();
        all.dedup_by_key(|((fingerprint, _), _)| *fingerprint);
        let mut gathered = Donors { sampled, ..Donors::default() };
        for (row, identity) in all {
            gathered.rows.push(row);
            gathered.identities.push_packed(identity);
        }
        gathered
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.len()
    }

    /// The holder.
    pub(super) fn holder(&self, number: u32) -> View<'_> {
        self.identities.identity(number as usize)
    }

    /// The fingerprint of the holder's row.
    pub(super) fn fingerprint(&self, number: u32) -> u64 {
        self.rows[number as usize].0
    }

    /// The schemes in which the holder's row is on supply, one bit each.
    pub(crate) fn on_supply(&self, number: u32) -> u32 {
        self.rows[number as usize].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::Identity;
    use crate::text::Word;
    use proptest::prelude::*;

    #[test]
    fn as_many_are_taken_as_the_share_says() {
        let taken = |count: u64| (limit(HOLDERS, count) as f64 / 2_f64.powi(64) * count as f64).round();
        for (count, expected) in [
            (900, 900.0),
            (1_500, 1_500.0),
            (112_500, 1_500.0),
            (7_500_000, 100_000.0),
            (30_000_000, 400_000.0),
            (40_000_000, 400_000.0),
        ] {
            assert_eq!(taken(count), expected, "{count}");
        }
    }

    /// A supplier's only file was read twice.
    #[test]
    fn what_is_dropped_early_would_be_dropped_at_the_end() {
        let sampling = Sampling::new(&[]);
        let rows = Donors { sampled: 40_000_000, ..Donors::default() };
        assert_eq!(sampling.limit(), u64::MAX);
        sampling.count(&rows);
        sampling.count(&rows);
        assert_eq!(sampling.limit(), limit(HOLDERS, 40_000_000));
    }

    /// Donors of the rows that a limit lets through, each with a letter for a name.
    fn donors(rows: &[(u64, u8)], limit: u64) -> Donors {
        let mut donors = Donors::default();
        for (fingerprint, letter) in rows {
            let mut identity = Identity::default();
            identity.name.given.push(Word::new(&char::from(b'A' + letter % 26).to_string()));
            donors.offer(limit, (*fingerprint, 1), || identity.view());
        }
        donors
    }

    fn content(donors: &Donors) -> Vec<(u64, String)> {
        let rows = (0..donors.count() as u32)
            .map(|number| (donors.fingerprint(number), donors.holder(number).name.given[0].to_owned()));
        rows.collect()
    }

    proptest! {
        #[test]
        fn a_limit_never_rises(counts: (u32, u32)) {
            let (few, many) = (u64::from(counts.0.min(counts.1)), u64::from(counts.0.max(counts.1)));
            prop_assert!(limit(HOLDERS, many) <= limit(HOLDERS, few));
        }

        /// Neither the order of rows nor how they are divided into parts changes the sample.
        #[test]
        fn the_order_of_rows_does_not_matter(
            rows in prop::collection::vec((any::<u64>(), any::<u8>()), 0..80),
            split: prop::sample::Index,
            copies in 1..1000_u64,
        ) {
            // As many rows as make the limit matter.
            let padding = || Donors { sampled: copies * 1_000, ..Donors::default() };
            let whole = Donors::gather(&[donors(&rows, u64::MAX), padding()]);
            let turned: Vec<_> = rows.iter().rev().copied().collect();
            let (first, second) = turned.split_at(split.index(rows.len() + 1));
            let first = donors(first, u64::MAX);
            let sampling = Sampling::new(&[padding()]);
            sampling.count(&first);
            let parts = Donors::gather(&[first, padding(), donors(second, sampling.limit())]);
            prop_assert_eq!(content(&whole), content(&parts));
            let limit = limit(HOLDERS, rows.len() as u64 + copies * 1_000);
            prop_assert!(content(&whole).iter().all(|(fingerprint, _)| *fingerprint < limit));
        }
    }
}

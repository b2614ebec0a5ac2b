//! Holds the exact counts of a table until noise is added. Nothing else reads them.

use super::estimate::Noisy;
use super::noise::Noise;
use crate::release::{AnalystOutcome, AnalystTable};

/// The exact counts of a table, part by part, each by outcome. `Debug` shows none.
#[derive(Clone)]
pub(crate) struct Counted {
    table: AnalystTable,
    counts: Vec<u64>,
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[withheld]")
    }
}

impl Counted {
    /// A table without anything in it.
    pub(crate) fn new(table: AnalystTable, parts: usize) -> Counted {
        Counted { table, counts: vec![0; parts * table.outcomes().len()] }
    }

    /// The same table without anything in it.
    pub(crate) fn emptied(&self) -> Counted {
        Counted { table: self.table, counts: vec![0; self.counts.len()] }
    }

    pub(crate) fn table(&self) -> AnalystTable {
        self.table
    }

    /// Counts so many more, if the table has such an outcome.
    pub(crate) fn add(&mut self, part: usize, outcome: AnalystOutcome, count: u64) {
        let outcomes = self.table.outcomes();
        if let Some(place) = outcomes.iter().position(|own| *own == outcome) {
            self.counts[part * outcomes.len() + place] += count;
        }
    }

    /// The counts with noise of this variance, which is all that may be published of them.
    pub(crate) fn with_noise(&self, variance: u64, noise: &mut Noise) -> Noisy<AnalystOutcome> {
        let noisy = self.counts.iter().map(|count| *count as f64 + noise.gaussian(variance) as f64);
        Noisy::new(self.table.outcomes(), noisy.collect(), variance)
    }

    /// A table with these counts, for tests of what may be concluded from published ones.
    #[cfg(test)]
    pub(crate) fn from_counts(table: AnalystTable, counts: Vec<u64>) -> Counted {
        Counted { table, counts }
    }

    /// The counts themselves, for the same tests.
    #[cfg(test)]
    pub(crate) fn exact(&self) -> &[u64] {
        &self.counts
    }
}

//! Finds the benefit rows that state a current home: those whose award is open on the qualifying date.

use rayon::prelude::*;

use super::awards::Awards;
use crate::job::Job;
use crate::matching::Persons;

/// Rows with an open award, one bit each, by scheme.
pub(crate) struct CurrentRows {
    by_scheme: Vec<Vec<u64>>,
}

impl CurrentRows {
    pub(crate) fn new(job: &Job, awards: &Awards, rows: usize) -> CurrentRows {
        let of_scheme = |scheme: &crate::job::Scheme| {
            let is_open = |row: &usize| awards.of_row(*row as u32).is_open_on(scheme.qualifying_date);
            let words = (0..rows.div_ceil(64)).into_par_iter();
            let of_word = |word: usize| {
                let own = word * 64..rows.min(word * 64 + 64);
                own.filter(is_open).fold(0_u64, |bits, row| bits | 1 << (row % 64))
            };
            words.map(of_word).collect()
        };
        CurrentRows { by_scheme: job.schemes.iter().map(of_scheme).collect() }
    }

    /// The row, or another row of the same person that states the same identity, has an open award in the scheme.
    pub(crate) fn is_current(&self, scheme: usize, row: u32, persons: &Persons) -> bool {
        let own = persons.rows_of(persons.person_of(row));
        self.is_open(scheme, row)
            || own.iter().any(|&other| self.is_open(scheme, other) && persons.say_the_same(row, other))
    }

    /// The row's award is open on the scheme's qualifying date.
    pub(crate) fn is_open(&self, scheme: usize, row: u32) -> bool {
        self.by_scheme[scheme][row as usize / 64] >> (row % 64) & 1 == 1
    }
}

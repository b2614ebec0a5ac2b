//! Keeps the rows of one chunk of a customer file until the run ends.
//!
//! A chunk has references, what is known of each row and, until accounts are judged, the candidates of its
//! holders. At thirty million accounts a byte a row is thirty megabytes. So nothing is kept twice, and what few
//! rows have takes no space in the others.

use std::ops::Range;

use crate::matching::{Candidate, Donors};
use crate::pipeline::accounts::duplicate_holders::DuplicateHolders;
use crate::pipeline::accounts::traits::PackedTraits;

/// What one row says of an account, without its holders' candidates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CustomerRow {
    /// The schemes in which the row is on supply, one bit each.
    pub(crate) on_supply: u32,
    /// Holders named together with a partner, one bit each.
    pub(crate) couples: u8,
    /// How many holders the row names.
    pub(crate) holders: u8,
    /// Candidates of a holder were left out.
    pub(crate) cut_off: bool,
    /// A holder has a candidate.
    pub(crate) found: bool,
    /// The row's edit fingerprint, if the job asks for change detection; 0 for none.
    pub(crate) mark: u8,
    /// Traits of the account, by which rates are broken down.
    pub(crate) traits: PackedTraits,
}

impl CustomerRow {
    /// A row that is on supply in these schemes, with nothing else known yet.
    pub(crate) fn on_supply(schemes: u32) -> CustomerRow {
        let traits = PackedTraits::default();
        CustomerRow { on_supply: schemes, couples: 0, holders: 0, cut_off: false, found: false, mark: 0, traits }
    }
}

/// A supplier's references, one after another.
#[derive(Default)]
pub(crate) struct References {
    texts: String,
    ends: Vec<u32>,
}

impl References {
    pub(crate) fn push(&mut self, reference: &str) {
        self.texts.push_str(reference);
        self.ends.push(u32::try_from(self.texts.len()).expect("a part of a file is shorter than 4 GiB"));
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.texts[start..self.ends[row] as usize]
    }
}

/// The rows of one chunk of a file.
#[derive(Default)]
pub(crate) struct CustomerChunk {
    pub(crate) references: References,
    /// Hashes of the references, to find references that occur more than once.
    pub(crate) reference_hashes: Vec<u64>,
    /// Where each holder is named, if the job looks for probing.
    pub(crate) duplicates: DuplicateHolders,
    /// The holders from whom decoys are made, if there are to be any.
    pub(crate) donors: Donors,
    /// Equal for exact repeats of a row.
    pub(crate) fingerprints: Vec<u64>,
    pub(crate) rows: Vec<CustomerRow>,
    /// Energy-cost scores at the rows' UPRNs, NaN if unknown. Empty if no row has one.
    energy_scores: Vec<f32>,
    candidates: Vec<Candidate>,
    /// The rows that have candidates, in order, each with the end of its candidates.
    found: Vec<(u32, u32)>,
}

impl CustomerChunk {
    /// Keeps a candidate of a row. Rows come in order.
    pub(crate) fn push_candidate(&mut self, row: u32, candidate: Candidate) {
        self.candidates.push(candidate);
        let end = self.candidates.len() as u32;
        match self.found.last_mut() {
            Some(last) if last.0 == row => last.1 = end,
            _ => {
                self.found.push((row, end));
                self.rows[row as usize].found = true;
            }
        }
    }

    /// The candidates of a row's holders; each has the holder's number in the row.
    pub(crate) fn candidates_of(&self, row: usize) -> &[Candidate] {
        let Ok(place) = self.found.binary_search_by_key(&(row as u32), |(row, _)| *row) else { return &[] };
        &self.candidates[self.range(place)]
    }

    /// The candidates of each row that has any, in order.
    pub(crate) fn all_candidates(&self) -> impl Iterator<Item = &[Candidate]> {
        (0..self.found.len()).map(|place| &self.candidates[self.range(place)])
    }

    fn range(&self, place: usize) -> Range<usize> {
        let start = place.checked_sub(1).map_or(0, |before| self.found[before].1);
        start as usize..self.found[place].1 as usize
    }

    /// Drops all candidates.
    pub(crate) fn forget_candidates(&mut self) {
        (self.candidates, self.found) = (Vec::new(), Vec::new());
    }

    /// Drops the candidates of some rows, which come in order.
    pub(crate) fn forget_candidates_of(&mut self, rows: &[u32]) {
        self.retain_candidates(|row, _| rows.binary_search(&row).is_err());
    }

    /// Keeps the candidates of those rows that `keep` accepts, by the row and the places of its candidates.
    pub(crate) fn retain_candidates(&mut self, mut keep: impl FnMut(u32, Range<usize>) -> bool) {
        let candidates = &mut self.candidates;
        let (mut start, mut kept) = (0, 0);
        self.found.retain_mut(|(row, end)| {
            let own = start..*end as usize;
            start = own.end;
            let is_kept = keep(*row, own.clone());
            if is_kept {
                candidates.copy_within(own.clone(), kept);
                kept += own.len();
                *end = kept as u32;
            }
            is_kept
        });
        candidates.truncate(kept);
        candidates.shrink_to_fit();
        self.found.shrink_to_fit();
    }

    /// The persons of all candidates, in order.
    pub(crate) fn persons(&self) -> impl Iterator<Item = u32> {
        self.candidates.iter().map(|candidate| candidate.person)
    }

    /// Notes the energy-cost score at a row's UPRN.
    pub(crate) fn set_energy_score(&mut self, row: u32, score: Option<f32>) {
        let Some(score) = score else { return };
        self.energy_scores.resize(self.rows.len(), f32::NAN);
        self.energy_scores[row as usize] = score;
    }

    /// The energy-cost score at a row's UPRN, if known.
    pub(crate) fn energy_score(&self, row: usize) -> Option<f32> {
        self.energy_scores.get(row).copied().filter(|score| !score.is_nan())
    }

    /// Moves all rows into lists of exact size. The emptied lists keep their capacity for the next chunk.
    pub(crate) fn take_all(&mut self) -> CustomerChunk {
        fn take<T: Copy>(list: &mut Vec<T>) -> Vec<T> {
            let taken = list.as_slice().to_vec();
            list.clear();
            taken
        }
        let References { texts, ends } = &mut self.references;
        let references = References { texts: texts.as_str().to_owned(), ends: take(ends) };
        texts.clear();
        CustomerChunk {
            references,
            reference_hashes: take(&mut self.reference_hashes),
            duplicates: std::mem::take(&mut self.duplicates),
            donors: std::mem::take(&mut self.donors),
            fingerprints: take(&mut self.fingerprints),
            rows: take(&mut self.rows),
            energy_scores: take(&mut self.energy_scores),
            candidates: take(&mut self.candidates),
            found: take(&mut self.found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn references_come_back(texts: Vec<String>) {
            let mut references = References::default();
            texts.iter().for_each(|text| references.push(text));
            for (row, text) in texts.iter().enumerate() {
                prop_assert_eq!(references.get(row), text);
            }
        }

        #[test]
        fn the_candidates_of_retained_rows_stay(rows in prop::collection::vec((0_usize..4, any::<bool>()), 0..40)) {
            let candidate = |person: usize| Candidate {
                holder: 0,
                person: person as u32,
                row: 0,
                weight: 0.0,
                birth_date_weight: 0.0,
                own_weight: 0.0,
                age: None,
                levels: std::num::NonZeroU64::MIN,
                keys: 0,
            };
            let mut chunk = CustomerChunk::default();
            for (row, (candidates, _)) in rows.iter().enumerate() {
                chunk.rows.push(CustomerRow::on_supply(1));
                (0..*candidates).for_each(|number| chunk.push_candidate(row as u32, candidate(10 * row + number)));
            }
            let all: Vec<u32> = chunk.persons().collect();
            chunk.retain_candidates(|row, own| {
                assert_eq!(all[own].len(), rows[row as usize].0);
                rows[row as usize].1
            });
            for (row, (candidates, is_kept)) in rows.iter().enumerate() {
                let persons = chunk.candidates_of(row).iter().map(|own| own.person as usize);
                let count = if *is_kept { *candidates } else { 0 };
                prop_assert!(persons.eq((0..count).map(|number| 10 * row + number)));
            }
        }
    }
}

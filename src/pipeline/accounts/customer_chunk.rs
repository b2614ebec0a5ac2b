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

/// A supplier's references, one after another: each takes its text, a byte for its length, and a share in the place where
/// its group begins.
#[derive(Default)]
pub(crate) struct References {
    texts: String,
    /// Where each group of [`References::IN_GROUP`] begins.
    starts: Vec<u32>,
    /// The length of each reference, or [`References::LONG`].
    lengths: Vec<u8>,
    /// The rows of longer references, in order, with their lengths.
    long: Vec<(u32, u32)>,
}

impl References {
    const IN_GROUP: usize = 8;
    const LONG: u8 = u8::MAX;

    pub(crate) fn push(&mut self, reference: &str) {
        let row = self.lengths.len();
        if row.is_multiple_of(Self::IN_GROUP) {
            self.starts.push(u32::try_from(self.texts.len()).expect("a part of a file is shorter than 4 GiB"));
        }
        self.texts.push_str(reference);
        let length = u8::try_from(reference.len()).unwrap_or(Self::LONG);
        if length == Self::LONG {
            self.long.push((row as u32, reference.len() as u32));
        }
        self.lengths.push(length);
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        let group = row / Self::IN_GROUP;
        let before: usize = (group * Self::IN_GROUP..row).map(|other| self.length(other)).sum();
        let start = self.starts[group] as usize + before;
        &self.texts[start..start + self.length(row)]
    }

    fn length(&self, row: usize) -> usize {
        match self.lengths[row] {
            Self::LONG => {
                let place = self.long.binary_search_by_key(&(row as u32), |(row, _)| *row);
                self.long[place.expect("a long reference has its length in the list")].1 as usize
            }
            length => usize::from(length),
        }
    }

    /// Moves all references into lists of exact size.
    fn take_all(&mut self) -> References {
        let References { texts, starts, lengths, long } = self;
        let taken = texts.as_str().to_owned();
        texts.clear();
        References { texts: taken, starts: take(starts), lengths: take(lengths), long: take(long) }
    }
}

/// Moves a list into one of exact size. The emptied list keeps its capacity.
fn take<T: Copy>(list: &mut Vec<T>) -> Vec<T> {
    let taken = list.as_slice().to_vec();
    list.clear();
    taken
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

/// A row with its candidates.
pub(crate) struct CandidatesOfRow<'c> {
    /// The row's number in the chunk.
    pub(crate) number: u32,
    pub(crate) row: &'c CustomerRow,
    /// The energy-cost score at its UPRN, if known.
    pub(crate) energy_score: Option<f32>,
    pub(crate) candidates: &'c [Candidate],
    /// Their places among the candidates of the chunk.
    pub(crate) places: Range<usize>,
}

/// The energy-cost score of a row.
fn score_of(scores: &[f32], row: usize) -> Option<f32> {
    scores.get(row).copied().filter(|score| !score.is_nan())
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
        self.retain_candidates(|own| rows.binary_search(&own.number).is_err());
    }

    /// Keeps the candidates of those rows that `keep` accepts.
    pub(crate) fn retain_candidates(&mut self, mut keep: impl FnMut(CandidatesOfRow<'_>) -> bool) {
        let CustomerChunk { candidates, found, rows, energy_scores, .. } = self;
        let (mut start, mut kept) = (0, 0);
        found.retain_mut(|(number, end)| {
            let places = start..*end as usize;
            start = places.end;
            let is_kept = keep(CandidatesOfRow {
                number: *number,
                row: &rows[*number as usize],
                energy_score: score_of(energy_scores, *number as usize),
                candidates: &candidates[places.clone()],
                places: places.clone(),
            });
            if is_kept {
                candidates.copy_within(places.clone(), kept);
                kept += places.len();
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
        score_of(&self.energy_scores, row)
    }

    /// Moves all rows into lists of exact size. The emptied lists keep their capacity for the next chunk.
    pub(crate) fn take_all(&mut self) -> CustomerChunk {
        CustomerChunk {
            references: self.references.take_all(),
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
pub(super) mod tests {
    use super::*;
    use crate::matching::Levels;
    use proptest::prelude::*;

    /// A candidate of whom nothing counts but the holder and the person.
    pub(crate) fn candidate(holder: u16, person: u32) -> Candidate {
        Candidate {
            holder,
            person,
            row: 0,
            weight: 0.0,
            birth_date_weight: 0.0,
            own_weight: 0.0,
            age: None,
            levels: Levels::default(),
            keys: 0,
        }
    }

    proptest! {
        #[test]
        fn references_come_back(texts in prop::collection::vec((any::<String>(), prop::option::of(250_usize..600)), 0..40)) {
            let mut references = References::default();
            let padded = |(text, length): (String, Option<usize>)| text + &"9".repeat(length.unwrap_or(0));
            let texts: Vec<String> = texts.into_iter().map(padded).collect();
            texts.iter().for_each(|text| references.push(text));
            let taken = references.take_all();
            for (row, text) in texts.iter().enumerate() {
                prop_assert_eq!(taken.get(row), text);
            }
        }

        #[test]
        fn the_candidates_of_retained_rows_stay(rows in prop::collection::vec((0_usize..4, any::<bool>()), 0..40)) {
            let mut chunk = CustomerChunk::default();
            for (row, (candidates, _)) in rows.iter().enumerate() {
                chunk.rows.push(CustomerRow::on_supply(1));
                (0..*candidates).for_each(|number| chunk.push_candidate(row as u32, candidate(0, (10 * row + number) as u32)));
            }
            let all: Vec<u32> = chunk.persons().collect();
            chunk.retain_candidates(|own| {
                let persons = own.candidates.iter().map(|one| one.person);
                assert!(persons.eq(all[own.places].iter().copied()) && own.candidates.len() == rows[own.number as usize].0);
                rows[own.number as usize].1
            });
            for (row, (candidates, is_kept)) in rows.iter().enumerate() {
                let persons = chunk.candidates_of(row).iter().map(|own| own.person as usize);
                let count = if *is_kept { *candidates } else { 0 };
                prop_assert!(persons.eq((0..count).map(|number| 10 * row + number)));
            }
        }
    }
}

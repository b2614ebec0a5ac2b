//! Keeps the rows of one chunk of a customer file until the run ends.
//!
//! A chunk has references, what is known of each row and, until accounts are judged, the candidates of its
//! holders. At thirty million accounts a byte a row is thirty megabytes. So nothing is kept twice, and what few
//! rows have takes no space in the others.

use crate::matching::{Candidate, Donors};
use crate::pipeline::accounts::duplicate_holders::DuplicateHolders;
use crate::pipeline::accounts::traits::Traits;

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

/// [`Traits`] in three bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackedTraits {
    area: [u8; 2],
    facts: u8,
}

impl PackedTraits {
    pub(crate) fn pack(traits: Traits) -> PackedTraits {
        let Traits { birth_date, postcode, flat, diacritics, particle, tokens, area } = traits;
        let bits = [birth_date, postcode, flat, diacritics, particle].into_iter().zip(0..);
        let facts = bits.fold(tokens << 5, |facts, (holds, bit)| facts | u8::from(holds) << bit);
        PackedTraits { area, facts }
    }

    pub(crate) fn unpacked(self) -> Traits {
        let [birth_date, postcode, flat, diacritics, particle] = [0, 1, 2, 3, 4].map(|bit| self.facts >> bit & 1 == 1);
        Traits { birth_date, postcode, flat, diacritics, particle, tokens: self.facts >> 5, area: self.area }
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

    fn range(&self, place: usize) -> std::ops::Range<usize> {
        let start = place.checked_sub(1).map_or(0, |before| self.found[before].1);
        start as usize..self.found[place].1 as usize
    }

    /// Drops all candidates.
    pub(crate) fn forget_candidates(&mut self) {
        (self.candidates, self.found) = (Vec::new(), Vec::new());
    }

    /// Drops the candidates of some rows, which come in order.
    pub(crate) fn forget_candidates_of(&mut self, rows: &[u32]) {
        let candidates = std::mem::take(&mut self.candidates);
        let mut start = 0;
        let found = std::mem::take(&mut self.found);
        for (row, end) in found {
            if rows.binary_search(&row).is_err() {
                self.candidates.extend_from_slice(&candidates[start..end as usize]);
                self.found.push((row, self.candidates.len() as u32));
            }
            start = end as usize;
        }
        self.candidates.shrink_to_fit();
        self.found.shrink_to_fit();
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
        fn traits_come_back(facts: [bool; 5], tokens in 0_u8..4, area: [u8; 2]) {
            let [birth_date, postcode, flat, diacritics, particle] = facts;
            let traits = Traits { birth_date, postcode, flat, diacritics, particle, tokens, area };
            prop_assert_eq!(PackedTraits::pack(traits).unpacked(), traits);
        }

        #[test]
        fn references_come_back(texts: Vec<String>) {
            let mut references = References::default();
            texts.iter().for_each(|text| references.push(text));
            for (row, text) in texts.iter().enumerate() {
                prop_assert_eq!(references.get(row), text);
            }
        }
    }
}

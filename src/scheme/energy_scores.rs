//! Looks up energy-cost scores by UPRN: how dear a home is to heat, as the property files state it.

use rayon::prelude::*;

use crate::matching::{Persons, Role};
use crate::memory;
use crate::normalise::uprn::Uprn;

/// Scores of one part of a property file.
#[derive(Default)]
pub(crate) struct PropertyRows {
    rows: Vec<(Uprn, f32)>,
}

impl PropertyRows {
    pub(crate) fn push(&mut self, uprn: Uprn, score: f32) {
        self.rows.push((uprn, score));
    }
}

/// Scores of all properties; higher is colder. They are sorted by the place of their UPRN, with a directory,
/// so that a lookup takes two loads however many there are.
#[derive(Default)]
pub(crate) struct EnergyScores {
    sorted: Vec<(Uprn, f32)>,
    /// Where each bucket of places begins, and the end of the last.
    directory: Vec<u32>,
}

impl EnergyScores {
    /// Joins the parts. Of several scores of one UPRN the highest counts, so that the order of rows does not
    /// matter.
    pub(crate) fn join(parts: Vec<PropertyRows>) -> EnergyScores {
        let mut sorted: Vec<(Uprn, f32)> = memory::joined(parts.into_iter().map(|part| part.rows).collect());
        sorted.par_sort_unstable_by(|one, other| {
            place(one.0).cmp(&place(other.0)).then(one.0.cmp(&other.0)).then(other.1.total_cmp(&one.1))
        });
        sorted.dedup_by_key(|(uprn, _)| *uprn);
        let mut scores = EnergyScores { directory: vec![0; (sorted.len() / 4).next_power_of_two() + 1], sorted };
        for at in 0..scores.sorted.len() {
            let bucket = scores.bucket(scores.sorted[at].0);
            scores.directory[bucket + 1] += 1;
        }
        for bucket in 1..scores.directory.len() {
            scores.directory[bucket] += scores.directory[bucket - 1];
        }
        scores
    }

    /// No score is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The score at a UPRN; `None` if it is not known.
    pub(crate) fn at(&self, uprn: Option<Uprn>) -> Option<f32> {
        let uprn = uprn.filter(|_| !self.sorted.is_empty())?;
        let bucket = self.bucket(uprn);
        let own = &self.sorted[self.directory[bucket] as usize..self.directory[bucket + 1] as usize];
        own.iter().find(|(other, _)| *other == uprn).map(|(_, score)| *score)
    }

    fn bucket(&self, uprn: Uprn) -> usize {
        let buckets = self.directory.len() as u64 - 1;
        (((place(uprn) >> 32) * buckets) >> 32) as usize
    }

    /// The score at the claimant's UPRN; the highest if rows of the claim state several UPRNs.
    pub(crate) fn of_claim(&self, claim: u32, persons: &Persons) -> Option<f32> {
        if self.sorted.is_empty() {
            return None;
        }
        let claimants = persons.rows_of_claim(claim).iter().filter(|&&row| persons.role(row) == Role::Claimant);
        claimants.filter_map(|&row| self.at(persons.uprn(row))).reduce(f32::max)
    }
}

/// UPRNs come in runs; this spreads them evenly (multiplicative hashing, Knuth, *The Art of Computer
/// Programming*, volume 3, section 6.4).
fn place(uprn: Uprn) -> u64 {
    uprn.number().wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_scores_the_highest_holds() {
        let mut one = PropertyRows::default();
        let mut other = PropertyRows::default();
        let uprn = |number| Uprn::new(number).unwrap();
        for number in 1..1000 {
            one.push(uprn(number), number as f32);
        }
        other.push(uprn(7), 6.0);
        other.push(uprn(8), 9.0);
        let scores = EnergyScores::join(vec![one, other]);
        for number in 1..1000 {
            let highest = if number == 8 { 9.0 } else { number as f32 };
            assert_eq!(scores.at(Some(uprn(number))), Some(highest), "{number}");
        }
        assert_eq!(scores.at(Some(uprn(1000))), None);
        assert_eq!(scores.at(None), None);
        assert_eq!(EnergyScores::default().at(Some(uprn(1))), None);
        assert_eq!(EnergyScores::join(Vec::new()).at(Some(uprn(1))), None);
    }
}

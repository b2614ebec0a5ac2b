//! Energy-cost scores by UPRN: in go rows of property files, out comes how dear a home is to heat.

use rayon::prelude::*;

use crate::matching::{Persons, Role};
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

/// Scores of all properties; higher is colder.
#[derive(Default)]
pub(crate) struct EnergyScores {
    sorted: Vec<(Uprn, f32)>,
}

impl EnergyScores {
    /// Of several scores of one UPRN the highest holds, so that the order of rows changes nothing.
    pub(crate) fn of(parts: Vec<PropertyRows>) -> EnergyScores {
        let mut sorted: Vec<(Uprn, f32)> = parts.into_iter().flat_map(|part| part.rows).collect();
        sorted.par_sort_unstable_by(|one, other| one.0.cmp(&other.0).then(other.1.total_cmp(&one.1)));
        sorted.dedup_by_key(|(uprn, _)| *uprn);
        EnergyScores { sorted }
    }

    /// The score at a UPRN, where it is known.
    pub(crate) fn at(&self, uprn: Option<Uprn>) -> Option<f32> {
        let uprn = uprn?;
        let place = self.sorted.binary_search_by_key(&uprn, |(uprn, _)| *uprn).ok()?;
        Some(self.sorted[place].1)
    }

    /// The score at the claimant's UPRN, the highest where rows of the claim state several.
    pub(crate) fn of_claim(&self, claim: u32, persons: &Persons) -> Option<f32> {
        if self.sorted.is_empty() {
            return None;
        }
        let claimants = persons.rows_of_claim(claim).iter().filter(|&&row| persons.role(row) == Role::Claimant);
        claimants.filter_map(|&row| self.at(persons.identity(row).home.uprn)).reduce(f32::max)
    }
}

//! Counts what the benefit files hold, and stops the run if that cannot be right.
//!
//! A run on the wrong columns or codes would flag nobody without an error.

use crate::job::Job;
use crate::normalise::Identity;
use crate::normalise::postcode::Postcode;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::usable_fields::{TooFew, UsableFields, is_enough};
use crate::scheme::GroupIndex;

/// Counts over benefit rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct BenefitCounts {
    rows: u64,
    usable: UsableFields,
    /// Rows by the benefit's place in the index of groups.
    benefits: Vec<u64>,
}

impl BenefitCounts {
    /// Counts a row: its benefit, if groups name it, and the fields of its person.
    pub(crate) fn take(&mut self, benefit: Option<usize>, person: &Identity) {
        self.rows += 1;
        self.usable += UsableFields {
            birth_dates: u64::from(person.birth_date.is_some()),
            postcodes: u64::from(person.home.postcode != Postcode::Absent),
            names: u64::from(person.name.given.len() + person.name.family.len() > 1),
        };
        if let Some(place) = benefit {
            self.add_benefit(place, 1);
        }
    }

    /// Adds the counts of other rows.
    pub(crate) fn add(&mut self, other: &BenefitCounts) {
        self.rows += other.rows;
        self.usable += other.usable;
        other.benefits.iter().enumerate().for_each(|(place, rows)| self.add_benefit(place, *rows));
    }

    fn add_benefit(&mut self, place: usize, rows: u64) {
        if self.benefits.len() <= place {
            self.benefits.resize(place + 1, 0);
        }
        self.benefits[place] += rows;
    }

    /// Rows with a benefit that groups name, by its place in their index.
    pub(crate) fn rows_of(&self, place: usize) -> u64 {
        self.benefits.get(place).copied().unwrap_or(0)
    }

    /// Returns an error if the files cannot be right.
    pub(crate) fn examine(&self, job: &Job, groups: &GroupIndex) -> Result<(), PipelineError> {
        let gates = &job.gates;
        let rows = self.rows;
        if !is_enough(rows, gates) {
            return Ok(());
        }
        if let Some(TooFew { what, usable, setting, least, .. }) = self.usable.too_few(rows, gates).next() {
            return Err(PipelineError::BenefitFields { what, usable, rows, setting, least });
        }
        let has_others = self.benefits.iter().sum::<u64>() < rows;
        for (scheme, group) in job.schemes.iter().flat_map(|scheme| scheme.groups.iter().map(move |own| (scheme, own)))
        {
            let is_missing = |code: &&String| groups.place_of(code).is_none_or(|place| self.rows_of(place) == 0);
            // If every row's benefit is in some group, a missing code has no other spelling in the files.
            let is_telling = has_others || group.benefits.iter().all(|code| is_missing(&code));
            let missing = group.benefits.iter().find(is_missing);
            if let Some(code) = missing.filter(|_| gates.benefits_found && is_telling) {
                let (code, group, scheme) = (code.clone(), group.id.clone(), scheme.id.clone());
                return Err(PipelineError::BenefitOfNobody { code, group, scheme });
            }
        }
        Ok(())
    }
}

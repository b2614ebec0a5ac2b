//! Looks into earlier runs: from which files the last one listed its cases, and since when each account is listed.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use rayon::prelude::*;

use super::sorted;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::release::layout::ADMINISTRATOR;
use crate::release::run_record::RunRecord;
use crate::release::{Published, ReleaseError, Review, Table};

/// How many runs are looked into: an account that waits longer has waited for a month.
const MOST_RUNS: usize = 31;

/// What earlier runs say about the cases.
#[derive(Default)]
pub(super) struct PastRuns {
    /// By supplier, the sums of its files in the newest run that read any.
    sums: BTreeMap<String, Vec<String>>,
    /// By account, the day of the first run that listed it, without a gap since.
    since: HashMap<[Box<str>; 3], Date>,
}

impl PastRuns {
    /// Looks into the published runs.
    pub(super) fn read(published: &Published) -> Result<PastRuns, PipelineError> {
        let mut past = PastRuns::default();
        let mut runs = published.runs()?;
        runs.reverse();
        for run in &runs {
            let record = RunRecord::read(published, run)?;
            // A manual release reads nothing.
            if record.release.is_some() {
                continue;
            }
            for input in record.inputs {
                past.sums.entry(input.input).or_default().push(input.blake3);
            }
            break;
        }
        runs.truncate(MOST_RUNS);
        let listed: Vec<(Date, HashSet<[Box<str>; 3]>)> = runs
            .par_iter()
            .map(|run| {
                let mut listed = HashSet::new();
                let folder = published.analyst_folder(run);
                let file = folder.parent().unwrap_or(&folder).join(ADMINISTRATOR).join(Review::FILE);
                // A purge takes tables out.
                if file.exists() {
                    Review::read(&file, |row, _| {
                        let key: [&str; 3] = [row.supplier, row.customer_ref.0, row.scheme];
                        listed.insert(key.map(Box::from));
                        Ok(())
                    })?;
                }
                Ok((run.date()?, listed))
            })
            .collect::<Result<_, ReleaseError>>()?;
        let mut listed = listed.into_iter();
        if let Some((day, newest)) = listed.next() {
            past.since = newest.into_iter().map(|key| (key, day)).collect();
            let mut open: HashSet<[Box<str>; 3]> = past.since.keys().cloned().collect();
            for (day, earlier) in listed {
                open.retain(|key| earlier.contains(key));
                for key in &open {
                    past.since.insert(key.clone(), day);
                }
            }
        }
        Ok(past)
    }

    /// The day since which an account is listed.
    pub(super) fn since(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<Date> {
        self.since.get(&[supplier, customer_ref, scheme].map(Box::from)).copied()
    }

    /// The suppliers, by their places among the sorted, whose files are others than in the newest run.
    pub(super) fn changed(&self, matched: &Matched<'_>) -> HashSet<usize> {
        let is_changed = |place: usize| {
            let SupplierMatch { supplier, read, .. } = &matched.suppliers[place];
            let now = read.files.iter().map(|file| &file.blake3);
            self.sums.get(&supplier.id).is_none_or(|then| !now.eq(then))
        };
        let places = sorted(matched).into_iter().enumerate();
        places.filter(|(_, place)| is_changed(*place)).map(|(sorted, _)| sorted).collect()
    }
}

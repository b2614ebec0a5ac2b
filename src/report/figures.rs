//! Sums a run's published figures over suppliers. Every number is published, or a sum of published numbers.

use super::run_data::{PublishedDetail, PublishedRate, RunData};
use super::words;

/// One part of a breakdown, over all suppliers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its code in `details.csv`.
    pub(super) code: String,
    /// A lower bound; `None` if all of it is suppressed.
    pub(super) at_least: Option<u64>,
}

/// A breakdown of a scheme's accounts, over all suppliers.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    /// Accounts that the breakdown covers.
    pub(super) accounts: u64,
    /// The oldest day of its figures.
    pub(super) as_of: String,
}

impl Parts {
    /// Sums the breakdown over all suppliers.
    pub(super) fn from_night(night: &RunData, scheme: &str, breakdown: &str, among: &str) -> Parts {
        let asked = |row: &&PublishedDetail| row.scheme == scheme && row.breakdown == breakdown && row.among == among;
        let mut all = Parts::default();
        let mut suppliers: Vec<&str> = Vec::new();
        for row in night.details.iter().filter(asked) {
            if !suppliers.contains(&row.supplier.as_str()) {
                suppliers.push(&row.supplier);
                all.accounts += row.accounts.unwrap_or(0);
            }
            if all.as_of.is_empty() || row.as_of < all.as_of {
                all.as_of.clone_from(&row.as_of);
            }
            let part = match all.parts.iter_mut().find(|part| part.code == row.part) {
                Some(part) => part,
                None => {
                    all.parts.push(Part { code: row.part.clone(), at_least: None });
                    let last = all.parts.len() - 1;
                    &mut all.parts[last]
                }
            };
            part.at_least = match (part.at_least, row.at_least) {
                (None, told) => told,
                (Some(sum), told) => Some(sum + told.unwrap_or(0)),
            };
        }
        all
    }

    /// The sum of the parts that are not suppressed.
    pub(super) fn told(&self) -> u64 {
        self.parts.iter().filter_map(|part| part.at_least).sum()
    }

    /// The lower bound of a part; 0 if it is suppressed.
    pub(super) fn at_least(&self, code: &str) -> u64 {
        self.parts.iter().find(|part| part.code == code).and_then(|part| part.at_least).unwrap_or(0)
    }
}

/// One stage of the funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) count: Option<u64>,
    /// Whether the count is a lower bound.
    pub(super) at_least: bool,
}

/// The stages from rows read to flags.
pub(super) fn funnel(night: &RunData, scheme: &str) -> Vec<Stage> {
    let own: Vec<&PublishedRate> = night.rates(scheme, "supplier").filter(|row| !row.suppressed).collect();
    let sum = |count: fn(&PublishedRate) -> Option<u64>| -> Option<u64> {
        (!own.is_empty()).then(|| own.iter().filter_map(|row| count(row)).sum())
    };
    let takes_part = |supplier: &str| night.rates(scheme, "supplier").any(|row| row.supplier == supplier);
    let of_files = |part: &str| {
        let rows = night.details.iter().filter(|row| row.breakdown == "file" && row.part == part);
        let told: Vec<u64> = rows.filter(|row| takes_part(&row.supplier)).filter_map(|row| row.at_least).collect();
        (!told.is_empty()).then(|| told.iter().sum())
    };
    let reasons = Parts::from_night(night, scheme, "reason", "unflagged");
    let flagged = sum(|row| row.flagged);
    let and_flagged = |without: &[&str]| {
        let told = reasons.parts.iter().filter(|part| !without.contains(&part.code.as_str()));
        flagged.map(|flagged| flagged + told.filter_map(|part| part.at_least).sum::<u64>())
    };
    let stage = |name, count, at_least| Stage { name, count, at_least };
    vec![
        stage("Rows read", of_files("rows"), true),
        stage("Accounts in the files", of_files("accounts"), true),
        stage("On supply, in released cells", sum(|row| row.accounts), false),
        stage("Somebody is alike", and_flagged(&[]), true),
        stage("Likely found", and_flagged(&["improbable"]), true),
        stage("Found, may be eligible", and_flagged(&["improbable", "not-eligible"]), true),
        stage("Flagged Y", flagged, false),
    ]
}

/// The reasons for which accounts are in review.
pub(super) fn review(night: &RunData, scheme: &str) -> Parts {
    let mut reasons = Parts::from_night(night, scheme, "reason", "unflagged");
    reasons.parts.retain(|part| words::is_for_review(&part.code));
    reasons
}

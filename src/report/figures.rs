//! Figures that a page shows: in go the published rows of a night, out come sums of them over suppliers.
//! Every number here is a published one, or a sum of such.

use super::night::{DetailRow, Night, RateRow};
use super::words;

/// One part of a question, over all suppliers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The code that the files have for it.
    pub(super) code: String,
    /// How many at least; none where all of it is suppressed.
    pub(super) at_least: Option<u64>,
}

/// A question's answer over all suppliers of a scheme.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    /// How many accounts were asked.
    pub(super) accounts: u64,
    /// The oldest day in it.
    pub(super) as_of: String,
}

impl Parts {
    /// What all suppliers have together.
    pub(super) fn of(night: &Night, scheme: &str, breakdown: &str, among: &str) -> Parts {
        let asked = |row: &&DetailRow| row.scheme == scheme && row.breakdown == breakdown && row.among == among;
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

    /// All that is told.
    pub(super) fn told(&self) -> u64 {
        self.parts.iter().filter_map(|part| part.at_least).sum()
    }

    /// How many are in a part at least.
    pub(super) fn at_least(&self, code: &str) -> u64 {
        self.parts.iter().find(|part| part.code == code).and_then(|part| part.at_least).unwrap_or(0)
    }
}

/// One stage of the funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) count: Option<u64>,
    /// The count is a lower bound.
    pub(super) at_least: bool,
}

/// From rows read to flags.
pub(super) fn funnel(night: &Night, scheme: &str) -> Vec<Stage> {
    let own: Vec<&RateRow> = night.rates(scheme, "supplier").filter(|row| !row.suppressed).collect();
    let sum = |count: fn(&RateRow) -> Option<u64>| -> Option<u64> {
        (!own.is_empty()).then(|| own.iter().filter_map(|row| count(row)).sum())
    };
    let takes_part = |supplier: &str| night.rates(scheme, "supplier").any(|row| row.supplier == supplier);
    let of_files = |part: &str| {
        let rows = night.details.iter().filter(|row| row.breakdown == "file" && row.part == part);
        let told: Vec<u64> = rows.filter(|row| takes_part(&row.supplier)).filter_map(|row| row.at_least).collect();
        (!told.is_empty()).then(|| told.iter().sum())
    };
    let reasons = Parts::of(night, scheme, "reason", "unflagged");
    let flagged = sum(|row| row.flagged);
    let and_flagged = |without: &[&str]| {
        let told = reasons.parts.iter().filter(|part| !without.contains(&part.code.as_str()));
        flagged.map(|flagged| flagged + told.filter_map(|part| part.at_least).sum::<u64>())
    };
    let stage = |name, count, at_least| Stage { name, count, at_least };
    vec![
        stage("Rows read", of_files("rows"), true),
        stage("Accounts in the files", of_files("accounts"), true),
        stage("In play, in released cells", sum(|row| row.accounts), false),
        stage("Somebody is alike", and_flagged(&[]), true),
        stage("Likely found", and_flagged(&["improbable"]), true),
        stage("Found, may be due the rebate", and_flagged(&["improbable", "not-eligible"]), true),
        stage("Flagged Y", flagged, false),
    ]
}

/// Parts for which a person has to decide.
pub(super) fn review(night: &Night, scheme: &str) -> Parts {
    let mut reasons = Parts::of(night, scheme, "reason", "unflagged");
    reasons.parts.retain(|part| words::REVIEW.contains(&part.code.as_str()));
    reasons
}

//! Unsuppressed figures, for the administrator's own eyes: in goes `administrator/run.json`, out come its
//! counts. They are printed where they were asked for, and written nowhere.

use std::collections::BTreeMap;
use std::path::Path;

use maud::{Markup, html};
use serde::Deserialize;

use super::night::{Night, ReportError, unreadable};
use super::page::table;
use super::words::{self, count, percent};

/// The counts of one run.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Unsuppressed {
    pub(super) keys: BTreeMap<String, KeyCount>,
    pub(super) summary: SummaryCounts,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct KeyCount {
    pub(super) tried: u64,
    pub(super) met: u64,
    pub(super) left_out: u64,
    pub(super) flagged: u64,
    pub(super) flagged_alone: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SummaryCounts {
    pub(super) held_back: Vec<Held>,
    pub(super) suppliers: Vec<SupplierCounts>,
    pub(super) benefit_rows: u64,
    pub(super) persons: u64,
    pub(super) claims: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) reason: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SupplierCounts {
    pub(super) id: String,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) noted: u64,
    pub(super) accounts: u64,
    pub(super) schemes: Vec<SchemeCounts>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SchemeCounts {
    pub(super) id: String,
    pub(super) in_play: u64,
    pub(super) flagged: u64,
    pub(super) review: u64,
    pub(super) reasons: BTreeMap<String, u64>,
}

/// The counts of the newest of some nights, where they were asked for.
pub(super) fn of_newest<'a>(nights: &[Night], exact: &'a [(String, Unsuppressed)]) -> Option<&'a Unsuppressed> {
    let newest = nights.last()?.run();
    exact.iter().find(|(run, _)| run == newest).map(|(_, own)| own)
}

/// Run, supplier and reason of all that was held back.
pub(super) fn held_back(exact: &[(String, Unsuppressed)]) -> impl Iterator<Item = [&str; 3]> {
    exact.iter().flat_map(|(run, own)| {
        own.summary.held_back.iter().map(move |held| [run.as_str(), held.id.as_str(), held.reason.as_str()])
    })
}

impl Unsuppressed {
    /// Reads the record of a run.
    ///
    /// # Errors
    /// [`ReportError`] if it is not there, or not as a run writes it.
    pub(super) fn read(folder: &Path) -> Result<Unsuppressed, ReportError> {
        let file = folder.join("administrator").join("run.json");
        let text = std::fs::read(&file).map_err(unreadable(&file))?;
        serde_json::from_slice(&text).map_err(|error| ReportError::Damaged { file, line: error.line() as u64 })
    }

    pub(super) fn warning(&self) -> Markup {
        html! {
            p class="warning" { "This copy holds unsuppressed figures. It is for the administrator's eyes: do not pass it on, and do not put it into an analyst folder." }
        }
    }

    pub(super) fn section(&self, of_all: &[(String, Unsuppressed)]) -> Markup {
        let summary = &self.summary;
        let held: Vec<[&str; 3]> = held_back(of_all).collect();
        let mut schemes: Vec<Vec<String>> = Vec::new();
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for supplier in &summary.suppliers {
            for scheme in &supplier.schemes {
                let share = if scheme.in_play > 0 { scheme.flagged as f64 / scheme.in_play as f64 } else { 0.0 };
                schemes.push(vec![
                    format!("{}, {}", supplier.id, scheme.id),
                    count(scheme.in_play),
                    count(scheme.flagged),
                    percent(share),
                    count(scheme.review),
                ]);
                for (reason, accounts) in &scheme.reasons {
                    *reasons.entry(reason).or_default() += accounts;
                }
            }
        }
        let files: Vec<Vec<String>> = summary
            .suppliers
            .iter()
            .map(|own| {
                vec![own.id.clone(), count(own.rows), count(own.rejected), count(own.noted), count(own.accounts)]
            })
            .collect();
        let keys: Vec<Vec<String>> = self
            .keys
            .iter()
            .map(|(name, own)| {
                let counts = [own.tried, own.met, own.left_out, own.flagged, own.flagged_alone];
                [words::key(name).to_owned()].into_iter().chain(counts.map(count)).collect()
            })
            .collect();
        let reasons: Vec<Vec<String>> =
            reasons.iter().map(|(code, accounts)| vec![words::reason(code).to_owned(), count(*accounts)]).collect();
        html! {
            section id="administrator" aria-labelledby="administrator-heading" {
                h2 id="administrator-heading" { "For the administrator alone" }
                p class="warning" { "Exact counts: not for anybody else." }
                p { (count(summary.benefit_rows)) " benefit rows, " (count(summary.persons)) " persons, " (count(summary.claims)) " claims." }
                @for held in &summary.held_back { p class="note" { "Held back: " (held.id) ": " (held.reason) } }
                @if of_all.len() > 1 && !held.is_empty() {
                    h3 { "Held back over the nights" }
                    ul { @for [run, supplier, reason] in &held { li { (run) ", " (supplier) ": " (reason) } } }
                }
                (table("Accounts by supplier and scheme", &["Supplier, scheme", "In play", "Flagged Y", "Rate", "In review"], &schemes))
                h3 { "Files" }
                (table("Rows of the files", &["Supplier", "Rows", "Rejected", "Noted", "Accounts"], &files))
                h3 { "Match keys" }
                (table("What the match keys did", &["Match key", "Tried", "Rows met", "Left out", "Flagged", "Flagged by it alone"], &keys))
                h3 { "Reasons" }
                (table("Accounts with a candidate or a decision, by reason", &["Reason", "Accounts"], &reasons))
            }
        }
    }
}

//! Reads a run's exact counts from `administrator/run.json`, for the administrator only. They appear only in
//! a report that asked for them (`--administrator`).

use std::collections::BTreeMap;
use std::path::Path;

use maud::{Markup, html};

use super::exact::ExactFigures;
use super::page::table;
use super::run_data::{ReportError, RunData, record};
use super::words::{self, count, percent};
use crate::release::run_record::{KeyRecord, Summary};

/// The exact counts of one run.
#[derive(Debug, Clone)]
pub(super) struct Unsuppressed {
    pub(super) keys: BTreeMap<String, KeyRecord>,
    pub(super) summary: Summary,
    pub(super) figures: ExactFigures,
}

/// The exact counts of the newest run; `None` if they were not requested.
pub(super) fn of_newest<'a>(nights: &[RunData], exact: &'a [(String, Unsuppressed)]) -> Option<&'a Unsuppressed> {
    let newest = nights.last()?.run();
    exact.iter().find(|(run, _)| run == newest).map(|(_, own)| own)
}

/// Run, supplier and reason for each supplier that was held back.
pub(super) fn held_back(exact: &[(String, Unsuppressed)]) -> impl Iterator<Item = [&str; 3]> {
    exact.iter().flat_map(|(run, own)| {
        own.summary.held_back.iter().map(move |held| [run.as_str(), held.id.as_str(), held.reason.as_str()])
    })
}

impl Unsuppressed {
    /// Reads the record of a run.
    ///
    /// # Errors
    /// [`ReportError`] if the file is missing, or is not in the format that a run writes.
    pub(super) fn read(folder: &Path) -> Result<Unsuppressed, ReportError> {
        let record = record(folder)?;
        let figures = ExactFigures::read(folder)?;
        Ok(Unsuppressed { keys: record.keys, summary: record.summary, figures })
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
                let share = if scheme.on_supply > 0 { scheme.flagged as f64 / scheme.on_supply as f64 } else { 0.0 };
                schemes.push(vec![
                    format!("{}, {}", supplier.id, scheme.id),
                    count(scheme.on_supply),
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
                    h3 { "Held back, by run" }
                    ul { @for [run, supplier, reason] in &held { li { (run) ", " (supplier) ": " (reason) } } }
                }
                @for scheme in self.figures.schemes().into_iter().filter(|scheme| !scheme.is_empty()) {
                    h3 { "Match rates, " (scheme) }
                    p { (self.figures.headline(scheme)) }
                    (table("What became of eligible households", &["Outcome", "Households", "Share"], &cells(self.figures.outcomes(scheme))))
                    @for own in self.figures.tables(scheme) { (table(&own.title, &own.head, &cells(own.rows))) }
                }
                h3 { "Suppliers" }
                (table("Accounts by supplier and scheme", &["Supplier, scheme", "On supply", "Flagged Y", "Flagged share", "In review"], &schemes))
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

/// Rows of fixed width as a table takes them.
fn cells<const COLUMNS: usize>(rows: Vec<[String; COLUMNS]>) -> Vec<Vec<String>> {
    rows.into_iter().map(Vec::from).collect()
}

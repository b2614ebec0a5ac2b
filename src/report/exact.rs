//! Reads a run's exact figures from `administrator/figures.csv`, and tabulates match rates and flagged shares.

use std::path::Path;

use super::run_data::ReportError;
use super::words::{count, percent};
use crate::release::layout::ADMINISTRATOR;
use crate::release::{EligibleOutcome, FigureBreakdown, FigureUnit, FiguresTable, Table};

/// One count of `figures.csv`.
#[derive(Debug, Clone)]
struct ExactCount {
    scheme: String,
    of: FigureUnit,
    breakdown: FigureBreakdown,
    part: String,
    outcome: String,
    count: u64,
}

/// The exact figures of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct ExactFigures {
    counts: Vec<ExactCount>,
}

/// A table for people: what it shows, its header and its rows.
pub(super) struct ExactTable {
    pub(super) title: String,
    pub(super) head: [&'static str; 4],
    pub(super) rows: Vec<[String; 4]>,
}

/// The breakdowns of eligible households and persons, with the heading of their parts.
const OF_ELIGIBLE: [(FigureBreakdown, &str, &str); 5] = [
    (FigureBreakdown::All, "", "all"),
    (FigureBreakdown::Region, "Region", "by region"),
    (FigureBreakdown::Group, "Group", "by group"),
    (FigureBreakdown::Age, "Age", "by age"),
    (FigureBreakdown::BirthDate, "Date of birth", "by date of birth"),
];

/// The breakdowns of accounts on supply.
const OF_ACCOUNTS: [(FigureBreakdown, &str, &str); 5] = [
    (FigureBreakdown::Supplier, "Supplier", "by supplier"),
    (FigureBreakdown::Region, "Region", "by region"),
    (FigureBreakdown::Home, "Home", "by home"),
    (FigureBreakdown::BirthDate, "Date of birth", "by date of birth"),
    (FigureBreakdown::NameOrigin, "Name shows", "by what names show of their origin"),
];

impl ExactFigures {
    /// Reads the figures of a run; none if the run has no such file, as a manual release and runs of older versions.
    pub(super) fn read(folder: &Path) -> Result<ExactFigures, ReportError> {
        let file = folder.join(ADMINISTRATOR).join(FiguresTable::FILE);
        let mut counts = Vec::new();
        if !file.exists() {
            return Ok(ExactFigures::default());
        }
        FiguresTable::read(&file, |row, _| {
            counts.extend(row.count.map(|count| ExactCount {
                scheme: row.scheme.to_owned(),
                of: row.of,
                breakdown: row.breakdown,
                part: row.part.to_owned(),
                outcome: row.outcome.to_owned(),
                count: count.0,
            }));
            Ok(())
        })?;
        Ok(ExactFigures { counts })
    }

    /// The schemes that there are figures of, in order.
    pub(super) fn schemes(&self) -> Vec<&str> {
        let mut schemes: Vec<&str> = self.counts.iter().map(|own| own.scheme.as_str()).collect();
        schemes.dedup();
        schemes
    }

    /// The counts of a breakdown by part, each as numerator and denominator.
    fn parts(&self, scheme: &str, of: FigureUnit, breakdown: FigureBreakdown) -> Vec<(&str, u64, u64)> {
        let asked = |own: &&ExactCount| own.scheme == scheme && own.of == of && own.breakdown == breakdown;
        let mut parts: Vec<(&str, u64, u64)> = Vec::new();
        for own in self.counts.iter().filter(asked) {
            if parts.last().is_none_or(|(part, ..)| *part != own.part) {
                parts.push((&own.part, 0, 0));
            }
            let Some((_, numerator, denominator)) = parts.last_mut() else { continue };
            match (of, own.outcome.as_str()) {
                (FigureUnit::Accounts, "flagged") => *numerator += own.count,
                (FigureUnit::Accounts, _) => *denominator += own.count,
                (_, outcome) => {
                    *numerator += if outcome == EligibleOutcome::Released.as_str() { own.count } else { 0 };
                    *denominator += own.count;
                }
            }
        }
        parts
    }

    /// The household match rate in a sentence.
    pub(super) fn headline(&self, scheme: &str) -> String {
        let all = self.parts(scheme, FigureUnit::Households, FigureBreakdown::All);
        let (_, released, eligible) = all.first().copied().unwrap_or_default();
        if eligible == 0 {
            return "No household is eligible.".to_owned();
        }
        let (rate, released, eligible) = (percent(released as f64 / eligible as f64), count(released), count(eligible));
        format!("Household match rate {rate}: {released} of {eligible} eligible households have a flag released.")
    }

    /// What became of the eligible households of a scheme, each outcome with its count and share.
    pub(super) fn outcomes(&self, scheme: &str) -> Vec<[String; 3]> {
        let asked = |own: &&ExactCount| {
            own.scheme == scheme && own.of == FigureUnit::Households && own.breakdown == FigureBreakdown::All
        };
        let all: u64 = self.counts.iter().filter(asked).map(|own| own.count).sum();
        let of = |outcome: EligibleOutcome| -> u64 {
            let own = self.counts.iter().filter(asked).filter(|own| own.outcome == outcome.as_str());
            own.map(|own| own.count).sum()
        };
        let row = |outcome: EligibleOutcome| [outcome.words().to_owned(), count(of(outcome)), share(of(outcome), all)];
        EligibleOutcome::ALL.into_iter().map(row).collect()
    }

    /// Match rates and flagged shares of a scheme, by part. Empty parts are left out.
    pub(super) fn tables(&self, scheme: &str) -> Vec<ExactTable> {
        let eligible = [
            (FigureUnit::Households, "Household match rate", "eligible", "released"),
            (FigureUnit::Persons, "Person match rate", "eligible", "released"),
        ];
        let of_eligible = eligible.into_iter().flat_map(|unit| OF_ELIGIBLE.map(|breakdown| (unit, breakdown)));
        let accounts = (FigureUnit::Accounts, "Flagged share", "on supply", "flagged");
        let all = of_eligible.chain(OF_ACCOUNTS.map(|breakdown| (accounts, breakdown)));
        let tables = all.map(|((of, rate, whole, part), (breakdown, heading, by))| {
            let parts = self.parts(scheme, of, breakdown);
            let row = |(name, numerator, denominator): (&str, u64, u64)| {
                let name = if name.is_empty() { "all" } else { name };
                [name.to_owned(), count(denominator), count(numerator), share(numerator, denominator)]
            };
            let rows = parts.into_iter().filter(|(.., denominator)| *denominator > 0).map(row).collect();
            ExactTable { title: format!("{rate}, {by}"), head: [heading, whole, part, "rate"], rows }
        });
        tables.filter(|table| !table.rows.is_empty()).collect()
    }
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { percent(part as f64 / whole as f64) }
}

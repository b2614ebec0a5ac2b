//! Reads what analysts may read of a run: `published.csv` and `night.json` in its `analyst` folder, and nothing outside it.

use std::path::Path;

use crate::privacy::night::NightRecord;
use crate::privacy::published::{PublishedFigure, PublishedFigures};
use crate::privacy::season::SeasonTold;
use crate::release::layout::{ANALYST, NIGHT};
use crate::release::{AnalystOutcome, AnalystTable, PublishedTable, Table};
use crate::report::rate::{NOISY, Rate};
use crate::report::run_data::{ReportError, is_there, unreadable};
use crate::report::words::{self, count};
use crate::statistics::normal_below;

/// A count with its interval.
pub(super) fn counted(figure: &PublishedFigure) -> String {
    let (low, high) = figure.counts;
    match figure.count {
        Some(number) => format!("{} ({} to {})", count(number), count(low), count(high)),
        None => NOISY.to_owned(),
    }
}

/// The share of a figure with its interval.
pub(super) fn rate(figure: &PublishedFigure) -> Rate {
    Rate::new(figure.share, figure.shares)
}

/// The budget of a season, and how much of it is spent, in sentences.
pub(super) fn budget(own: &SeasonTold) -> Vec<String> {
    let SeasonTold { season, epsilon, delta, rho, spent, .. } = own;
    // No test between two Gaussian distributions whose means are √(2ρ) deviations apart is right more often.
    let right = 100.0 * normal_below((2.0 * rho).sqrt() / 2.0);
    let mut all = vec![
        format!("The budget of a household in the season {season} is ε = {epsilon} at δ = {delta:e}."),
        format!(
            "That is ρ = {rho:.4} in the measure in which noise is accounted. Somebody who knows all about everybody else, \
             and has to guess which of two equally likely states a household's records are in, is right 50 times in a \
             hundred without any figure, and at most {right:.1} times with all figures of the season."
        ),
        format!("So far ρ = {spent:.4} is spent, {:.0}\u{a0}% of it.", 100.0 * spent / rho.max(f64::MIN_POSITIVE)),
    ];
    let next = [("The headline is", own.next_headline), ("The other tables are", own.next_details)];
    for (what, next) in next {
        all.extend(next.map(|next| format!("{what} due again from {} on.", words::day(&next.to_string()))));
    }
    all
}

/// What analysts may read of one run.
#[derive(Debug, Clone)]
pub(in crate::report) struct PublishedRun {
    pub(super) night: NightRecord,
    pub(in crate::report) figures: PublishedFigures,
}

impl PublishedRun {
    /// Reads a run, given its folder or only its `analyst` folder.
    ///
    /// # Errors
    /// [`ReportError`] if `folder` is neither, or a file in it cannot be read.
    pub(in crate::report) fn read(folder: &Path) -> Result<PublishedRun, ReportError> {
        let inside = folder.join(ANALYST);
        let analyst = if is_there(&inside)? { inside } else { folder.to_owned() };
        let published = analyst.join(PublishedTable::FILE);
        if !is_there(&published)? {
            let is_older = is_there(&analyst.join("rates.csv"))?;
            let folder = folder.to_owned();
            return Err(if is_older { ReportError::Older { folder } } else { ReportError::NoRun { folder } });
        }
        let night = analyst.join(NIGHT);
        let text = std::fs::read(&night).map_err(unreadable(&night))?;
        Ok(PublishedRun {
            night: serde_json::from_slice(&text)
                .map_err(|error| ReportError::Damaged { file: night, line: error.line() as u64 })?,
            figures: PublishedFigures::read(&analyst)?,
        })
    }

    /// The run's id.
    pub(in crate::report) fn run(&self) -> &str {
        &self.night.run
    }

    /// The rows of a table, in the order of the file.
    pub(super) fn rows<'a>(
        &'a self,
        scheme: &'a str,
        table: AnalystTable,
    ) -> impl Iterator<Item = &'a PublishedFigure> {
        self.figures.iter().filter(move |row| row.scheme == scheme && row.table == table)
    }

    /// The rows of a table by part, in the order of the file.
    pub(super) fn parts<'a>(&'a self, scheme: &'a str, table: AnalystTable) -> Vec<PublishedPart<'a>> {
        let mut parts: Vec<PublishedPart<'a>> = Vec::new();
        for row in self.rows(scheme, table) {
            match parts.iter_mut().find(|part| part.name == row.part) {
                Some(part) => part.rows.push(row),
                None => parts.push(PublishedPart { name: &row.part, rows: vec![row] }),
            }
        }
        parts
    }
}

/// One part of a table.
#[derive(Debug, Clone)]
pub(super) struct PublishedPart<'a> {
    pub(super) name: &'a str,
    rows: Vec<&'a PublishedFigure>,
}

impl<'a> PublishedPart<'a> {
    pub(super) fn with(&self, outcome: AnalystOutcome) -> Option<&'a PublishedFigure> {
        self.rows.iter().copied().find(|row| row.outcome == outcome)
    }

    /// The share with an outcome.
    pub(super) fn rate(&self, outcome: AnalystOutcome) -> Rate {
        self.with(outcome).map_or(Rate::default(), rate)
    }

    /// How many there are of all outcomes; `None` if one is too noisy to show.
    pub(super) fn all(&self) -> Option<u64> {
        self.rows.iter().map(|row| row.count).sum()
    }
}

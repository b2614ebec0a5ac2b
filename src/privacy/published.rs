//! Makes published figures of noisy tables, and reads those of an earlier run back.

use std::path::Path;

use jiff::civil::Date;

use super::estimate::{Estimate, Noisy, Shown, agree};
use crate::release::{
    AnalystOutcome, AnalystTable, AnalystUnit, Fraction, PublishedRow, PublishedTable, ReleaseError, Staging, Table,
    Tally,
};

/// One row of `published.csv`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PublishedFigure {
    pub(crate) scheme: String,
    pub(crate) table: AnalystTable,
    pub(crate) part: String,
    pub(crate) outcome: AnalystOutcome,
    /// `None` if it is too noisy to show.
    pub(crate) count: Option<u64>,
    /// The ends of its 95 % interval.
    pub(crate) counts: (u64, u64),
    pub(crate) share: Option<f64>,
    /// The ends of the share's 95 % interval; `None` where there are no shares.
    pub(crate) shares: Option<(f64, f64)>,
    pub(crate) as_of: Date,
}

/// The rows of `published.csv`, by scheme and table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PublishedFigures(Vec<PublishedFigure>);

impl PublishedFigures {
    /// Reads the file in the analyst's folder of a run; no figures if the run has none.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if it cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<PublishedFigures, ReleaseError> {
        let file = folder.join(PublishedTable::FILE);
        let mut all = Vec::new();
        if !file.exists() {
            return Ok(PublishedFigures::default());
        }
        PublishedTable::read(&file, |row, _| {
            let share = |own: Option<Fraction>| own.map(|Fraction(share)| share);
            all.push(PublishedFigure {
                scheme: row.scheme.to_owned(),
                table: row.table,
                part: row.part.to_owned(),
                outcome: row.outcome,
                count: row.count.map(|count| count.0),
                counts: (row.count_low.0, row.count_high.0),
                share: share(row.share),
                shares: share(row.share_low).zip(share(row.share_high)),
                as_of: row.as_of,
            });
            Ok(())
        })?;
        Ok(PublishedFigures(all))
    }

    /// Writes the file of a run.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written.
    pub(crate) fn write(&self, staging: &Staging) -> Result<(), ReleaseError> {
        let mut file = staging.published_figures()?;
        for own in &self.0 {
            file.write(&PublishedRow {
                scheme: &own.scheme,
                table: own.table,
                part: &own.part,
                outcome: own.outcome,
                count: own.count.map(Tally),
                count_low: Tally(own.counts.0),
                count_high: Tally(own.counts.1),
                share: own.share.map(Fraction),
                share_low: own.shares.map(|(low, _)| Fraction(low)),
                share_high: own.shares.map(|(_, high)| Fraction(high)),
                as_of: own.as_of,
            })?;
        }
        file.finish()
    }

    /// All figures, in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PublishedFigure> {
        self.0.iter()
    }

    /// Puts fresh figures of a scheme in the place of those of the same tables.
    pub(crate) fn renew(&mut self, scheme: &str, fresh: Vec<PublishedFigure>) {
        let is_renewed = |own: &PublishedFigure| own.scheme == scheme && fresh.iter().any(|new| new.table == own.table);
        self.0.retain(|own| !is_renewed(own));
        self.0.extend(fresh);
        // The sort is stable: parts and outcomes stay in order.
        self.0.sort_by(|one, other| (&one.scheme, one.table).cmp(&(&other.scheme, other.table)));
    }

    /// The oldest day of the tables that `wanted` accepts.
    pub(crate) fn oldest(&self, wanted: impl Fn(AnalystTable) -> bool) -> Option<Date> {
        self.0.iter().filter(|own| wanted(own.table)).map(|own| own.as_of).min()
    }
}

/// A table with noise.
pub(crate) type NoisyTable = (AnalystTable, Noisy<AnalystOutcome>);

/// The figures of a scheme's tables of one day, after those of one population are brought into agreement. `parts` names
/// the parts of a table.
pub(crate) fn figures(
    scheme: &str,
    tables: Vec<NoisyTable>,
    parts: impl Fn(AnalystTable) -> Vec<String>,
    as_of: Date,
) -> Vec<PublishedFigure> {
    let mut all = Vec::new();
    for unit in [AnalystUnit::Households, AnalystUnit::Persons, AnalystUnit::Accounts] {
        let of_unit = tables.iter().filter(|(table, _)| table.unit() == unit).cloned();
        let (names, noisy): (Vec<AnalystTable>, Vec<Noisy<AnalystOutcome>>) = of_unit.unzip();
        for (table, agreed) in names.into_iter().zip(agree(&noisy)) {
            let mut whole = agreed.whole().into_iter();
            for (part, estimates) in parts(table).iter().zip(agreed.rows()) {
                for (place, outcome) in table.outcomes().iter().enumerate() {
                    let rounded = whole.next().unwrap_or_default();
                    let (count, counts) = count(estimates[place], rounded);
                    let share = share(estimates, place);
                    all.push(PublishedFigure {
                        scheme: scheme.to_owned(),
                        table,
                        part: part.clone(),
                        outcome: *outcome,
                        count,
                        counts,
                        share: share.and_then(|own| own.value),
                        shares: share.map(|own| (own.low, own.high)),
                        as_of,
                    });
                }
            }
        }
    }
    all
}

/// A count that may be shown, and its interval, which holds the count.
fn count(estimate: Estimate, rounded: i64) -> (Option<u64>, (u64, u64)) {
    let Shown { value, low, high } = estimate.shown();
    let whole = |value: f64| value.max(0.0) as u64;
    let (low, high) = (whole(low.floor()), whole(high.ceil()));
    let shown = value.map(|_| u64::try_from(rounded).unwrap_or(0));
    (shown, (shown.map_or(low, |shown| low.min(shown)), shown.map_or(high, |shown| high.max(shown))))
}

/// The share that an outcome has of a part; `None` if there is only one outcome.
fn share(estimates: &[Estimate], place: usize) -> Option<Shown> {
    let others: Vec<Estimate> =
        estimates.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, own)| *own).collect();
    (!others.is_empty()).then(|| estimates[place].share(Estimate::sum(&others)))
}

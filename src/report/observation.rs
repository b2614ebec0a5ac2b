//! Lists the figures of a report as tidy data: one figure a row, with its run.

use jiff::civil::Date;
use serde::Serialize;

use super::administrator::ExactRun;
use super::analyst::PublishedRun;

/// A row of `published.csv` and its run. A figure that is too noisy to show is `None`.
#[derive(Serialize)]
pub(super) struct Published<'a> {
    run: &'a str,
    scheme: &'a str,
    table: &'a str,
    part: &'a str,
    outcome: &'a str,
    count: Option<u64>,
    count_low: u64,
    count_high: u64,
    share: Option<f64>,
    share_low: Option<f64>,
    share_high: Option<f64>,
    as_of: Date,
}

/// A row of `figures.csv` and its run.
#[derive(Serialize)]
pub(super) struct Exact<'a> {
    run: &'a str,
    scheme: &'a str,
    of: &'a str,
    breakdown: &'a str,
    part: &'a str,
    outcome: &'a str,
    count: Option<u64>,
    share: Option<f64>,
}

/// The columns of both, for reports without a row.
pub(super) const PUBLISHED: [&str; 12] = [
    "run",
    "scheme",
    "table",
    "part",
    "outcome",
    "count",
    "count_low",
    "count_high",
    "share",
    "share_low",
    "share_high",
    "as_of",
];
pub(super) const EXACT: [&str; 8] = ["run", "scheme", "of", "breakdown", "part", "outcome", "count", "share"];

/// All published figures of the runs.
pub(super) fn published(runs: &[PublishedRun]) -> impl Iterator<Item = Published<'_>> {
    let rows = runs.iter().flat_map(|run| run.figures.iter().map(move |own| (run.run(), own)));
    rows.map(|(run, own)| Published {
        run,
        scheme: &own.scheme,
        table: own.table.as_str(),
        part: &own.part,
        outcome: own.outcome.as_str(),
        count: own.count,
        count_low: own.counts.0,
        count_high: own.counts.1,
        share: own.share,
        share_low: own.shares.map(|(low, _)| low),
        share_high: own.shares.map(|(_, high)| high),
        as_of: own.as_of,
    })
}

/// All exact figures of the runs.
pub(super) fn exact(runs: &[ExactRun]) -> impl Iterator<Item = Exact<'_>> {
    let rows = runs.iter().flat_map(|run| run.figures.0.iter().map(|own| (run.run.as_str(), own)));
    rows.map(|(run, own)| Exact {
        run,
        scheme: &own.scheme,
        of: own.of.as_str(),
        breakdown: own.breakdown.as_str(),
        part: &own.part,
        outcome: &own.outcome,
        count: own.count,
        share: own.share,
    })
}

/// Formats rows as CSV.
pub(super) fn to_csv<T: Serialize>(header: &[&str], rows: impl Iterator<Item = T>) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(header)?;
    for own in rows {
        writer.serialize(own)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

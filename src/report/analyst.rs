//! Makes the report on published runs: the figures of the newest run, and trends over all of them.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::administrator::Unsuppressed;
use super::observation;
use super::page;
use super::plain;
use super::run_data::{ReportError, RunData};

/// The output format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables, 80 columns wide.
    Text,
    /// CSV, one observation a row.
    Csv,
    /// JSON, with the same observations.
    Json,
    /// One self-contained page.
    Html,
}

/// A report on one or more runs.
pub struct Report {
    /// Oldest first.
    nights: Vec<RunData>,
    /// Exact counts by run id; empty unless requested.
    exact: Vec<(String, Unsuppressed)>,
    /// Why some runs are left out.
    left_out: Vec<ReportError>,
}

impl Report {
    /// Reads the `analyst` folders of the runs and nothing else; with `exact`, also `administrator/run.json`.
    /// [Early](ReportError::Early) runs are left out if there are others.
    ///
    /// # Errors
    /// [`ReportError`] if a folder is not a run, a file cannot be read, or all runs are early.
    pub fn read(folders: &[PathBuf], exact: bool) -> Result<Report, ReportError> {
        let mut report = Report { nights: Vec::new(), exact: Vec::new(), left_out: Vec::new() };
        for folder in folders {
            let night = match RunData::read(folder) {
                Err(early @ ReportError::Early { .. }) => {
                    report.left_out.push(early);
                    continue;
                }
                night => night?,
            };
            if exact {
                report.exact.push((night.run().to_owned(), Unsuppressed::read(folder)?));
            }
            report.nights.push(night);
        }
        if report.nights.is_empty()
            && let Some(early) = report.left_out.pop()
        {
            return Err(early);
        }
        report.nights.sort_by(|one, other| one.run().cmp(other.run()));
        report.exact.sort_by(|one, other| one.0.cmp(&other.0));
        report.exact.dedup_by(|one, other| one.0 == other.0);
        report.nights.dedup_by(|one, other| one.run() == other.run());
        Ok(report)
    }

    /// Why some of the named runs are left out.
    pub fn left_out(&self) -> &[ReportError] {
        &self.left_out
    }

    /// Formats the report.
    ///
    /// # Errors
    /// [`ReportError::Unmade`] if a picture cannot be drawn.
    pub fn to(&self, format: Format) -> Result<String, ReportError> {
        match format {
            Format::Html => page::page(&self.nights, self.left_out.len(), &self.exact),
            Format::Text => Ok(plain::plain(&self.nights, &self.exact)),
            Format::Csv => {
                observation::to_csv(&self.observations()).map_err(|error| ReportError::Unmade(error.to_string()))
            }
            Format::Json => Ok(format!("{:#}\n", json!({ "observations": self.observations() }))),
        }
    }

    fn observations(&self) -> Vec<observation::Observation> {
        let exact = self.exact.iter().flat_map(|(run, own)| observation::unsuppressed(run, own));
        observation::released(&self.nights).into_iter().chain(exact).collect()
    }
}

/// Makes the page of the present run, whose `analyst` folder comes last in `folders`. An earlier folder that
/// cannot be read is only missing from the trends.
///
/// # Errors
/// A sentence, if the present run's own files cannot be read.
pub fn analyst_page(folders: &[PathBuf]) -> Result<String, String> {
    let Some((tonight, earlier)) = folders.split_last() else { return Err("there is no run".to_owned()) };
    let mut report = Report { nights: Vec::new(), exact: Vec::new(), left_out: Vec::new() };
    for folder in earlier {
        match RunData::read(folder) {
            Ok(night) => report.nights.push(night),
            Err(error) => report.left_out.push(error),
        }
    }
    report.nights.push(RunData::read(tonight as &Path).map_err(|error| error.to_string())?);
    report.to(Format::Html).map_err(|error| error.to_string())
}

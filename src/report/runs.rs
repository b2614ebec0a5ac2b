//! Reads the runs that a report is on, and formats the report.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::administrator::{self, ExactRun};
use super::analyst::{self, PublishedRun};
use super::document::Document;
use super::observation;
use super::run_data::ReportError;

/// The output format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences and tables, 80 columns wide.
    Text,
    /// CSV, one figure a row.
    Csv,
    /// JSON, with the same figures.
    Json,
    /// One self-contained page.
    Html,
}

/// A report on one or more runs.
pub struct Report {
    runs: Runs,
    /// Why some runs are left out.
    left_out: Vec<ReportError>,
}

/// Runs, oldest first.
enum Runs {
    Published(Vec<PublishedRun>),
    Exact(Vec<ExactRun>),
}

impl Report {
    /// Reads the `analyst` folders of the runs and nothing else; with `exact`, their `administrator` folders and nothing
    /// else. Runs of [older](ReportError::Older) versions are left out if there are others.
    ///
    /// # Errors
    /// [`ReportError`] if a folder is not a run, a file cannot be read, or all runs are of older versions.
    pub fn read(folders: &[PathBuf], exact: bool) -> Result<Report, ReportError> {
        if exact {
            let mut runs: Vec<ExactRun> =
                folders.iter().map(|folder| ExactRun::read(folder)).collect::<Result<_, _>>()?;
            runs.sort_by(|one, other| one.run.cmp(&other.run));
            runs.dedup_by(|one, other| one.run == other.run);
            return Ok(Report { runs: Runs::Exact(runs), left_out: Vec::new() });
        }
        let (mut runs, mut left_out) = (Vec::new(), Vec::new());
        for folder in folders {
            match PublishedRun::read(folder) {
                Err(older @ ReportError::Older { .. }) => left_out.push(older),
                run => runs.push(run?),
            }
        }
        if runs.is_empty()
            && let Some(older) = left_out.pop()
        {
            return Err(older);
        }
        Ok(Report::published(runs, left_out))
    }

    fn published(mut runs: Vec<PublishedRun>, left_out: Vec<ReportError>) -> Report {
        runs.sort_by(|one, other| one.run().cmp(other.run()));
        runs.dedup_by(|one, other| one.run() == other.run());
        Report { runs: Runs::Published(runs), left_out }
    }

    /// Why some of the named runs are left out.
    pub fn left_out(&self) -> &[ReportError] {
        &self.left_out
    }

    /// Formats the report.
    ///
    /// # Errors
    /// [`ReportError::Unmade`] if there is no run, or a picture cannot be drawn.
    pub fn to(&self, format: Format) -> Result<String, ReportError> {
        match format {
            Format::Html => self.document()?.to_html(),
            Format::Text => Ok(self.document()?.to_text()),
            Format::Csv => self.csv().map_err(|error| ReportError::Unmade(error.to_string())),
            Format::Json => Ok(match &self.runs {
                Runs::Published(runs) => {
                    format!("{:#}\n", json!({ "observations": observation::published(runs).collect::<Vec<_>>() }))
                }
                Runs::Exact(runs) => {
                    format!("{:#}\n", json!({ "observations": observation::exact(runs).collect::<Vec<_>>() }))
                }
            }),
        }
    }

    fn document(&self) -> Result<Document, ReportError> {
        let document = match &self.runs {
            Runs::Published(runs) => analyst::document(runs, self.left_out.len()),
            Runs::Exact(runs) => administrator::document(runs, self.left_out.len()),
        };
        document.ok_or_else(|| ReportError::Unmade("there is no run".to_owned()))
    }

    fn csv(&self) -> Result<String, csv::Error> {
        match &self.runs {
            Runs::Published(runs) => observation::to_csv(&observation::PUBLISHED, observation::published(runs)),
            Runs::Exact(runs) => observation::to_csv(&observation::EXACT, observation::exact(runs)),
        }
    }
}

/// Makes the page of the present run, whose `analyst` folder comes last in `folders`. An earlier folder that cannot be read
/// is only missing from the trends.
///
/// # Errors
/// A sentence, if the present run's own files cannot be read.
pub fn analyst_page(folders: &[PathBuf]) -> Result<String, String> {
    let Some((tonight, earlier)) = folders.split_last() else { return Err("there is no run".to_owned()) };
    let (mut runs, mut left_out) = (Vec::new(), Vec::new());
    for folder in earlier {
        match PublishedRun::read(folder) {
            Ok(run) => runs.push(run),
            Err(error) => left_out.push(error),
        }
    }
    runs.push(PublishedRun::read(tonight as &Path).map_err(|error| error.to_string())?);
    Report::published(runs, left_out).to(Format::Html).map_err(|error| error.to_string())
}

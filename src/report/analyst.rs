//! The report: in go the folders of runs, out comes a page, a table or a text of the newest of them, and
//! how it came there over the others.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::administrator::Unsuppressed;
use super::night::{Night, ReportError};
use super::observation;
use super::page;
use super::plain;

/// In what form a report is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables of 80 columns.
    Text,
    /// One observation a row.
    Csv,
    /// The same for a program.
    Json,
    /// One page that needs nothing beside it.
    Html,
}

/// The report of some runs.
pub struct Report {
    /// In the order of the runs.
    nights: Vec<Night>,
    /// Exact counts of the same runs, where they were asked for.
    exact: Vec<(String, Unsuppressed)>,
    /// Why earlier runs are not in it.
    left_out: Vec<ReportError>,
}

impl Report {
    /// Reads the `analyst` folders of runs, and nothing else; with `exact`, the administrator's record too. Of
    /// several runs those that are [early](ReportError::Early) are left out.
    ///
    /// # Errors
    /// [`ReportError`] if one of them is no run, or cannot be read, or all of them are early.
    pub fn read(folders: &[PathBuf], exact: bool) -> Result<Report, ReportError> {
        let mut report = Report { nights: Vec::new(), exact: Vec::new(), left_out: Vec::new() };
        for folder in folders {
            let night = match Night::read(folder) {
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

    /// Why runs that were named are not in it.
    pub fn left_out(&self) -> &[ReportError] {
        &self.left_out
    }

    /// The report in a form.
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

/// The page of tonight's run, whose `analyst` folder is the last of these. An earlier one that cannot be
/// read costs the trends a night, and no more.
///
/// # Errors
/// A sentence, if tonight's own files cannot be read.
pub fn analyst_page(folders: &[PathBuf]) -> Result<String, String> {
    let Some((tonight, earlier)) = folders.split_last() else { return Err("there is no run".to_owned()) };
    let mut report = Report { nights: Vec::new(), exact: Vec::new(), left_out: Vec::new() };
    for folder in earlier {
        match Night::read(folder) {
            Ok(night) => report.nights.push(night),
            Err(error) => report.left_out.push(error),
        }
    }
    report.nights.push(Night::read(tonight as &Path).map_err(|error| error.to_string())?);
    report.to(Format::Html).map_err(|error| error.to_string())
}

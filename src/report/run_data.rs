//! Reads what analysts may read of a run: the figures in its `analyst` folder, and nothing outside it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::release::disclosure::{BirthDate, Home, Released};
use crate::release::layout::{ADMINISTRATOR, ANALYST, NIGHT, RECORD};
use crate::release::run_record::RunRecord;
use crate::release::{DetailsTable, RatesTable, ReleaseError, Table};
use crate::text::shown;

/// Why a run cannot be reported on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The folder is not a run: it has no `analyst/rates.csv`.
    #[error("{}: no folder of a run with analyst/rates.csv in it", shown(folder))]
    NoRun {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The run has no `night.json`: an early version wrote it.
    #[error(
        "{}: this run has no analyst/night.json (runs of early versions have none); report on a later run",
        shown(folder)
    )]
    Early {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file is not in the format that a run writes.
    #[error("{}, line {line}: not as a run writes it", shown(file))]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
    },
    /// The run's decisions were purged.
    #[error("{}: this run was purged, and its decisions are gone; name a later run", shown(folder))]
    Purged {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The sample is too small to have one account of each stratum.
    #[error("the accounts fall into {strata} strata of key and band; ask for at least as many accounts with --n")]
    TooFew {
        /// The number of strata.
        strata: usize,
    },
    /// The report itself cannot be made.
    #[error("the report cannot be made: {0}")]
    Unmade(String),
}

impl From<ReleaseError> for ReportError {
    fn from(error: ReleaseError) -> ReportError {
        match error {
            ReleaseError::Io { path, source, .. } => ReportError::Unreadable { file: path, source },
            ReleaseError::Damaged { path, line, .. } => ReportError::Damaged { file: path, line },
            other => ReportError::Unmade(other.to_string()),
        }
    }
}

/// One row of `rates.csv`. An empty column means all.
#[derive(Debug, Clone)]
pub(super) struct PublishedRate {
    pub(super) scheme: String,
    pub(super) breakdown: String,
    pub(super) supplier: String,
    pub(super) area: String,
    pub(super) birth_date: String,
    pub(super) home: String,
    pub(super) accounts: Option<u64>,
    pub(super) flagged: Option<u64>,
    pub(super) suppressed: bool,
    pub(super) as_of: String,
}

impl PublishedRate {
    /// The share of accounts that are flagged; `None` if it is suppressed.
    pub(super) fn rate(&self) -> Option<f64> {
        match (self.flagged, self.accounts) {
            (Some(flagged), Some(accounts)) if accounts > 0 && !self.suppressed => {
                Some(flagged as f64 / accounts as f64)
            }
            _ => None,
        }
    }
}

/// One row of `details.csv`.
#[derive(Debug, Clone)]
pub(super) struct PublishedDetail {
    pub(super) scheme: String,
    pub(super) supplier: String,
    pub(super) breakdown: String,
    pub(super) part: String,
    pub(super) among: &'static str,
    pub(super) accounts: Option<u64>,
    pub(super) at_least: Option<u64>,
    pub(super) suppressed: bool,
    pub(super) as_of: String,
}

/// `night.json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct NightRecord {
    pub(super) run: String,
    pub(super) day: String,
    pub(super) threshold: f64,
    pub(super) disclosure_threshold: u64,
    pub(super) disclosure_days: u32,
    /// `None` in older runs, which do not record it.
    pub(super) gates: Option<GateBounds>,
    pub(super) schemes: Vec<SchemeName>,
    pub(super) suppliers: Vec<SupplierName>,
}

/// The settings of the gate on flagged shares.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct GateBounds {
    pub(super) nights: u32,
    pub(super) match_rate_lower: f64,
    pub(super) match_rate_higher: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SchemeName {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) qualifying_date: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SupplierName {
    pub(super) id: String,
    /// The run delivered to it.
    pub(super) matched: bool,
    /// It was in the run but got no delivery. Older runs do not record it.
    #[serde(default)]
    pub(super) held_back: bool,
}

/// What analysts may read of one run.
#[derive(Debug, Clone)]
pub struct RunData {
    pub(super) record: NightRecord,
    pub(super) rates: Vec<PublishedRate>,
    pub(super) details: Vec<PublishedDetail>,
}

impl RunData {
    /// Reads a run, given its folder or only its `analyst` folder.
    ///
    /// # Errors
    /// [`ReportError`] if `folder` is neither, or a file in it cannot be read.
    pub fn read(folder: &Path) -> Result<RunData, ReportError> {
        let inside = folder.join(ANALYST);
        let analyst = if is_there(&inside)? { inside } else { folder.to_owned() };
        let rates = analyst.join(RatesTable::FILE);
        if !is_there(&rates)? {
            return Err(ReportError::NoRun { folder: folder.to_owned() });
        }
        let record = analyst.join(NIGHT);
        if !is_there(&record)? {
            return Err(ReportError::Early { folder: folder.to_owned() });
        }
        let text = std::fs::read(&record).map_err(unreadable(&record))?;
        Ok(RunData {
            record: serde_json::from_slice(&text)
                .map_err(|error| ReportError::Damaged { file: record, line: error.line() as u64 })?,
            rates: published_rates(&rates)?,
            details: published_details(&analyst.join(DetailsTable::FILE))?,
        })
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        &self.record.run
    }

    /// Whether the run matched a supplier or held one back. A manual release does neither, and analysts learn
    /// nothing about it.
    pub(super) fn is_night(&self) -> bool {
        self.record.suppliers.iter().any(|own| own.matched || own.held_back)
    }

    /// A scheme's rows of `rates.csv` for one breakdown.
    pub(super) fn rates<'a>(&'a self, scheme: &'a str, breakdown: &'a str) -> impl Iterator<Item = &'a PublishedRate> {
        self.rates.iter().filter(move |row| row.scheme == scheme && row.breakdown == breakdown)
    }
}

/// Whether a file or folder exists. If the look-up itself fails, that is an error, not a no.
fn is_there(path: &Path) -> Result<bool, ReportError> {
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(unreadable(path)(error)),
    }
}

/// Reads the record of a run.
pub(super) fn record(folder: &Path) -> Result<RunRecord, ReportError> {
    let file = folder.join(ADMINISTRATOR).join(RECORD);
    let text = std::fs::read(&file).map_err(unreadable(&file))?;
    serde_json::from_slice(&text).map_err(|error| ReportError::Damaged { file, line: error.line() as u64 })
}

pub(super) fn unreadable(file: &Path) -> impl FnOnce(std::io::Error) -> ReportError {
    let file = file.to_owned();
    move |source| ReportError::Unreadable { file, source }
}

/// Converts the csv crate's error, without the values that it quotes.
pub(super) fn damaged(file: &Path, error: csv::Error) -> ReportError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => unreadable(file)(source),
        _ => ReportError::Damaged { file: file.to_owned(), line },
    }
}

fn published_rates(file: &Path) -> Result<Vec<PublishedRate>, ReportError> {
    let mut all = Vec::new();
    RatesTable::read(file, |row, _| {
        all.push(PublishedRate {
            scheme: row.scheme.to_owned(),
            breakdown: row.breakdown.as_str().to_owned(),
            supplier: row.supplier.to_owned(),
            area: row.area.to_owned(),
            birth_date: row.birth_date.map_or("", BirthDate::as_str).to_owned(),
            home: row.home.map_or("", Home::as_str).to_owned(),
            accounts: row.accounts.map(Released::get),
            flagged: row.flagged.map(Released::get),
            suppressed: row.suppressed,
            as_of: row.as_of.map_or(String::new(), |day| day.to_string()),
        });
        Ok(())
    })?;
    Ok(all)
}

fn published_details(file: &Path) -> Result<Vec<PublishedDetail>, ReportError> {
    let mut all = Vec::new();
    DetailsTable::read(file, |row, _| {
        all.push(PublishedDetail {
            scheme: row.scheme.to_owned(),
            supplier: row.supplier.to_owned(),
            breakdown: row.breakdown.as_str().to_owned(),
            part: row.part.to_owned(),
            among: row.among.as_str(),
            accounts: row.accounts.map(Released::get),
            at_least: row.at_least.map(Released::get),
            suppressed: row.suppressed,
            as_of: row.as_of.to_string(),
        });
        Ok(())
    })?;
    Ok(all)
}

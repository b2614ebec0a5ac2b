//! Prepares a supplier's customer files before they are sent: checks them as a run does, and writes only what a run needs.
//!
//! A supplier runs this with a [`Layout`], which the administrator makes from the job. It keeps the columns that are read
//! and the accounts that are on supply on a qualifying date, so that the fewest people and fields leave the supplier.
//! Each account that it keeps gets the flag that it would get from the files as they are.

mod error;
mod kept;
mod layout;
mod rows;
mod unusual;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use error::{InTheWay, PrepareError};
use kept::Kept;
pub use layout::{Layout, LayoutError};
use rows::{PreparedRows, Preparing};
use unusual::Figures;
use written::Places;

use crate::intake::{self, CUSTOMERS, Column, Fault, FaultKind, ReadSettings, UnusedHeading};
use crate::matching::RunKey;
use crate::pipeline::inputs::input_file::InputFile;
use crate::progress::Progress;

/// What was found in a supplier's files, and what was written.
#[derive(Debug, Serialize)]
pub struct Prepared {
    /// The supplier.
    pub supplier: String,
    /// The job.
    pub job: String,
    /// The qualifying dates of the schemes that it takes part in.
    pub qualifying_dates: Vec<String>,
    /// Its files.
    pub files: Vec<PreparedFile>,
    /// The figures of all files.
    #[serde(flatten)]
    pub figures: FileFigures,
    /// Those of the last time.
    pub last: Option<FileFigures>,
    /// Those from before the last time, if the last ones were unusual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<FileFigures>,
    /// The figures, by their names, that are so far from the usual ones, or else the last ones, that the export may be
    /// broken.
    pub unusual: Vec<&'static str>,
    /// Where the prepared file is; `None` if nothing was to be written.
    pub written: Option<PathBuf>,
    /// The list of rejects and notes, if there are any.
    pub rejects: Option<PathBuf>,
    /// The recipient that it is encrypted to; `None` if the layout has none.
    pub encrypted_to: Option<String>,
}

/// What was found in one file.
#[derive(Debug, Serialize)]
pub struct PreparedFile {
    /// Its base name.
    pub file: String,
    /// Its encoding.
    pub encoding: &'static str,
    /// Rows found, good and bad.
    pub rows: u64,
    /// What cannot be used, by line.
    pub faults: Vec<FaultLine>,
    /// Headings that nothing reads: their columns are left out.
    pub unused_headings: Vec<UnusedHeading>,
}

/// A row or field that cannot be used.
#[derive(Debug, Serialize)]
pub struct FaultLine {
    /// The line on which the row begins.
    pub line: u64,
    /// The row is not used at all.
    pub is_rejected: bool,
    /// The heading of the field, unless it is the row as a whole.
    pub heading: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// Figures of a supplier's files, to compare with those of the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFigures {
    /// Rows found, good and bad.
    pub rows: u64,
    /// Rows that cannot be used, and so are left out.
    pub rejected: u64,
    /// Rows with a field that cannot be used.
    pub noted: u64,
    /// Notes by heading and reason.
    pub notes: BTreeMap<String, u64>,
    /// Accounts in the files.
    pub accounts: u64,
    /// Accounts that are kept.
    pub kept_accounts: u64,
    /// Rows that are kept.
    pub kept_rows: u64,
    /// Rows that repeat another exactly, and so are left out.
    pub repeats: u64,
    /// References that too many rows name for one account.
    pub crowded_references: u64,
    /// Of the rows that are kept, those with a usable name.
    pub names: u64,
    /// Those with a usable date of birth.
    pub birth_dates: u64,
    /// Those with a usable postcode.
    pub postcodes: u64,
    /// Those with a usable UPRN.
    pub uprns: u64,
}

/// Where files are prepared into.
#[derive(Debug, Clone)]
pub struct PrepareOptions {
    /// The folder, which has the figures of the last time.
    pub folder: PathBuf,
    /// Check the files, and write nothing.
    pub dry_run: bool,
}

/// Checks a supplier's files, and writes what is needed of them into a folder.
///
/// # Errors
/// [`PrepareError`] if a run would reject the files, or the folder cannot be written. The prepared file of the last
/// time stays as it was then.
pub fn prepare(
    layout: &Layout,
    files: &[PathBuf],
    options: &PrepareOptions,
    progress: &dyn Progress,
) -> Result<Prepared, PrepareError> {
    // As a run reads them.
    let mut paths = files.to_vec();
    paths.sort();
    paths.dedup();
    let places = Places::new(&options.folder, layout);
    places.are_free(&paths)?;
    let map = layout.column_map();
    let settings = ReadSettings::default();
    let mut columns: Vec<Column> = Vec::new();
    for path in &paths {
        columns.extend(intake::columns(path, &CUSTOMERS, &map, &settings)?);
    }
    let headings = layout.headings(&columns);
    let key = RunKey::generate().map_err(PrepareError::NoKey)?;
    let preparing = Preparing::new(layout, &key, headings.iter().map(|(column, _)| *column).collect());
    let (mut read, mut figures) = (Vec::new(), FileFigures::default());
    let mut parts: Vec<(usize, PreparedRows)> = Vec::new();
    let mut inputs = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        let mut found = intake::read(path, &CUSTOMERS, &map, &settings, progress, || preparing.rows())?;
        let (encoding, mut unused) = (found.encoding, std::mem::take(&mut found.unused));
        let (file, rows) = InputFile::new(&layout.supplier, path, &map, found);
        if let Some(rows) = file.refused(layout.reject_limit) {
            return Err(PrepareError::TooManyRejects { rows });
        }
        // If no row fits the header, the header may itself be a row of personal data.
        if file.rejected == file.rows {
            unused.iter_mut().for_each(UnusedHeading::withhold);
        }
        figures.rows += file.rows;
        figures.rejected += file.rejected;
        figures.noted += file.noted;
        for Fault { column, reason, .. } in file.faults.iter().filter(|fault| fault.kind == FaultKind::Note) {
            let heading = column.map_or("", |column| map.heading(column));
            *figures.notes.entry(format!("{heading}: {reason}")).or_default() += 1;
        }
        let faults = file.faults.iter().map(|fault| FaultLine {
            line: fault.line,
            is_rejected: fault.kind == FaultKind::Reject,
            heading: fault.column.map(|column| map.heading(column).to_owned()),
            reason: fault.reason.to_string(),
        });
        read.push(PreparedFile {
            file: file.name.clone(),
            encoding,
            rows: file.rows,
            faults: faults.collect(),
            unused_headings: unused,
        });
        parts.extend(rows.into_iter().map(|rows| (number, rows)));
        inputs.push(file);
    }
    let kept = Kept::choose(&parts, layout.parts)?;
    kept.count(&mut figures);
    let last = places.last_figures()?;
    let rejects = match options.dry_run {
        true => None,
        false => {
            let next = Figures::next(&figures, last.as_ref());
            written::write(&places, layout, &headings, &kept, &inputs, &next)?
        }
    };
    let written = (!options.dry_run).then(|| places.prepared().to_owned());
    Ok(Prepared {
        supplier: layout.supplier.clone(),
        job: layout.job.clone(),
        qualifying_dates: layout.qualifying_dates().map(|day| day.to_string()).collect(),
        files: read,
        unusual: last.iter().flat_map(|last| unusual::figures(&figures, last.compared())).collect(),
        figures,
        usual: last.as_ref().and_then(|last| last.usual.clone()),
        last: last.map(|last| last.last),
        encrypted_to: written.as_ref().and(layout.recipient.clone()),
        written,
        rejects,
    })
}

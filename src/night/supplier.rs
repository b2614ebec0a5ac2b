//! One supplier's files: in go their paths, out come its accounts with their candidates, or why the
//! supplier is held back. Nothing here stops another supplier.

use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::accounts::Accounts;
use super::customer_rows::CustomerReading;
use super::gates::Finding;
use super::lookout::Lookout;
use super::row_part::RowPart;
use super::shared::{InputFile, SharedInputs, column_map};
use super::sightings::Sightings;
use super::watch::{Stage, Watch};
use crate::intake::{self, CUSTOMERS, IntakeError, ReadSettings};
use crate::job::{FilesError, Job, Supplier};
use crate::matching::KeyCounts;
use crate::text::{counted, shown};

/// Why nothing is released to a supplier tonight. No message holds a field's value.
#[derive(Debug, thiserror::Error)]
pub enum HeldBack {
    /// Its files cannot be found.
    #[error(transparent)]
    NoFiles(#[from] FilesError),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] IntakeError),
    /// A file has too many bad rows.
    #[error(
        "{}: {rejected} of {} cannot be read, more than reject_limit allows; the first is line {line}: {reason}",
        shown(file),
        counted(*rows, "row")
    )]
    TooManyRejects {
        /// The file.
        file: PathBuf,
        /// Rows rejected.
        rejected: u64,
        /// Rows in all.
        rows: u64,
        /// The line of the first.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The same reference is in two files.
    #[error(
        "{} {} in more than one of its files (has a pattern caught an older file? parts = true allows it)",
        counted(*references, "customer_ref"),
        if *references == 1 { "is" } else { "are" }
    )]
    RepeatedAcrossFiles {
        /// How many.
        references: u64,
    },
    /// Another's pattern finds one of its files.
    #[error(
        "{file:?}: the patterns of {others} find this file too; change the patterns in the job, or move the file: it has to be one's alone"
    )]
    SharedFile {
        /// The file.
        file: PathBuf,
        /// The suppliers' ids, or the inputs' names.
        others: String,
    },
    /// Another supplier has a file with the same bytes.
    #[error("{file:?}: this file has the same bytes as one of {other}; find out whose it is, and take the other away")]
    SameContent {
        /// The file.
        file: PathBuf,
        /// The other supplier's id.
        other: String,
    },
    /// What it reported back cannot be read.
    #[error("its exceptions: {0}")]
    Exceptions(String),
    /// There is no account in its files.
    #[error("there is not one account in its files")]
    NoAccounts,
}

impl HeldBack {
    /// Refuses a file of which more rows were rejected than the limit allows.
    pub(super) fn if_refused(file: &InputFile, reject_limit: f64) -> Result<(), HeldBack> {
        match file.first_reject() {
            Some(fault) if file.is_refused(reject_limit) => Err(HeldBack::TooManyRejects {
                file: file.path.clone(),
                rejected: file.rejected,
                rows: file.rows,
                line: fault.line,
                reason: fault.reason.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

/// A supplier that is held back.
#[derive(Debug, Serialize)]
pub struct HeldSupplier {
    /// Its id.
    pub id: String,
    /// Why, in one sentence.
    pub reason: String,
    /// What gates saw, where it was matched and is kept among the administrator's files; else nothing of it
    /// could be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl HeldSupplier {
    /// One whose files cannot be used.
    pub(super) fn unusable(supplier: &Supplier, why: &HeldBack) -> HeldSupplier {
        HeldSupplier { id: supplier.id.clone(), reason: why.to_string(), findings: Vec::new() }
    }

    /// One that gates hold back.
    pub(super) fn gated(supplier: &Supplier, findings: &[Finding]) -> HeldSupplier {
        let reason = findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("; ");
        HeldSupplier { id: supplier.id.clone(), reason, findings: findings.to_vec() }
    }
}

/// What was read of a supplier's files.
pub(crate) struct SupplierAccounts {
    pub(crate) accounts: Accounts,
    pub(crate) files: Vec<InputFile>,
    pub(crate) keys: KeyCounts,
}

/// Reads a supplier's files and finds the candidates of their holders.
pub(super) fn read(
    job: &Job,
    supplier: &Supplier,
    shared: &SharedInputs,
    lookout: Option<&Lookout<'_>>,
    watch: &Watch<'_>,
) -> Result<(SupplierAccounts, Sightings), HeldBack> {
    if let Some(why) = shared.refused_exceptions.get(&supplier.id) {
        return Err(HeldBack::Exceptions(why.clone()));
    }
    let paths = supplier.source.files()?;
    let columns = column_map(&supplier.source);
    let dates = job.schemes.iter().map(|scheme| supplier.takes_part_in(scheme).then_some(scheme.qualifying_date));
    let reading = CustomerReading::new(&shared.matcher, &shared.scores, dates.collect(), shared.latest_birth, lookout);
    let mut files = Vec::new();
    let mut parts: Vec<Vec<RowPart>> = Vec::new();
    for path in paths {
        let settings = ReadSettings::default();
        let read = || intake::read(&path, &CUSTOMERS, &columns, &settings, watch.progress(), || reading.rows());
        let read = watch.time(Stage::MatchCustomers, read)?;
        let (file, rows) = InputFile::of(&supplier.id, &path, read);
        HeldBack::if_refused(&file, job.intake.reject_limit)?;
        files.push(file);
        parts.push(rows.into_par_iter().map(|rows| rows.into_part()).collect());
    }
    let seen = parts.iter_mut().flatten().map(|part| std::mem::take(&mut part.sightings));
    let sightings = Sightings::gather(seen);
    let accounts = watch
        .time(Stage::GatherAccounts, || Accounts::gather(parts, supplier.parts))
        .map_err(|repeated| HeldBack::RepeatedAcrossFiles { references: repeated.references })?;
    if accounts.count() == 0 {
        return Err(HeldBack::NoAccounts);
    }
    if let Some(finder) = accounts.crowd_finder() {
        // Hardly ever: so no row's line is kept for it, and the files are read once more.
        for file in &mut files {
            let settings = ReadSettings::default();
            let path = file.path.clone();
            file.add_notes(intake::read(&path, &CUSTOMERS, &columns, &settings, watch.progress(), &finder)?)?;
        }
    }
    Ok((SupplierAccounts { accounts, files, keys: reading.key_counts() }, sightings))
}

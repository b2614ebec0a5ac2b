//! Reads one supplier's files into accounts with candidates, or says why the supplier is rejected.
//!
//! Nothing here stops another supplier.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::intake::{self, CUSTOMERS, IntakeError, ReadSettings};
use crate::job::{FilesError, Job, Supplier};
use crate::matching::KeyCounts;
use crate::pipeline::accounts::change_detection::ChangeDetector;
use crate::pipeline::accounts::customer_chunk::CustomerChunk;
use crate::pipeline::accounts::customer_rows::CustomerReading;
use crate::pipeline::accounts::duplicate_holders::DuplicateHolders;
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::inputs::shared_inputs::{InputFile, SharedInputs, column_map};
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::run_record::{Finding, HeldSupplier};
use crate::text::{counted, shown};

/// Why nothing is released to a supplier tonight. No message holds a field's value.
#[derive(Debug, thiserror::Error)]
pub enum RejectedSupplier {
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
        "{} {} in more than one of its files: if a pattern finds an older file, change it; else set parts = true",
        counted(*references, "customer_ref"),
        if *references == 1 { "is" } else { "are" }
    )]
    RepeatedAcrossFiles {
        /// How many.
        references: u64,
    },
    /// The pattern of another supplier or input finds one of its files.
    #[error(
        "{file:?}: the patterns of {others} find this file too; a file must belong to one supplier or input only: \
         change the patterns in the job, or move the file"
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
    /// Its exceptions file cannot be read.
    #[error("its exceptions: {0}")]
    Exceptions(String),
    /// Its files have no account.
    #[error("there is not one account in its files")]
    NoAccounts,
}

impl RejectedSupplier {
    /// Refuses a file if more of its rows were rejected than the limit allows.
    pub(crate) fn if_refused(file: &InputFile, reject_limit: f64) -> Result<(), RejectedSupplier> {
        match file.first_reject() {
            Some(fault) if file.is_refused(reject_limit) => Err(RejectedSupplier::TooManyRejects {
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

impl HeldSupplier {
    /// A rejected supplier: its files cannot be used.
    pub(crate) fn unusable(supplier: &Supplier, why: &RejectedSupplier) -> HeldSupplier {
        HeldSupplier { id: supplier.id.clone(), reason: why.to_string(), findings: Vec::new() }
    }

    /// A quarantined supplier: gates found something.
    pub(crate) fn gated(supplier: &Supplier, findings: &[Finding]) -> HeldSupplier {
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
pub(crate) fn read(
    job: &Job,
    supplier: &Supplier,
    shared: &SharedInputs,
    detector: Option<&ChangeDetector<'_>>,
    timer: &StageTimer<'_>,
) -> Result<(SupplierAccounts, DuplicateHolders), RejectedSupplier> {
    if let Some(why) = shared.refused_exceptions.get(&supplier.id) {
        return Err(RejectedSupplier::Exceptions(why.clone()));
    }
    let paths = supplier.source.files()?;
    let columns = column_map(&supplier.source);
    let dates = job.schemes.iter().map(|scheme| supplier.takes_part_in(scheme).then_some(scheme.qualifying_date));
    let reading = CustomerReading::new(&shared.matcher, &shared.scores, dates.collect(), shared.latest_birth, detector);
    let mut files = Vec::new();
    let mut parts: Vec<Vec<CustomerChunk>> = Vec::new();
    for path in paths {
        let settings = ReadSettings::default();
        let read = || intake::read(&path, &CUSTOMERS, &columns, &settings, timer.progress(), || reading.rows());
        let read = timer.time(Stage::MatchCustomers, read)?;
        let (file, rows) = InputFile::new(&supplier.id, &path, read);
        RejectedSupplier::if_refused(&file, job.intake.reject_limit)?;
        files.push(file);
        parts.push(rows.into_par_iter().map(|rows| rows.into_part()).collect());
    }
    let seen = parts.iter_mut().flatten().map(|part| std::mem::take(&mut part.duplicates));
    let duplicates = DuplicateHolders::gather(seen);
    let accounts = timer
        .time(Stage::GatherAccounts, || Accounts::gather(parts, supplier.parts))
        .map_err(|repeated| RejectedSupplier::RepeatedAcrossFiles { references: repeated.references })?;
    if accounts.count() == 0 {
        return Err(RejectedSupplier::NoAccounts);
    }
    if let Some(finder) = accounts.crowd_finder() {
        // This is rare. So row lines are not kept for it, and the files are read once more.
        for file in &mut files {
            let settings = ReadSettings::default();
            let path = file.path.clone();
            file.add_notes(intake::read(&path, &CUSTOMERS, &columns, &settings, timer.progress(), &finder)?)?;
        }
    }
    Ok((SupplierAccounts { accounts, files, keys: reading.key_counts() }, duplicates))
}

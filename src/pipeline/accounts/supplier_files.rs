//! Reads one supplier's files into accounts with candidates, or says why the supplier is rejected.
//!
//! Nothing here stops another supplier.

use std::sync::Arc;

use rayon::prelude::*;

use crate::intake::{self, CUSTOMERS};
use crate::job::{Job, Supplier};
use crate::matching::{Donors, KeyCounts, Sampling};
use crate::pipeline::accounts::change_detection::ChangeDetector;
use crate::pipeline::accounts::customer_chunk::CustomerChunk;
use crate::pipeline::accounts::customer_rows::CustomerReading;
use crate::pipeline::accounts::duplicate_holders::DuplicateHolders;
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::inputs::input_file::{InputFile, column_map};
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::pipeline::stage_timer::{Stage, StageTimer};

/// What was read of a supplier's files.
pub(crate) struct SupplierAccounts {
    pub(crate) accounts: Accounts,
    pub(crate) files: Vec<InputFile>,
    pub(crate) keys: KeyCounts,
    /// The holders from whom decoys are made, by chunk.
    pub(crate) donors: Vec<Donors>,
}

/// Reads a supplier's files and finds the candidates of their holders.
pub(crate) fn read(
    job: &Job,
    supplier: &Supplier,
    shared: &SharedInputs,
    detector: Option<&ChangeDetector<'_>>,
    sampling: Option<&Sampling>,
    timer: &StageTimer<'_>,
) -> Result<(SupplierAccounts, DuplicateHolders), RejectedSupplier> {
    if let Some(why) = shared.refused_exceptions.get(&supplier.id) {
        return Err(RejectedSupplier::Exceptions(Arc::clone(why)));
    }
    let paths = supplier.source.files()?;
    let columns = column_map(&supplier.source);
    let dates = job.schemes.iter().map(|scheme| supplier.takes_part_in(scheme).then_some(scheme.qualifying_date));
    let latest_birth = shared.latest_birth;
    let reading =
        CustomerReading::new(&shared.matcher, &shared.scores, dates.collect(), latest_birth, detector, sampling);
    let mut files = Vec::new();
    let mut parts: Vec<Vec<CustomerChunk>> = Vec::new();
    for path in paths {
        let settings = shared.read_settings();
        let read = || intake::read(&path, &CUSTOMERS, &columns, &settings, timer.progress(), || reading.rows());
        let read = timer.time(Stage::MatchCustomers, read)?;
        let (file, rows) = InputFile::new(&supplier.id, &path, &columns, read);
        RejectedSupplier::if_refused(&file, job.intake.reject_limit)?;
        files.push(file);
        parts.push(rows.into_par_iter().map(|rows| rows.into_part()).collect());
    }
    let seen = parts.iter_mut().flatten().map(|part| std::mem::take(&mut part.duplicates));
    let duplicates = DuplicateHolders::gather(seen);
    let donors = parts.iter_mut().flatten().map(|part| std::mem::take(&mut part.donors)).collect();
    let accounts = timer
        .time(Stage::GatherAccounts, || Accounts::gather(parts, supplier.parts))
        .map_err(|repeated| RejectedSupplier::RepeatedAcrossFiles { references: repeated.references })?;
    if accounts.count() == 0 {
        return Err(RejectedSupplier::NoAccounts);
    }
    if let Some(finder) = accounts.crowd_finder() {
        // This is rare. So row lines are not kept for it, and the files are read once more.
        for file in &mut files {
            let settings = shared.read_settings();
            let path = file.path.clone();
            file.add_notes(intake::read(&path, &CUSTOMERS, &columns, &settings, timer.progress(), &finder)?)?;
        }
    }
    Ok((SupplierAccounts { accounts, files, keys: reading.key_counts(), donors }, duplicates))
}

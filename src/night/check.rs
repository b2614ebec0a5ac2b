//! Inputs checked and profiled, and nothing matched: in goes a job, out comes what its files hold and
//! what is wrong with them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::NightError;
use super::matching::wanted;
use super::shared::{InputFile, column_map, latest_birth};
use super::summary::HeldSupplier;
use super::supplier::HeldBack;
use super::{Options, identity};
use crate::date::Date;
use crate::intake::{
    self, BENEFITS, CUSTOMERS, Column, Consumer, DECISIONS, FaultKind, Faults, OBJECTIONS, PROPERTIES, ReadSettings,
    Reason, Row, Table,
};
use crate::job::{Job, Source};
use crate::progress::Progress;

/// What a job's inputs hold.
#[derive(Debug, Serialize)]
pub struct Profile {
    /// Its files, the shared ones first.
    pub files: Vec<FileProfile>,
    /// Suppliers that a run would hold back.
    pub held_back: Vec<HeldSupplier>,
}

/// What one file holds.
#[derive(Debug, Serialize)]
pub struct FileProfile {
    /// What the file is: `benefits`, a supplier's id, and so on.
    pub input: String,
    /// Its base name.
    pub file: String,
    /// Rows found, good and bad.
    pub rows: u64,
    /// Rows that cannot be used.
    pub rejected: u64,
    /// Rows with a field that cannot be used.
    pub noted: u64,
    /// Columns that hold something in some row, with the number of rows in which they do.
    pub filled: BTreeMap<&'static str, u64>,
    /// Rejects and notes by column and reason.
    pub faults: BTreeMap<String, u64>,
}

/// Reads all inputs of a job and says what they hold.
///
/// # Errors
/// [`NightError`] where a shared input would stop the run. What is wrong with a supplier's files is
/// part of the profile.
pub fn check(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Profile, NightError> {
    let wanted = wanted(job, options)?;
    let mut profile = Profile { files: Vec::new(), held_back: Vec::new() };
    let latest = latest_birth(job);
    let shared = [
        ("benefits", Some(&job.benefits), &BENEFITS),
        ("properties", job.properties.as_ref(), &PROPERTIES),
        ("objections", job.objections.as_ref(), &OBJECTIONS),
        ("decisions", job.decisions.as_ref(), &DECISIONS),
    ];
    for (input, source, table) in shared {
        let Some(source) = source else { continue };
        let paths = source.files().map_err(|source| NightError::NoFiles { input, source })?;
        for path in paths {
            let (file, filled) = read(input, &path, source, table, latest, progress)
                .map_err(|source| NightError::Unreadable { input, source })?;
            profile.files.push(FileProfile::of(&file, filled));
        }
    }
    for supplier in job.suppliers.iter().filter(|supplier| wanted.contains(supplier.id.as_str())) {
        if let Err(why) = check_supplier(job, supplier, latest, &mut profile.files, progress) {
            profile.held_back.push(HeldSupplier { id: supplier.id.clone(), reason: why.to_string() });
        }
    }
    Ok(profile)
}

fn check_supplier(
    job: &Job,
    supplier: &crate::job::Supplier,
    latest: Date,
    profiles: &mut Vec<FileProfile>,
    progress: &dyn Progress,
) -> Result<(), HeldBack> {
    for path in supplier.source.files()? {
        let (file, filled) = read(&supplier.id, &path, &supplier.source, &CUSTOMERS, latest, progress)?;
        profiles.push(FileProfile::of(&file, filled));
        HeldBack::if_refused(&file, job.intake.reject_limit)?;
    }
    Ok(())
}

fn read(
    input: &str,
    path: &std::path::Path,
    source: &Source,
    table: &Table,
    latest: Date,
    progress: &dyn Progress,
) -> Result<(InputFile, BTreeMap<&'static str, u64>), intake::IntakeError> {
    let columns: Vec<Column> = table.columns().collect();
    let read = intake::read(path, table, &column_map(source), &ReadSettings::default(), progress, || {
        ProfileConsumer { columns: &columns, filled: vec![0; columns.len()], latest }
    })?;
    let (file, consumers) = InputFile::of(input, path, read);
    let mut filled = BTreeMap::new();
    for consumer in consumers {
        for (column, count) in columns.iter().zip(consumer.filled) {
            if count > 0 {
                *filled.entry(column.name()).or_default() += count;
            }
        }
    }
    Ok((file, filled))
}

impl FileProfile {
    fn of(file: &InputFile, filled: BTreeMap<&'static str, u64>) -> FileProfile {
        let mut faults = BTreeMap::new();
        for fault in &file.faults {
            let kind = match fault.kind {
                FaultKind::Reject => "reject",
                FaultKind::Note => "note",
            };
            let column = fault.column.map_or(String::new(), |column| format!(" {}:", column.name()));
            *faults.entry(format!("{kind}:{column} {}", fault.reason)).or_default() += 1;
        }
        FileProfile {
            input: file.input.clone(),
            file: file.name.clone(),
            rows: file.rows,
            rejected: file.rejected,
            noted: file.noted,
            filled,
            faults,
        }
    }
}

struct ProfileConsumer<'a> {
    columns: &'a [Column],
    filled: Vec<u64>,
    latest: Date,
}

impl Consumer for ProfileConsumer<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        for reference in [Column::CustomerRef, Column::ClaimRef] {
            let required = self.columns.first() == Some(&reference);
            if required && row.reference(reference).is_none() {
                faults.reject(Reason::NoReference);
                return;
            }
        }
        for (count, &column) in self.filled.iter_mut().zip(self.columns) {
            if row.get(column).trim().is_empty() {
                continue;
            }
            let usable = match column {
                Column::DateOfBirth | Column::JointDateOfBirth => {
                    identity::born(row, column, self.latest, faults).is_some()
                }
                Column::SupplyStart | Column::SupplyEnd | Column::AwardStart | Column::AwardEnd | Column::DecidedOn => {
                    identity::date(row, column, faults).is_some()
                }
                Column::Postcode => identity::code(row, faults).is_some(),
                Column::Uprn => identity::property(row, faults).is_some(),
                Column::Income | Column::EnergyCostScore => identity::number(row, column, faults).is_some(),
                _ => true,
            };
            *count += u64::from(usable);
        }
    }
}

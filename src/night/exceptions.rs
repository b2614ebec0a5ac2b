//! What suppliers reported back: in go the files of the job's `[exceptions]`, out come the accounts that they
//! cannot act on, and which suppliers' files cannot be used.
//!
//! A file is its supplier's own and speaks of that supplier's accounts alone, whatever is in it; one that
//! cannot be used holds that supplier back, and nobody else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::NightError;
use super::identity;
use super::shared::{InputFile, column_map};
use super::supplier::HeldBack;
use crate::intake::{self, Column, Consumer, EXCEPTIONS, Faults, ReadSettings, Reason, Row};
use crate::job::{self, FilesError, Job};
use crate::progress::Progress;
use crate::scheme::{Exception, ExceptionKind, Exceptions};

/// What the input is called in messages and records.
pub(crate) const INPUT: &str = "exceptions";

/// One supplier's file.
pub(crate) struct ExceptionFile {
    pub(crate) supplier: String,
    pub(crate) file: InputFile,
    /// Its rows: the account and what is reported of it.
    pub(crate) rows: Vec<(String, Exception)>,
}

/// All that suppliers reported.
#[derive(Default)]
pub(crate) struct Reported {
    pub(crate) files: Vec<ExceptionFile>,
    /// By supplier, why its files cannot be used.
    pub(crate) refused: BTreeMap<String, String>,
}

/// Reads what suppliers reported.
pub(crate) fn read(job: &Job, progress: &dyn Progress) -> Result<Reported, NightError> {
    let mut reported = Reported::default();
    let Some(exceptions) = &job.exceptions else { return Ok(reported) };
    let columns = column_map(&exceptions.source);
    for found in exceptions.source.each() {
        let path = found.as_ref().map_or_else(FilesError::path, PathBuf::as_path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(supplier) = job::Exceptions::supplier(&name, job) else {
            return Err(match found {
                Ok(file) => NightError::ExceptionsOfNobody { file },
                Err(source) => NightError::NoFiles { input: INPUT, source },
            });
        };
        let path = match found {
            Ok(path) => path,
            Err(why) => {
                reported.refused.entry(supplier.id.clone()).or_insert_with(|| why.to_string());
                continue;
            }
        };
        let consumer = || ExceptionConsumer { job, rows: Vec::new() };
        let read = intake::read(&path, &EXCEPTIONS, &columns, &ReadSettings::default(), progress, consumer);
        let usable = read.map_err(HeldBack::from).and_then(|read| {
            let (file, consumers) = InputFile::of(INPUT, &path, read);
            HeldBack::if_refused(&file, job.intake.reject_limit)?;
            let rows = consumers.into_iter().flat_map(|consumer| consumer.rows).collect();
            Ok(ExceptionFile { supplier: supplier.id.clone(), file, rows })
        });
        match usable {
            Ok(file) => reported.files.push(file),
            Err(why) => drop(reported.refused.entry(supplier.id.clone()).or_insert_with(|| why.to_string())),
        }
    }
    Ok(reported)
}

impl Reported {
    /// The exceptions of all files that can be used.
    pub(crate) fn exceptions(&self) -> Exceptions {
        let mut exceptions = Exceptions::default();
        for file in &self.files {
            for (customer_ref, exception) in &file.rows {
                exceptions.push(&file.supplier, customer_ref, exception.clone());
            }
        }
        exceptions
    }
}

/// The account and what is reported of it.
pub(super) fn exception(row: &Row<'_>, job: &Job, faults: &mut Faults) -> Option<(String, Exception)> {
    let Some(customer_ref) = row.reference(Column::CustomerRef) else {
        faults.reject(Reason::NoReference);
        return None;
    };
    let scheme = Some(row.get(Column::Scheme).trim()).filter(|scheme| !scheme.is_empty());
    if scheme.is_some_and(|scheme| !job.schemes.iter().any(|known| known.id == scheme)) {
        faults.reject(Reason::UnknownScheme);
        return None;
    }
    // Whatever it is that the supplier means, it cannot act on the notice.
    let kind = ExceptionKind::read(row.get(Column::Reason)).unwrap_or_else(|| {
        faults.note(Column::Reason, Reason::UnknownException);
        ExceptionKind::Other
    });
    let reported_on = identity::date(row, Column::ReportedOn, faults);
    Some((customer_ref.to_owned(), Exception { kind, scheme: scheme.map(str::to_owned), reported_on }))
}

struct ExceptionConsumer<'a> {
    job: &'a Job,
    rows: Vec<(String, Exception)>,
}

impl Consumer for ExceptionConsumer<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        self.rows.extend(exception(row, self.job, faults));
    }
}

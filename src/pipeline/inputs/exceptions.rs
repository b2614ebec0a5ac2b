//! Reads the exceptions that suppliers report: accounts for which they cannot act on the flag.
//!
//! A file belongs to one supplier and concerns only that supplier's accounts, whatever is in it. If it cannot
//! be used, that supplier is rejected, and no other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::intake::{self, Column, Consumer, EXCEPTIONS, FaultReason, Faults, ReadSettings, Row};
use crate::job::{self, FilesError, Job};
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::identity;
use crate::pipeline::inputs::input_file::{InputFile, column_map};
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::progress::Progress;
use crate::scheme::{Exception, ExceptionKind, Exceptions};

/// What the input is called in messages and records.
pub(crate) const INPUT: &str = "exceptions";

/// One supplier's file.
pub(crate) struct ExceptionFile {
    pub(crate) supplier: String,
    pub(crate) file: InputFile,
    pub(crate) rows: Vec<ReportedAccount>,
}

/// A row of a file. It has no `Debug`, since the reference is personal data.
pub(crate) struct ReportedAccount {
    /// The line on which the row starts.
    pub(crate) line: u64,
    pub(crate) customer_ref: String,
    pub(crate) exception: Exception,
}

/// One supplier's file, without what the run's record says of it.
pub(crate) struct Report {
    pub(crate) supplier: String,
    /// The file, by its place among the shared inputs.
    pub(crate) file: usize,
    pub(crate) rows: Vec<ReportedAccount>,
}

/// What all suppliers reported.
#[derive(Default)]
pub(crate) struct Reported {
    pub(crate) files: Vec<ExceptionFile>,
    /// By supplier, why its files cannot be used.
    pub(crate) refused: BTreeMap<String, Arc<RejectedSupplier>>,
}

/// Reads what suppliers reported.
pub(crate) fn read(job: &Job, settings: &ReadSettings<'_>, progress: &dyn Progress) -> Result<Reported, PipelineError> {
    let mut reported = Reported::default();
    let Some(exceptions) = &job.exceptions else { return Ok(reported) };
    let columns = column_map(&exceptions.source);
    for found in exceptions.source.each() {
        let path = found.as_ref().map_or_else(FilesError::path, PathBuf::as_path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(supplier) = job::Exceptions::supplier(&name, job) else {
            return Err(match found {
                Ok(file) => PipelineError::ExceptionsOfNobody { file },
                Err(source) => PipelineError::NoFiles { input: INPUT, source },
            });
        };
        let path = match found {
            Ok(path) => path,
            Err(why) => {
                reported.refused.entry(supplier.id.clone()).or_insert_with(|| Arc::new(why.into()));
                continue;
            }
        };
        let consumer = || ExceptionConsumer { job, rows: Vec::new() };
        let read = intake::read(&path, &EXCEPTIONS, &columns, settings, progress, consumer);
        let usable = read.map_err(RejectedSupplier::from).and_then(|read| {
            let (file, consumers) = InputFile::new(INPUT, &path, &columns, read);
            RejectedSupplier::if_refused(&file, job.intake.reject_limit)?;
            let rows = consumers.into_iter().flat_map(|consumer| consumer.rows).collect();
            Ok(ExceptionFile { supplier: supplier.id.clone(), file, rows })
        });
        match usable {
            Ok(file) => reported.files.push(file),
            Err(why) => drop(reported.refused.entry(supplier.id.clone()).or_insert_with(|| Arc::new(why))),
        }
    }
    Ok(reported)
}

impl Reported {
    /// The exceptions of all files that can be used.
    pub(crate) fn exceptions(&self) -> Exceptions {
        let mut exceptions = Exceptions::default();
        for file in &self.files {
            for ReportedAccount { customer_ref, exception, .. } in &file.rows {
                exceptions.push(&file.supplier, customer_ref, exception.clone());
            }
        }
        exceptions
    }
}

/// The account of a row, and what is reported about it. `None` if the row is rejected.
pub(crate) fn exception(row: &Row<'_>, job: &Job, faults: &mut Faults) -> Option<(String, Exception)> {
    let Some(customer_ref) = row.reference(Column::CustomerRef) else {
        faults.reject(FaultReason::NoReference);
        return None;
    };
    let scheme = Some(row.get(Column::Scheme).trim()).filter(|scheme| !scheme.is_empty());
    if scheme.is_some_and(|scheme| !job.schemes.iter().any(|known| known.id == scheme)) {
        faults.reject(FaultReason::UnknownScheme);
        return None;
    }
    // Whatever the reason means, the supplier cannot act on the notice.
    let kind = ExceptionKind::read(row.get(Column::Reason)).unwrap_or_else(|| {
        faults.note(Column::Reason, FaultReason::UnknownException);
        ExceptionKind::Other
    });
    let reported_on = identity::date(row, Column::ReportedOn, faults);
    Some((customer_ref.to_owned(), Exception { kind, scheme: scheme.map(str::to_owned), reported_on }))
}

struct ExceptionConsumer<'a> {
    job: &'a Job,
    rows: Vec<ReportedAccount>,
}

impl Consumer for ExceptionConsumer<'_> {
    const NEEDS_LINES: bool = true;

    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let reported = exception(row, self.job, faults);
        let line = row.line();
        let of_row = |(customer_ref, exception)| ReportedAccount { line, customer_ref, exception };
        self.rows.extend(reported.map(of_row));
    }

    fn lines_before(&mut self, lines: u64) {
        self.rows.iter_mut().for_each(|row| row.line += lines);
    }
}

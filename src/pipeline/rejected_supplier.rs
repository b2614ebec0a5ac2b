//! Says why a supplier gets nothing: its files cannot be used, or gates found something.

use std::path::PathBuf;
use std::sync::Arc;

use crate::intake::{ColumnMap, Fault, IntakeError};
use crate::job::{FilesError, Supplier};
use crate::pipeline::inputs::input_file::{InputFile, RejectedRows};
use crate::release::run_record::{Finding, UndeliveredSupplier};
use crate::text::counted;

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
    #[error("{rows}, more than reject_limit allows; {}", rows.first())]
    TooManyRejects {
        /// The rows.
        rows: RejectedRows,
        /// Every reject and note, and the headings of their columns.
        faults: Vec<Fault>,
        /// The file's headings.
        columns: ColumnMap,
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
    Exceptions(Arc<RejectedSupplier>),
    /// Its files have no account.
    #[error("there is not one account in its files")]
    NoAccounts,
}

impl RejectedSupplier {
    /// Refuses a file if more of its rows were rejected than the limit allows.
    pub(crate) fn if_refused(file: &InputFile, reject_limit: f64) -> Result<(), RejectedSupplier> {
        file.refused(reject_limit).map_or(Ok(()), |rows| {
            let (faults, columns) = (file.faults.clone(), file.columns.clone());
            Err(RejectedSupplier::TooManyRejects { rows, faults, columns })
        })
    }
}

impl UndeliveredSupplier {
    /// A rejected supplier: its files cannot be used.
    pub(crate) fn unusable(supplier: &Supplier, why: &RejectedSupplier) -> UndeliveredSupplier {
        UndeliveredSupplier { id: supplier.id.clone(), reason: why.to_string(), findings: Vec::new() }
    }

    /// A quarantined supplier: gates found something.
    pub(crate) fn gated(supplier: &Supplier, findings: &[Finding]) -> UndeliveredSupplier {
        let reason = findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("; ");
        UndeliveredSupplier { id: supplier.id.clone(), reason, findings: findings.to_vec() }
    }
}

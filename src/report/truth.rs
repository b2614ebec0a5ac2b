//! Reads from a CSV file which accounts are truly eligible.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::text::shown;
use thiserror::Error;

/// Why a truth file cannot be used. No message holds a field's value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TruthError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A column is missing.
    #[error("{}: there is no column {column}", shown(file))]
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A row is malformed.
    #[error("{}: line {line}: {reason}", shown(file))]
    Row {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// The file lists no account of the run.
    #[error("{}: not one account of the suppliers is in it", shown(file))]
    NoAccount {
        /// The file.
        file: PathBuf,
    },
    /// The list of wrong flags cannot be written.
    #[error("{}: cannot be written: {source}", shown(file))]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Which accounts are truly eligible for the rebate.
pub struct Truth {
    /// By supplier (empty if the file has no such column) and reference.
    eligible: HashMap<String, HashMap<String, bool>>,
}

impl Truth {
    /// Reads the columns `customer_ref`, `eligible` and, if there are several suppliers, `supplier`. Other
    /// columns are ignored.
    ///
    /// # Errors
    /// [`TruthError`] if the file cannot be read, lacks a column, or has a flag other than `Y` or `N`.
    pub fn read(path: &Path) -> Result<Truth, TruthError> {
        let file = || path.to_owned();
        let opened = std::fs::File::open(path).map_err(|source| TruthError::Unreadable { file: file(), source })?;
        let mut reader = csv::Reader::from_reader(opened);
        let at = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            match error.into_kind() {
                csv::ErrorKind::Io(source) => TruthError::Unreadable { file: file(), source },
                _ => TruthError::Row { file: file(), line, reason: "not a row of as many fields as the header" },
            }
        };
        let headers = reader.headers().map_err(at)?.clone();
        let column = |name: &str| headers.iter().position(|heading| heading.trim_start_matches('\u{feff}') == name);
        let needed = |name: &'static str| column(name).ok_or(TruthError::MissingColumn { file: file(), column: name });
        let (reference, flag) = (needed("customer_ref")?, needed("eligible")?);
        let supplier = column("supplier");
        let mut eligible: HashMap<String, HashMap<String, bool>> = HashMap::new();
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(at)? {
            let line = row.position().map_or(0, csv::Position::line);
            let is_eligible = match &row[flag] {
                "Y" => true,
                "N" => false,
                _ => return Err(TruthError::Row { file: file(), line, reason: "eligible is neither Y nor N" }),
            };
            let of_supplier =
                eligible.entry(supplier.map_or(String::new(), |column| row[column].to_owned())).or_default();
            if of_supplier.insert(row[reference].to_owned(), is_eligible).is_some() {
                return Err(TruthError::Row { file: file(), line, reason: "an earlier row has the same account" });
            }
        }
        Ok(Truth { eligible })
    }

    /// Whether an account is eligible; `None` if the file does not list it.
    pub fn flag(&self, supplier: &str, customer_ref: &str) -> Option<bool> {
        let own = self.eligible.get(supplier).and_then(|accounts| accounts.get(customer_ref));
        own.or_else(|| self.eligible.get("")?.get(customer_ref)).copied()
    }
}

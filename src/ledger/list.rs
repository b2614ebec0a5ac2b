//! Lists the ledger's runs for people to read, with a line for each run and supplier.

use serde::Serialize;

use super::entry::{ReleaseBody, RunBody, SchemeLine, SupplierBody};
use super::error::LedgerError;
use super::store::Ledger;
use super::verify::body;

/// A run.
#[derive(Debug, Serialize)]
pub struct RunLine {
    /// Its id.
    pub run: String,
    /// The version of flagmatch.
    pub version: String,
    /// Benefit rows read.
    pub benefit_rows: u64,
    /// Its suppliers; those whose files were rejected come last.
    pub suppliers: Vec<SupplierLine>,
}

/// A supplier in a run.
#[derive(Debug, Serialize)]
pub struct SupplierLine {
    /// Its id.
    pub supplier: String,
    /// Its delivery's sequence number; `None` if it got none.
    pub sequence: Option<u64>,
    /// Why it got nothing; `None` if it got something.
    pub held: Option<String>,
    /// Its manual release, if there was one.
    pub released: Option<ReleasedLine>,
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows kept with a field treated as absent.
    pub noted: u64,
    /// Accounts.
    pub accounts: u64,
    /// Accounts whose first holder's date of birth is known; `None` if the run did not count them.
    pub birth_dates: Option<u64>,
    /// Figures by scheme.
    pub schemes: Vec<SchemeLine>,
}

/// A manual release.
#[derive(Debug, Serialize)]
pub struct ReleasedLine {
    /// The run that quarantined the delivery.
    pub of: String,
    /// The reason that was given.
    pub reason: String,
}

impl Ledger {
    /// Its runs, oldest first.
    ///
    /// # Errors
    /// [`LedgerError`] if it cannot be read, or a row is not as flagmatch writes it.
    pub fn list(&self) -> Result<Vec<RunLine>, LedgerError> {
        let mut runs: Vec<RunLine> = Vec::new();
        for (row, _) in self.rows()? {
            let reason = "this row is not as flagmatch writes it";
            let broken = || LedgerError::Broken { path: self.path.clone(), row: row.number, reason };
            match row.kind.as_str() {
                "run" => {
                    let RunBody { version, benefit_rows, .. } = body(&row).ok_or_else(broken)?;
                    runs.push(RunLine { run: row.run, version, benefit_rows, suppliers: Vec::new() });
                }
                "supplier" => {
                    let SupplierBody { sequence, held, rows, rejected, noted, accounts, birth_dates, schemes, .. } =
                        body(&row).ok_or_else(broken)?;
                    let run = runs.last_mut().ok_or_else(broken)?;
                    let supplier = row.subject.clone();
                    run.suppliers.push(SupplierLine {
                        supplier,
                        sequence,
                        held,
                        released: None,
                        rows,
                        rejected,
                        noted,
                        accounts,
                        birth_dates,
                        schemes,
                    });
                }
                "release" => {
                    let ReleaseBody { of, reason } = body(&row).ok_or_else(broken)?;
                    let suppliers = runs.last_mut().map(|run| &mut run.suppliers).into_iter().flatten();
                    if let Some(line) = suppliers.into_iter().find(|line| line.supplier == row.subject) {
                        line.released = Some(ReleasedLine { of, reason });
                    }
                }
                _ => {}
            }
        }
        Ok(runs)
    }
}

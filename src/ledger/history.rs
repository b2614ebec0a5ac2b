//! Reads each supplier's past deliveries from the ledger; a run's gates compare with their figures.

use std::collections::HashMap;
use std::path::Path;

use super::entry::{InputBody, SchemeLine, SupplierBody};
use super::error::LedgerError;
use super::store::Ledger;
use super::verify::body;
use crate::release::RunId;
use crate::release::run_record::ProbingLine;

/// The figures of a delivery.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The run that it is of.
    pub run: RunId,
    /// It was released manually, after a quarantine.
    pub by_hand: bool,
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows kept with a field treated as absent.
    pub noted: u64,
    /// Accounts.
    pub accounts: u64,
    /// Accounts on supply in some scheme, if the run counted them.
    pub on_supply: Option<u64>,
    /// Accounts whose first holder's date of birth is known, if the run counted them.
    pub birth_dates: Option<u64>,
    /// Figures by scheme.
    pub schemes: Vec<SchemeLine>,
    /// The counts for detecting probing, if the job asked for them.
    pub probing: Option<ProbingLine>,
    /// The BLAKE3 sums of the supplier's files.
    pub files: Vec<String>,
}

/// The deliveries of each supplier, oldest first.
#[derive(Debug, Default)]
pub struct History(HashMap<String, Vec<Delivered>>);

impl History {
    /// Reads the ledger of an output directory; empty if there is none yet.
    ///
    /// # Errors
    /// [`LedgerError`] if it cannot be read, or a row is not as flagmatch writes it.
    pub fn read(output: &Path) -> Result<History, LedgerError> {
        Ledger::find(output)?.map_or_else(|| Ok(History::default()), |ledger| ledger.history())
    }

    /// The deliveries of a supplier, oldest first. Quarantined files that were not released do not count.
    pub fn of_supplier(&self, supplier: &str) -> &[Delivered] {
        self.0.get(supplier).map_or(&[], Vec::as_slice)
    }
}

impl Ledger {
    fn history(&self) -> Result<History, LedgerError> {
        let mut history = History::default();
        // Of a run's rows, the sums of files come before the suppliers, and manual releases after them.
        let mut files: HashMap<(String, String), Vec<String>> = HashMap::new();
        for (row, _) in self.rows()? {
            let reason = "this row is not as flagmatch writes it";
            let broken = || LedgerError::Broken { path: self.path.clone(), row: row.number, reason };
            match row.kind.as_str() {
                "input" => {
                    let InputBody { blake3, .. } = body(&row).ok_or_else(broken)?;
                    let (input, _) = row.subject.rsplit_once('/').ok_or_else(broken)?;
                    files.entry((row.run.clone(), input.to_owned())).or_default().push(blake3);
                }
                "supplier" => {
                    let body: SupplierBody = body(&row).ok_or_else(broken)?;
                    if body.sequence.is_none() {
                        continue;
                    }
                    let run = row.run.parse().map_err(|_| broken())?;
                    let delivered = Delivered {
                        run,
                        by_hand: false,
                        rows: body.rows,
                        rejected: body.rejected,
                        noted: body.noted,
                        accounts: body.accounts,
                        on_supply: body.on_supply,
                        birth_dates: body.birth_dates,
                        schemes: body.schemes,
                        probing: body.probing,
                        files: files.remove(&(row.run, row.subject.clone())).unwrap_or_default(),
                    };
                    history.0.entry(row.subject).or_default().push(delivered);
                }
                "release" => {
                    let last = history.0.get_mut(&row.subject).and_then(|deliveries| deliveries.last_mut());
                    if let Some(last) = last.filter(|last| last.run.to_string() == row.run) {
                        last.by_hand = true;
                    }
                }
                _ => {}
            }
        }
        Ok(history)
    }
}

//! What each supplier was delivered until now: in go the ledger's rows, out come the figures of each
//! delivery, with which a night's gates compare.

use std::collections::HashMap;
use std::path::Path;

use super::entry::{InputBody, ProbingLine, SchemeLine, SupplierBody};
use super::error::LedgerError;
use super::store::Ledger;
use super::verify::body;
use crate::release::RunId;

/// A delivery, by its figures.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The run that it is of.
    pub run: RunId,
    /// It was released by hand, after a gate had held it.
    pub by_hand: bool,
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows kept with a field treated as absent.
    pub noted: u64,
    /// Accounts.
    pub accounts: u64,
    /// Accounts in play in some scheme, where the run counted them.
    pub in_play: Option<u64>,
    /// Accounts whose first holder's date of birth is known, where the run counted them.
    pub birth_dates: Option<u64>,
    /// Figures by scheme.
    pub schemes: Vec<SchemeLine>,
    /// What was counted to see probing, where the job asked for it.
    pub probing: Option<ProbingLine>,
    /// The BLAKE3 sums of the supplier's files.
    pub files: Vec<String>,
}

/// The deliveries of each supplier, oldest first.
#[derive(Debug, Default)]
pub struct History(HashMap<String, Vec<Delivered>>);

impl History {
    /// Reads the ledger of an output directory; nothing where there is none yet.
    ///
    /// # Errors
    /// [`LedgerError`] if it cannot be read, or a row is not as flagmatch writes it.
    pub fn read(output: &Path) -> Result<History, LedgerError> {
        Ledger::find(output)?.map_or_else(|| Ok(History::default()), |ledger| ledger.history())
    }

    /// The deliveries of a supplier, oldest first. What was held back and not released is none.
    pub fn of(&self, supplier: &str) -> &[Delivered] {
        self.0.get(supplier).map_or(&[], Vec::as_slice)
    }
}

impl Ledger {
    fn history(&self) -> Result<History, LedgerError> {
        let mut history = History::default();
        // The sums of a run's files stand before its suppliers, and what was by hand behind them.
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
                        in_play: body.in_play,
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

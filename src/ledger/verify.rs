//! Checks that the ledger's rows hold together and match the published runs.

use serde::Serialize;

use super::chain::{BEGINNING, Row};
use super::entry::{RunBody, record_of};
use super::error::LedgerError;
use super::record::{self, RecordBody, is_record};
use super::store::Ledger;
use crate::release::Published;

/// A ledger that passed all checks.
#[derive(Debug, Serialize)]
pub struct LedgerVerified {
    /// The number of its rows.
    pub rows: u64,
    /// The number of its runs.
    pub runs: u64,
    /// The hash at its end. Write it down elsewhere to prove later that the ledger still begins with all that it has
    /// now.
    pub head: String,
}

/// A ledger whose rows hold together, though some may be gone.
pub(super) struct Checked {
    verified: LedgerVerified,
    /// Runs before which rows are gone, with the number of the run's own row.
    pub(super) gaps: Vec<(String, u64)>,
}

/// Why a ledger with a gap fails.
pub(super) const GAP: &str = "rows before this one are missing: when its run began, the ledger had another end";

impl Ledger {
    /// Checks the chain from its beginning, that each run has as many rows as its first row says and began at the hash
    /// that its record says, and that every published run that still exists is in the ledger with its record unchanged.
    /// `published` is the output directory's.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(&self, published: Option<&Published>) -> Result<LedgerVerified, LedgerError> {
        let checked = self.check(published, false)?;
        match checked.gaps.into_iter().next() {
            Some((_, row)) => Err(LedgerError::Broken { path: self.path.clone(), row, reason: GAP }),
            None => Ok(checked.verified),
        }
    }

    /// Checks all that [`verify`](Self::verify) does, but returns the runs that began at another hash instead of
    /// failing, since a lost ledger may have been rebuilt from fewer runs. If the ledger `may_lag`, it may lack the
    /// latest run and the latest records, which the next run adds.
    pub(super) fn check(&self, published: Option<&Published>, may_lag: bool) -> Result<Checked, LedgerError> {
        let mut gaps = Vec::new();
        let mut before = BEGINNING.to_owned();
        let mut awaited = 0;
        let mut present: Option<String> = None;
        let mut runs: Vec<(String, RunBody)> = Vec::new();
        let mut records: Vec<(String, String)> = Vec::new();
        let rows = self.rows()?;
        // The record of a purge that removed rows from the front has the hash from which the chain continues.
        let mut first = 1;
        if let Some((row, _)) = rows.first().filter(|(row, _)| row.number > 1) {
            let fronts = rows.iter().filter(|(row, _)| is_record(row)).filter_map(|(row, _)| record_body(row)?.front());
            if let Some(front) = fronts.into_iter().find(|front| front.through + 1 == row.number) {
                (first, before) = (row.number, front.hash);
            }
        }
        for (place, (row, hash)) in (first..).zip(&rows) {
            let broken = |reason| LedgerError::Broken { path: self.path.clone(), row: place, reason };
            if row.number != place {
                return Err(broken("this row is missing: it was deleted or renumbered"));
            }
            if row.hash(&before) != *hash {
                return Err(broken("this row or the one before it was changed, inserted or moved"));
            }
            if row.kind == "run" {
                if awaited > 0 {
                    return Err(broken("the run before this row has lost rows"));
                }
                let body: RunBody = body(row).ok_or_else(|| broken("this row is not as flagmatch writes it"))?;
                if body.ledger_head.as_ref().is_some_and(|head| *head != before) {
                    gaps.push((row.run.clone(), place));
                }
                if body.format.is_none() && runs.iter().any(|(_, body)| body.format.is_some()) {
                    return Err(broken(
                        "its run has no sums of its files, and runs before it have: an older flagmatch wrote it, or somebody changed its run.json",
                    ));
                }
                awaited = body.rows;
                present = Some(row.run.clone());
                runs.push((row.run.clone(), body));
            } else if is_record(row) && awaited == 0 {
                let body = record_body(row).ok_or_else(|| broken("this row is not as flagmatch writes it"))?;
                records.push((row.subject.clone(), body.record));
            } else if awaited == 0 || present.as_ref() != Some(&row.run) {
                return Err(broken("this row belongs to no run"));
            } else {
                awaited -= 1;
            }
            before.clone_from(hash);
        }
        if awaited > 0 {
            let row = first + rows.len() as u64;
            let reason = "this row is missing: the last run has lost rows";
            return Err(LedgerError::Broken { path: self.path.clone(), row, reason });
        }
        if let Some(published) = published {
            for run in published.runs()? {
                let name = run.to_string();
                let fault = |reason| LedgerError::Run { path: self.path.clone(), run: name.clone(), reason };
                let Some((_, body)) = runs.iter().find(|(other, _)| *other == name) else {
                    if may_lag && run == *published.run_id() {
                        continue;
                    }
                    let reason = "is not in the ledger (a run was killed, or rows were deleted); the next run adds it";
                    return Err(fault(reason));
                };
                if record_of(published, &run)?.0 != body.record {
                    return Err(fault("has a run.json that differs from the ledger"));
                }
            }
        }
        for number in record::numbers(self.output())? {
            let name = format!("{number:06}");
            let fault = |reason| LedgerError::Record { path: self.path.clone(), record: number, reason };
            let Some((_, sum)) = records.iter().find(|(other, _)| *other == name) else {
                if may_lag && records.iter().all(|(known, _)| *known < name) {
                    continue;
                }
                return Err(fault("is not in the ledger"));
            };
            if record::read(self.output(), number)?.body.record != *sum {
                return Err(fault("differs from the ledger"));
            }
        }
        let verified = LedgerVerified { rows: rows.len() as u64, runs: runs.len() as u64, head: before };
        Ok(Checked { verified, gaps })
    }
}

fn record_body(row: &Row) -> Option<RecordBody> {
    body(row)
}

/// A row's body, if it can be read as `T`.
pub(super) fn body<T: serde::de::DeserializeOwned>(row: &Row) -> Option<T> {
    serde_json::from_str(&row.body).ok()
}

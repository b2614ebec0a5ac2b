//! Reads the rows of a run's `administrator/decisions.csv` one by one: there are as many as accounts with a
//! candidate.

use std::path::Path;

use serde::Deserialize;

use super::run_data::{ReportError, damaged, unreadable};

/// The columns of `decisions.csv` that reports need. They include references, so they are for the
/// administrator only.
#[derive(Clone, Deserialize)]
pub(super) struct Decided {
    pub(super) supplier: String,
    pub(super) customer_ref: String,
    pub(super) scheme: String,
    pub(super) flag: String,
    pub(super) reason: String,
    pub(super) claim_ref: String,
    pub(super) keys: String,
    pub(super) levels: String,
    pub(super) posterior_band: String,
}

impl Decided {
    pub(super) fn is_flagged(&self) -> bool {
        self.flag == "Y"
    }
}

/// Calls `see` for every decision of the run in `folder`.
pub(super) fn each(folder: &Path, mut see: impl FnMut(Decided)) -> Result<(), ReportError> {
    let file = folder.join("administrator").join("decisions.csv");
    let mut reader = csv::Reader::from_reader(std::fs::File::open(&file).map_err(unreadable(&file))?);
    for row in reader.deserialize() {
        see(row.map_err(|error| damaged(&file, error))?);
    }
    Ok(())
}

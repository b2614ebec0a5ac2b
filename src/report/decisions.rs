//! The decisions of a run read back: in goes its `administrator/decisions.csv`, out come its rows, one by
//! one, since there are as many as accounts with a candidate.

use std::path::Path;

use serde::Deserialize;

use super::night::{ReportError, damaged, unreadable};

/// A row of `decisions.csv`, as far as it is looked at again. References stand in it: it is for the
/// administrator alone.
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
    /// Its flag is `Y`.
    pub(super) fn is_flagged(&self) -> bool {
        self.flag == "Y"
    }
}

/// Goes through the decisions of a run, named by its folder.
pub(super) fn each(folder: &Path, mut see: impl FnMut(Decided)) -> Result<(), ReportError> {
    let file = folder.join("administrator").join("decisions.csv");
    let mut reader = csv::Reader::from_reader(std::fs::File::open(&file).map_err(unreadable(&file))?);
    for row in reader.deserialize() {
        see(row.map_err(|error| damaged(&file, error))?);
    }
    Ok(())
}

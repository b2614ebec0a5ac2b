//! Reads the rows of a run's `administrator/decisions.csv` one by one: there are as many as accounts with a
//! candidate.

use std::path::Path;

use super::run_data::ReportError;
use crate::release::layout::ADMINISTRATOR;
use crate::release::{DecisionsTable, Flag, Table};

/// The columns of `decisions.csv` that reports need. They include references, so they are for the
/// administrator only.
#[derive(Clone)]
pub(super) struct Decided {
    pub(super) supplier: String,
    pub(super) customer_ref: String,
    pub(super) scheme: String,
    pub(super) flag: Flag,
    pub(super) reason: String,
    pub(super) claim_ref: String,
    pub(super) keys: String,
    pub(super) levels: String,
    pub(super) posterior_band: String,
}

impl Decided {
    /// An account that is in the flag file only.
    pub(super) fn from_flag(supplier: &str, scheme: &str, customer_ref: &str, flag: Flag) -> Decided {
        Decided {
            supplier: supplier.to_owned(),
            customer_ref: customer_ref.to_owned(),
            scheme: scheme.to_owned(),
            flag,
            reason: String::new(),
            claim_ref: String::new(),
            keys: String::new(),
            levels: String::new(),
            posterior_band: String::new(),
        }
    }

    pub(super) fn is_flagged(&self) -> bool {
        self.flag == Flag::Y
    }
}

/// Calls `see` for every decision of the run in `folder`.
pub(super) fn each(folder: &Path, mut see: impl FnMut(Decided)) -> Result<(), ReportError> {
    DecisionsTable::read(&folder.join(ADMINISTRATOR).join(DecisionsTable::FILE), |row, _| {
        see(Decided {
            supplier: row.supplier.to_owned(),
            customer_ref: row.customer_ref.to_owned(),
            scheme: row.scheme.to_owned(),
            flag: row.flag,
            reason: row.reason.to_owned(),
            claim_ref: row.claim_ref.to_owned(),
            keys: row.keys.to_owned(),
            levels: row.levels.to_owned(),
            posterior_band: row.posterior_band.to_owned(),
        });
        Ok(())
    })?;
    Ok(())
}

//! Describes the run that published figures are of, in `analyst/night.json`.

use serde::{Deserialize, Serialize};

use super::season::SeasonTold;

/// Which run, schemes and suppliers the figures belong to, and what they spent. It has no counts, and does not say who
/// was held back: gates look at exact counts. Later versions may have more in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NightRecord {
    pub(crate) run: String,
    pub(crate) day: String,
    #[serde(default)]
    pub(crate) version: String,
    /// The posterior from which an account is flagged.
    pub(crate) threshold: f64,
    pub(crate) schemes: Vec<SchemeName>,
    #[serde(default)]
    pub(crate) suppliers: Vec<SupplierName>,
    /// Runs of older versions have none.
    pub(crate) privacy: Option<SeasonTold>,
}

/// A scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SchemeName {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) qualifying_date: String,
}

/// A supplier that the run is for, or could be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SupplierName {
    pub(crate) id: String,
}

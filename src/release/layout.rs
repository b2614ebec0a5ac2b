//! Names the folders and files of an output directory.

pub(super) const LATEST: &str = "latest";
pub(super) const CURRENT: &str = "current";
pub(super) const SUPPLIERS: &str = "suppliers";
pub(super) const ADMINISTRATOR: &str = "administrator";
pub(super) const ANALYST: &str = "analyst";
/// The analyst's file of rates.
pub(super) const RATES: &str = "rates.csv";
/// The analyst's file of how accounts were found.
pub(super) const DETAILS: &str = "details.csv";
/// The file name of a run's record.
pub(super) const RECORD: &str = "run.json";
/// The administrator's folder with the plain-text tables of encrypted deliveries.
pub(super) const PLAIN: &str = "plain";
pub(super) const STAGING_PREFIX: &str = ".staging-";
pub(super) const NIGHT: &str = "night.json";
pub(super) const REPORT: &str = "report.html";
pub(super) const FLAGS_ENDING: &str = ".flags.csv";
pub(super) const CHANGES: &str = "changes.csv";
/// The administrator's folder of quarantined suppliers' files.
pub(super) const HELD: &str = "held";

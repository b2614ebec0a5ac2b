//! Names the folders and files of an output directory.

pub(super) const LATEST: &str = "latest";
/// The folder of what suppliers are told outside deliveries.
pub(crate) const NOTICES: &str = "notices";
pub(super) const CURRENT: &str = "current";
pub(crate) const SUPPLIERS: &str = "suppliers";
pub(crate) const ADMINISTRATOR: &str = "administrator";
pub(crate) const ANALYST: &str = "analyst";
/// The file name of a run's record.
pub(crate) const RECORD: &str = "run.json";
/// The administrator's folder with the plain-text tables of encrypted deliveries.
pub(crate) const PLAIN: &str = "plain";
pub(super) const STAGING_PREFIX: &str = ".staging-";
pub(crate) const NIGHT: &str = "night.json";
pub(super) const REPORT: &str = "report.html";
pub(crate) const FLAGS_ENDING: &str = ".flags.csv";
pub(super) const CHANGES: &str = "changes.csv";
/// The administrator's folder of quarantined suppliers' files.
pub(super) const HELD: &str = "held";

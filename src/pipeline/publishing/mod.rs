//! Writes a run's files and publishes them as a whole.

pub(crate) mod administrator_page;
pub(crate) mod administrator_tables;
pub(crate) mod analyst;
pub(crate) mod publish;
pub(crate) mod run_record;
pub(crate) mod score_bands;
pub(crate) mod supplier_tables;

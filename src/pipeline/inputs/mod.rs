//! Reads the shared inputs, and the fields of rows of all files.

pub(crate) mod benefit_counts;
pub(crate) mod benefit_rows;
pub(crate) mod decision_rows;
pub(crate) mod exceptions;
pub(crate) mod file_owners;
pub(crate) mod identity;
pub(crate) mod input_file;
pub(crate) mod objection_rows;
pub(crate) mod released;
pub(crate) mod shared_inputs;
pub(crate) mod unknown_references;
pub(crate) mod usable_fields;

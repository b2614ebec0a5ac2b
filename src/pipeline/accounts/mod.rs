//! Groups a supplier's rows into accounts, and finds their candidates as they are read.

pub(crate) mod account_index;
pub(crate) mod change_detection;
pub(crate) mod customer_chunk;
pub(crate) mod customer_rows;
pub(crate) mod dropped;
pub(crate) mod duplicate_holders;
pub(crate) mod grouping;
pub(crate) mod row_fingerprint;
pub(crate) mod supplier_files;
pub(crate) mod traits;

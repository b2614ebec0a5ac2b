//! Explains accounts, claims and rebates, for the administrator alone.

pub(crate) mod account;
pub(crate) mod claim;
pub(crate) mod rebate;
pub(crate) mod rebate_index;

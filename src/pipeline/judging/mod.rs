//! Judges every account of every supplier, each on its own.

pub(crate) mod bound_decisions;
pub(crate) mod decoys;
pub(crate) mod judge_all;
pub(crate) mod matched;
pub(crate) mod verdict_rows;
pub(crate) mod verdicts;

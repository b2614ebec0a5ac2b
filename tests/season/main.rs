//! What was given stays given: rebates, decisions, objections and exceptions over the nights of a season.
//!
//! [`stories`] is the specification as a table, [`laws`] what holds in any season, [`attacks`] what a supplier
//! tried that chooses its files.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod laws;
mod stories;
mod story;

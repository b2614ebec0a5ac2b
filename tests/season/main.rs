//! Checks that what was given stays given: rebates, decisions, objections and exceptions over the runs of a season.
//!
//! [`stories`] is the specification as a table, [`laws`] has what holds in any season, and [`attacks`] has what a
//! supplier gains that chooses its files.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod laws;
mod stories;
mod story;

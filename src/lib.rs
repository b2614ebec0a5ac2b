//! flagmatch decides which electricity accounts are eligible for a fuel-poverty rebate.
//!
//! It joins government benefit records with energy suppliers' customer files in memory. Each supplier gets one thing:
//! for each of its own accounts, `Y` or `N`.
//!
//! There are two ways in.
//!
//! *Run a job*, as the command line does: [`job`] reads the job file, [`pipeline`] matches and publishes.
//!
//! ```no_run
//! use flagmatch::job::Job;
//! use flagmatch::pipeline::{self, Options};
//! use flagmatch::progress::Unwatched;
//!
//! let job = Job::read("sample-data/job.toml".as_ref())?;
//! let summary = pipeline::run(&job, &Options::default(), &Unwatched)?;
//! println!("{} accounts", summary.accounts());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Link two lists of people*, without suppliers or schemes: [`linkage`].
//!
//! `examples/run_a_job.rs` and `examples/link_two_lists.rs` are whole programs. The modules behind stand in the order
//! in which the data flows, and `docs/architecture.md` describes them.

pub mod job;
pub mod linkage;
pub mod pipeline;
pub mod progress;

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod date;
mod desk;
#[doc(hidden)]
pub mod intake;
#[doc(hidden)]
pub mod ledger;
#[doc(hidden)]
pub mod matching;
#[doc(hidden)]
pub mod normalise;
#[doc(hidden)]
pub mod notices;
#[doc(hidden)]
pub mod release;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod retention;
mod scheme;
#[doc(hidden)]
pub mod synth;
#[doc(hidden)]
pub mod text;

mod csv_row;
mod draw;
mod file_sum;
mod fingerprint;
mod memory;
mod parts;
mod passphrase_hash;
mod privacy;
mod process;
mod statistics;

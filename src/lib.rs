//! flagmatch decides which electricity accounts are due a fuel-poverty rebate.
//!
//! Government benefit records are joined in memory with energy suppliers' customer files, and each
//! supplier is told one thing about each of its own accounts: `Y` or `N`.
//!
//! The rooms stand in the order the data flows, and none imports from one further down:
//!
//! | room | in | out |
//! |---|---|---|
//! | [`job`] | a TOML file | what to match, for whom, under which rules |
//! | [`intake`] | files of any encoding | rows, and the lines that could not be read |
//! | [`normalise`] | text as somebody typed it | one spelling of each name, date and address |
//! | [`matching`] | holders of accounts, persons of the benefit records | who may be whom, and how likely |
//! | [`scheme`] | candidates, awards, incomes, objections | which accounts are due the flag |
//! | [`release`] | flags | files that are published as a whole, or not at all |
//! | [`ledger`] | published runs | their figures in one file, chained so that a change shows |
//! | [`night`] | a job | all of the above, in order, and a summary |
//! | [`notices`] | published runs, what suppliers reported back | until when they may report, and what came of it |
//! | [`retention`] | a job and a day | published runs without what is past its retention |
//! | [`report`] | published runs; a matched night and the truth | how it came out; how right it is |
//!
//! [`synth`] makes a synthetic nation to try it on, and [`cli`] is the command line on top.
//!
//! ```no_run
//! use flagmatch::job::Job;
//! use flagmatch::night::{self, Options};
//! use flagmatch::progress::Unwatched;
//!
//! let job = Job::read("sample-data/job.toml".as_ref())?;
//! let summary = night::run(&job, &Options::default(), &Unwatched)?;
//! println!("{} accounts", summary.accounts());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod intake;
pub mod job;
pub mod ledger;
pub mod matching;
pub mod night;
pub mod normalise;
pub mod notices;
pub mod release;
pub mod report;
pub mod retention;
pub mod scheme;
pub mod synth;

pub mod date;
mod file_sum;
mod interval;
mod memory;
mod process;
pub mod progress;
pub mod text;

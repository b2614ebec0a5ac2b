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

pub mod intake;
pub mod job;
pub mod normalise;

pub mod date;
pub mod progress;
pub mod text;
pub mod release;
pub mod synth;

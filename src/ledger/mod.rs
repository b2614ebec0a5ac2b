//! Keeps a ledger of every run of an output directory, for trends and for audits.
//!
//! `out/ledger.sqlite` is made from the records of published runs, `administrator/run.json`. Its rows are chained by
//! hashes, so that a changed, deleted, inserted or moved row shows. Rows enter it in one way only: [`Ledger::catch_up`]
//! adds every published run that the ledger lacks. A run calls it before it begins and after it is published. So a kill
//! between the switch of `latest` and the ledger's commit loses nothing, and a lost ledger is rebuilt, row for row,
//! from the runs that still exist.
//!
//! SQLite uses a rollback journal rather than a write-ahead log: there is one writer with one small transaction per
//! run, and outside of it the ledger is one file that can be copied. A kill leaves at most a journal, which is rolled
//! back when the ledger is opened next.
//!
//! Other actions, such as a purge, have [records](write_record) of their own, which are added in the same way. A purge
//! may remove rows from the front; its own row then has the hash from which the chain continues.
//!
//! Before a run builds on published files, [`check_published`] compares them with the ledger: the chain, the records of
//! runs, and by these every file.
//!
//! The ledger contains ids of suppliers and schemes, counts, sums and times. It contains nothing about a person or an
//! account, and no reference.

mod chain;
mod entry;
mod error;
mod history;
mod list;
mod record;
mod store;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub use entry::SchemeLine;
pub use error::LedgerError;
pub use history::{Delivered, History};
pub use list::{ReleasedLine, RunLine, SupplierLine};
pub use record::{RecordKind, recorded_before, write_record};
pub use store::{Front, Ledger};
pub use trust::{Purges, begin, check_files, check_folders, check_published};
pub use verify::LedgerVerified;

//! The ledger: every run of an output directory, for trends and for whoever asks later.
//!
//! In go the records of published runs, `administrator/run.json`; out comes `out/ledger.sqlite`, whose
//! rows are chained by hashes, so that one that was changed, deleted, inserted or moved shows. There is
//! one way into it: what is published and not in it yet is [added](Ledger::catch_up). A run does that
//! after it is published, and the next one once more before it begins; so a kill between the switch of
//! `latest` and the ledger's commit costs nothing, and a ledger that was lost is made again, row for row,
//! from the runs that are still there.
//!
//! SQLite keeps a rollback journal rather than a write-ahead log: there is one writer with one small
//! transaction a night, and outside of it the ledger is one file that can be copied. A kill leaves at
//! most a journal, which whoever opens the ledger next rolls back.
//!
//! What is done beside runs has [records](write_record) of its own, which go in in the same way. A purge
//! may take rows off the front: its own row then has the hash that the rest goes on from.
//!
//! Before a run builds on what is published, [`check_published`] compares it with what the ledger has: the
//! chain, the records of runs, and by these every file.
//!
//! Ids of suppliers and schemes, counts, sums and times are in it. Nothing of a person or account is,
//! and no reference.

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

pub use entry::{NewLine, ProbingLine, SchemeLine, SinceLine};
pub use error::LedgerError;
pub use history::{Delivered, History};
pub use list::{ReleasedLine, RunLine, SupplierLine};
pub use record::{RecordKind, remove_records, told_before, write_record};
pub use store::{Front, Ledger};
pub use trust::{Purges, begin, check_files, check_folders, check_published};
pub use verify::LedgerVerified;

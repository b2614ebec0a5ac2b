//! What leaves a run: staged, checked, made durable, then published as a whole.
//!
//! In come flags, rejects and the administrator's rows; out comes `out/<run-id>`, which never changes
//! once `out/latest` points to it. A run that is killed at any instant leaves the last published run
//! as it was, and the next [`Staging::begin`] clears away what is left of it:
//!
//! | killed | what is there | what `begin` does |
//! |---|---|---|
//! | while writing | `out/.staging-<run-id>` | removes it |
//! | after the rename | a run folder newer than `latest` | removes it |
//! | after the switch of `latest` | a run that is published | nothing |
//!
//! `out/current` points to `latest/current`, whose links were prepared with the run: the switch of `latest`
//! is the one instant at which every supplier's newest delivery changes. [`Published::check`] compares what
//! is published with the sums in its `run.json` before anything is built on it.
//!
//! What a supplier receives is encrypted first, where it has a recipient, then summed, then signed; the
//! signature names job, supplier, run and sequence number, and [`verify`] is the supplier's check of it all.
//!
//! A supplier's folder can be written through [`SupplierFolder`] alone, which takes a reference and a
//! [`Flag`] and nothing else about an account: what must not be released has no way in. The same holds
//! for rates, which are made of [released counts](disclosure) alone. Everything is created readable by
//! its owner only.

mod changes;
mod check;
mod current;
mod data_package;
pub mod disclosure;
mod encode;
mod encrypt;
mod error;
mod flags;
mod folder;
mod held;
mod key_pair;
mod lock;
mod marks;
mod notices;
mod published;
mod purge;
mod rebates;
mod record;
mod recovery;
mod rows;
mod run_id;
mod signature;
mod staged_file;
mod staging;
mod supplier_folder;
#[cfg(test)]
mod tests;
mod verify;

pub use changes::FlagChanges;
pub use check::PurgedFiles;
pub(crate) use check::RunSums;
pub use error::ReleaseError;
pub use flags::{Flag, FlagBlock, FlagFile};
pub use held::{Held, HeldFile, HeldFolder, Households};
pub use key_pair::make_key_pair;
pub use marks::Marks;
pub use notices::{Notices, Told};
pub use published::{Published, ReleasedFlag};
pub(crate) use purge::purge_run;
pub use purge::{Do, Extent, Occupied, Past, Removal, extent_of, remove_run};
pub use rebates::{DecisionRecord, DecisionRecords, Rebate, RebateNames, RebateState};
pub(crate) use recovery::refuse_older;
pub use rows::{
    Block, ClaimRow, Claims, DecisionRow, Decisions, Outcome, Reject, RejectKind, Rejects, Review, ReviewRow, RowFile,
    Table,
};
pub use run_id::{NotARunId, RunId};
pub use signature::{KeyError, NotSigned, Passphrase, PublicKey, Signer};
pub use staged_file::StagedFile;
pub use staging::{Publication, Staging};
pub use supplier_folder::{FinishedFolder, SupplierFolder};
pub use verify::{Expected, Verified, VerifyError, verify};

//! Stages a run's files, checks them, makes them durable and publishes them as a whole.
//!
//! `out/<run-id>` holds flags, rejects and the administrator's tables. Only a purge changes it once `out/latest` points
//! to it. A run that is killed at any instant leaves the last published run as it was, and the next [`Staging::begin`]
//! cleans up:
//!
//! | killed | what is there | what `begin` does |
//! |---|---|---|
//! | while writing | `out/.staging-<run-id>` | removes it |
//! | after the rename | a run folder newer than `latest` | removes it |
//! | after the switch of `latest` | a run that is published | nothing |
//!
//! `out/current` points to `latest/current`, whose links are prepared with the run. Switching `latest` therefore
//! changes every supplier's newest delivery at one instant. Before a run builds on published files,
//! [`Published::check`] compares them with the sums in `run.json`.
//!
//! A delivery is encrypted if the supplier has a recipient, then summed, then signed. The signature names job,
//! supplier, run and sequence number. Suppliers check all this with `verify`.
//!
//! Only [`SupplierFolder`] writes a supplier's folder. It takes a reference and a [`Flag`] and nothing else about an
//! account, so nothing else can be released. All files are created readable by their owner only.

mod analyst_tables;
mod archive;
mod changes;
mod check;
mod current;
mod data_package;
mod delivered_accounts;
mod edit_fingerprints;
mod error;
mod figure_rows;
mod flags;
mod folder;
mod key_pair;
pub(crate) mod layout;
mod lock;
mod notice_folder;
mod notices;
mod published;
mod purge;
mod quarantine;
mod read_me;
mod rebates;
mod record;
mod recovery;
mod rows;
mod run_id;
pub(crate) mod run_record;
mod schema;
mod signature;
mod staged_file;
mod staging;
mod supplier_folder;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod verify;

pub use analyst_tables::{AnalystOutcome, AnalystTable, AnalystUnit};
pub use changes::FlagChanges;
pub use check::PurgedFiles;
pub(crate) use check::RunSums;
pub(crate) use delivered_accounts::DeliveredAccounts;
pub use edit_fingerprints::EditFingerprints;
pub use error::ReleaseError;
pub use figure_rows::{
    EligibleOutcome, FigureBreakdown, FigureRow, FigureUnit, FiguresTable, Fraction, PublishedRow, PublishedTable,
};
pub use flags::{Flag, FlagBlock, FlagFile};
pub use key_pair::make_key_pair;
pub(crate) use notice_folder::NoticeFolders;
pub use notices::{Notices, NotifiedOn};
pub use published::{Published, ReleasedFlag};
pub(crate) use purge::purge_run;
pub use purge::{Expired, OutputLock, PurgeMode, PurgeStats, Removal, extent_of, remove_run};
pub use quarantine::{Households, Quarantined, QuarantinedFile, QuarantinedFolder};
pub use rebates::{DecisionRecord, DecisionRecords, Rebate, RebateNames, RebateState};
pub(crate) use recovery::refuse_older;
pub use rows::{
    Chance, ClaimRow, Claims, DecisionRow, DecisionsTable, Outcome, Reject, RejectKind, Rejects, Review, ReviewRow,
    Tally,
};
pub(crate) use rows::{Flags, ReceiptOutcome, ReceiptRow, Receipts};
pub use run_id::{NotARunId, RunId};
pub use schema::Schema;
pub use signature::{KeyError, NotSigned, Passphrase, PublicKey, Signer};
pub use staged_file::StagedFile;
pub use staging::{Publication, Staging};
pub use supplier_folder::{FinishedFolder, SupplierFolder};
pub(crate) use table::in_blocks;
pub use table::{Block, Marked, RowFile, Table};
pub use verify::{Expected, Verified, VerifyError, verify};

/// The text of a list of rejects that is no part of a run.
pub(crate) fn rejects_text<'r>(rejects: impl IntoIterator<Item = Reject<'r>>) -> Vec<u8> {
    let mut block = Block::<Rejects>::with_header();
    rejects.into_iter().for_each(|row| block.push(&row));
    block.into_bytes()
}

/// The schema of each table of a run. `docs/schemas` and the lists of columns in `docs/files.md` follow from them.
pub fn schemas() -> [Schema; 9] {
    [
        Schema::new::<Flags>(),
        Schema::new::<rows::Changes>(),
        Schema::new::<Rejects>(),
        Schema::new::<Receipts>(),
        Schema::new::<DecisionsTable>(),
        Schema::new::<Review>(),
        Schema::new::<Claims>(),
        Schema::new::<FiguresTable>(),
        Schema::new::<PublishedTable>(),
    ]
}

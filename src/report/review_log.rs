//! Declares the log of `flagmatch review`: a row for each answer, decision and undo. It holds references and comparison
//! levels, and no other value of a record.

use serde::{Deserialize, Serialize};

/// What a row of the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EventKind {
    /// A reviewer answered.
    Answer,
    /// The decision was written into the decisions file.
    Decided,
    /// A reviewer answered a clear case, which was mixed in to measure how well people decide.
    Clear,
    /// A reviewer took their last answer on the account back.
    Undo,
}

/// A row of the log. No `Debug`: it holds references.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LogRow {
    /// When, in UTC.
    pub(crate) at: String,
    pub(crate) reviewer: String,
    pub(crate) event: EventKind,
    pub(crate) supplier: String,
    pub(crate) customer_ref: String,
    pub(crate) scheme: String,
    pub(crate) claim_ref: String,
    pub(crate) person_ref: String,
    /// `Y`, `N`, or `?` if the reviewer cannot tell.
    pub(crate) answer: String,
    /// The code of the reason that was chosen; never its words.
    pub(crate) reason: String,
    /// Of a clear case: what the match says, and the stratum, as `flagmatch sample` has them.
    pub(crate) flag: String,
    pub(crate) key: String,
    pub(crate) band: String,
    pub(crate) levels: String,
    pub(crate) stratum_accounts: u64,
    pub(crate) stratum_drawn: u64,
}

impl LogRow {
    /// The log's header.
    pub(crate) const HEADER: [&'static str; 16] = [
        "at",
        "reviewer",
        "event",
        "supplier",
        "customer_ref",
        "scheme",
        "claim_ref",
        "person_ref",
        "answer",
        "reason",
        "flag",
        "key",
        "band",
        "levels",
        "stratum_accounts",
        "stratum_drawn",
    ];

    /// The row is about this account in this scheme.
    pub(crate) fn key_of(&self) -> [&str; 3] {
        [&self.supplier, &self.customer_ref, &self.scheme]
    }
}

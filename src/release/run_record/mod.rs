//! Declares `administrator/run.json`, which a run writes and later commands read.
//!
//! It has counts, settings and sums, and no name, date, address or reference of anybody. A field that records of
//! older versions lack has a default. [Sealing](crate::release::record) adds the sum of each file.

mod summary;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::job::{Changes, Disclosure, Gates, Group, Probing, Scheme};
use crate::release::error::ReleaseError;
use crate::release::published::Published;
use crate::release::quarantine::QuarantinedFile;
use crate::release::run_id::RunId;
pub use summary::{
    Comparisons, DecoyFigures, Estimate, Finding, Forecast, MatchRates, OutcomeSummary, ReportSummary, ReviewBand,
    SchemeSummary, StageTime, Summary, SupplierSummary, UndeliveredSupplier, UnknownReference, UnseenFigures,
};
pub(crate) use summary::{NewLine, ProbingLine, SinceLine, six_digits};

/// The record of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    /// The form of the record, which sealing adds. `None` in records of versions that did not sum all files.
    #[serde(skip_serializing)]
    pub(crate) format: Option<u32>,
    /// The version of flagmatch.
    pub(crate) version: String,
    /// The hash that the ledger ended with when the run began.
    pub(crate) ledger_head: Option<String>,
    /// What was released by hand, if the run is a manual release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) release: Option<ManualReleaseRecord>,
    pub(crate) settings: SettingsRecord,
    pub(crate) inputs: Vec<InputRecord>,
    /// By kind of match key.
    pub(crate) keys: BTreeMap<String, KeyRecord>,
    pub(crate) summary: Summary,
    /// The match weights, as a weights file has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weights: Option<Box<RawValue>>,
    /// What a manual release needs of each quarantined supplier.
    #[serde(default)]
    pub(crate) held: Vec<QuarantineRecord>,
}

impl RunRecord {
    /// Reads the record of a published run.
    pub(crate) fn read(published: &Published, run: &RunId) -> Result<RunRecord, ReleaseError> {
        let path = published.record(run);
        let text = std::fs::read(&path).map_err(ReleaseError::io("read this file", &path))?;
        let reason = "is not the record of a run";
        serde_json::from_slice(&text).map_err(|_| ReleaseError::NotAsPublished { path, reason })
    }
}

/// A manual release: of which supplier, from which run, why.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ManualReleaseRecord {
    pub(crate) supplier: String,
    pub(crate) of: String,
    pub(crate) reason: String,
}

/// The settings of the job that a run used. A manual release has the schemes alone.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SettingsRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reject_limit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub(crate) disclosure: Option<Disclosure>,
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub(crate) changes: Option<Changes>,
    /// The date that the run is of, if it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) night_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gates: Option<Gates>,
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub(crate) probing: Option<Probing>,
    pub(crate) schemes: Vec<SchemeRecord>,
}

/// A scheme of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SchemeRecord {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) qualifying_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) one_rebate_per_claim: Option<bool>,
    /// `None` in records of versions without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) free_after_days: Option<u32>,
    pub(crate) limit: Option<u64>,
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    pub(crate) purpose: Option<String>,
    pub(crate) legal_power: Option<String>,
    pub(crate) retention_days: Option<u32>,
}

impl From<&Scheme> for SchemeRecord {
    fn from(scheme: &Scheme) -> SchemeRecord {
        SchemeRecord {
            id: scheme.id.clone(),
            name: scheme.name.clone(),
            qualifying_date: Some(scheme.qualifying_date.to_string()),
            one_rebate_per_claim: Some(scheme.one_rebate_per_claim),
            free_after_days: Some(scheme.free_after_days),
            limit: scheme.limit,
            groups: scheme.groups.clone(),
            purpose: scheme.purpose.clone(),
            legal_power: scheme.legal_power.clone(),
            retention_days: scheme.retention_days,
        }
    }
}

impl SchemeRecord {
    /// The scheme; `None` if the record does not have all of it, as that of a manual release.
    pub(crate) fn scheme(self) -> Option<Scheme> {
        let qualifying_date = self.qualifying_date?;
        Some(Scheme {
            id: self.id,
            name: self.name,
            qualifying_date: qualifying_date.parse::<civil::Date>().ok()?.try_into().ok()?,
            groups: self.groups,
            one_rebate_per_claim: self.one_rebate_per_claim?,
            free_after_days: self.free_after_days.unwrap_or(Scheme::FREE_AFTER_DAYS),
            limit: self.limit,
            purpose: self.purpose,
            legal_power: self.legal_power,
            retention_days: self.retention_days,
        })
    }
}

/// A file that a run read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InputRecord {
    /// `benefits`, `objections` and so on, or the supplier's id.
    pub(crate) input: String,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    pub(crate) noted: u64,
}

/// What one kind of match key did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    /// Keys of holders that were looked up.
    pub(crate) tried: u64,
    /// Pairs of a holder and a benefit row that they led to; a few in a hundred million only seemed to share a key. 0 in
    /// records of versions that did not count them.
    #[serde(default)]
    pub(crate) compared: u64,
    /// Benefit rows that they met and that were like enough to be kept as candidates.
    pub(crate) met: u64,
    /// Keys left out, since too many benefit rows share them.
    pub(crate) left_out: u64,
    /// Accounts flagged whose candidate this kind of key met.
    pub(crate) flagged: u64,
    /// Those of them that no other kind of key met.
    pub(crate) flagged_alone: u64,
}

/// What a manual release needs of a quarantined supplier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QuarantineRecord {
    pub(crate) supplier: String,
    /// The files that are kept, with their sums.
    pub(crate) files: Vec<QuarantinedFile>,
    /// To whom the delivery is encrypted.
    pub(crate) age_recipient: Option<String>,
    /// The secret key that signs it.
    pub(crate) secret_key: Option<PathBuf>,
    /// The job that its signature names. `None` in records of versions that named none.
    pub(crate) job: Option<String>,
    /// Where objections are found.
    pub(crate) objections: Option<Patterns>,
    /// Where exceptions are found.
    pub(crate) exceptions: Option<Patterns>,
    /// For how many days after a notice the supplier may report.
    pub(crate) exception_days: Option<u32>,
}

/// Where the files of an input are found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Patterns {
    pub(crate) folder: PathBuf,
    pub(crate) patterns: Vec<String>,
}

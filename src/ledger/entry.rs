//! Makes the ledger's rows of a published run from its `run.json` and the manifests of its deliveries.
//!
//! The same run gives the same rows at any time.

use std::fs;

use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use crate::release::run_record::{
    Finding, InputRecord, ManualReleaseRecord, ProbingLine, RunRecord, SchemeSummary, StageTime, Summary,
    SupplierSummary, UndeliveredSupplier,
};
use crate::release::{Published, RunId};

/// A supplier's figures in one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SchemeLine {
    /// The scheme's id.
    pub id: String,
    /// Accounts on supply on the qualifying date.
    #[serde(alias = "in_play")]
    pub on_supply: u64,
    /// Accounts found eligible, before allocation; `None` if the run did not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    /// Accounts flagged `Y`.
    pub flagged: u64,
    /// Accounts that staff have to decide.
    pub review: u64,
}

impl From<SchemeSummary> for SchemeLine {
    fn from(summary: SchemeSummary) -> SchemeLine {
        let SchemeSummary { id, on_supply, matched, flagged, review, .. } = summary;
        SchemeLine { id, on_supply, matched, flagged, review }
    }
}

/// A row of the kind `run`, the first of its run.
#[derive(Serialize, Deserialize)]
pub(super) struct RunBody {
    pub(super) version: String,
    /// The format number of the run's record; `None` before records had the sums of all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<u32>,
    /// The BLAKE3 sum of the run's record.
    pub(super) record: String,
    /// The hash at the ledger's end when the run began, if the record has it.
    pub(super) ledger_head: Option<String>,
    /// The number of the run's rows that follow this one.
    pub(super) rows: u64,
    pub(super) benefit_rows: u64,
    pub(super) persons: u64,
    pub(super) claims: u64,
}

/// A row of the kind `supplier`.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct SupplierBody {
    /// The delivery's sequence number; `None` if nothing was delivered.
    pub(super) sequence: Option<u64>,
    /// Why nothing was released to it; `None` if something was.
    pub(super) held: Option<String>,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) noted: u64,
    pub(super) accounts: u64,
    /// Accounts on supply in some scheme.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "in_play")]
    pub(super) on_supply: Option<u64>,
    /// Accounts whose first holder's date of birth is known.
    pub(super) birth_dates: Option<u64>,
    pub(super) schemes: Vec<SchemeLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probing: Option<ProbingLine>,
}

/// A row of the kind `input`.
#[derive(Serialize, Deserialize)]
pub(super) struct InputBody {
    bytes: u64,
    pub(super) blake3: String,
    rows: u64,
    rejected: u64,
    noted: u64,
}

/// A row of the kind `gate`.
#[derive(Serialize)]
struct GateBody {
    saw: String,
    expected: String,
}

/// A row of the kind `release`.
#[derive(Serialize, Deserialize)]
pub(super) struct ReleaseBody {
    pub(super) of: String,
    pub(super) reason: String,
}

#[derive(Serialize)]
struct StageBody {
    seconds: f64,
}

/// A row before it has a number: its kind, subject and body.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) body: String,
}

impl Entry {
    pub(super) fn new(kind: &'static str, subject: impl Into<String>, body: &impl Serialize) -> Entry {
        // Only a map with keys that are not texts cannot be written as JSON, and the bodies have none.
        let body = serde_json::to_string(body).expect("counts and texts are JSON");
        Entry { kind, subject: subject.into(), body }
    }
}

/// The BLAKE3 sum of a published run's record, and its text.
pub(super) fn record_of(published: &Published, run: &RunId) -> Result<(String, Vec<u8>), LedgerError> {
    let path = published.record(run);
    let text = fs::read(&path).map_err(|source| LedgerError::Io { action: "read this file", path, source })?;
    Ok((blake3::hash(&text).to_hex().to_string(), text))
}

/// The rows of a published run, first the row of the kind `run`.
pub(super) fn entries(published: &Published, run: &RunId) -> Result<Vec<Entry>, LedgerError> {
    let (sum, text) = record_of(published, run)?;
    let record: RunRecord = serde_json::from_slice(&text)
        .map_err(|error| LedgerError::NotARecord { path: published.record(run), line: error.line() })?;
    let Summary { held_back, suppliers, benefit_rows, persons, claims, stages, .. } = record.summary;

    let mut further = Vec::new();
    for (place, InputRecord { input, bytes, blake3, rows, rejected, noted, .. }) in
        record.inputs.into_iter().enumerate()
    {
        // Suppliers choose their files' names, which could say anything. The place in the record identifies the file.
        let subject = format!("{input}/{}", place + 1);
        further.push(Entry::new("input", subject, &InputBody { bytes, blake3, rows, rejected, noted }));
    }
    for supplier in suppliers {
        let SupplierSummary { id, rows, rejected, noted, accounts, on_supply, birth_dates, schemes, probing, .. } =
            supplier;
        let schemes = schemes.into_iter().map(SchemeLine::from).collect();
        let sequence = published.sequence(run, &id)?;
        // A quarantined supplier was matched all the same, and has its figures.
        let held = held_back.iter().find(|held| held.id == id).map(|held| held.reason.clone());
        let body =
            SupplierBody { sequence, held, rows, rejected, noted, accounts, on_supply, birth_dates, schemes, probing };
        further.push(Entry::new("supplier", id, &body));
    }
    for UndeliveredSupplier { id, reason, findings } in held_back {
        if findings.is_empty() {
            let held = Some(reason);
            further.push(Entry::new("supplier", id, &SupplierBody { held, ..SupplierBody::default() }));
            continue;
        }
        for Finding { gate, scheme, saw, expected } in findings {
            let subject = [Some(id.as_str()), Some(&gate), scheme.as_deref()].into_iter().flatten();
            let subject = subject.collect::<Vec<_>>().join("/");
            further.push(Entry::new("gate", subject, &GateBody { saw, expected }));
        }
    }
    if let Some(ManualReleaseRecord { supplier, of, reason }) = record.release {
        further.push(Entry::new("release", supplier, &ReleaseBody { of, reason }));
    }
    further.extend(record.keys.into_iter().map(|(kind, counts)| Entry::new("key", kind, &counts)));
    further.extend(
        stages.into_iter().map(|StageTime { stage, seconds }| Entry::new("stage", stage, &StageBody { seconds })),
    );

    let body = RunBody {
        version: record.version,
        format: record.format,
        record: sum,
        ledger_head: record.ledger_head,
        rows: further.len() as u64,
        benefit_rows,
        persons,
        claims,
    };
    further.insert(0, Entry::new("run", run.to_string(), &body));
    Ok(further)
}

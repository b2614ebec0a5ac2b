//! What the ledger keeps of a run: in goes `run.json` of a published run and the manifests of what it
//! delivered, out come rows. The same run gives the same rows at any time.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use crate::release::{Published, RunId};

/// Of the run's record, what the ledger keeps. Records of older versions lack some of it.
#[derive(Deserialize)]
struct Record {
    version: String,
    ledger_head: Option<String>,
    inputs: Vec<Input>,
    keys: BTreeMap<String, BTreeMap<String, u64>>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Input {
    input: String,
    bytes: u64,
    blake3: String,
    rows: u64,
    rejected: u64,
    noted: u64,
}

#[derive(Deserialize)]
struct Summary {
    held_back: Vec<Held>,
    suppliers: Vec<Matched>,
    benefit_rows: u64,
    persons: u64,
    claims: u64,
    #[serde(default)]
    stages: Vec<Stage>,
}

#[derive(Deserialize)]
struct Held {
    id: String,
    reason: String,
}

#[derive(Deserialize)]
struct Matched {
    id: String,
    rows: u64,
    rejected: u64,
    noted: u64,
    accounts: u64,
    birth_dates: Option<u64>,
    schemes: Vec<SchemeLine>,
}

#[derive(Deserialize)]
struct Stage {
    stage: String,
    seconds: f64,
}

/// A supplier's figures in one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SchemeLine {
    /// The scheme's id.
    pub id: String,
    /// Accounts on supply on the qualifying date.
    pub in_play: u64,
    /// Accounts flagged `Y`.
    pub flagged: u64,
    /// Accounts that a person has to decide.
    pub review: u64,
}

/// A row of the kind `run`, the first of its run.
#[derive(Serialize, Deserialize)]
pub(super) struct RunBody {
    pub(super) version: String,
    /// The BLAKE3 sum of the run's record.
    pub(super) record: String,
    /// The hash with which the ledger ended when the run began, where the record tells.
    pub(super) ledger_head: Option<String>,
    /// How many rows of the run follow this one.
    pub(super) rows: u64,
    pub(super) benefit_rows: u64,
    pub(super) persons: u64,
    pub(super) claims: u64,
}

/// A row of the kind `supplier`.
#[derive(Serialize, Deserialize)]
pub(super) struct SupplierBody {
    /// The delivery's sequence number; none where nothing was delivered.
    pub(super) sequence: Option<u64>,
    /// Why nothing was released to it; none where something was.
    pub(super) held: Option<String>,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) noted: u64,
    pub(super) accounts: u64,
    /// Accounts whose first holder's date of birth is known.
    pub(super) birth_dates: Option<u64>,
    pub(super) schemes: Vec<SchemeLine>,
}

#[derive(Serialize)]
struct InputBody {
    bytes: u64,
    blake3: String,
    rows: u64,
    rejected: u64,
    noted: u64,
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
        // These have no maps with keys that are no text, the one thing that JSON cannot say.
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

/// The rows of a published run, that of the kind `run` first.
pub(super) fn entries(published: &Published, run: &RunId) -> Result<Vec<Entry>, LedgerError> {
    let (sum, text) = record_of(published, run)?;
    let record: Record = serde_json::from_slice(&text)
        .map_err(|error| LedgerError::NotARecord { path: published.record(run), line: error.line() })?;
    let Summary { held_back, suppliers, benefit_rows, persons, claims, stages } = record.summary;

    let mut further = Vec::new();
    for (place, Input { input, bytes, blake3, rows, rejected, noted }) in record.inputs.into_iter().enumerate() {
        // A file's name is the supplier's to choose: its place in the record tells as much.
        let subject = format!("{input}/{}", place + 1);
        further.push(Entry::new("input", subject, &InputBody { bytes, blake3, rows, rejected, noted }));
    }
    for supplier in suppliers {
        let Matched { id, rows, rejected, noted, accounts, birth_dates, schemes } = supplier;
        let sequence = published.sequence(run, &id)?;
        let body = SupplierBody { sequence, held: None, rows, rejected, noted, accounts, birth_dates, schemes };
        further.push(Entry::new("supplier", id, &body));
    }
    for Held { id, reason } in held_back {
        let body = SupplierBody {
            sequence: None,
            held: Some(reason),
            rows: 0,
            rejected: 0,
            noted: 0,
            accounts: 0,
            birth_dates: None,
            schemes: Vec::new(),
        };
        further.push(Entry::new("supplier", id, &body));
    }
    further.extend(record.keys.into_iter().map(|(kind, counts)| Entry::new("key", kind, &counts)));
    further
        .extend(stages.into_iter().map(|Stage { stage, seconds }| Entry::new("stage", stage, &StageBody { seconds })));

    let body = RunBody {
        version: record.version,
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

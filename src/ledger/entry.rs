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
    format: Option<u32>,
    ledger_head: Option<String>,
    inputs: Vec<Input>,
    keys: BTreeMap<String, BTreeMap<String, u64>>,
    summary: Summary,
    /// What was released by hand, where the run is such a release.
    release: Option<ByHand>,
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
    #[serde(default)]
    findings: Vec<Finding>,
}

/// What a gate saw.
#[derive(Deserialize)]
struct Finding {
    gate: String,
    scheme: Option<String>,
    saw: String,
    expected: String,
}

#[derive(Deserialize)]
struct ByHand {
    supplier: String,
    of: String,
    reason: String,
}

#[derive(Deserialize)]
struct Matched {
    id: String,
    rows: u64,
    rejected: u64,
    noted: u64,
    accounts: u64,
    in_play: Option<u64>,
    birth_dates: Option<u64>,
    schemes: Vec<SchemeLine>,
    probing: Option<ProbingLine>,
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
    /// Accounts found due, before they were settled against each other; none where the run did not count
    /// them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    /// Accounts flagged `Y`.
    pub flagged: u64,
    /// Accounts that a person has to decide.
    pub review: u64,
}

/// What was counted of a supplier to see probing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProbingLine {
    /// Holders of accounts in play who have a name.
    pub holders: u64,
    /// Those whose name and date of birth another account has too.
    pub same_birth_date: u64,
    /// Those whose name and home another account has too.
    pub same_home: u64,
    /// Those who live where there are many surnames.
    pub crowded: u64,
    /// What is different from the last delivery; none where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceLine>,
}

/// What is different from a supplier's last delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SinceLine {
    /// Accounts that it does not have.
    pub new_accounts: u64,
    /// Accounts in play then and now.
    pub compared: u64,
    /// Those of them whose matching fields were seen to be edited.
    pub edited: u64,
    /// Those of these that were edited again and again.
    pub edited_again: u64,
    /// New accounts by scheme.
    pub new: Vec<NewLine>,
}

/// New accounts in one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewLine {
    /// The scheme's id.
    pub scheme: String,
    /// Those in play.
    pub in_play: u64,
    /// Those found due.
    pub matched: u64,
}

/// A row of the kind `run`, the first of its run.
#[derive(Serialize, Deserialize)]
pub(super) struct RunBody {
    pub(super) version: String,
    /// The form of the run's record, from the one on that has the sums of all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<u32>,
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
#[derive(Default, Serialize, Deserialize)]
pub(super) struct SupplierBody {
    /// The delivery's sequence number; none where nothing was delivered.
    pub(super) sequence: Option<u64>,
    /// Why nothing was released to it; none where something was.
    pub(super) held: Option<String>,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) noted: u64,
    pub(super) accounts: u64,
    /// Accounts in play in some scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) in_play: Option<u64>,
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
        let Matched { id, rows, rejected, noted, accounts, in_play, birth_dates, schemes, probing } = supplier;
        let sequence = published.sequence(run, &id)?;
        // What a gate held back was matched all the same, and has its figures.
        let held = held_back.iter().find(|held| held.id == id).map(|held| held.reason.clone());
        let body =
            SupplierBody { sequence, held, rows, rejected, noted, accounts, in_play, birth_dates, schemes, probing };
        further.push(Entry::new("supplier", id, &body));
    }
    for Held { id, reason, findings } in held_back {
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
    if let Some(ByHand { supplier, of, reason }) = record.release {
        further.push(Entry::new("release", supplier, &ReleaseBody { of, reason }));
    }
    further.extend(record.keys.into_iter().map(|(kind, counts)| Entry::new("key", kind, &counts)));
    further
        .extend(stages.into_iter().map(|Stage { stage, seconds }| Entry::new("stage", stage, &StageBody { seconds })));

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

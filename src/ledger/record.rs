//! Records actions other than runs, such as a purge: each in a file of its own, `out/records/000001.json`, and from it
//! in a row of the ledger.
//!
//! The file is durable before the action begins, so that nothing is removed without a trace, and a lost ledger can be
//! rebuilt from runs and records together. In the ledger a record follows the run that was the newest when it was
//! written; both are written while the output directory is locked.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::chain::Row;
use super::entry::Entry;
use super::error::LedgerError;
use super::store::Front;
use crate::date;
use crate::release::RunId;

const FOLDER: &str = "records";

/// The kind of an action other than a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// Files and rows past their retention were removed.
    Purge,
    /// Suppliers' exceptions were taken in.
    Exceptions,
    /// The ledger was lost, and rebuilt from fewer runs than it had.
    LedgerMadeAgain,
    /// A part of a season's budget was spent on figures for analysts.
    FiguresPaid,
}

impl RecordKind {
    pub(super) const ALL: [RecordKind; 4] =
        [RecordKind::Purge, RecordKind::Exceptions, RecordKind::LedgerMadeAgain, RecordKind::FiguresPaid];

    /// The kind as the ledger's rows have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            RecordKind::Purge => "purge",
            RecordKind::Exceptions => "exceptions",
            RecordKind::LedgerMadeAgain => "ledger-made-again",
            RecordKind::FiguresPaid => "figures-paid",
        }
    }
}

/// A record as its file has it.
#[derive(Serialize, Deserialize)]
struct RecordFile {
    number: u64,
    kind: RecordKind,
    /// The newest run at that time.
    after: Option<String>,
    /// When, in UTC.
    at: String,
    version: String,
    told: Value,
}

/// A record that was read.
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) kind: RecordKind,
    pub(super) after: Option<RunId>,
    pub(super) body: RecordBody,
    /// What a purge left of the files of each run.
    pub(super) left: Vec<(RunId, LeftOfRun)>,
}

/// The new sum of each file of a run that a purge changed, `None` for a removed file. `None` as a whole if the purge's
/// version recorded no sums.
pub(super) type LeftOfRun = Option<BTreeMap<String, Option<String>>>;

/// The body of a record's row.
#[derive(Serialize, Deserialize)]
pub(super) struct RecordBody {
    /// The BLAKE3 sum of the record's file.
    pub(super) record: String,
    pub(super) at: String,
    pub(super) told: Value,
}

/// Writes a record of an action that is about to begin. The next [`catch_up`](super::Ledger::catch_up) adds it to the
/// ledger.
///
/// # Errors
/// [`LedgerError`] if it cannot be written.
pub fn write_record(
    output: &Path,
    kind: RecordKind,
    after: Option<&RunId>,
    now: SystemTime,
    told: &impl Serialize,
) -> Result<PathBuf, LedgerError> {
    let folder = output.join(FOLDER);
    let io = |action: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| LedgerError::Io { action, path, source }
    };
    fs::DirBuilder::new().mode(0o700).recursive(true).create(&folder).map_err(io("create this folder", &folder))?;
    let number = numbers(output)?.last().map_or(1, |last| last + 1);
    let path = place(output, number);
    let told = serde_json::to_value(told).map_err(|error| io("write this file", &path)(error.into()))?;
    let file = RecordFile {
        number,
        kind,
        after: after.map(RunId::to_string),
        at: date::second(now),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        told,
    };
    let mut text = serde_json::to_vec_pretty(&file).map_err(|error| io("write this file", &path)(error.into()))?;
    text.push(b'\n');
    let part = folder.join(".part");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        fs::File::open(&folder)?.sync_all()?;
        fs::File::open(output)?.sync_all()
    };
    write().map_err(io("write this file", &path))?;
    Ok(path)
}

/// The content of the records of a kind, oldest first.
///
/// # Errors
/// [`LedgerError`] if one cannot be read.
pub fn recorded_before<T: DeserializeOwned>(output: &Path, kind: RecordKind) -> Result<Vec<T>, LedgerError> {
    let mut all = Vec::new();
    for number in numbers(output)? {
        let record = read(output, number)?;
        if record.kind == kind {
            let told = serde_json::from_value(record.body.told);
            all.push(told.map_err(|_| LedgerError::NotARecord { path: place(output, number), line: 1 })?);
        }
    }
    Ok(all)
}

/// Removes the records in a ledger's front.
pub(super) fn remove_records(output: &Path, front: &Front) -> Result<(), LedgerError> {
    for path in front.records.iter().map(|number| place(output, *number)).filter(|path| path.exists()) {
        let removed = fs::remove_file(&path);
        removed.map_err(|source| LedgerError::Io { action: "remove this file", path, source })?;
    }
    Ok(())
}

/// Whether a row is that of a record.
pub(super) fn is_record(row: &Row) -> bool {
    RecordKind::ALL.iter().any(|kind| kind.name() == row.kind)
}

/// The numbers of the records that exist, in order.
pub(super) fn numbers(output: &Path) -> Result<Vec<u64>, LedgerError> {
    let folder = output.join(FOLDER);
    let io = |source| LedgerError::Io { action: "list this folder", path: folder.clone(), source };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|name| name.parse().ok());
        numbers.extend(number.filter(|number| place(output, *number).file_name() == Some(&name)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Reads a record, which must exist.
pub(super) fn read(output: &Path, number: u64) -> Result<Record, LedgerError> {
    let path = place(output, number);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(source) => return Err(LedgerError::Io { action: "read this file", path, source }),
    };
    let not_a_record = |line| LedgerError::NotARecord { path: path.clone(), line };
    let file: RecordFile = serde_json::from_slice(&text).map_err(|error| not_a_record(error.line()))?;
    let after = file.after.map(|run| run.parse().map_err(|_| not_a_record(1))).transpose()?;
    let mut told = file.told;
    let left =
        if file.kind == RecordKind::Purge { take_left(&mut told).ok_or_else(|| not_a_record(1))? } else { Vec::new() };
    let body = RecordBody { record: blake3::hash(&text).to_hex().to_string(), at: file.at, told };
    Ok(Record { number, kind: file.kind, after, body, left })
}

/// Takes the new sums of each run's files out of a purge's record. The ledger covers them by the sum of the record's
/// file; in its own rows they would be longer than everything else.
fn take_left(told: &mut Value) -> Option<Vec<(RunId, LeftOfRun)>> {
    let runs = told.get_mut("runs")?.as_array_mut()?.iter_mut();
    runs.map(|run| {
        let id = run.get("run")?.as_str()?.parse().ok()?;
        let left = run.as_object_mut()?.remove("left");
        Some((id, left.map(serde_json::from_value).transpose().ok()?))
    })
    .collect()
}

/// The path of a record.
fn place(output: &Path, number: u64) -> PathBuf {
    output.join(FOLDER).join(format!("{number:06}.json"))
}

impl Record {
    /// Its row.
    pub(super) fn entry(&self) -> Entry {
        Entry::new(self.kind.name(), format!("{:06}", self.number), &self.body)
    }

    /// The rows that it removes from the front of the ledger, if any.
    pub(super) fn front(&self) -> Option<Front> {
        self.body.front()
    }
}

impl RecordBody {
    pub(super) fn front(&self) -> Option<Front> {
        serde_json::from_value(self.told.get("ledger")?.clone()).ok()
    }
}

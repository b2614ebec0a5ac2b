//! Stores the ledger in an SQLite database with one table of chained rows.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};

use super::chain::{BEGINNING, Row};
use super::entry::{self, Entry};
use super::error::LedgerError;
use super::record::{self, RecordKind};
use crate::release::{Published, RunId};

const FILE: &str = "ledger.sqlite";

/// How long to wait for another process that reads or writes the ledger.
const PATIENCE: Duration = Duration::from_secs(30);

/// One table of rows, and views for people who open the ledger with an ordinary tool.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS entry_subject ON entry (run, kind, subject);
CREATE VIEW IF NOT EXISTS runs AS
    SELECT run, body ->> 'version' AS version, body ->> 'benefit_rows' AS benefit_rows,
           body ->> 'persons' AS persons, body ->> 'claims' AS claims
    FROM entry WHERE kind = 'run';
CREATE VIEW IF NOT EXISTS suppliers AS
    SELECT run, subject AS supplier, body ->> 'sequence' AS sequence, body ->> 'held' AS held,
           body ->> 'rows' AS rows, body ->> 'rejected' AS rejected, body ->> 'noted' AS noted,
           body ->> 'accounts' AS accounts, body ->> 'birth_dates' AS birth_dates,
           scheme.value ->> 'id' AS scheme, scheme.value ->> 'on_supply' AS on_supply,
           scheme.value ->> 'flagged' AS flagged, scheme.value ->> 'review' AS review
    FROM entry LEFT JOIN json_each(body, '$.schemes') AS scheme WHERE kind = 'supplier';
CREATE VIEW IF NOT EXISTS gates AS
    SELECT run, subject AS gate, body ->> 'saw' AS saw, body ->> 'expected' AS expected
    FROM entry WHERE kind = 'gate';
CREATE VIEW IF NOT EXISTS releases AS
    SELECT run, subject AS supplier, body ->> 'of' AS held_by, body ->> 'reason' AS reason
    FROM entry WHERE kind = 'release';
DROP VIEW IF EXISTS records;
CREATE VIEW records AS
    SELECT kind, subject AS number, run AS after, body ->> 'at' AS at, body ->> 'told' AS told
    FROM entry WHERE kind IN ('purge', 'exceptions', 'ledger-made-again', 'figures-paid');
";

/// Rows at the front of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Front {
    /// The number of the last of them.
    pub through: u64,
    /// Its hash, from which the chain continues.
    pub hash: String,
    /// The numbers of the records among them.
    #[serde(default)]
    pub records: Vec<u64>,
}

/// The ledger of an output directory.
pub struct Ledger {
    pub(super) path: PathBuf,
    connection: Connection,
}

impl Ledger {
    /// Adds every published run and every record of a directory that its ledger does not have yet, and creates the ledger
    /// if there is none. Returns the hash at its end. If there is neither run nor record, no ledger is created.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger or a run's record cannot be read or written; the ledger is then unchanged.
    pub fn catch_up(output: &Path) -> Result<String, LedgerError> {
        let path = output.join(FILE);
        let published = Published::latest(output)?;
        if path.is_symlink() {
            return Err(LedgerError::Link { path });
        }
        let found = path.try_exists();
        let found =
            found.map_err(|source| LedgerError::Io { action: "look for the ledger", path: path.clone(), source });
        if published.is_none() && !found? && record::numbers(output)?.is_empty() {
            return Ok(BEGINNING.to_owned());
        }
        // SQLite gives its journal the file mode of the database.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| LedgerError::Io { action: "open this file", path: path.clone(), source })?;
        let mut ledger = Ledger::connect(path)?;
        ledger.add(output, published.as_ref())
    }

    /// The newest run that a directory's ledger has; `None` if there is no ledger or it has no run.
    ///
    /// # Errors
    /// [`LedgerError`] if it cannot be read.
    pub fn newest_known(output: &Path) -> Result<Option<RunId>, LedgerError> {
        let path = output.join(FILE);
        if path.is_symlink() {
            return Err(LedgerError::Link { path });
        }
        let Some(ledger) = Ledger::find(output)? else { return Ok(None) };
        newest_run(&ledger.connection).map_err(|source| LedgerError::Database { path, source })
    }

    /// The rows in front of the first run for which `is_to_go` is false, if there are any. What was paid for figures stays
    /// with the run that it was paid for, which comes after it.
    ///
    /// # Errors
    /// [`LedgerError`] if the ledger cannot be read.
    pub fn front(&self, is_to_go: impl Fn(&RunId) -> bool) -> Result<Option<Front>, LedgerError> {
        let mut last = None;
        let mut records = Vec::new();
        // Records from the first payment on for which no run was found yet.
        let mut waiting = Vec::new();
        for (row, hash) in self.rows()? {
            if row.kind == "run" && !row.run.parse().is_ok_and(|run| is_to_go(&run)) {
                break;
            }
            let is_record = record::is_record(&row);
            let own = is_record.then(|| row.subject.parse::<u64>().ok()).flatten();
            if row.kind == RecordKind::FiguresPaid.name() || is_record && !waiting.is_empty() {
                waiting.extend(own);
            } else {
                records.extend(waiting.drain(..).chain(own));
                last = Some((row.number, hash));
            }
        }
        Ok(last.map(|(through, hash)| Front { through, hash, records }))
    }

    /// Opens the ledger of a directory to read it.
    ///
    /// # Errors
    /// [`LedgerError::None`] if there is none, [`LedgerError::Database`] if the file is not a ledger.
    pub fn open(output: &Path) -> Result<Ledger, LedgerError> {
        Ledger::find(output)?.ok_or_else(|| LedgerError::None { path: output.join(FILE) })
    }

    /// The ledger of a directory, if there is one. A file without a table does not count: a kill before the first
    /// commit leaves one.
    ///
    /// # Errors
    /// [`LedgerError`] if it cannot be read.
    pub fn find(output: &Path) -> Result<Option<Ledger>, LedgerError> {
        let path = output.join(FILE);
        match path.metadata() {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LedgerError::Io { action: "look for the ledger", path, source }),
        }
        let ledger = Ledger::connect(path)?;
        let has_table = ledger.connection.table_exists(None, "entry");
        match has_table {
            Ok(has_table) => Ok(has_table.then_some(ledger)),
            Err(source) => Err(LedgerError::Database { path: ledger.path, source }),
        }
    }

    /// Readers need write access too, to roll back what a kill left.
    fn connect(path: PathBuf) -> Result<Ledger, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            // EXTRA also makes the folder durable once the journal is deleted, and with it the commit.
            connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;")?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Ledger { path, connection }),
            Err(source) => Err(LedgerError::Database { path, source }),
        }
    }

    /// The output directory of the ledger.
    pub(super) fn output(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn add(&mut self, output: &Path, published: Option<&Published>) -> Result<String, LedgerError> {
        let path = self.path.clone();
        let failed = |source| LedgerError::Database { path: path.clone(), source };
        // Immediate, so that no other process adds the same run meanwhile.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(TABLES).map_err(failed)?;
        let newest = newest_run(&transaction).map_err(failed)?;
        let newest_record = newest_record(&transaction).map_err(failed)?;
        let (mut number, mut head) = last(&transaction).map_err(failed)?;
        for Pending { run, entries, front } in pending(output, published, newest.as_ref(), newest_record)? {
            for Entry { kind, subject, body } in entries {
                number += 1;
                let row = Row { number, run: run.clone(), kind: kind.to_owned(), subject, body };
                head = row.hash(&head);
                insert(&transaction, &row, &head).map_err(failed)?;
            }
            if let Some(front) = front
                && take_off(&transaction, &front).map_err(failed)?
            {
                // Before their rows are gone for good: whoever is killed here does both again.
                record::remove_records(output, &front)?;
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(head)
    }

    /// All rows with their hashes, in order.
    pub(super) fn rows(&self) -> Result<Vec<(Row, String)>, LedgerError> {
        let read = || {
            let mut statement =
                self.connection.prepare("SELECT number, run, kind, subject, body, hash FROM entry ORDER BY number")?;
            let rows = statement.query_map([], |row| {
                let number: i64 = row.get(0)?;
                let read = Row {
                    number: u64::try_from(number).unwrap_or(0),
                    run: row.get(1)?,
                    kind: row.get(2)?,
                    subject: row.get(3)?,
                    body: row.get(4)?,
                };
                Ok((read, row.get(5)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|source| LedgerError::Database { path: self.path.clone(), source })
    }
}

/// A run or a record that the ledger does not have yet.
struct Pending {
    run: String,
    entries: Vec<Entry>,
    front: Option<Front>,
}

/// Runs and records that are newer than the ledger's, each record after the run that it came after.
fn pending(
    output: &Path,
    published: Option<&Published>,
    newest: Option<&RunId>,
    newest_record: u64,
) -> Result<Vec<Pending>, LedgerError> {
    let mut pending = Vec::new();
    if let Some(published) = published {
        for run in published.runs()?.into_iter().filter(|run| newest.is_none_or(|newest| run > newest)) {
            let entries = entry::entries(published, &run)?;
            pending.push((Some(run.clone()), Pending { run: run.to_string(), entries, front: None }));
        }
    }
    for number in record::numbers(output)?.into_iter().filter(|number| *number > newest_record) {
        let record = record::read(output, number)?;
        let run = record.after.as_ref().map_or(String::new(), RunId::to_string);
        let (entries, front) = (vec![record.entry()], record.front());
        pending.push((record.after, Pending { run, entries, front }));
    }
    // The sort is stable: a run comes before its records, and these stay in order.
    pending.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(pending.into_iter().map(|(_, pending)| pending).collect())
}

fn insert(transaction: &Transaction<'_>, row: &Row, hash: &str) -> rusqlite::Result<usize> {
    transaction.execute(
        "INSERT INTO entry (number, run, kind, subject, body, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (row.number.cast_signed(), &row.run, &row.kind, &row.subject, &row.body, hash),
    )
}

/// The newest run in the ledger. Ids are compared parsed: they do not sort as texts once a second has a hundred runs.
fn newest_run(connection: &Connection) -> rusqlite::Result<Option<RunId>> {
    let mut statement = connection.prepare("SELECT run FROM entry WHERE kind = 'run'")?;
    let runs = statement.query_map([], |row| row.get::<_, String>(0))?;
    let runs: Vec<String> = runs.collect::<Result<_, _>>()?;
    Ok(runs.iter().filter_map(|run| run.parse().ok()).max())
}

/// The number of the newest record in the ledger; 0 if there is none.
fn newest_record(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    let mut statement = transaction.prepare("SELECT max(CAST(subject AS INTEGER)) FROM entry WHERE kind = ?1")?;
    let mut newest = 0;
    for kind in RecordKind::ALL {
        let found: Option<i64> = statement.query_row([kind.name()], |row| row.get(0))?;
        newest = newest.max(found.and_then(|found| u64::try_from(found).ok()).unwrap_or(0));
    }
    Ok(newest)
}

/// Removes rows from the front, and says whether it did. A rebuilt ledger has other rows there, and keeps them.
fn take_off(transaction: &Transaction<'_>, front: &Front) -> rusqlite::Result<bool> {
    let through = front.through.cast_signed();
    let query = "SELECT hash FROM entry WHERE number = ?1";
    let hash: Option<String> = transaction.query_row(query, [through], |row| row.get(0)).optional()?;
    let is_there = hash.as_ref() == Some(&front.hash);
    if is_there {
        transaction.execute("DELETE FROM entry WHERE number <= ?1", [through])?;
    }
    Ok(is_there)
}

/// The last row's number and hash.
fn last(transaction: &Transaction<'_>) -> rusqlite::Result<(u64, String)> {
    let last = transaction
        .query_row("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(last.map_or((0, BEGINNING.to_owned()), |(number, hash)| (u64::try_from(number).unwrap_or(0), hash)))
}

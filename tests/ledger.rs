//! Checks the ledger on real runs: its content, that tampering shows, and that a lost ledger is rebuilt.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::{Folder, has_nothing_planted};
use rusqlite::Connection;

const LEDGER: &str = "out/ledger.sqlite";

fn three_nights() -> Folder {
    let folder = Folder::sound();
    folder.run_well();
    folder.run_well();
    folder.customers("north", &[]);
    assert_eq!(folder.run(&[]).code, 4);
    folder
}

fn list(folder: &Folder) -> serde_json::Value {
    let said = folder.flagmatch(&["ledger", "list", "out", "--json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    serde_json::from_str(&said.stdout).unwrap()
}

/// Runs statements on the ledger, as somebody might who tampers with it.
fn tamper(folder: &Folder, statements: &str) {
    Connection::open(folder.path(LEDGER)).unwrap().execute_batch(statements).unwrap();
}

#[test]
fn each_run_and_supplier_is_in_it_and_nobody_else() {
    let folder = three_nights();
    let runs = list(&folder);
    assert_eq!(runs.as_array().unwrap().len(), 3);
    let line = |run: usize, supplier: usize| runs[run]["suppliers"][supplier].clone();
    let north = line(1, 0);
    assert_eq!((north["supplier"].as_str(), north["sequence"].as_u64()), (Some("north"), Some(2)));
    assert_eq!((north["accounts"].as_u64(), north["birth_dates"].as_u64()), (Some(2), Some(2)));
    assert_eq!(north["schemes"][0]["flagged"], 1);
    // In the third run the south comes first, and the north is held back.
    assert_eq!((line(2, 0)["supplier"].as_str(), line(2, 0)["sequence"].as_u64()), (Some("south"), Some(3)));
    assert!(line(2, 1)["held"].as_str().unwrap().contains("not one account"));
    assert!(line(2, 1)["sequence"].is_null());

    let said = folder.flagmatch(&["ledger", "list", "job.toml"]);
    let (rows, why): (Vec<&str>, Vec<&str>) = said.stdout.lines().partition(|line| line.matches("  ").count() > 2);
    assert_eq!(rows.len(), 1 + 6, "{}", said.stdout);
    let why = why.join(" ");
    assert!(why.contains("north got nothing: there is not one account in its files"), "{}", said.stdout);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    has_nothing_planted(&String::from_utf8_lossy(&common::bytes(&folder.path(LEDGER))));
    let mode = fs::metadata(folder.path(LEDGER)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "job.toml"]).code, 0);

    // An ordinary tool can read it too.
    let connection = Connection::open(folder.path(LEDGER)).unwrap();
    let query = "SELECT count(*) FROM suppliers WHERE supplier = 'north' AND flagged = 1";
    assert_eq!(connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

/// The run's record and the ledger have each file's rows and its sum, as `b3sum` prints it.
#[test]
fn the_sums_are_those_of_the_files_that_were_read() {
    let folder = Folder::sound();
    folder.write("properties.csv", "uprn,energy_cost_score\n100099155119,2\nnone,3\n100099155118,x\n100099155117,y\n");
    folder.add_to_job("[properties]\nfiles = [\"properties.csv\"]\n[intake]\nreject_limit = 0.5");
    folder.run_well();
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let files = ["properties.csv", "benefits.csv", "suppliers/north.csv", "suppliers/south.csv"];
    let expected = files.map(|name| {
        let bytes = common::bytes(&folder.path(name));
        (name.to_owned(), bytes.len() as u64, blake3::hash(&bytes).to_hex().to_string())
    });
    let inputs = record["inputs"].as_array().unwrap();
    let of_record = inputs.iter().map(|input| {
        let text = |key: &str| input[key].as_str().unwrap().to_owned();
        (text("path"), input["bytes"].as_u64().unwrap(), text("blake3"))
    });
    assert_eq!(of_record.collect::<Vec<_>>(), expected);
    let counts = |input: &serde_json::Value| ["rows", "rejected", "noted"].map(|key| input[key].as_u64().unwrap());
    assert_eq!(inputs.iter().map(counts).collect::<Vec<_>>(), [[4, 1, 2], [2, 0, 0], [2, 0, 0], [1, 0, 0]]);

    let connection = Connection::open(folder.path(LEDGER)).unwrap();
    let body = |kind: &str| {
        let query = format!("SELECT body FROM entry WHERE kind = '{kind}' ORDER BY number");
        let mut statement = connection.prepare(&query).unwrap();
        let bodies = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        bodies.map(|body| serde_json::from_str(&body.unwrap()).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let of_ledger = body("input");
    for (input, of_record) in of_ledger.iter().zip(inputs) {
        for key in ["bytes", "blake3", "rows", "rejected", "noted"] {
            assert_eq!(input[key], of_record[key], "{key}");
        }
    }
    assert_eq!(of_ledger.len(), files.len());
    let sum = blake3::hash(&common::bytes(&folder.path("out/latest/administrator/run.json")));
    assert_eq!(body("run")[0]["record"], sum.to_hex().as_str());
}

#[test]
fn a_row_that_was_changed_deleted_inserted_or_moved_shows() {
    let last = "(SELECT max(number) FROM entry)";
    for (hands, said) in [
        ("UPDATE entry SET body = replace(body, '\"accounts\":2', '\"accounts\":3')".to_owned(), "row 5: "),
        (
            "UPDATE entry SET hash = iif(hash LIKE '0%', '1', '0') || substr(hash, 2) WHERE number = 2".to_owned(),
            "row 2: ",
        ),
        ("DELETE FROM entry WHERE number = 3".to_owned(), "row 3: this row is missing"),
        ("DELETE FROM entry WHERE number = 1".to_owned(), "row 1: this row is missing"),
        (
            "DELETE FROM entry WHERE number = 3; UPDATE entry SET number = number - 1 WHERE number > 3".to_owned(),
            "row 3: ",
        ),
        (format!("DELETE FROM entry WHERE number = {last}"), "has lost rows"),
        ("DELETE FROM entry WHERE run = (SELECT max(run) FROM entry)".to_owned(), "is not in the ledger"),
        (
            "UPDATE entry SET number = -1 WHERE number = 2; UPDATE entry SET number = 2 WHERE number = 3;
             UPDATE entry SET number = 3 WHERE number = -1"
                .to_owned(),
            "row 2: ",
        ),
        (
            format!(
                "INSERT INTO entry SELECT number + 1, run, kind, 'other', body, hash FROM entry WHERE number = {last}"
            ),
            "was changed, inserted or moved",
        ),
    ] {
        let folder = three_nights();
        tamper(&folder, &hands);
        folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["out/ledger.sqlite", said]);
    }
}

#[test]
fn a_record_that_was_changed_after_the_run_shows() {
    let folder = three_nights();
    let record = "out/latest/administrator/run.json";
    folder.write(record, folder.read(record).replacen("\"accounts\": 1", "\"accounts\": 7", 1));
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["has a run.json that differs from the ledger"]);
}

#[test]
fn a_ledger_that_lags_behind_or_is_lost_comes_back_row_for_row() {
    let folder = three_nights();
    let rows = |folder: &Folder| {
        let connection = Connection::open(folder.path(LEDGER)).unwrap();
        let mut statement = connection.prepare("SELECT number, hash FROM entry ORDER BY number").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    let before = rows(&folder);
    // A kill right after the switch of `latest` leaves the first state, and a lost disk the second.
    let lost = ["DELETE FROM entry WHERE run = (SELECT max(run) FROM entry)", "DELETE FROM entry"];
    for hands in lost {
        tamper(&folder, hands);
        assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 1);
        assert_eq!(folder.run(&[]).code, 4);
        assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
        assert_eq!(rows(&folder)[..before.len()], before);
    }
    // A ledger that lost its first run for good is rebuilt from the remaining runs, and says so.
    fs::remove_file(folder.path(LEDGER)).unwrap();
    let first = folder.runs().remove(0);
    fs::remove_dir_all(folder.path(&format!("out/{first}"))).unwrap();
    assert_eq!(folder.run(&[]).code, 4);
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["row 1: ", "rows before this one are missing"]);
}

#[test]
fn where_there_is_no_ledger_that_is_said() {
    let folder = Folder::sound();
    folder.flagmatch(&["ledger", "list", "job.toml"]).is_fault(1, &["there is no ledger here"]);
    fs::create_dir(folder.path("out")).unwrap();
    folder.write(
        LEDGER,
        "no database, though it has the name of one and is longer than a header of SQLite is, at 100 bytes",
    );
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["out/ledger.sqlite"]);
    folder.run(&[]).is_fault(1, &["out/ledger.sqlite"]);
    assert!(!folder.exists("out/latest"));
}

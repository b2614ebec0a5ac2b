//! Checks the log of a run: lines for a person or for a program, all with the run's id.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Folder, HAMISH, OSWALD, customer, has_nothing_planted, is_log};
use serde_json::Value;

/// What the command printed on standard error, and the exit code.
fn log(folder: &Folder, arguments: &[&str]) -> (String, i32) {
    let output = folder.command(arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    has_nothing_planted(&said);
    (said, output.status.code().unwrap())
}

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

/// The lines with this message.
fn with<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

/// The id of the newest run.
fn newest(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().display().to_string()
}

#[test]
fn a_night_is_told_to_a_person_line_by_line() {
    let folder = Folder::sound();
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let (said, code) = log(&folder, &["run", "job.toml"]);
    assert_eq!(code, 4);
    let run = newest(&folder);
    let (log, faults): (Vec<&str>, Vec<&str>) = said.lines().partition(|line| is_log(line));
    assert!(log.iter().all(|line| line.split(' ').nth(1) == Some(&run)), "{said}");
    for line in [
        "file read: input benefits, file benefits.csv, rows 2, rejected 0, noted 0",
        "file read: input north, file north.csv, rows 2, rejected 0, noted 0",
    ] {
        assert!(log.iter().any(|found| found.ends_with(line)), "{line:?} is not in {said}");
    }
    assert!(log[0].contains("run begun") && log[log.len() - 1].contains("run published"), "{said}");
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("flagmatch: south is held back: no file matches"), "{said}");
}

#[test]
fn a_night_is_told_to_a_program_in_json() {
    let folder = Folder::sound();
    let (said, code) = log(&folder, &["run", "job.toml", "--log-format", "json", "--timings"]);
    assert_eq!(code, 0);
    let (lines, run) = (objects(&said), newest(&folder));
    for line in &lines {
        assert_eq!((&line["run"], &line["level"]), (&run.as_str().into(), &"info".into()), "{line}");
        assert!(line["time"].as_str().unwrap().ends_with('Z'));
    }
    let read: Vec<&Value> = with(&lines, "file read").into_iter().map(|line| &line["file"]).collect();
    assert_eq!(read, ["benefits.csv", "north.csv", "south.csv"]);
    // Each stage is timed, including those in the run's record.
    let timed: Vec<&str> = with(&lines, "stage done").into_iter().map(|line| line["stage"].as_str().unwrap()).collect();
    let record: Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    assert_eq!(record["summary"]["stages"].as_array().unwrap().len(), flagmatch::pipeline::Stage::ALL.len());
    for stage in ["read and match customers", "judge accounts", "allocate rebates", "write flags and decisions"] {
        assert!(timed.contains(&stage), "{stage} is not in {timed:?}");
    }
    assert!(with(&lines, "stage done").iter().all(|line| line["seconds"].is_number()));
    let published = with(&lines, "run published");
    assert_eq!((published.len(), &published[0]["accounts"]), (1, &3.into()));
}

/// The log and the summary count the accounts that got a delivery, and the share is of those on supply.
#[test]
fn the_log_and_the_summary_have_the_same_numbers() {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\naccounts_more = 2\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.run_well();
    // A gate quarantines the north, which has seven accounts and had two.
    let north: Vec<_> = (1..=7).map(|number| customer(&format!("REF-{number}"), &HAMISH)).collect();
    folder.customers("north", &north);
    folder
        .customers("south", &[customer("REF-3", &OSWALD), customer("REF-8", &HAMISH).with("supply_end", "2021-01-31")]);
    let said = folder.flagmatch(&["run", "job.toml", "--log-format", "json"]);
    assert_eq!(said.code, 4, "{}", said.stdout);
    let published = with(&objects(&said.stderr), "run published")[0].clone();
    assert_eq!(
        (&published["accounts"], &published["suppliers"], &published["held_back"]),
        (&2.into(), &1.into(), &1.into())
    );
    let row = said.stdout.lines().find(|line| line.starts_with("south ")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[1..6], ["2", "1", "1", "100.0", "%"], "{row}");
}

#[test]
fn what_is_wrong_is_in_json_too() {
    let folder = Folder::sound();
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let (said, code) = log(&folder, &["run", "job.toml", "--log-format", "json"]);
    let lines = objects(&said);
    let held: Vec<&Value> = lines.iter().filter(|line| line["level"] == "warn").collect();
    assert_eq!((code, held.len(), &held[0]["supplier"]), (4, 1, &"south".into()));
    assert_eq!(held[0]["run"], newest(&folder).as_str());

    fs::remove_file(folder.path("benefits.csv")).unwrap();
    for (arguments, code) in [
        (&["run", "job.toml", "--log-format", "json"][..], 3),
        (&["check", "job.toml", "--log-format", "json"], 3),
        (&["--log-format", "json", "run", "gone.toml"], 2),
        (&["verify", "out", "--public-key", "gone", "--supplier", "north", "--log-format", "json"], 2),
    ] {
        let (said, ended) = log(&folder, arguments);
        let lines = objects(&said);
        assert_eq!(ended, code, "{said}");
        assert_eq!(lines.iter().filter(|line| line["level"] == "error").count(), 1, "{said}");
        assert_eq!(lines[lines.len() - 1]["level"], "error");
    }
    let (said, code) = log(&folder, &["run", "job.toml", "--log-format", "xml"]);
    assert!(code == 2 && said.contains("xml"), "{said}");
}

//! Checks what analysts receive over a season: when figures are renewed, what they cost, and what happens where a run is
//! stopped, a ledger is lost or the budget is spent.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{ELSPETH, Folder, HAMISH, customer};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::Value;

const FIRST: Date = date(2026, 10, 1);

/// A nation in which nobody exists, with a budget that leaves its figures almost exact.
fn nation() -> Folder {
    let folder = Folder::nation("3000", "1000", "2");
    disclosure(&folder, "epsilon = 700");
    folder
}

/// Replaces the section on disclosure.
fn disclosure(folder: &Folder, settings: &str) {
    let job = folder.read("nation/job.toml");
    let without = job.split("[disclosure]").next().unwrap();
    folder.write("nation/job.toml", format!("{without}\n[disclosure]\n{settings}\n"));
}

/// Runs the job as of so many days after the first.
#[track_caller]
fn night(folder: &Folder, day: i64) {
    let date = FIRST.checked_add(day.days()).unwrap();
    let said = folder.flagmatch(&["run", "nation/job.toml", "--quiet", "--night-of", &date.to_string()]);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

fn figures(folder: &Folder) -> String {
    folder.read("nation/out/latest/analyst/published.csv")
}

/// The days of each table, as days after the first.
fn days(folder: &Folder) -> BTreeMap<String, i64> {
    let rows = folder.table("nation/out/latest/analyst/published.csv");
    let day = |text: &str| (text.parse::<Date>().unwrap() - FIRST).get_days().into();
    rows.iter().map(|row| (row["table"].clone(), day(&row["as_of"]))).collect()
}

/// What readers are told of the season.
fn season(folder: &Folder) -> Value {
    let night: Value = serde_json::from_str(&folder.read("nation/out/latest/analyst/night.json")).unwrap();
    night["privacy"].clone()
}

fn notes(folder: &Folder) -> String {
    season(folder)["notes"].to_string()
}

/// The records of what was spent, oldest first.
fn spent(folder: &Folder) -> Vec<Value> {
    let Ok(entries) = fs::read_dir(folder.path("nation/out/records")) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    // A record that is being written is not there yet.
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let records = paths.iter().map(|path| serde_json::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap());
    records.filter(|record| record["kind"] == "figures-paid").collect()
}

fn rho(record: &Value) -> f64 {
    record["told"]["tables"].as_array().unwrap().iter().map(|table| table["rho"].as_f64().unwrap()).sum()
}

#[test]
fn figures_are_renewed_when_they_are_due_and_repeated_otherwise() {
    let folder = nation();
    night(&folder, 0);
    let first = figures(&folder);
    assert_eq!(days(&folder).values().collect::<std::collections::BTreeSet<_>>().len(), 1);
    // All but one: by postcode area there are too many parts for so small a nation.
    assert_eq!(days(&folder).len(), 14, "{:?}", days(&folder));
    assert!(!days(&folder).contains_key("accounts-by-area"));
    // The same day again, and every day before the next headline.
    for day in [0, 1, 6] {
        night(&folder, day);
        assert!(figures(&folder) == first, "day {day}");
    }
    assert_eq!(spent(&folder).len(), 1);
    night(&folder, 7);
    let renewed: Vec<(String, i64)> = days(&folder).into_iter().filter(|(_, day)| *day > 0).collect();
    assert_eq!(renewed, [("households".to_owned(), 7)]);
    // A day that was before cannot be had again.
    night(&folder, 3);
    assert_eq!(days(&folder)["households"], 7);
    night(&folder, 28);
    assert!(days(&folder).values().all(|day| *day == 28), "{:?}", days(&folder));
    assert_eq!(spent(&folder).len(), 3);
    assert_eq!(notes(&folder), "[]");
    assert_eq!(season(&folder)["next_headline"], "2026-11-05");
}

/// Parts add up: to the whole of the same day, and to the same whole in each table.
#[test]
fn figures_add_up_and_are_near_the_exact_ones() {
    let folder = nation();
    night(&folder, 0);
    let rows = folder.table("nation/out/latest/analyst/published.csv");
    let exact = folder.table("nation/out/latest/administrator/figures.csv");
    let exact = |of: &str, breakdown: &str, part: &str, outcome: &str| -> i64 {
        let is_asked = |row: &&BTreeMap<String, String>| {
            row["of"] == of && row["breakdown"] == breakdown && row["part"] == part && row["outcome"] == outcome
        };
        exact.iter().find(is_asked).map_or(0, |row| row["count"].parse().unwrap())
    };
    let mut compared = 0;
    for row in rows.iter().filter(|row| row["table"] == "accounts-by-supplier" && row["outcome"] == "flagged") {
        let flagged = exact("accounts", "supplier", &row["part"], "flagged");
        let told: i64 = row["count"].parse().unwrap();
        // A flag that allocation took back is no match less, and the noise has a standard deviation of 2.
        assert!((-12..60).contains(&(told - flagged)), "{}: {told} for {flagged}", row["part"]);
        let ends = [&row["count_low"], &row["count_high"]].map(|end| end.parse::<i64>().unwrap());
        assert!((ends[0]..=ends[1]).contains(&told));
        compared += 1;
    }
    assert_eq!(compared, 2);
    let eligible: i64 =
        ["released", "waiting", "objected", "not-on-supply", "not-found", "review", "under-threshold", "limit"]
            .iter()
            .map(|outcome| exact("households", "all", "", outcome))
            .sum();
    let told: i64 = rows
        .iter()
        .filter(|row| row["table"] == "households")
        .map(|row| row["count"].parse().unwrap_or_else(|_| row["count_low"].parse::<i64>().unwrap()))
        .sum();
    assert!((told - eligible).abs() < 15, "{told} for {eligible}");
}

#[test]
fn a_season_whose_budget_is_spent_repeats_its_last_figures_and_says_so() {
    let folder = nation();
    disclosure(&folder, "epsilon = 700\nheadlines = 2\ndetails = 1");
    night(&folder, 0);
    night(&folder, 7);
    let last = figures(&folder);
    assert!(notes(&folder).contains("The budget of season 1 is spent"), "{}", notes(&folder));
    assert_eq!(season(&folder)["next_headline"], Value::Null);
    for day in [14, 28, 400] {
        night(&folder, day);
        assert!(figures(&folder) == last, "day {day}");
    }
    assert_eq!(spent(&folder).len(), 2);
    let (all, budget) = (season(&folder)["spent"].as_f64().unwrap(), season(&folder)["rho"].as_f64().unwrap());
    assert!(all <= budget, "{all} of {budget}");
    disclosure(&folder, "epsilon = 700\nheadlines = 2\ndetails = 1\nseason = \"2027-28\"");
    night(&folder, 401);
    assert!(figures(&folder) != last);
    assert_eq!(season(&folder)["season"], "2027-28");
}

/// A whole season of weekly runs: what is recorded, added up from outside, is within the budget.
#[test]
fn a_season_of_weekly_runs_spends_its_budget_once() {
    let folder = nation();
    for week in 0..30 {
        night(&folder, 7 * week);
    }
    let of = |wanted: fn(&str) -> bool| {
        let has = |record: &&Value| {
            record["told"]["tables"].as_array().unwrap().iter().any(|table| wanted(table["table"].as_str().unwrap()))
        };
        spent(&folder).iter().filter(has).count()
    };
    assert_eq!((of(|table| table == "households"), of(|table| table != "households")), (26, 7));
    let all: f64 = spent(&folder).iter().map(rho).sum();
    let budget = season(&folder)["rho"].as_f64().unwrap();
    assert!(all <= budget, "{all} of {budget}");
    assert!((season(&folder)["spent"].as_f64().unwrap() - all).abs() < 1e-9 * all);
    assert_eq!(days(&folder)["households"], 7 * 25);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "nation/out"]).code, 0);
}

/// A run that was killed after it had paid publishes nothing and has paid; the next does not pay again for the same day.
#[test]
fn a_run_that_is_killed_after_paying_has_paid() {
    let mut tries = 0;
    let folder = loop {
        tries += 1;
        assert!(tries <= 60, "no run could be stopped between paying and publishing");
        let folder = nation();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        command.current_dir(folder.path("")).args(["run", "nation/job.toml", "--night-of", &FIRST.to_string()]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while spent(&folder).is_empty() && running.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(100));
        }
        running.kill().unwrap();
        running.wait().unwrap();
        if !folder.exists("nation/out/latest") && spent(&folder).len() == 1 {
            break folder;
        }
    };
    for day in [0, 1, 6] {
        night(&folder, day);
        assert_eq!(figures(&folder).lines().count(), 1, "day {day}");
        assert!(notes(&folder).contains("paid for on 2026-10-01 and never published"), "{}", notes(&folder));
    }
    assert_eq!(spent(&folder).len(), 1);
    night(&folder, 7);
    assert_eq!(days(&folder), BTreeMap::from([("households".to_owned(), 7)]));
    assert_eq!(spent(&folder).len(), 2);
}

#[test]
fn a_lost_ledger_or_lost_records_give_no_budget_back() {
    for lost in [&["ledger.sqlite"][..], &["records"], &["ledger.sqlite", "records"]] {
        let folder = nation();
        disclosure(&folder, "epsilon = 700\nheadlines = 1\ndetails = 1");
        night(&folder, 0);
        let last = figures(&folder);
        for name in lost {
            let path = folder.path(&format!("nation/out/{name}"));
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        night(&folder, 28);
        assert!(figures(&folder) == last, "{lost:?}");
        let is_told = notes(&folder).contains("Records of what was spent are missing");
        assert_eq!(is_told, lost.contains(&"records"), "{lost:?}: {}", notes(&folder));
    }
}

/// A supplier sends accounts in the name of one person, each a little different. Two of them are in the tables.
#[test]
fn a_thousand_copies_of_one_person_are_two_in_the_tables() {
    let folder = nation();
    let names = fs::read_dir(folder.path("nation/suppliers")).unwrap();
    let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let file = format!("nation/suppliers/{}", names[0]);
    let supplier = names[0].strip_suffix(".csv").unwrap();
    let flagged = |folder: &Folder, part: &str| -> i64 {
        let rows = folder.table("nation/out/latest/analyst/published.csv");
        let is_asked = |row: &&BTreeMap<String, String>| {
            row["table"] == "accounts-by-supplier" && row["part"] == part && row["outcome"] == "flagged"
        };
        rows.iter().find(is_asked).unwrap()["count"].parse().unwrap()
    };
    night(&folder, 0);
    let before = flagged(&folder, supplier);

    // The flagged account whose row is copied.
    let flags = folder.table(&format!("nation/out/latest/suppliers/{supplier}/{}", flag_file(&folder, supplier)));
    let target = &flags.iter().find(|row| row["eligible"] == "Y").unwrap()["customer_ref"];
    let text = folder.read(&file);
    let row = text.lines().find(|line| line.split(',').next() == Some(target)).unwrap();
    let rest = row.split_once(',').unwrap().1;
    let copies: String = (0..1_000).map(|copy| format!("COPY-{copy},{rest}\n")).collect();
    folder.write(&file, format!("{text}{copies}"));
    let said = folder.flagmatch(&["run", "nation/job.toml", "--quiet", "--night-of", "2026-10-29"]);
    assert!([0, 4].contains(&said.code), "{}", said.stderr);
    let after = flagged(&folder, supplier);
    // Noise has a standard deviation of 2 in each of the two figures.
    assert!((after - before).abs() <= 2 + 20, "{before}, then {after}");
}

fn flag_file(folder: &Folder, supplier: &str) -> String {
    let entries = fs::read_dir(folder.path(&format!("nation/out/latest/suppliers/{supplier}"))).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.find(|name| name.ends_with(".flags.csv")).unwrap()
}

#[test]
fn a_nation_that_is_too_small_has_no_figures_and_is_told_why() {
    let folder = Folder::sound();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    folder.run_well();
    assert_eq!(folder.read("out/latest/analyst/published.csv").lines().count(), 1);
    assert!(folder.read("out/latest/analyst/night.json").contains("too few accounts for any figure"));
    assert!(!folder.exists("out/records"), "nothing is spent where nothing is published");
    let checked = folder.flagmatch(&["check", "job.toml"]);
    assert!(checked.stdout.contains("none: noise that hides a household would hide all"), "{}", checked.stdout);
}

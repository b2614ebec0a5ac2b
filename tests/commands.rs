//! Checks what the commands print for a person, for a program and into a pipe.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Command, Stdio};

use common::{ELSPETH, Folder, HAMISH, award, customer, has_nothing_planted, is_log};
use serde_json::Value;

const TRUTH: &str = "supplier,customer_ref,eligible\nnorth,REF-1,N\nnorth,REF-2,Y\nsouth,REF-3,Y\n";

#[test]
fn a_dry_run_writes_nothing_and_says_what_a_run_would() {
    let folder = Folder::sound();
    let before = folder.tree(".");
    let dry = folder.run(&["--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, ""));
    assert!(dry.stdout.contains("nothing was written"));
    assert_eq!(folder.tree("."), before);

    let real = folder.run(&[]);
    let figures = |stdout: &str| stdout.lines().take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(figures(&dry.stdout), figures(&real.stdout));
    let before = folder.tree(".");
    assert_eq!(folder.run(&["--dry-run"]).code, 0);
    assert_eq!(folder.tree("."), before);
}

#[test]
fn answers_for_programs_are_json() {
    let folder = Folder::sound();
    folder.write("truth.csv", TRUTH);
    folder.customers("south", &[]);
    for (arguments, code, pointer, expected) in [
        (&["run", "job.toml", "--json"][..], 4, "/suppliers/0/schemes/0/flagged", Value::from(1)),
        (&["run", "job.toml", "--json", "--dry-run"], 4, "/held_back/0/id", Value::from("south")),
        (&["check", "job.toml", "--json"], 4, "/files/0/rows", Value::from(2)),
        (&["evaluate", "job.toml", "--truth", "truth.csv", "--json"], 0, "/accounts", Value::from(2)),
    ] {
        let said = folder.flagmatch(arguments);
        assert_eq!(said.code, code, "{arguments:?}");
        let answer: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(answer.pointer(pointer), Some(&expected), "{arguments:?}: {answer}");
        has_nothing_planted(&said.stdout);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let folder = Folder::sound();
    folder.write("truth.csv", TRUTH);
    for (arguments, code) in [
        (&["run", "job.toml"][..], 0),
        (&["run", "job.toml", "--json"], 0),
        (&["check", "job.toml"], 0),
        (&["evaluate", "job.toml", "--truth", "truth.csv"], 0),
        (&["synth", "--customers", "60", "--benefits", "20", "--out", "nation"], 0),
        (&["run", "held-back.toml"], 4),
        (&["--help"], 0),
    ] {
        folder.write("held-back.toml", folder.read("job.toml").replace("suppliers/south*", "gone*"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_flagmatch"))
            .current_dir(folder.path("."))
            .args(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        let faults = stderr.lines().filter(|line| !is_log(line)).count();
        assert_eq!(faults, usize::from(code == 4), "{stderr}");
    }
    assert!(folder.exists("out/latest"));
}

#[test]
fn a_check_profiles_the_inputs_and_writes_nothing() {
    let folder = Folder::sound();
    let undated = customer("REF-2", &HAMISH).with("date_of_birth", "1939-13-01");
    folder.customers("north", &[customer("REF-1", &ELSPETH), undated]);
    let before = folder.tree(".");
    let said = folder.flagmatch(&["check", "job.toml"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_eq!(folder.tree("."), before);
    for line in [
        "benefits  benefits.csv: 2 rows, 0 rejected, 0 noted",
        "north  north.csv: 2 rows, 0 rejected, 1 noted",
        "  date_of_birth    50.0 %",
        "  note: date_of_birth: impossible date: 1",
        "south  south.csv: 1 row, 0 rejected, 0 noted",
    ] {
        assert!(said.stdout.lines().any(|found| found == line), "{line:?} is not in:\n{}", said.stdout);
    }
    assert!(!said.stdout.contains("middle_names"), "nothing is in it");
    has_nothing_planted(&said.stdout);
    let said = folder.flagmatch(&["check", "job.toml", "--supplier", "south"]);
    assert!(!said.stdout.contains("north"));
}

/// A slip in the name of a list or page costs no input and no run.
#[test]
fn lists_and_pages_replace_their_own_kind_alone() {
    let folder = Folder::sound();
    folder.write("truth.csv", TRUTH);
    folder.run_well();
    folder.run_well();
    let runs = folder.runs();
    let (first, last) = (format!("out/{}", runs[0]), format!("out/{}", runs[1]));
    let commands = |place: &'static str| -> [Vec<String>; 5] {
        let words = |text: String| text.split(' ').map(str::to_owned).collect();
        [
            words(format!("compare {first} {last} --list {place}")),
            words(format!("evaluate job.toml --truth truth.csv --list {place}")),
            words(format!("evaluate job.toml --truth truth.csv --html {place}")),
            words(format!("report {last} --html {place}")),
            words(format!("explain job.toml --supplier north --customer REF-1 --html {place}")),
        ]
    };
    let said = |command: &[String]| folder.flagmatch(&command.iter().map(String::as_str).collect::<Vec<_>>());
    for (place, why) in [
        ("truth.csv", "this holds something else: name another file, or remove this one"),
        ("job.toml", "this holds something else"),
        ("out/latest/analyst/new.html", "this is the folder of a run, which never changes"),
        ("out/latest/administrator/new.csv", "this is the folder of a run"),
    ] {
        let before = folder.exists(place).then(|| folder.read(place));
        for command in commands(place) {
            let said = said(&command);
            assert_eq!(said.code, 1, "{command:?}");
            assert!(said.stderr.contains(&format!("{place}: cannot be written: {why}")), "{}", said.stderr);
            assert_eq!(folder.exists(place).then(|| folder.read(place)), before, "{command:?}");
        }
    }
    for (number, command) in (0..).zip(commands("NEW")) {
        let command: Vec<String> = command.iter().map(|word| word.replace("NEW", &format!("new-{number}"))).collect();
        for _ in 0..2 {
            let said = said(&command);
            assert_eq!(said.code, 0, "{command:?}: {}", said.stderr);
        }
        assert!(!folder.read(&format!("new-{number}")).is_empty(), "{command:?}");
    }
}

/// A link leads nowhere else, and a pipe is written to as it is read.
#[test]
fn a_page_goes_through_a_pipe_and_by_no_link_into_a_run() {
    let folder = Folder::sound();
    folder.run_well();
    let page = format!("out/{}/analyst/report.html", folder.runs()[0]);
    let before = folder.read(&page);
    for (link, target) in [("old.html", page.as_str()), ("new.html", &page.replace("report", "new"))] {
        std::os::unix::fs::symlink(target, folder.path(link)).unwrap();
        let said = folder.flagmatch(&["report", "out/latest", "--administrator", "--html", link]);
        assert_eq!(said.code, 1);
        assert!(said.stderr.contains(&format!("{link}: cannot be written: this is the folder of a run")));
    }
    assert_eq!(folder.read(&page), before);
    assert!(!folder.exists(&page.replace("report", "new")));

    let made = Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap();
    assert!(made.success());
    let pipe = folder.path("pipe");
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap());
    assert_eq!(folder.flagmatch(&["report", "out/latest", "--html", "pipe"]).code, 0);
    assert!(reader.join().unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_place_that_has_no_run_is_told_and_is_a_fault_of_the_command_line() {
    let folder = Folder::sound();
    folder.run_well();
    for arguments in [
        &["sample", "out"][..],
        &["compare", "out", "out/latest"],
        &["report", "suppliers", "--administrator"],
        &["report", "suppliers"],
    ] {
        let said = folder.flagmatch(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains("folder of a"), "{}", said.stderr);
    }
    for arguments in [
        &["purge", "job.toml", "--out", "uot"][..],
        &["exceptions", "job.toml", "--out", "uot"],
        &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1", "--out", "uot"],
    ] {
        folder.flagmatch(arguments).is_fault(2, &["--out uot: there is no such folder"]);
    }
}

/// By the codes that are there, a wrong one is found.
#[test]
fn a_check_lists_the_benefit_codes_where_one_is_missing() {
    let folder = Folder::sound();
    let code = "\"PCGC\"";
    let job = folder.read("job.toml");
    assert!(job.contains(code), "{job}");
    folder.job(&job.replace(code, "\"PCG\""));
    folder.add_to_job("[gates]\nabsolute_accounts = 1");
    folder.run(&[]).is_fault(3, &["no row has the benefit \"PCG\""]);
    let said = folder.flagmatch(&["check", "job.toml"]);
    assert_eq!(said.code, 3);
    assert!(said.stderr.contains("no row has the benefit \"PCG\""), "{}", said.stderr);
    assert!(said.stdout.contains("benefit codes that groups name, with their rows"), "{}", said.stdout);
    let said = folder.flagmatch(&["check", "job.toml", "--json"]);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(answer["refused"].as_str().unwrap().contains("\"PCG\""));
    assert_eq!(answer["benefit_codes"]["named"]["PCG"], 0);
}

#[test]
fn an_evaluation_counts_and_lists_what_is_wrong() {
    let folder = Folder::sound();
    folder.write("truth.csv", TRUTH);
    let said = folder.flagmatch(&["evaluate", "job.toml", "--truth", "truth.csv", "--list", "wrong.csv"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    for line in ["3 accounts", "1 missed: 1 never a candidate, 0 a candidate but not flagged", "wrongly flagged: 1"] {
        assert!(said.stdout.lines().any(|found| found == line), "{line:?} is not in:\n{}", said.stdout);
    }
    assert!(said.stdout.contains("(1 of 2; 95 % interval "));
    has_nothing_planted(&said.stdout);
    let list = folder.table("wrong.csv");
    let rows: Vec<[&str; 4]> = list
        .iter()
        .map(|row| ["supplier", "customer_ref", "eligible", "flag"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(rows, [["north", "REF-1", "N", "Y"], ["north", "REF-2", "Y", "N"]]);
    assert_eq!(list[0]["reason"], "matched");
}

#[test]
fn a_truth_that_cannot_be_used_is_a_fault_of_the_command_line() {
    for (truth, parts) in [
        ("customer_ref\nREF-1\n", &["truth.csv", "no column eligible"][..]),
        ("customer_ref,eligible\nREF-1,Y\nREF-2,perhaps\n", &["truth.csv", "line 3"]),
        ("customer_ref,eligible\nREF-77,Y\n", &["truth.csv", "not one account"]),
    ] {
        let folder = Folder::sound();
        folder.write("truth.csv", truth);
        folder.flagmatch(&["evaluate", "job.toml", "--truth", "truth.csv"]).is_fault(2, parts);
    }
    let folder = Folder::sound();
    folder.flagmatch(&["evaluate", "job.toml", "--truth", "gone.csv"]).is_fault(2, &["gone.csv"]);
    folder.write("truth.csv", TRUTH);
    let schemes = "[[scheme]]\nid = \"b\"\nname = \"B\"\nqualifying_date = 2026-01-15\n[[scheme.group]]\nid = \"c\"\nbenefits = [\"PCGC\"]";
    folder.add_to_job(schemes);
    let evaluate =
        |scheme: &[&str]| folder.flagmatch(&[&["evaluate", "job.toml", "--truth", "truth.csv"], scheme].concat());
    evaluate(&[]).is_fault(2, &["--scheme", "whd, b"]);
    evaluate(&["--scheme", "bb"]).is_fault(2, &["whd, b"]);
    assert_eq!(evaluate(&["--scheme", "b"]).code, 0);
}

#[test]
fn a_nation_is_not_written_over_anything() {
    let folder = Folder::sound();
    folder
        .flagmatch(&["synth", "--customers", "60", "--benefits", "20", "--out", "suppliers"])
        .is_fault(2, &["suppliers"]);
    folder.benefits(&[award("CLM-1", &ELSPETH)]);
    folder.run_well();
}

#[test]
fn help_is_narrow_and_has_examples() {
    let folder = Folder::empty();
    let narrow = |text: &str| {
        let widest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= 80, "{widest}");
    };
    let all = folder.flagmatch(&["--help"]).stdout;
    narrow(&all);
    let listed = all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() >= 5 && commands.ends_with(&["help"]), "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let said = folder.flagmatch(&[command, "--help"]);
        narrow(&said.stdout);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        assert!(said.stdout.contains("Example") && said.stdout.contains(&format!("  flagmatch {command} ")));
    }
    for command in ["list", "verify"] {
        let said = folder.flagmatch(&["ledger", command, "--help"]);
        narrow(&said.stdout);
        assert!(said.stdout.contains(&format!("  flagmatch ledger {command} ")), "{}", said.stdout);
    }
    assert!(folder.flagmatch(&["--version"]).stdout.starts_with("flagmatch "));
}

//! Checks the messages about ordinary mistakes on the command line, and that the log stays short.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use common::process::{hand_over, said, unprivileged};
use common::{ELSPETH, Folder, HAMISH, OSWALD, Said, award, customer, has_nothing_planted, is_log};
use serde_json::Value;

fn latest(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().display().to_string()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_slip_of_the_hand_is_answered_with_what_was_meant() {
    let folder = Folder::sound();
    for (typed, meant) in [
        ("rnu job.toml", "did you mean run?"),
        ("chekc job.toml", "did you mean check?"),
        ("ledger lsit job.toml", "did you mean list?"),
        ("run job.toml --dry-rnu", "did you mean --dry-run?"),
        ("run job.toml --nigth-of 2026-11-24", "did you mean --night-of?"),
        ("run job.toml --queit", "did you mean --quiet?"),
        ("check job.toml --log-format jsno", "did you mean json?"),
        ("report out/latest --format hmtl", "did you mean html?"),
        ("train job.toml --wieghts w.toml", "did you mean --weights?"),
    ] {
        let said = folder.flagmatch(&typed.split(' ').collect::<Vec<_>>());
        assert!(said.code == 2 && said.stderr.contains(meant), "{typed}: {}", said.stderr);
    }
    let said = folder.flagmatch(&["publish", "job.toml"]);
    assert!(said.code == 2 && !said.stderr.contains("did you mean"), "{}", said.stderr);
}

/// An account needs its supplier, and a claim has none; the usage has a line for each.
#[test]
fn an_explanation_of_half_an_account_is_answered_with_both_usages() {
    let usages = "Usage: flagmatch explain [OPTIONS] <JOB> --supplier <ID> --customer <REF>\n       \
                  flagmatch explain [OPTIONS] <JOB> --claim <REF>\n";
    let folder = Folder::sound();
    for (typed, lacks) in [
        (&["--customer", "REF-1"][..], "required arguments were not provided:\n  --supplier <ID>\n"),
        (&["--supplier", "north"], "required arguments were not provided:\n  --customer <REF>\n"),
        (&[], "required arguments were not provided:\n  --supplier <ID>\n  --customer <REF>\n"),
        (&["--claim", "CLM-1", "--supplier", "north"], "'--claim <REF>' cannot be used with '--supplier <ID>'"),
        (&["--claim", "CLM-1", "--customer", "REF-1"], "'--claim <REF>' cannot be used with '--customer <REF>'"),
    ] {
        let said = folder.flagmatch(&[&["explain", "job.toml"], typed].concat());
        assert!(said.code == 2 && said.stderr.contains(lacks), "{typed:?}: {}", said.stderr);
        assert!(said.stderr.contains(usages), "{typed:?}: {}", said.stderr);
    }
    assert!(folder.flagmatch(&["explain", "--help"]).stdout.contains(usages));
}

#[test]
fn a_printed_job_file_is_accepted_once_it_is_filled_in() {
    let folder = Folder::sound();
    let printed = folder.flagmatch(&["job-file"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    folder.job(&printed.stdout);
    let line = printed.stdout.lines().position(|line| line == "id = \"\"").unwrap() + 1;
    folder.flagmatch(&["check", "job.toml"]).is_fault(2, &[&format!("job.toml, line {line}: \"id\" in [[scheme]]")]);

    let mut job = printed.stdout;
    for (blank, filled) in [
        ("id = \"\"", "id = \"whd\""),
        ("name = \"\"", "name = \"Warm Home Discount\""),
        ("qualifying_date = \"\"", "qualifying_date = 2026-08-23"),
        ("id = \"\"", "id = \"core\""),
        ("benefits = []", "benefits = [\"PCGC\"]"),
        ("files = []", "files = [\"benefits*.csv\"]"),
        ("id = \"\"", "id = \"north\""),
        ("files = []", "files = [\"suppliers/north*.csv\"]"),
    ] {
        let (before, after) = job.split_once(&format!("\n{blank}\n")).unwrap_or_else(|| panic!("no {blank}"));
        job = format!("{before}\n{filled}\n{after}");
    }
    folder.job(&job);
    let said = folder.flagmatch(&["check", "job.toml"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{job}");

    // Every other setting is there too: whatever is a comment is one step from the job.
    for line in ["#keep = 0.5", "#[supplier.columns]", "#customer_ref = \"\"", "#[probing]", "#surnames = 5", "[gates]"]
    {
        assert!(job.lines().any(|own| own == line), "{line}: {job}");
    }
}

#[test]
fn a_date_that_is_none_is_answered_with_the_form_of_a_date() {
    let folder = Folder::sound();
    let form = "write the date as YYYY-MM-DD, for example 2026-11-24";
    for (typed, expected) in [
        ("tuesday", form),
        ("24/11/2026", form),
        ("20261124", form),
        ("2026-11-24T02:15:00", form),
        ("", form),
        ("2026-11-31", "there is no such day"),
        ("2026-13-01", "there is no such day"),
    ] {
        let said = folder.run(&["--night-of", typed, "--dry-run"]);
        assert_eq!(said.code, 2, "{typed}");
        assert!(said.stderr.contains(expected), "{}", said.stderr);
    }
    assert_eq!(folder.run(&["--night-of", "2026-11-24", "--dry-run"]).code, 0);
}

#[test]
fn a_night_far_ahead_is_refused_as_a_slip() {
    let folder = Folder::sound();
    for dry in [&[][..], &["--dry-run"]] {
        let said = folder.run(&[&["--night-of", "2126-11-24"], dry].concat());
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains("--night-of 2126-11-24 is more than 500 days after today"), "{}", said.stderr);
    }
    assert!(!folder.path("out").exists());
}

/// A path that cannot be read may exist, so no message says that it is missing.
#[test]
fn what_may_not_be_read_is_not_said_to_be_missing() {
    let folder = Folder::sound();
    folder.run_well();
    let run = latest(&folder);
    let program = hand_over(&folder);
    let closed = |what: &str, arguments: &[&str]| -> Said {
        let path = folder.path(what);
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
        let said = said(unprivileged(&program, &folder).args(arguments));
        fs::set_permissions(&path, before).unwrap();
        said
    };
    let of_run = |inner: &str| format!("out/{run}{inner}");
    for (what, arguments) in [
        ("out".to_owned(), &["ledger", "list", "job.toml"][..]),
        ("out".to_owned(), &["ledger", "verify", "job.toml"]),
        ("out".to_owned(), &["report", "out/latest"]),
        (of_run(""), &["report", "out/latest"]),
        (of_run("/analyst"), &["report", "out/latest"]),
        (of_run(""), &["sample", "out/latest"]),
        (of_run("/administrator"), &["compare", "out/latest", "out/latest"]),
        (of_run("/suppliers/north"), &["compare", "out/latest", "out/latest"]),
        (of_run("/suppliers/north"), &["sample", "out/latest"]),
        ("out".to_owned(), &["release", "out/latest", "--supplier", "north", "--reason", "because"]),
        (of_run("/administrator"), &["release", "out/latest", "--supplier", "north", "--reason", "because"]),
        ("out".to_owned(), &["explain", "job.toml", "--claim", "CLM-1"]),
        ("out".to_owned(), &["purge", "job.toml", "--dry-run"]),
        ("out".to_owned(), &["run", "job.toml", "--dry-run"]),
    ] {
        let said = closed(&what, arguments);
        assert_eq!(said.code, 1, "{arguments:?} without {what}: {}", said.stderr);
        assert!(said.stderr.contains("Permission denied"), "{arguments:?} without {what}: {}", said.stderr);
        for wrong in ["there is no ledger", "no folder of a run", "not the folder", "purged"] {
            assert!(!said.stderr.contains(wrong), "{arguments:?}: {}", said.stderr);
        }
    }
}

/// A count of one takes the singular.
#[test]
fn one_is_said_in_the_singular() {
    let folder = Folder::sound();
    folder.customers("north", &[customer("REF-1", &ELSPETH)]);
    folder.benefits(&[award("CLM-1", &ELSPETH)]);
    let wrong = ["1 rows", "1 accounts", "1 persons", "1 claims", "1 flags", "1 runs", "1 files", "1 benefit rows"];
    let mut all = Vec::new();
    folder.write("truth.csv", "supplier,customer_ref,eligible\nnorth,REF-1,Y\n");
    folder.write("broken.csv", "claim_ref,surname,benefit\n,Oxenbridge,PCGC\n");
    let broken = folder.read("job.toml").replace("benefits*.csv", "broken.csv");
    folder.write("broken.toml", broken);
    for arguments in [
        &["check", "job.toml"][..],
        &["run", "job.toml", "--supplier", "north"],
        &["evaluate", "job.toml", "--truth", "truth.csv", "--supplier", "north"],
        &["compare", "out/latest", "out/latest"],
        &["ledger", "verify", "out"],
        &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1"],
        &["explain", "job.toml", "--claim", "CLM-1"],
        &["check", "broken.toml"],
    ] {
        let said = folder.flagmatch(arguments);
        all.push(said.stdout + &said.stderr);
    }
    let all = all.join("\n");
    for wrong in wrong {
        let is_there = all.match_indices(wrong).any(|(at, _)| !all[..at].ends_with(|c: char| c.is_ascii_digit()));
        assert!(!is_there, "{wrong}: {all}");
    }
    for right in ["1 row,", "1 benefit row, 1 person, 1 claim", "1 account", "of 1 run", "1 candidate,", "of 1 row "] {
        assert!(all.contains(right), "{right}: {all}");
    }
}

/// Each event is logged once.
#[test]
fn a_log_has_one_line_for_each_file_and_stage() {
    let folder = Folder::sound();
    folder.write("objections.csv", "claim_ref\nCLM-9\n");
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
    for arguments in [&["run", "job.toml"][..], &["run", "job.toml", "--dry-run"]] {
        let output = folder.command(arguments).output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        let without_figures = |line: &str| {
            let line = line.split(' ').skip_while(|word| word.ends_with('Z')).collect::<Vec<_>>().join(" ");
            line.split(", seconds").next().unwrap().to_owned()
        };
        let mut lines: Vec<String> = log.lines().map(without_figures).collect();
        let (all, stages) = (lines.len(), lines.iter().filter(|line| line.starts_with("stage done")).count());
        assert_eq!(stages, flagmatch::pipeline::Stage::ALL.len(), "{log}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("file read")).count(), 4, "{log}");
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), all, "a line is there twice: {log}");
    }
}

#[test]
fn a_supplier_that_is_held_back_is_said_once_where_result_and_log_are_together() {
    let folder = Folder::sound();
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let together = |arguments: &[&str]| {
        let file = fs::File::create(folder.path("all.txt")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        command.current_dir(folder.path(".")).args(arguments);
        let status = command.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
        assert_eq!(status.code(), Some(4));
        folder.read("all.txt")
    };
    for arguments in [&["run", "job.toml"][..], &["run", "job.toml", "--dry-run"], &["check", "job.toml"]] {
        let all = together(arguments);
        assert_eq!(all.matches("no file matches").count(), 1, "{arguments:?}: {all}");
        // Run apart, stdout and stderr each name it, since a reader of the log sees only the log.
        let apart = folder.flagmatch(arguments);
        assert_eq!(apart.stdout.matches("no file matches").count(), 1, "{}", apart.stdout);
        assert_eq!(apart.stderr.matches("no file matches").count(), 1, "{}", apart.stderr);
    }
    // A log for programs always has it.
    let all = together(&["run", "job.toml", "--log-format", "json"]);
    assert!(all.contains("\"level\":\"warn\""), "{all}");
}

#[test]
fn quiet_leaves_faults_alone() {
    let folder = Folder::sound();
    let standard_error = |arguments: &[&str]| {
        let output = folder.command(arguments).output().unwrap();
        (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
    };
    for arguments in [&["run", "job.toml"][..], &["check", "job.toml"], &["run", "job.toml", "--log-format", "json"]] {
        assert!(!standard_error(arguments).0.is_empty(), "{arguments:?}");
        assert_eq!(standard_error(&[arguments, &["--quiet"]].concat()), (String::new(), 0), "{arguments:?}");
    }
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let (said, code) = standard_error(&["--quiet", "run", "job.toml"]);
    assert!(code == 4 && said.lines().count() == 1 && said.contains("south is held back"), "{said}");
}

/// The key is tried before the run needs it.
#[test]
fn a_key_that_cannot_sign_is_found_by_a_check_and_a_dry_run() {
    let folder = Folder::sound();
    folder.write("passphrase", "correct horse\n");
    folder.write("other", "wrong horse\n");
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    let shell = |command: &str| {
        let mut shell = Command::new("sh");
        let command = format!("{} {command}", env!("CARGO_BIN_EXE_flagmatch"));
        said(shell.current_dir(folder.path(".")).args(["-c", &command]))
    };
    let before = folder.tree(".");
    for command in ["check job.toml", "run job.toml --dry-run"] {
        shell(command).is_fault(1, &["administrator.key", "No such file"]);
    }
    assert_eq!(folder.tree("."), before);
    assert_eq!(shell("keygen --passphrase-fd 3 3<passphrase").code, 0);
    for command in ["check job.toml", "run job.toml --dry-run"] {
        let untested = shell(command);
        assert_eq!(untested.code, 0, "{}", untested.stderr);
        assert!(untested.stdout.contains("secret key: found; its passphrase was not tested"), "{}", untested.stdout);
        let opened = shell(&format!("{command} --passphrase-fd 3 3<passphrase"));
        assert_eq!(opened.code, 0, "{}", opened.stderr);
        assert!(opened.stdout.contains("secret key: opened"), "{}", opened.stdout);
        shell(&format!("{command} --passphrase-fd 3 3<other")).is_fault(1, &["the passphrase does not open"]);
        shell(&format!("{command} --passphrase-fd 9")).is_fault(1, &["--passphrase-fd 9: cannot be read"]);
        let json = shell(&format!("{command} --json --passphrase-fd 3 3<passphrase"));
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["signing_key"], "opened");
    }
    // A closed descriptor is a mistake even if the key has no passphrase.
    assert_eq!(shell("keygen --no-passphrase --secret-key plain.key --public-key plain.pub").code, 0);
    folder.job(&folder.read("job.toml").replace("administrator.key", "plain.key"));
    assert!(shell("check job.toml").stdout.contains("secret key: opened"));
    shell("check job.toml --passphrase-fd 9").is_fault(1, &["--passphrase-fd 9: cannot be read"]);
    fs::set_permissions(folder.path("plain.key"), PermissionsExt::from_mode(0o644)).unwrap();
    let open = shell("check job.toml");
    assert!(open.code == 0 && open.stderr.contains("every user of this machine can read"), "{}", open.stderr);
    folder.write("plain.key", "no key\n");
    shell("run job.toml --dry-run").is_fault(1, &["plain.key", "this is no secret key"]);
    assert!(!folder.exists("out"));
}

/// A dry run lists the changes before they happen.
#[test]
fn a_dry_run_says_which_released_flags_would_change_and_why() {
    let folder = Folder::sound();
    folder.customers(
        "north",
        &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF,7 \"x\"", &OSWALD)],
    );
    folder.customers("south", &[customer("REF-8", &HAMISH).with("supply_end", "2021-01-01")]);
    let first = folder.run(&["--dry-run"]);
    assert!(first.stdout.contains("0 released flags would change"), "{}", first.stdout);
    assert!(squeezed(&first.stdout).contains("north new Y matched 2 north new N first delivery 1"), "{}", first.stdout);
    folder.run_well();
    let same = folder.run(&["--dry-run"]);
    assert!(same.stdout.contains("0 released flags would change"), "{}", same.stdout);

    // Elspeth objects, Hamish is newly on benefit, Oswald's account is gone, and one account is new.
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.write("objections.csv", "claim_ref\nCLM-1\n");
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
    folder.customers(
        "north",
        &[customer("REF-6", &common::PRUNELLA), customer("REF-2", &HAMISH), customer("REF-1", &ELSPETH)],
    );
    let before = folder.tree(".");
    let dry = folder.run(&["--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, ""));
    assert_eq!(folder.tree("."), before);
    has_nothing_planted(&dry.stdout);
    assert!(dry.stdout.contains("3 released flags would change"), "{}", dry.stdout);
    for line in ["north Y to N objected 1", "north N to Y matched 1", "north new N 1", "north gone, was Y 1"] {
        assert!(dry.stdout.lines().any(|own| squeezed(own) == line), "{line}:\n{}", dry.stdout);
    }
    let json: Value = serde_json::from_str(&folder.run(&["--dry-run", "--json"]).stdout).unwrap();
    let north = &json["forecast"][0];
    assert_eq!((&north["supplier"], &north["yes_to_no"]["objected"]), (&"north".into(), &1.into()));
    assert_eq!(
        (&north["no_to_yes"]["matched"], &north["gone_yes"], &north["new_no"]),
        (&1.into(), &1.into(), &1.into())
    );

    // The run then makes the same changes.
    folder.run_well();
    let changes = folder.table("out/current/north/changes.csv");
    let count = |kind: &str| changes.iter().filter(|row| row["change"] == kind).count();
    assert_eq!((count("changed"), count("new"), count("gone")), (2, 1, 1));
    let record: Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    assert!(record["summary"].get("forecast").is_none());
}

/// Every command that reads or writes an output directory takes `--out`.
#[test]
fn an_output_directory_is_named_by_one_word() {
    let folder = Folder::sound();
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    assert_eq!(folder.run(&["--out", "elsewhere"]).code, 0);
    let run = fs::read_link(folder.path("elsewhere/latest")).unwrap().display().to_string();
    for arguments in [
        &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1"][..],
        &["explain", "job.toml", "--claim", "CLM-1"],
        &["report", "latest"],
        &["report", &run],
        &["sample", "latest"],
        &["compare", &run, "latest"],
        &["ledger", "list"],
        &["ledger", "verify"],
        &["ledger", "list", "job.toml"],
        &["exceptions", "job.toml"],
        &["purge", "job.toml", "--dry-run"],
        &["run", "job.toml", "--dry-run"],
    ] {
        let said = folder.flagmatch(&[arguments, &["--out", "elsewhere"]].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{arguments:?}");
        let help = folder.flagmatch(&[&arguments[..1 + usize::from(arguments[0] == "ledger")], &["--help"]].concat());
        assert!(help.stdout.contains("--out <DIR>"), "{arguments:?}");
    }
    let explained = folder.flagmatch(&["explain", "job.toml", "--claim", "CLM-1", "--out", "elsewhere"]);
    assert!(explained.stdout.contains("newest delivery Y"), "{}", explained.stdout);
    let said = folder.flagmatch(&["release", "latest", "--out", "elsewhere", "--supplier", "north", "--reason", "x"]);
    said.is_fault(2, &["no quarantined delivery of \"north\""]);
    assert!(!folder.exists("out"));
}

/// One option name asks for JSON and one for HTML, in every command.
#[test]
fn json_and_html_are_asked_for_by_one_word() {
    let folder = Folder::nation("3000", "1000", "2");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let customer = folder.administrator_of("nation", "matched");
    for arguments in [
        &["report", "nation/out/latest"][..],
        &["sample", "nation/out/latest"],
        &["compare", "nation/out/latest", "nation/out/latest"],
        &["explain", "nation/job.toml", "--supplier", "supplier-01", "--customer", &customer],
        &["ledger", "list", "nation/out"],
        &["record", "nation/job.toml"],
        &["synth", "--customers", "60", "--benefits", "20", "--out", "more"],
    ] {
        let said = folder.flagmatch(&[arguments, &["--json"]].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(serde_json::from_str::<Value>(&said.stdout).is_ok(), "{arguments:?}: {}", said.stdout);
    }
    let report = folder.flagmatch(&["report", "nation/out/latest", "--html", "report.html"]);
    assert_eq!((report.code, report.stderr.as_str()), (0, ""));
    assert_eq!(report.stdout, folder.flagmatch(&["report", "nation/out/latest"]).stdout);
    let page = folder.flagmatch(&["report", "nation/out/latest", "--format", "html"]).stdout;
    assert_eq!(folder.read("report.html"), page);
    let mode = fs::metadata(folder.path("report.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    let said = folder.flagmatch(&["report", "nation/out/latest", "--html", "gone/report.html"]);
    said.is_fault(1, &["gone/report.html", "cannot be written"]);
}

/// A reader that stops early, as `head -1` does, is no error.
#[test]
fn every_command_bears_a_reader_that_goes_away() {
    let folder = Folder::sound();
    folder.run_well();
    for arguments in [
        &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1"][..],
        &["explain", "job.toml", "--claim", "CLM-1"],
        &["report", "out/latest"],
        &["sample", "out/latest"],
        &["compare", "out/latest", "out/latest"],
        &["ledger", "list", "out"],
        &["ledger", "verify", "out"],
        &["purge", "job.toml", "--dry-run"],
        &["run", "job.toml", "--dry-run"],
        &["train", "job.toml"],
        &["keygen", "--no-passphrase"],
        &["completions", "bash"],
        &["record", "job.toml"],
        &["synth", "--customers", "60", "--benefits", "20", "--out", "nation", "--json"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        command.current_dir(folder.path(".")).args(arguments).stdout(writer).stderr(Stdio::piped());
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let faults: Vec<&str> = stderr.lines().filter(|line| !is_log(line)).collect();
        assert_eq!((output.status.code(), faults), (Some(0), Vec::new()), "{arguments:?}");
    }
}

/// A ledger that cannot be read, whoever runs the command, is not missing.
#[test]
fn a_ledger_behind_a_loop_of_links_is_not_said_to_be_missing() {
    let folder = Folder::sound();
    fs::create_dir(folder.path("out")).unwrap();
    symlink("ledger.sqlite", folder.path("out/ledger.sqlite")).unwrap();
    folder.flagmatch(&["ledger", "list", "out"]).is_fault(1, &["out/ledger.sqlite", "symbolic links"]);
}

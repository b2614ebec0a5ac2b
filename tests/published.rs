//! Checks that a run verifies published files before it builds on them, accepts what a purge or an earlier version
//! left, and says in each message what to do.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{DECISION, ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Row, Said, award, bytes, csv, customer};
use flagmatch::job::Job;
use flagmatch::retention::{Options, Purged, RetentionError, purge};
use rusqlite::Connection;

/// Two runs. Only the north was in the second, so the south's newest delivery is older. The south's is encrypted, and
/// probing gates are on.
fn two_nights() -> Folder {
    let folder = Folder::sound();
    // One claim has no account.
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &PRUNELLA)]);
    let recipient = "age_recipient = \"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\"";
    folder.add_to_job(&format!("{recipient}\n[probing]"));
    folder.run_well();
    assert_eq!(folder.run(&["--supplier", "north"]).code, 0);
    folder
}

fn latest(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().display().to_string()
}

/// Everything that is published: each file with its bytes, each link with its target.
fn published(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let tree = folder.tree("out").into_iter().filter(|path| !path.ends_with(".lock"));
    let content = |path: &Path| match fs::read_link(path) {
        Ok(target) => target.display().to_string().into_bytes(),
        Err(_) if path.is_file() && !path.ends_with("ledger.sqlite") => bytes(path),
        Err(_) => Vec::new(),
    };
    tree.map(|path| (path.clone(), content(&path))).collect()
}

fn tampered(folder: &Folder, statements: &str) {
    Connection::open(folder.path("out/ledger.sqlite")).unwrap().execute_batch(statements).unwrap();
}

/// A way to tamper with a file.
type Hand = fn(&Path);

const CUT: Hand = |file| {
    let whole = bytes(file);
    fs::write(file, &whole[..whole.len() - 1]).unwrap();
};
const FLIP: Hand = |file| {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(",Y"));
    fs::write(file, text.replace(",Y", ",N")).unwrap();
};
/// Leaves only the header.
const EMPTY: Hand = |file| {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, format!("{}\n", text.lines().next().unwrap())).unwrap();
};
const REMOVE: Hand = |file| fs::remove_file(file).unwrap();
const ADD: Hand = |file| fs::write(file, "customer_ref,eligible\nREF-1,Y\n").unwrap();
const LINK: Hand = |file| {
    let elsewhere = file.parent().unwrap().parent().unwrap().parent().unwrap().join("elsewhere");
    fs::rename(file, &elsewhere).unwrap();
    symlink(elsewhere, file).unwrap();
};
const PIPE: Hand = |file| {
    fs::remove_file(file).unwrap();
    assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
};

/// Without these checks, flipped flags would report false changes to suppliers, a missing manifest would restart the
/// sequence numbers, and an emptied table of decisions would give rebates a second time.
#[test]
fn whatever_is_changed_in_what_is_published_stops_the_next_run() {
    let folder = two_nights();
    let (first, second) = (folder.runs()[0].clone(), folder.runs()[1].clone());
    let sum = "was changed after it was published";
    let cases: [(&str, &str, Hand, &str); 21] = [
        (&second, "suppliers/north/whd.flags.csv", FLIP, sum),
        (&second, "suppliers/north/whd.flags.csv", CUT, sum),
        (&second, "suppliers/north/whd.flags.csv", LINK, "is no regular file"),
        (&second, "suppliers/north/whd.flags.csv", PIPE, "is no regular file"),
        (&second, "suppliers/north/datapackage.json", REMOVE, "is missing"),
        (&second, "suppliers/north/SHA256SUMS", CUT, sum),
        (&second, "suppliers/north/changes.csv", CUT, sum),
        (&second, "suppliers/north/cold.flags.csv", ADD, "was added after the run was published"),
        (&second, "administrator/decisions.csv", EMPTY, sum),
        (&second, "administrator/claims.csv", EMPTY, sum),
        (&second, "administrator/marks/north", CUT, sum),
        (&second, "administrator/marks/west", ADD, "was added after the run was published"),
        (&second, "administrator/run.json", CUT, "has a run.json that differs from the ledger"),
        (&second, "administrator/run.json", REMOVE, "cannot read this file"),
        (&second, "analyst/published.csv", CUT, sum),
        (&second, "analyst/night.json", EMPTY, sum),
        // The south's newest delivery is of the first run.
        (&first, "administrator/plain/south/whd.flags.csv", FLIP, sum),
        (&first, "suppliers/south/datapackage.json", REMOVE, "is missing"),
        (&first, "administrator/decisions.csv", EMPTY, sum),
        (&first, "administrator/marks/south", CUT, sum),
        (&first, "administrator/run.json", REMOVE, "cannot read this file"),
    ];
    for (run, file, hand, said) in cases {
        let path = folder.path(&format!("out/{run}/{file}"));
        let before = path.is_file().then(|| bytes(&path));
        hand(&path);
        let found = published(&folder);
        for arguments in [&[][..], &["--dry-run"]] {
            folder.run(arguments).is_fault(1, &[said, run, if said.contains("ledger") { "ledger" } else { file }]);
        }
        assert!(published(&folder) == found, "{run}/{file}: nothing is changed");
        fs::remove_file(&path).or_else(|_| fs::remove_file(&path)).unwrap_or_default();
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
    }
    // Files of the first run that belong to nobody's newest delivery may be missing. An office program leaves a hidden
    // file beside an open table, which stops nobody.
    fs::remove_dir_all(folder.path(&format!("out/{first}/suppliers/north"))).unwrap();
    folder.write(&format!("out/{second}/administrator/.~lock.review.csv#"), "somebody");
    assert_eq!(folder.run(&["--supplier", "north"]).code, 0);
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("out/current/north/datapackage.json")).unwrap();
    assert_eq!(manifest["sequence"], 3);
    assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
}

/// With a link to an older delivery, the next changes would be counted from that one.
#[test]
fn a_link_to_another_delivery_stops_the_next_run_and_says_how_to_make_it_again() {
    let folder = Folder::sound();
    folder.run_well();
    folder.run_well();
    let (first, second) = (folder.runs()[0].clone(), folder.runs()[1].clone());
    let link = folder.path("out/latest/current/north");
    type Change = fn(&Path, &str);
    let changes: [Change; 2] = [
        |link, first| {
            fs::remove_file(link).unwrap();
            symlink(format!("../../{first}/suppliers/north"), link).unwrap();
        },
        |link, _| fs::remove_file(link).unwrap(),
    ];
    for change in changes {
        change(&link, &first);
        let said = folder.run(&[]);
        said.is_fault(1, &["should be a link to", &format!("../../{second}/suppliers/north")]);
        printed_to(&folder, &said, "ln -sfn ");
        folder.run(&["--dry-run"]);
        assert_eq!(folder.run(&["--dry-run"]).code, 0);
    }
    folder.run_well();
    // A folder that the administrator adds beside the tables is nobody's newest delivery.
    symlink("../suppliers/north", folder.path("out/latest/current/west")).unwrap();
    folder.run(&[]).is_fault(1, &["does not point to a delivery of a run"]);
}

/// Runs the command that a message gives, from these words to the next `;`, in a shell.
fn printed_to(folder: &Folder, said: &Said, command: &str) {
    let (_, rest) = said.stderr.split_once(command).unwrap_or_else(|| panic!("{command}: {}", said.stderr));
    let command = format!("{command}{}", rest.split(['\n', ';']).next().unwrap());
    let done = Command::new("sh").current_dir(folder.path(".")).args(["-c", &command]).status();
    assert!(done.unwrap().success(), "{command}");
}

/// If the run did not ask the ledger, this would look like what a kill leaves before the switch, and be removed.
#[test]
fn without_latest_and_current_a_run_in_the_ledger_is_kept() {
    for both in [false, true] {
        let folder = Folder::sound();
        folder.run_well();
        let run = latest(&folder);
        fs::remove_file(folder.path("out/latest")).unwrap();
        if both {
            fs::remove_file(folder.path("out/current")).unwrap();
        }
        let before = published(&folder);
        let said = folder.run(&[]);
        said.is_fault(1, &["out/latest", &run, "nothing was changed"]);
        // Commands that only read do not take it for a first run either.
        for arguments in [
            &["run", "job.toml", "--dry-run"][..],
            &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1"],
            &["explain", "job.toml", "--claim", "CLM-1"],
        ] {
            folder.flagmatch(arguments).is_fault(1, &["out/latest", &run]);
        }
        assert!(published(&folder) == before);
        printed_to(&folder, &said, "ln -sfn ");
        folder.run_well();
        assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
        assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
        let manifest = folder.read("out/current/north/datapackage.json");
        assert!(manifest.contains("\"sequence\": 2"), "{manifest}");
    }
}

#[test]
fn a_ledger_that_was_tampered_with_stops_a_run() {
    let folder = Folder::sound();
    folder.run_well();
    folder.run_well();
    for hands in [
        "UPDATE entry SET body = replace(body, '\"accounts\":2', '\"accounts\":3')",
        "DELETE FROM entry WHERE number = 3",
        "DELETE FROM entry WHERE number = (SELECT max(number) FROM entry)",
    ] {
        fs::copy(folder.path("out/ledger.sqlite"), folder.path("ledger")).unwrap();
        tampered(&folder, hands);
        let before = published(&folder);
        for arguments in [&["run", "job.toml"][..], &["run", "job.toml", "--dry-run"]] {
            folder.flagmatch(arguments).is_fault(1, &["out/ledger.sqlite, row "]);
        }
        assert!(published(&folder) == before, "{hands}");
        fs::copy(folder.path("ledger"), folder.path("out/ledger.sqlite")).unwrap();
    }
    folder.run_well();
}

/// Whoever rewrites the end of the chain has to match the manifests too.
#[test]
fn the_ledgers_number_of_a_delivery_has_to_be_that_of_its_manifest() {
    let folder = Folder::sound();
    folder.run_well();
    let connection = Connection::open(folder.path("out/ledger.sqlite")).unwrap();
    type Row = (i64, String, String, String, String, String);
    let rows: Vec<Row> = {
        let mut statement = connection.prepare("SELECT number, run, kind, subject, body, hash FROM entry").unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    };
    let mut before = "0".repeat(64);
    for (number, run, kind, subject, body, _) in rows {
        let body = body.replace("\"sequence\":1", "\"sequence\":7");
        let mut hasher = blake3::Hasher::new();
        for part in [&before, &number.to_string(), &run, &kind, &subject, &body] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        before = hasher.finalize().to_hex().to_string();
        let change = "UPDATE entry SET body = ?1, hash = ?2 WHERE number = ?3";
        connection.execute(change, (&body, &before, number)).unwrap();
    }
    drop(connection);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0, "the chain holds");
    folder.run(&[]).is_fault(1, &["the delivery of run", "to north has number 7 here, and 1 in its datapackage.json"]);
}

/// The ledger is rebuilt from the runs, and rebates and sequence numbers continue.
#[test]
fn a_lost_ledger_is_made_again_and_that_is_said_once() {
    let lost = "the ledger was lost, and was made again";
    for whole in [true, false] {
        let folder = Folder::sound();
        folder.run_well();
        folder.run_well();
        fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
        if !whole {
            fs::remove_dir_all(folder.path(&format!("out/{}", folder.runs()[0]))).unwrap();
        }
        let said = folder.run(&[]);
        assert!(said.code == 0 && said.stderr.contains(lost), "{}", said.stderr);
        assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
        let manifest = folder.read("out/current/north/datapackage.json");
        assert!(manifest.contains("\"sequence\": 3"), "{manifest}");
        folder.run_well();
        // Entries of runs that are gone stay lost, and `ledger verify` says so.
        assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, i32::from(!whole));
    }
    // A first run that was killed before the ledger recorded it lost nothing.
    let folder = Folder::sound();
    folder.run_well();
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
    folder.run_well();
}

/// A kill after the ledger's file was made and before its first row was committed.
#[test]
fn a_file_without_a_row_is_no_ledger_yet() {
    let folder = Folder::sound();
    fs::create_dir(folder.path("out")).unwrap();
    folder.write("out/ledger.sqlite", "");
    assert_eq!(folder.flagmatch(&["ledger", "list", "out"]).code, 1);
    assert_eq!(folder.run(&["--dry-run"]).code, 0);
    folder.run_well();
    folder.write("out/ledger.sqlite", "");
    folder.run_well();
    let said = folder.flagmatch(&["ledger", "verify", "out"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

/// Commands that read a published run check it first.
#[test]
fn commands_that_read_a_run_check_it_too() {
    let folder = two_nights();
    folder.add_to_job("[gates]\nleast_accounts = 1\n[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-4", &HAMISH)]);
    assert_eq!(folder.run(&[]).code, 4, "a gate holds the north");
    let run = latest(&folder);
    let commands: [(&str, &[&str]); 6] = [
        ("administrator/decisions.csv", &["explain", "job.toml", "--supplier", "south", "--customer", "REF-3"]),
        ("administrator/decisions.csv", &["sample", "out/latest"]),
        ("administrator/decisions.csv", &["compare", "out/latest", "out/latest"]),
        ("analyst/published.csv", &["report", "out/latest"]),
        ("analyst/published.csv", &["exceptions", "job.toml"]),
        ("administrator/review.csv", &["release", "out/latest", "--supplier", "north", "--reason", "they called"]),
    ];
    for (file, arguments) in commands {
        let path = folder.path(&format!("out/{run}/{file}"));
        let before = bytes(&path);
        fs::write(&path, [&before[..], b"\n"].concat()).unwrap();
        folder.flagmatch(arguments).is_fault(1, &[file, "was changed after it was published"]);
        fs::write(&path, before).unwrap();
        let said = folder.flagmatch(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.stderr);
    }
    // An analyst's copy has no sums to check it by.
    let copied = Command::new("cp").arg("-r").args([folder.path("out/latest/analyst"), folder.path("copy")]).status();
    assert!(copied.unwrap().success());
    folder.write("copy/published.csv", folder.read("copy/published.csv"));
    assert_eq!(folder.flagmatch(&["report", "copy"]).code, 0);
}

fn purged(folder: &Folder, days: u64) -> Purged {
    let job = Job::read(&folder.path("job.toml")).unwrap();
    let options = Options { day: None, inputs: false, newest: false, dry_run: false };
    purge(&job, options, SystemTime::now() + Duration::from_secs(days * 86_400)).unwrap()
}

/// A purge removes rows of the latest run too. The next run accepts the result, also after half a purge.
#[test]
fn a_purge_records_the_sums_of_what_it_leaves() {
    let folder = two_nights();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]"));
    let (first, second) = (folder.runs()[0].clone(), folder.runs()[1].clone());
    let files = [
        format!("out/{second}/administrator/claims.csv"),
        format!("out/{second}/administrator/rejects.csv"),
        format!("out/{first}/administrator/decisions.csv"),
        format!("out/{first}/suppliers/north/changes.csv"),
    ];
    let before: Vec<Vec<u8>> = files.iter().map(|file| bytes(&folder.path(file))).collect();
    assert!(!purged(&folder, 31).is_empty());
    let after: Vec<Option<Vec<u8>>> =
        files.iter().map(|file| folder.exists(file).then(|| bytes(&folder.path(file)))).collect();
    for (place, file) in files.iter().enumerate() {
        assert!(after[place].as_ref() != Some(&before[place]), "{file} is purged");
        assert_eq!(folder.run(&["--dry-run"]).code, 0, "{file}");
        // A kill in the middle of the purge leaves this state.
        fs::write(folder.path(file), &before[place]).unwrap();
        assert_eq!(folder.run(&["--dry-run"]).code, 0, "{file}");
    }
    assert!(!purged(&folder, 31).is_empty(), "the next purge finishes it");
    let now: Vec<Option<Vec<u8>>> =
        files.iter().map(|file| folder.exists(file).then(|| bytes(&folder.path(file)))).collect();
    assert!(now == after);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
    // The purged file is checked like a published one: neither other rows nor a missing file are accepted.
    for (hand, said) in [(ADD, "was changed after"), (REMOVE, "is missing")] {
        let path = folder.path(&files[0]);
        let purged = bytes(&path);
        hand(&path);
        folder.run(&[]).is_fault(1, &["administrator/claims.csv", said]);
        fs::write(path, purged).unwrap();
    }
    folder.run_well();
    assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
}

/// Expired rows are removed even from a table that was tampered with, but the rest is not accepted as published.
#[test]
fn a_purge_vouches_for_no_table_that_was_changed_before_it() {
    let folder = two_nights();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]"));
    let path = folder.path(&format!("out/{}/administrator/decisions.csv", folder.runs()[0]));
    FLIP(&path);
    assert!(!purged(&folder, 31).is_empty());
    let rows = folder.table(&format!("out/{}/administrator/decisions.csv", folder.runs()[0]));
    assert!(rows.iter().all(|row| row["supplier"] == "south"), "the north's rows are gone");
    folder.run(&[]).is_fault(1, &["administrator/decisions.csv", "was changed after it was published"]);
}

/// Renames a run as if a clock of another year had dated it.
fn dated(folder: &Folder, run: &str, id: &str) {
    fs::rename(folder.path(&format!("out/{run}")), folder.path(&format!("out/{id}"))).unwrap();
    for link in folder.tree("out").into_iter().filter(|path| path.is_symlink()) {
        let target = fs::read_link(&link).unwrap().to_str().unwrap().replace(run, id);
        fs::remove_file(&link).unwrap();
        symlink(target, link).unwrap();
    }
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
}

/// Otherwise every later run would be named after it, and dates and retention would stay wrong for good.
#[test]
fn after_a_run_of_another_year_nothing_runs_until_somebody_sets_it_aside() {
    for nights in [1, 2] {
        let folder = Folder::sound();
        (0..nights).for_each(|_| folder.run_well());
        dated(&folder, &latest(&folder), "20990101T000000Z");
        let wrong = "dated more than a day after this machine's clock";
        for arguments in [
            &["run", "job.toml"][..],
            &["run", "job.toml", "--dry-run"],
            &["purge", "job.toml"],
            &["purge", "job.toml", "--dry-run"],
        ] {
            let before = published(&folder);
            let said = folder.flagmatch(arguments);
            assert_eq!(said.code, 1);
            assert!(said.stderr.contains(wrong) && said.stderr.contains("20990101T000000Z"), "{}", said.stderr);
            let same = published(&folder).into_iter().filter(|(path, _)| !path.ends_with("ledger.sqlite"));
            assert!(
                same.collect::<Vec<_>>()
                    == before.into_iter().filter(|(path, _)| !path.ends_with("ledger.sqlite")).collect::<Vec<_>>()
            );
        }
        assert!(folder.exists("out/ledger.sqlite"), "the purge made it again");
        // Following only half of the message is not enough, and the next message says so.
        fs::rename(folder.path("out/20990101T000000Z"), folder.path("aside")).unwrap();
        fs::rename(folder.path("out/ledger.sqlite"), folder.path("ledger")).unwrap();
        let said = folder.flagmatch(&["run", "job.toml", "--dry-run"]);
        assert_eq!(said.code, 1, "latest points to nothing");
        fs::rename(folder.path("aside"), folder.path("out/20990101T000000Z")).unwrap();
        let said = folder.flagmatch(&["run", "job.toml", "--dry-run"]);
        fs::rename(folder.path("out/20990101T000000Z"), folder.path("aside")).unwrap();
        printed_to(&folder, &said, if nights == 1 { "rm out/latest" } else { "ln -sfn " });
        if nights == 2 {
            fs::copy(folder.path("ledger"), folder.path("out/ledger.sqlite")).unwrap();
            folder.run(&[]).is_fault(1, &["20990101T000000Z", "move out/ledger.sqlite elsewhere"]);
            fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
        }
        let said = folder.run(&[]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(latest(&folder).starts_with("202"), "{}", latest(&folder));
        let manifest = folder.read("out/current/north/datapackage.json");
        assert!(manifest.contains(&format!("\"sequence\": {nights}")), "{manifest}");
        assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
        folder.run_well();
    }
}

/// Under a clock that is years ahead a purge would remove everything.
#[test]
fn a_purge_under_a_clock_far_ahead_has_to_be_confirmed() {
    let folder = Folder::sound();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]"));
    folder.run_well();
    folder.run_well();
    let before = published(&folder);
    let job = Job::read(&folder.path("job.toml")).unwrap();
    let options = Options { day: None, inputs: false, newest: true, dry_run: false };
    let then = SystemTime::now() + Duration::from_secs(502 * 86_400);
    let Err(RetentionError::ClockFarAhead { day, .. }) = purge(&job, options, then) else { panic!("it is refused") };
    assert!(published(&folder) == before);
    // Only the clock's own day confirms it.
    let other = Options { day: day.yesterday().ok(), ..options };
    assert!(matches!(purge(&job, other, then), Err(RetentionError::ClockFarAhead { .. })));
    assert!(!purge(&job, Options { day: Some(day), ..options }, then).unwrap().is_empty());
    assert!(published(&folder) != before);
}

/// The output of the version before this one after two runs. In the second the north had changes and an exception, and
/// the south's file was empty.
fn before_the_upgrade() -> Folder {
    let folder = Folder::empty();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/upgrade");
    let copied = Command::new("cp").arg("-r").arg(format!("{}/.", source.display())).arg(folder.path(".")).status();
    assert!(copied.unwrap().success());
    fs::rename(folder.path("published"), folder.path("out")).unwrap();
    // The fixture has no links, since they do not survive every copy.
    symlink("20241125T021500Z", folder.path("out/latest")).unwrap();
    fs::create_dir(folder.path("out/current")).unwrap();
    symlink("../20241125T021500Z/suppliers/north", folder.path("out/current/north")).unwrap();
    symlink("../20241124T021500Z/suppliers/south", folder.path("out/current/south")).unwrap();
    folder
}

#[test]
fn the_first_run_after_an_upgrade_goes_on_from_what_it_finds() {
    let folder = before_the_upgrade();
    // Commands that only read accept the output and leave it as it is.
    let before = published(&folder);
    assert_eq!(folder.run(&["--dry-run"]).code, 0);
    let said = folder.flagmatch(&["exceptions", "job.toml", "--dry-run", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&told["clocks"][0]["notices"], &told["clocks"][1]["notices"]), (&1.into(), &1.into()));
    assert!(published(&folder) == before);

    folder.run_well();
    // No change is reported twice: one of the south's two accounts is new.
    assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
    let plain = format!("out/{}/administrator/plain/south/changes.csv", latest(&folder));
    assert_eq!(folder.read(&plain), "customer_ref,scheme,eligible,change\nREF-5,whd,N,new\n");
    // Rebates stay where they are: REF-5 is on the claim of the north's REF-2, and the exception still holds.
    assert_eq!(folder.reason("south", "whd", "REF-5"), "claim-used");
    assert_eq!(folder.reason("north", "whd", "REF-1"), "exception-closed");
    assert_eq!(folder.flags("north", "whd").iter().filter(|(_, flag)| flag == "Y").count(), 1);
    for (supplier, sequence) in [("north", 3), ("south", 2)] {
        let manifest = folder.read(&format!("out/current/{supplier}/datapackage.json"));
        assert!(manifest.contains(&format!("\"sequence\": {sequence}")), "{manifest}");
    }
    assert_eq!(fs::read_link(folder.path("out/current")).unwrap(), Path::new("latest/current"));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
    folder.run_well();
    let told = purged(&folder, 0);
    assert_eq!(told.runs.len(), 2, "what the version before wrote is past like any other");
    folder.run_well();
}

/// The version before did not write the levels of the person that a decision is about: its rows have those of the
/// person that the match found. A decision for somebody whose data are misspelt must therefore not be outdated in the
/// first run.
#[test]
fn a_decision_from_before_the_upgrade_stands() {
    let folder = before_the_upgrade();
    let decisions = "out/20241125T021500Z/administrator/decisions.csv";
    let row = "north,REF-2,whd,Y,matched,core-1,CLM-3,";
    let text = folder.read(decisions);
    assert!(text.contains(row));
    folder.write(decisions, text.replace(row, "north,REF-2,whd,Y,decided,core-1,CLM-1,"));
    let decided = [
        ("supplier", "north"),
        ("customer_ref", "REF-2"),
        ("scheme", "whd"),
        ("flag", "Y"),
        ("claim_ref", "CLM-1"),
        ("decided_on", "2024-11-24"),
    ];
    folder.write("decisions.csv", csv(DECISION, &[Row::new(&decided)]));
    folder
        .job(&folder.read("job.toml").replace("[benefits]", "[decisions]\nfiles = [\"decisions.csv\"]\n\n[benefits]"));
    folder.run_well();
    assert_eq!(folder.reason("north", "whd", "REF-2"), "decided");
}

/// That version has sums of its deliveries only. These are checked.
#[test]
fn what_sums_an_earlier_version_wrote_are_checked() {
    let folder = before_the_upgrade();
    for (file, hand, said) in [
        ("20241125T021500Z/suppliers/north/whd.flags.csv", FLIP, "was changed after"),
        ("20241125T021500Z/suppliers/north/datapackage.json", REMOVE, "is missing"),
        ("20241125T021500Z/suppliers/north/SHA256SUMS", REMOVE, "is missing"),
        ("20241124T021500Z/suppliers/south/whd.flags.csv.age", CUT, "was changed after"),
        ("20241124T021500Z/suppliers/south/whd.flags.csv", ADD, "was added after"),
    ] {
        let path = folder.path(&format!("out/{file}"));
        let before = path.is_file().then(|| bytes(&path));
        hand(&path);
        folder.run(&[]).is_fault(1, &[file, said]);
        match before {
            Some(before) => fs::write(path, before).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
    }
    // No later run is accepted as one of that version.
    folder.run_well();
    folder.run_well();
    let record = format!("out/{}/administrator/run.json", latest(&folder));
    folder.write(&record, folder.read(&record).replacen("\"format\": 1,", "", 1));
    folder.run(&[]).is_fault(1, &["has a run.json that differs from the ledger"]);
    let run = latest(&folder);
    tampered(&folder, &format!("DELETE FROM entry WHERE run = '{run}'"));
    folder.run(&[]).is_fault(1, &["its run has no sums of its files, and runs before it have"]);
}

/// That version recorded no sums of what its purge left.
#[test]
fn what_a_purge_of_an_earlier_version_took_out_is_not_missed() {
    let folder = before_the_upgrade();
    let run = "20241125T021500Z";
    fs::remove_file(folder.path(&format!("out/{run}/suppliers/north/whd.flags.csv"))).unwrap();
    EMPTY(&folder.path(&format!("out/{run}/suppliers/north/changes.csv")));
    EMPTY(&folder.path(&format!("out/{run}/administrator/decisions.csv")));
    let record = serde_json::json!({
        "number": 1, "kind": "purge", "after": run, "at": "2026-01-01T02:00:00Z", "version": "0.1.0",
        "told": {
            "day": "2026-01-01", "dry_run": false, "newest": true, "inputs": [], "kept": [], "ledger": null,
            "runs": [{ "run": run, "schemes": ["whd"], "whole": false, "files": 1, "bytes": 46, "rows": 5 }],
            "record": null,
        },
    });
    folder.write("out/records/000001.json", format!("{record:#}\n"));
    folder.run_well();
    assert_eq!(folder.table("out/current/north/changes.csv").len(), 3, "all is new, as after any such purge");
    assert!(folder.read("out/current/north/datapackage.json").contains("\"sequence\": 3"));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
}

#[test]
fn a_record_of_a_newer_version_is_not_guessed_at() {
    let folder = Folder::sound();
    folder.run_well();
    let record = "out/latest/administrator/run.json";
    folder.write(record, folder.read(record).replacen("\"format\": 1,", "\"format\": 2,", 1));
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
    folder.run(&[]).is_fault(1, &["written by a newer version of flagmatch"]);
}

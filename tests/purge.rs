//! Checks the retention: a purge removes only what has expired. Flags and rows go by scheme, then inputs from which no
//! kept run was made, and at the end the audit's counts. Each removal is on record.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::{ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, award, bytes, customer, has_nothing_planted};
use flagmatch::job::Job;
use flagmatch::retention::{Options, Purged, purge};
use rusqlite::Connection;

/// Two schemes. The second has a longer retention.
const JOB: &str = r#"
[[scheme]]
id = "whd"
name = "Warm Home Discount"
qualifying_date = 2026-08-23
retention_days = 30
[[scheme.group]]
id = "core-1"
benefits = ["PCGC"]
[[scheme]]
id = "cold"
name = "Cold Weather Help"
qualifying_date = 2026-08-23
retention_days = 90
[[scheme.group]]
id = "core-1"
benefits = ["PCGC"]

[benefits]
files = ["benefits*.csv"]

[[supplier]]
id = "north"
files = ["suppliers/north*.csv"]
[[supplier]]
id = "south"
files = ["suppliers/south*.csv"]
"#;

fn nation() -> Folder {
    common::avoid_midnight();
    let folder = Folder::sound();
    folder.job(JOB);
    folder
}

fn in_days(days: u64) -> SystemTime {
    SystemTime::now() + Duration::from_secs(days * 86_400)
}

fn job(folder: &Folder) -> Job {
    Job::read(&folder.path("job.toml")).unwrap()
}

fn purged(folder: &Folder, days: u64, options: Options) -> Purged {
    purge(&job(folder), options, in_days(days)).unwrap()
}

/// Every file of a folder by its path, with its bytes. Leaves out the lock, which has the id of its last process, and
/// the database, whose bytes may differ for the same rows.
fn bytes_of(folder: &Folder, name: &str) -> Vec<(String, Vec<u8>)> {
    let root = folder.path(name);
    let files = folder.tree(name).into_iter().filter(|path| path.is_file() && !path.is_symlink());
    let files = files.filter(|path| !path.ends_with(".lock") && !path.ends_with("ledger.sqlite"));
    files.map(|path| (path.strip_prefix(&root).unwrap().display().to_string(), bytes(&path))).collect()
}

fn verified(folder: &Folder) {
    let said = folder.flagmatch(&["ledger", "verify", "out"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

const ALL: Options = Options { inputs: true, newest: true, dry_run: false, day: None };
const OLD: Options = Options { inputs: false, newest: false, dry_run: false, day: None };

#[test]
fn of_an_older_run_flags_and_rows_of_a_scheme_go_when_its_days_are_over() {
    let folder = nation();
    folder.run_well();
    folder.run_well();
    let (older, newest) = (&folder.runs()[0], &folder.runs()[1]);
    let before = bytes_of(&folder, "out");

    // On the last day of the retention nothing is removed.
    assert!(purged(&folder, 30, OLD).is_empty());
    assert!(bytes_of(&folder, "out") == before);

    let first = purged(&folder, 31, OLD);
    assert_eq!((&first.runs[0].run, first.runs[0].schemes.as_slice()), (older, ["whd".to_owned()].as_slice()));
    for supplier in ["north", "south"] {
        let file = |scheme: &str| folder.exists(&format!("out/{older}/suppliers/{supplier}/{scheme}.flags.csv"));
        assert_eq!((file("whd"), file("cold")), (false, true));
    }
    let tables = ["suppliers/north/changes", "administrator/decisions", "administrator/claims"];
    for table in tables {
        let rows = folder.table(&format!("out/{older}/{table}.csv"));
        assert!(!rows.is_empty() && rows.iter().all(|row| row["scheme"] == "cold"), "{table}");
    }
    // The newest run is just as old. It keeps what the next run compares with, and the rebates that are out.
    let compared_with = |all: Vec<(String, Vec<u8>)>| {
        let is_compared_with = |name: &str| name.starts_with("suppliers/") || name == "administrator/decisions.csv";
        all.into_iter().filter(|(name, _)| is_compared_with(name)).collect::<Vec<_>>()
    };
    let (then, now) = (bytes_named(&before, newest), bytes_of(&folder, &format!("out/{newest}")));
    assert!(compared_with(now) == compared_with(then));
    let claims = folder.table(&format!("out/{newest}/administrator/claims.csv"));
    assert!(claims.iter().any(|row| row["scheme"] == "cold"));
    assert!(claims.iter().all(|row| row["scheme"] == "cold" || row["rebate"] == "released"), "{claims:?}");

    purged(&folder, 91, OLD);
    for (name, bytes) in bytes_of(&folder, &format!("out/{older}")) {
        has_nothing_planted(&String::from_utf8_lossy(&bytes).replace("PCGC", ""));
        assert!(!name.ends_with(".flags.csv") && !name.ends_with("rejects.csv"), "{name}");
    }
    // Counts and sums do not change by a byte.
    for file in [
        "administrator/run.json",
        "analyst/published.csv",
        "suppliers/north/SHA256SUMS",
        "suppliers/north/datapackage.json",
    ] {
        let name = format!("{older}/{file}");
        assert!(bytes(&folder.path(&format!("out/{name}"))) == bytes_at(&before, &name));
    }
    let (then, now) = (bytes_named(&before, newest), bytes_of(&folder, &format!("out/{newest}")));
    assert!(compared_with(now) == compared_with(then));
    assert!(purged(&folder, 91, OLD).is_empty(), "a second purge has nothing to do");
    verified(&folder);
}

fn bytes_at(all: &[(String, Vec<u8>)], name: &str) -> Vec<u8> {
    all.iter().find(|(other, _)| other == name).unwrap().1.clone()
}

fn bytes_named(all: &[(String, Vec<u8>)], run: &str) -> Vec<(String, Vec<u8>)> {
    let of_run = all.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(run)?.trim_start_matches('/'), bytes)));
    of_run.map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect()
}

#[test]
fn a_scheme_without_days_and_a_run_within_them_stay() {
    for (days, after) in [("", 5_000), ("retention_days = 30", 30)] {
        let folder = nation();
        let limited = JOB.replace("retention_days = 30", days).replace("retention_days = 90", days);
        folder.job(&limited);
        folder.run_well();
        folder.run_well();
        let before = bytes_of(&folder, ".");
        assert!(purged(&folder, after, ALL).is_empty(), "{days}");
        assert!(bytes_of(&folder, ".") == before, "{days}");
    }
}

#[test]
fn what_the_next_run_compares_with_stays_and_only_that() {
    // The north's newest delivery is that of the first run, since the second is for the south alone.
    let folder = nation();
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &ELSPETH)]);
    folder.run_well();
    assert_eq!(folder.run(&["--supplier", "south"]).code, 0);
    let first = folder.runs()[0].clone();
    let (north, south) = (folder.flag("north", "whd", "REF-1"), folder.flag("south", "whd", "REF-4"));
    assert_ne!(north, south, "one claim carries one rebate");
    let flags = folder.read("out/current/north/whd.flags.csv");

    let told = purged(&folder, 91, OLD);
    let kept: Vec<&str> = told.kept.iter().map(|kept| kept.supplier.as_str()).collect();
    assert_eq!(kept, ["north", "south"]);
    assert_eq!(folder.read("out/current/north/whd.flags.csv"), flags);
    assert!(!folder.exists(&format!("out/{first}/suppliers/south/whd.flags.csv")));
    let rows = folder.table(&format!("out/{first}/administrator/decisions.csv"));
    assert!(!rows.is_empty() && rows.iter().all(|row| row["supplier"] == "north"));

    // The claim's rebate therefore stays with its account, and the north gets no change.
    assert_eq!(folder.run(&["--supplier", "south"]).code, 0);
    assert_eq!(folder.flag("south", "whd", "REF-4"), south);
    folder.run_well();
    assert_eq!(folder.read("out/current/north/changes.csv"), "customer_ref,scheme,eligible,change\n");
    assert_eq!(folder.flag("north", "whd", "REF-1"), north);
}

#[test]
fn at_a_schemes_end_newest_deliveries_go_and_a_later_run_begins_anew() {
    let folder = nation();
    folder.run_well();
    let told = purged(&folder, 91, Options { newest: true, ..OLD });
    assert!(told.kept.is_empty());
    for (_, bytes) in bytes_of(&folder, "out") {
        has_nothing_planted(&String::from_utf8_lossy(&bytes).replace("PCGC", ""));
    }
    verified(&folder);
    folder.run_well();
    let changes = folder.table("out/current/north/changes.csv");
    assert!(changes.len() == 4 && changes.iter().all(|row| row["change"] == "new"), "{changes:?}");
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("out/current/north/datapackage.json")).unwrap();
    assert_eq!(manifest["sequence"], 2, "deliveries are counted on");
    verified(&folder);
}

#[test]
fn what_was_encrypted_goes_with_its_plain_copy() {
    let folder = nation();
    // Nobody has the identity of this recipient.
    let recipient = "age_recipient = \"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\"";
    folder.job(&JOB.replace("id = \"north\"", &format!("id = \"north\"\n{recipient}")));
    folder.run_well();
    folder.run_well();
    let older = folder.runs()[0].clone();
    purged(&folder, 31, OLD);
    let exists = |file: &str| folder.exists(&format!("out/{older}/{file}"));
    // Nobody can take one scheme out of an encrypted archive: it goes with the first.
    assert!(!exists("suppliers/north/delivery.tar.age"));
    assert!(!exists("administrator/plain/north/whd.flags.csv"));
    assert!(exists("suppliers/north/README.txt") && exists("administrator/plain/north/cold.flags.csv"));
    purged(&folder, 91, OLD);
    let mut left: Vec<String> = bytes_of(&folder, &format!("out/{older}")).into_iter().map(|(name, _)| name).collect();
    left.retain(|name| name.contains("north"));
    assert_eq!(
        left,
        ["administrator/plain/north/changes.csv", "suppliers/north/SHA256SUMS", "suppliers/north/datapackage.json",]
    );
    assert_eq!(folder.read(&format!("out/{older}/{}", left[0])), "customer_ref,scheme,eligible,change\n");
}

#[test]
fn input_files_go_when_nothing_that_is_kept_was_made_from_them() {
    let folder = nation();
    folder
        .job(&format!("{JOB}[objections]\nfiles = [\"objections*.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]\n"));
    let standing = ["objections.csv", "decisions.csv"];
    folder.write(standing[0], "person_ref\nPSN-9\n");
    folder.write(standing[1], "supplier,customer_ref,scheme,flag\nnorth,REF-2,whd,N\n");
    // The job is given by its absolute path, so that the record has the full path of each file.
    let run = folder.flagmatch(&["run", folder.path("job.toml").to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // One file was added after the run, and one replaced an input of the same length.
    folder.write("benefits-2.csv", "claim_ref,surname,benefit\nCLM-8,Quux,PCGC\n");
    folder.write("suppliers/south.csv", folder.read("suppliers/south.csv").replace("REF-3", "REF-6"));

    let without = purged(&folder, 91, Options { dry_run: true, ..OLD });
    assert!(without.inputs.is_empty(), "inputs go on demand alone");
    let told = purged(&folder, 91, Options { inputs: true, ..OLD });
    let mut gone: Vec<&str> = told.inputs.iter().map(|input| input.input.as_str()).collect();
    gone.sort_unstable();
    assert_eq!(gone, ["benefits", "north"]);
    for (file, stays) in [
        ("benefits.csv", false),
        ("suppliers/north.csv", false),
        ("benefits-2.csv", true),
        ("suppliers/south.csv", true),
        (standing[0], true),
        (standing[1], true),
    ] {
        assert_eq!(folder.exists(file), stays, "{file}");
    }
    let record = folder.read("out/records/000001.json");
    assert!(record.contains(&told.inputs[0].blake3), "{record}");
}

#[test]
fn an_input_of_a_run_that_is_kept_stays() {
    let folder = nation();
    folder.run_well();
    // The same files were inputs of a scheme that has not expired.
    for days in [31, 89] {
        assert!(purged(&folder, days, Options { inputs: true, ..OLD }).inputs.is_empty(), "{days}");
    }
    // A later run used the north's same file, and another file of benefits.
    folder.run_well();
    let (first, second) = (folder.runs()[0].clone(), folder.runs()[1].clone());
    folder.write("benefits-2.csv", folder.read("benefits.csv").replace("CLM-1", "CLM-7"));
    age(&folder, &first, "20200101T000000Z");
    assert!(folder.exists(&format!("out/{second}")));
    let told = purged(&folder, 1, Options { inputs: true, ..OLD });
    assert_eq!(told.runs.len(), 1, "the first is past");
    assert!(told.inputs.is_empty(), "the second was made from the same files");
}

/// Gives a run another date. Its name alone has its day.
fn age(folder: &Folder, run: &str, id: &str) {
    fs::rename(folder.path(&format!("out/{run}")), folder.path(&format!("out/{id}"))).unwrap();
    // The next command rebuilds the ledger from the runs.
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
}

#[test]
fn at_the_end_of_the_audits_own_days_the_run_goes_whole_and_the_ledger_goes_on() {
    let folder = nation();
    folder.job(&format!("{JOB}[retention]\naudit_days = 400\n"));
    folder.run_well();
    folder.run_well();
    // Records of purges expire with the runs before them.
    purged(&folder, 31, OLD);
    assert!(folder.exists("out/records/000001.json"));
    folder.run_well();
    let all = folder.runs();
    purged(&folder, 91, OLD);
    assert_eq!(folder.runs(), all);
    assert!(purged(&folder, 400, OLD).is_empty());
    let before = ["out/ledger.sqlite", "out/records/000001.json"].map(|name| (name, bytes(&folder.path(name))));
    let told = purged(&folder, 401, OLD);
    assert_eq!(told.runs.iter().filter(|run| run.whole).count(), 2);
    assert_eq!(folder.runs(), all[2..], "the newest stays");
    let records = [1, 2, 3].map(|number| folder.exists(&format!("out/records/00000{number}.json")));
    assert_eq!(records, [false, true, true]);
    verified(&folder);
    let said = folder.flagmatch(&["ledger", "list", "out", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    // As if the purge had been killed once it was recorded.
    before.into_iter().for_each(|(name, bytes)| folder.write(name, bytes));
    folder.run_well();
    assert!(!folder.exists("out/records/000001.json"));
    verified(&folder);

    // Removing the first rows by other means is detected.
    let connection = Connection::open(folder.path("out/ledger.sqlite")).unwrap();
    connection.execute_batch("DELETE FROM entry WHERE number = (SELECT min(number) FROM entry)").unwrap();
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["is missing"]);
}

/// What was spent of a season's budget is known for as long as the run that it was spent on.
#[test]
fn what_was_paid_for_the_figures_of_a_run_that_stays_is_not_purged() {
    let folder = Folder::nation("6000", "2500", "1");
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[retention]\naudit_days = 400\n"));
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml", "--out", "out"]).code, 0);
    let record = folder.read("out/records/000001.json");
    assert!(record.contains("figures-paid"), "{record}");
    let said = folder.flagmatch(&["purge", "nation/job.toml", "--out", "out"]);
    assert!(said.code == 0 && said.stdout.starts_with("nothing is past its retention on "), "{}", said.stdout);
    assert_eq!(folder.read("out/records/000001.json"), record);
    verified(&folder);
}

#[test]
fn a_purge_is_in_the_ledger_and_stays_there() {
    let folder = nation();
    folder.run_well();
    folder.run_well();
    let told = purged(&folder, 31, OLD);
    assert_eq!(told.record.as_deref(), Some(folder.path("out/records/000001.json").as_path()));
    verified(&folder);
    let rows = |folder: &Folder| {
        let connection = Connection::open(folder.path("out/ledger.sqlite")).unwrap();
        let mut statement = connection.prepare("SELECT kind, subject, hash FROM entry ORDER BY number").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect::<Vec<(String, String, String)>>()
    };
    folder.run_well();
    purged(&folder, 91, OLD);
    let before = rows(&folder);
    let purges = before.iter().filter(|(kind, _, _)| kind == "purge").map(|(_, subject, _)| subject.as_str());
    assert_eq!(purges.collect::<Vec<_>>(), ["000001", "000002"]);
    // A lost ledger is rebuilt from runs and records, row for row.
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
    let said = folder.run(&[]);
    assert!(said.code == 0 && said.stderr.contains("the ledger was lost, and was made again"), "{}", said.stderr);
    assert_eq!(rows(&folder)[..before.len()], before);
    verified(&folder);
    // A changed record is detected, and so is one that the ledger does not have.
    let record = folder.read("out/records/000001.json");
    folder.write("out/records/000001.json", record.replace("\"files\": 3", "\"files\": 1"));
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["record 000001 differs from the ledger"]);
    folder.write("out/records/000001.json", &record);
    folder.write("out/records/000003.json", &record);
    folder.flagmatch(&["ledger", "verify", "out"]).is_fault(1, &["record 000003 is not in the ledger"]);
}

#[test]
fn a_purge_that_was_killed_is_finished_by_the_next() {
    let folder = nation();
    folder.run_well();
    folder.run_well();
    let older = folder.runs()[0].clone();
    // A kill in the middle leaves this state: the record is there, and so are a half-written table and a run under the
    // name that it is removed by.
    folder.write(&format!("out/{older}/administrator/.purged-decisions.csv"), "supplier,customer_ref\nnorth,REF-1\n");
    folder.write("out/.staging-20200101T000000Z/administrator/decisions.csv", "REF-1\n");
    fs::remove_file(folder.path(&format!("out/{older}/suppliers/north/whd.flags.csv"))).unwrap();
    purged(&folder, 31, OLD);
    assert!(!folder.exists(&format!("out/{older}/administrator/.purged-decisions.csv")));
    purged(&folder, 91, OLD);
    assert!(!folder.exists("out/.staging-20200101T000000Z"));
    for (_, bytes) in bytes_of(&folder, &format!("out/{older}")) {
        has_nothing_planted(&String::from_utf8_lossy(&bytes).replace("PCGC", ""));
    }
}

#[test]
fn a_dry_run_tells_and_changes_nothing_and_a_purge_waits_for_no_run() {
    let folder = nation();
    folder.run_well();
    folder.run_well();
    let (older, newest) = (folder.runs()[0].clone(), folder.runs()[1].clone());
    age(&folder, &older, "20200101T000000Z");
    let before = bytes_of(&folder, ".");
    let said = folder.flagmatch(&["purge", "job.toml", "--dry-run", "--inputs"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("20200101T000000Z  cold, whd: 10 files, "), "{}", said.stdout);
    assert!(said.stdout.ends_with("dry run: nothing was removed\n"), "{}", said.stdout);
    assert!(bytes_of(&folder, ".") == before);

    let lock = fs::File::open(folder.path("out/.lock")).unwrap();
    lock.lock().unwrap();
    folder.flagmatch(&["purge", "job.toml"]).is_fault(1, &["another run holds this output directory"]);
    assert!(bytes_of(&folder, ".") == before);
    drop(lock);

    let said = folder.flagmatch(&["purge", "job.toml", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(
        (told["runs"][0]["run"].as_str(), told["runs"][0]["files"].as_u64()),
        (Some("20200101T000000Z"), Some(10))
    );
    has_nothing_planted(&said.stdout);
    assert!(folder.exists(&format!("out/{newest}/suppliers/north/whd.flags.csv")));
    // The first record says that the ledger was rebuilt, without its entry of the run under its old name.
    assert!(folder.read("out/records/000001.json").contains("ledger-made-again"));
    assert!(folder.exists("out/records/000002.json"));
    assert_eq!(mode(&folder.path("out/records")), 0o700);
    assert_eq!(mode(&folder.path("out/records/000001.json")), 0o600);
    let said = folder.flagmatch(&["purge", "job.toml"]);
    assert!(said.stdout.starts_with("nothing is past its retention on "), "{}", said.stdout);
    assert!(!folder.exists("out/records/000003.json"));
    let elsewhere = folder.flagmatch(&["purge", "job.toml", "--out", "elsewhere"]);
    elsewhere.is_fault(2, &["--out elsewhere: there is no such folder"]);
    assert!(!folder.exists("elsewhere"));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_was_held_and_then_released_by_hand_is_past_like_any_other() {
    let folder = nation();
    folder.add_to_job("[gates]\nleast_accounts = 1\n[probing]");
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-4", &PRUNELLA)]);
    assert_eq!(folder.run(&[]).code, 4);
    let held = folder.runs()[1].clone();
    let release = ["release", &format!("out/{held}"), "--supplier", "north", "--reason", "they telephoned"];
    let released = folder.flagmatch(&release);
    assert_eq!(released.code, 0, "{}", released.stderr);
    let by_hand = folder.runs()[2].clone();
    let exists = |file: &str| folder.exists(&format!("out/{file}"));
    let marks = ["north", "south"].map(|supplier| format!("{by_hand}/administrator/marks/{supplier}"));
    assert!(exists(&marks[0]), "there is something to keep");
    assert!(exists(&format!("{held}/administrator/held/north/whd.flags.csv")));

    purged(&folder, 91, OLD);
    assert!(!exists(&format!("{held}/administrator/held/north/whd.flags.csv")));
    assert!(folder.table(&format!("out/{held}/administrator/held/north/decisions.csv")).is_empty());
    assert!(!exists(&format!("{}/administrator/marks/north", folder.runs()[0])));
    assert!(exists(&marks[0]) && folder.read("out/current/north/whd.flags.csv").contains("REF-4"));
    purged(&folder, 91, Options { newest: true, ..OLD });
    assert!(!exists(&marks[0]) && !exists("current/north/whd.flags.csv"));
    verified(&folder);
    // The next run has nothing to compare with, and that is no error.
    assert_eq!(folder.run(&["--supplier", "south"]).code, 0);
}

#[test]
fn a_scheme_that_left_the_job_is_past_by_what_its_runs_say() {
    let folder = nation();
    folder.run_well();
    folder.run_well();
    let older = folder.runs()[0].clone();
    folder.job(&JOB.replace("id = \"cold\"", "id = \"mild\"").replace("retention_days = 90", ""));
    purged(&folder, 91, OLD);
    assert!(!folder.exists(&format!("out/{older}/suppliers/north/cold.flags.csv")));
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    folder.run_well();
}

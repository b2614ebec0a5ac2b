//! Checks the gates: what they quarantine, where it is kept, and how staff release it by hand.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use age::x25519::Identity;
use common::{ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Said, award, customer, has_nothing_planted};
use serde_json::Value;

const NATION: &str = "nation/out";

/// A nation with two suppliers, and the rows of the first one's file, with the header first.
fn nation() -> (Folder, String, Vec<String>) {
    let folder = Folder::nation("3000", "1000", "2");
    let names = fs::read_dir(folder.path("nation/suppliers")).unwrap();
    let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let supplier = names[0].strip_suffix(".csv").unwrap().to_owned();
    let rows = folder.read(&format!("nation/suppliers/{supplier}.csv")).lines().map(str::to_owned).collect();
    (folder, supplier, rows)
}

fn run(folder: &Folder) -> Said {
    folder.flagmatch(&["run", "nation/job.toml"])
}

fn send(folder: &Folder, supplier: &str, rows: &[String]) {
    folder.write(&format!("nation/suppliers/{supplier}.csv"), rows.join("\n") + "\n");
}

/// The rows with one column changed for the row numbers that `which` selects.
fn with_column(
    rows: &[String],
    column: &str,
    which: impl Fn(usize) -> bool,
    to: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(rows.join("\n").into_bytes().leak() as &[u8]);
    let place = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    let mut changed = vec![rows[0].clone()];
    for (number, row) in reader.records().enumerate() {
        let mut fields: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        if which(number) {
            fields[place] = to(&fields[place]);
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&fields).unwrap();
        changed.push(String::from_utf8(writer.into_inner().unwrap()).unwrap().trim_end().to_owned());
    }
    changed
}

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&folder.read(name)).unwrap()
}

/// The run that made a supplier's newest delivery.
fn delivering(folder: &Folder, out: &str, supplier: &str) -> String {
    let link = fs::read_link(folder.path(&format!("{out}/current/{supplier}"))).unwrap();
    link.to_str().unwrap().trim_start_matches("../").split('/').next().unwrap().to_owned()
}

fn latest(folder: &Folder, out: &str) -> String {
    fs::read_link(folder.path(&format!("{out}/latest"))).unwrap().to_str().unwrap().to_owned()
}

/// Faults of an export, each with the gate that must catch it.
#[test]
fn rubbish_is_held_back_and_nobody_else_is() {
    let (folder, supplier, rows) = nation();
    assert_eq!(run(&folder).code, 0);
    let first = latest(&folder, NATION);
    let third = |number: usize| number.is_multiple_of(3);
    let mut twice = rows.clone();
    twice.extend(with_column(&rows, "customer_ref", |_| true, |reference| format!("{reference}-2")).split_off(1));
    let nameless = with_column(&rows, "forename", |number| !third(number), |_| "Zebedee".to_owned());
    let cases = [
        ("accounts", rows[..rows.len() / 2].to_vec()),
        ("accounts", twice),
        ("on-supply", with_column(&rows, "supply_end", third, |_| "2020-01-01".to_owned())),
        ("match-rate", with_column(&nameless, "surname", |number| !third(number), |_| "Xyzzy".to_owned())),
        ("birth-dates", with_column(&rows, "date_of_birth", third, |_| String::new())),
        ("rejects", with_column(&rows, "customer_ref", |number| number.is_multiple_of(16), |_| String::new())),
        ("notes", with_column(&rows, "postcode", third, |_| "none known".to_owned())),
    ];
    for (gate, rows) in cases {
        send(&folder, &supplier, &rows);
        let dry = folder.flagmatch(&["run", "nation/job.toml", "--dry-run"]);
        assert!(dry.stdout.starts_with(&format!("HELD BACK  {supplier}")), "{gate}: {}", dry.stdout);
        let said = run(&folder);
        assert_eq!(said.code, 4, "{gate}: {}{}", said.stdout, said.stderr);
        assert!(said.stdout.starts_with(&format!("HELD BACK  {supplier}")), "{}", said.stdout);
        assert!(said.stdout.contains(&format!("           {gate}")), "{gate}: {}", said.stdout);
        assert!(said.stderr.contains("expected") && said.stderr.contains("usually"), "{}", said.stderr);

        // The previous delivery stays the newest, and the quarantined one is in the administrator's folder.
        let night = latest(&folder, NATION);
        assert_eq!(delivering(&folder, NATION, &supplier), first);
        assert!(!folder.exists(&format!("{NATION}/{night}/suppliers/{supplier}")));
        let held = format!("{NATION}/{night}/administrator/held/{supplier}");
        let flags: Vec<_> = fs::read_dir(folder.path(&held)).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(flags.len(), 3, "flags, decisions and rejects: {flags:?}");
        let decisions = folder.table(&format!("{NATION}/{night}/administrator/decisions.csv"));
        assert!(decisions.iter().all(|row| row["supplier"] != supplier), "what went out alone is decided");

        // The run's record has the finding.
        let record = json(&folder, &format!("{NATION}/{night}/administrator/run.json"));
        let findings = record["summary"]["held_back"][0]["findings"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["gate"] == gate), "{findings:?}");
        let connection = rusqlite::Connection::open(folder.path("nation/out/ledger.sqlite")).unwrap();
        let query = "SELECT count(*) FROM gates WHERE run = ?1 AND gate LIKE ?2";
        let pattern = format!("{supplier}/{gate}%");
        assert!(connection.query_row(query, [&night, &pattern], |row| row.get::<_, i64>(0)).unwrap() > 0);
    }
    // The other supplier had its delivery in each run.
    let others = fs::read_dir(folder.path("nation/out/current")).unwrap().map(|name| name.unwrap().file_name());
    for other in others.filter(|name| *name != *supplier) {
        assert_eq!(delivering(&folder, NATION, other.to_str().unwrap()), latest(&folder, NATION));
    }
    assert_eq!(folder.flagmatch(&["ledger", "verify", "nation/out"]).code, 0);

    // Honest drift is delivered, and so is anything that the settings allow.
    let drift = with_column(&rows, "date_of_birth", |number| number.is_multiple_of(20), |_| String::new());
    send(&folder, &supplier, &drift[..drift.len() * 19 / 20]);
    assert_eq!(run(&folder).code, 0);
    send(&folder, &supplier, &rows[..rows.len() / 2]);
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[gates]\naccounts_fewer = 0.6\n"));
    assert_eq!(run(&folder).code, 0);
}

#[test]
fn a_file_of_an_older_night_is_held_until_the_settings_allow_it() {
    let (folder, supplier, rows) = nation();
    assert_eq!(run(&folder).code, 0);
    assert_eq!(run(&folder).code, 0, "a file that was not replaced yet is no fault");
    let other = with_column(&rows, "title", |number| number == 0, |_| "Dame".to_owned());
    send(&folder, &supplier, &other);
    assert_eq!(run(&folder).code, 0);
    send(&folder, &supplier, &rows);
    let said = run(&folder);
    assert_eq!(said.code, 4);
    assert!(said.stdout.contains("repeated-file: a file that is the same"), "{}", said.stdout);
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[gates]\nrepeated_file = false\n"));
    assert_eq!(run(&folder).code, 0);
}

/// Two suppliers with gates that look at single accounts.
fn strict() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder
}

fn release(folder: &Folder, run: &str, supplier: &str) -> Said {
    let run = format!("out/{run}");
    let said = folder.flagmatch(&["release", &run, "--supplier", supplier, "--reason", "they telephoned"]);
    has_nothing_planted(&said.stdout);
    has_nothing_planted(&said.stderr);
    said
}

/// Quarantines the north: it had two accounts and now has three.
fn hold_north(folder: &Folder) -> String {
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-4", &PRUNELLA)]);
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &PRUNELLA)]);
    let said = folder.run(&[]);
    assert_eq!(said.code, 4, "{}", said.stderr);
    has_nothing_planted(&said.stdout);
    has_nothing_planted(&said.stderr);
    latest(folder, "out")
}

#[test]
fn what_was_held_goes_out_signed_encrypted_and_on_the_record() {
    let folder = strict();
    let identity = Identity::generate();
    let made = folder.flagmatch(&["keygen", "--no-passphrase"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let recipient = format!("id = \"north\"\nage_recipient = \"{}\"", identity.to_public());
    folder.job(&folder.read("job.toml").replace("id = \"north\"", &recipient));
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    folder.run_well();
    let first = latest(&folder, "out");
    let held = hold_north(&folder);
    assert_eq!(delivering(&folder, "out", "north"), first);
    assert_eq!(folder.outcome("whd", "CLM-3"), "M-pending");
    assert_eq!(folder.outcome("whd", "CLM-1"), "M", "it is out, by the last delivery");
    assert!(!folder.exists(&format!("out/{held}/administrator/plain/north")));

    let said = release(&folder, "latest", "north");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("released delivery 2 to north"), "{}", said.stdout);
    let released = latest(&folder, "out");
    assert_eq!(delivering(&folder, "out", "north"), released);
    assert_eq!(delivering(&folder, "out", "south"), held);
    let delivery = "out/current/north";
    let checked = folder.flagmatch(&[
        "verify",
        delivery,
        "--public-key",
        "administrator.pub",
        "--supplier",
        "north",
        "--after",
        &first,
    ]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("delivery 2 to north") && checked.stdout.contains(&released), "{}", checked.stdout);
    // The opened files are the quarantined ones, with the changes since the last delivery.
    let open = |name: &str| {
        let sealed = common::bytes(&folder.path(&format!("{delivery}/delivery.tar.age")));
        let archive = age::decrypt(&identity, &sealed).unwrap();
        let mut archive = tar::Archive::new(&archive[..]);
        let mut entries = archive.entries().unwrap().map(Result::unwrap);
        let entry = entries.find(|entry| entry.path().unwrap().to_str() == Some(name)).unwrap();
        std::io::read_to_string(entry).unwrap()
    };
    assert_eq!(open("whd.flags.csv"), "customer_ref,eligible\nREF-1,Y\nREF-2,N\nREF-4,Y\n");
    assert_eq!(open("changes.csv"), "customer_ref,scheme,eligible,change\nREF-4,whd,Y,new\n");
    let manifest = json(&folder, &format!("{delivery}/datapackage.json"));
    assert_eq!(manifest["resources"][0]["rebate_schemes"][0]["title"], "Warm Home Discount");
    assert_eq!(folder.outcome("whd", "CLM-3"), "M");
    assert_eq!(folder.outcome("whd", "CLM-2"), "M", "the south's is as it was");

    // The run's record has the release.
    let record = json(&folder, "out/latest/administrator/run.json");
    assert_eq!(
        (record["release"]["of"].as_str(), record["release"]["reason"].as_str()),
        (Some(&*held), Some("they telephoned"))
    );
    let listed: Value = serde_json::from_str(&folder.flagmatch(&["ledger", "list", "out", "--json"]).stdout).unwrap();
    let line = &listed[2]["suppliers"][0];
    assert_eq!((line["supplier"].as_str(), line["sequence"].as_u64()), (Some("north"), Some(2)));
    assert_eq!((line["accounts"].as_u64(), line["schemes"][0]["flagged"].as_u64()), (Some(3), Some(2)));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
    let connection = rusqlite::Connection::open(folder.path("out/ledger.sqlite")).unwrap();
    let query = "SELECT held_by || reason FROM releases WHERE supplier = 'north'";
    assert_eq!(
        connection.query_row(query, [], |row| row.get::<_, String>(0)).unwrap(),
        format!("{held}they telephoned")
    );

    // The latest run lists all accounts, those of the release as they were released.
    let decided = |run: &str| folder.table(&format!("out/{run}/administrator/decisions.csv"));
    let of = |run: &str, supplier: &str| {
        decided(run).into_iter().filter(|row| row["supplier"] == supplier).collect::<Vec<_>>()
    };
    assert_eq!(of(&released, "south"), of(&held, "south"));
    assert_eq!((of(&released, "south").len(), of(&released, "north").len(), of(&held, "north").len()), (1, 2, 0));
    assert_eq!(
        folder.read("out/latest/administrator/rejects.csv"),
        folder.read(&format!("out/{held}/administrator/rejects.csv"))
    );
    // The list says where the release came from, and why the earlier run delivered nothing.
    let listed = folder.flagmatch(&["ledger", "list", "out"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = format!("{held} north got nothing: accounts: 3; expected 2 to 2 (usually 2)");
    assert!(listed.contains(&why), "{listed}");
    let from = format!("{released} north released by hand, quarantined by run {held}: they telephoned");
    assert!(listed.contains(&from), "{listed}");
    // The message says what the gate does from now on.
    assert!(said.stderr.contains("north: gate accounts: this delivery now counts as usual"), "{}", said.stderr);
    assert!(said.stderr.contains("set accounts_fewer or accounts_more under [gates]"), "{}", said.stderr);

    // A delivery is released only once, and three accounts are usual from now on.
    release(&folder, &held, "north").is_fault(3, &["has had a newer delivery", &released]);
    release(&folder, "latest", "south").is_fault(2, &["it is a manual release of what run", &held]);
    folder.run_well();
    assert_eq!(json(&folder, "out/current/north/datapackage.json")["sequence"], 3);
    assert_eq!(folder.read("out/latest/administrator/plain/north/changes.csv").lines().count(), 1, "nothing changed");
}

#[test]
fn what_is_out_of_date_is_not_released() {
    let folder = strict();
    folder.run_well();
    let held = hold_north(&folder);
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    folder.run_well();
    let newer = latest(&folder, "out");
    release(&folder, &held, "north").is_fault(3, &["north has had a newer delivery, of run", &newer]);
    release(&folder, &held, "south").is_fault(2, &["no quarantined delivery of \"south\"", "it quarantined north"]);
    release(&folder, &newer, "north").is_fault(2, &["no quarantined delivery of \"north\""]);
    release(&folder, "20000101T000000Z", "north").is_fault(2, &["not the folder of a published run"]);
    release(&folder, "current", "north").is_fault(2, &["not the folder of a published run"]);
    let said = folder.flagmatch(&["release", &format!("out/{held}"), "--supplier", "north", "--reason", " "]);
    said.is_fault(2, &["--reason"]);
    assert_eq!(latest(&folder, "out"), newer);
    assert_eq!(folder.flags("north", "whd").len(), 2);
}

#[test]
fn what_was_changed_since_it_was_held_is_not_released() {
    let folder = strict();
    folder.run_well();
    let held = hold_north(&folder);
    for file in ["whd.flags.csv", "decisions.csv", "rejects.csv"] {
        let name = format!("out/{held}/administrator/held/north/{file}");
        let before = folder.read(&name);
        folder.write(&name, format!("{before}\n"));
        release(&folder, &held, "north").is_fault(1, &[file, "was changed after it was published"]);
        folder.write(&name, before);
    }
    assert_eq!(release(&folder, &held, "north").code, 0);
}

/// A person who objects after the run is not flagged by the delivery that was matched before.
#[test]
fn objections_made_since_stop_a_release() {
    let folder = strict();
    folder.write("objections.csv", "person_ref,claim_ref,supplier,customer_ref\n,CLM-9,,\n");
    folder.add_to_job("[objections]\nfiles = [\"objections*.csv\"]");
    folder.run_well();
    let held = hold_north(&folder);
    folder.write("objections-2.csv", "person_ref,claim_ref,supplier,customer_ref\n,CLM-3,,\n");
    release(&folder, &held, "north").is_fault(3, &["the objections have changed since run"]);
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(folder.outcome("whd", "CLM-3"), "objected");
    assert_eq!(release(&folder, "latest", "north").code, 0);
    assert_eq!(folder.flag("north", "whd", "REF-4"), "N");
}

/// A quarantined delivery does not keep a rebate from another supplier's account; once that account has it, a release
/// by hand does not give it a second time.
#[test]
fn one_rebate_a_claim_is_decided_over_what_is_held_too() {
    let folder = strict();
    folder.run_well();
    folder.customers("south", &[customer("REF-3", &OSWALD)]);
    let held = hold_north(&folder);
    // In the same run the south takes Prunella on. Without the gate her account in the north would be matched too.
    folder.customers("south", &[customer("REF-9", &PRUNELLA)]);
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(folder.flag("south", "whd", "REF-9"), "Y");
    assert_eq!(folder.outcome("whd", "CLM-3"), "M");

    let said = release(&folder, &held, "north");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("1 account changed to N"), "{}", said.stdout);
    assert_eq!(folder.flag("north", "whd", "REF-4"), "N");
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
    assert_eq!(folder.reason("north", "whd", "REF-4"), "claim-used");
    assert_eq!(folder.outcome("whd", "CLM-3"), "M");
}

/// A supplier that renumbers all its accounts and is quarantined for it keeps its claims, under the new references.
#[test]
fn a_claim_stays_with_its_supplier_under_a_new_reference() {
    let folder = strict();
    folder.run_well();
    folder.customers("north", &[customer("REF-A", &ELSPETH), customer("REF-B", &HAMISH), customer("REF-C", &HAMISH)]);
    folder.customers("south", &[customer("REF-0", &ELSPETH)]);
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y", "by its last delivery");
    assert_eq!(folder.flag("south", "whd", "REF-0"), "N", "though it comes first");
    assert_eq!(release(&folder, "latest", "north").code, 0);
    assert_eq!(folder.flag("north", "whd", "REF-A"), "Y");
    assert_eq!(folder.outcome("whd", "CLM-1"), "M");
}

#[test]
fn rebates_that_are_out_and_those_that_wait_count_to_the_limit() {
    let folder = strict();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "limit = 2\n[[scheme.group]]"));
    folder.run_well();
    let held = hold_north(&folder);
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    assert_eq!(folder.outcome("whd", "CLM-3"), "limit");
    assert_eq!(folder.outcome("whd", "CLM-1"), "M");
    // The last rebate goes elsewhere while the north is absent, so that none is left for the quarantined account.
    folder.job(&folder.read("job.toml").replace("limit = 2", "limit = 3"));
    folder.customers("south", &[customer("REF-3", &OSWALD)]);
    assert_eq!(folder.run(&[]).code, 4);
    let with_three = latest(&folder, "out");
    assert_eq!(folder.outcome("whd", "CLM-3"), "M-pending");
    fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-4", &PRUNELLA)]);
    folder.job(&folder.read("job.toml").replace("least_accounts = 1", "least_accounts = 100"));
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-9", &PRUNELLA)]);
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(folder.flag("south", "whd", "REF-9"), "Y");
    release(&folder, &with_three, "north")
        .is_fault(3, &["whd: other suppliers have had flags", "there would be 4 flags, and the limit is 3"]);
    release(&folder, &held, "north")
        .is_fault(3, &["whd: other suppliers have had flags", "there would be 3 flags, and the limit is 2"]);
}

/// If every supplier is held back nothing is released, but a run keeps the quarantined deliveries.
#[test]
fn when_every_supplier_is_held_the_run_keeps_it_and_says_so() {
    let folder = strict();
    folder.run_well();
    let first = latest(&folder, "out");
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-5", &HAMISH)]);
    folder.customers("north", &[customer("REF-1", &ELSPETH)]);
    let said = folder.run(&[]);
    assert_eq!(said.code, 3, "{}", said.stderr);
    assert_eq!(said.stdout.matches("HELD BACK").count(), 2, "{}", said.stdout);
    assert_eq!((delivering(&folder, "out", "north"), delivering(&folder, "out", "south")), (first.clone(), first));
    let held = latest(&folder, "out");
    for supplier in ["south", "north"] {
        assert_eq!(release(&folder, &held, supplier).code, 0);
    }
    assert_eq!((folder.flags("north", "whd").len(), folder.flags("south", "whd").len()), (1, 2));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
}

/// Neither a supplier that is held back nor its release tells analysts anything: their figures stay the same to the byte,
/// and later runs continue from them.
#[test]
fn a_release_keeps_what_analysts_have() {
    let (folder, supplier, rows) = nation();
    assert_eq!(run(&folder).code, 0);
    let analyst = |name: &str| folder.read(&format!("nation/out/latest/analyst/{name}"));
    let figures = || analyst("published.csv");
    let before = figures();
    assert!(before.lines().count() > 1);
    send(&folder, &supplier, &rows[..rows.len() / 2]);
    assert_eq!(run(&folder).code, 4);
    assert_eq!(figures(), before, "they are not due, and nothing else renews them");
    let page = analyst("report.html");
    let night = analyst("night.json");
    assert!(!night.contains("held") && !night.contains("matched"), "{night}");
    let said =
        folder.flagmatch(&["release", "nation/out/latest", "--supplier", &supplier, "--reason", "sold", "--json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let released: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((released["sequence"].as_u64(), released["reason"].as_str()), (Some(2), Some("sold")));
    assert_eq!(figures(), before);
    assert_eq!(analyst("report.html"), page);
    assert_eq!(json(&folder, "nation/out/latest/analyst/night.json")["run"], released["run"]);
    let run_of_release = format!("nation/out/{}", released["run"].as_str().unwrap());
    for administrator in [&[][..], &["--administrator"]] {
        let report = folder.flagmatch(&[&["report", &run_of_release], administrator].concat());
        assert_eq!(report.code, 0, "{}", report.stderr);
    }
    assert_eq!(run(&folder).code, 0, "half as many are usual now");
    assert_eq!(figures(), before, "which are renewed once a week");
}

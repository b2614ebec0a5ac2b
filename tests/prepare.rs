//! Checks `flagmatch layout` and `flagmatch prepare`: a prepared file gives the flags of the files as they were, and has
//! neither accounts nor columns that a run does not need.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use common::{ELSPETH, Folder, HAMISH, OSWALD, Row, Said, bytes, csv, customer, has_nothing_planted};
use serde_json::Value;

/// A nation whose job opens encrypted files, with its recipient.
fn nation() -> (Folder, Identity) {
    let folder = Folder::nation("6000", "2500", "1");
    let identity = with_identity(&folder, "nation/");
    let job = folder.read("nation/job.toml").replace("supplier-01.csv\"", "supplier-01*\"");
    folder.write("nation/job.toml", format!("{job}\n[intake]\nidentity = \"administrator.identity\"\n"));
    (folder, identity)
}

fn with_identity(folder: &Folder, place: &str) -> Identity {
    let identity = Identity::generate();
    folder.write(&format!("{place}administrator.identity"), identity.to_string().expose_secret());
    identity
}

/// A sound job that opens encrypted files, and the north's layout.
fn sound() -> (Folder, Identity) {
    let folder = Folder::sound();
    let identity = with_identity(&folder, "");
    folder.add_to_job("[intake]\nidentity = \"administrator.identity\"");
    layout(&folder, "job.toml", "north");
    (folder, identity)
}

fn layout(folder: &Folder, job: &str, supplier: &str) {
    let said = folder.flagmatch(&["layout", job, "--supplier", supplier]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let is_encrypted = said.stdout.contains("\nrecipient = ");
    assert_eq!(said.stderr.contains("prepares its files unencrypted"), !is_encrypted, "{}", said.stderr);
    assert_eq!(said.stderr.is_empty(), is_encrypted);
    folder.write("layout.toml", said.stdout);
}

fn prepare(folder: &Folder, files: &[&str]) -> Said {
    folder.flagmatch(&[&["prepare", "layout.toml"], files].concat())
}

/// The text of a prepared file, which the recipient opens.
fn opened(folder: &Folder, identity: &Identity, name: &str) -> String {
    let sealed = bytes(&folder.path(name));
    let decryptor = age::Decryptor::new(&sealed[..]).unwrap();
    let mut text = String::new();
    decryptor.decrypt(std::iter::once(identity as _)).unwrap().read_to_string(&mut text).unwrap();
    text
}

type Table = (Vec<String>, Vec<Vec<String>>);

fn table(text: &str) -> Table {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (header, reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect())
}

/// The table as CSV, with this separator and, if need be, in Windows-1252.
fn written((header, rows): &Table, separator: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// What a run decided for each account: its flag, and the administrator's row.
fn decided(folder: &Folder, out: &str) -> BTreeMap<String, (String, Option<BTreeMap<String, String>>)> {
    let flags = folder.table(&format!("{out}/current/supplier-01/whd-2026.flags.csv"));
    let rows = folder.table(&format!("{out}/latest/administrator/decisions.csv"));
    let mut rows: BTreeMap<String, _> = rows.into_iter().map(|row| (row["customer_ref"].clone(), row)).collect();
    let of_flag = |mut row: BTreeMap<String, String>| {
        let reference = row.remove("customer_ref").unwrap();
        let decision = rows.remove(&reference);
        (reference, (row.remove("eligible").unwrap(), decision))
    };
    flags.into_iter().map(of_flag).collect()
}

/// Joint holders, accounts of several rows, rows of meters, rows that are no longer on supply, references that look like
/// something else, and one that is no account's: in two encodings, with two separators, in one file and in two.
#[test]
fn a_prepared_file_gives_the_flags_of_the_files_as_they_are() {
    let (folder, identity) = nation();
    let (mut header, mut rows) = table(&folder.read("nation/suppliers/supplier-01.csv"));
    let at = |header: &[String], name: &str| header.iter().position(|own| own == name).unwrap();
    let (reference, end) = (at(&header, "customer_ref"), at(&header, "supply_end"));
    header.insert(3, "Tariff".to_owned());
    rows.iter_mut().enumerate().for_each(|(number, row)| row.insert(3, format!("fix {}", number % 3)));
    let (reference, end) = (reference + usize::from(reference >= 3), end + 1);
    let supply = |row: &[String]| row[end].is_empty();
    // References that a spreadsheet or a careless reader would change.
    for (number, row) in rows.iter_mut().filter(|row| supply(row)).enumerate().take(40) {
        row[reference] = match number % 4 {
            0 => format!("00{number}"),
            1 => format!("=1+{number}"),
            2 => format!("a \"b\", {number}"),
            _ => format!(" Zoë {number} "),
        };
    }
    let original = rows.clone();
    let mut further = Vec::new();
    for (number, row) in original.iter().enumerate().filter(|(_, row)| supply(row)) {
        match number % 9 {
            // A second meter, which differs in a column that nobody reads; and a third.
            0 => further.extend((0..=number % 2).map(|meter| {
                let mut row = row.clone();
                row[3] = format!("meter {meter}");
                row
            })),
            // An exact repeat.
            1 => further.push(row.clone()),
            // A former holder of the same account, and one more holder.
            2 => {
                let mut former = original[(number * 7) % original.len()].clone();
                (former[reference], former[end]) = (row[reference].clone(), "2020-01-01".to_owned());
                further.push(former);
                let mut second = original[(number * 5) % original.len()].clone();
                (second[reference], second[end]) = (row[reference].clone(), String::new());
                further.push(second);
            }
            _ => {}
        }
    }
    // A placeholder: 40 rows on supply and 20 that are not. A run drops its holders, since there are more than 50.
    for (number, row) in original.iter().enumerate().take(60) {
        let mut row = row.clone();
        row[reference] = "N/A".to_owned();
        row[end] = if number < 40 { String::new() } else { "2020-01-01".to_owned() };
        further.push(row);
    }
    rows.extend(further);

    let raw = "nation/suppliers/supplier-01.csv";
    for (case, separator, files, is_latin) in [("a", b',', 1, false), ("b", b';', 1, true), ("c", b',', 2, false)] {
        for old in folder.tree("nation/suppliers") {
            fs::remove_file(old).unwrap();
        }
        let job = folder.read("nation/job.toml").replace("parts = true\n", "");
        folder.write(
            "nation/job.toml",
            match files {
                1 => job,
                _ => job.replace("id = \"supplier-01\"\n", "id = \"supplier-01\"\nparts = true\n"),
            },
        );
        let mut paths = Vec::new();
        for part in 0..files {
            let own = (0..).zip(&rows).filter(|(number, _)| number % files == part).map(|(_, row)| row.clone());
            let bytes = written(&(header.clone(), own.collect()), separator);
            let bytes = match is_latin {
                true => {
                    String::from_utf8(bytes).unwrap().chars().map(|sign| u8::try_from(sign).unwrap_or(b'o')).collect()
                }
                false => bytes,
            };
            let name = if files == 1 { raw.to_owned() } else { format!("nation/suppliers/supplier-01-{part}.csv") };
            folder.write(&name, bytes);
            paths.push(name);
        }
        let (out, again) = (format!("out-{case}"), format!("prepared-out-{case}"));
        assert_eq!(folder.flagmatch(&["run", "nation/job.toml", "--out", &out]).code, 0);
        let plain = decided(&folder, &out);
        layout(&folder, "nation/job.toml", "supplier-01");
        let names: Vec<&str> = paths.iter().map(String::as_str).collect();
        let said = prepare(&folder, &[&names[..], &["--json"]].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        let said: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(said["files"][0]["encoding"], if is_latin { "Windows-1252" } else { "UTF-8" });
        assert_eq!(said["crowded_references"], 1);

        let text = opened(&folder, &identity, "prepared/supplier-01.csv.age");
        let (kept_header, kept) = table(&text);
        assert!(!kept_header.contains(&"Tariff".to_owned()) && !text.contains("fix ") && !text.contains("meter "));
        let begun = at(&header, "supply_start");
        let on_supply = |row: &&Vec<String>| {
            (row[end].is_empty() || row[end].as_str() >= "2026-08-23") && row[begun].as_str() <= "2026-08-23"
        };
        let expected: BTreeSet<&String> = rows.iter().filter(on_supply).map(|row| &row[reference]).collect();
        let references: BTreeSet<&String> = kept.iter().map(|row| &row[at(&kept_header, "customer_ref")]).collect();
        let wrong: Vec<_> = references.symmetric_difference(&expected).take(5).collect();
        assert!(wrong.is_empty(), "{case}: {wrong:?}");
        assert!(expected.len() < plain.len(), "some accounts are left out");
        let kept_end = at(&kept_header, "supply_end");
        let is_former = |row: &&Vec<String>| row[kept_end] == "2020-01-01";
        assert_eq!(kept.iter().filter(is_former).count(), 20, "those of the placeholder alone");

        for path in &paths {
            fs::remove_file(folder.path(path)).unwrap();
        }
        fs::rename(folder.path("prepared/supplier-01.csv.age"), folder.path("nation/suppliers/supplier-01.csv.age"))
            .unwrap();
        assert_eq!(folder.flagmatch(&["run", "nation/job.toml", "--out", &again]).code, 0);
        let prepared = decided(&folder, &again);
        let same: BTreeMap<_, _> = plain.into_iter().filter(|(reference, _)| expected.contains(reference)).collect();
        assert!(same.values().filter(|(flag, _)| flag == "Y").count() > 300);
        assert_eq!(prepared.len(), same.len());
        for (reference, decision) in &same {
            assert_eq!(prepared[reference], *decision, "{case}: {reference:?}");
        }
    }
}

/// Nearly half of the accounts are not on supply, and a fifth of the others have a note.
#[test]
fn a_supplier_that_begins_or_ends_to_prepare_its_files_trips_no_gate() {
    let (folder, _) = nation();
    let raw = "nation/suppliers/supplier-01.csv";
    let (header, mut rows) = table(&folder.read(raw));
    let at = |name: &str| header.iter().position(|own| own == name).unwrap();
    for (number, row) in rows.iter_mut().enumerate() {
        if number % 9 < 4 {
            row[at("supply_end")] = "2021-05-01".to_owned();
        } else if number % 5 == 0 {
            row[at("uprn")] = "none known".to_owned();
        }
    }
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[probing]\n"));
    let run = || folder.flagmatch(&["run", "nation/job.toml"]);
    layout(&folder, "nation/job.toml", "supplier-01");
    // A little changes each night, so that no file is sent twice.
    let send = |night: usize| {
        let some: Vec<_> = rows.iter().skip(night).cloned().collect();
        folder.write(raw, written(&(header.clone(), some), b','));
    };
    let sealed = "nation/suppliers/supplier-01.csv.age";
    for night in 0..8 {
        send(night);
        if (3..6).contains(&night) {
            let said = prepare(&folder, &[raw, "--out", "prepared"]);
            assert_eq!(said.code, 0, "{}", said.stderr);
            fs::remove_file(folder.path(raw)).unwrap();
            fs::rename(folder.path("prepared/supplier-01.csv.age"), folder.path(sealed)).unwrap();
        } else if folder.exists(sealed) {
            fs::remove_file(folder.path(sealed)).unwrap();
        }
        let said = run();
        assert_eq!(said.code, 0, "night {night}: {}{}", said.stdout, said.stderr);
        let changes = folder.read("nation/out/current/supplier-01/changes.csv");
        let gone = changes.lines().filter(|line| line.ends_with(",gone")).count();
        assert_eq!(gone > 1000, night == 3, "accounts that are left out are gone once: {gone}");
    }
}

#[test]
fn a_layout_has_what_a_supplier_needs_and_no_secret() {
    let (folder, identity) = sound();
    folder.job(&folder.read("job.toml").replace(
        "files = [\"suppliers/north*.csv\"]",
        "files = [\"suppliers/north*.csv\"]\nparts = true\ncolumns = { customer_ref = \"Account \\\"No\\\"\" }",
    ));
    let said = folder.flagmatch(&["layout", "job.toml", "--supplier", "north"]);
    let parsed: toml::Table = said.stdout.parse().unwrap();
    let text = |key: &str| parsed[key].as_str().unwrap().to_owned();
    assert_eq!([text("supplier"), text("job"), text("recipient")], ["north", "whd", &identity.to_public().to_string()]);
    assert_eq!(parsed["scheme"][0]["qualifying_date"].as_str(), Some("2026-08-23"));
    assert_eq!(parsed["columns"]["customer_ref"].as_str(), Some("Account \"No\""));
    assert_eq!((parsed["parts"].as_bool(), parsed["reject_limit"].as_float()), (Some(true), Some(0.1)));
    let secret = identity.to_string();
    for hidden in
        ["SECRET", &secret.expose_secret()[20..], "identity", "suppliers/", "PCGC", "core-1", "south", "benefits"]
    {
        assert!(!said.stdout.contains(hidden), "{hidden}: {}", said.stdout);
    }
    folder.flagmatch(&["layout", "job.toml", "--supplier", "nroth"]).is_fault(2, &["\"nroth\"; it has north, south"]);
    // Its text and what is read of it agree, and one that was changed is refused with the line.
    folder.write(
        "suppliers/own.csv",
        csv(&["Account \"No\"", "surname"], &[Row::new(&[("surname", "B"), ("Account \"No\"", "1")])]),
    );
    folder.write("layout.toml", &said.stdout);
    assert_eq!(prepare(&folder, &["suppliers/own.csv"]).code, 0);
    for (from, to, reason) in [
        ("\"age1", "\"age1x", "recipient is no age recipient"),
        ("2026-08-23", "2026-02-30", "is no date"),
        ("supplier = \"north\"", "supplier = \"../north\"", "line 6: supplier is no id"),
        ("customer_ref = ", "custommer_ref = ", "a column that no customer file has"),
        ("parts", "part", "line 10: this is not a setting of a layout"),
        ("job = ", "# job = ", "missing field `job`"),
        ("[columns]", "[columns", "line"),
    ] {
        let changed = said.stdout.replace(from, to);
        // The comments name columns too.
        let lines = said.stdout.lines().zip(changed.lines());
        let changed: Vec<&str> = lines.map(|(old, new)| if old.starts_with('#') { old } else { new }).collect();
        folder.write("layout.toml", changed.join("\n"));
        prepare(&folder, &["suppliers/own.csv"]).is_fault(2, &["layout.toml, line ", reason, "ask the administrator"]);
    }
}

#[test]
fn files_that_a_run_would_reject_are_refused_and_nothing_is_written() {
    let (folder, _) = sound();
    let good = csv(common::CUSTOMER, &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    folder.write("again.csv", &good);
    folder.write("empty.csv", "");
    folder.write("broken.csv", format!("{}too,few\n", good));
    folder.write("headings.csv", "account,surname\n1,B\n");
    assert_eq!(prepare(&folder, &["suppliers/north.csv", "--out", "sent"]).code, 0);
    folder.write("gone.csv", csv(common::CUSTOMER, &[customer("REF-1", &ELSPETH).with("supply_end", "2020-01-01")]));
    for (files, parts) in [
        (&["empty.csv"][..], &["empty.csv: it is empty"][..]),
        (&["broken.csv"], &["broken.csv: 1 of 3 rows cannot be read", "line 4: wrong number of fields"]),
        (&["headings.csv"], &["\"customer_ref\"", "tell the administrator your new one"]),
        (&["gone.csv"], &["no account in these files is on supply"]),
        (&["suppliers/north.csv", "again.csv"], &["2 accounts are in more than one of these files", "parts = true"]),
        (&["nowhere.csv"], &["nowhere.csv: cannot be read: No such file"]),
        (
            &["sent/north.csv.age"],
            &["north.csv.age: it is encrypted already: prepare the export from which it was made"],
        ),
    ] {
        prepare(&folder, files).is_fault(3, parts);
        assert!(!folder.exists("prepared"), "{files:?}");
    }
    folder.write("taken", "");
    prepare(&folder, &["suppliers/north.csv", "--out", "taken"]).is_fault(3, &["taken: this is not a folder"]);
    let said = prepare(&folder, &["suppliers/north.csv", "--dry-run"]);
    assert!(said.code == 0 && said.stdout.ends_with("nothing was written\n") && !folder.exists("prepared"));
    // What cannot be used is told without a list, too.
    folder.write("faulty.csv", format!("{}too,few\n", csv(common::CUSTOMER, &vec![customer("REF-1", &ELSPETH); 40])));
    let said = prepare(&folder, &["faulty.csv", "--dry-run"]);
    assert!(said.stdout.contains("rejected: faulty.csv, line 42: wrong number of fields\n"), "{}", said.stdout);
    let said = prepare(&folder, &["faulty.csv", "--dry-run", "--json"]);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    let fault = serde_json::json!({
        "line": 42, "is_rejected": true, "heading": null, "reason": "wrong number of fields"
    });
    assert_eq!(answer["files"][0]["faults"], serde_json::json!([fault]));
}

#[test]
fn what_was_prepared_before_stays_and_is_named_when_new_files_are_refused() {
    let (folder, _) = sound();
    assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
    let before = folder.tree("prepared");
    folder.write("broken.csv", "customer_ref,surname\ntoo,few,many\n");
    let said = prepare(&folder, &["broken.csv"]);
    assert_eq!(said.code, 3);
    assert!(said.stderr.contains("prepared/north.csv.age is still that of the last time"), "{}", said.stderr);
    assert_eq!(folder.tree("prepared"), before);
}

/// Half of the postcodes and most of the accounts are gone. A dry run says so too.
#[test]
fn figures_far_from_those_of_the_last_time_are_marked() {
    let (folder, _) = sound();
    let rows = |accounts: usize, with_postcode: usize| {
        let row = |number| {
            let row = customer(&format!("REF-{number}"), &ELSPETH);
            if number < with_postcode { row } else { row.with("postcode", "") }
        };
        csv(common::CUSTOMER, &(0..accounts).map(row).collect::<Vec<_>>())
    };
    let marked = |said: &Said| -> Vec<String> {
        assert_eq!(said.code, 0, "{}", said.stderr);
        let lines = said.stdout.lines().filter(|line| line.ends_with("UNUSUAL"));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    folder.write("export.csv", rows(200, 200));
    let said = prepare(&folder, &["export.csv"]);
    assert!(marked(&said).is_empty() && !said.stdout.contains("UNUSUAL"), "{}", said.stdout);
    folder.write("export.csv", rows(170, 160));
    assert!(marked(&prepare(&folder, &["export.csv"])).is_empty(), "within the bounds");
    folder.write("export.csv", rows(60, 30));
    let dry = &["export.csv", "--dry-run"][..];
    for options in [dry, &["export.csv", "--dry-run", "--json"], &["export.csv"]] {
        let said = prepare(&folder, options);
        if options.contains(&"--json") {
            let answer: Value = serde_json::from_str(&said.stdout).unwrap();
            assert_eq!(answer["unusual"], serde_json::json!(["kept_accounts", "postcodes"]));
            assert_eq!((&answer["last"]["kept_accounts"], &answer["written"]), (&170.into(), &Value::Null));
            continue;
        }
        assert_eq!(
            marked(&said),
            ["accounts kept 60 last time 170 UNUSUAL", "with a postcode 50.0 % last time 94.1 % UNUSUAL"]
        );
        assert!(said.stdout.contains("a run may hold you back"), "{}", said.stdout);
        let is_dry = options.contains(&"--dry-run");
        assert_eq!(said.stdout.contains("\nif the export is right, send "), !is_dry, "{}", said.stdout);
    }
    // Prepared again it is as broken, and the whole export is not.
    assert_eq!(
        marked(&prepare(&folder, &["export.csv"])),
        ["accounts kept 60 usually 170 UNUSUAL", "with a postcode 50.0 % usually 94.1 % UNUSUAL"]
    );
    folder.write("export.csv", rows(170, 160));
    assert!(marked(&prepare(&folder, &["export.csv"])).is_empty());
}

#[test]
fn nothing_is_replaced_that_was_not_prepared() {
    let (folder, _) = sound();
    for (name, options) in [
        ("north.csv.age", &["suppliers/north.csv"][..]),
        ("north.csv.age", &["suppliers/north.csv", "--dry-run"]),
        ("north.rejects.csv", &["suppliers/north.csv"]),
    ] {
        let name = format!("prepared/{name}");
        folder.write(&name, "somebody's");
        prepare(&folder, options).is_fault(3, &[&format!("{name}: flagmatch prepare would replace this"), "--out"]);
        assert_eq!((folder.read(&name).as_str(), folder.tree("prepared").len()), ("somebody's", 1));
        fs::remove_file(folder.path(&name)).unwrap();
        fs::create_dir(folder.path(&name)).unwrap();
        prepare(&folder, options).is_fault(3, &[&format!("{name}: this is a folder"), "--out"]);
        fs::remove_dir(folder.path(&name)).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0, "what it wrote itself, it replaces");
    }
}

#[test]
fn two_do_not_prepare_into_one_folder_at_once() {
    let (folder, _) = sound();
    assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
    let before = folder.tree("prepared");
    let other = fs::File::open(folder.path("prepared")).unwrap();
    other.lock().unwrap();
    let said = prepare(&folder, &["suppliers/north.csv"]);
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("prepared: another flagmatch prepare is writing here"), "{}", said.stderr);
    assert_eq!(folder.tree("prepared"), before);
    drop(other);
    assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
}

#[test]
fn a_file_in_place_of_the_layout_is_told_without_its_content() {
    let (folder, _) = sound();
    folder.write("sent.toml", format!("{} = 1\n", "Elspeth"));
    for wrong in ["suppliers/north.csv", "job.toml", "sent.toml"] {
        folder.flagmatch(&["prepare", wrong, "layout.toml"]).is_fault(
            2,
            &[&format!("{wrong}, line "), "this is not a setting of a layout (name the layout first, then your files)"],
        );
    }
}

#[test]
fn the_summary_says_what_is_usable_and_compares_with_last_time() {
    let (folder, _) = sound();
    let header = format!("{},E-mail,DOB", common::CUSTOMER.join(","));
    let rows = csv(
        common::CUSTOMER,
        &[
            customer("REF-1", &ELSPETH),
            customer("REF-2", &HAMISH).with("date_of_birth", "31/02/1950").with("uprn", ""),
            customer("REF-3", &OSWALD).with("supply_end", "2020-01-01"),
        ],
    );
    let (_, body) = rows.split_once('\n').unwrap();
    let more: String = body.lines().map(|line| format!("{line},,\n")).collect();
    folder.write("export.csv", format!("{header}\n{more}"));
    let said = prepare(&folder, &["export.csv"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    has_nothing_planted(&said.stdout);
    let plain: Vec<String> =
        said.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "north, job whd: 3 accounts in export.csv (UTF-8)",
        "accounts kept 2",
        "accounts not on supply, left out 1",
        "rows with a note 1",
        "with a date of birth 50.0 %",
        "with a UPRN 50.0 %",
        "with a postcode 100.0 %",
        "note: date_of_birth: impossible date: 1 row",
        "left out, since nobody reads it: columns E-mail, DOB of export.csv",
        "each reject and note, by line: prepared/north.rejects.csv",
    ] {
        assert!(plain.contains(&line.to_owned()), "{line:?} is not in {plain:#?}");
    }
    assert!(said.stdout.lines().count() < 25, "ten seconds");
    let rejects = folder.read("prepared/north.rejects.csv");
    assert_eq!(
        rejects,
        "file,line,kind,column,reason,heading\nexport.csv,3,note,date_of_birth,impossible date,date_of_birth\n"
    );
    folder.write("export.csv", format!("{header}\n{}\n", more.lines().next().unwrap()));
    let said = prepare(&folder, &["export.csv"]);
    let squeezed = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains("with a date of birth 100.0 % last time 50.0 %"), "{}", said.stdout);
    assert!(!folder.exists("prepared/north.rejects.csv"), "there are none now");
}

#[test]
fn no_plain_text_of_what_is_prepared_gets_to_disk() {
    let (folder, identity) = sound();
    folder.customers(
        "north",
        &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH).with("supply_end", "2020-01-01")],
    );
    assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
    let mut files = 0;
    for path in folder.tree("prepared") {
        let text = String::from_utf8_lossy(&bytes(&path)).into_owned();
        has_nothing_planted(&text);
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 2);
    let text = opened(&folder, &identity, "prepared/north.csv.age");
    assert!(text.contains("Elspeth") && !text.contains("Hamish"), "{text}");
    // Without a recipient it is plain, and says so.
    folder.job(&folder.read("job.toml").replace("identity = \"administrator.identity\"", ""));
    layout(&folder, "job.toml", "north");
    let said = prepare(&folder, &["suppliers/north.csv", "--out", "plain"]);
    assert!(said.stdout.contains("it is NOT encrypted"), "{}", said.stdout);
    assert!(folder.read("plain/north.csv").contains("Elspeth"));
}

#[test]
fn no_file_of_another_layout_stays_beside_the_prepared_one() {
    let (folder, _) = sound();
    let encrypted = folder.read("layout.toml");
    let lines = encrypted.lines().filter(|line| !line.starts_with("recipient"));
    let plain: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (first, then, stays, reason) in [
        (&plain, &encrypted, "north.csv", "this is plain text, and the layout has a recipient"),
        (&encrypted, &plain, "north.csv.age", "this is encrypted, and the layout has no recipient"),
    ] {
        folder.write("layout.toml", first);
        assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
        let before = folder.tree("prepared");
        folder.write("layout.toml", then);
        prepare(&folder, &["suppliers/north.csv"]).is_fault(3, &[&format!("prepared/{stays}: {reason}"), "remove it"]);
        assert_eq!(folder.tree("prepared"), before, "nothing is written and nothing lost");
        fs::remove_file(folder.path(&format!("prepared/{stays}"))).unwrap();
        assert_eq!(prepare(&folder, &["suppliers/north.csv"]).code, 0);
        fs::remove_dir_all(folder.path("prepared")).unwrap();
    }
}

#[test]
fn the_export_is_not_overwritten() {
    let (folder, _) = sound();
    let layout = folder.read("layout.toml");
    let export = folder.read("suppliers/north.csv");
    for recipient in ["recipient = ", "#"] {
        folder.write("layout.toml", layout.replace("recipient = ", recipient));
        for name in ["north.csv", "north.rejects.csv", ".north.csv.part", ".north.figures.json.part"] {
            let name = format!("own/{name}");
            folder.write(&name, &export);
            prepare(&folder, &[&name, "--out", "own"])
                .is_fault(3, &[&format!("{name}: this is one of the files to prepare"), "into another folder"]);
            assert_eq!((folder.read(&name), folder.tree("own").len()), (export.clone(), 1));
            fs::remove_file(folder.path(&name)).unwrap();
        }
    }
}

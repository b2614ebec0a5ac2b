//! Checks that the flags depend only on the job and its files: not on the number of threads, the run's key, the order
//! of rows in the benefit file, or how these are spread over files.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{BENEFIT, CUSTOMER, ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Person, Row, award, csv, customer};

/// Rows that force a choice: people who cannot be told apart, and accounts with equal claims to one rebate.
fn hard_cases() -> (Vec<Row>, Vec<Row>) {
    let elder = Person { born: "1922-02-02", ..ELSPETH };
    let twin = Person { forename: "Hector", ..HAMISH };
    let wife = Person { forename: "Lettice", born: "1971-07-08", ..PRUNELLA };
    let husband = Person { forename: "Leopold", born: "1970-10-11", ..OSWALD };
    let benefits = vec![
        // Of two people of one name, one is eligible; each is there twice, under other references.
        award("CLM-1", &ELSPETH),
        award("CLM-2", &elder).with("benefit", "DLA"),
        award("CLM-3", &ELSPETH).with("person_ref", ""),
        award("CLM-4", &elder).with("benefit", "DLA").with("uprn", ""),
        // Twins, each on a claim of their own, and both on another one.
        award("CLM-5", &HAMISH),
        award("CLM-6", &twin),
        award("CLM-7", &HAMISH),
        award("CLM-7", &twin).with("role", "partner"),
        // One person on three claims, two of which differ only in their reference.
        award("CLM-9", &OSWALD).with("person_ref", ""),
        award("CLM-8", &OSWALD).with("person_ref", ""),
        award("CLM-10", &OSWALD).with("surname", "Thrupkins"),
        award("CLM-11", &PRUNELLA).with("date_of_birth", ""),
        award("CLM-12", &PRUNELLA),
        // One person on two claims, with a different second person on each. Whichever claim is used, one of the two
        // goes without.
        award("CLM-14", &HAMISH).with("forename", "Horatio").with("date_of_birth", "1941-05-05"),
        award("CLM-14", &wife).with("role", "partner"),
        award("CLM-13", &HAMISH).with("forename", "Horatio").with("date_of_birth", "1941-05-05"),
        award("CLM-13", &husband).with("role", "partner"),
    ];
    let customers = vec![
        customer("REF-1", &ELSPETH).with("date_of_birth", ""),
        customer("REF-2", &ELSPETH),
        customer("REF-3", &elder),
        customer("REF-4", &HAMISH).with("forename", "H"),
        customer("REF-5", &HAMISH).with("forename", "H").with("date_of_birth", ""),
        customer("REF-6", &twin),
        customer("REF-7", &OSWALD),
        customer("REF-8", &OSWALD),
        customer("REF-9", &OSWALD).with("surname", "Thrupkins"),
        customer("REF-10", &PRUNELLA).with("date_of_birth", ""),
        customer("REF-10", &ELSPETH),
        customer("REF-11", &HAMISH).with("forename", "Horatio").with("date_of_birth", "1941-05-05"),
        customer("REF-12", &wife),
        customer("REF-13", &husband),
    ];
    (benefits, customers)
}

/// A nation of two suppliers, large enough for its files to be read in several chunks, and a third supplier with the
/// hard cases, whose benefit rows are in a second file.
fn nation() -> Folder {
    let folder = Folder::nation("24000", "9000", "2");
    let (benefits, customers) = hard_cases();
    folder.write("nation/more/benefits.csv", csv(BENEFIT, &benefits));
    folder.write("nation/suppliers/hard.csv", csv(CUSTOMER, &customers));
    let job = folder.read("nation/job.toml");
    assert!(job.contains("[\"benefits.csv\"]"));
    let job = job.replace("[\"benefits.csv\"]", "[\"benefits.csv\", \"more/*.csv\"]");
    folder.write("nation/job.toml", job + "\n[[supplier]]\nid = \"hard\"\nfiles = [\"suppliers/hard.csv\"]\n");
    folder
}

/// The files of the latest run in a directory, by name.
fn files(folder: &Folder, out: &str, with_audit: bool) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for supplier in ["supplier-01", "supplier-02", "hard"] {
        for name in ["whd-2026.flags.csv", "rejects.csv"] {
            let name = format!("suppliers/{supplier}/{name}");
            found.insert(name.clone(), common::bytes(&folder.path(&format!("{out}/latest/{name}"))));
        }
    }
    for name in ["decisions", "review", "claims"].iter().filter(|_| with_audit) {
        let name = format!("administrator/{name}.csv");
        found.insert(name.clone(), common::bytes(&folder.path(&format!("{out}/latest/{name}"))));
    }
    found
}

/// Runs the nation's job into this output directory.
#[track_caller]
fn run(folder: &Folder, out: &str, threads: &str) {
    let said = folder.flagmatch(&["run", "nation/job.toml", "--out", out, "--threads", threads]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
}

#[track_caller]
fn are_equal(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(one.len(), other.len());
    for (name, bytes) in one {
        let differing = bytes.split(|byte| *byte == b'\n').zip(other[name].split(|byte| *byte == b'\n'));
        let first = differing.enumerate().find(|(_, (one, other))| one != other);
        let first = first.map(|(line, (one, other))| {
            format!("line {}: {} / {}", line + 1, String::from_utf8_lossy(one), String::from_utf8_lossy(other))
        });
        assert!(*bytes == other[name], "{name} differs: {first:?}");
    }
}

#[test]
fn any_number_of_threads_and_any_key_give_the_same_bytes() {
    let folder = nation();
    run(&folder, "one", "1");
    let one = files(&folder, "one", true);
    let flags = String::from_utf8(one["suppliers/supplier-01/whd-2026.flags.csv"].clone()).unwrap();
    assert!(flags.contains(",Y\n") && flags.contains(",N\n"));
    let review = String::from_utf8_lossy(&one["administrator/review.csv"]).into_owned();
    assert!(review.contains("\nhard,REF-1,") && review.contains("\nhard,REF-8,"), "the hard cases are there");
    for (out, threads) in [("again", "1"), ("two", "2"), ("seven", "7")] {
        run(&folder, out, threads);
        are_equal(&one, &files(&folder, out, true));
    }
}

#[test]
fn another_night_on_the_same_files_changes_nothing() {
    let folder = nation();
    // From the second run on, the earlier release of the rebates is known.
    run(&folder, "out", "2");
    run(&folder, "out", "2");
    let second = files(&folder, "out", true);
    run(&folder, "out", "2");
    are_equal(&second, &files(&folder, "out", true));
    for supplier in ["supplier-01", "supplier-02", "hard"] {
        let changes = folder.read(&format!("out/latest/suppliers/{supplier}/changes.csv"));
        assert_eq!(changes, "customer_ref,scheme,eligible,change\n");
    }
}

/// The lines after the header in another order: every `step`-th one from each start, backwards.
fn shuffled(lines: &[&str], step: usize) -> Vec<String> {
    (0..step).flat_map(|first| lines.iter().rev().skip(first).step_by(step)).map(|line| (*line).to_owned()).collect()
}

#[test]
fn the_order_of_benefit_rows_and_their_files_changes_no_flag() {
    let folder = nation();
    run(&folder, "straight", "2");
    let straight = files(&folder, "straight", false);
    let inputs = ["nation/benefits.csv", "nation/more/benefits.csv"].map(|name| (name, folder.read(name)));
    for step in [1, 2, 7] {
        for (name, text) in &inputs {
            let (header, rows) = text.split_once('\n').unwrap();
            let rows = shuffled(&rows.lines().collect::<Vec<_>>(), step);
            folder.write(name, format!("{header}\n{}\n", rows.join("\n")));
        }
        run(&folder, &format!("shuffled-{step}"), "2");
        are_equal(&straight, &files(&folder, &format!("shuffled-{step}"), false));
    }
    let (header, rows) = inputs[1].1.split_once('\n').unwrap();
    for (number, row) in rows.lines().rev().enumerate() {
        let name = if number == 0 { "benefits.csv".to_owned() } else { format!("{number}.csv") };
        folder.write(&format!("nation/more/{name}"), format!("{header}\n{row}\n"));
    }
    run(&folder, "spread", "2");
    are_equal(&straight, &files(&folder, "spread", false));
}

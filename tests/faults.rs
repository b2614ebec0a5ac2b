//! Checks that every fault gives one line with the cause, the documented exit code and no personal value, and that only
//! what should be published is published.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};

use common::{BENEFIT, CUSTOMER, ELSPETH, Folder, HAMISH, JOB, OSWALD, PRUNELLA, Row, award, csv, customer};

/// Checks that nothing was written at all.
#[track_caller]
fn nothing_written(folder: &Folder) {
    assert!(!folder.exists("out"));
}

/// Checks that nothing is published and no half-written file remains. A run may have begun.
#[track_caller]
fn nothing_published(folder: &Folder) {
    assert!(!folder.exists("out/latest"));
    if folder.exists("out") {
        let left: Vec<_> = folder.tree("out").into_iter().filter(|path| !path.ends_with(".lock")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_word_of_the_job_file_that_cannot_be_used_stops_before_anything_is_written() {
    for (wrong, right, parts) in [
        (
            "qualifying_date",
            "qualifing_date",
            &["job.toml, line 5", "qualifing_date", "did you mean \"qualifying_date\"?"][..],
        ),
        ("2026-08-23", "\"2026-02-30\"", &["job.toml, line 5", "qualifying_date", "a date that exists"]),
        ("2026-08-23", "2026-02-30", &["job.toml, line 5"]),
        ("2026-08-23", "\"soon\"", &["job.toml, line 5", "a date that exists"]),
        ("[benefits]\n", "[benefit]\n", &["job.toml, line 10", "did you mean \"benefits\"?"]),
        ("id = \"south\"", "id = \"north\"", &["job.toml, line 17", "line 14"]),
        ("id = \"north\"", "id = \"../north\"", &["job.toml, line 14"]),
        ("[[supplier]]", "[[supplier]]\nschemes = [\"wdh\"]", &["job.toml, line 14", "did you mean \"whd\"?"]),
        ("[benefits]", "[benefits", &["job.toml, line 10"]),
    ] {
        let folder = Folder::sound();
        folder.job(&JOB.replacen(wrong, right, 1));
        folder.run(&[]).is_fault(2, parts);
        folder.flagmatch(&["check", "job.toml"]).is_fault(2, parts);
        nothing_written(&folder);
    }
}

#[test]
fn a_recipient_or_key_that_is_none_is_a_fault_of_the_job_file() {
    let folder = Folder::sound();
    folder.job(&JOB.replace("id = \"south\"", "id = \"south\"\nage_recipient = \"age1\""));
    folder.run(&[]).is_fault(2, &["age_recipient", "must be an age recipient"]);
    nothing_written(&folder);
    folder.job(&format!("{JOB}[signing]\n"));
    folder.run(&[]).is_fault(2, &["[signing] has no \"secret_key\""]);
    nothing_written(&folder);
}

#[test]
fn a_job_file_that_is_no_file_is_a_fault_of_the_command_line() {
    let folder = Folder::sound();
    folder.flagmatch(&["run", "gone.toml"]).is_fault(2, &["gone.toml", "cannot read the job file"]);
    folder.flagmatch(&["run", "suppliers"]).is_fault(2, &["suppliers", "cannot read the job file"]);
    nothing_written(&folder);
}

#[test]
fn a_supplier_that_the_job_does_not_name_is_a_fault_of_the_command_line() {
    let folder = Folder::sound();
    let known = &["no supplier \"nroth\"", "north, south"];
    folder.run(&["--supplier", "nroth"]).is_fault(2, known);
    folder.run(&["--supplier", "north", "--supplier", "nroth"]).is_fault(2, known);
    folder.flagmatch(&["check", "job.toml", "--supplier", "nroth"]).is_fault(2, known);
    nothing_published(&folder);
    nothing_written(&folder);
}

#[test]
fn arguments_that_mean_nothing_are_faults_of_the_command_line() {
    let folder = Folder::sound();
    for arguments in [
        &["run"][..],
        &["run", "job.toml", "--threads", "0"],
        &["run", "job.toml", "--forse"],
        &["evaluate", "job.toml"],
    ] {
        let said = folder.flagmatch(arguments);
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
    }
    nothing_written(&folder);
}

#[test]
fn a_shared_input_that_is_missing_stops_the_run() {
    for (section, input) in [
        ("[objections]\nfiles = [\"gone*.csv\"]", "objections: "),
        ("[decisions]\nfiles = [\"gone*.csv\"]", "decisions: "),
        ("[properties]\nfiles = [\"gone*.csv\"]", "properties: "),
        ("[objections]\nfiles = [\"benefits.csv\", \"gone*.csv\"]", "objections: "),
    ] {
        let folder = Folder::sound();
        folder.add_to_job(section);
        folder.run(&[]).is_fault(3, &[input, "no file matches \"gone*.csv\""]);
        folder.flagmatch(&["check", "job.toml"]).is_fault(3, &[input, "no file matches \"gone*.csv\""]);
        nothing_published(&folder);
    }
    let folder = Folder::sound();
    fs::remove_file(folder.path("benefits.csv")).unwrap();
    folder.run(&[]).is_fault(3, &["benefits: ", "no file matches \"benefits*.csv\""]);
    nothing_published(&folder);
}

/// Rows in the order of the pattern: `+` for a good one, otherwise one without a reference.
fn rows_of(good: &Row, bad: &Row, pattern: &str) -> Vec<Row> {
    pattern.chars().map(|row| if row == '+' { good.clone() } else { bad.clone() }).collect()
}

/// Checks that a run and a check both stop, and that nothing is published.
#[track_caller]
fn refused(folder: &Folder, parts: &[&str]) {
    folder.run(&[]).is_fault(3, parts);
    folder.flagmatch(&["check", "job.toml"]).is_fault(3, parts);
    nothing_published(folder);
}

#[test]
fn a_benefit_file_with_too_many_bad_rows_stops_the_run() {
    let folder = Folder::sound();
    let (good, bad) = (award("CLM-1", &ELSPETH), award("", &ELSPETH));
    folder.benefits(&rows_of(&good, &bad, "+++++++-++"));
    folder.run_well();
    folder.benefits(&rows_of(&good, &bad, "++-+++++-+"));
    fs::remove_dir_all(folder.path("out")).unwrap();
    refused(&folder, &["benefits.csv", "2 of 10 rows", "line 4", "no readable reference"]);
    nothing_published(&folder);

    let folder = Folder::sound();
    folder.benefits(&[]);
    refused(&folder, &["benefits", "not one usable row"]);
    folder.write("benefits.csv", "");
    refused(&folder, &["benefits.csv", "empty"]);
    let columns: Vec<&str> = BENEFIT.iter().map(|name| if *name == "benefit" { "gift" } else { *name }).collect();
    let text = csv(BENEFIT, &[award("CLM-1", &ELSPETH)]).replacen(&BENEFIT.join(","), &columns.join(","), 1);
    folder.write("benefits.csv", text);
    refused(&folder, &["benefits.csv", "line 1", "column benefit is missing"]);
    nothing_published(&folder);
}

#[test]
fn an_objection_that_cannot_be_read_stops_the_run() {
    for (text, parts) in [
        ("person_ref,claim_ref\nPSN-1,\nPSN-2\n", &["objections.csv", "line 3", "wrong number of fields"][..]),
        ("person_ref,claim_ref\n,CLM-1\n , \n,CLM-7\n", &["objections.csv", "line 3"]),
        ("person_ref,claim_ref\n,CLM-1\n\"PSN-4,\n", &["objections.csv", "line 3", "broken quoting"]),
        ("supplier,customer_ref\nnorth,\n", &["objections.csv", "line 2"]),
        ("customer_ref\nREF-1\n", &["objections.csv"]),
        ("PSN-4,CLM-7\n", &["objections.csv", "line 1"]),
    ] {
        let folder = Folder::sound();
        folder.write("objections.csv", text);
        folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[intake]\nreject_limit = 1.0");
        folder.run(&[]).is_fault(3, parts);
        folder.flagmatch(&["check", "job.toml"]).is_fault(3, parts);
        nothing_published(&folder);
    }
}

/// The north's files in the second run, and what the message about them has.
type Case<'a> = (Vec<(&'a str, String)>, &'a [&'a str]);

#[test]
fn a_supplier_with_a_fault_is_held_back_alone_and_keeps_what_it_had() {
    let two = |first: &str, second: &str| {
        [("suppliers/north.csv", first.to_owned()), ("suppliers/north-old.csv", second.to_owned())]
    };
    let good = csv(CUSTOMER, &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    let ten = |pattern| csv(CUSTOMER, &rows_of(&customer("REF-1", &ELSPETH), &customer("", &HAMISH), pattern));
    let headings = CUSTOMER.join(",");
    let cases: Vec<Case<'_>> = vec![
        (vec![], &["no file matches \"suppliers/north*.csv\""]),
        (
            vec![("suppliers/north.csv", ten("++-+-++-++"))],
            &["north.csv", "3 of 10 rows", "line 4", "no readable reference"],
        ),
        (two(&good, &good).to_vec(), &["2 customer_ref", "parts = true"]),
        (vec![("suppliers/north.csv", String::new())], &["north.csv", "empty"]),
        (vec![("suppliers/north.csv", headings.clone() + "\n")], &["not one account"]),
        (
            vec![("suppliers/north.csv", good.replacen("customer_ref", "reference", 1))],
            &["column customer_ref is missing"],
        ),
        (vec![("suppliers/north.csv", good.replacen(&format!("{headings}\n"), "", 1))], &["north.csv", "header row"]),
        (vec![("suppliers/north.csv.gz", "no gzip".to_owned())], &["no file matches"]),
    ];
    for (files, parts) in cases {
        let folder = Folder::sound();
        folder.run_well();
        let before = folder.read("out/current/north/whd.flags.csv");
        let delivery = fs::read_link(folder.path("out/current/north")).unwrap();
        let first = fs::read_link(folder.path("out/latest")).unwrap();

        fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
        for (name, text) in files {
            folder.write(name, text);
        }
        let parts = [&["north"], parts].concat();
        folder.run(&[]).is_fault(4, &parts);
        folder.flagmatch(&["run", "job.toml", "--json", "--dry-run"]).is_fault(4, &parts);
        folder.flagmatch(&["check", "job.toml"]).is_fault(4, &parts);

        let second = fs::read_link(folder.path("out/latest")).unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read_link(folder.path("out/current/north")).unwrap(), delivery);
        assert_eq!(folder.read("out/current/north/whd.flags.csv"), before);
        assert!(!folder.exists("out/latest/suppliers/north"));
        assert!(folder.exists("out/latest/suppliers/south/SHA256SUMS"));
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    }
}

#[test]
fn a_supplier_held_back_on_its_first_night_gets_nothing() {
    let folder = Folder::sound();
    folder.customers("north", &[]);
    folder.run(&[]).is_fault(4, &["north", "not one account"]);
    assert!(!folder.exists("out/current/north"));
    assert!(!folder.exists("out/latest/suppliers/north"));
    folder.flagmatch(&["check", "job.toml"]).is_fault(4, &["north", "not one account"]);
}

#[test]
fn an_account_in_two_files_is_one_where_the_supplier_sends_parts() {
    let folder = Folder::sound();
    let rows = [customer("REF-2", &HAMISH), customer("REF-1", &PRUNELLA)];
    folder.write("suppliers/north-2.csv", csv(CUSTOMER, &rows));
    folder.benefits(&[award("CLM-4", &PRUNELLA), award("CLM-2", &OSWALD)]);
    folder.job(&JOB.replace("[\"suppliers/north*.csv\"]", "[\"suppliers/north*.csv\"]\nparts = true"));
    folder.run_well();
    let yes_and_no = [("REF-2".to_owned(), "N".to_owned()), ("REF-1".to_owned(), "Y".to_owned())];
    let mut flags = folder.flags("north", "whd");
    flags.sort_by(|one, other| other.cmp(one));
    assert_eq!(flags, yes_and_no);
}

#[test]
fn where_every_supplier_is_held_back_nothing_is_published() {
    let folder = Folder::sound();
    folder.customers("north", &[]);
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    folder.run(&[]).is_fault(3, &["nothing was released", "north: ", "south: "]);
    assert!(folder.exists("out/notices/north") && folder.exists("out/notices/south"));
    fs::remove_dir_all(folder.path("out/notices")).unwrap();
    nothing_published(&folder);
}

#[test]
fn an_output_directory_that_cannot_be_written_is_a_fault() {
    let folder = Folder::sound();
    folder.write("out", "a file, no folder");
    folder.run(&[]).is_fault(1, &["out"]);
    assert_eq!(folder.read("out"), "a file, no folder");
    folder.run(&["--out", "job.toml/out"]).is_fault(1, &["job.toml/out"]);
    folder.run(&["--out", "elsewhere"]);
    assert!(folder.exists("elsewhere/latest"));
}

#[test]
fn an_output_directory_that_another_run_holds_is_left_alone() {
    let folder = Folder::sound();
    folder.run_well();
    let before = folder.tree("out");
    let held = File::options().write(true).open(folder.path("out/.lock")).unwrap();
    held.lock().unwrap();
    folder.run(&[]).is_fault(1, &["out", "another run"]);
    assert_eq!(folder.tree("out"), before);
    held.unlock().unwrap();
    folder.run_well();
}

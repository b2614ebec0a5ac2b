//! Checks what a supplier is told when it gets no delivery: what is wrong with its own files and what to send, and
//! nothing of anybody else or of a gate.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{CUSTOMER, ELSPETH, Folder, HAMISH, JOB, csv, customer, has_nothing_planted};

const NEUTRAL: &str = "There is no new delivery for you tonight: your last one stands, and the administrator tells you if anything is needed from you.\n";

fn notice(folder: &Folder) -> String {
    folder.read("out/notices/north/NOTICE.txt")
}

fn files(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("out/notices/north")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_rejected_supplier_is_told_what_is_wrong_and_what_to_send() {
    let north = Folder::sound().read("suppliers/north.csv");
    let columns = "columns = { date_of_birth = \"BORN\" }";
    let mapped = JOB.replace("[\"suppliers/north*.csv\"]", &format!("[\"suppliers/north*.csv\"]\n{columns}"));
    for (job, text, parts) in [
        (JOB, None, ["No file of yours is there.", "Send it."]),
        (JOB, Some("".to_owned()), ["north.csv: it is empty", "Send the whole export"]),
        (JOB, Some("%PDF-1.7\n".to_owned()), ["north.csv: it is a PDF document, not CSV", "Send it as CSV"]),
        (
            JOB,
            Some(north.replacen("customer_ref", "account", 1)),
            ["line 1: there is no heading \"customer_ref\"", "tell the administrator your new one"],
        ),
        (
            &mapped,
            Some(north.clone()),
            ["north.csv: line 1: there is no heading \"BORN\"", "Send it with this heading"],
        ),
        (
            JOB,
            Some(north.replacen("title", "surname", 1)),
            ["the heading \"surname\" is there more than once", "one such column"],
        ),
        (
            JOB,
            Some(north.split_once('\n').unwrap().1.to_owned()),
            ["no heading is here that is expected", "Send it with its header row"],
        ),
        (JOB, Some(csv(CUSTOMER, &[])), ["There is not one account", "Send the whole export"]),
        (
            JOB,
            Some(format!("{north}too,few\n")),
            ["north.csv: 1 of 3 rows cannot be read; the first is line 4", "rejects.csv lists each line"],
        ),
    ] {
        let folder = Folder::sound();
        folder.run_well();
        folder.job(job);
        match &text {
            Some(text) => folder.write("suppliers/north.csv", text),
            None => fs::remove_file(folder.path("suppliers/north.csv")).unwrap(),
        }
        let said = folder.run(&[]);
        assert_eq!(said.code, 4, "{parts:?}: {}", said.stderr);
        assert!(said.stdout.contains("a notice to hand on: out/notices"), "{}", said.stdout);
        let told = notice(&folder);
        let run = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
        let joined = told.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in parts
            .into_iter()
            .chain([&*format!("from run {run}: your files cannot be used"), "Your last delivery stands."])
        {
            assert!(joined.contains(part), "{part:?} is not in: {told}");
        }
        // The administrator's folders, settings and other suppliers are not the supplier's business.
        for other in ["south", "suppliers", "reject_limit", "job", "glob", "/"] {
            assert!(!told.contains(other), "{other:?} is in: {told}");
        }
        has_nothing_planted(&told);
        assert!(!folder.exists("out/notices/south"));
        let has_list = told.contains("rejects.csv");
        let expected = ["NOTICE.txt", "SHA256SUMS", "rejects.csv"];
        assert_eq!(files(&folder), expected[..if has_list { 3 } else { 2 }]);
        // It counts as no delivery, and a delivery takes it away.
        assert!(folder.read("out/current/north/README.txt").starts_with("Delivery 1 to north"));
        folder.job(JOB);
        folder.write("suppliers/north.csv", &north);
        folder.run_well();
        assert!(folder.read("out/current/north/README.txt").starts_with("Delivery 2 to north"));
        assert!(!folder.exists("out/notices/north"));
    }
}

#[test]
fn a_list_of_rejects_has_the_lines_and_the_suppliers_headings() {
    let folder = Folder::sound();
    let columns = "columns = { date_of_birth = \"BORN\" }";
    folder.job(&JOB.replace("[\"suppliers/north*.csv\"]", &format!("[\"suppliers/north*.csv\"]\n{columns}")));
    let rows = [customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH).with("date_of_birth", "1939-02-30")];
    let text = csv(CUSTOMER, &rows).replacen("date_of_birth", "BORN", 1);
    folder.write("suppliers/north.csv", format!("{text}too,few\n"));
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(
        folder.read("out/notices/north/rejects.csv"),
        "file,line,kind,column,reason,heading\n\
         north.csv,3,note,date_of_birth,impossible date,BORN\n\
         north.csv,4,reject,,wrong number of fields,\n"
    );
}

/// Whatever the gate, and whoever else has the file.
#[test]
fn what_a_gate_saw_and_who_else_has_a_file_is_told_to_nobody() {
    let gated = |gate: &str, north: &[common::Row]| {
        let folder = Folder::sound();
        folder.add_to_job(&format!("[gates]\n{gate}"));
        folder.run_well();
        folder.customers("north", north);
        folder
    };
    let many = [customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-5", &HAMISH)];
    let shared = Folder::sound();
    shared.run_well();
    shared.write("suppliers/north.csv", shared.read("suppliers/south.csv"));
    let found_twice = Folder::sound();
    found_twice.run_well();
    found_twice.job(&JOB.replace("suppliers/south*.csv", "suppliers/*.csv"));
    for (what, folder) in [
        ("more accounts", gated("least_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10", &many)),
        ("fewer accounts", gated("least_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10", &many[..1])),
        ("the same bytes", shared),
        ("found by two patterns", found_twice),
    ] {
        let said = folder.run(&[]);
        assert_ne!(said.code, 0, "{what}");
        assert_eq!(notice(&folder), NEUTRAL, "{what}");
        assert_eq!(files(&folder), ["NOTICE.txt", "SHA256SUMS"], "{what}");
    }
    assert!(!NEUTRAL.contains(|letter: char| letter.is_ascii_digit()));
}

#[test]
fn suppliers_are_told_where_nothing_is_published_and_a_release_by_hand_takes_it_back() {
    let folder = Folder::sound();
    folder.write("suppliers/north.csv", "");
    folder.write("suppliers/south.csv", "");
    assert_eq!(folder.run(&[]).code, 3);
    assert!(!folder.exists("out/latest"));
    for supplier in ["north", "south"] {
        let told = folder.read(&format!("out/notices/{supplier}/NOTICE.txt"));
        assert!(told.contains(&format!("{supplier}.csv: it is empty")), "{told}");
    }
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-5", &HAMISH)]);
    assert_eq!(folder.run(&[]).code, 4);
    assert!(folder.exists("out/notices/north"));
    let released = folder.flagmatch(&["release", "out/latest", "--supplier", "north", "--reason", "they telephoned"]);
    assert_eq!(released.code, 0, "{}", released.stderr);
    assert!(!folder.exists("out/notices/north"));
}

#[test]
fn a_report_that_cannot_be_used_is_told_too() {
    let folder = Folder::sound();
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder.write("exceptions/north-2.csv", "customer_ref\nREF-1\n");
    assert_eq!(folder.run(&[]).code, 4);
    let told = notice(&folder);
    assert!(told.contains("In what you report: north-2.csv: line 1: there is no heading \"reason\""), "{told}");
    folder.write("exceptions/north-2.csv", "customer_ref,reason\n,closed\n");
    assert_eq!(folder.run(&[]).code, 4);
    let rejects = folder.read("out/notices/north/rejects.csv");
    assert_eq!(rejects.lines().nth(1), Some("north-2.csv,2,reject,,no readable reference,"));
}

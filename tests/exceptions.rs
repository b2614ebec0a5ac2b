//! Checks what suppliers report back. An exception takes the flag from the account and frees the claim, stands until
//! staff decide knowing of it, concerns the supplier's own accounts alone, and starts the scheme's clock.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::time::{Duration, SystemTime};

use common::{
    DECISION, ELSPETH, Folder, HAMISH, JOB, JOCASTA, OBJECTION, OSWALD, Row, award, csv, customer, has_nothing_planted,
};
use flagmatch::job::Job;
use flagmatch::notices::{ReturnLeg, take_in};
use flagmatch::progress::Unwatched;
use rusqlite::Connection;

/// In the north Elspeth, who is eligible, and Hamish, who is not; in the south Oswald, who is eligible.
fn folder() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder
}

fn report(folder: &Folder, file: &str, rows: &str) {
    folder.write(&format!("exceptions/{file}.csv"), format!("customer_ref,reason,scheme,reported_on\n{rows}"));
}

fn said(folder: &Folder, supplier: &str, customer_ref: &str) -> String {
    format!("{} {}", folder.flag(supplier, "whd", customer_ref), folder.reason(supplier, "whd", customer_ref))
}

#[test]
fn an_account_that_a_supplier_reports_is_n_and_in_review() {
    for (written, reason) in [
        ("not our customer", "exception-not-our-customer"),
        ("Unable to identify", "exception-unable-to-identify"),
        ("CLOSED", "exception-closed"),
        ("deceased", "exception-deceased"),
        ("moved to the moon", "exception-other"),
    ] {
        let folder = folder();
        folder.run_well();
        assert_eq!(said(&folder, "north", "REF-1"), "Y matched");
        report(&folder, "north-1", &format!("REF-1,{written},,\nREF-2,{written},,\n"));
        folder.run_well();
        assert_eq!(said(&folder, "north", "REF-1"), format!("N {reason}"));
        assert_eq!(said(&folder, "south", "REF-3"), "Y matched");
        // Hamish was not eligible anyway, so there is nothing to decide.
        let review = folder.administrator("review", &[]);
        let listed: Vec<(&str, &str, &str)> = review
            .iter()
            .map(|row| (row["customer_ref"].as_str(), row["reason"].as_str(), row["claim_ref"].as_str()))
            .collect();
        assert_eq!(listed, [("REF-1", reason, "CLM-1")]);
        assert_eq!(folder.outcome("whd", "CLM-1"), "review");
        let is_unknown = reason == "exception-other";
        let rejects = folder.read("out/latest/administrator/rejects.csv");
        assert_eq!(rejects.contains("north-1.csv,2,note,reason,unknown reason of an exception"), is_unknown);
        assert_eq!(folder.read("out/current/north/rejects.csv"), "file,line,kind,column,reason,heading\n");
    }
}

#[test]
fn what_a_supplier_reports_shows_to_no_other_and_its_n_is_like_any_other() {
    let (reported, unknown) = (folder(), folder());
    report(&reported, "north", "REF-1,deceased,,\n");
    unknown.benefits(&[award("CLM-2", &OSWALD)]);
    for folder in [&reported, &unknown] {
        folder.run_well();
    }
    for file in
        ["north/whd.flags.csv", "north/changes.csv", "north/rejects.csv", "south/whd.flags.csv", "south/changes.csv"]
    {
        let file = format!("out/current/{file}");
        assert_eq!(reported.read(&file), unknown.read(&file), "{file}");
    }
    // The page and the manifest tell every supplier how to report.
    let tells_how = |path: &std::path::PathBuf| path.ends_with("README.txt") || path.ends_with("datapackage.json");
    let is_of_report = |path: &std::path::PathBuf| path.is_file() && !tells_how(path);
    for path in reported.tree("out/latest/suppliers").into_iter().filter(is_of_report) {
        let text = String::from_utf8_lossy(&common::bytes(&path)).to_lowercase();
        assert!(!text.contains("deceased") && !text.contains("exception"), "{}", path.display());
    }
}

#[test]
fn a_file_speaks_of_its_own_suppliers_accounts_alone() {
    let folder = folder();
    folder.customers("south", &[customer("REF-1", &OSWALD), customer("REF-3", &HAMISH)]);
    report(&folder, "south", "REF-1,closed,,\n");
    folder.run_well();
    assert_eq!(said(&folder, "north", "REF-1"), "Y matched");
    assert_eq!(said(&folder, "south", "REF-1"), "N exception-closed");
}

#[test]
fn an_exception_of_one_scheme_leaves_the_others() {
    let folder = folder();
    let cold = JOB[..JOB.find("[benefits]").unwrap()].replace("\"whd\"", "\"cold\"");
    folder.job(&format!("{cold}{}", folder.read("job.toml")));
    report(&folder, "north", "REF-1,closed,cold,\nREF-1,closed,mild,\n");
    folder.add_to_job("[intake]\nreject_limit = 0.5");
    folder.run_well();
    assert_eq!((folder.flag("north", "cold", "REF-1"), folder.flag("north", "whd", "REF-1")), ("N".into(), "Y".into()));
    assert!(folder.read("out/latest/administrator/rejects.csv").contains("north.csv,3,reject,,unknown scheme"));
}

#[test]
fn the_claims_rebate_goes_to_another_account() {
    let folder = folder();
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &ELSPETH)]);
    folder.run_well();
    let (first, second) = if folder.flag("north", "whd", "REF-1") == "Y" {
        (("north", "REF-1"), ("south", "REF-4"))
    } else {
        (("south", "REF-4"), ("north", "REF-1"))
    };
    assert_eq!(said(&folder, second.0, second.1), "N claim-used");
    // A report counts even before its supplier is in a run again.
    report(&folder, first.0, &format!("{},closed,,2026-10-07\n", first.1));
    assert_eq!(folder.run(&["--supplier", second.0]).code, 0);
    assert_eq!(said(&folder, second.0, second.1), "Y matched");
    folder.run_well();
    assert_eq!(folder.flag(first.0, "whd", first.1), "N");
    assert_eq!(said(&folder, second.0, second.1), "Y matched");
    assert_eq!(folder.outcome("whd", "CLM-1"), "M");
}

#[test]
fn a_joint_account_is_for_a_person_to_decide_too() {
    let folder = folder();
    folder.benefits(&[award("CLM-2", &OSWALD), award("CLM-2", &JOCASTA).with("role", "partner")]);
    let joint = customer("REF-3", &OSWALD)
        .with("joint_forename", JOCASTA.forename)
        .with("joint_surname", JOCASTA.surname)
        .with("joint_date_of_birth", JOCASTA.born);
    folder.customers("south", &[joint]);
    report(&folder, "south", "REF-3,deceased,,2026-10-07\n");
    folder.run_well();
    assert_eq!(said(&folder, "south", "REF-3"), "N exception-deceased");
    let people: Vec<String> = folder.administrator("review", &[]).iter().map(|row| row["person_ref"].clone()).collect();
    assert!(people.contains(&"PSN-CLM-2-Jocasta".to_owned()), "who lives on has to be seen: {people:?}");
}

#[test]
fn a_decision_in_its_knowledge_overrides_it_and_an_objection_stays_one() {
    let decision = |day: &str| {
        Row::new(&[("supplier", "north"), ("customer_ref", "REF-1"), ("scheme", "whd"), ("flag", "Y")])
            .with("decided_on", day)
    };
    for (reported, decided, expected) in [
        ("2026-10-07", "2026-10-06", "N exception-closed"),
        ("2026-10-07", "2026-10-07", "Y decided"),
        ("2026-10-07", "2026-10-08", "Y decided"),
        ("2026-10-07", "", "N exception-closed"),
        ("", "2026-10-08", "N exception-closed"),
    ] {
        let folder = folder();
        folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[objections]\nfiles = [\"objections.csv\"]");
        folder.write("decisions.csv", csv(DECISION, &[decision(decided)]));
        folder.write("objections.csv", csv(OBJECTION, &[]));
        report(&folder, "north", &format!("REF-1,closed,,{reported}\n"));
        folder.run_well();
        assert_eq!(said(&folder, "north", "REF-1"), expected, "reported {reported}, decided {decided}");
        folder.write("objections.csv", csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-1")])]));
        folder.run_well();
        assert_eq!(said(&folder, "north", "REF-1"), "N objected", "reported {reported}, decided {decided}");
    }
}

#[test]
fn a_file_that_cannot_be_used_holds_its_supplier_back_and_nobody_else() {
    for (text, parts) in [
        ("customer_ref\nREF-1\n", ["its exceptions: ", "column reason is missing"]),
        ("customer_ref,reason\n,closed\n", ["its exceptions: ", "line 2: no readable reference"]),
        ("", ["its exceptions: ", "north-2.csv"]),
    ] {
        let folder = folder();
        folder.write("exceptions/north-2.csv", text);
        let run = folder.run(&[]);
        run.is_fault(4, &["north is held back: ", parts[0], parts[1]]);
        assert!(!folder.exists("out/current/north") && folder.exists("out/current/south"));
        folder.flagmatch(&["check", "job.toml"]).is_fault(4, &["north is held back: ", parts[0]]);
        folder.flagmatch(&["exceptions", "job.toml"]).is_fault(4, &["north is held back: ", parts[1]]);
    }
}

#[test]
fn a_file_of_nobody_stops_the_run_and_no_file_at_all_does_not() {
    let folder = folder();
    folder.run_well();
    report(&folder, "nroth", "REF-1,closed,,\n");
    for command in ["run", "check", "exceptions"] {
        folder.flagmatch(&[command, "job.toml"]).is_fault(3, &["exceptions/nroth.csv", "names no supplier"]);
    }
    folder.job(JOB);
    folder.flagmatch(&["exceptions", "job.toml"]).is_fault(2, &["no [exceptions]"]);
}

/// A quarantined delivery does not consider what the supplier has reported since.
#[test]
fn exceptions_made_since_stop_a_release_by_hand() {
    let folder = folder();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    report(&folder, "south", "REF-9,closed,,\n");
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-5", &HAMISH)]);
    assert_eq!(folder.run(&[]).code, 4);
    let held = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let release =
        || folder.flagmatch(&["release", &format!("out/{held}"), "--supplier", "north", "--reason", "they telephoned"]);
    report(&folder, "north", "REF-1,closed,,\n");
    release().is_fault(3, &["the exceptions have changed since run"]);
    fs::remove_file(folder.path("exceptions/north.csv")).unwrap();
    // Another supplier's report does not stop the release.
    report(&folder, "south-2", "REF-3,closed,,\n");
    assert_eq!(release().code, 0);
}

/// A job with reports in which the north has `0012`, which is `Y`, and `A-7`, which is `N`.
fn numbered() -> Folder {
    let folder = folder();
    folder.add_to_job("[intake]\nreject_limit = 0.5");
    folder.customers("north", &[customer("0012", &ELSPETH), customer("A-7", &HAMISH)]);
    folder.run_well();
    folder
}

const RECEIPTS: &str = "file,outcome,rows,lines,cause\n";
const NEAR: &str = "differs only in leading zeros, capitals or spaces from a reference in your deliveries";

#[test]
fn the_next_delivery_says_what_became_of_each_row_of_a_report() {
    common::avoid_midnight();
    let folder = numbered();
    let receipts = |supplier: &str| folder.read(&format!("out/current/{supplier}/receipts.csv"));
    assert_eq!([receipts("north"), receipts("south")], [RECEIPTS, RECEIPTS]);
    report(
        &folder,
        "north-1",
        "0012,closed,,\n12,closed,,\n A -7,closed,,\nB-1,closed,,\n000012,closed,,\nA-7,closed,,\n,closed,,\na-7,closed,,\n\
         0012,moved to the moon,,\n0012,closed,mild,\n",
    );
    report(&folder, "north-2", "");
    // The report waits for a night with a delivery.
    let north = folder.read("suppliers/north.csv");
    folder.write("suppliers/north.csv", "");
    assert_eq!(folder.run(&[]).code, 4);
    folder.write("suppliers/north.csv", north);
    let said = folder.run(&[]);
    assert_eq!(said.code, 0);
    let expected = format!(
        "{RECEIPTS}north-1.csv,taken-in,2,2 10,\n\
         north-1.csv,not-flagged,1,7,\n\
         north-1.csv,unknown,1,5,\n\
         north-1.csv,unknown,4,3-4 6 9,\"{NEAR}\"\n\
         north-1.csv,unreadable,1,8,no readable reference\n\
         north-1.csv,unreadable,1,11,unknown scheme\n\
         north-1.csv,noted,1,10,reason: unknown reason of an exception\n\
         north-2.csv,taken-in,0,,\n"
    );
    assert_eq!(receipts("north"), expected);
    assert_eq!(receipts("south"), RECEIPTS);
    assert!(said.stdout.contains("\n  4 unknown: lines 3-4 6 9; differs only in leading zeros"), "{}", said.stdout);
    assert!(said.stdout.contains("\"north-2.csv\" has 0 rows, and it changed nothing\n"), "{}", said.stdout);
    // It goes out once.
    folder.run_well();
    assert_eq!(receipts("north"), RECEIPTS);
}

#[test]
fn a_report_that_changed_nothing_is_told() {
    let folder = numbered();
    report(&folder, "north-1", &"12,closed,,\n".repeat(48));
    let said = folder.run(&[]);
    let warning = "flagmatch: north: its report north-1.csv changed nothing: no row is about an account that was Y\n";
    assert_eq!((said.code, said.stderr.as_str()), (0, warning));
    let summary = format!(
        "exceptions of north: \"north-1.csv\" has 48 rows, and it changed nothing\n  48 unknown: lines 2-49; {NEAR}\n"
    );
    assert!(said.stdout.contains(&summary), "{}", said.stdout);
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    assert_eq!(record["summary"]["reports"][0]["outcomes"][1]["rows"], 48);
    let said = folder.flagmatch(&["exceptions", "job.toml"]);
    assert!(said.stdout.contains(&format!("  48 unknown: lines 2-49; {NEAR}\n")), "{}", said.stdout);
}

/// Whether a report is late is settled on the day on which it is taken in.
#[test]
fn a_receipt_says_what_came_too_late() {
    common::avoid_midnight();
    for (days, outcome) in [(29, "taken-in"), (30, "taken-in"), (31, "late")] {
        let folder = folder();
        folder.run_well();
        age(&folder, days);
        report(&folder, "north-1", "REF-1,closed,,\n");
        folder.run_well();
        let receipts = folder.read("out/current/north/receipts.csv");
        assert!(receipts.contains(&format!("north-1.csv,{outcome},1,2,\n")), "{days}: {receipts}");
        assert_eq!(folder.flag("north", "whd", "REF-1"), "N", "{days}");
    }
}

/// Neither a decision of staff nor where the rebate went shows in a receipt.
#[test]
fn a_receipt_tells_nothing_that_the_supplier_does_not_know() {
    let receipts = |spoil: &dyn Fn(&Folder)| {
        let folder = folder();
        folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[objections]\nfiles = [\"objections.csv\"]");
        folder.write("decisions.csv", csv(DECISION, &[]));
        folder.write("objections.csv", csv(OBJECTION, &[]));
        folder.run_well();
        spoil(&folder);
        report(&folder, "north", "REF-1,closed,,2026-10-07\nREF-2,deceased,,2026-10-07\n");
        folder.run_well();
        folder.read("out/current/north/receipts.csv")
    };
    let base = receipts(&|_| {});
    assert_eq!(base, format!("{RECEIPTS}north.csv,taken-in,1,2,\nnorth.csv,not-flagged,1,3,\n"));
    let decision = Row::new(&[("supplier", "north"), ("customer_ref", "REF-1"), ("scheme", "whd"), ("flag", "Y")]);
    let decided = decision.with("decided_on", "2026-10-08");
    let spoils: [&dyn Fn(&Folder); 4] = [
        &|folder| folder.write("decisions.csv", csv(DECISION, std::slice::from_ref(&decided))),
        &|folder| folder.write("objections.csv", csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-1")])])),
        &|folder| folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &ELSPETH)]),
        &|folder| folder.benefits(&[award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]),
    ];
    for (place, spoil) in spoils.into_iter().enumerate() {
        assert_eq!(receipts(spoil), base, "{place}");
    }
}

#[test]
fn a_delivery_that_is_released_by_hand_has_its_receipts() {
    let folder = folder();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-5", &HAMISH)]);
    report(&folder, "north", "REF-1,closed,,\n");
    report(&folder, "south", "REF-3,closed,,\n");
    assert_eq!(folder.run(&[]).code, 4);
    let receipts = |supplier: &str| folder.read(&format!("out/current/{supplier}/receipts.csv"));
    assert_eq!(
        [receipts("north"), receipts("south")],
        [RECEIPTS.to_owned(), format!("{RECEIPTS}south.csv,taken-in,1,2,\n")]
    );
    let released = folder.flagmatch(&["release", "out/latest", "--supplier", "north", "--reason", "they telephoned"]);
    assert_eq!(released.code, 0, "{}", released.stderr);
    assert_eq!(receipts("north"), format!("{RECEIPTS}north.csv,taken-in,1,2,\n"));
    folder.run_well();
    assert_eq!([receipts("north"), receipts("south")], [RECEIPTS, RECEIPTS]);
}

/// The administrator's view this many days after the runs, which were today.
fn leg(folder: &Folder, days: u64) -> ReturnLeg {
    let job = Job::read(&folder.path("job.toml")).unwrap();
    take_in(&job, false, SystemTime::now() + Duration::from_secs(days * 86_400), &Unwatched).unwrap()
}

/// For the north's scheme: all notices, the open ones with their days left, and the expired ones.
fn clock(leg: &ReturnLeg) -> (u64, Vec<(u64, u32)>, u64) {
    let clock = &leg.clocks[0];
    assert_eq!((clock.supplier.as_str(), clock.scheme.as_str()), ("north", "whd"));
    (clock.notices, clock.open.iter().map(|open| (open.notices, open.days_left)).collect(), clock.over)
}

#[test]
fn the_clock_runs_from_the_first_notice() {
    common::avoid_midnight();
    let folder = folder();
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 0)), (1, vec![(1, 30)], 0));
    assert_eq!(clock(&leg(&folder, 12)), (1, vec![(1, 18)], 0));
    assert_eq!(clock(&leg(&folder, 30)), (1, vec![(1, 0)], 0));
    assert_eq!(clock(&leg(&folder, 31)), (1, vec![], 1));
    // The same flag in a later run is no new notice. The first run is given an earlier date for this.
    age(&folder, 20);
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 0)), (1, vec![(1, 10)], 0));
    assert_eq!(clock(&leg(&folder, 11)), (1, vec![], 1));
    // A flag that was taken back and came again is no new notice either.
    folder.benefits(&[award("CLM-2", &OSWALD)]);
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 0)), (0, vec![], 0));
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 0)), (1, vec![(1, 10)], 0));
    // A further account has a notice of its own.
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-4", &HAMISH)]);
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 0)), (2, vec![(1, 10), (1, 30)], 0));
    folder.job(&folder.read("job.toml").replace("[exceptions]", "[exceptions]\ndays = 25"));
    assert_eq!(clock(&leg(&folder, 0)), (2, vec![(1, 5), (1, 25)], 0));

    let said = folder.flagmatch(&["exceptions", "job.toml"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let row: Vec<&str> = said.stdout.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row[..4], ["north", "whd", "2", "2"]);
    assert_eq!(row[5..], ["5", "of", "25", "0"]);
    let said = folder.flagmatch(&["exceptions", "job.toml", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["clocks"][0]["open"][1]["days_left"], 25);
    has_nothing_planted(&said.stdout);
}

/// Makes the only run this many days older. Its name alone has its day.
fn age(folder: &Folder, days: i64) {
    let run = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let day: jiff::civil::Date = format!("{}-{}-{}", &run[..4], &run[4..6], &run[6..8]).parse().unwrap();
    let older = day.saturating_sub(jiff::Span::new().days(days)).to_string().replace('-', "") + &run[8..];
    fs::rename(folder.path(&format!("out/{run}")), folder.path(&format!("out/{older}"))).unwrap();
    fs::remove_file(folder.path("out/latest")).unwrap();
    std::os::unix::fs::symlink(&older, folder.path("out/latest")).unwrap();
    for supplier in ["north", "south"] {
        let link = folder.path(&format!("out/current/{supplier}"));
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(format!("../../{older}/suppliers/{supplier}"), link).unwrap();
    }
    // The next run rebuilds the ledger from the runs.
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
}

#[test]
fn what_came_too_late_is_told_and_what_was_told_stays_so() {
    common::avoid_midnight();
    for (after, reported, late) in [(0, "", 0), (30, "", 0), (31, "", 1), (200, "", 1), (31, "2020-01-01", 0)] {
        let folder = folder();
        folder.run_well();
        report(&folder, "north", &format!("REF-1,closed,,{reported}\nREF-9,closed,,{reported}\n"));
        let first = leg(&folder, after);
        let file = &first.files[0];
        assert_eq!((file.late, file.without_notice, file.rows), (late, 1, 2), "after {after} days, {reported}");
        // The same file on a later day keeps the day of its first intake, and does not become late.
        let later = leg(&folder, after + 300);
        assert_eq!((later.files[0].late, &later.files[0].taken_in), (late, &file.taken_in));
        assert!(first.record.is_some() && later.record.is_none());
        // Late or not, the next run respects it.
        folder.run_well();
        assert_eq!(folder.flag("north", "whd", "REF-1"), "N");
    }
}

#[test]
fn exceptions_are_on_record_without_anybodys_reference() {
    let folder = folder();
    report(&folder, "north", "REF-1,closed,,\n");
    let said = folder.flagmatch(&["exceptions", "job.toml"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(!folder.exists("out"), "before the first run nothing is recorded");
    folder.run_well();
    let dry = folder.flagmatch(&["exceptions", "job.toml", "--dry-run"]);
    assert!(dry.code == 0 && !folder.exists("out/records"));
    let said = folder.flagmatch(&["exceptions", "job.toml"]);
    assert!(said.stdout.contains("recorded in ") && said.stdout.contains("1 closed"), "{}", said.stdout);
    has_nothing_planted(&said.stdout);
    has_nothing_planted(&folder.read("out/records/000001.json"));
    let connection = Connection::open(folder.path("out/ledger.sqlite")).unwrap();
    let query = "SELECT told FROM records WHERE kind = 'exceptions'";
    let told: String = connection.query_row(query, [], |row| row.get(0)).unwrap();
    assert!(told.contains("\"closed\":1"), "{told}");
    report(&folder, "south-2", "REF-3,closed,,\n");
    folder.flagmatch(&["exceptions", "job.toml"]);
    assert!(folder.exists("out/records/000002.json") && !folder.read("out/records/000002.json").contains("north"));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
    // The run's record names the files as inputs.
    folder.run_well();
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let inputs: Vec<&str> =
        record["inputs"].as_array().unwrap().iter().map(|input| input["input"].as_str().unwrap()).collect();
    assert_eq!(inputs.iter().filter(|input| **input == "exceptions").count(), 2);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
}

#[test]
fn an_encrypted_delivery_has_a_clock_too() {
    common::avoid_midnight();
    let folder = folder();
    let recipient = "age_recipient = \"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\"";
    folder.job(&folder.read("job.toml").replace("id = \"north\"", &format!("id = \"north\"\n{recipient}")));
    folder.run_well();
    assert_eq!(clock(&leg(&folder, 3)), (1, vec![(1, 27)], 0));
    report(&folder, "north", "REF-1,closed,,\nREF-2,closed,,\nref-1,closed,,\n");
    folder.run_well();
    let receipts = folder.read("out/latest/administrator/plain/north/receipts.csv");
    assert!(
        receipts.starts_with(&format!("{RECEIPTS}north.csv,taken-in,1,2,\nnorth.csv,not-flagged,1,3,\n")),
        "{receipts}"
    );
    assert!(folder.exists("out/current/north/delivery.tar.age") && !folder.exists("out/current/north/receipts.csv"));
}

//! Checks ordinary mistakes and files placed on purpose: nobody receives another's data, no word of staff is silently
//! ignored, and no nonsense is delivered.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::{
    BENEFIT, CUSTOMER, DECISION, ELSPETH, Folder, HAMISH, JOB, OBJECTION, OSWALD, PRUNELLA, Row, Said, award, csv,
    customer, has_nothing_planted,
};

const NOTHING: &str = "no reference of anybody";

/// The lines of a text that contain all of these parts.
fn lines<'t>(text: &'t str, parts: &[&str]) -> Vec<&'t str> {
    text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).collect()
}

/// Checks that a run ended with this code, and that each of these suppliers is held back for a reason with this text.
#[track_caller]
fn holds_back(said: &Said, code: i32, suppliers: &[(&str, &str)]) {
    assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
    has_nothing_planted(&said.stdout);
    has_nothing_planted(&said.stderr);
    for (supplier, reason) in suppliers {
        let held = lines(&said.stderr, &[&format!("{supplier} is held back"), reason]);
        assert_eq!(held.len(), 1, "{supplier}: {reason}: {}", said.stderr);
    }
    assert_eq!(said.stderr.lines().count(), suppliers.len().max(usize::from(code == 3)), "{}", said.stderr);
}

// One file for two suppliers.

/// Three suppliers. The third has nothing to do with the other two.
fn three(north: &str, west: &str) -> Folder {
    let folder = Folder::sound();
    folder.job(
        &JOB.replace("suppliers/north*.csv", north)
            .replace("id = \"south\"", "id = \"west\"")
            .replace("suppliers/south*.csv", west),
    );
    folder.add_to_job("[[supplier]]\nid = \"south\"\nfiles = [\"suppliers/south.csv\"]");
    folder
}

#[test]
fn a_file_that_two_suppliers_patterns_find_goes_to_neither() {
    let west = csv(CUSTOMER, &[customer("REF-8", &PRUNELLA)]);
    type Place = fn(&Folder);
    let cases: [(&str, &str, Place, &str); 5] = [
        ("suppliers/north*.csv", "suppliers/north-west*.csv", |_| {}, "find this file too"),
        ("suppliers/north.csv", "in/west.csv", |folder| put(folder, symlink), "find this file too"),
        ("suppliers/north.csv", "in/west.csv", |folder| put(folder, fs::hard_link), "find this file too"),
        (
            "suppliers/north.csv",
            "in/*/../../suppliers/*rth.csv",
            |folder| folder.write("in/x/y", ""),
            "find this file too",
        ),
        (
            "suppliers/north.csv",
            "in/west.csv",
            |folder| put(folder, |from, to| fs::copy(from, to).map(drop)),
            "same bytes",
        ),
    ];
    for (north, west_pattern, place, reason) in cases {
        let folder = three(north, west_pattern);
        folder.write("suppliers/north-west.csv", &west);
        place(&folder);
        let both = [("north", reason), ("west", reason)];
        holds_back(&folder.run(&[]), 4, &both);
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y", "nobody else is stopped");
        for supplier in ["north", "west"] {
            assert!(!folder.exists(&format!("out/latest/suppliers/{supplier}")), "{west_pattern}");
        }
        holds_back(&folder.flagmatch(&["check", "job.toml"]), 4, &both);
        // The run also finds it in the files of suppliers that it was not asked for.
        holds_back(&folder.run(&["--supplier", "north", "--supplier", "south"]), 4, &both[..1]);
        assert!(folder.run(&["--supplier", "north"]).stderr.contains(reason));
    }
}

fn put(folder: &Folder, place: impl Fn(std::path::PathBuf, std::path::PathBuf) -> std::io::Result<()>) {
    fs::create_dir(folder.path("in")).unwrap();
    place(folder.path("suppliers/north.csv"), folder.path("in/west.csv")).unwrap();
}

#[test]
fn what_two_files_may_well_have_in_common_stops_nobody() {
    let folder = three("suppliers/north*.csv", "in/west*.csv");
    folder.write("in/west.csv", csv(CUSTOMER, &[customer("REF-8", &PRUNELLA)]));
    // Files without a row are equal, but harmless.
    for name in ["suppliers/north-2.csv", "in/west-2.csv"] {
        folder.write(name, csv(CUSTOMER, &[]));
    }
    // A supplier's own file is read once, however many links lead to it.
    fs::hard_link(folder.path("suppliers/north.csv"), folder.path("suppliers/north-3.csv")).unwrap();
    symlink("north.csv", folder.path("suppliers/north-4.csv")).unwrap();
    folder.run_well();
    assert_eq!(folder.flags("north", "whd").len(), 2);
    assert_eq!(folder.flag("west", "whd", "REF-8"), "N");
}

#[test]
fn a_file_that_is_a_shared_input_too_is_no_suppliers() {
    for input in ["benefits", "objections", "decisions", "exceptions"] {
        let folder = Folder::sound();
        folder.job(&JOB.replace("suppliers/north*.csv", "*/north*.csv"));
        let text = match input {
            "benefits" => csv(BENEFIT, &[award("CLM-3", &PRUNELLA)]),
            "objections" => csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-1")])]),
            "decisions" => csv(DECISION, &[]),
            _ => "customer_ref,reason\nREF-1,closed\n".to_owned(),
        };
        folder.write(&format!("{input}/north.csv"), text);
        match input {
            "benefits" => {
                folder.job(&folder.read("job.toml").replace("benefits*.csv", "benefits/*.csv\", \"benefits.csv"))
            }
            _ => folder.add_to_job(&format!("[{input}]\nfiles = [\"{input}/*.csv\"]")),
        }
        let reason = format!("the patterns of {input} find this file too");
        holds_back(&folder.run(&[]), 4, &[("north", &reason)]);
    }
}

// Patterns and names.

#[test]
fn a_file_name_that_is_not_utf8_is_an_error_for_whoever_it_belongs_to() {
    let odd =
        |folder: &Folder, name: &[u8]| fs::write(folder.path("suppliers").join(OsStr::from_bytes(name)), "").unwrap();
    let folder = Folder::sound();
    odd(&folder, b"north\xFF\n.csv");
    let said = folder.run(&[]);
    holds_back(&said, 4, &[("north", "not UTF-8")]);
    assert!(said.stderr.contains("north\\xFF\\n.csv"), "{}", said.stderr);
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");

    // A file that no pattern matches stops nobody.
    let folder = Folder::sound();
    odd(&folder, b"other\xFF.csv");
    folder.run_well();

    // An exceptions file belongs to its supplier; a shared file belongs to all.
    let folder = Folder::sound();
    folder.add_to_job("[exceptions]\nfiles = [\"suppliers/*.txt\"]");
    odd(&folder, b"north-\xFF.txt");
    holds_back(&folder.run(&[]), 4, &[("north", "not UTF-8")]);
    let folder = Folder::sound();
    fs::write(folder.path("").join(OsStr::from_bytes(b"benefits\xFF.csv")), "").unwrap();
    folder.run(&[]).is_fault(3, &["benefits: ", "benefits\\xFF.csv", "not UTF-8"]);
}

#[test]
fn one_pattern_of_several_without_a_file_is_a_fault_too() {
    let folder = Folder::sound();
    folder.job(&JOB.replace("suppliers/north*.csv", "suppliers/north.csv\", \"suppliers/gone*.csv"));
    holds_back(&folder.run(&[]), 4, &[("north", "no file matches \"suppliers/gone*.csv\"")]);
    for input in ["properties", "objections", "decisions"] {
        let folder = Folder::sound();
        folder.write(&format!("{input}.csv"), "person_ref\n");
        folder.add_to_job(&format!("[{input}]\nfiles = [\"{input}.csv\", \"gone*.csv\"]"));
        folder.run(&[]).is_fault(3, &[input, "no file matches \"gone*.csv\""]);
    }
}

// Objections and decisions that have no effect.

/// A job with files of objections and decisions that have these rows.
fn with_words(objections: &[Row], decisions: &[Row]) -> Folder {
    let folder = Folder::sound();
    folder.write("objections.csv", csv(OBJECTION, objections));
    folder.write("decisions.csv", csv(DECISION, decisions));
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    folder
}

fn decision(supplier: &str, customer_ref: &str) -> Row {
    Row::new(&[("supplier", supplier), ("customer_ref", customer_ref), ("scheme", "whd"), ("flag", "Y")])
}

/// Otherwise every value below a misspelt heading would be ignored.
#[test]
fn a_heading_of_objections_or_decisions_that_nothing_reads_stops_the_run() {
    let objections = |heading: &str| format!("{heading},claim_ref\nPSN-CLM-1-Elspeth,CLM-9\n");
    let decisions =
        |heading: &str| format!("supplier,customer_ref,scheme,flag,{heading}\nnorth,REF-1,whd,N,2026-09-01\n");
    for (file, text, parts) in [
        (
            "objections.csv",
            objections("person"),
            &["objections.csv: the heading of column 1", "may mean person_ref"][..],
        ),
        ("decisions.csv", decisions("decided"), &["decisions.csv: the heading of column 5", "may mean decided_on"]),
    ] {
        let folder = with_words(&[], &[]);
        folder.write(file, text);
        folder.run(&[]).is_fault(3, parts);
        folder.flagmatch(&["check", "job.toml"]).is_fault(3, parts);
    }
    for (file, text) in [
        ("objections.csv", objections("person_ref")),
        ("objections.csv", objections("remark")),
        ("decisions.csv", decisions("decided_on")),
        ("decisions.csv", decisions("reasons")),
    ] {
        let folder = with_words(&[], &[]);
        folder.write(file, text);
        folder.run_well();
    }
}

#[test]
fn an_objection_or_decision_that_nothing_has_is_counted_and_listed() {
    let account = |supplier: &str, reference: &str| Row::new(&[("supplier", supplier), ("customer_ref", reference)]);
    let objections = [
        Row::new(&[("person_ref", "PSN-CLM-1-Elspeth"), ("claim_ref", "CLM-2")]),
        Row::new(&[("person_ref", "psn-clm-1-elspeth ")]),
        Row::new(&[("person_ref", "PSN-99"), ("claim_ref", "clm-1")]),
        account("north", "REF-2"),
        account("north", "ref-2"),
        account("north", " REF-3"),
        account("south", "REF-3 "),
    ];
    let decisions = [decision("north", "REF-77"), decision("south", "REF-3").with("claim_ref", "CLM-9")];
    let folder = with_words(&objections, &decisions);
    let said = folder.run(&[]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    has_nothing_planted(&said.stdout);
    let near = "no such reference in this run's files; one differs only in capitals or spaces";
    let none = "no such reference in this run's files";
    let expected = [
        ("objections.csv", 3, "person_ref", near),
        ("objections.csv", 4, "person_ref", none),
        ("objections.csv", 4, "claim_ref", near),
        ("objections.csv", 6, "customer_ref", near),
        ("objections.csv", 7, "customer_ref", none),
        ("objections.csv", 8, "customer_ref", near),
        ("decisions.csv", 2, "customer_ref", none),
        ("decisions.csv", 3, "claim_ref", none),
    ];
    let rows = folder.table("out/latest/administrator/rejects.csv");
    let listed: Vec<_> =
        rows.iter().map(|row| [&row["file"], &row["line"], &row["kind"], &row["column"], &row["reason"]]).collect();
    assert_eq!(listed.len(), expected.len(), "{listed:?}");
    for (file, line, column, reason) in expected {
        let row = [file, &line.to_string(), "note", column, reason];
        assert!(listed.iter().any(|listed| listed.map(String::as_str) == row), "{row:?} is not in {listed:?}");
        let told = format!("  \"{file}\", line {line}: {column} is not known");
        let told = lines(&said.stdout, &[&told]);
        assert_eq!(told.len(), 1, "{}", said.stdout);
        assert_eq!(told[0].contains("probably meant"), reason == near, "{told:?}");
    }
    assert!(
        said.stdout.contains("8 references in objections and decisions are not in this run's files"),
        "{}",
        said.stdout
    );
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let unknown = record["summary"]["unknown_references"].as_array().unwrap();
    assert_eq!(unknown.len(), 8);
    assert!(unknown.iter().any(|own| own["line"] == 8 && own["is_near"] == true && own["column"] == "customer_ref"));
    assert_eq!(record["summary"]["shared_noted"], 7, "rows, one of which has two");

    // The accounts of a supplier that is not read are unknown, so references to them are not counted.
    let said = folder.run(&["--supplier", "south"]);
    assert!(said.stdout.contains("5 references in objections"), "{}", said.stdout);
    folder.customers("north", &[]);
    let said = folder.run(&[]);
    assert!(said.stdout.contains("5 references in objections"), "{}", said.stdout);
}

#[test]
fn lines_are_those_of_the_file_in_whatever_pieces_it_is_read() {
    let nobody = Row::new(&[("person_ref", "PSN-CLM-1-Elspeth")]);
    let mut rows = vec![nobody; 60_000];
    rows.push(Row::new(&[("person_ref", "PSN-99")]));
    let folder = with_words(&rows, &[]);
    let said = folder.run(&[]);
    assert!(
        said.stdout.contains("1 reference in objections and decisions is not in this run's files"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("\"objections.csv\", line 60002: person_ref is not known"), "{}", said.stdout);
}

#[test]
fn words_on_a_supplier_that_the_job_does_not_name_stop_the_run() {
    let account = |supplier: &str| Row::new(&[("supplier", supplier), ("customer_ref", "REF-1")]);
    for supplier in ["North", "nroth"] {
        let folder = with_words(&[account("north"), account(supplier)], &[]);
        folder.run(&[]).is_fault(3, &["objections.csv", "line 3", "unknown supplier"]);
        folder.flagmatch(&["check", "job.toml"]).is_fault(3, &["objections.csv", "line 3"]);
        let folder = with_words(&[], &[decision("north", "REF-1"), decision(supplier, "REF-1")]);
        folder.add_to_job("[intake]\nreject_limit = 1.0");
        folder.run(&[]).is_fault(3, &["decisions.csv", "line 3", "no supplier of this id", "former = true"]);
        folder.flagmatch(&["check", "job.toml"]).is_fault(3, &["decisions.csv", "line 3"]);
        assert!(!folder.exists("out/latest"));
    }
}

#[test]
fn a_former_supplier_may_be_named_gets_nothing_and_is_not_read() {
    let account = Row::new(&[("supplier", "west"), ("customer_ref", "REF-1")]);
    let folder = with_words(&[account], &[decision("west", "REF-9")]);
    // The former supplier's pattern matches another supplier's file.
    let former = "[[supplier]]\nid = \"west\"\nfiles = [\"suppliers/north.csv\"]\nformer = true\nsuccessor = \"north\"";
    folder.add_to_job(former);
    let said = folder.run(&[]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(!said.stdout.contains("no effect"), "nobody knows its accounts: {}", said.stdout);
    assert!(!folder.exists("out/latest/suppliers/west"));
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
    folder.run(&["--supplier", "west"]).is_fault(2, &["no supplier \"west\"", "north, south"]);
}

// Runs whose figures cannot be right.

const NATION: &str = "nation/job.toml";

fn nation() -> Folder {
    Folder::nation("2400", "1200", "2")
}

fn supplier_file(folder: &Folder, number: usize) -> String {
    let mut names: Vec<_> = folder.tree("nation/suppliers").into_iter().filter(|path| path.is_file()).collect();
    names.sort();
    format!("nation/suppliers/{}", names[number].file_name().unwrap().to_str().unwrap())
}

/// Changes a column of a CSV file without quotes.
fn change(folder: &Folder, file: &str, column: &str, change: impl Fn(usize, &str) -> String) {
    let mut reader = csv::Reader::from_path(folder.path(file)).unwrap();
    let headings = reader.headers().unwrap().clone();
    let place = headings.iter().position(|heading| heading == column).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for (number, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let changed = change(number, &row[place]);
        writer
            .write_record(row.iter().enumerate().map(|(at, field)| if at == place { &changed } else { field }))
            .unwrap();
    }
    folder.write(file, writer.into_inner().unwrap());
}

fn run_nation(folder: &Folder) -> Said {
    folder.flagmatch(&["run", NATION])
}

fn set(folder: &Folder, settings: &str) {
    let job = folder.read(NATION);
    let job = job.split("\n[gates]").next().unwrap();
    folder.write(NATION, format!("{job}\n[gates]\n{settings}\n"));
}

#[test]
fn a_first_night_that_cannot_be_right_is_held_and_let_out_by_hand() {
    let excel = |number: usize, _: &str| format!("1.2345{}E+11", number % 7);
    let gone = |_: usize, _: &str| String::new();
    type Change = fn(usize, &str) -> String;
    let cases: [(&str, Change, &[&str], &str); 4] = [
        ("customer_ref", excel, &["references: only 7 different customer_ref"], "references_least = 0"),
        (
            "date_of_birth",
            gone,
            &["usable-birth-dates: 0 of ", "expected at least 1.00 %"],
            "birth_dates_least = 0\nflagged_least = 0",
        ),
        ("postcode", gone, &["usable-postcodes: 0 of "], "postcodes_least = 0"),
        ("surname", gone, &["usable-names: ", "usable forename and surname"], "names_least = 0\nflagged_least = 0"),
    ];
    for (column, damage, parts, off) in cases {
        let folder = nation();
        let file = supplier_file(&folder, 0);
        change(&folder, &file, column, damage);
        let said = run_nation(&folder);
        assert_eq!(said.code, 4, "{column}: {}{}", said.stdout, said.stderr);
        assert!(said.stdout.starts_with("HELD BACK  "), "{}", said.stdout);
        for part in parts {
            assert!(said.stdout.contains(part), "{column}: {part:?} is not in {}", said.stdout);
        }
        let record = folder.read("nation/out/latest/administrator/run.json");
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let held = record["summary"]["held_back"][0]["id"].as_str().unwrap();
        let release = ["release", "nation/out/latest", "--supplier", held, "--reason", "so it is"];
        let released = folder.flagmatch(&release);
        assert_eq!(released.code, 0, "{}", released.stderr);
        assert!(folder.exists(&format!("nation/out/current/{held}/SHA256SUMS")));
        set(&folder, off);
        let said = run_nation(&folder);
        assert_eq!(said.code, 0, "{column}: {}{}", said.stdout, said.stderr);
    }
}

#[test]
fn nearly_everybody_or_nobody_found_due_is_held() {
    let folder = nation();
    // The names and addresses are replaced by those of other people.
    for column in ["forename", "surname", "joint_forename", "joint_surname", "address_line_1"] {
        change(&folder, &supplier_file(&folder, 0), column, |number, _| format!("Quux{}", "x".repeat(number % 9)));
    }
    for column in ["date_of_birth", "joint_date_of_birth"] {
        change(&folder, &supplier_file(&folder, 0), column, |_, _| "1901-02-03".to_owned());
    }
    let said = run_nation(&folder);
    assert_eq!(said.code, 4, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("flagged-share in "), "{}", said.stdout);
    assert!(said.stdout.contains("are found eligible; expected 0.50 % to 80.00 %"), "{}", said.stdout);
    set(&folder, "flagged_least = 0");
    assert_eq!(run_nation(&folder).code, 0);

    let folder = nation();
    set(&folder, "flagged_most = 0.001\nabsolute_accounts = 500");
    let said = run_nation(&folder);
    assert_eq!(said.code, 3, "both, and so nothing goes out: {}", said.stdout);
    assert!(said.stdout.contains("expected 0.50 % to 0.10 %"), "{}", said.stdout);
    set(&folder, "flagged_most = 0.001\nabsolute_accounts = 100000");
    assert_eq!(run_nation(&folder).code, 0);
}

#[test]
fn benefits_that_cannot_be_right_stop_the_run() {
    let gone = |_: usize, _: &str| String::new();
    for (column, parts, off) in [
        ("date_of_birth", &["0 of ", "usable date of birth", "birth_dates_least"][..], "birth_dates_least = 0"),
        ("postcode", &["usable postcode", "postcodes_least"], "postcodes_least = 0"),
        ("surname", &["usable forename and surname", "names_least"], "names_least = 0"),
    ] {
        let folder = nation();
        change(&folder, "nation/benefits.csv", column, gone);
        run_nation(&folder).is_fault(3, parts);
        folder.flagmatch(&["check", NATION]).is_fault(3, parts);
        set(&folder, &format!("{off}\nflagged_least = 0"));
        assert_eq!(run_nation(&folder).code, 0, "{column}");
    }
}

#[test]
fn a_benefit_of_a_group_that_no_row_has_stops_the_run_and_check_lists_those_there_are() {
    let folder = nation();
    let job = folder.read(NATION);
    let code = job.split("benefits = [\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    folder.write(NATION, job.replacen(&format!("\"{code}\""), "\"ZZ9\"", 1));
    let parts = &["benefits: ", "\"ZZ9\"", "benefits_found = false", "flagmatch check"];
    run_nation(&folder).is_fault(3, parts);
    folder.flagmatch(&["check", NATION]).is_fault(3, parts);
    set(&folder, "benefits_found = false\nflagged_least = 0");
    assert_eq!(run_nation(&folder).code, 0);
    let check = folder.flagmatch(&["check", NATION]);
    let listed = |text: &str, code: &str| lines(text, &[&format!("{code:?}")]).len();
    assert_eq!((listed(&check.stdout, "ZZ9"), listed(&check.stdout, &code)), (1, 1), "{}", check.stdout);

    // A code that may be a person's value is not listed.
    change(&folder, "nation/benefits.csv", "benefit", |number, code| {
        if number == 0 { "Quillfeather".to_owned() } else { code.to_owned() }
    });
    let check = folder.flagmatch(&["check", NATION]);
    assert!(check.stdout.contains("rows with other codes, not listed"), "{}", check.stdout);
    assert!(!check.stdout.to_lowercase().contains("quillfeather"), "{}", check.stdout);
    let check = folder.flagmatch(&["check", NATION, "--json"]);
    assert!(!check.stdout.to_lowercase().contains("quillfeather"), "{}", check.stdout);
}

/// If every row belongs to some group, a listed code that no row has is not taken for a misspelling.
#[test]
fn a_benefit_that_nobody_is_on_any_more_stops_nothing() {
    let folder = nation();
    change(&folder, "nation/benefits.csv", "benefit", |number, _| ["PCGC", "UC"][number % 2].to_owned());
    assert_eq!(run_nation(&folder).code, 0);
    // A group none of whose codes is on any row stops the run.
    change(&folder, "nation/benefits.csv", "benefit", |_, _| "UC".to_owned());
    let said = run_nation(&folder);
    assert!(said.code == 3 && said.stderr.contains("of group core-1"), "{}", said.stderr);
}

/// A postcode of another country counts as a postcode.
#[test]
fn postcodes_of_another_form_are_usable() {
    let folder = nation();
    let other = |_: usize, code: &str| if code.is_empty() { String::new() } else { format!("1{}", code.len()) };
    change(&folder, "nation/benefits.csv", "postcode", other);
    change(&folder, &supplier_file(&folder, 0), "postcode", other);
    let said = run_nation(&folder);
    assert!(said.code == 0 || !said.stdout.contains("usable-postcodes"), "{}{}", said.stdout, said.stderr);
    assert_ne!(said.code, 3, "{}", said.stderr);
}

#[test]
fn a_small_job_is_looked_at_by_no_absolute_gate() {
    let folder = Folder::sound();
    folder.job(&JOB.replace("benefits = [\"PCGC\"]", "benefits = [\"PCGC\", \"UC\"]"));
    folder.run_well();
}

// Threads and memory.

#[test]
fn more_threads_than_make_sense_are_refused() {
    let folder = Folder::sound();
    for (threads, code) in [("512", 0), ("1", 0), ("513", 2), ("5000", 2), ("0", 2), ("-1", 2), ("two", 2)] {
        let said = folder.run(&["--threads", threads]);
        assert_eq!(said.code, code, "{threads}: {}", said.stderr);
        assert!(code == 0 || said.stderr.contains("1 to 512") || threads == "-1", "{threads}: {}", said.stderr);
    }
    assert!(folder.flagmatch(&["run", "--help"]).stdout.contains("1 to 512"));
}

/// Under any limit, the run succeeds or says that memory was not enough.
#[test]
fn too_little_memory_is_said_and_the_next_run_starts_clean() {
    let folder = Folder::nation("20000", "8000", "1");
    let run = |limit: usize, log: &str| {
        let program = env!("CARGO_BIN_EXE_flagmatch");
        let script = format!("ulimit -v {limit} && exec {program} run nation/job.toml --threads 2 --log-format {log}");
        Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).output().unwrap()
    };
    let mut ended = Vec::new();
    for limit in (20..400).step_by(15).map(|mebibytes| mebibytes * 1024) {
        let output = run(limit, "text");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Below that the system cannot load the program: it kills it or prints an error before the program begins.
        let is_killed = matches!(output.status.signal(), Some(9 | 11)) && said.is_empty() && ended.is_empty();
        if is_killed || output.status.code() == Some(127) || said.contains("error while loading") {
            continue;
        }
        let code = output.status.code();
        if code != Some(0) {
            assert_eq!(code, Some(1), "{limit}: {said}");
            let last = said.lines().last().unwrap_or_default();
            assert!(last.contains("memory"), "{limit}: {said}");
            assert!(!said.contains("internal error"), "{limit}: {said}");
        }
        ended.push(code == Some(0));
        if code == Some(0) {
            break;
        }
    }
    assert!(ended.len() > 2 && ended.pop() == Some(true), "{ended:?}: too little at first, enough at last");
    let left = folder.tree("nation/out").into_iter().filter(|path| path.to_string_lossy().contains(".staging"));
    assert_eq!(left.count(), 0);

    let said = String::from_utf8(run(60 * 1024, "json").stderr).unwrap();
    let last: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert!(last["level"] == "error" && last["message"].as_str().unwrap().contains("memory"), "{said}");
}

// References that a spreadsheet would take for formulas.

#[test]
fn a_reference_that_looks_like_a_formula_is_marked_where_people_open_it_and_nowhere_else() {
    let folder = Folder::sound();
    let wanting = |claim: &str| award(claim, &ELSPETH).with("income", "");
    folder.job(&JOB.replace("benefits = [\"PCGC\"]", "benefits = [\"PCGC\"]\nmax_income = 17000"));
    folder.benefits(&[wanting("@SUM(1)"), award("CLM-2", &OSWALD)]);
    folder.customers("north", &[customer("=1+1", &ELSPETH), customer("-2", &HAMISH)]);
    folder.run_well();
    // Files for programs keep the reference as it is.
    assert_eq!(folder.flag("north", "whd", "=1+1"), "N");
    assert_eq!(folder.reason("north", "whd", "=1+1"), "not-decidable");
    // Files for people mark it.
    let review = folder.administrator("review", &[("customer_ref", "'=1+1")]);
    assert_eq!((review.len(), review[0]["claim_ref"].as_str()), (1, "'@SUM(1)"), "{NOTHING}");
    let sample = folder.flagmatch(&["sample", "out/latest", "--n", "10", "--seed", "1"]);
    assert!(sample.stdout.contains("\nnorth,'=1+1,"), "{}", sample.stdout);
    folder.write("sample.csv", &sample.stdout);
    assert_eq!(folder.flagmatch(&["evaluate", "--clerical", "sample.csv"]).code, 0);

    // A reference copied from there means the same account, and so does the unmarked one.
    for reference in ["'=1+1", "=1+1"] {
        let row = decision("north", reference).with("claim_ref", "'@SUM(1)");
        folder.write("decisions.csv", csv(DECISION, &[row]));
        folder.job(&folder.read("job.toml").replace("\n[decisions]\nfiles = [\"decisions.csv\"]\n", ""));
        folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]");
        folder.run_well();
        assert_eq!(folder.flag("north", "whd", "=1+1"), "Y", "{reference}");
        assert_eq!(folder.administrator("decisions", &[("customer_ref", "=1+1")])[0]["claim_ref"], "@SUM(1)");
        assert_eq!(folder.table("out/latest/administrator/rejects.csv"), []);
    }
    let runs = folder.runs();
    let (first, last) = (format!("out/{}", runs[0]), format!("out/{}", runs[runs.len() - 1]));
    let compared = folder.flagmatch(&["compare", &first, &last, "--list", "changed.csv"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    assert!(folder.read("changed.csv").contains("\nnorth,'=1+1,"), "{}", folder.read("changed.csv"));

    // A release by hand does not add a second mark.
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder.customers("north", &[customer("=1+1", &ELSPETH)]);
    assert_eq!(folder.run(&[]).code, 4);
    let release = ["release", "out/latest", "--supplier", "north", "--reason", "they telephoned"];
    assert_eq!(folder.flagmatch(&release).code, 0);
    assert_eq!(folder.administrator("review", &[("customer_ref", "'=1+1")]).len(), 1);
}

//! Checks files as people send them by mistake: the result, and the messages.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{BENEFIT, CUSTOMER, ELSPETH, Folder, HAMISH, OSWALD, PLANTED, PRUNELLA, Row, award, csv, customer};

/// The rows of a supplier's rejects list, without the header.
fn rejects(folder: &Folder, supplier: &str) -> Vec<String> {
    let text = folder.read(&format!("out/current/{supplier}/rejects.csv"));
    text.lines().skip(1).map(str::to_owned).collect()
}

/// Two rows of one account keep the same reference when one of them has a stray byte.
#[test]
fn a_stray_byte_does_not_split_an_account() {
    for (stray, note) in [(&b"\xE9"[..], true), (b"e", false)] {
        let folder = Folder::sound();
        let text = csv(
            CUSTOMER,
            &[
                customer("\u{e9}1", &ELSPETH),
                customer("\u{e9}1", &HAMISH).with("town", "STRAY"),
                customer("REF-2", &PRUNELLA),
            ],
        );
        let (before, after) = text.split_once("STRAY").unwrap();
        folder.write("suppliers/north.csv", [before.as_bytes(), stray, after.as_bytes()].concat());
        folder.run_well();
        let flags = [("\u{e9}1".to_owned(), "Y".to_owned()), ("REF-2".to_owned(), "N".to_owned())];
        assert_eq!(folder.flags("north", "whd"), flags);
        let listed = ["north.csv,3,note,town,bytes that are no text in this file's encoding,town"];
        assert_eq!(rejects(&folder, "north"), if note { &listed[..] } else { &[] });
    }
}

#[test]
fn a_reference_of_another_encoding_rejects_its_row() {
    let folder = Folder::sound();
    let rows: Vec<_> = (0..50).map(|number| customer(&format!("\u{e9}{number}"), &HAMISH)).collect();
    let text = csv(CUSTOMER, &rows);
    folder.write(
        "suppliers/north.csv",
        [text.as_bytes(), b"\xE9", &text.as_bytes()[text.find(",,Hamish").unwrap()..]].concat(),
    );
    folder.run(&[]);
    assert_eq!(rejects(&folder, "north")[0], "north.csv,52,reject,,no readable reference,");
    // An objection whose reference cannot be read stops the run.
    let folder = Folder::sound();
    folder.write("objections.csv", b"person_ref,claim_ref\n\xC3\xA9,\nP\xE9,C-1\n");
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
    folder.run(&[]).is_fault(3, &["objections.csv: line 3: no readable reference"]);
}

#[test]
fn semicolons_and_tabs_change_no_flag() {
    for separator in [b';', b'\t'] {
        let folder = Folder::sound();
        folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF,2", &OSWALD)]);
        folder.run_well();
        let flags = folder.read("out/current/north/whd.flags.csv");
        for file in ["suppliers/north.csv", "benefits.csv"] {
            let text = folder.read(file);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            writer.write_record(reader.headers().unwrap()).unwrap();
            reader.records().for_each(|record| writer.write_record(&record.unwrap()).unwrap());
            folder.write(file, [&b"sep="[..], &[separator], b"\r\n", &writer.into_inner().unwrap()].concat());
        }
        folder.run_well();
        assert_eq!(folder.read("out/current/north/whd.flags.csv"), flags);
        assert_eq!(rejects(&folder, "north"), [""; 0]);
    }
}

#[test]
fn what_was_sent_instead_of_a_csv_is_named() {
    let text = csv(CUSTOMER, &[customer("REF-1", &ELSPETH)]);
    let cases: [(Vec<u8>, &str); 6] = [
        (b"PK\x03\x04\x14\0\x08\x08".to_vec(), "this is an Excel workbook (.xlsx) or another zip archive, not CSV"),
        (b"\x1F\x8B\x08\0".to_vec(), "this is gzip-compressed data, not CSV; let its name end in .gz"),
        (b"%PDF-1.4".to_vec(), "this is a PDF document, not CSV"),
        (b"<html><body>".to_vec(), "this is a web page or XML, not CSV"),
        (text.replace(',', "|").into_bytes(), "columns are separated by '|'"),
        (text.replace(',', "!").into_bytes(), "no heading of this table is here"),
    ];
    for (bytes, said) in cases {
        let folder = Folder::sound();
        folder.write("suppliers/north.csv", bytes);
        folder.run(&[]).is_fault(4, &["north", "suppliers/north.csv: ", said]);
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    }
    // A folder in place of a file.
    let folder = Folder::sound();
    fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
    fs::create_dir(folder.path("suppliers/north.csv")).unwrap();
    folder.run(&[]).is_fault(4, &["no file matches \"suppliers/north*.csv\"", "a folder does: name its files"]);
}

/// The header row is lost, and a cell of the first row equals a heading.
#[test]
fn nothing_of_a_lost_header_row_is_told_anywhere() {
    for (row, is_shared) in [
        (customer("REF-1", &ELSPETH).with("address_line_2", "Town"), false),
        (customer("REF-1", &ELSPETH).with("title", "Title").with("town", "Postcode"), false),
        (award("CLM-1", &ELSPETH).with("address_line_2", "Town").with("role", "income"), true),
    ] {
        let folder = Folder::sound();
        let columns = if is_shared { BENEFIT } else { CUSTOMER };
        let more = if is_shared { award("CLM-2", &HAMISH) } else { customer("REF-2", &HAMISH) };
        let text = csv(columns, &[row, more]);
        let headless = text.split_once('\n').unwrap().1;
        folder.write(if is_shared { "benefits.csv" } else { "suppliers/north.csv" }, headless);
        let said = folder.run(&[]);
        said.is_fault(if is_shared { 3 } else { 4 }, &["line 1", "headings that are not looked for"]);
        let check = folder.flagmatch(&["check", "job.toml"]);
        let mut told = vec![said.stderr, said.stdout, check.stderr, check.stdout];
        if !is_shared {
            told.push(folder.read("out/latest/administrator/run.json"));
            told.push(String::from_utf8_lossy(&fs::read(folder.path("out/ledger.sqlite")).unwrap()).into_owned());
        }
        for text in told {
            // The qualifying benefit is a setting of the job.
            let text = text.replace("PCGC", "");
            for planted in PLANTED.iter().filter(|planted| **planted != "PCGC") {
                assert!(!text.contains(planted), "{planted} in {text}");
            }
        }
    }
}

#[test]
fn a_file_name_cannot_forge_a_line() {
    let name = "north\nflagmatch: all is well\u{1b}[2J\u{202e}.csv";
    let shown = "north\\nflagmatch: all is well\\u{1b}[2J\\u{202e}.csv";
    let folder = Folder::sound();
    fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
    let rows = [customer("REF-1", &ELSPETH).with("uprn", "x"), customer("REF-2", &HAMISH)];
    folder.write(&format!("suppliers/{name}"), csv(CUSTOMER, &rows));
    let clean = |text: &str| {
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(!text.contains("\nflagmatch: all is well"), "{text}");
    };
    let logged = folder.flagmatch(&["run", "job.toml", "--log-format", "text"]);
    assert_eq!(logged.code, 0, "{}", logged.stderr);
    clean(&folder.read("out/current/north/rejects.csv"));
    clean(&folder.flagmatch(&["check", "job.toml"]).stdout);
    folder.write(&format!("suppliers/{name}"), "nothing\n");
    clean(&folder.flagmatch(&["run", "job.toml"]).stderr);
    // A job file of this name.
    folder.write(name, "[[scheme]\n");
    clean(&folder.flagmatch(&["run", name]).stderr);
}

#[test]
fn birth_dates_are_read_where_one_day_is_meant_and_others_are_called_unsupported() {
    // Born on 14 March 1951.
    for (text, flag, reason) in [
        ("14-Mar-51", "Y", None),
        ("14 March 1951", "Y", None),
        ("1951/03/14", "Y", None),
        ("14-3-1951", "Y", None),
        ("14/03/1951 00:00", "Y", None),
        ("1951-03-14T00:00:00", "Y", None),
        ("14/03/51", "Y", None),
        ("14/03/05", "", Some("unsupported form of date")),
        ("18701", "", Some("unsupported form of date")),
        ("31/02/1973", "", Some("impossible date")),
    ] {
        let folder = Folder::sound();
        folder
            .customers("north", &[customer("REF-1", &ELSPETH).with("date_of_birth", text), customer("REF-2", &HAMISH)]);
        folder.run_well();
        let listed: Vec<String> =
            reason.iter().map(|reason| format!("north.csv,2,note,date_of_birth,{reason},date_of_birth")).collect();
        assert_eq!(rejects(&folder, "north"), listed, "{text}");
        assert!(flag.is_empty() || folder.flag("north", "whd", "REF-1") == flag, "{text}");
        let decided = folder.administrator("decisions", &[("customer_ref", "REF-1")]);
        assert_eq!(decided[0]["levels"].contains("birth-date:exact"), reason.is_none(), "{text}: {decided:?}");
    }
}

/// A placeholder reference names more holders than an account can have: each of its rows gets a note and nobody on it
/// is matched, in any order of the rows.
#[test]
fn a_reference_with_more_holders_than_an_account_can_have_is_noted_and_stays_no() {
    let crowd = |count: usize, turn: usize| {
        let mut rows: Vec<Row> = (0..count)
            .map(|number| customer("REF-0", &HAMISH).with("forename", &format!("F{}", "x".repeat(number + 1))))
            .collect();
        rows.push(customer("REF-0", &ELSPETH));
        rows.push(customer("REF-0", &ELSPETH));
        rows.rotate_left(turn);
        rows.insert(0, customer("REF-2", &OSWALD).with("date_of_birth", "1948"));
        rows
    };
    // Fifty different rows may belong to one account, and an exact repeat does not count.
    let folder = Folder::sound();
    folder.customers("north", &crowd(49, 0));
    folder.run_well();
    assert_eq!(folder.flag("north", "whd", "REF-0"), "Y");
    assert_eq!(rejects(&folder, "north").len(), 1);

    for turn in [0, 1, 50] {
        let folder = Folder::sound();
        folder.customers("north", &crowd(50, turn));
        folder.run_well();
        assert_eq!(folder.flag("north", "whd", "REF-0"), "N", "{turn}");
        let noted = (3..55).map(|line| {
            format!("north.csv,{line},note,customer_ref,more holders than an account can have,customer_ref")
        });
        let unsupported = "north.csv,2,note,date_of_birth,unsupported form of date,date_of_birth".to_owned();
        let all: Vec<String> = std::iter::once(unsupported).chain(noted).collect();
        assert_eq!(rejects(&folder, "north"), all, "{turn}");
    }
}

#[test]
fn check_lists_headings_that_nothing_reads_with_the_nearest_column() {
    let folder = Folder::sound();
    let north = folder.read("suppliers/north.csv").replacen("date_of_birth", "DOB", 1).replacen("title", "Tariff", 1);
    folder.write("suppliers/north.csv", north.replacen("middle_names", "1951-03-14", 1));
    let said = folder.flagmatch(&["check", "job.toml"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let listed: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("  not read")).collect();
    assert_eq!(
        listed,
        [
            "  not read: column 2 \"Tariff\"",
            "  not read: column 4 (the heading is not shown: it may be a value)",
            "  not read: column 6 \"DOB\"; if it is date_of_birth, map it under columns in the job file",
        ]
    );
    // If the rows do not fit the header, no heading is shown.
    folder.write("suppliers/north.csv", north.replacen("DOB", "DOB,Baroness", 1));
    let doubtful = folder.flagmatch(&["check", "job.toml"]).stdout;
    assert!(doubtful.contains("not read: column 7 (the heading is not shown") && !doubtful.contains("Baroness"));
    folder.write("suppliers/north.csv", north.replacen("middle_names", "1951-03-14", 1));
    let profile: serde_json::Value =
        serde_json::from_str(&folder.flagmatch(&["check", "job.toml", "--json"]).stdout).unwrap();
    let files = profile["files"].as_array().unwrap();
    let north = files.iter().find(|file| file["file"] == "north.csv").unwrap();
    assert_eq!(
        north["unused_headings"],
        serde_json::json!([
            { "position": 2, "heading": "Tariff", "nearest": null },
            { "position": 4, "heading": null, "nearest": null },
            { "position": 6, "heading": "DOB", "nearest": "date_of_birth" },
        ])
    );
}

/// Only one function puts file names into messages, and it escapes them.
#[test]
fn no_source_shows_a_path_as_it_is() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let is_test = path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests");
            assert!(is_test || !code.contains(".display()"), "{}: use text::shown", path.display());
            seen += 1;
        }
    }
    assert!(seen > 200);
}

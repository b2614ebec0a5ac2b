//! Checks that the programs which suppliers and offices have read our files: the ordinary validator takes inputs by
//! their schemas, and each program that `README.txt` names gives back every reference of a delivery. Tests whose program
//! is not installed are ignored.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::collections::BTreeSet;
use std::path::Path;

use common::{ELSPETH, Folder, HAMISH, customer};
use flagmatch::job::Job;
use needs::tests;
use serde_json::Value;

tests! {
    the_schemas_of_inputs_take_the_samples_files needs FRICTIONLESS;
    the_schemas_of_inputs_need_what_is_required_and_no_more needs FRICTIONLESS;
    pandas_reads_references_as_the_page_says needs DUCKDB;
    duckdb_reads_references_as_the_page_says needs DUCKDB;
    sqlite_reads_references_as_the_page_says needs SQLITE;
    a_spreadsheet_reads_references_as_text_and_harms_them_otherwise needs LIBREOFFICE;
}

fn in_tree(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(in_tree(&format!("docs/schemas/{name}.json"))).unwrap()).unwrap()
}

/// The rows of a file in which `frictionless` finds an error by a schema, 0 for the header, and what it says.
fn faulty_rows(folder: &Folder, schema: &Value, file: &str) -> (BTreeSet<u64>, String) {
    folder.write("schema.json", schema.to_string());
    let mut command = assert_cmd::Command::new("frictionless");
    let arguments = ["validate", "--trusted", "--json", "--schema", "schema.json", file];
    let output = command.current_dir(folder.path(".")).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(&said).unwrap();
    let errors = report["tasks"][0]["errors"].as_array().unwrap();
    assert_eq!(report["valid"], errors.is_empty(), "{said}");
    (errors.iter().map(|error| error["rowNumber"].as_u64().unwrap_or(0)).collect(), said)
}

fn the_schemas_of_inputs_take_the_samples_files() {
    let folder = Folder::sound();
    let path = in_tree("sample-data/job.toml");
    let job = Job::read(path.as_ref()).unwrap();
    assert_eq!(folder.flagmatch(&["run", &path, "--out", "out"]).code, 0);
    let shared = [
        ("benefits", None, Some(&job.benefits)),
        ("properties", None, job.properties.as_ref()),
        ("objections", None, job.objections.as_ref()),
        ("decisions-input", None, job.decisions.as_ref()),
    ];
    let suppliers = job.suppliers.iter().map(|supplier| ("customers", Some(&supplier.id), Some(&supplier.source)));
    let mut files = 0;
    for (name, supplier, source) in shared.into_iter().chain(suppliers) {
        let source = source.unwrap();
        // A supplier's own headings stand in the schema in place of ours.
        let mut schema = schema(name);
        for field in schema["fields"].as_array_mut().unwrap() {
            if let Some(heading) = source.columns().get(field["name"].as_str().unwrap()) {
                field["name"] = heading.as_str().into();
            }
        }
        for file in source.files().unwrap() {
            let (rows, said) = faulty_rows(&folder, &schema, file.to_str().unwrap());
            // The sample has rows with too few fields, which are no CSV for anybody. The run rejects them too.
            let list = if name == "customers" {
                format!("suppliers/{}", supplier.unwrap())
            } else {
                "administrator".to_owned()
            };
            let rejected = rejected_lines(&folder.read(&format!("out/latest/{list}/rejects.csv")), &file);
            assert!(rows.is_subset(&rejected), "{}, {rejected:?}: {said}", file.display());
            files += 1;
        }
    }
    assert_eq!(files, 7);
}

/// The lines of a file that a run rejects.
fn rejected_lines(rejects: &str, file: &Path) -> BTreeSet<u64> {
    let mut reader = csv::Reader::from_reader(rejects.as_bytes());
    let rows = reader.records().map(Result::unwrap);
    let of_file = rows.filter(|row| Some(row[0].as_ref()) == file.file_name() && &row[2] == "reject");
    of_file.map(|row| row[1].parse().unwrap()).collect()
}

fn the_schemas_of_inputs_need_what_is_required_and_no_more() {
    let folder = Folder::sound();
    for (name, text, problem) in [
        ("customers", "customer_ref,surname\nA,B\n", None),
        ("customers", "tariff,surname,customer_ref\n1,B,A\n2,,\n", None),
        ("customers", "customer_ref,full_name\nA,\"B, C\"\n", None),
        ("customers", "surname,uprn\nA,B\n", Some("customer_ref")),
        ("benefits", "benefit,claim_ref,surname\nPCGC,C,A\n", None),
        ("benefits", "claim_ref,surname\nC,A\n", Some("benefit")),
        ("exceptions", "customer_ref,reason\n0012,closed\n", None),
        ("exceptions", "customer_ref,scheme\n0012,whd\n", Some("reason")),
        ("objections", "claim_ref\nC\n", None),
    ] {
        folder.write("input.csv", text);
        let (rows, said) = faulty_rows(&folder, &schema(name), "input.csv");
        assert_eq!(rows.is_empty(), problem.is_none(), "{name}, {text:?}: {said}");
        assert!(said.contains(problem.unwrap_or_default()), "{name}, {text:?}: {said}");
    }
}

/// References that a program may take for numbers, formulas, dates or nothing at all.
const REFERENCES: &[&str] = &[
    "0012",
    "a \"b\", c",
    "=1+1",
    "00345678901234567890",
    "-5",
    "1e5",
    "NA",
    "null",
    "true",
    "Zoë",
    " x ",
    "1/2",
    "+44 7",
    "@a",
];

/// A delivery with these references, and its page.
fn delivery() -> (Folder, String) {
    let folder = Folder::sound();
    let rows: Vec<_> = REFERENCES.iter().map(|reference| customer(reference, &HAMISH)).collect();
    folder.customers("north", &[rows, vec![customer("1", &ELSPETH)]].concat());
    assert_eq!(folder.run(&[]).code, 0);
    let page = folder.read("out/current/north/README.txt");
    (folder, page)
}

/// What the page says to do in a program.
fn taught<'p>(page: &'p str, program: &str) -> &'p str {
    let line = page.lines().find_map(|line| line.trim_start().strip_prefix(program)).unwrap();
    line.trim().split("   ").next().unwrap()
}

/// Runs a program in the folder of the delivery. Returns what it printed.
fn shown(folder: &Folder, program: &str, arguments: &[&str]) -> String {
    let mut command = assert_cmd::Command::new(program);
    let output = command.current_dir(folder.path("out/current/north")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn are_unharmed(json: &str) {
    let references: Vec<String> = serde_json::from_str(json).unwrap();
    assert_eq!(references, [REFERENCES, &["1"]].concat());
}

fn pandas_reads_references_as_the_page_says() {
    let (folder, page) = delivery();
    for file in ["whd.flags.csv", "changes.csv"] {
        let read = taught(&page, "pandas").replace("FILE", &format!("{file:?}"));
        let script = format!("import json, pandas as pd\nprint(json.dumps(list(({read})['customer_ref'])))");
        are_unharmed(&shown(&folder, "python3", &["-c", &script]));
    }
}

fn duckdb_reads_references_as_the_page_says() {
    let (folder, page) = delivery();
    for file in ["whd.flags.csv", "changes.csv"] {
        let read = taught(&page, "DuckDB").replace("FILE", file);
        let query = format!("SELECT customer_ref FROM {read}");
        let script =
            format!("import json, duckdb\nprint(json.dumps([r[0] for r in duckdb.sql(\"{query}\").fetchall()]))");
        are_unharmed(&shown(&folder, "python3", &["-c", &script]));
    }
}

fn sqlite_reads_references_as_the_page_says() {
    let (folder, page) = delivery();
    for file in ["whd.flags.csv", "changes.csv"] {
        let import = taught(&page, "SQLite").replace("FILE", file);
        let query = "SELECT json_group_array(customer_ref) FROM flags";
        are_unharmed(&shown(&folder, "sqlite3", &[":memory:", &import, query]));
    }
}

/// The import as text, and what becomes of references if a program opens the file as it likes.
fn a_spreadsheet_reads_references_as_text_and_harms_them_otherwise() {
    let (folder, page) = delivery();
    assert_eq!(taught(&page, "Spreadsheet"), "import as text: UTF-8, comma, every column Text, no formulas");
    // Comma, quote, UTF-8, from line 1, each column as text (2); the fourteenth token evaluates formulas.
    let text = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,1/2/2/2,,false,false,false,,,,,false";
    let save = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";
    let profile = format!("-env:UserInstallation=file://{}", folder.path("profile").display());
    let opened = |filter: Option<&str>, to: &str| {
        let to = folder.path(to);
        let mut arguments = vec![profile.as_str(), "--headless"];
        arguments.extend(filter);
        arguments.extend(["--convert-to", save, "--outdir", to.to_str().unwrap(), "whd.flags.csv"]);
        shown(&folder, "soffice", &arguments);
        let mut reader = csv::Reader::from_path(to.join("whd.flags.csv")).unwrap();
        reader.records().map(|row| row.unwrap()[0].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(opened(Some(text), "text"), [REFERENCES, &["1"]].concat());
    let harmed = opened(None, "double-click");
    assert_eq!(harmed[0], "12", "leading zeros fall off");
    assert!(page.contains("leading zeros fall off") && page.contains("Do not open a file in a"), "{page}");
}

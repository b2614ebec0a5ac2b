//! Checks that the Table Schemas in `docs/schemas` describe the files that are read and written: each column, in order,
//! and every value of a run.
//!
//! They follow from the declarations in `src/intake` and `src/release`, and so do the lists of columns in
//! `docs/files.md`: `REWRITE=1 cargo test --test schemas` writes them.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use common::Folder;
use flagmatch::intake::{BENEFITS, CUSTOMERS, DECISIONS, EXCEPTIONS, OBJECTIONS, PROPERTIES, Table};
use flagmatch::release::schemas;
use serde_json::Value;

fn schema(name: &str) -> Value {
    LazyLock::force(&REWRITTEN);
    serde_json::from_str(&std::fs::read_to_string(in_tree(&format!("docs/schemas/{name}.json"))).unwrap()).unwrap()
}

fn names(schema: &Value) -> Vec<&str> {
    schema["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect()
}

const INPUTS: [(&str, &Table); 6] = [
    ("customers", &CUSTOMERS),
    ("benefits", &BENEFITS),
    ("properties", &PROPERTIES),
    ("objections", &OBJECTIONS),
    ("decisions-input", &DECISIONS),
    ("exceptions", &EXCEPTIONS),
];

#[test]
fn schemas_of_inputs_have_the_columns_that_are_read() {
    for (name, table) in INPUTS {
        let schema = schema(name);
        assert_eq!(names(&schema), table.column_names().collect::<Vec<_>>(), "{name}");
        // Required columns come first.
        let required: Vec<bool> =
            schema["fields"].as_array().unwrap().iter().map(|field| field["constraints"]["required"] == true).collect();
        assert!(required.is_sorted_by(|one, other| one >= other), "{name}");
        let folder = Folder::sound();
        let count = required.iter().filter(|own| **own).count();
        for (place, column) in table.column_names().enumerate().filter(|_| name == "customers" || name == "benefits") {
            let file = if name == "customers" { "suppliers/north.csv" } else { "benefits.csv" };
            let heading = format!("{column},surname");
            let without: Vec<&str> = table.column_names().filter(|own| *own != column && *own != "surname").collect();
            folder.write(file, format!("{},surname\n", without.join(",")));
            let said = folder.flagmatch(&["check", "job.toml"]);
            let text = said.stdout + &said.stderr;
            let is_missed = text.contains(&format!("column {column} is missing"));
            assert_eq!(is_missed, place < count, "{name}, {heading}: {text}");
        }
    }
}

/// Writes the documents once, before any test reads one.
static REWRITTEN: LazyLock<()> = LazyLock::new(|| {
    if std::env::var_os("REWRITE").is_some() {
        documents().into_iter().for_each(|(path, text)| std::fs::write(in_tree(&path), text).unwrap());
    }
});

fn in_tree(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The schemas of inputs and of a run's tables, and `docs/files.md` with the columns of these, as the declarations have
/// them.
fn documents() -> Vec<(String, String)> {
    let mut files = std::fs::read_to_string(in_tree("docs/files.md")).unwrap();
    let mut documents: Vec<_> =
        INPUTS.iter().map(|(name, table)| (format!("docs/schemas/{name}.json"), by_line(table))).collect();
    for schema in schemas() {
        let file = schema.file();
        let name = file.trim_start_matches('.').trim_end_matches(".csv");
        documents.push((format!("docs/schemas/{name}.json"), by_line(&schema)));
        let file = if file.starts_with('.') { format!("<scheme>{file}") } else { file.to_owned() };
        files = with_columns(&files, &file, &schema.header().collect::<Vec<_>>().join(","));
    }
    documents.push(("docs/files.md".to_owned(), files));
    documents
}

/// The text of a schema, with each field on one line.
fn by_line(schema: &impl serde::Serialize) -> String {
    let mut text = String::new();
    for line in serde_json::to_string_pretty(schema).unwrap().lines() {
        let (part, indent) = (line.trim_start(), line.len() - line.trim_start().len());
        if indent < 4 || indent == 4 && !part.starts_with('}') {
            text = text + "\n" + line;
        } else {
            let is_edge = text.ends_with(['{', '[']) || part.starts_with(['}', ']']);
            text = text + if is_edge { "" } else { " " } + part;
        }
    }
    text.trim_start().to_owned() + "\n"
}

/// The document with these columns in the row of a table, which begins with the file and its columns.
fn with_columns(text: &str, file: &str, columns: &str) -> String {
    let row = format!("\n| `{file}` | `");
    let (before, rest) = text.split_once(&row).unwrap_or_else(|| panic!("docs/files.md has no row for {file}"));
    let (_, after) = rest.split_once('`').unwrap();
    format!("{before}{row}{columns}`{after}")
}

#[test]
fn documents_say_what_is_declared() {
    LazyLock::force(&REWRITTEN);
    for (path, text) in documents() {
        let now = std::fs::read_to_string(in_tree(&path)).unwrap_or_default();
        assert!(
            now == text,
            "{path} differs from the tables in src/intake and src/release: REWRITE=1 cargo test --test schemas"
        );
    }
}

#[test]
fn every_column_of_a_run_says_what_it_means() {
    let files = std::fs::read_to_string(in_tree("docs/files.md")).unwrap();
    for declared in schemas() {
        let schema = serde_json::to_value(&declared).unwrap();
        for field in schema["fields"].as_array().unwrap() {
            let (file, name) = (declared.file(), field["name"].as_str().unwrap());
            let meaning = field["description"].as_str().unwrap();
            assert!(meaning.starts_with(char::is_uppercase) && meaning.ends_with('.'), "{file}, {name}: {meaning:?}");
            // docs/files.md has a table of the values of each of these columns.
            for value in field["constraints"]["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let is_listed = files.contains(&format!("\n| `{value}` | "));
                assert!(is_listed || !["outcome", "rebate"].contains(&name), "{name}: {value} is not in docs/files.md");
            }
        }
    }
}

/// Whether a value fits its field's schema.
fn is_of(field: &Value, value: &str) -> bool {
    let constraints = &field["constraints"];
    if value.is_empty() {
        return constraints["required"] != true;
    }
    let is_type = match field["type"].as_str().unwrap() {
        "string" => true,
        "integer" => value.parse::<i64>().is_ok_and(|number| is_in_range(constraints, number as f64)),
        "number" => value.parse::<f64>().is_ok_and(|number| is_in_range(constraints, number)),
        "boolean" => ["true", "false"].contains(&value),
        "date" => value.parse::<jiff::civil::Date>().is_ok(),
        _ => false,
    };
    is_type && constraints["enum"].as_array().is_none_or(|allowed| allowed.iter().any(|own| own == value))
}

fn is_in_range(constraints: &Value, number: f64) -> bool {
    constraints["minimum"].as_f64().is_none_or(|least| least <= number)
        && constraints["maximum"].as_f64().is_none_or(|most| number <= most)
}

fn check(name: &str, text: &str) -> u64 {
    assert!(text.ends_with('\n') && !text.contains('\r'), "{name}");
    let schema = schema(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names(&schema), "{name}");
    let fields = schema["fields"].as_array().unwrap();
    let key: Vec<&Value> = schema["primaryKey"].as_array().into_iter().flatten().collect();
    let mut keys = HashSet::new();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        for (field, value) in fields.iter().zip(&record) {
            assert!(is_of(field, value), "{name}: {} cannot be {value:?}", field["name"]);
        }
        let own = fields.iter().zip(&record).filter(|(field, _)| key.contains(&&field["name"]));
        let own: Vec<String> = own.map(|(_, value)| value.to_owned()).collect();
        assert!(key.is_empty() || keys.insert(own), "{name}: two rows have one key: {record:?}");
        rows += 1;
    }
    rows
}

#[test]
fn every_file_of_a_run_is_as_its_schema_says() {
    let folder = Folder::nation("20000", "7000", "3");
    // A bad row and a bad field, so that the rejects list has rows.
    let customers = folder.read("nation/suppliers/supplier-01.csv");
    let (header, rows) = customers.split_once('\n').unwrap();
    folder.write("nation/suppliers/supplier-01.csv", format!("{header}\ntoo,few\n{rows}"));
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let first = std::fs::read_link(folder.path("nation/out/latest")).unwrap();
    let kept: Vec<&str> = rows.lines().enumerate().filter(|(at, _)| at % 25 != 0).map(|(_, row)| row).collect();
    folder.write("nation/suppliers/supplier-01.csv", format!("{header}\ntoo,few\n{}\n", kept.join("\n")));
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", job + "\n[exceptions]\nfiles = [\"exceptions/*.csv\"]\n");
    folder.write("nation/exceptions/supplier-01.csv", "customer_ref,reason\nnone,closed\n");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let own = "nation/out/current/supplier-01";
    let mut seen: BTreeSet<String> = INPUTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut covers = |name: &str, text: &str| {
        assert!(check(name, text) > 0, "{name} has no rows to look at");
        seen.insert(name.to_owned());
    };
    covers("flags", &folder.read(&format!("{own}/whd-2026.flags.csv")));
    covers("changes", &folder.read(&format!("{own}/changes.csv")));
    covers("rejects", &folder.read(&format!("{own}/rejects.csv")));
    covers("receipts", &folder.read(&format!("{own}/receipts.csv")));
    covers("truth", &folder.read("nation/truth.csv"));
    for name in ["decisions", "review", "claims", "figures"] {
        covers(name, &folder.read(&format!("nation/out/latest/administrator/{name}.csv")));
    }
    covers("published", &folder.read("nation/out/latest/analyst/published.csv"));
    let report = ["report", "nation/out/latest", "--format", "csv"];
    covers("report", &folder.flagmatch(&report).stdout);
    covers("report-administrator", &folder.flagmatch(&[&report[..], &["--administrator"]].concat()).stdout);
    covers("sample", &folder.flagmatch(&["sample", "nation/out/latest", "--n", "200"]).stdout);
    let before = format!("nation/out/{}", first.display());
    let compared = folder.flagmatch(&["compare", &before, "nation/out/latest", "--list", "compared.csv"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    covers("compared", &folder.read("compared.csv"));

    // The manifest of a delivery has the same schemas as the documents.
    let package: Value = serde_json::from_str(&folder.read(&format!("{own}/datapackage.json"))).unwrap();
    for resource in package["resources"].as_array().unwrap() {
        let path = resource["path"].as_str().unwrap();
        let name = if path.ends_with(".flags.csv") { "flags" } else { path.trim_end_matches(".csv") };
        assert_eq!(resource["schema"], schema(name), "{path}");
    }
    // So have those beside figures.
    for (part, name) in [("analyst", "published"), ("administrator", "figures")] {
        let package = folder.read(&format!("nation/out/latest/{part}/datapackage.json"));
        let package: Value = serde_json::from_str(&package).unwrap();
        assert_eq!(package["resources"][0]["path"], format!("{name}.csv"));
        assert_eq!(package["resources"][0]["schema"], schema(name), "{part}");
    }
    let written: BTreeSet<String> = std::fs::read_dir(in_tree("docs/schemas"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen, written, "each schema is of a file that was looked at");
}

//! Checks that the Table Schemas in `docs/schemas` describe the files that are read and written: each column, in order,
//! and every value of a run.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::Folder;
use flagmatch::intake::{BENEFITS, CUSTOMERS, DECISIONS, EXCEPTIONS, OBJECTIONS, PROPERTIES, Table};
use serde_json::Value;

fn schema(name: &str) -> Value {
    let file = format!("{}/docs/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
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

/// Whether a value fits its field's schema.
fn is_of(field: &Value, value: &str) -> bool {
    let constraints = &field["constraints"];
    if value.is_empty() {
        return constraints["required"] != true;
    }
    let is_type = match field["type"].as_str().unwrap() {
        "string" => true,
        "integer" => value.parse::<i64>().is_ok(),
        "number" => value.parse::<f64>().is_ok(),
        "boolean" => ["true", "false"].contains(&value),
        "date" => value.parse::<jiff::civil::Date>().is_ok(),
        _ => false,
    };
    is_type && constraints["enum"].as_array().is_none_or(|allowed| allowed.iter().any(|own| own == value))
}

fn check(name: &str, text: &str) -> u64 {
    let schema = schema(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names(&schema), "{name}");
    let fields = schema["fields"].as_array().unwrap();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        for (field, value) in fields.iter().zip(&record) {
            assert!(is_of(field, value), "{name}: {} cannot be {value:?}", field["name"]);
        }
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
    covers("truth", &folder.read("nation/truth.csv"));
    for name in ["decisions", "review", "claims"] {
        covers(name, &folder.read(&format!("nation/out/latest/administrator/{name}.csv")));
    }
    for name in ["rates", "details"] {
        covers(name, &folder.read(&format!("nation/out/latest/analyst/{name}.csv")));
    }
    let report = ["report", "nation/out/latest", "--format", "csv", "--administrator"];
    covers("report", &folder.flagmatch(&report).stdout);
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
        let (told, written) = (&resource["schema"], schema(name));
        assert_eq!(names(told), names(&written), "{path}");
        for (one, other) in told["fields"].as_array().unwrap().iter().zip(written["fields"].as_array().unwrap()) {
            assert_eq!(one["type"], other["type"], "{path}: {}", one["name"]);
            assert_eq!(one["constraints"]["enum"], other["constraints"]["enum"], "{path}: {}", one["name"]);
        }
    }
    let written: BTreeSet<String> = std::fs::read_dir(format!("{}/docs/schemas", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen, written, "each schema is of a file that was looked at");
}

//! Checks that the programs which suppliers and offices have read our files: the ordinary validator takes inputs by
//! their schemas. Tests whose program is not installed are ignored.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::collections::BTreeSet;
use std::path::Path;

use common::Folder;
use flagmatch::job::Job;
use needs::tests;
use serde_json::Value;

tests! {
    the_schemas_of_inputs_take_the_samples_files needs FRICTIONLESS;
    the_schemas_of_inputs_need_what_is_required_and_no_more needs FRICTIONLESS;
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

//! Drafts the public records of jobs.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::{Folder, JOB};
use serde_json::Value;

const MARK: &str = "**[TO COMPLETE: ";

/// The lines of a draft's fields.
fn fields(draft: &str) -> Vec<&str> {
    draft.lines().filter(|line| line.starts_with("- **")).collect()
}

/// The line of one field.
fn field<'d>(draft: &'d str, name: &str) -> &'d str {
    fields(draft).into_iter().find(|line| line.contains(&format!("{name}**:"))).unwrap()
}

fn drafted(folder: &Folder, arguments: &[&str]) -> String {
    let said = folder.flagmatch(&[&["record", "job.toml"], arguments].concat());
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    said.stdout
}

/// A job without a purpose, a power or a retention, whose input files are not there yet.
fn bare() -> Folder {
    let folder = Folder::empty();
    folder.job(JOB);
    folder
}

#[test]
fn both_drafts_follow_from_the_job_file_alone() {
    let folder = bare();
    let before = folder.tree(".");
    let both = drafted(&folder, &[]);
    assert_eq!(folder.tree("."), before);
    let (atrs, register) = (drafted(&folder, &["--only", "atrs"]), drafted(&folder, &["--only", "register"]));
    assert_eq!(both, format!("{atrs}\n{register}"));
    let numbers: Vec<&str> =
        fields(&atrs).iter().map(|line| line.trim_start_matches("- **").split(' ').next().unwrap()).collect();
    assert!(numbers.is_sorted() && numbers.first() == Some(&"0.1") && numbers.last() == Some(&"2.5.2"), "{numbers:?}");
    for draft in [&atrs, &register] {
        let missing = fields(draft).iter().filter(|line| line.contains(MARK)).count();
        assert!(draft.contains(&format!(" {missing} of {} fields are marked", fields(draft).len())), "{draft}");
        assert!(fields(draft).iter().all(|line| !line.trim_end().ends_with(':')), "an empty field: {draft}");
    }
}

#[test]
fn what_the_job_says_is_filled_in_and_what_it_does_not_say_is_marked() {
    let folder = bare();
    for (name, key) in [("Purpose", "purpose"), ("Legal power", "legal_power"), ("Retention", "retention_days")] {
        let register = drafted(&folder, &["--only", "register"]);
        let line = field(&register, name).replace('\\', "");
        assert!(line.contains(MARK) && line.contains(key) && line.contains("Warm Home Discount"), "{line}");
    }
    let own = "purpose = \"To pay it\"\nlegal_power = \"An Act, section 1\"\nretention_days = 400\n[[scheme.group]]";
    folder.job(&JOB.replace("[[scheme.group]]", own));
    folder.add_to_job("[retention]\naudit_days = 900");
    let register = drafted(&folder, &["--only", "register"]);
    for (name, text) in [("Purpose", "To pay it"), ("Legal power", "An Act, section 1"), ("Retention", "400 days")] {
        let line = field(&register, name);
        assert!(line.contains(text) && !line.contains(MARK), "{line}");
    }
    assert!(field(&register, "Retention").contains("900 days"));

    // A second scheme without a purpose is named; the first one's stands.
    let second = "[[scheme]]\nid = \"two\"\nname = \"The Other\"\nqualifying_date = 2026-08-23\n[[scheme.group]]\nid = \"g\"\n\
                  benefits = [\"UC\"]";
    folder.add_to_job(second);
    let line = drafted(&folder, &["--only", "register"]);
    let line = field(&line, "Purpose");
    assert!(line.contains("Warm Home Discount: To pay it") && line.contains("of The Other]**"), "{line}");
    assert!(!line.contains("of Warm Home Discount"), "{line}");
}

/// Each row: a setting, the field that shows it, and the words there with and without it.
#[test]
fn how_decisions_are_made_is_told_as_the_job_has_it() {
    for (from, to, name, without, with) in [
        ("[[scheme.group]]", "limit = 500\n[[scheme.group]]", "operational process", "", "At most 500 rebates"),
        ("benefits = [", "max_income = 17000\nbenefits = [", "Data sources", "award. Of", "award, income. Of"),
        ("benefits = [", "max_income = 17000\nbenefits = [", "operational process", "", "at most 17,000 pounds"),
        (
            "[benefits]",
            "[decisions]\nfiles = [\"d.csv\"]\n[benefits]",
            "Human review",
            "takes in no dec",
            "override the match",
        ),
        (
            "[benefits]",
            "[objections]\nfiles = [\"o.csv\"]\n[benefits]",
            "Appeals and review",
            "no objections",
            "bars the flag",
        ),
        (
            "[benefits]",
            "[exceptions]\nfiles = [\"e*\"]\ndays = 9\n[benefits]",
            "Appeals and review",
            "",
            "within 9 days",
        ),
        ("[benefits]", "[matching]\nthreshold = 0.9\n[benefits]", "Model output", "Y from 0.98", "Y from 0.9,"),
        ("[benefits]", "[intake]\nreject_limit = 0.025\n[benefits]", "processing methods", "10 %", "2.5 %"),
        ("[benefits]", "[probing]\n[benefits]", "Risks and mitigations", "the agreement alone", "checks of its files"),
        ("[benefits]", "[changes]\nrelease_days = [1]\n[benefits]", "usage", "", "on fixed release days"),
        ("id = \"south\"", "id = \"south\"\nformer = true", "Third party involvement", "north and south", "north."),
    ] {
        let folder = bare();
        let plain = drafted(&folder, &["--only", "atrs"]);
        let line = field(&plain, name);
        assert!(line.contains(without) && !line.contains(with), "{line}");
        assert!(JOB.contains(from), "{from}");
        folder.job(&JOB.replace(from, to));
        let set = drafted(&folder, &["--only", "atrs"]);
        let line = field(&set, name);
        assert!(line.contains(with) && (without.is_empty() || !line.contains(without)), "{line}");
    }
}

#[test]
fn error_rates_are_those_of_the_document_and_not_of_a_job_that_departs() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/accuracy.md")).unwrap();
    let folder = bare();
    let draft = drafted(&folder, &["--only", "atrs"]);
    let line = field(&draft, "Model performance");
    let rates: Vec<&str> = line.split(['(', ')']).filter(|part| part.contains("; 0.")).collect();
    assert_eq!(rates.len(), 8, "precision and recall of two nations, and of accounts without a date of birth: {line}");
    for rate in rates {
        assert!(document.contains(&format!("({rate})")), "{rate}");
    }
    assert!(line.contains("docs/accuracy.md") && line.contains("your own records"), "{line}");
    assert!(!line.contains("are not this job's"), "{line}");
    for setting in ["threshold = 0.9", "population = 5000", "relatives = \"none\"", "weights = \"weights.toml\""] {
        folder.job(&JOB.replace("[benefits]", &format!("[matching]\n{setting}\n[benefits]")));
        let draft = drafted(&folder, &["--only", "atrs"]);
        let line = field(&draft, "Model performance");
        assert!(line.contains("These figures are not this job's: it has "), "{setting}: {line}");
    }
}

#[test]
fn a_program_reads_the_same_fields() {
    let folder = bare();
    let answer: Value = serde_json::from_str(&drafted(&folder, &["--json"])).unwrap();
    for (name, number) in [("atrs", 9), ("register", 4)] {
        let sections = answer[name]["sections"].as_array().unwrap();
        assert_eq!(sections.len(), number);
        let own: Vec<&Value> = sections.iter().flat_map(|section| section["fields"].as_array().unwrap()).collect();
        assert_eq!(own.len(), fields(&drafted(&folder, &["--only", name])).len());
        assert!(own.iter().all(|field| field["text"] != "" || field["to_complete"] != ""));
    }
    let one: Value = serde_json::from_str(&drafted(&folder, &["--json", "--only", "register"])).unwrap();
    assert_eq!(one.as_object().unwrap().keys().collect::<Vec<_>>(), ["register"]);
    folder.flagmatch(&["record", "gone.toml"]).is_fault(2, &["gone.toml"]);
}

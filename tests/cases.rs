//! Checks cases written by hand, each a person or a household of its own: the expected flag, and why.
//!
//! `cases/truth.csv` has the expected flags and their reasons. The flags must be the same when the cases run alone,
//! within a nation, and in any order of the benefit rows. The people are invented, so a failure may print the
//! administrator's row of the account.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use csv::StringRecord;

const SUPPLIER: &str = "hard-cases";
const SCHEME: &str = "whd";

/// The rows of a CSV file under its headings.
struct Rows {
    headings: StringRecord,
    rows: Vec<StringRecord>,
}

impl Rows {
    fn read(path: &Path) -> Rows {
        let mut reader = csv::Reader::from_path(path).unwrap();
        Rows { headings: reader.headers().unwrap().clone(), rows: reader.records().map(Result::unwrap).collect() }
    }

    fn write(&self, path: &Path) {
        let mut writer = csv::Writer::from_path(path).unwrap();
        writer.write_record(&self.headings).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    }

    /// The fields of the named columns, a row at a time.
    fn fields<const N: usize>(&self, names: [&str; N]) -> Vec<[String; N]> {
        let places = names.map(|name| self.headings.iter().position(|heading| heading == name).unwrap());
        self.rows.iter().map(|row| places.map(|place| row[place].to_owned())).collect()
    }
}

fn cases(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(file)
}

fn flagmatch(arguments: &[&Path]) {
    Command::cargo_bin("flagmatch").unwrap().args(arguments).assert().success();
}

/// Runs the job and compares the flags of the cases with the truth.
fn assert_flags_are_due(job: &Path, out: &Path) {
    flagmatch(&[Path::new("run"), job, Path::new("--out"), out]);
    let latest = out.join("latest");
    let flags = Rows::read(&latest.join(format!("suppliers/{SUPPLIER}/{SCHEME}.flags.csv")));
    let flags: BTreeMap<String, String> =
        flags.fields(["customer_ref", "eligible"]).into_iter().map(|[account, flag]| (account, flag)).collect();
    let decisions = Rows::read(&latest.join("administrator/decisions.csv"));
    let decisions = decisions.fields(["supplier", "customer_ref", "reason", "posterior_band", "levels"]);
    let decisions: BTreeMap<String, String> = decisions
        .into_iter()
        .filter(|[supplier, ..]| supplier == SUPPLIER)
        .map(|[_, account, reason, band, levels]| (account, format!("{reason} {band} {levels}")))
        .collect();
    let truth = Rows::read(&cases("truth.csv")).fields(["customer_ref", "eligible", "category", "why"]);
    assert_eq!(flags.len(), truth.len(), "an account for each row of the truth");
    let mut wrong = String::new();
    for [account, due, category, why] in &truth {
        let flag = flags.get(account).map_or("none", String::as_str);
        if flag != due {
            let found = decisions.get(account).map_or("no candidate", String::as_str);
            writeln!(wrong, "{account} due {due}, flag {flag}: {category}: {why}\n    {found}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "wrong flags:\n{wrong}");
}

/// A copy of the cases with the benefit rows reordered by `order`.
fn reordered(folder: &Path, order: impl FnOnce(&mut Vec<StringRecord>)) -> PathBuf {
    for file in ["job.toml", "customers.csv"] {
        fs::copy(cases(file), folder.join(file)).unwrap();
    }
    let mut benefits = Rows::read(&cases("benefits.csv"));
    order(&mut benefits.rows);
    benefits.write(&folder.join("benefits.csv"));
    folder.join("job.toml")
}

#[test]
fn no_case_touches_another() {
    let case = |account: &str| account.trim_end_matches(char::is_alphabetic).to_owned();
    let mut bearers: BTreeMap<[String; 3], BTreeSet<String>> = BTreeMap::new();
    let mut postcodes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for [account, forename, surname, full_name, postcode] in
        Rows::read(&cases("customers.csv")).fields(["customer_ref", "forename", "surname", "full_name", "postcode"])
    {
        bearers.entry([forename, surname, full_name]).or_default().insert(case(&account));
        if !postcode.is_empty() {
            postcodes.entry(postcode.replace(' ', "").to_uppercase()).or_default().insert(case(&account));
        }
    }
    for cases in bearers.values().chain(postcodes.values()) {
        assert_eq!(cases.len(), 1, "cases of one name or one postcode: {cases:?}");
    }
}

#[test]
fn the_cases_alone() {
    let folder = tempfile::tempdir().unwrap();
    assert_flags_are_due(&cases("job.toml"), &folder.path().join("out"));
}

#[test]
fn the_order_of_the_benefit_rows_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let backwards = reordered(folder.path(), |rows| rows.reverse());
    assert_flags_are_due(&backwards, &folder.path().join("backwards"));
    let strewn = reordered(folder.path(), |rows| {
        // A stride that is a prime above the count visits every row once.
        const STRIDE: usize = 7_919;
        let count = rows.len();
        assert!(count < STRIDE);
        *rows = (0..count).map(|place| rows[place * STRIDE % count].clone()).collect();
    });
    assert_flags_are_due(&strewn, &folder.path().join("strewn"));
}

#[test]
fn the_cases_in_the_midst_of_a_nation() {
    let folder = tempfile::tempdir().unwrap();
    let nation = folder.path().join("nation");
    let synth = "synth --customers 20000 --benefits 7000 --suppliers 2 --seed 7 --out";
    let arguments: Vec<&Path> = synth.split(' ').map(Path::new).chain([nation.as_path()]).collect();
    flagmatch(&arguments);

    // This supplier has headings of its own, as a real one does.
    let mut customers = Rows::read(&cases("customers.csv"));
    let own = |heading: &str| heading.to_uppercase().replace('_', " ");
    let columns: toml::Table =
        customers.headings.iter().map(|heading| (heading.to_owned(), own(heading).into())).collect();
    customers.headings = customers.headings.iter().map(own).collect();
    customers.write(&nation.join("hard-customers.csv"));
    fs::copy(cases("benefits.csv"), nation.join("hard-benefits.csv")).unwrap();

    let mut job: toml::Table = fs::read_to_string(nation.join("job.toml")).unwrap().parse().unwrap();
    let own_job: toml::Table = fs::read_to_string(cases("job.toml")).unwrap().parse().unwrap();
    job.insert("scheme".to_owned(), own_job["scheme"].clone());
    job["benefits"]["files"].as_array_mut().unwrap().push("hard-benefits.csv".into());
    let supplier = toml::Table::from_iter([
        ("id".to_owned(), SUPPLIER.into()),
        ("files".to_owned(), vec!["hard-customers.csv"].into()),
        ("columns".to_owned(), columns.into()),
    ]);
    job["supplier"].as_array_mut().unwrap().push(supplier.into());
    fs::write(nation.join("job.toml"), job.to_string()).unwrap();

    assert_flags_are_due(&nation.join("job.toml"), &folder.path().join("out"));
}

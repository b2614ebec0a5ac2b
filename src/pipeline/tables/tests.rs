//! Takes households out of the records, or gives them other records, and checks how far each table moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::*;
use crate::pipeline::{Keep, Options, StageTimer, match_all};
use crate::progress::Unwatched;
use crate::synth::{self, Nation, Noise};

fn nation(folder: &Path) {
    let nation = Nation { customers: 2_500, benefits: 900, suppliers: 2, seed: 11, noise: Noise::default() };
    synth::write(&nation, folder, &Unwatched).unwrap();
}

/// The job of a nation with namesakes, and the folder that it stands in.
pub(super) fn job_with_namesakes() -> (tempfile::TempDir, Job) {
    let folder = tempfile::tempdir().unwrap();
    nation(folder.path());
    add_namesakes(folder.path());
    let job = Job::read(&folder.path().join("job.toml")).unwrap();
    (folder, job)
}

pub(super) fn matched(job: &Job, keep: Keep) -> Matched<'_> {
    match_all(job, &Options::default(), keep, &StageTimer::new(&Unwatched)).unwrap()
}

fn all_tables() -> Vec<AnalystTable> {
    [AnalystTable::HEADLINE].into_iter().chain(AnalystTable::DETAILS).collect()
}

/// The tables of a job, and its households: the claims of each by reference.
fn counted(folder: &Path) -> (Vec<Counted>, Vec<BTreeSet<String>>) {
    let job = Job::read(&folder.join("job.toml")).unwrap();
    let matched = matched(&job, Keep::ForTables);
    let persons = matched.shared.matcher.persons();
    let own = OwnEvidence::gather(&matched, 0);
    let mut households: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for claim in 0..persons.claim_count() as u32 {
        let household = households.entry(own.households.of_claim(claim)).or_default();
        household.insert(persons.claim_ref(claim).to_owned());
    }
    (count(&matched, 0, &all_tables()), households.into_values().collect())
}

/// How far two counts of each table are apart: the sum of squares.
fn apart<'a>(one: &'a [Counted], other: &'a [Counted]) -> impl Iterator<Item = (AnalystTable, u64)> + 'a {
    one.iter().map(move |one| {
        let other = other.iter().find(|other| other.table() == one.table()).unwrap();
        let squares = one.exact().iter().zip(other.exact()).map(|(one, other)| one.abs_diff(*other).pow(2));
        (one.table(), squares.sum())
    })
}

/// The benefit rows, the header first.
fn benefits(folder: &Path) -> Vec<csv::StringRecord> {
    table(&folder.join("benefits.csv"))
}

/// The rows of a table, the header first.
fn table(path: &Path) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().collect::<Result<_, _>>().unwrap()
}

/// Adds to each of sixty benefit rows two namesakes in other households, known by name alone, and four accounts in that
/// name: one at the row's home, three with the name alone. So households share accounts, and do not count on all of them.
fn add_namesakes(folder: &Path) {
    let mut records = benefits(folder);
    let header = records[0].clone();
    let customers = folder.join("suppliers/supplier-01.csv");
    let mut accounts = table(&customers);
    let is_named = |column: &str| column.contains("name") || ["role", "benefit", "award_start"].contains(&column);
    for number in 1..=60 {
        let own = records[number].clone();
        for namesake in ["X", "Y"] {
            let fields = header.iter().zip(&own).map(|(column, text)| match column {
                "claim_ref" | "person_ref" => format!("{text}{namesake}"),
                column if is_named(column) => text.to_owned(),
                _ => String::new(),
            });
            records.push(fields.collect());
        }
        for copy in 0..4 {
            let account = accounts[0].iter().map(|column| match column {
                "customer_ref" => format!("COPY{number}-{copy}"),
                "supply_start" | "supply_end" => String::new(),
                column if copy > 0 && !is_named(column) => String::new(),
                column => header.iter().position(|own| own == column).map_or(String::new(), |at| own[at].to_owned()),
            });
            let account = account.collect();
            accounts.push(account);
        }
    }
    write(&folder.join("benefits.csv"), &records);
    write(&customers, &accounts);
}

fn write(path: &Path, rows: &[csv::StringRecord]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
}

fn place(header: &csv::StringRecord, column: &str) -> usize {
    header.iter().position(|own| own == column).unwrap()
}

/// What term frequencies make of a household is held fixed when the guarantee is stated. In these small records it moves
/// no account over a threshold.
#[test]
fn a_household_moves_no_table_further_than_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    nation(folder);
    let rows = benefits(folder);
    let (claim, person) = (place(&rows[0], "claim_ref"), place(&rows[0], "person_ref"));
    // Forty accounts in the name of one household's claimant, each a letter longer.
    let customers = fs::read_dir(folder.join("suppliers")).unwrap().map(|entry| entry.unwrap().path());
    let customers = customers.min().expect("a customer file");
    let mut accounts = table(&customers);
    let header = accounts[0].clone();
    let target = rows[1].clone();
    for copy in 0..40 {
        let account = header.iter().map(|column| match column {
            "customer_ref" => format!("COPY{copy}"),
            "supply_start" | "supply_end" => String::new(),
            "surname" => format!("{}{}", &target[place(&rows[0], "surname")], if copy % 4 == 3 { "e" } else { "" }),
            column => rows[0].iter().position(|own| own == column).map_or(String::new(), |at| target[at].to_owned()),
        });
        accounts.push(account.collect());
    }
    write(&customers, &accounts);

    let (whole, households) = counted(folder);
    let named = |claims: &BTreeSet<String>| claims.contains(&target[claim]);
    let asked = households.iter().filter(|own| named(own)).chain(households.iter().step_by(households.len() / 12));
    let mut moved = BTreeSet::new();
    let mut most: BTreeMap<AnalystTable, u64> = BTreeMap::new();
    for (number, claims) in asked.enumerate() {
        let (own, rest): (Vec<_>, Vec<_>) = rows[1..].iter().cloned().partition(|row| claims.contains(&row[claim]));
        // Without the household; and with the records of another one in its place, under its own references.
        let stranger = &rest[(number * 37) % rest.len()];
        let mut other = stranger.iter().map(str::to_owned).collect::<Vec<String>>();
        other[claim] = own[0][claim].to_owned();
        other[person] = format!("{}X", &own[0][person]);
        for instead in [None, Some(csv::StringRecord::from(other))] {
            let rows: Vec<_> =
                [rows[0].clone()].into_iter().chain(rest.iter().cloned()).chain(instead.clone()).collect();
            write(&folder.join("benefits.csv"), &rows);
            for (table, squares) in apart(&whole, &counted(folder).0) {
                assert!(squares <= u64::from(table.moves()), "{}: {squares}, {instead:?}", table.as_str());
                moved.extend((squares > 0).then_some(table));
                let own = most.entry(table).or_default();
                *own = squares.max(*own);
            }
        }
    }
    assert_eq!(moved.len(), all_tables().len(), "each table was moved by some household: {moved:?}");
    assert!(most[&AnalystTable::AccountsBySupplier] >= 8, "two accounts of a household moved: {most:?}");
}

/// Whoever decides learns nothing from these tables, and tells nothing through them.
#[test]
fn decisions_by_staff_move_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    nation(folder);
    let (before, _) = counted(folder);

    let rows = benefits(folder);
    let [claim, benefit, end] = ["claim_ref", "benefit", "award_end"].map(|column| place(&rows[0], column));
    let eligible = rows.iter().find(|row| &row[benefit] == "PCGC" && row[end].is_empty()).expect("an eligible claim");
    let customers = folder.join("suppliers/supplier-01.csv");
    let references: Vec<String> = csv::Reader::from_path(&customers)
        .unwrap()
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .filter(|reference| !reference.is_empty())
        .collect();
    let header = ["supplier", "customer_ref", "scheme", "flag", "claim_ref"].as_slice().into();
    let decided =
        references.iter().map(|reference| vec!["supplier-01", reference, "whd-2026", "Y", &eligible[claim]].into());
    let decided: Vec<csv::StringRecord> = std::iter::once(header).chain(decided).collect();
    write(&folder.join("decisions.csv"), &decided);
    let job = folder.join("job.toml");
    let stated = fs::read_to_string(&job).unwrap();
    fs::write(&job, format!("{stated}\n[decisions]\nfiles = [\"decisions.csv\"]\n")).unwrap();

    let job = Job::read(&job).unwrap();
    let decided = match_all(&job, &Options::default(), Keep::ForTables, &StageTimer::new(&Unwatched)).unwrap();
    let verdicts = decided.all_suppliers().flat_map(|own| &own.verdicts[0]);
    let hold = verdicts.map(|own| own.rows().iter().filter(|row| own.decided(row.account).is_some()).count());
    assert!(hold.sum::<usize>() > 100, "the decisions hold");
    for (table, squares) in apart(&before, &counted(folder).0) {
        assert_eq!(squares, 0, "{}", table.as_str());
    }
}

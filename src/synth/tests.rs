//! Reads the files of a nation back and checks them against the people as they truly are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use super::address::Lines;
use super::benefit_rows::reference;
use super::block::{Block, Plan};
use super::customer_rows::{self, Style, supplier_id};
use super::homes::Person;
use super::names::{fold, short_forms};
use super::slips::exchanged;
use super::*;
use crate::progress::Unwatched;

const OPEN_ON: &str = "2026-08-23";
const QUALIFYING: [&str; 6] = ["PCGC", "UC", "ESA", "JSA", "IS", "HB"];

fn nation(customers: u64, benefits: u64, seed: u64) -> Nation {
    Nation { customers, benefits, suppliers: 4, seed, noise: Noise::default() }
}

type Row = HashMap<String, String>;

/// A nation that was written and read back: its rows by column, and the truth behind them.
struct Read {
    blocks: Vec<Block>,
    /// By supplier and reference.
    customers: BTreeMap<(String, String), Vec<Row>>,
    benefits: Vec<Row>,
    truth: BTreeMap<(String, String), String>,
}

fn write_and_read(nation: &Nation) -> Read {
    let folder = tempfile::tempdir().unwrap();
    write(nation, folder.path(), &Unwatched).unwrap();
    let plan = Plan::new(nation).unwrap();
    let columns: HashMap<&str, &str> = customer_rows::COLUMNS.iter().map(|(name, own)| (*own, *name)).collect();
    let mut customers: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for supplier in 0..nation.suppliers as u16 {
        let id = supplier_id(supplier, nation.suppliers).to_string();
        for mut row in table(&folder.path().join(format!("suppliers/{id}.csv"))) {
            if Style::new(supplier).own_headings() {
                row = row.into_iter().map(|(name, field)| (columns[&*name].to_owned(), field)).collect();
            }
            for (_, field) in row.iter_mut().filter(|(name, _)| name.contains("date") || name.contains("supply")) {
                *field = iso(field);
            }
            customers.entry((id.clone(), row["customer_ref"].clone())).or_default().push(row);
        }
    }
    Read {
        blocks: (0..plan.blocks).map(|number| plan.settle(number)).collect(),
        customers,
        benefits: table(&folder.path().join("benefits.csv")),
        truth: table(&folder.path().join("truth.csv"))
            .into_iter()
            .map(|row| ((row["supplier"].clone(), row["customer_ref"].clone()), row["eligible"].clone()))
            .collect(),
    }
}

fn table(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn iso(date: &str) -> String {
    match date.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}

fn plain(text: &str) -> String {
    fold(text).to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn words(lines: &[&str]) -> Vec<String> {
    lines.iter().flat_map(|line| line.split([' ', ','])).filter(|word| !word.is_empty()).map(plain).collect()
}

fn lines(usual: &Lines) -> Vec<String> {
    words(&usual.iter().map(|line| line.as_str()).collect::<Vec<_>>())
}

/// For each kind of difference, how often it occurred, of how many.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, (u32, u32)>);

impl Tally {
    fn count(&mut self, what: &'static str, so: bool) {
        let (yes, all) = self.0.entry(what).or_default();
        *yes += u32::from(so);
        *all += 1;
    }

    /// Checks every rate against the expected one: within four standard errors (of groups of `cluster` that
    /// are alike) and 4 % of the rate.
    fn hold(&self, expected: &[(&'static str, f64, f64)]) {
        for (what, rate, cluster) in expected {
            let (yes, all) = self.0[what];
            let measured = f64::from(yes) / f64::from(all);
            let error = (rate * (1.0 - rate) * cluster / f64::from(all)).sqrt();
            println!("{what}: {measured:.4} of {all}, should be {rate}");
            assert!((measured - rate).abs() < 4.0 * error + 0.04 * rate, "{what}: {measured} for {rate}");
        }
    }
}

#[test]
fn every_difference_comes_at_its_rate() {
    let nation = nation(20_000, 14_000, 11);
    let read = write_and_read(&nation);
    let mut tally = Tally::default();
    let mut seen = 0;
    for block in &read.blocks {
        for account in &block.accounts {
            let id = supplier_id(account.supplier, nation.suppliers).to_string();
            let reference = Style::new(account.supplier).reference(account.number).to_string();
            let rows = &read.customers[&(id, reference)];
            seen += rows.len();
            let home = &block.homes[account.home as usize];
            compare_holder(&rows[0], &home.people[usize::from(account.holder)], &mut tally);
            let row = &rows[0];
            let joint = rows.len() == 2
                || !row["joint_surname"].is_empty()
                || row["forename"].to_uppercase().starts_with("MR & MRS");
            tally.count("joint", joint);
            tally.count("no uprn", row["uprn"].is_empty());
            tally.count("wrong uprn", !row["uprn"].is_empty() && row["uprn"] != home.place.uprn.to_string());
            let right = home.place.postcode();
            let same = plain(&row["postcode"]).replace('O', "0") == plain(&right).replace('O', "0");
            tally.count("postcode respelt", same && row["postcode"] != right.as_str());
            tally.count("postcode slip", !same);
            if home.place.dwelling.is_flat() {
                let written = words(&["address_line_1", "address_line_2", "address_line_3"].map(|line| &*row[line]));
                tally.count("other flat form", written != lines(&home.place.usual_lines(false)));
            }
        }
    }
    assert_eq!(seen, 20_000);
    tally.hold(&[
        ("initial", 0.05, 1.0),
        ("nickname", 0.03, 1.0),
        ("forename slip", 0.02, 1.0),
        ("surname slip", 0.02, 1.0),
        ("other surname", 0.02, 1.0),
        ("no birth date", 0.20, 1.0),
        ("wrong birth date", 0.015, 1.0),
        ("exchanged birth date", 0.005, 1.0),
        ("joint", 0.25, 1.0),
        ("no uprn", 0.30, 1.0),
        ("wrong uprn", 0.02, 1.0),
        ("postcode respelt", 0.20, 1.0),
        ("postcode slip", 0.005, 1.0),
        ("other flat form", 0.20, 1.0),
    ]);
}

fn compare_holder(row: &Row, person: &Person, tally: &mut Tally) {
    let (written, right) = (plain(&row["forename"]), plain(&person.forename));
    if !row["forename"].to_uppercase().starts_with("MR & MRS") {
        let initial = written.len() == 1 && right.len() > 1;
        let nickname = short_forms(&person.forename).iter().any(|short| plain(short) == written);
        tally.count("initial", initial);
        tally.count("nickname", nickname);
        tally.count("forename slip", written != right && !initial && !nickname);
    }
    let (written, right) = (plain(&row["surname"]), plain(&person.surname));
    let other = written != right && written == plain(&person.other_surname);
    tally.count("other surname", other);
    tally.count("surname slip", written != right && !other);
    let (written, right) = (&row["date_of_birth"], person.born.to_string());
    let absent = written.is_empty() || written == "1900-01-01";
    let swapped = exchanged(person.born).is_some_and(|date| date.to_string() == *written);
    tally.count("no birth date", absent);
    tally.count("exchanged birth date", swapped);
    tally.count("wrong birth date", !absent && !swapped && *written != right);
}

#[test]
fn homes_and_claims_come_at_their_rates() {
    let read = write_and_read(&nation(20_000, 14_000, 12));
    let mut claims: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in &read.benefits {
        claims.entry(&row["claim_ref"]).or_default().push(row);
    }
    let mut tally = Tally::default();
    for block in &read.blocks {
        let with_account: BTreeSet<u32> = block.accounts.iter().map(|account| account.home).collect();
        for (at, home) in block.homes.iter().enumerate() {
            let residents = &home.people[..home.residents];
            let namesakes = residents.iter().enumerate().any(|(at, person)| {
                residents[..at].iter().any(|p| (p.forename, p.surname) == (person.forename, person.surname))
            });
            tally.count("same name", namesakes);
            tally.count("flat", home.place.dwelling.is_flat());
            let claim = reference("C", home.number * 2);
            let rows = claims.get(claim.as_str()).cloned().unwrap_or_default();
            if with_account.contains(&(at as u32)) {
                tally.count("on benefit", !rows.is_empty());
                tally.count("on qualifying benefit", rows.iter().any(|row| qualifies(row)));
            }
            if rows.is_empty() {
                continue;
            }
            tally.count("partner", rows.iter().any(|row| row["role"] == "partner"));
            let moved = rows[0]["postcode"] != home.place.postcode().as_str()
                || words(&["address_line_1", "address_line_2"].map(|line| &*rows[0][line]))
                    != lines(&home.place.usual_lines(false));
            tally.count("out of date", moved);
            if home.residents > 1 {
                let holders = if home.couple { 2 } else { 1 };
                let claimant = rows.iter().find(|row| row["role"] == "claimant").unwrap();
                let known = (0..holders).any(|at| person_ref(home.number, at, false) == claimant["person_ref"]);
                tally.count("holder claims", known);
            }
        }
    }
    for row in &read.benefits {
        tally.count("benefit without uprn", row["uprn"].is_empty());
    }
    tally.hold(&[
        ("same name", 0.007, 1.0),
        ("flat", 0.22, 5.0),
        ("on benefit", 0.35, 1.0),
        ("on qualifying benefit", 0.30, 1.0),
        ("partner", 0.40, 1.0),
        ("out of date", 0.05, 1.0),
        ("holder claims", 0.85, 1.0),
        ("benefit without uprn", 0.10, 1.0),
    ]);
}

#[test]
fn relatives_and_other_forenames_come_at_rates_that_are_asked_for() {
    let noise = Noise { twin_homes: 0.04, grown_children_homes: 0.5, other_forename: 0.1, ..Noise::default() };
    let nation = Nation { noise, ..nation(20_000, 1_000, 20) };
    let read = write_and_read(&nation);
    let mut tally = Tally::default();
    for block in &read.blocks {
        for home in &block.homes {
            let residents = &home.people[..home.residents];
            let of = |one: &Person, other: &Person| one.surname == other.surname && one.forename != other.forename;
            let twins = residents[1..].iter().any(|other| other.born == residents[0].born && of(other, &residents[0]));
            tally.count("twins", twins);
            let age = |person: &Person| person.born.year();
            tally.count(
                "children",
                residents[1..]
                    .iter()
                    .any(|other| other.surname == residents[0].surname && age(other) >= age(&residents[0]) + 18),
            );
        }
        for account in &block.accounts {
            let id = supplier_id(account.supplier, nation.suppliers).to_string();
            let reference = Style::new(account.supplier).reference(account.number).to_string();
            let row = &read.customers[&(id, reference)][0];
            let person = &block.homes[account.home as usize].people[usize::from(account.holder)];
            let one_letter = plain(&row["forename"]).chars().next() == plain(&person.forename).chars().next();
            tally.count("other letter", !one_letter);
        }
    }
    tally.hold(&[("twins", 0.04, 1.0), ("children", 0.5, 1.0)]);
    let (other, all) = tally.0["other letter"];
    assert!(f64::from(other) / f64::from(all) > 0.08, "{other} of {all}");
}

fn qualifies(row: &Row) -> bool {
    let open = &*row["award_start"] <= OPEN_ON && (row["award_end"].is_empty() || &*row["award_end"] >= OPEN_ON);
    open && QUALIFYING.contains(&&*row["benefit"])
}

fn person_ref(home: u64, at: usize, council: bool) -> String {
    let number = (home * 8 + at as u64) * 2 + u64::from(council);
    reference(if council { "T" } else { "P" }, number).to_string()
}

#[test]
fn truth_agrees_with_a_plain_recount() {
    let nation = nation(6_000, 3_500, 13);
    let read = write_and_read(&nation);
    let due_claims: BTreeSet<&str> =
        read.benefits.iter().filter(|row| qualifies(row)).map(|row| &*row["claim_ref"]).collect();
    let mut due_people: BTreeMap<&str, &str> = BTreeMap::new();
    for row in read.benefits.iter().filter(|row| due_claims.contains(&*row["claim_ref"])) {
        due_people.insert(&row["person_ref"], &row["claim_ref"]);
    }
    let mut rebates: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut recounted, mut due) = (0, 0);
    for block in &read.blocks {
        for account in &block.accounts {
            let id = supplier_id(account.supplier, nation.suppliers).to_string();
            let key = (id, Style::new(account.supplier).reference(account.number).to_string());
            let rows = &read.customers[&key];
            let (start, end) = (&*rows[0]["supply_start"], &*rows[0]["supply_end"]);
            let on_supply = start <= OPEN_ON && (end.is_empty() || end >= OPEN_ON);
            let home = block.homes[account.home as usize].number;
            let holders = [Some(account.holder), account.joint.map(|joint| joint.holder)];
            let claims: BTreeSet<&str> = holders
                .into_iter()
                .flatten()
                .flat_map(|holder| [false, true].map(|council| person_ref(home, holder.into(), council)))
                .filter_map(|person| due_people.get(&*person).copied())
                .collect();
            let eligible = on_supply && !claims.is_empty();
            assert_eq!(read.truth[&key], if eligible { "Y" } else { "N" });
            if eligible {
                claims.into_iter().for_each(|claim| *rebates.entry(claim).or_default() += 1);
                due += 1;
            }
            recounted += 1;
        }
    }
    assert_eq!(recounted, read.truth.len());
    assert!(due > recounted / 6 && due < recounted / 3, "{due} of {recounted}");
    assert!(rebates.values().all(|accounts| *accounts == 1), "a claim has one rebate");
}

#[test]
fn supply_is_open_for_most_and_overlaps_for_some() {
    let read = write_and_read(&nation(20_000, 1_000, 14));
    let rows: Vec<&Row> = read.customers.values().flatten().collect();
    let open = rows.iter().filter(|row| row["supply_end"].is_empty() && &*row["supply_start"] <= OPEN_ON).count();
    assert!((19_100..19_300).contains(&open), "{open}");
    assert!(read.customers.values().all(|rows| rows.len() <= 2));
}

fn bytes(nation: &Nation, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| write(nation, folder.path(), &Unwatched)).unwrap();
    let suppliers = fs::read_dir(folder.path().join("suppliers")).unwrap();
    fs::read_dir(folder.path())
        .unwrap()
        .chain(suppliers)
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn one_nation_has_the_same_bytes_on_any_number_of_threads() {
    let small = nation(9_000, 3_000, 15);
    let one = bytes(&small, 1);
    assert_eq!(one.len(), 8);
    assert!(one == bytes(&small, 3));
    let other = bytes(&nation(9_000, 3_000, 16), 1);
    for (name, bytes) in &one {
        assert_eq!(other[name] == *bytes, name == "job.toml", "{name}");
    }
}

#[test]
fn numbers_of_rows_are_met_whatever_their_ratio() {
    for (customers, benefits) in [(0, 0), (1, 0), (0, 700), (500, 6_000), (9_000, 3_000), (5_000, 1)] {
        let read = write_and_read(&nation(customers, benefits, 17));
        let rows: usize = read.customers.values().map(Vec::len).sum();
        assert_eq!((rows as u64, read.benefits.len() as u64), (customers, benefits));
    }
}

#[test]
fn what_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |nation: &Nation| write(nation, folder.path(), &Unwatched).unwrap_err();
    assert!(matches!(refused(&Nation { suppliers: 0, ..nation(1, 1, 1) }), SynthError::Suppliers));
    assert!(matches!(refused(&nation(200_000_000, 1, 1)), SynthError::TooLarge));
    let noise = Noise { flats: 1.5, ..Noise::default() };
    assert!(matches!(refused(&Nation { noise, ..nation(1, 1, 1) }), SynthError::Rate("flats")));
    fs::write(folder.path().join("other.txt"), "").unwrap();
    assert!(matches!(refused(&nation(1, 1, 1)), SynthError::NotEmpty(_)));
}

#[test]
fn the_job_file_names_every_column_of_its_suppliers() {
    let files = bytes(&nation(300, 100, 18), 1);
    let job: toml::Table = String::from_utf8_lossy(&files["job.toml"]).parse().unwrap();
    let suppliers = job["supplier"].as_array().unwrap();
    assert_eq!(suppliers.len(), 4);
    let headings = String::from_utf8_lossy(&files["supplier-02.csv"]);
    for (_, heading) in suppliers[1]["columns"].as_table().unwrap() {
        assert!(headings.lines().next().unwrap().split(',').any(|h| Some(h) == heading.as_str()));
    }
    assert_eq!(job["scheme"][0]["id"].as_str(), Some("whd-2026"));
}

#[test]
fn a_harder_nation_lacks_half_of_the_birth_dates() {
    let nation = Nation { noise: Noise::harder(), ..nation(4_000, 1_500, 19) };
    let read = write_and_read(&nation);
    let rows: Vec<&Row> = read.customers.values().map(|rows| &rows[0]).collect();
    let absent = |row: &&&Row| row["date_of_birth"].is_empty() || row["date_of_birth"] == "1900-01-01";
    let share = rows.iter().filter(absent).count() as f64 / rows.len() as f64;
    assert!((share - 0.5).abs() < 0.04, "{share}");
}

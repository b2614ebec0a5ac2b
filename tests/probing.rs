//! Checks that each way of probing who is on benefit is caught, and that honest suppliers with their daily changes are
//! not.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Folder, Said};

const SUPPLIER: &str = "supplier-01";

/// The rows of a customer file, by column.
#[derive(Clone)]
struct Rows {
    header: csv::StringRecord,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn read(folder: &Folder, name: &str) -> Rows {
        let mut reader = csv::Reader::from_path(folder.path(name)).unwrap();
        let header = reader.headers().unwrap().clone();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        Rows { header, rows }
    }

    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap()
    }

    fn set(&mut self, row: usize, column: &str, value: &str) {
        let column = self.column(column);
        self.rows[row][column] = value.to_owned();
    }

    fn get(&self, row: usize, column: &str) -> &str {
        &self.rows[row][self.column(column)]
    }

    fn write(&self, folder: &Folder) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        folder.write(&format!("nation/suppliers/{SUPPLIER}.csv"), writer.into_inner().unwrap());
    }
}

fn run(folder: &Folder) -> Said {
    folder.flagmatch(&["run", "nation/job.toml"])
}

/// A nation with probing gates and two runs behind it. Returns the supplier's rows in these runs, four fifths of all,
/// and the rest, who are future customers.
fn nation() -> (Folder, Rows, Rows) {
    let folder = Folder::nation("6000", "2000", "2");
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[probing]\n"));
    let mut rows = Rows::read(&folder, &format!("nation/suppliers/{SUPPLIER}.csv"));
    let later = Rows { header: rows.header.clone(), rows: rows.rows.split_off(rows.rows.len() * 4 / 5) };
    for night in 0..2 {
        rows.write(&folder);
        let said = run(&folder);
        assert_eq!(said.code, 0, "night {night}: {}", said.stdout);
    }
    (folder, rows, later)
}

/// Checks that exactly these gates quarantine the supplier, and that the supplier is told nothing.
#[track_caller]
fn is_held(folder: &Folder, gates: &[&str]) {
    let said = run(folder);
    assert_eq!(said.code, 4, "{}{}", said.stdout, said.stderr);
    let record = folder.read("nation/out/latest/administrator/run.json");
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let held = &record["summary"]["held_back"];
    assert_eq!((held.as_array().unwrap().len(), held[0]["id"].as_str()), (1, Some(SUPPLIER)));
    let found = held[0]["findings"].as_array().unwrap().iter().map(|finding| finding["gate"].as_str().unwrap());
    assert_eq!(found.collect::<Vec<_>>(), gates, "{}", said.stdout);
    assert!(!folder.exists(&format!("nation/out/latest/suppliers/{SUPPLIER}")));
    assert!(folder.exists(&format!("nation/out/latest/administrator/held/{SUPPLIER}/marks")));
    // The supplier's newest delivery is the earlier one, and does not mention the gates.
    let delivery = folder.path(&format!("nation/out/current/{SUPPLIER}"));
    for file in fs::read_dir(delivery).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("probing") && !text.contains("held"));
    }
}

#[track_caller]
fn goes_out(folder: &Folder, rows: &Rows, night: &str) {
    rows.write(folder);
    let said = run(folder);
    assert_eq!(said.code, 0, "{night}: {}", said.stdout);
}

/// Persons from the benefit records, invented as customers of the supplier.
fn invented_of_claimants(folder: &Folder, like: &Rows, count: usize) -> Vec<Vec<String>> {
    let benefits = Rows::read(folder, "nation/benefits.csv");
    let shared =
        ["forename", "surname", "date_of_birth", "address_line_1", "address_line_2", "town", "postcode", "uprn"];
    let claimants = (0..benefits.rows.len()).step_by(3).take(count);
    let row = |(number, claimant): (usize, usize)| {
        let mut row = vec![String::new(); like.header.len()];
        row[like.column("customer_ref")] = format!("INVENTED-{number}");
        for column in shared.iter().filter(|column| benefits.header.iter().any(|name| name == **column)) {
            row[like.column(column)] = benefits.get(claimant, column).to_owned();
        }
        row
    };
    claimants.enumerate().map(row).collect()
}

#[test]
fn customers_invented_from_a_list_of_the_poor_are_held() {
    let (folder, rows, _) = nation();
    let mut probe = rows.clone();
    probe.rows.extend(invented_of_claimants(&folder, &rows, 60));
    probe.write(&folder);
    // Some of them are already its customers, and so are in the file twice.
    is_held(&folder, &["one-person", "one-person-at-home", "new-match-rate"]);
    goes_out(&folder, &rows, "without them");
}

#[test]
fn one_person_under_many_references_is_held() {
    let (folder, rows, _) = nation();
    // One name at one home, with sixty guesses at the date of birth.
    let mut guess = rows.clone();
    let place = (0..rows.rows.len()).find(|row| !rows.get(*row, "surname").is_empty()).unwrap();
    for day in 0..60 {
        let mut row = rows.rows[place].clone();
        row[rows.column("customer_ref")] = format!("GUESS-{day}");
        row[rows.column("date_of_birth")] = format!("19{:02}-{:02}-{:02}", 40 + day / 12, day % 12 + 1, 7);
        guess.rows.push(row);
    }
    guess.write(&folder);
    is_held(&folder, &["one-person-at-home"]);
    // One name and date of birth at sixty homes.
    let mut guess = rows.clone();
    let known = (0..rows.rows.len()).find(|row| !rows.get(*row, "date_of_birth").is_empty()).unwrap();
    for home in 0..60 {
        let mut row = rows.rows[home * 7].clone();
        for column in ["title", "forename", "middle_names", "surname", "full_name", "date_of_birth"] {
            if rows.header.iter().any(|name| name == column) {
                row[rows.column(column)] = rows.get(known, column).to_owned();
            }
        }
        row[rows.column("customer_ref")] = format!("GUESS-{home}");
        guess.rows.push(row);
    }
    guess.write(&folder);
    // Some of these homes have a joint holder, who is now there twice.
    is_held(&folder, &["one-person", "one-person-at-home"]);
}

#[test]
fn one_address_with_many_surnames_is_held() {
    let (folder, rows, later) = nation();
    let mut guess = rows.clone();
    for (number, row) in later.rows.iter().enumerate().take(60) {
        let mut row = row.clone();
        for column in ["address_line_1", "address_line_2", "address_line_3", "town", "postcode", "uprn"] {
            if rows.header.iter().any(|name| name == column) {
                row[rows.column(column)] = rows.get(1, column).to_owned();
            }
        }
        row[rows.column("customer_ref")] = format!("GUESS-{number}");
        guess.rows.push(row);
    }
    guess.write(&folder);
    let said = run(&folder);
    assert_eq!(said.code, 4, "{}", said.stdout);
    assert!(said.stdout.contains("           crowded-address: "), "{}", said.stdout);
}

#[test]
fn many_edits_in_one_night_are_held() {
    let (folder, rows, _) = nation();
    let mut edited = rows.clone();
    for row in (0..rows.rows.len()).filter(|row| row % 8 == 0) {
        edited.set(row, "date_of_birth", "1961-02-03");
    }
    edited.write(&folder);
    is_held(&folder, &["edited"]);
}

#[test]
fn accounts_edited_night_after_night_are_held() {
    let (folder, mut rows, _) = nation();
    let guesses = |rows: &mut Rows, night: usize| {
        for row in (0..60).map(|row| row * 11) {
            rows.set(row, "date_of_birth", &format!("19{}-02-03", 41 + night));
        }
    };
    for night in 0..2 {
        guesses(&mut rows, night);
        goes_out(&folder, &rows, "sixty edits");
    }
    guesses(&mut rows, 2);
    rows.write(&folder);
    is_held(&folder, &["edited-again"]);
    // Sending it again does not help: a quarantined file is not what the next one is compared with.
    is_held(&folder, &["edited-again"]);
    // Once staff have released it by hand, the next run compares with it as with any delivery.
    let said = folder.flagmatch(&["release", "nation/out/latest", "--supplier", SUPPLIER, "--reason", "looked at"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let is_marked = |run: &str| folder.exists(&format!("nation/out/{run}/administrator/marks/{SUPPLIER}"));
    assert!(is_marked("latest"));
    goes_out(&folder, &rows, "after the release");
    guesses(&mut rows, 3);
    rows.write(&folder);
    is_held(&folder, &["edited-again"]);
}

/// An account that goes off supply loses its flag. The flag after its return would reveal whether the household has
/// another account.
#[test]
fn accounts_taken_off_supply_and_put_back_are_held() {
    let (folder, rows, _) = nation();
    let ending = |night: usize, share: usize, end: &str| {
        let mut rows = rows.clone();
        for row in (0..rows.rows.len()).step_by(share) {
            rows.set(row, "supply_end", end);
        }
        // Each run gets a new file, since a gate quarantines a repeated one.
        rows.set(1, "supply_end", &format!("2030-01-{:02}", night + 1));
        rows
    };
    goes_out(&folder, &ending(0, 40, "2020-01-01"), "some have left");
    goes_out(&folder, &ending(1, 40, ""), "they are back");
    goes_out(&folder, &ending(2, 40, "2020-01-01"), "they have left again");
    ending(3, 40, "").write(&folder);
    is_held(&folder, &["edited-again"]);
    // Many accounts at once are caught at once.
    let (folder, ..) = nation();
    goes_out(&folder, &ending(4, 12, "2020-01-01"), "many have left");
    ending(5, 12, "").write(&folder);
    is_held(&folder, &["edited"]);
}

#[test]
fn a_jump_in_volume_is_held() {
    let (folder, rows, later) = nation();
    let mut more = rows.clone();
    more.rows.extend_from_slice(&later.rows[..rows.rows.len() / 9]);
    more.write(&folder);
    is_held(&folder, &["new-accounts"]);
}

/// In each run one account in a hundred leaves and one joins, and one in two hundred moves or is corrected. The export
/// varies too: capitals, spaces and the order of rows are no edits.
#[test]
fn honest_suppliers_go_out() {
    let (folder, mut rows, later) = nation();
    let hundredth = rows.rows.len() / 100;
    let mut joining = later.rows.into_iter();
    for night in 0..6 {
        rows.rows.drain(night * 5..night * 5 + hundredth);
        rows.rows.extend(joining.by_ref().take(hundredth));
        for row in 0..hundredth / 2 {
            rows.set(100 + night * 50 + row, "surname", "Newname");
        }
        let mut export = rows.clone();
        for row in 0..export.rows.len() {
            if night % 2 == 0 {
                let capitals = export.get(row, "surname").to_uppercase();
                export.set(row, "surname", &format!(" {capitals}"));
            }
        }
        export.rows.rotate_left(night * 13);
        goes_out(&folder, &export, &format!("night {night}"));
    }
    let list = folder.flagmatch(&["ledger", "verify", "nation/out"]);
    assert_eq!(list.code, 0);
}

/// The edit fingerprints take one byte an account, whoever holds it.
#[test]
fn no_more_is_remembered_than_a_byte_an_account() {
    let (folder, rows, _) = nation();
    let marks = |run: &str| common::bytes(&folder.path(&format!("nation/out/{run}/administrator/marks/{SUPPLIER}")));
    let nights = fs::read_dir(folder.path("nation/out")).unwrap();
    let mut nights: Vec<String> = nights.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    nights.retain(|name| name.starts_with("20"));
    assert_eq!(nights.len(), 2);
    // A further run on the same rows leaves the same bytes.
    assert_eq!(marks(&nights[0]), marks(&nights[1]));
    let references: std::collections::HashSet<&str> =
        (0..rows.rows.len()).map(|row| rows.get(row, "customer_ref")).collect();
    let bytes = marks("latest");
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let header = std::str::from_utf8(&bytes[..end]).unwrap();
    assert!(header.len() < 64 && header.starts_with("flagmatch marks "), "{header}");
    assert_eq!(bytes.len() - end - 1, references.len());
    // Without the probing gates nothing is remembered.
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", job.replace("[probing]", ""));
    assert_eq!(run(&folder).code, 0);
    assert!(!folder.exists("nation/out/latest/administrator/marks"));
}

//! Checks that a run counts holders who do not exist, and tells the figure to the administrator alone.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CUSTOMER, Folder, Row, award, csv, customer};
use flagmatch::report::Share;
use serde_json::Value;

/// The figures of a run's scheme, as standard output has them.
fn figures(folder: &Folder, arguments: &[&str]) -> Value {
    let said = folder.flagmatch(&[&["run"], arguments, &["--json"]].concat());
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let summary: Value = serde_json::from_str(&said.stdout).unwrap();
    summary["decoys"][0].clone()
}

/// Rows of a file in the opposite order.
fn turn_round(folder: &Folder, name: &str) {
    let text = folder.read(name);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    folder.write(name, lines.join("\n") + "\n");
}

/// More rows than are all looked up, in several chunks of each file.
#[test]
fn figures_depend_on_neither_threads_nor_the_order_of_rows() {
    let folder = Folder::nation("26000", "9000", "2");
    let one = figures(&folder, &["nation/job.toml", "--out", "one", "--threads", "1"]);
    assert!(one["decoys"].as_u64().unwrap() > 1_000, "{one}");
    assert!(one["decoys"].as_u64() < one["accounts"].as_u64(), "{one}");
    let three = figures(&folder, &["nation/job.toml", "--out", "three", "--threads", "3"]);
    assert_eq!(one, three);
    for file in ["suppliers/supplier-01.csv", "suppliers/supplier-02.csv", "benefits.csv"] {
        turn_round(&folder, &format!("nation/{file}"));
    }
    let turned = figures(&folder, &["nation/job.toml", "--out", "turned", "--threads", "3"]);
    assert_eq!(one, turned);
}

#[test]
fn only_the_administrator_learns_the_figures() {
    let folder = Folder::nation("3000", "1200", "2");
    let said = folder.flagmatch(&["run", "nation/job.toml", "--out", "out"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let line = said.stdout.lines().find(|line| line.starts_with("strangers flagged in 100,000 accounts: "));
    assert!(line.is_some_and(|line| line.ends_with(" decoys)") && line.len() <= 80), "{}", said.stdout);
    let record: Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let figures = &record["summary"]["decoys"][0];
    assert_eq!(figures["scheme"], "whd-2026");
    let kinds: Vec<&Value> = figures["unseen"].as_array().unwrap().iter().map(|kind| &kind["kind"]).collect();
    assert_eq!(kinds, ["twin", "namesake", "occupier"]);
    let mut seen = 0;
    for place in ["analyst", "suppliers"] {
        for path in folder.tree(&format!("out/latest/{place}")).into_iter().filter(|path| path.is_file()) {
            let text = String::from_utf8(common::bytes(&path)).unwrap().to_lowercase();
            assert!(!text.contains("decoy") && !text.contains("strangers"), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} files");
}

/// Forename, surname and date of birth.
type Somebody = (String, String, String);

/// Homes of one postcode area, each with a resident who is on benefit, and a holder of its account.
fn homes(count: usize, resident: impl Fn(usize) -> Somebody, holder: impl Fn(usize) -> Somebody) -> Folder {
    let folder = Folder::sound();
    let live_at = |row: Row, number: usize, (forename, surname, born): Somebody| {
        let units = b"ABDEFGHJLN";
        let unit = [number / 10 % 10, number / 100].map(|place| char::from(units[place]));
        row.with("forename", &forename)
            .with("surname", &surname)
            .with("date_of_birth", &born)
            .with("postcode", &format!("LE{} {}{}{}", 11 + number % 3, number % 10, unit[0], unit[1]))
            .with("address_line_1", &format!("{} Zinnia Row", number + 1))
            .with("uprn", "")
    };
    let awards = (0..count).map(|number| {
        live_at(award(&format!("CLM-{number}"), &common::OSWALD), number, resident(number)).with("person_ref", "")
    });
    let customers =
        (0..count).map(|number| live_at(customer(&format!("REF-{number}"), &common::OSWALD), number, holder(number)));
    folder.benefits(&awards.collect::<Vec<_>>());
    folder.write("suppliers/north.csv", csv(CUSTOMER, &customers.collect::<Vec<_>>()));
    folder.write("suppliers/south.csv", csv(CUSTOMER, &[customer("REF-S", &common::OSWALD)]));
    folder
}

/// Homes whose residents hold their accounts.
fn nation_of(resident: impl Fn(usize) -> Somebody) -> Folder {
    homes(200, &resident, &resident)
}

/// Somebody of the one name, born on one of two days.
fn namesake(number: usize) -> Somebody {
    let born = if number.is_multiple_of(2) { "1951-03-14" } else { "1951-08-23" };
    ("Elspeth".to_owned(), "Quillfeather".to_owned(), born.to_owned())
}

/// Somebody with whom nobody else has name or birth date in common.
fn nobody_else(number: usize) -> Somebody {
    const SYLLABLES: [&str; 15] =
        ["ba", "ke", "lom", "mi", "nud", "pra", "stol", "vex", "wig", "zar", "hol", "thrup", "ox", "jun", "far"];
    let [first, second] = [SYLLABLES[number / 15], SYLLABLES[number % 15]];
    let born = format!("{}-{:02}-{:02}", 1930 + number % 60, 1 + number % 12, 1 + number % 28);
    (format!("{second}{first}o"), format!("{first}{second}field"), born)
}

/// Where all people have one name and two days of birth, somebody who is nobody is somebody.
#[test]
fn a_decoy_who_coincides_with_somebody_eligible_is_counted() {
    let said = figures(&nation_of(namesake), &["job.toml"]);
    let [decoys, flagged] = ["decoys", "flagged"].map(|name| said[name].as_u64().unwrap());
    assert!(decoys >= 100 && flagged * 2 > decoys, "{said}");
    assert!(said["per_account"]["low"].as_f64().unwrap() > 0.4, "{said}");

    let said = figures(&nation_of(nobody_else), &["job.toml"]);
    assert!(said["decoys"].as_u64().unwrap() >= 190 && said["flags"].as_u64().unwrap() >= 190, "{said}");
    assert_eq!(said["flagged"], 0, "{said}");
}

/// Somebody of one of sixteen common names.
fn one_of_few(number: usize) -> Somebody {
    let forename = ["Margaret", "David", "Susan", "John"][number % 4];
    let surname = ["Smith", "Jones", "Taylor", "Brown"][number / 4 % 4];
    (forename.to_owned(), surname.to_owned(), "1951-03-14".to_owned())
}

/// Half of the accounts belong to strangers. About one stranger in sixteen has the resident's name, and no record has a
/// date of birth.
#[test]
fn as_many_decoys_are_flagged_as_true_strangers() {
    const HOMES: usize = 900;
    let is_stranger = |number: usize| number % 2 == 1;
    let folder = homes(HOMES, one_of_few, |number| match is_stranger(number) {
        // A number without a pattern that the homes have too.
        true => one_of_few(number * number * 7 % 61),
        false => one_of_few(number),
    });
    leave_out_dates(&folder);
    let said = figures(&folder, &["job.toml"]);
    let flags = folder.read("out/latest/suppliers/north/whd.flags.csv");
    let flagged = |stranger: bool| {
        let is_flagged = |number: &usize| flags.lines().any(|line| line == format!("REF-{number},Y"));
        (0..HOMES).filter(|number| is_stranger(*number) == stranger).filter(is_flagged).count()
    };
    assert!(flagged(false) > HOMES * 45 / 100, "{}", flagged(false));
    let truth = Share::new(flagged(true) as u64, HOMES as u64 / 2);
    let [low, high] = ["low", "high"].map(|end| said["per_account"][end].as_f64().unwrap());
    assert!(low < truth.high && truth.low < high, "{said}, {truth:?}");
}

/// The wrong flags of a nation are as many as the estimates say.
#[test]
fn the_truth_is_within_the_estimates() {
    let folder = Folder::nation("26000", "9000", "2");
    let said = figures(&folder, &["nation/job.toml"]);
    let arguments = ["evaluate", "nation/job.toml", "--truth", "nation/truth.csv", "--json"];
    let precision = serde_json::from_str::<Value>(&folder.flagmatch(&arguments).stdout).unwrap()["precision"].clone();
    let of_kinds = said["unseen"].as_array().unwrap().iter().map(|kind| &kind["of_flags"]);
    let all: Vec<&Value> = of_kinds.chain([&said["of_flags"]]).collect();
    let [low, high] = ["low", "high"].map(|end| all.iter().map(|one| one[end].as_f64().unwrap()).sum::<f64>());
    let [most, fewest] = ["low", "high"].map(|end| 1.0 - precision[end].as_f64().unwrap());
    assert!(low > 0.0 && low < most && fewest < high, "{said}, {precision}");
}

/// Where half of the people have one surname, many a decoy gets back its donor's whole name, and is found by it if
/// nobody states a birth date. It found its donor, and nobody else.
#[test]
fn a_decoy_who_meets_its_own_donor_does_not_count() {
    let family = |number: usize| {
        let (forename, surname, born) = nobody_else(number);
        (forename, if number < 100 { "Quillfeather".to_owned() } else { surname }, born)
    };
    let folder = nation_of(family);
    leave_out_dates(&folder);
    let said = figures(&folder, &["job.toml"]);
    assert!(said["decoys"].as_u64().unwrap() >= 100 && said["flags"].as_u64().unwrap() >= 150, "{said}");
    assert_eq!(said["flagged"], 0, "{said}");
}

/// Leaves the dates of birth out of a customer file.
fn leave_out_dates(folder: &Folder) {
    let place = CUSTOMER.iter().position(|column| *column == "date_of_birth").unwrap();
    let undated = |row: &str| {
        let mut fields: Vec<&str> = row.split(',').collect();
        fields[place] = "";
        fields.join(",")
    };
    let text = folder.read("suppliers/north.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<String> = rows.lines().map(undated).collect();
    folder.write("suppliers/north.csv", format!("{header}\n{}\n", rows.join("\n")));
}

#[test]
fn without_a_table_nobody_unseen_is_invented() {
    let folder = nation_of(namesake);
    folder.add_to_job("[matching]\nrelatives = \"none\"");
    let said = figures(&folder, &["job.toml"]);
    assert_eq!(said["unseen"], Value::Array(Vec::new()), "{said}");
}

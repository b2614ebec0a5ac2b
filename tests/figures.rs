//! Checks the exact figures of a run: match rates of eligible households and persons with the causes of the rest, and
//! flagged shares of accounts. Table, record, summary and report say the same.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{
    DECISION, ELSPETH, Folder, HAMISH, JOB, JOCASTA, OBJECTION, OSWALD, PRUNELLA, Person, Row, award, csv, customer,
};

/// The counts that are not zero, by outcome.
fn counts(folder: &Folder, of: &str, breakdown: &str, part: &str) -> Vec<(String, u64)> {
    let rows = folder.administrator("figures", &[("of", of), ("breakdown", breakdown), ("part", part)]);
    let counts = rows.into_iter().map(|row| (row["outcome"].clone(), row["count"].parse().unwrap()));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn households(folder: &Folder) -> Vec<(String, u64)> {
    counts(folder, "households", "all", "")
}

fn outcomes(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(outcome, count)| ((*outcome).to_owned(), *count)).collect()
}

/// A job with objections and decisions, in which nobody objected and nothing is decided yet.
fn folder(job: &str, benefits: &[Row], north: &[Row], south: &[Row]) -> Folder {
    let folder = Folder::empty();
    folder
        .job(&format!("{job}\n[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]\n"));
    folder.write("objections.csv", csv(OBJECTION, &[]));
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder.benefits(benefits);
    folder.customers("north", north);
    folder.customers("south", south);
    folder
}

/// Elspeth's namesake, thirty years younger, at her home.
const NAMESAKE: Person = Person { born: "1981-03-14", ..ELSPETH };

/// One household each, with what its accounts and the administrator's files say of it.
#[test]
fn each_eligible_household_has_one_outcome() {
    let claims = [award("CLM-1", &ELSPETH)];
    let away = [customer("REF-9", &HAMISH)];
    let own = [customer("REF-1", &ELSPETH)];
    let objected = csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-1")])]);
    let decision = [
        ("supplier", "north"),
        ("customer_ref", "REF-1"),
        ("scheme", "whd"),
        ("flag", "N"),
        ("decided_by", "team-2"),
        ("decided_on", "2026-10-01"),
        ("reason", "phoned"),
    ];
    let decided = csv(DECISION, &[Row::new(&decision)]);
    let off_supply = customer("REF-1", &ELSPETH).with("supply_end", "2026-08-01");
    for (about, north, file, expected) in [
        ("found", own.to_vec(), None, "released"),
        ("objected", own.to_vec(), Some(("objections.csv", objected.clone())), "objected"),
        ("staff decided against it", own.to_vec(), Some(("decisions.csv", decided)), "under-threshold"),
        ("a namesake", vec![customer("REF-1", &NAMESAKE)], None, "review"),
        ("nobody is alike", vec![customer("REF-1", &PRUNELLA)], None, "not-found"),
        (
            "nobody is alike, and objected",
            vec![customer("REF-1", &PRUNELLA)],
            Some(("objections.csv", objected)),
            "objected",
        ),
        // A single scheme drops the account before any match key is made.
        ("off supply in the only scheme", vec![off_supply], None, "not-found"),
    ] {
        let folder = folder(JOB, &claims, &north, &away);
        if let Some((name, text)) = file {
            folder.write(name, text);
        }
        folder.run_well();
        assert_eq!(households(&folder), outcomes(&[(expected, 1)]), "{about}");
        assert_eq!(counts(&folder, "persons", "all", ""), outcomes(&[(expected, 1)]), "{about}");
    }
}

#[test]
fn a_flag_that_does_not_go_out_waits() {
    let claims = [award("CLM-1", &ELSPETH), award("CLM-2", &HAMISH)];
    let folder = folder(JOB, &claims, &[customer("REF-1", &ELSPETH)], &[customer("REF-9", &HAMISH)]);
    assert_eq!(folder.run(&["--supplier", "south"]).code, 0);
    assert_eq!(households(&folder), outcomes(&[("released", 1), ("waiting", 1)]));
}

#[test]
fn a_household_without_a_rebate_is_lost_to_the_limit() {
    let job = JOB.replacen("qualifying_date", "limit = 1\nqualifying_date", 1);
    let claims = [award("CLM-1", &ELSPETH), award("CLM-2", &HAMISH)];
    let folder = folder(&job, &claims, &[customer("REF-1", &ELSPETH)], &[customer("REF-9", &HAMISH)]);
    folder.run_well();
    assert_eq!(households(&folder), outcomes(&[("released", 1), ("limit", 1)]));
}

/// Claims that share a person are one household, and its outcome is that of all its claims and persons.
#[test]
fn a_household_counts_once() {
    let partner = award("CLM-1", &JOCASTA).with("role", "partner").with("benefit", "");
    let second = award("CLM-2", &OSWALD).with("person_ref", "PSN-CLM-1-Oswald");
    let claims = [award("CLM-1", &OSWALD), partner, second, award("CLM-3", &PRUNELLA)];
    let folder = folder(JOB, &claims, &[customer("REF-1", &OSWALD)], &[customer("REF-9", &HAMISH)]);
    folder.run_well();
    assert_eq!(households(&folder), outcomes(&[("released", 1), ("not-found", 1)]));
    assert_eq!(counts(&folder, "persons", "all", ""), outcomes(&[("released", 2), ("not-found", 1)]));
    assert_eq!(counts(&folder, "claims", "all", ""), outcomes(&[("released", 2), ("not-found", 1)]));
    for (breakdown, part, expected) in [
        ("region", "West Midlands", &[("released", 1)][..]),
        ("region", "South West", &[("not-found", 1)]),
        ("group", "core-1", &[("released", 1), ("not-found", 1)]),
        ("age", "75 to 84", &[("released", 1)]),
        ("age", "55 to 64", &[("not-found", 1)]),
        ("birth-date", "known", &[("released", 1), ("not-found", 1)]),
        ("birth-date", "unknown", &[]),
    ] {
        assert_eq!(counts(&folder, "households", breakdown, part), outcomes(expected), "{breakdown} {part}");
    }
}

/// Of four accounts one is not on supply, and one of the other three is flagged.
#[test]
fn accounts_are_counted_by_kind_and_by_how_they_were_found() {
    let gone = customer("REF-3", &JOCASTA).with("supply_end", "2026-08-01");
    let no_birth_date = customer("REF-2", &PRUNELLA).with("date_of_birth", "");
    let folder = folder(
        JOB,
        &[award("CLM-1", &ELSPETH)],
        &[customer("REF-1", &ELSPETH), no_birth_date, gone],
        &[customer("REF-9", &HAMISH)],
    );
    folder.run_well();
    for (breakdown, part, expected) in [
        ("all", "", &[("on-supply", 3), ("flagged", 1)][..]),
        ("supplier", "north", &[("on-supply", 2), ("flagged", 1)]),
        ("supplier", "south", &[("on-supply", 1)]),
        ("area", "LE", &[("on-supply", 1), ("flagged", 1)]),
        ("area", "HR", &[]),
        ("region", "East Midlands", &[("on-supply", 1), ("flagged", 1)]),
        ("birth-date", "unknown", &[("on-supply", 1)]),
        ("home", "house", &[("on-supply", 3), ("flagged", 1)]),
        ("posterior", "0.9999-1", &[("flagged", 1)]),
    ] {
        assert_eq!(counts(&folder, "accounts", breakdown, part), outcomes(expected), "{breakdown} {part}");
    }
    let found: u64 = folder
        .administrator("figures", &[("breakdown", "key")])
        .iter()
        .map(|row| row["count"].parse::<u64>().unwrap())
        .max()
        .unwrap();
    assert_eq!(found, 1);
}

/// On the sample data: each breakdown of a unit adds up to the whole, and all that a person reads has the same rate.
#[test]
fn figures_add_up_and_all_that_is_read_says_the_same() {
    let folder = Folder::sound();
    let said = folder.run(&[]);
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let recorded = &record["summary"]["match_rates"][0]["households"];
    for (outcome, count) in households(&folder) {
        assert_eq!(recorded[&outcome], count, "{outcome}");
    }
    let mut sums: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in folder.administrator("figures", &[]) {
        let is_unit = ["households", "persons", "claims"].contains(&row["of"].as_str());
        if is_unit {
            *sums.entry((row["of"].clone(), row["breakdown"].clone())).or_default() +=
                row["count"].parse::<u64>().unwrap();
        }
    }
    for ((of, breakdown), sum) in &sums {
        assert_eq!(*sum, sums[&(of.clone(), "all".to_owned())], "{of} by {breakdown}");
    }
    let whole: u64 = households(&folder).iter().map(|(_, count)| count).sum();
    let released = recorded["released"].as_u64().unwrap();
    assert!(whole > 0 && released > 0);
    let rate = format!("{:.1}", 100.0 * released as f64 / whole as f64);
    assert!(said.stdout.contains(&format!("household match rate {rate} %: {released} of {whole} eligible household")));
    let report = |arguments: &[&str]| {
        let said = folder.flagmatch(&[&["report", "out/latest"], arguments].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let sentence = format!("Household match rate {rate} %: {released} of {whole} eligible households");
    for format in ["text", "html"] {
        assert!(report(&["--administrator", "--format", format]).contains(&sentence), "{format}");
        assert!(!report(&["--format", format]).contains(&sentence), "{format}: exact figures are inside alone");
    }
}

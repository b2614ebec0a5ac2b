//! Checks that a match key shared by many people (a hostel, a placeholder) costs bounded work, and that an account goes
//! to review instead of being flagged if such a key was left out.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ELSPETH, Folder, JOB, Row, Said, award, customer};

/// This many people of Elspeth's surname and initial at her postcode, each on a claim of their own.
fn crowd(people: usize) -> Vec<Row> {
    let member = |number: usize| {
        let born = format!("19{:02}-{:02}-{:02}", 40 + number % 50, 1 + number % 12, 1 + number % 28);
        award(&format!("CLM-{number}"), &ELSPETH)
            .with("forename", "Ermintrude")
            .with("date_of_birth", &born)
            .with("uprn", "")
            .with("address_line_1", &format!("Room {number}"))
    };
    (10..10 + people).map(member).collect()
}

fn night(people: usize) -> Folder {
    let folder = Folder::empty();
    folder.job(JOB);
    let mut benefits = crowd(people);
    benefits.push(award("CLM-1", &ELSPETH));
    folder.benefits(&benefits);
    folder.customers("north", &[customer("REF-1", &ELSPETH)]);
    folder.customers("south", &[customer("REF-2", &common::HAMISH)]);
    folder
}

#[test]
fn an_account_whose_candidates_were_cut_off_is_for_a_person_to_decide() {
    let folder = night(500);
    let said = folder.run(&[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("1 match key was left out"), "{}", said.stdout);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "N");
    assert_eq!(folder.reason("north", "whd", "REF-1"), "cut-off");
    assert!(!folder.administrator("review", &[("reason", "cut-off")]).is_empty());
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    assert_eq!(record["keys"]["name+postcode"]["left_out"], 1);
}

/// The line of `--timings` about a key, or about all pairs: its numbers.
fn compared(said: &Said, key: &str) -> Vec<String> {
    let line = said.stderr.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{}", said.stderr));
    line[key.len()..].split_whitespace().map(str::to_owned).collect()
}

/// Two accounts are on supply. Elspeth meets the crowd by surname, initial and postcode, and her own row by every key;
/// Hamish meets nobody. A crowd that is too large costs no pair at all but the one that reports it.
#[test]
fn the_pairs_that_each_key_leads_to_are_printed_with_the_timings() {
    for (people, by_name, pairs) in [(100, ["101", "50.500"], ["101", "50.500"]), (500, ["1", "0.500"], ["2", "1.000"])]
    {
        let said = night(people).run(&["--timings"]);
        assert_eq!(compared(&said, "name+postcode"), by_name, "{people}");
        assert_eq!(compared(&said, "birth-date+postcode"), ["1", "0.500"], "{people}");
        assert_eq!(compared(&said, "all, each pair once"), pairs, "{people}");
    }
}

#[test]
fn a_crowd_within_bounds_cuts_nothing_off() {
    let folder = night(300);
    let said = folder.run(&[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(!said.stdout.contains("left out"), "{}", said.stdout);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
}

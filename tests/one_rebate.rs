//! Checks that a claim has one rebate over all suppliers and runs, and that a scheme keeps its limit.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{ELSPETH, Folder, HAMISH, JOB, OSWALD, PROPERTY, PRUNELLA, Row, award, csv, customer};

/// Elspeth as known to a supplier without her date of birth or UPRN, which supports the match less.
fn less_known(customer_ref: &str) -> Row {
    customer(customer_ref, &ELSPETH).with("date_of_birth", "").with("uprn", "").with("forename", "Elspet")
}

fn elspeth_alone(north: &[Row], south: &[Row]) -> Folder {
    let folder = Folder::empty();
    folder.job(JOB);
    folder.benefits(&[award("CLM-1", &ELSPETH)]);
    folder.customers("north", north);
    folder.customers("south", south);
    folder
}

/// The account's flag and reason.
fn said(folder: &Folder, supplier: &str, customer_ref: &str) -> (String, String) {
    (folder.flag(supplier, "whd", customer_ref), folder.reason(supplier, "whd", customer_ref))
}

fn yes() -> (String, String) {
    ("Y".to_owned(), "matched".to_owned())
}

fn used() -> (String, String) {
    ("N".to_owned(), "claim-used".to_owned())
}

#[test]
fn of_two_accounts_of_a_supplier_the_first_by_reference_gets_it_where_all_else_is_equal() {
    let folder =
        elspeth_alone(&[customer("REF-2", &ELSPETH), customer("REF-1", &ELSPETH)], &[customer("REF-0", &HAMISH)]);
    folder.run_well();
    assert_eq!(said(&folder, "north", "REF-1"), yes());
    assert_eq!(said(&folder, "north", "REF-2"), used());
    assert_eq!(folder.outcome("whd", "CLM-1"), "M");
    assert_eq!(folder.administrator("review", &[("reason", "claim-used")]).len(), 1);
}

/// How much a supplier knows about her moves no rebate, in the first run or later.
#[test]
fn what_a_supplier_knows_moves_no_rebate_to_it() {
    let (known, less) = (|reference| customer(reference, &ELSPETH), less_known);
    let nights = [(less("REF-1"), known("REF-2")), (known("REF-1"), less("REF-2")), (known("REF-1"), known("REF-2"))];
    let mut winners = Vec::new();
    for first in 0..nights.len() {
        let folder = elspeth_alone(&[], &[]);
        for at in 0..nights.len() {
            let (north, south) = nights[(first + at) % nights.len()].clone();
            // Each run gets a new file, since a gate quarantines a repeated one.
            let other = customer(&format!("REF-{at}{at}"), &HAMISH);
            folder.customers("north", &[north, other.clone()]);
            folder.customers("south", &[south, other.with("forename", "Hamilton")]);
            folder.run_well();
            let flags = [("north", "REF-1"), ("south", "REF-2")].map(|(supplier, own)| said(&folder, supplier, own));
            assert!(flags == [yes(), used()] || flags == [used(), yes()], "{flags:?}");
            winners.push(flags[0] == yes());
        }
    }
    assert!(winners.iter().all(|north| *north == winners[0]), "{winners:?}");
}

#[test]
fn a_supplier_held_back_or_not_asked_for_keeps_the_rebate() {
    let folder = elspeth_alone(&[customer("REF-0", &HAMISH)], &[customer("REF-2", &ELSPETH)]);
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH)]);
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    for _night in 0..2 {
        assert_eq!(folder.run(&[]).code, 4);
        assert_eq!(said(&folder, "north", "REF-1"), used());
        assert_eq!(folder.flag("south", "whd", "REF-2"), "Y", "by its last delivery");
        assert_eq!(folder.outcome("whd", "CLM-1"), "M");
    }
    folder.customers("south", &[less_known("REF-2")]);
    for _night in 0..2 {
        assert_eq!(folder.run(&["--supplier", "north"]).code, 0);
        assert_eq!(said(&folder, "north", "REF-1"), used());
        assert!(!folder.exists("out/latest/suppliers/south"));
    }
    folder.run_well();
    assert_eq!(said(&folder, "south", "REF-2"), yes());
}

#[test]
fn a_scheme_may_give_every_account_of_a_claim_its_rebate() {
    let folder =
        elspeth_alone(&[customer("REF-2", &ELSPETH), customer("REF-1", &ELSPETH)], &[customer("REF-0", &ELSPETH)]);
    folder.job(&JOB.replace("[[scheme.group]]", "one_rebate_per_claim = false\n[[scheme.group]]"));
    folder.run_well();
    for (supplier, customer_ref) in [("north", "REF-1"), ("north", "REF-2"), ("south", "REF-0")] {
        assert_eq!(said(&folder, supplier, customer_ref), yes());
    }
}

#[test]
fn a_claim_carries_one_rebate_in_each_scheme() {
    let folder = elspeth_alone(&[customer("REF-1", &ELSPETH)], &[customer("REF-2", &ELSPETH)]);
    folder.add_to_job(
        "[[scheme]]\nid = \"cold\"\nname = \"Cold\"\nqualifying_date = 2026-01-15\n[[scheme.group]]\nid = \"any\"\nbenefits = [\"PCGC\"]",
    );
    folder.run_well();
    for scheme in ["whd", "cold"] {
        let mut flags = [folder.flag("north", scheme, "REF-1"), folder.flag("south", scheme, "REF-2")];
        flags.sort();
        assert_eq!(flags, ["N", "Y"], "{scheme}");
    }
}

/// Four people with a claim each, in homes of these scores, and a limit of rebates.
fn with_limit(limit: u32, scores: [&str; 4]) -> Folder {
    let people = [ELSPETH, OSWALD, HAMISH, PRUNELLA];
    let folder = Folder::empty();
    folder.job(&JOB.replace("[[scheme.group]]", &format!("limit = {limit}\n[[scheme.group]]")));
    folder.add_to_job("[properties]\nfiles = [\"properties.csv\"]");
    let claims = ["CLM-4", "CLM-3", "CLM-2", "CLM-1"];
    folder.benefits(&claims.iter().zip(&people).map(|(claim, person)| award(claim, person)).collect::<Vec<_>>());
    folder.customers("north", &[customer("REF-1", &people[0]), customer("REF-2", &people[1])]);
    folder.customers("south", &[customer("REF-3", &people[2]), customer("REF-4", &people[3])]);
    let known = people.iter().zip(scores).filter(|(_, score)| !score.is_empty());
    let rows = known.map(|(person, score)| Row::new(&[("uprn", person.uprn), ("energy_cost_score", score)]));
    folder.write("properties.csv", csv(PROPERTY, &rows.collect::<Vec<_>>()));
    folder
}

#[test]
fn where_rebates_are_few_the_coldest_homes_come_first_over_all_suppliers() {
    for (limit, scores, expected) in [
        (4, ["30", "20", "25", "15"], ["Y", "Y", "Y", "Y"]),
        (3, ["30", "20", "25", "15"], ["Y", "Y", "Y", "N"]),
        (2, ["30", "20", "25", "15"], ["Y", "N", "Y", "N"]),
        (1, ["30", "20", "25", "100.5"], ["N", "N", "N", "Y"]),
        (0, ["30", "20", "25", "15"], ["N", "N", "N", "N"]),
        (1, ["", "", "-3", ""], ["N", "N", "Y", "N"]),
    ] {
        let folder = with_limit(limit, scores);
        folder.run_well();
        let accounts = [("north", "REF-1"), ("north", "REF-2"), ("south", "REF-3"), ("south", "REF-4")];
        let claims = ["CLM-4", "CLM-3", "CLM-2", "CLM-1"];
        for (((supplier, customer_ref), claim), flag) in accounts.into_iter().zip(claims).zip(expected) {
            let (reason, outcome) = if flag == "Y" { ("matched", "M") } else { ("limit", "limit") };
            assert_eq!(
                said(&folder, supplier, customer_ref),
                (flag.to_owned(), reason.to_owned()),
                "{limit} {scores:?}"
            );
            assert_eq!(folder.outcome("whd", claim), outcome);
        }
        assert!(folder.administrator("review", &[]).is_empty(), "there is nothing to decide");
    }
}

#[test]
fn rebates_that_are_out_count_to_the_limit_when_their_supplier_is_held_back() {
    let folder = with_limit(2, ["30", "20", "25", "15"]);
    folder.job(&folder.read("job.toml").replace("limit = 2", "limit = 4"));
    folder.run_well();
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    folder.job(&folder.read("job.toml").replace("limit = 4", "limit = 3"));
    assert_eq!(folder.run(&[]).code, 4);
    // Released rebates are never taken back, and count towards the limit.
    assert_eq!(said(&folder, "north", "REF-1"), yes());
    assert_eq!(said(&folder, "north", "REF-2"), yes());
    folder.benefits(&[award("CLM-4", &ELSPETH), award("CLM-3", &OSWALD), award("CLM-9", &common::JOCASTA)]);
    let new = customer("REF-9", &common::JOCASTA);
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &OSWALD), new]);
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!(said(&folder, "north", "REF-2"), yes());
    assert_eq!(said(&folder, "north", "REF-9"), ("N".to_owned(), "limit".to_owned()));
}

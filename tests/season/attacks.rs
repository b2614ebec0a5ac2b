//! Checks what a supplier gains that chooses its files to win rebates or to learn something.

use std::fs;

use crate::common::{Folder, Row, csv};
use crate::story::season;

/// Homes of one street with one eligible person each.
const HOUSEHOLDS: usize = 20;

/// A person of a household, as the records have them.
fn person(household: usize) -> Row {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 20).unwrap()).to_string();
    let (one, other) = (letter(household), letter(household / 20));
    Row::new(&[
        ("forename", &format!("Elspeth{}", one.to_lowercase())),
        ("surname", &format!("Quill{}{}feather", one.to_lowercase(), other.to_lowercase())),
        ("date_of_birth", &format!("19{}-{:02}-{:02}", 40 + household % 40, 1 + household % 12, 1 + household % 28)),
        ("address_line_1", &format!("{} Zinnia Row", household + 1)),
        ("town", "Quorndon"),
        ("postcode", "LE12 8XQ"),
        ("uprn", &format!("1000991{household:05}")),
    ])
}

fn award(household: usize) -> Row {
    let claim = format!("CLM-{household:03}");
    person(household)
        .with("claim_ref", &claim)
        .with("person_ref", &format!("PSN-{household:03}"))
        .with("benefit", "PCGC")
}

fn account(customer_ref: &str, household: usize) -> Row {
    person(household).with("customer_ref", customer_ref)
}

fn accounts(beginning: &str, households: std::ops::Range<usize>) -> Vec<Row> {
    households.map(|household| account(&format!("{beginning}-{household:03}"), household)).collect()
}

fn nation(households: usize) -> Folder {
    let folder = season();
    folder.benefits(&(0..households).map(award).collect::<Vec<_>>());
    folder
}

fn run(folder: &Folder, day: &str, code: i32) {
    let said = folder.run(&["--night-of", day]);
    assert_eq!(said.code, code, "{}{}", said.stdout, said.stderr);
}

/// The accounts with a `Y` in a supplier's newest delivery.
fn yes(folder: &Folder, supplier: &str) -> Vec<String> {
    let flags = folder.flags(supplier, "whd").into_iter().filter(|(_, flag)| flag == "Y");
    flags.map(|(customer_ref, _)| customer_ref).collect()
}

/// The south's invented accounts have a date of birth and a UPRN. The north's true ones have both or neither.
#[test]
fn an_invented_complete_account_is_no_better_than_an_equal_one() {
    let won = |complete: bool| {
        let folder = nation(HOUSEHOLDS);
        let real = accounts("N", 0..HOUSEHOLDS).into_iter().map(|row| match complete {
            true => row,
            false => row.with("uprn", "").with("date_of_birth", ""),
        });
        folder.customers("north", &real.collect::<Vec<_>>());
        folder.customers("south", &accounts("S", 0..HOUSEHOLDS));
        run(&folder, "2026-10-01", 0);
        assert_eq!(yes(&folder, "north").len() + yes(&folder, "south").len(), HOUSEHOLDS);
        yes(&folder, "south")
    };
    let against_complete = won(true);
    assert_eq!(won(false), against_complete, "what more it says counts for nothing");
    // The order of the suppliers' ids does not decide either.
    assert!(!against_complete.is_empty() && against_complete.len() < HOUSEHOLDS, "{against_complete:?}");
}

#[test]
fn a_supplier_that_renumbers_all_accounts_loses_none() {
    let folder = nation(HOUSEHOLDS);
    folder.customers("north", &accounts("N", 0..HOUSEHOLDS));
    folder.customers("south", &accounts("S", HOUSEHOLDS..HOUSEHOLDS + 1));
    run(&folder, "2026-10-01", 0);
    folder.customers("north", &accounts("M", 0..HOUSEHOLDS));
    folder.customers("south", &accounts("S", 0..HOUSEHOLDS));
    run(&folder, "2026-10-02", 0);
    assert_eq!((yes(&folder, "north").len(), yes(&folder, "south").len()), (HOUSEHOLDS, 0));
}

/// The north renumbers and is quarantined. Its flags stand, and it gets them back under the new references.
#[test]
fn nor_while_it_is_held_back() {
    let folder = nation(400);
    folder.customers("north", &accounts("N", 0..400));
    folder.customers("south", &accounts("S", 400..401));
    run(&folder, "2026-10-01", 0);
    folder.customers("north", &accounts("M", 0..200));
    folder.customers("south", &accounts("S", 0..400));
    run(&folder, "2026-10-02", 4);
    assert_eq!((yes(&folder, "north").len(), yes(&folder, "south").len()), (400, 0));
    folder.customers("north", &accounts("M", 0..400));
    run(&folder, "2026-10-03", 0);
    assert_eq!((yes(&folder, "north").len(), yes(&folder, "south").len()), (400, 0));
}

/// After a first run the north invents the south's new customers, and sends less than half of its own: a gate
/// quarantines it.
fn with_invented_customers() -> Folder {
    let folder = nation(110);
    folder.customers("north", &accounts("N", 0..100));
    folder.customers("south", &accounts("S", 100..101));
    run(&folder, "2026-10-01", 0);
    let invented: Vec<Row> = accounts("N", 0..40).into_iter().chain(accounts("X", 100..110)).collect();
    folder.customers("north", &invented);
    folder.customers("south", &accounts("S", 100..110));
    folder
}

#[test]
fn a_file_that_is_held_back_takes_no_new_rebate() {
    let folder = with_invented_customers();
    run(&folder, "2026-10-02", 4);
    assert_eq!(yes(&folder, "south").len(), 10);
}

/// The same in a run for the south alone.
#[test]
fn nor_does_one_that_a_gate_would_hold_back() {
    let folder = with_invented_customers();
    let said = folder.run(&["--night-of", "2026-10-02", "--supplier", "south"]);
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    assert_eq!(yes(&folder, "south").len(), 10);
    // The record names the inputs that decided.
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let inputs = record["inputs"].as_array().unwrap().iter();
    let named: Vec<&str> = inputs.filter_map(|input| input["input"].as_str()).collect();
    assert!(["benefits", "north", "south"].iter().all(|input| named.contains(input)), "{named:?}");
}

#[test]
fn an_account_that_is_missing_for_one_night_is_not_forgotten_on_the_second() {
    let folder = nation(2);
    folder.customers("north", &accounts("N", 0..1));
    folder.customers("south", &accounts("S", 1..2));
    run(&folder, "2026-10-01", 0);
    folder.customers("north", &accounts("N", 5..6));
    folder.customers("south", &accounts("S", 0..2));
    for day in ["2026-10-02", "2026-10-03", "2026-10-04"] {
        run(&folder, day, 0);
        assert_eq!(yes(&folder, "south"), ["S-001"], "{day}");
    }
}

/// A supplier takes its accounts off supply for one run: neither it nor another supplier learns anything.
#[test]
fn toggling_supply_tells_nothing() {
    let folder = nation(HOUSEHOLDS);
    folder.customers("north", &accounts("N", 0..HOUSEHOLDS));
    folder.customers("south", &accounts("S", HOUSEHOLDS..HOUSEHOLDS + 1));
    run(&folder, "2026-10-01", 0);
    folder.customers("south", &accounts("S", 0..HOUSEHOLDS / 2));
    run(&folder, "2026-10-02", 0);
    let before = folder.read("out/current/north/whd.flags.csv");
    let ended = accounts("N", 0..HOUSEHOLDS).into_iter().map(|row| row.with("supply_end", "2026-08-01"));
    folder.customers("north", &ended.collect::<Vec<_>>());
    run(&folder, "2026-10-03", 0);
    assert!(yes(&folder, "south").is_empty());
    folder.customers("north", &accounts("N", 0..HOUSEHOLDS));
    run(&folder, "2026-10-04", 0);
    assert_eq!(folder.read("out/current/north/whd.flags.csv"), before);
}

/// A placeholder as a claim's reference makes nobody else eligible.
#[test]
fn a_placeholder_claim_lends_nothing() {
    for (one_each, claim_ref) in [(true, "0"), (false, "0"), (true, "PENDING-7"), (false, "PENDING-7")] {
        let folder = season();
        if !one_each {
            folder.job(
                &folder.read("job.toml").replace("[[scheme.group]]", "one_rebate_per_claim = false\n[[scheme.group]]"),
            );
        }
        // Every tenth is on a qualifying benefit.
        let rows = (0..100).map(|household| {
            let benefit = if household % 10 == 0 { "PCGC" } else { "ESA" };
            award(household).with("claim_ref", claim_ref).with("benefit", benefit)
        });
        folder.benefits(&rows.collect::<Vec<_>>());
        folder.customers("north", &accounts("N", 0..100));
        folder.customers("south", &accounts("S", 100..101));
        run(&folder, "2026-10-01", 0);
        assert_eq!(yes(&folder, "north").len(), 10, "{one_each} {claim_ref}");
        let notes = folder.read("out/latest/administrator/rejects.csv");
        let noted = notes.lines().filter(|line| line.contains(",note,claim_ref,")).count();
        assert_eq!(noted, 100, "{one_each} {claim_ref}: {notes}");
    }
}

/// An account has two rows, one stronger than the other, in either order.
#[test]
fn the_order_of_rows_moves_no_rebate() {
    let mut tables = Vec::new();
    for turned in [false, true] {
        let folder = nation(4);
        let mut own = accounts("N", 0..2);
        own.push(account("N-000", 1).with("date_of_birth", "").with("uprn", ""));
        own.push(account("N-001", 0).with("date_of_birth", ""));
        let mut benefits: Vec<Row> = (0..4).map(award).collect();
        if turned {
            own.reverse();
            benefits.reverse();
        }
        folder.write("benefits.csv", csv(crate::common::BENEFIT, &benefits));
        folder.customers("north", &own);
        folder.customers("south", &accounts("S", 2..4));
        run(&folder, "2026-10-01", 0);
        let of = |table: &str| fs::read(folder.path(&format!("out/latest/administrator/{table}.csv"))).unwrap();
        tables.push(["decisions", "review", "claims"].map(of));
    }
    assert!(tables[0] == tables[1]);
}

//! Checks who is eligible and which accounts are on supply: each situation with its flag, and with the reason and the
//! claim's outcome, which only the administrator sees.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ELSPETH, Folder, HAMISH, JOB, JOCASTA, OSWALD, PROPERTY, PRUNELLA, Person, Row, award, csv, customer};

/// A run on these benefit rows and these accounts of the north. In the south lives Hamish, who is on no benefit.
fn night(job: &str, benefits: &[Row], customers: &[Row]) -> Folder {
    let folder = Folder::empty();
    folder.job(job);
    folder.benefits(benefits);
    folder.customers("north", customers);
    folder.customers("south", &[customer("REF-9", &HAMISH)]);
    folder
}

/// The flag and reason of the north's only account, REF-1, and the outcome of claim CLM-1.
fn said_of_one(folder: &Folder) -> [String; 3] {
    folder.run_well();
    [folder.flag("north", "whd", "REF-1"), folder.reason("north", "whd", "REF-1"), folder.outcome("whd", "CLM-1")]
}

fn with_all(row: Row, fields: &[(&'static str, &str)]) -> Row {
    fields.iter().fold(row, |row, (column, value)| row.with(column, value))
}

#[test]
fn an_award_counts_if_it_qualifies_and_is_open_on_the_day() {
    for (fields, expected) in [
        (&[("award_start", "2026-08-23")][..], ["Y", "matched", "M"]),
        (&[("award_start", "2026-08-24")], ["N", "not-eligible", ""]),
        (&[("award_end", "2026-08-23")], ["Y", "matched", "M"]),
        (&[("award_end", "2026-08-22")], ["N", "not-eligible", ""]),
        (&[("award_end", "23/08/2026")], ["Y", "matched", "M"]),
        (&[("award_end", "22.08.2026")], ["N", "not-eligible", ""]),
        (&[("award_start", ""), ("award_end", "")], ["Y", "matched", "M"]),
        (&[("benefit", "PIP")], ["N", "not-eligible", ""]),
        (&[("benefit", "PCGCX")], ["N", "not-eligible", ""]),
        (&[("benefit", " pcgc ")], ["Y", "matched", "M"]),
        (&[("role", "")], ["Y", "matched", "M"]),
        (&[("role", "PARTNER")], ["Y", "matched", "M"]),
    ] {
        let folder = night(JOB, &[with_all(award("CLM-1", &ELSPETH), fields)], &[customer("REF-1", &ELSPETH)]);
        assert_eq!(said_of_one(&folder), expected, "{fields:?}");
    }
}

#[test]
fn one_open_award_of_several_is_enough_and_closed_ones_do_not_add_up() {
    let award = |fields| with_all(award("CLM-1", &ELSPETH), fields);
    for (rows, expected) in [
        (vec![award(&[("award_end", "2025-01-01")]), award(&[])], ["Y", "matched", "M"]),
        (vec![award(&[("award_end", "2025-01-01")]), award(&[("benefit", "PIP")])], ["N", "not-eligible", ""]),
    ] {
        let folder = night(JOB, &rows, &[customer("REF-1", &ELSPETH)]);
        assert_eq!(said_of_one(&folder), expected);
    }
}

#[test]
fn a_partner_is_eligible_through_the_claim_and_through_no_other() {
    let partner = |claim| award(claim, &JOCASTA).with("role", "partner").with("benefit", "");
    let folder = night(JOB, &[award("CLM-1", &OSWALD), partner("CLM-1")], &[customer("REF-1", &JOCASTA)]);
    assert_eq!(said_of_one(&folder), ["Y", "matched", "M"]);
    let folder = night(JOB, &[award("CLM-1", &OSWALD), partner("CLM-2")], &[customer("REF-1", &JOCASTA)]);
    assert_eq!(said_of_one(&folder), ["N", "not-eligible", "U"]);
}

const WITH_INCOME: &str = "benefits = [\"PCGC\"]\nmax_income = 17000";

#[test]
fn the_largest_stated_income_of_the_claim_holds() {
    let job = JOB.replace("benefits = [\"PCGC\"]", WITH_INCOME);
    for (claimant, partner, expected) in [
        ("17000", "", ["Y", "matched", "M"]),
        ("17000.01", "", ["N", "not-eligible", ""]),
        ("16000", "16500", ["Y", "matched", "M"]),
        ("1000", "17001", ["N", "not-eligible", ""]),
        ("17001", "1000", ["N", "not-eligible", ""]),
        ("£16,999.50", "", ["Y", "matched", "M"]),
        ("", "", ["N", "not-decidable", "review"]),
        ("plenty", "", ["N", "not-decidable", "review"]),
    ] {
        let rows = [
            award("CLM-1", &OSWALD).with("income", claimant),
            award("CLM-1", &JOCASTA).with("role", "partner").with("income", partner),
        ];
        let folder = night(&job, &rows, &[customer("REF-1", &OSWALD)]);
        assert_eq!(said_of_one(&folder), expected, "{claimant:?} {partner:?}");
        let in_review = folder.administrator("review", &[("customer_ref", "REF-1")]);
        assert_eq!(!in_review.is_empty(), expected[1] == "not-decidable", "{claimant:?}");
        assert!(in_review.iter().all(|row| row["claim_ref"] == "CLM-1" && row["reason"] == "not-decidable"));
    }
}

#[test]
fn where_all_else_fails_an_unknown_income_is_not_for_review() {
    let job = JOB.replace("benefits = [\"PCGC\"]", WITH_INCOME);
    let row = award("CLM-1", &ELSPETH).with("income", "").with("benefit", "PIP");
    let folder = night(&job, &[row], &[customer("REF-1", &ELSPETH)]);
    assert_eq!(said_of_one(&folder), ["N", "not-eligible", ""]);
    assert!(folder.administrator("review", &[]).is_empty());
}

#[test]
fn another_group_may_make_up_for_one_that_fails() {
    let second = "\n[[scheme.group]]\nid = \"core-2\"\nbenefits = [\"UC\"]";
    let job = JOB.replace("benefits = [\"PCGC\"]", &(WITH_INCOME.to_owned() + second));
    let rows = |income| {
        let award = award("CLM-1", &ELSPETH).with("income", income);
        [award.clone().with("benefit", "UC"), award]
    };
    for (income, group) in [("16000", "core-1"), ("18000", "core-2"), ("", "core-2")] {
        let folder = night(&job, &rows(income), &[customer("REF-1", &ELSPETH)]);
        assert_eq!(said_of_one(&folder), ["Y", "matched", "M"], "{income:?}");
        assert_eq!(folder.administrator("decisions", &[("customer_ref", "REF-1")])[0]["group"], group);
    }
}

#[test]
fn the_energy_score_is_the_claimants_else_the_accounts() {
    let job = JOB.replace("benefits = [\"PCGC\"]", "benefits = [\"PCGC\"]\nmin_energy_cost_score = 40")
        + "\n[properties]\nfiles = [\"properties.csv\"]\n";
    for (claimant, account, scores, expected) in [
        ("100099155119", "100099155119", &[("100099155119", "40")][..], ["Y", "matched", "M"]),
        ("100099155119", "100099155119", &[("100099155119", "39.5")], ["N", "not-eligible", ""]),
        ("100099155119", "", &[("100099155119", "61")], ["Y", "matched", "M"]),
        ("100099155119", "", &[("100099155119", "12")], ["N", "not-eligible", ""]),
        ("", "100099155119", &[("100099155119", "61")], ["Y", "matched", "M"]),
        ("", "100099155119", &[("100099155119", "12")], ["N", "not-eligible", "U"]),
        ("100099155119", "100099155119", &[("100099155120", "61")], ["N", "not-decidable", "review"]),
        ("", "", &[("100099155119", "61")], ["N", "not-decidable", "review"]),
        ("", "", &[], ["N", "not-decidable", "review"]),
    ] {
        let folder = night(
            &job,
            &[award("CLM-1", &ELSPETH).with("uprn", claimant)],
            &[customer("REF-1", &ELSPETH).with("uprn", account)],
        );
        let rows = scores.iter().map(|(uprn, score)| Row::new(&[("uprn", uprn), ("energy_cost_score", score)]));
        folder.write("properties.csv", csv(PROPERTY, &rows.collect::<Vec<_>>()));
        assert_eq!(said_of_one(&folder), expected, "{claimant} {account} {scores:?}");
    }
}

#[test]
fn an_account_is_on_supply_on_both_ends_of_its_supply_and_between() {
    for (start, end, expected) in [
        ("2026-08-23", "", ["Y", "matched", "M"]),
        ("2026-08-24", "", ["N", "", "U"]),
        ("", "2026-08-23", ["Y", "matched", "M"]),
        ("", "2026-08-22", ["N", "", "U"]),
        ("2026-08-23", "23.08.2026", ["Y", "matched", "M"]),
        ("", "", ["Y", "matched", "M"]),
        ("20260824", "20260825", ["N", "", "U"]),
    ] {
        let account = customer("REF-1", &ELSPETH).with("supply_start", start).with("supply_end", end);
        let folder = night(JOB, &[award("CLM-1", &ELSPETH)], &[account]);
        assert_eq!(said_of_one(&folder), expected, "{start} to {end}");
    }
}

#[test]
fn each_holder_counts_by_their_own_row() {
    let gone = |person| customer("REF-1", person).with("supply_end", "2026-08-01");
    for (rows, flag) in [
        (vec![customer("REF-1", &HAMISH), customer("REF-1", &ELSPETH)], "Y"),
        (vec![customer("REF-1", &HAMISH), gone(&ELSPETH)], "N"),
        (vec![gone(&HAMISH), customer("REF-1", &ELSPETH)], "Y"),
        (vec![gone(&ELSPETH), gone(&HAMISH)], "N"),
    ] {
        let folder = night(JOB, &[award("CLM-1", &ELSPETH)], &rows);
        folder.run_well();
        assert_eq!(folder.flags("north", "whd"), [("REF-1".to_owned(), flag.to_owned())]);
    }
}

#[test]
fn a_joint_holder_is_a_holder() {
    let joint = customer("REF-1", &OSWALD)
        .with("joint_forename", JOCASTA.forename)
        .with("joint_surname", JOCASTA.surname)
        .with("joint_date_of_birth", JOCASTA.born);
    let folder = night(JOB, &[award("CLM-1", &JOCASTA)], &[joint]);
    assert_eq!(said_of_one(&folder), ["Y", "matched", "M"]);
}

#[test]
fn exact_repeats_are_dropped_and_counted() {
    let rows = [customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-1", &ELSPETH)];
    let folder = night(JOB, &[award("CLM-1", &ELSPETH)], &rows);
    let said = folder.run(&["--json"]);
    let summary: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(summary["suppliers"][0]["exact_repeats"], 1);
    assert_eq!(summary["suppliers"][0]["accounts"], 2);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
}

#[test]
fn schemes_of_one_job_have_their_own_dates_groups_and_suppliers() {
    let job = JOB
        .replace("files = [\"suppliers/south*.csv\"]", "files = [\"suppliers/south*.csv\"]\nschemes = [\"cold\"]")
        + "\n[[scheme]]\nid = \"cold\"\nname = \"Cold\"\nqualifying_date = 2026-01-15\n\
           [[scheme.group]]\nid = \"any\"\nbenefits = [\"UC\", \"PCGC\"]\n";
    let rows = [
        award("CLM-1", &ELSPETH).with("award_start", "2026-03-01"),
        award("CLM-2", &OSWALD).with("benefit", "UC").with("award_end", "2026-02-01"),
        award("CLM-3", &HAMISH),
    ];
    let moved_in = customer("REF-3", &HAMISH).with("supply_start", "2026-06-01");
    let folder = night(&job, &rows, &[customer("REF-1", &ELSPETH), customer("REF-2", &OSWALD), moved_in]);
    folder.run_well();
    let flags = |supplier, scheme| folder.flags(supplier, scheme).into_iter().map(|(_, flag)| flag).collect::<String>();
    assert_eq!(flags("north", "whd"), "YNY");
    assert_eq!(flags("north", "cold"), "NYN");
    assert_eq!(flags("south", "cold"), "Y");
    assert!(!folder.exists("out/current/south/whd.flags.csv"), "the south takes no part in it");
    assert_eq!(folder.outcome("whd", "CLM-3"), "M");
    assert_eq!(folder.outcome("cold", "CLM-3"), "M");
    assert_eq!(folder.outcome("cold", "CLM-1"), "");
}

#[test]
fn a_person_on_several_benefits_is_one_person() {
    // The account has no date of birth. Two people of one name there would leave open who holds it.
    let account = customer("REF-1", &ELSPETH).with("date_of_birth", "");
    let disability = award("CLM-5", &ELSPETH).with("person_ref", "PSN-5").with("benefit", "PIP");
    let folder = night(JOB, &[award("CLM-1", &ELSPETH), disability.clone()], std::slice::from_ref(&account));
    assert_eq!(said_of_one(&folder), ["Y", "matched", "M"]);

    let other = Person { born: "1979-12-05", ..ELSPETH };
    let daughter = award("CLM-5", &other).with("person_ref", "PSN-5").with("benefit", "PIP");
    let folder = night(JOB, &[award("CLM-1", &ELSPETH), daughter], std::slice::from_ref(&account));
    assert_eq!(said_of_one(&folder), ["N", "ambiguous", "review"]);

    let folder = night(JOB, &[award("CLM-1", &ELSPETH), award("CLM-5", &other)], &[account]);
    let [flag, reason, _] = said_of_one(&folder);
    assert_eq!([flag.as_str(), reason.as_str()], ["Y", "matched"], "both are eligible");
}

#[test]
fn a_placeholder_in_place_of_a_reference_makes_nobody_one_person() {
    // Hamish is on no qualifying benefit and Elspeth is. Both have the same placeholder in place of a reference.
    for sign in ["0", "000", "N/A", "unknown", " - "] {
        let hamish = award("CLM-2", &HAMISH).with("benefit", "PIP").with("person_ref", sign);
        let folder = night(
            JOB,
            &[award("CLM-1", &ELSPETH).with("person_ref", sign), hamish],
            &[customer("REF-1", &HAMISH), customer("REF-2", &ELSPETH)],
        );
        folder.run_well();
        assert_eq!(folder.reason("north", "whd", "REF-1"), "not-eligible", "{sign:?}");
        assert_eq!(folder.flag("north", "whd", "REF-2"), "Y", "{sign:?}");
    }

    // No person has so many rows, so this reference must be a placeholder, although no list has it.
    let crowd = (0..300).map(|number| {
        let born = format!("{}-{:02}-{:02}", 1930 + number % 60, 1 + number % 12, 1 + number % 28);
        award(&format!("CLM-{}", 100 + number), &HAMISH).with("date_of_birth", &born).with("person_ref", "PSN-9999")
    });
    let mut benefits: Vec<_> = crowd.collect();
    benefits.push(award("CLM-1", &PRUNELLA).with("benefit", "PIP").with("person_ref", "PSN-9999"));
    let folder = night(JOB, &benefits, &[customer("REF-1", &PRUNELLA)]);
    folder.run_well();
    assert_eq!(folder.flag("north", "whd", "REF-1"), "N");
}

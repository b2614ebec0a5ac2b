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

/// The rules are told beside `src/scheme/claim_eligibility.rs`; here each column of a file and each setting of the job
/// reaches them.
#[test]
fn eligibility_is_decided_by_what_the_files_say() {
    const YES: [&str; 3] = ["Y", "matched", "M"];
    const NO: [&str; 3] = ["N", "not-eligible", ""];
    const UNKNOWN: [&str; 3] = ["N", "not-decidable", "review"];
    let conditions = "benefits = [\"PCGC\"]\nmax_income = 17000\nmin_energy_cost_score = 40";
    let job = JOB.replace("benefits = [\"PCGC\"]", conditions) + "\n[properties]\nfiles = [\"properties.csv\"]\n";
    let (cold, warm, unscored) = ("100099155119", "100099155120", "100099155121");
    for (benefit, account, expected) in [
        (&[][..], &[][..], YES),
        (&[("award_start", "2026-08-24")], &[], NO),
        (&[("award_end", "23/08/2026")], &[], YES),
        (&[("award_end", "22.08.2026")], &[], NO),
        (&[("award_start", ""), ("award_end", "")], &[], YES),
        (&[("benefit", "PCGCX")], &[], NO),
        (&[("benefit", " pcgc ")], &[], YES),
        (&[("role", "")], &[], YES),
        (&[("income", "£16,999.50")], &[], YES),
        (&[("income", "£17,000.50")], &[], NO),
        (&[("income", "plenty")], &[], UNKNOWN),
        (&[("uprn", warm)], &[], NO),
        (&[("uprn", "")], &[], YES),
        (&[("uprn", "")], &[("uprn", warm)], ["N", "not-eligible", "U"]),
        (&[("uprn", "")], &[("uprn", "")], UNKNOWN),
        // A partner's home is not the claimant's.
        (&[("uprn", warm), ("role", "PARTNER")], &[], YES),
        (&[("uprn", unscored)], &[("uprn", unscored)], UNKNOWN),
    ] {
        let folder = night(
            &job,
            &[with_all(award("CLM-1", &ELSPETH), benefit)],
            &[with_all(customer("REF-1", &ELSPETH), account)],
        );
        let rows = [(cold, "40"), (warm, "39.5")]
            .map(|(uprn, score)| Row::new(&[("uprn", uprn), ("energy_cost_score", score)]));
        folder.write("properties.csv", csv(PROPERTY, &rows));
        assert_eq!(said_of_one(&folder), expected, "{benefit:?} {account:?}");
        let in_review = folder.administrator("review", &[("customer_ref", "REF-1")]);
        assert_eq!(!in_review.is_empty(), expected == UNKNOWN, "{benefit:?} {account:?}");
        assert!(in_review.iter().all(|row| row["claim_ref"] == "CLM-1" && row["reason"] == "not-decidable"));
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

#[test]
fn the_group_that_holds_is_named() {
    let second = "benefits = [\"PCGC\"]\nmax_income = 17000\n[[scheme.group]]\nid = \"core-2\"\nbenefits = [\"UC\"]";
    let job = JOB.replace("benefits = [\"PCGC\"]", second);
    for (income, group) in [("16000", "core-1"), ("18000", "core-2")] {
        let award = award("CLM-1", &ELSPETH).with("income", income);
        let folder = night(&job, &[award.clone().with("benefit", "UC"), award], &[customer("REF-1", &ELSPETH)]);
        assert_eq!(said_of_one(&folder), ["Y", "matched", "M"], "{income:?}");
        assert_eq!(folder.administrator("decisions", &[("customer_ref", "REF-1")])[0]["group"], group);
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

//! Checks what people decided: an objection bars the flag whatever the match or a decision says; a decision overrides
//! the match, but neither an objection nor the dates of supply.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{DECISION, ELSPETH, Folder, HAMISH, JOB, JOCASTA, OBJECTION, OSWALD, PRUNELLA, Row, award, csv, customer};

/// Oswald and Jocasta are a couple on one claim, with an account each. Elspeth has a claim of her own. Hamish has no
/// claim. Prunella has a claim, but is not on supply.
fn folder(objections: &[Row], decisions: &[Row]) -> Folder {
    let folder = Folder::empty();
    folder.job(&JOB.replace("[[scheme.group]]", "one_rebate_per_claim = false\n[[scheme.group]]"));
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    folder.benefits(&[
        award("CLM-1", &OSWALD),
        award("CLM-1", &JOCASTA).with("role", "partner"),
        award("CLM-2", &ELSPETH),
        award("CLM-4", &PRUNELLA),
    ]);
    folder.customers("north", &[customer("REF-1", &OSWALD), customer("REF-2", &JOCASTA)]);
    let gone = customer("REF-5", &PRUNELLA).with("supply_end", "2026-08-22");
    folder.customers("south", &[customer("REF-3", &ELSPETH), customer("REF-4", &HAMISH), gone]);
    folder.write("objections.csv", csv(OBJECTION, objections));
    folder.write("decisions.csv", csv(DECISION, decisions));
    folder
}

/// The flag and reason of REF-1 to REF-5, and the outcome of CLM-1 and CLM-2.
fn said(folder: &Folder) -> ([String; 5], [String; 2]) {
    folder.run_well();
    let of = |supplier, customer_ref| {
        let (flag, reason) = (folder.flag(supplier, "whd", customer_ref), folder.reason(supplier, "whd", customer_ref));
        format!("{flag} {reason}").trim_end().to_owned()
    };
    let accounts = [("north", "REF-1"), ("north", "REF-2"), ("south", "REF-3"), ("south", "REF-4"), ("south", "REF-5")];
    (
        accounts.map(|(supplier, customer_ref)| of(supplier, customer_ref)),
        ["CLM-1", "CLM-2"].map(|claim| folder.outcome("whd", claim)),
    )
}

fn objection(fields: &[(&'static str, &str)]) -> Row {
    Row::new(fields)
}

fn decision(supplier: &str, customer_ref: &str, flag: &str, day: &str) -> Row {
    Row::new(&[
        ("supplier", supplier),
        ("customer_ref", customer_ref),
        ("scheme", "whd"),
        ("flag", flag),
        ("decided_by", "team 4"),
        ("decided_on", day),
        ("reason", "tenancy agreement seen"),
    ])
}

#[test]
fn an_objection_bars_the_person_the_claim_or_the_account() {
    const YES: &str = "Y matched";
    const BARRED: &str = "N objected";
    let person = |reference| objection(&[("person_ref", reference)]);
    for (objections, accounts, claims) in [
        (vec![], [YES, YES, YES], ["M", "M"]),
        // An objection by person bars every claim of that person, and so the partner too.
        (vec![person("PSN-CLM-1-Oswald")], [BARRED, BARRED, YES], ["objected", "M"]),
        (vec![person("PSN-CLM-1-Jocasta")], [BARRED, BARRED, YES], ["objected", "M"]),
        (vec![person("PSN-CLM-1-Jocasta"), person("PSN-CLM-1-Oswald")], [BARRED, BARRED, YES], ["objected", "M"]),
        (vec![person("PSN-CLM-2-Elspeth")], [YES, YES, BARRED], ["M", "objected"]),
        (vec![objection(&[("claim_ref", "CLM-1")])], [BARRED, BARRED, YES], ["objected", "M"]),
        (vec![objection(&[("supplier", "south"), ("customer_ref", "REF-3")])], [YES, YES, BARRED], ["M", "objected"]),
        // The same reference at another supplier is another account.
        (vec![objection(&[("supplier", "north"), ("customer_ref", "REF-3")])], [YES, YES, YES], ["M", "M"]),
        // References are compared exactly.
        (vec![person("psn-clm-1-oswald"), person("PSN-CLM-1")], [YES, YES, YES], ["M", "M"]),
    ] {
        let (found, outcomes) = said(&folder(&objections, &[]));
        assert_eq!(found[..3], accounts.map(str::to_owned));
        assert_eq!(outcomes, claims.map(str::to_owned));
        assert_eq!(found[3], "N");
    }
}

#[test]
fn whoever_objects_under_one_reference_has_objected_under_all() {
    let folder = folder(&[objection(&[("person_ref", "PSN-5")])], &[]);
    let disability = award("CLM-5", &ELSPETH).with("person_ref", "PSN-5").with("benefit", "PIP");
    folder.benefits(&[award("CLM-2", &ELSPETH), disability]);
    folder.run_well();
    assert_eq!(folder.reason("south", "whd", "REF-3"), "objected");
    assert_eq!(folder.flag("south", "whd", "REF-3"), "N");
}

#[test]
fn a_person_who_objects_still_competes() {
    // Two people of one name at one address, both on benefit, and an account without a date of birth.
    let elder = common::Person { born: "1922-02-02", ..ELSPETH };
    let folder = folder(&[objection(&[("person_ref", "PSN-CLM-7-Elspeth")])], &[]);
    folder.benefits(&[award("CLM-2", &ELSPETH), award("CLM-7", &elder)]);
    folder.customers("south", &[customer("REF-3", &ELSPETH).with("date_of_birth", "")]);
    folder.run_well();
    assert_eq!(folder.flag("south", "whd", "REF-3"), "N", "it may well be the one who objected");
    folder.write("objections.csv", csv(OBJECTION, &[]));
    folder.run_well();
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
}

#[test]
fn a_decision_overrides_the_match_both_ways() {
    let (accounts, claims) = said(&folder(
        &[],
        &[
            decision("south", "REF-3", "N", "2026-09-01"),
            decision("south", "REF-4", "Y", "2026-09-01"),
            decision("south", "REF-5", "Y", "2026-09-01"),
        ],
    ));
    assert_eq!(accounts, ["Y matched", "Y matched", "N decided", "Y decided", "N not-on-supply"].map(str::to_owned));
    assert_eq!(claims, ["M", "U"].map(str::to_owned));
}

#[test]
fn a_later_decision_supersedes_an_earlier_one() {
    for (rows, flag) in [
        ([("N", "2026-09-01"), ("Y", "2026-09-02")], "Y decided"),
        ([("Y", "2026-09-02"), ("N", "2026-09-01")], "Y decided"),
        ([("Y", "02/09/2026"), ("N", "2026-10-01")], "N decided"),
        ([("Y", "2026-09-02"), ("N", "2026-09-02T09:00")], "N decided"),
        ([("N", "2026-09-02"), ("Y", "2026-09-02")], "N decision-void"),
    ] {
        let rows = rows.map(|(flag, day)| decision("south", "REF-4", flag, day));
        assert_eq!(said(&folder(&[], &rows)).0[3], flag);
    }
}

#[test]
fn a_decision_does_not_override_an_objection() {
    let decisions = [
        decision("south", "REF-3", "Y", "2026-09-01"),
        decision("south", "REF-4", "Y", "2026-09-01").with("claim_ref", "CLM-2"),
    ];
    for (objections, accounts) in [
        (objection(&[("person_ref", "PSN-CLM-2-Elspeth")]), ["N objected", "N objected"]),
        (objection(&[("claim_ref", "CLM-2")]), ["N objected", "N objected"]),
        (objection(&[("supplier", "south"), ("customer_ref", "REF-3")]), ["N objected", "Y decided"]),
        (objection(&[("supplier", "south"), ("customer_ref", "REF-4")]), ["Y decided", "N objected"]),
    ] {
        let (found, _) = said(&folder(&[objections], &decisions));
        assert_eq!(found[2..4], accounts.map(str::to_owned));
    }
}

#[test]
fn a_claim_that_was_decided_for_one_account_is_used() {
    let decided = decision("south", "REF-4", "Y", "2026-09-01").with("claim_ref", "CLM-2");
    let folder = folder(&[], &[decided]);
    folder.job(&folder.read("job.toml").replace("one_rebate_per_claim = false\n", ""));
    let (accounts, claims) = said(&folder);
    assert_eq!(accounts[2..4], ["N claim-used", "Y decided"].map(str::to_owned));
    assert_eq!(claims[1], "M");
    assert_eq!(folder.administrator("decisions", &[("customer_ref", "REF-4")])[0]["claim_ref"], "CLM-2");
}

#[test]
fn a_decision_that_cannot_be_used_is_listed_and_not_taken() {
    for (row, reason) in [
        (decision("south", "REF-4", "Y", "2026-09-01").with("scheme", "wdh"), "unknown scheme"),
        (decision("south", "REF-4", "yes", "2026-09-01"), "neither Y nor N"),
        (decision("south", "", "Y", "2026-09-01"), "no readable reference"),
    ] {
        let folder = folder(&[], &[row]);
        folder.add_to_job("[intake]\nreject_limit = 1.0");
        assert_eq!(said(&folder).0[3], "N");
        let rejects = folder.read("out/latest/administrator/rejects.csv");
        assert_eq!(rejects, format!("file,line,kind,column,reason,heading\ndecisions.csv,2,reject,,{reason},\n"));
    }
}

#[test]
fn no_decision_overrides_an_objection_of_whoever_the_match_rests_on() {
    let open = decision("south", "REF-3", "Y", "2026-09-01");
    let named = open.clone().with("claim_ref", "CLM-2");
    let person = || objection(&[("person_ref", "PSN-CLM-2-Elspeth")]);
    let claim = || objection(&[("claim_ref", "CLM-2")]);
    let partner = award("CLM-2", &JOCASTA).with("role", "partner");
    let known = award("CLM-2", &ELSPETH);
    let of_unknown_income = known.clone().with("income", "");
    let not_qualifying = known.clone().with("benefit", "PIP");
    let same = || customer("REF-3", &ELSPETH);
    let born_otherwise = || same().with("date_of_birth", "1987-10-29");
    for (about, benefit, account) in [
        ("income unknown", &of_unknown_income, same()),
        ("another date of birth", &known, born_otherwise()),
        ("on no qualifying benefit", &not_qualifying, same()),
    ] {
        for (objected, decided) in [(person(), &open), (person(), &named), (claim(), &open), (claim(), &named)] {
            let folder = folder(std::slice::from_ref(&objected), std::slice::from_ref(decided));
            folder.job(&folder.read("job.toml").replace("[\"PCGC\"]", "[\"PCGC\"]\nmax_income = 20000"));
            folder.benefits(&[benefit.clone(), partner.clone().with("benefit", "PIP").with("income", "")]);
            folder.customers("south", std::slice::from_ref(&account));
            folder.run_well();
            let said = [folder.flag("south", "whd", "REF-3"), folder.reason("south", "whd", "REF-3")];
            assert_eq!(said, ["N", "objected"], "{about}");
            folder.write("objections.csv", csv(OBJECTION, &[]));
            folder.run_well();
            assert_eq!(folder.flag("south", "whd", "REF-3"), "Y", "{about}, without the objection");
        }
    }
}

#[test]
fn an_objection_of_which_a_part_cannot_be_read_stops_the_run() {
    for column in ["person_ref", "claim_ref", "customer_ref"] {
        let whole = [("person_ref", "PSN-1"), ("claim_ref", "CLM-7"), ("supplier", "south"), ("customer_ref", "REF-3")];
        let folder = folder(&[objection(&whole).with(column, "REF-\t9")], &[]);
        folder.run(&[]).is_fault(3, &["objections", "line 2", "no readable reference"]);
    }
}

#[test]
fn a_claim_that_a_decision_names_is_the_one_whose_flag_went_out() {
    let decided = |claim| decision("south", "REF-3", "Y", "2026-09-01").with("claim_ref", claim);
    for (claim, group, outcomes) in [
        ("", "core-1", ["M", "U", ""]),
        ("CLM-2", "core-1", ["M", "U", ""]),
        // A claim that carries no rebate by the rules does so by the decision.
        ("CLM-9", "", ["U", "U", "M"]),
        ("CLM-4", "core-1", ["U", "M", ""]),
        // A claim that is not in tonight's records.
        ("CLM-12", "", ["U", "U", ""]),
    ] {
        let folder = folder(&[], &[decided(claim)]);
        folder.benefits(&[
            award("CLM-2", &ELSPETH),
            award("CLM-4", &PRUNELLA),
            award("CLM-9", &HAMISH).with("benefit", "PIP"),
        ]);
        folder.run_well();
        let row = folder.administrator("decisions", &[("customer_ref", "REF-3")]).remove(0);
        assert_eq!(row["reason"], "decided");
        assert_eq!(row["claim_ref"], if claim.is_empty() { "CLM-2" } else { claim });
        assert_eq!(row["group"], group, "{claim}");
        let found = ["CLM-2", "CLM-4", "CLM-9"].map(|claim| folder.outcome("whd", claim));
        assert_eq!(found, outcomes.map(str::to_owned), "{claim}");
    }
}

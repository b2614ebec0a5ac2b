//! Tells stories of several runs, each with the expected flags.

use crate::common::{ELSPETH, HAMISH, JOCASTA, OSWALD, PRUNELLA, Person, Row, award, customer};
use crate::story::{Night, night, tell};

fn elspeth(customer_ref: &str) -> Row {
    customer(customer_ref, &ELSPETH)
}

/// An account of Elspeth's at her parents' home, which the records do not have.
fn elsewhere(customer_ref: &str) -> Row {
    let row = elspeth(customer_ref).with("address_line_1", "9 Vexford Gate").with("town", "Wibtoft");
    row.with("postcode", "HR3 6ZZ").with("uprn", "100099255777")
}

fn hamish(customer_ref: &str) -> Row {
    customer(customer_ref, &HAMISH)
}

fn oswald(customer_ref: &str) -> Row {
    customer(customer_ref, &OSWALD)
}

fn jocasta(customer_ref: &str) -> Row {
    customer(customer_ref, &JOCASTA)
}

/// Elspeth is on a benefit and a customer of the north; Hamish, of the south, is not.
fn first_night() -> Night {
    night("2026-10-01").benefits(&[award("CLM-1", &ELSPETH)]).north(&[elspeth("REF-1")]).south(&[hamish("REF-9")])
}

/// Elspeth and Hamish, each on a claim of their own, hold an account of the north together.
fn with_a_joint_account() -> Night {
    let joint = elspeth("REF-1")
        .with("joint_forename", HAMISH.forename)
        .with("joint_surname", HAMISH.surname)
        .with("joint_date_of_birth", HAMISH.born);
    let at_home = Person { forename: HAMISH.forename, surname: HAMISH.surname, born: HAMISH.born, ..ELSPETH };
    let claims = [award("CLM-1", &ELSPETH), award("CLM-2", &at_home)];
    night("2026-10-01").benefits(&claims).north(&[joint]).south(&[oswald("REF-9")])
}

/// Elspeth has the rebate in the north.
fn released() -> Night {
    first_night().expect("north REF-1", "Y matched").expect("south REF-9", "N")
}

/// She has an account in the south as well.
fn with_both() -> Night {
    let night = first_night().south(&[elsewhere("REF-2")]);
    night.expect("north REF-1", "Y matched").expect("south REF-2", "N claim-used")
}

fn decision(supplier: &str, customer_ref: &str, flag: &str, claim_ref: &str, day: &str) -> Row {
    Row::new(&[
        ("supplier", supplier),
        ("customer_ref", customer_ref),
        ("scheme", "whd"),
        ("flag", flag),
        ("claim_ref", claim_ref),
        ("decided_on", day),
    ])
}

#[test]
fn the_account_switches_supplier_in_mid_season() {
    tell(
        "a switch",
        &[
            released(),
            night("2026-10-02")
                .north(&[elspeth("REF-1"), hamish("REF-8")])
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
            // The north's account is closed: gone from its file.
            night("2026-10-03").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-11-01").expect("south REF-2", "N claim-freed"),
            night("2026-11-02").expect("south REF-2", "Y matched"),
        ],
    );
}

#[test]
fn a_supplier_renumbers_its_accounts() {
    tell(
        "renumbered",
        &[
            released(),
            night("2026-10-02")
                .north(&[elspeth("NEW-1")])
                .south(&[elspeth("REF-2")])
                .expect("north NEW-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
        ],
    );
    tell(
        "renumbered, and the old number has a new holder",
        &[
            released(),
            night("2026-10-02")
                .north(&[hamish("REF-1"), elspeth("NEW-1")])
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "N")
                .expect("north NEW-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
        ],
    );
    tell(
        "the old number has a new holder who is eligible too",
        &[
            released(),
            night("2026-10-02")
                .benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)])
                .north(&[customer("REF-1", &PRUNELLA), hamish("REF-8")])
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-freed"),
            night("2026-10-03")
                .north(&[customer("REF-1", &PRUNELLA), elspeth("NEW-1")])
                .expect("north REF-1", "Y matched")
                .expect("north NEW-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
        ],
    );
}

/// The north's old account of Elspeth's now names Prunella, who has a rebate with the south.
#[test]
fn a_reference_with_a_new_holder_takes_nothing_from_another_supplier() {
    let without_person = |claim: &str, person: &Person| award(claim, person).with("person_ref", "");
    for award in [award as fn(&str, &Person) -> Row, without_person] {
        tell(
            "a new holder",
            &[
                first_night()
                    .benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)])
                    .south(&[customer("REF-5", &PRUNELLA)])
                    .expect("north REF-1", "Y matched")
                    .expect("south REF-5", "Y matched"),
                night("2026-10-02")
                    .benefits(&[award("CLM-2", &PRUNELLA)])
                    .north(&[customer("REF-1", &PRUNELLA)])
                    .expect("north REF-1", "N claim-used")
                    .expect("south REF-5", "Y matched"),
            ],
        );
    }
}

#[test]
fn a_reference_that_had_two_holders_has_two_rebates() {
    let unknown_date =
        |customer_ref: &str| customer(customer_ref, &PRUNELLA).with("date_of_birth", "").with("uprn", "");
    for (first, second) in [("CLM-1", "CLM-2"), ("CLM-2", "CLM-1")] {
        tell(
            "Elspeth's waits, and Prunella's stays",
            &[
                first_night()
                    .job("[benefits]", "[matching]\nthreshold = 0.9\n\n[benefits]")
                    .benefits(&[award(first, &ELSPETH), award(second, &PRUNELLA)])
                    .expect("north REF-1", "Y matched"),
                night("2026-10-02")
                    .north(&[unknown_date("REF-1")])
                    .south(&[elspeth("REF-2")])
                    .expect("north REF-1", "Y matched")
                    .expect("south REF-2", "N claim-freed"),
                night("2026-10-03")
                    .job("threshold = 0.9", "threshold = 0.999999")
                    .expect("north REF-1", "Y weakened")
                    .expect("south REF-2", "N claim-freed"),
                night("2026-10-04")
                    .north(&[unknown_date("REF-1"), elspeth("NEW-1")])
                    .expect("north REF-1", "Y weakened")
                    .expect("north NEW-1", "Y matched"),
            ],
        );
    }
}

#[test]
fn a_couple_separates() {
    let couple = [award("CLM-1", &OSWALD), award("CLM-1", &JOCASTA).with("role", "partner")];
    let apart =
        Person { street: "4 Juniper Wynd", town: "Xanthorpe", postcode: "TR19 7WW", uprn: "100099455449", ..JOCASTA };
    let jocastas = |claim: &str| award(claim, &apart).with("person_ref", "PSN-CLM-1-Jocasta");
    tell(
        "she moves out and claims for herself",
        &[
            night("2026-10-01")
                .benefits(&couple)
                .north(&[oswald("REF-1")])
                .south(&[hamish("REF-9")])
                .expect("north REF-1", "Y matched"),
            // It is still one household, since she is on both claims.
            night("2026-10-02")
                .benefits(&[couple[0].clone(), couple[1].clone(), jocastas("CLM-2")])
                .south(&[customer("REF-2", &apart)])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
            night("2026-10-03")
                .benefits(&[couple[0].clone(), jocastas("CLM-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "Y matched"),
        ],
    );
}

#[test]
fn the_holder_dies() {
    let couple = [award("CLM-1", &OSWALD), award("CLM-1", &JOCASTA).with("role", "partner")];
    tell(
        "the supplier reports it, and staff decide for the partner's account",
        &[
            night("2026-10-01")
                .benefits(&couple)
                .north(&[oswald("REF-1")])
                .south(&[hamish("REF-9")])
                .expect("north REF-1", "Y matched"),
            night("2026-10-08")
                .reports("north", "REF-1,deceased,whd,2026-10-07")
                .south(&[jocasta("REF-2")])
                .expect("north REF-1", "N exception-deceased")
                .expect("south REF-2", "N claim-freed"),
            // Only staff free it, however long it takes.
            night("2026-12-20").expect("south REF-2", "N claim-freed"),
            night("2026-12-21")
                .decisions(&[decision("south", "REF-2", "Y", "CLM-1", "2026-12-20")])
                .expect("north REF-1", "N exception-deceased")
                .expect("south REF-2", "Y decided"),
        ],
    );
}

#[test]
fn somebody_objects_after_the_release() {
    let objections: [(&str, &[(&str, &str)]); 3] = [
        ("by person", &[("person_ref", "PSN-CLM-1-Elspeth")]),
        ("by claim", &[("claim_ref", "CLM-1")]),
        ("by account", &[("supplier", "north"), ("customer_ref", "REF-1")]),
    ];
    for (story, fields) in objections {
        let fields: Vec<(&'static str, &str)> = fields.to_vec();
        let objection = Row::new(&fields);
        tell(
            story,
            &[
                released(),
                night("2026-10-02")
                    .objections(&[objection])
                    .south(&[elspeth("REF-2")])
                    .expect("north REF-1", "N objected")
                    .expect("south REF-2", "N objected"),
                // An objection frees nothing, even if the account is gone.
                night("2026-12-20").north(&[hamish("REF-8")]).expect("south REF-2", "N objected"),
                // The objection is withdrawn, and the rebate is where it was.
                night("2026-12-21")
                    .objections(&[])
                    .north(&[elspeth("REF-1")])
                    .expect("north REF-1", "Y matched")
                    .expect("south REF-2", "N claim-used"),
            ],
        );
    }
}

#[test]
fn an_objection_outlasts_what_else_happens_to_the_account() {
    let objection = Row::new(&[("supplier", "north"), ("customer_ref", "REF-1")]);
    let ended = "[[supplier]]\nid = \"north\"\nfiles = [\"suppliers/north*.csv\"]";
    tell(
        "its supplier ends",
        &[
            released(),
            night("2026-10-02")
                .objections(std::slice::from_ref(&objection))
                .job(ended, "[[supplier]]\nid = \"north\"\nformer = true\nsuccessor = \"south\"")
                .south(&[hamish("REF-9"), elspeth("REF-77")])
                .expect("south REF-77", "N objected"),
            night("2026-10-03").expect("south REF-77", "N objected"),
            // The objection is withdrawn.
            night("2026-10-04").objections(&[]).expect("south REF-77", "Y matched"),
        ],
    );
    tell(
        "its supplier ended before",
        &[
            released(),
            night("2026-10-02").job(ended, "[[supplier]]\nid = \"north\"\nformer = true\nsuccessor = \"south\""),
            night("2026-10-03")
                .objections(std::slice::from_ref(&objection))
                .south(&[elspeth("REF-77"), hamish("REF-9")])
                .expect("south REF-77", "N objected"),
        ],
    );
    tell(
        "it is reported closed",
        &[
            released(),
            night("2026-10-08")
                .objections(&[objection])
                .reports("north", "REF-1,closed,whd,2026-10-07")
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "N objected")
                .expect("south REF-2", "N objected"),
            night("2026-10-09").expect("south REF-2", "N objected"),
        ],
    );
}

/// A claim objected, and the joint holder is on another claim. The rebate of the first claim frees nothing and is not
/// used.
#[test]
fn a_joint_holders_claim_keeps_no_rebate_of_a_claim_that_objected() {
    tell(
        "objected by claim",
        &[
            with_a_joint_account().expect_rebate("CLM-1", "released").expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .objections(&[Row::new(&[("claim_ref", "CLM-1")])])
                .expect_rebate("CLM-1", "objected")
                .expect_rebate("CLM-2", "released")
                .expect("north REF-1", "Y matched"),
        ],
    );
}

#[test]
fn an_objection_bars_a_decision_for_somebody_else_on_the_objectors_account() {
    tell(
        "on no benefit that counts",
        &[
            night("2026-10-01")
                .benefits(&[award("CLM-1", &ELSPETH), award("CLM-9", &HAMISH).with("benefit", "ESA")])
                .north(&[hamish("REF-1")])
                .south(&[oswald("REF-9")])
                .decisions(&[decision("north", "REF-1", "Y", "CLM-1", "2026-10-01")])
                .expect("north REF-1", "Y decided"),
            night("2026-10-02")
                .objections(&[Row::new(&[("person_ref", "PSN-CLM-9-Hamish")])])
                .expect("north REF-1", "N objected"),
        ],
    );
}

/// Elspeth objects. The account's other holder is Hamish, on a claim of his own. The objection bars the whole account
/// that she probably holds.
#[test]
fn an_objection_bars_every_account_that_the_person_probably_holds() {
    tell(
        "a joint account",
        &[
            with_a_joint_account().expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .objections(&[Row::new(&[("person_ref", "PSN-CLM-1-Elspeth")])])
                .expect("north REF-1", "N objected"),
        ],
    );
}

#[test]
fn a_decision_then_an_exception_and_the_other_way_round() {
    let yes = |day| decision("north", "REF-1", "Y", "CLM-1", day);
    for (decided, reported, expected) in [
        ("2026-10-06", "REF-1,closed,whd,2026-10-07", "N exception-closed"),
        ("2026-10-07", "REF-1,closed,whd,2026-10-07", "Y decided"),
        ("2026-10-08", "REF-1,closed,whd,2026-10-07", "Y decided"),
        ("2026-10-08", "REF-1,deceased,whd,2026-10-07", "Y decided"),
        ("2026-10-06T23:59", "REF-1,other,whd,2026-10-07", "N exception-other"),
    ] {
        tell(
            decided,
            &[
                released(),
                night("2026-10-09")
                    .decisions(&[yes(decided)])
                    .reports("north", reported)
                    .expect("north REF-1", expected),
            ],
        );
    }
}

#[test]
fn a_report_frees_the_rebate_or_reserves_it() {
    for (reported, at_the_south) in [
        ("REF-1,closed,whd,2026-10-07", "Y matched"),
        ("REF-1,not our customer,whd,2026-10-07", "Y matched"),
        ("REF-1,unable to identify,whd,2026-10-07", "Y matched"),
        ("REF-1,deceased,whd,2026-10-07", "N claim-freed"),
        ("REF-1,other,whd,2026-10-07", "N claim-freed"),
    ] {
        tell(
            reported,
            &[
                released(),
                night("2026-10-08")
                    .south(&[elspeth("REF-2")])
                    .reports("north", reported)
                    .expect("south REF-2", at_the_south),
                night("2026-12-20").expect("south REF-2", at_the_south),
            ],
        );
    }
}

#[test]
fn a_decision_is_about_people_and_not_about_a_reference() {
    // The account has only her surname, and staff found out that it is hers.
    let surname = |customer_ref: &str| elspeth(customer_ref).with("forename", "").with("date_of_birth", "");
    let yes = |claim: &str| decision("north", "REF-1", "Y", claim, "2026-10-01");
    for claim in ["CLM-1", ""] {
        tell(
            "a new holder",
            &[
                first_night().north(&[surname("REF-1")]).expect("north REF-1", "N uncertain"),
                night("2026-10-02").decisions(&[yes(claim)]).expect("north REF-1", "Y decided"),
                night("2026-10-03").north(&[hamish("REF-1")]).expect("north REF-1", "N decision-outdated"),
                // The decision applies again when the account is hers again.
                night("2026-10-04").north(&[surname("REF-1")]).expect("north REF-1", "Y decided"),
                night("2026-10-05").north(&[elspeth("REF-1")]).expect("north REF-1", "Y decided"),
            ],
        );
    }
    tell(
        "gone",
        &[
            first_night().decisions(&[yes("CLM-1")]).expect("north REF-1", "Y decided"),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("north REF-1", "gone decision-outdated"),
        ],
    );
    tell(
        "a new claim, and nobody named",
        &[
            first_night().decisions(&[yes("CLM-1")]).expect("north REF-1", "Y decided"),
            night("2026-10-02")
                .benefits(&[award("CLM-7", &ELSPETH).with("person_ref", "PSN-CLM-1-Elspeth")])
                .expect("north REF-1", "N decision-outdated"),
        ],
    );
    tell(
        "a new claim of the person who is named",
        &[
            first_night()
                .decisions(&[yes("CLM-1").with("person_ref", "PSN-CLM-1-Elspeth")])
                .expect("north REF-1", "Y decided"),
            night("2026-10-02")
                .benefits(&[award("CLM-7", &ELSPETH).with("person_ref", "PSN-CLM-1-Elspeth")])
                .expect("north REF-1", "Y decided"),
        ],
    );
    tell(
        "a helpline decision whose levels never agreed",
        &[
            first_night().north(&[hamish("REF-1")]).expect("north REF-1", "N"),
            night("2026-10-02").decisions(&[yes("CLM-1")]).expect("north REF-1", "Y decided"),
            night("2026-10-03").north(&[hamish("REF-1").with("forename", "Hamis")]).expect("north REF-1", "Y decided"),
        ],
    );
    tell(
        "a decided N, and then a new holder",
        &[
            first_night()
                .decisions(&[decision("north", "REF-1", "N", "", "2026-10-01")])
                .expect("north REF-1", "N decided"),
            night("2026-10-02")
                .benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)])
                .north(&[customer("REF-1", &PRUNELLA)])
                .expect("north REF-1", "Y decision-outdated"),
        ],
    );
    tell(
        "a decided N whose account is gone for a night",
        &[
            first_night()
                .decisions(&[decision("north", "REF-1", "N", "", "2026-10-01")])
                .expect("north REF-1", "N decided"),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("north REF-1", "gone decision-outdated"),
            night("2026-10-03")
                .benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)])
                .north(&[customer("REF-1", &PRUNELLA)])
                .expect("north REF-1", "Y decision-outdated"),
        ],
    );
    tell(
        "decided while the account was missing",
        &[
            first_night().north(&[hamish("REF-8")]),
            night("2026-10-02").decisions(&[yes("CLM-1")]).expect("north REF-1", "gone decision-outdated"),
            night("2026-10-03").north(&[surname("REF-1")]).expect("north REF-1", "Y decided"),
            night("2026-10-04").north(&[hamish("REF-1")]).expect("north REF-1", "N decision-outdated"),
        ],
    );
}

#[test]
fn two_decisions_of_one_moment_that_contradict_each_other_are_void() {
    let said = |flag, day| decision("north", "REF-1", flag, "CLM-1", day);
    tell(
        "void",
        &[
            first_night()
                .decisions(&[said("Y", "2026-10-01"), said("N", "2026-10-01")])
                .expect("north REF-1", "N decision-void"),
            night("2026-10-02")
                .decisions(&[said("Y", "2026-10-01T10:30"), said("N", "2026-10-01")])
                .expect("north REF-1", "Y decided"),
            night("2026-10-03")
                .decisions(&[said("Y", "2026-10-01T10:30"), said("N", "2026-10-01T10:31:00")])
                .expect("north REF-1", "N decided"),
        ],
    );
}

#[test]
fn a_decision_moves_the_rebate() {
    tell(
        "named for the south",
        &[
            released(),
            night("2026-10-02").south(&[elspeth("REF-2")]).expect("south REF-2", "N claim-used"),
            night("2026-10-03")
                .decisions(&[decision("south", "REF-2", "Y", "CLM-1", "2026-10-02")])
                .expect("north REF-1", "N claim-used")
                .expect("south REF-2", "Y decided"),
            night("2026-10-04").expect("north REF-1", "N claim-used").expect("south REF-2", "Y decided"),
        ],
    );
    tell(
        "its account is gone, and its supplier held back",
        &[
            with_both(),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-10-03").without("north").expect("south REF-2", "N claim-freed"),
            night("2026-10-04")
                .fails()
                .decisions(&[decision("south", "REF-2", "Y", "CLM-1", "2026-10-03")])
                .expect("south REF-2", "Y decided"),
        ],
    );
    tell(
        "its flag is out, and its supplier held back: it moves when both have a delivery",
        &[
            with_both(),
            night("2026-10-02")
                .without("north")
                .decisions(&[decision("south", "REF-2", "Y", "CLM-1", "2026-10-02")])
                .expect("north REF-1", "Y stands")
                .expect("south REF-2", "N claim-used"),
            night("2026-10-03")
                .north(&[elspeth("REF-1")])
                .expect("north REF-1", "N claim-used")
                .expect("south REF-2", "Y decided"),
        ],
    );
}

#[test]
fn a_decision_against_the_account_frees_the_rebate() {
    let no = || [decision("north", "REF-1", "N", "", "2026-10-02")];
    tell(
        "another supplier's account gets it at once",
        &[
            with_both(),
            night("2026-10-02")
                .decisions(&no())
                .expect("north REF-1", "N decided")
                .expect("south REF-2", "Y matched")
                .expect_rebate("CLM-1", "released"),
            // It has moved: a decision for the first account that names no claim does not take it back.
            night("2026-10-03")
                .decisions(&[no(), [decision("north", "REF-1", "Y", "", "2026-10-03")]].concat())
                .expect("north REF-1", "N claim-used")
                .expect("south REF-2", "Y matched"),
        ],
    );
    tell(
        "an account that comes later gets it too",
        &[
            released(),
            night("2026-10-02").decisions(&no()).expect("north REF-1", "N decided").expect_rebate("CLM-1", ""),
            night("2026-10-20").south(&[elspeth("REF-2")]).expect("south REF-2", "Y matched"),
        ],
    );
    tell(
        "its supplier is held back: it is free when its supplier has a delivery",
        &[
            with_both(),
            night("2026-10-02")
                .without("north")
                .decisions(&no())
                .expect("north REF-1", "Y stands")
                .expect("south REF-2", "N claim-used"),
            night("2026-10-03")
                .north(&[elspeth("REF-1")])
                .expect("north REF-1", "N decided")
                .expect("south REF-2", "Y matched"),
        ],
    );
}

#[test]
fn a_first_night_with_two_suppliers() {
    // A claimant on a parent's account, and on an account of their own.
    let parents = elsewhere("REF-2");
    tell(
        "the own home comes before a parent's",
        &[night("2026-10-01")
            .benefits(&[award("CLM-1", &ELSPETH)])
            .north(&[elspeth("REF-1")])
            .south(std::slice::from_ref(&parents))
            .expect("north REF-1", "Y matched")
            .expect("south REF-2", "N claim-used")],
    );
    tell(
        "also at the other supplier",
        &[night("2026-10-01")
            .benefits(&[award("CLM-1", &ELSPETH)])
            .north(&[parents])
            .south(&[elspeth("REF-1")])
            .expect("north REF-2", "N claim-used")
            .expect("south REF-1", "Y matched")],
    );
    // The records have two homes of hers. The award at the former one has ended.
    let former =
        Person { street: "31 Vexford Gate", town: "Wibtoft", postcode: "HR3 6ZZ", uprn: "100099255227", ..ELSPETH };
    let then = award("CLM-0", &former).with("person_ref", "PSN-E").with("award_end", "2026-01-31");
    let now = award("CLM-1", &ELSPETH).with("person_ref", "PSN-E");
    tell(
        "a former home whose account was never closed",
        &[night("2026-10-01")
            .benefits(&[then, now])
            .north(&[customer("REF-1", &former)])
            .south(&[elspeth("REF-2")])
            .expect("north REF-1", "N claim-used")
            .expect("south REF-2", "Y matched")],
    );
}

#[test]
fn an_account_is_gone_for_a_while() {
    tell(
        "back on the twentieth day",
        &[
            with_both(),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-10-21").expect("south REF-2", "N claim-freed"),
            night("2026-10-22")
                .north(&[elspeth("REF-1")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
            // The days are counted anew when it is gone again.
            night("2026-10-23").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-11-21").expect("south REF-2", "N claim-freed"),
            night("2026-11-22").expect("south REF-2", "Y matched"),
            // It is back, but too late.
            night("2026-11-23")
                .north(&[elspeth("REF-1")])
                .expect("north REF-1", "N claim-used")
                .expect("south REF-2", "Y matched"),
        ],
    );
    tell(
        "a scheme that frees after three days",
        &[
            with_both().job("[[scheme.group]]", "free_after_days = 3\n[[scheme.group]]"),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-10-04").expect("south REF-2", "N claim-freed"),
            night("2026-10-05").expect("south REF-2", "Y matched"),
        ],
    );
}

#[test]
fn a_supplier_is_held_back_for_a_month() {
    tell(
        "rejected",
        &[
            with_both(),
            night("2026-10-02")
                .without("north")
                .expect("north REF-1", "Y stands")
                .expect("south REF-2", "N claim-used"),
            night("2026-11-30").fails().expect("south REF-2", "N claim-used"),
            night("2026-12-01")
                .north(&[elspeth("REF-1")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
        ],
    );
    // A gate quarantines it: the file lacks the account and most of the others.
    let mut many: Vec<Row> = (0..150).map(|number| hamish(&format!("H-{number}"))).collect();
    let usual = [vec![elspeth("REF-1")], many.clone()].concat();
    many.truncate(20);
    tell(
        "quarantined",
        &[
            first_night().north(&usual).south(&[elsewhere("REF-2")]).expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .north(&many)
                .fails()
                .expect("north REF-1", "Y stands")
                .expect("south REF-2", "N claim-used"),
            night("2026-11-30").fails().expect("north REF-1", "Y stands").expect("south REF-2", "N claim-used"),
            night("2026-12-01").north(&usual).expect("north REF-1", "Y matched").expect("south REF-2", "N claim-used"),
        ],
    );
}

#[test]
fn a_run_for_one_supplier_decides_as_a_run_for_all() {
    // The hash gives the rebate to one of the two, whichever supplier the run is for.
    tell(
        "asked for one at a time",
        &[
            night("2026-10-01")
                .benefits(&[award("CLM-1", &ELSPETH)])
                .north(&[elspeth("REF-1")])
                .south(&[elsewhere("REF-2")])
                .with("--supplier")
                .with("south")
                .expect("south REF-2", "N claim-used"),
            night("2026-10-01").with("--supplier").with("north").expect("north REF-1", "Y matched"),
            night("2026-10-02").expect("north REF-1", "Y matched").expect("south REF-2", "N claim-used"),
        ],
    );
}

#[test]
fn a_supplier_ends() {
    let ended = "[[supplier]]\nid = \"north\"\nfiles = [\"suppliers/north*.csv\"]";
    tell(
        "without a successor",
        &[
            with_both(),
            night("2026-10-02")
                .job(ended, "[[supplier]]\nid = \"north\"\nformer = true")
                .expect("south REF-2", "Y matched"),
        ],
    );
    tell(
        "with a successor",
        &[
            released(),
            night("2026-10-02")
                .job(ended, "[[supplier]]\nid = \"north\"\nformer = true\nsuccessor = \"south\"")
                .south(&[hamish("REF-9"), elspeth("REF-77")])
                .expect("south REF-77", "Y matched"),
        ],
    );
}

#[test]
fn a_household_on_two_benefits_has_one_rebate() {
    let same = |claim: &str| award(claim, &ELSPETH).with("person_ref", "PSN-E");
    tell(
        "two claims, two accounts",
        &[
            night("2026-10-01")
                .benefits(&[same("CLM-1"), same("CLM-2").with("benefit", "PCGC")])
                .north(&[elspeth("REF-1")])
                .south(&[hamish("REF-9")])
                .expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
            // One benefit replaces the other.
            night("2026-10-03")
                .benefits(&[same("CLM-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
            // The account is gone in the run in which the claim changes again.
            night("2026-10-04")
                .benefits(&[same("CLM-3")])
                .north(&[hamish("REF-8")])
                .expect("south REF-2", "N claim-freed"),
        ],
    );
}

#[test]
fn a_claim_changes_its_reference_between_nights() {
    let without_person = |claim: &str| award(claim, &ELSPETH).with("person_ref", "");
    tell(
        "records without references of persons",
        &[
            first_night().benefits(&[without_person("CLM-1")]).expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .benefits(&[without_person("CLM-9")])
                .south(&[elspeth("REF-2")])
                .expect("north REF-1", "Y matched")
                .expect("south REF-2", "N claim-used"),
        ],
    );
}

#[test]
fn what_weakens_a_match_takes_nothing_back() {
    // A namesake on no qualifying benefit moves in.
    let namesake = award("CLM-5", &ELSPETH).with("person_ref", "PSN-2").with("date_of_birth", "1931-01-01");
    let unknown_date = |customer_ref: &str| elspeth(customer_ref).with("date_of_birth", "");
    // The same for a namesake whose benefit may or may not qualify.
    for namesake in [namesake.clone().with("benefit", "ESA"), namesake.with("income", "")] {
        tell(
            "a namesake",
            &[
                first_night()
                    .job("benefits = [\"PCGC\"]", "benefits = [\"PCGC\"]\nmax_income = 20000")
                    .north(&[unknown_date("REF-1")])
                    .expect("north REF-1", "Y matched"),
                night("2026-10-02").benefits(&[award("CLM-1", &ELSPETH), namesake]).expect("north REF-1", "Y weakened"),
            ],
        );
    }
    // A higher threshold stands for new weights: the earlier posterior is no longer enough.
    tell(
        "a higher bar",
        &[
            first_night()
                .job("[benefits]", "[matching]\nthreshold = 0.9\n\n[benefits]")
                .north(&[unknown_date("REF-1").with("uprn", "")])
                .expect("north REF-1", "Y matched"),
            night("2026-10-02").job("threshold = 0.9", "threshold = 0.999999").expect("north REF-1", "Y weakened"),
            // A new account with the same weak match is not flagged.
            night("2026-10-03")
                .north(&[unknown_date("REF-1").with("uprn", ""), hamish("REF-8")])
                .south(&[unknown_date("REF-2").with("uprn", "")])
                .expect("north REF-1", "Y weakened")
                .expect("south REF-2", "N uncertain"),
        ],
    );
}

#[test]
fn a_limit_never_takes_a_released_rebate_back() {
    let people = [ELSPETH, HAMISH, PRUNELLA];
    tell(
        "colder homes arrive",
        &[
            first_night()
                .job("[[scheme.group]]", "limit = 2\n[[scheme.group]]")
                .job("[benefits]", "[properties]\nfiles = [\"properties.csv\"]\n\n[benefits]")
                .scores(&[(ELSPETH.uprn, "10"), (HAMISH.uprn, "50"), (PRUNELLA.uprn, "90")])
                .expect("north REF-1", "Y matched"),
            night("2026-10-02")
                .benefits(
                    &["CLM-1", "CLM-2", "CLM-3"]
                        .iter()
                        .zip(&people)
                        .map(|(claim, person)| award(claim, person))
                        .collect::<Vec<_>>(),
                )
                .south(&[hamish("REF-9"), customer("REF-7", &PRUNELLA)])
                .expect("north REF-1", "Y matched")
                .expect("south REF-9", "N limit")
                .expect("south REF-7", "Y matched"),
            // The account is gone, but its rebate still counts towards the limit.
            night("2026-10-03").north(&[oswald("REF-8")]).expect("south REF-9", "N limit"),
            night("2026-11-02").expect("south REF-9", "Y matched"),
        ],
    );
}

#[test]
fn a_purge_in_between_forgets_no_rebate() {
    tell(
        "purged",
        &[
            with_both().job("[[scheme.group]]", "retention_days = 0\n[[scheme.group]]"),
            night("2026-10-02").north(&[hamish("REF-8")]).expect("south REF-2", "N claim-freed"),
            night("2026-10-03").command(&["purge", "job.toml"]).expect("south REF-2", "N claim-freed"),
            night("2026-10-04").north(&[elspeth("REF-1")]).expect("north REF-1", "Y matched"),
        ],
    );
}

#[test]
fn release_days_and_rebates() {
    let job = |night: Night| night.job("[benefits]", "[changes]\nrelease_days = [\"monday\"]\n\n[benefits]");
    tell(
        "a flag that waits reserves its household's rebate",
        &[
            // A Monday, on which neither of them is on a benefit.
            job(night("2026-10-05"))
                .benefits(&[award("CLM-9", &OSWALD)])
                .north(&[elspeth("REF-1")])
                .south(&[hamish("REF-9")]),
            night("2026-10-06").benefits(&[award("CLM-1", &ELSPETH)]).expect("north REF-1", "N waits"),
            // A new account need not wait, but the rebate is reserved.
            night("2026-10-07")
                .south(&[hamish("REF-9"), elspeth("REF-2")])
                .expect("north REF-1", "N waits")
                .expect("south REF-2", "N claim-used"),
            night("2026-10-12").expect("north REF-1", "Y matched").expect("south REF-2", "N claim-used"),
        ],
    );
    tell(
        "a rebate that was out waits for the next account with it",
        &[
            job(night("2026-10-05"))
                .benefits(&[award("CLM-1", &ELSPETH)])
                .north(&[elspeth("REF-1"), elsewhere("REF-3")])
                .south(&[hamish("REF-9")])
                .expect("north REF-1", "Y matched")
                .expect("north REF-3", "N claim-used"),
            night("2026-10-06").north(&[elsewhere("REF-3")]).expect("north REF-3", "N waits"),
            night("2026-10-07")
                .north(&[hamish("REF-8")])
                .south(&[hamish("REF-9"), elspeth("REF-2")])
                .expect("south REF-2", "N claim-freed"),
        ],
    );
    tell(
        "an objection does not wait",
        &[
            job(night("2026-10-05"))
                .benefits(&[award("CLM-1", &ELSPETH)])
                .north(&[elspeth("REF-1")])
                .south(&[elspeth("REF-2")]),
            night("2026-10-06").objections(&[Row::new(&[("claim_ref", "CLM-1")])]).expect("south REF-2", "N objected"),
        ],
    );
}

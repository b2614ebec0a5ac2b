//! Checks release days: changed flags of unchanged accounts wait for the next one, while decisions of people and
//! changes by the supplier take effect at once.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::time::{Duration, SystemTime};

use age::x25519::Identity;
use common::{
    DECISION, ELSPETH, Folder, HAMISH, JOB, JOCASTA, OBJECTION, OSWALD, PROPERTY, PRUNELLA, Person, Row, Said, award,
    csv, customer,
};
use flagmatch::job::Job;
use flagmatch::retention::{Options, purge};
use serde_json::{Value, json};

const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";
const WEDNESDAY: &str = "2026-11-25";
const NEXT_MONDAY: &str = "2026-11-30";

const NO_CHANGE: &str = "customer_ref,scheme,eligible,change\n";

/// In the north Elspeth, who is eligible, and Hamish, who is not; in the south Oswald, who is eligible. The release day
/// is Monday.
fn folder() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[changes]\nrelease_days = [\"monday\"]");
    folder
}

/// The same with files of objections, decisions and exceptions, which have no rows yet.
fn with_words() -> Folder {
    let folder = folder();
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder.write("objections.csv", csv(OBJECTION, &[]));
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder
}

fn night(folder: &Folder, date: &str) -> Said {
    folder.run(&["--night-of", date])
}

#[track_caller]
fn good_night(folder: &Folder, date: &str) -> String {
    let said = night(folder, date);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{}", said.stdout);
    said.stdout
}

/// An account's flag and reason.
fn said(folder: &Folder, supplier: &str, customer_ref: &str) -> String {
    format!("{} {}", folder.flag(supplier, "whd", customer_ref), folder.reason(supplier, "whd", customer_ref))
}

fn changes(folder: &Folder, supplier: &str) -> String {
    folder.read(&format!("out/latest/suppliers/{supplier}/changes.csv"))
}

fn record(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap()
}

/// The number of a supplier's flags that wait.
fn waiting(folder: &Folder, supplier: &str) -> u64 {
    let record = record(folder);
    let suppliers = record["summary"]["suppliers"].as_array().unwrap();
    let own = suppliers.iter().find(|own| own["id"] == supplier).unwrap();
    own["schemes"][0]["waiting"].as_u64().unwrap()
}

/// An award that ended before the qualifying date.
fn ended(claim_ref: &str, person: &Person) -> Row {
    award(claim_ref, person).with("award_end", "2026-01-31")
}

#[test]
fn what_changes_on_an_unchanged_account_waits_for_a_release_day() {
    let folder = folder();
    good_night(&folder, MONDAY);
    assert_eq!(
        (said(&folder, "north", "REF-1").as_str(), folder.flag("north", "whd", "REF-2").as_str()),
        ("Y matched", "N")
    );

    // One award ends and another begins. Neither is a change by the supplier.
    folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    for date in [TUESDAY, WEDNESDAY] {
        let stdout = good_night(&folder, date);
        assert!(stdout.contains("\n2 changed flags wait for a release day\n"), "{stdout}");
        assert_eq!(said(&folder, "north", "REF-1"), "Y waits");
        assert_eq!(said(&folder, "north", "REF-2"), "N waits");
        assert_eq!(said(&folder, "south", "REF-3"), "Y matched");
        assert_eq!(changes(&folder, "north"), NO_CHANGE);
        assert_eq!(folder.outcome("whd", "CLM-1"), "M", "its flag is out");
        assert_eq!(folder.outcome("whd", "CLM-3"), "M-pending");
        assert_eq!((waiting(&folder, "north"), waiting(&folder, "south")), (2, 0));
        let rows = folder.administrator("decisions", &[("reason", "waits")]);
        let claims: Vec<&str> = rows.iter().map(|row| row["claim_ref"].as_str()).collect();
        assert_eq!(claims, ["CLM-1", "CLM-3"]);
        let settings = &record(&folder)["settings"];
        assert_eq!((&settings["changes"], &settings["night_of"]), (&json!({"release_days": ["monday"]}), &json!(date)));
        // The files of suppliers and analysts show nothing of the waiting flags.
        for path in folder.tree("out/latest").into_iter().filter(|path| path.is_file()) {
            if !path.components().any(|part| part.as_os_str() == "administrator") {
                let text = String::from_utf8_lossy(&common::bytes(&path)).into_owned();
                assert!(!text.contains("waits") && !text.contains("waiting"), "{}", path.display());
            }
        }
    }

    let stdout = good_night(&folder, NEXT_MONDAY);
    assert!(!stdout.contains("wait for"), "{stdout}");
    assert_eq!(
        (said(&folder, "north", "REF-1").as_str(), said(&folder, "north", "REF-2").as_str()),
        ("N not-eligible", "Y matched")
    );
    assert_eq!(changes(&folder, "north"), format!("{NO_CHANGE}REF-1,whd,N,changed\nREF-2,whd,Y,changed\n"));
    assert_eq!((waiting(&folder, "north"), folder.outcome("whd", "CLM-3").as_str()), (0, "M"));
}

/// The person may also have left the benefit records, and the claim with them.
#[test]
fn a_flag_whose_claim_is_gone_stays_until_a_release_day() {
    let folder = folder();
    good_night(&folder, MONDAY);
    folder.benefits(&[award("CLM-2", &OSWALD)]);
    for date in [TUESDAY, WEDNESDAY] {
        good_night(&folder, date);
        assert_eq!(said(&folder, "north", "REF-1"), "Y waits");
        let rows = folder.administrator("decisions", &[("customer_ref", "REF-1")]);
        assert_eq!((rows[0]["claim_ref"].as_str(), rows[0]["keys"].as_str()), ("CLM-1", ""));
    }
    // The flag stops waiting once its reason is gone.
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
    good_night(&folder, WEDNESDAY);
    assert_eq!((said(&folder, "north", "REF-1").as_str(), waiting(&folder, "north")), ("Y matched", 0));
    folder.benefits(&[award("CLM-2", &OSWALD)]);
    good_night(&folder, NEXT_MONDAY);
    assert_eq!((folder.flag("north", "whd", "REF-1").as_str(), waiting(&folder, "north")), ("N", 0));
}

/// The supplier knows of its own changes, so these do not wait. An edit fingerprint misses one edit in fifteen, so the
/// test makes forty.
#[test]
fn an_account_that_is_new_or_that_its_supplier_changed_has_its_flag_at_once() {
    let folder = folder();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "one_rebate_per_claim = false\n[[scheme.group]]"));
    let row = |number: usize, person| customer(&format!("REF-{number:02}"), person);
    folder.customers("north", &(0..80).map(|number| row(number, &PRUNELLA)).collect::<Vec<_>>());
    folder.benefits(&[award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    good_night(&folder, MONDAY);
    assert!(folder.flags("north", "whd").iter().all(|(_, flag)| flag == "N"));
    // Half of the accounts are corrected and one is new. The other half become eligible without a change by the north.
    let holder = |number| if (40..80).contains(&number) { &PRUNELLA } else { &HAMISH };
    folder.customers("north", &(0..81).map(|number| row(number, holder(number))).collect::<Vec<_>>());
    folder.benefits(&[award("CLM-2", &OSWALD), award("CLM-3", &HAMISH), award("CLM-4", &PRUNELLA)]);
    good_night(&folder, TUESDAY);
    let flags = folder.flags("north", "whd");
    let yes = |range: std::ops::Range<usize>| flags[range].iter().filter(|(_, flag)| flag == "Y").count();
    assert!((20..=40).contains(&yes(0..40)), "14 of 15 are seen: {}", yes(0..40));
    assert_eq!((yes(40..80), yes(80..81)), (0, 1));
    assert_eq!(waiting(&folder, "north"), 80 - yes(0..40) as u64);
    good_night(&folder, NEXT_MONDAY);
    assert!(folder.flags("north", "whd").iter().all(|(_, flag)| flag == "Y"));
}

#[test]
fn an_objection_takes_effect_at_once() {
    let couple = || award("CLM-1", &OSWALD).with("role", "partner");
    let person = |person_ref: &str| Row::new(&[("person_ref", person_ref)]);
    let claim = |claim_ref: &str| Row::new(&[("claim_ref", claim_ref)]);
    let account = Row::new(&[("supplier", "north"), ("customer_ref", "REF-1")]);
    let elspeth = "PSN-CLM-1-Elspeth";
    for (benefits, objection, expected) in [
        (vec![award("CLM-1", &ELSPETH)], claim("CLM-1"), "N"),
        (vec![award("CLM-1", &ELSPETH)], person(elspeth), "N"),
        (vec![award("CLM-1", &ELSPETH)], account.clone(), "N"),
        // Her award ends, or she leaves the records, on the day on which she objects.
        (vec![ended("CLM-1", &ELSPETH)], claim("CLM-1"), "N"),
        (vec![ended("CLM-1", &ELSPETH)], person(elspeth), "N"),
        (vec![ended("CLM-1", &ELSPETH)], account.clone(), "N"),
        (vec![], claim("CLM-1"), "N"),
        (vec![], person(elspeth), "N"),
        (vec![], account, "N"),
        (vec![couple()], person(elspeth), "N"),
        // It can no longer be told whose objection this is.
        (vec![], person("PSN-CLM-9-Nobody"), "N"),
        // Another claim of hers would keep the flag, but that claim objects.
        (vec![ended("CLM-1", &ELSPETH), award("CLM-5", &ELSPETH).with("person_ref", elspeth)], claim("CLM-5"), "N"),
        // An objection of another person takes nothing from her.
        (vec![ended("CLM-1", &ELSPETH)], person("PSN-CLM-2-Oswald"), "Y"),
        (vec![ended("CLM-1", &ELSPETH)], person("PSN-CLM-9-Nobody"), "Y"),
        (vec![], person("PSN-CLM-2-Oswald"), "Y"),
        (vec![], claim("CLM-2"), "Y"),
    ] {
        let folder = with_words();
        good_night(&folder, MONDAY);
        assert_eq!(said(&folder, "north", "REF-1"), "Y matched");
        let what = csv(OBJECTION, std::slice::from_ref(&objection));
        let rows = csv(common::BENEFIT, &benefits);
        folder.write("objections.csv", csv(OBJECTION, &[objection]));
        folder.benefits(&[benefits, vec![award("CLM-2", &OSWALD)]].concat());
        good_night(&folder, TUESDAY);
        assert_eq!(folder.flag("north", "whd", "REF-1"), expected, "{what}{rows}");
    }
}

#[test]
fn a_decision_takes_effect_at_once_and_so_does_what_the_supplier_reported() {
    let folder = with_words();
    good_night(&folder, MONDAY);
    let decided = |customer_ref, flag| {
        Row::new(&[("supplier", "north"), ("customer_ref", customer_ref), ("scheme", "whd"), ("flag", flag)])
    };
    folder.write("decisions.csv", csv(DECISION, &[decided("REF-1", "N"), decided("REF-2", "Y")]));
    good_night(&folder, TUESDAY);
    assert_eq!(
        (said(&folder, "north", "REF-1"), said(&folder, "north", "REF-2")),
        ("N decided".into(), "Y decided".into())
    );
    // A withdrawn decision is a change like any other.
    folder.write("decisions.csv", csv(DECISION, &[]));
    good_night(&folder, WEDNESDAY);
    assert_eq!(
        (said(&folder, "north", "REF-1"), said(&folder, "north", "REF-2")),
        ("N waits".into(), "Y waits".into())
    );

    for benefits in [award("CLM-2", &OSWALD), ended("CLM-2", &OSWALD)] {
        let folder = with_words();
        good_night(&folder, MONDAY);
        folder.benefits(&[award("CLM-1", &ELSPETH), benefits]);
        folder.write("exceptions/south.csv", "customer_ref,reason\nREF-3,closed\n");
        good_night(&folder, TUESDAY);
        assert_eq!(folder.flag("south", "whd", "REF-3"), "N");
    }
}

#[test]
fn an_account_that_is_no_longer_on_supply_is_n_at_once() {
    let folder = folder();
    good_night(&folder, MONDAY);
    folder.customers(
        "north",
        &[customer("REF-1", &ELSPETH).with("supply_end", "2026-08-01"), customer("REF-2", &HAMISH)],
    );
    good_night(&folder, TUESDAY);
    assert_eq!((folder.flag("north", "whd", "REF-1").as_str(), waiting(&folder, "north")), ("N", 0));
    folder.customers("south", &[customer("REF-5", &HAMISH)]);
    good_night(&folder, WEDNESDAY);
    assert_eq!(changes(&folder, "south"), format!("{NO_CHANGE}REF-5,whd,N,new\nREF-3,whd,N,gone\n"));
}

/// Elspeth has an account with both suppliers: the claim has one rebate, whichever flags wait.
#[test]
fn a_claim_has_one_rebate_while_flags_wait() {
    let folder = folder();
    good_night(&folder, MONDAY);
    // Tonight's records give her another name and the home of a new account in the south.
    let moved = Person { surname: "Featherstone", forename: "Elspeth", born: ELSPETH.born, ..PRUNELLA };
    folder.benefits(&[award("CLM-1", &moved), award("CLM-2", &OSWALD)]);
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-9", &moved)]);
    let rebates = || {
        let rows = folder.administrator("decisions", &[("claim_ref", "CLM-1"), ("flag", "Y")]);
        rows.iter().map(|row| format!("{} {}", row["customer_ref"], row["reason"])).collect::<Vec<_>>()
    };
    for (date, why) in [(TUESDAY, "N claim-used"), (WEDNESDAY, "N claim-freed")] {
        good_night(&folder, date);
        assert_eq!(rebates().len(), 1, "{:?}", rebates());
        assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
        assert_eq!(said(&folder, "south", "REF-9"), why);
        assert_eq!(folder.outcome("whd", "CLM-1"), "M");
    }
    assert_eq!(said(&folder, "north", "REF-1"), "Y waits");
    // The rebate stays with the north until its account has been gone for a month, or staff decide.
    good_night(&folder, NEXT_MONDAY);
    assert_eq!(rebates(), Vec::<String>::new());
    assert_eq!(said(&folder, "south", "REF-9"), "N claim-freed");
    assert_eq!(folder.outcome("whd", "CLM-1"), "reserved");
}

/// A new claim keeps the account eligible. Its flag stays on the old claim until a release day.
#[test]
fn a_flag_that_stays_rests_on_the_claim_that_it_was_released_on() {
    let folder = folder();
    good_night(&folder, MONDAY);
    folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-5", &ELSPETH)]);
    good_night(&folder, TUESDAY);
    let claims = || ["CLM-1", "CLM-5"].map(|claim_ref| folder.outcome("whd", claim_ref));
    let row = || folder.administrator("decisions", &[("customer_ref", "REF-1")]).remove(0);
    assert_eq!((row()["flag"].as_str(), row()["claim_ref"].as_str()), ("Y", "CLM-1"));
    assert_eq!((claims(), waiting(&folder, "north")), (["M".into(), "M-pending".into()], 0));
    good_night(&folder, NEXT_MONDAY);
    assert_eq!((row()["flag"].as_str(), row()["claim_ref"].as_str()), ("Y", "CLM-5"));
    assert_eq!(claims(), ["", "M"]);
}

/// The account with the rebate is gone. A new account of the household at the same supplier gets the rebate at once;
/// one at another supplier waits until it is freed.
#[test]
fn a_rebate_whose_account_is_gone_goes_to_its_suppliers_new_account_at_once() {
    // Her account in the south is at another home.
    let elsewhere = customer("REF-4", &ELSPETH).with("address_line_1", "9 Vexford Gate").with("town", "Wibtoft");
    let elsewhere = elsewhere.with("postcode", "HR3 6ZZ").with("uprn", "");
    for also_new in [false, true] {
        let folder = folder();
        folder.customers("south", &[customer("REF-3", &OSWALD), elsewhere.clone()]);
        good_night(&folder, MONDAY);
        assert_eq!(said(&folder, "south", "REF-4"), "N claim-used");
        good_night(&folder, TUESDAY);
        assert_eq!((said(&folder, "south", "REF-4").as_str(), waiting(&folder, "south")), ("N claim-used", 0));
        let new = if also_new { vec![customer("REF-9", &ELSPETH)] } else { vec![] };
        folder.customers("north", &[vec![customer("REF-2", &HAMISH)], new].concat());
        good_night(&folder, WEDNESDAY);
        assert_eq!(folder.flag("south", "whd", "REF-4"), "N");
        let outcome = folder.outcome("whd", "CLM-1");
        if also_new {
            assert_eq!((folder.flag("north", "whd", "REF-9").as_str(), outcome.as_str()), ("Y", "M"));
        } else {
            assert_eq!((said(&folder, "south", "REF-4").as_str(), outcome.as_str()), ("N claim-freed", "reserved"));
        }
    }
}

/// A new, colder home takes no rebate from an account whose flag is out.
#[test]
fn the_limit_takes_no_flag_back_before_a_release_day() {
    let folder = folder();
    folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "limit = 2\n[[scheme.group]]"));
    folder.add_to_job("[properties]\nfiles = [\"properties.csv\"]");
    let score = |person: &Person, score| Row::new(&[("uprn", person.uprn), ("energy_cost_score", score)]);
    folder
        .write("properties.csv", csv(PROPERTY, &[score(&ELSPETH, "10"), score(&OSWALD, "20"), score(&PRUNELLA, "90")]));
    good_night(&folder, MONDAY);
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &PRUNELLA)]);
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-6", &PRUNELLA)]);
    let flags = || {
        ["north REF-1", "south REF-3", "south REF-6"].map(|account| {
            let (supplier, customer_ref) = account.split_once(' ').unwrap();
            said(&folder, supplier, customer_ref)
        })
    };
    good_night(&folder, TUESDAY);
    assert_eq!(flags(), ["Y matched", "Y matched", "N limit"]);
    good_night(&folder, NEXT_MONDAY);
    assert_eq!(flags(), ["Y matched", "Y matched", "N limit"]);
}

/// Quarantines the north, which has one account more than usual, by gates that look at single accounts.
fn held_in_the_night_of(date: &str) -> Folder {
    let folder = folder();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    good_night(&folder, MONDAY);
    folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-7", &PRUNELLA)]);
    assert_eq!(night(&folder, date).code, 4);
    folder
}

fn release(folder: &Folder) {
    let said = folder.flagmatch(&["release", "out/latest", "--supplier", "north", "--reason", "they telephoned"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

#[test]
fn what_was_held_waits_as_its_own_night_says() {
    let folder = held_in_the_night_of(TUESDAY);
    assert_eq!((folder.outcome("whd", "CLM-1").as_str(), folder.outcome("whd", "CLM-3").as_str()), ("M", "M-pending"));
    release(&folder);
    assert_eq!(
        (said(&folder, "north", "REF-1"), said(&folder, "north", "REF-2")),
        ("Y waits".into(), "N waits".into())
    );
    assert_eq!(changes(&folder, "north"), format!("{NO_CHANGE}REF-7,whd,N,new\n"));
    assert_eq!((folder.outcome("whd", "CLM-1").as_str(), folder.outcome("whd", "CLM-3").as_str()), ("M", "M-pending"));
    // Later runs continue from there.
    good_night(&folder, WEDNESDAY);
    assert_eq!((said(&folder, "north", "REF-1").as_str(), waiting(&folder, "north")), ("Y waits", 2));
    good_night(&folder, NEXT_MONDAY);
    assert_eq!((folder.flag("north", "whd", "REF-1"), folder.flag("north", "whd", "REF-2")), ("N".into(), "Y".into()));
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
}

#[test]
fn what_was_held_on_a_release_day_has_its_changes_when_it_goes_out() {
    let folder = held_in_the_night_of(NEXT_MONDAY);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y", "by its last delivery");
    release(&folder);
    assert_eq!((folder.flag("north", "whd", "REF-1"), folder.flag("north", "whd", "REF-2")), ("N".into(), "Y".into()));
}

/// While the north is quarantined, no other account gets a claim that waits for its account, or one whose flag is out.
#[test]
fn a_supplier_that_is_held_keeps_its_claims_while_flags_wait() {
    let folder = held_in_the_night_of(TUESDAY);
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.customers("south", &[customer("REF-0", &ELSPETH)]);
    assert_eq!(night(&folder, WEDNESDAY).code, 4);
    assert_eq!(said(&folder, "south", "REF-0"), "N claim-used");
    assert_eq!(folder.run(&["--supplier", "south", "--night-of", WEDNESDAY]).code, 0);
    assert_eq!(said(&folder, "south", "REF-0"), "N claim-used");
    fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
    assert_eq!(night(&folder, WEDNESDAY).code, 4);
    assert_eq!(said(&folder, "south", "REF-0"), "N claim-used");
}

/// The setting is new, so it is unknown which accounts changed since the last delivery: the changed flags of all its
/// accounts wait.
#[test]
fn where_nothing_is_remembered_every_account_counts_as_unchanged() {
    let folder = folder();
    let with_days = folder.read("job.toml");
    folder.job(JOB);
    folder.run_well();
    folder.job(&with_days);
    folder.benefits(&[
        award("CLM-1", &ELSPETH),
        award("CLM-2", &OSWALD),
        award("CLM-3", &HAMISH),
        award("CLM-4", &PRUNELLA),
    ]);
    let edited = customer("REF-2", &HAMISH).with("title", "Sir").with("middle_names", "Zebedee");
    folder.customers("north", &[customer("REF-1", &ELSPETH), edited, customer("REF-7", &PRUNELLA)]);
    good_night(&folder, TUESDAY);
    assert_eq!(
        (said(&folder, "north", "REF-2"), said(&folder, "north", "REF-7")),
        ("N waits".into(), "Y matched".into())
    );
}

/// A purge keeps what the next run compares with: the flags that must stay, and their claims. At the scheme's end these
/// go too, and every account is new.
#[test]
fn a_purge_between_release_days_lets_nothing_out() {
    for newest in [false, true] {
        let folder = folder();
        folder.job(&folder.read("job.toml").replace("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]"));
        good_night(&folder, MONDAY);
        folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
        good_night(&folder, TUESDAY);
        let job = Job::read(&folder.path("job.toml")).unwrap();
        let options = Options { inputs: false, newest, dry_run: false, day: None };
        let later = SystemTime::now() + Duration::from_secs(31 * 86_400);
        assert!(!purge(&job, options, later).unwrap().is_empty());
        good_night(&folder, WEDNESDAY);
        assert_eq!(waiting(&folder, "north"), if newest { 0 } else { 2 });
        assert_eq!(folder.flag("north", "whd", "REF-1"), if newest { "N" } else { "Y" });
    }
}

/// In a scheme whose flags a supplier has never had, every account is new; so is everything in a first run.
#[test]
fn nothing_waits_that_was_never_delivered() {
    let folder = folder();
    good_night(&folder, TUESDAY);
    assert_eq!((said(&folder, "north", "REF-1").as_str(), waiting(&folder, "north")), ("Y matched", 0));
    let cold = JOB[..JOB.find("[benefits]").unwrap()].replace("\"whd\"", "\"cold\"");
    folder.job(&format!("{cold}{}", folder.read("job.toml")));
    good_night(&folder, WEDNESDAY);
    assert_eq!(folder.flag("north", "cold", "REF-1"), "Y");
}

/// An encrypted delivery is compared with its plain copy.
#[test]
fn flags_of_an_encrypted_delivery_wait_too() {
    let folder = folder();
    let recipient = format!("id = \"north\"\nage_recipient = \"{}\"", Identity::generate().to_public());
    folder.job(&folder.read("job.toml").replace("id = \"north\"", &recipient));
    good_night(&folder, MONDAY);
    folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    good_night(&folder, TUESDAY);
    assert_eq!(folder.read("out/latest/administrator/plain/north/changes.csv"), NO_CHANGE);
    assert_eq!(waiting(&folder, "north"), 2);
}

/// Two accounts of a couple's claim had a flag each. Now the scheme allows one rebate a claim, and one account keeps
/// its flag.
#[test]
fn one_rebate_a_claim_holds_from_the_night_on_that_asks_for_it() {
    let folder = folder();
    let one_each = folder.read("job.toml");
    folder.job(&one_each.replace("[[scheme.group]]", "one_rebate_per_claim = false\n[[scheme.group]]"));
    folder.benefits(&[award("CLM-2", &OSWALD), award("CLM-2", &JOCASTA).with("role", "partner")]);
    folder.customers("north", &[customer("REF-1", &JOCASTA)]);
    good_night(&folder, MONDAY);
    assert_eq!((folder.flag("north", "whd", "REF-1"), folder.flag("south", "whd", "REF-3")), ("Y".into(), "Y".into()));
    folder.job(&one_each);
    good_night(&folder, TUESDAY);
    assert_eq!(folder.administrator("decisions", &[("claim_ref", "CLM-2"), ("flag", "Y")]).len(), 1);
    assert_eq!(folder.outcome("whd", "CLM-2"), "M");
}

/// The date comes from the command line and never from the clock: without it there is no run.
#[test]
fn a_job_with_release_days_has_to_be_told_the_night() {
    let folder = folder();
    for arguments in [&[][..], &["--dry-run"]] {
        folder.run(arguments).is_fault(2, &["release_days", "--night-of DATE"]);
    }
    assert!(!folder.exists("out"));
    for wrong in ["monday", "2026-02-30", "24/11/2026", ""] {
        assert_eq!(night(&folder, wrong).code, 2, "{wrong}");
    }
    good_night(&folder, MONDAY);
    folder.benefits(&[ended("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
    let dry = folder.run(&["--dry-run", "--night-of", TUESDAY]);
    assert!(dry.stdout.contains("1 changed flag waits for a release day"), "{}", dry.stdout);
    // Any job accepts the date. Without release days nothing depends on it.
    folder.job(JOB);
    good_night(&folder, TUESDAY);
    assert_eq!(
        (folder.flag("north", "whd", "REF-1").as_str(), &record(&folder)["settings"]["night_of"]),
        ("N", &json!(TUESDAY))
    );
    assert!(!folder.exists("out/latest/administrator/marks"), "nobody asked for any");
}

/// A slip in the date may free rebates: it is shown, and told beforehand.
#[test]
fn the_night_is_shown_and_one_that_does_not_follow_the_last_is_told() {
    let folder = folder();
    assert!(good_night(&folder, TUESDAY).contains(" of the night of 2026-11-24 in "));
    for (night_of, told) in [
        ("2025-11-25", "--night-of 2025-11-25 is before 2026-11-24, the date of the newest run"),
        ("2027-02-25", "--night-of 2027-02-25 is 93 days after 2026-11-24, the date of the newest run"),
        (WEDNESDAY, ""),
    ] {
        let said = folder.run(&["--night-of", night_of, "--dry-run"]);
        assert!(said.stderr.contains(told) && said.stderr.is_empty() == told.is_empty(), "{}", said.stderr);
        assert!(said.stdout.contains(&format!("dry run of the night of {night_of}: nothing was written")));
        let said = folder.run(&["--night-of", night_of, "--dry-run", "--json"]);
        let answer: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!((said.code, &answer["night_of"]), (0, &json!(night_of)));
    }
    let before = night(&folder, "2025-11-25");
    assert!(before.code == 0 && before.stderr.contains("is before 2026-11-24"), "{}", before.stderr);
    assert!(night(&folder, TUESDAY).stderr.contains("is 364 days after 2025-11-25"));
}

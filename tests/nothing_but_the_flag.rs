//! Checks that a delivery reveals only the flags: a change that changes no flag changes no byte of it, and nothing in
//! it, not even a length, shows why a flag is `N`.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{
    DECISION, ELSPETH, Folder, HAMISH, JOB, OBJECTION, OSWALD, PROPERTY, PRUNELLA, Person, Row, award, bytes, csv,
    customer,
};

/// The files that a supplier received, without the run's id and time, and without the sums of the files that contain
/// them.
fn delivery(folder: &Folder, supplier: &str) -> BTreeMap<String, String> {
    let run = std::fs::read_link(folder.path("out/latest")).unwrap();
    let run = run.file_name().unwrap().to_str().unwrap();
    let place = format!("out/latest/suppliers/{supplier}");
    // All files have one time, which hides how long each took to write.
    let times =
        folder.tree("out/latest/suppliers").into_iter().map(|path| path.metadata().unwrap().modified().unwrap());
    assert_eq!(times.collect::<BTreeSet<_>>().len(), 1);
    let files = folder.tree(&place).into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = String::from_utf8(bytes(&path)).unwrap();
        let text = text.replace(run, "RUN").replace(&run.to_lowercase(), "run");
        // Both name the run.
        let of_manifest = |line: &&str| !line.ends_with("datapackage.json") && !line.ends_with("README.txt");
        let text = if name == "SHA256SUMS" {
            assert_eq!(text.lines().filter(|line| !of_manifest(line)).count(), 2);
            text.lines().filter(of_manifest).collect::<Vec<_>>().join("\n")
        } else if name == "datapackage.json" {
            let is_time = |line: &&str| line.trim_start().starts_with("\"created\": ");
            assert_eq!(text.lines().filter(is_time).count(), 1);
            text.lines().filter(|line| !is_time(line)).collect::<Vec<_>>().join("\n")
        } else {
            text
        };
        (name, text)
    });
    files.collect()
}

#[track_caller]
fn is_same(found: &BTreeMap<String, String>, base: &BTreeMap<String, String>, what: &str) {
    assert_eq!(found.keys().collect::<Vec<_>>(), base.keys().collect::<Vec<_>>(), "{what}");
    for (name, text) in found {
        assert!(*text == base[name], "{what}: {name} differs:\n{text}\n{}", base[name]);
    }
}

/// Two groups, the second with an income limit.
fn job() -> String {
    let second = "[[scheme.group]]\nid = \"core-2\"\nbenefits = [\"UC\", \"HB\"]\nmax_income = 17000\n\n[benefits]";
    JOB.replace("[benefits]", second)
}

/// The deliveries to the north and the south of a run on these awards.
fn deliveries(awards: &[Row]) -> [BTreeMap<String, String>; 2] {
    let folder = Folder::sound();
    folder.job(&job());
    folder.benefits(awards);
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &PRUNELLA)]);
    folder.run_well();
    assert_eq!(
        ["REF-1", "REF-2"].map(|reference| folder.flag("north", "whd", reference)),
        ["Y", "N"].map(str::to_owned)
    );
    assert_eq!(
        ["REF-3", "REF-4"].map(|reference| folder.flag("south", "whd", reference)),
        ["Y", "N"].map(str::to_owned)
    );
    ["north", "south"].map(|supplier| delivery(&folder, supplier))
}

#[test]
fn what_changes_no_flag_changes_no_byte() {
    let elspeth = award("CLM-1", &ELSPETH);
    let oswald = award("CLM-2", &OSWALD);
    // Hamish is in the records, but not eligible.
    let hamish = award("CLM-3", &HAMISH).with("benefit", "CA");
    let base = deliveries(&[elspeth.clone(), oswald.clone(), hamish.clone()]);
    let nobody = Person { forename: "Ignatius", surname: "Uffington", born: "1970-05-05", ..PRUNELLA };
    let stranger = Person { street: "9 Nowhere Lane", postcode: "ZE1 0AA", uprn: "100099555550", ..nobody };
    for (change, awards) in [
        ("another qualifying benefit", vec![elspeth.clone().with("benefit", "UC"), oswald.clone(), hamish.clone()]),
        (
            "another income below the limit",
            vec![elspeth.clone().with("benefit", "UC").with("income", "1"), oswald.clone(), hamish.clone()],
        ),
        ("both benefits", vec![elspeth.clone(), elspeth.clone().with("benefit", "HB"), oswald.clone(), hamish.clone()]),
        ("another spelling", vec![elspeth.clone().with("surname", "QUILL FEATHER"), oswald.clone(), hamish.clone()]),
        ("a middle name", vec![elspeth.clone().with("middle_names", "Rowena"), oswald.clone(), hamish.clone()]),
        ("no UPRN", vec![elspeth.clone().with("uprn", ""), oswald.clone(), hamish.clone()]),
        ("an older award", vec![elspeth.clone().with("award_start", "1999-01-01"), oswald.clone(), hamish.clone()]),
        (
            "an award that ends later",
            vec![elspeth.clone().with("award_end", "2030-01-01"), oswald.clone(), hamish.clone()],
        ),
        (
            "other references",
            vec![award("CLM-77", &ELSPETH).with("person_ref", "PSN-77"), oswald.clone(), hamish.clone()],
        ),
        ("somebody else", vec![elspeth.clone(), oswald.clone(), hamish.clone(), award("CLM-9", &stranger)]),
        ("another order", vec![hamish.clone(), oswald.clone(), elspeth.clone()]),
        ("unknown instead of known and not due", vec![elspeth.clone(), oswald.clone()]),
        ("rejected rows", {
            let mut many = vec![elspeth.clone(), oswald.clone(), hamish.clone(), hamish.clone().with("claim_ref", "")];
            many.extend((10..30).map(|number| award(&format!("CLM-{number}"), &stranger)));
            many
        }),
    ] {
        for (found, base) in deliveries(&awards).iter().zip(&base) {
            is_same(found, base, change);
        }
    }
}

/// What the north receives if its only account is `N` for this reason.
fn refused(reason: &str, folder: &Folder) -> BTreeMap<String, String> {
    let said = folder.run(&[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(folder.flag("north", "whd", "REF-1"), "N", "{reason}");
    assert_eq!(folder.reason("north", "whd", "REF-1"), reason);
    delivery(folder, "north")
}

#[test]
fn every_reason_for_n_looks_the_same() {
    let folder = |awards: &[Row], own: Row, others: &[Row]| {
        let folder = Folder::sound();
        folder.job(&job());
        folder.benefits(awards);
        folder.customers("north", &[own]);
        folder.customers("south", others);
        folder
    };
    let elspeth = || customer("REF-1", &ELSPETH);
    let hamish = [customer("REF-9", &HAMISH)];
    let due = || award("CLM-1", &ELSPETH);
    let other = award("CLM-2", &HAMISH);

    let base = refused("", &folder(std::slice::from_ref(&other), elspeth(), &hamish));
    assert_eq!(
        base.keys().collect::<Vec<_>>(),
        ["README.txt", "SHA256SUMS", "changes.csv", "datapackage.json", "rejects.csv", "whd.flags.csv"]
    );
    let same = |reason: &str, folder: &Folder| is_same(&refused(reason, folder), &base, reason);

    same("not-eligible", &folder(&[due().with("benefit", "CA"), other.clone()], elspeth(), &hamish));
    same("not-eligible", &folder(&[due().with("award_end", "2026-08-22"), other.clone()], elspeth(), &hamish));
    same(
        "not-eligible",
        &folder(&[due().with("benefit", "UC").with("income", "17000.01"), other.clone()], elspeth(), &hamish),
    );
    same(
        "not-decidable",
        &folder(&[due().with("benefit", "UC").with("income", ""), other.clone()], elspeth(), &hamish),
    );
    same(
        "birth-date-contradicts",
        &folder(&[due().with("date_of_birth", "1983-12-25"), other.clone()], elspeth(), &hamish),
    );
    same("", &folder(&[due(), other.clone()], elspeth().with("supply_end", "2026-08-22"), &hamish));

    let objected = folder(&[due(), other.clone()], elspeth(), &hamish);
    objected.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
    objected.write("objections.csv", csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-1")])]));
    same("objected", &objected);

    let decided = folder(&[due(), other.clone()], elspeth(), &hamish);
    decided.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]");
    let decision = [("supplier", "north"), ("customer_ref", "REF-1"), ("scheme", "whd"), ("flag", "N")];
    decided.write("decisions.csv", csv(DECISION, &[Row::new(&decision).with("decided_on", "2026-09-01")]));
    same("decided", &decided);

    // The rebate goes to the south's account, which agrees in more fields.
    let weaker = elspeth().with("date_of_birth", "").with("uprn", "").with("forename", "Elspet");
    same("claim-used", &folder(&[due(), other.clone()], weaker, &[customer("REF-9", &ELSPETH)]));

    // There is one rebate in all, and the other home is colder.
    let limited = folder(&[due(), other], elspeth(), &hamish);
    limited.job(
        &limited
            .read("job.toml")
            .replace("[[scheme.group]]\nid = \"core-1\"", "limit = 1\n[[scheme.group]]\nid = \"core-1\""),
    );
    limited.add_to_job("[properties]\nfiles = [\"properties.csv\"]");
    let scores = [(ELSPETH.uprn, "20"), (HAMISH.uprn, "90")];
    let scores = scores.map(|(uprn, score)| Row::new(&[("uprn", uprn), ("energy_cost_score", score)]));
    limited.write("properties.csv", csv(PROPERTY, &scores));
    same("limit", &limited);
}

use std::io::Write;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn a_run_is_published_as_a_whole() {
    let output = tempfile::tempdir().unwrap();
    let output = output.path();
    assert_eq!(Published::latest(output).unwrap(), None);
    let staging = begin(output, 0);
    deliver(&staging, "north", &[("A", Flag::Y)]);
    assert_eq!(Published::latest(output).unwrap(), None, "nothing counts before it is published");
    let mut claims = staging.rows::<Claims>().unwrap();
    claims.write(&ClaimRow { claim_ref: "C", scheme: "whd", outcome: Outcome::MatchedPending }).unwrap();
    claims.finish().unwrap();
    let mut review = staging.rows::<Review>().unwrap();
    let row = ReviewRow {
        supplier: "north",
        customer_ref: "B",
        scheme: "whd",
        reason: "twin",
        claim_ref: "C,1",
        person_ref: "",
        posterior_band: "0.9",
    };
    review.write(&row).unwrap();
    review.finish().unwrap();
    staging.run_record(&serde_json::json!({ "version": 1 })).unwrap();
    let mut rates = staging.analyst_file("rates.csv").unwrap();
    rates.write_all(b"rate\n").unwrap();
    rates.finish().unwrap();
    let publication = staging.publish().unwrap();

    assert_eq!(publication.folder, output.join("20261124T021500Z"));
    assert_eq!(
        listing(output),
        [
            ".lock",
            "20261124T021500Z/",
            "20261124T021500Z/administrator/",
            "20261124T021500Z/administrator/claims.csv",
            "20261124T021500Z/administrator/review.csv",
            "20261124T021500Z/administrator/run.json",
            "20261124T021500Z/analyst/",
            "20261124T021500Z/analyst/rates.csv",
            "20261124T021500Z/suppliers/",
            "20261124T021500Z/suppliers/north/",
            "20261124T021500Z/suppliers/north/SHA256SUMS",
            "20261124T021500Z/suppliers/north/changes.csv",
            "20261124T021500Z/suppliers/north/datapackage.json",
            "20261124T021500Z/suppliers/north/rejects.csv",
            "20261124T021500Z/suppliers/north/whd.flags.csv",
            "current/",
            "current/north -> ../20261124T021500Z/suppliers/north",
            "latest -> 20261124T021500Z",
        ]
    );
    let read = |name: &str| fs::read_to_string(output.join("latest/administrator").join(name)).unwrap();
    assert_eq!(read("claims.csv"), "claim_ref,scheme,outcome\nC,whd,M-pending\n");
    assert_eq!(
        read("review.csv"),
        "supplier,customer_ref,scheme,reason,claim_ref,person_ref,posterior_band\nnorth,B,whd,twin,\"C,1\",,0.9\n"
    );
    assert_eq!(read("run.json"), "{\n  \"version\": 1\n}\n");
    let published = Published::latest(output).unwrap().unwrap();
    assert_eq!(published.folder(), publication.folder);
    assert_eq!(published.run_id().to_string(), "20261124T021500Z");
}

#[test]
fn a_supplier_without_a_delivery_keeps_its_newest_one() {
    let output = tempfile::tempdir().unwrap();
    publish(output.path(), 0, &["north", "south"]);
    let staging = begin(output.path(), 1);
    deliver(&staging, "south", &[("A", Flag::N)]);
    // North is begun and then held back.
    let mut north = staging.supplier("north", None).unwrap();
    north.flags(&scheme("whd")).unwrap().write("A", Flag::N).unwrap();
    drop(north);
    let folder = staging.publish().unwrap().folder;
    assert_eq!(fs::read_dir(folder.join("suppliers")).unwrap().count(), 1);
    assert_eq!(
        top(output.path())[3..],
        [
            "current/",
            "current/north -> ../20261124T021500Z/suppliers/north",
            "current/south -> ../20261124T021501Z/suppliers/south",
            "latest -> 20261124T021501Z",
        ]
    );
}

#[test]
fn what_is_not_published_leaves_nothing() {
    let output = tempfile::tempdir().unwrap();
    publish(output.path(), 0, &["north"]);
    let before = listing(output.path());
    let staging = begin(output.path(), 1);
    deliver(&staging, "north", &[("A", Flag::N)]);
    drop(staging);
    assert_eq!(listing(output.path()), before);

    // All is ready, and the answer is no.
    let staging = begin(output.path(), 1);
    deliver(&staging, "north", &[("A", Flag::N)]);
    assert_eq!(staging.publish_if(|| false).unwrap(), None);
    assert_eq!(listing(output.path()), before);

    // A file that was not finished may be cut short.
    let staging = begin(output.path(), 1);
    drop(staging.administrator_file("notes.csv").unwrap());
    assert!(matches!(staging.publish(), Err(ReleaseError::Unfinished { .. })));
    assert_eq!(listing(output.path()), before);

    let staging = begin(output.path(), 1);
    let mut folder = staging.supplier("north", None).unwrap();
    drop(folder.flags(&scheme("whd")).unwrap());
    assert!(matches!(folder.seal([]), Err(ReleaseError::Unfinished { .. })));
    drop(staging);
    assert_eq!(listing(output.path()), before);
}

#[test]
fn one_run_at_a_time() {
    let output = tempfile::tempdir().unwrap();
    let first = begin(output.path(), 0);
    let second = Staging::begin(output.path(), at(0)).err().unwrap();
    let expected = format!("another run holds this output directory (process {})", std::process::id());
    assert!(second.to_string().ends_with(&expected), "{second}");
    deliver(&first, "north", &[]);
    first.publish().unwrap();
    // In the same second, but after.
    let second = begin(output.path(), 0);
    assert_eq!(second.run_id().to_string(), "20261124T021500Z-02");
    second.publish().unwrap();
    // The clock went back.
    assert_eq!(begin(output.path(), 0).run_id().to_string(), "20261124T021500Z-03");
}

#[test]
fn names_are_plain_and_used_once() {
    let output = tempfile::tempdir().unwrap();
    let staging = begin(output.path(), 0);
    for name in ["../x", "a/b", "..", "", "/x"] {
        assert!(staging.administrator_file(name).is_err(), "{name}");
    }
    staging.administrator_file("a").unwrap().finish().unwrap();
    let again = staging.administrator_file("a").err().unwrap().to_string();
    assert!(again.contains("administrator/a: cannot create this file: File exists"), "{again}");

    deliver(&staging, "north", &[]);
    let mut folder = staging.supplier("north", None).unwrap();
    folder.flags(&scheme("whd")).unwrap().finish().unwrap();
    assert!(folder.seal([]).is_err(), "a supplier has one delivery a run");
    // A link under a final name is not followed.
    let elsewhere = output.path().join("elsewhere");
    symlink(&elsewhere, output.path().join(".staging-20261124T021500Z/analyst/rates.csv")).unwrap();
    assert!(staging.analyst_file("rates.csv").is_err());
    assert!(!elsewhere.exists());
}

#[test]
fn a_kill_at_any_instant_leaves_the_last_published_run() {
    let expected = [
        ".lock",
        "20261124T021500Z/",
        "current/",
        "current/north -> ../20261124T021500Z/suppliers/north",
        "current/south -> ../20261124T021500Z/suppliers/south",
        "latest -> 20261124T021500Z",
    ];
    type Kill = fn(&Path);
    let kills: [(&str, Kill); 4] = [
        ("while writing", |output| {
            fs::create_dir_all(output.join(".staging-20261124T021501Z/suppliers/.north")).unwrap();
            fs::write(output.join(".staging-20261124T021501Z/suppliers/.north/whd.flags.csv"), "A").unwrap();
        }),
        ("after the rename", |output| {
            fs::create_dir_all(output.join("20261124T021501Z/suppliers/north")).unwrap();
        }),
        ("before the switch", |output| {
            fs::create_dir_all(output.join("20261124T021501Z/suppliers/north")).unwrap();
            symlink("20261124T021501Z", output.join(".link-latest")).unwrap();
        }),
        ("while repairing", |output| {
            symlink("../20261124T021500Z/suppliers/north", output.join("current/.link-north")).unwrap();
            fs::remove_file(output.join("current/south")).unwrap();
        }),
    ];
    for (when, kill) in kills {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), 0, &["north", "south"]);
        kill(output.path());
        drop(begin(output.path(), 2));
        assert_eq!(top(output.path()), expected, "killed {when}");
    }
}

#[test]
fn a_kill_before_the_first_publication_leaves_an_empty_directory() {
    let output = tempfile::tempdir().unwrap();
    fs::create_dir_all(output.path().join("20261124T021501Z/suppliers/north")).unwrap();
    drop(begin(output.path(), 2));
    assert_eq!(top(output.path()), [".lock"]);
}

#[test]
fn a_kill_after_the_switch_is_finished_by_the_next_run() {
    let output = tempfile::tempdir().unwrap();
    publish(output.path(), 0, &["north", "south"]);
    publish(output.path(), 1, &["north", "west"]);
    let whole = top(output.path());
    let current = output.path().join("current");
    fs::remove_file(current.join("north")).unwrap();
    fs::remove_file(current.join("west")).unwrap();
    symlink("../20261124T021500Z/suppliers/north", current.join("north")).unwrap();
    symlink("../20261124T021501Z/suppliers/west", current.join(".link-west")).unwrap();
    drop(begin(output.path(), 2));
    assert_eq!(top(output.path()), whole);
    assert_eq!(
        whole[4..7],
        [
            "current/north -> ../20261124T021501Z/suppliers/north",
            "current/south -> ../20261124T021500Z/suppliers/south",
            "current/west -> ../20261124T021501Z/suppliers/west",
        ]
    );
}

#[test]
fn in_a_state_that_no_run_leaves_nothing_is_touched() {
    let states: [fn(&Path); 5] = [
        // Somebody let `latest` go back.
        |output| {
            fs::remove_file(output.join("latest")).unwrap();
            symlink("20261124T021500Z", output.join("latest")).unwrap();
        },
        // Links were lost in a copy.
        |output| fs::remove_file(output.join("latest")).unwrap(),
        |output| {
            fs::remove_file(output.join("latest")).unwrap();
            fs::remove_dir_all(output.join("current")).unwrap();
        },
        // A run was deleted.
        |output| fs::remove_dir_all(output.join("20261124T021501Z")).unwrap(),
        |output| {
            fs::remove_file(output.join("current/north")).unwrap();
            symlink("../elsewhere", output.join("current/north")).unwrap();
        },
    ];
    for (number, disturb) in states.into_iter().enumerate() {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), 0, &["north"]);
        publish(output.path(), 1, &["north"]);
        disturb(output.path());
        let before = listing(output.path());
        let error = Staging::begin(output.path(), at(2)).err();
        assert!(matches!(error, Some(ReleaseError::Inconsistent { .. })), "state {number}: {error:?}");
        assert_eq!(listing(output.path()), before, "state {number}");
    }
}

#[test]
fn runs_are_those_that_were_published_the_oldest_first() {
    let output = tempfile::tempdir().unwrap();
    for second in [1, 2, 10, 10] {
        publish(output.path(), second, &["north"]);
    }
    // As a kill right before the switch of `latest` leaves it.
    fs::create_dir(output.path().join("20261124T021511Z")).unwrap();
    fs::create_dir(output.path().join("20261124")).unwrap();
    let runs = Published::latest(output.path()).unwrap().unwrap().runs().unwrap();
    let runs: Vec<String> = runs.iter().map(ToString::to_string).collect();
    assert_eq!(runs, ["20261124T021501Z", "20261124T021502Z", "20261124T021510Z", "20261124T021510Z-02"]);
}

#[test]
fn released_flags_are_those_of_the_newest_delivery() {
    let output = tempfile::tempdir().unwrap();
    type Decision = (&'static str, &'static str, Flag, &'static str);
    let nights: [(u64, &[Decision], &[&str]); 2] = [
        (
            0,
            &[("north", "A,1", Flag::Y, "C1"), ("north", "B", Flag::N, "C2"), ("south", "A", Flag::Y, "C3")],
            &["north", "south"],
        ),
        // North is held back: what it would have got does not count.
        (1, &[("north", "B", Flag::Y, "C2"), ("south", "D\n", Flag::Y, "C4")], &["south"]),
    ];
    for (second, decisions, delivered) in nights {
        let staging = begin(output.path(), second);
        let mut file = staging.rows::<Decisions>().unwrap();
        let mut block = Block::<Decisions>::default();
        for (supplier, customer_ref, flag, claim_ref) in decisions {
            block.push(&DecisionRow {
                supplier,
                customer_ref,
                scheme: "whd",
                flag: *flag,
                reason: "match",
                group: "core-1",
                claim_ref,
                keys: "name+birth",
                levels: "exact",
                posterior_band: "0.999",
                lead_band: "10",
            });
        }
        file.append(&block).unwrap();
        file.finish().unwrap();
        for supplier in delivered {
            deliver(&staging, supplier, &[]);
        }
        staging.publish().unwrap();
    }
    let published = Published::latest(output.path()).unwrap().unwrap();
    for (supplier, customer_ref, claim_ref) in [("north", "A,1", "C1"), ("south", "D\n", "C4")] {
        let expected = ReleasedFlag {
            supplier: supplier.to_owned(),
            customer_ref: customer_ref.to_owned(),
            scheme: "whd".to_owned(),
            claim_ref: claim_ref.to_owned(),
        };
        assert_eq!(published.released_flags(&[supplier]).unwrap(), [expected]);
    }
    assert_eq!(published.released_flags(&["west"]).unwrap(), []);

    // The reference on line 3 goes on to line 4.
    // Decisions that were tampered with are not half read, and what they hold is not repeated.
    let path = output.path().join("20261124T021501Z/administrator/decisions.csv");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}SECRET,SECRET\n")).unwrap();
    let error = published.released_flags(&["south"]).unwrap_err().to_string();
    assert!(error.contains("decisions.csv, line 5: not a row of this table") && !error.contains("SECRET"), "{error}");
}

#[test]
fn what_the_system_refuses_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    let error = Staging::begin(&root.path().join("file/out"), at(0)).err().unwrap().to_string();
    assert!(error.contains("file/out: cannot create this folder: "), "{error}");
}

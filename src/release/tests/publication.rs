use std::io::Write;
use std::os::unix::fs::symlink;

use jiff::civil::Date;

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
    let claim = |claim_ref, household, outcome, rebate| ClaimRow::new(claim_ref, "whd", household, outcome, rebate);
    claims.write(&claim("C", "B", Outcome::MatchedPending, None)).unwrap();
    let names = RebateNames {
        scheme: "whd",
        supplier: "north",
        customer_ref: "A,1",
        claim_ref: "D",
        household: "D",
        person_ref: "P",
    };
    let rebate = Rebate::new(&names, RebateState::Gone, Some(Date::constant(2026, 10, 3)));
    claims.write(&claim("D", "D", Outcome::Reserved, Some(&rebate))).unwrap();
    claims.finish().unwrap();
    let mut review = staging.rows::<Review>().unwrap();
    let row = ReviewRow {
        supplier: "north",
        customer_ref: Marked("B"),
        scheme: "whd",
        reason: "twin",
        adds_rebate: Some(Chance::new(0.9)),
        claim_ref: Marked("C,1"),
        person_ref: Marked(""),
        posterior_band: "0.9",
    };
    review.write(&row).unwrap();
    review.finish().unwrap();
    let mut rates = staging.analyst_file("published.csv").unwrap();
    rates.write_all(b"rate\n").unwrap();
    rates.finish().unwrap();
    staging.run_record(&serde_json::json!({ "version": 1 })).unwrap();
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
            "20261124T021500Z/analyst/published.csv",
            "20261124T021500Z/current/",
            "20261124T021500Z/current/north -> ../../20261124T021500Z/suppliers/north",
            "20261124T021500Z/suppliers/",
            "20261124T021500Z/suppliers/north/",
            "20261124T021500Z/suppliers/north/README.txt",
            "20261124T021500Z/suppliers/north/SHA256SUMS",
            "20261124T021500Z/suppliers/north/changes.csv",
            "20261124T021500Z/suppliers/north/datapackage.json",
            "20261124T021500Z/suppliers/north/rejects.csv",
            "20261124T021500Z/suppliers/north/whd.flags.csv",
            "current -> latest/current",
            "latest -> 20261124T021500Z",
        ]
    );
    let read = |name: &str| fs::read_to_string(output.join("latest/administrator").join(name)).unwrap();
    assert_eq!(
        read("claims.csv"),
        "claim_ref,scheme,household,outcome,supplier,customer_ref,person_ref,rebate,released_on,gone_since\n\
         C,whd,B,M-pending,,,,,,\nD,whd,D,reserved,north,\"A,1\",P,gone,2026-10-03,\n"
    );
    assert_eq!(
        read("review.csv"),
        "supplier,customer_ref,scheme,reason,adds_rebate,claim_ref,person_ref,posterior_band\n\
         north,B,whd,twin,0.9000,\"C,1\",,0.9\n"
    );
    // The record has the sum of every other file, as `b3sum` prints it.
    let record: serde_json::Value = serde_json::from_str(&read("run.json")).unwrap();
    assert_eq!((&record["version"], &record["format"]), (&1.into(), &1.into()));
    let files = record["files"].as_object().unwrap();
    let mut expected: Vec<String> = listing(&publication.folder);
    expected.retain(|name| !name.ends_with('/') && !name.starts_with("current/") && !name.ends_with("run.json"));
    assert_eq!(files.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    for (name, sum) in files {
        let bytes = fs::read(publication.folder.join(name)).unwrap();
        assert_eq!(sum, blake3::hash(&bytes).to_hex().as_str(), "{name}");
    }
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
        links(output.path()),
        [
            "20261124T021500Z/current/north -> ../../20261124T021500Z/suppliers/north",
            "20261124T021500Z/current/south -> ../../20261124T021500Z/suppliers/south",
            "20261124T021501Z/current/north -> ../../20261124T021500Z/suppliers/north",
            "20261124T021501Z/current/south -> ../../20261124T021501Z/suppliers/south",
            "current -> latest/current",
            "latest -> 20261124T021501Z",
        ]
    );
}

/// One link decides what all suppliers see.
#[test]
fn the_switch_of_latest_publishes_everything_at_once() {
    let output = tempfile::tempdir().unwrap();
    let suppliers = ["east", "north", "south", "west"];
    publish(output.path(), 0, &suppliers);
    publish(output.path(), 1, &suppliers);
    let seen = || {
        let delivery = |supplier: &&str| fs::canonicalize(output.path().join("current").join(supplier)).unwrap();
        let run = |path: PathBuf| path.ancestors().nth(2).unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        suppliers.iter().map(delivery).map(run).collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(seen().into_iter().collect::<Vec<_>>(), ["20261124T021501Z"]);
    fs::remove_file(output.path().join("latest")).unwrap();
    symlink("20261124T021500Z", output.path().join("latest")).unwrap();
    assert_eq!(seen().into_iter().collect::<Vec<_>>(), ["20261124T021500Z"]);
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

    // Everything is durable, and `may` returns false.
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
    // In the same second, but later.
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
    symlink(&elsewhere, output.path().join(".staging-20261124T021500Z/analyst/published.csv")).unwrap();
    assert!(staging.analyst_file("published.csv").is_err());
    assert!(!elsewhere.exists());
}

#[test]
fn a_kill_at_any_instant_leaves_the_last_published_run() {
    type Kill = fn(&Path);
    let kills: [(&str, Kill); 4] = [
        ("while writing", |output| {
            fs::create_dir_all(output.join(".staging-20261124T021501Z/suppliers/.north")).unwrap();
            fs::write(output.join(".staging-20261124T021501Z/suppliers/.north/whd.flags.csv"), "A").unwrap();
        }),
        ("while its links are written", |output| {
            fs::create_dir_all(output.join(".staging-20261124T021501Z/current")).unwrap();
            let link = output.join(".staging-20261124T021501Z/current/north");
            symlink("../../20261124T021501Z/suppliers/north", link).unwrap();
        }),
        ("after the rename", |output| {
            fs::create_dir_all(output.join("20261124T021501Z/suppliers/north")).unwrap();
        }),
        ("before the switch", |output| {
            fs::create_dir_all(output.join("20261124T021501Z/suppliers/north")).unwrap();
            symlink("20261124T021501Z", output.join(".link-latest")).unwrap();
        }),
    ];
    for (when, kill) in kills {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), 0, &["north", "south"]);
        let before = listing(output.path());
        kill(output.path());
        drop(begin(output.path(), 2));
        assert_eq!(listing(output.path()), before, "killed {when}");
    }
}

#[test]
fn a_kill_before_the_first_publication_leaves_an_empty_directory() {
    let output = tempfile::tempdir().unwrap();
    fs::create_dir_all(output.path().join("20261124T021501Z/suppliers/north")).unwrap();
    drop(begin(output.path(), 2));
    assert_eq!(listing(output.path()), [".lock"]);
}

/// The layout of earlier versions: links in a folder `current`, switched one by one after `latest`.
fn as_before(output: &Path) {
    for run in ["20261124T021500Z", "20261124T021501Z"] {
        fs::remove_dir_all(output.join(run).join("current")).unwrap();
    }
    fs::remove_file(output.join("current")).unwrap();
    old_folder(&output.join("current"));
}

fn old_folder(place: &Path) {
    fs::create_dir(place).unwrap();
    symlink("../20261124T021501Z/suppliers/north", place.join("north")).unwrap();
    symlink("../20261124T021500Z/suppliers/south", place.join("south")).unwrap();
}

#[test]
fn the_folder_of_links_of_an_earlier_version_is_carried_over_whenever_it_is_killed() {
    type Kill = fn(&Path);
    let carried = |output: &Path| {
        current::carry_over(output, &id("20261124T021501Z"), &[id("20261124T021500Z"), id("20261124T021501Z")]).unwrap()
    };
    let states: [(&str, Kill); 6] = [
        ("not begun", |_| {}),
        ("killed in the earlier version, after the switch of latest", |output| {
            fs::remove_file(output.join("current/north")).unwrap();
            symlink("../20261124T021500Z/suppliers/north", output.join("current/north")).unwrap();
            symlink("../20261124T021501Z/suppliers/north", output.join("current/.link-north")).unwrap();
        }),
        ("while the run's links are written", |output| {
            fs::create_dir_all(output.join(".staging-current/current")).unwrap();
        }),
        ("with the run's links written, and the new link", |output| {
            fs::create_dir(output.join("20261124T021501Z/current")).unwrap();
            let link = |run: &str, name: &str| {
                let place = output.join("20261124T021501Z/current").join(name);
                symlink(format!("../../{run}/suppliers/{name}"), place).unwrap();
            };
            link("20261124T021501Z", "north");
            link("20261124T021500Z", "south");
            symlink("latest/current", output.join(".link-current")).unwrap();
        }),
        ("with the two exchanged", |output| {
            fs::remove_dir_all(output.join("current")).unwrap();
            symlink("latest/current", output.join("current")).unwrap();
            old_folder(&output.join(".link-current"));
        }),
        ("with the folder moved aside, where the two cannot be exchanged", |output| {
            fs::rename(output.join("current"), output.join(".link-current-before")).unwrap();
            symlink("latest/current", output.join(".link-current")).unwrap();
        }),
    ];
    for (when, kill) in states {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), 0, &["north", "south"]);
        publish(output.path(), 1, &["north"]);
        as_before(output.path());
        if when.starts_with("with the two") {
            carried(output.path());
        }
        kill(output.path());
        drop(begin(output.path(), 2));
        assert_eq!(
            links(output.path()),
            [
                "20261124T021501Z/current/north -> ../../20261124T021501Z/suppliers/north",
                "20261124T021501Z/current/south -> ../../20261124T021500Z/suppliers/south",
                "current -> latest/current",
                "latest -> 20261124T021501Z",
            ],
            "{when}"
        );
        assert!(
            !listing(output.path()).iter().any(|name| name.starts_with(".link") || name.starts_with(".st")),
            "{when}"
        );
    }
}

fn id(text: &str) -> RunId {
    text.parse().unwrap()
}

#[test]
fn in_a_state_that_no_run_leaves_nothing_is_touched() {
    let states: [fn(&Path); 6] = [
        // Links were lost in a copy.
        |output| fs::remove_file(output.join("latest")).unwrap(),
        |output| {
            fs::remove_file(output.join("latest")).unwrap();
            fs::remove_file(output.join("current")).unwrap();
        },
        // A run was deleted.
        |output| fs::remove_dir_all(output.join("20261124T021501Z")).unwrap(),
        |output| {
            fs::remove_file(output.join("latest/current/north")).unwrap();
            symlink("../elsewhere", output.join("latest/current/north")).unwrap();
        },
        |output| {
            fs::remove_file(output.join("current")).unwrap();
            symlink("elsewhere", output.join("current")).unwrap();
        },
        // An earlier version's folder of links, and `latest` was set back.
        |output| {
            fs::remove_file(output.join("current")).unwrap();
            fs::create_dir(output.join("current")).unwrap();
            symlink("../20261124T021501Z/suppliers/north", output.join("current/north")).unwrap();
            fs::remove_file(output.join("latest")).unwrap();
            symlink("20261124T021500Z", output.join("latest")).unwrap();
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

/// Without `latest`, or with one that was set back, a run looks like what a kill leaves. The ledger tells them apart.
#[test]
fn a_run_that_is_known_to_be_published_is_no_litter() {
    type Hand = fn(&Path);
    let states: [(Hand, bool); 3] = [
        (|output| fs::remove_file(output.join("latest")).unwrap(), true),
        (
            |output| {
                fs::remove_file(output.join("latest")).unwrap();
                fs::remove_file(output.join("current")).unwrap();
            },
            true,
        ),
        (
            |output| {
                fs::remove_file(output.join("latest")).unwrap();
                fs::remove_dir_all(output.join("20261124T021500Z")).unwrap();
            },
            false,
        ),
    ];
    for (disturb, is_still_there) in states {
        let output = tempfile::tempdir().unwrap();
        publish(output.path(), 0, &["north"]);
        disturb(output.path());
        let before = listing(output.path());
        let known = || Ok::<_, ReleaseError>(Some(id("20261124T021500Z")));
        let error = Staging::begin_after(output.path(), at(2), known).err().unwrap();
        let ReleaseError::NotTheNewest { is_there, .. } = error else { panic!("{error}") };
        assert_eq!(is_there, is_still_there);
        assert_eq!(listing(output.path()), before);
    }
}

/// A clock that is a little behind is accepted; a run of another year means that some clock was wrong.
#[test]
fn a_run_that_is_dated_more_than_a_day_ahead_stops_the_next() {
    const DAY: u64 = 86_400;
    let output = tempfile::tempdir().unwrap();
    publish(output.path(), 0, &["north"]);
    publish(output.path(), DAY, &["north"]);
    assert_eq!(begin(output.path(), 0).run_id().to_string(), "20261125T021500Z-02");
    publish(output.path(), 2 * DAY, &["north"]);
    let before = listing(output.path());
    let error = Staging::begin(output.path(), at(DAY - 1)).err().unwrap();
    let ReleaseError::Ahead { ahead, before: Some(good), .. } = &error else { panic!("{error}") };
    assert_eq!((ahead.as_slice(), good), (&[id("20261126T021500Z")][..], &id("20261125T021500Z")));
    assert_eq!(listing(output.path()), before);
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
        let mut file = staging.rows::<DecisionsTable>().unwrap();
        let mut block = Block::<DecisionsTable>::default();
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
                decided_on: "",
                decided_claim_ref: "",
                decided_levels: "",
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

    // The reference on line 3 continues on line 4. Decisions that were tampered with are not read in part, and messages
    // do not repeat their content.
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

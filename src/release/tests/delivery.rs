use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use proptest::strategy::Strategy;
use serde_json::Value;

use super::*;

fn text(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_delivery_has_its_files_and_sha256sum_agrees() {
    let output = tempfile::tempdir().unwrap();
    let output = output.path();
    let staging = begin(output, 0);
    let mut folder = staging.supplier("north", None).unwrap();
    let (mut whd, mut cold) = (folder.flags(&scheme("whd")).unwrap(), folder.flags(&scheme("cold")).unwrap());
    let mut block = FlagBlock::default();
    block.push("A", Flag::Y);
    block.push("B", Flag::N);
    whd.append(&block).unwrap();
    whd.write("C", Flag::N).unwrap();
    let mut block = FlagBlock::default();
    block.push("A", Flag::N);
    cold.append(&block).unwrap();
    assert_eq!((whd.finish().unwrap(), cold.finish().unwrap()), (3, 1));
    folder
        .seal([
            Reject {
                file: "n,1.csv",
                line: 7,
                kind: RejectKind::Reject,
                column: "",
                reason: "3 fields, not 4",
                heading: "",
            },
            Reject {
                file: "n.csv",
                line: 9,
                kind: RejectKind::Note,
                column: "postcode",
                reason: "not a postcode",
                heading: "Post Code",
            },
        ])
        .unwrap();
    staging.publish().unwrap();

    let folder = output.join("current/north");
    let files = [
        "README.txt",
        "SHA256SUMS",
        "changes.csv",
        "cold.flags.csv",
        "datapackage.json",
        "rejects.csv",
        "whd.flags.csv",
    ];
    assert_eq!(listing(&folder), files);
    assert_eq!(text(folder.join("whd.flags.csv")), "customer_ref,eligible\nA,Y\nB,N\nC,N\n");
    assert_eq!(text(folder.join("cold.flags.csv")), "customer_ref,eligible\nA,N\n");
    assert_eq!(
        text(folder.join("changes.csv")),
        "customer_ref,scheme,eligible,change\nA,whd,Y,new\nB,whd,N,new\nC,whd,N,new\nA,cold,N,new\n"
    );
    assert_eq!(
        text(folder.join("rejects.csv")),
        "file,line,kind,column,reason,heading\n\"n,1.csv\",7,reject,,\"3 fields, not 4\",\nn.csv,9,note,postcode,not a postcode,Post Code\n"
    );

    let sha256sum = |folder: &Path| {
        let mut check = Command::new("sha256sum");
        check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder).output().unwrap()
    };
    let whole = sha256sum(&folder);
    assert!(whole.status.success());
    let mut checked: Vec<&str> = std::str::from_utf8(&whole.stdout).unwrap().lines().collect();
    checked.sort_unstable();
    let summed = files.iter().filter(|name| **name != "SHA256SUMS");
    let expected: Vec<String> = summed.map(|name| format!("{name}: OK")).collect();
    assert_eq!(checked, expected);

    let manifest: Value = serde_json::from_str(&text(folder.join("datapackage.json"))).unwrap();
    assert_eq!(manifest["name"], "north-20261124t021500z");
    assert_eq!(manifest["created"], "2026-11-24T02:15:00Z");
    assert_eq!((&manifest["run"], &manifest["supplier"]), (&"20261124T021500Z".into(), &"north".into()));
    let resources = manifest["resources"].as_array().unwrap();
    let names: Vec<&str> = resources.iter().map(|resource| resource["path"].as_str().unwrap()).collect();
    assert_eq!(names, ["whd.flags.csv", "cold.flags.csv", "changes.csv", "rejects.csv"]);
    for resource in resources {
        let path = folder.join(resource["path"].as_str().unwrap());
        assert_eq!(resource["bytes"], fs::metadata(&path).unwrap().len());
        let sum = Command::new("sha256sum").arg(&path).output().unwrap().stdout;
        let sum = String::from_utf8(sum).unwrap();
        assert_eq!(resource["hash"], format!("sha256:{}", sum.split_whitespace().next().unwrap()));
        let header = text(path).lines().next().unwrap().to_owned();
        let fields = resource["schema"]["fields"].as_array().unwrap();
        let fields: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(fields.join(","), header);
    }
    let flags = &resources[0];
    assert_eq!((&flags["rebate_scheme"], &flags["purpose"]), (&"whd".into(), &"a rebate".into()));
    assert_eq!(flags["legal_power"], Value::Null);
    assert_eq!(flags["schema"]["fields"][1]["constraints"]["enum"], serde_json::json!(["Y", "N"]));
    assert_eq!(flags["schema"]["primaryKey"], serde_json::json!(["customer_ref"]));

    // A flag that somebody changes on the way is found.
    fs::write(folder.join("whd.flags.csv"), "customer_ref,eligible\nA,Y\nB,Y\nC,N\n").unwrap();
    assert!(!sha256sum(&folder).status.success());
}

#[test]
fn references_come_back_as_they_were_whatever_is_in_them() {
    let output = tempfile::tempdir().unwrap();
    let references = [" 1 ", "a,b", "a\"b", "\"a\"", "a\nb", "a\r\nb", "é", "=1+1", "\n", ",Y\n", "a"];
    for second in [0, 1] {
        let staging = begin(output.path(), second);
        // In the second run every flag and the order differ.
        let flag = if second == 0 { Flag::Y } else { Flag::N };
        let mut flags: Vec<(&str, Flag)> = references.iter().map(|reference| (*reference, flag)).collect();
        flags.rotate_left(3 * second as usize);
        deliver(&staging, "north", &flags);
        staging.publish().unwrap();

        let folder = output.path().join("current/north");
        let read = |name: &str| -> Vec<csv::StringRecord> {
            csv::Reader::from_path(folder.join(name)).unwrap().records().map(|row| row.unwrap()).collect()
        };
        let expected: Vec<Vec<&str>> = flags.iter().map(|(reference, flag)| vec![*reference, flag.as_str()]).collect();
        assert_eq!(read("whd.flags.csv"), expected);
        let change = if second == 0 { "new" } else { "changed" };
        let expected: Vec<Vec<&str>> = expected.iter().map(|row| vec![row[0], "whd", row[1], change]).collect();
        assert_eq!(read("changes.csv"), expected);
    }
}

/// Flags in short: `A+ B-` is A with Y, then B with N.
fn flags(short: &str) -> Vec<(&str, Flag)> {
    let flag = |text: &str| {
        if text.ends_with('+') { Flag::Y } else { Flag::N }
    };
    short.split_whitespace().map(|text| (&text[..text.len() - 1], flag(text))).collect()
}

/// The changes of a second delivery, in short.
fn changes(then: &str, now: &str) -> String {
    let output = tempfile::tempdir().unwrap();
    for (second, short) in [(0, then), (1, now)] {
        let staging = begin(output.path(), second);
        deliver(&staging, "north", &flags(short));
        staging.publish().unwrap();
    }
    let rows = text(output.path().join("current/north/changes.csv"));
    rows.lines().skip(1).collect::<Vec<_>>().join(" ").replace(",whd,", ":")
}

#[test]
fn changes_are_what_differs_from_the_last_delivery() {
    for (then, now, expected) in [
        ("A+ B- C-", "A+ B- C-", ""),
        ("A+ B- C-", "A- B- C+", "A:N,changed C:Y,changed"),
        ("A+ B-", "X- A+ Y+ B- Z+", "X:N,new Y:Y,new Z:Y,new"),
        ("A+ B- C+ D-", "B- D-", "A:N,gone C:N,gone"),
        ("A+ B- C+", "C- D+ A+", "C:N,changed D:Y,new B:N,gone"),
        ("A+ B- C+ D-", "D+ C+ B+ A+", "D:Y,changed B:Y,changed"),
        ("", "A+", "A:Y,new"),
        ("B+ A+", "", "B:N,gone A:N,gone"),
    ] {
        assert_eq!(changes(then, now), expected, "{then} to {now}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    /// Compares with a simple implementation: two tables in memory.
    #[test]
    fn changes_are_those_of_two_tables(
        then in proptest::sample::subsequence(('a'..='p').collect::<Vec<_>>(), 0..=16).prop_shuffle(),
        now in proptest::sample::subsequence(('a'..='p').collect::<Vec<_>>(), 0..=16).prop_shuffle(),
        yes in "[a-p]{0,8}",
        still in "[a-p]{0,8}",
    ) {
        let sign = |letter: &char, yes: &str| if yes.contains(*letter) { '+' } else { '-' };
        let short = |letters: &[char], yes: &str| letters.iter().map(|l| format!("{l}{} ", sign(l, yes))).collect::<String>();
        let mut expected = Vec::new();
        for letter in &now {
            let flag = if still.contains(*letter) { 'Y' } else { 'N' };
            if !then.contains(letter) {
                expected.push(format!("{letter}:{flag},new"));
            } else if sign(letter, &yes) != sign(letter, &still) {
                expected.push(format!("{letter}:{flag},changed"));
            }
        }
        expected.extend(then.iter().filter(|letter| !now.contains(letter)).map(|letter| format!("{letter}:N,gone")));
        proptest::prop_assert_eq!(changes(&short(&then, &yes), &short(&now, &still)), expected.join(" "));
    }
}

#[test]
fn a_scheme_that_is_no_longer_delivered_is_gone() {
    let output = tempfile::tempdir().unwrap();
    for (second, schemes) in [(0, &["old", "whd"][..]), (1, &["whd", "next"])] {
        let staging = begin(output.path(), second);
        let mut folder = staging.supplier("north", None).unwrap();
        for id in schemes {
            let mut file = folder.flags(&scheme(id)).unwrap();
            file.write("A", Flag::Y).unwrap();
            file.finish().unwrap();
        }
        folder.seal([]).unwrap();
        staging.publish().unwrap();
    }
    assert_eq!(
        text(output.path().join("current/north/changes.csv")),
        "customer_ref,scheme,eligible,change\nA,next,Y,new\nA,old,N,gone\n"
    );
}

#[test]
fn everything_is_readable_by_its_owner_only_whatever_the_umask() {
    // The umask belongs to the whole process, so another process, which runs this test again, tries it.
    const INNER: &str = "FLAGMATCH_TEST_OUTPUT";
    if let Ok(output) = std::env::var(INNER) {
        let staging = begin(Path::new(&output), 0);
        deliver(&staging, "north", &[("A", Flag::Y)]);
        staging.rows::<Claims>().unwrap().finish().unwrap();
        staging.analyst_file("published.csv").unwrap().finish().unwrap();
        staging.run_record(&serde_json::json!({})).unwrap();
        staging.publish().unwrap();
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("deep/out");
    let name = "release::tests::delivery::everything_is_readable_by_its_owner_only_whatever_the_umask";
    let inner = Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" --exact \"$1\"", std::env::current_exe().unwrap().to_str().unwrap(), name])
        .env(INNER, &output)
        .output()
        .unwrap();
    assert!(inner.status.success(), "{}", String::from_utf8_lossy(&inner.stdout));

    let mut seen = 0;
    for name in listing(root.path()).iter().filter(|name| !name.contains(" -> ")) {
        let mode = fs::metadata(root.path().join(name)).unwrap().permissions().mode() & 0o777;
        let expected = if name.ends_with('/') { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{name}: {mode:o}");
        seen += 1;
    }
    // Folders: deep, out, the run's, its three parts and its links', north's. Files: the lock, six of
    // north's, three others.
    assert_eq!(seen, 8 + 10);
}

/// Each delivery's number is one more than that of the last. A delivery of a version that did not count has none. A
/// damaged manifest is an error.
#[test]
fn the_sequence_goes_on_from_the_last_delivery() {
    let output = tempfile::tempdir().unwrap();
    let manifest = output.path().join("current/north/datapackage.json");
    let sequence = || serde_json::from_str::<Value>(&text(manifest.clone())).unwrap()["sequence"].clone();
    publish(output.path(), 0, &["north"]);
    assert_eq!(sequence(), 1);
    for (second, last, next) in [(1, "{\"sequence\": 41}", 42), (2, "{}", 1)] {
        fs::write(&manifest, last).unwrap();
        publish(output.path(), second, &["north"]);
        assert_eq!(sequence(), next, "{last}");
    }
    for last in ["", "{\"sequence\": -1}", "{\"sequence\": \"2\"}", "{\"sequence\": 18446744073709551615}"] {
        fs::write(&manifest, last).unwrap();
        let staging = begin(output.path(), 3);
        let mut folder = staging.supplier("north", None).unwrap();
        folder.flags(&scheme("whd")).unwrap().finish().unwrap();
        let error = folder.seal([]).unwrap_err().to_string();
        assert!(error.ends_with("datapackage.json, line 1: not a manifest of flagmatch"), "{error}");
    }
    // Without a manifest the number of deliveries is unknown.
    fs::remove_file(&manifest).unwrap();
    let staging = begin(output.path(), 3);
    let mut folder = staging.supplier("north", None).unwrap();
    folder.flags(&scheme("whd")).unwrap().finish().unwrap();
    assert!(matches!(folder.seal([]), Err(ReleaseError::Damaged { .. })));
}

/// From no size can anybody read how many flags changed in a night: 0 to 500, of which some are new and gone.
#[test]
fn thirty_nights_of_an_encrypted_delivery_have_one_size() {
    let output = tempfile::tempdir().unwrap();
    let output = output.path();
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string().parse().unwrap();
    let mut accounts: Vec<(String, Flag)> = (0..3_900).map(|number| (format!("A-{number:08}"), Flag::N)).collect();
    let mut sizes = Vec::new();
    for night in 0..=30_usize {
        let asked = if night == 0 { 0 } else { [0, 500, 1, 250, 37, 499][night % 6] };
        for number in 0..asked {
            let (reference, flag) = &mut accounts[(night * 61 + number * 3) % 3_900];
            match number % 5 {
                // One account is gone and another is new, which are two changes.
                0 if number + 1 < asked => *reference = format!("B-{night:02}{number:06}"),
                1 => {}
                _ => *flag = if *flag == Flag::Y { Flag::N } else { Flag::Y },
            }
        }
        let staging = begin(output, night as u64 * 86_400);
        let mut folder = staging.supplier("north", Some(&recipient)).unwrap();
        let mut flags = folder.flags(&scheme("whd")).unwrap();
        accounts.iter().for_each(|(reference, flag)| flags.write(reference, *flag).unwrap());
        flags.finish().unwrap();
        folder.seal([]).unwrap();
        staging.publish().unwrap();
        let changes = text(output.join("latest/administrator/plain/north/changes.csv")).lines().count() - 1;
        assert!(changes == if night == 0 { 3_900 } else { asked }, "night {night}: {changes}");
        let sealed = fs::read(output.join("current/north/delivery.tar.age")).unwrap();
        sizes.push(sealed.len());
        // It opens, and has what was delivered.
        let opened = age::decrypt(&identity, &sealed).unwrap();
        let mut archive = tar::Archive::new(&opened[..]);
        let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
        let expected = ["whd.flags.csv", "changes.csv", "rejects.csv", "datapackage.json", "padding"];
        assert!(names.eq(expected.map(str::to_owned)));
        for (name, size) in [("datapackage.json", 4_000), ("README.txt", 5_000), ("SHA256SUMS", 400)] {
            let text = text(output.join("current/north").join(name));
            assert!(text.len() < size && !text.contains("\"rows\""), "{name} has no count: {text}");
        }
    }
    assert!(sizes[1..].iter().all(|size| *size == sizes[1]), "{sizes:?}");
}

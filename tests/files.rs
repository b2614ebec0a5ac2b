//! Checks the files that a run leaves: their names, headers and permissions, and that a supplier receives only its own
//! references and flags.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use common::{
    CUSTOMER, DECISION, ELSPETH, Folder, HAMISH, JOB, JOCASTA, OBJECTION, OSWALD, PLANTED, PRUNELLA, Row, award, csv,
    customer,
};

/// The names in a folder, with the targets of links.
fn names(folder: &Folder, name: &str) -> Vec<String> {
    let root = folder.path(name);
    let entry = |path: std::path::PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        match fs::read_link(&path) {
            Ok(target) => format!("{name} -> {}", target.display()),
            Err(_) => name,
        }
    };
    folder.tree(name).into_iter().map(entry).collect()
}

#[test]
fn a_run_writes_these_files_and_no_others() {
    let folder = Folder::sound();
    folder.run_well();
    let run = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let mut expected: Vec<String> = [
        ".lock",
        "RUN",
        "RUN/administrator",
        "RUN/administrator/claims.csv",
        "RUN/administrator/datapackage.json",
        "RUN/administrator/decisions.csv",
        "RUN/administrator/figures.csv",
        "RUN/administrator/rejects.csv",
        "RUN/administrator/report.html",
        "RUN/administrator/review.csv",
        "RUN/administrator/run.json",
        "RUN/analyst",
        "RUN/analyst/datapackage.json",
        "RUN/analyst/night.json",
        "RUN/analyst/published.csv",
        "RUN/analyst/report.html",
        "RUN/current",
        "RUN/current/north -> ../../RUN/suppliers/north",
        "RUN/current/south -> ../../RUN/suppliers/south",
        "RUN/suppliers",
        "current -> latest/current",
        "latest -> RUN",
        "ledger.sqlite",
    ]
    .map(|name| name.replace("RUN", &run))
    .to_vec();
    for supplier in ["north", "south"] {
        expected.push(format!("{run}/suppliers/{supplier}"));
        for file in ["README.txt", "SHA256SUMS", "changes.csv", "datapackage.json", "rejects.csv", "whd.flags.csv"] {
            expected.push(format!("{run}/suppliers/{supplier}/{file}"));
        }
    }
    expected.sort();
    let mut found = names(&folder, "out");
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn accounts_come_in_order_of_first_appearance_with_their_references_to_the_letter() {
    let folder = Folder::sound();
    folder.customers(
        "north",
        &[
            customer("REF-9", &HAMISH),
            customer(" REF,1 ", &ELSPETH),
            customer("ref-9", &HAMISH),
            customer("REF \"2\"", &HAMISH),
            customer("REF-9", &PRUNELLA),
            customer("Réf-3\u{a0}x", &HAMISH),
            customer("REF,1", &HAMISH),
        ],
    );
    folder.run_well();
    assert_eq!(
        folder.read("out/current/north/whd.flags.csv"),
        "customer_ref,eligible\nREF-9,N\n\" REF,1 \",Y\nref-9,N\n\"REF \"\"2\"\"\",N\nRéf-3\u{a0}x,N\n\"REF,1\",N\n"
    );
}

#[test]
fn all_is_its_owners_only_whatever_the_umask() {
    let folder = Folder::sound();
    folder.write("truth.csv", "supplier,customer_ref,eligible\nnorth,REF-1,N\n");
    let program = env!("CARGO_BIN_EXE_flagmatch");
    for command in ["run job.toml", "run job.toml", "evaluate job.toml --truth truth.csv --list out/wrong.csv"] {
        let status = Command::new("sh")
            .current_dir(folder.path("."))
            .args(["-c", &format!("umask 0; exec \"$0\" {command} > /dev/null"), program])
            .status();
        assert!(status.unwrap().success());
    }
    let mode = |path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(folder.path("out")), 0o700);
    let tree = folder.tree("out");
    assert!(tree.len() > 40 && tree.iter().any(|path| path.ends_with("wrong.csv")));
    for path in tree.into_iter().filter(|path| !path.is_symlink()) {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(format!("{:o}", mode(path.clone())), format!("{expected:o}"), "{}", path.display());
    }
}

#[test]
fn a_supplier_checks_its_sums_with_the_ordinary_tool() {
    let folder = Folder::sound();
    folder.run_well();
    let check = || {
        let delivery = folder.path("out/current/north");
        let output = Command::new("sha256sum").current_dir(delivery).args(["--strict", "-c", "SHA256SUMS"]).output();
        let output = output.expect("sha256sum of the coreutils");
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (whole, told) = check();
    assert!(whole);
    let mut named: Vec<&str> = told.lines().map(|line| line.strip_suffix(": OK").unwrap()).collect();
    named.sort_unstable();
    assert_eq!(
        named,
        ["README.txt", "changes.csv", "datapackage.json", "rejects.csv", "whd.flags.csv"],
        "all but the sums"
    );

    let flags = folder.read("out/current/north/whd.flags.csv");
    folder.write("out/current/north/whd.flags.csv", flags.replace("REF-2,N", "REF-2,Y"));
    assert!(!check().0);
}

#[test]
fn the_manifest_describes_each_file() {
    let folder = Folder::sound();
    folder.job(&JOB.replace("[[scheme.group]]", "purpose = \"rebate\"\nlegal_power = \"s. 36\"\n[[scheme.group]]"));
    folder.run_well();
    let text = folder.read("out/current/south/datapackage.json");
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sums = folder.read("out/current/south/SHA256SUMS");
    let mut described = Vec::new();
    for resource in manifest["resources"].as_array().unwrap() {
        let path = resource["path"].as_str().unwrap();
        described.push(path);
        let content = folder.read(&format!("out/current/south/{path}"));
        assert_eq!(resource["bytes"], content.len());
        assert_eq!(resource["rows"], content.lines().count() - 1, "{path}");
        // The standard has a property of this name, which means something else.
        assert!(resource["scheme"].is_null());
        let sum = resource["hash"].as_str().unwrap().strip_prefix("sha256:").unwrap();
        assert!(sums.contains(&format!("{sum}  {path}\n")), "{path}");
        let fields = resource["schema"]["fields"].as_array().unwrap();
        let fields: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(content.lines().next(), Some(fields.join(",").as_str()));
    }
    described.sort_unstable();
    assert_eq!(described, ["changes.csv", "rejects.csv", "whd.flags.csv"]);
    let run = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    for part in ["\"south\"", &format!("\"{run}\""), "\"whd\"", "\"rebate\"", "\"s. 36\"", "2026-08-23"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("north"));
}

/// A job with every reason for `N`, in which every value of the people is planted.
fn with_every_kind_of_no() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    folder.benefits(&[
        award("CLM-1", &ELSPETH),
        award("CLM-2", &OSWALD).with("benefit", "DLA"),
        award("CLM-3", &HAMISH),
        award("CLM-4", &JOCASTA),
        award("CLM-5", &PRUNELLA),
        award("CLM-6", &common::Person { forename: "Cuthbert", ..HAMISH }).with("date_of_birth", ""),
    ]);
    folder.customers(
        "north",
        &[
            customer("REF-1", &ELSPETH),
            customer("REF-2", &ELSPETH),
            customer("REF-3", &OSWALD),
            customer("REF-4", &HAMISH),
            customer("REF-5", &JOCASTA),
            customer("REF-6", &PRUNELLA).with("supply_end", "2026-01-01"),
            customer("REF-7", &common::Person { forename: "Bartholomew", surname: "Nightshade", ..HAMISH }),
            customer("REF-8", &HAMISH).with("forename", "C").with("date_of_birth", ""),
        ],
    );
    folder.customers("south", &[customer("REF-90", &common::Person { forename: "Archibald", ..PRUNELLA })]);
    folder.write("objections.csv", csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-3")])]));
    let decided = [
        ("supplier", "north"),
        ("customer_ref", "REF-5"),
        ("scheme", "whd"),
        ("flag", "N"),
        ("decided_on", "2026-09-01"),
    ];
    folder.write("decisions.csv", csv(DECISION, &[Row::new(&decided)]));
    folder
}

#[test]
fn one_no_looks_like_another() {
    let folder = with_every_kind_of_no();
    folder.run_well();
    let reasons: Vec<String> = (1..=8).map(|number| folder.reason("north", "whd", &format!("REF-{number}"))).collect();
    assert_eq!(reasons[..6], ["matched", "claim-used", "not-eligible", "objected", "decided", ""].map(str::to_owned));
    let review = folder.administrator("review", &[("customer_ref", "REF-8")]);
    assert!(!review.is_empty(), "REF-8 is for review: {reasons:?}");
    let mut flags = "customer_ref,eligible\nREF-1,Y\n".to_owned();
    let mut changes = "customer_ref,scheme,eligible,change\nREF-1,whd,Y,new\n".to_owned();
    for number in 2..=8 {
        flags += &format!("REF-{number},N\n");
        changes += &format!("REF-{number},whd,N,new\n");
    }
    assert_eq!(folder.read("out/current/north/whd.flags.csv"), flags);
    assert_eq!(folder.read("out/current/north/changes.csv"), changes);
    assert_eq!(folder.read("out/current/north/rejects.csv"), "file,line,kind,column,reason,heading\n");
}

#[test]
fn a_supplier_finds_only_its_own_references_and_flags() {
    let folder = with_every_kind_of_no();
    folder.run_well();
    for (supplier, own) in [("north", "REF-"), ("south", "REF-90")] {
        let delivery = folder.path(&format!("out/current/{supplier}"));
        for entry in fs::read_dir(delivery).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap().replace(own, "").to_lowercase();
            let words = PLANTED.iter().copied().chain(["Cuthbert", "Bartholomew", "Nightshade", "Archibald"]);
            for planted in words.chain(["matched", "objected", "claim-used", "review", "decided", "posterior"]) {
                assert!(!text.contains(&planted.to_lowercase()), "{planted} is in {}", path.display());
            }
        }
    }
}

#[test]
fn the_runs_record_has_no_value_of_anybody() {
    let folder = with_every_kind_of_no();
    folder.run_well();
    let text = folder.read("out/latest/administrator/run.json");
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["inputs"].as_array().unwrap().len(), 5);
    // The qualifying benefits are a setting, not a person's value.
    common::has_nothing_planted(&text.replace("PCGC", ""));
}

#[test]
fn rejects_name_the_heading_that_the_supplier_knows() {
    let folder = Folder::sound();
    let columns = "columns = { date_of_birth = \"Born, on\", postcode = \"PCODE\" }";
    folder.job(&JOB.replace("[\"suppliers/north*.csv\"]", &format!("[\"suppliers/north*.csv\"]\n{columns}")));
    let rows = [
        customer("REF-1", &ELSPETH),
        customer("REF-2", &HAMISH).with("date_of_birth", "1939-02-30").with("postcode", "x y").with("uprn", "z"),
    ];
    let text = csv(CUSTOMER, &rows);
    folder.write(
        "suppliers/north.csv",
        text.replace("date_of_birth", "\"born, on\"")
            .replace("postcode", "PCODE")
            .replace("joint_\"born, on\"", "joint_date_of_birth"),
    );
    folder.run_well();
    assert_eq!(
        folder.read("out/current/north/rejects.csv"),
        "file,line,kind,column,reason,heading\n\
         north.csv,3,note,postcode,not a British postcode,PCODE\n\
         north.csv,3,note,uprn,not a UPRN,uprn\n\
         north.csv,3,note,date_of_birth,impossible date,\"Born, on\"\n"
    );
}

#[test]
fn rejects_name_the_physical_line_and_column_and_no_value() {
    let folder = Folder::sound();
    let good = customer("REF-1", &ELSPETH);
    let text = csv(
        CUSTOMER,
        &[
            good.clone().with("address_line_2", "Quorndon\nover\r\nthree \"lines\""),
            customer("REF-2", &HAMISH).with("date_of_birth", "1939-02-30"),
            customer("REF-3", &HAMISH).with("postcode", "Quorndon").with("uprn", "100099x"),
            customer(" ", &HAMISH),
        ],
    );
    let tail = "REF-7,Elspeth\nREF-8,\"Elspeth\n".to_owned();
    let many: String = (0..40).map(|number| csv(CUSTOMER, &[customer(&format!("REF-1{number}"), &HAMISH)])).collect();
    let many: Vec<&str> = many.lines().filter(|line| line.starts_with("REF-")).collect();
    folder.write("suppliers/north.csv", format!("{text}{}\n{tail}", many.join("\n")));
    folder.run_well();
    assert_eq!(
        folder.read("out/current/north/rejects.csv"),
        "file,line,kind,column,reason,heading\n\
         north.csv,5,note,date_of_birth,impossible date,date_of_birth\n\
         north.csv,6,note,postcode,not a British postcode,postcode\n\
         north.csv,6,note,uprn,not a UPRN,uprn\n\
         north.csv,7,reject,,no readable reference,\n\
         north.csv,48,reject,,wrong number of fields,\n\
         north.csv,49,reject,,broken quoting,\n"
    );
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
    assert_eq!(folder.flag("north", "whd", "REF-2"), "N");
}

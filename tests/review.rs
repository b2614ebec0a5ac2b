//! Checks the review: accounts come first whose decision is likeliest to add a rebate, whatever the threads and the
//! order of rows, and the summary says what decisions are expected to bring.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{ELSPETH, Folder, HAMISH, JOCASTA, OSWALD, PRUNELLA, Person, award, customer};
use serde_json::Value;

/// An account in review: what a decision adds, supplier, reference, scheme and reason.
type Listed = [String; 5];

/// The accounts of a `review.csv`, in its order. All rows of an account stand together and say the same.
fn listed(folder: &Folder, run: &str) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for row in folder.table(&format!("{run}/administrator/review.csv")) {
        let own = ["adds_rebate", "supplier", "customer_ref", "scheme", "reason"].map(|column| row[column].clone());
        if listed.last() != Some(&own) {
            listed.push(own);
        }
    }
    let mut accounts: Vec<&[String]> = listed.iter().map(|own| &own[1..4]).collect();
    accounts.sort_unstable();
    accounts.dedup();
    assert_eq!(accounts.len(), listed.len(), "an account stands in one place");
    listed
}

/// A job with two schemes, one of which has a group that needs an income.
fn two_schemes() -> Folder {
    let folder = Folder::sound();
    let cold = "[[scheme.group]]\nid = \"cold\"\nbenefits = [\"CTR\"]\nmax_income = 9000\n";
    let other = "[[scheme]]\nid = \"eco\"\nname = \"Other\"\nqualifying_date = 2026-08-23\n\
                 [[scheme.group]]\nid = \"core\"\nbenefits = [\"PCGC\"]\n";
    let job = folder.read("job.toml");
    folder.job(&job.replace("[benefits]\n", &format!("{cold}{other}[benefits]\n")));
    folder
}

#[test]
fn accounts_come_by_how_likely_a_decision_adds_a_rebate() {
    let folder = two_schemes();
    let neighbour = Person { uprn: "100099455450", street: "19 Juniper Wynd", surname: "Ashgrove", ..PRUNELLA };
    let cousin = Person { uprn: "100099455451", street: "23 Juniper Wynd", surname: "Bellwether", ..PRUNELLA };
    let undecidable = |claim_ref, person| award(claim_ref, person).with("benefit", "CTR").with("income", "");
    folder.benefits(&[
        award("CLM-1", &ELSPETH),
        award("CLM-2", &OSWALD),
        award("CLM-3", &HAMISH),
        undecidable("CLM-4", &PRUNELLA),
        undecidable("CLM-5", &neighbour),
        undecidable("CLM-6", &cousin),
    ]);
    let renamed = |customer_ref, person| customer(customer_ref, person).with("forename", "Rosalind");
    // Elspeth and Oswald get their rebates with the north. Of Hamish, only an account under another forename is known.
    folder.customers(
        "north",
        &[
            customer("REF-1", &ELSPETH),
            customer("REF-2", &OSWALD),
            customer("REF-9", &PRUNELLA),
            customer("REF-10", &cousin),
        ],
    );
    folder.customers("south", &[customer("REF-7", &JOCASTA)]);
    folder.run_well();
    folder.customers(
        "south",
        &[
            renamed("REF-3", &ELSPETH),
            customer("REF-4", &OSWALD),
            renamed("REF-5", &HAMISH),
            customer("REF-6", &neighbour),
        ],
    );
    folder.run_well();
    let explained = folder.flagmatch(&["explain", "job.toml", "--supplier", "south", "--customer", "REF-5", "--json"]);
    let explained: Value = serde_json::from_str(&explained.stdout).unwrap();
    let posterior = format!("{:.4}", explained["schemes"][0]["posterior"].as_f64().unwrap());
    assert!("0.9000" < posterior.as_str() && posterior.as_str() < "0.9800", "{posterior}");
    let expected = [
        // The posterior that the holder is Hamish.
        [&posterior, "south", "REF-5", "eco", "forename-differs"],
        [&posterior, "south", "REF-5", "whd", "forename-differs"],
        // An income that is not known is taken to qualify as often as not.
        ["0.5000", "north", "REF-10", "whd", "not-decidable"],
        ["0.5000", "north", "REF-9", "whd", "not-decidable"],
        ["0.5000", "south", "REF-6", "whd", "not-decidable"],
        // These households have their rebates.
        ["0.0000", "south", "REF-3", "eco", "forename-differs"],
        ["0.0000", "south", "REF-3", "whd", "forename-differs"],
        ["0.0000", "south", "REF-4", "eco", "claim-used"],
        ["0.0000", "south", "REF-4", "whd", "claim-used"],
    ];
    assert_eq!(listed(&folder, "out/latest"), expected.map(|own| own.map(str::to_owned)));
    let review: Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let bands: Vec<[String; 4]> = review["summary"]["review"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| ["scheme", "band", "accounts", "rebates"].map(|key| own[key].to_string().replace('"', "")))
        .collect();
    let short = posterior.trim_end_matches('0');
    assert_eq!(
        bands,
        [
            ["whd", "0.90-0.95", "1", short],
            ["whd", "0.50-0.80", "3", "1.5"],
            ["whd", "0-0.20", "2", "0.0"],
            ["eco", "0.90-0.95", "1", short],
            ["eco", "0-0.20", "2", "0.0"],
        ]
        .map(|own| own.map(str::to_owned))
    );
}

/// The lowest probability of each band, from the highest, as `decisions.csv` names them.
const BANDS: [(f64, &str); 10] = [
    (0.9999, "0.9999-1"),
    (0.999, "0.999-0.9999"),
    (0.995, "0.995-0.999"),
    (0.99, "0.99-0.995"),
    (0.95, "0.95-0.99"),
    (0.9, "0.90-0.95"),
    (0.8, "0.80-0.90"),
    (0.5, "0.50-0.80"),
    (0.2, "0.20-0.50"),
    (0.0, "0-0.20"),
];

#[test]
fn the_summary_counts_what_the_table_lists() {
    let folder = Folder::nation("40000", "14000", "3");
    let said = folder.flagmatch(&["run", "nation/job.toml"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let listed = listed(&folder, "nation/out/latest");
    let adds = |own: &Listed| own[0].parse::<f64>().unwrap();
    let order = |own: &Listed| (own[1].clone(), own[2].clone(), own[3].clone());
    for pair in listed.windows(2) {
        let [one, other] = [&pair[0], &pair[1]];
        assert!(adds(one) > adds(other) || adds(one) == adds(other) && order(one) < order(other), "{one:?} {other:?}");
    }
    // A table has an account once, whatever its number of candidates.
    let mut expected: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for own in &listed {
        let (_, band) = BANDS.iter().find(|(least, _)| adds(own) >= *least).unwrap();
        let sum = expected.entry(band).or_default();
        *sum = (sum.0 + 1, sum.1 + adds(own));
    }
    assert!(expected.len() > 3, "the nation has accounts of several bands: {expected:?}");
    let record: Value = serde_json::from_str(&folder.read("nation/out/latest/administrator/run.json")).unwrap();
    let found = record["summary"]["review"].as_array().unwrap();
    let names: Vec<&str> = found.iter().map(|own| own["band"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        BANDS.map(|(_, band)| band).into_iter().filter(|band| expected.contains_key(band)).collect::<Vec<_>>()
    );
    for own in found {
        let (accounts, rebates) = expected[own["band"].as_str().unwrap()];
        assert_eq!(own["accounts"].as_u64(), Some(accounts), "{own}");
        assert!((own["rebates"].as_f64().unwrap() - rebates).abs() < 1e-6, "{own}: {rebates}");
        match own["decisions_per_rebate"].as_f64() {
            Some(decisions) => assert!((decisions - accounts as f64 / rebates).abs() < 1e-6, "{own}"),
            None => assert_eq!(rebates, 0.0, "{own}"),
        }
        // The printed table has the band, with the same figures.
        let band = own["band"].as_str().unwrap();
        let line = said.stdout.lines().find(|line| line.starts_with(&format!("{band} "))).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells[1], accounts.to_string(), "{line}");
        assert!((cells[2].parse::<f64>().unwrap() - rebates).abs() <= 0.051, "{line}");
    }
    let suppliers = record["summary"]["suppliers"].as_array().unwrap();
    let review: u64 = suppliers.iter().map(|own| own["schemes"][0]["review"].as_u64().unwrap()).sum();
    assert_eq!(review, listed.len() as u64);
    let printed =
        said.stdout.lines().skip_while(|line| !line.starts_with("a decision")).take_while(|line| !line.is_empty());
    assert_eq!(printed.clone().count(), found.len() + 1, "{}", said.stdout);
    assert!(printed.clone().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let dry = folder.flagmatch(&["run", "nation/job.toml", "--dry-run", "--json"]);
    let dry: Value = serde_json::from_str(&dry.stdout).unwrap();
    assert!(dry["review"].as_array().unwrap().iter().all(|own| own["accounts"].as_u64() > Some(0)), "{dry}");
    // Neither suppliers nor analysts see any of it.
    let tree = |name: &str| fs::read_dir(folder.path(name)).unwrap().map(|entry| entry.unwrap().path());
    let of_suppliers = tree("nation/out/current/").flat_map(|own| fs::read_dir(own).unwrap());
    let others = of_suppliers.map(|entry| entry.unwrap().path()).chain(tree("nation/out/latest/analyst"));
    for path in others {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for word in ["adds_rebate", "decisions_per_rebate", "rebates expected"] {
            assert!(!text.contains(word), "{word}: {}", path.display());
        }
    }
}

/// The lines after the header, backwards.
fn turned(text: &str) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    format!("{header}\n{}\n", rows.lines().rev().collect::<Vec<_>>().join("\n"))
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_the_table() {
    let folder = Folder::nation("24000", "9000", "2");
    let review = |out: &str, threads: &str| {
        let said = folder.flagmatch(&["run", "nation/job.toml", "--out", out, "--threads", threads]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        folder.read(&format!("{out}/latest/administrator/review.csv"))
    };
    let one = review("one", "1");
    assert!(one.lines().count() > 20, "{one}");
    assert!(one == review("three", "3"));
    for file in ["benefits.csv", "suppliers/supplier-01.csv", "suppliers/supplier-02.csv"] {
        let file = format!("nation/{file}");
        folder.write(&file, turned(&folder.read(&file)));
    }
    assert!(one == review("turned", "2"));
}

/// A manual release merges the accounts of the run that quarantined the supplier into those of the latest run.
#[test]
fn a_manual_release_keeps_the_order() {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.benefits(&[
        award("CLM-1", &ELSPETH),
        award("CLM-2", &OSWALD),
        award("CLM-3", &HAMISH),
        award("CLM-4", &PRUNELLA),
    ]);
    let elder = |customer_ref, person| customer(customer_ref, person).with("date_of_birth", "1901-10-30");
    let renamed = |customer_ref, person| customer(customer_ref, person).with("forename", "Rosalind");
    folder.customers(
        "south",
        &[customer("REF-3", &OSWALD), elder("REF-6", &HAMISH), renamed("REF-7", &PRUNELLA), customer("REF-8", &OSWALD)],
    );
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-5", &OSWALD)]);
    folder.run_well();
    // The north had two accounts and has four now.
    folder.customers(
        "north",
        &[
            customer("REF-1", &ELSPETH),
            renamed("REF-2", &HAMISH),
            elder("REF-4", &PRUNELLA),
            customer("REF-5", &OSWALD),
        ],
    );
    let said = folder.run(&[]);
    assert_eq!(said.code, 4, "{}", said.stdout);
    let held = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let expected = listed(&folder, "out/latest");
    let of_north: Vec<bool> = expected.iter().map(|own| own[1] == "north").collect();
    let changes = of_north.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes >= 3, "both suppliers stand in between each other: {expected:?}");
    let release = ["release", &format!("out/{held}"), "--supplier", "north", "--reason", "they telephoned"];
    let said = folder.flagmatch(&release);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let released = fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    assert_ne!(held, released);
    assert_eq!(listed(&folder, "out/latest"), expected);
}

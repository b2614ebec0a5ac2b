//! Checks data minimisation: accounts that are not on supply take no part in the matching and are only counted, and
//! columns that no rule needs are not used at all.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ELSPETH, Folder, HAMISH, OSWALD, Row, award, customer};

/// The run's record.
fn record(folder: &Folder) -> serde_json::Value {
    serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap()
}

fn tried(record: &serde_json::Value) -> Vec<u64> {
    record["keys"].as_object().unwrap().values().map(|key| key["tried"].as_u64().unwrap()).collect()
}

#[test]
fn no_key_is_made_of_an_account_that_is_not_on_supply_and_it_is_counted() {
    let folder = Folder::sound();
    folder.run_well();
    let without = record(&folder);
    assert_eq!(without["summary"]["suppliers"][0]["dropped"], 0);
    assert!(tried(&without).iter().sum::<u64>() > 0);

    // Each of these would be matched if it were on supply.
    let gone = |customer_ref: &str| customer(customer_ref, &ELSPETH).with("supply_end", "2026-08-22");
    let to_come = customer("REF-8", &OSWALD).with("supply_start", "2026-08-24");
    // One holder on supply keeps the account in the run; the other holder is dropped from it.
    let joined = customer("REF-2", &ELSPETH).with("supply_end", "2026-01-31");
    folder
        .customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), joined, gone("REF-7"), to_come]);
    let said = folder.run(&[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let with = record(&folder);
    assert_eq!(tried(&with), tried(&without), "keys were made of accounts that are not on supply");
    let north = &with["summary"]["suppliers"][0];
    assert_eq!((north["accounts"].as_u64(), north["dropped"].as_u64()), (Some(4), Some(2)));
    assert_eq!(north["schemes"][0]["on_supply"], 2);
    assert!(
        said.stdout.contains("2 accounts are not on supply: dropped before any match key was made"),
        "{}",
        said.stdout
    );
    let flags: Vec<String> = folder.flags("north", "whd").into_iter().map(|(_, flag)| flag).collect();
    assert_eq!(flags, ["Y", "N", "N", "N"]);
}

#[test]
fn columns_that_are_not_asked_for_change_nothing() {
    let files = ["suppliers/north.csv", "benefits.csv"];
    let extended = |folder: &Folder| {
        for file in files {
            let text = folder.read(file);
            let rows = text.lines().enumerate().map(|(line, row)| {
                let more = if line == 0 { "telephone,national_insurance_number" } else { "0113 496 0000,QQ123456C" };
                format!("{row},{more}\n")
            });
            folder.write(file, rows.collect::<String>());
        }
    };
    let (plain, wide) = (Folder::sound(), Folder::sound());
    extended(&wide);
    for folder in [&plain, &wide] {
        folder.run_well();
    }
    for file in [
        "current/north/whd.flags.csv",
        "current/north/changes.csv",
        "current/north/rejects.csv",
        "latest/administrator/decisions.csv",
        "latest/administrator/review.csv",
        "latest/administrator/claims.csv",
        "latest/administrator/rejects.csv",
        "latest/analyst/published.csv",
    ] {
        let file = format!("out/{file}");
        let without_day = |text: String| text.replace(char::is_numeric, "");
        assert_eq!(without_day(plain.read(&file)), without_day(wide.read(&file)), "{file}");
    }
    for path in wide.tree("out").into_iter().filter(|path| path.is_file()) {
        let bytes = common::bytes(&path);
        let held = |planted: &str| bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
        assert!(!held("496 0000") && !held("QQ123456C"), "{}", path.display());
    }
}

#[test]
fn an_income_that_no_group_asks_for_decides_nothing() {
    let incomes = ["13579.42", "", "99999"];
    for (limit, flags) in [("", ["Y", "Y", "Y"]), ("max_income = 17000", ["Y", "N", "N"])] {
        let folder = Folder::sound();
        folder.job(&folder.read("job.toml").replace("[\"PCGC\"]", &format!("[\"PCGC\"]\n{limit}")));
        for (income, flag) in incomes.into_iter().zip(flags) {
            let rows: [Row; 2] = [award("CLM-1", &ELSPETH).with("income", income), award("CLM-2", &OSWALD)];
            folder.benefits(&rows);
            folder.run_well();
            assert_eq!(folder.flag("north", "whd", "REF-1"), flag, "{income} {limit}");
        }
    }
}

//! Runs a small nation for thirty days, unattended, with suppliers that drift, send rubbish, repeat a file or vanish.
//! Every run ends as expected, no claim ever has two rebates, every delivery can be verified, and the ledger's chain
//! holds.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, HashSet};
use std::fs;

use common::{Folder, Said};
use serde_json::Value;

const OUT: &str = "nation/out";

/// Changes a little each day, as suppliers do.
const STEADY: &str = "supplier-01";
/// Sends rubbish now and then.
const CARELESS: &str = "supplier-02";
/// Repeats an old file once.
const FORGETFUL: &str = "supplier-03";
/// Sends no file for some days, and returns with another supplier's customers.
const GROWING: &str = "supplier-04";

fn run(folder: &Folder, arguments: &[&str]) -> Said {
    folder.flagmatch(&[&["run", "nation/job.toml"], arguments].concat())
}

fn path(supplier: &str) -> String {
    format!("nation/suppliers/{supplier}.csv")
}

/// A customer file: its header, and its rows as they stand.
struct File {
    header: String,
    rows: Vec<String>,
}

impl File {
    fn read(folder: &Folder, supplier: &str) -> File {
        let text = folder.read(&path(supplier));
        let mut lines = text.lines().map(str::to_owned);
        File { header: lines.next().unwrap(), rows: lines.collect() }
    }

    fn send(&self, folder: &Folder, supplier: &str) {
        folder.write(&path(supplier), format!("{}\n{}\n", self.header, self.rows.join("\n")));
    }

    /// The same file with one column emptied.
    fn without(&self, column: &str) -> File {
        let place = self.header.split(',').position(|name| name == column).unwrap();
        let rows = self.rows.iter().map(|row| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
            let mut fields: Vec<String> = reader.records().next().unwrap().unwrap().iter().map(str::to_owned).collect();
            fields[place].clear();
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&fields).unwrap();
            String::from_utf8(writer.into_inner().unwrap()).unwrap().trim_end().to_owned()
        });
        File { header: self.header.clone(), rows: rows.collect() }
    }
}

/// The run that made a supplier's newest delivery.
fn delivering(folder: &Folder, supplier: &str) -> String {
    let link = fs::read_link(folder.path(&format!("{OUT}/current/{supplier}"))).unwrap();
    link.to_str().unwrap().trim_start_matches("../").split('/').next().unwrap().to_owned()
}

/// Checks that no claim has two rebates over the newest deliveries of all suppliers, whichever run made them.
#[track_caller]
fn no_claim_has_two(folder: &Folder, night: usize) {
    let mut claims = HashSet::new();
    for supplier in [STEADY, CARELESS, FORGETFUL, GROWING] {
        let run = delivering(folder, supplier);
        for row in folder.table(&format!("{OUT}/{run}/administrator/decisions.csv")) {
            if row["supplier"] == supplier && row["flag"] == "Y" {
                assert!(claims.insert(row["claim_ref"].clone()), "night {night}");
            }
        }
    }
    assert!(claims.len() > 100, "night {night}: there are rebates");
}

#[test]
fn thirty_nights_end_as_they_should() {
    let folder = Folder::nation("4000", "1400", "4");
    assert_eq!(folder.flagmatch(&["keygen", "--no-passphrase"]).code, 0);
    let job = folder.read("nation/job.toml");
    folder.write("nation/job.toml", format!("{job}\n[signing]\nsecret_key = \"../administrator.key\"\n[probing]\n"));

    let mut steady = File::read(&folder, STEADY);
    let hundredth = steady.rows.len() / 100;
    // A third of the rows are future customers, who join later.
    let mut joining = steady.rows.split_off(steady.rows.len() * 2 / 3).into_iter();
    let careless = File::read(&folder, CARELESS);
    let mut forgetful = File::read(&folder, FORGETFUL);
    let grown = File::read(&folder, GROWING);
    let mut growing = File { header: grown.header.clone(), rows: grown.rows[..grown.rows.len() / 2].to_vec() };
    growing.send(&folder, GROWING);
    let mut older = String::new();

    let mut delivered: BTreeMap<&str, u64> = BTreeMap::new();
    let mut releases = 0;
    for night in 1..=30 {
        let leaving = (night * 7) % 20;
        steady.rows.drain(leaving..leaving + hundredth);
        steady.rows.extend(joining.by_ref().take(hundredth));
        steady.send(&folder, STEADY);
        match night {
            8 => File { header: careless.header.clone(), rows: careless.rows[..careless.rows.len() / 3].to_vec() }
                .send(&folder, CARELESS),
            12 => folder.write(&path(CARELESS), format!("{}\n\"A\nB,C\n", careless.header)),
            15 => careless.without("DOB").send(&folder, CARELESS),
            18 => folder.write(&path(CARELESS), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]),
            9 | 13 | 16 | 19 => careless.send(&folder, CARELESS),
            _ => {}
        }
        match night {
            5 => older = folder.read(&path(FORGETFUL)),
            6 => {
                forgetful.rows.truncate(forgetful.rows.len() - 3);
                forgetful.send(&folder, FORGETFUL);
            }
            10 => folder.write(&path(FORGETFUL), &older),
            11 => forgetful.send(&folder, FORGETFUL),
            _ => {}
        }
        match night {
            20 => fs::remove_file(folder.path(&path(GROWING))).unwrap(),
            24 => {
                growing.rows = grown.rows.clone();
                growing.send(&folder, GROWING);
            }
            _ => {}
        }
        let held: &[(&str, &str)] = match night {
            8 => &[(CARELESS, "accounts: ")],
            12 => &[(CARELESS, "rows cannot be read")],
            15 => &[(CARELESS, "birth-dates: ")],
            18 => &[(CARELESS, "supplier-02.csv")],
            10 => &[(FORGETFUL, "repeated-file: ")],
            20..=23 => &[(GROWING, "no file matches")],
            24 | 25 => &[(GROWING, "accounts: ")],
            _ => &[],
        };
        let before: BTreeMap<&str, String> =
            delivered.keys().map(|supplier| (*supplier, delivering(&folder, supplier))).collect();
        let said = run(&folder, &[]);
        let code = if held.is_empty() { 0 } else { 4 };
        assert_eq!(said.code, code, "night {night}: {}{}", said.stdout, said.stderr);
        let latest = fs::read_link(folder.path(&format!("{OUT}/latest"))).unwrap();
        for supplier in [STEADY, CARELESS, FORGETFUL, GROWING] {
            let now = delivering(&folder, supplier);
            match held.iter().find(|(held, _)| *held == supplier) {
                None => {
                    *delivered.entry(supplier).or_default() += 1;
                    assert_eq!(now, latest.to_str().unwrap(), "night {night}: {supplier}");
                }
                Some((_, why)) => {
                    let line = said.stderr.lines().find(|line| line.contains(&format!("{supplier} is held back")));
                    assert!(line.unwrap().contains(why), "night {night}: {}", said.stderr);
                    assert_eq!(now, before[supplier], "night {night}: {supplier} keeps what it had");
                }
            }
        }
        no_claim_has_two(&folder, night);
        if night == 25 {
            // The next morning staff release it by hand after a telephone call.
            let released = folder.flagmatch(&[
                "release",
                "nation/out/latest",
                "--supplier",
                GROWING,
                "--reason",
                "took over half a town",
            ]);
            assert_eq!(released.code, 0, "{}", released.stderr);
            *delivered.entry(GROWING).or_default() += 1;
            releases += 1;
            no_claim_has_two(&folder, night);
        }
    }

    // Each supplier can verify its newest delivery, and no sequence number is missing.
    for (supplier, number) in &delivered {
        let checked = folder.flagmatch(&[
            "verify",
            &format!("{OUT}/current/{supplier}"),
            "--public-key",
            "administrator.pub",
            "--supplier",
            supplier,
        ]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        assert!(checked.stdout.contains(&format!("delivery {number} to {supplier}")), "{}", checked.stdout);
    }
    assert_eq!(delivered[STEADY], 30);
    assert_eq!((delivered[CARELESS], delivered[FORGETFUL], delivered[GROWING]), (26, 29, 25));

    // The ledger has every run, and its chain holds.
    let verified = folder.flagmatch(&["ledger", "verify", OUT, "--json"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    let verified: Value = serde_json::from_str(&verified.stdout).unwrap();
    assert_eq!(verified["ledger"]["runs"], 30 + releases);
    let connection = rusqlite::Connection::open(folder.path("nation/out/ledger.sqlite")).unwrap();
    let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(DISTINCT run) FROM suppliers WHERE held IS NOT NULL"), 5 + 6);
    assert_eq!(count("SELECT count(DISTINCT run) FROM gates"), 5);
    assert_eq!(count("SELECT count(*) FROM releases WHERE reason = 'took over half a town'"), 1);
}

//! Checks laws that hold in any season, on random seasons of small nations.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::common::{Folder, Row};
use crate::story::season;

const PEOPLE: usize = 4;
const SUPPLIERS: [&str; 3] = ["north", "south", "west"];

/// A change before a run.
#[derive(Debug, Clone)]
enum Event {
    /// An account, by supplier and number, now names this person, or nobody.
    Account(usize, usize, Option<usize>),
    /// A person is on a benefit under this one of their claim references, or on none.
    Benefit(usize, Option<u8>),
    /// The supplier's file becomes unusable, or usable again.
    Broken(usize, bool),
    /// The supplier reports an account, with this kind of exception.
    Report(usize, usize, &'static str),
    /// Staff give a person's rebate to an account.
    Decide(usize, usize, usize),
}

fn any_event() -> impl Strategy<Value = Event> {
    let (supplier, account, person) = (0..SUPPLIERS.len(), 0..3_usize, 0..PEOPLE);
    prop_oneof![
        6 => (supplier.clone(), account.clone(), prop::option::weighted(0.7, person.clone()))
            .prop_map(|(supplier, account, person)| Event::Account(supplier, account, person)),
        2 => (person.clone(), prop::option::weighted(0.8, 0..2_u8)).prop_map(|(person, claim)| Event::Benefit(person, claim)),
        1 => (supplier.clone(), any::<bool>()).prop_map(|(supplier, broken)| Event::Broken(supplier, broken)),
        1 => (supplier.clone(), account.clone(), prop_oneof![Just("closed"), Just("deceased")])
            .prop_map(|(supplier, account, kind)| Event::Report(supplier, account, kind)),
        1 => (supplier, account, person).prop_map(|(supplier, account, person)| Event::Decide(supplier, account, person)),
    ]
}

/// For each run, the days since the one before and the changes.
fn any_season() -> impl Strategy<Value = Vec<(i32, Vec<Event>)>> {
    let night = (1..14_i32, prop::collection::vec(any_event(), 0..5));
    (prop::collection::vec(any_event(), 4..10), prop::collection::vec(night, 2..5)).prop_map(|(first, mut nights)| {
        nights.insert(0, (1, first));
        nights
    })
}

/// The state of a small nation on one day.
#[derive(Clone)]
struct Nation {
    day: jiff::civil::Date,
    /// The person that each account names, by supplier.
    accounts: [[Option<usize>; 3]; 3],
    benefits: [Option<u8>; PEOPLE],
    broken: [bool; 3],
    reports: Vec<(usize, usize, &'static str)>,
    decisions: Vec<(usize, usize, usize, jiff::civil::Date)>,
}

fn person(number: usize) -> Row {
    const NAMES: [[&str; 2]; 5] = [
        ["Elspeth", "Quillfeather"],
        ["Oswald", "Thrupkin"],
        ["Hamish", "Yarborough"],
        ["Prunella", "Oxenbridge"],
        ["Cuthbert", "Ellingworth"],
    ];
    let [forename, surname] = NAMES[number];
    Row::new(&[
        ("forename", forename),
        ("surname", surname),
        ("date_of_birth", &format!("19{}1-03-1{number}", number + 4)),
        ("address_line_1", &format!("{} Zinnia Row", 7 + number)),
        ("town", "Quorndon"),
        ("postcode", "LE12 8XQ"),
        ("uprn", &format!("10009915511{number}")),
    ])
}

impl Nation {
    fn begin() -> Nation {
        Nation {
            day: jiff::civil::date(2026, 10, 1),
            accounts: Default::default(),
            benefits: [Some(0); PEOPLE],
            broken: [false; 3],
            reports: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn after(&mut self, days: i32, events: &[Event]) {
        self.day = self.day.checked_add(jiff::Span::new().days(days)).unwrap();
        for event in events {
            match *event {
                Event::Account(supplier, account, person) => self.accounts[supplier][account] = person,
                Event::Benefit(person, claim) => self.benefits[person] = claim,
                Event::Broken(supplier, broken) => self.broken[supplier] = broken,
                Event::Report(supplier, account, kind) => self.reports.push((supplier, account, kind)),
                Event::Decide(supplier, account, person) => {
                    self.decisions.push((supplier, account, person, self.day));
                }
            }
        }
    }

    /// Writes all files. `turned` reverses the order of rows, files and suppliers.
    fn write(&self, folder: &Folder, turned: bool) {
        let order = |mut rows: Vec<Row>| {
            if turned {
                rows.reverse();
            }
            rows
        };
        let mut suppliers: Vec<usize> = vec![0, 1, 2];
        let job = season().read("job.toml");
        let (head, _) = job.split_once("[[supplier]]").unwrap();
        let (_, tail) = job.split_once("[objections]").unwrap();
        if turned {
            suppliers.reverse();
        }
        let sections = suppliers.iter().map(|&supplier| {
            let id = SUPPLIERS[supplier];
            format!("[[supplier]]\nid = \"{id}\"\nfiles = [\"suppliers/{id}.csv\"]\n")
        });
        folder.job(&format!("{head}{}[objections]{tail}", sections.collect::<String>()));
        // A person who is nobody's customer keeps the benefit file from being empty.
        let mut benefits =
            vec![person(4).with("claim_ref", "CLM-4").with("person_ref", "PSN-4").with("benefit", "PCGC")];
        for (number, claim) in self.benefits.iter().enumerate() {
            let Some(claim) = claim else { continue };
            let row = person(number).with("person_ref", &format!("PSN-{number}")).with("benefit", "PCGC");
            benefits.push(row.with("claim_ref", &format!("CLM-{number}-{claim}")));
        }
        folder.benefits(&order(benefits));
        for (supplier, accounts) in self.accounts.iter().enumerate() {
            if self.broken[supplier] {
                folder.write(&format!("suppliers/{}.csv", SUPPLIERS[supplier]), "nothing,of,use\n");
                continue;
            }
            // An account of somebody who is in no record keeps the file from being empty.
            let mut rows = vec![
                person(4)
                    .with("customer_ref", &format!("REF-{}", SUPPLIERS[supplier]))
                    .with("surname", "Nemo")
                    .with("forename", "Nil"),
            ];
            for (account, named) in accounts.iter().enumerate() {
                rows.extend(named.map(|named| person(named).with("customer_ref", &format!("REF-{account}"))));
            }
            folder.customers(SUPPLIERS[supplier], &order(rows));
        }
        let decisions = self.decisions.iter().map(|(supplier, account, person, day)| {
            Row::new(&[
                ("supplier", SUPPLIERS[*supplier]),
                ("customer_ref", &format!("REF-{account}")),
                ("scheme", "whd"),
                ("flag", "Y"),
                ("claim_ref", &format!("CLM-{person}-0")),
                ("person_ref", &format!("PSN-{person}")),
                ("decided_on", &day.to_string()),
            ])
        });
        folder.write("decisions.csv", crate::common::csv(crate::common::DECISION, &order(decisions.collect())));
        for (supplier, id) in SUPPLIERS.iter().enumerate() {
            let own = self.reports.iter().filter(|(own, ..)| *own == supplier);
            let mut rows: Vec<String> =
                own.map(|(_, account, kind)| format!("REF-{account},{kind},whd,2026-10-02\n")).collect();
            if turned {
                rows.reverse();
            }
            folder.write(
                &format!("exceptions/{id}.csv"),
                format!("customer_ref,reason,scheme,reported_on\n{}", rows.concat()),
            );
        }
    }

    fn run(&self, folder: &Folder) -> bool {
        let said = folder.run(&["--night-of", &self.day.to_string()]);
        let broken = self.broken.iter().filter(|broken| **broken).count();
        let expected = [0, 4, 4, 3][broken];
        assert_eq!(said.code, expected, "{}{}", said.stdout, said.stderr);
        broken < 3
    }
}

/// The rebates in the newest deliveries: for each person, the suppliers with a `Y`.
fn rebates(folder: &Folder, named: &[BTreeMap<String, usize>; 3]) -> BTreeMap<usize, Vec<(usize, String)>> {
    let mut out: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    for (supplier, id) in SUPPLIERS.iter().enumerate() {
        if !folder.exists(&format!("out/current/{id}")) {
            continue;
        }
        for (customer_ref, _) in folder.flags(id, "whd").into_iter().filter(|(_, flag)| flag == "Y") {
            if let Some(person) = named[supplier].get(&customer_ref) {
                out.entry(*person).or_default().push((supplier, customer_ref));
            }
        }
    }
    out
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), place).unwrap();
        } else if path.is_dir() {
            copied(&path, &place);
        } else {
            fs::copy(&path, place).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_household_has_two_and_none_moves_by_itself(nights in any_season()) {
        let folder = season();
        let mut nation = Nation::begin();
        let mut named: [BTreeMap<String, usize>; 3] = Default::default();
        // For each person, the supplier that last had the rebate, its account, and the day since which it has none.
        let mut last: BTreeMap<usize, (usize, String, Option<jiff::civil::Date>)> = BTreeMap::new();
        for (days, events) in &nights {
            nation.after(*days, events);
            nation.write(&folder, false);
            let published = nation.run(&folder);
            for supplier in (0..3).filter(|supplier| published && !nation.broken[*supplier]) {
                let own = nation.accounts[supplier].iter().enumerate();
                named[supplier] = own.filter_map(|(at, named)| Some((format!("REF-{at}"), (*named)?))).collect();
                // A decision is about the person that staff named.
                for (_, account, person, _) in nation.decisions.iter().filter(|(own, ..)| *own == supplier) {
                    let customer_ref = format!("REF-{account}");
                    if folder.reason(SUPPLIERS[supplier], "whd", &customer_ref) == "decided" {
                        named[supplier].insert(customer_ref, *person);
                    }
                }
            }
            let mut out = rebates(&folder, &named);
            for held in out.values_mut() {
                // The supplier's own report frees the rebate, though a supplier that is held back still has its old `Y`.
                held.retain(|(supplier, account)| {
                    let is_closed = nation.reports.iter().any(|(own, at, kind)| {
                        own == supplier && format!("REF-{at}") == *account && *kind == "closed"
                    });
                    !(is_closed && nation.broken[*supplier])
                });
            }
            out.retain(|_, held| !held.is_empty());
            for (person, held) in &out {
                prop_assert_eq!(held.len(), 1, "person {} on {}: {:?}", person, nation.day, held);
                let (supplier, customer_ref) = held[0].clone();
                if let Some((before, account, gone_since)) = last.get(person).filter(|(before, ..)| *before != supplier) {
                    let decided = nation.decisions.iter().any(|(own, at, of, _)| {
                        (of == person && *own == supplier && format!("REF-{at}") == customer_ref)
                            // A decision for another person took the account away.
                            || (of != person && own == before && format!("REF-{at}") == *account)
                    });
                    let freed = nation.reports.iter().any(|(own, at, kind)| {
                        own == before && format!("REF-{at}") == *account && *kind == "closed"
                    });
                    let waited = gone_since.is_some_and(|since| (nation.day - since).get_days() >= 30);
                    prop_assert!(
                        decided || freed || waited,
                        "person {} from {} {} (gone since {:?}) to {} on {}", person, before, account, gone_since, supplier, nation.day
                    );
                }
                last.insert(*person, (supplier, customer_ref, None));
            }
            for (person, (.., gone_since)) in &mut last {
                if !out.contains_key(person) {
                    gone_since.get_or_insert(nation.day);
                }
            }
        }
    }

    #[test]
    fn the_order_of_rows_files_and_suppliers_changes_nothing(nights in any_season()) {
        let (forth, back) = (season(), season());
        let mut nation = Nation::begin();
        for (days, events) in &nights {
            nation.after(*days, events);
            for (folder, turned) in [(&forth, false), (&back, true)] {
                nation.write(folder, turned);
                nation.run(folder);
            }
            for table in ["decisions", "review", "claims"] {
                let path = format!("out/latest/administrator/{table}.csv");
                if forth.exists(&path) {
                    prop_assert_eq!(forth.read(&path), back.read(&path), "{}", table);
                }
            }
            for id in SUPPLIERS.iter().filter(|id| forth.exists(&format!("out/current/{id}"))) {
                let sorted = |folder: &Folder| {
                    let mut flags = folder.flags(id, "whd");
                    flags.sort();
                    flags
                };
                prop_assert_eq!(sorted(&forth), sorted(&back), "{}", id);
            }
        }
    }

    /// The west's file is quarantined: its content changes no other supplier's flag.
    #[test]
    fn nothing_in_a_file_that_is_held_back_changes_anothers_flag(
        nights in any_season(), named in prop::array::uniform2(prop::collection::vec(0..PEOPLE, 8..10)),
    ) {
        let folder = season();
        let mut nation = Nation::begin();
        for (days, events) in &nights {
            nation.after(*days, events);
        }
        nation.broken = [false; 3];
        nation.write(&folder, false);
        folder.job(&folder.read("job.toml").replace("accounts_more = 1000.0", "least_accounts = 1\naccounts_more = 0.5"));
        nation.run(&folder);
        nation.after(1, &[]);
        let mut seen = Vec::new();
        for own in &named {
            let copy = season();
            copied(&folder.path(""), &copy.path("copy"));
            let rows = own.iter().enumerate().map(|(at, of)| person(*of).with("customer_ref", &format!("REF-{at}")));
            copy.customers("../copy/suppliers/west", &rows.collect::<Vec<_>>());
            let said = copy.flagmatch(&["run", "copy/job.toml", "--night-of", &nation.day.to_string()]);
            prop_assert_eq!(said.code, 4, "{}{}", said.stdout, said.stderr);
            seen.push(["north", "south"].map(|id| copy.read(&format!("copy/out/current/{id}/whd.flags.csv"))));
        }
        prop_assert_eq!(&seen[0], &seen[1]);
    }
}

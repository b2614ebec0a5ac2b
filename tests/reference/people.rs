//! Reads customer and benefit files: accounts with their holders, and benefit rows, each with its person and claim.

use std::collections::BTreeMap;

use crate::date::Date;
use crate::job::{Job, Source, Supplier};
use crate::normalise::name::{NameFields, Named};
use crate::normalise::postcode::Postcode;
use crate::normalise::{Home, Identity, address, birth_date, name, postcode, uprn};

/// One row of a file, by the standard names of its columns.
type Row = BTreeMap<String, String>;

fn rows(source: &Source) -> Vec<Row> {
    let mut all = Vec::new();
    for file in source.files().expect("the nation has its files") {
        let mut reader = csv::Reader::from_path(file).expect("the file can be read");
        let own = |heading: &str| {
            let mapped = source.columns().iter().find(|(_, theirs)| theirs.eq_ignore_ascii_case(heading));
            mapped.map_or(heading, |(name, _)| name).to_owned()
        };
        let names: Vec<String> = reader.headers().expect("a header").iter().map(own).collect();
        for record in reader.records() {
            let record = record.expect("the file is CSV");
            all.push(names.iter().cloned().zip(record.iter().map(str::to_owned)).collect());
        }
    }
    all
}

fn field<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

fn date(row: &Row, column: &str) -> Option<Date> {
    birth_date::date(field(row, column)).known()
}

fn named(row: &Row) -> Named {
    name::read(&NameFields {
        title: field(row, "title"),
        forename: field(row, "forename"),
        middle_names: field(row, "middle_names"),
        surname: field(row, "surname"),
        full_name: field(row, "full_name"),
    })
}

fn home(row: &Row) -> Home {
    let lines = ["address_line_1", "address_line_2", "address_line_3", "address_line_4", "address_line_5"];
    let lines = lines.map(|column| field(row, column));
    Home {
        postcode: postcode::postcode(field(row, "postcode")).known().unwrap_or_default(),
        uprn: uprn::uprn(field(row, "uprn")).known(),
        address: address::address(&lines, field(row, "town")),
    }
}

/// A holder who is on supply.
pub(super) struct Holder {
    pub(super) identity: Identity,
    /// The name includes a partner without a name of their own ("Mr and Mrs").
    pub(super) couple: bool,
}

pub(super) struct Account {
    pub(super) reference: String,
    pub(super) holders: Vec<Holder>,
}

/// The accounts of a supplier, with the holders who are on supply on the day.
pub(super) fn accounts(supplier: &Supplier, day: Date) -> Vec<Account> {
    let mut seen: Vec<Row> = Vec::new();
    let mut accounts: BTreeMap<String, Vec<Holder>> = BTreeMap::new();
    for row in rows(&supplier.source) {
        let reference = field(&row, "customer_ref").to_owned();
        let holders = accounts.entry(reference.clone()).or_default();
        if seen.contains(&row) {
            continue;
        }
        seen.push(row.clone());
        let begun = date(&row, "supply_start").is_none_or(|start| start <= day);
        if !begun || date(&row, "supply_end").is_some_and(|end| end < day) {
            continue;
        }
        let home = home(&row);
        let first = named(&row);
        for (named, column) in
            [(joint(&row, &first), "joint_date_of_birth"), (first, "date_of_birth")].into_iter().rev()
        {
            let alone = named.people.len() == 1;
            for (number, name) in named.people.into_iter().enumerate() {
                let birth_date = birth_date::birth_date(field(&row, column), day).known().filter(|_| number == 0);
                let couple = named.couple && alone;
                holders.push(Holder { identity: Identity { name, birth_date, home: home.clone() }, couple });
            }
        }
    }
    accounts.into_iter().map(|(reference, holders)| Account { reference, holders }).collect()
}

/// The joint holder. Without a surname of their own they share the first holder's.
fn joint(row: &Row, first: &Named) -> Named {
    let (forename, surname) = (field(row, "joint_forename"), field(row, "joint_surname"));
    if forename.trim().is_empty() && surname.trim().is_empty() {
        return Named::default();
    }
    let mut joint = name::read_joint(forename, surname, field(row, "surname"));
    for person in joint.people.iter_mut().filter(|person| person.family.is_empty()) {
        if let Some(first) = first.people.first() {
            person.family = first.family.clone();
        }
    }
    joint
}

/// A row of a benefit file.
pub(super) struct Benefit {
    pub(super) claim: String,
    person_ref: String,
    pub(super) identity: Identity,
    qualifies: bool,
    /// The number of the person.
    pub(super) person: usize,
}

pub(super) struct Benefits {
    pub(super) rows: Vec<Benefit>,
    eligible: Vec<String>,
}

impl Benefits {
    pub(super) fn read(job: &Job) -> Benefits {
        let scheme = &job.schemes[0];
        let day = scheme.qualifying_date;
        let mut benefits = Vec::new();
        for (person, row) in rows(&job.benefits).into_iter().enumerate() {
            let code = field(&row, "benefit").trim();
            let listed = scheme.groups.iter().any(|group| {
                assert!(group.max_income.is_none() && group.min_energy_cost_score.is_none());
                group.benefits.iter().any(|benefit| benefit.eq_ignore_ascii_case(code))
            });
            let begun = date(&row, "award_start").is_none_or(|start| start <= day);
            let over = date(&row, "award_end").is_some_and(|end| end < day);
            benefits.push(Benefit {
                claim: field(&row, "claim_ref").to_owned(),
                person_ref: field(&row, "person_ref").to_owned(),
                identity: Identity {
                    name: named(&row).people.into_iter().next().unwrap_or_default(),
                    birth_date: birth_date::birth_date(field(&row, "date_of_birth"), day).known(),
                    home: home(&row),
                },
                qualifies: listed && begun && !over,
                person,
            });
        }
        // Equal persons take the lowest number among them; repeat until nothing changes.
        let mut changed = true;
        while changed {
            changed = false;
            for at in 0..benefits.len() {
                for other in 0..benefits.len() {
                    if benefits[other].person < benefits[at].person && is_same(&benefits[at], &benefits[other]) {
                        benefits[at].person = benefits[other].person;
                        changed = true;
                    }
                }
            }
        }
        let eligible = benefits.iter().filter(|row| row.qualifies).map(|row| row.claim.clone()).collect();
        Benefits { rows: benefits, eligible }
    }

    /// The claims of a person.
    pub(super) fn claims(&self, person: usize) -> Vec<&str> {
        let mut claims: Vec<&str> =
            self.rows.iter().filter(|row| row.person == person).map(|row| row.claim.as_str()).collect();
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    /// The persons on a claim.
    pub(super) fn people_on(&self, claim: &str) -> Vec<usize> {
        let mut people: Vec<usize> = self.rows.iter().filter(|row| row.claim == claim).map(|row| row.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// The person's eligible claim with the most people on it, and of these the first by reference.
    pub(super) fn eligible_claim(&self, person: usize) -> Option<&str> {
        let claims = self.claims(person).into_iter().filter(|claim| self.eligible.iter().any(|own| own == claim));
        claims.min_by_key(|claim| (std::cmp::Reverse(self.people_on(claim).len()), *claim))
    }

    /// One row of each person, for its name.
    pub(super) fn one_row_a_person(&self) -> Vec<&Benefit> {
        let mut first: BTreeMap<usize, &Benefit> = BTreeMap::new();
        for row in &self.rows {
            first.entry(row.person).or_insert(row);
        }
        first.into_values().collect()
    }
}

/// Whether two benefit rows belong to one person.
fn is_same(one: &Benefit, other: &Benefit) -> bool {
    if !one.person_ref.is_empty() && one.person_ref == other.person_ref {
        return true;
    }
    let given = |row: &Benefit| row.identity.name.given.first().copied();
    let same_name = given(one) == given(other) && one.identity.name.family == other.identity.name.family;
    let has_name = given(one).is_some() || !one.identity.name.family.is_empty();
    let same_date = one.identity.birth_date == other.identity.birth_date;
    if !(same_name && same_date && has_name) {
        return false;
    }
    if one.person_ref.is_empty() && other.person_ref.is_empty() && one.claim == other.claim {
        return true;
    }
    let known = given(one).is_some_and(|word| word.len() > 1)
        && !one.identity.name.family.is_empty()
        && one.identity.birth_date.is_some();
    let (home, theirs) = (&one.identity.home, &other.identity.home);
    let says_where = home.address.number.is_some() || !home.address.building.is_empty();
    let first = |home: &Home| home.address.number.map(|number| number.first);
    let at_postcode = says_where
        && home.postcode != Postcode::Absent
        && home.postcode == theirs.postcode
        && first(home) == first(theirs)
        && home.address.flat == theirs.address.flat
        && home.address.building == theirs.address.building;
    known && (at_postcode || home.uprn.is_some() && home.uprn == theirs.uprn)
}

//! Finds the persons, claims and accounts that may not be flagged, from the rows of the objections files.

use std::collections::HashSet;

use crate::matching::Persons;

/// Objections as their rows state them.
#[derive(Default)]
pub(crate) struct ObjectionRows {
    person_refs: HashSet<String>,
    claim_refs: HashSet<String>,
    accounts: HashSet<(String, String)>,
}

impl ObjectionRows {
    /// Adds a row; a part that it does not state is empty.
    pub(crate) fn push(&mut self, person_ref: &str, claim_ref: &str, supplier: &str, customer_ref: &str) {
        if !person_ref.is_empty() {
            self.person_refs.insert(person_ref.to_owned());
        }
        if !claim_ref.is_empty() {
            self.claim_refs.insert(claim_ref.to_owned());
        }
        if !supplier.is_empty() && !customer_ref.is_empty() {
            self.accounts.insert((supplier.to_owned(), customer_ref.to_owned()));
        }
    }

    /// The accounts that rows name.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &(String, String)> {
        self.accounts.iter()
    }

    pub(crate) fn append(&mut self, other: ObjectionRows) {
        self.person_refs.extend(other.person_refs);
        self.claim_refs.extend(other.claim_refs);
        self.accounts.extend(other.accounts);
    }
}

/// Objections as persons, claims and accounts of this run.
pub(crate) struct Objections {
    persons: HashSet<u32>,
    claims: HashSet<u32>,
    accounts: HashSet<(String, String)>,
    names_unknown: bool,
}

impl Objections {
    /// Finds the persons and claims that the rows name. A person bars every claim they are on. `released` returns
    /// the claims on which rebates of an account were released last: an account bars these.
    pub(crate) fn new<'r>(
        rows: ObjectionRows,
        persons: &Persons,
        released: impl Fn(&str, &str) -> Vec<&'r str>,
    ) -> Objections {
        let mut objecting = HashSet::new();
        let mut known: HashSet<&str> = HashSet::new();
        if !rows.person_refs.is_empty() {
            for row in 0..persons.row_count() as u32 {
                let person_ref = persons.person_ref(row);
                if rows.person_refs.contains(person_ref) && persons.identifies_person(person_ref) {
                    objecting.insert(persons.person_of(row));
                    known.insert(person_ref);
                }
            }
        }
        let of_accounts = rows.accounts.iter().flat_map(|(supplier, customer_ref)| released(supplier, customer_ref));
        let of_accounts: HashSet<&str> = of_accounts.collect();
        let mut claims: HashSet<u32> = HashSet::new();
        let mut named = 0;
        if !rows.claim_refs.is_empty() || !of_accounts.is_empty() {
            for claim in 0..persons.claim_count() as u32 {
                let Some(claim_ref) = persons.named_claim_ref(claim) else { continue };
                let is_named = rows.claim_refs.contains(claim_ref);
                named += usize::from(is_named);
                if is_named || of_accounts.contains(claim_ref) {
                    claims.insert(claim);
                }
            }
        }
        let names_unknown = known.len() < rows.person_refs.len() || named < rows.claim_refs.len();
        claims.extend(objecting.iter().flat_map(|&person| persons.claims_of(person)));
        Objections { persons: objecting, claims, accounts: rows.accounts, names_unknown }
    }

    /// Some objection names a person or a claim that is not in the benefit records.
    pub(crate) fn name_unknown(&self) -> bool {
        self.names_unknown
    }

    /// No person and no claim is barred.
    pub(crate) fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.claims.is_empty()
    }

    /// The person objected: no flag may rest on them, and no account that they probably hold gets one.
    pub(crate) fn bars_person(&self, person: u32) -> bool {
        self.persons.contains(&person)
    }

    /// Some person objected.
    pub(crate) fn bar_persons(&self) -> bool {
        !self.persons.is_empty()
    }

    /// The whole claim is barred.
    pub(crate) fn bars_claim(&self, claim: u32) -> bool {
        self.claims.contains(&claim)
    }

    /// The account is barred.
    pub(crate) fn bars_account(&self, supplier: &str, customer_ref: &str) -> bool {
        !self.accounts.is_empty() && self.accounts.contains(&(supplier.to_owned(), customer_ref.to_owned()))
    }
}

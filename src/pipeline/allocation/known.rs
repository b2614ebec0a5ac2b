//! Numbers and names households, and finds the household of each carried rebate in tonight's records.

use std::collections::HashSet;

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::SchemeAllocation;
use super::asking::{Account, RowOf};
use super::out::Out;
use crate::matching::Persons;
use crate::release::Rebate as Carried;

/// Numbers for households. A household that a claim names has the claim's number; all others have higher
/// numbers.
pub(super) struct Names {
    pub(super) by_reference: HashMap<String, u32>,
    pub(super) next: u32,
}

impl Names {
    pub(super) fn new(persons: &Persons) -> Names {
        Names { by_reference: HashMap::new(), next: persons.claim_count() as u32 }
    }

    /// The household of a claim that the records do not have.
    pub(super) fn of_unknown_claim(&mut self, claim_ref: &str) -> u32 {
        if claim_ref.is_empty() {
            return self.of_nobody("");
        }
        if let Some(known) = self.by_reference.get(claim_ref) {
            return *known;
        }
        self.next += 1;
        self.by_reference.insert(claim_ref.to_owned(), self.next - 1);
        self.next - 1
    }

    /// The household of this name. Without a name, a household that no other account or rebate has.
    pub(super) fn of_nobody(&mut self, name: &str) -> u32 {
        if !name.is_empty() {
            return self.of_unknown_claim(name);
        }
        self.next += 1;
        self.next - 1
    }
}

/// A household's name, which is the same in every run. Empty if only its account shows which household it is.
pub(super) fn household_name(persons: &Persons, household: u32) -> &str {
    if household as usize >= persons.claim_count() {
        return "";
    }
    persons.named_claim_ref(household).unwrap_or_else(|| {
        let first = persons.rows_of_claim(household)[0];
        persons.first_person_ref(persons.person_of(first))
    })
}

impl<'a> SchemeAllocation<'a> {
    /// The household of each rebate, as far as tonight's records show it.
    pub(super) fn households_of(
        &self,
        carried: &[Out<'_>],
        rows: &[Option<RowOf>],
        accounts: &[Account],
        names: &mut Names,
    ) -> (Vec<Option<u32>>, Found<'a>) {
        let persons = self.persons();
        // Nearly every rebate still has the same account, and the same claim or person.
        let at_once = |number: usize| {
            let account = &accounts[rows[number]?.account?];
            let rebate = carried[number].rebate;
            let is_person = || account.person.is_some_and(|person| persons.is_known_as(person, rebate.person_ref()));
            let is_same = if rebate.person_ref().is_empty() {
                self.claim_ref(account) == rebate.claim_ref()
            } else {
                is_person()
            };
            (is_same && account.claim.is_some()).then_some(account.household)
        };
        let mut households: Vec<Option<u32>> = (0..carried.len()).into_par_iter().map(at_once).collect();
        let open: Vec<usize> = (0..carried.len()).filter(|number| households[*number].is_none()).collect();
        let found = Found::look_up(persons, open.iter().map(|number| carried[*number].rebate));
        for number in open {
            let rebate = carried[number].rebate;
            households[number] = self.household_of(rebate, &found).or_else(|| {
                let is_named = names.by_reference.contains_key(rebate.claim_ref());
                is_named.then(|| names.of_unknown_claim(rebate.claim_ref()))
            });
        }
        (households, found)
    }

    /// The household of the rebate's person, else of its claim, else its last household.
    fn household_of(&self, rebate: &Carried, found: &Found<'_>) -> Option<u32> {
        let (persons, shared) = (self.persons(), &self.matched.shared);
        let households = &shared.households[self.scheme];
        let carrying = |claims: &mut dyn Iterator<Item = u32>| {
            let claims = claims.filter(|claim| shared.eligibilities.may_carry(*claim, self.scheme));
            claims.min_by_key(|claim| persons.claim_ref(*claim))
        };
        let person = found.persons.get(rebate.person_ref()).copied();
        let of_person = |person: u32| {
            let own = found.claims.get(rebate.claim_ref()).copied();
            let own = own.filter(|own| persons.claims_of(person).any(|claim| claim == *own));
            own.filter(|own| shared.eligibilities.may_carry(*own, self.scheme))
                .or_else(|| carrying(&mut persons.claims_of(person)))
        };
        let of_claim = |claim: u32| {
            let people = persons.rows_of_claim(claim).iter().map(|&row| persons.person_of(row));
            let mut all = std::iter::once(claim).filter(|claim| shared.eligibilities.may_carry(*claim, self.scheme));
            all.next().or_else(|| carrying(&mut people.flat_map(|person| persons.claims_of(person)))).unwrap_or(claim)
        };
        let named = [rebate.claim_ref(), rebate.household()].map(|name| found.claims.get(name).copied());
        let claim = person.and_then(of_person).or_else(|| named.into_iter().flatten().map(of_claim).next());
        claim.map(|claim| households.of_claim(claim))
    }
}

/// Claims and persons in the records, by references that rebates name.
pub(super) struct Found<'a> {
    pub(super) claims: HashMap<&'a str, u32>,
    pub(super) persons: HashMap<&'a str, u32>,
}

impl<'a> Found<'a> {
    fn look_up<'r>(persons: &'a Persons, rebates: impl Iterator<Item = &'r Carried> + Clone) -> Found<'a> {
        let named = rebates.clone().flat_map(|rebate| [rebate.claim_ref(), rebate.household()]);
        let claims: HashSet<&str> = named.filter(|name| !name.is_empty()).collect();
        let people: HashSet<&str> = rebates.map(|rebate| rebate.person_ref()).filter(|name| !name.is_empty()).collect();
        let claim_count = if claims.is_empty() { 0 } else { persons.claim_count() as u32 };
        let row_count = if people.is_empty() { 0 } else { persons.row_count() as u32 };
        let found = (0..claim_count).into_par_iter().filter_map(|claim| Some((persons.named_claim_ref(claim)?, claim)));
        let found: Vec<(&str, u32)> = found.filter(|(name, _)| claims.contains(name)).collect();
        let found_people = (0..row_count).into_par_iter().map(|row| (persons.person_ref(row), persons.person_of(row)));
        let found_people = found_people.filter(|(name, _)| people.contains(name) && persons.identifies_person(name));
        let found_people: Vec<(&str, u32)> = found_people.collect();
        Found { claims: found.into_iter().collect(), persons: found_people.into_iter().collect() }
    }
}

//! Joins all claims that share a person, eligible or not, into households: the unit that tables for analysts protect.

use rayon::prelude::*;

use crate::matching::Persons;
use crate::scheme::Households;

/// The households of all claims and persons, each by the claim that names it.
pub(crate) struct OwnHouseholds {
    of_claims: Households,
    of_persons: Vec<u32>,
}

impl OwnHouseholds {
    pub(crate) fn new(persons: &Persons) -> OwnHouseholds {
        let of_claims = Households::new(persons, |_| true);
        let of_person = |person: u32| {
            // Each row names a claim, so each person is on one.
            persons.claims_of(person).next().map_or(u32::MAX, |claim| of_claims.of_claim(claim))
        };
        let of_persons = (0..persons.count() as u32).into_par_iter().map(of_person).collect();
        OwnHouseholds { of_claims, of_persons }
    }

    pub(crate) fn of_person(&self, person: u32) -> u32 {
        self.of_persons[person as usize]
    }

    pub(super) fn of_claim(&self, claim: u32) -> u32 {
        self.of_claims.of_claim(claim)
    }

    /// The claims of households of several claims, each with its household.
    pub(super) fn of_several(&self) -> impl Iterator<Item = (u32, u32)> {
        self.of_claims.of_several()
    }
}

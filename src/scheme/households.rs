//! Groups eligible claims that share a person into households.
//!
//! People hold several benefits under several references. One rebate goes to a household, whichever of its
//! claims it rests on.

use foldhash::{HashMap, HashMapExt};

use rayon::prelude::*;

use crate::matching::Persons;

/// The households of one scheme. A claim that shares nobody with another is a household by itself.
pub(crate) struct Households {
    /// For each claim of a household of several claims, the claim that names the household.
    names: HashMap<u32, u32>,
}

impl Households {
    /// Joins the claims that `may_carry` a rebate in the scheme.
    pub(crate) fn new(persons: &Persons, may_carry: impl Fn(u32) -> bool + Sync) -> Households {
        let several =
            (0..persons.count() as u32).into_par_iter().filter(|person| persons.only_claim(*person).is_none());
        let joint: Vec<Vec<u32>> = several
            .map(|person| persons.claims_of(person).filter(|claim| may_carry(*claim)).collect::<Vec<u32>>())
            .filter(|claims| claims.len() > 1)
            .collect();
        let mut names: HashMap<u32, u32> = HashMap::new();
        for claims in joint {
            for &claim in &claims[1..] {
                let (one, other) = (leader(&mut names, claims[0]), leader(&mut names, claim));
                let first = first_by_reference(persons, one, other);
                names.insert(one, first);
                names.insert(other, first);
            }
        }
        let led: Vec<u32> = names.keys().copied().collect();
        Households { names: led.into_iter().map(|claim| (claim, leader(&mut names, claim))).collect() }
    }

    /// The claims of households of several claims, each with the claim that names its household.
    pub(crate) fn of_several(&self) -> impl Iterator<Item = (u32, u32)> {
        self.names.iter().map(|(claim, household)| (*claim, *household))
    }

    /// The claim that names the household of a claim.
    pub(crate) fn of_claim(&self, claim: u32) -> u32 {
        self.names.get(&claim).copied().unwrap_or(claim)
    }
}

/// The claim that names the household so far. Each lookup shortens the path for the next.
fn leader(names: &mut HashMap<u32, u32>, mut claim: u32) -> u32 {
    while let Some(&next) = names.get(&claim).filter(|next| **next != claim) {
        let after = names.get(&next).copied().unwrap_or(next);
        names.insert(claim, after);
        claim = after;
    }
    claim
}

/// The claim that is first by its reference: numbers depend on the order of rows, and a household's name must not.
fn first_by_reference(persons: &Persons, one: u32, other: u32) -> u32 {
    // A placeholder names a household only if it has no other reference.
    let rank = |claim| (persons.named_claim_ref(claim).is_none(), persons.claim_ref(claim), claim);
    if rank(one) <= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::matching::Role::{Claimant, Partner};
    use crate::scheme::test_records::{Record, persons};

    /// Each row: what it is about, the claims with the people on them, and the households, each by its claims. The first
    /// claim of a household names it. Claims that begin with `N` may not carry a rebate.
    #[test]
    fn claims_that_share_a_person_are_one_household() {
        let claimant =
            |claim: &'static str, person: &'static str| -> Record<'static> { (claim, person, Claimant, None) };
        let partner = |claim: &'static str, person: &'static str| -> Record<'static> { (claim, person, Partner, None) };
        for (about, records, expected) in [
            ("two people, two claims", vec![claimant("C1", "P1"), claimant("C2", "P2")], vec!["C1", "C2"]),
            ("a couple on one claim", vec![claimant("C1", "P1"), partner("C1", "P2")], vec!["C1"]),
            ("one person on two claims", vec![claimant("C1", "P1"), claimant("C2", "P1")], vec!["C1 C2"]),
            (
                "partners with a claim each, and one together",
                vec![claimant("C3", "P1"), partner("C3", "P2"), claimant("C1", "P1"), claimant("C2", "P2")],
                vec!["C1 C2 C3"],
            ),
            (
                "linked through a third",
                vec![
                    claimant("C1", "P1"),
                    partner("C2", "P1"),
                    claimant("C2", "P2"),
                    partner("C9", "P2"),
                    claimant("C9", "P3"),
                ],
                vec!["C1 C2 C9"],
            ),
            (
                "linked through a claim that may not carry a rebate",
                vec![claimant("C1", "P1"), partner("N2", "P1"), claimant("N2", "P2"), claimant("C3", "P2")],
                vec!["C1", "C3", "N2"],
            ),
            (
                "the claim of a placeholder does not name it",
                vec![claimant("0", "P1"), claimant("C2", "P1")],
                vec!["C2 0"],
            ),
            (
                "people without a reference are not the same",
                vec![claimant("C1", ""), claimant("C2", "")],
                vec!["C1", "C2"],
            ),
        ] {
            for records in [records.clone(), records.into_iter().rev().collect()] {
                let persons = persons(&records);
                let households = Households::new(&persons, |claim| !persons.claim_ref(claim).starts_with('N'));
                let of_claim = |claim: u32| (persons.claim_ref(households.of_claim(claim)), persons.claim_ref(claim));
                let all: BTreeSet<(&str, &str)> = (0..persons.claim_count() as u32).map(of_claim).collect();
                let listed = expected.iter().flat_map(|claims| {
                    let name = claims.split(' ').next().unwrap();
                    claims.split(' ').map(move |claim| (name, claim))
                });
                assert_eq!(all, listed.collect(), "{about}");
            }
        }
    }
}

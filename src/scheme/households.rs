//! Groups eligible claims that share a person into households.
//!
//! People hold several benefits under several references. One rebate goes to a household, whichever of its
//! claims it rests on.

use rayon::prelude::*;

use crate::matching::Persons;

/// The households of one scheme. A claim that shares nobody with another is a household by itself.
pub(crate) struct Households {
    /// The claims of households of several claims.
    several: ClaimSet,
    /// For each of these claims, the claim that names the household.
    names: Vec<u32>,
}

impl Households {
    /// Joins the claims that `may_carry` a rebate in the scheme.
    pub(crate) fn new(persons: &Persons, may_carry: impl Fn(u32) -> bool + Sync) -> Households {
        let several =
            (0..persons.count() as u32).into_par_iter().filter(|person| persons.only_claim(*person).is_none());
        let joint = several.flat_map_iter(|person| {
            let mut claims = persons.claims_of(person).filter(|claim| may_carry(*claim));
            let first = claims.next();
            claims.filter_map(move |claim| Some((first?, claim)))
        });
        let joint: Vec<(u32, u32)> = joint.collect();
        let several = ClaimSet::new(persons.claim_count(), joint.iter().flat_map(|(one, other)| [*one, *other]));
        let place = |claim| several.place(claim).expect("a joint claim is in the set");
        let mut sets: Vec<u32> = (0..several.count() as u32).collect();
        for (one, other) in joint {
            let (one, other) = (leader(&mut sets, place(one)), leader(&mut sets, place(other)));
            sets[one.max(other)] = one.min(other) as u32;
        }
        let leaders: Vec<u32> = (0..sets.len()).map(|place| leader(&mut sets, place) as u32).collect();
        let mut by_leader: Vec<(u32, u32)> = leaders.iter().copied().zip(several.claims()).collect();
        by_leader.par_sort_unstable();
        let named = by_leader.par_chunk_by(|one, other| one.0 == other.0).map(|own| {
            let first = own.iter().map(|(_, claim)| *claim).min_by_key(|claim| rank(persons, *claim));
            (own[0].0, first.unwrap_or(own[0].1))
        });
        let named: Vec<(u32, u32)> = named.collect();
        let mut names = vec![0; sets.len()];
        named.into_iter().for_each(|(leader, name)| names[leader as usize] = name);
        Households { names: leaders.into_iter().map(|leader| names[leader as usize]).collect(), several }
    }

    /// The claims of households of several claims, each with the claim that names its household.
    pub(crate) fn of_several(&self) -> impl Iterator<Item = (u32, u32)> {
        self.several.claims().zip(self.names.iter().copied())
    }

    /// The households of several claims: pairs of the claim that names it and one of its claims, in order.
    pub(crate) fn in_order(&self) -> Vec<(u32, u32)> {
        let mut all: Vec<(u32, u32)> = self.of_several().map(|(claim, household)| (household, claim)).collect();
        all.par_sort_unstable();
        all
    }

    /// The claim that names the household of a claim.
    pub(crate) fn of_claim(&self, claim: u32) -> u32 {
        self.several.place(claim).map_or(claim, |place| self.names[place])
    }

    /// Whether a claim is a household by itself.
    pub(crate) fn is_alone(&self, claim: u32) -> bool {
        self.several.place(claim).is_none()
    }

    /// The claim that names the household of a person, if all claims are joined.
    pub(crate) fn of_person(&self, persons: &Persons, person: u32) -> u32 {
        let claim = persons.only_claim(person).or_else(|| persons.claims_of(person).next());
        // Each row names a claim, so each person is on one.
        claim.map_or(u32::MAX, |claim| self.of_claim(claim))
    }
}

/// A set of claims, and the place of each among them: one bit for every claim that there is.
struct ClaimSet {
    words: Vec<u64>,
    /// By word, how many claims of the set are in those before it.
    before: Vec<u32>,
}

impl ClaimSet {
    /// A set of some of so many claims.
    fn new(claims: usize, some: impl Iterator<Item = u32>) -> ClaimSet {
        let mut words = vec![0; claims.div_ceil(64)];
        some.for_each(|claim| words[claim as usize / 64] |= 1 << (claim % 64));
        let count = |sum: &mut u32, word: &u64| Some(std::mem::replace(sum, *sum + word.count_ones()));
        let before = words.iter().scan(0, count).collect();
        ClaimSet { words, before }
    }

    fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The place of a claim among those of the set, if it is in it.
    fn place(&self, claim: u32) -> Option<usize> {
        let (word, bit) = (self.words[claim as usize / 64], 1 << (claim % 64));
        (word & bit != 0).then(|| self.before[claim as usize / 64] as usize + (word & (bit - 1)).count_ones() as usize)
    }

    /// The claims of the set, in order.
    fn claims(&self) -> impl Iterator<Item = u32> {
        let claims = |(first, word): (u32, &u64)| {
            let rest = |word: &u64| Some(word & (word - 1)).filter(|rest| *rest != 0);
            std::iter::successors(Some(*word).filter(|word| *word != 0), rest)
                .map(move |word| first + word.trailing_zeros())
        };
        (0..).step_by(64).zip(&self.words).flat_map(claims)
    }
}

/// The first place of the household so far. Each lookup shortens the path for the next.
fn leader(sets: &mut [u32], mut place: usize) -> usize {
    while sets[place] as usize != place {
        sets[place] = sets[sets[place] as usize];
        place = sets[place] as usize;
    }
    place
}

/// Orders the claims of a household; the first names it. It goes by references: numbers depend on the order of rows,
/// and a household's name must not. A placeholder names a household only if it has no other reference.
fn rank(persons: &Persons, claim: u32) -> (bool, &str, u32) {
    (persons.named_claim_ref(claim).is_none(), persons.claim_ref(claim), claim)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

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
                for (household, claim) in households.in_order() {
                    assert_eq!((households.of_claim(claim), households.is_alone(claim)), (household, false), "{about}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_set_of_claims_is_counted_like_a_list(claims in prop::collection::btree_set(0_u32..400, 0..60)) {
            let set = ClaimSet::new(400, claims.iter().copied());
            prop_assert!(set.claims().eq(claims.iter().copied()));
            prop_assert_eq!(set.count(), claims.len());
            for claim in 0..400 {
                prop_assert_eq!(set.place(claim), claims.iter().position(|own| *own == claim));
            }
        }
    }
}

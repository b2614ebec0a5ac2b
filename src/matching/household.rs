//! Weighs the candidates of all holders of an account together, and computes the posterior that a holder is
//! one of a set of persons.
//!
//! The posterior that a holder is an eligible person is Σ odds of eligible candidates ÷ (1 + h + Σ odds
//! of all candidates). The 1 stands for everybody who is in no benefit record. h stands for those of them
//! who live in the same home under the same name or initial: they are far likelier than a stranger to be on
//! the account.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::evidence::{BirthDate, Evidence, Given, Middle};
use super::matcher::{Candidate, PRIOR};
use super::persons::Persons;
use super::rules::Bar;

/// How often the holder is not the person found at home by full name, but another adult of that name at home
/// who is in no benefit record. Two adults of one name live in about 0.7 % of homes, and in about one in seven
/// of these the one who claims is not the holder. That one is mostly a grown child with a parent's name, so
/// the rate depends on the age of the person found.
fn namesake_rate(age: Option<u8>) -> f64 {
    match age {
        Some(..35) => 0.006,
        Some(35..45) => 0.002,
        Some(45..) => 0.0003,
        None => 0.001,
    }
}

/// The same rate for an initial: a brother, a daughter, a wife with the same first letter.
const SAME_INITIAL: f64 = 0.06;

/// The same rate for no forename at all.
const SAME_SURNAME: f64 = 0.5;

/// The factor if two people of one name at home were also born in one year. This is rarer than chance, since
/// they are mostly father and son.
const SAME_YEAR: f64 = 0.2;

/// The rate for an initial with a second fact beside it (a partner found, a middle initial), which leaves
/// less room for somebody else.
const SAME_INITIAL_SUPPORTED: f64 = 0.0015;

/// The share of couples' accounts whose second holder is on the claim, if the first is.
const PARTNER_ON_CLAIM: f64 = 0.6;

/// The factor if the account names a couple and the claim has a partner: only couples are named in this way,
/// and about a third of claims are a couple's.
const COUPLE_FORM: f64 = 2.5;

/// The upper bound of support: two agreeing partners do not suffice if nothing else agrees.
const MOST_SUPPORT: f64 = 1_048_576.0;

/// One holder of an account, with their candidates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// The holder's candidates.
    pub(crate) candidates: &'a [Candidate],
    /// The holder was named together with a partner ("Mr & Mrs A").
    pub(crate) couple: bool,
}

/// All holders of an account.
#[derive(Debug)]
pub(crate) struct Household<'a> {
    holders: &'a [Holder<'a>],
    /// The candidates of all holders by claim, the likeliest first; only if there are many.
    by_claim: Option<HashMap<u32, Vec<OnClaim>, RandomState>>,
}

/// A candidate who is on a claim.
#[derive(Debug, Clone, Copy)]
struct OnClaim {
    own_weight: f32,
    holder: usize,
    person: u32,
}

/// Up to so many candidates of an account, each is compared with all others. More are looked up by claim, so
/// that a candidate takes no longer if there are fifty holders with fifty candidates each.
const FEW: usize = 64;

/// A candidate's odds once the whole household is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed<'a> {
    /// The candidate.
    pub(crate) candidate: &'a Candidate,
    /// The odds that the holder is this person rather than somebody unknown.
    pub(crate) odds: f64,
    /// The holder gives an initial only, and nothing else supports it.
    pub(crate) initial_only: bool,
    namesakes: f64,
}

impl<'a> Household<'a> {
    pub(crate) fn new(holders: &'a [Holder<'a>], persons: &Persons) -> Household<'a> {
        let count: usize = holders.iter().map(|holder| holder.candidates.len()).sum();
        Household { holders, by_claim: (count > FEW).then(|| by_claim(holders, persons)) }
    }

    /// The candidates of one holder, the likeliest first. Equally likely ones are ordered so that sums have the
    /// same bits whatever the order of the benefit rows.
    pub(crate) fn weigh(&self, holder: usize, persons: &Persons) -> Vec<Weighed<'a>> {
        let own = &self.holders[holder];
        let mut weighed: Vec<Weighed<'a>> =
            own.candidates.iter().map(|candidate| self.weigh_one(holder, candidate, persons)).collect();
        weighed.sort_by(|one, other| {
            let by_odds = other.odds.total_cmp(&one.odds);
            let rest = |one: &Weighed<'_>| (one.candidate.bar.is_some(), one.namesakes.to_bits());
            by_odds.then_with(|| rest(one).cmp(&rest(other)))
        });
        weighed
    }

    fn weigh_one(&self, holder: usize, candidate: &'a Candidate, persons: &Persons) -> Weighed<'a> {
        let evidence = candidate.evidence();
        let partner = self.partner_support(holder, candidate, persons);
        let couple = self.holders[holder].couple && persons.has_partner(candidate.person);
        let mut support = 1.0;
        if let Some(partner) = partner {
            support = partner;
        } else if couple {
            support = COUPLE_FORM;
        }
        let middle = matches!(evidence.middle, Middle::Exact | Middle::Initial);
        let supported = partner.is_some() || couple || middle;
        let odds = candidate.log_odds().exp2() * support;
        let initial_only = evidence.given == Given::Initial && !evidence.birth_date_agrees() && !supported;
        Weighed { candidate, odds, initial_only, namesakes: namesakes(candidate, &evidence, supported) * support }
    }

    /// The factor by which another holder of the account makes a candidate likelier, if that holder probably is
    /// another person on the same claim. `None` if nobody makes them likelier.
    fn partner_support(&self, holder: usize, candidate: &Candidate, persons: &Persons) -> Option<f64> {
        let weight = match &self.by_claim {
            None => self.likeliest_partner(holder, candidate, persons),
            Some(by_claim) => {
                let claims = persons.claims_of(candidate.person).filter_map(|claim| by_claim.get(&claim));
                let is_partner = |one: &&OnClaim| one.holder != holder && one.person != candidate.person;
                let likeliest = claims.filter_map(|on_claim| on_claim.iter().find(is_partner));
                likeliest.map(|one| one.own_weight).reduce(f32::max)
            }
        };
        let likelihood = f64::from(weight?).exp2();
        let support = (1.0 - PARTNER_ON_CLAIM + PARTNER_ON_CLAIM * likelihood).min(MOST_SUPPORT);
        Some(support).filter(|support| *support > 1.0)
    }

    /// The highest own weight among the other holders' candidates who are another person on the same claim.
    fn likeliest_partner(&self, holder: usize, candidate: &Candidate, persons: &Persons) -> Option<f32> {
        let others = self.holders.iter().enumerate().filter(|(other, _)| *other != holder);
        let partners = others.flat_map(|(_, theirs)| theirs.candidates).filter(|partner| is_named(partner));
        let on_claim = partners.filter(|partner| persons.share_a_claim(candidate.person, partner.person));
        on_claim.map(|partner| partner.own_weight).reduce(f32::max)
    }
}

/// The candidate is named as the holder is, wherever either lives.
fn is_named(candidate: &Candidate) -> bool {
    matches!(candidate.bar, None | Some(Bar::Thin | Bar::OtherDwelling))
}

/// The candidates of all holders by claim, the likeliest first; only those who are [named](is_named) as their
/// holder is.
fn by_claim(holders: &[Holder<'_>], persons: &Persons) -> HashMap<u32, Vec<OnClaim>, RandomState> {
    let mut by_claim: HashMap<u32, Vec<OnClaim>, RandomState> = HashMap::default();
    for (holder, own) in holders.iter().enumerate() {
        for candidate in own.candidates.iter().filter(|candidate| is_named(candidate)) {
            let Candidate { own_weight, person, .. } = *candidate;
            for claim in persons.claims_of(person) {
                by_claim.entry(claim).or_default().push(OnClaim { own_weight, holder, person });
            }
        }
    }
    by_claim
        .values_mut()
        .for_each(|on_claim| on_claim.sort_by(|one, other| other.own_weight.total_cmp(&one.own_weight)));
    by_claim
}

/// The odds for unseen people of the same name at home: the candidate's own odds without the date of birth,
/// times the rate of such people.
fn namesakes(candidate: &Candidate, evidence: &Evidence, supported: bool) -> f64 {
    if !evidence.home_agrees() {
        return 0.0;
    }
    let rate = match evidence.given {
        Given::Exact | Given::Variant | Given::Close | Given::Middle => namesake_rate(candidate.age),
        Given::Initial if supported => SAME_INITIAL_SUPPORTED,
        Given::Initial => SAME_INITIAL,
        Given::Absent => SAME_SURNAME,
        Given::Loose | Given::Different => return 0.0,
    };
    let rate = match evidence.birth_date {
        BirthDate::Year | BirthDate::YearOnly => rate * SAME_YEAR,
        _ => rate,
    };
    let without_birth_date = f64::from(candidate.weight) - f64::from(candidate.birth_date_weight) + PRIOR;
    rate * without_birth_date.exp2()
}

/// The probability that a holder is one of the persons that `counts` accepts: the sum of their odds over all
/// odds. The odds of barred candidates are left out.
pub(crate) fn posterior(weighed: &[Weighed<'_>], counts: impl Fn(&Weighed<'_>) -> bool) -> f64 {
    let (mut counted, mut all) = (0.0, 1.0);
    // From the lowest odds to the highest, always in this order: floating-point sums depend on it.
    for one in weighed.iter().rev() {
        all += one.namesakes;
        if one.candidate.bar.is_none() {
            all += one.odds;
            if counts(one) {
                counted += one.odds;
            }
        }
    }
    counted / all
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use proptest::prelude::*;

    use super::*;
    use crate::matching::RunKey;
    use crate::matching::persons::{BenefitPerson, BenefitPersons, Role};
    use crate::normalise::Identity;

    /// One person for each list of claims.
    fn persons(claims: &[Vec<u8>]) -> Persons {
        let key = RunKey::generate().unwrap();
        let identity = Identity::default();
        let mut rows = BenefitPersons::default();
        for (person, claims) in claims.iter().enumerate() {
            for claim in claims {
                let (claim_ref, person_ref) = (format!("C{claim}"), format!("P{person}"));
                let role = Role::Claimant;
                rows.push(
                    &key,
                    &BenefitPerson { claim_ref: &claim_ref, person_ref: &person_ref, role, identity: &identity },
                );
            }
        }
        rows.finish(&key);
        Persons::gather(vec![rows])
    }

    fn candidate(person: u32, own_weight: i8, is_barred: bool) -> Candidate {
        Candidate {
            holder: 0,
            person,
            row: 0,
            weight: 0.0,
            birth_date_weight: 0.0,
            own_weight: f32::from(own_weight) / 8.0,
            age: None,
            levels: NonZeroU64::MIN,
            keys: 0,
            bar: Some(if is_barred { Bar::BirthDate } else { Bar::Thin }),
        }
    }

    proptest! {
        /// Looking partners up by claim gives the same support as comparing each with each.
        #[test]
        fn partners_are_the_same_by_claim_as_one_by_one(
            claims in prop::collection::vec(prop::collection::vec(0_u8..6, 1..4), 1..8),
            found in prop::collection::vec(prop::collection::vec((0_u32..8, any::<i8>(), any::<bool>()), 0..6), 1..6),
        ) {
            let persons = persons(&claims);
            let own = |found: &Vec<(u32, i8, bool)>| {
                let all = found.iter().map(|(person, weight, bar)| candidate(person % claims.len() as u32, *weight, *bar));
                all.collect::<Vec<_>>()
            };
            let found: Vec<Vec<Candidate>> = found.iter().map(own).collect();
            let holders: Vec<Holder<'_>> =
                found.iter().map(|candidates| Holder { candidates, couple: false }).collect();
            let one_by_one = Household { holders: &holders, by_claim: None };
            let looked_up = Household { holders: &holders, by_claim: Some(by_claim(&holders, &persons)) };
            for (holder, own) in holders.iter().enumerate() {
                for candidate in own.candidates {
                    let expected = one_by_one.partner_support(holder, candidate, &persons);
                    prop_assert_eq!(looked_up.partner_support(holder, candidate, &persons), expected);
                }
            }
        }
    }
}

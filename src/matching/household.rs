//! Weighs the candidates of all holders of an account together, and computes the posterior that a holder is
//! one of a set of persons.
//!
//! The hypotheses about a holder exclude each other: one of the candidates, one unseen person of a kind at one
//! home, or a stranger. The posterior that a holder is an eligible person is Σ odds of eligible candidates ÷ (1 +
//! Σ odds of all candidates + Σ odds of unseen persons), where the 1 stands for strangers.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::evidence::{BirthDate, Family, Given, NameComparison, compare_birth_dates};
use super::matcher::Candidate;
use super::model::Model;
use super::persons::Persons;
use super::unseen::{KINDS, Kind};
use crate::normalise::View;

/// The share of couples' accounts whose second holder is on the claim, if the first is.
const PARTNER_ON_CLAIM: f64 = 0.6;

/// The factor if the account names a couple and the claim has a partner: only couples are named in this way,
/// and about a third of claims are a couple's.
const COUPLE_FORM: f64 = 2.5;

/// The factor if the account names a couple and the claim has no partner (choice): some have a partner whom the records
/// do not name.
const COUPLE_FORM_ALONE: f64 = 0.4;

/// The upper bound of support: two agreeing partners do not suffice if nothing else agrees.
const MOST_SUPPORT: f64 = 1_048_576.0;

/// The odds below which unseen persons are not looked at closer: so many could not change a posterior by a hundredth
/// of a per mille.
const NEGLIGIBLE: f64 = 1e-6;

/// The odds of all candidates of a holder below which nobody is found, whoever else there may be.
const IMPROBABLE: f64 = 0.01;

/// The most candidates of a home among which relatives are looked for, the likeliest first.
const MOST_RELATIVES: usize = 16;

/// One holder of an account, with their candidates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// The holder's candidates.
    pub(crate) candidates: &'a [Candidate],
    /// The holder was named together with a partner ("Mr & Mrs A").
    pub(crate) couple: bool,
}

/// All holders of an account.
pub(crate) struct Household<'a> {
    holders: &'a [Holder<'a>],
    persons: &'a Persons,
    model: &'a Model,
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
    /// The odds that the holder is this person rather than a stranger.
    pub(crate) odds: f64,
    /// The likelihood ratio by which another holder is the candidate's partner; 1 if none is.
    partner: f64,
}

/// Who a holder may be: the odds of each hypothesis against a stranger.
#[derive(Debug)]
pub(crate) struct Hypotheses<'a> {
    /// The candidates, the likeliest first.
    candidates: Vec<Weighed<'a>>,
    /// Unseen persons, by kind.
    unseen: [f64; KINDS],
}

impl<'a> Hypotheses<'a> {
    /// The candidates, the likeliest first.
    pub(crate) fn candidates(&self) -> &[Weighed<'a>] {
        &self.candidates
    }

    /// The same, to be put into another order among those of equal odds.
    pub(crate) fn candidates_mut(&mut self) -> &mut [Weighed<'a>] {
        &mut self.candidates
    }

    /// The odds of unseen persons of a kind, at all homes.
    pub(crate) fn unseen(&self, kind: Kind) -> f64 {
        self.unseen[kind as usize]
    }

    /// The sum of the odds of all hypotheses, of which a stranger's are 1.
    pub(crate) fn all(&self) -> f64 {
        // From the lowest odds to the highest, always in this order: floating-point sums depend on it.
        let unseen: f64 = self.unseen.iter().sum();
        self.candidates.iter().rev().fold(1.0 + unseen, |sum, one| sum + one.odds)
    }

    /// The probability that the holder is one of the persons that `counts` accepts.
    pub(crate) fn posterior(&self, counts: impl Fn(&Weighed<'_>) -> bool) -> f64 {
        let counted = self.candidates.iter().rev().filter(|one| counts(one)).fold(0.0, |sum, one| sum + one.odds);
        counted / self.all()
    }
}

impl<'a> Household<'a> {
    pub(crate) fn new(holders: &'a [Holder<'a>], persons: &'a Persons, model: &'a Model) -> Household<'a> {
        let count: usize = holders.iter().map(|holder| holder.candidates.len()).sum();
        Household { holders, persons, model, by_claim: (count > FEW).then(|| by_claim(holders, persons)) }
    }

    /// The hypotheses about one holder. Equally likely candidates are ordered so that sums have the same bits
    /// whatever the order of the benefit rows.
    pub(crate) fn weigh(&self, holder: usize) -> Hypotheses<'a> {
        let own = &self.holders[holder];
        let mut candidates: Vec<Weighed<'a>> =
            own.candidates.iter().map(|candidate| self.weigh_one(holder, candidate)).collect();
        candidates.sort_by(|one, other| {
            other.odds.total_cmp(&one.odds).then_with(|| one.candidate.levels.cmp(&other.candidate.levels))
        });
        // Where all candidates together are improbable already, unseen persons change nothing.
        let unseen = match candidates.iter().map(|one| one.odds).sum::<f64>() < IMPROBABLE {
            true => [0.0; KINDS],
            false => self.unseen(&candidates),
        };
        Hypotheses { candidates, unseen }
    }

    fn weigh_one(&self, holder: usize, candidate: &'a Candidate) -> Weighed<'a> {
        let partner = self.partner(holder, candidate);
        let odds = match partner {
            Some(partner) => self.model.log_odds(candidate).exp2() * supported(PARTNER_ON_CLAIM, partner),
            None => odds_alone(candidate, self.holders[holder].couple, self.persons, self.model),
        };
        Weighed { candidate, odds, partner: partner.unwrap_or(1.0) }
    }

    /// The likelihood ratio by which another holder of the account is another person on the candidate's claim.
    /// `None` if nobody makes the candidate likelier.
    fn partner(&self, holder: usize, candidate: &Candidate) -> Option<f64> {
        let weight = match &self.by_claim {
            None => self.likeliest_partner(holder, candidate),
            Some(by_claim) => {
                let claims = self.persons.claims_of(candidate.person).filter_map(|claim| by_claim.get(&claim));
                let is_partner = |one: &&OnClaim| one.holder != holder && one.person != candidate.person;
                let likeliest = claims.filter_map(|on_claim| on_claim.iter().find(is_partner));
                likeliest.map(|one| one.own_weight).reduce(f32::max)
            }
        };
        Some(f64::from(weight?).exp2()).filter(|likelihood| *likelihood > 1.0)
    }

    /// The highest own weight among the other holders' candidates who are another person on the same claim.
    fn likeliest_partner(&self, holder: usize, candidate: &Candidate) -> Option<f32> {
        let others = self.holders.iter().enumerate().filter(|(other, _)| *other != holder);
        let partners = others.flat_map(|(_, theirs)| theirs.candidates);
        let on_claim = partners.filter(|partner| self.persons.share_a_claim(candidate.person, partner.person));
        on_claim.map(|partner| partner.own_weight).reduce(f32::max)
    }

    /// The odds of unseen persons by kind, each priced once a home: the highest over the candidates of the home.
    fn unseen(&self, candidates: &[Weighed<'_>]) -> [f64; KINDS] {
        if self.model.prices().is_empty() || candidates.is_empty() {
            return [0.0; KINDS];
        }
        let mut homes = Homes::new(self.persons, candidates);
        let mut priced: Vec<(Home<'_>, [f64; KINDS])> = Vec::new();
        for (place, one) in candidates.iter().enumerate() {
            let mut odds = self.model.unseen(one.candidate, one.partner);
            if odds.iter().sum::<f64>() < NEGLIGIBLE {
                continue;
            }
            if self.persons.has_partner(one.candidate.person) {
                odds[Kind::Partner as usize] = 0.0;
            }
            if candidates.len() == 1 {
                return odds;
            }
            let recorded = self.recorded(place, &mut homes, candidates);
            for ((kind, odds), recorded) in Kind::ALL.iter().zip(&mut odds).zip(recorded) {
                *odds *= self.model.prices().beside(*kind, recorded);
            }
            let home = homes.at(place);
            match priced.iter_mut().find(|(other, _)| *other == home) {
                None => priced.push((home, odds)),
                Some((_, most)) => most.iter_mut().zip(odds).for_each(|(most, odds)| *most = most.max(odds)),
            }
        }
        if let [(_, odds)] = priced[..] {
            return odds;
        }
        let mut sums = [0.0; KINDS];
        for (kind, sum) in sums.iter_mut().enumerate() {
            let mut of_kind: Vec<f64> = priced.iter().map(|(_, odds)| odds[kind]).collect();
            of_kind.sort_unstable_by(f64::total_cmp);
            *sum = of_kind.iter().sum();
        }
        sums
    }

    /// How many people of each kind the records already have at a candidate's home.
    fn recorded(&self, place: usize, homes: &mut Homes<'_, '_>, candidates: &[Weighed<'_>]) -> [usize; KINDS] {
        let mut recorded = [0; KINDS];
        let home = homes.at(place);
        for (other, one) in candidates.iter().take(MOST_RELATIVES).enumerate() {
            if other == place || homes.at(other) != home {
                continue;
            }
            let [own, theirs] = [&candidates[place], one].map(|one| one.candidate);
            let kind = match self.persons.share_a_claim(own.person, theirs.person) {
                true => Some(Kind::Partner),
                false => relation(&self.persons.identity(own.row), &self.persons.identity(theirs.row)),
            };
            if let Some(kind) = kind {
                recorded[kind as usize] += 1;
            }
        }
        // Two people of other names under one date of birth are twins, or one of the dates is wrong.
        recorded[Kind::Misdated as usize] = recorded[Kind::Twin as usize];
        recorded
    }
}

/// The homes of a holder's candidates, as far as homes are told apart. Each is read once, and only if asked for.
struct Homes<'a, 'c> {
    persons: &'a Persons,
    candidates: &'c [Weighed<'c>],
    known: Vec<Option<Home<'a>>>,
}

impl<'a, 'c> Homes<'a, 'c> {
    fn new(persons: &'a Persons, candidates: &'c [Weighed<'c>]) -> Homes<'a, 'c> {
        Homes { persons, candidates, known: Vec::new() }
    }

    /// The home of the candidate at that place.
    fn at(&mut self, place: usize) -> Home<'a> {
        self.known.resize(self.candidates.len(), None);
        *self.known[place].get_or_insert_with(|| home(self.candidates[place].candidate, self.persons))
    }
}

fn home<'a>(candidate: &Candidate, persons: &'a Persons) -> Home<'a> {
    if candidate.evidence().home_agrees() {
        return Home::Holders;
    }
    match persons.uprn(candidate.row) {
        Some(uprn) => Home::Property(uprn.number()),
        None => {
            let View { postcode, address, .. } = persons.identity(candidate.row);
            let number = address.number.map_or(0, |number| number.first);
            Home::Address(postcode, number, address.flat, address.building)
        }
    }
}

/// The odds of a candidate whom no other holder of the account makes likelier. `couple`: the holder was named together
/// with a partner.
pub(crate) fn odds_alone(candidate: &Candidate, couple: bool, persons: &Persons, model: &Model) -> f64 {
    let support = match couple {
        false => 1.0,
        true if persons.has_partner(candidate.person) => COUPLE_FORM,
        true => COUPLE_FORM_ALONE,
    };
    model.log_odds(candidate).exp2() * support
}

/// A home.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Home<'p> {
    /// The holder's own.
    Holders,
    Property(u64),
    Address(crate::normalise::postcode::Postcode, u16, &'p str, &'p str),
}

/// What one recorded person is to another at the same home, as far as names and birth dates tell.
pub(super) fn relation(one: &View<'_>, other: &View<'_>) -> Option<Kind> {
    let names = NameComparison::straight(&one.name, &other.name);
    let one_name = matches!(names.given, Given::Exact | Given::Variant | Given::Close | Given::CloseRare);
    let one_family = matches!(names.family, Family::Exact | Family::Part | Family::Close);
    match compare_birth_dates(one.birth_date, other.birth_date) {
        BirthDate::Generation | BirthDate::Different if one_name && one_family => Some(Kind::Namesake),
        _ if one_name => None,
        BirthDate::Exact if one_family => Some(Kind::Twin),
        BirthDate::Generation if one_family => Some(Kind::Family),
        _ if one_family => Some(Kind::Sibling),
        _ => Some(Kind::Housemate),
    }
}

/// The factor by which a second holder makes the first likelier: on this share of shared accounts that holder is the
/// partner on the claim, of whom the second holder's own fields have this likelihood ratio.
pub(super) fn supported(share: f64, likelihood: f64) -> f64 {
    (1.0 - share + share * likelihood).clamp(1.0, MOST_SUPPORT)
}

/// The candidates of all holders by claim, the likeliest first.
fn by_claim(holders: &[Holder<'_>], persons: &Persons) -> HashMap<u32, Vec<OnClaim>, RandomState> {
    let mut by_claim: HashMap<u32, Vec<OnClaim>, RandomState> = HashMap::default();
    for (holder, own) in holders.iter().enumerate() {
        for candidate in own.candidates {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::persons::{BenefitPerson, BenefitPersons, Role};
    use crate::matching::{Levels, RunKey};
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

    fn candidate(person: u32, own_weight: i8) -> Candidate {
        Candidate {
            holder: 0,
            person,
            row: 0,
            weight: 0.0,
            birth_date_weight: 0.0,
            own_weight: f32::from(own_weight) / 8.0,
            age: None,
            levels: Levels::default(),
            keys: 0,
        }
    }

    proptest! {
        /// Looking partners up by claim gives the same support as comparing each with each.
        #[test]
        fn partners_are_the_same_by_claim_as_one_by_one(
            claims in prop::collection::vec(prop::collection::vec(0_u8..6, 1..4), 1..8),
            found in prop::collection::vec(prop::collection::vec((0_u32..8, any::<i8>()), 0..6), 1..6),
        ) {
            let persons = persons(&claims);
            let own = |found: &Vec<(u32, i8)>| {
                let all = found.iter().map(|(person, weight)| candidate(person % claims.len() as u32, *weight));
                all.collect::<Vec<_>>()
            };
            let found: Vec<Vec<Candidate>> = found.iter().map(own).collect();
            let holders: Vec<Holder<'_>> =
                found.iter().map(|candidates| Holder { candidates, couple: false }).collect();
            let model = Model::shipped();
            let (holders, persons, model) = (&holders[..], &persons, &model);
            let one_by_one = Household { holders, persons, model, by_claim: None };
            let looked_up = Household { holders, persons, model, by_claim: Some(by_claim(holders, persons)) };
            for (holder, own) in holders.iter().enumerate() {
                for candidate in own.candidates {
                    let expected = one_by_one.partner(holder, candidate);
                    prop_assert_eq!(looked_up.partner(holder, candidate), expected);
                }
            }
        }
    }
}

//! Counts eligible households and their persons by what their own records and the accounts say.

use rayon::prelude::*;

use super::own_evidence::{Found, OwnEvidence};
use crate::pipeline::figures::{Demographic, Demographics};
use crate::pipeline::judging::matched::Matched;
use crate::privacy::counted::Counted;
use crate::release::{AnalystOutcome, AnalystTable, AnalystUnit};
use crate::scheme::Eligibility;

/// A household counts with so many persons at most, as the tables declare.
const MOST_PERSONS: usize = 2;

/// An eligible household.
struct Eligible {
    outcome: AnalystOutcome,
    group: u8,
    /// The claim that stands for it: the first by reference of those that are eligible.
    claim: u32,
}

/// The outcomes of a household.
const OUTCOMES: [AnalystOutcome; 4] =
    [AnalystOutcome::Matched, AnalystOutcome::Review, AnalystOutcome::Objected, AnalystOutcome::NotFound];

/// Households, or persons, by outcome, group, region and age: one counter for each that there can be.
struct Counts {
    unit: AnalystUnit,
    counts: Vec<u32>,
}

impl Counts {
    fn new(unit: AnalystUnit, groups: usize) -> Counts {
        Counts { unit, counts: vec![0; OUTCOMES.len() * groups * Demographic::COUNT] }
    }

    fn add(&mut self, own: &Eligible, about: Demographic) {
        let groups = self.counts.len() / OUTCOMES.len() / Demographic::COUNT;
        let outcome = OUTCOMES.iter().position(|outcome| *outcome == own.outcome).expect("a household's outcome");
        self.counts[(outcome * groups + usize::from(own.group)) * Demographic::COUNT + about.place()] += 1;
    }

    fn and(mut self, other: &Counts) -> Counts {
        self.counts.iter_mut().zip(&other.counts).for_each(|(all, own)| *all += own);
        self
    }

    /// Adds them to a table.
    fn fill(&self, table: &mut Counted) {
        use AnalystTable::{
            HouseholdsByAge, HouseholdsByBirthDate, HouseholdsByGroup, HouseholdsByRegion, PersonsByAge,
            PersonsByBirthDate, PersonsByGroup, PersonsByRegion,
        };
        let groups = self.counts.len() / OUTCOMES.len();
        for (outcome, of_outcome) in OUTCOMES.into_iter().zip(self.counts.chunks_exact(groups)) {
            for (group, of_group) in of_outcome.chunks_exact(Demographic::COUNT).enumerate() {
                for (about, count) in Demographic::all().zip(of_group) {
                    let part = match table.table() {
                        HouseholdsByRegion | PersonsByRegion => about.region(),
                        HouseholdsByGroup | PersonsByGroup => group,
                        HouseholdsByAge | PersonsByAge => about.age(),
                        HouseholdsByBirthDate | PersonsByBirthDate => usize::from(about.is_birth_date_known()),
                        _ => 0,
                    };
                    table.add(part, outcome, u64::from(*count));
                }
            }
        }
    }
}

/// Adds all eligible households of a scheme to tables of households and persons.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence<'_>, empty: &[Counted]) -> Vec<Counted> {
    let persons = matched.shared.matcher.persons();
    let rules = &matched.job.schemes[scheme];
    let look = Look { matched, scheme, own, demographics: Demographics::new(persons, rules.qualifying_date) };
    let none = || [AnalystUnit::Households, AnalystUnit::Persons].map(|unit| Counts::new(unit, rules.groups.len()));
    let join = |[one, other]: [Counts; 2], own: [Counts; 2]| [one.and(&own[0]), other.and(&own[1])];
    let alone = (0..persons.claim_count() as u32).into_par_iter().filter(|claim| own.households.is_alone(*claim));
    let alone = alone.fold(none, |counts, claim| look.count(counts, claim, std::iter::once(claim)));
    let in_order = own.households.in_order();
    let several = in_order.par_chunk_by(|one, other| one.0 == other.0);
    let several = several.fold(none, |counts, own| look.count(counts, own[0].0, own.iter().map(|(_, claim)| *claim)));
    let counts = join(alone.reduce(none, join), several.reduce(none, join));
    let mut counted: Vec<Counted> = empty.iter().map(Counted::emptied).collect();
    for table in &mut counted {
        let unit = table.table().unit();
        counts.iter().filter(|own| own.unit == unit).for_each(|own| own.fill(table));
    }
    counted
}

struct Look<'a> {
    matched: &'a Matched<'a>,
    scheme: usize,
    own: &'a OwnEvidence<'a>,
    demographics: Demographics<'a>,
}

impl Look<'_> {
    /// Counts the household of some claims and its persons, if it is eligible.
    fn count(
        &self,
        [mut households, mut of_persons]: [Counts; 2],
        household: u32,
        claims: impl Iterator<Item = u32> + Clone,
    ) -> [Counts; 2] {
        if let Some(eligible) = self.eligible(household, claims) {
            let (persons, demographics) = (self.matched.shared.matcher.persons(), &self.demographics);
            let row = demographics.row_of(eligible.claim);
            let claimant = persons.person_of(row);
            households.add(&eligible, demographics.of_row(row));
            let others = persons.people_of(eligible.claim).filter(|person| *person != claimant);
            for person in std::iter::once(claimant).chain(others).take(MOST_PERSONS) {
                of_persons.add(&eligible, demographics.of_person(person));
            }
        }
        [households, of_persons]
    }

    /// The household of some claims, if it is eligible.
    fn eligible(&self, household: u32, claims: impl Iterator<Item = u32> + Clone) -> Option<Eligible> {
        let shared = &self.matched.shared;
        let persons = shared.matcher.persons();
        let standing = self.own.standing(household);
        let all = claims.filter_map(|claim| match shared.eligibilities.of_claim(claim, self.scheme, None) {
            Eligibility::Through(group) => Some((claim, group)),
            Eligibility::NotDecidable | Eligibility::No => None,
        });
        // References are looked up only where there are two.
        let key = |claim: u32| (persons.claim_ref(claim), claim);
        let first = all.clone().reduce(|one, other| if key(other.0) < key(one.0) { other } else { one });
        let is_barred = || first.is_some() && all.clone().all(|(claim, _)| shared.objections.bars_claim(claim));
        let outcome = match standing.found {
            Found::Matched => AnalystOutcome::Matched,
            _ if is_barred() => AnalystOutcome::Objected,
            Found::Review => AnalystOutcome::Review,
            Found::No => AnalystOutcome::NotFound,
        };
        let (claim, group) = first.or_else(|| Some((household, standing.group?)))?;
        Some(Eligible { outcome, group, claim })
    }
}

//! Counts eligible households and their persons by what their own records and the accounts say.

use std::collections::HashMap;

use rayon::prelude::*;

use super::both;
use super::own_evidence::{Found, OwnEvidence};
use crate::date::Date;
use crate::normalise::postcode::BritishPostcode;
use crate::pipeline::figures::{age_part, region_part, row_of};
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

/// Adds all eligible households of a scheme to tables of households and persons.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence, empty: &[Counted]) -> Vec<Counted> {
    let persons = matched.shared.matcher.persons();
    let day = matched.job.schemes[scheme].qualifying_date;
    let mut of_several: HashMap<u32, Vec<u32>> = HashMap::new();
    own.households.of_several().for_each(|(claim, household)| of_several.entry(household).or_default().push(claim));
    let fresh = || empty.iter().map(Counted::emptied).collect();
    let all =
        (0..persons.claim_count() as u32).into_par_iter().filter(|claim| own.households.of_claim(*claim) == *claim);
    all.fold(fresh, |mut tables: Vec<Counted>, household| {
        let claims = of_several.get(&household).map_or(std::slice::from_ref(&household), Vec::as_slice);
        let Some(eligible) = eligible(matched, scheme, own, household, claims) else { return tables };
        let claimant = row_of(persons, eligible.claim);
        let mut people: Vec<u32> = persons.people_of(eligible.claim).collect();
        let claimant_first = |person: &u32| *person != persons.person_of(claimant);
        people.sort_by_key(claimant_first);
        people.truncate(MOST_PERSONS);
        for table in &mut tables {
            match table.table().unit() {
                AnalystUnit::Persons => {
                    for person in &people {
                        count_one(table, &eligible, persons.birth_date_and_postcode(persons.first_row(*person)), day);
                    }
                }
                _ => count_one(table, &eligible, persons.birth_date_and_postcode(claimant), day),
            }
        }
        tables
    })
    .reduce(fresh, both)
}

/// The household of some claims, if it is eligible.
fn eligible(
    matched: &Matched<'_>,
    scheme: usize,
    own: &OwnEvidence,
    household: u32,
    claims: &[u32],
) -> Option<Eligible> {
    let (shared, persons) = (&matched.shared, matched.shared.matcher.persons());
    let standing = own.standing(household);
    let through = |claim: u32| match shared.eligibilities.of_claim(claim, scheme, None) {
        Eligibility::Through(group) => Some((claim, group)),
        Eligibility::NotDecidable | Eligibility::No => None,
    };
    let all: Vec<(u32, u8)> = claims.iter().filter_map(|claim| through(*claim)).collect();
    let first = all.iter().copied().min_by_key(|(claim, _)| (persons.claim_ref(*claim), *claim));
    let (claim, group) = first.or_else(|| Some((household, standing.group?)))?;
    let outcome = match standing.found {
        Found::Matched => AnalystOutcome::Matched,
        _ if !all.is_empty() && all.iter().all(|(claim, _)| shared.objections.bars_claim(*claim)) => {
            AnalystOutcome::Objected
        }
        Found::Review => AnalystOutcome::Review,
        Found::No => AnalystOutcome::NotFound,
    };
    Some(Eligible { outcome, group, claim })
}

/// Counts a household, or one of its persons, who has these traits.
fn count_one(
    counted: &mut Counted,
    eligible: &Eligible,
    (birth_date, postcode): (Option<Date>, Option<BritishPostcode>),
    day: Date,
) {
    use AnalystTable::{
        HouseholdsByAge, HouseholdsByBirthDate, HouseholdsByGroup, HouseholdsByRegion, PersonsByAge,
        PersonsByBirthDate, PersonsByGroup, PersonsByRegion,
    };
    let part = match counted.table() {
        HouseholdsByRegion | PersonsByRegion => region_part(postcode.as_ref()),
        HouseholdsByGroup | PersonsByGroup => usize::from(eligible.group),
        HouseholdsByAge | PersonsByAge => age_part(birth_date, day),
        HouseholdsByBirthDate | PersonsByBirthDate => usize::from(birth_date.is_some()),
        _ => 0,
    };
    counted.add(part, eligible.outcome);
}

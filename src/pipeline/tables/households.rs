//! Counts eligible households and their persons by what their own records and the accounts say.

use std::collections::HashMap;

use rayon::prelude::*;

use super::own_evidence::{Found, OwnEvidence};
use super::{Counts, joined};
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

/// What tables show of a household, or of one of its persons. Many are alike, so that these are counted, and not each
/// household in each table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Shown {
    outcome: AnalystOutcome,
    group: u8,
    region: u8,
    age: u8,
    is_born_on_a_known_day: bool,
}

/// Adds all eligible households of a scheme to tables of households and persons.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence<'_>, empty: &[Counted]) -> Vec<Counted> {
    let persons = matched.shared.matcher.persons();
    let day = matched.job.schemes[scheme].qualifying_date;
    let mut of_several: HashMap<u32, Vec<u32>> = HashMap::new();
    own.households.of_several().for_each(|(claim, household)| of_several.entry(household).or_default().push(claim));
    let all =
        (0..persons.claim_count() as u32).into_par_iter().filter(|claim| own.households.of_claim(*claim) == *claim);
    let counts = all.fold(Counts::default, |mut counts: Counts<(AnalystUnit, Shown)>, household| {
        let claims = of_several.get(&household).map_or(std::slice::from_ref(&household), Vec::as_slice);
        let Some(eligible) = eligible(matched, scheme, own, household, claims) else { return counts };
        let row = row_of(persons, eligible.claim);
        let claimant = persons.person_of(row);
        let mut count = |unit, row| {
            let shown = Shown::new(&eligible, persons.birth_date_and_postcode(row), day);
            *counts.entry((unit, shown)).or_default() += 1;
        };
        count(AnalystUnit::Households, row);
        let others = persons.people_of(eligible.claim).filter(|person| *person != claimant);
        for person in std::iter::once(claimant).chain(others).take(MOST_PERSONS) {
            count(AnalystUnit::Persons, persons.first_row(person));
        }
        counts
    });
    let counts = counts.reduce(Counts::default, joined);
    let mut counted: Vec<Counted> = empty.iter().map(Counted::emptied).collect();
    for ((unit, shown), count) in counts {
        counted.iter_mut().filter(|table| table.table().unit() == unit).for_each(|table| add(table, shown, count));
    }
    counted
}

/// The household of some claims, if it is eligible.
fn eligible(
    matched: &Matched<'_>,
    scheme: usize,
    own: &OwnEvidence<'_>,
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

impl Shown {
    fn new(eligible: &Eligible, (birth_date, postcode): (Option<Date>, Option<BritishPostcode>), day: Date) -> Shown {
        Shown {
            outcome: eligible.outcome,
            group: eligible.group,
            region: region_part(postcode.as_ref()) as u8,
            age: age_part(birth_date, day) as u8,
            is_born_on_a_known_day: birth_date.is_some(),
        }
    }
}

/// Adds households or persons to a table of theirs.
fn add(counted: &mut Counted, shown: Shown, count: u64) {
    use AnalystTable::{
        HouseholdsByAge, HouseholdsByBirthDate, HouseholdsByGroup, HouseholdsByRegion, PersonsByAge,
        PersonsByBirthDate, PersonsByGroup, PersonsByRegion,
    };
    let part = match counted.table() {
        HouseholdsByRegion | PersonsByRegion => usize::from(shown.region),
        HouseholdsByGroup | PersonsByGroup => usize::from(shown.group),
        HouseholdsByAge | PersonsByAge => usize::from(shown.age),
        HouseholdsByBirthDate | PersonsByBirthDate => usize::from(shown.is_born_on_a_known_day),
        _ => 0,
    };
    counted.add(part, shown.outcome, count);
}

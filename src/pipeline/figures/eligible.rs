//! Counts what became of the eligible in one scheme: households, persons and claims, by outcome.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};

use rayon::prelude::*;

use super::demographics::{AGE_NAMES, Demographic, Demographics};
use crate::job::Scheme;
use crate::normalise::postcode::region;
use crate::pipeline::judging::matched::Matched;
use crate::release::{EligibleOutcome, FigureBreakdown, Outcome, ReleaseError};
use crate::scheme::{Eligibility, Reason};

const OUTCOMES: usize = EligibleOutcome::ALL.len();

/// Counts by outcome, in the order of [`EligibleOutcome::ALL`].
type ByOutcome = [u64; OUTCOMES];

/// What became of the eligible in one scheme.
pub(crate) struct EligibleCounts {
    pub(crate) households: Breakdowns,
    /// Persons on eligible claims, by the outcome of their household.
    pub(crate) persons: Breakdowns,
    pub(crate) claims: Breakdowns,
}

/// Counts by outcome, as a whole and in parts.
#[derive(Clone, Default)]
pub(crate) struct Breakdowns {
    all: ByOutcome,
    regions: [ByOutcome; region::PARTS],
    /// By the group's place in the scheme.
    groups: Vec<ByOutcome>,
    ages: [ByOutcome; AGE_NAMES.len()],
    /// Without and with a known date of birth.
    birth_dates: [ByOutcome; 2],
}

impl Breakdowns {
    fn new(counts: &Counts) -> Breakdowns {
        let mut all = Breakdowns::default();
        for of_group in counts.0.chunks_exact(OUTCOMES * Demographic::COUNT) {
            let mut sum = ByOutcome::default();
            for (own, about) in of_group.chunks_exact(OUTCOMES).zip(Demographic::all()) {
                let parts = [
                    &mut all.all,
                    &mut sum,
                    &mut all.regions[about.region()],
                    &mut all.ages[about.age()],
                    &mut all.birth_dates[usize::from(about.is_birth_date_known())],
                ];
                parts
                    .into_iter()
                    .flat_map(|part| part.iter_mut().zip(own))
                    .for_each(|(sum, own)| *sum += u64::from(*own));
            }
            all.groups.push(sum);
        }
        all
    }

    /// The counts as a whole.
    pub(crate) fn by_outcome(&self) -> BTreeMap<EligibleOutcome, u64> {
        EligibleOutcome::ALL.into_iter().zip(self.all).collect()
    }

    /// Passes each part of each breakdown to `take`, in the order of the tables.
    pub(crate) fn each(
        &self,
        scheme: &Scheme,
        mut take: impl FnMut(FigureBreakdown, &str, &ByOutcome) -> Result<(), ReleaseError>,
    ) -> Result<(), ReleaseError> {
        take(FigureBreakdown::All, "", &self.all)?;
        for (part, counts) in self.regions.iter().enumerate() {
            take(FigureBreakdown::Region, region::name(part), counts)?;
        }
        for (place, group) in scheme.groups.iter().enumerate() {
            take(FigureBreakdown::Group, &group.id, &self.groups[place])?;
        }
        for (name, counts) in AGE_NAMES.into_iter().zip(&self.ages) {
            take(FigureBreakdown::Age, name, counts)?;
        }
        for (name, counts) in ["unknown", "known"].into_iter().zip(&self.birth_dates) {
            take(FigureBreakdown::BirthDate, name, counts)?;
        }
        Ok(())
    }
}

/// Counts by group, region and age, and by outcome: one of each kind that there can be.
struct Counts(Vec<u32>);

impl Counts {
    fn new(groups: usize) -> Counts {
        Counts(vec![0; groups * Demographic::COUNT * OUTCOMES])
    }

    fn add(&mut self, fate: Fate, about: Demographic) {
        let kind = usize::from(fate.group) * Demographic::COUNT + about.place();
        self.0[kind * OUTCOMES + fate.outcome as usize] += 1;
    }

    fn and(mut self, other: &Counts) -> Counts {
        self.0.iter_mut().zip(&other.0).for_each(|(all, own)| *all += own);
        self
    }
}

/// What became of an eligible claim, and through which group it is eligible.
#[derive(Debug, Clone, Copy)]
struct Fate {
    outcome: EligibleOutcome,
    group: u8,
    /// The claim stands for its household.
    stands_for_household: bool,
}

/// The outcome of a household in the tables.
fn outcome_of(outcome: Option<Outcome>, is_found: bool) -> EligibleOutcome {
    match outcome {
        Some(Outcome::Matched) => EligibleOutcome::Released,
        Some(Outcome::MatchedPending | Outcome::Reserved) => EligibleOutcome::Waiting,
        Some(Outcome::Objected) => EligibleOutcome::Objected,
        Some(Outcome::NotOnSupply) => EligibleOutcome::NotOnSupply,
        Some(Outcome::Review) => EligibleOutcome::Review,
        Some(Outcome::Limit) => EligibleOutcome::Limit,
        Some(Outcome::Unmatched) | None if is_found => EligibleOutcome::UnderThreshold,
        Some(Outcome::Unmatched) | None => EligibleOutcome::NotFound,
    }
}

/// How far an outcome decides for a household of several claims; the highest holds.
fn rank(outcome: EligibleOutcome) -> usize {
    use EligibleOutcome::{Limit, NotFound, NotOnSupply, Objected, Released, Review, UnderThreshold, Waiting};
    let from_lowest = [NotFound, NotOnSupply, UnderThreshold, Review, Limit, Objected, Waiting, Released];
    from_lowest.iter().position(|own| *own == outcome).unwrap_or_default()
}

/// What accounts say of each claim of one scheme: the group through which an account makes it eligible, or one of the
/// two below. The least holds.
struct SaidByAccounts(Vec<AtomicU8>);

/// An account's best candidate is on the claim. There are fewer groups than this.
const FOUND: u8 = u8::MAX - 1;

/// No account's best candidate is.
const NOTHING: u8 = u8::MAX;

impl SaidByAccounts {
    fn new(matched: &Matched<'_>, scheme: usize) -> SaidByAccounts {
        let claims = matched.shared.matcher.persons().claim_count();
        let said: Vec<AtomicU8> = (0..claims).map(|_| AtomicU8::new(NOTHING)).collect();
        for verdicts in matched.all_suppliers().filter_map(|supplier| supplier.verdicts[scheme].as_ref()) {
            verdicts.rows().par_iter().for_each(|row| {
                let claim = row.verdict.claim.filter(|_| row.verdict.reason != Reason::NotOnSupply);
                let own = row.verdict.group.unwrap_or(FOUND);
                if let Some(known) = claim.map(|claim| &said[claim as usize])
                    && known.load(Ordering::Relaxed) > own
                {
                    known.fetch_min(own, Ordering::Relaxed);
                }
            });
        }
        SaidByAccounts(said)
    }

    fn is_found(&self, claim: usize) -> bool {
        self.0[claim].load(Ordering::Relaxed) != NOTHING
    }

    fn group(&self, claim: usize) -> Option<u8> {
        Some(self.0[claim].load(Ordering::Relaxed)).filter(|group| *group < FOUND)
    }
}

/// By claim, what became of it; `None` if it is not eligible. All eligible claims of a household have the same outcome.
fn fates(matched: &Matched<'_>, scheme: usize) -> Vec<Option<Fate>> {
    let said = SaidByAccounts::new(matched, scheme);
    let shared = &matched.shared;
    let persons = shared.matcher.persons();
    let outcomes = matched.outcomes[scheme].par_iter().enumerate();
    let fates = outcomes.map(|(claim, outcome)| {
        let group = match shared.eligibilities.of_claim(claim as u32, scheme, None) {
            Eligibility::Through(group) => group,
            _ => said.group(claim)?,
        };
        Some(Fate { outcome: outcome_of(*outcome, said.is_found(claim)), group, stands_for_household: true })
    });
    let mut fates: Vec<Option<Fate>> = fates.collect();
    let in_order = shared.households[scheme].in_order();
    let households = in_order.par_chunk_by(|one, other| one.0 == other.0).flat_map_iter(|household| {
        let of_claim = |(_, claim): &(u32, u32)| Some((*claim, fates[*claim as usize]?));
        let eligible: Vec<(u32, Fate)> = household.iter().filter_map(of_claim).collect();
        let best = eligible.iter().map(|(_, fate)| fate.outcome).max_by_key(|outcome| rank(*outcome));
        // A household is counted once, with the eligible claim that is first by reference.
        let first = eligible.iter().map(|(claim, _)| *claim).min_by_key(|claim| (persons.claim_ref(*claim), *claim));
        let of_household = move |(claim, fate): (u32, Fate)| {
            let outcome = best.unwrap_or(fate.outcome);
            (claim, Fate { outcome, stands_for_household: first == Some(claim), ..fate })
        };
        eligible.into_iter().map(of_household)
    });
    let of_several: Vec<(u32, Fate)> = households.collect();
    of_several.into_iter().for_each(|(claim, fate)| fates[claim as usize] = Some(fate));
    fates
}

impl EligibleCounts {
    /// Counts the eligible of a scheme.
    pub(crate) fn new(matched: &Matched<'_>, scheme: usize) -> EligibleCounts {
        let fates = fates(matched, scheme);
        let persons = matched.shared.matcher.persons();
        let rules = &matched.job.schemes[scheme];
        let demographics = Demographics::new(persons, rules.qualifying_date);
        let none = || Counts::new(rules.groups.len());
        let claims = fates.par_iter().enumerate().filter_map(|(claim, fate)| Some((claim as u32, (*fate)?)));
        let of_claims = claims.fold(
            || (none(), none()),
            |(mut of_households, mut of_claims), (claim, fate)| {
                let about = demographics.of_claim(claim);
                of_claims.add(fate, about);
                if fate.stands_for_household {
                    of_households.add(fate, about);
                }
                (of_households, of_claims)
            },
        );
        let both = |one: (Counts, Counts), other: (Counts, Counts)| (one.0.and(&other.0), one.1.and(&other.1));
        let (of_households, of_claims) = of_claims.reduce(|| (none(), none()), both);
        let of_persons = (0..persons.count() as u32).into_par_iter().fold(none, |mut counts, person| {
            let fates = persons.claims_of(person).filter_map(|claim| fates[claim as usize]);
            if let Some(fate) = fates.max_by_key(|fate| (rank(fate.outcome), Reverse(fate.group))) {
                counts.add(fate, demographics.of_person(person));
            }
            counts
        });
        let of_persons = of_persons.reduce(none, |all, own| all.and(&own));
        let [households, persons, claims] = [of_households, of_persons, of_claims].map(|own| Breakdowns::new(&own));
        EligibleCounts { households, persons, claims }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each outcome of a claim, with and without an account that has its best candidate there.
    #[test]
    fn an_outcome_has_one_cause() {
        for (outcome, is_found, expected) in [
            (Some(Outcome::Matched), true, "released"),
            (Some(Outcome::MatchedPending), true, "waiting"),
            (Some(Outcome::Reserved), false, "waiting"),
            (Some(Outcome::Objected), true, "objected"),
            (Some(Outcome::NotOnSupply), false, "not-on-supply"),
            (Some(Outcome::Review), true, "review"),
            (Some(Outcome::Limit), true, "limit"),
            (Some(Outcome::Unmatched), true, "under-threshold"),
            (Some(Outcome::Unmatched), false, "not-found"),
            (None, false, "not-found"),
        ] {
            assert_eq!(outcome_of(outcome, is_found).as_str(), expected, "{outcome:?}, {is_found}");
        }
        let mut ranks: Vec<usize> = EligibleOutcome::ALL.into_iter().map(rank).collect();
        ranks.sort_unstable();
        assert!(ranks.into_iter().eq(0..OUTCOMES));
    }
}

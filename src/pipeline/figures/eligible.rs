//! Counts what became of the eligible in one scheme: households, persons and claims, by outcome.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use crate::date::Date;
use crate::job::Scheme;
use crate::matching::{Persons, Role};
use crate::normalise::postcode::{BritishPostcode, region};
use crate::pipeline::judging::matched::Matched;
use crate::release::{EligibleOutcome, FigureBreakdown, Outcome, ReleaseError};
use crate::scheme::{Eligibility, Reason};

/// Claims or persons that one worker counts at a time.
const A_CHUNK: usize = 1 << 14;

const OUTCOMES: usize = EligibleOutcome::ALL.len();

/// Counts by outcome, in the order of [`EligibleOutcome::ALL`].
type ByOutcome = [u64; OUTCOMES];

/// The youngest age of each age band.
const AGES: [u32; 8] = [0, 25, 35, 45, 55, 65, 75, 85];

/// The parts by age: each band, and that the date of birth is not known.
pub(crate) const AGE_NAMES: [&str; 9] =
    ["under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 to 74", "75 to 84", "85 and over", "not known"];

/// The part of somebody's age on a day.
pub(crate) fn age_part(birth_date: Option<Date>, day: Date) -> usize {
    birth_date.map_or(AGES.len(), |born| band_of(age(born, day)))
}

/// The part of the region of somebody's home.
pub(crate) fn region_part(postcode: Option<&BritishPostcode>) -> usize {
    region::part_of(postcode.map_or("", BritishPostcode::area))
}

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
    /// Counts one of a birth date and a British postcode, as far as they are known.
    fn add(&mut self, fate: Fate, (birth_date, postcode): (Option<Date>, Option<BritishPostcode>), day: Date) {
        let own = fate.outcome as usize;
        let group = usize::from(fate.group);
        if self.groups.len() <= group {
            self.groups.resize(group + 1, [0; OUTCOMES]);
        }
        self.all[own] += 1;
        self.regions[region_part(postcode.as_ref())][own] += 1;
        self.groups[group][own] += 1;
        self.ages[age_part(birth_date, day)][own] += 1;
        self.birth_dates[usize::from(birth_date.is_some())][own] += 1;
    }

    fn and(mut self, other: Breakdowns) -> Breakdowns {
        let longest = self.groups.len().max(other.groups.len());
        self.groups.resize(longest, [0; OUTCOMES]);
        fn add<'a>(all: impl IntoIterator<Item = &'a mut ByOutcome>, own: &[ByOutcome]) {
            all.into_iter().zip(own).for_each(|(all, own)| all.iter_mut().zip(own).for_each(|(all, own)| *all += own));
        }
        add([&mut self.all], &[other.all]);
        add(&mut self.regions, &other.regions);
        add(&mut self.groups, &other.groups);
        add(&mut self.ages, &other.ages);
        add(&mut self.birth_dates, &other.birth_dates);
        self
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
            take(FigureBreakdown::Group, &group.id, self.groups.get(place).unwrap_or(&[0; OUTCOMES]))?;
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

/// What became of an eligible claim, and through which group it is eligible.
#[derive(Debug, Clone, Copy)]
struct Fate {
    outcome: EligibleOutcome,
    group: u8,
}

/// Whole years from birth to a day.
fn age(born: Date, day: Date) -> u32 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    (day.year() - born.year().min(day.year())).saturating_sub(u32::from(!had_birthday))
}

fn band_of(age: u32) -> usize {
    AGES.partition_point(|youngest| *youngest <= age) - 1
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

/// What accounts say of the claims of one scheme.
struct SaidByAccounts {
    /// The claims that an account's best candidate is on.
    found: Vec<bool>,
    /// The group through which an account makes a claim eligible, by claim.
    groups: Vec<Option<u8>>,
}

impl SaidByAccounts {
    fn new(matched: &Matched<'_>, scheme: usize) -> SaidByAccounts {
        let claims = matched.shared.matcher.persons().claim_count();
        let mut said = SaidByAccounts { found: vec![false; claims], groups: vec![None; claims] };
        let verdicts = matched.all_suppliers().filter_map(|supplier| supplier.verdicts[scheme].as_ref());
        for row in verdicts.flat_map(|verdicts| &verdicts.of_accounts) {
            let Some(claim) = row.verdict.claim.filter(|_| row.verdict.reason != Reason::NotOnSupply) else { continue };
            said.found[claim as usize] = true;
            let own = &mut said.groups[claim as usize];
            *own = (*own).into_iter().chain(row.verdict.group).min();
        }
        said
    }
}

/// By claim, what became of it; `None` if it is not eligible. All eligible claims of a household have the same outcome.
fn fates(matched: &Matched<'_>, scheme: usize) -> Vec<Option<Fate>> {
    let said = SaidByAccounts::new(matched, scheme);
    let shared = &matched.shared;
    let mut fates: Vec<Option<Fate>> = matched.outcomes[scheme]
        .par_iter()
        .enumerate()
        .map(|(place, outcome)| {
            let group = match shared.eligibilities.of_claim(place as u32, scheme, None) {
                Eligibility::Through(group) => group,
                _ => said.groups[place]?,
            };
            Some(Fate { outcome: outcome_of(*outcome, said.found[place]), group })
        })
        .collect();
    let households = &shared.households[scheme];
    let mut best: HashMap<u32, EligibleOutcome> = HashMap::new();
    for (claim, household) in households.of_several() {
        let Some(Fate { outcome, .. }) = fates[claim as usize] else { continue };
        best.entry(household)
            .and_modify(|best| *best = std::cmp::max_by_key(*best, outcome, |outcome| rank(*outcome)))
            .or_insert(outcome);
    }
    for (claim, household) in households.of_several() {
        if let (Some(fate), Some(outcome)) = (&mut fates[claim as usize], best.get(&household)) {
            fate.outcome = *outcome;
        }
    }
    fates
}

/// The row that stands for a claim: its claimant's first, else its first.
pub(crate) fn row_of(persons: &Persons, claim: u32) -> u32 {
    let rows = persons.rows_of_claim(claim);
    rows.iter().copied().find(|row| persons.role(*row) == Role::Claimant).unwrap_or(rows[0])
}

impl EligibleCounts {
    /// Counts the eligible of a scheme.
    pub(crate) fn new(matched: &Matched<'_>, scheme: usize) -> EligibleCounts {
        let fates = fates(matched, scheme);
        let (persons, households) = (matched.shared.matcher.persons(), &matched.shared.households[scheme]);
        let day = matched.job.schemes[scheme].qualifying_date;
        // A household is counted once, with the eligible claim that is first by reference.
        let mut first: HashMap<u32, u32> = HashMap::new();
        for (claim, household) in households.of_several().filter(|(claim, _)| fates[*claim as usize].is_some()) {
            let before = |one: u32, other: u32| (persons.claim_ref(one), one) < (persons.claim_ref(other), other);
            let is_first = first.get(&household).is_none_or(|known| before(claim, *known));
            if is_first {
                first.insert(household, claim);
            }
        }
        let stands_for_household = |claim: u32| {
            let known = first.get(&households.of_claim(claim));
            known.is_none_or(|known| *known == claim)
        };
        // Chunk by chunk: counts are large, and a fold would move them for each claim.
        let of_chunk = |(chunk, fates): (usize, &[Option<Fate>])| {
            let (mut of_households, mut claims) = (Breakdowns::default(), Breakdowns::default());
            for (claim, fate) in (chunk * A_CHUNK..).zip(fates) {
                let Some(fate) = *fate else { continue };
                let about = persons.birth_date_and_postcode(row_of(persons, claim as u32));
                claims.add(fate, about, day);
                if stands_for_household(claim as u32) {
                    of_households.add(fate, about, day);
                }
            }
            (of_households, claims)
        };
        let nothing = || (Breakdowns::default(), Breakdowns::default());
        let (of_households, claims) = fates
            .par_chunks(A_CHUNK)
            .enumerate()
            .map(of_chunk)
            .reduce(nothing, |one, other| (one.0.and(other.0), one.1.and(other.1)));
        let count = persons.count();
        let of_persons = (0..count.div_ceil(A_CHUNK)).into_par_iter().map(|chunk| {
            let mut counts = Breakdowns::default();
            for person in (chunk * A_CHUNK) as u32..count.min((chunk + 1) * A_CHUNK) as u32 {
                let fates = persons.claims_of(person).filter_map(|claim| fates[claim as usize]);
                if let Some(fate) = fates.max_by_key(|fate| (rank(fate.outcome), std::cmp::Reverse(fate.group))) {
                    counts.add(fate, persons.birth_date_and_postcode(persons.first_row(person)), day);
                }
            }
            counts
        });
        let of_persons = of_persons.reduce(Breakdowns::default, Breakdowns::and);
        EligibleCounts { households: of_households, persons: of_persons, claims }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_whole_years_on_the_day() {
        let day = Date::new(2026, 8, 23).unwrap();
        for ((year, month, date), expected) in [
            ((2001, 8, 23), "25 to 34"),
            ((2001, 8, 24), "under 25"),
            ((2026, 9, 1), "under 25"),
            ((1941, 8, 23), "85 and over"),
            ((1941, 8, 24), "75 to 84"),
        ] {
            let band = band_of(age(Date::new(year, month, date).unwrap(), day));
            assert_eq!(AGE_NAMES[band], expected, "{year}-{month}-{date}");
        }
    }

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

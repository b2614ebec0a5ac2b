//! Decides from awards, incomes and energy scores whether the people on each claim are eligible in each scheme.

use std::cell::OnceCell;

use rayon::prelude::*;

use super::awards::{Awards, GroupIndex};
use super::conditions::{self, Condition, least_score};
use super::energy_scores::EnergyScores;
use crate::job::{Group, Job};
use crate::matching::Persons;
use crate::memory;

/// Whether the people on a claim are eligible in a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eligibility {
    /// Eligible through the group at that place in the scheme.
    Through(u8),
    /// Every condition that is known holds, but an income or an energy score is not known.
    NotDecidable,
    /// Eligible through no group.
    No,
}

/// What is known of a claim's eligibility in a scheme without the account.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ClaimEligibility {
    /// The first group whose conditions hold for any account.
    through: Option<u8>,
    /// The group that asks for the lowest score, among those that need only the account's score, since none
    /// is known at the claimant's UPRN.
    with_score: Option<OfGroup>,
    /// Only an income is missing for some group if the account's score is at least what this group asks for, or
    /// [whatever it is](ANY_SCORE).
    income_unknown: Option<OfGroup>,
}

/// A group, by its place, and the least score that it asks for.
type OfGroup = (u8, f32);

/// Stands for a group that asks for no score of the account. A job has at most 64 groups.
const ANY_SCORE: u8 = u8::MAX - 1;

const NONE: ClaimEligibility = ClaimEligibility { through: None, with_score: None, income_unknown: None };

/// The groups of a [`ClaimEligibility`], since a nation has millions of claims: what they ask for is known once for all.
/// The highest number stands for no group.
#[derive(Clone, Copy)]
struct Packed {
    through: u8,
    with_score: u8,
    income_unknown: u8,
}

impl Packed {
    fn new(ClaimEligibility { through, with_score, income_unknown }: ClaimEligibility) -> Packed {
        let group = |asking: Option<OfGroup>| asking.map_or(u8::MAX, |(group, _)| group);
        Packed {
            through: through.unwrap_or(u8::MAX),
            with_score: group(with_score),
            income_unknown: group(income_unknown),
        }
    }

    /// `leasts` is what each group of the scheme asks for.
    fn unpack(self, leasts: &[f32]) -> ClaimEligibility {
        let known = |group: u8| (group != u8::MAX).then_some(group);
        let least = |group: u8| (group, leasts.get(usize::from(group)).copied().unwrap_or(f32::MIN));
        ClaimEligibility {
            through: known(self.through),
            with_score: known(self.with_score).map(least),
            income_unknown: known(self.income_unknown).map(least),
        }
    }
}

/// The eligibility of all claims in all schemes of a job.
pub(crate) struct ClaimEligibilities {
    eligibilities: Vec<Packed>,
    /// By scheme, the least score that each group asks for; any if it asks for none.
    leasts: Vec<Vec<f32>>,
}

impl ClaimEligibilities {
    pub(crate) fn new(
        job: &Job,
        groups: &GroupIndex,
        persons: &Persons,
        awards: &Awards,
        scores: &EnergyScores,
    ) -> ClaimEligibilities {
        let schemes = job.schemes.len();
        let of_claim = |place: usize| {
            let (claim, scheme) = ((place / schemes) as u32, place % schemes);
            let rows = persons.rows_of_claim(claim);
            let income = rows.iter().filter_map(|&row| awards.of_row(row).income).reduce(f64::max);
            let known = OnceCell::new();
            // Looked up only if needed: few claims need it, and each lookup waits for memory.
            let score = || *known.get_or_init(|| scores.of_claim(claim, persons));
            Packed::new(standing(job, groups, awards, scheme, rows, income, &score))
        };
        let all = (0..persons.claim_count() * schemes).into_par_iter();
        let leasts = job.schemes.iter().map(|scheme| scheme.groups.iter().map(least_of).collect());
        ClaimEligibilities { eligibilities: memory::collected(all.map(of_claim)), leasts: leasts.collect() }
    }

    /// Whether the people on a claim are eligible in a scheme; `score` is the one at the account's UPRN.
    pub(crate) fn of_claim(&self, claim: u32, scheme: usize, score: Option<f32>) -> Eligibility {
        let standing = self.at(claim, scheme);
        if let Some(group) = standing.through {
            return Eligibility::Through(group);
        }
        match (standing.with_score, score) {
            (Some((group, least)), Some(score)) if score >= least => Eligibility::Through(group),
            (Some(_), None) => Eligibility::NotDecidable,
            _ => match standing.income_unknown {
                Some((_, least)) if score.is_none_or(|score| score >= least) => Eligibility::NotDecidable,
                _ => Eligibility::No,
            },
        }
    }

    fn at(&self, claim: u32, scheme: usize) -> ClaimEligibility {
        self.eligibilities[claim as usize * self.leasts.len() + scheme].unpack(&self.leasts[scheme])
    }

    /// Prefetches the eligibility of a claim in a scheme.
    pub(crate) fn prefetch(&self, claim: u32, scheme: usize) {
        memory::prefetch(&self.eligibilities[claim as usize * self.leasts.len() + scheme..][..1]);
    }

    /// The claim may carry a rebate in the scheme: it is eligible, or could be if every value were known.
    pub(crate) fn may_carry(&self, claim: u32, scheme: usize) -> bool {
        let standing = self.at(claim, scheme);
        standing.through.is_some() || standing.with_score.is_some() || standing.income_unknown.is_some()
    }
}

/// Whether a claim has an award of a benefit that qualifies for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BenefitCondition {
    /// Such an award is open on the qualifying date.
    Open,
    /// There is an award, but it is not open on that date.
    NotOpen,
    /// There is no such award.
    None,
}

/// The conditions of one group, for one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClaimConditions {
    pub(crate) benefit: BenefitCondition,
    pub(crate) income: Condition,
    /// By the score at the claimant's UPRN. If none is known, the account's score decides.
    pub(crate) score: Condition,
}

/// Checks each condition of each group of a scheme separately, to explain why a claim is eligible or not.
pub(crate) fn conditions(
    job: &Job,
    awards: &Awards,
    persons: &Persons,
    scores: &EnergyScores,
    scheme: usize,
    claim: u32,
) -> Vec<ClaimConditions> {
    let groups = GroupIndex::new(job);
    let rows = persons.rows_of_claim(claim);
    let income = rows.iter().filter_map(|&row| awards.of_row(row).income).reduce(f64::max);
    let day = job.schemes[scheme].qualifying_date;
    let of_group = |(place, group): (usize, &Group)| {
        let bit = groups.bit(scheme, place);
        let mut qualifying =
            rows.iter().map(|&row| awards.of_row(row)).filter(|award| award.groups & bit != 0).peekable();
        let has_any = qualifying.peek().is_some();
        let benefit = match qualifying.any(|award| award.is_open_on(day)) {
            true => BenefitCondition::Open,
            false if has_any => BenefitCondition::NotOpen,
            false => BenefitCondition::None,
        };
        let score = conditions::score(group, || scores.of_claim(claim, persons));
        ClaimConditions { benefit, income: conditions::income(group, income), score }
    };
    job.schemes[scheme].groups.iter().enumerate().map(of_group).collect()
}

/// The least energy-cost score that a group asks for; any if it asks for none.
fn least_of(group: &Group) -> f32 {
    least_score(group).unwrap_or(f32::MIN)
}

fn standing(
    job: &Job,
    groups: &GroupIndex,
    awards: &Awards,
    scheme: usize,
    rows: &[u32],
    income: Option<f64>,
    score: &dyn Fn() -> Option<f32>,
) -> ClaimEligibility {
    let day = job.schemes[scheme].qualifying_date;
    let open = rows.iter().map(|&row| awards.of_row(row)).filter(|award| award.is_open_on(day));
    let qualifying = open.fold(0, |set, award| set | award.groups);
    if qualifying == 0 {
        return NONE;
    }
    let mut standing = NONE;
    for (place, group) in job.schemes[scheme].groups.iter().enumerate() {
        if qualifying & groups.bit(scheme, place) == 0 {
            continue;
        }
        let (place, least) = (place as u8, least_of(group));
        let is_less = |known: Option<OfGroup>| known.is_none_or(|(_, other)| least < other);
        match (conditions::income(group, income).holds(), conditions::score(group, score).holds()) {
            (Some(true), Some(true)) => standing.through = standing.through.or(Some(place)),
            (Some(true), None) if is_less(standing.with_score) => standing.with_score = Some((place, least)),
            (None, Some(true)) => standing.income_unknown = Some((ANY_SCORE, f32::MIN)),
            (None, None) if is_less(standing.income_unknown) => standing.income_unknown = Some((place, least)),
            _ => {}
        }
    }
    standing
}

#[cfg(test)]
#[path = "claim_eligibility_tests.rs"]
mod tests;

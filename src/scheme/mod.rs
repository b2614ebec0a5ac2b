//! Decides which accounts get the flag in each scheme.
//!
//! The verdict on one account ([`verdict`]) rests on the [eligibility](claim_eligibility) of its candidates' claims.
//! Then one account of each [household](households) gets its rebate ([`allocation`]), since a household gets
//! one rebate and a scheme may have a limit.

mod allocation;
mod awards;
mod claim_eligibility;
mod conditions;
mod current_rows;
mod decisions;
mod energy_scores;
mod exceptions;
mod households;
mod objections;
mod reason;
#[cfg(test)]
mod test_records;
mod verdict;

pub(crate) use allocation::{Basis, Contender, Contenders, Delivery, Fate, Outcome, Position, Rebate, Rules, allocate};
pub(crate) use awards::{Award, Awards, GroupIndex};
pub(crate) use claim_eligibility::{BenefitCondition, ClaimConditions, ClaimEligibilities, Eligibility, conditions};
pub(crate) use current_rows::CurrentRows;
pub(crate) use decisions::{Decision, DecisionKey, Decisions, Moment, Ruling};
pub(crate) use energy_scores::{EnergyScores, PropertyRows};
pub(crate) use exceptions::{Exception, ExceptionKind, Exceptions};
pub(crate) use households::Households;
pub(crate) use objections::{ObjectionRows, Objections};
pub(crate) use reason::Reason;
pub(crate) use verdict::{
    AccountEvidence, Judgement, LikelyPerson, SchemeView, Verdict, improbable, improbable_each, judge, standing_of,
};

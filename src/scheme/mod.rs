//! Who gets the flag: in go the holders' candidates and what the benefit records say of each claim, out
//! comes for every account and scheme a verdict.
//!
//! The verdict of one account ([`verdict`]) rests on the [standing](standing) of its candidates' claims.
//! Then one account of each [household](households) gets its rebate ([`allocation`]), since a household has
//! one and a scheme may have only so many.

mod allocation;
mod awards;
mod current_rows;
mod decisions;
mod energy_scores;
mod exceptions;
mod households;
mod objections;
mod standing;
mod verdict;

pub(crate) use allocation::{Basis, Contender, Delivery, Fate, Outcome, Position, Rebate, Rules, allocate};
pub(crate) use awards::{Award, Awards, GroupIndex};
pub(crate) use current_rows::CurrentRows;
pub(crate) use decisions::{Decision, DecisionKey, Decisions, Moment, Ruling};
pub(crate) use energy_scores::{EnergyScores, PropertyRows};
pub(crate) use exceptions::{Exception, ExceptionKind, Exceptions};
pub(crate) use households::Households;
pub(crate) use objections::{ObjectionRows, Objections};
pub(crate) use standing::{BenefitCondition, ClaimConditions, Eligibility, Standings, conditions};
pub(crate) use verdict::{AccountEvidence, Judgement, LikelyPerson, Reason, SchemeView, Verdict, judge, standing_of};

//! Who gets the flag: in go the holders' candidates and what the benefit records say of each claim, out
//! comes for every account and scheme a verdict.
//!
//! The verdict of one account ([`verdict`]) rests on the [standing](standing) of its candidates' claims;
//! then the verdicts of all suppliers are [settled](settlement) against each other, since a claim carries
//! one rebate and a scheme may have only so many.

mod awards;
mod decisions;
mod energy_scores;
mod exceptions;
mod objections;
mod settlement;
mod standing;
mod verdict;

pub(crate) use awards::{Award, Awards, GroupIndex};
pub(crate) use decisions::{Decision, DecisionKey, Decisions};
pub(crate) use energy_scores::{EnergyScores, PropertyRows};
pub(crate) use exceptions::{Exception, ExceptionKind, Exceptions};
pub(crate) use objections::{ObjectionRows, Objections};
pub(crate) use settlement::{Contender, Settled, Support, settle};
pub(crate) use standing::{BenefitCondition, ClaimConditions, Eligibility, Standings, conditions};
pub(crate) use verdict::{AccountEvidence, Judgement, LikelyPerson, Reason, SchemeView, Verdict, judge, standing_of};

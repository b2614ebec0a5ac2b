//! Checks the further conditions of a group, beside its benefits: income and energy-cost score.

use crate::job::Group;

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The group does not ask for it.
    NotAsked,
    Holds,
    Fails,
    /// The value is not known.
    Unknown,
}

impl Condition {
    fn new(is_asked: bool, holds: Option<bool>) -> Condition {
        match holds {
            _ if !is_asked => Condition::NotAsked,
            Some(true) => Condition::Holds,
            Some(false) => Condition::Fails,
            None => Condition::Unknown,
        }
    }

    /// Whether nothing more need be known: `None` if the value is not known.
    pub(super) fn holds(self) -> Option<bool> {
        match self {
            Condition::NotAsked | Condition::Holds => Some(true),
            Condition::Fails => Some(false),
            Condition::Unknown => None,
        }
    }

    /// In a word. `None` if the group does not ask for it.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Condition::NotAsked => None,
            Condition::Holds => Some("holds"),
            Condition::Fails => Some("fails"),
            Condition::Unknown => Some("unknown"),
        }
    }
}

/// The group has a condition on the income.
pub(super) fn asks_for_income(group: &Group) -> bool {
    group.max_income.is_some()
}

/// The condition on the income, in pounds a year.
pub(super) fn income(group: &Group, income: Option<f64>) -> Condition {
    let holds = income.map(|income| group.max_income.is_none_or(|most| income <= most));
    Condition::new(asks_for_income(group), holds)
}

/// The least energy-cost score that a group asks for.
pub(super) fn least_score(group: &Group) -> Option<f32> {
    group.min_energy_cost_score.map(|least| least as f32)
}

/// The condition on the energy-cost score. `score` is looked up only if the group asks for it.
pub(super) fn score(group: &Group, score: impl FnOnce() -> Option<f32>) -> Condition {
    match least_score(group) {
        None => Condition::NotAsked,
        Some(least) => Condition::new(true, score().map(|score| score >= least)),
    }
}

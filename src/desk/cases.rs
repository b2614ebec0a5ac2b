//! Puts the accounts that staff are asked about together into cases, and orders these by what a decision is expected to
//! bring.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::pipeline::casework::{Casework, Question};
use crate::release::Chance;
use crate::scheme::Reason;

/// A case: one account, or several that hang together.
pub(super) struct Case {
    /// The accounts, by their places among the questions.
    pub(super) questions: Vec<usize>,
    /// How many rebates decisions are expected to add.
    pub(super) expected: f64,
    /// Until when a decision is of use.
    pub(super) until: Option<Date>,
    /// What the queue shows.
    pub(super) reason: Reason,
    pub(super) supplier: usize,
    pub(super) band: &'static str,
    pub(super) since: Option<Date>,
}

/// The most accounts of one case: more cannot be looked at together.
const MOST_TOGETHER: usize = 6;

/// Lists the cases in their order. Clear ones stand between the others, and show what their neighbour shows.
pub(super) fn list(casework: &Casework) -> Vec<Case> {
    let questions = casework.questions();
    let mut groups = Groups((0..questions.len()).collect());
    let mut first_of: HashMap<(usize, bool, u32), usize> = HashMap::new();
    for (place, question) in questions.iter().enumerate().filter(|(_, question)| question.clear.is_none()) {
        let by_person = casework.likely(question).into_iter().map(|person| (question.scheme, true, person));
        let by_household = question.household.map(|household| (question.scheme, false, household));
        for key in by_person.chain(by_household) {
            let first = *first_of.entry(key).or_insert(place);
            groups.join(first, place);
        }
    }
    let mut by_root: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..questions.len() {
        by_root.entry(groups.root(place)).or_default().push(place);
    }
    let mut cases: Vec<Case> = Vec::new();
    let mut clear = Vec::new();
    for own in by_root.into_values() {
        if questions[own[0]].clear.is_some() {
            clear.push(case(casework, own));
        } else if own.len() > MOST_TOGETHER {
            cases.extend(own.into_iter().map(|one| case(casework, vec![one])));
        } else {
            cases.push(case(casework, own));
        }
    }
    let order = |case: &Case| {
        let until = case.until.map_or((true, None), |until| (false, Some(until)));
        (Reverse(Chance::new(case.expected / 100.0)), until, case.questions[0])
    };
    cases.sort_by_cached_key(order);
    mix(cases, clear)
}

fn case(casework: &Casework, own: Vec<usize>) -> Case {
    let questions: Vec<&Question> = own.iter().map(|place| &casework.questions()[*place]).collect();
    // Accounts of one household can bring one rebate.
    let mut by_household: HashMap<(Option<u32>, usize), Chance> = HashMap::new();
    for (place, question) in questions.iter().enumerate() {
        let household = question.household.map_or((None, place), |household| (Some(household), 0));
        let chance = by_household.entry(household).or_default();
        *chance = (*chance).max(question.chance);
    }
    let first = questions[0];
    Case {
        expected: Chance::expected(by_household.into_values()),
        until: questions.iter().filter_map(|question| question.until).min(),
        reason: first.reason,
        supplier: first.supplier,
        band: Casework::band(first),
        since: questions.iter().filter_map(|question| question.since).min(),
        questions: own,
    }
}

/// Spreads the clear cases evenly over the others.
fn mix(cases: Vec<Case>, clear: Vec<Case>) -> Vec<Case> {
    let every = (cases.len() / clear.len().max(1)).max(1);
    let mut clear = clear.into_iter();
    let mut mixed: Vec<Case> = Vec::with_capacity(cases.len() + clear.len());
    for (place, case) in cases.into_iter().enumerate() {
        // Not at the same place of each stretch, or reviewers would soon know it.
        let is_place = place / every * 7 % every == place % every;
        let shown = (case.expected, case.until, case.band, case.since);
        mixed.push(case);
        if is_place && let Some(own) = clear.next() {
            let (expected, until, band, since) = shown;
            mixed.push(Case { expected, until, band, since, ..own });
        }
    }
    mixed.extend(clear);
    mixed
}

/// Disjoint sets, each named by one of its members.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut one: usize) -> usize {
        while self.0[one] != one {
            self.0[one] = self.0[self.0[one]];
            one = self.0[one];
        }
        one
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// Which cases a reviewer wants to see. An empty text or `None` means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    pub(super) reason: String,
    pub(super) supplier: String,
    pub(super) band: String,
    /// At least so many days old.
    pub(super) age: String,
}

impl Filter {
    /// Whether the case is to be seen.
    pub(super) fn wants(&self, case: &Case, casework: &Casework) -> bool {
        let is = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        let age = days_since(case.since, casework.day);
        let least: i64 = self.age.parse().unwrap_or(0);
        is(&self.reason, case.reason.name())
            && is(&self.supplier, casework.supplier_id(case.supplier))
            && is(&self.band, case.band)
            && (least == 0 || age.is_some_and(|age| age >= least))
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Filter::default()
    }
}

/// The days from a day until today; `None` if the day is not known.
pub(super) fn days_since(day: Option<Date>, today: Date) -> Option<i64> {
    day.and_then(|day| Some(i64::from(day.until(today).ok()?.get_days())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_hang_together_through_others_form_one_group() {
        let mut groups = Groups((0..6).collect());
        for (one, other) in [(4, 1), (1, 5), (3, 2)] {
            groups.join(one, other);
        }
        let roots: Vec<usize> = (0..6).map(|one| groups.root(one)).collect();
        assert_eq!(roots, [0, 1, 2, 2, 1, 1]);
    }

    fn bare(place: usize) -> Case {
        let (expected, reason) = (1.0 / (place + 1) as f64, Reason::Uncertain);
        Case { questions: vec![place], expected, until: None, reason, supplier: 0, band: "", since: None }
    }

    #[test]
    fn clear_cases_stand_between_the_others_and_show_what_these_show() {
        for (count, clear) in [(100, 5), (7, 2), (3, 3), (1, 4), (0, 1), (10, 0)] {
            let mixed = mix((0..count).map(bare).collect(), (1000..1000 + clear).map(bare).collect());
            let own: Vec<usize> = mixed.iter().map(|case| case.questions[0]).collect();
            let others: Vec<usize> = own.iter().copied().filter(|place| *place < 1000).collect();
            assert_eq!(others, (0..count).collect::<Vec<_>>(), "the order of the others stays");
            assert_eq!(own.len(), count + clear, "{count}, {clear}");
            for pair in mixed.windows(2).filter(|pair| pair[1].questions[0] >= 1000 && pair[0].questions[0] < 1000) {
                assert_eq!(pair[0].expected, pair[1].expected);
            }
        }
    }
}

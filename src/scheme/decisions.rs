//! Keeps the latest decision of the administrator's staff on each account.

use std::collections::{HashMap, HashSet};
use std::fmt;

use rayon::prelude::*;

use crate::date::Date;
use crate::matching::Persons;

/// The moment of a decision: a day, perhaps with a time of day. A day without a time counts as its beginning. A
/// decision without a day counts as earlier than all others.
///
/// Displayed as `2026-10-03`, `2026-10-03T14:05:00`, or `undated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment {
    day: Option<Date>,
    /// Seconds after midnight; `None` if no time is stated.
    time: Option<u32>,
}

impl Moment {
    pub(crate) fn new(day: Option<Date>, seconds: Option<u32>) -> Moment {
        Moment { day, time: day.and(seconds) }
    }

    /// The day, if it is known.
    pub(crate) fn day(self) -> Option<Date> {
        self.day
    }

    /// A number that orders as moments do.
    pub(crate) fn number(self) -> u64 {
        let day = self.day.map_or(0, |day| u64::from(day.packed()));
        day << 32 | self.time.map_or(0, |time| u64::from(time) + 1)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.time) {
            (None, _) => f.write_str("undated"),
            (Some(day), None) => write!(f, "{day}"),
            (Some(day), Some(time)) => {
                write!(f, "{day}T{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60)
            }
        }
    }
}

/// What was decided in review or on the helpline.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The account is eligible for the rebate.
    pub(crate) eligible: bool,
    /// The claim it rests on; empty if it names no claim.
    pub(crate) claim_ref: String,
    /// The person it rests on; empty if it names no person.
    pub(crate) person_ref: String,
    /// When.
    pub(crate) moment: Moment,
}

impl Decision {
    /// Merges two decisions of one moment; `None` if they contradict each other in the flag, the claim or the
    /// person.
    fn and(&self, other: &Decision) -> Option<Decision> {
        let both = |one: &str, other: &str| match (one.is_empty(), other.is_empty()) {
            (true, _) => Some(other.to_owned()),
            (_, true) => Some(one.to_owned()),
            _ => (one == other).then(|| one.to_owned()),
        };
        let claim_ref = both(&self.claim_ref, &other.claim_ref)?;
        let person_ref = both(&self.person_ref, &other.person_ref)?;
        (self.eligible == other.eligible).then_some(Decision { claim_ref, person_ref, ..*self })
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// The outcome of all decisions on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// The last decision holds.
    Stands(Decision),
    /// The last decisions are of one moment and contradict each other: none of them holds.
    Contradiction(Moment),
}

impl Ruling {
    /// When it was made.
    pub(crate) fn moment(&self) -> Moment {
        match self {
            Ruling::Stands(decision) => decision.moment,
            Ruling::Contradiction(moment) => *moment,
        }
    }

    /// The decision that holds.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match self {
            Ruling::Stands(decision) => Some(decision),
            Ruling::Contradiction(_) => None,
        }
    }
}

/// Supplier, account and scheme.
pub(crate) type DecisionKey = (String, String, String);

/// Decisions by supplier, account and scheme. A later moment supersedes an earlier one; the order of rows
/// does not matter.
#[derive(Default)]
pub(crate) struct Decisions {
    rulings: HashMap<DecisionKey, Ruling>,
    /// The claims and persons of the run that decisions name, after [`look_up`](Decisions::look_up).
    claims: HashMap<String, u32>,
    persons: HashMap<String, u32>,
}

impl Decisions {
    /// Adds a row.
    pub(crate) fn push(&mut self, key: DecisionKey, decision: Decision) {
        self.take(key, Ruling::Stands(decision));
    }

    /// Adds the decisions of another part of the files.
    pub(crate) fn append(&mut self, other: Decisions) {
        for (key, ruling) in other.rulings {
            self.take(key, ruling);
        }
    }

    fn take(&mut self, key: DecisionKey, ruling: Ruling) {
        match self.rulings.get_mut(&key) {
            Some(earlier) if earlier.moment() > ruling.moment() => {}
            Some(earlier) if earlier.moment() == ruling.moment() => {
                let moment = ruling.moment();
                let both = earlier.decision().zip(ruling.decision()).and_then(|(one, other)| one.and(other));
                *earlier = both.map_or(Ruling::Contradiction(moment), Ruling::Stands);
            }
            Some(earlier) => *earlier = ruling,
            None => {
                self.rulings.insert(key, ruling);
            }
        }
    }

    /// Looks up the claims and persons that decisions name. A placeholder names nobody.
    pub(crate) fn look_up(&mut self, persons: &Persons) {
        let all = || self.rulings.values().filter_map(Ruling::decision);
        let claims: HashSet<&str> = all().map(|decision| decision.claim_ref.as_str()).collect();
        let people: HashSet<&str> = all().map(|decision| decision.person_ref.as_str()).collect();
        let found: Vec<(String, u32)> = (0..if claims.is_empty() { 0 } else { persons.claim_count() as u32 })
            .into_par_iter()
            .filter_map(|claim| Some((persons.named_claim_ref(claim)?, claim)))
            .filter(|(claim_ref, _)| claims.contains(claim_ref))
            .map(|(claim_ref, claim)| (claim_ref.to_owned(), claim))
            .collect();
        let found_people: Vec<(String, u32)> =
            (0..if people.len() < 2 && people.contains("") { 0 } else { persons.row_count() as u32 })
                .into_par_iter()
                .map(|row| (persons.person_ref(row), row))
                .filter(|(person_ref, _)| people.contains(person_ref) && persons.identifies_person(person_ref))
                .map(|(person_ref, row)| (person_ref.to_owned(), persons.person_of(row)))
                .collect();
        (self.claims, self.persons) = (found.into_iter().collect(), found_people.into_iter().collect());
    }

    /// The decisions that name a claim, with their accounts.
    pub(crate) fn naming(&self, claim_ref: &str) -> impl Iterator<Item = (&DecisionKey, &Decision)> {
        let all = self.rulings.iter().filter_map(|(key, ruling)| Some((key, ruling.decision()?)));
        all.filter(move |(_, decision)| decision.claim_ref == claim_ref)
    }

    /// The claim that a decision names; `None` if the benefit records do not have it.
    pub(crate) fn claim(&self, claim_ref: &str) -> Option<u32> {
        self.claims.get(claim_ref).copied()
    }

    /// The person that a decision names; `None` if the benefit records do not have them.
    pub(crate) fn person(&self, person_ref: &str) -> Option<u32> {
        self.persons.get(person_ref).copied()
    }

    /// There are no decisions.
    pub(crate) fn is_empty(&self) -> bool {
        self.rulings.is_empty()
    }

    /// The ruling on an account in a scheme, if there is one.
    pub(crate) fn on(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<&Ruling> {
        if self.rulings.is_empty() {
            return None;
        }
        self.rulings.get(&(supplier.to_owned(), customer_ref.to_owned(), scheme.to_owned()))
    }

    /// The accounts that have a ruling.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (String, String)> {
        self.rulings.keys().map(|(supplier, customer_ref, _)| (supplier.clone(), customer_ref.clone()))
    }

    /// The accounts of a supplier that have a ruling in a scheme, in the order of their references.
    pub(crate) fn of_supplier<'d>(&'d self, supplier: &str, scheme: &str) -> Vec<(&'d str, &'d Ruling)> {
        let own = self.rulings.iter().filter(|((own, _, of), _)| own == supplier && of == scheme);
        let mut own: Vec<_> = own.map(|((_, customer_ref, _), ruling)| (customer_ref.as_str(), ruling)).collect();
        own.sort_unstable_by_key(|(customer_ref, _)| *customer_ref);
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_moment_supersedes_and_a_contradiction_of_one_moment_voids_both() {
        let key = || ("s".to_owned(), "a".to_owned(), "whd".to_owned());
        let decision = |eligible, day, time: Option<u32>| Decision {
            eligible,
            claim_ref: "C".to_owned(),
            person_ref: String::new(),
            moment: Moment::new(Date::new(2026, 9, day), time),
        };
        let other_claim = Decision { claim_ref: "D".to_owned(), ..decision(true, 2, None) };
        let nobody = Decision { claim_ref: String::new(), ..decision(true, 2, None) };
        let person = Decision { person_ref: "P".to_owned(), ..nobody.clone() };
        for (rows, eligible) in [
            (vec![decision(true, 1, None), decision(false, 2, None)], Some(false)),
            (vec![decision(false, 2, None), decision(true, 1, None)], Some(false)),
            (vec![decision(false, 2, None), decision(true, 2, Some(60))], Some(true)),
            (vec![decision(true, 2, Some(90)), decision(false, 2, Some(60))], Some(true)),
            (vec![decision(false, 2, None), decision(true, 2, None)], None),
            (vec![decision(true, 2, None), decision(true, 2, None)], Some(true)),
            (vec![decision(true, 2, None), other_claim.clone()], None),
            (vec![decision(true, 2, None), other_claim.clone(), decision(false, 3, None)], Some(false)),
            // One names the claim, one the person, one neither: they say the same.
            (vec![decision(true, 2, None), nobody.clone(), person.clone()], Some(true)),
            (vec![other_claim, person, decision(true, 2, None)], None),
            (vec![decision(false, 3, None), nobody], Some(false)),
            // The thirty-first of September is no day: such a row is undated, and the first of all.
            (vec![decision(true, 31, None), decision(false, 2, None)], Some(false)),
            (vec![decision(true, 31, None), decision(false, 31, None)], None),
        ] {
            for turned in [false, true] {
                let mut decisions = Decisions::default();
                let mut rows = rows.clone();
                if turned {
                    rows.reverse();
                }
                rows.into_iter().for_each(|row| decisions.push(key(), row));
                let ruling = decisions.on("s", "a", "whd").unwrap();
                assert_eq!(ruling.decision().map(|decision| decision.eligible), eligible);
                assert!(decisions.on("s", "b", "whd").is_none());
            }
        }
    }

    #[test]
    fn a_moment_reads_as_it_was_stated() {
        let day = Date::new(2026, 10, 3);
        for (moment, text) in [
            (Moment::new(day, None), "2026-10-03"),
            (Moment::new(day, Some(0)), "2026-10-03T00:00:00"),
            (Moment::new(day, Some(14 * 3600 + 5 * 60 + 9)), "2026-10-03T14:05:09"),
            (Moment::new(None, Some(5)), "undated"),
        ] {
            assert_eq!(moment.to_string(), text);
        }
        assert!(Moment::new(day, None).number() < Moment::new(day, Some(0)).number());
        assert!(Moment::default().number() < Moment::new(Date::new(1, 1, 1), None).number());
    }
}

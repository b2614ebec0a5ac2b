//! Human decisions: in go rows of the decisions files, out comes what the administrator's staff last
//! decided on an account.

use std::collections::HashMap;

use crate::date::Date;
use crate::matching::Persons;

/// What was decided in review or on the helpline.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// The account is due the rebate.
    pub(crate) eligible: bool,
    /// The claim it rests on; empty where none was given.
    pub(crate) claim_ref: String,
    /// That claim among those of the run, once it is looked up.
    pub(crate) claim: Option<u32>,
    /// The day of the decision.
    pub(crate) decided_on: Option<Date>,
}

/// Supplier, account and scheme.
pub(crate) type DecisionKey = (String, String, String);

/// Decisions by supplier, account and scheme. A later day supersedes an earlier one; of one day, the
/// later row.
#[derive(Default)]
pub(crate) struct Decisions {
    decisions: HashMap<DecisionKey, Decision>,
}

impl Decisions {
    /// Takes in a row that stands after all that were taken in before.
    pub(crate) fn push(&mut self, key: DecisionKey, decision: Decision) {
        match self.decisions.get_mut(&key) {
            Some(earlier) if earlier.decided_on > decision.decided_on => {}
            Some(earlier) => *earlier = decision,
            None => {
                self.decisions.insert(key, decision);
            }
        }
    }

    /// There is not one.
    pub(crate) fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Takes in what a later part of the files said.
    pub(crate) fn append(&mut self, later: Decisions) {
        for (key, decision) in later.decisions {
            self.push(key, decision);
        }
    }

    /// Looks up the claims that decisions name.
    pub(crate) fn look_up_claims(&mut self, persons: &Persons) {
        let mut named: HashMap<&str, Option<u32>> = self
            .decisions
            .values()
            .filter(|decision| !decision.claim_ref.is_empty())
            .map(|decision| (decision.claim_ref.as_str(), None))
            .collect();
        if named.is_empty() {
            return;
        }
        for claim in 0..persons.claim_count() as u32 {
            if let Some(found) = named.get_mut(persons.claim_ref(claim)) {
                *found = Some(claim);
            }
        }
        let found: HashMap<String, Option<u32>> =
            named.into_iter().map(|(name, claim)| (name.to_owned(), claim)).collect();
        for decision in self.decisions.values_mut() {
            decision.claim = found.get(&decision.claim_ref).copied().flatten();
        }
    }

    /// The decisions that name a claim.
    pub(crate) fn naming(&self, claim_ref: &str) -> impl Iterator<Item = (&DecisionKey, &Decision)> {
        self.decisions.iter().filter(move |(_, decision)| decision.claim_ref == claim_ref)
    }

    /// The decision on an account in a scheme.
    pub(crate) fn on(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<&Decision> {
        if self.decisions.is_empty() {
            return None;
        }
        self.decisions.get(&(supplier.to_owned(), customer_ref.to_owned(), scheme.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_day_supersedes_and_of_one_day_the_later_row() {
        let key = || ("s".to_owned(), "a".to_owned(), "whd".to_owned());
        let decision = |eligible, day| Decision {
            eligible,
            claim_ref: String::new(),
            claim: None,
            decided_on: Date::new(2026, 9, day),
        };
        for (rows, eligible) in [
            (vec![(true, 1), (false, 2)], false),
            (vec![(false, 2), (true, 1)], false),
            (vec![(false, 2), (true, 2)], true),
            (vec![(true, 40), (false, 2)], false),
        ] {
            let mut decisions = Decisions::default();
            for (flag, day) in rows {
                decisions.push(key(), decision(flag, day));
            }
            assert_eq!(decisions.on("s", "a", "whd").unwrap().eligible, eligible);
            assert!(decisions.on("s", "b", "whd").is_none());
        }
    }
}

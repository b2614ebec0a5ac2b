//! Tells from the clear cases in a log of `flagmatch review` how reviewers answer, and how far they agree.

use std::collections::BTreeMap;

use serde::Serialize;

use super::review_log::LogRow;

/// How a reviewer answered clear cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewerFigures {
    /// The reviewer.
    pub reviewer: String,
    /// Clear cases that the reviewer answered with yes or no.
    pub answered: u64,
    /// Those of them that the reviewer answered as the match has it.
    pub as_matched: u64,
    /// Clear cases that the reviewer could not tell.
    pub cannot_tell: u64,
}

/// How far two reviewers who answered the same clear case agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Pairs of answers to one case.
    pub pairs: u64,
    /// Pairs of equal answers.
    pub agreed: u64,
    /// The agreement beyond chance (Scott's pi); `None` if all answers are the same.
    pub beyond_chance: Option<f64>,
}

/// How each reviewer answered.
pub(super) fn reviewers(answers: &[LogRow]) -> Vec<ReviewerFigures> {
    let mut reviewers: BTreeMap<&str, ReviewerFigures> = BTreeMap::new();
    for row in answers {
        let none = || ReviewerFigures { reviewer: row.reviewer.clone(), answered: 0, as_matched: 0, cannot_tell: 0 };
        let own = reviewers.entry(&row.reviewer).or_insert_with(none);
        let can_tell = row.answer != "?";
        own.cannot_tell += u64::from(!can_tell);
        own.answered += u64::from(can_tell);
        own.as_matched += u64::from(can_tell && row.answer == row.flag);
    }
    reviewers.into_values().collect()
}

/// How far the answers of different reviewers to one account agree.
pub(super) fn agreement(answers: &[LogRow]) -> Agreement {
    let mut by_account: BTreeMap<[&str; 3], Vec<&str>> = BTreeMap::new();
    for row in answers.iter().filter(|row| row.answer != "?") {
        by_account.entry(row.key_of()).or_default().push(&row.answer);
    }
    let (mut pairs, mut agreed, mut yes) = (0_u64, 0_u64, 0_u64);
    for own in by_account.values() {
        for (place, one) in own.iter().enumerate() {
            for other in &own[place + 1..] {
                pairs += 1;
                agreed += u64::from(one == other);
                yes += u64::from(*one == "Y") + u64::from(*other == "Y");
            }
        }
    }
    // Scott's pi (1955): the chance that two answers agree if both are yes as often as all answers are.
    let share = yes as f64 / (2 * pairs.max(1)) as f64;
    let by_chance = share * share + (1.0 - share) * (1.0 - share);
    let found = agreed as f64 / pairs.max(1) as f64;
    let beyond_chance = (pairs > 0 && by_chance < 1.0).then(|| (found - by_chance) / (1.0 - by_chance));
    Agreement { pairs, agreed, beyond_chance }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_is_beyond_chance() {
        let answered = |answers: &[(&str, &str, &str)]| {
            let row = |(customer_ref, reviewer, answer): &(&str, &str, &str)| {
                let text = format!("2026-11-28T09:00:00,{reviewer},clear,n,{customer_ref},s,C,,{answer},,Y,k,b,,1,1");
                let record = csv::StringRecord::from(text.split(',').collect::<Vec<_>>());
                record.deserialize(Some(&csv::StringRecord::from(LogRow::HEADER.as_slice()))).unwrap()
            };
            agreement(&answers.iter().map(row).collect::<Vec<LogRow>>())
        };
        let found = answered(&[("1", "a", "Y"), ("1", "b", "Y"), ("2", "a", "N"), ("2", "b", "N"), ("3", "a", "Y")]);
        assert_eq!(found, Agreement { pairs: 2, agreed: 2, beyond_chance: Some(1.0) });
        // As many agree as by chance: half of the pairs, with half of the answers yes.
        let found = answered(&[
            ("1", "a", "Y"),
            ("1", "b", "Y"),
            ("2", "a", "N"),
            ("2", "b", "N"),
            ("3", "a", "Y"),
            ("3", "b", "N"),
            ("4", "a", "N"),
            ("4", "b", "Y"),
        ]);
        assert_eq!(found, Agreement { pairs: 4, agreed: 2, beyond_chance: Some(0.0) });
        // Three reviewers are three pairs; who cannot tell makes none.
        let found = answered(&[("1", "a", "Y"), ("1", "b", "Y"), ("1", "c", "Y"), ("1", "d", "?")]);
        assert_eq!(found, Agreement { pairs: 3, agreed: 3, beyond_chance: None });
    }
}

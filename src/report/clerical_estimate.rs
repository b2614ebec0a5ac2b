//! Estimates precision and recall from the answers of reviewers.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::interval::Share;
use super::review_log::LogRow;
use super::reviewed::{self, Answers, Group, Reviewed};
use super::reviewers::{Agreement, ReviewerFigures, agreement, reviewers};
use super::run_data::ReportError;

/// Estimates from a reviewed sample.
#[derive(Debug, Serialize)]
pub struct ClericalEvaluation {
    /// Rows with an answer.
    pub reviewed: u64,
    /// Rows without an answer.
    pub unanswered: u64,
    /// Share of the flagged accounts that are eligible, by band of the posterior.
    pub precision_by_band: Vec<BandEstimate>,
    /// Share of all flagged accounts of the run that are eligible.
    pub precision: BandEstimate,
    /// Share of all accounts in review that are eligible.
    pub review: BandEstimate,
    /// Share of all accounts that are neither flagged nor in review, and are eligible.
    pub neither: BandEstimate,
    /// Share of all eligible accounts that are flagged; `None` if a group has no answer.
    pub recall: Option<RecallEstimate>,
    /// Of a log of `flagmatch review`: how each reviewer answered clear cases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<ReviewerFigures>,
    /// Of such a log: how far reviewers agree with each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

/// The share of eligible accounts that are flagged, estimated from a sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecallEstimate {
    /// Eligible accounts that are flagged.
    pub flagged: f64,
    /// Eligible accounts.
    pub eligible: f64,
    /// The share.
    pub share: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

/// A share of the accounts of a band, estimated from a sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BandEstimate {
    /// The band of the posterior; empty for all bands.
    pub band: String,
    /// Accounts of the run that the estimate covers.
    pub accounts: u64,
    /// Accounts that were reviewed.
    pub reviewed: u64,
    /// The eligible share. Each reviewed account counts for (accounts ÷ reviewed accounts) of its stratum.
    pub share: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

/// Estimates precision and recall from a reviewed sample, or precision from the clear cases in a log of
/// `flagmatch review`.
///
/// # Errors
/// [`ReportError`] if the file cannot be read, or a field of it means nothing.
pub fn evaluate_clerical(file: &Path) -> Result<ClericalEvaluation, ReportError> {
    Ok(match reviewed::read(file)? {
        Answers::Sample(rows) => from_rows(&rows),
        Answers::ClearCases(answers) => from_clear_cases(&answers),
    })
}

/// Estimates precision from the flagged ones among the clear cases, and how well reviewers decide from all of them. An
/// account that several answered counts with its first answer.
fn from_clear_cases(answers: &[LogRow]) -> ClericalEvaluation {
    let mut first: BTreeMap<[&str; 3], &LogRow> = BTreeMap::new();
    for row in answers.iter().filter(|row| row.flag == "Y") {
        first.entry(row.key_of()).or_insert(row);
    }
    let flagged = |row: &LogRow| Reviewed {
        group: Group::Flagged,
        key: row.key.clone(),
        band: row.band.clone(),
        stratum_accounts: row.stratum_accounts,
        eligible: (row.answer != "?").then(|| row.answer == "Y"),
    };
    let rows: Vec<Reviewed> = first.into_values().map(flagged).collect();
    ClericalEvaluation { reviewers: reviewers(answers), agreement: Some(agreement(answers)), ..from_rows(&rows) }
}

fn from_rows(rows: &[Reviewed]) -> ClericalEvaluation {
    let of = |group: Group| rows.iter().filter(move |row| row.group == group);
    let mut bands: Vec<&str> = of(Group::Flagged).map(|row| row.band.as_str()).collect();
    bands.sort_unstable();
    bands.dedup();
    bands.reverse();
    let answers = rows.iter().filter(|row| row.eligible.is_some()).count() as u64;
    let [precision, review, neither] = Group::ALL.map(|group| estimate("", of(group)));
    let has_none_left_out = |own: &BandEstimate, group| own.reviewed > 0 || of(group).next().is_none();
    ClericalEvaluation {
        reviewed: answers,
        unanswered: rows.len() as u64 - answers,
        precision_by_band: bands
            .iter()
            .map(|band| estimate(band, of(Group::Flagged).filter(|row| row.band == *band)))
            .collect(),
        recall: (precision.reviewed > 0 && neither.reviewed > 0 && has_none_left_out(&review, Group::Review))
            .then(|| recall(&precision, &[&review, &neither])),
        precision,
        review,
        neither,
        reviewers: Vec::new(),
        agreement: None,
    }
}

/// Recall, as flagged ÷ (flagged + missed), with the interval that Donner and Zou (*Closed-form confidence
/// intervals for functions of the normal mean and standard deviation*, 2012) recover for a ratio of the intervals
/// of its parts. Unlike the delta method's, it is no point where no eligible account was missed in the sample.
fn recall(flagged: &BandEstimate, missed: &[&BandEstimate]) -> RecallEstimate {
    let total = |own: &BandEstimate, share: f64| own.accounts as f64 * share;
    let found = total(flagged, flagged.share);
    let (least_found, most_found) = (total(flagged, flagged.low), total(flagged, flagged.high));
    let not_found: f64 = missed.iter().map(|own| total(own, own.share)).sum();
    let distance = |end: fn(&BandEstimate) -> f64| {
        missed.iter().map(|own| total(own, own.share - end(own)).powi(2)).sum::<f64>().sqrt()
    };
    let (least, most) = ((not_found - distance(|own| own.low)).max(0.0), not_found + distance(|own| own.high));
    // Both ends of missed ÷ found.
    let product = not_found * found;
    let end = |missed: f64, found_end: f64, sign: f64| {
        let scale = found_end * (2.0 * found - found_end);
        let inner = product.powi(2) - missed * (2.0 * not_found - missed) * scale;
        (product + sign * inner.max(0.0).sqrt()) / scale
    };
    let share = |ratio: f64| 1.0 / (1.0 + ratio.max(0.0));
    let eligible = found + not_found;
    if found <= 0.0 || least_found <= 0.0 {
        let share = if eligible > 0.0 { found / eligible } else { 1.0 };
        return RecallEstimate { flagged: found, eligible, share, low: 0.0, high: 1.0 };
    }
    RecallEstimate {
        flagged: found,
        eligible,
        share: found / eligible,
        low: share(end(most, least_found, 1.0)),
        high: share(end(least, most_found, -1.0)),
    }
}

/// The stratified estimate, with Wilson's interval at the effective sample size (Kish, *Survey Sampling*,
/// 1965). That interval also holds where all answers are the same.
fn estimate<'a>(band: &str, rows: impl Iterator<Item = &'a Reviewed>) -> BandEstimate {
    struct Own {
        accounts: u64,
        answered: u64,
        eligible: u64,
    }
    let mut strata: BTreeMap<(Group, &str, &str), Own> = BTreeMap::new();
    for row in rows {
        let stratum = (row.group, row.key.as_str(), row.band.as_str());
        let own = strata.entry(stratum).or_insert(Own { accounts: row.stratum_accounts, answered: 0, eligible: 0 });
        own.answered += u64::from(row.eligible.is_some());
        own.eligible += u64::from(row.eligible == Some(true));
    }
    let answered: Vec<&Own> = strata.values().filter(|own| own.answered > 0).collect();
    let accounts: u64 = answered.iter().map(|own| own.accounts).sum();
    let reviewed: u64 = answered.iter().map(|own| own.answered).sum();
    let weight = |own: &Own| own.accounts as f64 / own.answered as f64;
    let eligible: f64 = answered.iter().map(|own| weight(own) * own.eligible as f64).sum();
    let squares: f64 = answered.iter().map(|own| weight(own).powi(2) * own.answered as f64).sum();
    let interval = if accounts == 0 {
        Share::new(0, 0)
    } else {
        Share::weighted(eligible / accounts as f64, (accounts as f64).powi(2) / squares)
    };
    BandEstimate {
        band: band.to_owned(),
        accounts,
        reviewed,
        share: interval.share,
        low: interval.low,
        high: interval.high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: Group, key: &str, accounts: u64, eligible: &str) -> Reviewed {
        Reviewed {
            group,
            key: key.to_owned(),
            band: "0.9999-1".to_owned(),
            stratum_accounts: accounts,
            eligible: (!eligible.is_empty()).then_some(eligible == "Y"),
        }
    }

    #[test]
    fn each_account_stands_for_as_many_as_its_stratum_says() {
        let row = |key: &str, accounts, eligible: &str| row(Group::Flagged, key, accounts, eligible);
        // Of 900 accounts, both reviewed ones are eligible; of 100, one of two. So 950 of 1000.
        let rows = [row("a", 900, "Y"), row("a", 900, "Y"), row("b", 100, "Y"), row("b", 100, "N")];
        let found = estimate("", rows.iter());
        assert_eq!((found.accounts, found.reviewed), (1000, 4));
        assert!((found.share - 0.95).abs() < 1e-12);
        assert!(found.low < 0.95 && 0.95 < found.high && found.high <= 1.0);
        // An account without an answer is left out, and so is a stratum without any answer.
        let rows = [row("a", 900, "Y"), row("a", 900, ""), row("b", 100, "")];
        let found = estimate("", rows.iter());
        assert_eq!((found.accounts, found.reviewed, found.share), (900, 1, 1.0));
        assert!(found.low < 0.5, "one account says little: {}", found.low);
    }

    /// The mean over all samples that can be drawn equals the truth.
    #[test]
    fn estimated_counts_are_unbiased() {
        let (first, second) = ([true, false, false, true, false], [true, false, false]);
        let answer = |is: bool| if is { "Y" } else { "N" };
        let (mut sum, mut samples) = (0.0, 0.0);
        for one in 0..first.len() {
            for other in 0..one {
                for third in second {
                    let rows = [
                        row(Group::Neither, "a", 5, answer(first[one])),
                        row(Group::Neither, "a", 5, answer(first[other])),
                        row(Group::Neither, "b", 3, answer(third)),
                    ];
                    let found = estimate("", rows.iter());
                    sum += found.share * found.accounts as f64;
                    samples += 1.0;
                }
            }
        }
        assert!((sum / samples - 3.0_f64).abs() < 1e-9, "{}", sum / samples);
    }

    #[test]
    fn recall_counts_what_was_missed_outside_review_too() {
        let many = |group, accounts, answers: &[(&str, usize)]| -> Vec<Reviewed> {
            let each = answers.iter().flat_map(|(answer, times)| std::iter::repeat_n(*answer, *times));
            each.map(|answer| row(group, "a", accounts, answer)).collect()
        };
        let rows = [
            many(Group::Flagged, 1000, &[("Y", 40)]),
            many(Group::Review, 50, &[("Y", 10), ("N", 10)]),
            many(Group::Neither, 9000, &[("Y", 1), ("N", 89), ("", 3)]),
        ]
        .concat();
        // 1000 flagged, 25 in review and 100 others are eligible.
        let found = from_rows(&rows).recall.unwrap();
        assert!((found.flagged - 1000.0).abs() < 1e-9 && (found.eligible - 1125.0).abs() < 1e-9, "{found:?}");
        assert!((found.share - 1000.0 / 1125.0).abs() < 1e-12);
        assert!(0.6 < found.low && found.low < found.share && found.share < found.high && found.high < 0.98);
        // None missed among 90 does not mean none among 9000.
        let rows = [many(Group::Flagged, 1000, &[("Y", 40)]), many(Group::Neither, 9000, &[("N", 90)])].concat();
        let found = from_rows(&rows).recall.unwrap();
        assert!(found.share == 1.0 && found.low < 0.8 && found.high == 1.0, "{found:?}");
        // A sample without the others says nothing about recall.
        let rows = many(Group::Flagged, 1000, &[("Y", 40)]);
        assert_eq!(from_rows(&rows).recall, None);
    }
}

//! Draws a seeded sample of a run's accounts for clerical review, and estimates precision from the reviewed
//! sample.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::decisions::{Decided, each};
use super::deliveries::Deliveries;
use super::interval::Share;
use super::review_log::{EventKind, LogRow};
use super::run_data::{ReportError, damaged, unreadable};
use super::words::is_for_review;
use crate::text::marked;

/// A row of the sample. It holds references, so it is for the administrator's staff only.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct SampleRow {
    supplier: String,
    customer_ref: String,
    scheme: String,
    flag: String,
    claim_ref: String,
    /// The first match key that met. It forms the stratum, with `flag` and `band` (of the posterior).
    key: String,
    band: String,
    levels: String,
    /// Number of accounts of the stratum in the run.
    stratum_accounts: u64,
    /// Number of them in the sample.
    stratum_drawn: u64,
    /// The reviewer's answer: `Y` if the account is eligible, `N` if it is not, empty if they cannot tell.
    #[serde(alias = "due")]
    eligible: String,
}

impl SampleRow {
    const HEADER: [&'static str; 11] = [
        "supplier",
        "customer_ref",
        "scheme",
        "flag",
        "claim_ref",
        "key",
        "band",
        "levels",
        "stratum_accounts",
        "stratum_drawn",
        "eligible",
    ];
}

type Stratum = (String, String, String);

impl Decided {
    /// Flag, first match key and band; `None` unless the account has a candidate and is flagged or in review.
    fn stratum(&self) -> Option<Stratum> {
        if self.levels.is_empty() || !(self.is_flagged() || is_for_review(&self.reason)) {
            return None;
        }
        let key = self.keys.split(' ').next().unwrap_or("");
        Some((self.flag.as_str().to_owned(), key.to_owned(), self.posterior_band.clone()))
    }

    /// The account's place in the draw. It depends on the seed and the account only, not on the order of
    /// rows.
    fn ticket(&self, seed: u64) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        for text in [&self.supplier, &self.customer_ref, &self.scheme] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A row drawn so far, ordered by its ticket.
struct Drawn {
    ticket: [u8; 32],
    row: Decided,
}

impl PartialEq for Drawn {
    fn eq(&self, other: &Drawn) -> bool {
        self.ticket == other.ticket
    }
}
impl Eq for Drawn {}
impl PartialOrd for Drawn {
    fn partial_cmp(&self, other: &Drawn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Drawn {
    fn cmp(&self, other: &Drawn) -> Ordering {
        self.ticket.cmp(&other.ticket)
    }
}

/// A sample of a run's accounts.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// The accounts that were drawn.
    pub rows: Vec<SampleRow>,
    /// Suppliers and schemes that are left out because their flags were purged.
    pub purged: Vec<(String, String)>,
}

/// Draws `wanted` accounts of a run, at least one from each stratum. The same seed draws the same accounts.
///
/// # Errors
/// [`ReportError`] if the run's decisions cannot be read, or there are more strata than accounts wanted;
/// [`ReportError::Purged`] if the decisions were purged.
pub fn sample(folder: &Path, wanted: u64, seed: u64) -> Result<Sample, ReportError> {
    let Deliveries { kept, purged, .. } = Deliveries::read(folder)?;
    if kept.is_empty() && !purged.is_empty() {
        return Err(ReportError::Purged { folder: folder.to_owned() });
    }
    let mut sizes: BTreeMap<Stratum, u64> = BTreeMap::new();
    each(folder, |row| {
        if let Some(stratum) = row.stratum() {
            *sizes.entry(stratum).or_default() += 1;
        }
    })?;
    if (sizes.len() as u64) > wanted {
        return Err(ReportError::TooFew { strata: sizes.len() });
    }
    let shares = shares(&sizes, wanted);
    let mut drawn: BTreeMap<Stratum, BinaryHeap<Drawn>> = BTreeMap::new();
    each(folder, |row| {
        let Some(stratum) = row.stratum() else { return };
        let most = shares.get(&stratum).copied().unwrap_or(0) as usize;
        let own = drawn.entry(stratum).or_default();
        own.push(Drawn { ticket: row.ticket(seed), row });
        if own.len() > most {
            own.pop();
        }
    })?;
    let mut rows = Vec::new();
    for (stratum, own) in drawn {
        let (stratum_accounts, stratum_drawn) = (sizes.get(&stratum).copied().unwrap_or(0), own.len() as u64);
        let (_, key, band) = stratum;
        rows.extend(own.into_sorted_vec().into_iter().map(|Drawn { row, .. }| SampleRow {
            supplier: row.supplier,
            customer_ref: row.customer_ref,
            scheme: row.scheme,
            flag: row.flag.as_str().to_owned(),
            claim_ref: row.claim_ref,
            key: key.clone(),
            band: band.clone(),
            levels: row.levels,
            stratum_accounts,
            stratum_drawn,
            eligible: String::new(),
        }));
    }
    Ok(Sample { rows, purged: purged.into_iter().collect() })
}

/// How many accounts to draw from each stratum: one each, and the others by size, by largest remainder.
fn shares(sizes: &BTreeMap<Stratum, u64>, wanted: u64) -> BTreeMap<Stratum, u64> {
    let all: u64 = sizes.values().sum();
    let wanted = wanted.min(all);
    let rest = wanted - sizes.len() as u64;
    let others = (all - sizes.len() as u64).max(1);
    let mut drawn: BTreeMap<Stratum, u64> =
        sizes.iter().map(|(stratum, size)| (stratum.clone(), 1 + (size - 1) * rest / others)).collect();
    let mut left = wanted - drawn.values().sum::<u64>();
    let mut by_remainder: Vec<(&Stratum, u64)> =
        sizes.iter().map(|(stratum, size)| (stratum, (size - 1) * rest % others)).collect();
    by_remainder.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    for (stratum, _) in by_remainder {
        if left == 0 {
            break;
        }
        if let Some(own) = drawn.get_mut(stratum).filter(|own| **own < sizes[stratum]) {
            *own += 1;
            left -= 1;
        }
    }
    drawn
}

/// Formats a sample as CSV. People open it, so a reference that a spreadsheet would take for a formula is
/// marked.
///
/// # Errors
/// [`ReportError::Unmade`], only if there is not enough memory.
pub fn sample_csv(rows: &[SampleRow]) -> Result<String, ReportError> {
    let unmade = |error: String| ReportError::Unmade(error);
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    // Write the header even if there are no rows.
    writer.write_record(SampleRow::HEADER).map_err(|error| unmade(error.to_string()))?;
    for row in rows {
        let mut row = row.clone();
        for reference in [&mut row.customer_ref, &mut row.claim_ref] {
            *reference = marked(reference).into_owned();
        }
        writer.serialize(row).map_err(|error| unmade(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| unmade(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

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
    /// Of a log of `flagmatch review`: how each reviewer answered clear cases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<ReviewerFigures>,
    /// Of such a log: how far reviewers agree with each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
}

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

/// Estimates precision from a reviewed sample, or from the clear cases in a log of `flagmatch review`.
///
/// # Errors
/// [`ReportError`] if the file cannot be read, or an answer is neither `Y` nor `N` nor empty.
pub fn evaluate_clerical(file: &Path) -> Result<ClericalEvaluation, ReportError> {
    if is_log(file)? {
        return evaluate_log(file);
    }
    let mut reader = csv::Reader::from_reader(std::fs::File::open(file).map_err(unreadable(file))?);
    let mut rows: Vec<SampleRow> = Vec::new();
    for row in reader.deserialize::<SampleRow>() {
        let row = row.map_err(|error| damaged(file, error))?;
        if !["Y", "N", ""].contains(&row.eligible.as_str()) {
            return Err(ReportError::Damaged { file: file.to_owned(), line: rows.len() as u64 + 2 });
        }
        rows.push(row);
    }
    Ok(of_rows(&rows))
}

fn of_rows(rows: &[SampleRow]) -> ClericalEvaluation {
    let mut bands: Vec<&str> = rows.iter().filter(|row| row.flag == "Y").map(|row| row.band.as_str()).collect();
    bands.sort_unstable();
    bands.dedup();
    bands.reverse();
    let flagged = |row: &&SampleRow| row.flag == "Y";
    ClericalEvaluation {
        reviewed: rows.iter().filter(|row| !row.eligible.is_empty()).count() as u64,
        unanswered: rows.iter().filter(|row| row.eligible.is_empty()).count() as u64,
        precision_by_band: bands
            .iter()
            .map(|band| estimate(band, rows.iter().filter(flagged).filter(|row| row.band == *band)))
            .collect(),
        precision: estimate("", rows.iter().filter(flagged)),
        review: estimate("", rows.iter().filter(|row| row.flag != "Y")),
        reviewers: Vec::new(),
        agreement: None,
    }
}

/// Whether the file is a log of `flagmatch review`.
fn is_log(file: &Path) -> Result<bool, ReportError> {
    let mut reader = csv::Reader::from_reader(std::fs::File::open(file).map_err(unreadable(file))?);
    let header = reader.headers().map_err(|error| damaged(file, error))?;
    Ok(header.iter().eq(LogRow::HEADER))
}

/// The answers to clear cases that stand, the last one of each reviewer and account.
fn clear_answers(file: &Path) -> Result<Vec<LogRow>, ReportError> {
    let mut reader = csv::Reader::from_reader(std::fs::File::open(file).map_err(unreadable(file))?);
    let mut standing: Vec<LogRow> = Vec::new();
    for row in reader.deserialize::<LogRow>() {
        let row = row.map_err(|error| damaged(file, error))?;
        if matches!(row.event, EventKind::Clear | EventKind::Undo) {
            standing.retain(|own| own.reviewer != row.reviewer || own.key_of() != row.key_of());
        }
        if row.event == EventKind::Clear {
            standing.push(row);
        }
    }
    Ok(standing)
}

/// Estimates precision from the flagged ones among the clear cases, and how well reviewers decide from all of them. An
/// account that several answered counts with its first answer.
fn evaluate_log(file: &Path) -> Result<ClericalEvaluation, ReportError> {
    let answers = clear_answers(file)?;
    let mut first: BTreeMap<[&str; 3], &LogRow> = BTreeMap::new();
    for row in answers.iter().filter(|row| row.flag == "Y") {
        first.entry(row.key_of()).or_insert(row);
    }
    let rows: Vec<SampleRow> = first.into_values().map(sample_row).collect();
    let mut reviewers: BTreeMap<&str, ReviewerFigures> = BTreeMap::new();
    for row in &answers {
        let none = || ReviewerFigures { reviewer: row.reviewer.clone(), answered: 0, as_matched: 0, cannot_tell: 0 };
        let own = reviewers.entry(&row.reviewer).or_insert_with(none);
        let can_tell = row.answer != "?";
        own.cannot_tell += u64::from(!can_tell);
        own.answered += u64::from(can_tell);
        own.as_matched += u64::from(can_tell && row.answer == row.flag);
    }
    let reviewers = reviewers.into_values().collect();
    Ok(ClericalEvaluation { reviewers, agreement: Some(agreement(&answers)), ..of_rows(&rows) })
}

fn sample_row(row: &LogRow) -> SampleRow {
    SampleRow {
        supplier: row.supplier.clone(),
        customer_ref: row.customer_ref.clone(),
        scheme: row.scheme.clone(),
        flag: row.flag.clone(),
        claim_ref: row.claim_ref.clone(),
        key: row.key.clone(),
        band: row.band.clone(),
        levels: row.levels.clone(),
        stratum_accounts: row.stratum_accounts,
        stratum_drawn: row.stratum_drawn,
        eligible: if row.answer == "?" { String::new() } else { row.answer.clone() },
    }
}

/// How far the answers of different reviewers to one account agree.
fn agreement(answers: &[LogRow]) -> Agreement {
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

/// The stratified estimate, with Wilson's interval at the effective sample size (Kish, *Survey Sampling*,
/// 1965). That interval also holds where all answers are the same.
fn estimate<'a>(band: &str, rows: impl Iterator<Item = &'a SampleRow>) -> BandEstimate {
    struct Own {
        accounts: u64,
        answered: u64,
        eligible: u64,
    }
    let mut strata: BTreeMap<(&str, &str, &str), Own> = BTreeMap::new();
    for row in rows {
        let stratum = (row.flag.as_str(), row.key.as_str(), row.band.as_str());
        let own = strata.entry(stratum).or_insert(Own { accounts: row.stratum_accounts, answered: 0, eligible: 0 });
        own.answered += u64::from(!row.eligible.is_empty());
        own.eligible += u64::from(row.eligible == "Y");
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

    fn row(key: &str, accounts: u64, eligible: &str) -> SampleRow {
        SampleRow {
            supplier: "north".to_owned(),
            customer_ref: "1".to_owned(),
            scheme: "whd".to_owned(),
            flag: "Y".to_owned(),
            claim_ref: String::new(),
            key: key.to_owned(),
            band: "0.9999-1".to_owned(),
            levels: String::new(),
            stratum_accounts: accounts,
            stratum_drawn: 2,
            eligible: eligible.to_owned(),
        }
    }

    #[test]
    fn each_account_stands_for_as_many_as_its_stratum_says() {
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

    #[test]
    fn every_stratum_is_drawn_and_the_rest_by_size() {
        let stratum = |name: &str| ("Y".to_owned(), name.to_owned(), String::new());
        let sizes = BTreeMap::from([(stratum("a"), 1000), (stratum("b"), 9), (stratum("c"), 1), (stratum("d"), 490)]);
        for wanted in [4, 5, 17, 100, 1499, 1500, 4000] {
            let drawn = shares(&sizes, wanted);
            assert_eq!(drawn.values().sum::<u64>(), wanted.min(1500), "{wanted}");
            for (stratum, size) in &sizes {
                assert!((1..=*size).contains(&drawn[stratum]), "{wanted}: {stratum:?}");
            }
        }
        let drawn = shares(&sizes, 100);
        assert!(drawn[&stratum("a")].abs_diff(2 * drawn[&stratum("d")]) <= 2, "{drawn:?}");
    }
}

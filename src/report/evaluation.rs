//! Compares a job's flags with the truth: precision, recall, misses, calibration, and figures by kind of
//! account.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::Share;
use super::threshold_curve::{CurveCounts, CurvePoint};
use super::truth::Truth;
use crate::matching::Evidence;
use crate::pipeline::{Matched, Traits};
use crate::text::count;

/// How well the flags agree with the truth.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Accounts whose truth is known.
    pub accounts: u64,
    /// Share of the flagged accounts that are eligible.
    pub precision: Share,
    /// Share of the eligible accounts that are flagged.
    pub recall: Share,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// The eligible accounts that were not flagged.
    pub misses: Misses,
    /// Wrongly flagged accounts by reason.
    pub false_flags: BTreeMap<&'static str, u64>,
    /// Share of eligible accounts by band of the posterior.
    pub calibration: Vec<Calibration>,
    /// Precision and recall at other thresholds.
    pub curve: Vec<CurvePoint>,
    /// Precision and recall by kind of account.
    pub breakdown: Vec<Breakdown>,
    /// Accounts of the suppliers that the truth file does not list.
    pub without_truth: u64,
}

/// Eligible accounts that were not flagged.
#[derive(Debug, Default, Serialize)]
pub struct Misses {
    /// No eligible person was a candidate: no match key met, or the account was dropped.
    pub never_a_candidate: u64,
    /// An eligible person was a candidate, but the account was not flagged.
    pub not_flagged: u64,
    /// All misses by reason.
    pub reasons: BTreeMap<&'static str, u64>,
}

impl Misses {
    /// All misses.
    pub(crate) fn all(&self) -> u64 {
        self.never_a_candidate + self.not_flagged
    }

    /// How many eligible accounts were missed, and whether an eligible person was a candidate.
    pub(crate) fn sentence(&self) -> String {
        format!(
            "{} missed: {} never a candidate, {} a candidate but not flagged",
            count(self.all()),
            count(self.never_a_candidate),
            count(self.not_flagged)
        )
    }
}

/// The accounts whose posterior lies in one band.
#[derive(Debug, Serialize)]
pub struct Calibration {
    /// The lower end of the band.
    pub from: f64,
    /// The upper end of the band.
    pub to: f64,
    /// The mean posterior of the accounts.
    pub mean: f64,
    /// Share of the accounts that are eligible.
    pub eligible: Share,
}

impl Calibration {
    /// The band's ends.
    pub(crate) fn name(&self) -> String {
        // Single precision makes 0.95 0.949999988.
        let end = |end: f64| ((end * 1000.0).round() / 1000.0).to_string();
        format!("{} to {}", end(self.from), end(self.to))
    }
}

/// Precision and recall for one kind of account.
#[derive(Debug, Serialize)]
pub struct Breakdown {
    /// What the accounts are grouped by, such as `supplier`.
    pub by: &'static str,
    /// The kind within that grouping.
    pub value: String,
    /// Share of the flagged accounts that are eligible.
    pub precision: Share,
    /// Share of the eligible accounts that are flagged.
    pub recall: Share,
}

/// An account with its verdict and its true eligibility.
pub(crate) struct Judged<'a> {
    pub(crate) supplier: &'a str,
    pub(crate) customer_ref: &'a str,
    pub(crate) eligible: bool,
    pub(crate) flag: bool,
    pub(crate) reason: &'static str,
    pub(crate) keys: u16,
    pub(crate) levels: Option<Evidence>,
    /// `None` if there was no candidate.
    pub(crate) posterior: Option<f32>,
    eligible_candidate: bool,
    traits: Traits,
}

#[derive(Default)]
struct Counts {
    flagged: u64,
    eligible: u64,
    both: u64,
}

impl Counts {
    fn add(&mut self, flag: bool, eligible: bool) {
        self.flagged += u64::from(flag);
        self.eligible += u64::from(eligible);
        self.both += u64::from(flag && eligible);
    }

    fn precision(&self) -> Share {
        Share::new(self.both, self.flagged)
    }

    fn recall(&self) -> Share {
        Share::new(self.both, self.eligible)
    }
}

/// Compares the flags of one scheme with the truth, and calls `see` for each account.
pub(crate) fn evaluate(
    matched: &Matched<'_>,
    scheme: usize,
    truth: &Truth,
    mut see: impl FnMut(&Judged<'_>),
) -> Evaluation {
    let mut all = Counts::default();
    let mut misses = Misses::default();
    let mut false_flags: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<(&'static str, String), Counts> = BTreeMap::new();
    let mut posteriors: Vec<(f32, bool)> = Vec::new();
    let mut curve = CurveCounts::default();
    let (mut accounts, mut without_truth) = (0, 0);
    each_account(matched, scheme, truth, &mut without_truth, |judged| {
        accounts += 1;
        all.add(judged.flag, judged.eligible);
        for (by, value) in kinds_of(judged) {
            kinds.entry((by, value)).or_default().add(judged.flag, judged.eligible);
        }
        if judged.eligible && !judged.flag {
            *misses.reasons.entry(judged.reason).or_default() += 1;
            if judged.eligible_candidate {
                misses.not_flagged += 1;
            } else {
                misses.never_a_candidate += 1;
            }
        }
        if judged.flag && !judged.eligible {
            *false_flags.entry(judged.reason).or_default() += 1;
        }
        posteriors.extend(judged.posterior.map(|posterior| (posterior, judged.eligible)));
        // If another rule decided, no threshold changes the flag.
        let by_threshold = ["matched", "uncertain", "ambiguous", "not-eligible", "improbable"];
        curve.add(judged.eligible, judged.flag, judged.posterior.filter(|_| by_threshold.contains(&judged.reason)));
        see(judged);
    });
    let (precision, recall) = (all.precision(), all.recall());
    let f1 = 2.0 * precision.share * recall.share / (precision.share + recall.share).max(f64::MIN_POSITIVE);
    Evaluation {
        accounts,
        precision,
        recall,
        f1,
        misses,
        false_flags,
        calibration: calibration(posteriors),
        curve: curve.curve(),
        breakdown: kinds
            .into_iter()
            .map(|((by, value), counts)| Breakdown {
                by,
                value,
                precision: counts.precision(),
                recall: counts.recall(),
            })
            .collect(),
        without_truth,
    }
}

/// Calls `see` for every account of the scheme whose truth is known, and counts the others.
fn each_account(
    matched: &Matched<'_>,
    scheme: usize,
    truth: &Truth,
    without_truth: &mut u64,
    mut see: impl FnMut(&Judged<'_>),
) {
    for supplier in &matched.suppliers {
        let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
        let accounts = &supplier.read.accounts;
        let mut rows = verdicts.rows().iter().peekable();
        for (number, account) in (0..).zip(accounts.each(0..accounts.count())) {
            let row = rows.next_if(|row| row.account == number);
            let customer_ref = account.reference();
            let Some(eligible) = truth.flag(&supplier.supplier.id, customer_ref) else {
                *without_truth += 1;
                continue;
            };
            let on_supply = account.is_on_supply(scheme);
            let verdict = row.as_ref().map(|row| &row.verdict);
            see(&Judged {
                supplier: &supplier.supplier.id,
                customer_ref,
                eligible,
                flag: row.is_some_and(|row| row.flag),
                reason: verdict
                    .map_or(if on_supply { "not-found" } else { "not-on-supply" }, |verdict| verdict.reason.name()),
                keys: verdict.map_or(0, |verdict| verdict.keys),
                levels: verdict.and_then(|verdict| verdict.levels).map(Evidence::unpack),
                posterior: verdict.filter(|verdict| verdict.levels.is_some()).map(|verdict| verdict.posterior),
                eligible_candidate: verdict.is_some_and(|verdict| verdict.eligible_candidate),
                traits: account.traits(),
            });
        }
    }
}

fn kinds_of(judged: &Judged<'_>) -> Vec<(&'static str, String)> {
    let traits = &judged.traits;
    let yes_no = |yes: bool, yes_name: &str, no_name: &str| if yes { yes_name.to_owned() } else { no_name.to_owned() };
    let area = str::from_utf8(&traits.area).unwrap_or_default().trim_end_matches('\0').to_owned();
    let tokens = match traits.tokens {
        0 => "none",
        1 => "1",
        2 => "2",
        _ => "3 or more",
    };
    vec![
        ("supplier", judged.supplier.to_owned()),
        ("date of birth", yes_no(traits.birth_date, "known", "absent")),
        ("home", yes_no(traits.flat, "flat", "house")),
        ("name", yes_no(traits.diacritics, "with diacritics", "without diacritics")),
        ("surname", yes_no(traits.particle, "with particle", "without particle")),
        ("words in name", tokens.to_owned()),
        ("region", if area.is_empty() { "none".to_owned() } else { area }),
    ]
}

/// The edges of the calibration bands.
const BANDS: [f32; 13] = [0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 1.000_001];

/// Bands with fewer accounts than this are joined with a neighbour.
const LEAST_IN_BAND: u64 = 500;

fn calibration(posteriors: Vec<(f32, bool)>) -> Vec<Calibration> {
    struct Band {
        from: f32,
        to: f32,
        sum: f64,
        eligible: u64,
        accounts: u64,
    }
    let mut bands: Vec<Band> =
        BANDS.windows(2).map(|ends| Band { from: ends[0], to: ends[1], sum: 0.0, eligible: 0, accounts: 0 }).collect();
    for (posterior, eligible) in posteriors {
        let place = BANDS.partition_point(|end| *end <= posterior).clamp(1, bands.len()) - 1;
        bands[place].sum += f64::from(posterior);
        bands[place].eligible += u64::from(eligible);
        bands[place].accounts += 1;
    }
    let mut joined: Vec<Band> = Vec::new();
    for band in bands {
        match joined.last_mut() {
            Some(last) if last.accounts < LEAST_IN_BAND => {
                last.to = band.to;
                last.sum += band.sum;
                last.eligible += band.eligible;
                last.accounts += band.accounts;
            }
            _ => joined.push(band),
        }
    }
    if let [.., before, last] = &mut joined[..]
        && last.accounts < LEAST_IN_BAND
    {
        before.to = last.to;
        before.sum += last.sum;
        before.eligible += last.eligible;
        before.accounts += last.accounts;
        joined.pop();
    }
    joined
        .into_iter()
        .filter(|band| band.accounts > 0)
        .map(|band| Calibration {
            from: f64::from(band.from),
            to: f64::from(band.to.min(1.0)),
            mean: band.sum / band.accounts as f64,
            eligible: Share::new(band.eligible, band.accounts),
        })
        .collect()
}

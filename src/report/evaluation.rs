//! How right a match is: in go a matched night and the truth, out come precision, recall, where the
//! misses are, how well posteriors are calibrated, and the same by kind of account.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::Share;
use super::threshold_curve::{CurveCounts, CurvePoint};
use super::truth::Truth;
use crate::matching::Evidence;
use crate::night::{Matched, Traits};

/// How right a match is.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Accounts whose truth is known.
    pub accounts: u64,
    /// Of the accounts flagged, those that are due the rebate.
    pub precision: Share,
    /// Of the accounts due the rebate, those that are flagged.
    pub recall: Share,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// Where the accounts are that are due and were not flagged.
    pub misses: Misses,
    /// Wrongly flagged accounts by reason.
    pub false_flags: BTreeMap<&'static str, u64>,
    /// How many accounts of each band of posterior are due.
    pub calibration: Vec<Calibration>,
    /// Precision and recall as they would be with other thresholds.
    pub curve: Vec<CurvePoint>,
    /// Precision and recall by kind of account.
    pub breakdown: Vec<Breakdown>,
    /// Accounts of the suppliers that the truth does not mention.
    pub without_truth: u64,
}

/// Accounts that are due the rebate and were not flagged.
#[derive(Debug, Default, Serialize)]
pub struct Misses {
    /// No eligible person was ever a candidate: the match keys did not meet, or the account was dropped.
    pub never_a_candidate: u64,
    /// An eligible person was a candidate, and did not reach a flag.
    pub not_flagged: u64,
    /// Both by reason.
    pub reasons: BTreeMap<&'static str, u64>,
}

/// Accounts whose posterior lies in one band.
#[derive(Debug, Serialize)]
pub struct Calibration {
    /// The least posterior.
    pub from: f64,
    /// The greatest.
    pub to: f64,
    /// The mean posterior of the accounts.
    pub mean: f64,
    /// How many of them are due.
    pub due: Share,
}

/// One kind of account.
#[derive(Debug, Serialize)]
pub struct Breakdown {
    /// By what accounts are told apart.
    pub by: &'static str,
    /// The kind.
    pub value: String,
    /// Of the accounts flagged, those that are due the rebate.
    pub precision: Share,
    /// Of the accounts due the rebate, those that are flagged.
    pub recall: Share,
}

/// An account as it was judged, beside its truth.
pub(crate) struct Judged<'a> {
    pub(crate) supplier: &'a str,
    pub(crate) customer_ref: &'a str,
    pub(crate) due: bool,
    pub(crate) flag: bool,
    pub(crate) reason: &'static str,
    pub(crate) keys: u16,
    pub(crate) levels: Option<Evidence>,
    /// The posterior that the match gave, where there was a candidate.
    pub(crate) posterior: Option<f32>,
    eligible_candidate: bool,
    traits: Traits,
}

#[derive(Default)]
struct Counts {
    flagged: u64,
    due: u64,
    both: u64,
}

impl Counts {
    fn add(&mut self, flag: bool, due: bool) {
        self.flagged += u64::from(flag);
        self.due += u64::from(due);
        self.both += u64::from(flag && due);
    }

    fn precision(&self) -> Share {
        Share::of(self.both, self.flagged)
    }

    fn recall(&self) -> Share {
        Share::of(self.both, self.due)
    }
}

/// Compares the flags of one scheme with the truth; `see` is shown each account.
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
        all.add(judged.flag, judged.due);
        for (by, value) in kinds_of(judged) {
            kinds.entry((by, value)).or_default().add(judged.flag, judged.due);
        }
        if judged.due && !judged.flag {
            *misses.reasons.entry(judged.reason).or_default() += 1;
            if judged.eligible_candidate {
                misses.not_flagged += 1;
            } else {
                misses.never_a_candidate += 1;
            }
        }
        if judged.flag && !judged.due {
            *false_flags.entry(judged.reason).or_default() += 1;
        }
        posteriors.extend(judged.posterior.map(|posterior| (posterior, judged.due)));
        // Where another rule decides, no threshold changes it.
        let by_threshold = ["matched", "uncertain", "ambiguous", "not-eligible", "improbable"];
        curve.add(judged.due, judged.flag, judged.posterior.filter(|_| by_threshold.contains(&judged.reason)));
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

/// Goes through all accounts that take part in a scheme and whose truth is known.
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
        let mut rows = verdicts.of_accounts.iter().peekable();
        for (number, account) in (0..).zip(accounts.each(0..accounts.count())) {
            let row = rows.next_if(|row| row.account == number);
            let customer_ref = account.reference();
            let Some(due) = truth.of(&supplier.supplier.id, customer_ref) else {
                *without_truth += 1;
                continue;
            };
            let in_play = account.is_in_play(scheme);
            let verdict = row.map(|row| &row.verdict);
            see(&Judged {
                supplier: &supplier.supplier.id,
                customer_ref,
                due,
                flag: row.is_some_and(|row| row.flag),
                reason: verdict
                    .map_or(if in_play { "not-found" } else { "not-in-play" }, |verdict| verdict.reason.name()),
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

/// The ends of the bands in which calibration is shown.
const BANDS: [f32; 13] = [0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 1.000_001];

/// Bands with fewer accounts than this are joined with the one below.
const LEAST_IN_BAND: u64 = 500;

fn calibration(posteriors: Vec<(f32, bool)>) -> Vec<Calibration> {
    struct Band {
        from: f32,
        to: f32,
        sum: f64,
        due: u64,
        accounts: u64,
    }
    let mut bands: Vec<Band> =
        BANDS.windows(2).map(|ends| Band { from: ends[0], to: ends[1], sum: 0.0, due: 0, accounts: 0 }).collect();
    for (posterior, due) in posteriors {
        let place = BANDS.partition_point(|end| *end <= posterior).clamp(1, bands.len()) - 1;
        bands[place].sum += f64::from(posterior);
        bands[place].due += u64::from(due);
        bands[place].accounts += 1;
    }
    let mut joined: Vec<Band> = Vec::new();
    for band in bands {
        match joined.last_mut() {
            Some(last) if last.accounts < LEAST_IN_BAND => {
                last.to = band.to;
                last.sum += band.sum;
                last.due += band.due;
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
        before.due += last.due;
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
            due: Share::of(band.due, band.accounts),
        })
        .collect()
}

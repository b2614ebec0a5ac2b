//! Counts a run's exact figures: match rates, flagged shares, and how accounts were found.
//!
//! They are for the administrator alone, in `administrator/figures.csv`.

mod accounts;
mod demographics;
mod eligible;

use crate::pipeline::judging::matched::Matched;
use crate::pipeline::review;
use crate::release::run_record::MatchRates;
use crate::release::{EligibleOutcome, FigureBreakdown, FigureRow, FigureUnit, Fraction, ReleaseError, Staging, Tally};
use accounts::AccountCounts;
pub(crate) use demographics::{AGE_NAMES, Demographic, Demographics};
use eligible::EligibleCounts;

/// All exact figures of a run.
pub(crate) struct Figures {
    /// By scheme, what became of the eligible.
    eligible: Vec<EligibleCounts>,
    /// By scheme, the accounts of the suppliers that the run is for.
    accounts: Vec<AccountCounts>,
}

impl Figures {
    /// Counts a run once its rebates are allocated.
    pub(crate) fn count(matched: &Matched<'_>) -> Figures {
        let schemes = 0..matched.job.schemes.len();
        Figures {
            eligible: schemes.clone().map(|scheme| EligibleCounts::new(matched, scheme)).collect(),
            accounts: schemes.map(|scheme| AccountCounts::new(matched, scheme)).collect(),
        }
    }

    /// The match rates of each scheme.
    pub(crate) fn match_rates(&self, matched: &Matched<'_>) -> Vec<MatchRates> {
        let schemes = matched.job.schemes.iter().zip(&self.eligible);
        schemes
            .map(|(scheme, counts)| MatchRates {
                scheme: scheme.id.clone(),
                households: counts.households.by_outcome(),
                persons: counts.persons.by_outcome(),
            })
            .collect()
    }

    /// Writes `figures.csv`.
    pub(crate) fn write(&self, matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
        let mut file = staging.exact_figures()?;
        for ((scheme, eligible), accounts) in matched.job.schemes.iter().zip(&self.eligible).zip(&self.accounts) {
            let mut write = |figure: &Figure<'_>| {
                let Figure { of, breakdown, part, outcome, count, share } = *figure;
                let (count, share) = (Some(Tally(count)), share.map(Fraction));
                file.write(&FigureRow { scheme: &scheme.id, of, breakdown, part, outcome, count, share })
            };
            let units = [
                (FigureUnit::Households, &eligible.households),
                (FigureUnit::Persons, &eligible.persons),
                (FigureUnit::Claims, &eligible.claims),
            ];
            for (of, counts) in units {
                counts.each(scheme, |breakdown, part, outcomes| {
                    let all: u64 = outcomes.iter().sum();
                    EligibleOutcome::ALL.iter().zip(outcomes).try_for_each(|(outcome, &count)| {
                        let share = share(count, all);
                        write(&Figure { of, breakdown, part, outcome: outcome.as_str(), count, share })
                    })
                })?;
            }
            accounts.each(|breakdown, part, outcome, count, share| {
                write(&Figure { of: FigureUnit::Accounts, breakdown, part, outcome, count, share })
            })?;
            let bands = review::bands(matched);
            for band in bands.iter().filter(|band| band.scheme == scheme.id) {
                let (part, count) = (band.band.as_str(), band.accounts);
                let (of, breakdown, outcome) = (FigureUnit::Accounts, FigureBreakdown::Review, "unflagged");
                let share = (count > 0).then(|| band.rebates / count as f64);
                write(&Figure { of, breakdown, part, outcome, count, share })?;
            }
        }
        for (part, shares) in matched.shared.matcher.model().weights().table().each() {
            for (outcome, share) in [("m", shares.m), ("u", shares.u)] {
                let (of, breakdown) = (FigureUnit::Levels, FigureBreakdown::Level);
                let share = Some(Fraction(share));
                file.write(&FigureRow { scheme: "", of, breakdown, part: &part, outcome, count: None, share })?;
            }
        }
        file.finish()
    }
}

/// One figure of a scheme.
struct Figure<'a> {
    of: FigureUnit,
    breakdown: FigureBreakdown,
    part: &'a str,
    outcome: &'a str,
    count: u64,
    share: Option<f64>,
}

/// A share; `None` if there is nothing to take a share of.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

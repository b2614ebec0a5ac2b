//! Plans a season of published figures: what each release spends of the budget, and which tables would say something.
//!
//! A plan rests on settings and on the number of accounts, never on benefit records, so that it reveals nothing about
//! any household.

use serde::Serialize;

use super::season::Due;
use super::spending::{Budget, spent, variance};
use crate::job::Disclosure;
use crate::release::{AnalystTable, AnalystUnit};
use crate::statistics::OF_95_PERCENT;

/// The share of the budget that is for the headline (choice): it is what a scheme is judged by.
const FOR_HEADLINES: f64 = 0.2;

/// Accounts for each eligible household, to foresee how large a table's counts will be (choice): about a tenth of
/// Britain's households receive the rebate.
const ACCOUNTS_A_HOUSEHOLD: u64 = 10;

/// A share with a wider interval than this, to either side, says nothing (choice).
const WIDEST: f64 = 0.1;

/// A table of a plan.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlannedTable {
    /// The table.
    pub table: AnalystTable,
    /// How many parts it has.
    pub parts: usize,
    /// The variance of the noise on each count.
    pub variance: u64,
    /// Half the width of the 95 % interval of a share, in a part of average size.
    pub reach: f64,
    /// Whether it is published. One that is too noisy is left out.
    pub is_published: bool,
}

/// How often the headline is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadlineRhythm {
    /// Every so many days, by the job's settings.
    Regularly,
    /// Once a season, with the whole budget, and no other table: more often, it would say nothing.
    Once,
    /// Never: even one figure a season would say nothing.
    Never,
}

/// A season's plan for one scheme.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// How often the headline is published.
    pub rhythm: HeadlineRhythm,
    /// The headline.
    pub headline: PlannedTable,
    /// All other tables.
    pub details: Vec<PlannedTable>,
}

impl Budget {
    /// The budget of a job's season.
    pub(crate) fn from_settings(settings: &Disclosure) -> Budget {
        Budget { epsilon: settings.epsilon, delta: settings.delta }
    }
}

impl PlannedTable {
    fn new(table: AnalystTable, parts: usize, rho: f64, accounts: u64) -> PlannedTable {
        let variance = variance(rho, table.moves());
        let all = match table.unit() {
            AnalystUnit::Accounts => accounts,
            AnalystUnit::Households | AnalystUnit::Persons => accounts / ACCOUNTS_A_HOUSEHOLD,
        };
        let part = all as f64 / parts.max(1) as f64;
        let reach = OF_95_PERCENT * (variance as f64).sqrt() / part.max(1.0);
        PlannedTable { table, parts, variance, reach, is_published: reach <= WIDEST }
    }

    /// What it spends each time.
    pub(crate) fn spends(&self) -> f64 {
        spent(self.variance, self.table.moves())
    }
}

impl Plan {
    /// The plan for one of so many schemes, in which so many accounts are on supply; `parts` counts the parts of a
    /// table.
    pub(crate) fn new(
        settings: &Disclosure,
        schemes: usize,
        accounts: u64,
        parts: impl Fn(AnalystTable) -> usize,
    ) -> Plan {
        let rho = Budget::from_settings(settings).rho() / schemes.max(1) as f64;
        let table = |table: AnalystTable, rho: f64| PlannedTable::new(table, parts(table), rho, accounts);
        let headline = table(AnalystTable::HEADLINE, rho * FOR_HEADLINES / f64::from(settings.headlines));
        // Fewer tables have more of the budget each: the noisiest goes until the others say something.
        let each_time = rho * (1.0 - FOR_HEADLINES) / f64::from(settings.details);
        let mut kept: Vec<AnalystTable> = AnalystTable::DETAILS.to_vec();
        let of = |own: AnalystTable, kept: usize| table(own, each_time / kept.max(1) as f64);
        let noisiest = |kept: &[AnalystTable]| {
            let all = kept.iter().map(|own| of(*own, kept.len()));
            all.max_by(|one, other| one.reach.total_cmp(&other.reach))
        };
        while let Some(noisiest) = noisiest(&kept) {
            if noisiest.is_published {
                break;
            }
            kept.retain(|own| *own != noisiest.table);
        }
        let all = AnalystTable::DETAILS;
        let details = |kept: &[AnalystTable]| {
            let each = |own: AnalystTable| PlannedTable { is_published: kept.contains(&own), ..of(own, kept.len()) };
            all.into_iter().map(each).collect()
        };
        if headline.is_published {
            return Plan { rhythm: HeadlineRhythm::Regularly, headline, details: details(&kept) };
        }
        let once = table(AnalystTable::HEADLINE, rho);
        let rhythm = if once.is_published { HeadlineRhythm::Once } else { HeadlineRhythm::Never };
        Plan { rhythm, headline: once, details: details(&[]) }
    }

    /// What a season of it spends.
    #[cfg(test)]
    fn season(&self, settings: &Disclosure) -> f64 {
        let details: f64 = self.published_details().map(PlannedTable::spends).sum();
        match self.rhythm {
            HeadlineRhythm::Regularly => {
                self.headline.spends() * f64::from(settings.headlines) + details * f64::from(settings.details)
            }
            HeadlineRhythm::Once => self.headline.spends(),
            HeadlineRhythm::Never => 0.0,
        }
    }

    /// The tables that are published when so much is due.
    pub(crate) fn asked(&self, due: Due) -> Vec<PlannedTable> {
        let headline = Some(&self.headline).filter(|own| due.headline && own.is_published);
        let details = self.published_details().filter(|_| due.details);
        headline.into_iter().chain(details).copied().collect()
    }

    /// The tables beside the headline that are published.
    pub(crate) fn published_details(&self) -> impl Iterator<Item = &PlannedTable> {
        self.details.iter().filter(|own| own.is_published)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(table: AnalystTable) -> usize {
        match table {
            AnalystTable::Households => 1,
            AnalystTable::HouseholdsByRegion | AnalystTable::PersonsByRegion => 12,
            AnalystTable::HouseholdsByGroup | AnalystTable::PersonsByGroup => 3,
            AnalystTable::HouseholdsByAge | AnalystTable::PersonsByAge => 9,
            AnalystTable::HouseholdsByBirthDate | AnalystTable::PersonsByBirthDate => 2,
            AnalystTable::AccountsBySupplier => 25,
            AnalystTable::AccountsByArea => 125,
            AnalystTable::AccountsByKind | AnalystTable::AccountsByNameOrigin => 4,
            AnalystTable::AccountsByWeight => 31,
            AnalystTable::AccountsByReason => 14,
        }
    }

    /// Accounts of a nation, the rhythm of its headline, the interval of each headline in points, and how many of the
    /// other tables it has. With the default settings, ρ is 0.056: a weekly headline has a standard deviation of 48,
    /// and one a season of 4.3.
    #[test]
    fn a_small_nation_has_few_figures() {
        for (accounts, rhythm, points, tables) in [
            (30_000_000, HeadlineRhythm::Regularly, 0.0032, 14),
            (3_000_000, HeadlineRhythm::Regularly, 0.032, 14),
            (200_000, HeadlineRhythm::Regularly, 0.47, 12),
            (20_000, HeadlineRhythm::Regularly, 4.7, 4),
            (6_000, HeadlineRhythm::Once, 1.4, 0),
            (100, HeadlineRhythm::Never, 0.0, 0),
        ] {
            let plan = Plan::new(&Disclosure::default(), 1, accounts, parts);
            assert_eq!(plan.rhythm, rhythm, "{accounts}");
            if rhythm != HeadlineRhythm::Never {
                let told = plan.headline.reach * 100.0;
                assert!((told / points - 1.0).abs() < 0.05, "{accounts}: {told}");
            }
            assert_eq!(plan.published_details().count(), tables, "{accounts}");
            assert!(plan.published_details().all(|own| own.reach <= WIDEST), "{accounts}");
        }
    }

    #[test]
    fn a_season_spends_no_more_than_its_budget() {
        let settings = [
            Disclosure::default(),
            Disclosure { epsilon: 0.5, ..Disclosure::default() },
            Disclosure { epsilon: 700.0, headlines: 52, details: 52, ..Disclosure::default() },
        ];
        for settings in settings {
            for schemes in [1, 3] {
                for accounts in [0, 3_000, 6_000, 50_000, 1_000_000, 40_000_000] {
                    let plan = Plan::new(&settings, schemes, accounts, parts);
                    let most = Budget::from_settings(&settings).rho() / schemes as f64;
                    let all = plan.season(&settings);
                    assert!(all <= most * (1.0 + 1e-9), "{accounts}: {all} of {most}");
                }
            }
        }
    }
}

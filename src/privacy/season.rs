//! Keeps account of what a season's published figures have spent of its budget.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::plan::{HeadlineRhythm, Plan, PlannedTable};
use super::spending::Budget;
use crate::job::Disclosure;
use crate::release::AnalystTable;

/// What some figures spend. It is recorded before their noise is drawn, so that a run that is killed in between has
/// spent it, and no figure is ever published that was not paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spending {
    /// The season whose budget it is.
    pub(crate) season: String,
    /// The day of the figures.
    pub(crate) day: Date,
    /// The tables.
    pub(crate) tables: Vec<SpentOnTable>,
}

/// What one table spends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SpentOnTable {
    /// The scheme's id.
    pub(crate) scheme: String,
    /// The table's name.
    pub(crate) table: String,
    /// The variance of the noise on each count.
    pub(crate) variance: u64,
    pub(crate) rho: f64,
}

impl Spending {
    /// What all its tables spend.
    pub(crate) fn rho(&self) -> f64 {
        self.tables.iter().map(|own| own.rho).sum()
    }
}

/// What a run's public record says of a season. It stands in for records that are lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeasonTold {
    pub(crate) season: String,
    pub(crate) epsilon: f64,
    pub(crate) delta: f64,
    /// The budget, and how much of it is spent, as zero-concentrated differential privacy.
    pub(crate) rho: f64,
    pub(crate) spent: f64,
    /// How many headlines and sets of detailed tables were paid for.
    pub(crate) headlines: u32,
    pub(crate) details: u32,
    /// The days of the last figures that were paid for, and the days from which the next are due.
    pub(crate) headline_on: Option<Date>,
    pub(crate) details_on: Option<Date>,
    pub(crate) next_headline: Option<Date>,
    pub(crate) next_details: Option<Date>,
    /// What readers have to know, in sentences.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// A season so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Season {
    settings: Disclosure,
    rho: f64,
    spent: f64,
    /// How many headlines and sets of detailed tables, and the days of the last ones.
    headlines: u32,
    details: u32,
    headline_on: Option<Date>,
    details_on: Option<Date>,
    /// The public record knows of more than the records of what was spent.
    is_missing_records: bool,
}

/// Which figures are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Due {
    pub(crate) headline: bool,
    pub(crate) details: bool,
}

impl Due {
    pub(crate) fn is_any(self) -> bool {
        self.headline || self.details
    }
}

/// Sums of parts of a budget may exceed it by so much, as a share, through rounding.
const ROUNDING: f64 = 1e-9;

impl Season {
    /// The season that a job names, with what was spent on it by all records, and at least what the public record of
    /// the last run told.
    pub(crate) fn new(settings: &Disclosure, spendings: &[Spending], told: Option<&SeasonTold>) -> Season {
        let mut season = Season {
            settings: settings.clone(),
            rho: Budget::from_settings(settings).rho(),
            spent: 0.0,
            headlines: 0,
            details: 0,
            headline_on: None,
            details_on: None,
            is_missing_records: false,
        };
        spendings.iter().filter(|own| own.season == settings.season).for_each(|own| season.spend(own));
        if let Some(told) = told.filter(|told| told.season == settings.season) {
            season.is_missing_records = told.spent > season.spent * (1.0 + ROUNDING);
            season.spent = season.spent.max(told.spent);
            season.headlines = season.headlines.max(told.headlines);
            season.details = season.details.max(told.details);
            season.headline_on = season.headline_on.max(told.headline_on);
            season.details_on = season.details_on.max(told.details_on);
        }
        season
    }

    /// What may be due on a day, whatever the nation's size.
    pub(crate) fn due(&self, day: Date) -> Due {
        let is_due = |last: Option<Date>, days: u32| after(last, days).is_none_or(|next| day >= next);
        let Disclosure { headline_days, headlines, detail_days, details, .. } = self.settings;
        Due {
            headline: self.headlines < headlines && is_due(self.headline_on, headline_days),
            details: self.details < details && is_due(self.details_on, detail_days),
        }
    }

    /// What is due on a day by the plans of all schemes, and can be paid for: the headline first.
    pub(crate) fn affordable(&self, day: Date, plans: &[Plan]) -> Due {
        let due = self.due(day);
        let mut left = self.rho * (1.0 + ROUNDING) - self.spent;
        let mut pay = |is_due: bool, price: f64| {
            let pays = is_due && price > 0.0 && price <= left;
            left -= if pays { price } else { 0.0 };
            pays
        };
        let (headline, details) = self.prices(plans);
        Due { headline: pay(due.headline, headline), details: pay(due.details, details) }
    }

    /// What a headline and a set of detailed tables cost.
    fn prices(&self, plans: &[Plan]) -> (f64, f64) {
        let details = plans.iter().flat_map(Plan::published_details).map(PlannedTable::spends);
        (plans.iter().map(|plan| self.headline_price(plan)).sum(), details.sum())
    }

    fn headline_price(&self, plan: &Plan) -> f64 {
        match plan.rhythm {
            HeadlineRhythm::Regularly => plan.headline.spends(),
            HeadlineRhythm::Once if self.spent == 0.0 => plan.headline.spends(),
            HeadlineRhythm::Once | HeadlineRhythm::Never => 0.0,
        }
    }

    /// Adds what was spent.
    pub(crate) fn spend(&mut self, spending: &Spending) {
        let is_headline = |own: &SpentOnTable| own.table == AnalystTable::HEADLINE.as_str();
        self.spent += spending.rho();
        if spending.tables.iter().any(is_headline) {
            self.headlines += 1;
            self.headline_on = self.headline_on.max(Some(spending.day));
        }
        if !spending.tables.iter().all(is_headline) {
            self.details += 1;
            self.details_on = self.details_on.max(Some(spending.day));
        }
    }

    /// What readers of the figures are told. `shown` has the days of the headline and of the oldest detailed table that
    /// are published.
    pub(crate) fn told(&self, plans: &[Plan], shown: [Option<Date>; 2]) -> SeasonTold {
        let Disclosure { season, epsilon, delta, .. } = &self.settings;
        let next = |price: f64, is_left: bool, last: Option<Date>, days: u32| {
            let can_pay = price > 0.0 && price <= self.rho * (1.0 + ROUNDING) - self.spent;
            after(last, days).filter(|_| is_left && can_pay)
        };
        let (headline, details) = self.prices(plans);
        let mut notes = Vec::new();
        let rhythm = |wanted: HeadlineRhythm| plans.iter().any(|plan| plan.rhythm == wanted);
        let is_headline_left = self.headlines < self.settings.headlines;
        let next_headline = next(headline, is_headline_left, self.headline_on, self.settings.headline_days);
        let is_set_left = self.details < self.settings.details;
        if rhythm(HeadlineRhythm::Never) {
            notes.push(
                "A scheme has too few accounts for any figure: noise that hides a household would hide all.".to_owned(),
            );
        }
        if rhythm(HeadlineRhythm::Once) {
            notes.push(
                "A scheme has so few accounts that one national figure a season is all that says something.".to_owned(),
            );
        }
        if rhythm(HeadlineRhythm::Regularly) && next_headline.is_none() {
            notes.push(format!(
                "The budget of season {season} is spent: the figures stay as they are until the job names another season."
            ));
        }
        for (what, paid, shown) in
            [("headline", self.headline_on, shown[0]), ("set of detailed tables", self.details_on, shown[1])]
        {
            if let Some(day) = paid.filter(|paid| shown.is_none_or(|shown| shown < *paid)) {
                notes.push(format!("A {what} was paid for on {day} and never published: that run was stopped."));
            }
        }
        if self.is_missing_records {
            notes.push(
                "Records of what was spent are missing: what the last run told of it counts as spent.".to_owned(),
            );
        }
        SeasonTold {
            season: season.clone(),
            epsilon: *epsilon,
            delta: *delta,
            rho: self.rho,
            spent: self.spent,
            headlines: self.headlines,
            details: self.details,
            headline_on: self.headline_on,
            details_on: self.details_on,
            next_headline,
            next_details: next(details, is_set_left, self.details_on, self.settings.detail_days),
            notes,
        }
    }
}

/// The day so many days after a last one.
fn after(last: Option<Date>, days: u32) -> Option<Date> {
    let days: Span = i64::from(days).days();
    last.map(|last| last.checked_add(days).unwrap_or(Date::MAX))
}

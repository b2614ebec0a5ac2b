//! Declares the CSV tables of figures: the exact ones of the administrator, and the published ones of analysts.

use std::borrow::Cow;

use jiff::civil::Date;

use super::analyst_tables::{AnalystOutcome, AnalystTable};
use super::rows::Tally;
use super::schema::{Column, Kind};
use super::table::{Cell, Table, table};
use super::values::values;

table! {
    /// For analysts: figures of a scheme with noise, which tell nothing certain about any household.
    pub PublishedTable = "published.csv", key [scheme, table, part, outcome];
    /// One figure. Every interval holds the true value 95 times in a hundred.
    PublishedRow {
        /// The scheme's id.
        scheme: &'a str,
        /// The table.
        table: AnalystTable,
        /// The part; empty for all.
        @optional part: &'a str,
        /// What became of them.
        outcome: AnalystOutcome,
        /// About how many there are; empty if that is too noisy to show.
        count: Option<Tally>,
        /// The lower end of the count's interval.
        count_low: Tally,
        /// The upper end of the count's interval.
        count_high: Tally,
        /// Their share of all outcomes of the part; empty if that is too noisy to show, and for accounts by reason.
        share: Option<Fraction>,
        /// The lower end of the share's interval.
        share_low: Option<Fraction>,
        /// The upper end of the share's interval.
        share_high: Option<Fraction>,
        /// The day of the figure.
        as_of: Date,
    }
}

table! {
    /// For the administrator alone: the exact figures of the run.
    pub FiguresTable = "figures.csv", key [scheme, of, breakdown, part, outcome];
    /// One figure.
    FigureRow {
        /// The scheme's id; empty for figures of all schemes.
        @optional scheme: &'a str,
        /// What is counted. All but accounts and levels are eligible ones.
        of: FigureUnit,
        /// What the row is one part of.
        breakdown: FigureBreakdown,
        /// The part; empty for all.
        @optional part: &'a str,
        /// What became of them: for eligible ones an outcome; for accounts flagged, unflagged or on-supply; for levels
        /// m or u.
        outcome: &'a str,
        /// How many there are; empty for levels.
        count: Option<Tally>,
        /// Their share of all outcomes of the part; for accounts that are flagged, of those on supply; for review, the
        /// chance that a decision on one of them adds a rebate; for levels, m or u. Empty if there are none to take a
        /// share of.
        share: Option<Fraction>,
    }
}

values! {
    /// What a figure counts.
    pub enum FigureUnit {
        /// Claims that share a person.
        Households = "households",
        /// Persons on eligible claims.
        Persons = "persons",
        /// Claims.
        Claims = "claims",
        /// Accounts of suppliers.
        Accounts = "accounts",
        /// Comparison levels of fields.
        Levels = "levels",
    }
}

values! {
    /// What a figure is one part of.
    pub enum FigureBreakdown {
        /// Not broken down.
        All = "all",
        /// By region of Great Britain.
        Region = "region",
        /// By the group of the scheme through which they are eligible.
        Group = "group",
        /// By age on the qualifying date.
        Age = "age",
        /// By whether the date of birth is known.
        BirthDate = "birth-date",
        /// By supplier.
        Supplier = "supplier",
        /// By postcode area.
        Area = "area",
        /// By flat or house.
        Home = "home",
        /// By what the first holder's name shows of its origin.
        NameOrigin = "name-origin",
        /// By a kind of match key that found them. They may have several.
        Key = "key",
        /// By the only kind of match key that found them.
        OnlyKey = "only-key",
        /// By the match weight.
        Weight = "weight",
        /// By the band of the posterior.
        Posterior = "posterior",
        /// By why they are not flagged.
        Reason = "reason",
        /// By how likely a decision on an account in review adds a rebate.
        Review = "review",
        /// By field and level.
        Level = "level",
    }
}

values! {
    /// What became of an eligible household: the first of these that applies.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum EligibleOutcome {
        /// Its flag is released.
        Released = "released",
        /// It is found, and its flag waits: its supplier is held back or not in the run, the flag goes out on a release
        /// day, or the rebate is reserved for an account that has it or had it last.
        Waiting = "waiting",
        /// Somebody objected.
        Objected = "objected",
        /// The holder is not on supply. It is known only of accounts that are on supply on another scheme's date.
        NotOnSupply = "not-on-supply",
        /// No account has its best candidate there.
        NotFound = "not-found",
        /// An account is found under the threshold, or in doubt otherwise, and is in review.
        Review = "review",
        /// An account is found under the threshold and is not in review, or staff decided against it.
        UnderThreshold = "under-threshold",
        /// It is found, and the limit is reached.
        Limit = "limit",
    }
}

impl EligibleOutcome {
    /// In a few words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            EligibleOutcome::Released => "flag released",
            EligibleOutcome::Waiting => "found, flag waits",
            EligibleOutcome::Objected => "objected",
            EligibleOutcome::NotOnSupply => "holder not on supply",
            EligibleOutcome::NotFound => "not found",
            EligibleOutcome::Review => "found, in review",
            EligibleOutcome::UnderThreshold => "found, under the threshold otherwise",
            EligibleOutcome::Limit => "lost to the limit",
        }
    }

    /// All outcomes, in the order of the tables.
    pub const ALL: [EligibleOutcome; 8] = [
        EligibleOutcome::Released,
        EligibleOutcome::Waiting,
        EligibleOutcome::Objected,
        EligibleOutcome::NotOnSupply,
        EligibleOutcome::NotFound,
        EligibleOutcome::Review,
        EligibleOutcome::UnderThreshold,
        EligibleOutcome::Limit,
    ];
}

/// A share in a table of exact figures.
#[derive(Debug, Clone, Copy)]
pub struct Fraction(pub f64);

/// To nine decimals, without zeros at the end.
impl Cell<'_> for Fraction {
    const KIND: Kind = Kind::Share;

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(((self.0 * 1e9).round() / 1e9).to_string())
    }

    fn read(text: &str) -> Option<Fraction> {
        let share: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&share).then_some(Fraction(share))
    }
}

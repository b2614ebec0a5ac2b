//! Declares the section `[gates]`: the bounds outside which a supplier is quarantined.

use super::kinds::{count, share, switch, times, whole};
use super::settings::{Kind, settings};

fn days() -> Kind<u32> {
    whole(" of days", 1..=36_600)
}

settings! {
    /// How far a supplier's run may be from its own earlier deliveries, and what no run may be.
    ///
    /// The defaults: a fifth of the accounts, three tenths of the match rate, and small shares of the rest.
    #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(default)]
    pub struct Gates {
        /// With how many of its last deliveries a run is compared.
        pub nights: u32 = whole("", 1..=366).or(7),
        /// Smaller counts are not compared, because they move by chance: an account count is compared if tonight's
        /// or the usual one is at least this, a share if both are of at least this many.
        pub least_accounts: u64 = count("").or(100),
        /// How many fewer accounts on supply, over all or in a scheme, there may be, as a share of the usual number.
        /// 1 switches it off.
        pub accounts_fewer: f64 = share().or(0.2),
        /// How many more accounts on supply, over all or in a scheme, there may be, as a share of the usual number.
        /// A large number switches it off.
        pub accounts_more: f64 = times().or(0.2),
        /// How much lower the match rate may be, as a share of the usual rate. The match rate is the share of
        /// accounts on supply that are found eligible.
        pub match_rate_lower: f64 = share().or(0.3),
        /// How much higher the match rate may be, as a share of the usual rate.
        pub match_rate_higher: f64 = times().or(0.3),
        /// By how much the share of accounts on supply with a date of birth may fall: 0.1 is ten percentage points.
        pub birth_dates_fallen: f64 = share().or(0.1),
        /// By how much the share of rejected rows may rise.
        pub rejects_risen: f64 = share().or(0.02),
        /// By how much rows with a note, as a share of the accounts on supply, may rise.
        pub notes_risen: f64 = share().or(0.1),
        /// Whether a file that is the same, byte for byte, as one of a delivery older than the last quarantines its
        /// supplier.
        pub repeated_file: bool = switch().or(true),
        /// For how many days the same file may be matched.
        pub unchanged_days: u32 = days().or(31),
        /// For how many days after its qualifying date a scheme's flags may be released. Only you know when a scheme
        /// is over, so there is no default.
        pub qualifying_days: Option<u32> = days().optional_or("without end"),
        /// The number of rows or accounts from which the checks below apply.
        pub absolute_accounts: u64 = count("").or(1000),
        /// The least number of different `customer_ref`, as a share of a supplier's usable rows: a spreadsheet that
        /// writes `1.23457E+11` makes one account of many.
        pub references_least: f64 = share().or(0.2),
        /// The least share of a supplier's accounts on supply, and of benefit rows, with a usable date of birth.
        pub birth_dates_least: f64 = share().or(0.01),
        /// The same for a postcode, of any country.
        pub postcodes_least: f64 = share().or(0.01),
        /// The same for a surname and a forename or initial.
        pub names_least: f64 = share().or(0.5),
        /// The least share of a scheme's accounts on supply that are found eligible, unless chance explains it; no
        /// account at all is always too few. For a scheme with few rebates, set it lower.
        pub flagged_least: f64 = share().or(0.005),
        /// The greatest share of a scheme's accounts on supply that are found eligible, unless chance explains it.
        pub flagged_most: f64 = share().or(0.8),
        /// Whether each group needs a benefit row with one of its codes. If some rows have codes of no group, each
        /// code of each group needs a row, because a missing one may be misspelt. `flagmatch check` lists the codes
        /// in the files.
        pub benefits_found: bool = switch().or(true),
    }
}

impl Default for Gates {
    fn default() -> Gates {
        Gates::settings().defaults()
    }
}

//! Reads the section `[gates]`: the bounds outside which a supplier is quarantined.

use super::JobError;
use super::section::Section;
use super::settings::{COUNT, DAYS, DAYS_OR_NONE, SHARE, SWITCH, TIMES, settings};

settings! {
    /// How far a supplier's run may be from its own earlier deliveries, and what no run may be.
    ///
    /// The defaults: a fifth of the accounts, three tenths of the match rate, and small shares of the rest.
    Gates in "gates", "[gates]";

    /// With how many of its last deliveries a run is compared, 1 or more.
    nights: u32 = 7, |section: &Section, key| section.whole_in(key, "a whole number from 1 to 366", 1..=366);
    /// Smaller counts are not compared, because they move by chance.
    least_accounts: u64 = 100, COUNT;
    /// How many fewer accounts, or accounts on supply, there may be, as a share of the usual number.
    accounts_fewer: f64 = 0.2, SHARE;
    /// How many more accounts, or accounts on supply, there may be, as a share of the usual number.
    accounts_more: f64 = 0.2, TIMES;
    /// How much lower the match rate may be, as a share of the usual rate.
    match_rate_lower: f64 = 0.3, SHARE;
    /// How much higher the match rate may be, as a share of the usual rate.
    match_rate_higher: f64 = 0.3, TIMES;
    /// By how much the share of accounts with a date of birth may fall.
    birth_dates_fallen: f64 = 0.1, SHARE;
    /// By how much the share of rejected rows may rise.
    rejects_risen: f64 = 0.02, SHARE;
    /// By how much the share of rows with a note may rise.
    notes_risen: f64 = 0.1, SHARE;
    /// Whether a file that is identical to one of a delivery older than the last quarantines its supplier.
    repeated_file: bool = true, SWITCH;
    /// For how many days the same file may be matched.
    unchanged_days: u32 = 31, DAYS;
    /// For how many days after its qualifying date a scheme's flags may be released; `None` if without end.
    qualifying_days: Option<u32> = None, DAYS_OR_NONE;
    /// The number of rows or accounts from which the checks below apply. They need no history.
    absolute_accounts: u64 = 1000, COUNT;
    /// The least number of different references, as a share of a supplier's rows.
    references_least: f64 = 0.2, SHARE;
    /// The least share of accounts on supply, and of benefit rows, with a usable date of birth.
    birth_dates_least: f64 = 0.01, SHARE;
    /// The least share with a postcode.
    postcodes_least: f64 = 0.01, SHARE;
    /// The least share with a surname and a forename or initial.
    names_least: f64 = 0.5, SHARE;
    /// The least share of accounts on supply that are flagged.
    flagged_least: f64 = 0.005, SHARE;
    /// The greatest share of accounts on supply that are flagged.
    flagged_most: f64 = 0.8, SHARE;
    /// Whether the run stops if no row has a benefit code of a group.
    benefits_found: bool = true, SWITCH;
}

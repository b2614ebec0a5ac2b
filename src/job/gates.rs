//! The gates of a job, its section `[gates]`: how far a supplier's night may be from its own history, and
//! what no night may be, before nothing goes out.

use serde::Serialize;

use super::JobError;
use super::section::Section;

/// How far a supplier's night may be from its own earlier deliveries, and what no night may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gates {
    /// With how many of its last deliveries it is compared, 1 or more.
    pub nights: u32,
    /// Counts below this are compared with nothing: they move by chance.
    pub least_accounts: u64,
    /// By which share of the usual number there may be fewer accounts, or fewer in play.
    pub accounts_fewer: f64,
    /// By which share of the usual number there may be more accounts, or more in play.
    pub accounts_more: f64,
    /// By which share of itself the match rate may be lower than usual.
    pub match_rate_lower: f64,
    /// By which share of itself the match rate may be higher than usual.
    pub match_rate_higher: f64,
    /// By how much the share of accounts with a date of birth may have fallen.
    pub birth_dates_fallen: f64,
    /// By how much the share of rejected rows may have risen.
    pub rejects_risen: f64,
    /// By how much the share of rows with a note may have risen.
    pub notes_risen: f64,
    /// A file that is identical to one of an earlier delivery than the last is held back.
    pub repeated_file: bool,
    /// For how many days one file may be matched again and again.
    pub unchanged_days: u32,
    /// For how many days after its qualifying date a scheme's flags may go out; none for without end.
    pub qualifying_days: Option<u32>,
    /// The least number of rows or accounts to which the checks below apply. They need no history.
    pub absolute_accounts: u64,
    /// The least number of different references, as a share of a supplier's rows.
    pub references_least: f64,
    /// The least share of accounts on supply, and of benefit rows, with a usable date of birth.
    pub birth_dates_least: f64,
    /// The least share with a postcode.
    pub postcodes_least: f64,
    /// The least share with a surname and a forename or initial.
    pub names_least: f64,
    /// The least share of accounts on supply that are flagged.
    pub flagged_least: f64,
    /// The greatest share of accounts on supply that are flagged.
    pub flagged_most: f64,
    /// Whether benefit codes of a group that no row has stop the run.
    pub benefits_found: bool,
}

impl Default for Gates {
    /// A fifth of the accounts, three tenths of the match rate, and small shares of the rest.
    fn default() -> Gates {
        Gates {
            nights: 7,
            least_accounts: 100,
            accounts_fewer: 0.2,
            accounts_more: 0.2,
            match_rate_lower: 0.3,
            match_rate_higher: 0.3,
            birth_dates_fallen: 0.1,
            rejects_risen: 0.02,
            notes_risen: 0.1,
            repeated_file: true,
            unchanged_days: 31,
            qualifying_days: None,
            absolute_accounts: 1000,
            references_least: 0.2,
            birth_dates_least: 0.01,
            postcodes_least: 0.01,
            names_least: 0.5,
            flagged_least: 0.005,
            flagged_most: 0.8,
            benefits_found: true,
        }
    }
}

const KEYS: &[&str] = &[
    "nights",
    "least_accounts",
    "accounts_fewer",
    "accounts_more",
    "match_rate_lower",
    "match_rate_higher",
    "birth_dates_fallen",
    "rejects_risen",
    "notes_risen",
    "repeated_file",
    "unchanged_days",
    "qualifying_days",
    "absolute_accounts",
    "references_least",
    "birth_dates_least",
    "postcodes_least",
    "names_least",
    "flagged_least",
    "flagged_most",
    "benefits_found",
];

/// The gates that a job asks for.
pub(super) fn gates(root: &Section) -> Result<Gates, JobError> {
    let shipped = Gates::default();
    let Some(section) = root.section("gates", "[gates]", KEYS)? else {
        return Ok(shipped);
    };
    let share = |key, shipped| {
        let read = section.number(key, "a number from 0 to 1", |number| (0.0..=1.0).contains(&number));
        Ok::<_, JobError>(read?.unwrap_or(shipped))
    };
    let times = |key, shipped| {
        let read = section.number(key, "a number, 0 or more", |number| number >= 0.0);
        Ok::<_, JobError>(read?.unwrap_or(shipped))
    };
    let days = |key| section.whole_in(key, "a whole number of days from 1 to 36600", 1..=36_600);
    let nights = section.whole_in("nights", "a whole number from 1 to 366", 1..=366)?;
    let least_accounts = section.whole("least_accounts", "a whole number, 0 or more")?;
    let absolute_accounts = section.whole("absolute_accounts", "a whole number, 0 or more")?;
    Ok(Gates {
        nights: nights.unwrap_or(shipped.nights),
        least_accounts: least_accounts.unwrap_or(shipped.least_accounts),
        accounts_fewer: share("accounts_fewer", shipped.accounts_fewer)?,
        accounts_more: times("accounts_more", shipped.accounts_more)?,
        match_rate_lower: share("match_rate_lower", shipped.match_rate_lower)?,
        match_rate_higher: times("match_rate_higher", shipped.match_rate_higher)?,
        birth_dates_fallen: share("birth_dates_fallen", shipped.birth_dates_fallen)?,
        rejects_risen: share("rejects_risen", shipped.rejects_risen)?,
        notes_risen: share("notes_risen", shipped.notes_risen)?,
        repeated_file: section.boolean("repeated_file")?.unwrap_or(shipped.repeated_file),
        unchanged_days: days("unchanged_days")?.unwrap_or(shipped.unchanged_days),
        qualifying_days: days("qualifying_days")?,
        absolute_accounts: absolute_accounts.unwrap_or(shipped.absolute_accounts),
        references_least: share("references_least", shipped.references_least)?,
        birth_dates_least: share("birth_dates_least", shipped.birth_dates_least)?,
        postcodes_least: share("postcodes_least", shipped.postcodes_least)?,
        names_least: share("names_least", shipped.names_least)?,
        flagged_least: share("flagged_least", shipped.flagged_least)?,
        flagged_most: share("flagged_most", shipped.flagged_most)?,
        benefits_found: section.boolean("benefits_found")?.unwrap_or(shipped.benefits_found),
    })
}

//! Protection against probing: in goes the section `[probing]`, out comes what a supplier's customer file
//! may look like before it is taken for an attempt to learn who is on benefits.

use serde::Serialize;

use super::JobError;
use super::section::Section;

/// What a supplier's customer file may look like. A job without the section asks for none of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probing {
    /// By which share of itself the match rate of accounts never seen before may differ from the usual one.
    pub new_match_rate: f64,
    /// By how much the share of accounts never seen before may be above the usual one.
    pub new_accounts: f64,
    /// Which share of the accounts may be edited in one night.
    pub edited: f64,
    /// In how many of five nights one account may be edited before it counts as edited again and again.
    pub edited_nights: u32,
    /// Which share of the accounts may be edited again and again.
    pub edited_again: f64,
    /// By how much the share of holders who are named on several accounts may be above the usual one.
    pub one_person: f64,
    /// How many surnames make an address crowded.
    pub surnames: u32,
    /// By how much the share of holders at crowded addresses may be above the usual one.
    pub crowded_address: f64,
}

impl Default for Probing {
    /// Bounds that honest suppliers keep, as far as synthetic ones tell.
    fn default() -> Probing {
        Probing {
            new_match_rate: 0.5,
            new_accounts: 0.05,
            edited: 0.05,
            edited_nights: 3,
            edited_again: 0.001,
            one_person: 0.002,
            surnames: 5,
            crowded_address: 0.002,
        }
    }
}

const KEYS: &[&str] = &[
    "new_match_rate",
    "new_accounts",
    "edited",
    "edited_nights",
    "edited_again",
    "one_person",
    "surnames",
    "crowded_address",
];

/// What a job asks for; none where it has no such section.
pub(super) fn probing(root: &Section) -> Result<Option<Probing>, JobError> {
    let shipped = Probing::default();
    let Some(section) = root.section("probing", "[probing]", KEYS)? else {
        return Ok(None);
    };
    let share = |key, shipped| {
        let read = section.number(key, "a number from 0 to 1", |number| (0.0..=1.0).contains(&number));
        Ok::<_, JobError>(read?.unwrap_or(shipped))
    };
    let new_match_rate = section.number("new_match_rate", "a number, 0 or more", |number| number >= 0.0)?;
    let edited_nights = section.whole_in("edited_nights", "a whole number from 2 to 5", 2..=5)?;
    let surnames = section.whole_in("surnames", "a whole number from 2 to 1000", 2..=1000)?;
    Ok(Some(Probing {
        new_match_rate: new_match_rate.unwrap_or(shipped.new_match_rate),
        new_accounts: share("new_accounts", shipped.new_accounts)?,
        edited: share("edited", shipped.edited)?,
        edited_nights: edited_nights.unwrap_or(shipped.edited_nights),
        edited_again: share("edited_again", shipped.edited_again)?,
        one_person: share("one_person", shipped.one_person)?,
        surnames: surnames.unwrap_or(shipped.surnames),
        crowded_address: share("crowded_address", shipped.crowded_address)?,
    }))
}

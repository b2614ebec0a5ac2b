//! Reads the section `[probing]`: what a customer file may look like before it is taken for an attempt to
//! learn who is on benefits.

use super::JobError;
use super::section::Section;
use super::settings::{SHARE, TIMES, settings};

settings! {
    /// What a supplier's customer file may look like. A job without the section checks none of this.
    ///
    /// The defaults: bounds that honest suppliers keep, as far as synthetic ones show.
    Probing in "probing", "[probing]";

    /// How far the match rate of accounts never seen before may differ, as a share of the usual rate.
    new_match_rate: f64 = 0.5, TIMES;
    /// By how much the share of accounts never seen before may exceed the usual one.
    new_accounts: f64 = 0.05, SHARE;
    /// Which share of the accounts may be edited in one run.
    edited: f64 = 0.05, SHARE;
    /// In how many of five runs an account must be edited to count as edited again and again.
    edited_nights: u32 = 3, |section: &Section, key| section.whole_in(key, "a whole number from 2 to 5", 2..=5);
    /// Which share of the accounts may be edited again and again.
    edited_again: f64 = 0.001, SHARE;
    /// By how much the share of holders who are named on several accounts may exceed the usual one.
    one_person: f64 = 0.002, SHARE;
    /// How many surnames make an address crowded.
    surnames: u32 = 5, |section: &Section, key| section.whole_in(key, "a whole number from 2 to 1000", 2..=1000);
    /// By how much the share of holders at crowded addresses may exceed the usual one.
    crowded_address: f64 = 0.002, SHARE;
}

//! Declares the section `[probing]`: what a customer file may look like before it is taken for an attempt to
//! learn who is on benefits.

use super::kinds::{share, times, whole};
use super::settings::settings;

settings! {
    /// What a supplier's customer file may look like. A job without the section checks none of this.
    ///
    /// The defaults: bounds that honest suppliers keep, as far as synthetic ones show.
    #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
    pub struct Probing {
        /// How far the match rate of accounts never seen before may differ, as a share of the usual rate.
        pub new_match_rate: f64 = times().or(0.5),
        /// By how much the share of accounts never seen before may exceed the usual one.
        pub new_accounts: f64 = share().or(0.05),
        /// Which share of the accounts may be edited in one run.
        pub edited: f64 = share().or(0.05),
        /// In how many of five runs an account must be edited to count as edited again and again.
        pub edited_nights: u32 = whole("", 2..=5).or(3),
        /// Which share of the accounts may be edited again and again.
        pub edited_again: f64 = share().or(0.001),
        /// By how much the share of holders who are named on several accounts may exceed the usual one.
        pub one_person: f64 = share().or(0.002),
        /// How many surnames make an address crowded.
        pub surnames: u32 = whole("", 2..=1000).or(5),
        /// By how much the share of holders at crowded addresses may exceed the usual one.
        pub crowded_address: f64 = share().or(0.002),
    }
}

impl Default for Probing {
    fn default() -> Probing {
        Probing::settings().defaults()
    }
}

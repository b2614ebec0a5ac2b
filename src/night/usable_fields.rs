//! Counts the rows or accounts that have each field that people are matched by, and finds fields that too few
//! of them have.

use std::ops::AddAssign;

use crate::job::Gates;

/// How many rows or accounts have each field.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UsableFields {
    /// A date of birth.
    pub(super) birth_dates: u64,
    /// A postcode, of British form or not.
    pub(super) postcodes: u64,
    /// A surname and a forename or initial.
    pub(super) names: u64,
}

/// A field that too few rows or accounts have.
pub(super) struct TooFew {
    pub(super) gate: &'static str,
    /// The setting of the least share, under `[gates]`.
    pub(super) setting: &'static str,
    /// The field in words.
    pub(super) what: &'static str,
    pub(super) usable: u64,
    pub(super) least: f64,
}

impl UsableFields {
    /// The fields that less than their least share of `all` have.
    pub(super) fn too_few(self, all: u64, gates: &Gates) -> impl Iterator<Item = TooFew> {
        let fields = [
            ("usable-birth-dates", "birth_dates_least", "date of birth", self.birth_dates, gates.birth_dates_least),
            ("usable-postcodes", "postcodes_least", "postcode", self.postcodes, gates.postcodes_least),
            ("usable-names", "names_least", "forename and surname", self.names, gates.names_least),
        ];
        let fields = fields.map(|(gate, setting, what, usable, least)| TooFew { gate, setting, what, usable, least });
        let is_checked = is_enough(all, gates);
        fields.into_iter().filter(move |field| is_checked && (field.usable as f64) < field.least * all as f64)
    }
}

impl AddAssign for UsableFields {
    fn add_assign(&mut self, other: UsableFields) {
        self.birth_dates += other.birth_dates;
        self.postcodes += other.postcodes;
        self.names += other.names;
    }
}

/// There are as many rows or accounts as the checks without history apply to.
pub(super) fn is_enough(count: u64, gates: &Gates) -> bool {
    count > 0 && count >= gates.absolute_accounts
}

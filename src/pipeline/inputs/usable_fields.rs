//! Counts how many rows or accounts have each field that matching needs, and finds fields that too few have.

use std::ops::AddAssign;

use crate::job::Gates;

/// How many rows or accounts have each field.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct UsableFields {
    /// A date of birth.
    pub(crate) birth_dates: u64,
    /// A postcode, of British form or not.
    pub(crate) postcodes: u64,
    /// A surname and a forename or initial.
    pub(crate) names: u64,
}

/// A field that too few rows or accounts have.
pub(crate) struct TooFew {
    pub(crate) gate: &'static str,
    /// The setting of the least share, under `[gates]`.
    pub(crate) setting: &'static str,
    /// The field in words.
    pub(crate) what: &'static str,
    pub(crate) usable: u64,
    pub(crate) least: f64,
}

impl UsableFields {
    /// The fields that fewer than the required share of `all` have.
    pub(crate) fn too_few(self, all: u64, gates: &Gates) -> impl Iterator<Item = TooFew> {
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

/// Whether there are enough rows or accounts for the absolute gates.
pub(crate) fn is_enough(count: u64, gates: &Gates) -> bool {
    count > 0 && count >= gates.absolute_accounts
}

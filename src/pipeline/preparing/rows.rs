//! Reads the rows of a customer file as a run does, and keeps the text of the columns that a run reads.

use crate::csv_row;
use crate::date::Date;
use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::matching::{Digest, RunKey};
use crate::normalise::Home;
use crate::normalise::name::Named;
use crate::normalise::postcode::Postcode;
use crate::pipeline::inputs::identity;
use crate::pipeline::preparing::Layout;

/// Context for reading every chunk.
pub(super) struct Preparing<'a> {
    key: &'a RunKey,
    qualifying_dates: Vec<Date>,
    latest_birth: Date,
    columns: Vec<Column>,
}

impl<'a> Preparing<'a> {
    pub(super) fn new(layout: &Layout, key: &'a RunKey, columns: Vec<Column>) -> Preparing<'a> {
        let (qualifying_dates, latest_birth) = (layout.qualifying_dates().collect(), layout.latest_birth());
        Preparing { key, qualifying_dates, latest_birth, columns }
    }

    /// A consumer for one chunk.
    pub(super) fn rows(&self) -> PreparedRows<'_> {
        PreparedRows { preparing: self, rows: Vec::new(), text: Vec::new() }
    }
}

/// The rows of one chunk.
pub(super) struct PreparedRows<'a> {
    preparing: &'a Preparing<'a>,
    pub(super) rows: Vec<PreparedRow>,
    /// The fields that are kept, row after row, as CSV without line ends.
    text: Vec<u8>,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct PreparedRow {
    /// Stands for the account.
    pub(super) account: Digest,
    /// Equal for exact repeats.
    pub(super) fingerprint: u64,
    /// The place of its text in the chunk's.
    start: usize,
    end: usize,
    pub(super) on_supply: bool,
    pub(super) is_named: bool,
    pub(super) has_birth_date: bool,
    pub(super) has_postcode: bool,
    pub(super) has_uprn: bool,
}

impl PreparedRows<'_> {
    /// The fields of a row that are kept, as CSV without a line end.
    pub(super) fn text(&self, row: &PreparedRow) -> &[u8] {
        &self.text[row.start..row.end]
    }
}

impl Consumer for PreparedRows<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Preparing { key, qualifying_dates, latest_birth, columns } = self.preparing;
        let Some(reference) = row.reference(Column::CustomerRef) else {
            faults.reject(FaultReason::NoReference);
            return;
        };
        let account = key.digest_text(reference.as_bytes());
        let supply = identity::Supply::read(row, faults);
        let start = self.text.len();
        csv_row::row(columns.iter().map(|column| row.get(*column)), &mut self.text);
        self.text.pop();
        let mut kept = PreparedRow {
            account,
            fingerprint: row.fingerprint(),
            start,
            end: self.text.len(),
            on_supply: qualifying_dates.iter().any(|day| supply.covers(*day)),
            is_named: false,
            has_birth_date: false,
            has_postcode: false,
            has_uprn: false,
        };
        if kept.on_supply {
            // In the order of a run, which gives the same notes.
            let (mut home, mut named) = (Home::default(), Named::default());
            identity::home(row, faults, &mut home);
            identity::named(row, &mut named);
            let born = identity::born(row, Column::DateOfBirth, *latest_birth, faults);
            identity::born(row, Column::JointDateOfBirth, *latest_birth, faults);
            kept.is_named = named.people.iter().any(|name| !name.family.is_empty() && !name.given.is_empty());
            kept.has_birth_date = born.is_some();
            kept.has_postcode = home.postcode != Postcode::Absent;
            kept.has_uprn = home.uprn.is_some();
        }
        self.rows.push(kept);
    }
}

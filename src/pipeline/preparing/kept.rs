//! Chooses the rows that are kept: those on supply, with as many holders for each account as a run would find.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::matching::Digest;
use crate::pipeline::accounts::grouping::MOST_ROWS;
use crate::pipeline::preparing::rows::{PreparedRow, PreparedRows};
use crate::pipeline::preparing::{FileFigures, PrepareError};

/// The rows that are kept, in the order of the files.
pub(super) struct Kept<'a> {
    rows: Vec<KeptRow<'a>>,
    accounts: u64,
    kept_accounts: u64,
    repeats: u64,
    crowded: u64,
}

/// A row that is kept.
struct KeptRow<'a> {
    /// Its place among all rows of the files.
    place: usize,
    row: &'a PreparedRow,
    text: &'a [u8],
    /// How many rows before it have the same text and account. They differ in columns that are left out, so that a run
    /// takes them for several holders.
    copy: u32,
}

impl<'a> Kept<'a> {
    /// Chooses among the chunks of all files, each with its file's number.
    pub(super) fn choose(
        parts: &'a [(usize, PreparedRows<'_>)],
        may_be_spread: bool,
    ) -> Result<Kept<'a>, PrepareError> {
        let rows = parts.iter().flat_map(|(file, part)| part.rows.iter().map(move |row| (*file, part, row)));
        let rows: Vec<_> = rows.collect();
        let mut ordered: Vec<(Digest, usize)> =
            rows.iter().enumerate().map(|(place, (_, _, row))| (row.account, place)).collect();
        ordered.par_sort_unstable();
        let mut kept = Kept { rows: Vec::new(), accounts: 0, kept_accounts: 0, repeats: 0, crowded: 0 };
        let mut spread = 0;
        for account in ordered.chunk_by(|one, other| one.0 == other.0) {
            let places = || account.iter().map(|(_, place)| *place);
            kept.accounts += 1;
            spread += u64::from(places().any(|place| rows[place].0 != rows[account[0].1].0));
            let mut seen = std::collections::HashSet::new();
            let distinct: Vec<usize> = places().filter(|place| seen.insert(rows[*place].2.fingerprint)).collect();
            kept.repeats += (account.len() - distinct.len()) as u64;
            // A run drops all holders of such a reference. It must go on to see that there are so many.
            let is_crowded = distinct.len() > MOST_ROWS;
            kept.crowded += u64::from(is_crowded);
            if !distinct.iter().any(|place| rows[*place].2.on_supply) {
                continue;
            }
            kept.kept_accounts += 1;
            let mut copies: HashMap<&[u8], u32> = HashMap::new();
            for place in distinct {
                let (_, part, row) = rows[place];
                if row.on_supply || is_crowded {
                    let text = part.text(row);
                    let next = copies.entry(text).or_default();
                    kept.rows.push(KeptRow { place, row, text, copy: *next });
                    *next += 1;
                }
            }
        }
        if spread > 0 && !may_be_spread {
            return Err(PrepareError::RepeatedAcrossFiles { accounts: spread });
        }
        if kept.rows.is_empty() {
            return Err(PrepareError::NoAccounts);
        }
        kept.rows.par_sort_unstable_by_key(|row| row.place);
        Ok(kept)
    }

    /// Adds its counts to the figures.
    pub(super) fn count(&self, figures: &mut FileFigures) {
        let rows = |which: fn(&PreparedRow) -> bool| self.rows.iter().filter(|kept| which(kept.row)).count() as u64;
        figures.accounts = self.accounts;
        figures.kept_accounts = self.kept_accounts;
        figures.kept_rows = self.rows.len() as u64;
        figures.repeats = self.repeats;
        figures.crowded_references = self.crowded;
        figures.names = rows(|row| row.is_named);
        figures.birth_dates = rows(|row| row.has_birth_date);
        figures.postcodes = rows(|row| row.has_postcode);
        figures.uprns = rows(|row| row.has_uprn);
    }

    /// Whether rows have to be told apart by their number.
    pub(super) fn has_copies(&self) -> bool {
        self.rows.iter().any(|row| row.copy > 0)
    }

    /// The text of each row, and its number among those with the same text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'a [u8], u32)> {
        self.rows.iter().map(|row| (row.text, row.copy))
    }
}

//! Publishes how accounts were found: rounded-down counts of parts of the accounts in released cells, as
//! `analyst/details.csv`.
//!
//! Accounts of suppressed cells are in no part, so that no difference between a part and a cell reveals them. The parts
//! of a supplier and scheme are published with each look at its cells, and stay until the next look.

use std::path::Path;

use jiff::civil::Date;

use super::count::{Released, Rule};
use super::rates::SupplierRates;
use crate::release::error::ReleaseError;
use crate::release::folder;
use crate::release::rows::{DetailRow, DetailsTable};
use crate::release::table::{Block, Table, not_a_row};
use crate::release::values::values;

values! {
    /// What parts are counted among.
    pub enum Among {
        /// Accounts that are flagged.
        Flagged = "flagged",
        /// Accounts on supply that are not flagged.
        Unflagged = "unflagged",
        /// Rows of a file, or what they name. These counts do not depend on flags.
        Rows = "rows",
    }
}

values! {
    /// How accounts are broken down.
    pub enum DetailBreakdown {
        /// By a kind of match key that found them. They may have several.
        Key = "key",
        /// By a kind of match key that did not find them.
        NotKey = "not-key",
        /// By the only kind of match key that found them.
        OnlyKey = "only-key",
        /// By the match weight.
        Weight = "weight",
        /// By why they are not flagged.
        Reason = "reason",
        /// By what a file has.
        File = "file",
    }
}

/// A breakdown of the accounts in a supplier's released cells, with the true count of each part.
pub struct Split<'a> {
    /// What it is by.
    pub breakdown: DetailBreakdown,
    /// The accounts that it is of.
    pub among: Among,
    /// The number of accounts, if an account may be in several parts. Each part is then a breakdown of its own, into
    /// the accounts in it and those not in it, which are published under the other breakdown.
    pub each_of: Option<(u64, DetailBreakdown)>,
    /// Every account is in one of the parts.
    pub is_whole: bool,
    /// The parts: always the same ones in the same order, even if empty. Accounts may be in none of them.
    pub parts: Vec<(&'a str, u64)>,
}

/// The published figures of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is a part of.
    pub breakdown: DetailBreakdown,
    /// The part's name.
    pub part: String,
    /// The accounts that it is of.
    pub among: Among,
    /// The number of those accounts, by released figures; `None` for rows.
    pub accounts: Option<Released>,
    /// The least number of accounts in the part; `None` if that is less than a unit.
    pub at_least: Option<Released>,
}

/// The figures of a supplier in a scheme. If the scheme is empty, they are of the supplier's files; if the supplier is
/// empty too, of shared files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierDetails {
    /// The scheme's id.
    pub scheme: String,
    /// The supplier's id.
    pub supplier: String,
    /// The day of all its figures.
    pub as_of: Date,
    /// The figures.
    pub details: Vec<Detail>,
}

impl SupplierDetails {
    /// Makes the figures of the accounts in a supplier's cells at a look. `rates` are those of the same look.
    pub fn look(rates: &SupplierRates, rule: &Rule, splits: &[Split<'_>]) -> SupplierDetails {
        let whole = |among: Among| -> Vec<Released> {
            let figures = rates.cells.values();
            figures.map(|figures| if among == Among::Flagged { figures.flagged } else { figures.unflagged }).collect()
        };
        let mut details = Vec::new();
        for split in splits {
            let cells = whole(split.among);
            let surely = cells.iter().map(|count| rule.surely(*count)).sum();
            let accounts: Released = cells.into_iter().sum();
            let mut add = |breakdown, part: &str, at_least| {
                let (part, among) = (part.to_owned(), split.among);
                details.push(Detail {
                    breakdown,
                    part,
                    among,
                    accounts: (accounts.get() > 0).then_some(accounts),
                    at_least,
                });
            };
            if let Some((all, others)) = split.each_of {
                for (part, count) in &split.parts {
                    let told = rule.tell(&[*count, all.saturating_sub(*count)], surely);
                    add(split.breakdown, part, told[0]);
                    add(others, part, told[1]);
                }
            } else {
                let counts: Vec<u64> = split.parts.iter().map(|(_, count)| *count).collect();
                let told =
                    if split.is_whole { rule.tell_all(&counts, surely, accounts) } else { rule.tell(&counts, surely) };
                for ((part, _), at_least) in split.parts.iter().zip(told) {
                    add(split.breakdown, part, at_least);
                }
            }
        }
        let (scheme, supplier) = (rates.scheme.clone(), rates.supplier.clone());
        SupplierDetails { scheme, supplier, as_of: rates.looked_at, details }
    }

    /// Makes the figures of files: the order of magnitude of counts that do not depend on flags.
    pub fn of_files(supplier: &str, as_of: Date, rule: &Rule, counts: &[(&str, u64)]) -> SupplierDetails {
        let details = counts.iter().map(|(part, count)| Detail {
            breakdown: DetailBreakdown::File,
            part: (*part).to_owned(),
            among: Among::Rows,
            accounts: None,
            at_least: rule.roughly(*count),
        });
        SupplierDetails { scheme: String::new(), supplier: supplier.to_owned(), as_of, details: details.collect() }
    }
}

/// All that a run publishes about how accounts were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// By scheme and supplier.
    pub suppliers: Vec<SupplierDetails>,
}

impl Details {
    /// The figures of a supplier in a scheme.
    pub fn of_supplier(&self, scheme: &str, supplier: &str) -> Option<&SupplierDetails> {
        self.suppliers.iter().find(|details| details.scheme == scheme && details.supplier == supplier)
    }

    /// The file's bytes.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Block::<DetailsTable>::with_header();
        for SupplierDetails { scheme, supplier, as_of, details } in &self.suppliers {
            for Detail { breakdown, part, among, accounts, at_least } in details {
                out.push(&DetailRow {
                    scheme,
                    supplier,
                    breakdown: *breakdown,
                    part,
                    among: *among,
                    accounts: *accounts,
                    at_least: *at_least,
                    suppressed: at_least.is_none(),
                    as_of: *as_of,
                });
            }
        }
        out.into_bytes()
    }

    /// Reads the figures of a file; empty if there is no such file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be read, [`ReleaseError::Damaged`] if it is not such a file.
    pub fn read(path: &Path) -> Result<Details, ReleaseError> {
        let mut all = Details::default();
        if !folder::is_there(path)? {
            return Ok(all);
        }
        DetailsTable::read(path, |row, line| {
            let DetailRow { scheme, supplier, breakdown, part, among, accounts, at_least, suppressed, as_of } = row;
            let detail = Detail { breakdown, part: part.to_owned(), among, accounts, at_least };
            match all.suppliers.last_mut().filter(|of| of.scheme == scheme && of.supplier == supplier) {
                _ if suppressed != at_least.is_none() => return Err(not_a_row(path, line)),
                Some(of) if of.as_of == as_of => of.details.push(detail),
                Some(_) => return Err(not_a_row(path, line)),
                None => all.suppliers.push(SupplierDetails {
                    scheme: scheme.to_owned(),
                    supplier: supplier.to_owned(),
                    as_of,
                    details: vec![detail],
                }),
            }
            Ok(())
        })?;
        Ok(all)
    }
}

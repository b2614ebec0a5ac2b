//! How accounts were found: in go true counts of parts of the accounts in released cells, out come counts
//! that are rounded down, as the rows of `analyst/details.csv`; and that file read back.
//!
//! Accounts of suppressed cells are in no part, so that no difference of a part and a cell tells of them.
//! The parts of a question are told of each supplier and scheme together with its look, and stay until the
//! next.

use std::path::Path;

use jiff::civil::Date;

use super::count::{Released, Rule};
use super::rates::SupplierRates;
use super::read;
use crate::release::encode;
use crate::release::error::ReleaseError;

const HEADER: [&str; 9] =
    ["scheme", "supplier", "breakdown", "part", "among", "accounts", "at_least", "suppressed", "as_of"];

/// Of which accounts the parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Accounts that are flagged.
    Flagged,
    /// Accounts in play that are not.
    Unflagged,
    /// Rows of a file, or what they name. Nobody's flag is in these counts.
    Rows,
}

impl Among {
    const ALL: [Among; 3] = [Among::Flagged, Among::Unflagged, Among::Rows];

    /// As the file names it.
    pub fn name(self) -> &'static str {
        match self {
            Among::Flagged => "flagged",
            Among::Unflagged => "unflagged",
            Among::Rows => "rows",
        }
    }
}

/// A question to the accounts in a supplier's released cells, and true counts for its answers.
pub struct Split<'a> {
    /// What is asked.
    pub breakdown: &'a str,
    /// Which accounts.
    pub among: Among,
    /// Where an account may be in several parts, how many accounts there are: each part is then a question of
    /// its own, with those that are in it and, as `not-` and the breakdown, those that are not.
    pub each_of: Option<u64>,
    /// Every account is in one of the parts.
    pub is_whole: bool,
    /// The answers, always the same ones and in the same order, also where nobody gives one. Accounts may
    /// be in none of them.
    pub parts: Vec<(&'a str, u64)>,
}

/// What is told of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What was asked.
    pub breakdown: String,
    /// The answer.
    pub part: String,
    /// Which accounts were asked.
    pub among: Among,
    /// How many those are, by released figures; none for rows.
    pub accounts: Option<Released>,
    /// How many are in the part at least; none where that is less than a unit.
    pub at_least: Option<Released>,
}

/// What is told of a supplier in a scheme; of its files where the scheme is empty, and of shared files where
/// the supplier is too.
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
    /// What a look at a supplier's cells tells of the accounts in them. `rates` are those of the same look.
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
            let mut add = |breakdown: String, part: &str, at_least| {
                let (part, among) = (part.to_owned(), split.among);
                details.push(Detail {
                    breakdown,
                    part,
                    among,
                    accounts: (accounts.get() > 0).then_some(accounts),
                    at_least,
                });
            };
            if let Some(all) = split.each_of {
                for (part, count) in &split.parts {
                    let told = rule.tell(&[*count, all.saturating_sub(*count)], surely);
                    add(split.breakdown.to_owned(), part, told[0]);
                    add(format!("not-{}", split.breakdown), part, told[1]);
                }
            } else {
                let counts: Vec<u64> = split.parts.iter().map(|(_, count)| *count).collect();
                let told =
                    if split.is_whole { rule.tell_all(&counts, surely, accounts) } else { rule.tell(&counts, surely) };
                for ((part, _), at_least) in split.parts.iter().zip(told) {
                    add(split.breakdown.to_owned(), part, at_least);
                }
            }
        }
        let (scheme, supplier) = (rates.scheme.clone(), rates.supplier.clone());
        SupplierDetails { scheme, supplier, as_of: rates.looked_at, details }
    }

    /// What is told of files: the order of size of counts that rest on nobody's flag.
    pub fn of_files(supplier: &str, as_of: Date, rule: &Rule, counts: &[(&str, u64)]) -> SupplierDetails {
        let details = counts.iter().map(|(part, count)| Detail {
            breakdown: "file".to_owned(),
            part: (*part).to_owned(),
            among: Among::Rows,
            accounts: None,
            at_least: rule.roughly(*count),
        });
        SupplierDetails { scheme: String::new(), supplier: supplier.to_owned(), as_of, details: details.collect() }
    }
}

/// All that is told of a night's accounts, or was of an earlier one's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// By scheme and supplier.
    pub suppliers: Vec<SupplierDetails>,
}

impl Details {
    /// What is told of a supplier in a scheme.
    pub fn of(&self, scheme: &str, supplier: &str) -> Option<&SupplierDetails> {
        self.suppliers.iter().find(|details| details.scheme == scheme && details.supplier == supplier)
    }

    /// The file's bytes.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::new();
        encode::row(HEADER, &mut out);
        for of in &self.suppliers {
            let as_of = of.as_of.to_string();
            let text = |count: Option<Released>| count.map_or(String::new(), |count| count.get().to_string());
            for detail in &of.details {
                let fields = [
                    of.scheme.as_str(),
                    of.supplier.as_str(),
                    &detail.breakdown,
                    &detail.part,
                    detail.among.name(),
                    &text(detail.accounts),
                    &text(detail.at_least),
                    if detail.at_least.is_none() { "true" } else { "false" },
                    &as_of,
                ];
                encode::row(fields, &mut out);
            }
        }
        out
    }

    /// What a file told; nothing if there is no such file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be read, [`ReleaseError::Damaged`] if it is no such file.
    pub fn read(path: &Path) -> Result<Details, ReleaseError> {
        read::file(path, "not a row of details", Details::parse)
    }

    fn parse(bytes: &[u8]) -> Result<Details, u64> {
        let mut all = Details::default();
        read::rows(bytes, &HEADER, |record| {
            let (as_of, detail) = detail(record)?;
            match all.suppliers.last_mut().filter(|of| of.scheme == record[0] && of.supplier == record[1]) {
                Some(of) if of.as_of == as_of => of.details.push(detail),
                Some(_) => return None,
                None => all.suppliers.push(SupplierDetails {
                    scheme: record[0].to_owned(),
                    supplier: record[1].to_owned(),
                    as_of,
                    details: vec![detail],
                }),
            }
            Some(())
        })?;
        Ok(all)
    }
}

fn detail(record: &csv::StringRecord) -> Option<(Date, Detail)> {
    let count = |text: &str| match text {
        "" => Some(None),
        text => Released::published(text.parse().ok()?).map(Some),
    };
    let at_least = count(&record[6])?;
    let among = Among::ALL.into_iter().find(|among| among.name() == &record[4])?;
    if record[7] != *if at_least.is_none() { "true" } else { "false" } {
        return None;
    }
    let (breakdown, part) = (record[2].to_owned(), record[3].to_owned());
    Some((record[8].parse().ok()?, Detail { breakdown, part, among, accounts: count(&record[5])?, at_least }))
}

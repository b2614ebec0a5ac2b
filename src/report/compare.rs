//! Two runs held against each other: in go their `administrator/decisions.csv`, out come the accounts whose
//! flag changed, and what was found of each, in levels.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::night::{ReportError, unreadable};

/// A row of `decisions.csv`, as far as a comparison needs it.
#[derive(Debug, Clone, Deserialize)]
struct Decided {
    supplier: String,
    customer_ref: String,
    scheme: String,
    flag: String,
    reason: String,
    keys: String,
    levels: String,
    posterior_band: String,
}

/// An account whose flag changed. References stand in it: it is for the administrator alone.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedFlag {
    supplier: String,
    customer_ref: String,
    scheme: String,
    before: char,
    after: char,
    /// Empty where the run has no row: nobody was found, or the account was not in it.
    reason_before: String,
    reason_after: String,
    band_before: String,
    band_after: String,
    keys_before: String,
    keys_after: String,
    levels_before: String,
    levels_after: String,
}

/// Accounts whose flag changed from one run to another.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Each of them, in the order of supplier, scheme and reference.
    pub changed: Vec<ChangedFlag>,
}

impl Comparison {
    /// How many changed, by flag and reason before and after.
    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        let mut counts = BTreeMap::new();
        for own in &self.changed {
            let named = |flag: char, reason: &str| {
                format!("{flag} {}", if reason.is_empty() { "no candidate" } else { reason })
            };
            let way = (named(own.before, &own.reason_before), named(own.after, &own.reason_after));
            *counts.entry(way).or_default() += 1;
        }
        counts
    }
}

/// An account in a scheme, as 128 bits of a hash: two of ten million meet with a chance of 10⁻²⁵.
type Account = [u8; 16];

impl Decided {
    fn account(&self) -> Account {
        let mut hasher = blake3::Hasher::new();
        for text in [&self.supplier, &self.scheme, &self.customer_ref] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let mut account = [0; 16];
        account.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        account
    }
}

fn each(folder: &Path, mut see: impl FnMut(Decided)) -> Result<(), ReportError> {
    let file = folder.join("administrator").join("decisions.csv");
    let mut reader = csv::Reader::from_reader(std::fs::File::open(&file).map_err(unreadable(&file))?);
    for row in reader.deserialize() {
        see(row.map_err(|error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            match error.into_kind() {
                csv::ErrorKind::Io(source) => unreadable(&file)(source),
                _ => ReportError::Damaged { file: file.clone(), line },
            }
        })?);
    }
    Ok(())
}

fn flagged(folder: &Path) -> Result<HashSet<Account>, ReportError> {
    let mut flagged = HashSet::new();
    each(folder, |row| {
        if row.flag == "Y" {
            flagged.insert(row.account());
        }
    })?;
    Ok(flagged)
}

/// The rows of those accounts that have one.
fn rows(folder: &Path, wanted: &HashSet<Account>) -> Result<HashMap<Account, Decided>, ReportError> {
    let mut found = HashMap::new();
    each(folder, |row| {
        let account = row.account();
        if wanted.contains(&account) {
            found.insert(account, row);
        }
    })?;
    Ok(found)
}

/// Compares two runs' folders.
///
/// # Errors
/// [`ReportError`] if the decisions of one of them cannot be read.
pub fn compare(before: &Path, after: &Path) -> Result<Comparison, ReportError> {
    let changed: HashSet<Account> = {
        let (before, after) = (flagged(before)?, flagged(after)?);
        before.symmetric_difference(&after).copied().collect()
    };
    let (mut before, mut after) = (rows(before, &changed)?, rows(after, &changed)?);
    let mut all: Vec<ChangedFlag> = changed
        .iter()
        .filter_map(|account| {
            let (before, after) = (before.remove(account), after.remove(account));
            let either = before.as_ref().or(after.as_ref())?;
            let flag = |row: &Option<Decided>| if row.as_ref().is_some_and(|row| row.flag == "Y") { 'Y' } else { 'N' };
            let text = |row: &Option<Decided>, of: fn(&Decided) -> &String| {
                row.as_ref().map_or(String::new(), |row| of(row).clone())
            };
            Some(ChangedFlag {
                supplier: either.supplier.clone(),
                customer_ref: either.customer_ref.clone(),
                scheme: either.scheme.clone(),
                before: flag(&before),
                after: flag(&after),
                reason_before: text(&before, |row| &row.reason),
                reason_after: text(&after, |row| &row.reason),
                band_before: text(&before, |row| &row.posterior_band),
                band_after: text(&after, |row| &row.posterior_band),
                keys_before: text(&before, |row| &row.keys),
                keys_after: text(&after, |row| &row.keys),
                levels_before: text(&before, |row| &row.levels),
                levels_after: text(&after, |row| &row.levels),
            })
        })
        .collect();
    all.sort_by(|one, other| {
        let order = |own: &ChangedFlag| (own.supplier.clone(), own.scheme.clone(), own.customer_ref.clone());
        order(one).cmp(&order(other))
    });
    Ok(Comparison { changed: all })
}

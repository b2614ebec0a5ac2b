//! Compares two runs: lists the accounts whose flag changed, with the reasons, bands, keys and levels of
//! both.
//!
//! `administrator/decisions.csv` lists only accounts with a candidate or a staff decision. If a changed
//! account has no row in one run, that run's flag file shows whether the account was there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use serde::Serialize;

use super::decisions::{Decided, each};
use super::deliveries::Deliveries;
use super::run_data::ReportError;
use crate::release::{Flags, Table};
use crate::text::marked;

/// Whether a run judged an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountStanding {
    /// It has a row in the run's `decisions.csv`.
    Judged,
    /// It is in the flag file only: nobody in the benefit records resembled a holder, or no holder was on
    /// supply.
    NoCandidate,
    /// The supplier's file did not have the account.
    Absent,
}

/// An account whose flag changed. It holds references, so it is for the administrator only.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedFlag {
    supplier: String,
    customer_ref: String,
    scheme: String,
    before: char,
    after: char,
    /// A run's reason, band, keys and levels are empty unless this is [`AccountStanding::Judged`].
    account_before: AccountStanding,
    account_after: AccountStanding,
    reason_before: String,
    reason_after: String,
    band_before: String,
    band_after: String,
    keys_before: String,
    keys_after: String,
    levels_before: String,
    levels_after: String,
}

impl ChangedFlag {
    /// The columns of a table of changed flags.
    pub(crate) const COLUMNS: [&str; 15] = [
        "supplier",
        "customer_ref",
        "scheme",
        "before",
        "after",
        "account_before",
        "account_after",
        "reason_before",
        "reason_after",
        "band_before",
        "band_after",
        "keys_before",
        "keys_after",
        "levels_before",
        "levels_after",
    ];

    /// The row for a table that people open: a reference that a spreadsheet would take for a formula is
    /// marked.
    pub(crate) fn for_people(&self) -> ChangedFlag {
        ChangedFlag { customer_ref: marked(&self.customer_ref).into_owned(), ..self.clone() }
    }
}

/// A supplier that was not compared: one run delivered nothing to it, or its flags were purged from one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotCompared {
    /// The supplier's id.
    pub supplier: String,
    /// The scheme whose flags were purged; `None` if the run delivered nothing.
    pub purged: Option<String>,
    /// The run that lacks the flags: `before` or `after`.
    pub run: &'static str,
    /// Why the run lacks them.
    pub reason: String,
}

/// What changed from one run to another.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The accounts whose flag changed, sorted by supplier, scheme and reference.
    pub changed: Vec<ChangedFlag>,
    /// How many pairs of supplier and scheme were compared.
    pub compared: u64,
    /// The suppliers and schemes that were not compared.
    pub not_compared: Vec<NotCompared>,
}

impl Comparison {
    /// Counts the changed flags by flag and reason before and after.
    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        let mut counts = BTreeMap::new();
        for own in &self.changed {
            let named = |flag: char, standing: AccountStanding, reason: &str, absent: &str| match standing {
                AccountStanding::Judged => format!("{flag} {reason}"),
                AccountStanding::NoCandidate => format!("{flag} no candidate"),
                AccountStanding::Absent => format!("{flag} {absent}"),
            };
            let before = named(own.before, own.account_before, &own.reason_before, "account not there yet");
            let after = named(own.after, own.account_after, &own.reason_after, "account gone");
            *counts.entry((before, after)).or_default() += 1;
        }
        counts
    }

    /// Whether any changed account has this standing in either run.
    pub fn has(&self, standing: AccountStanding) -> bool {
        self.changed.iter().any(|own| own.account_before == standing || own.account_after == standing)
    }
}

/// An account in a scheme, as 128 bits of a hash. Among ten million accounts, two collide with probability
/// 10⁻²⁵.
pub(super) type Account = [u8; 16];

impl Decided {
    pub(super) fn account(&self) -> Account {
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

/// Pairs of supplier and scheme.
type Pairs = BTreeSet<(String, String)>;

impl Deliveries<'_> {
    /// The flagged accounts of the compared suppliers and schemes.
    fn flagged(&self, compared: &Pairs) -> Result<HashSet<Account>, ReportError> {
        let mut flagged = HashSet::new();
        each(self.folder, |row| {
            if row.is_flagged() && compared.contains(&(row.supplier.clone(), row.scheme.clone())) {
                flagged.insert(row.account());
            }
        })?;
        Ok(flagged)
    }

    /// The rows of the wanted accounts, where there is one.
    fn rows(&self, wanted: &HashSet<Account>) -> Result<HashMap<Account, Decided>, ReportError> {
        let mut found = HashMap::new();
        each(self.folder, |row| {
            let account = row.account();
            if wanted.contains(&account) {
                found.insert(account, row);
            }
        })?;
        Ok(found)
    }

    /// The standing in this run of accounts that have a row in the other run only.
    fn eligibilities(&self, others: &[&Decided]) -> Result<HashMap<Account, AccountStanding>, ReportError> {
        let mut files: BTreeMap<(&str, &str), HashMap<&str, Account>> = BTreeMap::new();
        for row in others {
            let own = files.entry((&row.supplier, &row.scheme)).or_default();
            own.insert(&row.customer_ref, row.account());
        }
        let mut eligibilities = HashMap::new();
        for ((supplier, scheme), wanted) in files {
            let Some(file) = self.flag_file(supplier, scheme)? else { continue };
            eligibilities.extend(wanted.values().map(|account| (*account, AccountStanding::Absent)));
            Flags::read(&file, |row, _| {
                if let Some(account) = wanted.get(row.customer_ref) {
                    eligibilities.insert(*account, AccountStanding::NoCandidate);
                }
                Ok(())
            })?;
        }
        Ok(eligibilities)
    }
}

/// Compares the flags of two runs, given by their folders.
///
/// # Errors
/// [`ReportError`] if the decisions, flags or record of one of them cannot be read.
pub fn compare(before: &Path, after: &Path) -> Result<Comparison, ReportError> {
    let (before, after) = (Deliveries::read(before)?, Deliveries::read(after)?);
    let known = [&before, &after].into_iter().flat_map(|run| run.delivered.iter().chain(run.held.keys()));
    let mut not_compared = BTreeSet::new();
    let mut compared = Pairs::new();
    for supplier in known {
        let lacking = [("before", &before), ("after", &after)].into_iter();
        let mut lacking = lacking.filter(|(_, run)| !run.delivered.contains(supplier)).peekable();
        if lacking.peek().is_none() {
            let pairs = [&before, &after].into_iter().flat_map(|run| run.kept.iter().chain(&run.purged));
            compared.extend(pairs.filter(|(of, _)| of == supplier).cloned());
        }
        not_compared.extend(lacking.map(|(name, run)| NotCompared {
            supplier: supplier.clone(),
            purged: None,
            run: name,
            reason: run.why_nothing(supplier),
        }));
    }
    for (name, run) in [("before", &before), ("after", &after)] {
        for (supplier, scheme) in run.purged.iter().filter(|pair| compared.contains(pair)) {
            not_compared.insert(NotCompared {
                supplier: supplier.clone(),
                purged: Some(scheme.clone()),
                run: name,
                reason: "purged: its flags are no longer known".to_owned(),
            });
        }
    }
    compared.retain(|pair| !before.purged.contains(pair) && !after.purged.contains(pair));
    let changed: HashSet<Account> = {
        let (before, after) = (before.flagged(&compared)?, after.flagged(&compared)?);
        before.symmetric_difference(&after).copied().collect()
    };
    let (mut rows_before, mut rows_after) = (before.rows(&changed)?, after.rows(&changed)?);
    let without = |rows: &HashMap<Account, Decided>, others: &HashMap<Account, Decided>, run: &Deliveries<'_>| {
        let others: Vec<&Decided> =
            others.iter().filter(|(account, _)| !rows.contains_key(*account)).map(|(_, row)| row).collect();
        run.eligibilities(&others)
    };
    let standings_before = without(&rows_before, &rows_after, &before)?;
    let standings_after = without(&rows_after, &rows_before, &after)?;
    let mut all: Vec<ChangedFlag> = changed
        .iter()
        .filter_map(|account| {
            let (before, after) = (rows_before.remove(account), rows_after.remove(account));
            let either = before.as_ref().or(after.as_ref())?;
            let flag = |row: &Option<Decided>| if row.as_ref().is_some_and(Decided::is_flagged) { 'Y' } else { 'N' };
            let standing = |eligibilities: &HashMap<Account, AccountStanding>| {
                eligibilities.get(account).copied().unwrap_or(AccountStanding::Judged)
            };
            let text = |row: &Option<Decided>, of: fn(&Decided) -> &String| {
                row.as_ref().map_or(String::new(), |row| of(row).clone())
            };
            Some(ChangedFlag {
                supplier: either.supplier.clone(),
                customer_ref: either.customer_ref.clone(),
                scheme: either.scheme.clone(),
                before: flag(&before),
                after: flag(&after),
                account_before: standing(&standings_before),
                account_after: standing(&standings_after),
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
    let compared = compared.len() as u64;
    Ok(Comparison { changed: all, compared, not_compared: not_compared.into_iter().collect() })
}

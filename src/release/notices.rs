//! Which accounts a supplier was told of, and when: in go the deliveries of some days, out comes for each
//! account with a `Y` in them the day on which it was first told.

use std::collections::HashMap;
use std::fmt;

use jiff::civil::Date;

use super::changes;
use super::error::ReleaseError;
use super::published::Published;
use super::rows::read_table;

/// When a supplier was told of a `Y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Before the first of the days that were looked at.
    Before,
    /// On this day, by the first delivery that had it.
    On(Date),
}

/// What a supplier was told of one account in one scheme.
#[derive(Clone, Copy)]
struct Account {
    told: Told,
    /// It is still a `Y`.
    stands: bool,
}

/// What one supplier was told in some days, by account and scheme. `Debug` shows no reference.
#[derive(Default)]
pub struct Notices {
    accounts: HashMap<(String, String), Account>,
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

impl Notices {
    /// Reads what a supplier was told from a day on, from the changes of each delivery since then. Of
    /// deliveries from which a purge took rows, those are missing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a delivery cannot be read.
    pub fn read(published: &Published, supplier: &str, from: Date) -> Result<Notices, ReleaseError> {
        let mut notices = Notices::default();
        for run in published.runs()? {
            let day = run.date()?;
            let Some(path) = published.changes(&run, supplier)?.filter(|_| day >= from) else { continue };
            read_table(&path, changes::HEADER, |row| {
                // In the header's order: customer_ref, scheme, eligible, change.
                let (is_yes, change) = (&row[2] == "Y", &row[3]);
                let key = || (row[0].to_owned(), row[1].to_owned());
                match (is_yes, change) {
                    (true, _) => {
                        let account = Account { told: Told::On(day), stands: true };
                        notices.accounts.entry(key()).or_insert(account).stands = true;
                    }
                    (false, "changed") => {
                        let account = Account { told: Told::Before, stands: false };
                        notices.accounts.entry(key()).or_insert(account).stands = false;
                    }
                    _ => drop(notices.accounts.get_mut(&key()).map(|account| account.stands = false)),
                }
            })?;
        }
        Ok(notices)
    }

    /// When the supplier was told of an account in a scheme; none if these days tell of no `Y`.
    pub fn told(&self, customer_ref: &str, scheme: &str) -> Option<Told> {
        self.accounts.get(&(customer_ref.to_owned(), scheme.to_owned())).map(|account| account.told)
    }

    /// The days on which flags of a scheme were told that still stand, with how many they are.
    pub fn open(&self, scheme: &str) -> std::collections::BTreeMap<Date, u64> {
        let mut days = std::collections::BTreeMap::new();
        for ((_, own), account) in &self.accounts {
            if let (Told::On(day), true) = (account.told, account.stands && own == scheme) {
                *days.entry(day).or_default() += 1;
            }
        }
        days
    }
}

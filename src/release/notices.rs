//! Finds the day on which a supplier was first notified of each account's `Y`, from the deliveries of some days.

use std::collections::HashMap;
use std::fmt;

use jiff::civil::Date;

use super::error::ReleaseError;
use super::flags::Flag;
use super::published::Published;
use super::rows::{ChangeKind, ChangeRow, Changes};
use super::table::Table;

/// When a supplier was notified of a `Y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotifiedOn {
    /// Before the first of the days that were read.
    Before,
    /// On this day, by the first delivery with the `Y`.
    On(Date),
}

/// A supplier's notice of one account in one scheme.
#[derive(Clone, Copy)]
struct Account {
    told: NotifiedOn,
    /// The account is still `Y`.
    stands: bool,
}

/// One supplier's notices within some days, by account and scheme. `Debug` shows no reference.
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
    /// Reads a supplier's notices since a day from the changes of each delivery. Rows that a purge removed are missing.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a delivery cannot be read.
    pub fn read(published: &Published, supplier: &str, from: Date) -> Result<Notices, ReleaseError> {
        let mut notices = Notices::default();
        for run in published.runs()? {
            let day = run.date()?;
            let Some(path) = published.changes(&run, supplier)?.filter(|_| day >= from) else { continue };
            Changes::read(&path, |ChangeRow { customer_ref, scheme, eligible, change }, _| {
                let key = || (customer_ref.to_owned(), scheme.to_owned());
                match (eligible, change) {
                    (Flag::Y, _) => {
                        let account = Account { told: NotifiedOn::On(day), stands: true };
                        notices.accounts.entry(key()).or_insert(account).stands = true;
                    }
                    (_, ChangeKind::Changed) => {
                        let account = Account { told: NotifiedOn::Before, stands: false };
                        notices.accounts.entry(key()).or_insert(account).stands = false;
                    }
                    _ => drop(notices.accounts.get_mut(&key()).map(|account| account.stands = false)),
                }
                Ok(())
            })?;
        }
        Ok(notices)
    }

    /// When the supplier was notified of an account in a scheme; `None` if the deliveries of these days show no `Y`.
    pub fn notified_on(&self, customer_ref: &str, scheme: &str) -> Option<NotifiedOn> {
        self.accounts.get(&(customer_ref.to_owned(), scheme.to_owned())).map(|account| account.told)
    }

    /// The number of a scheme's flags that are still `Y`, by the day of their notice.
    pub fn open(&self, scheme: &str) -> std::collections::BTreeMap<Date, u64> {
        let mut days = std::collections::BTreeMap::new();
        for ((_, own), account) in &self.accounts {
            if let (NotifiedOn::On(day), true) = (account.told, account.stands && own == scheme) {
                *days.entry(day).or_default() += 1;
            }
        }
        days
    }
}

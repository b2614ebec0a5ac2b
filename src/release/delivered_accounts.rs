//! Looks up in a supplier's deliveries the accounts that it reports.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::error::ReleaseError;
use super::flags::Flag;
use super::folder;
use super::layout::FLAGS_ENDING;
use super::notices::{Notices, NotifiedOn};
use super::published::{self, Published};
use super::rows::{ChangeRow, Changes, FlagRow, Flags};
use super::table::Table;

/// What a supplier's deliveries say about some references. `Debug` shows no reference.
pub(crate) struct DeliveredAccounts {
    /// The references that a delivery has.
    known: HashSet<String>,
    /// What is left of references that a delivery has in another spelling.
    near: HashSet<String>,
    /// The supplier has had a delivery.
    has_any: bool,
    /// Those that are `Y` in the newest delivery, with the scheme.
    flagged: HashSet<(String, String)>,
    notices: Notices,
}

impl fmt::Debug for DeliveredAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

impl DeliveredAccounts {
    /// Looks these references up in the supplier's newest delivery and in those since a day.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a delivery cannot be read.
    pub(crate) fn read<'r>(
        published: &Published,
        supplier: &str,
        from: Date,
        references: impl Iterator<Item = &'r str>,
    ) -> Result<DeliveredAccounts, ReleaseError> {
        let wanted: HashSet<&str> = references.collect();
        let spelled: HashSet<String> = wanted.iter().map(|reference| bare(reference)).collect();
        let mut found = DeliveredAccounts {
            known: HashSet::new(),
            near: HashSet::new(),
            has_any: false,
            flagged: HashSet::new(),
            notices: Notices::read(published, supplier, from)?,
        };
        let mut meet = |customer_ref: &str| {
            let bare = bare(customer_ref);
            if spelled.contains(&bare) {
                found.near.insert(bare);
            }
            let is_wanted = wanted.contains(customer_ref);
            if is_wanted {
                found.known.insert(customer_ref.to_owned());
            }
            is_wanted
        };
        if let Some(run) = published.delivering_run(supplier)? {
            found.has_any = true;
            let tables = published::tables(published.output(), &run, supplier)?;
            for (scheme, path) in flag_files(&tables)? {
                Flags::read(&path, |FlagRow { customer_ref, eligible }, _| {
                    if meet(customer_ref) && eligible == Flag::Y {
                        found.flagged.insert((customer_ref.to_owned(), scheme.clone()));
                    }
                    Ok(())
                })?;
            }
        }
        for run in published.runs()? {
            // Accounts that are gone are in no flag file.
            let Some(path) = published.changes(&run, supplier)?.filter(|_| run.date().is_ok_and(|day| day >= from))
            else {
                continue;
            };
            Changes::read(&path, |ChangeRow { customer_ref, .. }, _| {
                meet(customer_ref);
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Whether there is a delivery.
    pub(crate) fn has_any(&self) -> bool {
        self.has_any
    }

    /// Whether a delivery has the reference.
    pub(crate) fn has(&self, customer_ref: &str) -> bool {
        self.known.contains(customer_ref)
    }

    /// Whether a delivery has a reference that differs from this one only in leading zeros, capitals or spaces.
    pub(crate) fn has_near(&self, customer_ref: &str) -> bool {
        self.near.contains(&bare(customer_ref))
    }

    /// When the supplier was notified of an account in a scheme; `None` if neither the deliveries of these days nor its
    /// current flags show a notice.
    pub(crate) fn notified_on(&self, customer_ref: &str, scheme: &str) -> Option<NotifiedOn> {
        let is_flagged = || self.flagged.contains(&(customer_ref.to_owned(), scheme.to_owned()));
        self.notices.notified_on(customer_ref, scheme).or_else(|| is_flagged().then_some(NotifiedOn::Before))
    }
}

/// The flag files of a delivery, each with its scheme.
fn flag_files(tables: &Path) -> Result<Vec<(String, PathBuf)>, ReleaseError> {
    let names = folder::names(tables)?;
    let scheme = |name: &String| Some((name.strip_suffix(FLAGS_ENDING)?.to_owned(), tables.join(name)));
    Ok(names.iter().filter_map(scheme).collect())
}

/// What is left of a reference without what spreadsheets and typists change: capitals, spaces and leading zeros.
fn bare(reference: &str) -> String {
    let letters = reference.chars().filter(|letter| !letter.is_whitespace());
    let bare: String = letters.flat_map(char::to_lowercase).collect();
    bare.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_near_by_zeros_capitals_and_spaces_alone() {
        for (reported, delivered, is_near) in [
            ("12", "0012", true),
            ("0012", "12", true),
            ("a-7", "A-7", true),
            ("A 7", "A7", true),
            (" A7\u{a0}", "A7", true),
            ("é7", "0É7", true),
            ("0", "000", true),
            // Anything else is another reference.
            ("120", "12", false),
            ("A12", "A012", false),
            ("A7", "A-7", false),
            ("A7", "B7", false),
        ] {
            assert_eq!(bare(reported) == bare(delivered), is_near, "{reported:?} {delivered:?}");
        }
    }
}

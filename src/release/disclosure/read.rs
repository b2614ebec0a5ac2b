//! Reads published rates back from the file of an earlier run.
//!
//! The file is all that one run hands to the next, so that only published figures are kept of a suppressed cell.

use std::collections::BTreeMap;
use std::path::Path;

use super::count::Released;
use super::population::Place;
use super::rates::{Figures, Rates, SupplierRates};
use super::rows::{BirthDate, Home, NO_AREA, RateBreakdown};
use crate::release::error::ReleaseError;
use crate::release::folder;
use crate::release::rows::{RateRow, RatesTable};
use crate::release::table::{Table, not_a_row};

impl Rates {
    /// Reads the rates of a file; empty if there is no such file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be read, [`ReleaseError::Damaged`] if it is not such a file.
    pub fn read(path: &Path) -> Result<Rates, ReleaseError> {
        let mut rates = Rates::default();
        if !folder::is_there(path)? {
            return Ok(rates);
        }
        let mut shown: BTreeMap<(String, String), BTreeMap<Place, Figures>> = BTreeMap::new();
        let mut withdrawn = shown.clone();
        RatesTable::read(path, |row, line| {
            let key = (row.scheme.to_owned(), row.supplier.to_owned());
            match row.breakdown {
                RateBreakdown::Cell | RateBreakdown::Withdrawn => {
                    let cells = if row.breakdown == RateBreakdown::Cell { &mut shown } else { &mut withdrawn };
                    let (place, figures) = cell(&row).ok_or_else(|| not_a_row(path, line))?;
                    if cells.entry(key).or_default().insert(place, figures).is_some() {
                        return Err(not_a_row(path, line));
                    }
                }
                RateBreakdown::Supplier => {
                    let looked_at = row.as_of.ok_or_else(|| not_a_row(path, line))?;
                    let cells = shown.remove(&key).unwrap_or_default();
                    let withdrawn = withdrawn.remove(&key).unwrap_or_default();
                    rates.suppliers.push(SupplierRates { scheme: key.0, supplier: key.1, looked_at, cells, withdrawn });
                }
                // All other rows are sums of these.
                _ => {}
            }
            Ok(())
        })?;
        Ok(rates)
    }
}

fn cell(row: &RateRow<'_>) -> Option<(Place, Figures)> {
    let mut area = [0; 2];
    if row.area != NO_AREA {
        let letters = row.area.as_bytes();
        let capitals = letters.iter().all(u8::is_ascii_uppercase);
        area.get_mut(..letters.len()).filter(|_| capitals && !letters.is_empty())?.copy_from_slice(letters);
    }
    let place = Place { area, birth_date: row.birth_date? == BirthDate::Known, flat: row.home? == Home::Flat };
    let (accounts, flagged) = (row.accounts?, row.flagged?);
    let unflagged = Released::published(accounts.get().checked_sub(flagged.get())?)?;
    Some((place, Figures { flagged, unflagged, as_of: row.as_of? }))
}

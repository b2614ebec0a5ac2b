//! Reads published rates back from the file of an earlier run.
//!
//! The file is all that one run hands to the next, so that only published figures are kept of a suppressed cell.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use jiff::civil::Date;

use super::count::Released;
use super::population::Place;
use super::rates::{Figures, Rates, SupplierRates};
use super::rows::{BIRTH_DATE, CELL, HEADER, HOME, NO_AREA, SUPPLIER, WITHDRAWN};
use crate::release::error::ReleaseError;

impl Rates {
    /// Reads the rates of a file; empty if there is no such file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be read, [`ReleaseError::Damaged`] if it is not such a file.
    pub fn read(path: &Path) -> Result<Rates, ReleaseError> {
        file(path, "not a row of rates", Rates::parse)
    }

    /// Parses a file's bytes, or gives the line that is not a row of rates.
    fn parse(bytes: &[u8]) -> Result<Rates, u64> {
        let mut shown: BTreeMap<(String, String), BTreeMap<Place, Figures>> = BTreeMap::new();
        let mut withdrawn = shown.clone();
        let mut rates = Rates::default();
        rows(bytes, &HEADER, |record| {
            let key = (record[0].to_owned(), record[2].to_owned());
            match &record[1] {
                breakdown @ (CELL | WITHDRAWN) => {
                    let cells = if breakdown == CELL { &mut shown } else { &mut withdrawn };
                    let (place, figures) = cell(record)?;
                    if cells.entry(key).or_default().insert(place, figures).is_some() {
                        return None;
                    }
                }
                SUPPLIER => {
                    let looked_at = record[10].parse().ok()?;
                    let cells = shown.remove(&key).unwrap_or_default();
                    let withdrawn = withdrawn.remove(&key).unwrap_or_default();
                    rates.suppliers.push(SupplierRates { scheme: key.0, supplier: key.1, looked_at, cells, withdrawn });
                }
                // All other rows are sums of these.
                _ => {}
            }
            Some(())
        })?;
        Ok(rates)
    }
}

/// Reads and parses a file; the default if there is no such file.
pub(super) fn file<T: Default>(
    path: &Path,
    reason: &'static str,
    parse: impl FnOnce(&[u8]) -> Result<T, u64>,
) -> Result<T, ReleaseError> {
    match std::fs::read(path) {
        Ok(bytes) => parse(&bytes).map_err(|line| ReleaseError::Damaged { path: path.to_owned(), line, reason }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(ReleaseError::io("read this file", path)(error)),
    }
}

/// Calls `take` with each row below the header, or gives the line of the first that is not a valid row.
pub(super) fn rows(
    bytes: &[u8],
    header: &[&str],
    mut take: impl FnMut(&csv::StringRecord) -> Option<()>,
) -> Result<(), u64> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    for (record, line) in reader.records().zip(1_u64..) {
        let record = record.map_err(|_| line)?;
        let taken = if line == 1 { record.iter().eq(header.iter().copied()).then_some(()) } else { take(&record) };
        taken.ok_or(line)?;
    }
    Ok(())
}

fn cell(record: &csv::StringRecord) -> Option<(Place, Figures)> {
    let mut area = [0; 2];
    if &record[3] != NO_AREA {
        let letters = record[3].as_bytes();
        let capitals = letters.iter().all(u8::is_ascii_uppercase);
        area.get_mut(..letters.len()).filter(|_| capitals && !letters.is_empty())?.copy_from_slice(letters);
    }
    let one_of = |names: [&str; 2], name: &str| names.iter().position(|known| *known == name).map(|at| at == 0);
    let place = Place { area, birth_date: one_of(BIRTH_DATE, &record[4])?, flat: one_of(HOME, &record[5])? };
    let (accounts, flagged): (u64, u64) = (record[6].parse().ok()?, record[7].parse().ok()?);
    let as_of: Date = record[10].parse().ok()?;
    let unflagged = Released::published(accounts.checked_sub(flagged)?)?;
    Some((place, Figures { flagged: Released::published(flagged)?, unflagged, as_of }))
}

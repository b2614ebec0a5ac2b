//! Stores fingerprints of a supplier's accounts from one delivery to the next, so that edits show.
//!
//! Each account has one byte: fewer than four bits of its matching fields, and in which of the last four deliveries
//! they changed. `docs/probing.md` says why nothing more is stored.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use super::layout::{ADMINISTRATOR, FLAGS_ENDING};
use super::published::Published;
use super::rows::Flags;
use super::staging::Staging;
use super::table::Table;
use super::{folder, published};

/// The administrator's folder of fingerprints, and their file name in a quarantined supplier's folder.
pub(super) const MARKS: &str = "marks";

/// The fingerprints of a supplier's accounts, in the order of its flag files.
#[derive(Clone)]
pub struct EditFingerprints {
    /// The seed of the fingerprints. It stays the same, so that the fingerprints of many runs reveal no more than those
    /// of one.
    pub seed: u64,
    /// They were made by another version, and cannot be compared with this one's.
    pub is_of_other_version: bool,
    /// One byte for each account: its fingerprint, from 1 to 15, or 0 for none, and above it four bits of history.
    pub of_accounts: Vec<u8>,
}

impl EditFingerprints {
    /// The bytes of their file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}{:016x}\n", beginning(), self.seed).into_bytes();
        bytes.extend_from_slice(&self.of_accounts);
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<EditFingerprints> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let header = std::str::from_utf8(&bytes[..end]).ok()?;
        let (made_by, seed) = header.strip_prefix("flagmatch marks ")?.rsplit_once(' ')?;
        Some(EditFingerprints {
            seed: u64::from_str_radix(seed, 16).ok()?,
            is_of_other_version: made_by != env!("CARGO_PKG_VERSION"),
            of_accounts: bytes[end + 1..].to_vec(),
        })
    }
}

fn beginning() -> String {
    format!("flagmatch marks {} ", env!("CARGO_PKG_VERSION"))
}

impl Staging {
    /// Writes the fingerprints of a supplier to which this run delivers.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written, or were written before.
    pub fn edit_fingerprints(&self, supplier: &str, marks: &EditFingerprints) -> Result<(), ReleaseError> {
        self.write_marks(supplier, &marks.bytes())
    }

    pub(super) fn write_marks(&self, supplier: &str, bytes: &[u8]) -> Result<(), ReleaseError> {
        let folder = self.part(ADMINISTRATOR).join(MARKS);
        folder::ensure(&folder)?;
        let mut file = self.open_files().create(&folder, supplier)?;
        file.append(bytes)?;
        file.finish()
    }
}

impl Published {
    /// The fingerprints of a supplier's newest delivery; `None` if there is no delivery, or the job did not ask for
    /// fingerprints.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if they cannot be read.
    pub fn edit_fingerprints(&self, supplier: &str) -> Result<Option<EditFingerprints>, ReleaseError> {
        let Some(run) = self.delivering_run(supplier)? else { return Ok(None) };
        let path = self.run_folder(&run).join(ADMINISTRATOR).join(MARKS).join(supplier);
        if !folder::is_there(&path)? {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(ReleaseError::io("read this file", &path))?;
        EditFingerprints::parse(&bytes).map(Some).ok_or_else(|| damaged(&path))
    }

    /// Calls `take` with each reference of a supplier's newest delivery, in its order. Returns their number; `None` if
    /// the supplier never had a delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if its flags cannot be read.
    pub fn accounts(&self, supplier: &str, mut take: impl FnMut(&str)) -> Result<Option<u64>, ReleaseError> {
        let Some(tables) = self.tables(supplier)? else { return Ok(None) };
        // Every scheme's file has the same accounts.
        let names = folder::names(&tables)?;
        let Some(name) = names.iter().find(|name| name.ends_with(FLAGS_ENDING)) else { return Ok(None) };
        let mut count = 0;
        Flags::read(&tables.join(name), |row, _| {
            take(row.customer_ref);
            count += 1;
            Ok(())
        })?;
        Ok(Some(count))
    }

    /// Whether a supplier's newest delivery has flags of a scheme.
    ///
    /// # Errors
    /// [`ReleaseError::Inconsistent`] if a link in `current` does not point to a delivery.
    pub fn has_flags(&self, supplier: &str, scheme: &str) -> Result<bool, ReleaseError> {
        let tables = self.tables(supplier)?;
        tables.map_or(Ok(false), |tables| folder::is_there(&tables.join(format!("{scheme}{FLAGS_ENDING}"))))
    }

    /// The folder of the plain-text tables of a supplier's newest delivery; `None` if there is no delivery.
    pub(super) fn tables(&self, supplier: &str) -> Result<Option<PathBuf>, ReleaseError> {
        let run = self.delivering_run(supplier)?;
        run.map(|run| published::tables(self.output(), &run, supplier)).transpose()
    }
}

fn damaged(path: &Path) -> ReleaseError {
    ReleaseError::Damaged { path: path.to_owned(), line: 1, reason: "not the edit fingerprints of a delivery" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_and_those_of_another_version_say_so() {
        let marks =
            EditFingerprints { seed: 0x0123_4567, is_of_other_version: false, of_accounts: vec![0, 10, 255, b'\n'] };
        let bytes = marks.bytes();
        let read = EditFingerprints::parse(&bytes).unwrap();
        assert_eq!((read.seed, read.is_of_other_version, read.of_accounts), (0x0123_4567, false, marks.of_accounts));
        let other = b"flagmatch marks 0.0.1-x 00000000000000ff\n\x01";
        let read = EditFingerprints::parse(other).unwrap();
        assert_eq!((read.seed, read.is_of_other_version, read.of_accounts), (255, true, vec![1]));
        for wrong in [&b""[..], b"flagmatch marks 0.1.0 00", b"flagmatch marks 0.1.0 xx\n", b"\n", b"marks 1 ff\n"] {
            assert!(EditFingerprints::parse(wrong).is_none());
        }
    }
}

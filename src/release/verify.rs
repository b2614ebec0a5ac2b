//! Checks for a supplier that a delivery is complete, its own, signed and new.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use super::data_package::{SIGNATURE, SUMS, sum};
use super::error::ReleaseError;
use super::run_id::RunId;
use super::signature::{NotSigned, PublicKey};
use crate::text::shown;

/// The most bytes that are read of sums and of a signature; no delivery has more.
const LONGEST_SUMS: u64 = 1 << 20;
const LONGEST_SIGNATURE: u64 = 1 << 14;

/// A delivery that is as the administrator released it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The job that it is of; `None` if an earlier version signed it, which did not name the job.
    pub job: Option<String>,
    /// The supplier that it is for.
    pub supplier: String,
    /// The run that it is of.
    pub run: String,
    /// Its number among the deliveries to this supplier, from 1; each has one more than the one before.
    pub sequence: u64,
    /// The id of the key that signed it.
    pub key_id: String,
    /// Its files, apart from sums and signature.
    pub files: Vec<String>,
}

/// Why a delivery must not be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", shown(path))]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The signature is missing or not valid.
    #[error("{}: {source}", shown(path))]
    NotSigned {
        /// The signature.
        path: PathBuf,
        /// Why it is not valid.
        source: NotSigned,
    },
    /// It is for another supplier.
    #[error("this delivery is for the supplier {found:?}, not for {expected:?}")]
    OtherSupplier {
        /// The supplier that it is for.
        found: String,
        /// The supplier that checks it.
        expected: String,
    },
    /// It is of another job.
    #[error("this delivery is of the job {found:?}, not of {expected:?}")]
    OtherJob {
        /// The job that it is of.
        found: String,
        /// The job that was asked for.
        expected: String,
    },
    /// Its signature names no job.
    #[error(
        "this delivery was signed by an earlier version of flagmatch and does not say of which job it is; leave --job out only if the administrator says that you may take it"
    )]
    NoJob,
    /// It is not newer than a delivery that was accepted before.
    #[error("this delivery is of the run {found}, which is not after {after}")]
    NotNew {
        /// The run that it is of.
        found: RunId,
        /// The run that it should come after.
        after: RunId,
    },
    /// The sums are signed but not as flagmatch writes them.
    #[error("{}, line {line}: not a sum and a name as flagmatch writes them", shown(path))]
    NotASum {
        /// The sums.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The folder has a file that was not released.
    #[error("{name:?} is in the folder and not in the delivery")]
    Added {
        /// Its name.
        name: String,
    },
    /// A released file is missing.
    #[error("{name:?} is in the delivery and not in the folder")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A file differs from what was released.
    #[error("{name:?} was changed: its SHA-256 sum differs")]
    Changed {
        /// Its name.
        name: String,
    },
}

/// What a supplier expects of a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its own id.
    pub supplier: &'a str,
    /// The job whose deliveries it accepts; any job if `None`.
    pub job: Option<&'a str>,
    /// The run of the last delivery that it accepted; that one and older ones are refused.
    pub after: Option<&'a RunId>,
}

/// Checks a delivery.
///
/// The signature is checked before any content that it signs is used, and it must cover every file in the folder.
/// Encrypted files are checked without decrypting them.
///
/// # Errors
/// The first reason not to use the delivery.
pub fn verify(folder: &Path, key: &PublicKey, expected: Expected<'_>) -> Result<Verified, VerifyError> {
    let Expected { supplier, job, after } = expected;
    let mut present = names(folder)?;
    for name in [SUMS, SIGNATURE] {
        if !present.remove(name).unwrap_or(false) {
            return Err(VerifyError::Missing { name: name.to_owned() });
        }
    }
    let (sums_path, signature_path) = (folder.join(SUMS), folder.join(SIGNATURE));
    let not_signed = |source| VerifyError::NotSigned { path: signature_path.clone(), source };
    let sums = read(&sums_path, LONGEST_SUMS)?;
    let signature =
        String::from_utf8(read(&signature_path, LONGEST_SIGNATURE)?).map_err(|_| not_signed(NotSigned::NoSignature))?;
    let delivered = key.check(&sums, &signature).map_err(not_signed)?;
    if delivered.supplier != supplier {
        return Err(VerifyError::OtherSupplier { found: delivered.supplier, expected: supplier.to_owned() });
    }
    match (job, &delivered.job) {
        (Some(expected), Some(found)) if expected != found => {
            return Err(VerifyError::OtherJob { found: found.clone(), expected: expected.to_owned() });
        }
        (Some(_), None) => return Err(VerifyError::NoJob),
        _ => {}
    }
    if let Some(after) = after
        && delivered.run <= *after
    {
        return Err(VerifyError::NotNew { found: delivered.run, after: after.clone() });
    }

    let released = parse(&sums).map_err(|line| VerifyError::NotASum { path: sums_path, line })?;
    if let Some(name) = present.keys().find(|name| !released.contains_key(name.as_str())) {
        return Err(VerifyError::Added { name: name.clone() });
    }
    for (name, expected) in &released {
        if !present.get(*name).copied().unwrap_or(false) {
            return Err(VerifyError::Missing { name: (*name).to_owned() });
        }
        let found = sum(&folder.join(name)).map_err(unreadable)?;
        if found.sha256 != *expected {
            return Err(VerifyError::Changed { name: (*name).to_owned() });
        }
    }
    Ok(Verified {
        job: delivered.job,
        supplier: delivered.supplier,
        run: delivered.run.to_string(),
        sequence: delivered.sequence,
        key_id: key.id(),
        files: released.into_keys().map(str::to_owned).collect(),
    })
}

/// The names in the folder, and whether each is a plain file. A link is not, since its target may have changed by the
/// next read.
fn names(folder: &Path) -> Result<BTreeMap<String, bool>, VerifyError> {
    let unreadable = |source| VerifyError::Unreadable { path: folder.to_owned(), source };
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_file = entry.file_type().map_err(unreadable)?.is_file();
        names.insert(entry.file_name().to_string_lossy().into_owned(), is_file);
    }
    Ok(names)
}

fn read(path: &Path, longest: u64) -> Result<Vec<u8>, VerifyError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(longest).read_to_end(&mut bytes))
        .map_err(|source| VerifyError::Unreadable { path: path.to_owned(), source })?;
    Ok(bytes)
}

fn unreadable(error: ReleaseError) -> VerifyError {
    match error {
        ReleaseError::Io { path, source, .. } => VerifyError::Unreadable { path, source },
        other => VerifyError::Unreadable { path: PathBuf::new(), source: io::Error::other(other) },
    }
}

/// The sum of each file by its name, or the first line that is not a sum and a name. A name that leads out of the
/// folder or appears twice is refused.
pub(super) fn parse(sums: &[u8]) -> Result<BTreeMap<&str, &str>, usize> {
    let text = std::str::from_utf8(sums).map_err(|_| 1_usize)?;
    let mut released = BTreeMap::new();
    for (place, line) in text.split_terminator('\n').enumerate() {
        let (sum, name) = line.split_once("  ").ok_or(place + 1)?;
        let is_sum = sum.len() == 64 && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_name = Path::new(name).file_name() == Some(name.as_ref()) && name != SUMS && name != SIGNATURE;
        if !is_sum || !is_name || released.insert(name, sum).is_some() {
            return Err(place + 1);
        }
    }
    Ok(released)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_as_they_are_written_and_in_no_other_way() {
        let sum = "0123456789abcdef".repeat(4);
        let text = format!("{sum}  a.csv\n{sum}  b c.csv\n");
        let read = parse(text.as_bytes()).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [("a.csv", sum.as_str()), ("b c.csv", &sum)]);
        assert_eq!(parse(b""), Ok(BTreeMap::new()));
        let upper = sum.to_uppercase();
        for (wrong, line) in [
            (format!("{sum}  ../a\n"), 1),
            (format!("{sum}  /a\n"), 1),
            (format!("{sum}  ..\n"), 1),
            (format!("{sum}  \n"), 1),
            (format!("{sum} a\n"), 1),
            (format!("{sum}  a\n{upper}  b\n"), 2),
            (format!("{sum}  a\n{sum}  a\n"), 2),
            (format!("{sum}  a\n\n"), 2),
            (format!("{sum}  {SUMS}\n"), 1),
            (format!("{}  a\n", &sum[1..]), 1),
        ] {
            assert_eq!(parse(wrong.as_bytes()), Err(line), "{wrong}");
        }
    }
}

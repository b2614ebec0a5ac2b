//! What a gate holds back: in goes a supplier that was matched, out comes a folder among the
//! administrator's files, and in the run's record what a release by hand needs beside it.
//!
//! The tables are kept plain, as those of encrypted deliveries are. What a supplier receives names its
//! run, its place among the deliveries and what changed since the last one, all of which are known only
//! when it is released; so a delivery is encrypted, summed and signed then.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::matched::{Matched, SupplierMatch};
use super::publish::{with_rejects, write_decisions_of, write_flags};
use crate::job::Source;
use crate::release::{HeldFile, ReleaseError, Staging};

/// What the record of a run has of a supplier that was held back.
#[derive(Serialize, Deserialize)]
pub(super) struct HeldRecord {
    pub(super) supplier: String,
    /// The files that are kept, with their sums.
    pub(super) files: Vec<HeldFile>,
    /// To whom it is to be encrypted.
    pub(super) age_recipient: Option<String>,
    /// The secret key that it is to be signed with.
    pub(super) secret_key: Option<PathBuf>,
    /// The job that its signature is to name; none in records of versions that named none.
    pub(super) job: Option<String>,
    /// Where objections are found.
    pub(super) objections: Option<Patterns>,
    /// Where exceptions are found.
    pub(super) exceptions: Option<Patterns>,
}

/// Where the files of an input are found.
#[derive(Serialize, Deserialize)]
pub(super) struct Patterns {
    folder: PathBuf,
    patterns: Vec<String>,
}

impl Patterns {
    fn of(source: &Source) -> Patterns {
        Patterns { folder: absolute(source.folder().to_owned()), patterns: source.patterns().to_vec() }
    }

    pub(super) fn source(&self) -> Source {
        Source::new(self.patterns.clone(), std::collections::BTreeMap::new(), &self.folder)
    }
}

/// The path from the root, so that it holds in whatever folder the release is asked for.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Keeps a supplier's tables.
pub(super) fn keep(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    staging: &Staging,
) -> Result<HeldRecord, ReleaseError> {
    let mut folder = staging.hold(&supplier.supplier.id)?;
    write_flags(matched, supplier, |scheme| folder.flags(scheme))?;
    let mut decisions = folder.decisions()?;
    for place in 0..matched.job.schemes.len() {
        write_decisions_of(matched, supplier, place, &mut decisions)?;
    }
    decisions.finish()?;
    if let Some(marks) = &supplier.marks {
        folder.marks(marks)?;
    }
    Ok(HeldRecord {
        supplier: supplier.supplier.id.clone(),
        files: with_rejects(&supplier.read.files, |rejects| folder.seal(rejects))?,
        age_recipient: supplier.supplier.age_recipient.as_ref().map(ToString::to_string),
        secret_key: matched.job.signing_key.clone().map(absolute),
        job: Some(matched.job.signing_job.clone()),
        objections: matched.job.objections.as_ref().map(Patterns::of),
        exceptions: matched.job.exceptions.as_ref().map(|exceptions| Patterns::of(&exceptions.source)),
    })
}

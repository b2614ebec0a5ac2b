//! Keeps a quarantined supplier's tables among the administrator's files, and what a manual release needs in
//! the run's record.
//!
//! The tables are kept plain, as those of encrypted deliveries are. A delivery names its run, its number and
//! what changed since the last one. These are known only when it is released; so it is encrypted, summed and
//! signed then.

use std::path::PathBuf;

use crate::job::Source;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::publishing::supplier_tables::{with_rejects, write_decisions_of, write_flags};
use crate::release::run_record::{Patterns, QuarantineRecord};
use crate::release::{ReleaseError, Staging};

impl Patterns {
    fn new(source: &Source) -> Patterns {
        Patterns { folder: absolute(source.folder().to_owned()), patterns: source.patterns().to_vec() }
    }

    pub(crate) fn source(&self) -> Source {
        Source::new(self.patterns.clone(), std::collections::BTreeMap::new(), &self.folder)
    }
}

/// The absolute path, so that a manual release can be started from any folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Writes a quarantined supplier's tables.
pub(crate) fn keep(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    staging: &Staging,
) -> Result<QuarantineRecord, ReleaseError> {
    let mut folder = staging.quarantine(&supplier.supplier.id)?;
    write_flags(matched, supplier, |scheme| folder.flags(scheme))?;
    let mut decisions = folder.decisions()?;
    for place in 0..matched.job.schemes.len() {
        write_decisions_of(matched, supplier, place, &mut decisions)?;
    }
    decisions.finish()?;
    if let Some(marks) = &supplier.marks {
        folder.edit_fingerprints(marks)?;
    }
    if let Some((_, receipts)) = matched.receipts(supplier.supplier) {
        folder.receipts(receipts)?;
    }
    Ok(QuarantineRecord {
        supplier: supplier.supplier.id.clone(),
        files: with_rejects(&supplier.read.files, |rejects| folder.seal(rejects))?,
        age_recipient: supplier.supplier.age_recipient.as_ref().map(ToString::to_string),
        secret_key: matched.job.signing_key.clone().map(absolute),
        job: Some(matched.job.signing_job.clone()),
        objections: matched.job.objections.as_ref().map(Patterns::new),
        exceptions: matched.job.exceptions.as_ref().map(|exceptions| Patterns::new(&exceptions.source)),
        exception_days: matched.job.exceptions.as_ref().map(|exceptions| exceptions.days),
    })
}

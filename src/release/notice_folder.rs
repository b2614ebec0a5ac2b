//! Writes what a supplier is told outside its deliveries, in `out/notices/<supplier>`: the newest notice alone.
//!
//! A notice is summed and signed as a delivery is, under a comment of its own, so that none passes for a delivery. It has
//! no sequence number, and nothing reads it. A delivery takes it away.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::data_package::{self, SIGNATURE, SUMS};
use super::error::ReleaseError;
use super::folder;
use super::layout::{NOTICES, STAGING_PREFIX};
use super::rows::{Reject, Rejects};
use super::run_id::RunId;
use super::signature::Signer;
use super::staged_file::OpenFiles;
use super::table::{RowFile, Table};

/// The text of a notice.
const NOTICE: &str = "NOTICE.txt";

/// Writes the notices of a run.
pub(crate) struct NoticeFolders {
    output: PathBuf,
    run: RunId,
    begun: SystemTime,
    /// The signer, and the job that signatures name.
    signer: Option<(Signer, String)>,
}

impl NoticeFolders {
    pub(super) fn new(
        output: &Path,
        run: &RunId,
        begun: SystemTime,
        signer: Option<&(Signer, String)>,
    ) -> NoticeFolders {
        NoticeFolders { output: output.to_owned(), run: run.clone(), begun, signer: signer.cloned() }
    }

    /// The id of the run.
    pub(crate) fn run_id(&self) -> &RunId {
        &self.run
    }

    /// Replaces a supplier's notice. Without rejects there is no list of them.
    pub(crate) fn write<'r>(
        &self,
        supplier: &str,
        text: &str,
        rejects: Option<impl Iterator<Item = Reject<'r>>>,
    ) -> Result<(), ReleaseError> {
        let begun = self.output.join(format!("{STAGING_PREFIX}notice-{supplier}"));
        self.fill(&begun, supplier, text, rejects).and_then(|()| {
            folder::date_all(&begun, self.begun)?;
            folder::sync_all(&begun)?;
            let notices = self.output.join(NOTICES);
            folder::ensure(&notices)?;
            self.remove(supplier)?;
            let place = notices.join(supplier);
            fs::rename(&begun, &place).map_err(ReleaseError::io("create this folder", &place))?;
            folder::sync(&notices)
        })
    }

    /// Removes a supplier's notice, if it has one.
    pub(crate) fn remove(&self, supplier: &str) -> Result<(), ReleaseError> {
        let place = self.output.join(NOTICES).join(supplier);
        if place.symlink_metadata().is_err() {
            return Ok(());
        }
        // Renamed first, so that no part of a notice is left under its name.
        let litter = self.output.join(format!("{STAGING_PREFIX}notice-{supplier}-before"));
        fs::rename(&place, &litter).map_err(ReleaseError::io("move this folder", &place))?;
        folder::remove(&litter)
    }

    fn fill<'r>(
        &self,
        place: &Path,
        supplier: &str,
        text: &str,
        rejects: Option<impl Iterator<Item = Reject<'r>>>,
    ) -> Result<(), ReleaseError> {
        folder::create(place)?;
        let open = OpenFiles::default();
        let write = |name: &str, text: &str| {
            let mut file = open.create(place, name)?;
            file.append(text.as_bytes())?;
            file.finish()
        };
        write(NOTICE, text)?;
        let mut names = vec![NOTICE.to_owned()];
        if let Some(rejects) = rejects {
            RowFile::<Rejects>::whole(open.create(place, Rejects::FILE)?, rejects)?;
            names.push(Rejects::FILE.to_owned());
        }
        let sums = data_package::sums(place, &names)?;
        let sums = data_package::sums_text(names.iter().zip(&sums));
        write(SUMS, &sums)?;
        if let Some((signer, job)) = &self.signer {
            let comment = format!("flagmatch notice job={job} supplier={supplier} run={}", self.run);
            let signature = signer.sign(&sums, &comment);
            write(SIGNATURE, &signature.ok_or_else(|| ReleaseError::NotSigned { path: place.join(SIGNATURE) })?)?;
        }
        Ok(())
    }
}

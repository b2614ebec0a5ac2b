//! What one supplier receives: in go flags and rejects, out comes a folder that it can check by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::changes;
use super::data_package::{self, Content};
use super::encode;
use super::error::ReleaseError;
use super::flags::FlagFile;
use super::folder;
use super::rows::{Reject, Rejects, RowFile, Table};
use super::staged_file::OpenFiles;
use super::staging::Staging;
use crate::job::Scheme;

const FLAGS_ENDING: &str = ".flags.csv";
const CHANGES: &str = "changes.csv";

/// A supplier's folder while it is being filled. It becomes part of the run when it is sealed; one
/// that is dropped (because the supplier is held back, or something failed) leaves nothing behind.
pub struct SupplierFolder<'a> {
    staging: &'a Staging,
    supplier: String,
    /// Where it is filled, under a name that no supplier can have.
    folder: PathBuf,
    /// Where it goes once sealed.
    place: PathBuf,
    schemes: Vec<Scheme>,
    open: OpenFiles,
}

impl<'a> SupplierFolder<'a> {
    pub(super) fn begin(
        staging: &'a Staging,
        suppliers: &Path,
        supplier: &str,
    ) -> Result<SupplierFolder<'a>, ReleaseError> {
        let folder = suppliers.join(format!(".{supplier}"));
        folder::create(&folder)?;
        Ok(SupplierFolder {
            staging,
            supplier: supplier.to_owned(),
            folder,
            place: suppliers.join(supplier),
            schemes: Vec::new(),
            open: OpenFiles::default(),
        })
    }

    /// Begins the flag file of a scheme. Files of several schemes may be written at the same time.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be created, or was begun before.
    pub fn flags(&mut self, scheme: &Scheme) -> Result<FlagFile, ReleaseError> {
        let file = self.open.create(&self.folder, &format!("{}{FLAGS_ENDING}", scheme.id))?;
        self.schemes.push(scheme.clone());
        FlagFile::begin(file)
    }

    /// Ends the delivery: writes `rejects.csv` from these rows, `changes.csv` by comparison with the
    /// supplier's last delivery, `datapackage.json` and `SHA256SUMS`. All flag files have to be
    /// finished before.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a flag file was dropped, [`ReleaseError::Io`] if something
    /// cannot be written, [`ReleaseError::Damaged`] if the last delivery cannot be read.
    pub fn seal<'r>(self, rejects: impl IntoIterator<Item = Reject<'r>>) -> Result<(), ReleaseError> {
        self.open.all_finished(&self.folder)?;
        let mut file = RowFile::<Rejects>::begin(self.open.create(&self.folder, Rejects::FILE)?)?;
        for reject in rejects {
            file.write(&reject)?;
        }
        file.finish()?;
        self.write_changes()?;
        let hashing = self.write_manifest()?;
        fs::rename(&self.folder, &self.place).map_err(ReleaseError::io("create this folder", &self.place))?;
        self.staging.add_hashing(hashing);
        Ok(())
    }

    fn write_changes(&self) -> Result<(), ReleaseError> {
        let mut out = self.open.create(&self.folder, CHANGES)?;
        let mut header = Vec::new();
        encode::row(changes::HEADER.iter().copied(), &mut header);
        out.append(&header)?;

        let last = self.staging.last_delivery(&self.supplier);
        let mut dropped = flag_schemes(&last)?;
        for scheme in &self.schemes {
            let name = format!("{}{FLAGS_ENDING}", scheme.id);
            let then = dropped.iter().position(|id| *id == scheme.id).map(|known| {
                dropped.remove(known);
                last.join(&name)
            });
            changes::append(&scheme.id, then.as_deref(), Some(&self.folder.join(&name)), &mut out)?;
        }
        // A scheme that the supplier no longer has a flag file of is gone as a whole.
        for id in dropped {
            changes::append(&id, Some(&last.join(format!("{id}{FLAGS_ENDING}"))), None, &mut out)?;
        }
        out.finish()
    }

    /// Writes the manifest and the sums, and tells how long the sums took.
    fn write_manifest(&self) -> Result<Duration, ReleaseError> {
        let mut contents: Vec<(String, Content)> = Vec::new();
        for scheme in &self.schemes {
            contents.push((format!("{}{FLAGS_ENDING}", scheme.id), Content::Flags(scheme)));
        }
        contents.push((CHANGES.to_owned(), Content::Changes));
        contents.push((Rejects::FILE.to_owned(), Content::Rejects));
        let mut names: Vec<String> = contents.iter().map(|(name, _)| name.clone()).collect();

        let begun = Instant::now();
        let mut sums = data_package::sums(&self.folder, &names)?;
        let hashing = begun.elapsed();

        let files = contents.iter().zip(&sums).map(|((name, content), sum)| (name, content, sum));
        let run = self.staging.run_id().to_string();
        let manifest = data_package::manifest(&run, self.staging.created(), &self.supplier, files);
        let manifest_name = "datapackage.json".to_owned();
        self.write(&manifest_name, &manifest)?;
        names.push(manifest_name);
        sums.extend(data_package::sums(&self.folder, &names[names.len() - 1..])?);
        self.write("SHA256SUMS", &data_package::sums_text(names.iter().zip(&sums)))?;
        Ok(hashing)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ReleaseError> {
        let mut file = self.open.create(&self.folder, name)?;
        file.append(text.as_bytes())?;
        file.finish()
    }
}

impl Drop for SupplierFolder<'_> {
    fn drop(&mut self) {
        // After sealing there is nothing under this name, and what a failure leaves goes with the
        // staging folder.
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

/// The schemes that a delivery has flags of, in byte order.
fn flag_schemes(delivery: &Path) -> Result<Vec<String>, ReleaseError> {
    let names = folder::names(delivery)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(FLAGS_ENDING)).map(str::to_owned).collect())
}

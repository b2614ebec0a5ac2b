//! Writes one supplier's delivery, a folder that the supplier can check by itself.
//!
//! If the supplier has a recipient, the plain tables are written to the administrator's folder and stay there. Only one
//! encrypted archive goes into the supplier's folder: first encrypted, then summed, then signed. The next run compares
//! with the plain copy.

use std::fs;
use std::path::{Path, PathBuf};

use super::archive::{self, ARCHIVE};
use super::changes;
use super::data_package::{self, Content, MANIFEST, SIGNATURE, SUMS, Sum};
use super::error::ReleaseError;
use super::flags::FlagFile;
use super::folder;
use super::layout::{CHANGES, FLAGS_ENDING};
use super::read_me::{self, READ_ME, ReadMe};
use super::rows::{Changes, ReceiptRow, Receipts, Reject, Rejects};
use super::signature::Delivered;
use super::staged_file::OpenFiles;
use super::staging::Staging;
use super::table::{Block, RowFile, Table};
use crate::job::{AgeRecipient, Scheme};

/// A supplier's folder while it is being filled. It becomes part of the run when it is sealed; one
/// that is dropped (because the supplier is held back, or something failed) leaves nothing behind.
pub struct SupplierFolder<'a> {
    staging: &'a Staging,
    supplier: String,
    /// Where it is filled; no supplier can have this name.
    folder: PathBuf,
    /// Where it goes once sealed.
    place: PathBuf,
    encryption: Option<Encryption>,
    schemes: Vec<Scheme>,
    /// For how many days after a notice the supplier may report; `None` if it may not.
    exception_days: Option<u32>,
    open: OpenFiles,
}

/// The recipient of the encrypted tables, and the places of the plain ones.
struct Encryption {
    recipient: AgeRecipient,
    /// Where they are written; no supplier can have this name.
    folder: PathBuf,
    /// Where they stay once the delivery is sealed.
    place: PathBuf,
}

impl<'a> SupplierFolder<'a> {
    pub(super) fn begin(
        staging: &'a Staging,
        suppliers: &Path,
        supplier: &str,
        recipient: Option<(&AgeRecipient, &Path)>,
    ) -> Result<SupplierFolder<'a>, ReleaseError> {
        let hidden = format!(".{supplier}");
        let encryption = recipient.map(|(recipient, plain)| Encryption {
            recipient: recipient.clone(),
            folder: plain.join(&hidden),
            place: plain.join(supplier),
        });
        let begun = SupplierFolder {
            staging,
            supplier: supplier.to_owned(),
            folder: suppliers.join(&hidden),
            place: suppliers.join(supplier),
            encryption,
            schemes: Vec::new(),
            exception_days: None,
            open: OpenFiles::default(),
        };
        folder::create(&begun.folder)?;
        if let Some(Encryption { folder, .. }) = &begun.encryption {
            if let Some(plain) = folder.parent() {
                folder::ensure(plain)?;
            }
            folder::create(folder)?;
        }
        Ok(begun)
    }

    /// Where the tables are written.
    fn tables(&self) -> &Path {
        self.encryption.as_ref().map_or(&self.folder, |encryption| &encryption.folder)
    }

    /// Begins the flag file of a scheme. Files of several schemes may be written at the same time.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be created, or was begun before.
    pub fn flags(&mut self, scheme: &Scheme) -> Result<FlagFile, ReleaseError> {
        let file = self.open.create(self.tables(), &format!("{}{FLAGS_ENDING}", scheme.id))?;
        self.schemes.push(scheme.clone());
        FlagFile::begin(file)
    }

    /// Writes what became of the supplier's reports, which it may make for so many days after a notice.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written, or was written before.
    pub(crate) fn reports<'r>(
        &mut self,
        days: u32,
        receipts: impl Iterator<Item = ReceiptRow<'r>>,
    ) -> Result<(), ReleaseError> {
        self.exception_days = Some(days);
        RowFile::<Receipts>::whole(self.open.create(self.tables(), Receipts::FILE)?, receipts)
    }

    /// Completes the delivery: [finishes](Self::finish) its tables and [seals](Staging::seal) them.
    ///
    /// # Errors
    /// Those of both.
    pub fn seal<'r>(self, rejects: impl IntoIterator<Item = Reject<'r>>) -> Result<(), ReleaseError> {
        let staging = self.staging;
        staging.seal(vec![self.finish(rejects)?])
    }

    /// Completes the tables: writes `rejects.csv` from these rows and `changes.csv` by comparison with the supplier's
    /// last delivery, and encrypts all tables if the supplier has a recipient. Finish all flag files first.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a flag file was dropped, [`ReleaseError::Io`] if something
    /// cannot be written, [`ReleaseError::Damaged`] if the last delivery cannot be read.
    pub fn finish<'r>(self, rejects: impl IntoIterator<Item = Reject<'r>>) -> Result<FinishedFolder<'a>, ReleaseError> {
        self.open.all_finished(&self.folder)?;
        RowFile::<Rejects>::whole(self.open.create(self.tables(), Rejects::FILE)?, rejects)?;
        self.write_changes()?;
        if let Some(encryption) = &self.encryption {
            let contents = self.plain_contents();
            self.write_manifest(&encryption.folder, &contents, &self.delivered()?)?;
            let names: Vec<&str> = contents.iter().map(|(name, _)| name.as_str()).chain([MANIFEST]).collect();
            let out = self.open.create(&self.folder, ARCHIVE)?;
            archive::write(&encryption.folder, &names, self.staging.begun(), &encryption.recipient, out)?;
        }
        Ok(FinishedFolder(self))
    }

    /// The tables of the delivery, by their file names, before they are encrypted.
    fn plain_contents(&self) -> Vec<(String, Content<'_>)> {
        let flags = self.schemes.iter().map(|scheme| (format!("{}{FLAGS_ENDING}", scheme.id), Content::Flags(scheme)));
        let mut contents: Vec<_> = flags.collect();
        contents.push((CHANGES.to_owned(), Content::Changes));
        contents.push((Rejects::FILE.to_owned(), Content::Rejects));
        if self.exception_days.is_some() {
            contents.push((Receipts::FILE.to_owned(), Content::Receipts));
        }
        contents
    }

    /// The files that the supplier receives and the manifest describes, by their names.
    fn contents(&self) -> Vec<(String, Content<'_>)> {
        match self.encryption {
            None => self.plain_contents(),
            Some(_) => vec![(ARCHIVE.to_owned(), Content::Archive(&self.schemes))],
        }
    }

    /// What its signature names.
    fn delivered(&self) -> Result<Delivered, ReleaseError> {
        let last = self.staging.last_delivery(&self.supplier);
        Ok(Delivered {
            job: self.staging.signer().map(|(_, job)| job.to_owned()),
            supplier: self.supplier.clone(),
            run: self.staging.run_id().clone(),
            sequence: last.as_deref().map_or(Ok(1), data_package::next_sequence)?,
        })
    }

    /// Writes a folder's manifest of these files. Returns them and the manifest, with their sums.
    fn write_manifest(
        &self,
        folder: &Path,
        contents: &[(String, Content<'_>)],
        delivered: &Delivered,
    ) -> Result<Vec<(String, Sum)>, ReleaseError> {
        let names: Vec<String> = contents.iter().map(|(name, _)| name.clone()).collect();
        let sums = data_package::sums(folder, &names)?;
        let day = delivered.run.date()?;
        let report = self.exception_days.map(|days| (days, read_me::last_day(day, days)));
        let files = contents.iter().zip(&sums).map(|((name, content), sum)| (name, content, sum));
        let manifest = data_package::manifest(delivered, &self.staging.created(), report, files);
        self.write(folder, MANIFEST, &manifest)?;
        let mut files: Vec<(String, Sum)> = names.into_iter().zip(sums).collect();
        files.push((MANIFEST.to_owned(), data_package::sum(&folder.join(MANIFEST))?));
        Ok(files)
    }

    fn write_changes(&self) -> Result<(), ReleaseError> {
        let mut out = self.open.create(self.tables(), Changes::FILE)?;
        out.append(&Block::<Changes>::with_header().into_bytes())?;
        let last = self.staging.last_tables(&self.supplier)?;
        let mut dropped = last.as_deref().map_or_else(|| Ok(Vec::new()), flag_schemes)?;
        let of_last = |name: &str| last.as_ref().map(|last| last.join(name));
        for scheme in &self.schemes {
            let name = format!("{}{FLAGS_ENDING}", scheme.id);
            let then = dropped.iter().position(|id| *id == scheme.id).and_then(|known| {
                dropped.remove(known);
                of_last(&name)
            });
            changes::append(&scheme.id, then.as_deref(), Some(&self.tables().join(&name)), &mut out)?;
        }
        // If a scheme no longer has a flag file, all its accounts are gone.
        for id in dropped {
            changes::append(&id, of_last(&format!("{id}{FLAGS_ENDING}")).as_deref(), None, &mut out)?;
        }
        out.finish()
    }

    fn write(&self, folder: &Path, name: &str, text: &str) -> Result<(), ReleaseError> {
        let mut file = self.open.create(folder, name)?;
        file.append(text.as_bytes())?;
        file.finish()
    }
}

/// A supplier's folder whose tables are complete.
pub struct FinishedFolder<'a>(SupplierFolder<'a>);

impl FinishedFolder<'_> {
    /// Writes `datapackage.json`, `README.txt`, `SHA256SUMS` and, if the run has a signer, its signature, and moves the folder to its
    /// final place.
    pub(super) fn seal(self) -> Result<(), ReleaseError> {
        self.write_rest()?;
        let SupplierFolder { folder, place, staging, encryption, .. } = &self.0;
        folder::date_all(folder, staging.begun())?;
        if let Some(Encryption { folder, place, .. }) = encryption {
            fs::rename(folder, place).map_err(ReleaseError::io("create this folder", place))?;
        }
        fs::rename(folder, place).map_err(ReleaseError::io("create this folder", place))
    }

    fn write_rest(&self) -> Result<(), ReleaseError> {
        let SupplierFolder { folder, staging, schemes, encryption, exception_days, .. } = &self.0;
        let delivered = self.0.delivered()?;
        let mut files = self.0.write_manifest(folder, &self.0.contents(), &delivered)?;
        let read_me = ReadMe {
            delivered: &delivered,
            day: delivered.run.date()?,
            schemes,
            is_signed: staging.signer().is_some(),
            is_encrypted: encryption.is_some(),
            exception_days: *exception_days,
        };
        self.0.write(folder, READ_ME, &read_me.text())?;
        files.push((READ_ME.to_owned(), data_package::sum(&folder.join(READ_ME))?));
        let sums = data_package::sums_text(files.iter().map(|(name, sum)| (name, sum)));
        self.0.write(folder, SUMS, &sums)?;
        if let Some((signer, _)) = staging.signer() {
            let signature = signer.sign(&sums, &delivered.to_string());
            let signature = signature.ok_or_else(|| ReleaseError::NotSigned { path: folder.join(SIGNATURE) })?;
            self.0.write(folder, SIGNATURE, &signature)?;
        }
        Ok(())
    }
}

impl Drop for SupplierFolder<'_> {
    fn drop(&mut self) {
        // After sealing, nothing has this name. If the removal fails, the folder goes with the staging folder.
        let _gone = fs::remove_dir_all(&self.folder);
        if let Some(Encryption { folder, .. }) = &self.encryption {
            let _gone = fs::remove_dir_all(folder);
        }
    }
}

/// The schemes that a delivery has flags of, in byte order.
fn flag_schemes(delivery: &Path) -> Result<Vec<String>, ReleaseError> {
    let names = folder::names(delivery)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(FLAGS_ENDING)).map(str::to_owned).collect())
}

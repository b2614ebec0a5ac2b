//! Adds sums to a run's record, `administrator/run.json`: of every other file of the run, with the suppliers' newest
//! deliveries that older runs made.
//!
//! The field `format` says that these are there. Records of earlier versions have none of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::current::Newest;
use super::error::ReleaseError;
use super::folder;
use super::layout::{ADMINISTRATOR, CURRENT, RECORD, SUPPLIERS};
use super::run_id::RunId;
use crate::file_sum::blake3_of;

/// The format number of records that have the sums of all files.
pub(super) const FORMAT: u32 = 1;

/// A run's record with the sums of the run's files.
#[derive(Serialize)]
pub(super) struct SealedRecord<'a, T: Serialize> {
    format: u32,
    #[serde(flatten)]
    record: &'a T,
    older_deliveries: BTreeMap<&'a str, String>,
    files: BTreeMap<String, String>,
}

impl<'a, T: Serialize> SealedRecord<'a, T> {
    /// Sums all files of a run that is being written; `before` are the newest deliveries before it.
    pub(super) fn new(
        record: &'a T,
        run_folder: &Path,
        before: &'a Newest,
    ) -> Result<SealedRecord<'a, T>, ReleaseError> {
        let own = folder::names(&run_folder.join(SUPPLIERS))?;
        let older = before.iter().filter(|(supplier, _)| !own.contains(supplier));
        let files: Vec<String> = files_of(run_folder)?.into_keys().collect();
        let sums = files.par_iter().map(|file| {
            let path = run_folder.join(file);
            File::open(&path).and_then(blake3_of).map_err(ReleaseError::io("read this file", &path))
        });
        let sums: Vec<String> = sums.collect::<Result<_, _>>()?;
        Ok(SealedRecord {
            format: FORMAT,
            record,
            older_deliveries: older.map(|(supplier, run)| (supplier.as_str(), run.to_string())).collect(),
            files: files.into_iter().zip(sums).collect(),
        })
    }
}

/// What a published run's record says about its files.
#[derive(Deserialize)]
pub(super) struct Sealed {
    /// `None` in records of earlier versions.
    pub(super) format: Option<u32>,
    #[serde(default)]
    pub(super) older_deliveries: BTreeMap<String, String>,
    /// The BLAKE3 sum of each file by its path in the run's folder.
    #[serde(default)]
    pub(super) files: BTreeMap<String, String>,
}

impl Sealed {
    /// Reads the record of a run.
    pub(super) fn read(run_folder: &Path) -> Result<Sealed, ReleaseError> {
        let path = run_folder.join(ADMINISTRATOR).join(RECORD);
        let changed = |reason| ReleaseError::NotAsPublished { path: path.clone(), reason };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(changed("is missing")),
            Err(error) => return Err(ReleaseError::io("read this file", &path)(error)),
        };
        let sealed: Sealed = serde_json::from_slice(&text).map_err(|_| changed("is not the record of a run"))?;
        if sealed.format.is_some_and(|format| format > FORMAT) {
            return Err(ReleaseError::NewerFormat { path });
        }
        Ok(sealed)
    }

    /// The newest deliveries after the run; `None` if its record does not have them.
    pub(super) fn newest(&self, run: &RunId, run_folder: &Path) -> Result<Option<Newest>, ReleaseError> {
        if self.format.is_none() {
            return Ok(None);
        }
        let mut newest = Newest::new();
        for (supplier, older) in &self.older_deliveries {
            let path = run_folder.join(ADMINISTRATOR).join(RECORD);
            let reason = "names a run by an impossible id";
            let older = older.parse().map_err(|_| ReleaseError::NotAsPublished { path, reason })?;
            newest.insert(supplier.clone(), older);
        }
        let prefix = format!("{SUPPLIERS}/");
        let own = self.files.keys().filter_map(|file| file.strip_prefix(&prefix)?.split('/').next());
        newest.extend(own.map(|supplier| (supplier.to_owned(), run.clone())));
        Ok(Some(newest))
    }
}

/// The kind of an entry in a run's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A link, a pipe or anything else that no run creates.
    Other,
}

/// All files in the folder of a run by their paths in it, except the record itself and the links to newest deliveries.
pub(super) fn files_of(run_folder: &Path) -> Result<BTreeMap<String, Kind>, ReleaseError> {
    fn add(place: &Path, prefix: &str, all: &mut BTreeMap<String, Kind>) -> Result<(), ReleaseError> {
        for name in folder::names(place)? {
            let path = place.join(&name);
            let inner = format!("{prefix}{name}");
            let kind = path.symlink_metadata().map_err(ReleaseError::io("look at this file", &path))?.file_type();
            if kind.is_dir() {
                if inner != CURRENT {
                    add(&path, &format!("{inner}/"), all)?;
                }
            } else if inner != format!("{ADMINISTRATOR}/{RECORD}") {
                all.insert(inner, if kind.is_file() { Kind::File } else { Kind::Other });
            }
        }
        Ok(())
    }
    let mut all = BTreeMap::new();
    add(run_folder, "", &mut all)?;
    Ok(all)
}

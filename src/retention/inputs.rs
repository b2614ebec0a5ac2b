//! Finds the input files past their retention: those that no run within its retention read.
//!
//! A file is recognised by its sum, so that tonight's file under an old name stays. Objections, decisions and
//! exceptions are people's standing instructions, which every run has to respect, so they are never removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::InputPurged;
use super::error::RetentionError;
use super::runs::RunPast;
use crate::intake::input_sum;
use crate::job::{Job, Source};
use crate::release::run_record::InputRecord;

/// Inputs that are people's standing instructions.
const STANDING: [&str; 3] = ["objections", "decisions", "exceptions"];

/// A file that is past its retention.
pub(super) struct InputToGo {
    input: String,
    path: PathBuf,
    bytes: u64,
    blake3: String,
}

/// What is known of a file from the runs that read it.
struct Known<'a> {
    input: &'a str,
    stays: bool,
}

/// The existing input files that are past their retention. The candidates are the files that runs read, where they were
/// then, and the files that the job's patterns match now.
pub(super) fn past(job: &Job, runs: &[RunPast]) -> Result<Vec<InputToGo>, RetentionError> {
    let mut known: BTreeMap<(u64, &str), Known<'_>> = BTreeMap::new();
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for RunPast { past, inputs, .. } in runs {
        for InputRecord { input, path, bytes, blake3, .. } in inputs {
            let stays = !past.all || STANDING.contains(&input.as_str());
            let known = known.entry((*bytes, blake3)).or_insert(Known { input, stays: false });
            known.stays |= stays;
            paths.insert(path.clone());
        }
    }
    let suppliers = job.suppliers.iter().map(|supplier| &supplier.source);
    // A pattern that matches no file gives an error, and has nothing to remove.
    let matched = |source: &Source| source.files().unwrap_or_default();
    paths.extend(suppliers.chain([&job.benefits]).chain(&job.properties).flat_map(matched));

    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        // Links are left alone, since somebody made them on purpose. A missing file is gone already.
        let Ok(metadata) = path.symlink_metadata() else { continue };
        let Ok(canonical) = path.canonicalize() else { continue };
        let is_candidate = known.keys().any(|(bytes, _)| *bytes == metadata.len());
        if !metadata.is_file() || !is_candidate || !seen.insert(canonical) {
            continue;
        }
        let blake3 = input_sum(&path)?;
        if let Some(found) = known.get(&(metadata.len(), blake3.as_str())).filter(|known| !known.stays) {
            files.push(InputToGo { input: found.input.to_owned(), path, bytes: metadata.len(), blake3 });
        }
    }
    Ok(files)
}

impl InputToGo {
    /// The file in the purge's record.
    pub(super) fn purged(&self) -> InputPurged {
        let InputToGo { input, path, bytes, blake3 } = self;
        InputPurged { input: input.clone(), path: path.clone(), bytes: *bytes, blake3: blake3.clone() }
    }

    /// Removes the file.
    pub(super) fn remove(&self) -> Result<(), RetentionError> {
        fs::remove_file(&self.path).map_err(|source| RetentionError::Io {
            action: "remove this file",
            path: self.path.clone(),
            source,
        })
    }
}

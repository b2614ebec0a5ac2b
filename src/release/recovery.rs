//! Restores an output directory to what is published in it, after a kill or an upgrade.

use std::fs;
use std::path::Path;

use super::current::{self, Found};
use super::error::ReleaseError;
use super::folder::{self, LINK_PREFIX};
use super::layout::{CURRENT, LATEST, STAGING_PREFIX};
use super::published::Published;
use super::run_id::RunId;

/// Refuses a directory whose latest run is older than `known`, the newest run that is known to be published.
///
/// # Errors
/// [`ReleaseError::NotTheNewest`].
pub(crate) fn refuse_older(output: &Path, latest: Option<&RunId>, known: Option<&RunId>) -> Result<(), ReleaseError> {
    match known.filter(|newest| latest.is_none_or(|latest| latest < *newest)) {
        Some(newest) => {
            let is_there = output.join(newest.to_string()).is_dir();
            Err(ReleaseError::NotTheNewest { output: output.to_owned(), run: newest.clone(), is_there })
        }
        None => Ok(()),
    }
}

/// Removes what a killed run left and finishes what it had begun. Returns the latest run.
///
/// One kill leaves at most one run folder that is newer than `latest`. In any other state somebody has changed the
/// directory, and nothing is removed. The same holds if `known`, the newest run that is known to be published, is newer
/// than `latest`.
pub(super) fn recover(output: &Path, known: Option<&RunId>) -> Result<Option<Published>, ReleaseError> {
    let published = Published::latest(output)?;
    let latest = published.as_ref().map(Published::run_id);
    let names = folder::names(output)?;
    let mut runs: Vec<RunId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    runs.sort_unstable();
    let unpublished = runs.split_off(latest.map_or(0, |latest| runs.partition_point(|run| run <= latest)));

    refuse_older(output, latest, known)?;
    let found = current::find(output)?;
    let links = if matches!(found, Found::Folder) { current::read(&output.join(CURRENT))? } else { Default::default() };
    // Links exist only after a `latest`, so `latest` was removed.
    let are_left = latest.is_none() && !links.is_empty();
    let pointed_to = |run: &RunId| links.values().any(|delivering| delivering >= run);
    if unpublished.len() > 1 || are_left || unpublished.iter().any(pointed_to) {
        let reason = "should point to the newest published run; switch it, or move the newer run folders elsewhere";
        return Err(ReleaseError::Inconsistent { path: output.join(LATEST), reason });
    }
    if let Some(published) = &published {
        // Fails on a wrong link before anything is removed.
        published.newest()?;
    }

    for name in names.iter().filter(|name| name.starts_with(STAGING_PREFIX)) {
        folder::remove(&output.join(name))?;
    }
    for run in &unpublished {
        // Renamed first: a kill during the removal must not leave half a run under the name of a complete one.
        let (place, litter) = (output.join(run.to_string()), output.join(format!("{STAGING_PREFIX}{run}")));
        fs::rename(&place, &litter).map_err(ReleaseError::io("move this folder", &place))?;
        folder::remove(&litter)?;
    }
    for left in names.iter().filter(|name| name.starts_with(LINK_PREFIX)).map(|name| output.join(name)) {
        // A folder here is that of an earlier version, which the link has replaced.
        let is_folder = left.is_dir() && !left.is_symlink();
        let removed = if is_folder { fs::remove_dir_all(&left) } else { fs::remove_file(&left) };
        removed.map_err(ReleaseError::io("remove this link", &left))?;
    }
    match &published {
        Some(published) => current::carry_over(output, published.run_id(), &runs)?,
        None if matches!(found, Found::Folder) => folder::remove(&output.join(CURRENT))?,
        None => {}
    }
    Ok(published)
}

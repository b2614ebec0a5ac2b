//! Links each supplier to its newest delivery.
//!
//! The links `<run>/current/<supplier>` are prepared within a run before it is published, and `out/current` points to
//! the latest run's links.
//!
//! Switching `latest` alone therefore decides what every supplier sees. Earlier versions kept a folder of links in
//! `out/current` and switched them one by one; [`carry_over`] replaces that folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use super::folder::{self, LINK_PREFIX};
use super::layout::{CURRENT, LATEST, STAGING_PREFIX, SUPPLIERS};
use super::run_id::RunId;

type Done = Result<(), ReleaseError>;

/// The run of each supplier's newest delivery.
pub(super) type Newest = BTreeMap<String, RunId>;

/// What `out/current` points to.
pub(super) fn target() -> String {
    format!("{LATEST}/{CURRENT}")
}

/// What `<run>/current/<supplier>` points to.
pub(super) fn link_to(run: &RunId, supplier: &str) -> String {
    format!("../../{run}/{SUPPLIERS}/{supplier}")
}

/// Reads the newest deliveries from the links in a folder; empty if there is no such folder.
pub(super) fn read(links: &Path) -> Result<Newest, ReleaseError> {
    let mut newest = Newest::new();
    for supplier in folder::names(links)?.into_iter().filter(|name| !name.starts_with(LINK_PREFIX)) {
        let link = links.join(&supplier);
        let target = folder::link_target(&link)?.unwrap_or_default();
        let run = delivering_run(&target, &supplier);
        let reason = "does not point to a delivery of a run";
        newest.insert(supplier, run.ok_or(ReleaseError::Inconsistent { path: link, reason })?);
    }
    Ok(newest)
}

/// Parses the run from a link's target, in the form of this version or of earlier ones. `None` if the target is not a
/// delivery to the supplier.
fn delivering_run(target: &str, supplier: &str) -> Option<RunId> {
    let (run, delivery) = target.trim_start_matches("../").split_once('/')?;
    if delivery == format!("{SUPPLIERS}/{supplier}") { run.parse().ok() } else { None }
}

/// Writes the links of a run that is not published yet, and makes them durable.
pub(super) fn write(run_folder: &Path, newest: &Newest) -> Done {
    let links = run_folder.join(CURRENT);
    folder::create(&links)?;
    for (supplier, run) in newest {
        let link = links.join(supplier);
        symlink(link_to(run, supplier), &link).map_err(ReleaseError::io("create this link", &link))?;
    }
    folder::sync(&links)?;
    folder::sync(run_folder)
}

/// Creates `out/current`, which points to the latest run's links, if it does not exist.
pub(super) fn ensure_link(output: &Path) -> Done {
    match folder::link_target(&output.join(CURRENT))? {
        Some(_) => Ok(()),
        None => folder::switch_link(output, CURRENT, &target()),
    }
}

/// What is at `out/current`.
pub(super) enum Found {
    Nothing,
    /// The expected link.
    Link,
    /// The folder of links of an earlier version.
    Folder,
}

/// Finds what is at `out/current`.
pub(super) fn find(output: &Path) -> Result<Found, ReleaseError> {
    let path = output.join(CURRENT);
    let Ok(metadata) = path.symlink_metadata() else { return Ok(Found::Nothing) };
    if metadata.is_dir() {
        return Ok(Found::Folder);
    }
    if metadata.is_symlink() && folder::link_target(&path)? == Some(target()) {
        return Ok(Found::Link);
    }
    // Reading or writing through it would reach another place.
    let reason = "should be a link to latest/current and is something else: put that link in its place";
    Err(ReleaseError::Inconsistent { path, reason })
}

/// Creates the latest run's links and `out/current` where an earlier version, or a copy without links, has neither.
///
/// A kill at any step leaves each supplier's newest delivery in `out/current`; the next run continues from there.
pub(super) fn carry_over(output: &Path, latest: &RunId, runs: &[RunId]) -> Done {
    let run_folder = output.join(latest.to_string());
    if run_folder.join(CURRENT).symlink_metadata().is_err() {
        // The folder is complete before it gets its name.
        let begun = output.join(format!("{STAGING_PREFIX}{CURRENT}"));
        folder::create(&begun)?;
        write(&begun, &newest_of(output, runs)?)?;
        let (made, place) = (begun.join(CURRENT), run_folder.join(CURRENT));
        fs::rename(&made, &place).map_err(ReleaseError::io("create this folder", &place))?;
        folder::sync(&run_folder)?;
        folder::remove(&begun)?;
    }
    match find(output)? {
        Found::Link => Ok(()),
        Found::Nothing => ensure_link(output).and_then(|()| folder::sync(output)),
        Found::Folder => replace_folder(output),
    }
}

/// Finds each supplier's newest delivery from the folders of `runs`, oldest first.
fn newest_of(output: &Path, runs: &[RunId]) -> Result<Newest, ReleaseError> {
    let mut newest = Newest::new();
    for run in runs {
        for supplier in folder::names(&output.join(run.to_string()).join(SUPPLIERS))? {
            newest.insert(supplier, run.clone());
        }
    }
    Ok(newest)
}

/// Replaces the folder of an earlier version by the link.
fn replace_folder(output: &Path) -> Done {
    let (place, link) = (output.join(CURRENT), output.join(format!("{LINK_PREFIX}{CURRENT}")));
    symlink(target(), &link).map_err(ReleaseError::io("create this link", &link))?;
    if exchange(&link, &place).is_err() {
        // This file system cannot exchange two names. For an instant there is no `current`; after a kill in that
        // instant, the next run creates the link.
        let aside = output.join(format!("{LINK_PREFIX}{CURRENT}-before"));
        fs::rename(&place, &aside).map_err(ReleaseError::io("move this folder", &place))?;
        fs::rename(&link, &place).map_err(ReleaseError::io("switch this link", &place))?;
        folder::sync(output)?;
        return folder::remove(&aside);
    }
    folder::sync(output)?;
    // After the exchange the folder has the link's name.
    folder::remove(&link)
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// The folder of a run's delivery to a supplier.
pub(super) fn delivery(output: &Path, run: &RunId, supplier: &str) -> PathBuf {
    output.join(run.to_string()).join(SUPPLIERS).join(supplier)
}

//! Opens files that hold references or exact counts: readable by their owner only, and in place of nothing else.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::exit::Fault;
use crate::release::RunId;

/// What each page begins with.
const PAGE: &str = "<!DOCTYPE html>";

/// Opens a file to be written anew, whose text `begins` so. A file that begins otherwise is not replaced: it may be an
/// input, named by a slip. Nor is one in the folder of a run, which a run that was added to would no longer match.
pub(super) fn open(file: &Path, begins: &str) -> io::Result<File> {
    let refused = |why| Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    if is_in_a_run(&place_of(file)) {
        return refused("this is the folder of a run, which never changes: write to another place");
    }
    // Only to write: a pipe would otherwise be its own reader, and never end.
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file)?;
    let found = opened.metadata()?;
    // A terminal or a pipe stays as it is.
    if found.is_file() {
        let mut beginning = vec![0; begins.len()];
        let mut is_own = || File::open(file)?.read_exact(&mut beginning).map(|()| beginning == begins.as_bytes());
        if found.len() > 0 && !is_own().unwrap_or(false) {
            return refused("this holds something else: name another file, or remove this one");
        }
        // It may have been readable by others.
        opened.set_permissions(Permissions::from_mode(0o600))?;
        opened.set_len(0)?;
    }
    Ok(opened)
}

/// Writes a page.
pub(super) fn write_page(file: &Path, page: &str) -> Result<(), Fault> {
    debug_assert!(page.starts_with(PAGE));
    let written = open(file, PAGE).and_then(|mut opened| opened.write_all(page.as_bytes()));
    written.map_err(|source| Fault::Unwritable { file: file.to_owned(), source })
}

/// Where a file is or will be, once links are followed: those of its folder, and its own, if it leads to nothing yet too.
fn place_of(file: &Path) -> PathBuf {
    let target = file.read_link().map_or_else(|_| file.to_owned(), |target| file.with_file_name(target));
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    file.canonicalize().or_else(|_| folder.canonicalize()).unwrap_or(target)
}

/// A place is in the folder of a run.
fn is_in_a_run(place: &Path) -> bool {
    place.ancestors().any(|above| {
        let name = above.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.parse::<RunId>().is_ok()) && above.join("administrator/run.json").exists()
    })
}

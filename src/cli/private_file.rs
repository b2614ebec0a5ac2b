//! Opens files that hold references or exact counts: readable by their owner only, and in place of nothing else.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// What each page begins with.
const PAGE: &str = "<!DOCTYPE html>";

/// Opens a file to be written anew, whose text `begins` so. A file that begins otherwise is not replaced: it may be an
/// input, named by a slip. Nor is one in the folder of a run, which a run that was added to would no longer match.
pub(super) fn open(file: &Path, begins: &str) -> io::Result<File> {
    let refused = |why| Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    if is_in_a_run(file) {
        return refused("this is the folder of a run, which never changes: write to another place");
    }
    let mut opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(file)?;
    // A terminal or a pipe stays as it is.
    if opened.metadata()?.is_file() {
        let mut beginning = vec![0; begins.len()];
        let is_empty = opened.metadata()?.len() == 0;
        if !is_empty && (opened.read_exact(&mut beginning).is_err() || beginning != begins.as_bytes()) {
            return refused("this holds something else: name another file, or remove this one");
        }
        // It may have been readable by others.
        opened.set_permissions(Permissions::from_mode(0o600))?;
        opened.set_len(0)?;
        io::Seek::rewind(&mut opened)?;
    }
    Ok(opened)
}

/// Writes a page.
pub(super) fn write_page(file: &Path, page: &str) -> io::Result<()> {
    debug_assert!(page.starts_with(PAGE));
    open(file, PAGE)?.write_all(page.as_bytes())
}

/// A folder above the file is that of a run.
fn is_in_a_run(file: &Path) -> bool {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else { return false };
    folder.ancestors().any(|above| above.join("administrator/run.json").exists())
}

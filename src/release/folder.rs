//! Creates folders and links that only their owner can read, and makes them durable.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use super::error::ReleaseError;

type Done = Result<(), ReleaseError>;

/// Prefix of the name of a link that is about to replace another.
pub(super) const LINK_PREFIX: &str = ".link-";

/// Creates a folder, which must not exist yet.
pub(super) fn create(path: &Path) -> Done {
    DirBuilder::new().mode(0o700).create(path).map_err(ReleaseError::io("create this folder", path))
}

/// Creates a folder and its parents where they do not exist.
pub(super) fn ensure(path: &Path) -> Done {
    DirBuilder::new().mode(0o700).recursive(true).create(path).map_err(ReleaseError::io("create this folder", path))
}

/// The names in a folder, in byte order; empty if there is no such folder. flagmatch creates only UTF-8 names, so
/// others are left out.
pub(super) fn names(path: &Path) -> Result<Vec<String>, ReleaseError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ReleaseError::io("list this folder", path)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(ReleaseError::io("list this folder", path))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a file or folder exists. If the system cannot say, this is an error and not a no.
pub(super) fn is_there(path: &Path) -> Result<bool, ReleaseError> {
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(ReleaseError::io("look at this", path)(error)),
    }
}

/// The target of a link; `None` if there is no link.
pub(super) fn link_target(path: &Path) -> Result<Option<String>, ReleaseError> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target.to_string_lossy().into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReleaseError::io("read this as a link", path)(error)),
    }
}

/// Points the link `name` in `folder` to `target` atomically: at every instant it is the old link or the new one.
pub(super) fn switch_link(folder: &Path, name: &str, target: &str) -> Done {
    let temporary = folder.join(format!("{LINK_PREFIX}{name}"));
    symlink(target, &temporary).map_err(ReleaseError::io("create this link", &temporary))?;
    let place = folder.join(name);
    fs::rename(&temporary, &place).map_err(ReleaseError::io("switch this link", &place))
}

/// Gives a folder and its files the same modification time, so that nobody can see how long each took to write.
pub(super) fn date_all(path: &Path, time: SystemTime) -> Done {
    let inner = names(path)?.into_iter().map(|name| path.join(name));
    for dated in inner.chain([path.to_owned()]) {
        let file = File::open(&dated).map_err(ReleaseError::io("open this", &dated))?;
        file.set_modified(time).map_err(ReleaseError::io("date this", &dated))?;
    }
    Ok(())
}

/// Makes the entries of a folder durable.
pub(super) fn sync(path: &Path) -> Done {
    let folder = File::open(path).map_err(ReleaseError::io("open this folder", path))?;
    folder.sync_all().map_err(ReleaseError::io("make this folder durable", path))
}

/// Makes a folder durable, after everything in it.
pub(super) fn sync_all(path: &Path) -> Done {
    // Side by side, so that the file system can make many durable at once.
    names(path)?.into_par_iter().try_for_each(|name| {
        let inner = path.join(name);
        if inner.is_dir() { sync_all(&inner) } else { sync_file(&open(&inner)?, &inner) }
    })?;
    sync(path)
}

/// The large files of a folder and of its folders, opened: they can be made durable although a folder is renamed. Files
/// that cannot be opened, since a process may have only so many open, are left out.
pub(super) fn large_files(path: &Path) -> Result<Vec<(PathBuf, File)>, ReleaseError> {
    // Fewer files than most processes may open; the others are small, or few.
    const MOST: usize = 64;
    const LARGE: u64 = 1 << 20;
    fn add(path: &Path, all: &mut Vec<(PathBuf, File)>) -> Done {
        for inner in names(path)?.into_iter().map(|name| path.join(name)) {
            let kind = inner.symlink_metadata().map_err(ReleaseError::io("look at this file", &inner))?;
            if kind.is_dir() {
                add(&inner, all)?;
            } else if kind.is_file() && kind.len() >= LARGE && all.len() < MOST {
                all.extend(File::open(&inner).ok().map(|file| (inner, file)));
            }
        }
        Ok(())
    }
    let mut all = Vec::new();
    add(path, &mut all)?;
    Ok(all)
}

fn open(path: &Path) -> Result<File, ReleaseError> {
    File::open(path).map_err(ReleaseError::io("open this file", path))
}

/// Makes a file durable.
pub(super) fn sync_file(file: &File, path: &Path) -> Done {
    file.sync_all().map_err(ReleaseError::io("make this file durable", path))
}

/// Removes a folder and its content.
pub(super) fn remove(path: &Path) -> Done {
    fs::remove_dir_all(path).map_err(ReleaseError::io("remove this folder", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_made_durable_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        fs::write(folder.path().join("inner/a"), "a").unwrap();
        sync_all(folder.path()).unwrap();
        // `/dev/null` cannot be made durable.
        symlink("/dev/null", folder.path().join("inner/b")).unwrap();
        assert!(matches!(sync_all(folder.path()), Err(ReleaseError::Io { .. })));
    }
}

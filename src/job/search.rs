//! Finds the files that match a pattern.
//!
//! The `glob` crate only matches one name with one part of a pattern here. It does not walk the folders,
//! because its walk panics at a name that is not UTF-8.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::source::FilesError;

/// Matches as a shell does, so that `*.csv` never catches a hidden file (a half-copied upload, an editor's
/// lock).
const AS_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A file and its identity, which is the same whatever path or link leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    pub(crate) path: PathBuf,
    /// The device and the inode.
    pub(crate) id: (u64, u64),
    pub(crate) bytes: u64,
}

type Found = Result<FoundFile, FilesError>;

/// The files of one pattern, in byte order of their paths, with an error for each that cannot be examined.
pub(super) fn files(folder: &Path, pattern: &str) -> Vec<Found> {
    let mut search = Search::new(folder, pattern);
    let path = |found: &Found| found.as_ref().map_or_else(FilesError::path, |file| &file.path).to_owned();
    search.found.sort_by_cached_key(|found| path(found).into_os_string());
    // `**/**` finds one file in several ways.
    search.found.dedup_by(|one, other| path(one) == path(other));
    search.found
}

/// Whether the whole pattern matches a folder, which somebody took for its files.
pub(super) fn matches_folder(folder: &Path, pattern: &str) -> bool {
    Search::new(folder, pattern).has_folder
}

struct Search<'p> {
    pattern: &'p str,
    found: Vec<Found>,
    has_folder: bool,
}

impl Search<'_> {
    fn new<'p>(folder: &Path, pattern: &'p str) -> Search<'p> {
        let mut search = Search { pattern, found: Vec::new(), has_folder: false };
        let parts = Path::new(pattern).components().filter(|part| *part != Component::CurDir);
        let parts: Vec<Component<'_>> = parts.collect();
        search.walk(folder, &parts);
        search
    }

    /// Searches a folder, or looks at a file, for the rest of the pattern.
    fn walk(&mut self, place: &Path, parts: &[Component<'_>]) {
        let Some((part, rest)) = parts.split_first() else { return self.take(place) };
        let text = part.as_os_str().to_string_lossy();
        if text == "**" {
            self.walk(place, rest);
            return self.each_name(place, |search, path, name| {
                // Do not follow a link: one to a folder above would never end.
                let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
                if is_folder && !name.is_some_and(|name| name.starts_with('.')) {
                    search.walk(path, parts);
                }
            });
        }
        if !text.contains(['*', '?', '[']) {
            return self.walk_if_there(&joined(place, part.as_os_str()), rest);
        }
        // The patterns of the job file were checked, so their parts are well formed too.
        let Ok(matches) = Pattern::new(&text) else { return };
        self.each_name(place, |search, path, name| match name {
            Some(name) if matches.matches_with(name, AS_A_SHELL) => search.walk(path, rest),
            Some(_) => {}
            None => {
                let could_be = path.file_name().unwrap_or_default().to_string_lossy();
                if matches.matches_with(&could_be, AS_A_SHELL) && path.is_dir() != rest.is_empty() {
                    search.not_utf8(path);
                }
            }
        });
    }

    /// Goes on at a place that the pattern names literally, if it exists.
    fn walk_if_there(&mut self, place: &Path, rest: &[Component<'_>]) {
        match fs::symlink_metadata(place) {
            Ok(_) => self.walk(place, rest),
            Err(error) => self.unreadable(place, error),
        }
    }

    /// Calls `take` for each name in a folder, with its path and its text; `None` if the name is not UTF-8.
    fn each_name(&mut self, folder: &Path, mut take: impl FnMut(&mut Self, &Path, Option<&str>)) {
        let names = match fs::read_dir(folder) {
            Ok(names) => names,
            Err(error) => return self.unreadable(folder, error),
        };
        for name in names {
            match name {
                Ok(name) => take(self, &joined(folder, &name.file_name()), name.file_name().to_str()),
                Err(error) => self.unreadable(folder, error),
            }
        }
    }

    /// Takes a file that the whole pattern matches, but no folder.
    fn take(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.has_folder = true,
            // The path goes into the record of the run, which is UTF-8.
            Ok(_) if path.to_str().is_none() => self.not_utf8(path),
            Ok(found) => {
                let (path, id) = (path.to_owned(), (found.dev(), found.ino()));
                self.found.push(Ok(FoundFile { path, id, bytes: found.len() }));
            }
            Err(source) => self.found.push(Err(FilesError::Unreadable { path: path.to_owned(), source })),
        }
    }

    fn not_utf8(&mut self, path: &Path) {
        let pattern = self.pattern.to_owned();
        self.found.push(Err(FilesError::NotUtf8 { path: path.to_owned(), pattern }));
    }

    /// A place that does not exist matches nothing; one that exists and cannot be examined is an error.
    fn unreadable(&mut self, path: &Path, source: io::Error) {
        if !matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            self.found.push(Err(FilesError::Unreadable { path: path.to_owned(), source }));
        }
    }
}

/// A path within a folder, without the dot of the current folder.
fn joined(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

//! Finds the files of an input, by the patterns in the job file.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use glob::Pattern;
use thiserror::Error;

use super::search::{self, FoundFile};
use crate::text::shown;

/// One input: the patterns of its files, and the headings of its columns.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// # let text = "
/// # [[scheme]]
/// # id = 'whd-2026'
/// # name = 'Warm Home Discount'
/// # qualifying_date = 2026-08-23
/// # [[scheme.group]]
/// # id = 'core-1'
/// # benefits = ['PCGC']
/// # [benefits]
/// # files = ['benefits*.csv']
/// # [[supplier]]
/// # id = 'northern-power'
/// # files = ['northern-power.csv']
/// # ";
/// let job = flagmatch::job::Job::parse(text, folder)?;
/// assert_eq!(job.benefits.patterns(), ["benefits*.csv"]);
/// assert!(job.benefits.files().is_err(), "there is no such file yet");
/// std::fs::write(folder.join("benefits-1.csv"), "")?;
/// assert_eq!(job.benefits.files()?, [folder.join("benefits-1.csv")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    patterns: Vec<String>,
    columns: BTreeMap<String, String>,
    folder: PathBuf,
}

/// Why the files to read cannot be determined.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FilesError {
    /// A pattern that matches no file.
    #[error("no file matches {pattern:?} in {}{}", shown(folder), if *is_folder { "; a folder does: name its files, as in \"folder/*.csv\"" } else { "" })]
    NoMatch {
        /// The pattern as the job file has it.
        pattern: String,
        /// The folder it is relative to.
        folder: PathBuf,
        /// Whether a folder matches it.
        is_folder: bool,
    },
    /// A file whose name is not UTF-8, so that no pattern can tell whether it is meant.
    #[error("{path:?}: pattern {pattern:?} finds this path, which is not UTF-8: rename it, or move it away")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The pattern as the job file has it.
        pattern: String,
    },
    /// Something that a pattern matches, or a folder on the way to it, cannot be examined.
    #[error("{}: cannot be read: {source}", shown(path))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FilesError {
    /// The file or folder that the error is about.
    pub(crate) fn path(&self) -> &Path {
        match self {
            FilesError::NoMatch { folder, .. } => folder,
            FilesError::NotUtf8 { path, .. } | FilesError::Unreadable { path, .. } => path,
        }
    }
}

impl Source {
    /// Makes an input from patterns that are known to be well formed, relative to `folder`.
    pub(crate) fn new(patterns: Vec<String>, columns: BTreeMap<String, String>, folder: &Path) -> Source {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Source { patterns, columns, folder: here.to_owned() }
    }

    /// Whether the text is a well-formed pattern.
    pub(super) fn is_pattern(text: &str) -> bool {
        Pattern::new(text).is_ok()
    }

    /// The folder that the patterns are relative to.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The patterns, as the job file has them.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// The heading of each canonical column name, if it is another.
    pub fn columns(&self) -> &BTreeMap<String, String> {
        &self.columns
    }

    /// The files to read: pattern by pattern, those of one pattern in byte order of their paths, and
    /// each file once, however often and by whatever path or link it is named.
    ///
    /// # Errors
    /// [`FilesError::NoMatch`] if a pattern matches no file, [`FilesError::Unreadable`] if a match cannot be
    /// examined (a link to nowhere, say), [`FilesError::NotUtf8`] if a pattern matches a file name that is
    /// not UTF-8: nothing is skipped in silence.
    pub fn files(&self) -> Result<Vec<PathBuf>, FilesError> {
        self.find(true)
    }

    /// The files to read, of an input that may have none yet.
    ///
    /// # Errors
    /// [`FilesError::Unreadable`] and [`FilesError::NotUtf8`] as for [`files`](Self::files).
    pub fn files_if_any(&self) -> Result<Vec<PathBuf>, FilesError> {
        self.find(false)
    }

    /// Each file to read of an input that may have none yet, or why it cannot be examined: for an input whose
    /// files belong to several parties.
    pub(crate) fn each(&self) -> Vec<Result<PathBuf, FilesError>> {
        let mut seen = HashSet::new();
        let found = self.patterns.iter().flat_map(|pattern| search::files(&self.folder, pattern));
        let found = found.filter(|found| found.as_ref().map_or(true, |file| seen.insert(file.id)));
        found.map(|found| found.map(|file| file.path)).collect()
    }

    /// Every file that the patterns find. Files that cannot be examined are skipped: [`files`](Self::files)
    /// reports them when they are read.
    pub(crate) fn found(&self) -> Vec<FoundFile> {
        self.patterns.iter().flat_map(|pattern| search::files(&self.folder, pattern)).filter_map(Result::ok).collect()
    }

    fn find(&self, is_required: bool) -> Result<Vec<PathBuf>, FilesError> {
        let mut seen = HashSet::new();
        let mut files = Vec::new();
        for pattern in &self.patterns {
            let matches = search::files(&self.folder, pattern);
            if matches.is_empty() && is_required {
                return Err(FilesError::NoMatch {
                    pattern: pattern.clone(),
                    folder: self.folder.clone(),
                    is_folder: search::matches_folder(&self.folder, pattern),
                });
            }
            for file in matches {
                let file = file?;
                if seen.insert(file.id) {
                    files.push(file.path);
                }
            }
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;

    fn source(folder: &Path, patterns: &[&str]) -> Source {
        Source::new(patterns.iter().map(|pattern| (*pattern).to_owned()).collect(), BTreeMap::new(), folder)
    }

    fn names(source: &Source, folder: &Path) -> Vec<String> {
        let files = source.files().unwrap();
        files.iter().map(|file| file.strip_prefix(folder).unwrap().display().to_string()).collect()
    }

    /// A folder whose name looks like a pattern, with these files.
    fn folder(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("job [1]*");
        for file in files {
            let file = folder.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        (root, folder)
    }

    #[test]
    fn files_come_in_byte_order_and_each_once() {
        let (_root, folder) = folder(&["b.csv", "a.csv", "B.csv", "a/c.csv", ".hidden.csv", "d.csv/inner.csv"]);
        std::os::unix::fs::symlink("a.csv", folder.join("link.csv")).unwrap();
        fs::hard_link(folder.join("b.csv"), folder.join("hard.csv")).unwrap();
        for (patterns, expected) in [
            (&["*.csv"][..], &["B.csv", "a.csv", "b.csv"][..]),
            (&["b.csv", "*.csv", "./a.csv"], &["b.csv", "B.csv", "a.csv"]),
            (&["hard.csv", "*.csv"], &["hard.csv", "B.csv", "a.csv"]),
            (&["[ab].csv"], &["a.csv", "b.csv"]),
            (&["a/../a.csv"], &["a/../a.csv"]),
            (&["?/c.csv", "a//c.csv"], &["a/c.csv"]),
            (&["link.csv", "a.csv"], &["link.csv"]),
            (&["*/c.csv"], &["a/c.csv"]),
            (&["**/*.csv"], &["B.csv", "a.csv", "a/c.csv", "b.csv", "d.csv/inner.csv"]),
            (&["**/c.csv"], &["a/c.csv"]),
            (&[".hidden.csv"], &[".hidden.csv"]),
        ] {
            assert_eq!(names(&source(&folder, patterns), &folder), expected, "{patterns:?}");
        }
    }

    #[test]
    fn a_pattern_without_a_file_is_named() {
        let (_root, folder) = folder(&["a.csv", "dir/b.csv"]);
        for (patterns, missing) in [
            (&["a.csv", "north*.csv"][..], "north*.csv"),
            (&["gone.csv"], "gone.csv"),
            (&["dir"], "dir"),
            (&["nowhere/*.csv"], "nowhere/*.csv"),
        ] {
            let error = source(&folder, patterns).files().unwrap_err();
            assert!(matches!(&error, FilesError::NoMatch { pattern, .. } if pattern == missing), "{error}");
            assert_eq!(error.to_string().contains("a folder does"), missing == "dir", "{error}");
            let there = source(&folder, patterns).files_if_any().unwrap();
            assert_eq!(there.len(), usize::from(patterns.len() > 1), "what is there all the same");
        }
    }

    #[test]
    fn a_link_to_nowhere_is_not_passed_over() {
        let (_root, folder) = folder(&["a.csv"]);
        std::os::unix::fs::symlink("gone", folder.join("b.csv")).unwrap();
        for pattern in ["*.csv", "b.csv"] {
            let error = source(&folder, &[pattern]).files().unwrap_err();
            assert!(matches!(&error, FilesError::Unreadable { path, .. } if path.ends_with("b.csv")), "{error}");
        }
        assert_eq!(source(&folder, &["*.csv"]).found().len(), 1, "what can be looked at");
    }

    /// A pattern cannot tell whether a name that is not UTF-8 is meant, unless the rest of the pattern rules
    /// it out.
    #[test]
    fn a_name_that_is_not_utf8_is_an_error_for_the_pattern_that_could_mean_it() {
        let (_root, folder) = folder(&["a.csv", "north/a.csv"]);
        let odd = OsStr::from_bytes(b"north\xFF.csv");
        fs::write(folder.join(odd), "").unwrap();
        fs::create_dir(folder.join(OsStr::from_bytes(b"folder\xFF"))).unwrap();
        for pattern in ["*.csv", "north*", "north?.csv", "**/*.csv"] {
            let error = source(&folder, &[pattern]).files().unwrap_err();
            assert!(matches!(&error, FilesError::NotUtf8 { path, .. } if path.ends_with(odd)), "{pattern}: {error}");
            assert!(error.to_string().contains("north\\xFF.csv"), "{error}");
        }
        for (pattern, expected) in [("a.csv", "a.csv"), ("a*.csv", "a.csv"), ("north/*.csv", "north/a.csv")] {
            assert_eq!(names(&source(&folder, &[pattern]), &folder), [expected], "{pattern}");
        }
    }

    #[test]
    fn a_folder_on_the_way_whose_name_is_not_utf8_is_an_error_too() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(OsStr::from_bytes(b"job\xFF"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.csv"), "").unwrap();
        fs::write(root.path().join("b.csv"), "").unwrap();
        for (folder, pattern) in [(&*folder, "*.csv"), (&*folder, "a.csv"), (root.path(), "job*/a.csv")] {
            let error = source(folder, &[pattern]).files().unwrap_err();
            assert!(matches!(&error, FilesError::NotUtf8 { .. }), "{pattern}: {error}");
        }
        assert_eq!(names(&source(root.path(), &["**/b.csv"]), root.path()), ["b.csv"], "what is not meant");
    }
}

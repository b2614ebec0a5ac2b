//! Where an input lies: in go globs of the job file, out come the paths of files to read.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use thiserror::Error;

/// As a shell takes them, so that a hidden file (a half-copied upload, an editor's lock) is never
/// caught by `*.csv`.
const AS_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// One input: the files it lies in, and the headings its columns bear there.
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

/// Why it is not known which files to read.
#[derive(Debug, Error)]
pub enum FilesError {
    /// A pattern to which there is no file.
    #[error("no file matches {pattern:?} in {}", folder.display())]
    NoMatch {
        /// The pattern as the job file has it.
        pattern: String,
        /// The folder it is relative to.
        folder: PathBuf,
    },
    /// Something that a pattern matches, or a folder on the way to it, cannot be looked at.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Source {
    /// Patterns that are known to be well formed, relative to `folder`.
    pub(crate) fn new(patterns: Vec<String>, columns: BTreeMap<String, String>, folder: &Path) -> Source {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Source { patterns, columns, folder: here.to_owned() }
    }

    /// Whether the text can be a pattern at all.
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

    /// The heading that stands for each canonical column name, where it is another.
    pub fn columns(&self) -> &BTreeMap<String, String> {
        &self.columns
    }

    /// The files to read: pattern by pattern, those of one pattern in byte order of their paths, and
    /// each file once, however often and by whatever path it is named.
    ///
    /// # Errors
    /// [`FilesError::NoMatch`] if some pattern matches no file, [`FilesError::Unreadable`] if what it
    /// matches cannot be looked at (a link to nowhere, say): nothing is passed over in silence.
    pub fn files(&self) -> Result<Vec<PathBuf>, FilesError> {
        self.find(true)
    }

    /// The files to read, of an input that may have none yet.
    ///
    /// # Errors
    /// [`FilesError::Unreadable`] as for [`files`](Self::files).
    pub fn files_if_any(&self) -> Result<Vec<PathBuf>, FilesError> {
        self.find(false)
    }

    fn find(&self, is_required: bool) -> Result<Vec<PathBuf>, FilesError> {
        let mut seen = HashSet::new();
        let mut files = Vec::new();
        for pattern in &self.patterns {
            let matches = self.matches(pattern)?;
            if matches.is_empty() && is_required {
                return Err(FilesError::NoMatch { pattern: pattern.clone(), folder: self.folder.clone() });
            }
            for path in matches {
                let canonical =
                    path.canonicalize().map_err(|source| FilesError::Unreadable { path: path.clone(), source })?;
                if seen.insert(canonical) {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }

    /// The files of one pattern, in byte order of their paths.
    fn matches(&self, pattern: &str) -> Result<Vec<PathBuf>, FilesError> {
        // The folder's own name is no pattern, even if it has brackets in it.
        let folder = Pattern::escape(&self.folder.to_string_lossy());
        let whole = Path::new(&folder).join(pattern);
        let paths = glob::glob_with(&whole.to_string_lossy(), AS_A_SHELL).into_iter().flatten();
        let mut files = Vec::new();
        for path in paths {
            let path =
                path.map_err(|error| FilesError::Unreadable { path: error.path().to_owned(), source: error.into() })?;
            match path.metadata() {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => files.push(path),
                Err(source) => return Err(FilesError::Unreadable { path, source }),
            }
        }
        files.sort_by(|one, other| one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes()));
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
        for (patterns, expected) in [
            (&["*.csv"][..], &["B.csv", "a.csv", "b.csv"][..]),
            (&["b.csv", "*.csv", "./a.csv"], &["b.csv", "B.csv", "a.csv"]),
            (&["link.csv", "a.csv"], &["link.csv"]),
            (&["*/c.csv"], &["a/c.csv"]),
            (&["**/*.csv"], &["B.csv", "a.csv", "a/c.csv", "b.csv", "d.csv/inner.csv"]),
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
            let there = source(&folder, patterns).files_if_any().unwrap();
            assert_eq!(there.len(), usize::from(patterns.len() > 1), "what is there all the same");
        }
    }

    #[test]
    fn a_link_to_nowhere_is_not_passed_over() {
        let (_root, folder) = folder(&["a.csv"]);
        std::os::unix::fs::symlink("gone", folder.join("b.csv")).unwrap();
        let error = source(&folder, &["*.csv"]).files().unwrap_err();
        assert!(matches!(&error, FilesError::Unreadable { path, .. } if path.ends_with("b.csv")), "{error}");
    }
}

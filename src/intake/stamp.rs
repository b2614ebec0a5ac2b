//! Tells by its metadata whether a file is still the one that was read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::error::IntakeError;
use super::regular;
use super::source::unreadable;

/// What changes when a file is written to, cut short or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp([i64; 5]);

impl Stamp {
    /// The stamp of a regular file, and its length.
    pub(super) fn read(path: &Path) -> Result<(Stamp, u64), IntakeError> {
        let file = fs::metadata(path).map_err(|error| unreadable(path, error))?;
        regular::check(path, file.file_type())?;
        let place = [file.dev().cast_signed(), file.ino().cast_signed()];
        let content = [file.len().cast_signed(), file.mtime(), file.mtime_nsec()];
        Ok((Stamp([place[0], place[1], content[0], content[1], content[2]]), file.len()))
    }

    /// Fails if the file is no longer the one with this stamp.
    pub(crate) fn is_still_of(self, path: &Path) -> Result<(), IntakeError> {
        let (now, _) = Stamp::read(path)?;
        if now == self { Ok(()) } else { Err(IntakeError::Changed { file: path.to_owned() }) }
    }
}

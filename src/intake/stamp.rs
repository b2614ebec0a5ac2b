//! Whether a file is still the one that was read: in goes a path, out comes what the system says of it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::error::IntakeError;
use super::source::unreadable;

/// What is another when a file was written to, cut short or replaced. A pipe has nothing of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(Option<[i64; 5]>);

impl Stamp {
    pub(super) fn of(path: &Path) -> io::Result<(Stamp, u64)> {
        let file = fs::metadata(path)?;
        let place = [file.dev().cast_signed(), file.ino().cast_signed()];
        let content = [file.len().cast_signed(), file.mtime(), file.mtime_nsec()];
        let stamp = file.is_file().then(|| [place[0], place[1], content[0], content[1], content[2]]);
        Ok((Stamp(stamp), file.len()))
    }

    /// An error if the file is no longer the one that bore this stamp.
    pub(crate) fn is_still_of(self, path: &Path) -> Result<(), IntakeError> {
        let (now, _) = Stamp::of(path).map_err(|error| unreadable(path, error))?;
        if now == self { Ok(()) } else { Err(IntakeError::Changed { file: path.to_owned() }) }
    }
}

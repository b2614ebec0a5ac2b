//! Writes a new file that only its owner can read, and tracks whether it was finished.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::ReleaseError;

/// The number of files of a folder that were begun and not finished.
#[derive(Default)]
pub(super) struct OpenFiles(Arc<AtomicUsize>);

impl OpenFiles {
    /// Begins a file under a plain name, which must not exist yet. A link of that name counts as existing and is not
    /// followed.
    pub(super) fn create(&self, folder: &Path, name: &str) -> Result<StagedFile, ReleaseError> {
        let path = folder.join(name);
        if Path::new(name).file_name() != Some(name.as_ref()) {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "not a plain file name");
            return Err(ReleaseError::io("create this file", &path)(source));
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(ReleaseError::io("create this file", &path))?;
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(StagedFile { file: BufWriter::with_capacity(1 << 18, file), path, open: Arc::clone(&self.0) })
    }

    /// Fails if a file of this folder is not finished.
    pub(super) fn all_finished(&self, folder: &Path) -> Result<(), ReleaseError> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(ReleaseError::Unfinished { path: folder.to_owned() }),
        }
    }
}

/// A file that is being written. It is complete once [`finish`](Self::finish) has succeeded. If it is only dropped, the
/// run cannot be published.
pub struct StagedFile {
    file: BufWriter<File>,
    path: PathBuf,
    open: Arc<AtomicUsize>,
}

impl StagedFile {
    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), ReleaseError> {
        self.file.write_all(bytes).map_err(ReleaseError::io("write this file", &self.path))
    }

    /// Writes the buffered bytes and completes the file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written.
    pub fn finish(mut self) -> Result<(), ReleaseError> {
        self.file.flush().map_err(ReleaseError::io("write this file", &self.path))?;
        self.open.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file on a full disk.
    fn on_a_full_disk(open: &OpenFiles) -> StagedFile {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        open.0.fetch_add(1, Ordering::Relaxed);
        StagedFile { file: BufWriter::with_capacity(1 << 10, file), path: "full".into(), open: Arc::clone(&open.0) }
    }

    #[test]
    fn a_write_that_fails_is_told_and_the_file_is_not_whole() {
        let open = OpenFiles::default();
        // Writes longer than the buffer go to the system at once, others when the file is finished.
        let mut long = on_a_full_disk(&open);
        assert!(matches!(long.append(&[b'x'; 1 << 12]), Err(ReleaseError::Io { .. })));
        drop(long);
        let mut short = on_a_full_disk(&open);
        short.append(b"x").unwrap();
        assert!(matches!(short.finish(), Err(ReleaseError::Io { .. })));
        assert!(open.all_finished(Path::new("")).is_err());
    }
}

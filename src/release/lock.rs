//! One run at a time in an output directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::ReleaseError;

const FILE: &str = ".lock";

/// Holds an output directory until it is dropped, or until the process ends in whatever way.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone is not enough while another thread is starting a process: until that runs, it
        // has the file open too. If unlocking fails, closing is what is left.
        let _unlocked = self.0.unlock();
    }
}

impl Lock {
    /// Takes the directory, and leaves word of which process did.
    pub(super) fn take(output: &Path) -> Result<Lock, ReleaseError> {
        let path = output.join(FILE);
        if path.is_symlink() {
            return Err(ReleaseError::Inconsistent { path, reason: "the lock file is a link" });
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(ReleaseError::io("open this file", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is a help and no more: if it cannot be read, the message does without.
                let pid = file.read_to_string(&mut holder).ok().and_then(|_| holder.trim().parse().ok());
                return Err(ReleaseError::Locked { path: output.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => {
                return Err(ReleaseError::io("lock this file", &path)(error));
            }
        }
        let sign = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", std::process::id())
        };
        sign(&mut file).map_err(ReleaseError::io("write this file", &path))?;
        Ok(Lock(file))
    }
}

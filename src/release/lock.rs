//! Locks an output directory, so that one run at a time works there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::ReleaseError;

const FILE: &str = ".lock";

/// Holds an output directory until it is dropped or the process ends.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone is not enough while another thread starts a process: until that process executes, it has the
        // file open too. If unlocking fails, the file is still closed.
        let _unlocked = self.0.unlock();
    }
}

impl Lock {
    /// Locks the directory and writes this process's id into the lock file.
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
                // The process id only helps the reader; without it the message is still right.
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

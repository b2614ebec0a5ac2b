//! The BLAKE3 sum of an input file, for the record of a run.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::IntakeError;
use super::source::unreadable;

/// The BLAKE3 sum, in lower-case hexadecimal, of a file's bytes as they lie on disk; what `b3sum`
/// prints. Uses all threads of the present rayon pool.
///
/// # Errors
/// [`IntakeError::Unreadable`] where the file cannot be opened or read.
pub fn input_sum(path: &Path) -> Result<String, IntakeError> {
    let failed = |source| unreadable(path, source);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = blake3::Hasher::new();
    // Large enough to share out over threads, small enough for the cache they share.
    let mut buffer = vec![0; 1 << 20];
    loop {
        let mut filled = 0;
        while filled < buffer.len() {
            match file.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(length) => filled += length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
        if filled == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update_rayon(&buffer[..filled]);
    }
}

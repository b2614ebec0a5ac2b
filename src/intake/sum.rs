//! The BLAKE3 sum of an input file, for the record of a run.

use std::path::Path;

use super::error::IntakeError;
use super::source::unreadable;
use crate::file_sum::blake3_of;

/// The BLAKE3 sum, in lower-case hexadecimal, of a file's bytes as they lie on disk; what `b3sum`
/// prints. Uses all threads of the present rayon pool.
///
/// # Errors
/// [`IntakeError::Unreadable`] where the file cannot be opened or read.
pub fn input_sum(path: &Path) -> Result<String, IntakeError> {
    blake3_of(path).map_err(|source| unreadable(path, source))
}

//! Computes the BLAKE3 sum of an input file that is not read otherwise.

use std::path::Path;

use super::error::IntakeError;
use super::regular::open_regular;
use super::source::unreadable;
use crate::file_sum::blake3_of;

/// The BLAKE3 sum of a file's bytes on disk, in lower-case hexadecimal as `b3sum` prints it. Uses all threads
/// of the present rayon pool.
///
/// # Errors
/// [`IntakeError::Unreadable`] if the file cannot be opened or read, [`IntakeError::NotAFile`] if it is not a
/// regular file.
pub fn input_sum(path: &Path) -> Result<String, IntakeError> {
    let file = open_regular(path, || false)?;
    blake3_of(file).map_err(|source| unreadable(path, source))
}

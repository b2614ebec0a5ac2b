//! Encrypts a table of a delivery with [age](https://age-encryption.org/v1), so that only the supplier's identity opens
//! it.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use age::Encryptor;

use super::error::ReleaseError;
use super::staged_file::StagedFile;
use crate::job::AgeRecipient;

/// Encrypts a file to a recipient, and finishes the output file.
pub(super) fn file(plain: &Path, recipient: &AgeRecipient, mut out: StagedFile) -> Result<(), ReleaseError> {
    let mut source =
        BufReader::with_capacity(1 << 18, File::open(plain).map_err(ReleaseError::io("open this file", plain))?);
    let encrypt = |source: &mut BufReader<File>, out: &mut StagedFile| {
        let encryptor = Encryptor::with_recipients(std::iter::once(recipient.key())).map_err(io::Error::other)?;
        let mut encrypted = encryptor.wrap_output(out)?;
        io::copy(source, &mut encrypted)?;
        // The last part of an age file is marked as the last; without it the file does not open.
        encrypted.finish().map(drop)
    };
    encrypt(&mut source, &mut out).map_err(ReleaseError::io("encrypt this file", plain))?;
    out.finish()
}

//! Decrypts a file that is encrypted with [age](https://age-encryption.org/v1), as a stream and in memory.

use std::fmt;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use age::armor::ArmoredReader;
use age::stream::StreamReader;
use age::{DecryptError, Decryptor};
use thiserror::Error;
use zeroize::Zeroizing;

use super::error::IntakeError;
use super::source::unreadable;
use crate::text::shown;

/// The identities that open encrypted files, at least one. `Debug` does not show them.
pub struct Identities(Vec<age::x25519::Identity>);

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Why a file of identities cannot be used. Messages have nothing of its content.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// It cannot be read.
    #[error("{}: the identity for encrypted inputs cannot be read: {source}", shown(file))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It has something else in it.
    #[error("{}: this is no age identity such as age-keygen writes, without a passphrase", shown(file))]
    NotAnIdentity {
        /// The file.
        file: PathBuf,
    },
}

impl Identities {
    /// Reads a file of age identities, as `age-keygen` writes it.
    ///
    /// # Errors
    /// [`IdentityError`] if it cannot be read, or has anything else or no identity in it.
    pub fn read(file: &Path) -> Result<Identities, IdentityError> {
        let text = fs::read(file).map_err(|source| IdentityError::Unreadable { file: file.to_owned(), source })?;
        let text = Zeroizing::new(text);
        let lines = std::str::from_utf8(&text).unwrap_or("not UTF-8").lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        match lines.map(str::parse).collect::<Result<Vec<_>, _>>() {
            Ok(identities) if !identities.is_empty() => Ok(Identities(identities)),
            _ => Err(IdentityError::NotAnIdentity { file: file.to_owned() }),
        }
    }

    /// The recipient to whom new files are to be encrypted: that of the last identity.
    pub(crate) fn recipient(&self) -> Option<String> {
        self.0.last().map(|own| own.to_public().to_string())
    }
}

/// The longest header that is read: some hundred recipients. The crate parses it anew for every few bytes of it.
const LONGEST_HEADER: u64 = 1 << 14;

/// Begins to decrypt a file. Reading on fails if the data are cut off or were changed.
pub(super) fn decrypted<R: Read>(path: &Path, stored: R, identities: &Identities) -> Result<Decrypted<R>, IntakeError> {
    let file = || path.to_owned();
    let left = Arc::new(AtomicU64::new(LONGEST_HEADER));
    let limited = Limited { stream: ArmoredReader::new(stored), left: Arc::clone(&left) };
    let header = Decryptor::new(limited).and_then(|header| header.decrypt(identities.0.iter().map(|own| own as _)));
    let stream = header.map_err(|error| match error {
        DecryptError::NoMatchingKeys => IntakeError::OtherRecipient { file: file() },
        DecryptError::Io(source) => unreadable(path, marked(source)),
        DecryptError::InvalidMac | DecryptError::DecryptionFailed => IntakeError::Damaged { file: file() },
        _ => IntakeError::NotEncrypted { file: file() },
    })?;
    left.store(u64::MAX, Ordering::Relaxed);
    Ok(Decrypted(stream))
}

/// The decrypted bytes of a file.
pub(super) struct Decrypted<R: Read>(StreamReader<Limited<ArmoredReader<BufReader<R>>>>);

impl<R: Read> Read for Decrypted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(marked)
    }
}

/// The encrypted data are cut off or were changed.
#[derive(Debug, Error)]
#[error("the encrypted data are cut off or were changed")]
pub(super) struct Damage;

/// Tells the error of age apart from those of the file and of decompression.
fn marked(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => io::Error::other(Damage),
        _ => error,
    }
}

/// Fails after so many bytes.
struct Limited<R> {
    stream: R,
    left: Arc<AtomicU64>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let length = self.stream.read(&mut out[..most])?;
        if left != u64::MAX {
            self.left.store(left - length as u64, Ordering::Relaxed);
        }
        Ok(length)
    }
}

//! Reads the passphrase of a secret key from a file descriptor or a prompt without echo. It never comes from
//! an argument or an environment variable, which other processes can see.

use std::fs::File;
use std::io::{self, Read};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::release::Passphrase;

/// Why there is no passphrase.
#[derive(Debug, Error)]
pub(super) enum PassphraseError {
    #[error("--passphrase-fd {descriptor}: cannot be read: {source}")]
    Descriptor { descriptor: u32, source: io::Error },
    #[error(
        "the passphrase cannot be asked for, since there is no terminal ({0}); --passphrase-fd N reads it from a file descriptor"
    )]
    NoTerminal(io::Error),
    #[error("the passphrase has to be text of 1 to {} bytes on one line", Passphrase::LONGEST)]
    Unusable,
    #[error("the two passphrases are not the same")]
    Different,
}

/// Reads the passphrase of an existing key.
pub(super) fn of_key(descriptor: Option<u32>) -> Result<Passphrase, PassphraseError> {
    match descriptor {
        Some(descriptor) => read(descriptor),
        None => ask("Passphrase of the secret key: "),
    }
}

/// Reads the passphrase of a new key. The prompt asks for it twice.
pub(super) fn of_new_key(descriptor: Option<u32>) -> Result<Passphrase, PassphraseError> {
    let Some(descriptor) = descriptor else {
        let passphrase = ask("Passphrase for the new secret key: ")?;
        let again = ask("The same again: ")?;
        return if passphrase.is_same(&again) { Ok(passphrase) } else { Err(PassphraseError::Different) };
    };
    read(descriptor)
}

fn ask(prompt: &str) -> Result<Passphrase, PassphraseError> {
    match rpassword::prompt_password(prompt) {
        Ok(typed) => Passphrase::new(Zeroizing::new(typed)).ok_or(PassphraseError::Unusable),
        // There is a terminal, and somebody typed nothing.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(PassphraseError::Unusable),
        Err(error) => Err(PassphraseError::NoTerminal(error)),
    }
}

/// Reads the passphrase, one line, from a descriptor.
fn read(descriptor: u32) -> Result<Passphrase, PassphraseError> {
    let unreadable = |source| PassphraseError::Descriptor { descriptor, source };
    let file = File::open(format!("/dev/fd/{descriptor}")).map_err(unreadable)?;
    // Full capacity from the start: a buffer that grows would leave a copy of the passphrase behind.
    let most = Passphrase::LONGEST + 2;
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * most));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| PassphraseError::Unusable)?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\n', '\r', '\0']) {
        return Err(PassphraseError::Unusable);
    }
    Passphrase::new(Zeroizing::new(line.to_owned())).ok_or(PassphraseError::Unusable)
}

//! The secret key tried out before the night: a wrong path, permission, passphrase or descriptor is found by
//! `check` and `run --dry-run`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Serialize;

use super::exit::Fault;
use super::passphrase;
use crate::job::Job;
use crate::release::{KeyError, Signer};
use crate::text::shown;

/// What a test of the secret key came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeyTest {
    /// A run could sign with it.
    Opened,
    /// It is a key with a passphrase, and no descriptor was given to read that from.
    PassphraseNotTested,
}

impl KeyTest {
    /// The result in a sentence.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            KeyTest::Opened => "secret key: opened",
            KeyTest::PassphraseNotTested => {
                "secret key: found; its passphrase was not tested (--passphrase-fd N tests it)"
            }
        }
    }
}

/// Why the key was not opened.
enum NotOpened {
    NoPassphrase,
    Fault(Fault),
}

impl From<KeyError> for NotOpened {
    fn from(error: KeyError) -> NotOpened {
        NotOpened::Fault(error.into())
    }
}

/// Refuses a passphrase that nothing asks for: whoever hands one over believes that the deliveries are signed.
pub(super) fn passphrase_has_a_use(job: &Job, descriptor: Option<u32>) -> Result<(), Fault> {
    match (descriptor, &job.signing_key) {
        (Some(_), None) => Err(Fault::Usage("--passphrase-fd: the job names no secret_key under [signing]".to_owned())),
        _ => Ok(()),
    }
}

/// Opens the key that the job names as a run would, but asks nobody for a passphrase. `None` where the job
/// names no key.
pub(super) fn test(job: &Job, descriptor: Option<u32>) -> Result<Option<KeyTest>, Fault> {
    passphrase_has_a_use(job, descriptor)?;
    let Some(key) = &job.signing_key else { return Ok(None) };
    let mut is_read = false;
    let passphrase = || {
        is_read = true;
        match descriptor {
            None => Err(NotOpened::NoPassphrase),
            Some(_) => passphrase::of_key(descriptor).map_err(|error| NotOpened::Fault(error.into())),
        }
    };
    let opened = match Signer::read(key, passphrase) {
        Ok(_) => KeyTest::Opened,
        Err(NotOpened::NoPassphrase) => KeyTest::PassphraseNotTested,
        Err(NotOpened::Fault(fault)) => return Err(fault),
    };
    if !is_read && descriptor.is_some() {
        // The key has no passphrase. A descriptor that is closed is a mistake all the same.
        passphrase::of_key(descriptor)?;
        tracing::warn!("--passphrase-fd: the secret key has no passphrase, and none is needed");
    }
    warn_if_anybody_can_read(key);
    Ok(Some(opened))
}

fn warn_if_anybody_can_read(key: &Path) {
    let anybody = |mode: u32| mode & 0o007 != 0;
    if key.metadata().is_ok_and(|metadata| anybody(metadata.permissions().mode())) {
        let key = shown(key);
        tracing::warn!("{key}: every user of this machine can read or change this secret key; run chmod o= on it");
    }
}

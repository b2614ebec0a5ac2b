//! Tests the secret key before a run: `check` and `run --dry-run` find a wrong path, permission, passphrase
//! or descriptor.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Serialize;

use super::exit::Fault;
use super::passphrase;
use crate::job::Job;
use crate::release::{KeyError, Signer};
use crate::text::shown;

/// The result of testing the secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeyTest {
    /// A run could sign with it.
    Opened,
    /// The key has a passphrase, and no descriptor was given to read it from.
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

/// Refuses `--passphrase-fd` if the job names no key: whoever gives a passphrase believes that the deliveries
/// are signed.
pub(super) fn passphrase_has_a_use(job: &Job, descriptor: Option<u32>) -> Result<(), Fault> {
    match (descriptor, &job.signing_key) {
        (Some(_), None) => Err(Fault::Usage("--passphrase-fd: the job names no secret_key under [signing]".to_owned())),
        _ => Ok(()),
    }
}

/// Opens the job's key as a run would, but without a prompt for the passphrase. `None` if the job names no
/// key.
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
        // The key has no passphrase, but a closed descriptor is still a mistake.
        passphrase::of_key(descriptor)?;
        tracing::warn!("--passphrase-fd: the secret key has no passphrase; leave the option out");
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

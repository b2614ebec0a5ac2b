//! Makes a key pair in minisign's format.
//!
//! Only its owner can read the secret key, which may have a passphrase. Suppliers get the public key.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use minisign::KeyPair;
use zeroize::Zeroizing;

use super::signature::{KeyError, Passphrase, PublicKey};

const OWNER_ONLY: u32 = 0o600;
const EVERYBODY_READS: u32 = 0o644;

/// Makes an Ed25519 key pair and writes both files, neither of which may exist yet. Without a passphrase, anybody who
/// can read the secret key's file can sign.
///
/// # Errors
/// [`KeyError::Io`] if a file exists already or cannot be written, [`KeyError::NotMade`] if the system gives no random
/// bytes. Neither file is left behind then.
pub fn make_key_pair(secret: &Path, public: &Path, passphrase: Option<&Passphrase>) -> Result<PublicKey, KeyError> {
    let pair = match passphrase {
        Some(passphrase) => KeyPair::generate_encrypted_keypair(Some(passphrase.for_minisign())),
        None => KeyPair::generate_unencrypted_keypair(),
    };
    let pair = pair.map_err(|_| KeyError::NotMade)?;
    let key = pair.pk.to_box().map_err(|_| KeyError::NotMade)?;
    let comment = if passphrase.is_some() { "minisign encrypted secret key" } else { "minisign secret key" };
    let secret_text = pair.sk.to_box(Some(comment)).map_err(|_| KeyError::NotMade)?;
    let secret_text = Zeroizing::new(secret_text.into_string());
    write(secret, OWNER_ONLY, &secret_text)?;
    if let Err(error) = write(public, EVERYBODY_READS, &key.into_string()) {
        // A secret key without its public half is useless. Removing it is safe, since this call created it.
        let _gone = fs::remove_file(secret);
        return Err(error);
    }
    Ok(PublicKey::from_pair(&pair))
}

/// Writes a new file with exactly this mode, whatever the umask, and leaves no file if that fails.
fn write(path: &Path, mode: u32, text: &str) -> Result<(), KeyError> {
    let create = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = create.map_err(KeyError::io("create this key file", path))?;
    let mode = file.set_permissions(Permissions::from_mode(mode));
    mode.and_then(|()| file.write_all(text.as_bytes())).and_then(|()| file.sync_all()).map_err(|error| {
        let _gone = fs::remove_file(path);
        KeyError::io("write this key file", path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Signer;

    #[test]
    fn a_file_that_is_there_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, public) = (folder.path().join("secret"), folder.path().join("public"));
        for taken in [&secret, &public] {
            fs::write(taken, "before").unwrap();
            let refused = make_key_pair(&secret, &public, None);
            assert!(matches!(refused, Err(KeyError::Io { ref path, .. }) if path == taken));
            assert_eq!(fs::read_to_string(taken).unwrap(), "before");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            fs::remove_file(taken).unwrap();
        }
        let made = make_key_pair(&secret, &public, None).unwrap();
        assert_eq!(PublicKey::read(&public).unwrap(), made);
        assert!(Signer::read::<KeyError>(&secret, || unreachable!("it has no passphrase")).is_ok());
    }
}

//! Runs `flagmatch keygen`.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use super::arguments::Keygen;
use super::exit::Fault;
use super::passphrase;
use crate::release::make_key_pair;
use crate::text::shown;

/// Makes a key pair, and prints the public key.
pub(super) fn run(arguments: &Keygen, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let Keygen { secret_key, public_key, .. } = arguments;
    // Check before anybody types a passphrase in vain. Creating the files refuses to overwrite as well.
    for path in [secret_key, public_key] {
        if path.symlink_metadata().is_ok() {
            return Err(Fault::Usage(format!("{}: is there already; no key is written over", shown(path))));
        }
    }
    let passphrase = match arguments.no_passphrase {
        true => None,
        false => Some(passphrase::of_new_key(arguments.passphrase_fd)?),
    };
    let key = make_key_pair(secret_key, public_key, passphrase.as_ref())?;
    if arguments.json {
        let made = json!({
            "key_id": key.id(),
            "public_key": key.text(),
            "public_key_file": public_key,
            "secret_key_file": secret_key,
        });
        writeln!(out, "{made:#}")?;
    } else {
        writeln!(out, "secret key  {}  for the administrator alone", shown(secret_key))?;
        writeln!(out, "public key  {}  for the suppliers", shown(public_key))?;
        writeln!(out, "key id      {}", key.id())?;
    }
    Ok(ExitCode::SUCCESS)
}

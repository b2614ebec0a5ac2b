//! Runs `flagmatch verify`.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use super::arguments::Verify;
use super::exit::Fault;
use super::format::counted;
use super::read_or_not;
use crate::release::{Expected, PublicKey, verify};

/// Checks a delivery, and prints what it is or why it must not be used.
pub(super) fn run(arguments: &Verify, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let key = PublicKey::read(&arguments.public_key).map_err(|error| Fault::Usage(error.to_string()))?;
    let expected =
        Expected { supplier: &arguments.supplier, job: arguments.job.as_deref(), after: arguments.after.as_ref() };
    let checked = verify(&arguments.folder, &key, expected);
    if arguments.json {
        let answer = match &checked {
            Ok(verified) => json!({ "verified": true, "delivery": verified }),
            Err(reason) => json!({ "verified": false, "reason": reason.to_string() }),
        };
        // A reader that stops early must not change the exit code.
        read_or_not(writeln!(out, "{answer:#}"))?;
    }
    let verified = checked?;
    if !arguments.json {
        let job = verified.job.as_deref().unwrap_or("not named by the signature");
        let said = writeln!(
            out,
            "verified: delivery {} to {}, run {}, job {job}, {}, signed with key {}",
            verified.sequence,
            verified.supplier,
            verified.run,
            counted(verified.files.len() as u64, "file"),
            verified.key_id
        );
        read_or_not(said)?;
    }
    Ok(ExitCode::SUCCESS)
}

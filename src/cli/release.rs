//! Runs `flagmatch release`.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Release;
use super::exit::Fault;
use super::format::counted;
use super::{passphrase, read_or_not, run_folder};
use crate::pipeline::{ManualRelease, QuarantinedDelivery};
use crate::release::Signer;
use crate::text::shown;

/// Publishes a quarantined delivery, and prints the new run.
pub(super) fn run(arguments: &Release, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let reason = arguments.reason.trim();
    if reason.is_empty() {
        return Err(Fault::Usage("--reason: say why the delivery may be released; the ledger keeps it".to_owned()));
    }
    let held = QuarantinedDelivery::find(&run_folder(arguments.out.as_deref(), &arguments.run), &arguments.supplier)?;
    let key = arguments.secret_key.as_deref().or(held.secret_key());
    if arguments.passphrase_fd.is_some() && key.is_none() {
        return Err(Fault::Usage("--passphrase-fd: deliveries of this run are not signed".to_owned()));
    }
    let passphrase = || passphrase::of_key(arguments.passphrase_fd).map_err(Fault::Passphrase);
    let signer = key.map(|key| Signer::read(key, passphrase)).transpose()?;
    let released = held.release(reason, signer)?;
    read_or_not(if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &released).map_err(io::Error::from).and_then(|()| writeln!(out))
    } else {
        print(&released, out)
    })?;
    for sentence in &released.later_nights {
        tracing::warn!("{}: {sentence}", released.supplier);
    }
    if let Some(reason) = &released.ledger_behind {
        tracing::warn!("the run is published, but not in the ledger yet; the next run adds it: {reason}");
    }
    Ok(ExitCode::SUCCESS)
}

fn print(released: &ManualRelease, out: &mut dyn Write) -> io::Result<()> {
    let ManualRelease { run, folder, supplier, sequence, held_by, withdrawn, .. } = released;
    let number = sequence.map_or(String::new(), |number| format!("delivery {number} to "));
    writeln!(out, "released {number}{supplier} as run {run}; run {held_by} had quarantined it")?;
    if *withdrawn > 0 {
        let accounts = counted(*withdrawn, "account");
        writeln!(out, "{accounts} changed to N: the rebate of the claim went to another supplier since")?;
    }
    writeln!(out, "{}", shown(folder))
}

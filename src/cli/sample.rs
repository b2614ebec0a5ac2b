//! Runs `flagmatch sample`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments;
use super::exit::Fault;
use super::{read_or_not, run_folder};
use crate::ledger::check_folders;
use crate::report::{self, Sample};

pub(super) fn run(arguments: &arguments::Sample, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let folder = run_folder(arguments.out.as_deref(), &arguments.run);
    check_folders([&folder], |_| true)?;
    let sample = report::sample(&folder, arguments.n, arguments.seed)?;
    let Sample { rows, purged } = &sample;
    for (supplier, scheme) in purged {
        tracing::warn!(supplier, scheme, "nothing is drawn of {supplier} in {scheme}: its flags were purged");
    }
    if rows.is_empty() && purged.is_empty() {
        tracing::warn!("the sample is empty: this run has no account");
    }
    read_or_not(match arguments.json {
        true => writeln!(out, "{:#}", serde_json::json!(sample)),
        false => out.write_all(report::sample_csv(rows)?.as_bytes()),
    })?;
    Ok(ExitCode::SUCCESS)
}

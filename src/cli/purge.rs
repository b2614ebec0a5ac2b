//! Runs `flagmatch purge`.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;

use super::arguments;
use super::exit::Fault;
use super::format::{count, counted};
use super::{read_job_with_output, read_or_not};
use crate::retention::{self, KeptDelivery, Options, Purged, RunPurged};
use crate::text::shown;

/// Removes what is past its retention, and prints what that was.
pub(super) fn run(arguments: &arguments::Purge, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job_with_output(&arguments.job, arguments.out.as_deref())?;
    let arguments::Purge { inputs, newest, dry_run, day, .. } = *arguments;
    let options = Options { inputs, newest, dry_run, day };
    let purged = retention::purge(&job, options, SystemTime::now())?;
    read_or_not(if arguments.json { writeln!(out, "{:#}", json!(purged)) } else { print(&purged, out) })?;
    Ok(ExitCode::SUCCESS)
}

fn print(purged: &Purged, out: &mut dyn Write) -> io::Result<()> {
    for RunPurged { run, schemes, whole, extent, .. } in &purged.runs {
        let what = if *whole { "all of it".to_owned() } else { schemes.join(", ") };
        let (files, rows) = (counted(extent.files, "file"), counted(extent.rows, "row"));
        writeln!(out, "{run}  {what}: {files}, {rows} in other files")?;
    }
    for input in &purged.inputs {
        writeln!(out, "{}  {}: {}", input.input, shown(&input.path), counted(input.bytes, "byte"))?;
    }
    if let Some(front) = &purged.ledger {
        writeln!(out, "ledger  rows up to {}", count(front.through))?;
    }
    for KeptDelivery { supplier, run } in &purged.kept {
        writeln!(out, "kept past its retention: the newest delivery to {supplier}, of run {run}; see --newest")?;
    }
    let done = match (&purged.record, purged.is_empty()) {
        (Some(record), _) => format!("removed, and recorded in {}", shown(record)),
        (None, true) => format!("nothing is past its retention on {}", purged.day),
        (None, false) => "dry run: nothing was removed".to_owned(),
    };
    writeln!(out, "{done}")
}

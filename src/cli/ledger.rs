//! Runs `flagmatch ledger`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::arguments::{self, LedgerCommand, LedgerOf};
use super::exit::Fault;
use super::format::{count, counted, table};
use super::read_or_not;
use crate::job::Job;
use crate::ledger::{Ledger, LedgerError, LedgerVerified, ReleasedLine, RunLine};
use crate::release::Published;
use crate::text::wrapped;

/// Ids of suppliers are cut to this many characters, so that a line fits a terminal.
const SHOWN_OF_ID: usize = 20;

pub(super) fn run(arguments: &arguments::Ledger, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    match &arguments.command {
        LedgerCommand::List(of) => {
            let runs = Ledger::open(&output(of)?)?.list()?;
            read_or_not(if of.json { writeln!(out, "{:#}", json!(runs)) } else { print(&runs, out) })?;
        }
        LedgerCommand::Verify(of) => {
            let checked = verify(of)?;
            if of.json {
                let answer = match &checked {
                    Ok(verified) => json!({ "verified": true, "ledger": verified }),
                    Err(reason) => json!({ "verified": false, "reason": reason.to_string() }),
                };
                read_or_not(writeln!(out, "{answer:#}"))?;
            }
            let LedgerVerified { rows, runs, head } = checked?;
            if !of.json {
                read_or_not(writeln!(
                    out,
                    "verified: {} of {}, ending with\n{head}",
                    counted(rows, "row"),
                    counted(runs, "run")
                ))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(of: &LedgerOf) -> Result<Result<LedgerVerified, LedgerError>, Fault> {
    let output = output(of)?;
    let ledger = Ledger::open(&output)?;
    let published = Published::latest(&output).map_err(LedgerError::from)?;
    Ok(ledger.verify(published.as_ref()))
}

/// The output directory that the arguments name.
fn output(of: &LedgerOf) -> Result<PathBuf, Fault> {
    Ok(match (&of.out, &of.of) {
        (Some(output), _) => output.clone(),
        (None, Some(of)) if of.is_dir() => of.clone(),
        (None, Some(job)) => Job::read(job)?.output,
        (None, None) => return Err(Fault::Usage("name a job file or an output directory".to_owned())),
    })
}

/// Prints a line for each run and supplier; below, why a supplier got nothing, and which run held back what a
/// manual release published.
fn print(runs: &[RunLine], out: &mut dyn Write) -> io::Result<()> {
    let header = ["run", "supplier", "no.", "accounts", "on supply", "Y", ""];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut remarks = Vec::new();
    for RunLine { run, suppliers, .. } in runs {
        for line in suppliers {
            let most = line.schemes.iter().map(|scheme| scheme.on_supply).max().unwrap_or(0);
            let flagged = line.schemes.iter().map(|scheme| scheme.flagged).sum();
            let supplier = &line.supplier;
            let remark = match (&line.held, &line.released) {
                (Some(reason), _) => Some(("held", format!("{run}  {supplier} got nothing: {reason}"))),
                (None, Some(ReleasedLine { of, reason })) => {
                    Some(("by hand", format!("{run}  {supplier} released by hand, quarantined by run {of}: {reason}")))
                }
                (None, None) => None,
            };
            rows.push(vec![
                run.clone(),
                supplier.chars().take(SHOWN_OF_ID).collect(),
                line.sequence.map_or("-".to_owned(), count),
                count(line.accounts),
                count(most),
                count(flagged),
                remark.as_ref().map_or("", |(word, _)| word).to_owned(),
            ]);
            remarks.extend(remark.map(|(_, text)| text));
        }
    }
    write!(out, "{}", table(&rows))?;
    for remark in remarks {
        writeln!(out)?;
        for line in wrapped(&remark, 80) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

//! `flagmatch ledger`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::arguments::{self, LedgerCommand, LedgerOf};
use super::exit::Fault;
use super::format::{count, table};
use super::read_or_not;
use crate::job::Job;
use crate::ledger::{Ledger, LedgerError, LedgerVerified, RunLine};
use crate::release::Published;

/// Letters of a supplier's id that are shown, so that a line fits a terminal.
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
                    "verified: {} rows of {} runs, ending with\n{head}",
                    count(rows),
                    count(runs)
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

/// The output directory that was asked for.
fn output(of: &LedgerOf) -> Result<PathBuf, Fault> {
    Ok(if of.of.is_dir() { of.of.clone() } else { Job::read(&of.of)?.output })
}

/// A line a run and supplier; what was held back says why on the next.
fn print(runs: &[RunLine], out: &mut dyn Write) -> io::Result<()> {
    let header = ["run", "supplier", "no.", "accounts", "in play", "Y", "held"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for RunLine { run, suppliers, .. } in runs {
        for line in suppliers {
            let most = line.schemes.iter().map(|scheme| scheme.in_play).max().unwrap_or(0);
            let flagged = line.schemes.iter().map(|scheme| scheme.flagged).sum();
            rows.push(vec![
                run.clone(),
                line.supplier.chars().take(SHOWN_OF_ID).collect(),
                line.sequence.map_or("-".to_owned(), count),
                count(line.accounts),
                count(most),
                count(flagged),
                if line.held.is_some() { "held" } else { "" }.to_owned(),
            ]);
        }
    }
    write!(out, "{}", table(&rows))
}

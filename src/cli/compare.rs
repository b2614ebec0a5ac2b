//! `flagmatch compare`.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Compare;
use super::exit::Fault;
use super::format::{count, table};
use super::{private_file, read_or_not};
use crate::ledger::check_folder;
use crate::report::{self, AccountStanding, Comparison};
use crate::text::wrapped;

pub(super) fn run(arguments: &Compare, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    for run in [&arguments.before, &arguments.after] {
        check_folder(run, |_| true)?;
    }
    let comparison = report::compare(&arguments.before, &arguments.after)?;
    if let Some(file) = &arguments.list {
        let unwritable = |source: io::Error| Fault::Unwritable { file: file.clone(), source };
        let mut writer = csv::Writer::from_writer(private_file(file).map_err(unwritable)?);
        for row in &comparison.changed {
            writer.serialize(row).map_err(|error| unwritable(error.into()))?;
        }
        writer.flush().map_err(unwritable)?;
    }
    read_or_not(match arguments.json {
        true => writeln!(out, "{:#}", serde_json::json!(comparison)),
        false => print(&comparison, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is to be known of accounts that have no row on one side.
const LEGEND: [(AccountStanding, &str); 3] = [
    (
        AccountStanding::NoCandidate,
        "no candidate: nobody in the benefit records resembled a holder, or no holder was on supply; such an account has no row in decisions.csv",
    ),
    (AccountStanding::Absent, "account not there yet, gone: the supplier's file did not have it"),
    (
        AccountStanding::NotKept,
        "not kept: the run's flags were purged, so that what it had of the account is not known",
    ),
];

fn print(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![["before", "after", "accounts"].map(str::to_owned).to_vec()];
    rows.extend(comparison.counts().into_iter().map(|((before, after), own)| vec![before, after, count(own)]));
    writeln!(out, "{} flags changed", count(comparison.changed.len() as u64))?;
    if rows.len() > 1 {
        write!(out, "\n{}", table(&rows))?;
    }
    let legend = LEGEND.iter().filter(|(standing, _)| comparison.has(*standing)).map(|(_, text)| (*text).to_owned());
    let left_out = comparison.not_compared.iter().map(|own| {
        format!("not compared: {}, which got nothing from the run {}, {}", own.supplier, own.run, own.reason)
    });
    for text in legend.chain(left_out) {
        writeln!(out)?;
        for line in wrapped(&text, 80) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

//! Runs `flagmatch compare`.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Compare;
use super::exit::Fault;
use super::format::{count, counted, table};
use super::{private_file, read_or_not, run_folder};
use crate::ledger::check_folders;
use crate::report::{self, AccountStanding, ChangedFlag, Comparison};
use crate::text::wrapped;

pub(super) fn run(arguments: &Compare, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let folder = |run| run_folder(arguments.out.as_deref(), run);
    let (before, after) = (folder(&arguments.before), folder(&arguments.after));
    check_folders([&before, &after], |_| true)?;
    let comparison = report::compare(&before, &after)?;
    if let Some(file) = &arguments.list {
        let unwritable = |source: io::Error| Fault::Unwritable { file: file.clone(), source };
        let opened = private_file::open(file, &ChangedFlag::COLUMNS.join(",")).map_err(unwritable)?;
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(opened);
        writer.write_record(ChangedFlag::COLUMNS).map_err(|error| unwritable(error.into()))?;
        for row in &comparison.changed {
            writer.serialize(row.for_people()).map_err(|error| unwritable(error.into()))?;
        }
        writer.flush().map_err(unwritable)?;
    }
    read_or_not(match arguments.json {
        true => writeln!(out, "{:#}", serde_json::json!(comparison)),
        false => print(&comparison, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Explains why an account has no row in one of the runs.
const LEGEND: [(AccountStanding, &str); 2] = [
    (
        AccountStanding::NoCandidate,
        "no candidate: nobody in the benefit records resembled a holder, or no holder was on supply; such an account has no row in decisions.csv",
    ),
    (AccountStanding::Absent, "account not there yet, gone: the supplier's file did not have it"),
];

fn print(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![["before", "after", "accounts"].map(str::to_owned).to_vec()];
    rows.extend(comparison.counts().into_iter().map(|((before, after), own)| vec![before, after, count(own)]));
    match comparison.compared {
        0 => writeln!(out, "no flag could be compared")?,
        _ => writeln!(out, "{} changed", counted(comparison.changed.len() as u64, "flag"))?,
    }
    if rows.len() > 1 {
        write!(out, "\n{}", table(&rows))?;
    }
    let legend = LEGEND.iter().filter(|(standing, _)| comparison.has(*standing)).map(|(_, text)| (*text).to_owned());
    let left_out = comparison.not_compared.iter().map(|own| {
        let (supplier, run) = (&own.supplier, if own.run == "before" { "earlier" } else { "later" });
        match &own.purged {
            None => format!("not compared: {supplier}; the {run} run delivered nothing to it: {}", own.reason),
            Some(scheme) => format!("not compared: {supplier} in {scheme}; its flags in the {run} run were purged"),
        }
    });
    for text in legend.chain(left_out) {
        writeln!(out)?;
        for line in wrapped(&text, 80) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

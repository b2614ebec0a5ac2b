//! `flagmatch compare`.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Compare;
use super::exit::Fault;
use super::format::{count, table};
use super::{private_file, read_or_not};
use crate::report::{self, Comparison};

pub(super) fn run(arguments: &Compare, out: &mut dyn Write) -> Result<ExitCode, Fault> {
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

fn print(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![["before", "after", "accounts"].map(str::to_owned).to_vec()];
    rows.extend(comparison.counts().into_iter().map(|((before, after), own)| vec![before, after, count(own)]));
    writeln!(out, "{} flags changed", count(comparison.changed.len() as u64))?;
    if rows.len() > 1 { write!(out, "\n{}", table(&rows)) } else { Ok(()) }
}

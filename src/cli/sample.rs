//! `flagmatch sample`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments::Sample;
use super::exit::Fault;
use super::read_or_not;
use crate::ledger::check_folder;
use crate::report;

pub(super) fn run(arguments: &Sample, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    check_folder(&arguments.run, |_| true)?;
    let rows = report::sample(&arguments.run, arguments.n, arguments.seed)?;
    read_or_not(out.write_all(report::sample_csv(&rows)?.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

//! `flagmatch report`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments::{self, ReportFormat};
use super::exit::Fault;
use super::read_or_not;
use crate::ledger::check_folder;
use crate::report::{Format, Report};

pub(super) fn run(arguments: &arguments::Report, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    for run in &arguments.runs {
        check_folder(run, |file| arguments.administrator || file.starts_with("analyst/"))?;
    }
    let report = Report::read(&arguments.runs, arguments.administrator)?;
    for left_out in report.left_out() {
        tracing::warn!("{left_out}; it is left out");
    }
    let format = match arguments.format {
        ReportFormat::Text => Format::Text,
        ReportFormat::Csv => Format::Csv,
        ReportFormat::Json => Format::Json,
        ReportFormat::Html => Format::Html,
    };
    read_or_not(out.write_all(report.to(format)?.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

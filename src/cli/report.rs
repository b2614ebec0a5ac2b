//! Runs `flagmatch report`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::arguments::{self, ReportFormat};
use super::exit::Fault;
use super::private_file::write_page;
use super::{read_or_not, run_folder};
use crate::ledger::check_folders;
use crate::report::{Format, Report};

pub(super) fn run(arguments: &arguments::Report, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let folder = |run: &PathBuf| run_folder(arguments.out.as_deref(), run);
    let runs: Vec<PathBuf> = arguments.runs.iter().map(folder).collect();
    check_folders(&runs, |file| arguments.administrator || file.starts_with("analyst/"))?;
    let report = Report::read(&runs, arguments.administrator)?;
    for left_out in report.left_out() {
        tracing::warn!("{left_out}; it is left out");
    }
    if let Some(file) = &arguments.html {
        write_page(file, &report.to(Format::Html)?)?;
    }
    let format = match arguments.format {
        _ if arguments.json => Format::Json,
        ReportFormat::Text => Format::Text,
        ReportFormat::Csv => Format::Csv,
        ReportFormat::Json => Format::Json,
        ReportFormat::Html => Format::Html,
    };
    read_or_not(out.write_all(report.to(format)?.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

//! Runs `flagmatch train`.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

use super::arguments::Train;
use super::bar::Bars;
use super::exit::Fault;
use super::log::LogSettings;
use super::{exit_of_undelivered, options, read_job, read_or_not};
use crate::pipeline;

/// Trains weights on a job's inputs, and writes them out.
pub(super) fn run(arguments: &Train, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job(&arguments.matching.job, None)?;
    let trained = pipeline::train(&job, &options(&arguments.matching, true), &Bars::until_stopped(log)?)?;
    match &arguments.weights {
        None => read_or_not(out.write_all(trained.text.as_bytes()))?,
        // Never overwrite weights that a job may be using.
        Some(file) => OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .and_then(|mut file| file.write_all(trained.text.as_bytes()))
            .map_err(|source| Fault::Unwritable { file: file.clone(), source })?,
    }
    Ok(exit_of_undelivered(&trained.held_back, false))
}

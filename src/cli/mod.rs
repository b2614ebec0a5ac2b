//! Runs the command line: results go to standard output, progress and faults to standard error, and the exit
//! code says how it ended.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | all released, or the command did what it was asked |
//! | 1 | a fault: the output cannot be written, another run holds it, a key cannot be used; or a verification failed |
//! | 2 | the command line or the job file's own text is wrong |
//! | 3 | a shared input was refused, or nothing was released |
//! | 4 | something was released, and some supplier is held back |

mod arguments;
mod bar;
mod compare;
mod evaluate;
mod exceptions;
mod exit;
mod explain;
mod format;
mod job_file;
mod keygen;
mod ledger;
mod log;
mod manual;
mod out_of_memory;
mod panic;
mod passphrase;
mod prepare;
mod private_file;
mod profile;
mod purge;
mod record;
mod release;
mod report;
mod review;
mod sample;
mod signals;
mod signing;
mod suggestions;
mod summary;
mod synth;
mod train;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command, MOST_THREADS, Matching};
use bar::Bars;
use exit::{Fault, HELD_BACK, REFUSED};
use log::{LogFormat, LogSettings};
pub use out_of_memory::EndWithoutMemory;

use crate::job::Job;
use crate::pipeline::{self, AdministratorPageMaker, Options, PageMaker, UndeliveredSupplier};
use crate::process;
use crate::release::Signer;
use crate::text::shown;

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    panic::caught(|| run(std::env::args_os()))
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = suggestions::with_nearest(error, &Arguments::command(), &typed);
            // A closed pipe behind `--help` is not a fault.
            let _closed = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    log::begin(LogSettings { format: arguments.log_format, quiet: arguments.quiet });
    // The run's id is recorded once there is one.
    let _command = tracing::info_span!("command", run = tracing::field::Empty).entered();
    if let Err(error) = process::shield() {
        return Fault::Unshielded(error).report();
    }
    let mut out = io::stdout().lock();
    match dispatch(arguments, &mut out).and_then(|code| read_or_not(out.flush()).map(|()| code).map_err(Fault::Output))
    {
        Ok(code) => code,
        Err(fault) => fault.report(),
    }
}

fn dispatch(Arguments { command, log_format, quiet }: Arguments, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let log = LogSettings { format: log_format, quiet };
    start_threads(command.threads())?;
    match command {
        Command::JobFile => job_file::run(out),
        Command::Run(run) => run_job(&run, log, out),
        Command::Check(check) => check_job(&check, log, out),
        Command::Evaluate(evaluate) => evaluate::run(&evaluate, log, out),
        Command::Train(train) => train::run(&train, log, out),
        Command::Keygen(keygen) => keygen::run(&keygen, out),
        Command::Ledger(ledger) => ledger::run(&ledger, out),
        Command::Exceptions(exceptions) => exceptions::run(&exceptions, log, out),
        Command::Purge(purge) => purge::run(&purge, out),
        Command::Record(record) => record::run(&record, out),
        Command::Layout(layout) => prepare::layout(&layout, out),
        Command::Prepare(prepare) => prepare::run(&prepare, log, out),
        Command::Release(release) => release::run(&release, out),
        Command::Explain(explain) => explain::run(&explain, log, out),
        Command::Report(report) => report::run(&report, out),
        Command::Review(review) => review::run(&review, log, out),
        Command::Sample(sample) => sample::run(&sample, out),
        Command::Compare(compare) => compare::run(&compare, out),
        Command::Completions(completions) => manual::completions(&completions, out),
        Command::Man(man) => manual::pages(&man),
        Command::Verify(verify) => verify::run(&verify, out),
        Command::Synth(synth) => synth::run(&synth, log, out),
    }
}

/// Prints a profile of the inputs, and whether the secret key can be used.
fn check_job(check: &arguments::Check, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job(&check.matching.job, None)?;
    let key = signing::test(&job, check.passphrase_fd)?;
    let profile = pipeline::check(&job, &options(&check.matching, true), &Bars::until_stopped(log)?)?;
    read_or_not(profile::print(&profile, key, check.json, out))?;
    if let Some(reason) = &profile.refused {
        tracing::error!("{reason}");
        return Ok(ExitCode::from(REFUSED));
    }
    Ok(exit_of_undelivered(&profile.held_back, !check.json && log.format == LogFormat::Text))
}

fn run_job(run: &arguments::Run, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job(&run.matching.job, run.out.as_deref())?;
    let mut options = Options { night_of: run.night_of, ..options(&run.matching, run.dry_run) };
    // Check the key before reading any input: a wrong passphrase is known at once.
    let mut tested = None;
    if run.dry_run {
        tested = signing::test(&job, run.passphrase_fd)?;
    } else {
        signing::passphrase_has_a_use(&job, run.passphrase_fd)?;
        if let Some(key) = &job.signing_key {
            let passphrase = || passphrase::of_key(run.passphrase_fd).map_err(Fault::Passphrase);
            options.signer = Some(Signer::read(key, passphrase)?);
        }
    }
    let summary = pipeline::run(&job, &options, &Bars::until_stopped(log)?)?;
    let night_of = run.night_of.map(|date| date.to_string());
    let answer = summary::Answer { summary: &summary, night_of, signing_key: tested };
    read_or_not(summary::print(&answer, run.json, out).and_then(|()| out.flush())).map_err(|source| {
        match summary.run.clone() {
            Some(run) => Fault::Summary { run, source },
            None => Fault::Output(source),
        }
    })?;
    // A JSON log has the timings already, and must hold nothing but JSON.
    if run.timings && log.format == LogFormat::Text {
        read_or_not(summary::print_timings(&summary, &mut io::stderr()))?;
    }
    if let Some(reason) = &summary.ledger_behind {
        tracing::warn!("the run is published, but not in the ledger yet; the next run adds it: {reason}");
    }
    let code = exit_of_undelivered(&summary.held_back, !run.json && log.format == LogFormat::Text);
    // A run that delivers nothing is still published: it keeps the quarantined deliveries.
    Ok(if summary.released().next().is_none() { ExitCode::from(REFUSED) } else { code })
}

/// Ignores a broken pipe: a reader that stops early, such as `head`, is not a fault and changes no exit code.
fn read_or_not(printed: io::Result<()>) -> io::Result<()> {
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Logs which suppliers are held back, and returns the exit code. If the result has `said` it to a person and
/// goes to the same place as the log, the log does not repeat it.
fn exit_of_undelivered(held_back: &[UndeliveredSupplier], said: bool) -> ExitCode {
    if !(said && result_and_log_are_together()) {
        for held in held_back {
            tracing::warn!(supplier = held.id, "{} is held back: {}", held.id, held.reason);
        }
    }
    if held_back.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(HELD_BACK) }
}

/// Whether standard output and standard error go to one terminal, file or pipe.
fn result_and_log_are_together() -> bool {
    let place = |status: rustix::fs::Stat| (status.st_dev, status.st_ino);
    let places = (rustix::fs::fstat(io::stdout()).map(place), rustix::fs::fstat(io::stderr()).map(place));
    matches!(places, (Ok(result), Ok(log)) if result == log)
}

/// The folder of a run. In a directory of runs, `run` may be an id or `latest`.
fn run_folder(directory: Option<&Path>, run: &Path) -> PathBuf {
    directory.map_or(run.to_owned(), |directory| directory.join(run))
}

/// Reads the job; `out` replaces its output directory.
fn read_job(job: &Path, out: Option<&Path>) -> Result<Job, Fault> {
    let mut job = Job::read(job)?;
    if let Some(output) = out {
        output.clone_into(&mut job.output);
    }
    Ok(job)
}

/// Reads the job of a command that looks into its output directory. One that was named and is not there is most often
/// misspelt, and nothing would be found.
fn read_job_with_output(job: &Path, out: Option<&Path>) -> Result<Job, Fault> {
    match out {
        Some(out) if !out.is_dir() => Err(Fault::Usage(format!("--out {}: there is no such folder", shown(out)))),
        _ => read_job(job, out),
    }
}

/// Starts the `asked` threads, or one for each core. Rayon would start them by itself, but panic if the
/// system refuses one.
fn start_threads(asked: Option<NonZeroUsize>) -> Result<(), Fault> {
    let threads = asked.map_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get), NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.min(MOST_THREADS));
    pool.build_global().map_err(|source| Fault::Threads { threads, source })
}

fn options(matching: &Matching, dry_run: bool) -> Options {
    Options {
        suppliers: matching.suppliers.clone(),
        dry_run,
        page: Some(crate::report::analyst_page as PageMaker),
        administrator_page: Some(crate::report::administrator_page as AdministratorPageMaker),
        ..Options::default()
    }
}

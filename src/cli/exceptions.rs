//! Runs `flagmatch exceptions`.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;

use super::arguments;
use super::bar::Bars;
use super::exit::Fault;
use super::format::{count, counted, table};
use super::log::{LogFormat, LogSettings};
use super::summary::print_outcomes;
use super::{exit_of_undelivered, read_job_with_output, read_or_not};
use crate::notices::{self, Clock, Refused, ReturnLeg};
use crate::pipeline::UndeliveredSupplier;
use crate::text::shown;

/// Records what suppliers reported, and prints how long each may still report.
pub(super) fn run(arguments: &arguments::Exceptions, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job_with_output(&arguments.job, arguments.out.as_deref())?;
    if job.exceptions.is_none() {
        let fault = "the job has no [exceptions]: add the section, with the files in which suppliers report";
        return Err(Fault::Usage(fault.to_owned()));
    }
    let leg = notices::take_in(&job, arguments.dry_run, SystemTime::now(), &Bars::new(log))?;
    read_or_not(if arguments.json { writeln!(out, "{:#}", json!(leg)) } else { print(&leg, out) })?;
    let held = |Refused { supplier, reason }: &Refused| UndeliveredSupplier {
        id: supplier.clone(),
        reason: format!("its exceptions: {reason}"),
        findings: Vec::new(),
    };
    let held_back: Vec<UndeliveredSupplier> = leg.refused.iter().map(held).collect();
    Ok(exit_of_undelivered(&held_back, !arguments.json && log.format == LogFormat::Text))
}

/// Ids of suppliers and schemes are cut to this many characters, so that a line fits a terminal.
const SHOWN_OF_ID: usize = 20;

fn print(leg: &ReturnLeg, out: &mut dyn Write) -> io::Result<()> {
    for Refused { supplier, reason } in &leg.refused {
        writeln!(out, "HELD BACK  {supplier}: its exceptions: {reason}\n")?;
    }
    let header = ["supplier", "scheme", "notices", "open", "next ends", "days left", "over"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let short = |id: &str| id.chars().take(SHOWN_OF_ID).collect::<String>();
    for Clock { supplier, scheme, notices, open, over } in &leg.clocks {
        let next = open.first();
        rows.push(vec![
            short(supplier),
            short(scheme),
            count(*notices),
            count(open.iter().map(|open| open.notices).sum()),
            next.map_or("-".to_owned(), |next| next.until.clone()),
            next.map_or("-".to_owned(), |next| format!("{} of {}", next.days_left, leg.days)),
            count(*over),
        ]);
    }
    write!(out, "{}", table(&rows))?;
    if leg.files.is_empty() {
        return writeln!(out, "\nno exceptions have been reported");
    }
    writeln!(out)?;
    for file in &leg.files {
        let of_reason = |(reason, number): (&String, &u64)| format!("{} {reason}", count(*number));
        let reasons: Vec<String> = file.reasons.iter().map(of_reason).collect();
        writeln!(out, "{}  {}, taken in on {}", file.supplier, file.file, file.taken_in)?;
        writeln!(out, "  {}", if reasons.is_empty() { "nothing".to_owned() } else { reasons.join(", ") })?;
        print_outcomes(&file.outcomes, out)?;
        if !file.outcomes.is_empty() {
            continue;
        }
        // Records of earlier versions have counts alone.
        for (number, what) in [
            (file.late, "reported after the last day; respected all the same"),
            (file.without_notice, "about an account without a notice"),
            (file.rejected, "rejected"),
        ] {
            if number > 0 {
                writeln!(out, "  {} {what}", counted(number, "row"))?;
            }
        }
    }
    match &leg.record {
        Some(record) => writeln!(out, "recorded in {}; the next run respects them", shown(record)),
        None => Ok(()),
    }
}

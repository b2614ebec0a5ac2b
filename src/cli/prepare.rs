//! Runs `flagmatch layout` and `flagmatch prepare`, a supplier's check of its own files before it sends them.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::{Layout as LayoutArguments, Prepare};
use super::bar::Bars;
use super::exit::Fault;
use super::format::{count, counted, percent, table};
use super::log::LogSettings;
use super::{read_job, read_or_not};
use crate::pipeline::{self, FaultLine, FileFigures, Layout, PrepareError, PrepareOptions, Prepared};
use crate::text::shown;

/// Prints the layout for a supplier.
pub(super) fn layout(arguments: &LayoutArguments, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let layout = pipeline::layout(&read_job(&arguments.job, None)?, &arguments.supplier)?;
    if layout.recipient.is_none() {
        tracing::warn!(
            "the layout has no recipient, so that {} prepares its files unencrypted: name an identity in [intake] of \
             the job file",
            layout.supplier
        );
    }
    let text = match arguments.json {
        true => format!("{}\n", serde_json::to_string_pretty(&layout).map_err(io::Error::other)?),
        false => layout.text(),
    };
    read_or_not(out.write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prepares a supplier's files, and prints what was found.
pub(super) fn run(arguments: &Prepare, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let layout = Layout::read(&arguments.layout)?;
    let options = PrepareOptions { folder: arguments.out.clone(), dry_run: arguments.dry_run };
    let prepared =
        pipeline::prepare(&layout, &arguments.files, &options, &Bars::until_stopped(log)?).inspect_err(|error| {
            let old = layout.prepared_file(&arguments.out);
            if !matches!(error, PrepareError::InTheWay { .. } | PrepareError::Busy { .. }) && old.exists() {
                tracing::warn!("{} is still that of the last time", shown(&old));
            }
        })?;
    read_or_not(match arguments.json {
        true => {
            serde_json::to_writer_pretty(&mut *out, &prepared).map_err(io::Error::from).and_then(|()| writeln!(out))
        }
        false => print(&prepared, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Lines of rejected rows that are printed; the list has all.
const MOST_LINES: usize = 5;

/// Headings and kinds of notes that are printed.
const MOST_KINDS: usize = 8;

fn print(prepared: &Prepared, out: &mut dyn Write) -> io::Result<()> {
    let Prepared { supplier, job, files, figures, last, usual, .. } = prepared;
    writeln!(out, "{supplier}, job {job}: {} in {}", counted(figures.accounts, "account"), files_named(prepared))?;
    // Unusual figures are not what the next are compared with.
    let (compared, when) = match usual {
        Some(usual) => (Some(usual), "usually"),
        None => (last.as_ref(), "last time"),
    };
    let before = |text: &dyn Fn(&FileFigures) -> String| {
        compared.map_or(String::new(), |figures| format!("{when} {}", text(figures)))
    };
    let left_out = |figures: &FileFigures| count(figures.accounts - figures.kept_accounts);
    let share = |part: fn(&FileFigures) -> u64| move |figures: &FileFigures| percent(part(figures), figures.kept_rows);
    let row = |name: &str, key: &str, text: &dyn Fn(&FileFigures) -> String| {
        let mark = if prepared.unusual.contains(&key) { "UNUSUAL" } else { "" };
        vec![format!("  {name}"), text(figures), before(text), mark.to_owned()]
    };
    let rows = [
        row("accounts kept", "kept_accounts", &|figures| count(figures.kept_accounts)),
        row("accounts not on supply, left out", "", &left_out),
        row("rows rejected", "rejected", &|figures| count(figures.rejected)),
        row("rows with a note", "noted", &|figures| count(figures.noted)),
        row("rows kept", "", &|figures| count(figures.kept_rows)),
        row("with a name", "names", &share(|figures| figures.names)),
        row("with a date of birth", "birth_dates", &share(|figures| figures.birth_dates)),
        row("with a postcode", "postcodes", &share(|figures| figures.postcodes)),
        row("with a UPRN", "uprns", &share(|figures| figures.uprns)),
    ];
    write!(out, "{}", table(&rows))?;
    if !prepared.unusual.is_empty() {
        writeln!(out, "UNUSUAL, so that a run may hold you back: look at the export before you send anything")?;
    }
    for file in files {
        let rejected = || file.faults.iter().filter(|fault| fault.is_rejected);
        for FaultLine { line, reason, .. } in rejected().take(MOST_LINES) {
            writeln!(out, "rejected: {}, line {line}: {reason}", file.file)?;
        }
        if rejected().nth(MOST_LINES).is_some() {
            writeln!(out, "and {} more of {}", count((rejected().count() - MOST_LINES) as u64), file.file)?;
        }
    }
    for (note, rows) in figures.notes.iter().take(MOST_KINDS) {
        writeln!(out, "note: {note}: {}", counted(*rows, "row"))?;
    }
    for file in files {
        let headings = file.unused_headings.iter();
        let named: Vec<String> =
            headings.clone().filter_map(|unused| unused.heading.clone()).take(MOST_KINDS).collect();
        let others = headings.clone().count() - named.len();
        if !named.is_empty() || others > 0 {
            let named = if named.is_empty() { String::new() } else { format!("{} ", named.join(", ")) };
            let others = if others > 0 { format!("({} more) ", count(others as u64)) } else { String::new() };
            let columns = if headings.clone().count() == 1 { "column" } else { "columns" };
            writeln!(out, "left out, since nobody reads it: {columns} {named}{others}of {}", file.file)?;
        }
        for unused in headings {
            if let (Some(heading), Some(nearest)) = (&unused.heading, unused.nearest) {
                writeln!(out, "if {heading} is {nearest}, tell the administrator: it is not read now")?;
            }
        }
    }
    if figures.repeats > 0 {
        writeln!(out, "left out, exact repeats of a row: {}", count(figures.repeats))?;
    }
    if figures.crowded_references > 0 {
        let references = counted(figures.crowded_references, "reference");
        writeln!(out, "{references} named by more than 50 rows: no account has so many holders, and its flag is N")?;
    }
    if let Some(rejects) = &prepared.rejects {
        writeln!(out, "each reject and note, by line: {}", shown(rejects))?;
    }
    let send = if prepared.unusual.is_empty() { "send" } else { "if the export is right, send" };
    match (&prepared.written, &prepared.encrypted_to) {
        (Some(path), Some(recipient)) => writeln!(out, "{send} {}, encrypted to {recipient}", shown(path)),
        (Some(path), None) => {
            writeln!(out, "{send} {}; it is NOT encrypted, since the layout has no recipient", shown(path))
        }
        (None, _) => writeln!(out, "nothing was written"),
    }
}

fn files_named(prepared: &Prepared) -> String {
    let names = prepared.files.iter().map(|file| format!("{} ({})", file.file, file.encoding));
    names.collect::<Vec<_>>().join(", ")
}

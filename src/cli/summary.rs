//! Prints the summary at the end of a run, to be read in ten seconds.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::format::{count, counted, percent, seconds, table, tenths};
use super::signing::KeyTest;
use crate::pipeline::{
    Comparisons, DecoyFigures, Forecast, MatchRates, OutcomeSummary, ReportSummary, ReviewBand, Stage, Summary,
    UnknownReference,
};
use crate::release::EligibleOutcome;
use crate::text::shown;

/// Prints how long each stage took, and how many pairs each kind of match key led to.
pub(super) fn print_timings(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let row = |name: &str, taken: f64| vec![name.to_owned(), format!("{taken:.2}")];
    let mut rows = vec![vec!["stage".to_owned(), "seconds".to_owned()]];
    rows.extend(Stage::ALL.into_iter().zip(&summary.stages).map(|(stage, time)| row(stage.name(), time.seconds)));
    rows.push(row("sum what is released", summary.hashing_seconds));
    rows.push(row("make durable", summary.syncing_seconds));
    write!(out, "{}", table(&rows))?;
    let Some(Comparisons { accounts, pairs, by_key }) = &summary.comparisons else { return Ok(()) };
    let row = |name: &str, pairs: u64| {
        vec![name.to_owned(), count(pairs), format!("{:.3}", pairs as f64 / (*accounts).max(1) as f64)]
    };
    let mut rows = vec![["match key", "pairs compared", "an account"].map(str::to_owned).to_vec()];
    rows.extend(by_key.iter().filter(|(_, pairs)| *pairs > 0).map(|(key, pairs)| row(key, *pairs)));
    rows.push(row("all, each pair once", *pairs));
    write!(out, "\n{}", table(&rows))
}

/// A summary, with what the command itself knows of the run.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    pub(super) summary: &'a Summary,
    /// The run's date, if it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) night_of: Option<String>,
    /// The result of testing the secret key in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signing_key: Option<KeyTest>,
}

/// Prints a summary, first what was held back.
pub(super) fn print(answer: &Answer<'_>, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, answer)?;
        return writeln!(out);
    }
    let Answer { summary, night_of, signing_key } = answer;
    for held in &summary.held_back {
        if held.findings.is_empty() {
            writeln!(out, "HELD BACK  {}: {}", held.id, held.reason)?;
            continue;
        }
        writeln!(out, "HELD BACK  {}, by {}:", held.id, if held.findings.len() == 1 { "a gate" } else { "gates" })?;
        for finding in &held.findings {
            writeln!(out, "           {finding}")?;
        }
        if let Some(folder) = &summary.folder {
            writeln!(
                out,
                "           quarantined; to release it: flagmatch release {} --supplier {} --reason TEXT",
                shown(folder),
                held.id
            )?;
        }
    }
    if let (false, Some(output)) = (summary.held_back.is_empty(), summary.folder.as_deref().and_then(Path::parent)) {
        writeln!(out, "           each has a notice to hand on: {}", shown(&output.join("notices")))?;
    }
    if !summary.held_back.is_empty() {
        writeln!(out)?;
    }
    let several = summary.released().any(|supplier| supplier.schemes.len() > 1);
    let mut header = vec!["supplier"];
    if several {
        header.push("scheme");
    }
    header.extend(["accounts", "on supply", "Y", "flagged share", "review", "rejects", "notes"]);
    let mut rows: Vec<Vec<String>> = vec![header.into_iter().map(str::to_owned).collect()];
    let mut totals = [0; 6];
    for supplier in summary.released() {
        for (place, scheme) in supplier.schemes.iter().enumerate() {
            let of_supplier = if place == 0 { [supplier.accounts, supplier.rejected, supplier.noted] } else { [0; 3] };
            let [accounts, rejected, noted] = of_supplier;
            let figures = [accounts, scheme.on_supply, scheme.flagged, scheme.review, rejected, noted];
            for (total, figure) in totals.iter_mut().zip(figures) {
                *total += figure;
            }
            let own =
                [supplier.accounts, scheme.on_supply, scheme.flagged, scheme.review, supplier.rejected, supplier.noted];
            let mut row = vec![supplier.id.clone()];
            if several {
                row.push(scheme.id.clone());
            }
            row.extend(cells(own));
            rows.push(row);
        }
    }
    if summary.released().count() > 1 && !several {
        let mut row = vec!["all".to_owned()];
        row.extend(cells(totals));
        rows.push(row);
    }
    write!(out, "{}", table(&rows))?;
    print_match_rates(&summary.match_rates, out)?;
    print_review(&summary.review, out)?;
    writeln!(
        out,
        "\n{}, {}, {}",
        counted(summary.benefit_rows, "benefit row"),
        counted(summary.persons, "person"),
        counted(summary.claims, "claim")
    )?;
    let dropped: u64 = summary.suppliers.iter().map(|supplier| supplier.dropped).sum();
    if dropped > 0 {
        writeln!(
            out,
            "{} {} not on supply: dropped before any match key was made",
            counted(dropped, "account"),
            if dropped == 1 { "is" } else { "are" }
        )?;
    }
    let waiting: u64 = summary.suppliers.iter().flat_map(|own| &own.schemes).map(|scheme| scheme.waiting).sum();
    if waiting > 0 {
        let verb = if waiting == 1 { "waits" } else { "wait" };
        writeln!(out, "{} {verb} for a release day", counted(waiting, "changed flag"))?;
    }
    if summary.shared_rejected + summary.shared_noted > 0 {
        writeln!(
            out,
            "{} of shared inputs rejected, {} noted: {}",
            counted(summary.shared_rejected, "row"),
            count(summary.shared_noted),
            if summary.run.is_some() {
                "administrator/rejects.csv lists them"
            } else {
                "flagmatch check counts them by reason"
            }
        )?;
    }
    print_unknown_references(&summary.unknown_references, out)?;
    print_reports(&summary.reports, out)?;
    if summary.keys_left_out > 0 {
        writeln!(
            out,
            "{} {} left out, shared by too many benefit rows: the accounts concerned are in review",
            counted(summary.keys_left_out, "match key"),
            if summary.keys_left_out == 1 { "was" } else { "were" }
        )?;
    }
    print_decoys(&summary.decoys, several, out)?;
    let rows: u64 = summary.benefit_rows + summary.suppliers.iter().map(|supplier| supplier.rows).sum::<u64>();
    let rate = rows as f64 / summary.seconds.max(1e-9);
    let time = format!("{} ({} a second)", seconds(summary.seconds), counted(rate as u64, "row"));
    let night_of = night_of.as_ref().map_or(String::new(), |night_of| format!(" of the night of {night_of}"));
    match (&summary.run, &summary.folder) {
        (Some(run), Some(folder)) => writeln!(
            out,
            "published run {run}{night_of} in {time}, sums {}, made durable {}\n{}",
            seconds(summary.hashing_seconds),
            seconds(summary.syncing_seconds),
            shown(folder)
        ),
        _ => {
            print_forecast(summary.forecast.as_deref().unwrap_or_default(), several, out)?;
            if let Some(key) = signing_key {
                writeln!(out, "{}", key.sentence())?;
            }
            writeln!(out, "dry run{night_of}: nothing was written; {time}")
        }
    }
}

/// Prints the share of eligible households whose flag is released, and what became of the others.
fn print_match_rates(all: &[MatchRates], out: &mut dyn Write) -> io::Result<()> {
    for MatchRates { scheme, households, .. } in all {
        let whole: u64 = households.values().sum();
        let released = households.get(&EligibleOutcome::Released).copied().unwrap_or(0);
        let name = if all.len() > 1 { format!("{scheme}: ") } else { String::new() };
        let (rate, whole) = (percent(released, whole), counted(whole, "eligible household"));
        writeln!(out, "\n{name}household match rate {rate}: {} of {whole}", count(released))?;
        let others = households.iter().filter(|(outcome, own)| **outcome != EligibleOutcome::Released && **own > 0);
        for (outcome, own) in others {
            writeln!(out, "  {} {}", count(*own), outcome.words())?;
        }
    }
    Ok(())
}

/// Prints how many rebates decisions on the accounts for review are expected to add, and what that takes.
fn print_review(review: &[ReviewBand], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = review.first() else { return Ok(()) };
    let several = review.iter().any(|band| band.scheme != first.scheme);
    let header = ["a decision adds a rebate", "for review", "rebates expected", "decisions for one"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(review.iter().map(|own| {
        let name = if several { format!("{}, {}", own.scheme, own.band) } else { own.band.clone() };
        let decisions = own.decisions_per_rebate.map_or("-".to_owned(), tenths);
        vec![name, count(own.accounts), tenths(own.rebates), decisions]
    }));
    write!(out, "\n{}", table(&rows))
}

/// Prints how often an account of nobody in the benefit records would be flagged.
fn print_decoys(all: &[DecoyFigures], several: bool, out: &mut dyn Write) -> io::Result<()> {
    for DecoyFigures { scheme, decoys, flagged, per_account, .. } in all {
        if several {
            write!(out, "{scheme}: ")?;
        }
        let [share, low, high] = [per_account.share, per_account.low, per_account.high].map(in_100_000);
        let (flagged, decoys) = (count(*flagged), counted(*decoys, "decoy"));
        writeln!(out, "strangers flagged in 100,000 accounts: {share} ({low} to {high}; {flagged} of {decoys})")?;
    }
    Ok(())
}

/// A share as a number in 100,000.
fn in_100_000(share: f64) -> String {
    let number = share * 100_000.0;
    if number > 0.0 && number < 9.95 { format!("{number:.1}") } else { count(number.round() as u64) }
}

/// Prints which flags a run would change, supplier by supplier, with the reasons of the new flags.
fn print_forecast(all: &[Forecast], several: bool, out: &mut dyn Write) -> io::Result<()> {
    let changed: u64 = all.iter().map(Forecast::changed).sum();
    writeln!(out, "\n{} would change, compared with the newest deliveries", counted(changed, "released flag"))?;
    let mut rows = vec![["supplier", "flag", "reason", "accounts"].map(str::to_owned).to_vec()];
    for own in all {
        let name = if several { format!("{}, {}", own.supplier, own.scheme) } else { own.supplier.clone() };
        let mut row = |flag: &str, reason: &str, accounts: u64| {
            if accounts > 0 {
                rows.push(vec![name.clone(), flag.to_owned(), reason.to_owned(), count(accounts)]);
            }
        };
        for (flag, reasons) in [("Y to N", &own.yes_to_no), ("N to Y", &own.no_to_yes), ("new Y", &own.new_yes)] {
            reasons.iter().for_each(|(reason, accounts)| row(flag, reason, *accounts));
        }
        row("new N", if own.first { "first delivery" } else { "" }, own.new_no);
        row("gone, was Y", "", own.gone_yes);
        row("gone, was N", "", own.gone_no);
    }
    if rows.len() > 1 {
        write!(out, "{}", table(&rows))?;
    }
    writeln!(out)
}

/// At most this many unknown references are listed.
const MOST_SHOWN: usize = 20;

/// Prints the references of objections and decisions that nothing in this run's files has.
fn print_unknown_references(unknown: &[UnknownReference], out: &mut dyn Write) -> io::Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let are = if unknown.len() == 1 { "is" } else { "are" };
    writeln!(
        out,
        "{} in objections and decisions {are} not in this run's files",
        counted(unknown.len() as u64, "reference")
    )?;
    for UnknownReference { file, line, column, is_near, .. } in unknown.iter().take(MOST_SHOWN) {
        let near = if *is_near { "; one differs only in capitals or spaces, and is probably meant" } else { "" };
        writeln!(out, "  {file:?}, line {line}: {column} is not known{near}")?;
    }
    if unknown.len() > MOST_SHOWN {
        writeln!(
            out,
            "  and {} more: administrator/rejects.csv lists each",
            count((unknown.len() - MOST_SHOWN) as u64)
        )?;
    }
    Ok(())
}

/// Prints what became of suppliers' reports.
fn print_reports(reports: &[ReportSummary], out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let ReportSummary { supplier, file, rows, outcomes, changed_nothing } = report;
        let nothing = if *changed_nothing { ", and it changed nothing" } else { "" };
        writeln!(out, "exceptions of {supplier}: {file:?} has {}{nothing}", counted(*rows, "row"))?;
        print_outcomes(outcomes, out)?;
    }
    Ok(())
}

/// Lists of lines are cut to about this many letters; `receipts.csv` has them whole.
const SHOWN_OF_LINES: usize = 40;

/// Prints what became of the rows of a supplier's report.
pub(super) fn print_outcomes(outcomes: &[OutcomeSummary], out: &mut dyn Write) -> io::Result<()> {
    for own in outcomes.iter().filter(|own| own.rows > 0) {
        let shown = match own.lines.char_indices().nth(SHOWN_OF_LINES).map(|(at, _)| own.lines[..at].rfind(' ')) {
            Some(Some(end)) => format!("{} ...", &own.lines[..end]),
            _ => own.lines.clone(),
        };
        let cause = if own.cause.is_empty() { String::new() } else { format!("; {}", own.cause) };
        let lines = if own.lines.contains(['-', ' ']) { "lines" } else { "line" };
        writeln!(out, "  {} {}: {lines} {shown}{cause}", count(own.rows), own.name())?;
    }
    Ok(())
}

fn cells(figures: [u64; 6]) -> impl Iterator<Item = String> {
    let [accounts, on_supply, flagged, review, rejected, noted] = figures;
    [
        count(accounts),
        count(on_supply),
        count(flagged),
        percent(flagged, on_supply),
        count(review),
        count(rejected),
        count(noted),
    ]
    .into_iter()
}

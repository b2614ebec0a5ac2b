//! Prints the profile of a job's inputs.

use std::io::{self, Write};

use serde::Serialize;

use super::format::{count, counted, percent, table};
use super::signing::KeyTest;
use crate::pipeline::{HeadlineRhythm, PlannedTable, Profile, SeasonPlan};

/// A profile, and the result of testing the secret key.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    profile: &'a Profile,
    signing_key: Option<KeyTest>,
}

/// Prints a profile, first what a run would hold back.
pub(super) fn print(profile: &Profile, key: Option<KeyTest>, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, &Answer { profile, signing_key: key })?;
        return writeln!(out);
    }
    for held in &profile.held_back {
        writeln!(out, "HELD BACK  {}: {}\n", held.id, held.reason)?;
    }
    for file in &profile.files {
        writeln!(
            out,
            "{}  {}: {}, {} rejected, {} noted",
            file.input,
            file.file,
            counted(file.rows, "row"),
            count(file.rejected),
            count(file.noted)
        )?;
        let filled = file.filled.iter().map(|(column, rows)| vec![format!("  {column}"), percent(*rows, file.rows)]);
        write!(out, "{}", table(&filled.collect::<Vec<_>>()))?;
        for unused in &file.unused_headings {
            let heading = match &unused.heading {
                Some(heading) => format!("{heading:?}"),
                None => "(the heading is not shown: it may be a value)".to_owned(),
            };
            let meant = match unused.nearest {
                Some(column) => format!("; if it is {column}, map it under columns in the job file"),
                None => String::new(),
            };
            writeln!(out, "  not read: column {} {heading}{meant}", unused.position)?;
        }
        for (fault, rows) in &file.faults {
            writeln!(out, "  {fault}: {}", count(*rows))?;
        }
        writeln!(out)?;
    }
    let codes = &profile.benefit_codes;
    let row = |(code, rows): (&String, &u64)| vec![format!("  {code:?}"), count(*rows)];
    writeln!(out, "benefit codes that groups name, with their rows")?;
    write!(out, "{}", table(&codes.named.iter().map(row).collect::<Vec<_>>()))?;
    match &codes.others {
        _ if codes.other_rows == 0 => {}
        Some(others) => {
            writeln!(out, "benefit codes that no group names, with their rows")?;
            write!(out, "{}", table(&others.iter().map(row).collect::<Vec<_>>()))?;
        }
        None => writeln!(
            out,
            "{} rows with other codes, not listed: there are too many, or some are so rare that they may be names",
            count(codes.other_rows)
        )?,
    }
    profile.figures.iter().try_for_each(|plan| season(plan, out))?;
    key.map_or(Ok(()), |key| writeln!(out, "{}", key.sentence()))
}

/// Prints what a season of figures for analysts can show.
fn season(own: &SeasonPlan, out: &mut dyn Write) -> io::Result<()> {
    let SeasonPlan { scheme, accounts, settings, rho, plan } = own;
    writeln!(out, "\nfigures for analysts, scheme {scheme}, about {}", counted(*accounts, "account"))?;
    writeln!(
        out,
        "  season {}: epsilon {}, delta {:e} a household; rho {rho:.3}",
        settings.season, settings.epsilon, settings.delta
    )?;
    let points = |table: &PlannedTable| format!("{:.2}", table.reach * 100.0);
    match plan.rhythm {
        HeadlineRhythm::Never => return writeln!(out, "  none: noise that hides a household would hide all"),
        HeadlineRhythm::Once => {
            let points = points(&plan.headline);
            return writeln!(out, "  the match rate once a season, within {points} points; more would say nothing");
        }
        HeadlineRhythm::Regularly => writeln!(
            out,
            "  the match rate every {} days, {} times, within {} points",
            settings.headline_days,
            settings.headlines,
            points(&plan.headline)
        )?,
    }
    writeln!(
        out,
        "  every {} days, {} times, each share within so many points:",
        settings.detail_days, settings.details
    )?;
    let head = ["  table", "parts", "noise", "points"].map(str::to_owned).to_vec();
    let row = |table: &PlannedTable| {
        let points = if table.is_published { points(table) } else { "left out".to_owned() };
        vec![
            format!("  {}", table.table.as_str()),
            count(table.parts as u64),
            format!("{:.0}", (table.variance as f64).sqrt()),
            points,
        ]
    };
    let rows: Vec<Vec<String>> = [head].into_iter().chain(plan.details.iter().map(row)).collect();
    write!(out, "{}", table(&rows))
}

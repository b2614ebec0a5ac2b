//! Prints the profile of a job's inputs.

use std::io::{self, Write};

use serde::Serialize;

use super::format::{count, counted, percent, table};
use super::signing::KeyTest;
use crate::pipeline::Profile;

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
    key.map_or(Ok(()), |key| writeln!(out, "{}", key.sentence()))
}

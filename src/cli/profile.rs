//! The profile of a job's inputs.

use std::io::{self, Write};

use super::format::{count, percent, table};
use crate::night::Profile;

/// Prints a profile: what a run would hold back first.
pub(super) fn print(profile: &Profile, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, profile)?;
        return writeln!(out);
    }
    for held in &profile.held_back {
        writeln!(out, "HELD BACK  {}: {}\n", held.id, held.reason)?;
    }
    for file in &profile.files {
        writeln!(
            out,
            "{}  {}: {} rows, {} rejected, {} noted",
            file.input,
            file.file,
            count(file.rows),
            count(file.rejected),
            count(file.noted)
        )?;
        let filled = file.filled.iter().map(|(column, rows)| vec![format!("  {column}"), percent(*rows, file.rows)]);
        write!(out, "{}", table(&filled.collect::<Vec<_>>()))?;
        for (fault, rows) in &file.faults {
            writeln!(out, "  {fault}: {}", count(*rows))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

//! `flagmatch synth`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments::Synth;
use super::bar::Bars;
use super::exit::Fault;
use super::format::count;
use crate::synth::{self, Nation, Noise};

/// Writes a nation, and says what is in it.
pub(super) fn run(arguments: &Synth, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let nation = Nation {
        customers: arguments.customers,
        benefits: arguments.benefits,
        suppliers: arguments.suppliers,
        seed: arguments.seed,
        noise: if arguments.harder { Noise::harder() } else { Noise::default() },
    };
    let written = synth::write(&nation, &arguments.out, &Bars::default())?;
    writeln!(
        out,
        "{} customer rows, {} accounts due the rebate; {} benefit rows\nmatch them with: flagmatch run {}",
        count(written.customers),
        count(written.eligible),
        count(written.benefits),
        arguments.out.join("job.toml").display()
    )?;
    Ok(ExitCode::SUCCESS)
}

//! Runs `flagmatch synth`.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use super::arguments::Synth;
use super::bar::Bars;
use super::exit::Fault;
use super::format::counted;
use super::log::LogSettings;
use super::read_or_not;
use crate::synth::{self, Nation, Noise};
use crate::text::shown;

/// Writes a synthetic nation, and prints what is in it.
pub(super) fn run(arguments: &Synth, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let mut noise = if arguments.harder { Noise::harder() } else { Noise::default() };
    for (number, (name, share)) in arguments.rates.iter().enumerate() {
        if arguments.rates[..number].iter().any(|(other, _)| other == name) {
            return Err(Fault::Usage(format!("--rate names {name} twice: name it once")));
        }
        if let Some(rate) = noise.rate(name) {
            *rate = *share;
        }
    }
    let nation = Nation {
        customers: arguments.customers,
        benefits: arguments.benefits,
        suppliers: arguments.suppliers,
        seed: arguments.seed,
        noise,
    };
    let written = synth::write(&nation, &arguments.out, &Bars::new(log))?;
    let job = arguments.out.join("job.toml");
    read_or_not(match arguments.json {
        true => {
            let answer = json!({
                "job": job,
                "customer_rows": written.customers,
                "eligible_accounts": written.eligible,
                "benefit_rows": written.benefits,
            });
            writeln!(out, "{answer:#}")
        }
        false => writeln!(
            out,
            "{}, {}; {}\nmatch them with: flagmatch run {}",
            counted(written.customers, "customer row"),
            counted(written.eligible, "eligible account"),
            counted(written.benefits, "benefit row"),
            shown(&job)
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

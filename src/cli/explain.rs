//! `flagmatch explain`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments::Explain;
use super::bar::Bars;
use super::exit::Fault;
use super::log::LogFormat;
use super::{read_or_not, told_of_held_back};
use crate::job::Job;
use crate::night::{self, Explained};

/// Explains one account, in levels and weights, for the administrator.
pub(super) fn run(arguments: &Explain, log: LogFormat, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = Job::read(&arguments.job)?;
    let explained = night::explain(&job, &arguments.supplier, &arguments.customer, &Bars::until_stopped(log)?)?;
    let explanation = match explained {
        Explained::Account(explanation) => explanation,
        Explained::NoSuchAccount => {
            return Err(Fault::Usage("--customer: the supplier has no account of that reference".to_owned()));
        }
        Explained::HeldBack(held) => return Ok(told_of_held_back(&[held])),
    };
    let text = if arguments.json {
        format!("{:#}\n", serde_json::json!(explanation))
    } else if arguments.html {
        explanation.to_html()?
    } else {
        explanation.to_text()
    };
    read_or_not(out.write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

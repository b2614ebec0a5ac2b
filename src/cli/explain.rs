//! Runs `flagmatch explain`.

use std::io::Write;
use std::process::ExitCode;

use super::arguments::Explain;
use super::bar::Bars;
use super::exit::Fault;
use super::log::LogSettings;
use super::private_file::write_page;
use super::{exit_of_undelivered, read_job_with_output, read_or_not};
use crate::pipeline::{self, ClaimExplained, Explained};

/// Explains one account or one claim, in levels and weights, for the administrator.
pub(super) fn run(arguments: &Explain, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job_with_output(&arguments.job, arguments.out.as_deref())?;
    let bars = Bars::until_stopped(log)?;
    let has_page = arguments.html.is_some();
    let (text, json, page) = match (&arguments.claim, &arguments.supplier, &arguments.customer) {
        (Some(claim), ..) => match pipeline::explain_claim(&job, claim, &bars)? {
            ClaimExplained::Claim(own) => (own.to_text(), serde_json::json!(own), has_page.then(|| own.to_html())),
            ClaimExplained::NoSuchClaim => {
                let fault = "--claim: the benefit files have no claim with that reference (capitals and spaces count)";
                return Err(Fault::Usage(fault.to_owned()));
            }
        },
        (None, Some(supplier), Some(customer)) => match pipeline::explain(&job, supplier, customer, &bars)? {
            Explained::Account(own) => {
                (own.to_text(), serde_json::json!(own), has_page.then(|| own.to_html()).transpose()?)
            }
            Explained::NoSuchAccount => {
                let fault = "--customer: the supplier has no account with that reference (capitals and spaces count)";
                return Err(Fault::Usage(fault.to_owned()));
            }
            Explained::RejectedSupplier(held) => return Ok(exit_of_undelivered(&[held], false)),
        },
        (None, ..) => return Err(Fault::Usage("name an account (--supplier, --customer) or a --claim".to_owned())),
    };
    if let (Some(file), Some(page)) = (&arguments.html, &page) {
        write_page(file, page)?;
    }
    let answer = if arguments.json { format!("{json:#}\n") } else { text };
    read_or_not(out.write_all(answer.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

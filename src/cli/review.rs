//! Runs `flagmatch review`.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::arguments::Review;
use super::bar::Bars;
use super::exit::Fault;
use super::log::LogSettings;
use super::{passphrase, read_job, read_or_not};
use crate::desk::{Address, Desk, DeskOptions};
use crate::job::Job;
use crate::passphrase_hash;

/// Offers the page until a signal ends it.
pub(super) fn run(arguments: &Review, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    if let Some(id) = &arguments.new_reviewer {
        return new_reviewer(id, arguments.passphrase_fd, out);
    }
    let Some(job) = &arguments.job else { return Err(Fault::Usage("name a job".to_owned())) };
    let job = read_job(job, arguments.out.as_deref())?;
    let scheme = arguments.scheme.as_deref().map(|wanted| scheme(&job, wanted)).transpose()?;
    // All requests need the job until the process ends.
    let job: &'static Job = Box::leak(Box::new(job));
    let minutes = arguments.idle.unwrap_or(job.review.idle_minutes);
    let options = DeskOptions {
        suppliers: arguments.suppliers.clone(),
        scheme,
        port: arguments.port,
        idle: Duration::from_secs(60 * u64::from(minutes)),
        user: user(),
    };
    let bars = Bars::until_stopped(log)?;
    let desk = Desk::prepare(job, &options, &bars)?;
    tracing::info!(
        cases = desk.cases(),
        port = desk.port(),
        "the page is ready; press Enter for a new address, Ctrl+C to end"
    );
    let lines = lines();
    let mut print = |addresses: Vec<Address>| read_or_not(say(&addresses, arguments.json, out));
    print(desk.addresses()?)?;
    desk.serve(&bars, |desk| {
        let is_asked = lines.try_iter().count() > 0;
        let printed = is_asked.then(|| desk.addresses().map_err(Fault::from).and_then(|own| Ok(print(own)?)));
        if let Some(Err(fault)) = printed {
            tracing::error!("{fault}");
        }
    })?;
    tracing::info!("the page has ended; what was confirmed is kept");
    Ok(ExitCode::SUCCESS)
}

fn say(addresses: &[Address], json: bool, out: &mut dyn Write) -> io::Result<()> {
    for Address { reviewer, address } in addresses {
        if json {
            writeln!(out, "{}", serde_json::json!({ "reviewer": reviewer, "address": address }))?;
        } else {
            writeln!(out, "{reviewer}: {address}")?;
        }
    }
    out.flush()
}

/// Receives a message for each line of standard input.
fn lines() -> Receiver<()> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // At the end of input nobody asks for addresses any more.
        for _line in io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(()).is_err() {
                return;
            }
        }
    });
    receive
}

/// The user who runs this process, by name if the system has one.
fn user() -> String {
    let id = rustix::process::getuid().as_raw();
    let known = std::fs::read_to_string("/etc/passwd").ok().and_then(|text| {
        let own = text.lines().find(|line| line.split(':').nth(2) == Some(&id.to_string()))?;
        Some(own.split(':').next()?.to_owned())
    });
    // A directory service may know the name; the number says who it is, too.
    known.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("user-{id}"))
}

fn scheme(job: &Job, wanted: &str) -> Result<usize, Fault> {
    let ids: Vec<&str> = job.schemes.iter().map(|scheme| scheme.id.as_str()).collect();
    let place = ids.iter().position(|id| *id == wanted);
    place.ok_or_else(|| Fault::Usage(format!("the job has no scheme {wanted:?}; it has {}", ids.join(", "))))
}

/// Prints the section of a new reviewer for the job file.
fn new_reviewer(id: &str, descriptor: Option<u32>, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let passphrase = passphrase::of_new_key(descriptor)?;
    let hash = passphrase_hash::hash(passphrase.as_text()).map_err(crate::desk::DeskError::Random)?;
    read_or_not(writeln!(out, "[[review.reviewer]]\nid = {id:?}\npassphrase = {hash:?}"))?;
    Ok(ExitCode::SUCCESS)
}

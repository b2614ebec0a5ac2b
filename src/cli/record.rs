//! Runs `flagmatch record`.

use std::io::Write;
use std::process::ExitCode;

use serde_json::{Map, json};

use super::arguments::{PublicRecord, Record};
use super::exit::Fault;
use super::{read_job, read_or_not};
use crate::report::{data_share, transparency};

pub(super) fn run(arguments: &Record, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let job = read_job(&arguments.job, None)?;
    let all =
        [("atrs", PublicRecord::Atrs, transparency(&job)), ("register", PublicRecord::Register, data_share(&job))];
    let drafts: Vec<_> = all.iter().filter(|(_, kind, _)| arguments.only.is_none_or(|only| only == *kind)).collect();
    read_or_not(if arguments.json {
        let drafts: Map<_, _> = drafts.iter().map(|(name, _, draft)| ((*name).to_owned(), json!(draft))).collect();
        writeln!(out, "{:#}", json!(drafts))
    } else {
        let pages: Vec<String> = drafts.iter().map(|(_, _, draft)| draft.markdown()).collect();
        out.write_all(pages.join("\n").as_bytes())
    })?;
    Ok(ExitCode::SUCCESS)
}

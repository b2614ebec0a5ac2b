//! Runs `flagmatch completions` and `flagmatch man`, which follow from the declared arguments.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;

use super::arguments::{Arguments, Completions, Man};
use super::exit::Fault;
use super::read_or_not;

pub(super) fn completions(arguments: &Completions, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    // Generate into memory first: the generator takes a closed pipe for a bug.
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "flagmatch", &mut text);
    read_or_not(out.write_all(&text))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn pages(arguments: &Man) -> Result<ExitCode, Fault> {
    let unwritable = |source: io::Error| Fault::Unwritable { file: arguments.folder.clone(), source };
    std::fs::create_dir_all(&arguments.folder).map_err(unwritable)?;
    clap_mangen::generate_to(Arguments::command(), &arguments.folder).map_err(unwritable)?;
    Ok(ExitCode::SUCCESS)
}

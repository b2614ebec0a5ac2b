//! Runs a job from a Rust program, and reads the summary.
//!
//!     cargo run --release --example run_a_job -- sample-data/job.toml

// An example prints.
#![allow(clippy::print_stdout)]

use std::error::Error;

use flagmatch::job::Job;
use flagmatch::pipeline::{self, Options};
use flagmatch::progress::Unwatched;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give a job file")?;
    let job = Job::read(path.as_ref())?;
    // A dry run matches and judges, and writes nothing.
    let options = Options { dry_run: true, ..Options::default() };
    let summary = pipeline::run(&job, &options, &Unwatched)?;

    println!("{} accounts of {} suppliers", summary.accounts(), summary.suppliers.len());
    for supplier in &summary.suppliers {
        for scheme in &supplier.schemes {
            println!("{} {}: {} Y, {} in review", supplier.id, scheme.id, scheme.flagged, scheme.review);
        }
    }
    for held in &summary.held_back {
        println!("{} is held back: {}", held.id, held.reason);
    }
    Ok(())
}

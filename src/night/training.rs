//! Weights trained on a job's own inputs: in goes a job, out comes the text of a weights file.

use std::fmt::Write;

use super::error::NightError;
use super::matched::{Keep, match_all};
use super::supplier::HeldSupplier;
use super::watch::Watch;
use super::{Options, matched::held};
use crate::job::Job;
use crate::matching;
use crate::progress::Progress;

/// What training gave.
#[derive(Debug)]
pub struct Trained {
    /// The weights file's text: m and u per level, and no name of anybody.
    pub text: String,
    /// Suppliers whose files could not be used.
    pub held_back: Vec<HeldSupplier>,
}

/// Estimates match weights from a job's inputs, without truth. The same inputs give the same text.
///
/// # Errors
/// As for a [run](super::run).
pub fn train(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Trained, NightError> {
    let matched = match_all(job, options, Keep::Candidates, &Watch::new(progress))?;
    progress.begin("train", 0);
    let holders: Vec<_> = matched.suppliers.iter().flat_map(|supplier| supplier.read.accounts.all_holders()).collect();
    let matcher = &matched.shared.matcher;
    let weights = matching::train(&holders, matcher.persons(), matcher.weights());
    progress.end();
    let mut text = String::new();
    let _infallible = writeln!(
        text,
        "# Match weights for flagmatch: of true pairs the share m, of chance pairs the share u that show a level.\n\
         # Estimated by flagmatch {} from the candidates of {} holders and {} persons, without truth.",
        env!("CARGO_PKG_VERSION"),
        holders.len(),
        matcher.persons().count()
    );
    text.push_str(&weights.table().to_toml());
    Ok(Trained { text, held_back: held(&matched) })
}

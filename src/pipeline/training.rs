//! Estimates match weights from a job's own inputs, and writes them as the text of a weights file.

use std::fmt::Write;

use crate::job::Job;
use crate::matching;
use crate::pipeline::Options;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::shared_inputs::Keep;
use crate::pipeline::judging::judge_all::match_all;
use crate::pipeline::judging::matched::held;
use crate::pipeline::stage_timer::StageTimer;
use crate::progress::Progress;
use crate::release::run_record::HeldSupplier;

/// The result of training.
#[derive(Debug)]
pub struct Trained {
    /// The weights file's text: m and u for each comparison level, and no personal data.
    pub text: String,
    /// Suppliers whose files could not be used.
    pub held_back: Vec<HeldSupplier>,
}

/// Estimates match weights from a job's inputs, without known true pairs. The same inputs give the same text.
///
/// # Errors
/// As for a [run](crate::pipeline::run).
pub fn train(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Trained, PipelineError> {
    let matched = match_all(job, options, Keep::Candidates, &StageTimer::new(progress))?;
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

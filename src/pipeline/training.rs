//! Estimates match weights from a job's own inputs, and writes them as the text of a weights file.

use std::fmt::Write;

use crate::job::Job;
use crate::matching::{self, Correlation, Estimates, Weights};
use crate::pipeline::Options;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::shared_inputs::{Keep, relatives};
use crate::pipeline::judging::judge_all::match_all;
use crate::pipeline::judging::matched::undelivered;
use crate::pipeline::stage_timer::StageTimer;
use crate::progress::Progress;
use crate::release::run_record::UndeliveredSupplier;

/// The result of training.
#[derive(Debug)]
pub struct Trained {
    /// The weights file's text: m and u for each comparison level, and no personal data.
    pub text: String,
    /// Suppliers whose files could not be used.
    pub held_back: Vec<UndeliveredSupplier>,
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
    let accounts = matched.suppliers.iter().map(|supplier| supplier.read.accounts.count() as u64).sum();
    let mut shared = Vec::new();
    for accounts in matched.suppliers.iter().map(|supplier| &supplier.read.accounts) {
        for account in accounts.each(0..accounts.count()) {
            if let [first, second, ..] = account.holders(0)[..] {
                shared.push([first.candidates, second.candidates]);
            }
        }
    }
    let (persons, model) = (matcher.persons(), matcher.model());
    let found = matching::train(&holders, &shared, accounts, persons, model, &relatives(job)?);
    progress.end();
    let mut text = String::new();
    let _infallible = writeln!(
        text,
        "# Match weights for flagmatch: of true pairs the share m, of chance pairs the share u that show a level.\n\
         # Estimated by flagmatch {} from the candidates of {} holders and {} persons, without truth.",
        env!("CARGO_PKG_VERSION"),
        holders.len(),
        persons.count()
    );
    describe(&mut text, &found, model.weights());
    text.push_str(&found.weights.table().to_toml());
    Ok(Trained { text, held_back: undelivered(&matched) })
}

/// Appends what moved, as comments: how far, on how many pairs, what sits at a bound, and which fields err together.
fn describe(text: &mut String, found: &Estimates, before: &Weights) {
    const NOTABLE: f64 = 1.25;
    let _infallible =
        writeln!(text, "#\n# m rests on {:.0} true pairs, as the sum of their posteriors.", found.true_pairs);
    for moved in found.weights.table().moved(before.table(), NOTABLE) {
        let _infallible = writeln!(text, "# {} {}: {:.6} -> {:.6}", moved.figure, moved.name, moved.before, moved.now);
    }
    for figure in &found.at_bound {
        let _infallible = writeln!(text, "# At its bound: {figure}.");
    }
    match found.correlations.is_empty() {
        true => text.push_str("# No two fields err together more often than by chance.\n"),
        false => text.push_str("# Fields that err together, which the weights take for independent:\n"),
    }
    for Correlation { fields: [one, other], phi, pairs } in &found.correlations {
        let _infallible = writeln!(text, "# {one} and {other}: correlation {phi:+.2} over {pairs:.0} pairs");
    }
}

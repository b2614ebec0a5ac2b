//! The night's work: in goes a job, out comes a published run and a summary of it.
//!
//! This room calls the others in the order of the data: it reads the [shared inputs](shared) (benefits,
//! properties, objections, decisions), then each [supplier's files](supplier), whose holders are matched
//! as they are read, judges every account, settles them against each other, and publishes what came out.

mod absolute_gates;
mod accounts;
mod allocation;
mod analyst;
mod bands;
mod benefit_counts;
mod benefit_rows;
mod by_hand;
mod check;
mod customer_rows;
mod decided;
mod decision_rows;
mod details;
mod error;
pub(crate) mod exceptions;
mod explain;
mod explain_claim;
mod explain_rebate;
mod file_owners;
mod first_rows;
mod forecast;
mod gate_settings;
mod gates;
mod gating;
mod held;
mod identity;
mod lookout;
mod matched;
mod mentions;
mod objection_rows;
mod outcomes;
mod probing;
mod publish;
mod rates;
mod record;
mod released;
mod row_part;
mod shared;
mod sightings;
mod summary;
mod supplier;
mod training;
mod usable_fields;
mod verdicts;
mod waiting;
mod watch;

use std::path::PathBuf;
use std::time::SystemTime;

use analyst::Analyst;
pub use by_hand::{ByHandError, HeldDelivery, ReleasedByHand};
pub use check::{BenefitCodes, FileProfile, Profile, check};
pub(crate) use customer_rows::Traits;
pub use error::NightError;
pub use explain::{
    CandidateExplanation, Explained, Explanation, FieldExplanation, HolderExplanation, SchemeExplanation, explain,
};
pub use explain_claim::{
    AccountOnClaim, ClaimExplained, ClaimExplanation, ClaimInScheme, FoundPerson, GroupConditions, PersonOnClaim,
    explain_claim,
};
pub use explain_rebate::{OtherAccount, RebateExplanation};
pub use forecast::Forecast;
pub use gates::Finding;
pub(crate) use matched::{Keep, Matched, SupplierMatch, match_all};
pub use summary::{SchemeSummary, Summary, SupplierSummary, UnknownReference};
pub use supplier::{HeldBack, HeldSupplier};
pub use training::{Trained, train};
pub(crate) use watch::Watch;
pub use watch::{Stage, StageTime};

use lookout::LookFor;
use matched::{Changes, judge_all};
use record::Sums;

use jiff::civil::Date;

use crate::job::Job;
use crate::ledger::{self, History, Ledger};
use crate::progress::Progress;
use crate::release::{Published, Signer, Staging};

/// Makes the analyst's page from the `analyst` folders of earlier runs and, the last, tonight's; or says why
/// not.
pub type PageMaker = fn(&[PathBuf]) -> Result<String, String>;

/// What a run is asked to do beside its job.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The ids of the suppliers to match; all of the job's where empty.
    pub suppliers: Vec<String>,
    /// Match and judge, but publish nothing and write nothing.
    pub dry_run: bool,
    /// The date that the night is of. A job with release days needs it: what is released may depend on what is
    /// said, and never on the clock.
    pub night_of: Option<Date>,
    /// What deliveries are signed with, where the job names a secret key.
    pub signer: Option<Signer>,
    /// Who makes `analyst/report.html`; where nobody does, there is none.
    pub page: Option<PageMaker>,
}

/// Matches a job and publishes the run.
///
/// # Errors
/// [`NightError`] where nothing could be released: a shared input is refused, no supplier is left, or the
/// output cannot be written. What is wrong with one supplier's files is no error but part of the summary.
pub fn run(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Summary, NightError> {
    let begun = SystemTime::now();
    let watch = Watch::new(progress);
    // What is missing of what was to be said is to be known before anything is read or written.
    let changes = changes(job, options)?;
    if options.dry_run {
        let published = Published::latest(&job.output)?;
        published.iter().try_for_each(|published| published.is_not_ahead_of(begun))?;
        watch.time(Stage::CheckPublished, || ledger::check_published(&job.output, published.as_ref()))?;
        let history = History::read(&job.output)?;
        let tonight = Tonight { date: gating::day(begun), changes };
        let (matched, _) = gated(job, options, Keep::Verdicts, published.as_ref(), &history, tonight, &watch)?;
        let forecast = forecast::forecast(&matched, published.as_ref())?;
        watch.log_stages();
        return Ok(Summary { forecast: Some(forecast), ..Summary::of(&matched, begun).timed(watch.stages()) });
    }
    // A misspelt supplier is to be known before anything is written.
    matched::wanted(job, options)?;
    if options.signer.is_none() && job.signing_key.is_some() {
        return Err(NightError::NoSigner);
    }
    let known = || Ok::<_, NightError>(Ledger::newest_known(&job.output)?);
    let mut staging = Staging::begin_after(&job.output, begun, known)?;
    if let Some(signer) = &options.signer {
        staging = staging.signed_by(signer.clone(), &job.signing_job);
    }
    tracing::Span::current().record("run", tracing::field::display(staging.run_id()));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), suppliers = job.current_suppliers().count(), "run begun");
    // A kill may have fallen between the last publication and the ledger's commit.
    let ledger_head = ledger::begin(&job.output, begun)?;
    let published = Published::latest(&job.output)?;
    watch.time(Stage::CheckPublished, || ledger::check_published(&job.output, published.as_ref()))?;
    let history = History::read(&job.output)?;
    let tonight = Tonight { date: staging.run_id().date()?, changes };
    let (matched, sums) = gated(job, options, Keep::Verdicts, published.as_ref(), &history, tonight, &watch)?;
    let summary = Summary::of(&matched, begun);
    let analyst = Analyst::read(published.as_ref(), options.page)?;
    publish::publish(&matched, &sums, &analyst, staging, summary, &ledger_head, &watch)
}

/// Whether changed flags of unchanged accounts go out tonight.
fn changes(job: &Job, options: &Options) -> Result<Changes, NightError> {
    let Some(changes) = &job.changes else { return Ok(Changes::GoOut) };
    let night_of = options.night_of.ok_or(NightError::WhichNight)?;
    Ok(if changes.are_released_on(night_of) { Changes::GoOut } else { Changes::Wait })
}

/// What the day has a say in: gates that know dates, and flags that wait for a release day.
#[derive(Clone, Copy)]
struct Tonight {
    date: Date,
    changes: Changes,
}

/// Matches a job's suppliers, lets the gates look at each, and settles what goes out and what is held back
/// against each other.
fn gated<'a>(
    job: &'a Job,
    options: &Options,
    keep: Keep,
    published: Option<&Published>,
    history: &History,
    tonight: Tonight,
    watch: &Watch<'_>,
) -> Result<(Matched<'a>, Sums), NightError> {
    let is_asked = job.probing.is_some() || job.changes.is_some();
    let look_for = is_asked.then_some(LookFor { probing: job.probing.as_ref(), published });
    let mut matched = judge_all(job, options, published, look_for, keep, watch)?;
    let sums = watch.time(Stage::SumInputs, || Sums::of(&mut matched, watch.progress()))?;
    gating::examine(&mut matched, &sums, history, tonight.date);
    watch.time(Stage::Settle, || matched.settle(published, tonight.changes))?;
    Ok((matched, sums))
}

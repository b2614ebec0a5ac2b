//! Runs a job: reads the inputs, matches, judges, allocates and publishes.
//!
//! The steps follow the data. A run reads the shared inputs (benefits, properties, objections, decisions,
//! exceptions), then each supplier's files, and matches their holders on the way. Then it judges every account,
//! allocates the rebates, and publishes the result.

mod accounts;
mod allocation;
pub(crate) mod casework;
mod check;
mod error;
mod explain;
mod figures;
mod forecast;
mod gates;
mod inputs;
mod judging;
mod night_of;
mod notice;
mod preparing;
mod publishing;
mod quarantine;
pub(crate) mod receipts;
mod rejected_supplier;
mod review;
mod stage_timer;
mod summary;
mod tables;
mod training;

use std::path::PathBuf;
use std::time::SystemTime;

pub(crate) use accounts::traits::Traits;
pub use check::{BenefitCodes, FileProfile, Profile, SeasonPlan, check};
pub use error::PipelineError;
pub use explain::account::{
    CandidateExplanation, Explained, Explanation, FieldExplanation, HolderExplanation, SchemeExplanation, explain,
};
pub use explain::claim::{
    AccountOnClaim, ClaimExplained, ClaimExplanation, ClaimInScheme, FormerAccount, FoundPerson, GroupConditions,
    PersonOnClaim, explain_claim,
};
pub use explain::rebate::{OtherAccount, RebateExplanation};
pub(crate) use inputs::exceptions;
pub(crate) use inputs::input_file::identities;
pub(crate) use inputs::shared_inputs::Keep;
pub(crate) use judging::judge_all::match_all;
pub(crate) use judging::matched::{Matched, SupplierMatch};
pub use preparing::{
    FaultLine, FileFigures, InTheWay, Layout, LayoutError, PrepareError, PrepareOptions, Prepared, PreparedFile,
    prepare,
};
use publishing::administrator_page::AdministratorPage;
use publishing::analyst::Analyst;
use publishing::publish::Pages;
pub use quarantine::manual_release::{ManualRelease, ManualReleaseError, QuarantinedDelivery};
pub use rejected_supplier::RejectedSupplier;
pub use stage_timer::Stage;
pub(crate) use stage_timer::StageTimer;
pub use training::{Trained, train};

use accounts::change_detection::DetectionInputs;
use allocation::apply::Changes;
use figures::Figures;
use judging::judge_all::judge_all;

use jiff::civil::Date;

use crate::job::Job;
use crate::ledger::{self, History, Ledger};
pub use crate::privacy::plan::{HeadlineRhythm, Plan, PlannedTable};
use crate::progress::Progress;
pub use crate::release::Signer;
pub use crate::release::run_record::{
    Comparisons, DecoyFigures, Estimate, Finding, Forecast, MatchRates, OutcomeSummary, ReportSummary, ReviewBand,
    SchemeSummary, StageTime, Summary, SupplierSummary, UndeliveredSupplier, UnknownReference, UnseenFigures,
};
use crate::release::{Published, Staging};

/// Makes the analyst's page from the `analyst` folders of earlier runs and, as the last, tonight's. An `Err`
/// says why it cannot.
pub type PageMaker = fn(&[PathBuf]) -> Result<String, String>;

/// The layout file for a supplier of a job, with which it checks and prepares its own files.
///
/// # Errors
/// [`PipelineError::UnknownSupplier`], or [`PipelineError::Identity`] if the job's identity cannot be used.
pub fn layout(job: &Job, supplier: &str) -> Result<Layout, PipelineError> {
    let found = job.current_suppliers().find(|own| own.id == supplier).ok_or_else(|| {
        let known = job.current_suppliers().map(|own| own.id.as_str()).collect::<Vec<_>>().join(", ");
        PipelineError::UnknownSupplier { id: supplier.to_owned(), known }
    })?;
    Ok(Layout::new(job, found, identities(job)?.as_ref()))
}

/// Makes the administrator's page from tonight's run id, its record, as JSON, and the folders of earlier runs and, as
/// the last, tonight's. An `Err` says why it cannot.
pub type AdministratorPageMaker = fn(&str, &str, &[PathBuf]) -> Result<String, String>;

/// Options of a run, beside its job.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The ids of the suppliers to match. If empty, all of the job's.
    pub suppliers: Vec<String>,
    /// Match and judge, but publish nothing and write nothing.
    pub dry_run: bool,
    /// The run's date. A job with release days needs it: what is released may depend on a stated date, and
    /// never on the clock.
    pub night_of: Option<Date>,
    /// Signs deliveries, if the job names a secret key.
    pub signer: Option<Signer>,
    /// Makes `analyst/report.html`. `None` if there is to be no report.
    pub page: Option<PageMaker>,
    /// Makes `administrator/report.html`. `None` if there is to be no report.
    pub administrator_page: Option<AdministratorPageMaker>,
}

/// Matches a job and publishes the run.
///
/// # Errors
/// [`PipelineError`] if nothing could be released: a shared input is refused, no supplier is left, or the
/// output cannot be written. Problems in one supplier's files are no error: the summary lists them.
pub fn run(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Summary, PipelineError> {
    let begun = SystemTime::now();
    let timer = StageTimer::new(progress);
    // Check the options before reading or writing any file.
    night_of::is_not_far_ahead(options.night_of, crate::date::day(begun))?;
    let changes = changes(job, options)?;
    if options.dry_run {
        let tonight = Tonight::begin(job, options, crate::date::day(begun), &timer)?;
        tonight.published.iter().try_for_each(|published| published.is_not_ahead_of(begun))?;
        let matched = tonight.allocated(job, Keep::Verdicts, changes)?;
        let forecast = forecast::forecast(&matched, tonight.published.as_ref())?;
        timer.log_stages();
        let figures = timer.time(Stage::Count, || Figures::count(&matched));
        return Ok(Summary {
            forecast: Some(forecast),
            ..Summary::new(&matched, &figures, begun).timed(timer.stages())
        });
    }
    // Find a misspelt supplier id before writing anything.
    judging::judge_all::wanted(job, options)?;
    if options.signer.is_none() && job.signing_key.is_some() {
        return Err(PipelineError::NoSigner);
    }
    let known = || Ok::<_, PipelineError>(Ledger::newest_known(&job.output)?);
    let mut staging = Staging::begin_after(&job.output, begun, known)?;
    if let Some(signer) = &options.signer {
        staging = staging.signed_by(signer.clone(), &job.signing_job);
    }
    tracing::Span::current().record("run", tracing::field::display(staging.run_id()));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), suppliers = job.current_suppliers().count(), "run begun");
    // The last run may have been killed between its publication and the ledger's commit.
    let ledger_head = ledger::begin(&job.output, begun)?;
    let tonight = Tonight::begin(job, options, staging.run_id().date()?, &timer)?;
    let published = tonight.published.as_ref();
    let analyst = Analyst::read(job, published, options.night_of.unwrap_or(tonight.date), options.page)?;
    let keep = if analyst.is_due() { Keep::ForTables } else { Keep::Verdicts };
    let judged = tonight.judged(job, keep);
    if let Err(PipelineError::NothingReleased(all)) = &judged {
        let notices = staging.notices();
        all.iter().for_each(|(supplier, why)| notice::to_rejected(supplier, why, &notices));
    }
    let mut matched = judged?;
    // Tables for analysts show the match alone. Counted before rebates are allocated, candidates and rebates are never
    // in memory together.
    let due = timer.time(Stage::Count, || analyst.count(&matched));
    matched.forget_candidates();
    timer.time(Stage::Allocate, || matched.allocate(published, changes))?;
    let administrator = AdministratorPage::new(published, options.administrator_page)?;
    let pages = Pages { analyst, due, administrator };
    publishing::publish::publish(matched, &pages, staging, begun, &ledger_head, &timer)
}

/// Whether changed flags of unchanged accounts go out tonight.
fn changes(job: &Job, options: &Options) -> Result<Changes, PipelineError> {
    let Some(changes) = &job.changes else { return Ok(Changes::GoOut) };
    let night_of = options.night_of.ok_or(PipelineError::WhichNight)?;
    Ok(if changes.are_released_on(night_of) { Changes::GoOut } else { Changes::Wait })
}

/// What a run compares its inputs with.
struct Tonight<'r> {
    options: &'r Options,
    published: Option<Published>,
    history: History,
    /// The run's date, for gates that check dates.
    date: Date,
    timer: &'r StageTimer<'r>,
}

impl<'r> Tonight<'r> {
    /// Reads the last run and the history of a job, and checks that they fit each other.
    fn begin(job: &Job, options: &'r Options, date: Date, timer: &'r StageTimer<'r>) -> Result<Self, PipelineError> {
        let published = Published::latest(&job.output)?;
        timer.time(Stage::CheckPublished, || ledger::check_published(&job.output, published.as_ref()))?;
        night_of::warn_of_leap(options.night_of, published.as_ref())?;
        Ok(Tonight { options, published, history: History::read(&job.output)?, date, timer })
    }

    /// Matches a job's suppliers, and applies the gates to each. Gates come before allocation, which needs to know
    /// which deliveries go out.
    fn judged<'a>(&self, job: &'a Job, keep: Keep) -> Result<Matched<'a>, PipelineError> {
        let Tonight { options, history, date, timer, .. } = self;
        let published = self.published.as_ref();
        let is_asked = job.probing.is_some() || job.changes.is_some();
        let look_for = is_asked.then_some(DetectionInputs { probing: job.probing.as_ref(), published });
        let mut matched = judge_all(job, options, published, look_for, keep, keep.is_for_publishing(), timer)?;
        gates::gate_inputs::examine(&mut matched, history, *date);
        timer.time(Stage::ReadShared, || receipts::give(&mut matched, published, *date))?;
        Ok(matched)
    }

    /// The same, with the rebates allocated.
    fn allocated<'a>(&self, job: &'a Job, keep: Keep, changes: Changes) -> Result<Matched<'a>, PipelineError> {
        let mut matched = self.judged(job, keep)?;
        self.timer.time(Stage::Allocate, || matched.allocate(self.published.as_ref(), changes))?;
        Ok(matched)
    }
}

//! Reads the inputs that all suppliers share: benefit records, energy scores, objections, exceptions and
//! staff's decisions.
//!
//! They give the persons to match against, and what is known of their claims.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::date::Date;
use crate::intake::{
    self, BENEFITS, Column, Consumer, DECISIONS, Fault, FaultKind, FaultReason, Faults, Identities, OBJECTIONS,
    PROPERTIES, ReadSettings, Row, Table, UnusedHeading,
};
use crate::job::{Job, Relatives, Scheme, Source};
use crate::matching::{Crowded, MOST_ROWS, Matcher, Model, Persons, RelativesTable, RunKey, Weights};
use crate::memory;
use crate::normalise::uprn::{self, Uprn};
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::benefit_counts::BenefitCounts;
use crate::pipeline::inputs::benefit_rows::{BenefitRows, PlaceholderNotes};
use crate::pipeline::inputs::decision_rows::DecisionConsumer;
use crate::pipeline::inputs::exceptions::{self, ExceptionFile, Report};
use crate::pipeline::inputs::identity;
use crate::pipeline::inputs::input_file::{DECISIONS_INPUT, InputFile, OBJECTIONS_INPUT, column_map, identities};
use crate::pipeline::inputs::objection_rows::ObjectionConsumer;
use crate::pipeline::inputs::released::Released;
use crate::pipeline::inputs::unknown_references::Mentions;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::Published;
use crate::scheme::{
    Awards, ClaimEligibilities, CurrentRows, Decisions, EnergyScores, ExceptionKind, Exceptions, GroupIndex,
    Households, ObjectionRows, Objections, PropertyRows, SchemeView,
};

/// Refuses a shared file if more of its rows were rejected than the limit allows. One rejected objection is too
/// many, and so is one decision on a supplier that the job does not name.
pub(crate) fn if_refused(input: &'static str, file: &InputFile, reject_limit: f64) -> Result<(), PipelineError> {
    let Some(fault) = file.first_reject() else { return Ok(()) };
    if input == OBJECTIONS_INPUT {
        let (line, reason) = (fault.line, fault.reason.to_string());
        return Err(PipelineError::UnreadableObjection { file: file.path.clone(), line, reason });
    }
    let is_of_nobody = |fault: &&Fault| fault.kind == FaultKind::Reject && fault.reason == FaultReason::UnknownSupplier;
    if input == DECISIONS_INPUT
        && let Some(fault) = file.faults.iter().find(is_of_nobody)
    {
        return Err(PipelineError::DecisionOnNobody { file: file.path.clone(), line: fault.line });
    }
    file.refused(reject_limit).map_or(Ok(()), |rows| Err(PipelineError::TooManyRejects { input, rows }))
}

/// Refuses objections and decisions with an unknown heading that may be a misspelt column: somebody's objection
/// would be ignored. Columns that only say who decided, and why, do not count.
pub(crate) fn if_misheaded(input: &'static str, file: &Path, unused: &[UnusedHeading]) -> Result<(), PipelineError> {
    let decides = |column: &&str| ![Column::DecidedBy, Column::Reason].map(Column::name).contains(column);
    let mut meant = unused.iter().filter_map(|heading| Some((heading.position, heading.nearest.filter(decides)?)));
    match meant.next().filter(|_| [OBJECTIONS_INPUT, DECISIONS_INPUT].contains(&input)) {
        Some((position, nearest)) => {
            Err(PipelineError::UnreadHeading { input, file: file.to_owned(), position, nearest })
        }
        None => Ok(()),
    }
}

/// What is kept once accounts are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Candidates and verdicts, and the awards of all claims.
    Awards,
    /// Candidates and verdicts.
    Candidates,
    /// The same, in a run that is published and in which tables for analysts are due.
    ForTables,
    /// Verdicts alone, in a run that is published.
    Verdicts,
}

impl Keep {
    /// Whether it is of a run that is published, or would be.
    pub(crate) fn is_for_publishing(self) -> bool {
        matches!(self, Keep::ForTables | Keep::Verdicts)
    }
}

/// The model that a job states: its weights, its unseen persons, its population.
fn model(job: &Job) -> Result<Model, PipelineError> {
    let weights = match &job.matching.weights {
        None => Weights::shipped(),
        Some(file) => Weights::read(file)?,
    };
    Ok(Model::new(weights, &relatives(job)?, f64::from(job.matching.population)))
}

/// The table of unseen persons that a job states.
pub(crate) fn relatives(job: &Job) -> Result<RelativesTable, PipelineError> {
    Ok(match &job.matching.relatives {
        Relatives::Shipped => RelativesTable::shipped(),
        Relatives::None => RelativesTable::none(),
        Relatives::File(file) => RelativesTable::read(file)?,
    })
}

/// Everything that suppliers' accounts are matched and judged with.
pub(crate) struct SharedInputs {
    pub(crate) matcher: Matcher,
    pub(crate) eligibilities: ClaimEligibilities,
    /// By scheme.
    pub(crate) households: Vec<Households>,
    pub(crate) current_rows: CurrentRows,
    pub(crate) released: Released,
    pub(crate) objections: Objections,
    pub(crate) decisions: Decisions,
    pub(crate) exceptions: Exceptions,
    /// The files of exceptions.
    pub(crate) reports: Vec<Report>,
    /// By supplier, why its exceptions cannot be used.
    pub(crate) refused_exceptions: BTreeMap<String, Arc<RejectedSupplier>>,
    pub(crate) scores: EnergyScores,
    /// The awards, if they are kept.
    pub(crate) awards: Option<Awards>,
    pub(crate) files: Vec<InputFile>,
    /// What opens encrypted inputs.
    pub(crate) identities: Option<Identities>,
    /// The references that objections and decisions name.
    mentions: Mentions,
    /// The latest valid date of birth: the latest qualifying date of the job.
    pub(crate) latest_birth: Date,
}

impl SharedInputs {
    /// Reads and gathers the shared inputs of a job.
    pub(crate) fn read(
        job: &Job,
        published: Option<&Published>,
        night_of: Option<jiff::civil::Date>,
        keep: Keep,
        timer: &StageTimer<'_>,
    ) -> Result<SharedInputs, PipelineError> {
        let model = model(job)?;
        let key = RunKey::generate().map_err(PipelineError::NoKey)?;
        let latest_birth = latest_birth(job);
        let identities = identities(job)?;
        let settings = ReadSettings { identities: identities.as_ref(), ..ReadSettings::default() };
        let mut reader = Reader { job, timer, settings, files: Vec::new() };
        // Small inputs first: a missing objections file stops the run before an hour of reading.
        let paths = Paths::find(job)?;
        let objections =
            reader.read(OBJECTIONS_INPUT, job.objections.as_ref(), &paths.objections, &OBJECTIONS, || {
                ObjectionConsumer::new(job)
            })?;
        let decisions = reader.read(DECISIONS_INPUT, job.decisions.as_ref(), &paths.decisions, &DECISIONS, || {
            DecisionConsumer::new(job)
        })?;
        let reported = timer.time(Stage::ReadShared, || exceptions::read(job, &settings, timer.progress()))?;
        let (exceptions, refused_exceptions) = (reported.exceptions(), reported.refused);
        let mut reports = Vec::new();
        for ExceptionFile { supplier, file, rows } in reported.files {
            reports.push(Report { supplier, file: reader.files.len(), rows });
            reader.files.push(file);
        }
        let properties = reader.read("properties", job.properties.as_ref(), &paths.properties, &PROPERTIES, || {
            PropertyConsumer { asked_for: asks_for_scores(job), scores: PropertyRows::default() }
        })?;
        let (groups, pool) = (GroupIndex::new(job), Arc::default());
        let benefits = reader.read("benefits", Some(&job.benefits), &paths.benefits, &BENEFITS, || {
            BenefitRows::new(&key, &groups, latest_birth, &pool)
        })?;

        let mut found = BenefitCounts::default();
        benefits.iter().for_each(|(_, part)| found.add(&part.counts));
        found.examine(job, &groups)?;
        timer.progress().begin("gather persons and index their keys", 0);
        let (persons, awards) = timer.time(Stage::Gather, || {
            let (persons, awards): (Vec<_>, Vec<_>) =
                benefits.into_iter().map(|(_, part)| (part.persons, part.awards)).unzip();
            (Persons::gather(persons), Awards::new(awards))
        });
        if !persons.crowded().is_empty() {
            reader.note_placeholders(&paths.benefits, persons.crowded())?;
        }
        if persons.count() == 0 {
            return Err(PipelineError::NoBenefits);
        }
        if persons.row_count() > MOST_ROWS {
            return Err(PipelineError::TooManyBenefits { rows: persons.row_count(), most: MOST_ROWS });
        }
        let mut mentions = Mentions::default();
        let mut objection_rows = ObjectionRows::default();
        for (file, part) in objections {
            objection_rows.append(part.objections);
            mentions.append(file, part.mentions);
        }
        let mut decided = Decisions::default();
        for (file, part) in decisions {
            decided.append(part.decisions);
            mentions.append(file, part.mentions);
        }
        let named = objection_rows.accounts().chain(exceptions.accounts()).cloned().collect();
        let released = Released::read(job, published, night_of, &named, &decided.accounts().collect())?;
        let (scores, eligibilities, households, current_rows, objections) = timer.time(Stage::Gather, || {
            let scores = EnergyScores::join(properties.into_iter().map(|(_, part)| part.scores).collect());
            let eligibilities = ClaimEligibilities::new(job, &groups, &persons, &awards, &scores);
            let may_carry = |scheme| Households::new(&persons, |claim| eligibilities.may_carry(claim, scheme));
            let households = (0..job.schemes.len()).map(may_carry).collect();
            mentions.note_unknown_persons(&persons, &mut reader.files);
            decided.look_up(&persons);
            let of_account = |supplier: &str, customer_ref: &str| released.claims_of_account(supplier, customer_ref);
            let objections = Objections::new(objection_rows, &persons, of_account);
            (scores, eligibilities, households, CurrentRows::new(job, &awards, persons.row_count()), objections)
        });
        let awards = Some(awards).filter(|_| keep == Keep::Awards);
        // The entries of the index go where the links of the rows were: memory that is given back first is slow to get.
        let matcher = timer.time(Stage::Index, || Matcher::new(key, persons, model, Some(latest_birth)));
        memory::give_back();
        timer.progress().end();
        Ok(SharedInputs {
            matcher,
            eligibilities,
            households,
            current_rows,
            released,
            objections,
            decisions: decided,
            exceptions,
            reports,
            refused_exceptions,
            scores,
            awards,
            files: reader.files,
            identities,
            mentions,
            latest_birth,
        })
    }
}

impl SharedInputs {
    /// How customer files are read.
    pub(crate) fn read_settings(&self) -> ReadSettings<'_> {
        ReadSettings { identities: self.identities.as_ref(), ..ReadSettings::default() }
    }

    /// Adds notes on the supplier's accounts that objections and decisions name and its files do not have.
    pub(crate) fn note_unknown_accounts<'a, I: Iterator<Item = &'a str>>(
        &mut self,
        supplier: &str,
        accounts: usize,
        references: impl Fn(Range<usize>) -> I + Sync,
    ) {
        self.mentions.note_unknown_accounts(supplier, accounts, references, &mut self.files);
    }

    /// What accounts are judged against in a scheme of the job.
    pub(crate) fn view(&self, job: &Job, scheme: usize) -> SchemeView<'_> {
        SchemeView {
            persons: self.matcher.persons(),
            model: self.matcher.model(),
            eligibilities: &self.eligibilities,
            objections: &self.objections,
            scheme,
            threshold: job.matching.threshold,
            review: job.matching.review,
        }
    }

    /// The exception that its supplier reported for an account, unless a later decision overrides it.
    pub(crate) fn exception(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<ExceptionKind> {
        if self.exceptions.is_empty() {
            return None;
        }
        let ruling = self.decisions.on(supplier, customer_ref, scheme);
        self.exceptions.against(supplier, customer_ref, scheme, ruling)
    }
}

/// The latest valid date of birth: the latest qualifying date of the job.
pub(crate) fn latest_birth(job: &Job) -> Date {
    let dates = job.schemes.iter().map(|scheme| scheme.qualifying_date);
    dates.max().expect("a job has at least one scheme")
}

/// Paths of all shared inputs, found before any is read.
struct Paths {
    benefits: Vec<PathBuf>,
    properties: Vec<PathBuf>,
    objections: Vec<PathBuf>,
    decisions: Vec<PathBuf>,
}

impl Paths {
    fn find(job: &Job) -> Result<Paths, PipelineError> {
        let files = |input, source: Option<&Source>| match source {
            None => Ok(Vec::new()),
            Some(source) => source.files().map_err(|source| PipelineError::NoFiles { input, source }),
        };
        Ok(Paths {
            benefits: files("benefits", Some(&job.benefits))?,
            properties: files("properties", job.properties.as_ref())?,
            objections: files(OBJECTIONS_INPUT, job.objections.as_ref())?,
            decisions: files(DECISIONS_INPUT, job.decisions.as_ref())?,
        })
    }
}

struct Reader<'a> {
    job: &'a Job,
    timer: &'a StageTimer<'a>,
    settings: ReadSettings<'a>,
    files: Vec<InputFile>,
}

impl Reader<'_> {
    /// Reads the files of an input. Each consumer comes with the place of its file among those read.
    fn read<C: Consumer>(
        &mut self,
        input: &'static str,
        source: Option<&Source>,
        paths: &[PathBuf],
        table: &Table,
        consumer: impl Fn() -> C + Sync,
    ) -> Result<Vec<(usize, C)>, PipelineError> {
        let Some(source) = source else { return Ok(Vec::new()) };
        let columns = column_map(source);
        let mut consumers = Vec::new();
        for path in paths {
            let progress = self.timer.progress();
            let read = || intake::read(path, table, &columns, &self.settings, progress, &consumer);
            let read = self.timer.time(Stage::ReadShared, read);
            self.timer.go_on()?;
            let read = read.map_err(|source| PipelineError::Unreadable { input, source })?;
            if_misheaded(input, path, &read.unused)?;
            let (file, own) = InputFile::new(input, path, &columns, read);
            if_refused(input, &file, self.job.intake.reject_limit)?;
            consumers.extend(own.into_iter().map(|consumer| (self.files.len(), consumer)));
            self.files.push(file);
        }
        Ok(consumers)
    }
}

impl Reader<'_> {
    /// Adds notes to the benefit files on references that turned out to be placeholders.
    fn note_placeholders(&mut self, paths: &[PathBuf], crowded: &Crowded) -> Result<(), PipelineError> {
        let consumer = || PlaceholderNotes(crowded);
        for path in paths {
            let columns = column_map(&self.job.benefits);
            let progress = self.timer.progress();
            let read = || intake::read(path, &BENEFITS, &columns, &self.settings, progress, consumer);
            let read = self.timer.time(Stage::ReadShared, read);
            let unreadable = |source| PipelineError::Unreadable { input: "benefits", source };
            let read = read.map_err(unreadable)?;
            let Some(file) = self.files.iter_mut().find(|file| file.path == *path) else { continue };
            file.is_as_read(&read).map_err(unreadable)?;
            let noted = |faults: &[Fault]| -> HashSet<u64> { faults.iter().map(|fault| fault.line).collect() };
            let before = noted(&file.faults);
            file.noted += noted(&read.faults).difference(&before).count() as u64;
            file.faults.extend(read.faults.into_iter().filter(|fault| fault.kind == FaultKind::Note));
            file.faults.sort_by_key(|fault| fault.line);
        }
        Ok(())
    }
}

/// The UPRN of a property's row.
pub(crate) fn property(row: &Row<'_>, faults: &mut Faults) -> Option<Uprn> {
    let uprn = uprn::uprn(row.get(Column::Uprn)).known();
    if uprn.is_none() {
        faults.reject(FaultReason::NotAUprn);
    }
    uprn
}

/// Whether a scheme uses energy-cost scores; if not, no score is kept.
fn asks_for_scores(job: &Job) -> bool {
    let by_group = |scheme: &Scheme| scheme.groups.iter().any(|group| group.min_energy_cost_score.is_some());
    job.schemes.iter().any(|scheme| scheme.limit.is_some() || by_group(scheme))
}

struct PropertyConsumer {
    asked_for: bool,
    scores: PropertyRows,
}

impl Consumer for PropertyConsumer {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Some(uprn) = property(row, faults) else { return };
        if let Some(score) = identity::number(row, Column::EnergyCostScore, faults)
            && self.asked_for
        {
            self.scores.push(uprn, score as f32);
        }
    }
}

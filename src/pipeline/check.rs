//! Checks and profiles a job's input files without matching them.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use crate::date::Date;
use crate::intake::{
    self, BENEFITS, CUSTOMERS, Column, Consumer, DECISIONS, EXCEPTIONS, FaultKind, FaultReason, Faults, IntakeError,
    OBJECTIONS, PROPERTIES, ReadSettings, Row, Table, UnusedHeading,
};
use crate::job::{Disclosure, Job, Source, Supplier};
use crate::matching::{Digest, RunKey};
use crate::pipeline::Options;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::benefit_counts::BenefitCounts;
use crate::pipeline::inputs::benefit_rows;
use crate::pipeline::inputs::decision_rows;
use crate::pipeline::inputs::exceptions;
use crate::pipeline::inputs::file_owners::FileOwners;
use crate::pipeline::inputs::identity;
use crate::pipeline::inputs::input_file::{DECISIONS_INPUT, InputFile, OBJECTIONS_INPUT, column_map, identities};
use crate::pipeline::inputs::objection_rows;
use crate::pipeline::inputs::shared_inputs;
use crate::pipeline::inputs::shared_inputs::{if_misheaded, if_refused, latest_birth};
use crate::pipeline::judging::judge_all::wanted;
use crate::pipeline::publishing::analyst::plan_of;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::pipeline::stage_timer::StageTimer;
use crate::privacy::plan::Plan;
use crate::privacy::spending::Budget;
use crate::progress::Progress;
use crate::release::run_record::UndeliveredSupplier;
use crate::scheme::GroupIndex;

/// The profile of a job's inputs.
#[derive(Debug, Serialize)]
pub struct Profile {
    /// Its files, the shared ones first.
    pub files: Vec<FileProfile>,
    /// Benefit codes in the benefit files.
    pub benefit_codes: BenefitCodes,
    /// Why a run would refuse the benefit files, if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Suppliers that a run would hold back.
    pub held_back: Vec<UndeliveredSupplier>,
    /// What a season of figures for analysts can show, by scheme.
    pub figures: Vec<SeasonPlan>,
}

/// What a season of figures for analysts can show of one scheme.
#[derive(Debug, Serialize)]
pub struct SeasonPlan {
    /// The scheme's id.
    pub scheme: String,
    /// About how many accounts there are: the usable rows of suppliers that take part.
    pub accounts: u64,
    /// The job's settings.
    pub settings: Disclosure,
    /// The season's budget for all schemes, as zero-concentrated differential privacy.
    pub rho: f64,
    /// What is published, and how noisy it is.
    #[serde(flatten)]
    pub plan: Plan,
}

/// Benefit codes in the benefit files, in capitals, with their numbers of rows.
#[derive(Debug, Default, Serialize)]
pub struct BenefitCodes {
    /// Codes that the job's groups name, including codes without a row.
    pub named: BTreeMap<String, u64>,
    /// Rows with any other code.
    pub other_rows: u64,
    /// The other codes. `None` if there are too many or some are rare: the column may then hold something other
    /// than codes.
    pub others: Option<BTreeMap<String, u64>>,
}

/// With more different values than this, the column does not hold benefit codes.
const MOST_CODES: usize = 50;

/// A value with fewer rows may be somebody's personal data.
const LEAST_ROWS: u64 = 10;

/// The profile of one file.
#[derive(Debug, Serialize)]
pub struct FileProfile {
    /// What the file is: `benefits`, a supplier's id, and so on.
    pub input: String,
    /// Its base name.
    pub file: String,
    /// Rows found, good and bad.
    pub rows: u64,
    /// Rows that cannot be used.
    pub rejected: u64,
    /// Rows with a field that cannot be used.
    pub noted: u64,
    /// Columns that hold something in some row, with the number of rows in which they do.
    pub filled: BTreeMap<&'static str, u64>,
    /// Headings that match no column, each with the column that is probably meant.
    pub unused_headings: Vec<UnusedHeading>,
    /// Rejects and notes by column and reason.
    pub faults: BTreeMap<String, u64>,
}

/// Reads and profiles all inputs of a job.
///
/// # Errors
/// [`PipelineError`] if a shared input would stop the run. The profile reports problems in a supplier's files
/// instead.
pub fn check(job: &Job, options: &Options, progress: &dyn Progress) -> Result<Profile, PipelineError> {
    let wanted = wanted(job, options)?;
    let timer = StageTimer::new(progress);
    let key = RunKey::generate().map_err(PipelineError::NoKey)?;
    let (groups, owners) = (GroupIndex::new(job), FileOwners::find(job));
    let identities = identities(job)?;
    let settings = ReadSettings { identities: identities.as_ref(), ..ReadSettings::default() };
    let check = Check { job, settings, key, latest: latest_birth(job), progress, groups };
    let mut benefits = BenefitProfile::default();
    let mut profile = Profile {
        files: Vec::new(),
        benefit_codes: BenefitCodes::default(),
        refused: None,
        held_back: Vec::new(),
        figures: Vec::new(),
    };
    let shared = [
        ("benefits", Some(&job.benefits), Kind::Benefits),
        ("properties", job.properties.as_ref(), Kind::Properties),
        (OBJECTIONS_INPUT, job.objections.as_ref(), Kind::Objections),
        (DECISIONS_INPUT, job.decisions.as_ref(), Kind::Decisions),
    ];
    for (input, source, kind) in shared {
        let Some(source) = source else { continue };
        let paths = source.files().map_err(|source| PipelineError::NoFiles { input, source })?;
        let mut usable = 0;
        for path in paths {
            let read = check.read(input, &path, source, kind);
            timer.go_on()?;
            let read = read.map_err(|source| PipelineError::Unreadable { input, source })?;
            if_misheaded(input, &path, &read.unused)?;
            if_refused(input, &read.file, job.intake.reject_limit)?;
            usable += read.file.rows - read.file.rejected;
            let own = FileProfile::new(&read);
            benefits.add(read.benefits);
            profile.files.push(own);
        }
        if matches!(kind, Kind::Benefits) && usable == 0 {
            return Err(PipelineError::NoBenefits);
        }
    }
    // The profile has the codes, by which a wrong one is found.
    profile.refused = benefits.counts.examine(job, &check.groups).err().map(|error| error.to_string());
    profile.benefit_codes = benefits.codes(&check.groups);
    let reported = exceptions::read(job, &settings, progress)?;
    if let Some(exceptions) = &job.exceptions {
        for file in &reported.files {
            let read = check.read(exceptions::INPUT, &file.file.path, &exceptions.source, Kind::Exceptions);
            let read = read.map_err(|source| PipelineError::Unreadable { input: exceptions::INPUT, source })?;
            profile.files.push(FileProfile::new(&read));
        }
    }
    for supplier in job.suppliers.iter().filter(|supplier| wanted.contains(supplier.id.as_str())) {
        let refused = owners.same_file(&supplier.id);
        let refused =
            refused.or_else(|| Some(RejectedSupplier::Exceptions(reported.refused.get(&supplier.id)?.clone())));
        let checked = refused.map_or_else(|| check.supplier(supplier, &owners, &mut profile.files), Err);
        timer.go_on()?;
        if let Err(why) = checked {
            profile.held_back.push(UndeliveredSupplier::unusable(supplier, &why));
        }
    }
    profile.figures = (0..job.schemes.len()).map(|scheme| season_plan(job, scheme, &profile.files)).collect();
    Ok(profile)
}

/// The plan of a scheme by the rows of files.
fn season_plan(job: &Job, scheme: usize, files: &[FileProfile]) -> SeasonPlan {
    let takes_part = |id: &str| {
        job.current_suppliers().any(|supplier| supplier.id == id && supplier.takes_part_in(&job.schemes[scheme]))
    };
    let own = files.iter().filter(|file| takes_part(&file.input));
    let accounts = own.map(|file| file.rows - file.rejected).sum();
    SeasonPlan {
        scheme: job.schemes[scheme].id.clone(),
        accounts,
        settings: job.disclosure.clone(),
        rho: Budget::from_settings(&job.disclosure).rho(),
        plan: plan_of(job, scheme, accounts),
    }
}

/// The kind of a file, which decides how its rows are checked.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Customers,
    Benefits,
    Properties,
    Objections,
    Decisions,
    Exceptions,
}

impl Kind {
    fn table(self) -> &'static Table {
        match self {
            Kind::Customers => &CUSTOMERS,
            Kind::Benefits => &BENEFITS,
            Kind::Properties => &PROPERTIES,
            Kind::Objections => &OBJECTIONS,
            Kind::Decisions => &DECISIONS,
            Kind::Exceptions => &EXCEPTIONS,
        }
    }
}

/// Context for reading every file.
struct Check<'a> {
    job: &'a Job,
    settings: ReadSettings<'a>,
    key: RunKey,
    latest: Date,
    progress: &'a dyn Progress,
    groups: GroupIndex,
}

/// Totals over the rows of benefit files.
#[derive(Default)]
struct BenefitProfile {
    counts: BenefitCounts,
    /// Rows by code, for codes that no group names.
    others: OtherCodes,
    other_rows: u64,
}

/// Rows by code. `None` once there are too many codes.
struct OtherCodes(Option<BTreeMap<String, u64>>);

impl Default for OtherCodes {
    fn default() -> OtherCodes {
        OtherCodes(Some(BTreeMap::new()))
    }
}

impl OtherCodes {
    fn add(&mut self, code: &str, rows: u64) {
        let Some(codes) = &mut self.0 else { return };
        if let Some(own) = codes.get_mut(code) {
            *own += rows;
        } else if codes.len() < MOST_CODES {
            codes.insert(code.to_owned(), rows);
        } else {
            self.0 = None;
        }
    }
}

impl BenefitProfile {
    fn take(&mut self, row: &Row<'_>, groups: &GroupIndex, latest: Date) {
        let code = row.get(Column::Benefit).trim();
        let place = groups.place_of(code);
        self.counts.take(place, &benefit_rows::identity(row, latest, &mut Faults::default()));
        if place.is_none() {
            self.other_rows += 1;
            self.others.add(&code.to_uppercase(), 1);
        }
    }

    fn add(&mut self, other: BenefitProfile) {
        self.counts.add(&other.counts);
        self.other_rows += other.other_rows;
        match other.others.0 {
            Some(codes) => codes.iter().for_each(|(code, rows)| self.others.add(code, *rows)),
            None => self.others.0 = None,
        }
    }

    fn codes(self, groups: &GroupIndex) -> BenefitCodes {
        let rows = |(place, code): (usize, &str)| (code.to_owned(), self.counts.rows_of(place));
        let are_codes = |codes: &BTreeMap<String, u64>| codes.values().all(|rows| *rows >= LEAST_ROWS);
        BenefitCodes {
            named: groups.codes().enumerate().map(rows).collect(),
            other_rows: self.other_rows,
            others: self.others.0.filter(are_codes),
        }
    }
}

/// What was found in a file.
struct FileCheck {
    file: InputFile,
    filled: BTreeMap<&'static str, u64>,
    unused: Vec<UnusedHeading>,
    is_doubtful: bool,
    /// Hashed references of a customer file, to find a reference that is in another file too.
    references: Vec<Digest>,
    benefits: BenefitProfile,
}

impl Check<'_> {
    fn supplier(
        &self,
        supplier: &Supplier,
        owners: &FileOwners<'_>,
        profiles: &mut Vec<FileProfile>,
    ) -> Result<(), RejectedSupplier> {
        let mut references: Vec<(Digest, usize)> = Vec::new();
        let mut files = Vec::new();
        for (number, path) in supplier.source.files()?.iter().enumerate() {
            let read = self.read(&supplier.id, path, &supplier.source, Kind::Customers)?;
            profiles.push(FileProfile::new(&read));
            RejectedSupplier::if_refused(&read.file, self.job.intake.reject_limit)?;
            references.extend(read.references.into_iter().map(|reference| (reference, number)));
            files.push(read.file);
        }
        if let Some(why) = owners.same_content(&supplier.id, &files) {
            return Err(why);
        }
        if references.is_empty() {
            return Err(RejectedSupplier::NoAccounts);
        }
        if !supplier.parts {
            references.par_sort_unstable();
            let accounts = references.chunk_by(|one, other| one.0 == other.0);
            let repeated = accounts.filter(|rows| rows[0].1 != rows[rows.len() - 1].1).count() as u64;
            if repeated > 0 {
                return Err(RejectedSupplier::RepeatedAcrossFiles { references: repeated });
            }
        }
        Ok(())
    }

    fn read(&self, input: &str, path: &Path, source: &Source, kind: Kind) -> Result<FileCheck, IntakeError> {
        let columns: Vec<Column> = kind.table().columns().collect();
        let consumer = || ProfileConsumer {
            check: self,
            kind,
            columns: &columns,
            filled: vec![0; columns.len()],
            references: Vec::new(),
            benefits: BenefitProfile::default(),
        };
        let map = column_map(source);
        let mut read = intake::read(path, kind.table(), &map, &self.settings, self.progress, consumer)?;
        let unused = std::mem::take(&mut read.unused);
        let (file, consumers) = InputFile::new(input, path, &map, read);
        // If rows do not fit the header, the header may itself be a row of personal data.
        let is_doubtful = file.rejected == file.rows || file.is_refused(self.job.intake.reject_limit);
        let (mut filled, mut references) = (BTreeMap::new(), Vec::new());
        let mut benefits = BenefitProfile::default();
        for consumer in consumers {
            benefits.add(consumer.benefits);
            references.extend(consumer.references);
            for (column, count) in columns.iter().zip(consumer.filled) {
                if count > 0 {
                    *filled.entry(column.name()).or_default() += count;
                }
            }
        }
        Ok(FileCheck { file, filled, unused, is_doubtful, references, benefits })
    }
}

impl FileProfile {
    fn new(read: &FileCheck) -> FileProfile {
        let FileCheck { file, filled, unused, is_doubtful, .. } = read;
        let mut unused_headings = unused.clone();
        if *is_doubtful {
            unused_headings.iter_mut().for_each(UnusedHeading::withhold);
        }
        let mut faults = BTreeMap::new();
        for fault in &file.faults {
            let kind = match fault.kind {
                FaultKind::Reject => "reject",
                FaultKind::Note => "note",
            };
            let column = fault.column.map_or(String::new(), |column| format!(" {}:", column.name()));
            *faults.entry(format!("{kind}:{column} {}", fault.reason)).or_default() += 1;
        }
        FileProfile {
            input: file.input.clone(),
            file: file.name.clone(),
            rows: file.rows,
            rejected: file.rejected,
            noted: file.noted,
            filled: filled.clone(),
            unused_headings,
            faults,
        }
    }
}

struct ProfileConsumer<'a> {
    check: &'a Check<'a>,
    kind: Kind,
    columns: &'a [Column],
    filled: Vec<u64>,
    references: Vec<Digest>,
    benefits: BenefitProfile,
}

impl ProfileConsumer<'_> {
    /// Whether a run would use the row.
    fn is_usable(&mut self, row: &Row<'_>, faults: &mut Faults) -> bool {
        let job = self.check.job;
        let reference = match self.kind {
            Kind::Customers => row.reference(Column::CustomerRef),
            Kind::Benefits => row.reference(Column::ClaimRef),
            Kind::Properties => return shared_inputs::property(row, faults).is_some(),
            Kind::Objections => return objection_rows::objection(row, job, faults).is_some(),
            Kind::Decisions => return decision_rows::decision(row, job, faults).is_some(),
            Kind::Exceptions => return exceptions::exception(row, job, faults).is_some(),
        };
        let Some(reference) = reference else {
            faults.reject(FaultReason::NoReference);
            return false;
        };
        match self.kind {
            Kind::Customers => self.references.push(self.check.key.digest_text(reference.as_bytes())),
            _ => {
                benefit_rows::role(row, faults);
                self.benefits.take(row, &self.check.groups, self.check.latest);
            }
        }
        true
    }
}

impl Consumer for ProfileConsumer<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        if !self.is_usable(row, faults) {
            return;
        }
        for (count, &column) in self.filled.iter_mut().zip(self.columns) {
            if row.get(column).trim().is_empty() {
                continue;
            }
            let usable = match column {
                Column::DateOfBirth | Column::JointDateOfBirth => {
                    identity::born(row, column, self.check.latest, faults).is_some()
                }
                Column::SupplyStart
                | Column::SupplyEnd
                | Column::AwardStart
                | Column::AwardEnd
                | Column::DecidedOn
                | Column::ReportedOn => identity::date(row, column, faults).is_some(),
                Column::Postcode => identity::code(row, faults).is_some(),
                Column::Uprn => identity::property(row, faults).is_some(),
                Column::Income | Column::EnergyCostScore => identity::number(row, column, faults).is_some(),
                _ => true,
            };
            *count += u64::from(usable);
        }
    }
}

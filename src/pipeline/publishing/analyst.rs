//! Publishes figures for analysts, `analyst/published.csv`: those that are due with fresh noise, the others as they were.
//!
//! The order is what keeps the budget: count, record what the tables spend, and only then draw noise. A run that is
//! killed after the record has spent it; the figures are then missing, and the next are due when they would be anyway.

use std::path::PathBuf;
use std::time::SystemTime;

use jiff::civil::Date;

use crate::job::{Job, Scheme};
use crate::ledger::{Ledger, RecordKind, recorded_before, write_record};
use crate::pipeline::PageMaker;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::tables;
use crate::privacy::counted::Counted;
use crate::privacy::night::{NightRecord, SchemeName, SupplierName};
use crate::privacy::noise::Noise;
use crate::privacy::plan::{Plan, PlannedTable};
use crate::privacy::published::{NoisyTable, PublishedFigures, figures};
use crate::privacy::season::{Season, SeasonTold, Spending, SpentOnTable};
use crate::release::{AnalystTable, Published, ReleaseError, RunId, Staging};

/// The most earlier runs whose figures the page can show as a trend.
pub(crate) const MOST_EARLIER: usize = 60;

/// What is published already, what it cost, and what makes the page.
pub(crate) struct Analyst {
    day: Date,
    season: Season,
    last: PublishedFigures,
    /// The newest run so far.
    newest: Option<RunId>,
    /// Folders of earlier runs, oldest first.
    earlier: Vec<PathBuf>,
    page: Option<PageMaker>,
}

/// The tables that are due tonight, by scheme, with what they count.
pub(crate) struct DueTables {
    plans: Vec<Plan>,
    asked: Vec<Vec<PlannedTable>>,
    counted: Vec<Vec<Counted>>,
}

impl Analyst {
    /// Reads what earlier runs published and spent. `day` is the day of tonight's figures.
    pub(crate) fn read(
        job: &Job,
        published: Option<&Published>,
        day: Date,
        page: Option<PageMaker>,
    ) -> Result<Analyst, PipelineError> {
        let spendings: Vec<Spending> = recorded_before(&job.output, RecordKind::FiguresPaid)?;
        let (mut last, mut told, mut earlier) = (PublishedFigures::default(), None, Vec::new());
        if let Some(published) = published {
            let folder = published.analyst_folder(published.run_id());
            last = PublishedFigures::read(&folder)?;
            told = published.night::<NightRecord>()?.and_then(|night| night.privacy);
            let mut runs = published.runs()?;
            runs.drain(..runs.len().saturating_sub(MOST_EARLIER));
            earlier = runs.iter().map(|run| published.analyst_folder(run)).collect();
        }
        let season = Season::new(&job.disclosure, &spendings, told.as_ref());
        Ok(Analyst { day, season, last, newest: published.map(|own| own.run_id().clone()), earlier, page })
    }

    /// Whether some figures may be due, so that candidates have to be kept until they are counted.
    pub(crate) fn is_due(&self) -> bool {
        self.season.due(self.day).is_any()
    }

    /// Counts the tables that are due.
    pub(crate) fn count(&self, matched: &Matched<'_>) -> DueTables {
        let plans: Vec<Plan> = (0..matched.job.schemes.len()).map(|scheme| plan(matched, scheme)).collect();
        let due = self.season.affordable(self.day, &plans);
        let asked: Vec<Vec<PlannedTable>> = match due.is_any() {
            true => plans.iter().map(|plan| plan.asked(due)).collect(),
            false => Vec::new(),
        };
        let counted = asked.iter().enumerate().map(|(scheme, planned)| {
            let names: Vec<AnalystTable> = planned.iter().map(|own| own.table).collect();
            tables::count(matched, scheme, &names)
        });
        let counted = counted.collect();
        DueTables { plans, asked, counted }
    }

    /// Publishes the figures that are due, and repeats the others. Returns the hash at the end of the ledger if something
    /// was paid for.
    pub(crate) fn write(
        &self,
        due: &DueTables,
        matched: &Matched<'_>,
        staging: &Staging,
    ) -> Result<Option<String>, PipelineError> {
        let job = matched.job;
        let DueTables { plans, asked, counted } = due;
        let mut season = self.season.clone();
        let mut all = self.last.clone();
        let mut ledger_head = None;
        if !asked.is_empty() {
            let spending = spending(job, self.day, asked);
            season.spend(&spending);
            write_record(&job.output, RecordKind::FiguresPaid, self.newest.as_ref(), SystemTime::now(), &spending)?;
            ledger_head = Some(Ledger::catch_up(&job.output)?);
            let mut noise = Noise::from_system().map_err(PipelineError::NoKey)?;
            for (scheme, (planned, counted)) in asked.iter().zip(counted).enumerate() {
                let id = &job.schemes[scheme].id;
                let parts = |table| tables::parts(job, scheme, table);
                let noisy = with_noise(planned, counted, &mut noise);
                all.renew(id, figures(id, noisy, parts, self.day));
            }
        }
        all.write(staging)?;
        let shown =
            [all.oldest(|table| table == AnalystTable::HEADLINE), all.oldest(|table| table != AnalystTable::HEADLINE)];
        staging.night(&night_record(matched, staging.run_id(), season.told(plans, shown))?)?;
        if let Some(page) = self.page {
            let folders: Vec<PathBuf> = self.earlier.iter().cloned().chain([staging.analyst_folder()]).collect();
            staging.report(&page(&folders).map_err(PipelineError::Page)?)?;
        }
        Ok(ledger_head)
    }
}

/// The plan of a scheme, by the accounts of all suppliers.
fn plan(matched: &Matched<'_>, scheme: usize) -> Plan {
    let verdicts = matched.all_suppliers().filter_map(|supplier| supplier.verdicts[scheme].as_ref());
    let accounts = verdicts.map(|verdicts| verdicts.on_supply).sum();
    plan_of(matched.job, scheme, accounts)
}

/// The plan of a job's scheme in which so many accounts are on supply.
pub(crate) fn plan_of(job: &Job, scheme: usize, accounts: u64) -> Plan {
    let parts = |table| tables::parts(job, scheme, table).len();
    Plan::new(&job.disclosure, job.schemes.len(), accounts, parts)
}

fn spending(job: &Job, day: Date, asked: &[Vec<PlannedTable>]) -> Spending {
    let of_scheme = |(planned, scheme): (&Vec<PlannedTable>, &Scheme)| {
        let spent = |own: &PlannedTable| SpentOnTable {
            scheme: scheme.id.clone(),
            table: own.table.as_str().to_owned(),
            variance: own.variance,
            rho: own.spends(),
        };
        planned.iter().map(spent).collect::<Vec<_>>()
    };
    let tables = asked.iter().zip(&job.schemes).flat_map(of_scheme).collect();
    Spending { season: job.disclosure.season.clone(), day, tables }
}

fn with_noise(planned: &[PlannedTable], counted: &[Counted], noise: &mut Noise) -> Vec<NoisyTable> {
    let each = planned.iter().filter_map(|own| {
        let counted = counted.iter().find(|counted| counted.table() == own.table)?;
        Some((own.table, counted.with_noise(own.variance, noise)))
    });
    each.collect()
}

fn night_record(matched: &Matched<'_>, run: &RunId, privacy: SeasonTold) -> Result<NightRecord, ReleaseError> {
    let job = matched.job;
    let schemes = job.schemes.iter().map(|scheme| SchemeName {
        id: scheme.id.clone(),
        name: scheme.name.clone(),
        qualifying_date: scheme.qualifying_date.to_string(),
    });
    Ok(NightRecord {
        run: run.to_string(),
        day: run.date()?.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        threshold: job.matching.threshold,
        schemes: schemes.collect(),
        suppliers: job.current_suppliers().map(|supplier| SupplierName { id: supplier.id.clone() }).collect(),
        privacy: Some(privacy),
    })
}

//! Writes what analysts read of a run: `analyst/rates.csv`, `details.csv`, `night.json` and, if the caller
//! makes a page, `report.html`.

use std::path::PathBuf;

use serde::Serialize;

use crate::pipeline::PageMaker;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::publishing::match_breakdown;
use crate::pipeline::publishing::rates;
use crate::release::disclosure::{Details, Rates};
use crate::release::{Published, ReleaseError, RunId, Staging};

/// The most earlier runs whose rates the page can show as a trend.
const MOST_EARLIER: usize = 60;

/// What is published already, and what makes the page.
pub(crate) struct Analyst {
    rates: Rates,
    details: Details,
    /// Folders of earlier runs, oldest first.
    earlier: Vec<PathBuf>,
    page: Option<PageMaker>,
}

impl Analyst {
    /// Reads what the latest run published.
    pub(crate) fn read(published: Option<&Published>, page: Option<PageMaker>) -> Result<Analyst, ReleaseError> {
        let Some(published) = published else {
            return Ok(Analyst { rates: Rates::default(), details: Details::default(), earlier: Vec::new(), page });
        };
        let mut earlier = published.runs()?;
        earlier.drain(..earlier.len().saturating_sub(MOST_EARLIER));
        Ok(Analyst {
            rates: published.rates()?,
            details: published.details()?,
            earlier: earlier.iter().map(|run| published.analyst_folder(run)).collect(),
            page,
        })
    }

    /// Writes what disclosure control releases of tonight's counts.
    pub(crate) fn write(&self, matched: &Matched<'_>, staging: &Staging) -> Result<(), PipelineError> {
        let rates = rates::release(matched, &self.rates, staging.run_id())?;
        let looks = match_breakdown::Looks { published: &self.rates, tonight: &rates };
        let details = match_breakdown::release(matched, &looks, &self.details, staging.run_id().date()?);
        staging.rates(&rates)?;
        staging.details(&details)?;
        staging.night(&NightRecord::new(matched, staging.run_id())?)?;
        if let Some(page) = self.page {
            let folders: Vec<PathBuf> = self.earlier.iter().cloned().chain([staging.analyst_folder()]).collect();
            staging.report(&page(&folders).map_err(PipelineError::Page)?)?;
        }
        Ok(())
    }
}

/// `analyst/night.json`: which run, schemes and suppliers the figures belong to. It has no counts of accounts.
#[derive(Serialize)]
struct NightRecord<'a> {
    run: String,
    day: String,
    version: &'static str,
    /// The posterior from which an account is flagged.
    threshold: f64,
    disclosure_threshold: u64,
    disclosure_days: u32,
    gates: GateBounds,
    schemes: Vec<SchemeName<'a>>,
    suppliers: Vec<SupplierName<'a>>,
}

/// How far a supplier's flagged share may be from the usual one. The other gates and the settings for probing are
/// in no public file.
#[derive(Serialize)]
struct GateBounds {
    nights: u32,
    match_rate_lower: f64,
    match_rate_higher: f64,
}

#[derive(Serialize)]
struct SchemeName<'a> {
    id: &'a str,
    name: &'a str,
    qualifying_date: String,
}

#[derive(Serialize)]
struct SupplierName<'a> {
    id: &'a str,
    /// It has a delivery of tonight: it was neither held back nor left out.
    matched: bool,
    /// It should have a delivery of tonight and has none. The file does not say whether a gate, probing or an
    /// unusable file was the cause: gates look at true counts, and naming one would reveal something about
    /// these.
    held_back: bool,
}

impl<'a> NightRecord<'a> {
    fn new(matched: &Matched<'a>, run: &RunId) -> Result<NightRecord<'a>, ReleaseError> {
        let job = matched.job;
        let schemes = job.schemes.iter().map(|scheme| SchemeName {
            id: &scheme.id,
            name: &scheme.name,
            qualifying_date: scheme.qualifying_date.to_string(),
        });
        let is_matched = |id: &str| matched.suppliers.iter().any(|own| own.supplier.id == id && !own.is_held());
        let gated = matched.suppliers.iter().filter(|own| own.is_held()).map(|own| own.supplier);
        let held: Vec<&str> =
            matched.held_back.iter().map(|(own, _)| *own).chain(gated).map(|own| own.id.as_str()).collect();
        let suppliers = job.current_suppliers().map(|supplier| SupplierName {
            id: &supplier.id,
            matched: is_matched(&supplier.id),
            held_back: held.contains(&supplier.id.as_str()),
        });
        Ok(NightRecord {
            run: run.to_string(),
            day: run.date()?.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            threshold: job.matching.threshold,
            disclosure_threshold: job.disclosure.threshold,
            disclosure_days: job.disclosure.days,
            gates: GateBounds {
                nights: job.gates.nights,
                match_rate_lower: job.gates.match_rate_lower,
                match_rate_higher: job.gates.match_rate_higher,
            },
            schemes: schemes.collect(),
            suppliers: suppliers.collect(),
        })
    }
}

//! What analysts read of a night: in goes a matched night and what is published already, out come
//! `analyst/rates.csv`, `details.csv`, `night.json` and, where whoever runs the night brings a page,
//! `report.html`.

use std::path::PathBuf;

use serde::Serialize;

use super::PageMaker;
use super::details;
use super::error::NightError;
use super::matched::Matched;
use super::rates;
use crate::release::disclosure::{Details, Rates};
use crate::release::{Published, ReleaseError, RunId, Staging};

/// Runs, beside tonight's, whose rates a page can show the trend of.
const MOST_EARLIER: usize = 60;

/// What is published already, and who makes the page.
pub(super) struct Analyst {
    rates: Rates,
    details: Details,
    /// Folders of earlier runs, oldest first.
    earlier: Vec<PathBuf>,
    page: Option<PageMaker>,
}

impl Analyst {
    /// Reads what the latest run published.
    pub(super) fn read(published: Option<&Published>, page: Option<PageMaker>) -> Result<Analyst, ReleaseError> {
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

    /// Writes what is let go of tonight's counts.
    pub(super) fn write(&self, matched: &Matched<'_>, staging: &Staging) -> Result<(), NightError> {
        let rates = rates::release(matched, &self.rates, staging.run_id())?;
        let looks = details::Looks { published: &self.rates, tonight: &rates };
        let details = details::release(matched, &looks, &self.details, staging.run_id().date()?);
        staging.rates(&rates)?;
        staging.details(&details)?;
        staging.night(&NightRecord::of(matched, staging.run_id())?)?;
        if let Some(page) = self.page {
            let folders: Vec<PathBuf> = self.earlier.iter().cloned().chain([staging.analyst_folder()]).collect();
            staging.report(&page(&folders).map_err(NightError::Page)?)?;
        }
        Ok(())
    }
}

/// `analyst/night.json`: what the figures are of. There are no counts of accounts in it.
#[derive(Serialize)]
struct NightRecord<'a> {
    run: String,
    day: String,
    version: &'static str,
    /// The posterior from which on an account is flagged.
    threshold: f64,
    disclosure_threshold: u64,
    disclosure_days: u32,
    gates: GateBounds,
    schemes: Vec<SchemeName<'a>>,
    suppliers: Vec<SupplierName<'a>>,
}

/// How far a supplier's match rate may be from what is usual. The other gates, and what probing is looked
/// for by, are in no public file.
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
    /// It was to have one and has none. Whether a gate, probing or a file that cannot be used was the cause is
    /// not told: gates look at true counts, and that one of them took offence would tell of these.
    held_back: bool,
}

impl<'a> NightRecord<'a> {
    fn of(matched: &Matched<'a>, run: &RunId) -> Result<NightRecord<'a>, ReleaseError> {
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

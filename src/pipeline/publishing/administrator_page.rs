//! Writes `administrator/report.html`, which shows the exact figures of the run and trends over earlier runs.

use std::path::PathBuf;

use crate::pipeline::AdministratorPageMaker;
use crate::pipeline::error::PipelineError;
use crate::pipeline::publishing::analyst::MOST_EARLIER;
use crate::release::run_record::RunRecord;
use crate::release::{Published, ReleaseError, Staging};

/// What makes the page, and the folders of earlier runs, oldest first.
pub(crate) struct AdministratorPage {
    earlier: Vec<PathBuf>,
    page: Option<AdministratorPageMaker>,
}

impl AdministratorPage {
    /// Finds the earlier runs.
    pub(crate) fn new(
        published: Option<&Published>,
        page: Option<AdministratorPageMaker>,
    ) -> Result<AdministratorPage, ReleaseError> {
        let Some(published) = published.filter(|_| page.is_some()) else {
            return Ok(AdministratorPage { earlier: Vec::new(), page });
        };
        let mut runs = published.runs()?;
        runs.drain(..runs.len().saturating_sub(MOST_EARLIER));
        Ok(AdministratorPage { earlier: runs.iter().map(|run| published.run_folder(run)).collect(), page })
    }

    /// Writes the page of a run whose figures are written and whose record is not.
    pub(crate) fn write(&self, record: &RunRecord, staging: &Staging) -> Result<(), PipelineError> {
        let Some(page) = self.page else { return Ok(()) };
        let record = serde_json::to_string(record).map_err(|error| PipelineError::Page(error.to_string()))?;
        let folders: Vec<PathBuf> = self.earlier.iter().cloned().chain([staging.run_folder()]).collect();
        let made = page(&staging.run_id().to_string(), &record, &folders).map_err(PipelineError::Page)?;
        Ok(staging.administrator_report(&made)?)
    }
}

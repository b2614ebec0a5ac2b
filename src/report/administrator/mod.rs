//! Makes the administrator's report: exact figures of a run, from `administrator/figures.csv` and `run.json`.

mod accounts;
mod eligible;
mod figures;
mod gates;
mod trends;

use std::path::{Path, PathBuf};

use figures::Figures;

use super::document::{Chapter, Document, Part, Section};
use super::run_data::{ReportError, record};
use super::words::{self, count};
use crate::release::RunId;
use crate::release::layout::ADMINISTRATOR;
use crate::release::run_record::{MatchRates, RunRecord, SchemeSummary};

/// The exact figures of one run.
pub(super) struct ExactRun {
    /// The run's id.
    pub(super) run: String,
    pub(super) figures: Figures,
    record: RunRecord,
}

impl ExactRun {
    /// Reads the figures of a published run, given its folder.
    ///
    /// # Errors
    /// [`ReportError`] if its record is missing, or a file is not in the format that a run writes.
    pub(super) fn read(folder: &Path) -> Result<ExactRun, ReportError> {
        let figures = Figures::read(&folder.join(ADMINISTRATOR))?;
        Ok(ExactRun::new(figures, record(folder)?, folder))
    }

    fn new(figures: Figures, record: RunRecord, folder: &Path) -> ExactRun {
        // The last run's folder is a link.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let run = folder.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        ExactRun { run, figures, record }
    }

    /// The day that the figures are of; the run's id if it has none.
    fn day(&self) -> String {
        let day = self.run.parse::<RunId>().ok().and_then(|run| run.date().ok());
        day.map_or(self.run.clone(), |day| day.to_string())
    }

    fn match_rates(&self, scheme: &str) -> Option<&MatchRates> {
        self.record.summary.match_rates.iter().find(|own| own.scheme == scheme)
    }

    /// A supplier's counts in a scheme, if its files could be used.
    fn supplier(&self, id: &str, scheme: &str) -> Option<&SchemeSummary> {
        let own = self.record.summary.suppliers.iter().find(|own| own.id == id)?;
        own.schemes.iter().find(|own| own.id == scheme)
    }

    fn is_held_back(&self, supplier: &str) -> bool {
        self.record.summary.held_back.iter().any(|held| held.id == supplier)
    }
}

/// Makes the report on the last of `runs`, which are in order. `left_out` counts earlier runs that could not be read.
pub(super) fn document(runs: &[ExactRun], left_out: usize) -> Option<Document> {
    let own = runs.last()?;
    let mut chapters = Vec::new();
    for scheme in &own.record.settings.schemes {
        let name = if scheme.name.is_empty() { &scheme.id } else { &scheme.name };
        let sections = of_scheme(runs, own, &scheme.id);
        chapters.push(Chapter { name: Some(name.clone()), sections });
    }
    chapters.push(Chapter { name: None, sections: of_run(runs, own) });
    let mut lead = vec![format!(
        "All figures are as of {}. They are counted, not estimated, unless they say \"expected\".",
        words::day(&own.day())
    )];
    if left_out > 0 {
        lead.push(format!("{left_out} earlier run(s) could not be read and are left out of the trends."));
    }
    Some(Document {
        title: format!("flagmatch report for the administrator, {}", own.day()),
        heading: "How many of the eligible were found",
        about: format!("As of {}, run {}", words::day(&own.day()), own.run),
        from: "Made by flagmatch from the administrator folder of the run.",
        warning: Some(
            "Exact figures, for people who are cleared to see them. Do not pass this report on, and do not put it into an \
             analyst folder.",
        ),
        lead,
        chapters,
    })
}

/// The sections of one scheme.
fn of_scheme(runs: &[ExactRun], own: &ExactRun, scheme: &str) -> Vec<Section> {
    let about = OfScheme { own, scheme };
    if !own.figures.0.iter().any(|row| row.scheme == scheme) {
        let text = "This run has no figures of the scheme: it is a manual release, a purge took them, or an earlier version \
                    made the run.";
        let section = Section::new("figures", "Figures", vec![Part::Note(text.to_owned())]);
        return section.into_iter().chain(trends::sections(runs, own, scheme)).collect();
    }
    let all = [about.of_eligible(), about.of_accounts(), trends::sections(runs, own, scheme)];
    all.into_iter().flatten().collect()
}

/// What is shown of one scheme in one run.
struct OfScheme<'a> {
    own: &'a ExactRun,
    scheme: &'a str,
}

/// What holds for all schemes: m and u, who was held back, and what the files had.
fn of_run(runs: &[ExactRun], own: &ExactRun) -> Vec<Section> {
    let summary = &own.record.summary;
    let mut files = vec![Part::Text(format!(
        "{} benefit rows, {} persons, {} claims.",
        count(summary.benefit_rows),
        count(summary.persons),
        count(summary.claims)
    ))];
    let row = |own: &crate::release::run_record::SupplierSummary| {
        let counts = [own.rows, own.rejected, own.noted, own.accounts, own.dropped].map(count);
        [own.id.clone()].into_iter().chain(counts).collect()
    };
    let head = ["Supplier", "Rows", "Rejected", "Noted", "Accounts", "Not on supply"];
    files.push(Part::table("Rows and accounts of the files", &head, summary.suppliers.iter().map(row).collect()));
    let sections = [
        Section::new("levels", "What each comparison level weighs: m and u", accounts::levels(&own.figures)),
        Section::new("held-back", "Held back by gates or unusable files", gates::held_back(runs)),
        Section::new("files", "Files", files),
    ];
    sections.into_iter().flatten().collect()
}

/// Makes the page of the present run, whose folder comes last in `folders` and whose record, not written yet, is
/// `present`, as JSON. An earlier run that cannot be read is only missing from the trends.
///
/// # Errors
/// A sentence, if the present run's own figures cannot be read.
pub fn administrator_page(run: &str, present: &str, folders: &[PathBuf]) -> Result<String, String> {
    let Some((tonight, earlier)) = folders.split_last() else { return Err("there is no run".to_owned()) };
    let mut runs = Vec::new();
    let mut left_out = 0;
    for folder in earlier {
        match record(folder) {
            // Trends need no figures.csv.
            Ok(record) => runs.push(ExactRun::new(Figures::default(), record, folder)),
            Err(_) => left_out += 1,
        }
    }
    let record: RunRecord = serde_json::from_str(present).map_err(|error| error.to_string())?;
    let figures = Figures::read(&tonight.join(ADMINISTRATOR)).map_err(|error| error.to_string())?;
    runs.push(ExactRun { run: run.to_owned(), figures, record });
    let document = document(&runs, left_out).ok_or("there is no run")?;
    document.to_html().map_err(|error| error.to_string())
}

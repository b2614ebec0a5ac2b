//! Makes the analyst's report: figures with noise, which may go to anybody.

mod accounts;
mod eligible;
mod published;
mod reading;

pub(super) use published::PublishedRun;

use super::document::{Chapter, Document, Part, Section};
use super::words::day;
use crate::privacy::night::SchemeName;
use crate::release::AnalystTable;

/// What is shown of one scheme in one run.
struct OfScheme<'a> {
    runs: &'a [PublishedRun],
    own: &'a PublishedRun,
    scheme: &'a str,
}

/// Makes the report on the last of `runs`, which are in order. `left_out` counts earlier runs that are of an older version
/// or could not be read.
pub(super) fn document(runs: &[PublishedRun], left_out: usize) -> Option<Document> {
    let own = runs.last()?;
    let mut chapters: Vec<Chapter> = own.night.schemes.iter().map(|scheme| chapter(runs, own, scheme)).collect();
    let reading = Section::new("reading", "How to read these figures", reading::parts(own));
    chapters.push(Chapter { name: None, sections: reading.into_iter().collect() });
    let mut lead = vec![
        "Every figure has noise, so that nothing certain about any household can be learned from it, and every figure has \
         its 95\u{a0}% interval."
            .to_owned(),
    ];
    if left_out > 0 {
        lead.push(format!(
            "{left_out} earlier run(s) were made by an older version or could not be read. They are left out of the trends."
        ));
    }
    Some(Document {
        title: format!("flagmatch report, {}", own.night.day),
        heading: "How many of the eligible were found",
        about: format!("{}, run {}", day(&own.night.day), own.night.run),
        from: "Made by flagmatch from the analyst folder of the run.",
        warning: None,
        lead,
        chapters,
    })
}

fn chapter(runs: &[PublishedRun], own: &PublishedRun, scheme: &SchemeName) -> Chapter {
    let about = OfScheme { runs, own, scheme: &scheme.id };
    let sections = [about.of_eligible(scheme), about.of_accounts(), about.trends()];
    Chapter { name: Some(scheme.name.clone()), sections: sections.into_iter().flatten().collect() }
}

impl OfScheme<'_> {
    /// A section on some tables, with the days that they are of; `None` if the run has none of them.
    fn section(
        &self,
        id: &'static str,
        heading: &'static str,
        tables: &[AnalystTable],
        parts: impl FnOnce() -> Vec<Part>,
    ) -> Option<Section> {
        let rows = tables.iter().flat_map(|table| self.own.rows(self.scheme, *table));
        let mut days: Vec<String> = rows.map(|row| row.as_of.to_string()).collect();
        days.sort_unstable();
        days.dedup();
        let as_of = match &days[..] {
            [] => return None,
            [own] => format!("As of {}.", day(own)),
            [first, .., last] => format!("As of {} to {}.", day(first), day(last)),
        };
        let mut parts = parts();
        parts.push(Part::Text(as_of));
        Section::new(id, heading, parts)
    }
}

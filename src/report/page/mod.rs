//! Makes the HTML page for analysts.

mod found;
mod parts;
mod rates;
mod shell;
mod trends;

pub(super) use parts::{figure, table};
pub(super) use shell::Shell;

use maud::{Markup, html};

use super::administrator::{Unsuppressed, of_newest};
use super::run_data::{PublishedRate, ReportError, RunData, SchemeName};
use super::words;
use parts::SUPPRESSED;

/// Makes the page of the newest of `nights`, which are in order. `left_out` counts earlier runs that could
/// not be read. If there are exact counts, a section for the administrator is added.
pub(super) fn page(
    nights: &[RunData],
    left_out: usize,
    exact: &[(String, Unsuppressed)],
) -> Result<String, ReportError> {
    let Some(night) = nights.last() else { return Err(ReportError::Unmade("there is no run".to_owned())) };
    let unsuppressed = of_newest(nights, exact);
    let several = night.record.schemes.len() > 1;
    let mut body = Vec::new();
    for (scheme, number) in night.record.schemes.iter().zip(1..) {
        let about = OfScheme { nights, night, scheme: &scheme.id, number: several.then_some(number) };
        body.push((scheme, about.sections()?));
    }
    let inside = html! {
        @if let Some(own) = unsuppressed { (own.warning()) }
        (contents(&body, unsuppressed.is_some(), several))
        @if left_out > 0 {
            p class="note" { (left_out) " earlier run(s) could not be read and are left out of the trends." }
        }
        @for (scheme, sections) in &body {
            @if several { h2 class="scheme" { (scheme.name) } }
            @for (_, _, section) in sections { (section) }
        }
        @if let Some(own) = unsuppressed { (own.section(exact)) }
        (how_to_read(night))
    };
    let from = match unsuppressed {
        None => "Made by flagmatch from the analyst folder of the run.",
        Some(_) => {
            "Made by flagmatch from the analyst folder of the run and, in its marked section, from the administrator's record."
        }
    };
    let shell = Shell {
        title: &format!("flagmatch report, {}", night.record.day),
        heading: "How well the match works",
        of: &format!("{}, run {}", words::day(&night.record.day), night.record.run),
        from,
    };
    Ok(shell.around(&inside))
}

/// A section's id, heading and content.
type Section = (String, &'static str, Markup);

fn contents(body: &[(&SchemeName, Vec<Section>)], has_unsuppressed: bool, several: bool) -> Markup {
    html! {
        nav aria-label="Contents" {
            h2 { "Contents" }
            @for (scheme, sections) in body {
                @if several { p class="scheme" { (scheme.name) } }
                ul { @for (id, heading, _) in sections { li { a href={ "#" (id) } { (heading) } } } }
            }
            ul {
                @if has_unsuppressed { li { a href="#administrator" { "For the administrator alone" } } }
                li { a href="#reading" { "How to read these figures" } }
            }
        }
    }
}

/// A section's id, heading, and the function that makes its content.
type Making<'a> = (&'static str, &'static str, fn(&OfScheme<'a>) -> Result<Markup, ReportError>);

/// What the page shows of one scheme.
struct OfScheme<'a> {
    nights: &'a [RunData],
    night: &'a RunData,
    scheme: &'a str,
    /// Makes its sections' ids differ from another scheme's; `None` if there is only one scheme.
    number: Option<usize>,
}

impl OfScheme<'_> {
    fn sections(&self) -> Result<Vec<Section>, ReportError> {
        let parts: [Making<'_>; 9] = [
            ("glance", "The run at a glance", Self::glance),
            ("suppliers", "Flagged share by supplier", Self::suppliers),
            ("regions", "Flagged share by region", Self::regions),
            ("kinds", "Date of birth, flat or house", Self::kinds),
            ("funnel", "From rows to flags", Self::funnel),
            ("keys", "What the match keys find", Self::keys),
            ("weights", "Match weights and the threshold", Self::weights),
            ("review", "Review by reason", Self::review),
            ("trends", "Trends over the runs", Self::trends),
        ];
        parts
            .into_iter()
            .map(|(part, heading, make)| {
                let id = self.number.map_or(part.to_owned(), |number| format!("{part}-{number}"));
                let inside = make(self)?;
                let section = html! {
                    section id=(id) aria-labelledby={ (id) "-heading" } {
                        h2 id={ (id) "-heading" } { (heading) }
                        (inside)
                    }
                };
                Ok((id, heading, section))
            })
            .collect()
    }

    fn rows(&self, breakdown: &'static str) -> Vec<&PublishedRate> {
        self.night.rates(self.scheme, breakdown).collect()
    }
}

fn how_to_read(night: &RunData) -> Markup {
    let unit = 2 * night.record.disclosure_threshold.next_multiple_of(5);
    html! {
        section id="reading" aria-labelledby="reading-heading" {
            h2 id="reading-heading" { "How to read these figures" }
            ul {
                li { "Every figure is under disclosure control. A cell (supplier, postcode area, date of birth known or not, flat or house) is shown only if " (night.record.disclosure_threshold) " of its accounts or more are flagged and as many are not, and is rounded to the nearest 5." }
                li { "\"" (SUPPRESSED) "\" means that a figure is too small to be shown, or would let a small one be worked out. It does not mean none." }
                li { "Sums are of released cells only: they are smaller than the truth, and a rate is the rate of what is released." }
                li { "\"At least\": keys, weights and reasons are counted in released cells alone, supplier by supplier, and rounded down to " (unit) "; what is less than that is suppressed." }
                li { "Figures are renewed every " (night.record.disclosure_days) " days. \"As of\" is the oldest day in a figure." }
                li { "A match weight of 10 bits says that it is a thousand times as likely as not that two records are of one person, and each bit more doubles that." }
            }
        }
    }
}

//! Formats a report as a page.

use maud::{Markup, html};

use super::{BAND, Document, Part, Picture, Rows, Section};
use crate::report::page::{Shell, figure, table};
use crate::report::picture::{Screen, dots, funnel, histogram, map, panels, trend, whole};
use crate::report::run_data::ReportError;

impl Document {
    /// Formats the page.
    ///
    /// # Errors
    /// [`ReportError::Unmade`] if a picture cannot be drawn.
    pub(in crate::report) fn to_html(&self) -> Result<String, ReportError> {
        let several = self.chapters.iter().filter(|own| own.name.is_some()).count() > 1;
        let id = |section: &Section, chapter: usize| match several && self.chapters[chapter].name.is_some() {
            true => format!("{}-{}", section.id, chapter + 1),
            false => section.id.to_owned(),
        };
        let name = |chapter: usize| self.chapters[chapter].name.as_ref().filter(|_| several);
        let mut shown: Vec<Vec<Markup>> = Vec::new();
        for (place, chapter) in self.chapters.iter().enumerate() {
            shown.push(chapter.sections.iter().map(|own| section(&id(own, place), own)).collect::<Result<_, _>>()?);
        }
        let inside = html! {
            @if let Some(warning) = self.warning { p class="warning" { (warning) } }
            @for text in &self.lead { p class="lead" { (text) } }
            nav aria-label="Contents" {
                h2 { "Contents" }
                @for (place, chapter) in self.chapters.iter().enumerate() {
                    @if let Some(name) = name(place) { p class="scheme" { (name) } }
                    ul { @for own in &chapter.sections { li { a href={ "#" (id(own, place)) } { (own.heading) } } } }
                }
            }
            @for (place, sections) in shown.iter().enumerate() {
                @if let Some(name) = name(place) { h2 class="scheme" { (name) } }
                @for section in sections { (section) }
            }
        };
        let shell = Shell { title: &self.title, heading: self.heading, of: &self.about, from: self.from };
        Ok(shell.around(&inside))
    }
}

fn section(id: &str, own: &Section) -> Result<Markup, ReportError> {
    let parts: Vec<Markup> = own.parts.iter().map(part).collect::<Result<_, _>>()?;
    Ok(html! {
        section id=(id) aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } { (own.heading) }
            @for part in &parts { (part) }
        }
    })
}

fn part(part: &Part) -> Result<Markup, ReportError> {
    let rows = |Rows { caption, head, rows }: &Rows| table(caption, head, rows);
    Ok(match part {
        Part::Text(text) => html! { p { (text) } },
        Part::Note(text) => html! { p class="note" { (text) } },
        Part::List(items) => html! { ul { @for item in items { li { (item) } } } },
        Part::Figures(all) => html! {
            dl class="cards" { @for [what, figure] in all { div class="card" { dt { (what) } dd { (figure) } } } }
        },
        Part::Picture { name, text, picture } => figure(text, |screen| draw(name, picture, screen))?,
        Part::Table(own) => rows(own),
        Part::Folded(own) => html! { details { summary { (own.caption) } (rows(own)) } },
    })
}

fn draw(name: &str, picture: &Picture, screen: Screen) -> Result<String, ReportError> {
    match picture {
        Picture::Whole { segments, interval } => whole(name, segments, *interval, screen),
        Picture::Dots { dots: own, all, begins } => dots(name, own, *all, *begins, screen),
        Picture::Funnel { points, all } => funnel(name, points, *all, "accounts on supply", screen),
        Picture::Map { tiles, why } => map(name, tiles, why, screen),
        Picture::Weights { columns, threshold } => histogram(name, columns, BAND, *threshold, screen),
        Picture::Trend { days, lines } => trend(name, days, lines, screen),
        Picture::Panels { days, panels: own } => panels(name, days, own, screen),
    }
}

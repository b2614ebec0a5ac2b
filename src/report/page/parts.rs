//! Makes tables and figures that can be read by keyboard, by a screen reader and on paper.

use maud::{Markup, PreEscaped, html};

use crate::report::picture::Screen;
use crate::report::run_data::ReportError;
use crate::report::words::count;

/// Shown in place of a suppressed figure.
pub(super) const SUPPRESSED: &str = "suppressed";

/// A table that scrolls on a small screen, also by keyboard. The first column names the row.
pub(in crate::report) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    let are_ids = rows.iter().all(|row| row.first().is_some_and(|name| !name.contains(' ')));
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class=[are_ids.then_some("ids")] {
                caption { (caption) }
                thead { tr { @for (place, cell) in head.iter().enumerate() {
                    th scope="col" class=[(place > 0).then_some("number")] { (cell) }
                } } }
                tbody {
                    @for row in rows {
                        tr { @for (place, cell) in row.iter().enumerate() {
                            @if place == 0 { th scope="row" { (cell) } }
                            @else if cell == SUPPRESSED { td class="number withheld" { (cell) } }
                            @else { td class="number" { (cell) } }
                        } }
                    }
                }
            }
        }
    }
}

/// A picture for each screen, with a caption that says the same in words.
pub(in crate::report) fn figure(
    text: &str,
    draw: impl Fn(Screen) -> Result<String, ReportError>,
) -> Result<Markup, ReportError> {
    let mut drawn = Vec::new();
    for screen in Screen::BOTH {
        drawn.push((screen.class(), draw(screen)?));
    }
    Ok(html! {
        figure {
            @for (class, svg) in &drawn { div class=(class) { (PreEscaped(svg)) } }
            figcaption { (text) }
        }
    })
}

pub(super) fn or_suppressed(number: Option<u64>) -> String {
    number.map_or(SUPPRESSED.to_owned(), count)
}

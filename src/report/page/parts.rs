//! Makes tables and figures that can be read by keyboard, by a screen reader and on paper.

use maud::{Markup, PreEscaped, html};

use crate::report::picture::Screen;
use crate::report::rate::NOISY;
use crate::report::run_data::ReportError;

/// Tables of so many columns, or of so many letters in a row, are shown row by row on a small screen.
const LEAST_STACKED: usize = 5;
const LEAST_LETTERS: usize = 46;

/// Whether a table is too wide for a small screen. Names in the first column may be broken.
fn is_wide(head: &[&str], rows: &[Vec<String>]) -> bool {
    let widest = |place: usize| rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
    let letters: usize = (1..head.len()).map(widest).sum::<usize>() + 12;
    head.len() >= LEAST_STACKED || (head.len() > 2 && letters >= LEAST_LETTERS)
}

/// Whether a cell has words in place of a figure.
fn is_withheld(cell: &str) -> bool {
    [NOISY, "not published"].contains(&cell)
}

/// A table. The first column names the row. On a small screen, a table of many columns is shown row by row, each cell with
/// its heading; its roles are named, because such a display takes them away.
pub(in crate::report) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    let are_ids = rows.iter().all(|row| row.first().is_some_and(|name| !name.contains(' ')));
    let kind = [
        are_ids.then_some("ids"),
        is_wide(head, rows).then_some("stacked"),
        (head.len() >= LEAST_STACKED).then_some("paired"),
    ];
    let kind: Vec<&str> = kind.into_iter().flatten().collect();
    // Columns of words are read from the left.
    let is_word =
        |cell: &str| cell.starts_with(char::is_alphabetic) && !is_withheld(cell) && !cell.starts_with("under");
    let of_words = |place: usize| rows.iter().any(|row| is_word(&row[place]));
    let column = |place: usize| (place > 0).then(|| if of_words(place) { "words" } else { "number" });
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class=[(!kind.is_empty()).then(|| kind.join(" "))] role="table" {
                caption { (caption) }
                thead role="rowgroup" { tr role="row" { @for (place, cell) in head.iter().enumerate() {
                    th scope="col" role="columnheader" class=[column(place)] { (cell) }
                } } }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr role="row" { @for (place, cell) in row.iter().enumerate() {
                            @let class = [column(place), is_withheld(cell).then_some("withheld")];
                            @let class: Vec<&str> = class.into_iter().flatten().collect();
                            @if place == 0 { th scope="row" role="rowheader" { (cell) } }
                            @else {
                                td role="cell" data-head=(head[place]) class=[(!class.is_empty()).then(|| class.join(" "))] {
                                    (cell)
                                }
                            }
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

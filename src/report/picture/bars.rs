//! Draws a horizontal bar chart.

use super::{Area, BLUE, Fault, HPos, INK, LIGHT_BLUE, PALE, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, svg, write};

/// One bar.
#[derive(Debug, Clone)]
pub(in crate::report) struct Bar {
    pub(in crate::report) label: String,
    /// The part that is certain.
    pub(in crate::report) value: f64,
    /// By how much the bar may be longer.
    pub(in crate::report) more: f64,
    /// The text at the bar's end.
    pub(in crate::report) text: String,
}

/// Draws bars on one scale, from zero to the longest bar.
pub(in crate::report) fn bars(name: &str, bars: &[Bar], screen: Screen) -> Result<String, ReportError> {
    let (row, top) = match screen {
        Screen::Wide => (34, 6),
        Screen::Phone => (50, 4),
    };
    let height = top + row * bars.len() as u32 + 4;
    svg((screen.width(), height), name, |area| {
        let letters_of = |bar: &Bar| bar.label.chars().count() as i32;
        let left = (20 + 8 * bars.iter().map(letters_of).max().unwrap_or(0)).clamp(100, 290);
        // The text at the end gets the same width for all bars, so that lengths compare.
        let text_room = 12 + 8 * bars.iter().map(|bar| bar.text.chars().count()).max().unwrap_or(0).max(8) as i32;
        let longest = bars.iter().map(|bar| bar.value + bar.more).fold(0.0, f64::max);
        for (bar, place) in bars.iter().zip(0..) {
            let y = (top + row * place) as i32;
            draw(area, bar, (longest, left, text_room), y, screen)?;
        }
        Ok(())
    })
}

fn draw(
    area: &Area<'_>,
    bar: &Bar,
    (longest, left, text_room): (f64, i32, i32),
    y: i32,
    screen: Screen,
) -> Result<(), Fault> {
    let width = screen.width() as i32;
    let (left, from, to) = match screen {
        Screen::Wide => (left, y + 4, y + 28),
        Screen::Phone => (2, y + 21, y + 42),
    };
    match screen {
        Screen::Wide => {
            write(area, &bar.label, (left - 10, y + 16), anchored(letters(15, INK), HPos::Right, VPos::Center))?;
        }
        Screen::Phone => write(area, &bar.label, (2, y + 10), anchored(letters(14, INK), HPos::Left, VPos::Center))?,
    }
    let room = f64::from((width - left - text_room).max(20));
    let scale = |value: f64| if longest > 0.0 { (value / longest * room).round() as i32 } else { 0 };
    fill(area, (left, from), (left + room as i32, to), PALE)?;
    fill(area, (left, from), (left + scale(bar.value + bar.more), to), LIGHT_BLUE)?;
    fill(area, (left, from), (left + scale(bar.value).max(i32::from(bar.value > 0.0)), to), BLUE)?;
    let at = (left + room as i32 + 8, (from + to) / 2);
    write(area, &bar.text, at, anchored(bold(14, INK), HPos::Left, VPos::Center))
}

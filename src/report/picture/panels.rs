//! Draws a small trend for each supplier, all on one scale, with the range that its gate lets through.

use plotters::prelude::*;

use super::{Area, BLUE, FAINT, Fault, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, letters, line, svg, ticks, times, write};

/// The range that the gate lets through: pale enough for words and lines on it.
const RANGE: RGBColor = RGBColor(0xd9, 0xe7, 0xf3);

/// One run of a supplier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct PanelRun {
    pub(in crate::report) rate: Option<f64>,
    /// The range that the gate lets through; `None` if no earlier run delivered.
    pub(in crate::report) range: Option<(f64, f64)>,
    pub(in crate::report) held_back: bool,
}

/// One supplier.
#[derive(Debug, Clone)]
pub(in crate::report) struct Panel {
    pub(in crate::report) name: String,
    pub(in crate::report) runs: Vec<PanelRun>,
}

/// The edges of a panel's picture.
#[derive(Clone, Copy)]
struct Edges {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

/// Draws the panels in order; `days` are those of the runs, in order.
pub(in crate::report) fn panels(
    name: &str,
    days: &[String],
    panels: &[Panel],
    screen: Screen,
) -> Result<String, ReportError> {
    let (across, labels) = if screen == Screen::Wide { (3, 46) } else { (2, 40) };
    let (width, height) = (screen.width() as i32, 132);
    let rows = panels.len().div_ceil(across) as i32;
    svg((screen.width(), (rows * height + 26) as u32), name, |area| {
        let known = || {
            let runs = panels.iter().flat_map(|own| &own.runs);
            runs.flat_map(|night| night.rate.into_iter().chain(night.range.into_iter().flat_map(|own| [own.0, own.1])))
        };
        let scale = ticks(0.0, known().fold(0.002, f64::max));
        let times = times(days);
        for (own, place) in panels.iter().zip(0..) {
            let (column, row) = (place % across as i32, place / across as i32);
            let room = (width - labels) / across as i32;
            let edges = Edges {
                left: labels + column * room,
                right: labels + (column + 1) * room - 14,
                top: row * height + 30,
                bottom: (row + 1) * height - 4,
            };
            let at = (edges.left, edges.top - 14);
            write(area, &own.name, at, anchored(bold(13, INK), HPos::Left, VPos::Center))?;
            axis(area, &scale, edges, column == 0)?;
            let is_lowest = place as usize + across >= panels.len();
            if is_lowest {
                ends(area, days, edges)?;
            }
            draw(area, own, &times, scale[scale.len() - 1], edges)?;
        }
        Ok(())
    })
}

fn axis(area: &Area<'_>, scale: &[f64], edges: Edges, has_labels: bool) -> Result<(), Fault> {
    let most = scale[scale.len() - 1];
    for share in scale {
        let y = edges.bottom - (share / most * f64::from(edges.bottom - edges.top)).round() as i32;
        line(area, (edges.left, y), (edges.right, y), if *share > 0.0 { FAINT } else { RULE }, 1)?;
        if has_labels {
            let style = anchored(letters(11, GREY), HPos::Right, VPos::Center);
            write(area, &super::axis_percent(*share, scale[1]), (edges.left - 5, y), style)?;
        }
    }
    Ok(())
}

/// Writes the first and the last day, without their years.
fn ends(area: &Area<'_>, days: &[String], edges: Edges) -> Result<(), Fault> {
    let short = |day: &str| {
        day.parse::<jiff::civil::Date>().map_or(day.to_owned(), |day| day.strftime("%-d\u{a0}%b").to_string())
    };
    let all = [(edges.left, HPos::Left, days.first()), (edges.right, HPos::Right, days.last())];
    for (x, across, day) in all.into_iter().take(if days.first() == days.last() { 1 } else { 2 }) {
        let text = day.map_or(String::new(), |day| short(day));
        write(area, &text, (x, edges.bottom + 6), anchored(letters(11, GREY), across, VPos::Top))?;
    }
    Ok(())
}

fn draw(area: &Area<'_>, own: &Panel, times: &[f64], most: f64, edges: Edges) -> Result<(), Fault> {
    let Edges { left, right, top, bottom } = edges;
    let x = |time: f64| left + (time * f64::from(right - left)).round() as i32;
    let y = |rate: f64| bottom - (rate.min(most) / most * f64::from(bottom - top)).round() as i32;
    // Each run's range reaches halfway to its neighbours. Consecutive runs form one shape, so that no seam shows.
    let halfway = |place: usize, other: usize| {
        let time = times.get(other).map_or(times[place], |other| (times[place] + other) / 2.0);
        x(time)
    };
    let mut shape: Vec<((i32, i32), (i32, i32))> = Vec::new();
    for (place, night) in own.runs.iter().enumerate() {
        if let Some((low, high)) = night.range {
            let ends = (halfway(place, place.wrapping_sub(1)), halfway(place, place + 1));
            shape.push((ends, (y(low), y(high))));
        }
        if !shape.is_empty() && (night.range.is_none() || place + 1 == own.runs.len()) {
            let above = shape.iter().flat_map(|((from, to), (_, high))| [(*from, *high), (*to, *high)]);
            let below = shape.iter().rev().flat_map(|((from, to), (low, _))| [(*to, *low), (*from, *low)]);
            area.draw(&Polygon::new(above.chain(below).collect::<Vec<_>>(), RANGE.filled()))?;
            shape.clear();
        }
    }
    for (night, time) in own.runs.iter().zip(times).filter(|(night, _)| night.held_back) {
        held_back(area, (x(*time), night.rate.map_or(bottom - 6, y)), edges)?;
    }
    let points: Vec<(i32, i32)> =
        own.runs.iter().zip(times).filter_map(|(night, time)| Some((x(*time), y(night.rate?)))).collect();
    for ends in points.windows(2) {
        line(area, ends[0], ends[1], BLUE, 2)?;
    }
    for point in points {
        area.draw(&Circle::new(point, 2, BLUE.filled()))?;
    }
    Ok(())
}

/// Marks a run that held the supplier back, with a line and a cross.
fn held_back(area: &Area<'_>, (x, y): (i32, i32), edges: Edges) -> Result<(), Fault> {
    line(area, (x, edges.top), (x, edges.bottom), RED, 1)?;
    for ends in [((-5, -5), (5, 5)), ((-5, 5), (5, -5))] {
        let place = |end: (i32, i32)| (x + end.0, y + end.1);
        line(area, place(ends.0), place(ends.1), RED, 2)?;
    }
    Ok(())
}

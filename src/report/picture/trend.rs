//! Draws rates over the runs, with a line for each supplier or scheme.

use plotters::prelude::*;

use super::{GREY, HPos, INK, RULE, ReportError, Screen, VPos};
use super::{anchored, letters, line, svg, ticks, write};
use crate::report::words::percent;

/// A name and its rate in each run; `None` if it was suppressed.
#[derive(Debug, Clone)]
pub(in crate::report) struct Line {
    pub(in crate::report) name: String,
    pub(in crate::report) rates: Vec<Option<f64>>,
}

/// Colours that colour-blind readers can tell apart, dark enough on white.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0x1d, 0x70, 0xb8),
    RGBColor(0xb8, 0x5c, 0x00),
    RGBColor(0x00, 0x70, 0x3c),
    RGBColor(0x91, 0x2b, 0x88),
    RGBColor(0x0b, 0x0c, 0x0c),
    RGBColor(0x7a, 0x5c, 0x2e),
];

/// Draws the lines; `nights` are days in order.
pub(in crate::report) fn trend(
    name: &str,
    nights: &[String],
    lines: &[Line],
    screen: Screen,
) -> Result<String, ReportError> {
    let legend = 22 * lines.len() as i32;
    let (width, height) = (screen.width() as i32, 250 + legend);
    svg((screen.width(), height as u32), name, |area| {
        let (left, right, top, bottom) = (58, width - 20, 14, 210);
        // The scale need not start at zero: a trend is a change, and the axis shows where it begins.
        let rates = || lines.iter().flat_map(|line| line.rates.iter().flatten()).copied();
        let (low, high) = (rates().fold(1.0, f64::min), rates().fold(0.0, f64::max));
        let scale = ticks(low, high.max(low + 0.008));
        let (least, most) = (scale[0], scale[scale.len() - 1]);
        let last = nights.len().saturating_sub(1).max(1) as f64;
        let x = |night: usize| left + (night as f64 / last * f64::from(right - left)).round() as i32;
        let y = |rate: f64| bottom - ((rate - least) / (most - least) * f64::from(bottom - top)).round() as i32;
        for rate in scale {
            line(area, (left, y(rate)), (right, y(rate)), RULE, 1)?;
            let style = anchored(letters(12, GREY), HPos::Right, VPos::Center);
            write(area, &percent(rate), (left - 6, y(rate)), style)?;
        }
        for (night, across) in [(0, HPos::Left), (nights.len().saturating_sub(1), HPos::Right)] {
            let style = anchored(letters(12, GREY), across, VPos::Top);
            write(area, nights.get(night).map_or("", String::as_str), (x(night), bottom + 8), style)?;
        }
        for (own, place) in lines.iter().zip(0..) {
            let colour = COLOURS[place % COLOURS.len()];
            let points: Vec<(i32, i32)> =
                own.rates.iter().enumerate().filter_map(|(night, rate)| rate.map(|rate| (x(night), y(rate)))).collect();
            for ends in points.windows(2) {
                line(area, ends[0], ends[1], colour, 2)?;
            }
            for point in &points {
                mark(area, *point, place, colour)?;
            }
            let at = (left, 250 + 22 * place as i32);
            line(area, at, (left + 30, at.1), colour, 2)?;
            mark(area, (left + 15, at.1), place, colour)?;
            write(area, &own.name, (left + 40, at.1), anchored(letters(14, INK), HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

/// Draws a mark in the line's own shape, for readers who cannot tell colours apart.
fn mark(area: &super::Area<'_>, at: (i32, i32), place: usize, colour: RGBColor) -> Result<(), super::Fault> {
    let square = |half: i32, colour: RGBColor| {
        area.draw(&Rectangle::new([(at.0 - half, at.1 - half), (at.0 + half, at.1 + half)], colour.filled()))
    };
    match place % 3 {
        0 => area.draw(&Circle::new(at, 4, colour.filled()))?,
        1 => area.draw(&TriangleMarker::new(at, 6, colour.filled()))?,
        _ => square(4, colour)?,
    }
    // From the fourth line on, marks are hollow.
    if place >= 3 {
        match place % 3 {
            0 => area.draw(&Circle::new(at, 2, WHITE.filled()))?,
            1 => area.draw(&TriangleMarker::new(at, 3, WHITE.filled()))?,
            _ => square(2, WHITE)?,
        }
    }
    Ok(())
}

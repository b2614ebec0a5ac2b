//! Draws shares over the days that they are of, on a true axis of time, with their intervals.

use plotters::prelude::*;

use super::{GREY, HPos, INK, RULE, ReportError, Screen, VPos};
use super::{anchored, letters, line, svg, ticks, times, write};
use crate::report::rate::Rate;

/// A name and its share on each day.
#[derive(Debug, Clone)]
pub(in crate::report) struct Line {
    pub(in crate::report) name: String,
    pub(in crate::report) rates: Vec<Rate>,
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

/// Draws the lines; `days` are in order.
pub(in crate::report) fn trend(
    name: &str,
    days: &[String],
    lines: &[Line],
    screen: Screen,
) -> Result<String, ReportError> {
    let legend = if lines.len() > 1 { 22 * lines.len() as i32 } else { 0 };
    let (width, height) = (screen.width() as i32, 264 + legend);
    svg((screen.width(), height as u32), name, |area| {
        let (left, right, top, bottom) = (64, width - 20, 14, 210);
        // The scale need not start at zero: a trend is a change, and the picture says where it begins.
        let rates = || lines.iter().flat_map(|line| &line.rates).filter(|rate| rate.share.is_some());
        let ends = || rates().copied().flat_map(Rate::ends);
        let (low, high) = (ends().fold(1.0, f64::min), ends().fold(0.0, f64::max));
        let scale = ticks(low, high.max(low + 0.008));
        let (least, most) = (scale[0], scale[scale.len() - 1]);
        let times = times(days);
        let x = |day: usize| left + (times[day] * f64::from(right - left)).round() as i32;
        let y = |rate: f64| bottom - ((rate - least) / (most - least) * f64::from(bottom - top)).round() as i32;
        for rate in &scale {
            line(area, (left, y(*rate)), (right, y(*rate)), RULE, 1)?;
            let style = anchored(letters(12, GREY), HPos::Right, VPos::Center);
            write(area, &super::axis_percent(*rate, scale[1] - scale[0]), (left - 6, y(*rate)), style)?;
        }
        for (part, label, across) in labels(days, screen) {
            let at = left + (part * f64::from(right - left)).round() as i32;
            line(area, (at, bottom), (at, bottom + 4), INK, 1)?;
            write(area, &label, (at, bottom + 8), anchored(letters(12, GREY), across, VPos::Top))?;
        }
        if least > 0.0 {
            super::broken(area, (left, bottom))?;
        }
        for (own, place) in lines.iter().zip(0..) {
            let colour = COLOURS[place % COLOURS.len()];
            let shown = || own.rates.iter().enumerate();
            for (day, rate) in shown().filter(|(_, rate)| rate.share.is_some()) {
                if let Some((low, high)) = rate.interval {
                    line(area, (x(day), y(low)), (x(day), y(high)), colour, 1)?;
                }
            }
            let points: Vec<(i32, i32)> = shown().filter_map(|(day, rate)| Some((x(day), y(rate.share?)))).collect();
            for ends in points.windows(2) {
                line(area, ends[0], ends[1], colour, 2)?;
            }
            for point in &points {
                mark(area, *point, place, colour)?;
            }
            if lines.len() > 1 {
                let at = (left, 264 + 22 * place as i32);
                line(area, at, (left + 30, at.1), colour, 2)?;
                mark(area, (left + 15, at.1), place, colour)?;
                write(area, &own.name, (left + 40, at.1), anchored(letters(14, INK), HPos::Left, VPos::Center))?;
            }
        }
        Ok(())
    })
}

/// Days to write on the axis, evenly apart: each with its part of the way.
fn labels(days: &[String], screen: Screen) -> Vec<(f64, String, HPos)> {
    let ends = days.first().zip(days.last());
    let Some((first, last)) = ends else { return Vec::new() };
    let parsed = first.parse::<jiff::civil::Date>().ok().zip(last.parse::<jiff::civil::Date>().ok());
    let steps = if screen == Screen::Wide { 3 } else { 2 };
    let shown = |day: jiff::civil::Date| day.strftime("%-d\u{a0}%b\u{a0}%Y").to_string();
    let span = parsed.map_or(0, |(first, last)| (last - first).get_days());
    match parsed {
        _ if first == last => vec![(0.0, first.clone(), HPos::Left)],
        Some((first, last)) if span >= 2 * steps => (0..=steps)
            .map(|step| {
                let day = first.saturating_add(jiff::Span::new().days((span * step + steps / 2) / steps));
                let across =
                    [HPos::Left, HPos::Center, HPos::Right][usize::from(step > 0) + usize::from(step == steps)];
                let part = f64::from((day - first).get_days()) / f64::from((last - first).get_days());
                (part, shown(day), across)
            })
            .collect(),
        _ => vec![(0.0, first.clone(), HPos::Left), (1.0, last.clone(), HPos::Right)],
    }
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

//! Draws one supplier's rates over the runs, the range that its gate lets through, and a mark where it was
//! held back.

use plotters::prelude::*;

use super::{Area, Fault, anchored, bold, letters, line, svg, ticks, write};
use super::{BLUE, GREY, HPos, RED, RULE, ReportError, Screen, VPos};
use crate::report::gate::GateNight;
use crate::report::words::percent;

/// The range that the gate lets through: pale enough for words and lines on it.
const RANGE: RGBColor = RGBColor(0xd9, 0xe7, 0xf3);

/// Draws the runs of one supplier; `days` are in order.
pub(in crate::report) fn gate(
    name: &str,
    days: &[String],
    nights: &[GateNight],
    screen: Screen,
) -> Result<String, ReportError> {
    let (width, height) = (340, 176);
    let size = match screen {
        // Two pictures stand side by side.
        Screen::Wide => (width as u32 + 30, height as u32),
        Screen::Phone => (width as u32, height as u32),
    };
    svg(size, name, |area| {
        let (left, right, top, bottom) = (54, size.0 as i32 - 12, 24, height - 30);
        let all = || {
            let ranges = nights.iter().filter_map(|night| night.range).flat_map(|(least, most)| [least, most]);
            ranges.chain(nights.iter().filter_map(|night| night.rate))
        };
        let (low, high) = (all().fold(1.0, f64::min), all().fold(0.0, f64::max));
        let scale = ticks(low.min(high), high.max(low + 0.008));
        let (least, most) = (scale[0], scale[scale.len() - 1]);
        let last = nights.len().saturating_sub(1).max(1) as f64;
        let x = |night: f64| left + (night / last * f64::from(right - left)).round() as i32;
        let y = |rate: f64| bottom - ((rate - least) / (most - least) * f64::from(bottom - top)).round() as i32;
        // Each run's range reaches halfway to its neighbours. Consecutive runs form one shape, so that no
        // seam shows.
        let ends = |night: usize| (x((night as f64 - 0.5).max(0.0)), x((night as f64 + 0.5).min(last)));
        let mut shape: Vec<((i32, i32), (i32, i32))> = Vec::new();
        for (night, own) in nights.iter().enumerate() {
            if let Some((low, high)) = own.range {
                shape.push((ends(night), (y(low), y(high))));
            }
            if !shape.is_empty() && (own.range.is_none() || night + 1 == nights.len()) {
                let above = shape.iter().flat_map(|((from, to), (_, high))| [(*from, *high), (*to, *high)]);
                let below = shape.iter().rev().flat_map(|((from, to), (low, _))| [(*to, *low), (*from, *low)]);
                area.draw(&Polygon::new(above.chain(below).collect::<Vec<_>>(), RANGE.filled()))?;
                shape.clear();
            }
        }
        for rate in scale {
            line(area, (left, y(rate)), (right, y(rate)), RULE, 1)?;
            let style = anchored(letters(12, GREY), HPos::Right, VPos::Center);
            write(area, &percent(rate), (left - 6, y(rate)), style)?;
        }
        for (night, across) in [(0, HPos::Left), (days.len().saturating_sub(1), HPos::Right)] {
            let style = anchored(letters(12, GREY), across, VPos::Top);
            write(area, days.get(night).map_or("", String::as_str), (x(night as f64), bottom + 8), style)?;
        }
        held_back(area, nights, (top, bottom), (left, right), &x)?;
        let points: Vec<(i32, i32)> =
            nights.iter().zip(0..).filter_map(|(own, night)| Some((x(f64::from(night)), y(own.rate?)))).collect();
        for ends in points.windows(2) {
            line(area, ends[0], ends[1], BLUE, 2)?;
        }
        let size = if nights.len() > 20 { 2 } else { 3 };
        for point in points {
            area.draw(&Circle::new(point, size, BLUE.filled()))?;
        }
        Ok(())
    })
}

/// Draws a red vertical line for each run that held the supplier back, and labels the first.
fn held_back(
    area: &Area<'_>,
    nights: &[GateNight],
    (top, bottom): (i32, i32),
    (left, right): (i32, i32),
    x: &dyn Fn(f64) -> i32,
) -> Result<(), Fault> {
    let held: Vec<i32> =
        nights.iter().zip(0..).filter(|(own, _)| own.held_back).map(|(_, night)| x(f64::from(night))).collect();
    for at in &held {
        line(area, (*at, top), (*at, bottom), RED, 2)?;
        // A cross at its foot, for readers who cannot tell colours apart.
        for ends in [((-4, -4), (4, 4)), ((-4, 4), (4, -4))] {
            let place = |end: (i32, i32)| (at + end.0, bottom + end.1);
            line(area, place(ends.0), place(ends.1), RED, 2)?;
        }
    }
    let Some(first) = held.first() else { return Ok(()) };
    let (at, across) = match first - left < (right - left) / 2 {
        true => (first - 2, HPos::Left),
        false => (first + 2, HPos::Right),
    };
    write(area, "held back", (at, top - 12), anchored(bold(12, RED), across, VPos::Center))
}

//! Draws precision and recall over the threshold.

use super::{BLUE, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, letters, line, svg, write};
use crate::report::interval::Share;
use crate::report::threshold_curve::CurvePoint;

/// A threshold as log odds in bits, which spread the scale near certainty.
fn bits(threshold: f64) -> f64 {
    (threshold / (1.0 - threshold).max(1e-7)).log2()
}

/// Draws both lines; `threshold` is the one in use.
pub(in crate::report) fn curve(
    name: &str,
    points: &[CurvePoint],
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    let (width, height) = (screen.width() as i32, 320);
    svg((screen.width(), height as u32), name, |area| {
        let (left, right, top, bottom) = (58, width - 28, 40, height - 60);
        let (start, end) = (bits(0.05), bits(0.9999));
        let x = |threshold: f64| {
            left + ((bits(threshold) - start) / (end - start) * f64::from(right - left)).round() as i32
        };
        let lowest = points.iter().flat_map(|point| [point.precision.share, point.recall.share]).fold(1.0, f64::min);
        let from = ((lowest * 20.0).floor() / 20.0 - 0.05).clamp(0.0, 0.9);
        let y = |share: f64| bottom - ((share - from) / (1.0 - from) * f64::from(bottom - top)).round() as i32;
        let parts = if from >= 0.7 { ((1.0 - from) * 20.0).round() as u32 } else { 5 };
        for part in 0..=parts {
            let share = from + (1.0 - from) * f64::from(part) / f64::from(parts);
            line(area, (left, y(share)), (right, y(share)), RULE, 1)?;
            let style = anchored(letters(12, GREY), HPos::Right, VPos::Center);
            write(area, &format!("{share:.2}"), (left - 6, y(share)), style)?;
        }
        let ticks: &[f64] = match screen {
            Screen::Wide => &[0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 0.9999],
            Screen::Phone => &[0.05, 0.5, 0.95, 0.999],
        };
        for tick in ticks {
            let at = x(*tick);
            line(area, (at, bottom), (at, bottom + 4), INK, 1)?;
            let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
            write(area, &format!("{tick}"), (at, bottom + 7), style)?;
        }
        let style = anchored(letters(12, GREY), HPos::Right, VPos::Top);
        write(area, "threshold: lowest posterior for Y", (right, bottom + 24), style)?;
        let at = x(threshold);
        line(area, (at, top), (at, bottom), GREY, 2)?;
        write(area, "in use", (at - 5, top - 8), anchored(letters(12, GREY), HPos::Center, VPos::Center))?;
        let shares = |of: fn(&CurvePoint) -> Share| -> Vec<(i32, i32)> {
            points.iter().map(|point| (x(point.threshold), y(of(point).share))).collect()
        };
        let lines = [
            ("precision", shares(|point| point.precision), BLUE, 0),
            ("recall", shares(|point| point.recall), RED, 110),
        ];
        for (name, ends, colour, shift) in lines {
            for two in ends.windows(2) {
                line(area, two[0], two[1], colour, 3)?;
            }
            line(area, (left + shift, 14), (left + shift + 20, 14), colour, 3)?;
            write(area, name, (left + shift + 26, 14), anchored(bold(14, colour), HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

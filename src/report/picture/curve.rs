//! Draws precision and recall over the threshold and against each other, and calibration, on axes in log odds.

use plotters::prelude::*;

use super::scale::Scale;
use super::{Area, BLUE, Fault, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, letters, line, svg, write};
use crate::report::evaluation::Calibration;
use crate::report::interval::Share;
use crate::report::threshold_curve::CurvePoint;

/// The colours of intervals.
const PALE_BLUE: RGBColor = RGBColor(0xd9, 0xe7, 0xf3);
const PALE_RED: RGBColor = RGBColor(0xf4, 0xd9, 0xdc);

const HEIGHT: i32 = 340;

/// The pixels that both axes span: from left to right, and from the bottom up.
fn room(screen: Screen) -> ((i32, i32), (i32, i32)) {
    ((66, screen.width() as i32 - 24), (HEIGHT - 64, 44))
}

/// Draws both axes with their names.
fn axes(area: &Area<'_>, (x, y): (&Scale, &Scale), names: (&str, &str), screen: Screen) -> Result<(), Fault> {
    let ((left, right), (bottom, _)) = room(screen);
    for (label, at) in y.labels(24) {
        line(area, (left, at), (right, at), RULE, 1)?;
        write(area, &label, (left - 6, at), anchored(letters(12, GREY), HPos::Right, VPos::Center))?;
    }
    for (label, at) in x.labels(50) {
        line(area, (at, bottom), (at, bottom + 4), INK, 1)?;
        write(area, &label, (at, bottom + 7), anchored(letters(12, GREY), HPos::Center, VPos::Top))?;
    }
    write(area, names.0, (right, bottom + 28), anchored(letters(12, GREY), HPos::Right, VPos::Top))?;
    write(area, names.1, (4, 14), anchored(bold(13, INK), HPos::Left, VPos::Center))
}

/// Draws a line through places in their order.
fn through(area: &Area<'_>, places: impl Iterator<Item = (i32, i32)>, colour: RGBColor) -> Result<(), Fault> {
    let places: Vec<(i32, i32)> = places.collect();
    places.windows(2).try_for_each(|two| line(area, two[0], two[1], colour, 3))
}

/// The points that have something to take shares of, since 0 of 0 is no share.
fn known(points: &[CurvePoint]) -> impl DoubleEndedIterator<Item = &CurvePoint> + Clone {
    points.iter().filter(|point| point.precision.whole > 0 && point.recall.whole > 0)
}

/// One of the lines over the threshold.
struct Curve {
    name: &'static str,
    of: fn(&CurvePoint) -> Share,
    /// The line's colour and its interval's.
    colours: (RGBColor, RGBColor),
    /// How far to the right its name stands.
    shift: i32,
}

/// Draws precision and recall over the threshold; `threshold` is the one in use.
pub(in crate::report) fn curve(
    name: &str,
    points: &[CurvePoint],
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    svg((screen.width(), HEIGHT as u32), name, |area| {
        let (across, up) = room(screen);
        let x = Scale::around(points.iter().map(|point| point.threshold).chain([threshold]), across);
        let ends = |share: Share| [share.low, share.share, share.high];
        let y = Scale::around(known(points).flat_map(|point| [point.precision, point.recall]).flat_map(ends), up);
        let lines = [
            Curve { name: "precision", of: |point| point.precision, colours: (BLUE, PALE_BLUE), shift: 0 },
            Curve { name: "recall", of: |point| point.recall, colours: (RED, PALE_RED), shift: 110 },
        ];
        for Curve { of, colours: (_, pale), .. } in &lines {
            let end = |end: fn(Share) -> f64| move |point: &CurvePoint| (point.threshold, end(of(point)));
            let low = known(points).map(end(|share| share.low));
            let high = known(points).rev().map(end(|share| share.high));
            let shape: Vec<(i32, i32)> = low.chain(high).map(|(at, share)| (x.at(at), y.at(share))).collect();
            if shape.len() > 3 {
                area.draw(&Polygon::new(shape, pale.mix(0.7).filled()))?;
            }
        }
        axes(area, (&x, &y), ("threshold: lowest posterior for Y", ""), screen)?;
        let at = x.at(threshold);
        line(area, (at, up.1 - 6), (at, up.0), GREY, 2)?;
        write(area, "in use", (at, up.1 - 14), anchored(letters(12, GREY), HPos::Center, VPos::Center))?;
        for Curve { name, of, colours: (colour, _), shift } in lines {
            through(area, known(points).map(|point| (x.at(point.threshold), y.at(of(point).share))), colour)?;
            line(area, (across.0 + shift, 14), (across.0 + shift + 20, 14), colour, 3)?;
            write(area, name, (across.0 + shift + 26, 14), anchored(bold(14, colour), HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

/// Draws precision against recall, with the threshold in use and some others named.
pub(in crate::report) fn precision_recall(
    name: &str,
    points: &[CurvePoint],
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    svg((screen.width(), HEIGHT as u32), name, |area| {
        let (across, up) = room(screen);
        let x = Scale::around(known(points).map(|point| point.recall.share), across);
        let y = Scale::around(known(points).map(|point| point.precision.share), up);
        axes(area, (&x, &y), ("recall", "precision"), screen)?;
        let place = |point: &CurvePoint| (x.at(point.recall.share), y.at(point.precision.share));
        through(area, known(points).map(place), BLUE)?;
        let in_use = known(points)
            .min_by(|one, other| (one.threshold - threshold).abs().total_cmp(&(other.threshold - threshold).abs()));
        let mut labelled: Vec<(i32, i32)> = Vec::new();
        let is = |own: &CurvePoint, other: f64| (own.threshold - other).abs() < 1e-9;
        let others = [0.5, 0.9, 0.99, 0.999, 0.2, 0.05];
        let others = others.iter().filter_map(|wanted| known(points).find(|own| is(own, *wanted)));
        for (point, is_in_use) in in_use.into_iter().map(|own| (own, true)).chain(others.map(|own| (own, false))) {
            let at = place(point);
            if labelled.iter().any(|other| at.0.abs_diff(other.0) < 44 && at.1.abs_diff(other.1) < 16) {
                continue;
            }
            labelled.push(at);
            let (colour, size) = if is_in_use { (RED, 6) } else { (BLUE, 4) };
            area.draw(&Circle::new(at, size, colour.filled()))?;
            let text = if is_in_use { format!("{} in use", point.threshold) } else { point.threshold.to_string() };
            // A label beyond the right half goes to the left of its point.
            let (shift, side) =
                if at.0 > i32::midpoint(across.0, across.1) { (-9, HPos::Right) } else { (9, HPos::Left) };
            write(area, &text, (at.0 + shift, at.1 + 12), anchored(bold(12, colour), side, VPos::Center))?;
        }
        Ok(())
    })
}

/// Draws the eligible share of each band of the posterior beside its mean posterior, with intervals. A band on the
/// diagonal is calibrated.
pub(in crate::report) fn calibration(name: &str, bands: &[Calibration], screen: Screen) -> Result<String, ReportError> {
    svg((screen.width(), HEIGHT as u32), name, |area| {
        let (across, up) = room(screen);
        let shares = || bands.iter().flat_map(|band| [band.mean, band.eligible.share]);
        let (x, y) = (Scale::around(shares(), across), Scale::around(shares(), up));
        axes(area, (&x, &y), ("mean posterior", "eligible share"), screen)?;
        // Both axes have the same ends, and are straight in log odds.
        line(area, (across.0, up.0), (across.1, up.1), GREY, 1)?;
        for band in bands {
            let at = x.at(band.mean);
            line(area, (at, y.at(band.eligible.low)), (at, y.at(band.eligible.high)), BLUE, 3)?;
            area.draw(&Circle::new((at, y.at(band.eligible.share)), 5, BLUE.filled()))?;
        }
        Ok(())
    })
}

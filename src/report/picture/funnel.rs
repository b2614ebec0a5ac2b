//! Draws a funnel plot: shares against the number that they are of, with the limits within which chance alone keeps them
//! (Spiegelhalter, *Funnel plots for comparing institutional performance*, 2005).

use plotters::prelude::*;

use super::{Area, BLUE, FAINT, Fault, GREY, HPos, INK, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, letters, line, svg, ticks, write};
use crate::report::rate::Rate;
use crate::report::words::{count, percent};
use crate::statistics::OF_95_PERCENT;

/// The quantile of the normal distribution that leaves one in 500 beyond both ends.
const OF_998_PERMILLE: f64 = 3.090_232_306;

/// Both limits, with the colours of what lies within them.
const LIMITS: [(f64, RGBColor); 2] =
    [(OF_998_PERMILLE, RGBColor(0xe8, 0xee, 0xf4)), (OF_95_PERCENT, RGBColor(0xcf, 0xdd, 0xeb))];

/// One point.
#[derive(Debug, Clone)]
pub(in crate::report) struct Point {
    pub(in crate::report) label: String,
    pub(in crate::report) rate: Rate,
    /// What the share is of.
    pub(in crate::report) of: f64,
}

impl Point {
    /// Whether the share, and all of its interval, lies beyond the outer limits about the whole's share.
    pub(in crate::report) fn is_outside(&self, all: f64) -> bool {
        let limit = OF_998_PERMILLE * spread(all, self.of);
        let beyond = |sign: f64| self.rate.ends().all(|share| sign * (share - all) > limit);
        self.rate.share.is_some() && (beyond(1.0) || beyond(-1.0))
    }
}

/// The standard deviation of a share of `of`, by chance alone.
fn spread(all: f64, of: f64) -> f64 {
    (all * (1.0 - all) / of.max(1.0)).sqrt()
}

/// Draws the points about `all`, the share of the whole.
pub(in crate::report) fn funnel(
    name: &str,
    points: &[Point],
    all: f64,
    unit: &str,
    screen: Screen,
) -> Result<String, ReportError> {
    let (width, height) = (screen.width() as i32, if screen == Screen::Wide { 400 } else { 330 });
    svg((screen.width(), height as u32), name, |area| {
        let (left, right, top, bottom) = (58, width - 14, 26, height - 58);
        let shares = || points.iter().flat_map(|own| own.rate.ends()).chain([all]);
        let (low, high) = (shares().fold(1.0, f64::min), shares().fold(0.0, f64::max));
        // The axis leaves zero out, and says so, where all shares lie in the upper half of it.
        let is_broken = low > 0.5 * high;
        let margin = 0.15 * (high - low) + 0.01 * high;
        let scale = ticks(if is_broken { low - margin } else { 0.0 }, (high + margin).clamp(0.004, 1.0));
        let (first, most) = (scale[0], scale[scale.len() - 1]);
        let y = |share: f64| {
            bottom - ((share.clamp(first, most) - first) / (most - first) * f64::from(bottom - top)).round() as i32
        };
        let sizes = || points.iter().map(|own| own.of.max(1.0));
        let (least, greatest) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(1.0, f64::max));
        let (from, to) = (0.8 * least.min(greatest), 1.25 * greatest);
        let x =
            |of: f64| left + ((of.max(1.0) / from).ln() / (to / from).ln() * f64::from(right - left)).round() as i32;
        for (quantile, colour) in LIMITS {
            let steps = (0..=80).map(|step| from * (to / from).powf(f64::from(step) / 80.0));
            let limit = |of: f64, sign: f64| (x(of), y(all + sign * quantile * spread(all, of)));
            let above: Vec<(i32, i32)> = steps.clone().map(|of| limit(of, 1.0)).collect();
            let below = steps.map(|of| limit(of, -1.0)).collect::<Vec<_>>().into_iter().rev();
            area.draw(&Polygon::new(above.into_iter().chain(below).collect::<Vec<_>>(), colour.filled()))?;
        }
        for share in &scale {
            line(area, (left, y(*share)), (right, y(*share)), if *share > first { FAINT } else { INK }, 1)?;
            let style = anchored(letters(12, GREY), HPos::Right, VPos::Center);
            write(area, &super::axis_percent(*share, scale[1] - first), (left - 6, y(*share)), style)?;
        }
        for of in sizes_to_label(from, to, screen) {
            line(area, (x(of), bottom), (x(of), bottom + 4), INK, 1)?;
            let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
            write(area, &count(of as u64), (x(of), bottom + 8), style)?;
        }
        let style = anchored(letters(12, GREY), HPos::Right, VPos::Bottom);
        write(area, unit, (right, height - 2), style)?;
        if first > 0.0 {
            super::broken(area, (left, bottom))?;
        }
        line(area, (left, y(all)), (right, y(all)), INK, 1)?;
        let mut taken = vec![];
        draw_points(area, points, all, (&x, &y), &mut taken)?;
        name_points(area, points, all, (&x, &y), &mut taken, (left, right, top, bottom))?;
        let text = format!("all: {}; shaded: within 95\u{a0}% and 99.8\u{a0}% limits of chance", percent(all));
        let text =
            if screen == Screen::Wide { text } else { format!("all: {}; shaded: limits of chance", percent(all)) };
        write(area, &text, (left, 10), anchored(bold(12, INK), HPos::Left, VPos::Center))
    })
}

/// Round numbers on the axis of sizes.
fn sizes_to_label(from: f64, to: f64, screen: Screen) -> Vec<f64> {
    let powers = (from.log10().floor() as i32)..=(to.log10().ceil() as i32);
    let digits: &[f64] = if to / from < 30.0 && screen == Screen::Wide { &[1.0, 2.0, 5.0] } else { &[1.0, 3.0] };
    let all = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)));
    all.filter(|of| *of >= from && *of <= to).collect()
}

type Place<'a> = (&'a dyn Fn(f64) -> i32, &'a dyn Fn(f64) -> i32);

/// A rectangle that a label or a point takes.
type Taken = (i32, i32, i32, i32);

fn draw_points(
    area: &Area<'_>,
    points: &[Point],
    all: f64,
    (x, y): Place<'_>,
    taken: &mut Vec<Taken>,
) -> Result<(), Fault> {
    for own in points {
        let Some(share) = own.rate.share else { continue };
        let at = (x(own.of), y(share));
        if let Some((low, high)) = own.rate.interval {
            line(area, (at.0, y(low)), (at.0, y(high)), BLUE, 2)?;
        }
        // Hollow within the outer limits, for readers who cannot see the shade behind them.
        area.draw(&Circle::new(at, 5, BLUE.filled()))?;
        if !own.is_outside(all) {
            area.draw(&Circle::new(at, 3, super::WHITE.filled()))?;
        }
        let (low, high) = own.rate.interval.unwrap_or((share, share));
        taken.push((at.0 - 6, y(high).min(at.1 - 6), at.0 + 6, y(low).max(at.1 + 6)));
    }
    Ok(())
}

/// Names the points beside which there is room, those that are farthest from the whole's share first.
fn name_points(
    area: &Area<'_>,
    points: &[Point],
    all: f64,
    (x, y): Place<'_>,
    taken: &mut Vec<Taken>,
    (left, right, top, bottom): (i32, i32, i32, i32),
) -> Result<(), Fault> {
    let mut named: Vec<(&Point, f64)> = points.iter().filter_map(|own| Some((own, own.rate.share?))).collect();
    let far = |(own, share): &(&Point, f64)| (share - all).abs() / spread(all, own.of).max(1e-9);
    named.sort_by(|one, other| far(other).total_cmp(&far(one)));
    for (own, share) in named {
        let at = (x(own.of), y(share));
        let width = 7 * own.label.chars().count() as i32 + 4;
        let places = [
            (HPos::Right, (at.0 - 9, at.1), (at.0 - 9 - width, at.0 - 9)),
            (HPos::Left, (at.0 + 9, at.1), (at.0 + 9, at.0 + 9 + width)),
            (HPos::Center, (at.0, at.1 - 15), (at.0 - width / 2, at.0 + width / 2)),
            (HPos::Center, (at.0, at.1 + 15), (at.0 - width / 2, at.0 + width / 2)),
        ];
        let free = places.into_iter().find(|(_, place, (from, to))| {
            let own = (*from, place.1 - 7, *to, place.1 + 7);
            let is_apart = |other: &Taken| own.2 < other.0 || other.2 < own.0 || own.3 < other.1 || other.3 < own.1;
            *from >= left && *to <= right && own.1 >= top && own.3 <= bottom && taken.iter().all(is_apart)
        });
        if let Some((across, place, (from, to))) = free {
            taken.push((from, place.1 - 7, to, place.1 + 7));
            write(area, &own.label, place, anchored(letters(13, INK), across, VPos::Center))?;
        }
    }
    line(area, (left, top), (left, bottom), RULE, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_explains_what_its_interval_holds() {
        for (interval, is_outside) in [(None, true), (Some((0.185, 0.195)), true), (Some((0.17, 0.21)), false)] {
            let point = Point { label: "north".to_owned(), rate: Rate::new(Some(0.19), interval), of: 1000.0 };
            assert_eq!(point.is_outside(0.15), is_outside, "{interval:?}");
        }
    }

    #[test]
    fn chance_explains_more_of_fewer() {
        // 15 % of 1,000 has a standard deviation of 1.13 points, and of 100,000 of 0.113 points.
        for (share, of, is_outside) in
            [(0.18, 1000.0, false), (0.19, 1000.0, true), (0.153, 100_000.0, false), (0.1536, 100_000.0, true)]
        {
            let point = Point { label: "north".to_owned(), rate: Rate::new(Some(share), None), of };
            assert_eq!(point.is_outside(0.15), is_outside, "{share} of {of}");
        }
    }
}

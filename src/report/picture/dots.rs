//! Draws shares as dots on one axis, with their intervals and the share of the whole.

use plotters::prelude::*;

use super::{Area, BLUE, FAINT, Fault, GREY, HPos, INK, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, letters, line, svg, ticks, write};
use crate::report::rate::Rate;

/// One line of the picture.
#[derive(Debug, Clone)]
pub(in crate::report) enum Dot {
    /// What the following lines are about.
    Heading(String),
    Share {
        label: String,
        rate: Rate,
    },
}

impl Dot {
    pub(in crate::report) fn new(label: &str, rate: Rate) -> Dot {
        Dot::Share { label: label.to_owned(), rate }
    }

    fn rate(&self) -> Option<Rate> {
        match self {
            Dot::Heading(_) => None,
            Dot::Share { rate, .. } => Some(*rate),
        }
    }
}

/// Where the axis begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Begins {
    AtZero,
    /// At zero, unless all shares lie in the upper half of it; then with a marked break.
    NearTheLeast,
}

/// Draws the dots in order, each on a line of its own. `all` is the share of the whole.
pub(in crate::report) fn dots(
    name: &str,
    dots: &[Dot],
    all: Option<f64>,
    begins: Begins,
    screen: Screen,
) -> Result<String, ReportError> {
    let row = if screen == Screen::Wide { 26 } else { 44 };
    let top = if all.is_some() { 28 } else { 8 };
    let bottom = top + row * dots.len() as i32;
    svg((screen.width(), (bottom + 46) as u32), name, |area| {
        let widest = |of: &dyn Fn(&Dot) -> usize| dots.iter().map(of).max().unwrap_or(0) as i32;
        let label = |dot: &Dot| match dot {
            Dot::Heading(text) | Dot::Share { label: text, .. } => text.chars().count(),
        };
        let text = |dot: &Dot| dot.rate().map_or(0, |rate| rate.words().chars().count());
        let (left, right) = match screen {
            Screen::Wide => ((24 + 8 * widest(&label)).clamp(110, 260), 760 - 16 - 8 * widest(&text).max(6)),
            Screen::Phone => (14, screen.width() as i32 - 22),
        };
        let ends = || {
            let known = dots.iter().filter_map(Dot::rate).filter(|rate| rate.share.is_some());
            known.flat_map(|rate| rate.ends()).chain(all)
        };
        let (least, most) = (ends().fold(1.0, f64::min), ends().fold(0.0, f64::max).max(0.001));
        let is_broken = begins == Begins::NearTheLeast && least > 0.5 * most;
        let scale = ticks(if is_broken { least } else { 0.0 }, most.max(least + 0.008));
        let (first, last) = (scale[0], scale[scale.len() - 1]);
        let x =
            |share: f64| left + ((share - first) / (last - first) * f64::from(right - left)).round().max(0.0) as i32;
        for share in &scale {
            if screen == Screen::Wide {
                line(area, (x(*share), top), (x(*share), bottom), RULE, 1)?;
            }
            let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
            write(area, &super::axis_percent(*share, scale[1] - first), (x(*share), bottom + 8), style)?;
        }
        if is_broken && first > 0.0 {
            super::broken(area, (left, bottom))?;
        }
        if let Some(share) = all {
            if screen == Screen::Wide {
                line(area, (x(share), top - 6), (x(share), bottom), INK, 1)?;
            }
            let text = format!("all: {}", super::super::words::percent(share));
            let half = 4 * text.chars().count() as i32;
            let at = x(share).clamp(half, screen.width() as i32 - half);
            write(area, &text, (at, top - 16), anchored(bold(13, INK), HPos::Center, VPos::Center))?;
        }
        for (dot, place) in dots.iter().zip(0..) {
            let y = top + row * place;
            if screen == Screen::Phone && dot.rate().is_some() {
                // The lines of the axis leave room for the words of each row.
                for share in &scale {
                    line(area, (x(*share), y + 25), (x(*share), y + 39), RULE, 1)?;
                }
                if let Some(share) = all {
                    line(area, (x(share), y + 23), (x(share), y + 41), INK, 1)?;
                }
            }
            draw(area, dot, (y, row), (left, right), &x, screen)?;
        }
        Ok(())
    })
}

fn draw(
    area: &Area<'_>,
    dot: &Dot,
    (top, row): (i32, i32),
    (left, right): (i32, i32),
    x: &dyn Fn(f64) -> i32,
    screen: Screen,
) -> Result<(), Fault> {
    let (label_at, y) = match screen {
        Screen::Wide => ((left - 12, top + row / 2), top + row / 2),
        Screen::Phone => ((2, top + 13), top + 32),
    };
    let (label, rate) = match dot {
        Dot::Heading(text) => {
            let at = (2, if screen == Screen::Wide { y + 3 } else { y });
            return write(area, text, at, anchored(bold(14, INK), HPos::Left, VPos::Center));
        }
        Dot::Share { label, rate } => (label, rate),
    };
    let across = if screen == Screen::Wide { HPos::Right } else { HPos::Left };
    let is_crowded = screen == Screen::Phone && label.chars().count() + rate.words().chars().count() > 42;
    let size = if is_crowded { 12 } else { 14 };
    line(area, (left, y), (right, y), FAINT, 1)?;
    write(area, label, label_at, anchored(letters(size, INK), across, VPos::Center))?;
    let style = |across| match rate.share {
        Some(_) => anchored(bold(size, INK), across, VPos::Center),
        None => anchored(letters(size, GREY), across, VPos::Center),
    };
    match screen {
        Screen::Wide => write(area, &rate.words(), (right + 12, y), style(HPos::Left))?,
        Screen::Phone => write(area, &rate.words(), (338, top + 13), style(HPos::Right))?,
    }
    let Some(share) = rate.share else { return Ok(()) };
    if let Some((low, high)) = rate.interval {
        line(area, (x(low), y), (x(high), y), BLUE, 3)?;
    }
    Ok(area.draw(&Circle::new((x(share), y), 6, BLUE.filled()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(shares: &[f64], begins: Begins) -> String {
        let all: Vec<Dot> = shares.iter().map(|share| Dot::new("north", Rate::new(Some(*share), None))).collect();
        dots("rates", &all, None, begins, Screen::Wide).unwrap()
    }

    /// Dots are compared by their distance from zero, unless the picture says that it leaves zero out.
    #[test]
    fn an_axis_begins_at_zero_or_says_so() {
        for (shares, begins, is_broken) in [
            (&[0.12, 0.15][..], Begins::AtZero, false),
            (&[0.72, 0.75], Begins::AtZero, false),
            (&[0.72, 0.75], Begins::NearTheLeast, true),
            (&[0.12, 0.75], Begins::NearTheLeast, false),
        ] {
            let drawn = picture(shares, begins);
            assert_eq!(drawn.contains("does not begin at zero"), is_broken, "{shares:?}");
            assert_eq!(drawn.lines().any(|line| line.trim() == "0\u{a0}%"), !is_broken, "{shares:?}");
        }
    }
}

//! Draws the outcomes of a whole as one bar, each with its count and share below.

use plotters::style::RGBColor;

use super::{Area, Fault, HPos, INK, LIGHT_INK, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, line, svg, write};

/// One outcome.
#[derive(Debug, Clone)]
pub(in crate::report) struct Segment {
    pub(in crate::report) name: String,
    pub(in crate::report) share: f64,
    /// Its count and share, as the table has them.
    pub(in crate::report) text: String,
    pub(in crate::report) shade: Shade,
}

/// The colour of a segment, by what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Shade {
    Reached,
    Soon,
    Doubtful,
    Unlikely,
    Full,
    Missing,
    Absent,
    Refused,
}

impl Shade {
    fn colour(self) -> RGBColor {
        match self {
            Shade::Reached => super::BLUE,
            Shade::Soon => super::LIGHT_BLUE,
            Shade::Doubtful => RGBColor(0xc7, 0x6a, 0x00),
            Shade::Unlikely => RGBColor(0xf0, 0xb4, 0x78),
            Shade::Full => RGBColor(0x7a, 0x5c, 0x2e),
            Shade::Missing => super::GREY,
            Shade::Absent => super::RULE,
            Shade::Refused => RGBColor(0x91, 0x2b, 0x88),
        }
    }
}

/// Draws the segments in order. `interval` is that of the first one's share.
pub(in crate::report) fn whole(
    name: &str,
    segments: &[Segment],
    interval: Option<(f64, f64)>,
    screen: Screen,
) -> Result<String, ReportError> {
    let bar = 56;
    let row = if screen == Screen::Wide { 26 } else { 44 };
    let top = bar + 24;
    svg((screen.width(), (top + row * segments.len() as i32) as u32), name, |area| {
        let (left, right) = (2, screen.width() as i32 - 2);
        let x = |share: f64| left + (share.clamp(0.0, 1.0) * f64::from(right - left)).round() as i32;
        let mut sum = 0.0;
        for (own, place) in segments.iter().zip(0..) {
            let (from, to) = (x(sum), x(sum + own.share));
            sum += own.share;
            // A gap tells neighbours apart without their colours. What is too small to see is below, in words.
            if to > from {
                fill(area, (from, 4), ((to - 2).max(from + 1), bar), own.shade.colour())?;
            }
            let y = top + row * place + 13;
            fill(area, (left, y - 8), (left + 16, y + 8), own.shade.colour())?;
            write(area, &own.name, (left + 26, y), anchored(letters(15, INK), HPos::Left, VPos::Center))?;
            let (at, across) = match screen {
                Screen::Wide => ((right, y), HPos::Right),
                Screen::Phone => ((left + 26, y + 18), HPos::Left),
            };
            write(area, &own.text, at, anchored(bold(15, INK), across, VPos::Center))?;
        }
        if let Some(first) = segments.first().filter(|own| x(own.share) - left > 90) {
            let label = super::super::words::percent(first.share);
            write(area, &label, (left + 10, bar / 2 + 2), anchored(bold(20, LIGHT_INK), HPos::Left, VPos::Center))?;
        }
        interval.map_or(Ok(()), |(low, high)| span(area, x(low), x(high), bar + 7))
    })
}

/// Draws an interval below the bar.
fn span(area: &Area<'_>, low: i32, high: i32, y: i32) -> Result<(), Fault> {
    line(area, (low, y), (high.max(low + 1), y), INK, 2)?;
    for end in [low, high.max(low + 1)] {
        line(area, (end, y - 4), (end, y + 4), INK, 2)?;
    }
    Ok(())
}

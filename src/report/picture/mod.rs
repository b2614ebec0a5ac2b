//! Draws pictures as self-contained SVG, each with a name for screen readers.
//!
//! Each picture is drawn for a wide page and for a phone; the page shows one of the two.

mod curve;
mod dots;
mod funnel;
mod histogram;
mod map;
mod panels;
mod scale;
mod trend;
mod waterfall;
mod whole;

pub(super) use curve::{calibration, curve, precision_recall};
pub(super) use dots::{Begins, Dot, dots};
pub(super) use funnel::{Point, funnel};
pub(super) use histogram::{Column, histogram};
pub(super) use map::{Tile, map};
pub(super) use panels::{Panel, PanelRun, panels};
pub(super) use trend::{Line, trend};
pub(super) use waterfall::{Step, axis, sums, waterfall};
pub(super) use whole::{Segment, Shade, whole};

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::run_data::ReportError;

/// The screen that a picture is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    Wide,
    Phone,
}

impl Screen {
    pub(super) const BOTH: [Screen; 2] = [Screen::Wide, Screen::Phone];

    fn width(self) -> u32 {
        match self {
            Screen::Wide => 760,
            Screen::Phone => 340,
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Screen::Wide => "wide",
            Screen::Phone => "phone",
        }
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Fault = Box<dyn std::error::Error>;

const INK: RGBColor = RGBColor(0x0b, 0x0c, 0x0c);
const GREY: RGBColor = RGBColor(0x50, 0x5a, 0x5f);
const RULE: RGBColor = RGBColor(0xb1, 0xb4, 0xb6);
/// Lines that only lead the eye.
const FAINT: RGBColor = RGBColor(0xe0, 0xe2, 0xe3);
const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Ink on a bar or a square, as dark or light as can be, so that one of them can be read on every colour. Both stay as they
/// are where the page is dark, so they are no other colour of a picture.
const DARK_INK: RGBColor = RGBColor(0x00, 0x00, 0x01);
const LIGHT_INK: RGBColor = RGBColor(0xff, 0xff, 0xfe);
/// Amounts that are certain.
const BLUE: RGBColor = RGBColor(0x1d, 0x70, 0xb8);
/// Amounts that may be added to them.
const LIGHT_BLUE: RGBColor = RGBColor(0xa9, 0xc9, 0xe6);
const RED: RGBColor = RGBColor(0xb1, 0x0e, 0x1e);

/// Draws a picture and gives it its name.
fn svg(
    (width, height): (u32, u32),
    name: &str,
    draw: impl FnOnce(&Area<'_>) -> Result<(), Fault>,
) -> Result<String, ReportError> {
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
    let drawn = draw(&area).and_then(|()| Ok(area.present()?));
    drop(area);
    drawn.map_err(|error| ReportError::Unmade(error.to_string()))?;
    let name: String = maud::html! { (name) }.into_string();
    // Without a fixed size, the picture takes the width that the page gives it.
    let sizes = format!("<svg width=\"{width}\" height=\"{height}\"");
    Ok(text.trim().replacen(&sizes, &format!("<svg role=\"img\" aria-label=\"{}\"", name.replace('"', "&quot;")), 1))
}

/// A text style of this size in pixels. The factor undoes plotters' own, which divides sizes by 1.24.
fn letters(size: u32, colour: RGBColor) -> TextStyle<'static> {
    coloured(("Arial, Helvetica, sans-serif", f64::from(size) * 1.24).into_font(), colour)
}

fn bold(size: u32, colour: RGBColor) -> TextStyle<'static> {
    let font = ("Arial, Helvetica, sans-serif", f64::from(size) * 1.24, FontStyle::Bold);
    coloured(font.into_font(), colour)
}

fn coloured(font: FontDesc<'static>, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from(font) }
}

fn anchored(style: TextStyle<'static>, across: HPos, down: VPos) -> TextStyle<'static> {
    style.pos(Pos::new(across, down))
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), style: TextStyle<'static>) -> Result<(), Fault> {
    Ok(area.draw(&Text::new(text.to_owned(), at, style))?)
}

fn fill(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Fault> {
    Ok(area.draw(&Rectangle::new([from, to], colour.filled()))?)
}

fn line(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor, width: u32) -> Result<(), Fault> {
    Ok(area.draw(&PathElement::new([from, to], colour.stroke_width(width)))?)
}

/// Round axis values that enclose `least` to `most`: four steps at most, each 1, 2 or 5 times a power of ten.
fn ticks(least: f64, most: f64) -> Vec<f64> {
    let most = most.max(least + 1e-3 * least.abs() + 1e-6);
    let span = most - least;
    let power = 10_f64.powf((span / 4.0).log10().floor());
    let ends = |step: f64| ((least / step + 1e-9).floor(), (most / step - 1e-9).ceil());
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().map(|digit| digit * power);
    let step = steps.into_iter().find(|step| ends(*step).1 - ends(*step).0 <= 4.0).unwrap_or(span);
    let (from, to) = ends(step);
    (from as i64..=to as i64).map(|part| part as f64 * step).collect()
}

/// A value of an axis of shares, with the decimals that its steps need.
fn axis_percent(share: f64, step: f64) -> String {
    let digits = (-(100.0 * step).log10() - 1e-9).ceil().clamp(0.0, 4.0) as usize;
    format!("{:.digits$}\u{a0}%", 100.0 * share)
}

/// Marks the corner at which an axis leaves zero out, and says so below.
fn broken(area: &Area<'_>, (left, bottom): (i32, i32)) -> Result<(), Fault> {
    for shift in [0, 5] {
        line(area, (left - 4 + shift, bottom + 5), (left + shift, bottom - 5), INK, 2)?;
    }
    let style = anchored(letters(12, GREY), HPos::Left, VPos::Top);
    write(area, "// The axis does not begin at zero.", (left - 4, bottom + 27), style)
}

/// Where each day lies between the first and the last, from 0 to 1. Days that are none are taken to be equally far apart.
fn times(days: &[String]) -> Vec<f64> {
    let dates: Option<Vec<jiff::civil::Date>> = days.iter().map(|day| day.parse().ok()).collect();
    let since_first = |dates: &[jiff::civil::Date]| -> Vec<f64> {
        dates.iter().map(|date| f64::from((*date - dates[0]).get_days())).collect()
    };
    let since = dates.map_or_else(|| (0..days.len()).map(|place| place as f64).collect(), |dates| since_first(&dates));
    let last = since.last().copied().unwrap_or(0.0);
    // Runs of one day stand next to each other.
    let places = || (0..days.len()).map(|place| place as f64 / days.len().saturating_sub(1).max(1) as f64);
    if last > 0.0 { since.into_iter().map(|days| days / last).collect() } else { places().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rate::Rate;

    #[test]
    fn an_axis_has_round_numbers_about_all_there_is() {
        for (least, most, expected) in [
            (0.0, 540.0, &[0.0, 200.0, 400.0, 600.0][..]),
            (0.0, 80.0, &[0.0, 20.0, 40.0, 60.0, 80.0]),
            (0.0, 1.0, &[0.0, 0.5, 1.0]),
            (0.144, 0.1561, &[0.14, 0.145, 0.15, 0.155, 0.16]),
            (0.102, 0.203, &[0.1, 0.15, 0.2, 0.25]),
        ] {
            let found = ticks(least, most);
            assert_eq!(found.len(), expected.len(), "{least} to {most}: {found:?}");
            assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{found:?}");
        }
        // The outer values enclose any range, and there are at most four steps.
        for place in 0..1000 {
            let least = f64::from(place % 37) / 7.0;
            let most = least + f64::from(place % 11) * 10_f64.powi(place % 9 - 4);
            let found = ticks(least, most);
            assert!(found[0] <= least + 1e-6 && most <= found[found.len() - 1] + 1e-6, "{least} {most}: {found:?}");
            assert!(found.len() <= 5, "{found:?}");
        }
    }

    #[test]
    fn a_picture_has_its_name_and_no_markup_of_anybody_else() {
        let dot = [Dot::new("<script>alert(1)</script>", Rate::exact(1, 2))];
        for screen in Screen::BOTH {
            let drawn = dots("\"<i>\" & more", &dot, None, Begins::AtZero, screen).unwrap();
            assert!(drawn.starts_with("<svg role=\"img\" aria-label=\"&quot;&lt;i&gt;&quot; &amp; more\" viewBox="));
            assert!(drawn.ends_with("</svg>"));
            for markup in ["<script", "<i>"] {
                assert!(!drawn.contains(markup), "{drawn}");
            }
        }
    }

    #[test]
    fn days_lie_as_far_apart_as_they_are() {
        for (days, expected) in [
            (&[][..], &[][..]),
            (&["2026-08-23"], &[0.0]),
            (&["2026-08-23", "2026-08-24", "2026-08-27"], &[0.0, 0.25, 1.0]),
            (&["2026-12-30", "2027-01-01", "2027-01-03"], &[0.0, 0.5, 1.0]),
            // Runs of one day.
            (&["2026-08-23", "2026-08-23", "2026-08-23"], &[0.0, 0.5, 1.0]),
            (&["soon", "later", "never"], &[0.0, 0.5, 1.0]),
        ] {
            let days: Vec<String> = days.iter().map(|day| (*day).to_owned()).collect();
            assert_eq!(times(&days), expected, "{days:?}");
        }
    }

    #[test]
    fn an_axis_has_the_decimals_of_its_steps() {
        for (share, step, expected) in [(0.0, 0.05, "0\u{a0}%"), (0.145, 0.005, "14.5\u{a0}%"), (0.7, 0.1, "70\u{a0}%")]
        {
            assert_eq!(axis_percent(share, step), expected);
        }
    }
}

//! Draws a tile map of Great Britain: one square for each postcode area, near where the area lies.

use plotters::style::RGBColor;

use super::{Area, DARK_INK, FAINT, Fault, GREY, HPos, INK, LIGHT_INK, RULE, ReportError, Screen, VPos, WHITE};
use super::{anchored, bold, fill, letters, line, svg, ticks, write};

/// A postcode area and its rate, if it has one.
#[derive(Debug, Clone)]
pub(in crate::report) struct Tile {
    pub(in crate::report) area: String,
    pub(in crate::report) rate: Option<f64>,
}

/// Where each area lies, north at the top. Neighbours stay neighbours where squares allow it.
const LAYOUT: [&str; 22] = [
    ".  .  .  .  .  .  .  .  .  ZE",
    "HS .  .  .  .  KW",
    ".  .  .  .  IV .  AB",
    ".  .  .  .  PH DD",
    ".  .  .  PA FK KY",
    ".  .  .  .  G  ML EH",
    ".  .  .  .  KA .  TD NE",
    ".  .  .  .  .  DG CA DH SR",
    ".  .  .  .  .  .  LA DL TS",
    ".  .  .  .  .  FY PR BD HG YO",
    ".  .  .  .  .  L  BB HX LS HU",
    ".  .  .  .  .  WN BL HD WF DN",
    ".  .  .  .  CH WA M  OL S  LN",
    ".  .  .  .  LL CW SK DE NG PE NR",
    ".  .  .  .  SY TF ST WS LE CB IP",
    ".  .  .  LD HR WV B  CV NN SG CO",
    ".  .  .  SA NP DY WR OX MK LU CM SS",
    ".  .  .  .  CF GL SN HP AL WD EN IG RM",
    ".  .  .  .  BS BA RG SL HA NW N  E  .",
    ".  .  .  TA DT SP GU UB W  WC EC SE DA ME",
    ".  .  PL EX BH SO PO TW KT SW CR BR TN CT",
    ".  TR TQ .  .  .  .  .  .  SM RH BN",
];

const COLUMNS: i32 = 14;

/// The colours of shares, from the least to the greatest; those between are mixed of both neighbours.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0xde, 0xeb, 0xf7),
    RGBColor(0xa6, 0xcd, 0xe8),
    RGBColor(0x5d, 0xa4, 0xd6),
    RGBColor(0x1d, 0x70, 0xb8),
    RGBColor(0x08, 0x30, 0x6b),
];

fn places() -> impl Iterator<Item = (&'static str, i32, i32)> {
    LAYOUT.iter().zip(0..).flat_map(|(row, y)| {
        row.split_whitespace().zip(0..).filter(|(area, _)| *area != ".").map(move |(area, x)| (area, x, y))
    })
}

/// The colour of a part from 0 to 1 of the scale.
fn colour(part: f64) -> RGBColor {
    let place = part.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let lower = (place as usize).min(COLOURS.len() - 2);
    let mix = |one: u8, other: u8| {
        (f64::from(one) + (f64::from(other) - f64::from(one)) * (place - lower as f64)).round() as u8
    };
    let (one, other) = (COLOURS[lower], COLOURS[lower + 1]);
    RGBColor(mix(one.0, other.0), mix(one.1, other.1), mix(one.2, other.2))
}

/// The relative luminance of a colour (WCAG 2.2).
fn luminance(colour: RGBColor) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

/// Black or white, whichever can be read better.
fn ink_on(colour: RGBColor) -> RGBColor {
    let under = luminance(colour) + 0.05;
    if under / (luminance(DARK_INK) + 0.05) >= 1.05 / under { DARK_INK } else { LIGHT_INK }
}

/// Draws all areas. Those without a rate are white and crossed out; `why` says in the legend why they have none.
pub(in crate::report) fn map(name: &str, tiles: &[Tile], why: &str, screen: Screen) -> Result<String, ReportError> {
    let (tile, size) = match screen {
        Screen::Wide => (32, 13),
        Screen::Phone => (24, 10),
    };
    let across = tile * COLUMNS + 4;
    let legend_height = match screen {
        Screen::Wide => 0,
        Screen::Phone => 140,
    };
    let height = tile * LAYOUT.len() as i32 + 4 + legend_height;
    let rates = || tiles.iter().filter_map(|tile| tile.rate);
    let scale = ticks(rates().fold(1.0, f64::min).min(1.0), rates().fold(0.0, f64::max));
    let (least, most) = (scale[0], scale[scale.len() - 1]);
    let part = |rate: f64| (rate - least) / (most - least);
    svg((screen.width(), height as u32), name, |area| {
        for (own, x, y) in places() {
            let (from, to) = ((x * tile + 2, y * tile + 2), ((x + 1) * tile, (y + 1) * tile));
            let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
            match tiles.iter().find(|tile| tile.area == own).and_then(|tile| tile.rate) {
                Some(rate) => {
                    let colour = colour(part(rate));
                    fill(area, from, to, colour)?;
                    let style = anchored(bold(size, ink_on(colour)), HPos::Center, VPos::Center);
                    write(area, own, middle, style)?;
                }
                None => {
                    without_rate(area, from, to)?;
                    write(area, own, middle, anchored(letters(size, GREY), HPos::Center, VPos::Center))?;
                }
            }
        }
        let (x, y, width) = match screen {
            Screen::Wide => (across + 30, 40, 240),
            Screen::Phone => (14, height - legend_height + 36, 290),
        };
        write(area, "Flagged, of accounts on supply", (x, y - 14), anchored(bold(14, INK), HPos::Left, VPos::Center))?;
        let has_rates = rates().next().is_some();
        if has_rates {
            for step in 0..width {
                let shade = colour(f64::from(step) / f64::from(width - 1));
                // To the end, so that no seam shows where the picture is scaled.
                fill(area, (x + step, y), (x + width, y + 18), shade)?;
            }
            for rate in &scale {
                let at = x + (part(*rate) * f64::from(width)).round() as i32;
                line(area, (at, y + 18), (at, y + 23), INK, 1)?;
                let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
                write(area, &super::axis_percent(*rate, scale[1] - scale[0]), (at, y + 27), style)?;
            }
        }
        let y = if has_rates { y + 58 } else { y };
        without_rate(area, (x, y), (x + 20, y + 18))?;
        write(area, why, (x + 28, y + 9), anchored(letters(14, INK), HPos::Left, VPos::Center))
    })
}

/// Draws a square that is white and crossed out.
fn without_rate(area: &Area<'_>, from: (i32, i32), to: (i32, i32)) -> Result<(), Fault> {
    fill(area, from, to, RULE)?;
    fill(area, (from.0 + 1, from.1 + 1), (to.0 - 1, to.1 - 1), WHITE)?;
    line(area, (from.0 + 1, to.1 - 1), (to.0 - 1, from.1 + 1), FAINT, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::postcode::AREAS;
    use std::collections::BTreeSet;

    #[test]
    fn every_area_of_great_britain_has_one_square() {
        let on_map: Vec<&str> = places().map(|(area, _, _)| area).collect();
        let different: BTreeSet<&str> = on_map.iter().copied().collect();
        assert_eq!(different.len(), on_map.len());
        let elsewhere = ["BT", "GY", "IM", "JE"];
        let known: BTreeSet<&str> = AREAS.into_iter().filter(|area| !elsewhere.contains(area)).collect();
        assert_eq!(different, known);
        assert!(places().all(|(_, x, _)| x < COLUMNS));
    }

    #[test]
    fn letters_can_be_read_on_every_colour() {
        for step in 0..=100 {
            let colour = colour(f64::from(step) / 100.0);
            let (one, other) = (luminance(colour) + 0.05, luminance(ink_on(colour)) + 0.05);
            assert!(one.max(other) / one.min(other) >= 4.5, "{colour:?}");
        }
    }

    #[test]
    fn no_rate_is_told_from_a_low_one() {
        let tile = |area: &str, rate| Tile { area: area.to_owned(), rate };
        let drawn = map("areas", &[tile("LS", Some(0.1)), tile("YO", Some(0.2))], "no data", Screen::Wide).unwrap();
        let RGBColor(red, green, blue) = COLOURS[0];
        let lowest = format!("#{red:02X}{green:02X}{blue:02X}");
        assert!(drawn.contains(&lowest) && drawn.contains("no data"));
        // All squares but two, and the legend's.
        assert_eq!(drawn.matches("<polyline").count(), places().count() - 2 + 1 + 3, "{drawn}");
    }
}

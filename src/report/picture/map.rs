//! Draws a tile map of Great Britain: one square for each postcode area, near where the area lies.

use plotters::style::RGBColor;

use super::{GREY, HPos, INK, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, svg, write};
use crate::report::words::percent;

/// A postcode area and its rate; `None` if it is suppressed.
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

/// The colours of the square and of its letters, for each class of rates from the lowest.
const COLOURS: [(RGBColor, RGBColor); 5] = [
    (RGBColor(0xde, 0xeb, 0xf7), INK),
    (RGBColor(0xa6, 0xcd, 0xe8), INK),
    (RGBColor(0x5d, 0xa4, 0xd6), INK),
    (RGBColor(0x1d, 0x70, 0xb8), RGBColor(0xff, 0xff, 0xff)),
    (RGBColor(0x08, 0x30, 0x6b), RGBColor(0xff, 0xff, 0xff)),
];

fn places() -> impl Iterator<Item = (&'static str, i32, i32)> {
    LAYOUT.iter().zip(0..).flat_map(|(row, y)| {
        row.split_whitespace().zip(0..).filter(|(area, _)| *area != ".").map(move |(area, x)| (area, x, y))
    })
}

/// Draws all areas; areas without a rate are white.
pub(in crate::report) fn map(name: &str, tiles: &[Tile], screen: Screen) -> Result<String, ReportError> {
    let (tile, size) = match screen {
        Screen::Wide => (32, 13),
        Screen::Phone => (24, 10),
    };
    let across = tile * COLUMNS + 4;
    let legend_height = match screen {
        Screen::Wide => 0,
        Screen::Phone => 156,
    };
    let height = tile * LAYOUT.len() as i32 + 4 + legend_height;
    let rates = || tiles.iter().filter_map(|tile| tile.rate);
    let (least, most) = (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max));
    let class = |rate: f64| {
        let share = if most > least { (rate - least) / (most - least) } else { 0.0 };
        ((share * COLOURS.len() as f64) as usize).min(COLOURS.len() - 1)
    };
    svg((screen.width(), height as u32), name, |area| {
        for (own, x, y) in places() {
            let (from, to) = ((x * tile + 2, y * tile + 2), ((x + 1) * tile, (y + 1) * tile));
            let rate = tiles.iter().find(|tile| tile.area == own).and_then(|tile| tile.rate);
            let (colour, ink) = rate.map_or((RULE, GREY), |rate| COLOURS[class(rate)]);
            fill(area, from, to, colour)?;
            if rate.is_none() {
                fill(area, (from.0 + 1, from.1 + 1), (to.0 - 1, to.1 - 1), RGBColor(0xff, 0xff, 0xff))?;
            }
            let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
            let style = if rate.is_some() { bold(size, ink) } else { letters(size, ink) };
            write(area, own, middle, anchored(style, HPos::Center, VPos::Center))?;
        }
        let (x, mut y) = match screen {
            Screen::Wide => (across + 30, 40),
            Screen::Phone => (4, height - legend_height + 20),
        };
        write(area, "Flagged, of accounts on supply", (x, y - 14), anchored(bold(14, INK), HPos::Left, VPos::Center))?;
        let step = (most - least) / COLOURS.len() as f64;
        let mut entry = |colour: RGBColor, is_hollow: bool, text: &str| {
            fill(area, (x, y), (x + 20, y + 18), if is_hollow { RULE } else { colour })?;
            if is_hollow {
                fill(area, (x + 1, y + 1), (x + 19, y + 17), colour)?;
            }
            write(area, text, (x + 28, y + 9), anchored(letters(14, INK), HPos::Left, VPos::Center))?;
            y += 22;
            Ok::<(), super::Fault>(())
        };
        if most > least {
            for ((colour, _), place) in COLOURS.iter().zip(0..) {
                let from = least + step * f64::from(place);
                entry(*colour, false, &format!("{} to {}", percent(from), percent(from + step)))?;
            }
        } else if most > 0.0 {
            entry(COLOURS[0].0, false, &percent(most))?;
        }
        entry(RGBColor(0xff, 0xff, 0xff), true, "suppressed, or nobody there")
    })
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
}

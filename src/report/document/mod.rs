//! Declares what a report consists of. It is formatted as a page and as text, which say the same.

mod html;
mod text;

use super::picture::{Begins, Column, Dot, Line, Panel, Point, Segment, Tile};

/// A report.
pub(super) struct Document {
    /// The text of the browser's tab.
    pub(super) title: String,
    pub(super) heading: &'static str,
    /// The run that it is about.
    pub(super) about: String,
    /// What it was made from.
    pub(super) from: &'static str,
    /// What a reader must not overlook.
    pub(super) warning: Option<&'static str>,
    /// What holds for the whole report.
    pub(super) lead: Vec<String>,
    pub(super) chapters: Vec<Chapter>,
}

/// The sections of one scheme, under its name, or those of all.
pub(super) struct Chapter {
    pub(super) name: Option<String>,
    pub(super) sections: Vec<Section>,
}

/// A part of the report that has a heading.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) parts: Vec<Part>,
}

/// What a section consists of.
pub(super) enum Part {
    Text(String),
    /// Something to know before reading on.
    Note(String),
    List(Vec<String>),
    /// A few figures, each with what it is.
    Figures(Vec<[String; 2]>),
    Picture {
        /// Its name for a screen reader.
        name: &'static str,
        /// What it shows, in words.
        text: String,
        picture: Picture,
    },
    Table(Rows),
    /// A long table, which the page folds.
    Folded(Rows),
}

/// A table of text.
pub(super) struct Rows {
    pub(super) caption: &'static str,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A picture.
pub(super) enum Picture {
    /// What became of a whole; the interval is that of the first segment.
    Whole { segments: Vec<Segment>, interval: Option<(f64, f64)> },
    /// Shares, with that of the whole.
    Dots { dots: Vec<Dot>, all: Option<f64>, begins: Begins },
    /// Shares against the number of accounts, about that of the whole.
    Funnel { points: Vec<Point>, all: f64 },
    /// Shares by postcode area, and why some have none.
    Map { tiles: Vec<Tile>, why: &'static str },
    /// Counts by match weight.
    Weights { columns: Vec<Column>, threshold: f64 },
    /// Shares over days.
    Trend { days: Vec<String>, lines: Vec<Line> },
    /// Shares of each supplier over days, on one scale.
    Panels { days: Vec<String>, panels: Vec<Panel> },
}

/// A growing table with more rows is folded.
const MOST_UNFOLDED: usize = 15;

/// The width of a band of match weights in bits, and where the lowest band is drawn to begin.
pub(super) const BAND: f64 = 2.5;
pub(super) const LOWEST: f64 = -12.5;

impl Part {
    pub(super) fn table(caption: &'static str, head: &[&'static str], rows: Vec<Vec<String>>) -> Part {
        Part::Table(Rows { caption, head: head.to_vec(), rows })
    }

    /// A table that grows from run to run. The page folds it when it is long.
    pub(super) fn growing_table(caption: &'static str, head: &[&'static str], rows: Vec<Vec<String>>) -> Part {
        let is_long = rows.len() > MOST_UNFOLDED;
        let rows = Rows { caption, head: head.to_vec(), rows };
        if is_long { Part::Folded(rows) } else { Part::Table(rows) }
    }
}

impl Section {
    /// A section; `None` if it has nothing to say.
    pub(super) fn new(id: &'static str, heading: &'static str, parts: Vec<Part>) -> Option<Section> {
        (!parts.is_empty()).then_some(Section { id, heading, parts })
    }
}

/// A threshold as a match weight.
pub(super) fn bits(threshold: f64) -> f64 {
    (threshold / (1.0 - threshold)).log2()
}

/// A band of match weights in words, by the code that files have.
pub(super) fn weight_band(code: &str, is_highest: bool) -> String {
    match code.parse::<f64>() {
        Ok(from) if is_highest => format!("{from} and more"),
        Ok(from) => format!("{from} to {}", from + BAND),
        Err(_) if code == "below" => format!("below {}", LOWEST + BAND),
        Err(_) => code.to_owned(),
    }
}

/// Columns of match weights by band, each with its count and interval, from one on: pictures below each other have one axis.
pub(super) fn weight_columns<'a>(
    bands: impl Iterator<Item = (&'a str, Option<u64>, Option<(u64, u64)>)>,
    first: usize,
) -> Vec<Column> {
    let from = |code: &str| code.parse().unwrap_or(LOWEST);
    bands.skip(first).map(|(code, value, interval)| Column { from: from(code), value, interval }).collect()
}

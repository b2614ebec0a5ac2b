//! Formats the report as plain text, 80 columns wide.

use std::fmt::Write;

use super::administrator::{Unsuppressed, held_back, of_newest};
use super::figures::{Parts, funnel, review};
use super::gate;
use super::run_data::{PublishedRate, RunData};
use super::words::{self, count, percent};
use crate::text::wrapped;

/// Names are cut to this many characters.
const NAME: usize = 40;

/// Shown in place of a suppressed figure.
const SUPPRESSED: &str = "suppressed";

/// Formats the newest run, and how the rates moved.
pub(super) fn plain(nights: &[RunData], unsuppressed: &[(String, Unsuppressed)]) -> String {
    let mut text = String::new();
    let Some(night) = nights.last() else { return text };
    line(&mut text, format_args!("{}, run {}", night.record.day, night.record.run));
    for scheme in &night.record.schemes {
        line(&mut text, format_args!("\n{}, qualifying date {}", scheme.name, scheme.qualifying_date));
        of_scheme(&mut text, nights, night, &scheme.id);
    }
    if let Some(own) = of_newest(nights, unsuppressed) {
        exact(&mut text, own);
        held(&mut text, unsuppressed);
    }
    let unit = 2 * night.record.disclosure_threshold.next_multiple_of(5);
    line(
        &mut text,
        format_args!(
            "\nSums are of released cells. \"At least\" is rounded down to {unit}; \"{SUPPRESSED}\"\nis too small to be shown, and does not mean none."
        ),
    );
    text
}

/// A heading, a breakdown, and the function that names its rows.
type Named = (&'static str, &'static str, fn(&PublishedRate) -> &str);

fn of_scheme(text: &mut String, nights: &[RunData], night: &RunData, scheme: &str) {
    let named: [Named; 5] = [
        ("By supplier", "supplier", |row| &row.supplier),
        ("By postcode area", "area", |row| &row.area),
        ("By date of birth", "birth_date", |row| &row.birth_date),
        ("By home", "home", |row| &row.home),
        ("All suppliers", "total", |_| ""),
    ];
    for (heading, breakdown, name) in named {
        let rows: Vec<[String; 4]> = night.rates(scheme, breakdown).map(|row| rate(row, name(row))).collect();
        if !rows.is_empty() {
            table(text, [heading, "accounts", "Y", "share"], &rows);
        }
    }
    let stages: Vec<[String; 2]> = funnel(night, scheme)
        .into_iter()
        .map(|stage| [stage.name.to_owned(), at_least(stage.count, stage.at_least)])
        .collect();
    table(text, ["From rows to flags", "count"], &stages);
    let (found, alone) =
        (Parts::from_night(night, scheme, "key", "flagged"), Parts::from_night(night, scheme, "only-key", "flagged"));
    let keys: Vec<[String; 3]> = found
        .parts
        .iter()
        .map(|part| {
            let only = alone.parts.iter().find(|own| own.code == part.code).and_then(|own| own.at_least);
            [words::key(&part.code).to_owned(), at_least(part.at_least, true), at_least(only, true)]
        })
        .collect();
    table(text, ["Match keys of flagged accounts", "finds", "alone"], &keys);
    let (flagged, other) = (
        Parts::from_night(night, scheme, "weight", "flagged"),
        Parts::from_night(night, scheme, "weight", "unflagged"),
    );
    let weights: Vec<[String; 3]> = flagged
        .parts
        .iter()
        .map(|part| {
            let own = other.parts.iter().find(|own| own.code == part.code).and_then(|own| own.at_least);
            [format!("from {} bits", part.code), at_least(part.at_least, true), at_least(own, true)]
        })
        .collect();
    let threshold = night.record.threshold;
    let heading = format!("Match weights (threshold {:.1} bits)", (threshold / (1.0 - threshold)).log2());
    table(text, [&heading, "Y", "N"], &weights);
    let reasons: Vec<[String; 2]> = review(night, scheme)
        .parts
        .iter()
        .map(|part| [words::reason(&part.code).to_owned(), at_least(part.at_least, true)])
        .collect();
    table(text, ["In review", "accounts"], &reasons);
    if nights.len() > 1 {
        let over: Vec<[String; 4]> =
            nights.iter().flat_map(|night| night.rates(scheme, "total").map(|row| rate(row, night.run()))).collect();
        table(text, ["Over the runs", "accounts", "Y", "share"], &over);
        gates(text, nights, night, scheme);
    }
}

/// Writes what the gate on flagged shares lets through, and how often each supplier was held back.
fn gates(text: &mut String, nights: &[RunData], night: &RunData, scheme: &str) {
    let row = |row: &PublishedRate| {
        let nights = nights.iter().filter(|night| night.is_night());
        let own = gate::over(nights, scheme, &row.supplier);
        let (least, most) = own.last().and_then(|night| night.range).unzip();
        let share = |share: Option<f64>| share.map_or("not known".to_owned(), percent);
        let held = own.iter().filter(|night| night.held_back).count();
        [row.supplier.clone(), share(least), share(most), count(held as u64)]
    };
    let rows: Vec<[String; 4]> = night.rates(scheme, "supplier").map(row).collect();
    table(text, ["Gate on flagged shares", "from", "to", "held back"], &rows);
}

/// Writes which suppliers were held back in these runs, and why.
fn held(text: &mut String, exact: &[(String, Unsuppressed)]) {
    for [run, supplier, reason] in held_back(exact) {
        line(text, format_args!(""));
        for own in wrapped(&format!("{run}: {supplier} held back: {reason}"), 80) {
            line(text, format_args!("{own}"));
        }
    }
}

fn exact(text: &mut String, own: &Unsuppressed) {
    line(text, format_args!("\nEXACT COUNTS, FOR THE ADMINISTRATOR ALONE"));
    for scheme in own.figures.schemes().into_iter().filter(|scheme| !scheme.is_empty()) {
        line(text, format_args!("\n{scheme}"));
        for sentence in wrapped(&own.figures.headline(scheme), 80) {
            line(text, format_args!("{sentence}"));
        }
        table(text, ["What became of eligible households", "households", "share"], &own.figures.outcomes(scheme));
        for of_part in own.figures.tables(scheme) {
            let [_, whole, part, rate] = of_part.head;
            table(text, [&of_part.title, whole, part, rate], &of_part.rows);
        }
    }
    let mut rows: Vec<[String; 4]> = Vec::new();
    for supplier in &own.summary.suppliers {
        for scheme in &supplier.schemes {
            let name = format!("{}, {}", supplier.id, scheme.id);
            rows.push([name, count(scheme.on_supply), count(scheme.flagged), count(scheme.review)]);
        }
    }
    table(text, ["Supplier, scheme", "on supply", "Y", "review"], &rows);
    let keys: Vec<[String; 3]> = own
        .keys
        .iter()
        .map(|(name, own)| [words::key(name).to_owned(), count(own.flagged), count(own.flagged_alone)])
        .collect();
    table(text, ["Match key", "Y", "alone"], &keys);
}

fn rate(row: &PublishedRate, name: &str) -> [String; 4] {
    let rate = row.rate();
    let shown = |number: Option<u64>| number.filter(|_| rate.is_some()).map_or(SUPPRESSED.to_owned(), count);
    let share = rate.map_or(SUPPRESSED.to_owned(), percent);
    [name.to_owned(), shown(row.accounts), shown(row.flagged), share]
}

fn at_least(number: Option<u64>, is_least: bool) -> String {
    match number {
        Some(number) if is_least => format!("{}+", count(number)),
        Some(number) => count(number),
        None => SUPPRESSED.to_owned(),
    }
}

/// Writes a table with its first column aligned left. Names that are too long are cut.
fn table<const COLUMNS: usize>(text: &mut String, head: [&str; COLUMNS], rows: &[[String; COLUMNS]]) {
    line(text, format_args!(""));
    for row in [head.map(str::to_owned)].iter().chain(rows) {
        let mut own = format!("{:NAME$}", row[0].chars().take(NAME).collect::<String>());
        for cell in &row[1..] {
            // Writing to a string cannot fail.
            let _written = write!(own, " {cell:>12}");
        }
        line(text, format_args!("{}", own.trim_end()));
    }
}

fn line(text: &mut String, own: std::fmt::Arguments<'_>) {
    let _written = writeln!(text, "{own}");
}

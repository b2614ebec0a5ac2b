//! Shows flagged shares: the run at a glance, and the rates by supplier, region and kind of account.

use maud::{Markup, html};

use super::OfScheme;
use super::parts::{SUPPRESSED, figure, or_suppressed, table};
use crate::report::figures::review;
use crate::report::picture::{Bar, Tile, bars, map};
use crate::report::run_data::{PublishedRate, ReportError};
use crate::report::words::{day, percent};

const RATE_HEAD: [&str; 4] = ["Accounts on supply", "Flagged Y", "Flagged share", "As of"];

fn rate_cells(row: &PublishedRate, name: &str) -> Vec<String> {
    let rate = row.rate();
    let shown = |number: Option<u64>| or_suppressed(number.filter(|_| rate.is_some()));
    vec![
        name.to_owned(),
        shown(row.accounts),
        shown(row.flagged),
        rate.map_or(SUPPRESSED.to_owned(), percent),
        row.as_of.clone(),
    ]
}

fn rate_bars(rows: &[(&PublishedRate, &str)]) -> Vec<Bar> {
    rows.iter()
        .map(|(row, name)| Bar {
            label: (*name).to_owned(),
            value: row.rate().unwrap_or(0.0),
            more: 0.0,
            text: row.rate().map_or(SUPPRESSED.to_owned(), percent),
        })
        .collect()
}

impl OfScheme<'_> {
    pub(super) fn glance(&self) -> Result<Markup, ReportError> {
        let record = &self.night.record;
        let scheme = record.schemes.iter().find(|own| own.id == self.scheme);
        let suppliers = self.rows("supplier");
        let of = |row: &&PublishedRate| {
            record.suppliers.iter().find(|own| own.id == row.supplier).is_some_and(|own| own.matched)
        };
        let tonight = suppliers.iter().copied().filter(of).count();
        let absent = |is_held: bool| -> String {
            let absent = record.suppliers.iter().filter(|own| !own.matched && own.held_back == is_held);
            let shown = absent.filter(|own| suppliers.iter().any(|row| row.supplier == own.id));
            shown.map(|own| own.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (held, left_out) = (absent(true), absent(false));
        let totals = self.rows("total");
        let total = totals.first();
        let rate = total.and_then(|row| row.rate());
        let review = review(self.night, self.scheme);
        let card = |figure: String, what: &str| {
            html! {
                div class="card" { dt { (what) } dd class=[(figure == SUPPRESSED).then_some("withheld")] { (figure) } }
            }
        };
        Ok(html! {
            @if let Some(scheme) = scheme {
                p class="lead" { (scheme.name) ", qualifying date " (day(&scheme.qualifying_date)) "." }
            }
            dl class="cards" {
                (card(rate.map_or(SUPPRESSED.to_owned(), percent), "of accounts on supply flagged Y"))
                (card(or_suppressed(rate.and(total.and_then(|row| row.flagged))), "accounts flagged Y"))
                (card(or_suppressed(rate.and(total.and_then(|row| row.accounts))), "accounts on supply, in released cells"))
                (card(or_suppressed(Some(review.told()).filter(|told| *told > 0)), "accounts in review, at least"))
                (card(format!("{tonight} of {}", suppliers.len()), "suppliers matched in this run"))
            }
            @if rate.is_none() {
                p class="note" { "The total over suppliers is suppressed: fewer than three suppliers are in it, or one has more than four fifths of it. Each supplier's own figures are below." }
            }
            @if !held.is_empty() {
                p class="note" { "Held back in this run, shown with the figures published before: " (held) "." }
            }
            @if !left_out.is_empty() {
                p class="note" { "Not matched in this run, shown with the figures published before: " (left_out) "." }
            }
        })
    }

    pub(super) fn suppliers(&self) -> Result<Markup, ReportError> {
        let rows = self.rows("supplier");
        let named: Vec<(&PublishedRate, &str)> = rows.iter().map(|row| (*row, row.supplier.as_str())).collect();
        let rates: Vec<(f64, &str)> =
            named.iter().filter_map(|(row, name)| row.rate().map(|rate| (rate, *name))).collect();
        let least = rates.iter().min_by(|one, other| one.0.total_cmp(&other.0));
        let most = rates.iter().max_by(|one, other| one.0.total_cmp(&other.0));
        let text = match (least, most) {
            (Some((least, low)), Some((most, high))) if rates.len() > 1 => format!(
                "Share of accounts on supply that are flagged, by supplier: from {} ({low}) to {} ({high}).",
                percent(*least),
                percent(*most)
            ),
            (Some((rate, name)), _) => {
                format!("Share of accounts on supply that are flagged: {} ({name}).", percent(*rate))
            }
            _ => "No supplier's figures are released yet.".to_owned(),
        };
        let drawn = figure(&text, |screen| {
            bars("Flagged share by supplier, as in the table below", &rate_bars(&named), screen)
        })?;
        let cells: Vec<Vec<String>> = named.iter().map(|(row, name)| rate_cells(row, name)).collect();
        Ok(html! { (drawn) (table("Flagged share by supplier", &[&["Supplier"], &RATE_HEAD[..]].concat(), &cells)) })
    }

    pub(super) fn regions(&self) -> Result<Markup, ReportError> {
        let rows = self.rows("area");
        let tiles: Vec<Tile> = rows.iter().map(|row| Tile { area: row.area.clone(), rate: row.rate() }).collect();
        let mut shown: Vec<&&PublishedRate> = rows.iter().filter(|row| row.rate().is_some()).collect();
        shown.sort_by(|one, other| other.rate().unwrap_or(0.0).total_cmp(&one.rate().unwrap_or(0.0)));
        let ends = |rows: &[&&PublishedRate]| -> String {
            let all: Vec<String> =
                rows.iter().map(|row| format!("{} ({})", row.area, percent(row.rate().unwrap_or(0.0)))).collect();
            all.join(", ")
        };
        let text = if shown.is_empty() {
            "No postcode area has a figure that may be shown: three suppliers at least must be in it, and each small count is suppressed.".to_owned()
        } else {
            let end = shown.len().min(3);
            format!(
                "Share of accounts on supply that are flagged, by postcode area, north above. Highest: {}. Lowest: {}. {} areas are shown, all others are suppressed or empty.",
                ends(&shown[..end]),
                ends(&shown[shown.len() - end..]),
                shown.len()
            )
        };
        let drawn = figure(&text, |screen| {
            map("Tile map of Great Britain by postcode area, as in the table below", &tiles, screen)
        })?;
        let shown = rows.iter().filter(|row| row.rate().is_some());
        let cells: Vec<Vec<String>> = shown.map(|row| rate_cells(row, &row.area)[..4].to_vec()).collect();
        let hidden: Vec<&str> = rows.iter().filter(|row| row.rate().is_none()).map(|row| row.area.as_str()).collect();
        let head = [&["Area"], &RATE_HEAD[..3]].concat();
        Ok(html! {
            (drawn)
            // Two tables side by side if the screen is wide enough.
            @if !cells.is_empty() {
                div class="halves" {
                    @for half in cells.chunks(cells.len().div_ceil(2)) {
                        @let ends = (half.first().map_or("", |row| row[0].as_str()), half.last().map_or("", |row| row[0].as_str()));
                        (table(&format!("Flagged share by postcode area, {} to {}", ends.0, ends.1), &head, half))
                    }
                }
            }
            @if !hidden.is_empty() {
                p class="as-of" { "Suppressed, though some supplier's cells there are released: " (hidden.join(", ")) "." }
            }
        })
    }

    pub(super) fn kinds(&self) -> Result<Markup, ReportError> {
        let (births, homes) = (self.rows("birth_date"), self.rows("home"));
        let word = |code: &str| match code {
            "known" => "Date of birth known",
            "unknown" => "No date of birth",
            "flat" => "Flat",
            "house" => "House",
            _ => "Other",
        };
        let births = births.iter().map(|row| (*row, word(&row.birth_date)));
        let named: Vec<(&PublishedRate, &str)> =
            births.chain(homes.iter().map(|row| (*row, word(&row.home)))).collect();
        let told: Vec<String> = named
            .iter()
            .map(|(row, name)| format!("{name}: {}", row.rate().map_or(SUPPRESSED.to_owned(), percent)))
            .collect();
        let text = format!("Share of accounts on supply that are flagged. {}.", told.join("; "));
        let drawn = figure(&text, |screen| {
            bars("Flagged share by kind of account, as in the table below", &rate_bars(&named), screen)
        })?;
        let cells: Vec<Vec<String>> = named.iter().map(|(row, name)| rate_cells(row, name)).collect();
        Ok(html! { (drawn) (table("Flagged share by kind of account", &[&["Kind"], &RATE_HEAD[..]].concat(), &cells)) })
    }
}

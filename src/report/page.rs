//! The page that analysts look at: in go the nights that were read, out comes one HTML file that needs
//! nothing beside it: no script, no font, no picture from anywhere else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::administrator::Unsuppressed;
use super::figures::{Part, Parts, funnel, review};
use super::night::{Night, RateRow, ReportError};
use super::picture::{Bar, Column, Line, Screen, Tile, bars, histogram, map, trend};
use super::words::{self, count, percent};

pub(super) const STYLE: &str = include_str!("page.css");

/// What stands instead of a figure.
const SUPPRESSED: &str = "suppressed";

/// The width of a band of match weights, and where the lowest one is drawn to begin.
const BAND: f64 = 2.5;
const LOWEST: f64 = -12.5;

/// Makes the page of the newest of some nights, which are in order. Earlier runs that cannot be read are
/// counted in `left_out`.
pub(super) fn page(
    nights: &[Night],
    left_out: usize,
    unsuppressed: Option<&Unsuppressed>,
) -> Result<String, ReportError> {
    let Some(night) = nights.last() else { return Err(ReportError::Unmade("there is no run".to_owned())) };
    let title = format!("flagmatch report, {}", night.record.day);
    let several = night.record.schemes.len() > 1;
    let mut body = Vec::new();
    for scheme in &night.record.schemes {
        let about = OfScheme { nights, night, scheme: &scheme.id, prefix: if several { &scheme.id } else { "" } };
        body.push((scheme, about.sections()?));
    }
    let page = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
                meta name="referrer" content="no-referrer";
                title { (title) }
                // An icon of its own, so that no browser asks for one.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#main" { "Skip to the figures" }
                header {
                    div class="inside" {
                        p class="name" { "flagmatch" }
                        h1 { "How well the match works" }
                        p class="of" { "Night of " (night.record.day) ", run " (night.record.run) }
                    }
                }
                main id="main" class="inside" tabindex="-1" {
                    @if let Some(own) = unsuppressed { (own.warning()) }
                    (contents(&body, unsuppressed.is_some(), several))
                    @if left_out > 0 {
                        p class="note" { (left_out) " earlier run(s) could not be read and are left out of the trends." }
                    }
                    @for (scheme, sections) in &body {
                        @if several { h2 class="scheme" id=(anchor(&scheme.id, "scheme")) { (scheme.name) } }
                        @for (_, _, section) in sections { (section) }
                    }
                    @if let Some(own) = unsuppressed { (own.section()) }
                    (how_to_read(night))
                }
                footer {
                    div class="inside" {
                        p { "Made by flagmatch from the analyst folder of the run"
                            @if unsuppressed.is_some() { " and, in its marked section, from the administrator's record" }
                            ". This page asks nothing of any network." }
                    }
                }
            }
        }
    };
    Ok(page.into_string())
}

type Section = (String, &'static str, Markup);

fn contents(body: &[(&super::night::SchemeName, Vec<Section>)], has_unsuppressed: bool, several: bool) -> Markup {
    html! {
        nav aria-label="Contents" {
            h2 { "Contents" }
            @for (scheme, sections) in body {
                @if several { p class="scheme" { (scheme.name) } }
                ul { @for (id, heading, _) in sections { li { a href={ "#" (id) } { (heading) } } } }
            }
            ul {
                @if has_unsuppressed { li { a href="#administrator" { "For the administrator alone" } } }
                li { a href="#reading" { "How to read these figures" } }
            }
        }
    }
}

/// An id that a link can name, whatever the scheme is called.
fn anchor(scheme: &str, part: &str) -> String {
    let plain: String =
        scheme.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    if plain.is_empty() { part.to_owned() } else { format!("{part}-{plain}") }
}

/// A table that can be scrolled on a small screen, also by keyboard. The first column names the row.
pub(super) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    let are_ids = rows.iter().all(|row| row.first().is_some_and(|name| !name.contains(' ')));
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class=[are_ids.then_some("ids")] {
                caption { (caption) }
                thead { tr { @for (place, cell) in head.iter().enumerate() {
                    th scope="col" class=[(place > 0).then_some("number")] { (cell) }
                } } }
                tbody {
                    @for row in rows {
                        tr { @for (place, cell) in row.iter().enumerate() {
                            @if place == 0 { th scope="row" { (cell) } }
                            @else if cell == SUPPRESSED { td class="number withheld" { (cell) } }
                            @else { td class="number" { (cell) } }
                        } }
                    }
                }
            }
        }
    }
}

/// A picture for each kind of screen, with a sentence under it that says the same.
pub(super) fn figure(text: &str, draw: impl Fn(Screen) -> Result<String, ReportError>) -> Result<Markup, ReportError> {
    let mut drawn = Vec::new();
    for screen in Screen::BOTH {
        drawn.push((screen.class(), draw(screen)?));
    }
    Ok(html! {
        figure {
            @for (class, svg) in &drawn { div class=(class) { (PreEscaped(svg)) } }
            figcaption { (text) }
        }
    })
}

fn or_suppressed(number: Option<u64>) -> String {
    number.map_or(SUPPRESSED.to_owned(), count)
}

fn rate_cells(row: &RateRow, name: &str) -> Vec<String> {
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

const RATE_HEAD: [&str; 4] = ["Accounts in play", "Flagged Y", "Rate", "As of"];

/// A section's id, its heading, and what makes it.
type Making<'a> = (&'static str, &'static str, fn(&OfScheme<'a>) -> Result<Markup, ReportError>);

/// All that is shown of one scheme.
struct OfScheme<'a> {
    nights: &'a [Night],
    night: &'a Night,
    scheme: &'a str,
    /// What tells its sections from another scheme's.
    prefix: &'a str,
}

impl OfScheme<'_> {
    fn sections(&self) -> Result<Vec<Section>, ReportError> {
        let parts: [Making<'_>; 9] = [
            ("glance", "The night at a glance", Self::glance),
            ("suppliers", "Match rate by supplier", Self::suppliers),
            ("regions", "Match rate by region", Self::regions),
            ("kinds", "Date of birth, flat or house", Self::kinds),
            ("funnel", "From rows to flags", Self::funnel),
            ("keys", "What the match keys find", Self::keys),
            ("weights", "Match weights and the threshold", Self::weights),
            ("review", "Review by reason", Self::review),
            ("trends", "Trends over the nights", Self::trends),
        ];
        parts
            .into_iter()
            .map(|(part, heading, make)| {
                let id = anchor(self.prefix, part);
                let inside = make(self)?;
                let section = html! {
                    section id=(id) aria-labelledby={ (id) "-heading" } {
                        h2 id={ (id) "-heading" } { (heading) }
                        (inside)
                    }
                };
                Ok((id, heading, section))
            })
            .collect()
    }

    fn rows(&self, breakdown: &'static str) -> Vec<&RateRow> {
        self.night.rates(self.scheme, breakdown).collect()
    }

    fn rate_bars(rows: &[(&RateRow, &str)]) -> Vec<Bar> {
        rows.iter()
            .map(|(row, name)| Bar {
                label: (*name).to_owned(),
                value: row.rate().unwrap_or(0.0),
                more: 0.0,
                text: row.rate().map_or(SUPPRESSED.to_owned(), percent),
            })
            .collect()
    }

    fn glance(&self) -> Result<Markup, ReportError> {
        let record = &self.night.record;
        let scheme = record.schemes.iter().find(|own| own.id == self.scheme);
        let suppliers = self.rows("supplier");
        let of =
            |row: &&RateRow| record.suppliers.iter().find(|own| own.id == row.supplier).is_some_and(|own| own.matched);
        let tonight = suppliers.iter().copied().filter(of).count();
        let absent: Vec<&str> =
            suppliers.iter().copied().filter(|row| !of(row)).map(|row| row.supplier.as_str()).collect();
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
                p class="lead" { (scheme.name) ", qualifying date " (scheme.qualifying_date) "." }
            }
            dl class="cards" {
                (card(rate.map_or(SUPPRESSED.to_owned(), percent), "of accounts in play flagged Y"))
                (card(or_suppressed(rate.and(total.and_then(|row| row.flagged))), "accounts flagged Y"))
                (card(or_suppressed(rate.and(total.and_then(|row| row.accounts))), "accounts in play, in released cells"))
                (card(or_suppressed(Some(review.told()).filter(|told| *told > 0)), "accounts in review, at least"))
                (card(format!("{tonight} of {}", suppliers.len()), "suppliers matched tonight"))
            }
            @if rate.is_none() {
                p class="note" { "The total over suppliers is suppressed: fewer than three suppliers are in it, or one has more than four fifths of it. Each supplier's own figures are below." }
            }
            @if !absent.is_empty() {
                p class="note" { "Not matched tonight, shown with what was published before: " (absent.join(", ")) "." }
            }
        })
    }

    fn suppliers(&self) -> Result<Markup, ReportError> {
        let rows = self.rows("supplier");
        let named: Vec<(&RateRow, &str)> = rows.iter().map(|row| (*row, row.supplier.as_str())).collect();
        let rates: Vec<(f64, &str)> =
            named.iter().filter_map(|(row, name)| row.rate().map(|rate| (rate, *name))).collect();
        let least = rates.iter().min_by(|one, other| one.0.total_cmp(&other.0));
        let most = rates.iter().max_by(|one, other| one.0.total_cmp(&other.0));
        let text = match (least, most) {
            (Some((least, low)), Some((most, high))) if rates.len() > 1 => format!(
                "Share of accounts in play that are flagged, by supplier: from {} ({low}) to {} ({high}).",
                percent(*least),
                percent(*most)
            ),
            (Some((rate, name)), _) => {
                format!("Share of accounts in play that are flagged: {} ({name}).", percent(*rate))
            }
            _ => "No supplier's figures are released yet.".to_owned(),
        };
        let drawn = figure(&text, |screen| {
            bars("Match rate by supplier, as in the table below", &Self::rate_bars(&named), screen)
        })?;
        let cells: Vec<Vec<String>> = named.iter().map(|(row, name)| rate_cells(row, name)).collect();
        Ok(html! { (drawn) (table("Match rate by supplier", &[&["Supplier"], &RATE_HEAD[..]].concat(), &cells)) })
    }

    fn regions(&self) -> Result<Markup, ReportError> {
        let rows = self.rows("area");
        let tiles: Vec<Tile> = rows.iter().map(|row| Tile { area: row.area.clone(), rate: row.rate() }).collect();
        let mut shown: Vec<&&RateRow> = rows.iter().filter(|row| row.rate().is_some()).collect();
        shown.sort_by(|one, other| other.rate().unwrap_or(0.0).total_cmp(&one.rate().unwrap_or(0.0)));
        let ends = |rows: &[&&RateRow]| -> String {
            let all: Vec<String> =
                rows.iter().map(|row| format!("{} ({})", row.area, percent(row.rate().unwrap_or(0.0)))).collect();
            all.join(", ")
        };
        let text = if shown.is_empty() {
            "No postcode area has a figure that may be shown: three suppliers at least must be in it, and each small count is suppressed.".to_owned()
        } else {
            let end = shown.len().min(3);
            format!(
                "Share of accounts in play that are flagged, by postcode area, north above. Highest: {}. Lowest: {}. {} areas are shown, all others are suppressed or empty.",
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
            // Two tables stand side by side where there is room.
            @if !cells.is_empty() {
                div class="halves" {
                    @for half in cells.chunks(cells.len().div_ceil(2)) {
                        @let ends = (half.first().map_or("", |row| row[0].as_str()), half.last().map_or("", |row| row[0].as_str()));
                        (table(&format!("Match rate by postcode area, {} to {}", ends.0, ends.1), &head, half))
                    }
                }
            }
            @if !hidden.is_empty() {
                p class="as-of" { "Suppressed, though some supplier's cells there are released: " (hidden.join(", ")) "." }
            }
        })
    }

    fn kinds(&self) -> Result<Markup, ReportError> {
        let (births, homes) = (self.rows("birth_date"), self.rows("home"));
        let word = |code: &str| match code {
            "known" => "Date of birth known",
            "unknown" => "No date of birth",
            "flat" => "Flat",
            "house" => "House",
            _ => "Other",
        };
        let births = births.iter().map(|row| (*row, word(&row.birth_date)));
        let named: Vec<(&RateRow, &str)> = births.chain(homes.iter().map(|row| (*row, word(&row.home)))).collect();
        let told: Vec<String> = named
            .iter()
            .map(|(row, name)| format!("{name}: {}", row.rate().map_or(SUPPRESSED.to_owned(), percent)))
            .collect();
        let text = format!("Share of accounts in play that are flagged. {}.", told.join("; "));
        let drawn = figure(&text, |screen| {
            bars("Match rate by kind of account, as in the table below", &Self::rate_bars(&named), screen)
        })?;
        let cells: Vec<Vec<String>> = named.iter().map(|(row, name)| rate_cells(row, name)).collect();
        Ok(html! { (drawn) (table("Match rate by kind of account", &[&["Kind"], &RATE_HEAD[..]].concat(), &cells)) })
    }

    fn funnel(&self) -> Result<Markup, ReportError> {
        let stages = funnel(self.night, self.scheme);
        let shown = |stage: &super::figures::Stage| match stage.count {
            Some(number) if stage.at_least => format!("{} or more", count(number)),
            number => or_suppressed(number),
        };
        let bar = |stage: &super::figures::Stage| Bar {
            label: stage.name.to_owned(),
            value: stage.count.unwrap_or(0) as f64,
            more: 0.0,
            text: shown(stage),
        };
        let all: Vec<Bar> = stages.iter().map(bar).collect();
        let text = "Accounts that are left from stage to stage. Rows and accounts of the files are told in two digits; from \"in play\" on, only accounts in released cells are counted, so that the first step down is partly suppression.";
        let drawn = figure(text, |screen| bars("Funnel from rows read to flags, as in the table below", &all, screen))?;
        let cells: Vec<Vec<String>> = stages.iter().map(|stage| vec![stage.name.to_owned(), shown(stage)]).collect();
        Ok(html! { (drawn) (table("From rows read to flags", &["Stage", "Count"], &cells)) })
    }

    fn keys(&self) -> Result<Markup, ReportError> {
        let found = Parts::of(self.night, self.scheme, "key", "flagged");
        let alone = Parts::of(self.night, self.scheme, "only-key", "flagged");
        if found.accounts == 0 {
            return Ok(none_told());
        }
        // What a key misses is told too, so that what it finds is told from both sides.
        let missed = Parts::of(self.night, self.scheme, "not-key", "flagged");
        let most = |part: &Part| found.accounts.saturating_sub(missed.at_least(&part.code));
        let of_all = |number: u64| 100.0 * number as f64 / found.accounts as f64;
        let share = |part: &Part| match part.at_least {
            Some(least) => format!("{:.0} to {:.0}\u{a0}%", of_all(least), of_all(most(part))),
            None => SUPPRESSED.to_owned(),
        };
        let bar = |part: &Part| {
            let value = part.at_least.unwrap_or(0);
            let more = if value > 0 { most(part).saturating_sub(value) } else { 0 };
            Bar { label: words::key(&part.code).to_owned(), value: value as f64, more: more as f64, text: share(part) }
        };
        let all: Vec<Bar> = found.parts.iter().map(bar).collect();
        let best = found.parts.iter().max_by_key(|part| (part.at_least, most(part)));
        let text = format!(
            "Of {} flagged accounts, how many each match key finds; an account is found by several. Pale: may be more, as far as suppression lets it be known. {}",
            count(found.accounts),
            best.map_or(String::new(), |part| format!("Most are found by: {}.", words::key(&part.code)))
        );
        let drawn = figure(&text, |screen| bars("Flagged accounts by match key, as in the table below", &all, screen))?;
        let cells: Vec<Vec<String>> = found
            .parts
            .iter()
            .map(|part| {
                let only = alone.parts.iter().find(|own| own.code == part.code).and_then(|own| own.at_least);
                vec![words::key(&part.code).to_owned(), or_suppressed(part.at_least), share(part), or_suppressed(only)]
            })
            .collect();
        let head = ["Match key", "Finds, at least", "Share", "Only this one finds, at least"];
        Ok(html! {
            (drawn)
            (table("What the match keys find", &head, &cells))
            p class="as-of" { "As of " (found.as_of) "." }
        })
    }

    fn weights(&self) -> Result<Markup, ReportError> {
        let threshold = self.night.record.threshold;
        let bits = (threshold / (1.0 - threshold)).log2();
        let of = |among| Parts::of(self.night, self.scheme, "weight", among);
        let (flagged, unflagged) = (of("flagged"), of("unflagged"));
        if flagged.accounts == 0 {
            return Ok(none_told());
        }
        let from = |code: &str| code.parse().unwrap_or(LOWEST);
        // What is empty at the lower end is not drawn, but the threshold always is.
        let told = |parts: &Parts, code: &str| parts.at_least(code) > 0;
        let first = flagged.parts.iter().position(|part| {
            told(&flagged, &part.code) || told(&unflagged, &part.code) || from(&part.code) > bits - 4.0 * BAND
        });
        let is_drawn = |part: &Part| from(&part.code) >= first.map_or(LOWEST, |first| from(&flagged.parts[first].code));
        let columns = |parts: &Parts| -> Vec<Column> {
            let column = |part: &Part| Column { from: from(&part.code), value: part.at_least.unwrap_or(0) };
            parts.parts.iter().filter(|part| is_drawn(part)).map(column).collect()
        };
        let above = |parts: &Parts| -> u64 {
            parts.parts.iter().filter(|part| from(&part.code) >= bits - 0.1).filter_map(|part| part.at_least).sum()
        };
        let flagged_text = format!(
            "Flagged accounts by the match weight of the best candidate, with the threshold ({threshold}, or {bits:.1} bits). At least {} of {} lie above it. All counts are rounded down, together by {}.",
            count(above(&flagged)),
            count(flagged.accounts),
            percent(1.0 - flagged.told() as f64 / flagged.accounts as f64)
        );
        let unflagged_text = format!(
            "Accounts that are not flagged, and have a candidate. At least {} lie above the threshold: found, but not on a qualifying benefit, in review, or objected.",
            count(above(&unflagged))
        );
        let draw = |name: &'static str, parts: &Parts| {
            let columns = columns(parts);
            move |screen| histogram(name, &columns, BAND, bits, screen)
        };
        let first = figure(&flagged_text, draw("Match weights of flagged accounts, as in the table below", &flagged))?;
        let second =
            figure(&unflagged_text, draw("Match weights of accounts not flagged, as in the table below", &unflagged))?;
        let cells: Vec<Vec<String>> = flagged
            .parts
            .iter()
            .filter(|part| is_drawn(part))
            .map(|part| {
                let band = match part.code.parse::<f64>() {
                    Ok(from) if part.code == flagged.parts[flagged.parts.len() - 1].code => format!("{from} and more"),
                    Ok(from) => format!("{from} to {}", from + BAND),
                    Err(_) => "less".to_owned(),
                };
                let other = unflagged.parts.iter().find(|own| own.code == part.code).and_then(|own| own.at_least);
                vec![band, or_suppressed(part.at_least), or_suppressed(other)]
            })
            .collect();
        let head = ["Match weight, bits", "Flagged, at least", "Not flagged, at least"];
        Ok(html! {
            h3 { "Flagged" } (first)
            h3 { "Not flagged" } (second)
            (table("Accounts by match weight", &head, &cells))
            p class="as-of" { "As of " (flagged.as_of) "." }
        })
    }

    fn review(&self) -> Result<Markup, ReportError> {
        let parts = review(self.night, self.scheme);
        if parts.accounts == 0 {
            return Ok(none_told());
        }
        let all: Vec<Bar> = parts
            .parts
            .iter()
            .map(|part| Bar {
                label: words::reason(&part.code).to_owned(),
                value: part.at_least.unwrap_or(0) as f64,
                more: 0.0,
                text: or_suppressed(part.at_least),
            })
            .collect();
        let most = parts.parts.iter().filter(|part| part.at_least.is_some()).max_by_key(|part| part.at_least);
        let text = format!(
            "Accounts that a person has to decide, at least, by reason. {}",
            most.map_or("Each reason's count is suppressed.".to_owned(), |part| format!(
                "Most: {}.",
                words::reason(&part.code).to_lowercase()
            ))
        );
        let drawn = figure(&text, |screen| bars("Accounts in review by reason, as in the table below", &all, screen))?;
        let cells: Vec<Vec<String>> = parts
            .parts
            .iter()
            .map(|part| vec![words::reason(&part.code).to_owned(), or_suppressed(part.at_least)])
            .collect();
        Ok(html! {
            (drawn)
            (table("Accounts in review", &["Reason", "Accounts, at least"], &cells))
            p class="as-of" { "As of " (parts.as_of) "." }
        })
    }

    fn trends(&self) -> Result<Markup, ReportError> {
        if self.nights.len() < 2 {
            return Ok(html! { p { "This is the only night in the report: a trend needs two." } });
        }
        let days: Vec<String> = self.nights.iter().map(|night| night.record.day.clone()).collect();
        let over = |breakdown: &'static str, supplier: &str| -> Vec<Option<f64>> {
            self.nights
                .iter()
                .map(|night| {
                    let mut rows = night.rates(self.scheme, breakdown);
                    rows.find(|row| row.supplier == supplier).and_then(RateRow::rate)
                })
                .collect()
        };
        let mut lines = vec![Line { name: "all suppliers".to_owned(), rates: over("total", "") }];
        for row in self.rows("supplier") {
            lines.push(Line { name: row.supplier.clone(), rates: over("supplier", &row.supplier) });
        }
        lines.retain(|line| line.rates.iter().any(Option::is_some));
        let (first, last) = (days.first().map_or("", String::as_str), days.last().map_or("", String::as_str));
        let text = format!(
            "Match rate on {} nights from {first} to {last}. Figures are looked at anew every {} days, and only large moves show between two looks.",
            days.len(),
            self.night.record.disclosure_days
        );
        let drawn =
            figure(&text, |screen| trend("Match rate over the nights, as in the table below", &days, &lines, screen))?;
        let head: Vec<&str> = ["Night"].into_iter().chain(lines.iter().map(|line| line.name.as_str())).collect();
        let cells: Vec<Vec<String>> = self
            .nights
            .iter()
            .enumerate()
            .map(|(place, night)| {
                let rates = lines.iter().map(|line| line.rates[place].map_or(SUPPRESSED.to_owned(), percent));
                [night.record.run.clone()].into_iter().chain(rates).collect()
            })
            .collect();
        Ok(html! { (drawn) (table("Match rate over the nights", &head, &cells)) })
    }
}

fn none_told() -> Markup {
    html! { p class="note" { "Nothing can be told yet: no supplier has a cell that is released, or the run before tonight's did not have these figures." } }
}

fn how_to_read(night: &Night) -> Markup {
    let unit = 2 * night.record.disclosure_threshold.next_multiple_of(5);
    html! {
        section id="reading" aria-labelledby="reading-heading" {
            h2 id="reading-heading" { "How to read these figures" }
            ul {
                li { "Every figure is under disclosure control. A cell (supplier, postcode area, date of birth known or not, flat or house) is shown only if " (night.record.disclosure_threshold) " of its accounts or more are flagged and as many are not, and is rounded to the nearest 5." }
                li { "\"" (SUPPRESSED) "\" means that a figure is too small to be shown, or would let a small one be worked out. It does not mean none." }
                li { "Sums are of released cells only: they are smaller than the truth, and a rate is the rate of what is released." }
                li { "\"At least\": keys, weights and reasons are counted in released cells alone, supplier by supplier, and rounded down to " (unit) "; what is less than that is suppressed." }
                li { "Figures are looked at anew every " (night.record.disclosure_days) " days. \"As of\" is the oldest day in a figure." }
                li { "A match weight of 10 bits says that it is a thousand times as likely as not that two records are of one person, and each bit more doubles that." }
            }
        }
    }
}

//! Shows how accounts were found: the funnel, what each match key finds, the distribution of match weights,
//! and what is in review.

use maud::{Markup, html};

use super::OfScheme;
use super::parts::{SUPPRESSED, figure, or_suppressed, table};
use crate::report::figures::{Part, Parts, Stage, funnel, review};
use crate::report::picture::{Bar, Column, bars, histogram};
use crate::report::run_data::ReportError;
use crate::report::words::{self, count, percent};

/// The width of a band of match weights in bits, and where the lowest band is drawn to begin.
const BAND: f64 = 2.5;
const LOWEST: f64 = -12.5;

impl OfScheme<'_> {
    pub(super) fn funnel(&self) -> Result<Markup, ReportError> {
        let stages = funnel(self.night, self.scheme);
        let shown = |stage: &Stage| match stage.count {
            Some(number) if stage.at_least => format!("{} or more", count(number)),
            number => or_suppressed(number),
        };
        let bar = |stage: &Stage| Bar {
            label: stage.name.to_owned(),
            value: stage.count.unwrap_or(0) as f64,
            more: 0.0,
            text: shown(stage),
        };
        let all: Vec<Bar> = stages.iter().map(bar).collect();
        let text = "Accounts that are left after each stage. Rows and accounts of files are rounded down to two digits. \
            From \"on supply\" on, only accounts in released cells are counted, so part of the first step down is \
            suppression.";
        let drawn = figure(text, |screen| bars("Funnel from rows read to flags, as in the table below", &all, screen))?;
        let cells: Vec<Vec<String>> = stages.iter().map(|stage| vec![stage.name.to_owned(), shown(stage)]).collect();
        Ok(html! { (drawn) (table("From rows read to flags", &["Stage", "Count"], &cells)) })
    }

    pub(super) fn keys(&self) -> Result<Markup, ReportError> {
        let found = Parts::from_night(self.night, self.scheme, "key", "flagged");
        let alone = Parts::from_night(self.night, self.scheme, "only-key", "flagged");
        if found.accounts == 0 {
            return Ok(none_told());
        }
        // `not-key` counts what a key misses, so it bounds from above what the key finds.
        let missed = Parts::from_night(self.night, self.scheme, "not-key", "flagged");
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
            "How many of {} flagged accounts each match key finds; several keys can find one account. Pale: further \
             accounts that suppression may hide. {}",
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
            p class="as-of" { "As of " (words::day(&found.as_of)) "." }
        })
    }

    pub(super) fn weights(&self) -> Result<Markup, ReportError> {
        let threshold = self.night.record.threshold;
        let bits = (threshold / (1.0 - threshold)).log2();
        let of = |among| Parts::from_night(self.night, self.scheme, "weight", among);
        let (flagged, unflagged) = (of("flagged"), of("unflagged"));
        if flagged.accounts == 0 {
            return Ok(none_told());
        }
        let from = |code: &str| code.parse().unwrap_or(LOWEST);
        // Leave out empty bands at the lower end, but always draw the threshold.
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
            .filter(|part| told(&flagged, &part.code) || told(&unflagged, &part.code))
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
            p class="as-of" { "Bands that are not listed are suppressed on both sides." }
            p class="as-of" { "As of " (words::day(&flagged.as_of)) "." }
        })
    }

    pub(super) fn review(&self) -> Result<Markup, ReportError> {
        let parts = review(self.night, self.scheme);
        if parts.accounts == 0 {
            return Ok(none_told());
        }
        let (shown, hidden): (Vec<&Part>, Vec<&Part>) = parts.parts.iter().partition(|part| part.at_least.is_some());
        let bar = |part: &&Part| Bar {
            label: words::reason(&part.code).to_owned(),
            value: part.at_least.unwrap_or(0) as f64,
            more: 0.0,
            text: or_suppressed(part.at_least),
        };
        let all: Vec<Bar> = shown.iter().map(bar).collect();
        let most = shown.iter().max_by_key(|part| part.at_least);
        let text = format!(
            "Accounts that a person has to decide, at least, by reason.{}",
            most.map_or(String::new(), |part| format!(" Most: {}.", words::reason(&part.code).to_lowercase()))
        );
        let drawn = figure(&text, |screen| bars("Accounts in review by reason, as in the table below", &all, screen))?;
        let cells: Vec<Vec<String>> =
            shown.iter().map(|part| vec![words::reason(&part.code).to_owned(), or_suppressed(part.at_least)]).collect();
        let hidden: Vec<&str> = hidden.iter().map(|part| words::reason(&part.code)).collect();
        Ok(html! {
            @if cells.is_empty() {
                p { "Accounts that a person has to decide: the count of each reason is suppressed." }
            } @else {
                (drawn)
                (table("Accounts in review", &["Reason", "Accounts, at least"], &cells))
            }
            @if !hidden.is_empty() {
                p class="as-of" { "Suppressed: " (hidden.join("; ").to_lowercase()) "." }
            }
            p class="as-of" { "As of " (words::day(&parts.as_of)) "." }
        })
    }
}

fn none_told() -> Markup {
    let text = "No figures yet: no supplier has a released cell, or the run before this one had no such figures.";
    html! { p class="note" { (text) } }
}

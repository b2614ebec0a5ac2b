//! Shows the accounts on supply: flagged shares by supplier, area and kind, match weights, and reasons.

use super::OfScheme;
use super::published::{self, PublishedPart};
use crate::release::{AnalystOutcome, AnalystTable};
use crate::report::document::{Part, Picture, Rows, Section, bits, weight_band, weight_columns};
use crate::report::picture::{Begins, Dot, Point, Tile};
use crate::report::rate::{NOISY, NOTHING, Rate};
use crate::report::words::{self, count};

/// The part of accounts without a candidate, which have no match weight.
const NO_CANDIDATE: &str = "no candidate";

fn flagged(part: &PublishedPart<'_>) -> Rate {
    part.rate(AnalystOutcome::Flagged)
}

fn row(label: &str, part: &PublishedPart<'_>) -> Vec<String> {
    vec![label.to_owned(), part.all().map_or(NOISY.to_owned(), count), flagged(part).words()]
}

/// The share over all parts that can be shown.
fn of_all(parts: &[PublishedPart<'_>]) -> Option<f64> {
    let shown = parts.iter().filter_map(|part| Some((part.with(AnalystOutcome::Flagged)?.count?, part.all()?)));
    let (flagged, all) = shown.fold((0, 0), |(flagged, all), own| (flagged + own.0, all + own.1));
    Rate::exact(flagged, all).share
}

/// Sorts parts by their share, the highest first; those that are too noisy come last.
fn sort(parts: &mut [PublishedPart<'_>]) {
    let key = |part: &PublishedPart<'_>| flagged(part).share.unwrap_or(-1.0);
    parts.sort_by(|one, other| key(other).total_cmp(&key(one)));
}

impl OfScheme<'_> {
    pub(super) fn of_accounts(&self) -> Vec<Section> {
        use AnalystTable::{
            AccountsByArea, AccountsByKind, AccountsByNameOrigin, AccountsByReason, AccountsBySupplier,
            AccountsByWeight,
        };
        let kinds = [AccountsByKind, AccountsByNameOrigin];
        let sections = [
            self.section("suppliers", "Flagged share by supplier", &[AccountsBySupplier], || self.suppliers()),
            self.section("areas", "Flagged share by postcode area", &[AccountsByArea], || self.areas()),
            self.section("accounts", "Flagged share by kind of account", &kinds, || self.account_kinds()),
            self.section("weights", "Match weights and the threshold", &[AccountsByWeight], || self.weights()),
            self.section("review", "Reasons, and what is in review", &[AccountsByReason], || self.reasons()),
        ];
        sections.into_iter().flatten().collect()
    }

    fn suppliers(&self) -> Vec<Part> {
        let mut parts = self.own.parts(self.scheme, AnalystTable::AccountsBySupplier);
        sort(&mut parts);
        let points: Vec<Point> = parts
            .iter()
            .filter(|part| flagged(part).share.is_some())
            .filter_map(|part| Some(Point { label: part.name.to_owned(), rate: flagged(part), of: part.all()? as f64 }))
            .collect();
        let rows = parts.iter().map(|part| row(part.name, part)).collect();
        let table =
            Part::table("Accounts by supplier, the highest share first", &["Supplier", "On supply", "Share"], rows);
        let Some(all) = of_all(&parts).filter(|_| !points.is_empty()) else { return vec![table] };
        let outside = points.iter().filter(|point| point.is_outside(all)).count();
        let noisy = match parts.len() - points.len() {
            0 => String::new(),
            number => format!(" {number} more are too noisy to show."),
        };
        let text = format!(
            "Accounts flagged by the match alone, of those on supply, against how many there are; strokes are 95\u{a0}% \
             intervals of the noise. Full points lie beyond the 99.8\u{a0}% limits of chance about the share of all, noise \
             allowed for: {outside} of {} suppliers.{noisy} The share says how poor a supplier's customers are as much as \
             how well they match, so this is no ranking.",
            points.len()
        );
        let name = "Flagged share of each supplier against its accounts, as in the table below";
        vec![Part::Picture { name, text, picture: Picture::Funnel { points, all } }, table]
    }

    fn areas(&self) -> Vec<Part> {
        let parts = self.own.parts(self.scheme, AnalystTable::AccountsByArea);
        let tile = |part: &PublishedPart<'_>| Tile { area: part.name.to_owned(), rate: flagged(part).share };
        let noisy = parts.iter().filter(|part| flagged(part).share.is_none()).count();
        let text = format!(
            "Accounts flagged, of those on supply, by postcode area, north above. The scale begins near the lowest share. \
             {noisy} of {} areas are too noisy to show, which does not mean that their share is low.",
            parts.len()
        );
        vec![
            Part::Picture {
                name: "Tile map of Great Britain by postcode area, as in the table below",
                text,
                picture: Picture::Map { tiles: parts.iter().map(tile).collect(), why: NOISY },
            },
            Part::Folded(Rows {
                caption: "Accounts by postcode area",
                head: vec!["Area", "On supply", "Share"],
                rows: parts.iter().map(|part| row(part.name, part)).collect(),
            }),
        ]
    }

    fn account_kinds(&self) -> Vec<Part> {
        let kinds = self.own.parts(self.scheme, AnalystTable::AccountsByKind);
        let origins = self.own.parts(self.scheme, AnalystTable::AccountsByNameOrigin);
        let (mut dots, mut rows) = (Vec::new(), Vec::new());
        let mut add = |heading: &str, own: &[PublishedPart<'_>], label: &dyn Fn(&str) -> (String, String)| {
            if !own.is_empty() {
                dots.push(Dot::Heading(heading.to_owned()));
            }
            for part in own {
                let (short, long) = label(part.name);
                dots.push(Dot::new(&short, flagged(part)));
                rows.push(row(&long, part));
            }
        };
        add("By home and date of birth", &kinds, &|part| (words::capital(part), words::capital(part)));
        add("By what the first holder's name shows of its origin", &origins, &|part| {
            words::account_kind("name-origin", part)
        });
        let all = of_all(&kinds).or_else(|| of_all(&origins));
        vec![
            Part::Picture {
                name: "Flagged share by kind of account, as in the table below",
                text: "Accounts flagged, of those on supply, by kind, with 95\u{a0}% intervals. A name's origin is only what \
                       its spelling shows."
                    .to_owned(),
                picture: Picture::Dots { dots, all, begins: Begins::AtZero },
            },
            Part::table("Accounts by kind", &["Kind", "On supply", "Share"], rows),
        ]
    }

    fn weights(&self) -> Vec<Part> {
        let parts = self.own.parts(self.scheme, AnalystTable::AccountsByWeight);
        let threshold = self.own.night.threshold;
        let bits = bits(threshold);
        let bands: Vec<&PublishedPart<'_>> = parts.iter().filter(|part| part.name != NO_CANDIDATE).collect();
        let has = |part: &PublishedPart<'_>, outcome| part.with(outcome).is_some_and(|own| own.count.is_some());
        let is_shown =
            |part: &&PublishedPart<'_>| has(part, AnalystOutcome::Flagged) || has(part, AnalystOutcome::Unflagged);
        let first = bands.iter().position(is_shown).unwrap_or(0);
        let picture = |name, what: &str, outcome| {
            let counts = bands.iter().map(|part| {
                let own = part.with(outcome);
                (part.name, own.and_then(|own| own.count), own.map(|own| own.counts))
            });
            let columns = weight_columns(counts, first);
            let text = format!(
                "{what} by the match weight of the best candidate, with the threshold ({threshold}, or {bits:.1} bits). Bands \
                 that are too noisy to show have no column."
            );
            Part::Picture { name, text, picture: Picture::Weights { columns, threshold: bits } }
        };
        let last = bands.last().map(|part| part.name);
        let counted =
            |part: &PublishedPart<'_>, outcome| part.with(outcome).map_or(NOTHING.to_owned(), published::counted);
        let row = |part: &PublishedPart<'_>| {
            let band = weight_band(part.name, Some(part.name) == last);
            vec![band, counted(part, AnalystOutcome::Flagged), counted(part, AnalystOutcome::Unflagged)]
        };
        vec![
            picture(
                "Match weights of flagged accounts, as in the table below",
                "Flagged accounts",
                AnalystOutcome::Flagged,
            ),
            picture(
                "Match weights of accounts not flagged, as in the table below",
                "Accounts that have a candidate and are not flagged",
                AnalystOutcome::Unflagged,
            ),
            Part::table(
                "Accounts by match weight; bands that are not listed are too noisy to show",
                &["Match weight, bits", "Flagged", "Not flagged"],
                parts.iter().filter(is_shown).map(row).collect(),
            ),
        ]
    }

    fn reasons(&self) -> Vec<Part> {
        let mut parts = self.own.parts(self.scheme, AnalystTable::AccountsByReason);
        let own = |part: &PublishedPart<'_>| part.with(AnalystOutcome::Unflagged).and_then(|own| own.count);
        parts.sort_by_key(|part| std::cmp::Reverse(own(part)));
        let row = |part: &PublishedPart<'_>| {
            let counted = part.with(AnalystOutcome::Unflagged).map_or(NOTHING.to_owned(), published::counted);
            let is_for_review = if words::is_for_review(part.name) { "yes" } else { "no" };
            vec![words::reason(part.name).to_owned(), counted, is_for_review.to_owned()]
        };
        vec![
            Part::Text("Why accounts on supply that have a candidate are not flagged, by the match alone. Reasons that are not listed are too \
             noisy to show.".to_owned()),
            Part::table(
                "Accounts not flagged, by reason",
                &["Reason", "Accounts", "In review"],
                parts.iter().filter(|part| own(part).is_some()).map(row).collect(),
            ),
        ]
    }
}

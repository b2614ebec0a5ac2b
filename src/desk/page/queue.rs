//! Makes the queue: how many cases there are, what deciding them brings, and the cases in their order.

use maud::{Markup, html};

use super::{Frame, change, key, time};
use crate::desk::book::Done;
use crate::desk::cases::{Case, Filter, days_since};
use crate::pipeline::casework::Casework;
use crate::scheme::Reason;
use crate::text::{count, counted};

/// Cases on one page of the queue.
pub(in crate::desk) const ON_A_PAGE: usize = 50;

/// How many of the next cases the expectation is about.
const NEXT: usize = 50;

/// The least ages that can be chosen.
const AGES: [(&str, &str); 5] = [
    ("1", "a day or more"),
    ("3", "3 days or more"),
    ("7", "a week or more"),
    ("14", "two weeks or more"),
    ("28", "four weeks or more"),
];

/// What the queue shows.
pub(in crate::desk) struct QueuePage<'a> {
    pub(in crate::desk) frame: Frame<'a>,
    pub(in crate::desk) casework: &'a Casework,
    /// The open cases that the filter wants, by their places.
    pub(in crate::desk) open: Vec<(usize, &'a Case)>,
    /// All open cases.
    pub(in crate::desk) all_open: usize,
    pub(in crate::desk) filter: &'a Filter,
    /// The page, from 0.
    pub(in crate::desk) page: usize,
    /// The cases answered today: by this reviewer, and by all.
    pub(in crate::desk) answered: [u64; 2],
    /// The accounts that this reviewer has put aside until tomorrow.
    pub(in crate::desk) put_aside: u64,
    /// What the reviewer answered today, the last answer first, each with the holder's name.
    pub(in crate::desk) done: &'a [(Done, String)],
    /// The suppliers whose cases are closed.
    pub(in crate::desk) closed: Vec<&'a str>,
    pub(in crate::desk) rejected: &'a [(String, String)],
    pub(in crate::desk) four_eyes: bool,
    /// A run was published since the page was started.
    pub(in crate::desk) has_newer_run: bool,
    pub(in crate::desk) reasons: Vec<Reason>,
    pub(in crate::desk) bands: Vec<&'static str>,
}

/// Makes the queue.
pub(in crate::desk) fn queue(own: &QueuePage<'_>) -> Markup {
    let base = own.frame.base;
    let next: Vec<&Case> = own.open.iter().take(NEXT).map(|(_, case)| *case).collect();
    let expected: f64 = next.iter().map(|case| case.expected).sum();
    let first = own.page * ON_A_PAGE;
    // Only the rebate of an account that is gone has a day on which it goes on by itself.
    let has_end = own.open.iter().any(|(_, case)| case.until.is_some());
    let shown: Vec<&(usize, &Case)> = own.open.iter().skip(first).take(ON_A_PAGE).collect();
    let inside = html! {
        h1 { (counted(own.open.len() as u64, "case")) " to decide" }
        @if !own.filter.is_empty() {
            p class="note" {
                "Only cases of your choice are shown: " (in_force(own)) ". "
                a href={ (base) "/?all=1" } { "Show all (" (count(own.all_open as u64)) ")" }
            }
        }
        div class="lead" {
            @if own.open.is_empty() && own.all_open > 0 {
                p { "No case of your choice is left. The queue has " (counted(own.all_open as u64, "other case")) " to decide." }
            } @else if own.open.is_empty() {
                p { "There is nothing left to decide. The next run respects what was decided." }
            } @else {
                p {
                    a class="main button" href={ (base) "/next" } data-key="s" { (key("S")) " Decide the next case" }
                }
                @if let Some(said) = worth(next.len(), expected) { p { (said) } }
            }
            p { "Answered today: " (counted(own.answered[0], "case")) " by you, " (count(own.answered[1])) " by all."
                @if own.put_aside > 0 { " You have put " (counted(own.put_aside, "account")) " aside until tomorrow." }
                @if own.four_eyes { " Two persons have to answer the same; each decides alone." } }
            @for supplier in &own.closed {
                p class="note" { "The cases of " (supplier) " are closed: its files, or the benefit records, are not those of the run that listed them. The next run opens them." }
            }
            @if own.has_newer_run { p class="note" { "A newer run is published. Start flagmatch review again for its cases." } }
            @for (supplier, why) in own.rejected { p class="note" { (supplier) " is held back, and has no cases here: " (why) } }
        }
        (today(own))
        (filter(own))
        @if !shown.is_empty() {
            div class="scroll" tabindex="0" role="region" aria-label="Cases in their order" {
                table class="queue" {
                    caption { "Cases in their order" }
                    thead { tr {
                        th scope="col" { "Case" }
                        th scope="col" { "Why" }
                        th scope="col" { "Supplier" }
                        th scope="col" class="number" { "Days old" }
                        @if has_end { th scope="col" class="number" { "Days left" } }
                    } }
                    tbody { @for (place, case) in shown {
                        tr {
                            th scope="row" { a href={ (base) "/case/" (place + 1) } { (place + 1) } }
                            td { (case.reason.words()) @if case.questions.len() > 1 { " (" (case.questions.len()) " accounts)" } }
                            td { (own.casework.supplier_id(case.supplier)) }
                            td class="number" { (waiting(case, own.casework)) }
                            @if has_end { td class="number" { (left(case, own.casework)) } }
                        }
                    } }
                }
            }
            (pages(own, first))
        }
    };
    own.frame.page("Queue", &inside)
}

/// The choice that is in force, in words.
fn in_force(own: &QueuePage<'_>) -> String {
    let Filter { reason, supplier, band, age } = own.filter;
    let reason = own.reasons.iter().find(|known| known.name() == reason).map_or(reason.as_str(), |known| known.words());
    let age = AGES.iter().find(|(days, _)| days == age).map_or(age.as_str(), |(_, words)| words);
    let band = in_percent(band);
    let said = [("why", reason), ("supplier", supplier.as_str()), ("likelihood", band.as_str()), ("waiting", age)];
    let said = said.iter().filter(|(_, words)| !words.is_empty()).map(|(name, words)| format!("{name}: {words}"));
    said.collect::<Vec<_>>().join("; ")
}

/// A band of posteriors as people read it: `95–99 %` for `0.95-0.99`.
fn in_percent(band: &str) -> String {
    let percent = |share: &str| share.parse::<f64>().ok().map(|share| (share * 10_000.0).round() / 100.0);
    let ends = band.split_once('-').and_then(|(from, to)| Some((percent(from)?, percent(to)?)));
    match ends {
        Some((from, 100.0)) => format!("over {from} %"),
        Some((0.0, to)) => format!("under {to} %"),
        Some((from, to)) => format!("{from}–{to} %"),
        None => band.to_owned(),
    }
}

/// The fewest cases of which an expectation is said: of one or two it would tell what each is likely to be.
const LEAST_EXPECTED: usize = 5;

/// What the next decisions are expected to bring.
fn worth(cases: usize, expected: f64) -> Option<String> {
    if cases < LEAST_EXPECTED {
        return None;
    }
    if expected < 0.05 {
        return Some(
            "No decision on these cases is likely to add a rebate: their households have one, or are not found."
                .to_owned(),
        );
    }
    Some(format!(
        "Of the next {}, about {:.*} find one more eligible household: one in {:.1} decisions.",
        cases,
        usize::from(expected < 10.0),
        expected,
        cases as f64 / expected
    ))
}

fn waiting(case: &Case, casework: &Casework) -> String {
    days_since(case.since, casework.day).map_or("new".to_owned(), |days| count(days.max(0) as u64))
}

fn left(case: &Case, casework: &Casework) -> String {
    let days = case.until.and_then(|until| days_since(Some(casework.day), until));
    days.map_or("–".to_owned(), |days| count(days.max(0) as u64))
}

/// What the reviewer answered today, to be changed.
fn today(own: &QueuePage<'_>) -> Markup {
    html! {
        @if !own.done.is_empty() {
            details class="filter today" {
                summary { "Change an answer of today" }
                table {
                    caption class="hidden" { "Your answers of today, the last one first" }
                    thead { tr {
                        th scope="col" { "Case" }
                        th scope="col" { "Account" }
                        th scope="col" { "Your answer" }
                        th scope="col" { span class="hidden" { "Change" } }
                    } }
                    tbody { @for (done, holder) in own.done {
                        @let [supplier, customer_ref, _] = &done.key;
                        tr {
                            th scope="row" { a href={ (own.frame.base) "/case/" (done.place.0 + 1) "/" (done.place.1 + 1) } { (done.place.0 + 1) } }
                            td { (supplier) " " bdi { (customer_ref) } @if !holder.is_empty() { ", " bdi { (holder) } } }
                            td { (done.answer.words()) ", " (time(done)) ": " (done.reason.written(&done.words)) }
                            td { (change(own.frame.base, done)) }
                        }
                    } }
                }
            }
        }
    }
}

/// The form that chooses cases.
fn filter(own: &QueuePage<'_>) -> Markup {
    let base = own.frame.base;
    let chosen = own.filter;
    let option =
        |value: &str, words: &str, wanted: &str| html! { option value=(value) selected[value == wanted] { (words) } };
    html! {
        details class="filter" open[!chosen.is_empty()] {
            summary { "Choose cases" }
            form method="get" action={ (base) "/" } {
                div { label for="reason" { "Why" } select id="reason" name="reason" {
                    (option("", "all", &chosen.reason))
                    @for reason in &own.reasons { (option(reason.name(), reason.words(), &chosen.reason)) }
                } }
                div { label for="supplier" { "Supplier" } select id="supplier" name="supplier" {
                    (option("", "all", &chosen.supplier))
                    @for place in 0..own.casework.supplier_count() {
                        @let id = own.casework.supplier_id(place);
                        (option(id, id, &chosen.supplier))
                    }
                } }
                div { label for="band" { "Likelihood" } select id="band" name="band" {
                    (option("", "all", &chosen.band))
                    @for band in own.bands.iter().filter(|band| !band.is_empty()) { (option(band, &in_percent(band), &chosen.band)) }
                } }
                div { label for="age" { "Waiting" } select id="age" name="age" {
                    (option("", "any time", &chosen.age))
                    @for (days, words) in AGES { (option(days, words, &chosen.age)) }
                } }
                button { "Show" }
            }
        }
    }
}

fn pages(own: &QueuePage<'_>, first: usize) -> Markup {
    let base = own.frame.base;
    let last = (first + ON_A_PAGE).min(own.open.len());
    html! {
        nav class="pages" aria-label="Pages of the queue" {
            p { "Cases " (count(first as u64 + 1)) " to " (count(last as u64)) " of " (count(own.open.len() as u64)) }
            @if own.page > 0 { a href={ (base) "/?page=" (own.page - 1) } { "Earlier" } }
            @if last < own.open.len() { a href={ (base) "/?page=" (own.page + 1) } { "Later" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_read_in_percent() {
        for (band, said) in [
            ("0.9999-1", "over 99.99 %"),
            ("0.995-0.999", "99.5–99.9 %"),
            ("0.95-0.99", "95–99 %"),
            ("0.50-0.80", "50–80 %"),
            ("0-0.20", "under 20 %"),
            ("", ""),
        ] {
            assert_eq!(in_percent(band), said);
        }
    }

    #[test]
    fn what_few_cases_are_likely_to_bring_is_not_said() {
        for (cases, expected, said) in [
            (1, 0.97, None),
            (4, 3.9, None),
            (5, 0.01, Some("No decision on these cases is likely to add a rebate")),
            (5, 2.5, Some("Of the next 5, about 2.5 find one more eligible household: one in 2.0 decisions.")),
            (50, 20.0, Some("Of the next 50, about 20 find one more eligible household: one in 2.5 decisions.")),
        ] {
            let found = worth(cases, expected);
            assert_eq!(found.is_some(), said.is_some(), "{cases}");
            assert!(found.unwrap_or_default().starts_with(said.unwrap_or_default()), "{cases}, {expected}");
        }
    }
}

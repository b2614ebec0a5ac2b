//! Shows the queue, and leads to the next case.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::who::{Who, frame, peek, who, with_session};
use super::{Answered, Shared, refreshed, shown, to};
use crate::desk::Inside;
use crate::desk::book::Done;
use crate::desk::cases::{Case, Filter};
use crate::desk::page::{self, Frame, QueuePage};
use crate::scheme::Reason;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct QueueQuery {
    page: String,
    all: String,
    reason: Option<String>,
    supplier: String,
    band: String,
    age: String,
}

pub(super) async fn queue(
    State(inside): Shared,
    headers: HeaderMap,
    query: Result<Query<QueueQuery>, QueryRejection>,
) -> Answered {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let QueueQuery { supplier, band, age, .. } = query;
    let chosen = query.reason.map(|reason| Filter { reason, supplier, band, age });
    let chosen = chosen.or_else(|| (!query.all.is_empty()).then(Filter::default));
    let noted = with_session(inside, &headers, |session| {
        session.open = None;
        if let Some(filter) = chosen {
            session.filter = filter;
        }
    });
    if let Err(answer) = noted {
        return *answer;
    }
    let who = match who(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    tokio::task::block_in_place(|| {
        let closed = inside.closed();
        let book = match refreshed(inside) {
            Ok(book) => book,
            Err(answer) => return *answer,
        };
        let is_open =
            |case: &Case| case.questions.iter().any(|own| inside.is_open(*own, &book, &who.reviewer, &closed));
        let all: Vec<(usize, &Case)> = inside.cases.iter().enumerate().filter(|(_, case)| is_open(case)).collect();
        let (own, everybodys) = book.answered_today(&who.reviewer);
        let answered = [own, everybodys].map(|keys| inside.cases_of(&keys) as u64);
        let (put_aside, four_eyes) = (book.put_aside(&who.reviewer) as u64, book.four_eyes());
        let done = book.done_today(&who.reviewer);
        drop(book);
        let holder = |done: &Done| {
            let question = &inside.casework.questions()[inside.cases[done.place.0].questions[done.place.1]];
            inside.casework.first_row(question).map_or(String::new(), |record| page::name_of(record, false))
        };
        let done: Vec<(Done, String)> = done.into_iter().map(|own| (own.clone(), holder(&own))).collect();
        // Also the reasons of decided cases: a choice stays what it is when its last case is decided.
        let mut reasons: Vec<Reason> = inside.cases.iter().map(|case| case.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let mut bands: Vec<&'static str> = inside.cases.iter().map(|case| case.band).collect();
        bands.sort_unstable_by(|one, other| other.cmp(one));
        bands.dedup();
        let all_open = all.len();
        let open: Vec<(usize, &Case)> =
            all.into_iter().filter(|(_, case)| who.filter.wants(case, &inside.casework)).collect();
        let last = open.len().saturating_sub(1) / page::ON_A_PAGE;
        let shut = closed.iter().enumerate().filter(|(_, is_closed)| **is_closed);
        // The list of today has the last answer, too.
        let own = QueuePage {
            frame: Frame { last: None, ..frame(inside, &who) },
            casework: &inside.casework,
            page: query.page.parse::<usize>().unwrap_or(0).min(last),
            open,
            all_open,
            filter: &who.filter,
            answered,
            put_aside,
            done: &done,
            closed: shut.map(|(place, _)| inside.casework.supplier_id(place)).collect(),
            rejected: &inside.casework.rejected(),
            four_eyes,
            has_newer_run: inside.casework.has_newer_run(),
            reasons,
            bands,
        };
        shown(StatusCode::OK, page::queue(&own))
    })
}

/// Leads to the first open case from this one on that nobody else has open, and then to those before it.
pub(super) fn lead_on(inside: &Inside, who: &Who, from: usize) -> Answered {
    let closed = inside.closed();
    let elsewhere = inside.entry().open_elsewhere(&who.reviewer);
    let book = match refreshed(inside) {
        Ok(book) => book,
        Err(answer) => return *answer,
    };
    let first_open = |place: usize| {
        let questions = &inside.cases[place].questions;
        questions.iter().position(|own| inside.is_open(*own, &book, &who.reviewer, &closed))
    };
    let count = inside.cases.len();
    let places = (from..count).chain(0..from.min(count));
    let mut wanted =
        places.filter(|place| who.filter.wants(&inside.cases[*place], &inside.casework) && !elsewhere.contains(place));
    let found = wanted.find_map(|place| Some((place, first_open(place)?)));
    match found {
        Some((place, account)) => to(inside, &format!("/case/{}/{}", place + 1, account + 1)),
        None => to(inside, "/"),
    }
}

pub(super) async fn next(State(inside): Shared, headers: HeaderMap) -> Answered {
    let open = match with_session(inside, &headers, |session| session.open.map(|(place, _)| place)) {
        Ok(open) => open,
        Err(answer) => return *answer,
    };
    match peek(inside, &headers) {
        Ok(who) => tokio::task::block_in_place(|| lead_on(inside, &who, open.map_or(0, |open| open + 1))),
        Err(answer) => *answer,
    }
}

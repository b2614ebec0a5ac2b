//! Shows a case.

use std::time::Instant;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::who::{Who, frame, peek, who, with_session};
use super::{Answered, Shared, refreshed, shown, to};
use crate::desk::Inside;
use crate::desk::book::Place;
use crate::desk::error::NotTaken;
use crate::desk::page::{self, CasePage, Filled};

/// The place of a case and of an account in it, as a path names them.
pub(super) fn placed(inside: &Inside, case: &str, account: &str) -> Option<(usize, usize)> {
    let place = case.parse::<usize>().ok()?.checked_sub(1)?;
    let account = account.parse::<usize>().ok()?.checked_sub(1)?;
    (account < inside.cases.get(place)?.questions.len()).then_some((place, account))
}

pub(super) fn no_case(inside: &Inside, who: &Who) -> Answered {
    let text = "There is no case with this number.";
    shown(StatusCode::NOT_FOUND, page::message(&frame(inside, who), "No such case", text))
}

pub(super) async fn first_of_case(State(inside): Shared, headers: HeaderMap, Path(number): Path<String>) -> Answered {
    let who = match peek(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let Some((place, _)) = placed(inside, &number, "1") else { return no_case(inside, &who) };
    let book = inside.book();
    let open = |own: &usize| book.is_open(&inside.keys[*own], &who.reviewer);
    let account = inside.cases[place].questions.iter().position(open).unwrap_or(0);
    drop(book);
    to(inside, &format!("/case/{}/{}", place + 1, account + 1))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CaseQuery {
    /// The candidate to show, by their place among those that the page lists.
    pub(super) person: String,
    /// The same by the person's number in the match.
    pub(super) of: String,
    /// The reviewer's answer that is to be changed, by when it was given.
    pub(super) change: String,
}

pub(super) async fn case(
    State(inside): Shared,
    headers: HeaderMap,
    Path((number, account)): Path<(String, String)>,
    query: Result<Query<CaseQuery>, QueryRejection>,
) -> Answered {
    let who = match who(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let Some((place, account)) = placed(inside, &number, &account) else { return no_case(inside, &who) };
    let noted = with_session(inside, &headers, |session| session.open = Some((place, Instant::now())));
    if let Err(answer) = noted {
        return *answer;
    }
    let query = query.map(|Query(query)| query).unwrap_or_default();
    tokio::task::block_in_place(|| show(inside, &who, (place, account), &query, None))
}

/// Shows an account of a case; where an answer was refused, with what the reviewer had filled in.
pub(super) fn show(
    inside: &Inside,
    who: &Who,
    (place, account): Place,
    query: &CaseQuery,
    filled: Option<&Filled<'_>>,
) -> Answered {
    let case = &inside.cases[place];
    let casework = &inside.casework;
    let question = &casework.questions()[case.questions[account]];
    let book = match refreshed(inside) {
        Ok(book) => book,
        Err(answer) => return *answer,
    };
    let is_open = |own: usize| book.is_open(&inside.keys[own], &who.reviewer);
    if casework.is_changed(question.supplier) {
        let text = NotTaken::Closed.to_string();
        return shown(StatusCode::CONFLICT, page::message(&frame(inside, who), "This case is closed", &text));
    }
    let is_answered = !is_open(case.questions[account]);
    let accounts = case.questions.iter().map(|own| {
        let other = &casework.questions()[*own];
        (casework.supplier_id(other.supplier), casework.reference(other), is_open(*own))
    });
    let accounts = accounts.collect();
    let history = book.history(&inside.keys[case.questions[account]]);
    let done = book.done(&who.reviewer).find(|done| done.place == (place, account)).cloned();
    let view = casework.view(question);
    let scheme = &view.scheme.id;
    let moved = view.rebates_elsewhere().into_iter().filter_map(|held| {
        let moment = held.decided?.to_string();
        let gave = book.gave(&[held.supplier, held.customer_ref, scheme], &moment);
        let gave = gave.inspect_err(|error| tracing::error!("{error}")).ok().flatten();
        Some(page::Moved { supplier: held.supplier, customer_ref: held.customer_ref, moment, gave })
    });
    let moved = moved.collect();
    drop(book);
    // Opening an answer to change it writes nothing: it stays in force until another one is given.
    let changing = done.as_ref().filter(|done| done.at == query.change);
    let answered = done.as_ref().filter(|_| query.person.is_empty());
    let of = query.of.parse().ok().or_else(|| answered?.person);
    let mut frame = frame(inside, who);
    // The case itself offers what can be done with its answer.
    frame.last = frame.last.filter(|last| last.place != (place, account));
    let own = CasePage {
        frame,
        number: place + 1,
        account: account + 1,
        accounts,
        // A clear case has no reason of its own.
        reason: if account == 0 { case.reason } else { question.reason },
        view,
        is_clear: question.clear.is_some(),
        is_answered,
        done: done.as_ref(),
        is_changing: changing.is_some(),
        filled,
        moved,
        person: query.person.parse().ok(),
        of,
        history,
        supplier_ids: (0..casework.supplier_count()).map(|place| casework.supplier_id(place)).collect(),
        latest_birth: casework.latest_birth(),
    };
    let is_refused = filled.is_some_and(|own| own.why.is_some());
    let status = if is_refused { StatusCode::CONFLICT } else { StatusCode::OK };
    shown(status, page::case(&own))
}

//! Lets reviewers in and out: the printed address, the locked page, and whether single keys answer.

use std::time::Instant;

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::who::{is_listed, with_session};
use super::{Answered, Shared, fault, let_in, no_random, shown, to};
use crate::desk::Inside;
use crate::desk::entry::{Found, Refused, Session};
use crate::desk::guard::{cookie_of, plain};
use crate::desk::page;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct EnterForm {
    token: String,
    passphrase: String,
}

pub(super) async fn enter_page(State(inside): Shared, query: Result<Query<EnterForm>, QueryRejection>) -> Answered {
    let token = query.map(|Query(form)| form.token).unwrap_or_default();
    let (reviewer, asks) = {
        let entry = inside.entry();
        (entry.reviewer_of(&token).map(str::to_owned), entry.has_passphrases())
    };
    let Some(reviewer) = reviewer else { return used_up(inside) };
    shown(StatusCode::OK, page::enter(&inside.base, &token, &reviewer, asks, false))
}

fn used_up(inside: &Inside) -> Answered {
    let text = "It is wrong, used, or older than fifteen minutes. Press Enter where flagmatch review runs: it prints a new one.";
    fault(inside, StatusCode::FORBIDDEN, "This address cannot be used", text)
}

pub(super) async fn enter(State(inside): Shared, form: Result<Form<EnterForm>, FormRejection>) -> Answered {
    let Ok(Form(EnterForm { token, passphrase })) = form else { return used_up(inside) };
    let passphrase = zeroize::Zeroizing::new(passphrase);
    // A flood of wrong tokens begins no threads.
    let reviewer = inside.entry().reviewer_of(&token).map(str::to_owned);
    let Some(reviewer) = reviewer else { return used_up(inside) };
    // Hashing takes a sixth of a second.
    match tokio::task::block_in_place(|| inside.entry().enter(&token, &passphrase)) {
        Ok(Ok(cookie)) => let_in(inside, &cookie),
        Ok(Err(Refused::Token)) => used_up(inside),
        Ok(Err(Refused::Passphrase)) => {
            shown(StatusCode::FORBIDDEN, page::enter(&inside.base, &token, &reviewer, true, true))
        }
        Err(_) => no_random(inside),
    }
}

pub(super) async fn locked_page(State(inside): Shared, headers: HeaderMap) -> Answered {
    let mut entry = inside.entry();
    let asks = entry.has_passphrases();
    // Whoever comes here has left the page.
    if let Found::In(session) = entry.find(cookie_of(&headers)) {
        session.lock();
    }
    drop(entry);
    let by_proxy = inside.guard.named_by_proxy(&headers).is_some();
    shown(StatusCode::OK, page::locked(&inside.base, asks && !by_proxy, by_proxy, false))
}

pub(super) async fn lock(State(inside): Shared, headers: HeaderMap) -> Answered {
    match with_session(inside, &headers, Session::lock) {
        Ok(()) => to(inside, "/locked"),
        Err(answer) => *answer,
    }
}

pub(super) async fn unlock(
    State(inside): Shared,
    headers: HeaderMap,
    form: Result<Form<EnterForm>, FormRejection>,
) -> Answered {
    let passphrase = zeroize::Zeroizing::new(form.map(|Form(form)| form.passphrase).unwrap_or_default());
    if let Some(reviewer) = inside.guard.named_by_proxy(&headers).filter(|own| is_listed(inside, own)) {
        return match inside.entry().begin(reviewer) {
            Ok(cookie) => let_in(inside, &cookie),
            Err(_) => no_random(inside),
        };
    }
    let cookie = cookie_of(&headers).unwrap_or_default();
    let asks = inside.entry().has_passphrases();
    match inside.entry().find(Some(cookie)) {
        Found::Locked => {}
        Found::In(_) => return to(inside, "/"),
        Found::Nobody => return shown(StatusCode::FORBIDDEN, page::locked(&inside.base, asks, false, asks)),
    }
    match tokio::task::block_in_place(|| inside.entry().unlock(cookie, &passphrase)) {
        true => to(inside, "/"),
        false => shown(StatusCode::FORBIDDEN, page::locked(&inside.base, asks, false, asks)),
    }
}

pub(super) async fn keys(State(inside): Shared, headers: HeaderMap) -> Answered {
    match with_session(inside, &headers, |session| session.keys = !session.keys) {
        Ok(()) => to(inside, "/"),
        Err(answer) => *answer,
    }
}

/// Notes that somebody types or moves about on a page. Nothing of what they do comes with it.
pub(super) async fn used(State(inside): Shared, headers: HeaderMap) -> Answered {
    let noted = with_session(inside, &headers, |session| {
        session.open = session.open.map(|(case, _)| (case, Instant::now()));
    });
    match noted {
        Ok(()) => plain(StatusCode::NO_CONTENT, ""),
        Err(answer) => *answer,
    }
}

//! Says who sends a request, and refuses whoever is not in.

use axum::http::{HeaderMap, StatusCode};

use super::{Answered, fault, let_in, no_random, to};
use crate::desk::Inside;
use crate::desk::cases::Filter;
use crate::desk::entry::{Found, Session};
use crate::desk::guard::cookie_of;
use crate::desk::page::{Frame, LastAnswer};

/// What a page needs of the session, copied so that nobody waits for it.
pub(super) struct Who {
    pub(super) reviewer: String,
    keys: bool,
    pub(super) filter: Filter,
    said: Option<String>,
    /// The last answer, if it can be taken back.
    last: Option<LastAnswer>,
}

/// Who sends the request; or the answer for somebody who is not in.
pub(super) fn who(inside: &Inside, headers: &HeaderMap) -> Result<Who, Box<Answered>> {
    let who = peek(inside, headers)?;
    let said = with_session(inside, headers, |session| session.said.take())?;
    let last =
        inside.book().done(&who.reviewer).next().map(|done| LastAnswer { place: done.place, answer: done.answer });
    Ok(Who { said, last, ..who })
}

/// Does something with the session; or gives the answer for somebody who is not in.
pub(super) fn with_session<T>(
    inside: &Inside,
    headers: &HeaderMap,
    work: impl FnOnce(&mut Session) -> T,
) -> Result<T, Box<Answered>> {
    let mut entry = inside.entry();
    let named = inside.guard.named_by_proxy(headers);
    match entry.find(cookie_of(headers)) {
        // The proxy may name somebody else than the cookie stands for.
        Found::In(session)
            if !inside.guard.has_proxy() || named.as_ref().is_none_or(|own| *own == session.reviewer) =>
        {
            return Ok(work(session));
        }
        Found::Locked => return Err(Box::new(to(inside, "/locked"))),
        Found::In(_) | Found::Nobody => {}
    }
    if let Some(reviewer) = named
        && is_listed(inside, &reviewer)
    {
        return Err(Box::new(match entry.begin(reviewer) {
            Ok(cookie) => let_in(inside, &cookie),
            Err(_) => no_random(inside),
        }));
    }
    if entry.is_replaced(cookie_of(headers)) {
        let text = "You came in again, in another browser or with another address. That ended this page. What you answered here is kept.";
        return Err(Box::new(fault(inside, StatusCode::FORBIDDEN, "Ended by a newer sign-in", text)));
    }
    let text = "Open the address that flagmatch review printed. Each address is good once.";
    Err(Box::new(fault(inside, StatusCode::FORBIDDEN, "You are not in", text)))
}

/// Whether the job lists the reviewer, or lists none.
pub(super) fn is_listed(inside: &Inside, reviewer: &str) -> bool {
    let listed = &inside.casework.job().review.reviewers;
    listed.as_ref().is_none_or(|all| all.iter().any(|own| own.id == reviewer))
}

/// As [`who`], and leaves what is to be said for the next page.
pub(super) fn peek(inside: &Inside, headers: &HeaderMap) -> Result<Who, Box<Answered>> {
    with_session(inside, headers, |session| Who {
        reviewer: session.reviewer.clone(),
        keys: session.keys,
        filter: session.filter.clone(),
        said: None,
        last: None,
    })
}

pub(super) fn frame<'a>(inside: &'a Inside, who: &'a Who) -> Frame<'a> {
    Frame {
        base: &inside.base,
        reviewer: Some(&who.reviewer),
        keys: who.keys,
        idle: inside.entry().idle().as_secs() + 1,
        said: who.said.as_deref(),
        last: who.last,
    }
}

//! Answers requests: who is in sees the queue and the cases, and decides.

use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use maud::Markup;
use serde::Deserialize;

use super::Inside;
use super::book::{Answer, Given, Taken};
use super::cases::{Case, Filter};
use super::entry::{Found, Refused, Session};
use super::error::NotTaken;
use super::guard::{cookie_of, plain, sealed};
use super::page::{self, CasePage, Frame, QueuePage};
use super::server::PATIENCE;
use crate::scheme::Reason;

type Answered = Response<Body>;
type Shared = State<&'static Inside>;

/// Everything that the server answers to.
pub(super) fn router(inside: &'static Inside) -> Router {
    let path = |rest: &str| format!("{}{rest}", inside.base);
    Router::new()
        .route(&path("/"), get(queue))
        .route(&path("/enter"), get(enter_page).post(enter))
        .route(&path("/locked"), get(locked_page))
        .route(&path("/unlock"), post(unlock))
        .route(&path("/lock"), post(lock))
        .route(&path("/keys"), post(keys))
        .route(&path("/next"), get(next))
        .route(&path("/undo"), post(undo))
        .route(&path("/case/{case}"), get(first_of_case))
        .route(&path("/case/{case}/{account}"), get(case).post(answer))
        .route(&path("/desk.css"), get(|| async { file("text/css; charset=utf-8", include_str!("desk.css")) }))
        .route(&path("/desk.js"), get(|| async { file("text/javascript; charset=utf-8", include_str!("desk.js")) }))
        .fallback(|| async { plain(StatusCode::NOT_FOUND, "There is no such page.") })
        .layer(middleware::from_fn(move |request, next| guarded(inside, request, next)))
        .with_state(inside)
}

/// Refuses what does not come from the page, and adds the headers that every answer has.
async fn guarded(inside: &'static Inside, request: Request<Body>, next: Next) -> Answered {
    if let Some((status, why)) = inside.guard.refusal(&request) {
        return sealed(plain(status, why));
    }
    let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
    sealed(answered.unwrap_or_else(|_| plain(StatusCode::REQUEST_TIMEOUT, "The request took too long.")))
}

fn file(kind: &'static str, text: &'static str) -> Answered {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn shown(status: StatusCode, page: Markup) -> Answered {
    let mut response = Response::new(Body::from(page.into_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Leads to another page.
fn to(inside: &Inside, path: &str) -> Answered {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    let place = HeaderValue::from_str(&format!("{}{path}", inside.base)).expect("our paths are plain text");
    response.headers_mut().insert(LOCATION, place);
    response
}

/// Leads to the queue, with a new cookie.
fn let_in(inside: &Inside, cookie: &str) -> Answered {
    let mut response = to(inside, "/");
    let header = HeaderValue::from_str(&inside.guard.cookie(&inside.base, cookie)).expect("a cookie is plain text");
    response.headers_mut().insert(SET_COOKIE, header);
    response
}

fn fault(inside: &Inside, status: StatusCode, heading: &str, text: &str) -> Answered {
    shown(status, page::message(&Frame::outside(&inside.base), heading, text))
}

fn no_random(inside: &Inside) -> Answered {
    fault(inside, StatusCode::INTERNAL_SERVER_ERROR, "Not now", "The system has no random numbers.")
}

/// What a page needs of the session, copied so that nobody waits for it.
struct Who {
    reviewer: String,
    keys: bool,
    filter: Filter,
    said: Option<String>,
    can_undo: bool,
}

/// Who sends the request; or the answer for somebody who is not in.
fn who(inside: &Inside, headers: &HeaderMap) -> Result<Who, Box<Answered>> {
    with_session(inside, headers, |session| Who {
        reviewer: session.reviewer.clone(),
        keys: session.keys,
        filter: session.filter.clone(),
        said: session.said.take(),
        can_undo: !session.undo.is_empty(),
    })
}

/// Does something with the session; or gives the answer for somebody who is not in.
fn with_session<T>(
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
    let text = "Open the address that flagmatch review printed. Each address is good once.";
    Err(Box::new(fault(inside, StatusCode::FORBIDDEN, "You are not in", text)))
}

/// Whether the job lists the reviewer, or lists none.
fn is_listed(inside: &Inside, reviewer: &str) -> bool {
    let listed = &inside.casework.job().review.reviewers;
    listed.as_ref().is_none_or(|all| all.iter().any(|own| own.id == reviewer))
}

fn frame<'a>(inside: &'a Inside, who: &'a Who) -> Frame<'a> {
    Frame {
        base: &inside.base,
        reviewer: Some(&who.reviewer),
        keys: who.keys,
        idle: inside.entry().idle().as_secs() + 1,
        said: who.said.as_deref(),
        can_undo: who.can_undo,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EnterForm {
    token: String,
    passphrase: String,
}

async fn enter_page(State(inside): Shared, query: Result<Query<EnterForm>, QueryRejection>) -> Answered {
    let token = query.map(|Query(form)| form.token).unwrap_or_default();
    let (is_known, asks) = {
        let entry = inside.entry();
        (entry.reviewer_of(&token).is_some(), entry.has_passphrases())
    };
    if !is_known {
        return used_up(inside);
    }
    shown(StatusCode::OK, page::enter(&inside.base, &token, asks, false))
}

fn used_up(inside: &Inside) -> Answered {
    let text = "It is wrong, used, or older than fifteen minutes. Press Enter where flagmatch review runs: it prints a new one.";
    fault(inside, StatusCode::FORBIDDEN, "This address cannot be used", text)
}

async fn enter(State(inside): Shared, form: Result<Form<EnterForm>, FormRejection>) -> Answered {
    let Ok(Form(EnterForm { token, passphrase })) = form else { return used_up(inside) };
    let passphrase = zeroize::Zeroizing::new(passphrase);
    // Hashing takes a sixth of a second.
    match tokio::task::block_in_place(|| inside.entry().enter(&token, &passphrase)) {
        Ok(Ok(cookie)) => let_in(inside, &cookie),
        Ok(Err(Refused::Token)) => used_up(inside),
        Ok(Err(Refused::Passphrase)) => shown(StatusCode::FORBIDDEN, page::enter(&inside.base, &token, true, true)),
        Err(_) => no_random(inside),
    }
}

async fn locked_page(State(inside): Shared, headers: HeaderMap) -> Answered {
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

async fn lock(State(inside): Shared, headers: HeaderMap) -> Answered {
    match with_session(inside, &headers, Session::lock) {
        Ok(()) => to(inside, "/locked"),
        Err(answer) => *answer,
    }
}

async fn unlock(State(inside): Shared, headers: HeaderMap, form: Result<Form<EnterForm>, FormRejection>) -> Answered {
    let passphrase = zeroize::Zeroizing::new(form.map(|Form(form)| form.passphrase).unwrap_or_default());
    if let Some(reviewer) = inside.guard.named_by_proxy(&headers).filter(|own| is_listed(inside, own)) {
        return match inside.entry().begin(reviewer) {
            Ok(cookie) => let_in(inside, &cookie),
            Err(_) => no_random(inside),
        };
    }
    let cookie = cookie_of(&headers).unwrap_or_default();
    let asks = inside.entry().has_passphrases();
    match tokio::task::block_in_place(|| inside.entry().unlock(cookie, &passphrase)) {
        true => to(inside, "/"),
        false => shown(StatusCode::FORBIDDEN, page::locked(&inside.base, asks, false, asks)),
    }
}

async fn keys(State(inside): Shared, headers: HeaderMap) -> Answered {
    match with_session(inside, &headers, |session| session.keys = !session.keys) {
        Ok(()) => to(inside, "/"),
        Err(answer) => *answer,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct QueueQuery {
    page: String,
    all: String,
    reason: Option<String>,
    supplier: String,
    band: String,
    age: String,
}

async fn queue(
    State(inside): Shared,
    headers: HeaderMap,
    query: Result<Query<QueueQuery>, QueryRejection>,
) -> Answered {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let chosen =
        query.reason.map(|reason| Filter { reason, supplier: query.supplier, band: query.band, age: query.age });
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
        let (answered, four_eyes) = (book.answered_today(&who.reviewer), book.four_eyes());
        drop(book);
        let mut reasons: Vec<Reason> = all.iter().map(|(_, case)| case.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let mut bands: Vec<&'static str> = all.iter().map(|(_, case)| case.band).collect();
        bands.sort_unstable_by(|one, other| other.cmp(one));
        bands.dedup();
        let all_open = all.len();
        let open: Vec<(usize, &Case)> =
            all.into_iter().filter(|(_, case)| who.filter.wants(case, &inside.casework)).collect();
        let last = open.len().saturating_sub(1) / page::ON_A_PAGE;
        let shut = closed.iter().enumerate().filter(|(_, is_closed)| **is_closed);
        let own = QueuePage {
            frame: frame(inside, &who),
            casework: &inside.casework,
            page: query.page.parse::<usize>().unwrap_or(0).min(last),
            open,
            all_open,
            filter: &who.filter,
            answered,
            closed: shut.map(|(place, _)| inside.casework.supplier_id(place)).collect(),
            rejected: &inside.casework.rejected(),
            four_eyes,
            reasons,
            bands,
        };
        shown(StatusCode::OK, page::queue(&own))
    })
}

/// The book, with what other programs wrote meanwhile.
fn refreshed(inside: &Inside) -> Result<std::sync::MutexGuard<'_, super::book::Book>, Box<Answered>> {
    let mut book = inside.book();
    match book.refresh() {
        Ok(()) => Ok(book),
        Err(error) => {
            tracing::error!("{error}");
            let text =
                "The log of answers cannot be read. Nothing is confirmed. The message is where flagmatch review runs.";
            Err(Box::new(fault(inside, StatusCode::INTERNAL_SERVER_ERROR, "The log cannot be read", text)))
        }
    }
}

/// Leads to the first open case from this one on that nobody else has open, and then to those before it.
fn lead_on(inside: &Inside, who: &Who, from: usize) -> Answered {
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

async fn next(State(inside): Shared, headers: HeaderMap) -> Answered {
    let open = match with_session(inside, &headers, |session| session.open.map(|(place, _)| place)) {
        Ok(open) => open,
        Err(answer) => return *answer,
    };
    match peek(inside, &headers) {
        Ok(who) => tokio::task::block_in_place(|| lead_on(inside, &who, open.map_or(0, |open| open + 1))),
        Err(answer) => *answer,
    }
}

/// As [`who`], and leaves what is to be said for the next page.
fn peek(inside: &Inside, headers: &HeaderMap) -> Result<Who, Box<Answered>> {
    with_session(inside, headers, |session| Who {
        reviewer: session.reviewer.clone(),
        keys: session.keys,
        filter: session.filter.clone(),
        said: None,
        can_undo: false,
    })
}

/// The place of a case and of an account in it, as a path names them.
fn placed(inside: &Inside, case: &str, account: &str) -> Option<(usize, usize)> {
    let place = case.parse::<usize>().ok()?.checked_sub(1)?;
    let account = account.parse::<usize>().ok()?.checked_sub(1)?;
    (account < inside.cases.get(place)?.questions.len()).then_some((place, account))
}

fn no_case(inside: &Inside, who: &Who) -> Answered {
    let text = "There is no such case.";
    shown(StatusCode::NOT_FOUND, page::message(&frame(inside, who), "No such case", text))
}

async fn first_of_case(State(inside): Shared, headers: HeaderMap, Path(number): Path<String>) -> Answered {
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
struct CaseQuery {
    person: String,
}

async fn case(
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
    let person = query.ok().and_then(|Query(query)| query.person.parse::<usize>().ok());
    tokio::task::block_in_place(|| {
        let case = &inside.cases[place];
        let casework = &inside.casework;
        let question = &casework.questions()[case.questions[account]];
        let book = match refreshed(inside) {
            Ok(book) => book,
            Err(answer) => return *answer,
        };
        let is_open = |own: usize| book.is_open(&inside.keys[own], &who.reviewer);
        let closed = if casework.is_changed(question.supplier) {
            Some(NotTaken::Closed.to_string())
        } else if !is_open(case.questions[account]) {
            Some("This account is answered. If it was you, you can undo it.".to_owned())
        } else {
            None
        };
        if closed.is_some() && casework.is_changed(question.supplier) {
            let text = closed.unwrap_or_default();
            return shown(StatusCode::CONFLICT, page::message(&frame(inside, &who), "This case is closed", &text));
        }
        let accounts = case.questions.iter().map(|own| {
            let other = &casework.questions()[*own];
            (casework.supplier_id(other.supplier), casework.reference(other), is_open(*own))
        });
        let accounts = accounts.collect();
        let history = book.history(&inside.keys[case.questions[account]]);
        drop(book);
        let own = CasePage {
            frame: frame(inside, &who),
            number: place + 1,
            account: account + 1,
            accounts,
            // A clear case has no reason of its own.
            reason: if account == 0 { case.reason } else { question.reason },
            view: casework.view(question),
            person,
            history,
            supplier_ids: (0..casework.supplier_count()).map(|place| casework.supplier_id(place)).collect(),
            latest_birth: casework.latest_birth(),
            closed: closed.as_deref(),
        };
        shown(StatusCode::OK, page::case(&own))
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AnswerForm {
    answer: String,
    /// The person who was shown, by their number in the match.
    person: String,
    reason: String,
    words: String,
}

async fn answer(
    State(inside): Shared,
    headers: HeaderMap,
    Path((number, account)): Path<(String, String)>,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Answered {
    let who = match peek(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let Some((place, account)) = placed(inside, &number, &account) else { return no_case(inside, &who) };
    let incomplete = || {
        let text = "The answer was not complete. Nothing was written.";
        shown(StatusCode::BAD_REQUEST, page::message(&frame(inside, &who), "Not written", text))
    };
    let Ok(Form(form)) = form else { return incomplete() };
    let given = match form.answer.as_str() {
        "yes" => Answer::Yes,
        "no" => Answer::No,
        "cannot-tell" => Answer::CannotTell,
        _ => return incomplete(),
    };
    let Some(reason) = reason(&form) else { return incomplete() };
    let person = form.person.parse().ok();
    tokio::task::block_in_place(|| {
        let case = &inside.cases[place];
        let place_of_question = case.questions[account];
        let question = &inside.casework.questions()[place_of_question];
        let taken = if inside.casework.is_changed(question.supplier) {
            Err(NotTaken::Closed)
        } else {
            let bound = inside.casework.bound(question, person);
            inside.book().answer(&Given {
                reviewer: &who.reviewer,
                key: &inside.keys[place_of_question],
                answer: given,
                bound: &bound,
                reason: (&reason.0, &reason.1),
                clear: question.clear,
                last_moment: inside.casework.last_moment(question),
            })
        };
        match taken {
            Ok((taken, undoable)) => {
                let said = match taken {
                    _ if given == Answer::CannotTell => format!("Case {}: put aside for today.", place + 1),
                    // A clear case looks as any other.
                    Taken::Noted | Taken::Decided => format!("Case {}: {}.", place + 1, given.words()),
                };
                let noted = with_session(inside, &headers, |session| {
                    session.undo.push((undoable, place, given.words()));
                    session.said = Some(said);
                });
                match noted {
                    Ok(()) => lead_on(inside, &who, place),
                    Err(answer) => *answer,
                }
            }
            Err(why) => not_taken(inside, &who, &why),
        }
    })
}

/// The reason's code, and the words for the decisions file; `None` if it is no known one.
fn reason(form: &AnswerForm) -> Option<(String, String)> {
    let (code, words) = page::REASONS.into_iter().find(|(code, _)| *code == form.reason)?;
    let is_plain = |letter: &char| !letter.is_control();
    let typed: String = form.words.trim().chars().filter(is_plain).take(200).collect();
    let said = match (code.is_empty(), typed.is_empty()) {
        (_, true) => words.to_owned(),
        (true, false) => typed,
        (false, false) => format!("{words}: {typed}"),
    };
    Some((code.to_owned(), said))
}

fn not_taken(inside: &Inside, who: &Who, why: &NotTaken) -> Answered {
    let status = match why {
        NotTaken::NotWritten(error) => {
            tracing::error!("an answer could not be written: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::CONFLICT,
    };
    shown(status, page::message(&frame(inside, who), "Not written", &why.to_string()))
}

async fn undo(State(inside): Shared, headers: HeaderMap) -> Answered {
    let last = match with_session(inside, &headers, |session| session.undo.last().cloned()) {
        Ok(last) => last,
        Err(answer) => return *answer,
    };
    let who = match peek(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let Some((undoable, place, words)) = last else { return not_taken(inside, &who, &NotTaken::NothingToUndo) };
    tokio::task::block_in_place(|| {
        let undone = inside.book().undo(&who.reviewer, &undoable);
        let noted = with_session(inside, &headers, |session| {
            if matches!(undone, Ok(()) | Err(NotTaken::TooLate)) {
                session.undo.pop();
            }
            if undone.is_ok() {
                session.said = Some(format!("Case {}: your answer “{words}” is undone.", place + 1));
            }
        });
        match (undone, noted) {
            (_, Err(answer)) => *answer,
            (Err(why), _) => not_taken(inside, &who, &why),
            (Ok(()), _) => {
                let questions = &inside.cases[place].questions;
                let account = questions.iter().position(|own| inside.keys[*own] == undoable.key).unwrap_or(0);
                to(inside, &format!("/case/{}/{}", place + 1, account + 1))
            }
        }
    })
}

//! Answers requests: which page does what, and what all of them need.

mod answers;
mod case;
mod entering;
mod queue;
mod who;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use maud::Markup;

use super::Inside;
use super::guard::{plain, sealed};
use super::page::{self, Frame};
use super::server::PATIENCE;

type Answered = Response<Body>;
type Shared = State<&'static Inside>;

/// Everything that the server answers to.
pub(super) fn router(inside: &'static Inside) -> Router {
    let path = |rest: &str| format!("{}{rest}", inside.base);
    Router::new()
        .route(&path("/"), get(queue::queue))
        .route(&path("/enter"), get(entering::enter_page).post(entering::enter))
        .route(&path("/locked"), get(entering::locked_page))
        .route(&path("/unlock"), post(entering::unlock))
        .route(&path("/lock"), post(entering::lock))
        .route(&path("/keys"), post(entering::keys))
        .route(&path("/used"), post(entering::used))
        .route(&path("/next"), get(queue::next))
        .route(&path("/undo"), post(answers::undo))
        .route(&path("/case/{case}"), get(case::first_of_case))
        .route(&path("/case/{case}/{account}"), get(case::case).post(answers::answer))
        .route(&path("/desk.css"), get(|| async { file("text/css; charset=utf-8", include_str!("../desk.css")) }))
        .route(&path("/desk.js"), get(|| async { file("text/javascript; charset=utf-8", include_str!("../desk.js")) }))
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

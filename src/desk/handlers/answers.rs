//! Takes answers, and takes them back.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::case::{CaseQuery, no_case, placed, show};
use super::queue::lead_on;
use super::who::{Who, frame, peek, with_session};
use super::{Answered, Shared, no_random, shown, to};
use crate::desk::Inside;
use crate::desk::answer::{Answer, AnswerReason};
use crate::desk::book::{Given, Place};
use crate::desk::entry::{Asked, random};
use crate::desk::error::NotTaken;
use crate::desk::page::{self, Refused, Taking};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AnswerForm {
    answer: String,
    /// The person who was shown, by their number in the match.
    person: String,
    reason: String,
    words: String,
    /// The token of the page that asked whether a rebate is to be taken away.
    confirm: String,
}

pub(super) async fn answer(
    State(inside): Shared,
    headers: HeaderMap,
    Path((number, account)): Path<(String, String)>,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Answered {
    let who = match peek(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let Some(place) = placed(inside, &number, &account) else { return no_case(inside, &who) };
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
    let Some(reason) = AnswerReason::named(&form.reason) else { return incomplete() };
    if !reason.answers().contains(&given) {
        let why = NotTaken::Misfit { reason: reason.words(), answer: given.words() };
        return tokio::task::block_in_place(|| refused(inside, &who, place, &why, reason, &form));
    }
    tokio::task::block_in_place(|| take(inside, &headers, &who, place, given, reason, &form))
}

fn take(
    inside: &Inside,
    headers: &HeaderMap,
    who: &Who,
    place: Place,
    given: Answer,
    reason: AnswerReason,
    form: &AnswerForm,
) -> Answered {
    let asked_about = inside.cases[place.0].questions[place.1];
    let question = &inside.casework.questions()[asked_about];
    if inside.casework.is_changed(question.supplier) {
        return not_taken(inside, who, &NotTaken::Closed);
    }
    let person = form.person.parse().ok();
    let bound = inside.casework.bound(question, person);
    if given == Answer::Yes && !bound.may_be_yes {
        return refused(inside, who, place, &NotTaken::NoYes, reason, form);
    }
    let key = &inside.keys[asked_about];
    let [supplier, customer_ref, _] = key;
    if let Some(from) = bound.taken_from.as_deref().filter(|_| given == Answer::Yes) {
        let is_it =
            |asked: Asked| (asked.question, asked.person) == (asked_about, person) && asked.token == form.confirm;
        let confirmed = with_session(inside, headers, |session| session.asked.take().is_some_and(is_it));
        match confirmed {
            Ok(true) => {}
            Ok(false) => {
                let Ok(token) = random() else { return no_random(inside) };
                let asked = Asked { token: token.clone(), question: asked_about, person };
                if let Err(answer) = with_session(inside, headers, |session| session.asked = Some(asked)) {
                    return *answer;
                }
                let (person, reason, words) = (&*form.person, reason.code(), &*form.words);
                let back = &back(place, form);
                let taking = Taking { place, supplier, customer_ref, from, token: &token, back, person, reason, words };
                let status = if form.confirm.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
                return shown(status, page::taking(&frame(inside, who), &taking));
            }
            Err(answer) => return *answer,
        }
    }
    let taken = inside.book().answer(&Given {
        reviewer: &who.reviewer,
        key,
        place,
        answer: given,
        bound: &bound,
        reason: (reason.code(), &written(reason, &form.words)),
        clear: question.clear,
        last_moment: inside.casework.last_moment(question),
    });
    if let Err(why) = taken {
        return not_taken(inside, who, &why);
    }
    // A clear case, and an answer that waits for a second person, look as any other.
    let case = place.0 + 1;
    let said = match given {
        Answer::CannotTell => format!("Case {case}: put aside for today."),
        _ => format!("Case {case}, account {customer_ref} of {supplier}: {}.", given.words()),
    };
    match with_session(inside, headers, |session| session.said = Some(said)) {
        Ok(()) => lead_on(inside, who, place.0),
        Err(answer) => *answer,
    }
}

/// What the decisions file says as the reason.
fn written(reason: AnswerReason, words: &str) -> String {
    let typed: String = words.trim().chars().filter(|letter| !letter.is_control()).take(200).collect();
    match (reason, typed.is_empty()) {
        (_, true) => reason.words().to_owned(),
        (AnswerReason::NoneGiven, false) => typed,
        (_, false) => format!("{}: {typed}", reason.words()),
    }
}

/// The path back to the case, with the person who was shown.
fn back(place: Place, form: &AnswerForm) -> String {
    let person = form.person.parse::<u32>().map_or(String::new(), |person| format!("?of={person}"));
    format!("/case/{}/{}{person}", place.0 + 1, place.1 + 1)
}

/// Shows the case again, with what the form had, and says why the answer does not fit. Nothing is written.
fn refused(
    inside: &Inside,
    who: &Who,
    place: Place,
    why: &NotTaken,
    reason: AnswerReason,
    form: &AnswerForm,
) -> Answered {
    let query = CaseQuery { of: form.person.clone(), ..CaseQuery::default() };
    let refused = Refused { why: &why.to_string(), reason, words: &form.words };
    show(inside, who, place, &query, Some(&refused))
}

/// Says that nothing was written.
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

/// Which answer is taken back; the last one if nothing is said.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct UndoForm {
    case: String,
    account: String,
}

pub(super) async fn undo(
    State(inside): Shared,
    headers: HeaderMap,
    form: Result<Form<UndoForm>, FormRejection>,
) -> Answered {
    let who = match peek(inside, &headers) {
        Ok(who) => who,
        Err(answer) => return *answer,
    };
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let place = placed(inside, &form.case, &form.account);
    if place.is_none() && !form.case.is_empty() {
        return no_case(inside, &who);
    }
    tokio::task::block_in_place(|| {
        let undone = inside.book().undo(&who.reviewer, place);
        let done = match undone {
            Ok(done) => done,
            Err(why) => return not_taken(inside, &who, &why),
        };
        let ((case, account), [supplier, customer_ref, _]) = (done.place, &done.key);
        let words = done.answer.words();
        let said = format!(
            "Case {}, account {customer_ref} of {supplier}: your answer “{words}” is undone. You can answer anew.",
            case + 1
        );
        match with_session(inside, &headers, |session| session.said = Some(said)) {
            Ok(()) => to(inside, &format!("/case/{}/{}", case + 1, account + 1)),
            Err(answer) => *answer,
        }
    })
}

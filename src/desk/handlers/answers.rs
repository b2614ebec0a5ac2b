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
use crate::desk::page::{self, Filled, Taking};

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
    /// The answer that this one replaces, by when it was given.
    replaces: String,
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
        // From the page that asks whether a rebate is to be taken away, with what was filled in.
        "back" => {
            let reason = AnswerReason::named(&form.reason).unwrap_or(AnswerReason::NoneGiven);
            return tokio::task::block_in_place(|| again(inside, &who, place, None, reason, &form));
        }
        _ => return incomplete(),
    };
    let Some(reason) = AnswerReason::named(&form.reason) else { return incomplete() };
    if !reason.answers().contains(&given) {
        let why = NotTaken::Misfit { reason: reason.words(), answer: given.words() };
        return tokio::task::block_in_place(|| again(inside, &who, place, Some(&why), reason, &form));
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
        return again(inside, who, place, Some(&NotTaken::NoYes), reason, form);
    }
    let key = &inside.keys[asked_about];
    let [supplier, customer_ref, _] = key;
    if let Some(from) = bound.taken_from.as_ref().filter(|_| given == Answer::Yes) {
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
                let taking = Taking {
                    place,
                    account: [supplier, customer_ref],
                    from: from.each_ref().map(String::as_str),
                    token: &token,
                    person: &form.person,
                    reason: reason.code(),
                    words: &form.words,
                    replaces: &form.replaces,
                };
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
        reason,
        words: &form.words,
        written: &reason.written(&form.words),
        person,
        replaces: &form.replaces,
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

/// Shows the case again, with what the form had, and says why an answer does not fit, if one was given. Nothing is written.
fn again(
    inside: &Inside,
    who: &Who,
    place: Place,
    why: Option<&NotTaken>,
    reason: AnswerReason,
    form: &AnswerForm,
) -> Answered {
    let query = CaseQuery { of: form.person.clone(), change: form.replaces.clone(), ..CaseQuery::default() };
    let why = why.map(NotTaken::to_string);
    show(inside, who, place, &query, Some(&Filled { why: why.as_deref(), reason, words: &form.words }))
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

/// Which answer is taken back.
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
    let Some(place) = placed(inside, &form.case, &form.account) else { return no_case(inside, &who) };
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

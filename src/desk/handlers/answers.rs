//! Takes answers, and takes them back.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::case::{no_case, placed};
use super::queue::lead_on;
use super::who::{Who, frame, peek, with_session};
use super::{Answered, Shared, shown, to};
use crate::desk::Inside;
use crate::desk::book::{Answer, Given, Taken};
use crate::desk::error::NotTaken;
use crate::desk::page;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AnswerForm {
    answer: String,
    /// The person who was shown, by their number in the match.
    person: String,
    reason: String,
    words: String,
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
                    Taken::Noted | Taken::Decided => {
                        let [supplier, customer_ref, _] = &inside.keys[place_of_question];
                        format!("Case {}, account {customer_ref} of {supplier}: {}.", place + 1, given.words())
                    }
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

pub(super) async fn undo(State(inside): Shared, headers: HeaderMap) -> Answered {
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

//! Makes the forms with which a reviewer answers: the bar below a case, and the page that asks before a Yes takes a
//! rebate away.

use maud::{Markup, html};

use super::{Frame, key};
use crate::desk::answer::{Answer, AnswerReason};
use crate::desk::book::Place;

/// What can be answered about a case.
pub(super) struct AnswerBar<'a> {
    pub(super) base: &'a str,
    /// Where the answer is sent.
    pub(super) action: &'a str,
    /// The person who is shown, by their number in the match.
    pub(super) person: Option<u32>,
    pub(super) may_be_yes: bool,
    /// The supplier and the account from which a Yes takes the rebate.
    pub(super) taken_from: Option<[&'a str; 2]>,
    /// What the form has at first.
    pub(super) reason: AnswerReason,
    pub(super) words: &'a str,
    /// The answer that this one replaces, by when it was given.
    pub(super) replaces: Option<&'a str>,
}

/// What a reviewer had filled in, so that nobody has to do it again.
pub(in crate::desk) struct Filled<'a> {
    /// Why the answer was refused, if one was given.
    pub(in crate::desk) why: Option<&'a str>,
    pub(in crate::desk) reason: AnswerReason,
    pub(in crate::desk) words: &'a str,
}

/// The bar with the answers and the reasons.
pub(super) fn bar(own: &AnswerBar<'_>) -> Markup {
    html! {
        form class="answer" method="post" action=(own.action) autocomplete="off" {
            @if let Some(person) = own.person { input type="hidden" name="person" value=(person); }
            @if let Some(at) = own.replaces { input type="hidden" name="replaces" value=(at); }
            // What Enter in a field would press.
            button hidden disabled {}
            div class="inside" {
                div class="buttons" {
                    button class="main" name="answer" value="yes" data-key="y" disabled[!own.may_be_yes] {
                        (key("Y")) " Yes" @if let Some(from) = own.taken_from { ", take it from " (account(from)) " …" }
                    }
                    button class="main" name="answer" value="no" data-key="n" { (key("N")) " No" }
                    button name="answer" value="cannot-tell" data-key="c" { (key("C")) " Cannot tell" }
                }
                div class="why" {
                    (reasons(own.reason))
                    div class="words" { label for="words" { (key("W")) " or in words" }
                        input id="words" name="words" maxlength="200" autocomplete="off" spellcheck="false" data-focus="w"
                            value=(own.words); }
                    div class="elsewhere" {
                        a href={ (own.base) "/next" } data-key="s" { (key("S")) " Skip" }
                        a href={ (own.base) "/" } data-key="q" { (key("Q")) " Queue" }
                    }
                }
                p class="hint" {
                    "Yes gives the account the rebate, No gives it none. Name nobody in the words: the decisions file keeps them. "
                    a href="#glossary" data-key="h" { (key("H")) " What the words mean" }
                }
            }
        }
    }
}

/// The reasons, by the answers that they fit, each with its digit.
fn reasons(chosen: AnswerReason) -> Markup {
    let mut numbered = AnswerReason::ALL.into_iter().enumerate().collect::<Vec<_>>();
    // None of them comes last, under its own digit.
    numbered.rotate_left(1);
    html! {
        details class="reasons" {
            summary data-key="r" { (key("R")) " Because: " span class="chosen" { (chosen.words()) } }
            // desk.js says here why a letter does nothing.
            p class="dead" role="status" {}
            fieldset {
                legend class="hidden" { "Because" }
                @for group in numbered.chunk_by(|(_, one), (_, other)| one.answers() == other.answers()) {
                    div {
                        p class="for" { (fitting(group[0].1.answers())) }
                        @for (digit, reason) in group {
                            label {
                                input type="radio" name="reason" value=(reason.code()) data-digit=(digit)
                                    data-words=(reason.words()) checked[*reason == chosen];
                                (key(&digit.to_string())) span { (reason.words()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The answers that reasons fit.
fn fitting(answers: &[Answer]) -> String {
    if answers.len() == Answer::ALL.len() {
        return "For any answer".to_owned();
    }
    format!("For {}", answers.iter().map(|answer| answer.words()).collect::<Vec<_>>().join(" or "))
}

/// An account by its supplier and reference.
pub(super) fn account([supplier, customer_ref]: [&str; 2]) -> Markup {
    html! { "account " bdi { (customer_ref) } " of " (supplier) }
}

/// From which account to which a rebate goes.
pub(super) fn from_to(from: [&str; 2], to: [&str; 2]) -> Markup {
    html! {
        "from " @if from[0] == to[0] { "account " bdi { (from[1]) } } @else { (account(from)) } " to " (account(to))
    }
}

/// A Yes that takes a rebate away, before it is taken.
pub(in crate::desk) struct Taking<'a> {
    pub(in crate::desk) place: Place,
    /// The supplier and the account that get the rebate, and those from which it is taken.
    pub(in crate::desk) account: [&'a str; 2],
    pub(in crate::desk) from: [&'a str; 2],
    pub(in crate::desk) token: &'a str,
    /// What the form of the case said.
    pub(in crate::desk) person: &'a str,
    pub(in crate::desk) reason: &'a str,
    pub(in crate::desk) words: &'a str,
    pub(in crate::desk) replaces: &'a str,
}

/// Makes the page that asks before a Yes takes a rebate away.
pub(in crate::desk) fn taking(frame: &Frame<'_>, own: &Taking<'_>) -> Markup {
    let case = format!("{}/case/{}/{}", frame.base, own.place.0 + 1, own.place.1 + 1);
    let inside = html! {
        p class="where" { "Case " (own.place.0 + 1) ": " (account(own.account)) "." }
        h1 { "Move the rebate " (from_to(own.from, own.account)) "?" }
        p { "Nothing is written yet. The household has its rebate with " b { (account(own.from)) } ". If you go on, the next run moves it " (from_to(own.from, own.account)) "." }
        form class="answer confirm" method="post" action=(case) autocomplete="off" {
            @for (name, value) in [("person", own.person), ("reason", own.reason), ("words", own.words), ("replaces", own.replaces), ("confirm", own.token)] {
                input type="hidden" name=(name) value=(value);
            }
            div class="buttons" {
                button class="main" name="answer" value="yes" data-key="t" { (key("T")) " Take it from " (account(own.from)) }
                button name="answer" value="back" data-key="b" { (key("B")) " Back to the case" }
            }
        }
    };
    frame.page(&format!("Case {}: take the rebate away?", own.place.0 + 1), &inside)
}

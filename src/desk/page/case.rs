//! Makes the page of a case: the question, both records side by side, and what else is known.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::answering::{AnswerBar, Filled, account as account_words, bar, from_to};
use super::figures::figures;
use super::glossary::glossary;
use super::weights::weights;
use super::{Frame, change, key, time};
use crate::date::Date;
use crate::desk::answer::AnswerReason;
use crate::desk::book::Done;
use crate::desk::compare::{Agreement, Part, compare, in_words};
use crate::desk::decisions_file::Gave;
use crate::intake::Column;
use crate::pipeline::casework::records::Record;
use crate::pipeline::casework::view::{AccountView, CandidateView, HolderView};
use crate::scheme::Reason;
use crate::text::counted;

/// What the page of a case shows.
pub(in crate::desk) struct CasePage<'a> {
    pub(in crate::desk) frame: Frame<'a>,
    /// The case's number, and the account's number in it, both from 1.
    pub(in crate::desk) number: usize,
    pub(in crate::desk) account: usize,
    /// The accounts of the case: their suppliers and references, and whether they are open.
    pub(in crate::desk) accounts: Vec<(&'a str, &'a str, bool)>,
    pub(in crate::desk) reason: Reason,
    pub(in crate::desk) view: AccountView<'a>,
    /// It is clear how the account is decided: the answer is no decision.
    pub(in crate::desk) is_clear: bool,
    /// The candidate to show, by their place; `None` for the one that decides.
    pub(in crate::desk) person: Option<usize>,
    /// The same by their number in the match.
    pub(in crate::desk) of: Option<u32>,
    pub(in crate::desk) history: Vec<String>,
    pub(in crate::desk) supplier_ids: Vec<&'a str>,
    pub(in crate::desk) latest_birth: Date,
    /// Nothing is to be answered any more.
    pub(in crate::desk) is_answered: bool,
    /// What the reviewer answered, if that can be taken back.
    pub(in crate::desk) done: Option<&'a Done>,
    /// That answer is to be changed.
    pub(in crate::desk) is_changing: bool,
    /// What the reviewer had filled in.
    pub(in crate::desk) filled: Option<&'a Filled<'a>>,
    /// The accounts to which staff gave the household's rebate.
    pub(in crate::desk) moved: Vec<Moved<'a>>,
}

/// An account to which staff gave a rebate.
pub(in crate::desk) struct Moved<'a> {
    pub(in crate::desk) supplier: &'a str,
    pub(in crate::desk) customer_ref: &'a str,
    pub(in crate::desk) moment: String,
    /// Who did, and why; `None` if the decisions file that the page writes does not say.
    pub(in crate::desk) gave: Option<Gave>,
}

/// A candidate of one of the holders.
struct Shown<'a> {
    holder: &'a HolderView<'a>,
    candidate: &'a CandidateView<'a>,
    /// Their place among all candidates, from 1.
    place: usize,
}

/// Makes the page of a case.
pub(in crate::desk) fn case(own: &CasePage<'_>) -> Markup {
    let all: Vec<Shown<'_>> = own
        .view
        .holders
        .iter()
        .flat_map(|holder| holder.candidates.iter().map(move |candidate| (holder, candidate)))
        .zip(1..)
        .map(|((holder, candidate), place)| Shown { holder, candidate, place })
        .collect();
    let is_chosen = |one: &&Shown<'_>| own.person == Some(one.place) || own.of == Some(one.candidate.person);
    let chosen = all.iter().find(is_chosen);
    let chosen = chosen.or_else(|| all.iter().find(|one| one.candidate.explained.decides)).or(all.first());
    let row = chosen.map_or(0, |one| one.holder.row);
    let account = own.view.rows.get(row).or(own.view.rows.first());
    let is_joint = chosen.is_some_and(|one| one.holder.is_joint);
    let holder_name = account.map_or(String::new(), |record| name_of(record, is_joint));
    let joint_with = account.filter(|_| is_joint).map(|record| name_of(record, false)).filter(|name| !name.is_empty());
    let person_name =
        chosen.and_then(|one| one.candidate.record).map_or(String::new(), |record| name_of(record, false));
    let standing = chosen.map_or("", |one| one.candidate.explained.standing);
    let may_be_yes = own.view.may_be_yes(chosen.map(|one| one.candidate));
    let taken_from = chosen.and_then(|one| one.candidate.taken_from);
    let changing = own.done.filter(|_| own.is_changing);
    let (reason, words) = match (own.filled, changing) {
        (Some(filled), _) => (filled.reason, filled.words),
        (None, Some(done)) => (done.reason, &*done.words),
        (None, None) => (AnswerReason::NoneGiven, ""),
    };
    let takes_answer = !own.is_answered || own.is_changing;
    let here = [own.view.supplier, own.view.customer_ref];
    let from = taken_from.map(|held| [held.supplier, held.customer_ref]);
    let answer = AnswerBar {
        base: own.frame.base,
        action: &format!("{}/case/{}/{}", own.frame.base, own.number, own.account),
        person: chosen.map(|one| one.candidate.person),
        may_be_yes,
        taken_from: from.filter(|_| may_be_yes),
        reason,
        words,
        replaces: changing.map(|done| &*done.at),
    };
    let inside = html! {
        p class="where" {
            "Case " (own.number) ": " (own.reason.words()) ". " (own.view.scheme.name)
            " (qualifying date " (qualifying_day(own)) "), " (own.view.supplier)
            ", account " bdi { (own.view.customer_ref) } "."
        }
        h1 { (question(own.reason, (&holder_name, joint_with.as_deref()), &person_name, from.map(|from| from_to(from, here)))) }
        @if let Some(why) = own.filled.and_then(|filled| filled.why).filter(|_| takes_answer) {
            p class="note error" role="alert" { "Nothing is written. " (why) }
        }
        @if own.is_answered { (answered(own)) }
        @if let Some(held) = taken_from.filter(|_| takes_answer) {
            div class="note" {
                @let moved = own.moved.iter().find(|moved| [moved.supplier, moved.customer_ref] == [held.supplier, held.customer_ref]);
                @if let Some(moved) = moved { p { (given_to(moved)) } }
                p {
                    "The household has its rebate with " (account_words([held.supplier, held.customer_ref])) ". "
                    @match held.home_agrees {
                        Some(true) => "That account is at a current home of its person in the benefit records, which speaks for it. ",
                        Some(false) => "That account is at no current home of its person in the benefit records. ",
                        None => {}
                    }
                    @if may_be_yes { "Yes moves it " (from_to([held.supplier, held.customer_ref], here)) "." }
                }
            }
        }
        (accounts(own))
        (candidates(own, &all, chosen))
        @if let Some(note) = note_on(standing) { p class="note" { (note) } }
        (side_by_side(own, account, is_joint, chosen))
        @if takes_answer { (bar(&answer)) }
        div class="more" {
            (rivals(chosen))
            @if let Some(one) = chosen {
                section { h2 { "How the match weighs it" } (weights(&one.candidate.explained)) }
                (claim(own, one))
            }
            (neighbours(own))
            (history(own))
            (figures(chosen.map(|one| one.holder).or(own.view.holders.first()), chosen.map(|one| one.candidate)))
            (glossary(own.view.scheme, &benefits(&all)))
        }
    };
    own.frame.page(&format!("Case {}", own.number), &inside)
}

/// The benefits that the page names.
fn benefits<'a>(all: &[Shown<'a>]) -> BTreeSet<&'a str> {
    let awards = all.iter().flat_map(|one| &one.candidate.awards);
    awards.map(|(award, _)| award.get(Column::Benefit)).filter(|code| !code.is_empty()).collect()
}

/// The scheme's qualifying date.
fn qualifying_day(own: &CasePage<'_>) -> String {
    in_words(own.view.scheme.qualifying_date).join(" ")
}

/// Who gave an account the household's rebate, when and why.
fn given_to(moved: &Moved<'_>) -> Markup {
    let day = |text: &str| Some(text.parse::<jiff::civil::Date>().ok()?.strftime("on %-d %B %Y").to_string());
    let moment = |text: &str| {
        Some(text.parse::<jiff::civil::DateTime>().ok()?.strftime("on %-d %B %Y at %H:%M UTC").to_string())
    };
    let text = &*moved.moment;
    let when = if text.contains('T') { moment(text) } else { day(text) };
    let by = moved.gave.as_ref().map(|gave| &*gave.by).filter(|by| !by.is_empty()).unwrap_or("Staff");
    let reason = moved.gave.as_ref().map(|gave| &*gave.reason).filter(|reason| !reason.is_empty());
    html! {
        (by) " gave the rebate to " (account_words([moved.supplier, moved.customer_ref])) " "
        (when.as_deref().unwrap_or("on a day that is not stated"))
        @if let Some(reason) = reason { ", with this reason: “" (reason) "”" } "."
    }
}

/// What the reviewer is asked. A joint holder is named with the first one; `moves` says from which account to which a Yes
/// moves the rebate.
fn question(reason: Reason, (holder, first): (&str, Option<&str>), person: &str, moves: Option<Markup>) -> Markup {
    let holder = html! {
        @if holder.is_empty() { "the account holder" }
        @else if let Some(first) = first { "the joint holder " bdi { (holder) } " (the first holder is " bdi { (first) } ")" }
        @else { "the account holder " bdi { (holder) } }
    };
    let person = html! { @if person.is_empty() { "somebody in the benefit records" } @else { bdi { (person) } " in the benefit records" } };
    match reason {
        Reason::ClaimUsed | Reason::ClaimFreed => html! {
            @if let Some(moves) = moves { "Should the household's rebate move " (moves) ", that of " (holder) "?" }
            @else { "Should the household's rebate move to this account of " (holder) "?" }
        },
        Reason::NotDecidable => {
            html! { "Is the household of " (person) " entitled, though its income or energy score is not known?" }
        }
        Reason::Excepted(_) => html! { "Should this account get the rebate, in spite of what the supplier reported?" },
        Reason::DecisionOutdated => {
            html! { "Staff decided before, and the account looks different now. Should it get the rebate?" }
        }
        Reason::DecisionVoid => {
            html! { "Two earlier decisions contradict each other. Should this account get the rebate?" }
        }
        Reason::Weakened => html! { "Is " (holder) " still " (person) ", for whom the rebate was released?" },
        _ => html! { "Is " (holder) " the same person as " (person) "?" },
    }
}

/// What a reviewer has to know of the person who is shown.
fn note_on(standing: &str) -> Option<&'static str> {
    match standing {
        "not-eligible" => Some("This person is not entitled. If the account holder is this person, answer No."),
        "objected" => Some("This person, or the claim, objected. There is no rebate, whatever is answered."),
        "not-decidable" => {
            Some("An income or energy score of this person is not known. Yes means that you know it qualifies.")
        }
        _ => None,
    }
}

pub(in crate::desk) fn name_of(record: &Record, is_joint: bool) -> String {
    let columns: &[Column] = match (is_joint, record.get(Column::FullName).is_empty()) {
        (true, _) => &[Column::JointForename, Column::JointSurname],
        (false, true) => &[Column::Forename, Column::MiddleNames, Column::Surname],
        (false, false) => &[Column::FullName],
    };
    let parts = columns.iter().map(|column| record.get(*column)).filter(|text| !text.is_empty());
    parts.collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

/// The accounts that hang together, if there are several.
fn accounts(own: &CasePage<'_>) -> Markup {
    html! {
        @if own.accounts.len() > 1 {
            nav class="choice" aria-label="Accounts of this case" {
                p { (counted(own.accounts.len() as u64, "account")) " hang together. Each is decided for itself." }
                ul { @for ((supplier, reference, is_open), place) in own.accounts.iter().zip(1..) {
                    li {
                        a href={ (own.frame.base) "/case/" (own.number) "/" (place) } aria-current=[(place == own.account).then_some("true")] {
                            (supplier) " " bdi { (reference) } @if !is_open { " – answered" }
                        }
                    }
                } }
            }
        }
    }
}

/// Who the holders may be, if there are several persons.
fn candidates(own: &CasePage<'_>, all: &[Shown<'_>], chosen: Option<&Shown<'_>>) -> Markup {
    // The name of the holder whom a person may be, if there are several holders.
    let has_several = all.iter().any(|one| !std::ptr::eq(one.holder, all[0].holder));
    let holder = |one: &Shown<'_>| {
        let record = own.view.rows.get(one.holder.row).filter(|_| has_several);
        record.map_or(String::new(), |record| name_of(record, one.holder.is_joint))
    };
    html! {
        @if all.len() > 1 {
            nav class="choice" aria-label="Persons in the benefit records" {
                p { "Your answer is for the account: No is for all of them. "
                    @if has_several { "The account has several holders. Each beside a person of the records:" }
                    @else { "The records have " (all.len()) " persons like that, the likeliest first:" } }
                ul { @for one in all {
                    @let is_chosen = chosen.is_some_and(|chosen| chosen.place == one.place);
                    li {
                        a href={ (own.frame.base) "/case/" (own.number) "/" (own.account) "?person=" (one.place) @if own.is_changing { "&change=" (own.done.map_or("", |done| &*done.at)) } }
                            aria-current=[is_chosen.then_some("true")] data-key=[(one.place < 10).then_some(one.place)] {
                            @if one.place < 10 { (key(&one.place.to_string())) " " }
                            @if has_several { bdi { (holder(one)) } " and " }
                            bdi { (one.candidate.record.map_or(String::new(), |record| name_of(record, false))) }
                            ", " (standing_in_words(one.candidate.explained.standing))
                        }
                    }
                } }
            }
        }
    }
}

fn standing_in_words(standing: &str) -> &str {
    match standing {
        "eligible" => "entitled",
        "not-eligible" => "not entitled",
        "not-decidable" => "perhaps entitled",
        other => other,
    }
}

fn parts(parts: &[Part]) -> Markup {
    html! {
        @if parts.is_empty() { span class="none" { "–" } }
        bdi { @for part in parts { @if part.differs { mark { (part.text) } } @else { (part.text) } } }
    }
}

fn side_by_side(own: &CasePage<'_>, account: Option<&Record>, is_joint: bool, chosen: Option<&Shown<'_>>) -> Markup {
    let benefit = chosen.and_then(|one| one.candidate.record);
    let explained = chosen.map(|one| &one.candidate.explained);
    let pairs = compare(account, is_joint, benefit, explained, own.latest_birth);
    html! {
        @if account.is_none() { p class="note" { "The supplier's files do not have this account any more." } }
        table class="pair" {
            caption class="hidden" { "Both records, field by field" }
            thead { tr {
                th scope="col" { "Field" }
                th scope="col" { "Account, " (own.view.supplier) @if is_joint { ", joint holder" } }
                th scope="col" { "Benefit record" @if let Some(one) = chosen { ", claim " bdi { (one.candidate.claim_ref) } } }
            } }
            tbody { @for pair in &pairs {
                tr class=[(pair.agreement == Agreement::Differs).then_some("differs")] {
                    th scope="row" { (pair.name) " " span class="agreement" { (pair.agreement.words()) } }
                    td { (parts(&pair.account)) }
                    td { (parts(&pair.benefit)) }
                }
            } }
        }
        @if own.view.rows.len() > 1 { p class="hint" { "The account has " (own.view.rows.len()) " rows, one for each holder or home." } }
    }
}

/// What the reviewer answered, and how to change it.
fn answered(own: &CasePage<'_>) -> Markup {
    let base = own.frame.base;
    let said = |done: &Done| {
        html! { "“" (done.answer.words()) "” at " (time(done)) ", with this reason: “" (done.reason.written(&done.words)) "”" }
    };
    html! {
        div class="note" role="alert" {
            @if let Some(done) = own.done.filter(|_| own.is_changing) {
                p {
                    "You answered " (said(done)) ". That stays in force until you give another answer. "
                    a href={ (base) "/case/" (own.number) "/" (own.account) } { "Keep it" }
                }
            } @else if let Some(done) = own.done {
                p { "You answered " (said(done)) "." }
                form class="careful" method="post" action={ (base) "/undo" } {
                    input type="hidden" name="case" value=(own.number);
                    input type="hidden" name="account" value=(own.account);
                    (change(base, done))
                    button data-key="u" { (key("U")) " Undo this answer" }
                }
            } @else { p { "This account is answered." } }
            @if !own.is_changing {
                p class="elsewhere" {
                    a href={ (base) "/next" } data-key="s" { (key("S")) " Next case" }
                    a href={ (base) "/" } data-key="q" { (key("Q")) " Queue" }
                }
            }
        }
    }
}

/// Who the holder may be. How likely each is stays out: a reviewer judges by the records.
fn rivals(chosen: Option<&Shown<'_>>) -> Markup {
    html! {
        @if let Some(one) = chosen {
            section {
                h2 { "Who the holder may be" }
                p { "The likeliest first, of the benefit records:" }
                ul { @for other in &one.holder.candidates {
                    li {
                        bdi { (other.record.map_or(String::new(), |record| name_of(record, false))) }
                        ", claim " bdi { (other.claim_ref) } ", " (standing_in_words(other.explained.standing))
                    }
                } }
                p { "And of people in no record:" }
                ul { @for rival in &one.holder.rivals { li { (rival.words) } } }
            }
        }
    }
}

/// A record in one line.
fn line(record: &Record) -> Markup {
    let text = |column| record.get(column);
    let home = [Column::AddressLine1, Column::AddressLine2, Column::Town, Column::Postcode];
    let home: Vec<&str> = home.into_iter().map(text).filter(|text| !text.is_empty()).collect();
    let joint = name_of(record, true);
    html! {
        bdi { (name_of(record, false)) }
        @if !text(Column::DateOfBirth).is_empty() { ", born " bdi { (text(Column::DateOfBirth)) } }
        @if !joint.is_empty() { ", and " bdi { (joint) } }
        @if !home.is_empty() { ", " bdi { (home.join(", ").chars().take(160).collect::<String>()) } }
    }
}

fn claim(own: &CasePage<'_>, one: &Shown<'_>) -> Markup {
    let awards = &one.candidate.awards;
    let day = qualifying_day(own);
    html! {
        section {
            h2 { "On claim " bdi { (one.candidate.claim_ref) } }
            @if !one.candidate.person_ref.is_empty() { p { "Person " bdi { (one.candidate.person_ref) } } }
            ul {
                @for (award, is_open) in awards {
                    li {
                        bdi { (award.get(Column::Benefit)) }
                        @if !award.get(Column::AwardStart).is_empty() { ", from " bdi { (award.get(Column::AwardStart)) } }
                        @if !award.get(Column::AwardEnd).is_empty() { " to " bdi { (award.get(Column::AwardEnd)) } } @else { ", no end stated" }
                        @if !award.get(Column::Income).is_empty() { ", yearly income of the claim " bdi { (award.get(Column::Income)) } }
                        ". Open on the qualifying date, " (day) ": " b { @if *is_open { "yes" } @else { "no" } } "."
                    }
                }
                @for other in &one.candidate.others {
                    li { @if other.get(Column::Role).eq_ignore_ascii_case("partner") { "Partner: " } @else { "Also: " } (line(other)) }
                }
            }
        }
    }
}

fn neighbours(own: &CasePage<'_>) -> Markup {
    let all = &own.view.neighbours;
    html! {
        section {
            h2 { "Other accounts with this UPRN, or with this postcode and house number" }
            @if all.is_empty() { p { "None." } }
            @else {
                ul { @for other in all {
                    li { (own.supplier_ids[other.supplier]) " " bdi { (other.customer_ref) } ": " (line(&other.record)) }
                } }
            }
        }
    }
}

fn history(own: &CasePage<'_>) -> Markup {
    let decided = own.view.decided.as_ref().map(|(flag, moment)| match flag {
        Some(true) => format!("Staff decided yes on {moment}."),
        Some(false) => format!("Staff decided no on {moment}."),
        None => format!("Staff decided twice on {moment}, and the two contradict each other."),
    });
    // An answer on a clear case is no decision, and moves no rebate.
    let rebate = own.view.rebate.iter().filter(|_| !own.is_clear).flat_map(|rebate| &rebate.sentences);
    html! {
        section {
            h2 { "Rebate and history" }
            @if rebate.clone().next().is_none() && decided.is_none() && own.history.is_empty() { p { "Nothing." } }
            ul {
                @for sentence in rebate { li { (sentence) } }
                @if let Some(decided) = decided { li { (decided) } }
                @for said in &own.history { li { (said) "." } }
            }
        }
    }
}

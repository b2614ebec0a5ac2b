//! Makes the pages: the frame around each, and the small ones.

mod answering;
mod case;
mod figures;
mod glossary;
mod queue;
mod weights;

pub(super) use answering::{Filled, Taking, taking};
pub(super) use case::{CasePage, Moved, case, name_of};
pub(super) use queue::{ON_A_PAGE, QueuePage, queue};

use maud::{DOCTYPE, Markup, html};

use super::answer::Answer;
use super::book::{Done, Place};

/// What every page of a reviewer who is in has around its content.
pub(super) struct Frame<'a> {
    /// The path that all addresses of this page begin with.
    pub(super) base: &'a str,
    /// `None` if nobody is in.
    pub(super) reviewer: Option<&'a str>,
    /// Single keys answer.
    pub(super) keys: bool,
    /// After how many seconds the browser leaves the page.
    pub(super) idle: u64,
    /// What is said about what was done last.
    pub(super) said: Option<&'a str>,
    /// The last answer, if it can be changed.
    pub(super) last: Option<LastAnswer>,
}

/// What a reviewer answered last.
#[derive(Clone, Copy)]
pub(super) struct LastAnswer {
    pub(super) place: Place,
    pub(super) answer: Answer,
}

impl<'a> Frame<'a> {
    /// The frame of a page for somebody who is not in.
    pub(super) fn outside(base: &'a str) -> Frame<'a> {
        Frame { base, reviewer: None, keys: false, idle: 0, said: None, last: None }
    }

    /// Makes the page. The title stands in the browser's history, so it holds no value of a record.
    pub(super) fn page(&self, title: &str, inside: &Markup) -> Markup {
        let base = self.base;
        html! {
            (DOCTYPE)
            html lang="en-GB" translate="no" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="google" content="notranslate";
                    @if self.reviewer.is_some() {
                        // With scripts, desk.js leaves the page in time.
                        noscript { meta http-equiv="refresh" content={ (self.idle) ";url=" (base) "/locked" }; }
                    }
                    title { (title) " – flagmatch review" }
                    // An empty icon, so that no browser requests one.
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href={ (base) "/desk.css" };
                    script src={ (base) "/desk.js" } defer {}
                }
                body data-keys=[self.keys.then_some("on")] data-idle=[self.reviewer.map(|_| self.idle)]
                    data-locked=[self.reviewer.map(|_| format!("{base}/locked"))]
                    data-used=[self.reviewer.map(|_| format!("{base}/used"))] {
                    a class="skip" href="#main" { "Skip to the content" }
                    header {
                        div class="inside" {
                            p class="name" { @if self.reviewer.is_some() { a href={ (base) "/" } { "flagmatch review" } } @else { "flagmatch review" } }
                            @if let Some(reviewer) = self.reviewer {
                                p class="who" { (reviewer) }
                                form method="post" action={ (base) "/keys" } {
                                    button class="plain" { @if self.keys { "Turn keys off" } @else { "Turn keys on" } }
                                }
                                form method="post" action={ (base) "/lock" } { button class="plain" { "Lock" } }
                            }
                        }
                    }
                    // desk.js says here in time that the page is about to lock.
                    @if self.reviewer.is_some() { p class="locking" role="status" {} }
                    @if self.said.is_some() || self.last.is_some() {
                        div class="said" {
                            div class="inside" {
                                @if let Some(said) = self.said { p role="status" { (said) } }
                                // One key leads to the case; there another step undoes the answer.
                                @if let Some(LastAnswer { place: (case, account), answer }) = self.last {
                                    a href={ (base) "/case/" (case + 1) "/" (account + 1) } data-key="u" {
                                        (key("U")) " Your last answer: case " (case + 1) ", " (answer.words())
                                    }
                                }
                            }
                        }
                    }
                    main id="main" class="inside" tabindex="-1" { (inside) }
                }
            }
        }
    }
}

/// A key that can be pressed.
fn key(name: &str) -> Markup {
    html! { kbd { (name) } }
}

/// When an answer was given.
fn time(done: &Done) -> Markup {
    html! { (done.at.get(11..16).unwrap_or_default()) " UTC" }
}

/// The link to the case of an answer, to change it.
fn change(base: &str, done: &Done) -> Markup {
    let (case, account) = (done.place.0 + 1, done.place.1 + 1);
    html! {
        a class="button" href={ (base) "/case/" (case) "/" (account) "?change=" (done.at) } {
            "Change this answer" span class="hidden" { " to case " (case) }
        }
    }
}

/// The page on which somebody comes in.
pub(super) fn enter(base: &str, token: &str, reviewer: &str, asks_passphrase: bool, wrong: bool) -> Markup {
    let inside = html! {
        h1 { "Review of doubtful cases" }
        p { "You will see personal data. Use it for these decisions alone. Everything that you answer is recorded under the name " b { (reviewer) } "." }
        @if wrong { p class="error" role="alert" { "That is not the passphrase. After five wrong ones you need a new address." } }
        form method="post" action={ (base) "/enter" } class="enter" autocomplete="off" {
            input type="hidden" name="token" value=(token);
            @if asks_passphrase {
                label for="passphrase" { "Your passphrase" }
                input type="password" id="passphrase" name="passphrase" autocomplete="off" autofocus required;
                button class="main" { "Begin" }
            } @else {
                button class="main" autofocus { "Begin" }
            }
        }
    };
    Frame::outside(base).page("Begin", &inside)
}

/// The page that stands where one was locked.
pub(super) fn locked(base: &str, asks_passphrase: bool, by_proxy: bool, wrong: bool) -> Markup {
    let inside = html! {
        h1 { "Locked" }
        @if wrong { p class="error" role="alert" { "That is not the passphrase. After five wrong ones you need a new address." } }
        @if asks_passphrase || by_proxy {
            form method="post" action={ (base) "/unlock" } class="enter" autocomplete="off" {
                @if asks_passphrase {
                    label for="passphrase" { "Your passphrase" }
                    input type="password" id="passphrase" name="passphrase" autocomplete="off" autofocus required;
                }
                button class="main" { "Go on" }
            }
        } @else {
            p { "Press Enter where flagmatch review runs, and open the new address that it prints. What you answered is kept." }
        }
    };
    Frame::outside(base).page("Locked", &inside)
}

/// A page that only says something, and leads back to the queue.
pub(super) fn message(frame: &Frame<'_>, heading: &str, text: &str) -> Markup {
    let inside = html! {
        h1 { (heading) }
        p { (text) }
        @if frame.reviewer.is_some() { p { a href={ (frame.base) "/" } data-key="q" { (key("Q")) " Back to the queue" } } }
    };
    frame.page(heading, &inside)
}

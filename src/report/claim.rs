//! Formats the explanation of a claim as text of 80 columns or as a page.

use std::fmt::Write;

use maud::html;

use super::page::{Shell, table};
use super::words;
use crate::pipeline::{
    AccountOnClaim, ClaimExplanation, ClaimInScheme, FormerAccount, FoundPerson, GroupConditions, PersonOnClaim,
};
use crate::text::{counted, wrapped};

fn person(own: &PersonOnClaim, number: usize) -> String {
    let mut text = format!("person {number}: {}", own.roles.join(" and "));
    match own.person_refs.as_slice() {
        [] => text.push_str(", without a person_ref"),
        refs => {
            text.push_str(", person_ref ");
            text.push_str(&refs.join(", "));
        }
    }
    if !own.other_claims.is_empty() {
        text.push_str("; also on ");
        text.push_str(&own.other_claims.join(", "));
    }
    if own.objected {
        text.push_str("; objected, and is never eligible");
    }
    text
}

/// What an objection to a claim does.
const OBJECTED: &str = "An objection names the claim, or somebody on it: nobody is eligible through it. Who is on another claim may be \
     eligible through that, unless the objection names the person.";

/// Says whether the claim is eligible in a scheme.
fn eligibility(own: &ClaimInScheme) -> String {
    match (own.eligibility, &own.group) {
        ("eligible", Some(group)) => format!("eligible, through the group {group}"),
        ("not-decidable", _) => "not decidable: a value that a group needs is not known".to_owned(),
        _ => "not eligible".to_owned(),
    }
}

/// Says which conditions of a group hold.
fn group(own: &GroupConditions) -> String {
    let benefit = match own.benefit {
        "open" => "a qualifying award is open on the qualifying date",
        "not-open" => "an award of a qualifying benefit is not open on the qualifying date",
        _ => "no qualifying benefit",
    };
    let income = match own.income {
        Some("holds") => "; income within the limit",
        Some("fails") => "; income over the limit",
        Some(_) => "; income not known",
        None => "",
    };
    let score = match own.energy_cost_score {
        Some("holds") => "; energy-cost score high enough",
        Some("fails") => "; energy-cost score too low",
        Some(_) => "; energy-cost score not known at the claimant's UPRN: the account's decides",
        None => "",
    };
    format!("{benefit}{income}{score}")
}

/// Says the account's flag now, the flag last delivered, and whether the account has the rebate.
fn flag(own: &AccountOnClaim) -> String {
    let now = match (own.flag, own.reason) {
        (Some(flag), Some(reason)) => format!("{flag} ({reason})"),
        _ => "not in the supplier's files now, or these could not be used".to_owned(),
    };
    let delivered = match own.delivered {
        Some(flag) => format!("; newest delivery {flag}"),
        None => "; the supplier never had a delivery".to_owned(),
    };
    let rebate = match (own.rebate_state, &own.released_on) {
        (None, _) => String::new(),
        (Some("released"), Some(day)) => match &own.rebate_from {
            Some(FormerAccount { supplier, customer_ref }) => format!(
                "; the next run passes the rebate to it, which was released to {supplier} {customer_ref} on {day}"
            ),
            None => format!("; HAS THE REBATE, released on {day}"),
        },
        (Some("released"), None) => "; gets the rebate with the next run".to_owned(),
        (Some(state), _) => format!("; had the rebate, which no account has now: {state}"),
    };
    format!("{now}{delivered}{rebate}")
}

/// Says which rule decided, and names any objection, staff decision or exception.
fn said(own: &AccountOnClaim) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(reason) = own.reason {
        all.push(words::decision(reason).to_owned());
    }
    if own.objected {
        all.push("An objection names the account.".to_owned());
    }
    if let Some(flag) = own.decision {
        let day = own.decided_on.as_ref().map_or(String::new(), |day| format!(" on {day}"));
        all.push(format!("Staff decided {flag}{day}."));
    }
    if let Some(kind) = own.exception {
        all.push(format!("The supplier reported: {kind}."));
    }
    all
}

/// Says how far a person of the claim agrees with a holder.
fn found(own: &FoundPerson) -> String {
    let candidate = &own.candidate;
    let levels: Vec<String> =
        candidate.fields.iter().map(|field| format!("{} {} {:+.1}", field.field, field.level, field.bits)).collect();
    let decides = if candidate.decides { ", the one that decides" } else { "" };
    format!(
        "person {} as holder {}: likelihood {:.4}, {}{decides}; levels, with bits: {}",
        own.person,
        own.holder,
        candidate.likelihood,
        candidate.standing,
        levels.join(", ")
    )
}

impl ClaimExplanation {
    fn remarks(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        if self.waits_for_release_day {
            all.push(
                "A flag that changed on an account that its supplier did not change waits for the next release day."
                    .to_owned(),
            );
        }
        all.extend(self.held_back.iter().map(|held| format!("{} would be held back now: {}", held.id, held.reason)));
        all
    }

    /// Formats the explanation as text, 80 columns wide.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |indent: usize, own: &str| {
            for part in wrapped(own, 80 - indent) {
                // Writing to a string cannot fail.
                let _written = writeln!(text, "{:indent$}{part}", "");
            }
        };
        line(0, &format!("claim {}: {}", self.claim, people(self.people.len())));
        if self.objected {
            line(2, OBJECTED);
        }
        for (own, number) in self.people.iter().zip(1..) {
            line(2, &person(own, number));
        }
        for scheme in &self.schemes {
            line(0, "");
            line(0, &format!("scheme {}: {}", scheme.scheme, eligibility(scheme)));
            for own in &scheme.groups {
                line(2, &format!("group {}: {}", own.group, group(own)));
            }
            line(2, &format!("{} found", counted(scheme.accounts.len() as u64, "account")));
            for own in &scheme.accounts {
                line(0, "");
                line(2, &format!("{} {}: {}", own.supplier, own.customer_ref, flag(own)));
                said(own).iter().for_each(|own| line(4, own));
                own.found.iter().for_each(|own| line(4, &found(own)));
            }
        }
        for own in self.remarks() {
            line(0, "");
            line(0, &own);
        }
        text
    }

    /// Formats the explanation as one self-contained page.
    pub fn to_html(&self) -> String {
        let rows = |scheme: &ClaimInScheme| -> Vec<Vec<String>> {
            let row = |own: &AccountOnClaim| {
                vec![format!("{} {}", own.supplier, own.customer_ref), flag(own), said(own).join(" ")]
            };
            scheme.accounts.iter().map(row).collect()
        };
        let inside = html! {
            p class="warning" { "For the administrator alone: a supplier must never learn why." }
            section {
                h2 { "People" }
                @if self.objected { p { (OBJECTED) } }
                @for (own, number) in self.people.iter().zip(1..) { p { (person(own, number)) } }
            }
            @for scheme in &self.schemes {
                section {
                    h2 { "Scheme " (scheme.scheme) ": " (eligibility(scheme)) }
                    @for own in &scheme.groups { p { "Group " (own.group) ": " (group(own)) "." } }
                    @if scheme.accounts.is_empty() {
                        p { "No account was found." }
                    } @else {
                        (table("Accounts", &["Account", "Flag", "Why"], &rows(scheme)))
                    }
                    @for own in &scheme.accounts {
                        @for one in &own.found { p { (own.supplier) " " (own.customer_ref) ", " (found(one)) } }
                    }
                }
            }
            @if !self.remarks().is_empty() {
                section {
                    h2 { "Delivery" }
                    @for own in self.remarks() { p { (own) } }
                }
            }
        };
        let shell = Shell {
            title: "flagmatch: one claim explained",
            heading: "How a claim was decided",
            of: "References, eligibility and comparison levels; no name, date of birth, address, income or score",
            from: "Made by flagmatch from the job's inputs as they are now.",
        };
        shell.around(&inside)
    }
}

fn people(number: usize) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}

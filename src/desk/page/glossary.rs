//! Says what the words of a case mean.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::job::{Group, Scheme};

/// Words that a reviewer cannot know, and what they mean.
const WORDS: [(&str, &str); 10] = [
    (
        "Bits",
        "How strongly a field speaks for the same person. One bit more doubles the odds, one bit less halves them.",
    ),
    ("Typing slip", "One letter or digit is wrong, missing or too many, or two are exchanged."),
    ("Generation", "Fifteen years or more between two dates of birth, as between parent and child."),
    ("Sector, district, area", "Parts of a postcode. Of LS8 2AB, the sector is LS8 2, the district LS8, the area LS."),
    ("Established name", "A forename that many people have, or that has short forms or spellings of its own."),
    (
        "In no record",
        "The holder may be somebody whom the benefit records do not have: a twin of the person, a parent of the same name, or a stranger, somebody unrelated.",
    ),
    ("Household", "Claims that share a person. A household gets one rebate."),
    ("Entitled", "The person has, on a claim, a benefit that counts in the scheme and is open on the qualifying date."),
    (
        "Threshold",
        "How likely it has to be that the holder is an entitled person, so that the account gets the rebate without anybody's decision.",
    ),
    ("UPRN", "Unique Property Reference Number: each home in Britain has its own."),
];

/// The words, closed until somebody needs them, with the benefits that count in a scheme, and those that a page names and
/// that do not.
pub(super) fn glossary(scheme: &Scheme, named: &BTreeSet<&str>) -> Markup {
    let counts_somewhere =
        |code: &str| scheme.groups.iter().flat_map(|group| &group.benefits).any(|own| own.eq_ignore_ascii_case(code));
    let others: Vec<&str> = named.iter().copied().filter(|code| !counts_somewhere(code)).collect();
    html! {
        // desk.js opens it for a link to it; without scripts the link leads to where it is opened.
        details class="glossary" id="glossary" {
            summary { "What the words mean" }
            dl {
                @for (word, meaning) in WORDS { div { dt { (word) } dd { (meaning) } } }
                @for group in &scheme.groups {
                    div { dt { (group.benefits.join(", ")) } dd { (counts(group, scheme)) } }
                }
                @if !others.is_empty() {
                    div { dt { bdi { (others.join(", ")) } } dd { "Does not count in " (scheme.name) "." } }
                }
            }
        }
    }
}

/// What the benefits of a group count for.
fn counts(group: &Group, scheme: &Scheme) -> String {
    let mut text = format!("Counts in {} (group {})", scheme.name, group.id);
    let conditions = [
        group.max_income.map(|most| format!("the claim's yearly income is at most £{most}")),
        group.min_energy_cost_score.map(|least| format!("the home's energy-cost score is at least {least}")),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    if !conditions.is_empty() {
        text = format!("{text}, if {}", conditions.join(" and "));
    }
    format!("{text}.")
}

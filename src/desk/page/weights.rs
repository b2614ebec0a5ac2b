//! Draws how the match weighs a candidate: a table with a bar for each field.
//!
//! What all fields come to together is among the closed figures: a reviewer judges by the records.

use maud::{Markup, html};

use crate::matching::Evidence;
use crate::pipeline::CandidateExplanation;
use crate::report::field_in_words;

/// The width of the bars' area, in units of the picture.
const WIDTH: f64 = 240.0;

/// The fields of a candidate, what they say for and against the same person.
pub(super) fn weights(explained: &CandidateExplanation) -> Markup {
    let fields = explained.fields.iter().filter(|field| field.level != "absent");
    let meaning = |field, level| Evidence::meaning(field, level).unwrap_or(level);
    let mut steps: Vec<(&str, &str, f64)> =
        fields.map(|own| (own.field, meaning(own.field, own.level), own.bits)).collect();
    if explained.household.abs() > 0.05 {
        let others = match explained.household < 0.0 {
            true => "Who else is on the account and who is on the claim do not fit.",
            false => "Who else is on the account and who is on the claim fit.",
        };
        steps.push(("household", others, explained.household));
    }
    let least = steps.iter().map(|step| step.2).fold(0.0, f64::min);
    let most = steps.iter().map(|step| step.2).fold(0.0, f64::max);
    let x = |bits: f64| (bits - least) / (most - least).max(1.0) * WIDTH;
    html! {
        table class="weights" {
            caption class="hidden" { "How much each field speaks for or against the same person" }
            thead { tr {
                th scope="col" { "Field" }
                th scope="col" { "How it agrees" }
                th scope="col" class="number" { "Bits" }
                th scope="col" class="bar" { "Against and for" }
            } }
            tbody { @for (name, meaning, bits) in steps {
                tr {
                    th scope="row" { (field_in_words(name)) }
                    td { (meaning) }
                    td class="number" { (format!("{bits:+.1}")) }
                    td class="bar" {
                        svg viewBox="0 0 240 12" width="240" height="12" aria-hidden="true" focusable="false" {
                            line class="zero" x1=(format!("{:.1}", x(0.0))) x2=(format!("{:.1}", x(0.0))) y1="0" y2="12" {}
                            rect class=(if bits < 0.0 { "against" } else { "for" }) x=(format!("{:.1}", x(bits.min(0.0))))
                                width=(format!("{:.1}", (x(bits.abs()) - x(0.0)).max(1.5))) y="1" height="10" {}
                        }
                    }
                }
            } }
        }
        p class="hint" { "Above zero a field speaks for the same person, below zero against. One bit more doubles the odds." }
    }
}

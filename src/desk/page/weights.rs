//! Draws how the match weighs a candidate: a table with a bar for each field, which begins where the one before ended.

use maud::{Markup, html};

use crate::pipeline::CandidateExplanation;
use crate::report::field_in_words;

/// The width of the bars' area, in units of the picture.
const WIDTH: f64 = 240.0;

/// The waterfall of a candidate.
pub(super) fn waterfall(explained: &CandidateExplanation) -> Markup {
    let mut steps: Vec<(&str, &str, f64)> = vec![("prior", "anybody", explained.prior)];
    steps.extend(explained.fields.iter().map(|field| (field.field, field.level, field.bits)));
    if explained.household.abs() > 0.05 {
        steps.push(("household", "others", explained.household));
    }
    let mut sums = vec![0.0];
    for (_, _, bits) in &steps {
        sums.push(sums[sums.len() - 1] + bits);
    }
    let least = sums.iter().copied().fold(0.0, f64::min);
    let most = sums.iter().copied().fold(0.0, f64::max);
    let x = |bits: f64| (bits - least) / (most - least).max(1.0) * WIDTH;
    html! {
        table class="weights" {
            caption class="hidden" { "How much each field speaks for the same person" }
            thead { tr {
                th scope="col" { "Field" }
                th scope="col" { "How it agrees" }
                th scope="col" class="number" { "Bits" }
                th scope="col" class="bar" { "For and against" }
            } }
            tbody { @for ((name, level, bits), ends) in steps.iter().zip(sums.windows(2)) {
                @let (from, to) = (x(ends[0].min(ends[1])), x(ends[0].max(ends[1])));
                tr {
                    th scope="row" { (field_in_words(name)) }
                    td { (level) }
                    td class="number" { (format!("{bits:+.1}")) }
                    td class="bar" {
                        svg viewBox="0 0 240 12" width="240" height="12" aria-hidden="true" focusable="false" {
                            line class="zero" x1=(format!("{:.1}", x(0.0))) x2=(format!("{:.1}", x(0.0))) y1="0" y2="12" {}
                            rect class=(if *bits < 0.0 { "against" } else { "for" }) x=(format!("{from:.1}"))
                                width=(format!("{:.1}", (to - from).max(1.5))) y="1" height="10" {}
                        }
                    }
                }
            } }
        }
        p class="hint" { "One bit more doubles the odds. " (together(explained.odds)) }
    }
}

/// What the sum of all bits says.
fn together(bits: f64) -> String {
    let (most, least) =
        if bits < 0.0 { ("somebody unrelated", "this person") } else { ("this person", "somebody unrelated") };
    format!("Together, {:.1} bits speak for {most} rather than {least}.", bits.abs())
}

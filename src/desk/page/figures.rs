//! Shows the figures of a case, closed until somebody opens them: how likely each person is, and what all fields come to.
//!
//! A figure can give away that a case is a clear one, so every case has them, and nothing of them stands elsewhere.

use maud::{Markup, html};

use super::case::name_of;
use crate::pipeline::casework::view::{CandidateView, HolderView};

/// The figures of a holder, and of the person of the records who is shown.
pub(super) fn figures(holder: Option<&HolderView<'_>>, chosen: Option<&CandidateView<'_>>) -> Markup {
    html! {
        details class="figures" {
            summary { "Figures" }
            p class="hint" { "Read the records first: a figure can be wrong about this case." }
            @if let Some(holder) = holder { (likelihoods(holder)) } @else { p { "No holder of the account was compared with anybody." } }
            @if let Some(one) = chosen { (total(one)) }
        }
    }
}

fn likelihoods(holder: &HolderView<'_>) -> Markup {
    html! {
        table {
            caption { "Who the holder may be" }
            thead { tr {
                th scope="col" { "Person" }
                th scope="col" class="number" { "Likelihood" }
                th scope="col" class="number" { "Odds in bits" }
            } }
            tbody {
                @for one in &holder.candidates {
                    (row(&html! {
                        bdi { (one.record.map_or(String::new(), |record| name_of(record, false))) } ", claim " bdi { (one.claim_ref) }
                    }, one.explained.likelihood, one.explained.odds))
                }
                @for rival in &holder.rivals {
                    (row(&html! { (rival.words) ", in no record" }, rival.likelihood, rival.odds))
                }
            }
        }
        p class="hint" {
            "Somebody in the benefit records: " (percent(holder.found))
            ". Odds are against somebody unrelated; people who are less likely than those shown are left out."
        }
    }
}

fn row(who: &Markup, likelihood: f64, odds: f64) -> Markup {
    html! {
        tr { th scope="row" { (who) } td class="number" { (percent(likelihood)) } td class="number" { (bits(odds)) } }
    }
}

/// What the bits of the person who is shown come to.
fn total(one: &CandidateView<'_>) -> Markup {
    let own = &one.explained;
    let fields: f64 = own.fields.iter().map(|field| field.bits).sum();
    let steps = [("Before any field is compared", own.prior), ("All fields", fields), ("Household", own.household)];
    html! {
        table {
            caption { "What the bits of the person shown come to" }
            thead { tr { th scope="col" { "Step" } th scope="col" class="number" { "Bits" } } }
            tbody { @for (step, own) in steps { tr { th scope="row" { (step) } td class="number" { (bits(own)) } } } }
            tfoot { tr { th scope="row" { "Together" } td class="number" { (bits(own.odds)) } } }
        }
    }
}

fn bits(bits: f64) -> String {
    format!("{bits:+.1}")
}

/// A likelihood, never more certain than it is.
fn percent(likelihood: f64) -> String {
    match 100.0 * likelihood {
        share if share > 99.99 => "over 99.99 %".to_owned(),
        share if share < 0.01 => "under 0.01 %".to_owned(),
        share => format!("{share:.2} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_likelihood_is_said_to_be_certain() {
        for (likelihood, expected) in [
            (0.0, "under 0.01 %"),
            (0.000_09, "under 0.01 %"),
            (0.000_123, "0.01 %"),
            (0.5, "50.00 %"),
            (0.9998, "99.98 %"),
            (0.999_95, "over 99.99 %"),
            (1.0, "over 99.99 %"),
        ] {
            assert_eq!(percent(likelihood), expected, "{likelihood}");
        }
    }
}

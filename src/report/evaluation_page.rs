//! Formats an evaluation as one self-contained page, with a picture of precision and recall over the
//! threshold.

use maud::html;

use super::evaluation::Evaluation;
use super::interval::Share;
use super::page::{Shell, figure, table};
use super::picture::curve;
use super::run_data::ReportError;
use super::words::{self, count};

fn with_interval(share: &Share) -> String {
    format!("{:.4} ({:.4} to {:.4})", share.share, share.low, share.high)
}

impl Evaluation {
    /// Formats the page; `threshold` is the one in use.
    ///
    /// # Errors
    /// [`ReportError::Unmade`] if the picture cannot be drawn.
    pub fn to_html(&self, scheme: &str, threshold: f64) -> Result<String, ReportError> {
        let of = |wanted: f64| {
            self.curve
                .iter()
                .min_by(|one, other| (one.threshold - wanted).abs().total_cmp(&(other.threshold - wanted).abs()))
        };
        let text = of(threshold).map_or(String::new(), |point| {
            format!(
                "Precision and recall at other thresholds. Near the one in use ({threshold}): precision {:.4}, recall \
                 {:.4}. Rules that do not depend on the threshold, such as the one for contradictory dates of birth, \
                 still apply. The allocation of one rebate per claim is not repeated.",
                point.precision.share, point.recall.share
            )
        });
        let drawn = figure(&text, |screen| {
            curve("Precision and recall over the threshold, as in the table below", &self.curve, threshold, screen)
        })?;
        let points: Vec<Vec<String>> = self
            .curve
            .iter()
            .map(|point| {
                vec![point.threshold.to_string(), with_interval(&point.precision), with_interval(&point.recall)]
            })
            .collect();
        let misses: Vec<Vec<String>> = [
            ("never a candidate", self.misses.never_a_candidate),
            ("a candidate, but not flagged", self.misses.not_flagged),
        ]
        .into_iter()
        .chain(self.misses.reasons.iter().map(|(reason, accounts)| (words::reason(reason), *accounts)))
        .map(|(what, accounts)| vec![what.to_owned(), count(accounts)])
        .collect();
        let kinds: Vec<Vec<String>> = self
            .breakdown
            .iter()
            .map(|kind| {
                vec![
                    format!("{}: {}", kind.by, kind.value),
                    count(kind.recall.whole),
                    with_interval(&kind.recall),
                    count(kind.precision.whole),
                    with_interval(&kind.precision),
                ]
            })
            .collect();
        let card = |figure: String, what: &str| html! { div class="card" { dt { (what) } dd { (figure) } } };
        let inside = html! {
            p class="warning" { "Exact counts, for the administrator alone." }
            section {
                h2 { "Precision and recall" }
                dl class="cards" {
                    (card(format!("{:.4}", self.precision.share), &format!("precision, {} of {} flagged are eligible", count(self.precision.part), count(self.precision.whole))))
                    (card(format!("{:.4}", self.recall.share), &format!("recall, {} of {} eligible are flagged", count(self.recall.part), count(self.recall.whole))))
                    (card(format!("{:.4}", self.f1), "F1"))
                }
                p { "95 % intervals: precision " (format!("{:.4} to {:.4}", self.precision.low, self.precision.high)) ", recall " (format!("{:.4} to {:.4}", self.recall.low, self.recall.high)) "." }
            }
            section { h2 { "Over the threshold" } (drawn) (table("Precision and recall, with 95 % intervals", &["Threshold", "Precision", "Recall"], &points)) }
            section { h2 { "Misses" } (table("Accounts that are eligible and not flagged", &["What", "Accounts"], &misses)) }
            section { h2 { "By kind of account" } (table("Precision and recall by kind of account", &["Kind", "Eligible", "Recall", "Flagged", "Precision"], &kinds)) }
        };
        let shell = Shell {
            title: &format!("flagmatch evaluation of {scheme}"),
            heading: "How right the match is",
            of: scheme,
            from: "Made by flagmatch from the job's inputs and the truth about them.",
        };
        Ok(shell.around(&inside))
    }
}

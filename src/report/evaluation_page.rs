//! Formats an evaluation as one self-contained page, with pictures of precision, recall and calibration.

use maud::html;

use super::evaluation::Evaluation;
use super::page::{Shell, figure, table};
use super::picture::{calibration, curve, precision_recall};
use super::run_data::ReportError;
use super::words::{self, count};

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
        let near = of(threshold).map_or(String::new(), |point| {
            format!(
                " Near the one in use ({threshold}): precision {}, recall {}.",
                point.precision.rounded(),
                point.recall.rounded()
            )
        });
        let text = format!(
            "Precision and recall at other thresholds, with 95 % intervals.{near} Axes are in log odds; a share of 0 or \
             1 lies at the end. Flags that no threshold decides, such as those of staff decisions, stay. The allocation \
             of one rebate per claim is not repeated."
        );
        let drawn = figure(&text, |screen| {
            curve("Precision and recall over the threshold, as in the table below", &self.curve, threshold, screen)
        })?;
        let text = format!(
            "Each point is one threshold: a higher one flags fewer accounts, and as a rule a smaller share of them wrongly. \
             The red point is the one in use, {threshold}, or its nearest neighbour in the table below."
        );
        let against = figure(&text, |screen| {
            precision_recall("Precision against recall, as in the table below", &self.curve, threshold, screen)
        })?;
        let text = "Each point is a band of the posterior. On the line, the posterior is as high as the eligible share; \
                    above it, the posterior is too low; below it, too high. Strokes are 95 % intervals.";
        let calibrated = figure(text, |screen| {
            calibration("Eligible share over the mean posterior, as in the table below", &self.calibration, screen)
        })?;
        let bands: Vec<Vec<String>> = self
            .calibration
            .iter()
            .map(|band| {
                vec![
                    band.name(),
                    count(band.eligible.whole),
                    format!("{:.4}", band.mean),
                    band.eligible.with_interval(),
                ]
            })
            .collect();
        let points: Vec<Vec<String>> = self
            .curve
            .iter()
            .map(|point| {
                vec![point.threshold.to_string(), point.precision.with_interval(), point.recall.with_interval()]
            })
            .collect();
        let by_reason = self.misses.reasons.iter().map(|(reason, accounts)| (words::reason(reason), *accounts));
        let misses: Vec<Vec<String>> = by_reason
            .chain([("all", self.misses.all())])
            .map(|(why, accounts)| vec![why.to_owned(), count(accounts)])
            .collect();
        let kinds: Vec<Vec<String>> = self
            .breakdown
            .iter()
            .map(|kind| {
                vec![
                    format!("{}: {}", kind.by, kind.value),
                    count(kind.recall.whole),
                    kind.recall.with_interval(),
                    count(kind.precision.whole),
                    kind.precision.with_interval(),
                ]
            })
            .collect();
        let card = |figure: String, what: &str| html! { div class="card" { dt { (what) } dd { (figure) } } };
        let inside = html! {
            p class="warning" { "Exact counts, for the administrator alone." }
            section {
                h2 { "Precision and recall" }
                dl class="cards" {
                    (card(self.precision.rounded(), &format!("precision, {} of {} flagged are eligible", count(self.precision.part), count(self.precision.whole))))
                    (card(self.recall.rounded(), &format!("recall, {} of {} eligible are flagged", count(self.recall.part), count(self.recall.whole))))
                    (card(format!("{:.4}", self.f1), "F1"))
                }
                p { "95 % intervals: precision " (self.precision.interval()) ", recall " (self.recall.interval()) "." }
            }
            section {
                h2 { "Over the threshold" }
                (drawn) (against)
                (table("Precision and recall, with 95 % intervals", &["Threshold", "Precision", "Recall"], &points))
            }
            section {
                h2 { "Calibration" }
                (calibrated)
                (table("Accounts with a candidate, by band of the posterior", &["Posterior", "Accounts", "Mean posterior", "Eligible"], &bands))
            }
            section {
                h2 { "Misses" }
                p { (self.misses.sentence()) }
                (table("Eligible accounts that are not flagged, by reason", &["Reason", "Accounts"], &misses))
            }
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

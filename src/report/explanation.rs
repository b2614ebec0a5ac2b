//! Formats the explanation of an account as text of 80 columns or as a page, with a waterfall of match
//! weights.

use std::fmt::Write;

use maud::html;

use super::page::{Shell, figure, table};
use super::picture::{Step, axis, sums, waterfall};
use super::run_data::ReportError;
use super::words;
use crate::pipeline::{CandidateExplanation, Explanation, HolderExplanation, SchemeExplanation};
use crate::text::{counted, wrapped};

/// Width of a waterfall's bars, in characters.
const BARS: usize = 36;

/// The steps from the prior odds to the final odds, in bits.
fn steps(candidate: &CandidateExplanation) -> Vec<Step> {
    let step = |name: &str, level: &str, bits: f64| Step { name: name.to_owned(), level: level.to_owned(), bits };
    let mut steps = vec![step("prior", "anybody", candidate.prior)];
    steps.extend(candidate.fields.iter().map(|field| step(field.field, field.level, field.bits)));
    if candidate.household.abs() > 0.05 {
        steps.push(step("household", "others", candidate.household));
    }
    steps
}

fn bits_of(threshold: f64) -> f64 {
    (threshold / (1.0 - threshold)).log2()
}

/// Says which rule decided, with the posterior and the lead.
fn sentence(scheme: &SchemeExplanation) -> String {
    let why = words::decision(scheme.reason);
    match scheme.posterior {
        Some(posterior) => format!(
            "{why} The posterior is {posterior:.4} (threshold {}), the lead {:.1} bits.",
            scheme.threshold,
            scheme.lead.unwrap_or(0.0)
        ),
        None => why.to_owned(),
    }
}

/// Says whether a gate would hold the supplier back now, and which delivery is its newest.
fn delivery(own: &Explanation) -> Vec<String> {
    let newest = match &own.newest_delivery {
        Some(run) => format!("The supplier's newest delivery is of run {run}"),
        None => "The supplier never had a delivery".to_owned(),
    };
    let waits = match own.waits_for_release_day {
        true => " A flag that changed on an account that its supplier did not change waits for the next release day.",
        false => "",
    };
    if own.findings.is_empty() {
        return vec![format!("No gate would quarantine this supplier's delivery now. {newest}.{waits}")];
    }
    let held = format!(
        "A gate would quarantine this supplier's delivery now, so this flag would not be released. {newest}{}.",
        if own.newest_delivery.is_some() { ", and stands" } else { "" }
    );
    [held].into_iter().chain(own.findings.iter().map(|finding| format!("Gate {finding}."))).collect()
}

/// Says how the flag was decided, where the rebate went, and what the newest delivery has.
fn settled(scheme: &SchemeExplanation) -> String {
    let delivered = match scheme.delivered {
        Some(flag) if flag == scheme.flag => format!(" The newest delivery has {flag} too."),
        Some(flag) => format!(" The newest delivery has {flag}: something has changed since."),
        None => String::new(),
    };
    let rebate = scheme.rebate.iter().flat_map(|rebate| &rebate.sentences);
    let rebate: String = rebate.map(|sentence| format!(" {sentence}")).collect();
    format!("{}{rebate}{delivered}", sentence(scheme))
}

/// The text above a candidate's waterfall.
fn about(candidate: &CandidateExplanation) -> String {
    let decides = if candidate.decides { ", the one that decides" } else { "" };
    format!("{:.1} bits, likelihood {:.4}, {}{decides}", candidate.odds, candidate.likelihood, candidate.standing)
}

impl Explanation {
    /// Names the account.
    fn account(&self) -> String {
        format!("Account {:?} of {}", self.customer_ref, self.supplier)
    }

    /// Names the run whose rebates stand.
    fn after(&self) -> String {
        self.run.as_ref().map_or("before any run was published".to_owned(), |run| format!("after run {run}"))
    }

    /// Formats the explanation as text, 80 columns wide.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for scheme in &self.schemes {
            line(&mut text, format_args!("scheme {}: {} ({})", scheme.scheme, scheme.flag, scheme.reason));
            for own in wrapped(&settled(scheme), 78) {
                line(&mut text, format_args!("  {own}"));
            }
            for (holder, own) in scheme.holders.iter().zip(1..).map(|(holder, number)| (number, holder)) {
                let found = format!("{}, found with {:.4}", counted(own.candidates as u64, "candidate"), own.found);
                line(&mut text, format_args!("\nholder {holder}: {found}"));
                for (candidate, number) in own.likeliest.iter().zip(1..) {
                    line(&mut text, format_args!(""));
                    let name = if number == 1 { "best candidate".to_owned() } else { format!("candidate {number}") };
                    for own in wrapped(&format!("{name}: {}", about(candidate)), 78) {
                        line(&mut text, format_args!("  {own}"));
                    }
                    for own in wrapped(&format!("keys: {}", candidate.keys.join(", ")), 78) {
                        line(&mut text, format_args!("  {own}"));
                    }
                    falls(&mut text, candidate, bits_of(scheme.threshold));
                }
                rivals(&mut text, own);
            }
            line(&mut text, format_args!(""));
        }
        line(&mut text, format_args!("delivery"));
        for own in delivery(self).iter().flat_map(|own| wrapped(own, 78)) {
            line(&mut text, format_args!("  {own}"));
        }
        text
    }

    /// Formats the explanation as one self-contained page.
    ///
    /// # Errors
    /// [`ReportError::Unmade`] if a picture cannot be drawn.
    pub fn to_html(&self) -> Result<String, ReportError> {
        let mut pictures = Vec::new();
        for scheme in &self.schemes {
            let mut own = Vec::new();
            for (holder, number) in scheme.holders.iter().zip(1..) {
                for (candidate, place) in holder.likeliest.iter().zip(1..) {
                    let named = |step: Step| Step { name: words::field(&step.name).to_owned(), ..step };
                    let steps: Vec<Step> = steps(candidate).into_iter().map(named).collect();
                    let threshold = bits_of(scheme.threshold);
                    let keys: Vec<&str> = candidate.keys.iter().map(|key| words::key(key)).collect();
                    let text =
                        format!("Match keys that met: {}. The candidate: {}.", keys.join("; "), about(candidate));
                    let drawn = figure(&text, |screen| {
                        waterfall("Match weight, field by field, as in the table below", &steps, threshold, screen)
                    })?;
                    let mut sum = 0.0;
                    let rows: Vec<Vec<String>> = steps
                        .iter()
                        .map(|step| {
                            sum += step.bits;
                            vec![
                                step.name.clone(),
                                step.level.clone(),
                                format!("{:+.1}", step.bits),
                                format!("{sum:.1}"),
                            ]
                        })
                        .collect();
                    own.push(html! {
                        h3 { "Holder " (number) ", candidate " (place) " of " (holder.candidates) }
                        (drawn) (table("Field by field", &["Field", "Level", "Bits", "Sum"], &rows))
                    });
                }
                let rivals: Vec<Vec<String>> = rivals_of(holder).map(Vec::from).collect();
                if !rivals.is_empty() {
                    own.push(html! {
                        h3 { "Who else holder " (number) " may be" }
                        (table("People whom no benefit record names", &["Who", "Bits", "Likelihood"], &rivals))
                    });
                }
            }
            pictures.push((scheme, own));
        }
        let inside = html! {
            p class="warning" { "For the administrator alone: a supplier must never learn why." }
            p { "Comparison levels, match weights and eligibility; no name, date of birth, address, income or score." }
            @for (scheme, holders) in &pictures {
                section {
                    h2 { "Scheme " (scheme.scheme) ": " (scheme.flag) }
                    p { (settled(scheme)) }
                    @for part in holders { (part) }
                }
            }
            section {
                h2 { "Delivery" }
                @for own in delivery(self) { p { (own) } }
            }
        };
        let shell = Shell {
            title: "flagmatch: one account explained",
            heading: "Why this account has its flag",
            of: &self.account(),
            from: &format!("Made by flagmatch from the job's inputs as they are now, {}.", self.after()),
        };
        Ok(shell.around(&inside))
    }
}

/// Writes a waterfall in characters: each bar begins where the one before it ended.
fn falls(text: &mut String, candidate: &CandidateExplanation, threshold: f64) {
    let steps = steps(candidate);
    let sums = sums(&steps);
    let ((least, most), ticks) = axis(&sums, threshold);
    let at = |bits: f64| ((bits - least) / (most - least).max(1.0) * (BARS - 1) as f64).round() as usize;
    let bar = |ends: (f64, f64), letter: u8| {
        let mut bar = vec![b' '; BARS];
        bar[at(threshold)] = b'|';
        bar[at(ends.0.min(ends.1))..=at(ends.0.max(ends.1))].fill(letter);
        String::from_utf8_lossy(&bar).trim_end().to_owned()
    };
    for (step, ends) in steps.iter().zip(sums.windows(2)) {
        let bar = bar((ends[0], ends[1]), if step.bits < 0.0 { b'-' } else { b'+' });
        line(text, format_args!("    {:19}{:12}{:+7.1}  {bar}", step.name, step.level, step.bits));
    }
    let sum = sums[sums.len() - 1];
    line(text, format_args!("    {:31}{sum:7.1}  {}", "odds in bits", bar((0.0, sum), b'=')));
    let mut labels = String::new();
    for tick in &ticks {
        let label = tick.to_string();
        // Each label is centred, and none reaches beyond the bars.
        let from = at(*tick).saturating_sub(label.len() / 2).min(BARS - label.len());
        labels.extend(std::iter::repeat_n(' ', from.saturating_sub(labels.len())));
        labels.push_str(&label);
    }
    line(text, format_args!("    {:38}  {labels}", format!("| threshold, {threshold:.1} bits")));
}

/// Who else a holder may be, if anybody was found: in words, with odds in bits against somebody unrelated and with the
/// likelihood.
fn rivals_of(holder: &HolderExplanation) -> impl Iterator<Item = [String; 3]> {
    let rivals = holder.rivals.iter().filter(|_| holder.candidates > 0);
    rivals.map(|rival| [rival.words.to_owned(), format!("{:+.1}", rival.odds), format!("{:.4}", rival.likelihood)])
}

/// Writes who else a holder may be, a line each.
fn rivals(text: &mut String, holder: &HolderExplanation) {
    let mut head = Some(["who else the holder may be", "bits", "likelihood"].map(str::to_owned));
    for rival in rivals_of(holder) {
        if let Some([who, bits, likelihood]) = head.take() {
            line(text, format_args!("\n  {who:50}{bits:>6}  {likelihood}"));
        }
        let [who, bits, likelihood] = rival;
        line(text, format_args!("    {who:48}{bits:>6}  {likelihood:>10}"));
    }
}

fn line(text: &mut String, own: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "{own}");
}

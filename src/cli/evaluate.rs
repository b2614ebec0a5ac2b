//! Runs `flagmatch evaluate`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::arguments::{Evaluate, Matching};
use super::bar::Bars;
use super::exit::Fault;
use super::format::{count, counted, table};
use super::log::LogSettings;
use super::private_file::write_page;
use super::{options, private_file, read_job};
use crate::job::Job;
use crate::matching::names_of;
use crate::pipeline::{Keep, StageTimer, match_all};
use crate::report::{self, BandEstimate, ClericalEvaluation, Evaluation, Judged, Share, Truth, TruthError, evaluate};
use crate::text::marked;

/// Matches the job, compares its flags with the truth, and prints the figures.
pub(super) fn run(arguments: &Evaluate, log: LogSettings, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    if let Some(file) = &arguments.clerical {
        return clerical(&report::evaluate_clerical(file)?, arguments.json, out);
    }
    let (Some(job), Some(truth_file)) = (&arguments.job, &arguments.truth) else {
        return Err(Fault::Usage("name a job and its truth, or a reviewed sample with --clerical".to_owned()));
    };
    let matching = Matching { job: job.clone(), suppliers: arguments.suppliers.clone(), threads: arguments.threads };
    let job = read_job(&matching.job, None)?;
    let scheme = scheme(&job, arguments.scheme.as_deref())?;
    let truth = Truth::read(truth_file)?;
    let mut list = arguments.list.as_deref().map(WrongFlags::begin).transpose()?;
    let bars = Bars::until_stopped(log)?;
    let matched = match_all(&job, &options(&matching, true), Keep::Verdicts, &StageTimer::new(&bars))?;
    for (supplier, why) in &matched.held_back {
        tracing::warn!(supplier = supplier.id, "{} is left out: {why}", supplier.id);
    }
    let mut failed = None;
    let evaluation = evaluate(&matched, scheme, &truth, |judged| {
        if let Some(list) = &mut list
            && judged.eligible != judged.flag
            && failed.is_none()
        {
            failed = list.write(judged).err();
        }
    });
    if let Some(fault) = failed {
        return Err(fault.into());
    }
    if let Some(list) = list {
        list.finish()?;
    }
    if evaluation.accounts == 0 {
        return Err(TruthError::NoAccount { file: truth_file.clone() }.into());
    }
    if let Some(file) = &arguments.html {
        let page = evaluation.to_html(&job.schemes[scheme].name, job.matching.threshold)?;
        write_page(file, &page)?;
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &evaluation).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        print(&evaluation, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the estimates from a reviewed sample.
fn clerical(found: &ClericalEvaluation, json: bool, out: &mut dyn Write) -> Result<ExitCode, Fault> {
    if json {
        writeln!(out, "{:#}", serde_json::json!(found))?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{} reviewed, {} without an answer\n", count(found.reviewed), count(found.unanswered))?;
    let row = |name: &str, own: &BandEstimate| {
        let figures = if own.accounts == 0 {
            ["-".to_owned(), "-".to_owned()]
        } else {
            [format!("{:.4}", own.share), format!("{:.4} to {:.4}", own.low, own.high)]
        };
        let counts = [name.to_owned(), count(own.accounts), count(own.reviewed)];
        counts.into_iter().chain(figures).collect::<Vec<String>>()
    };
    let mut rows = vec![["posterior", "accounts", "reviewed", "eligible", "95 % interval"].map(str::to_owned).to_vec()];
    rows.extend(found.precision_by_band.iter().map(|own| row(&own.band, own)));
    rows.push(row("all flagged", &found.precision));
    rows.push(row("in review", &found.review));
    rows.push(row("neither of both", &found.neither));
    write!(out, "{}", table(&rows))?;
    if !found.reviewers.is_empty() {
        let head = ["reviewer", "clear cases", "as matched", "cannot tell"].map(str::to_owned).to_vec();
        let figures = found
            .reviewers
            .iter()
            .map(|own| vec![own.reviewer.clone(), count(own.answered), count(own.as_matched), count(own.cannot_tell)]);
        write!(out, "\n{}", table(&std::iter::once(head).chain(figures).collect::<Vec<_>>()))?;
    }
    if let Some(own) = &found.agreement {
        let beyond = own.beyond_chance.map_or("-".to_owned(), |share| format!("{share:.2}"));
        writeln!(out, "\nagreement: {} of {}, beyond chance {beyond}", count(own.agreed), counted(own.pairs, "pair"))?;
        return Ok(ExitCode::SUCCESS);
    }
    match &found.recall {
        Some(recall) => writeln!(
            out,
            "\nrecall  {:.4}  (an estimated {} of {} eligible; 95 % interval {:.4} to {:.4})",
            recall.share,
            count(recall.flagged.round() as u64),
            count(recall.eligible.round() as u64),
            recall.low,
            recall.high
        )?,
        None => writeln!(out, "\nrecall  not known: a group of accounts has no answer")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn scheme(job: &Job, wanted: Option<&str>) -> Result<usize, Fault> {
    let ids: Vec<&str> = job.schemes.iter().map(|scheme| scheme.id.as_str()).collect();
    match wanted {
        None if ids.len() == 1 => Ok(0),
        None => Err(Fault::Usage(format!("the job has several schemes; choose one with --scheme: {}", ids.join(", ")))),
        Some(wanted) => ids
            .iter()
            .position(|id| *id == wanted)
            .ok_or_else(|| Fault::Usage(format!("the job has no scheme {wanted:?}; it has {}", ids.join(", ")))),
    }
}

fn print(evaluation: &Evaluation, out: &mut dyn Write) -> std::io::Result<()> {
    let Evaluation { precision, recall, f1, misses, .. } = evaluation;
    writeln!(out, "{}", counted(evaluation.accounts, "account"))?;
    if evaluation.without_truth > 0 {
        writeln!(out, "{} without a truth", counted(evaluation.without_truth, "further account"))?;
    }
    writeln!(out, "\nprecision  {}", with_interval(precision))?;
    writeln!(out, "recall     {}", with_interval(recall))?;
    writeln!(out, "F1         {f1:.4}")?;
    writeln!(out, "\n{}", misses.sentence())?;
    for (reason, accounts) in &misses.reasons {
        writeln!(out, "  {reason}: {}", count(*accounts))?;
    }
    writeln!(out, "wrongly flagged: {}", count(precision.whole - precision.part))?;
    for (reason, accounts) in &evaluation.false_flags {
        writeln!(out, "  {reason}: {}", count(*accounts))?;
    }
    writeln!(out)?;
    let mut rows = vec![["posterior", "accounts", "mean", "eligible", "95 % interval"].map(str::to_owned).to_vec()];
    for band in &evaluation.calibration {
        rows.push(vec![
            band.name(),
            count(band.eligible.whole),
            format!("{:.4}", band.mean),
            band.eligible.rounded(),
            band.eligible.interval(),
        ]);
    }
    writeln!(out, "{}", table(&rows))?;
    let mut rows = vec![["kind of account", "eligible", "recall", "flagged", "precision"].map(str::to_owned).to_vec()];
    for kind in &evaluation.breakdown {
        rows.push(vec![
            format!("{}: {}", kind.by, kind.value),
            count(kind.recall.whole),
            kind.recall.rounded(),
            count(kind.precision.whole),
            kind.precision.rounded(),
        ]);
    }
    write!(out, "{}", table(&rows))
}

fn with_interval(share: &Share) -> String {
    format!(
        "{}  ({} of {}; 95 % interval {})",
        share.rounded(),
        count(share.part),
        count(share.whole),
        share.interval()
    )
}

/// The list of accounts whose flag is wrong. It holds references, so it is for the administrator only.
struct WrongFlags<'a> {
    file: &'a Path,
    writer: csv::Writer<std::fs::File>,
}

impl<'a> WrongFlags<'a> {
    const COLUMNS: [&'static str; 8] =
        ["supplier", "customer_ref", "eligible", "flag", "reason", "posterior", "keys", "levels"];

    fn begin(file: &'a Path) -> Result<WrongFlags<'a>, TruthError> {
        let unwritable = |source| TruthError::Unwritable { file: file.to_owned(), source };
        let opened = private_file::open(file, &Self::COLUMNS.join(",")).map_err(unwritable)?;
        let mut list = WrongFlags { file, writer: csv::Writer::from_writer(opened) };
        list.record(Self::COLUMNS)?;
        Ok(list)
    }

    fn write(&mut self, judged: &Judged<'_>) -> Result<(), TruthError> {
        let flag = |yes: bool| if yes { "Y" } else { "N" };
        let posterior = judged.posterior.map_or(String::new(), |posterior| format!("{posterior:.4}"));
        let keys: Vec<&str> = names_of(judged.keys).collect();
        let mut levels = String::new();
        if let Some(evidence) = judged.levels {
            evidence.describe(&mut levels);
        }
        let fields = [
            judged.supplier,
            &marked(judged.customer_ref),
            flag(judged.eligible),
            flag(judged.flag),
            judged.reason,
            &posterior,
            &keys.join(" "),
            &levels,
        ];
        self.record(fields)
    }

    fn record(&mut self, fields: [&str; 8]) -> Result<(), TruthError> {
        let source = |error: csv::Error| TruthError::Unwritable { file: self.file.to_owned(), source: error.into() };
        self.writer.write_record(fields).map_err(source)
    }

    fn finish(mut self) -> Result<(), TruthError> {
        self.writer.flush().map_err(|source| TruthError::Unwritable { file: self.file.to_owned(), source })
    }
}

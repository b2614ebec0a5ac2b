//! Explains one account, for the administrator alone: who was found, how far each field agrees, what that is
//! worth, and which rule decided.
//!
//! It shows levels and weights, and no value of any field.

use std::time::SystemTime;

use serde::Serialize;

use crate::date;
use crate::job::Job;
use crate::matching::{Evidence, Hypotheses, Kind, Model, Weighed, names_of};
use crate::pipeline::allocation::apply::Changes;
use crate::pipeline::error::PipelineError;
use crate::pipeline::explain::rebate::{self, RebateExplanation};
use crate::pipeline::explain::rebate_index::RebateIndex;
use crate::pipeline::inputs::shared_inputs::Keep;
use crate::pipeline::judging::matched::undelivered;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::publishing::score_bands;
use crate::pipeline::stage_timer::StageTimer;
use crate::pipeline::{Options, Tonight, UndeliveredSupplier};
use crate::progress::Progress;
use crate::release::run_record::Finding;
use crate::scheme::{AccountEvidence, Reason, SchemeView, Verdict, judge, standing_of};

/// How many candidates of a holder are shown.
const MOST_SHOWN: usize = 5;

/// The likelihood from which a rival is shown.
const LEAST_SHOWN: f64 = 1e-4;

/// Why one account has its flag in each scheme.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The supplier's id.
    pub supplier: String,
    /// The supplier's reference of the account.
    pub customer_ref: String,
    /// The newest published run, whose rebates stand.
    pub run: Option<String>,
    /// What gates, including those for probing, find in the supplier's files now. With any finding, the
    /// supplier would be quarantined.
    pub findings: Vec<Finding>,
    /// Changed flags of unchanged accounts wait for a release day; the flags here are those of a release day.
    pub waits_for_release_day: bool,
    /// The run of the supplier's newest delivery, if it ever had one.
    pub newest_delivery: Option<String>,
    /// One for each scheme that the supplier takes part in.
    pub schemes: Vec<SchemeExplanation>,
}

/// Why one account has its flag in one scheme.
#[derive(Debug, Serialize)]
pub struct SchemeExplanation {
    /// The scheme's id.
    pub scheme: String,
    /// The flag that the supplier would receive.
    pub flag: char,
    /// The flag in the newest delivery. `None` if the supplier never had one. An account that was not in it
    /// counts as `N`.
    pub delivered: Option<char>,
    /// The household's rebate, if one is released or goes out.
    pub rebate: Option<RebateExplanation>,
    /// Which rule decided, as `decisions.csv` names it.
    pub reason: &'static str,
    /// The posterior from which an account is flagged.
    pub threshold: f64,
    /// How likely it is that a holder is an eligible person, if there is a candidate.
    pub posterior: Option<f64>,
    /// Its band, as `decisions.csv` has it.
    pub posterior_band: Option<&'static str>,
    /// How many bits the deciding candidate is ahead of the next candidate, or of nobody being found.
    pub lead: Option<f64>,
    /// Candidates were left out, since too many people share a match key.
    pub cut_off: bool,
    /// The holders on supply on the qualifying date, each with the likeliest candidates.
    pub holders: Vec<HolderExplanation>,
}

/// The candidates for one holder.
#[derive(Debug, Serialize)]
pub struct HolderExplanation {
    /// How many candidates there are.
    pub candidates: usize,
    /// How likely it is that the holder is anybody in the benefit records.
    pub found: f64,
    /// Who else the holder may be, the likeliest first; those below one in ten thousand are left out.
    pub rivals: Vec<RivalExplanation>,
    /// The likeliest candidates, the best first.
    pub likeliest: Vec<CandidateExplanation>,
}

/// Somebody whom no benefit record names, and who may be the holder.
#[derive(Debug, Serialize)]
pub struct RivalExplanation {
    /// What they are to the candidates: `twin`, `namesake`, `stranger` and so on.
    pub rival: &'static str,
    /// The same in words.
    pub words: &'static str,
    /// Their odds against a stranger, in bits.
    pub odds: f64,
    /// How likely it is that they are the holder.
    pub likelihood: f64,
}

/// One candidate.
#[derive(Debug, Serialize)]
pub struct CandidateExplanation {
    /// The flag rests on this candidate.
    pub decides: bool,
    /// `eligible`, `not-eligible`, `not-decidable` or `objected`.
    pub standing: &'static str,
    /// The kinds of match key that found the candidate.
    pub keys: Vec<&'static str>,
    /// The odds, in bits, before any field is compared.
    pub prior: f64,
    /// What each field contributes.
    pub fields: Vec<FieldExplanation>,
    /// What other holders of the account add, in bits.
    pub household: f64,
    /// The total odds, in bits.
    pub odds: f64,
    /// The candidate's share among all who may be the holder.
    pub likelihood: f64,
}

/// One field.
#[derive(Debug, Serialize)]
pub struct FieldExplanation {
    /// The field, as `decisions.csv` names it.
    pub field: &'static str,
    /// Its table in a weights file: a place has one for each way in which the postcodes agree.
    pub table: &'static str,
    /// The comparison level.
    pub level: &'static str,
    /// The match weight of that level, in bits.
    pub bits: f64,
}

/// The result of explaining an account.
#[derive(Debug)]
pub enum Explained {
    /// The account, explained.
    Account(Explanation),
    /// The supplier has no account with that reference.
    NoSuchAccount,
    /// The supplier's files cannot be used.
    RejectedSupplier(UndeliveredSupplier),
}

/// Explains one account as a run for its supplier alone would judge it now, on a release day if the job has
/// any. Nothing is written.
///
/// # Errors
/// As for a [run](crate::pipeline::run).
pub fn explain(
    job: &Job,
    supplier: &str,
    customer_ref: &str,
    progress: &dyn Progress,
) -> Result<Explained, PipelineError> {
    let options = Options { suppliers: vec![supplier.to_owned()], dry_run: true, ..Options::default() };
    let timer = StageTimer::new(progress);
    let tonight = Tonight::begin(job, &options, date::day(SystemTime::now()), &timer)?;
    let matched = tonight.allocated(job, Keep::Candidates, Changes::GoOut)?;
    let Some(own) = matched.suppliers.first() else {
        return match undelivered(&matched).pop() {
            Some(held) => Ok(Explained::RejectedSupplier(held)),
            None => Ok(Explained::NoSuchAccount),
        };
    };
    let accounts = &own.read.accounts;
    let Some(account) = (0..accounts.count()).find(|account| accounts.reference(*account) == customer_ref) else {
        return Ok(Explained::NoSuchAccount);
    };
    let newest_delivery = match &tonight.published {
        Some(published) => published.delivering_run(supplier)?,
        None => None,
    };
    let released = match &tonight.published {
        Some(published) => published.released_flags(&[supplier])?,
        None => Vec::new(),
    };
    let delivered = |scheme: &str| {
        let is_out = released.iter().any(|flag| flag.scheme == scheme && flag.customer_ref == customer_ref);
        newest_delivery.as_ref().map(|_| if is_out { 'Y' } else { 'N' })
    };
    let index = RebateIndex::new(&matched);
    let schemes = own
        .verdicts
        .iter()
        .enumerate()
        .filter_map(|(scheme, verdicts)| Some(of_scheme(&matched, &index, own, verdicts.as_ref()?, scheme, account)))
        .map(|own| SchemeExplanation { delivered: delivered(&own.scheme), ..own });
    Ok(Explained::Account(Explanation {
        supplier: supplier.to_owned(),
        customer_ref: customer_ref.to_owned(),
        run: tonight.published.as_ref().map(|published| published.run_id().to_string()),
        findings: own.findings.clone(),
        waits_for_release_day: job.changes.is_some(),
        newest_delivery: newest_delivery.as_ref().map(ToString::to_string),
        schemes: schemes.collect(),
    }))
}

/// Explains one candidate of a holder. `all` has the holder's candidates, `found` the account's verdict.
pub(crate) fn candidate(
    all: &Hypotheses<'_>,
    one: &Weighed<'_>,
    found: Option<&Verdict>,
    model: &Model,
    evidence: &AccountEvidence<'_>,
    view: &SchemeView<'_>,
) -> CandidateExplanation {
    let own = one.candidate;
    let fields = model.weights().share_out(own).into_iter().map(|part| FieldExplanation {
        field: field_of(part.field, own.evidence()),
        table: part.field,
        level: part.level,
        bits: part.bits,
    });
    CandidateExplanation {
        decides: found.is_some_and(|verdict| {
            verdict.person == Some(own.person) && verdict.levels == Some(own.levels) && verdict.keys == own.keys
        }),
        standing: standing_of(own.person, evidence, view).0,
        keys: names_of(own.keys).collect(),
        prior: model.prior(),
        fields: fields.collect(),
        household: one.odds.log2() - model.log_odds(own),
        odds: one.odds.log2(),
        likelihood: all.posterior(|other| std::ptr::eq(other.candidate, own)),
    }
}

/// The hypotheses that the candidates compete with, the likeliest first.
pub(crate) fn rivals(all: &Hypotheses<'_>, least: f64) -> Vec<RivalExplanation> {
    let rival = |rival: &'static str, words: &'static str, odds: f64| RivalExplanation {
        rival,
        words,
        odds: odds.log2(),
        likelihood: odds / all.all(),
    };
    let unseen = Kind::ALL.iter().map(|&kind| rival(kind.name(), kind.words(), all.unseen(kind)));
    let mut rivals: Vec<_> = unseen.chain([rival("stranger", "somebody unrelated", 1.0)]).collect();
    rivals.retain(|rival| rival.likelihood >= least);
    rivals.sort_by(|one, other| other.odds.total_cmp(&one.odds));
    rivals
}

/// The field to which a table of weights belongs.
fn field_of(table: &'static str, evidence: Evidence) -> &'static str {
    let is_its_table = |field: &str| table.split('.').next() == Some(field);
    let mut fields = evidence.levels().into_iter().map(|(field, _)| field);
    fields.find(|field| is_its_table(field)).unwrap_or(table)
}

fn of_scheme(
    matched: &Matched<'_>,
    index: &RebateIndex,
    own: &SupplierMatch<'_>,
    verdicts: &Verdicts,
    scheme: usize,
    account: usize,
) -> SchemeExplanation {
    let (job, shared, accounts) = (matched.job, &matched.shared, &own.read.accounts);
    let row = verdicts.rows().find(account as u32);
    let verdict = row.as_ref().map(|row| &row.verdict);
    let is_on_supply = accounts.at(account).is_on_supply(scheme);
    let reason = match verdict {
        Some(verdict) => verdict.reason,
        None if is_on_supply => Reason::NotFound,
        None => Reason::NotOnSupply,
    };
    let holders = accounts.at(account).holders(scheme);
    let evidence = AccountEvidence {
        holders: &holders,
        energy_score: accounts.at(account).energy_score(scheme),
        cut_off: accounts.at(account).standing(scheme).cut_off,
        objected: shared.objections.bars_account(&own.supplier.id, accounts.reference(account)),
    };
    let view = shared.view(job, scheme);
    let judged = judge(&evidence, &view);
    let found = verdict.filter(|verdict| verdict.levels.is_some());
    let candidate =
        |all: &Hypotheses<'_>, one: &Weighed<'_>| candidate(all, one, found, shared.matcher.model(), &evidence, &view);
    let holders = judged.holders().iter().map(|all| HolderExplanation {
        candidates: all.candidates().len(),
        found: all.posterior(|_| true),
        rivals: rivals(all, LEAST_SHOWN),
        likeliest: all.candidates().iter().take(MOST_SHOWN).map(|one| candidate(all, one)).collect(),
    });
    SchemeExplanation {
        scheme: job.schemes[scheme].id.clone(),
        flag: if row.is_some_and(|row| row.flag) { 'Y' } else { 'N' },
        delivered: None,
        rebate: rebate::of_account(
            matched,
            index,
            scheme,
            (&own.supplier.id, accounts.reference(account)),
            verdict.and_then(|verdict| verdict.claim),
        ),
        reason: reason.name(),
        threshold: job.matching.threshold,
        posterior: found.map(|verdict| f64::from(verdict.posterior)),
        posterior_band: found.map(|verdict| score_bands::posterior(verdict.posterior)),
        lead: found.map(|verdict| f64::from(verdict.lead)),
        cut_off: evidence.cut_off,
        holders: if is_on_supply { holders.collect() } else { Vec::new() },
    }
}

//! One account explained, for the administrator alone: in go a job and a reference, out come who was found
//! and how far each field agrees, what that is worth, and which rule decided. Levels and weights, and no
//! value of anybody.

use std::time::SystemTime;

use serde::Serialize;

use super::error::NightError;
use super::explain_rebate::{self, RebateExplanation};
use super::gates::Finding;
use super::matched::{Changes, Keep, Matched, SupplierMatch};
use super::verdicts::Verdicts;
use super::watch::Watch;
use super::{HeldSupplier, Options, Tonight, bands, gated, gating, matched::held};
use crate::job::Job;
use crate::ledger::{self, History};
use crate::matching::{PRIOR, Weighed, Weights, names_of, posterior};
use crate::progress::Progress;
use crate::release::Published;
use crate::scheme::{AccountEvidence, Reason, SchemeView, Verdict, judge, standing_of};

/// Candidates of a holder that are shown.
const MOST_SHOWN: usize = 5;

/// Why one account has its flag in each scheme.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The supplier's id.
    pub supplier: String,
    /// What gates, those that look for probing among them, see in the supplier's files now: with any, all of
    /// them would be held back.
    pub findings: Vec<Finding>,
    /// Changed flags of unchanged accounts wait for a release day; the flags here are those that are due.
    pub waits_for_release_day: bool,
    /// The run of the supplier's newest delivery, if it ever had one.
    pub newest_delivery: Option<String>,
    /// By scheme, for those that its supplier takes part in.
    pub schemes: Vec<SchemeExplanation>,
}

/// Why one account has its flag in one scheme.
#[derive(Debug, Serialize)]
pub struct SchemeExplanation {
    /// The scheme's id.
    pub scheme: String,
    /// What the supplier would be told.
    pub flag: char,
    /// What the newest delivery has; none where the supplier never had one. An account that was not in it
    /// counts as `N`.
    pub delivered: Option<char>,
    /// The household's rebate, where one is released or goes out.
    pub rebate: Option<RebateExplanation>,
    /// Which rule decided, as `decisions.csv` names it.
    pub reason: &'static str,
    /// The posterior from which on an account is flagged.
    pub threshold: f64,
    /// How likely it is that a holder is an eligible person, where there is a candidate.
    pub posterior: Option<f64>,
    /// The band that `decisions.csv` has for it.
    pub posterior_band: Option<&'static str>,
    /// How many bits the deciding candidate is ahead of the next, or of nobody.
    pub lead: Option<f64>,
    /// Candidates were left out, since too many people share a match key.
    pub cut_off: bool,
    /// The holders on supply on the qualifying date, each with the likeliest candidates.
    pub holders: Vec<HolderExplanation>,
}

/// Who one holder may be.
#[derive(Debug, Serialize)]
pub struct HolderExplanation {
    /// How many candidates there are.
    pub candidates: usize,
    /// How likely it is that the holder is anybody in the benefit records.
    pub found: f64,
    /// The likeliest, the best first.
    pub likeliest: Vec<CandidateExplanation>,
}

/// One candidate.
#[derive(Debug, Serialize)]
pub struct CandidateExplanation {
    /// The flag rests on this one.
    pub decides: bool,
    /// `eligible`, `not-eligible`, `not-decidable` or `objected`.
    pub standing: &'static str,
    /// The kinds of match key that met.
    pub keys: Vec<&'static str>,
    /// The odds, in bits, before anything is compared.
    pub prior: f64,
    /// What each field gave.
    pub fields: Vec<FieldExplanation>,
    /// What other holders of the account add, in bits.
    pub household: f64,
    /// The odds in bits, all together.
    pub odds: f64,
    /// The share that the candidate has of all who may be the holder.
    pub likelihood: f64,
    /// Why the holder cannot be this person, whatever the odds.
    pub barred: Option<&'static str>,
}

/// One field.
#[derive(Debug, Serialize)]
pub struct FieldExplanation {
    /// The field's table in a weights file.
    pub field: &'static str,
    /// How far it agrees.
    pub level: &'static str,
    /// What that is worth.
    pub bits: f64,
}

/// What came of asking.
#[derive(Debug)]
pub enum Explained {
    /// The account, explained.
    Account(Explanation),
    /// The supplier has no account of that reference.
    NoSuchAccount,
    /// The supplier's files cannot be used.
    HeldBack(HeldSupplier),
}

/// Explains one account as a run for its supplier alone would judge it now, on a release day if there are such.
/// Nothing is written.
///
/// # Errors
/// As for a [run](super::run).
pub fn explain(
    job: &Job,
    supplier: &str,
    customer_ref: &str,
    progress: &dyn Progress,
) -> Result<Explained, NightError> {
    let options = Options { suppliers: vec![supplier.to_owned()], dry_run: true, ..Options::default() };
    let published = Published::latest(&job.output)?;
    ledger::check_published(&job.output, published.as_ref())?;
    let history = History::read(&job.output)?;
    let tonight = Tonight { date: gating::day(SystemTime::now()), changes: Changes::GoOut };
    let (matched, _) =
        gated(job, &options, Keep::Candidates, published.as_ref(), &history, tonight, &Watch::new(progress))?;
    let Some(own) = matched.suppliers.first() else {
        return match held(&matched).pop() {
            Some(held) => Ok(Explained::HeldBack(held)),
            None => Ok(Explained::NoSuchAccount),
        };
    };
    let accounts = &own.read.accounts;
    let Some(account) = (0..accounts.count()).find(|account| accounts.reference(*account) == customer_ref) else {
        return Ok(Explained::NoSuchAccount);
    };
    let newest_delivery = match &published {
        Some(published) => published.delivering_run(supplier)?,
        None => None,
    };
    let released = match &published {
        Some(published) => published.released_flags(&[supplier])?,
        None => Vec::new(),
    };
    let delivered = |scheme: &str| {
        let is_out = released.iter().any(|flag| flag.scheme == scheme && flag.customer_ref == customer_ref);
        newest_delivery.as_ref().map(|_| if is_out { 'Y' } else { 'N' })
    };
    let schemes = own
        .verdicts
        .iter()
        .enumerate()
        .filter_map(|(scheme, verdicts)| Some(of_scheme(&matched, own, verdicts.as_ref()?, scheme, account)))
        .map(|own| SchemeExplanation { delivered: delivered(&own.scheme), ..own });
    Ok(Explained::Account(Explanation {
        supplier: supplier.to_owned(),
        findings: own.findings.clone(),
        waits_for_release_day: job.changes.is_some(),
        newest_delivery: newest_delivery.as_ref().map(ToString::to_string),
        schemes: schemes.collect(),
    }))
}

/// One of the candidates of a holder, `all` of whom are rivals, beside the verdict that was found.
pub(super) fn candidate(
    all: &[Weighed<'_>],
    one: &Weighed<'_>,
    found: Option<&Verdict>,
    weights: &Weights,
    evidence: &AccountEvidence<'_>,
    view: &SchemeView<'_>,
) -> CandidateExplanation {
    let own = one.candidate;
    let fields = weights.share_out(own).into_iter();
    CandidateExplanation {
        decides: found.is_some_and(|verdict| {
            verdict.person == Some(own.person) && verdict.levels == Some(own.levels) && verdict.keys == own.keys
        }),
        standing: standing_of(own.person, evidence, view),
        keys: names_of(own.keys).collect(),
        prior: PRIOR,
        fields: fields.map(|part| FieldExplanation { field: part.field, level: part.level, bits: part.bits }).collect(),
        household: one.odds.log2() - own.log_odds(),
        odds: one.odds.log2(),
        likelihood: posterior(all, |other| std::ptr::eq(other.candidate, own)),
        barred: own.bar.map(|bar| bar.name()),
    }
}

fn of_scheme(
    matched: &Matched<'_>,
    own: &SupplierMatch<'_>,
    verdicts: &Verdicts,
    scheme: usize,
    account: usize,
) -> SchemeExplanation {
    let (job, shared, accounts) = (matched.job, &matched.shared, &own.read.accounts);
    let row = verdicts.of_accounts.iter().find(|row| row.account as usize == account);
    let verdict = row.map(|row| &row.verdict);
    let is_in_play = accounts.at(account).is_in_play(scheme);
    let reason = match verdict {
        Some(verdict) => verdict.reason,
        None if is_in_play => Reason::NotFound,
        None => Reason::NotInPlay,
    };
    let holders = accounts.at(account).holders(scheme);
    let evidence = AccountEvidence {
        holders: &holders,
        energy_score: accounts.at(account).energy_score(scheme),
        cut_off: accounts.at(account).standing(scheme).cut_off,
        objected: shared.objections.bars_account(&own.supplier.id, accounts.reference(account)),
    };
    let view = SchemeView {
        persons: shared.matcher.persons(),
        standings: &shared.standings,
        objections: &shared.objections,
        scheme,
        threshold: job.matching.threshold,
        review: job.matching.review,
    };
    let judged = judge(&evidence, &view);
    let found = verdict.filter(|verdict| verdict.levels.is_some());
    let candidate =
        |all: &[Weighed<'_>], one: &Weighed<'_>| candidate(all, one, found, shared.matcher.weights(), &evidence, &view);
    let holders = judged.holders().iter().map(|all| HolderExplanation {
        candidates: all.len(),
        found: posterior(all, |_| true),
        likeliest: all.iter().take(MOST_SHOWN).map(|one| candidate(all, one)).collect(),
    });
    SchemeExplanation {
        scheme: job.schemes[scheme].id.clone(),
        flag: if row.is_some_and(|row| row.flag) { 'Y' } else { 'N' },
        delivered: None,
        rebate: explain_rebate::of_account(
            matched,
            scheme,
            (&own.supplier.id, accounts.reference(account)),
            verdict.and_then(|verdict| verdict.claim),
        ),
        reason: reason.name(),
        threshold: job.matching.threshold,
        posterior: found.map(|verdict| f64::from(verdict.posterior)),
        posterior_band: found.map(|verdict| bands::posterior(verdict.posterior)),
        lead: found.map(|verdict| f64::from(verdict.lead)),
        cut_off: evidence.cut_off,
        holders: if is_in_play { holders.collect() } else { Vec::new() },
    }
}

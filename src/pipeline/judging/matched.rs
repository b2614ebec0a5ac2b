//! Matches all suppliers of a job, judges their accounts and allocates the rebates.
//!
//! The result has everything that a release or an evaluation needs.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::job::{Job, Supplier};
use crate::memory;
use crate::pipeline::Options;
use crate::pipeline::accounts::change_detection::{ChangeDetector, DetectedChanges, DetectionInputs};
use crate::pipeline::accounts::supplier_files::{self, RejectedSupplier, SupplierAccounts};
use crate::pipeline::allocation::deferred_changes::{self, KeptFlags};
use crate::pipeline::allocation::{AccountOutcome, VerdictRow, allocate_scheme};
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::file_owners::FileOwners;
use crate::pipeline::inputs::shared_inputs::{InputFile, SharedInputs};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::run_record::Finding;
use crate::release::run_record::HeldSupplier;
use crate::release::run_record::ProbingLine;
use crate::release::{EditFingerprints, Published, Rebate};
use crate::scheme::{Delivery, Outcome, Reason};

/// A supplier that was matched.
pub(crate) struct SupplierMatch<'a> {
    pub(crate) supplier: &'a Supplier,
    pub(crate) read: SupplierAccounts,
    /// Verdicts by scheme. `None` if the supplier does not take part.
    pub(crate) verdicts: Vec<Option<Verdicts>>,
    /// What gates found. With any finding, the supplier is quarantined.
    pub(crate) findings: Vec<Finding>,
    /// Accounts that are new or visibly changed since its last delivery, in order. `None` if it has had no
    /// delivery, or the job does not ask.
    pub(crate) fresh: Option<Vec<u32>>,
    /// Counts for detecting probing, if the job asks; `marks` are the fingerprints for the next run.
    pub(crate) probing: Option<ProbingLine>,
    pub(crate) marks: Option<EditFingerprints>,
}

impl SupplierMatch<'_> {
    /// Whether a gate quarantines it.
    pub(crate) fn is_held(&self) -> bool {
        !self.findings.is_empty()
    }
}

/// Everything that a run found.
pub(crate) struct Matched<'a> {
    pub(crate) job: &'a Job,
    pub(crate) shared: SharedInputs,
    pub(crate) suppliers: Vec<SupplierMatch<'a>>,
    /// Suppliers that the run is not for. Their accounts count in allocation, but are neither delivered nor
    /// listed.
    pub(crate) others: Vec<SupplierMatch<'a>>,
    pub(crate) held_back: Vec<(&'a Supplier, RejectedSupplier)>,
    /// By scheme, the rebates that the next run starts from.
    pub(crate) rebates: Vec<Vec<Rebate>>,
    /// The run's date, if stated.
    pub(crate) night_of: Option<Date>,
}

/// What is kept once accounts are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Candidates and verdicts, and the awards of all claims.
    Awards,
    /// Candidates and verdicts.
    Candidates,
    /// Verdicts alone.
    Verdicts,
}

/// Matches the suppliers of a job, judges their accounts and allocates the rebates.
pub(crate) fn match_all<'a>(
    job: &'a Job,
    options: &Options,
    keep: Keep,
    timer: &StageTimer<'_>,
) -> Result<Matched<'a>, PipelineError> {
    let mut matched = judge_all(job, options, None, None, keep, timer)?;
    timer.time(Stage::Allocate, || matched.allocate(None, Changes::GoOut))?;
    Ok(matched)
}

/// Matches the suppliers of a job, and judges each account on its own. With `look_for`, compares them with
/// their last deliveries.
pub(crate) fn judge_all<'a>(
    job: &'a Job,
    options: &Options,
    published: Option<&Published>,
    look_for: Option<DetectionInputs<'_>>,
    keep: Keep,
    timer: &StageTimer<'_>,
) -> Result<Matched<'a>, PipelineError> {
    let wanted = wanted(job, options)?;
    let owners = FileOwners::find(job);
    let mut shared = SharedInputs::read(job, published, options.night_of, keep, timer)?;
    let (mut suppliers, mut others) = (Vec::new(), Vec::new());
    let mut held_back = Vec::new();
    for supplier in job.current_suppliers() {
        let is_asked = wanted.contains(supplier.id.as_str());
        timer.go_on()?;
        let detector =
            look_for.filter(|_| is_asked).map(|look_for| ChangeDetector::new(look_for, &supplier.id)).transpose()?;
        let read = match owners.same_file(&supplier.id) {
            Some(why) => Err(why),
            None => supplier_files::read(job, supplier, &shared, detector.as_ref(), timer),
        };
        match read {
            Ok((mut read, duplicates)) => {
                let mut detected = detector.map(|detector| detector.look(&read.accounts, duplicates)).transpose()?;
                let verdicts = (0..job.schemes.len()).map(|scheme| {
                    let takes_part = supplier.takes_part_in(&job.schemes[scheme]);
                    takes_part.then(|| Verdicts::judge_accounts(job, supplier, scheme, &read.accounts, &shared))
                });
                let verdicts: Vec<Option<Verdicts>> = timer.time(Stage::Judge, || verdicts.collect());
                if let Keep::Verdicts = keep {
                    read.accounts.forget_candidates();
                    memory::give_back();
                }
                let probing = detected.as_ref().and_then(|detected| detected.figures(job, &read.accounts, &verdicts));
                let fresh = detected.as_mut().and_then(DetectedChanges::fresh);
                let (findings, marks) = (Vec::new(), detected.map(|detected| detected.marks));
                let list = if is_asked { &mut suppliers } else { &mut others };
                list.push(SupplierMatch { supplier, read, verdicts, findings, fresh, probing, marks });
            }
            Err(why) if is_asked => held_back.push((supplier, why)),
            // Its accounts are not known, and its rebates stay.
            Err(_) => {}
        }
    }
    // Reading may have failed because the run was stopped, not because of the supplier's files.
    timer.go_on()?;
    shared.matcher.forget_keys();
    memory::give_back();
    let rebates = Vec::new();
    let mut matched = Matched { job, shared, suppliers, others, held_back, rebates, night_of: options.night_of };
    matched.keep_if(|_, files| Ok(files.iter().try_for_each(InputFile::is_unchanged)?))?;
    matched.keep_if(|supplier, files| owners.same_content(&supplier.id, files).map_or(Ok(()), Err))?;
    for matched_supplier in &matched.suppliers {
        let SupplierMatch { supplier, read, .. } = matched_supplier;
        matched.shared.note_unknown_accounts(&supplier.id, &read.accounts);
    }
    Ok(matched)
}

/// The ids of the suppliers that a run is for.
pub(crate) fn wanted<'a>(job: &'a Job, options: &'a Options) -> Result<HashSet<&'a str>, PipelineError> {
    if options.suppliers.is_empty() {
        return Ok(job.current_suppliers().map(|supplier| supplier.id.as_str()).collect());
    }
    for id in &options.suppliers {
        if job.supplier(id).is_none_or(|supplier| supplier.former) {
            let known: Vec<&str> = job.current_suppliers().map(|supplier| supplier.id.as_str()).collect();
            return Err(PipelineError::UnknownSupplier { id: id.clone(), known: known.join(", ") });
        }
    }
    Ok(options.suppliers.iter().map(String::as_str).collect())
}

/// The suppliers that are held back, with the reason in one sentence.
pub(crate) fn held(matched: &Matched<'_>) -> Vec<HeldSupplier> {
    let unusable = matched.held_back.iter().map(|(supplier, why)| HeldSupplier::unusable(supplier, why));
    let gated = matched.suppliers.iter().filter(|matched| matched.is_held());
    unusable.chain(gated.map(|matched| HeldSupplier::gated(matched.supplier, &matched.findings))).collect()
}

/// Whether changed flags of unchanged accounts go out tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changes {
    GoOut,
    Wait,
}

impl Matched<'_> {
    /// Keeps the suppliers whose files can be used, and rejects the others. Before allocation no supplier
    /// affects another, so each can be rejected alone.
    pub(crate) fn keep_if(
        &mut self,
        mut can_be_used: impl FnMut(&Supplier, &[InputFile]) -> Result<(), RejectedSupplier>,
    ) -> Result<(), PipelineError> {
        let held_back = &mut self.held_back;
        self.suppliers.retain(|matched| {
            let why = can_be_used(matched.supplier, &matched.read.files).err();
            let is_kept = why.is_none();
            held_back.extend(why.map(|why| (matched.supplier, why)));
            is_kept
        });
        self.others.retain(|matched| can_be_used(matched.supplier, &matched.read.files).is_ok());
        if self.suppliers.is_empty() {
            let all = self.held_back.iter().map(|(supplier, why)| format!("{}: {why}", supplier.id));
            return Err(PipelineError::NothingReleased(all.collect::<Vec<_>>().join("; ")));
        }
        Ok(())
    }

    /// All suppliers that were matched: those that the run is for, then the others.
    pub(crate) fn all_suppliers(&self) -> impl Iterator<Item = &SupplierMatch<'_>> {
        self.suppliers.iter().chain(&self.others)
    }

    /// Whether a supplier's flags go out tonight.
    pub(crate) fn delivery(&self, supplier: &SupplierMatch<'_>) -> Delivery {
        let is_asked = self.suppliers.iter().any(|own| own.supplier.id == supplier.supplier.id);
        match is_asked {
            _ if supplier.is_held() => Delivery::HeldBack,
            false => Delivery::NotAsked,
            true => Delivery::GoesOut,
        }
    }

    /// Allocates the rebates of each scheme.
    pub(crate) fn allocate(&mut self, published: Option<&Published>, changes: Changes) -> Result<(), PipelineError> {
        let mut all = published.map(|published| published.rebates(|_, _| true)).transpose()?.unwrap_or_default();
        for (number, scheme) in self.job.schemes.iter().enumerate() {
            let carried: Vec<Rebate> = all.extract_if(.., |rebate| rebate.scheme() == scheme.id).collect();
            let rebates = match published.filter(|_| changes == Changes::Wait) {
                Some(published) => {
                    let kept = deferred_changes::kept(self, number, &carried, published)?;
                    let on_a_release_day = allocate_scheme(self, number, &carried, &[], Some(published))?.accounts();
                    let tonight = allocate_scheme(self, number, &carried, &kept, Some(published))?;
                    let (accounts, rebates) = (tonight.accounts(), tonight.rebates(carried.clone()));
                    self.take_in_with_kept(number, &carried, &kept, &on_a_release_day, &accounts);
                    rebates
                }
                None => {
                    let tonight = allocate_scheme(self, number, &carried, &[], published)?;
                    let (accounts, rebates) = (tonight.accounts(), tonight.rebates(carried));
                    self.take_in(number, &accounts);
                    rebates
                }
            };
            self.rebates.push(rebates);
        }
        Ok(())
    }

    fn verdicts_mut(&mut self, supplier: usize, scheme: usize) -> Option<&mut Verdicts> {
        let own = self.suppliers.iter_mut().chain(&mut self.others).nth(supplier)?;
        own.verdicts[scheme].as_mut()
    }

    fn take_in(&mut self, scheme: usize, outcomes: &[(VerdictRow, AccountOutcome)]) {
        for ((supplier, place), outcome) in outcomes {
            let verdicts = self.verdicts_mut(*supplier, scheme);
            let Some(row) = verdicts.and_then(|verdicts| verdicts.of_accounts.get_mut(*place)) else { continue };
            row.flag = outcome.outcome == Outcome::Flagged;
            row.verdict.claim = outcome.claim.or(row.verdict.claim);
            if let Some(reason) = reason(*outcome) {
                row.verdict.reason = reason;
            }
        }
    }

    /// Applies tonight's outcome, in which some accounts keep their present flag. If that flag differs from the
    /// outcome of a release day, the change waits.
    fn take_in_with_kept(
        &mut self,
        scheme: usize,
        carried: &[Rebate],
        kept: &[KeptFlags],
        on_a_release_day: &[(VerdictRow, AccountOutcome)],
        tonight: &[(VerdictRow, AccountOutcome)],
    ) {
        self.take_in(scheme, tonight);
        let id = &self.job.schemes[scheme].id;
        let persons = self.shared.matcher.persons();
        for (number, (matched, kept)) in self.suppliers.iter_mut().zip(kept).enumerate() {
            let Some(verdicts) = matched.verdicts[scheme].as_mut() else { continue };
            let released = deferred_changes::claims_of(carried, &matched.supplier.id, id);
            let mut rests_on = Vec::new();
            for (place, row) in verdicts.of_accounts.iter_mut().enumerate() {
                let Some(keeps) = kept.flag(row.account) else { continue };
                let then = on_a_release_day.binary_search_by_key(&(number, place), |(place, _)| *place);
                let then = then.ok().map(|found| on_a_release_day[found].1);
                if keeps && !row.flag {
                    // Two flags of one household are out, since the scheme once had another rule; only one
                    // stays.
                    continue;
                }
                row.flag = keeps;
                row.waits = keeps != then.is_some_and(|then| then.outcome == Outcome::Flagged);
                if let Some(reason) = then.and_then(reason) {
                    row.verdict.reason = reason;
                }
                let own = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                let customer_ref = matched.read.accounts.reference(row.account as usize);
                let claim_ref =
                    released.get(customer_ref).filter(|claim_ref| keeps && (row.waits || **claim_ref != own));
                rests_on.extend(claim_ref.map(|claim_ref| (row.account, *claim_ref)));
            }
            rests_on.into_iter().for_each(|(account, claim_ref)| verdicts.keep(account, claim_ref));
        }
    }
}

/// Why an account has its flag. `None` if the match alone decides.
fn reason(outcome: AccountOutcome) -> Option<Reason> {
    match outcome.outcome {
        Outcome::Flagged => outcome.is_weak.then_some(Reason::Weakened),
        Outcome::ClaimUsed => Some(Reason::ClaimUsed),
        Outcome::ClaimFreed => Some(Reason::ClaimFreed),
        Outcome::Limit => Some(Reason::Limit),
        Outcome::NotFlagged => None,
    }
}

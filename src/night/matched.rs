//! All suppliers matched, judged and settled: in go a job and the last published run, out comes all that
//! a release or an evaluation needs.

use std::collections::HashSet;

use jiff::civil::Date;

use super::Options;
use super::allocation::{AccountOutcome, Place, allocate_scheme};
use super::error::NightError;
use super::file_owners::FileOwners;
use super::gates::Finding;
use super::lookout::{LookFor, Looked, Lookout};
use super::shared::{InputFile, SharedInputs};
use super::supplier::{self, HeldBack, HeldSupplier, SupplierAccounts};
use super::verdicts::Verdicts;
use super::waiting::{self, Kept};
use super::watch::{Stage, Watch};
use crate::job::{Job, Supplier};
use crate::ledger::ProbingLine;
use crate::memory;
use crate::release::{Marks, Published, Rebate};
use crate::scheme::{Delivery, Outcome, Reason};

/// A supplier that was matched.
pub(crate) struct SupplierMatch<'a> {
    pub(crate) supplier: &'a Supplier,
    pub(crate) read: SupplierAccounts,
    /// Verdicts by scheme; none where the supplier takes no part.
    pub(crate) verdicts: Vec<Option<Verdicts>>,
    /// What gates saw; where they saw something, all of it is held back.
    pub(crate) findings: Vec<Finding>,
    /// Accounts that its last delivery does not have, or whose rows are seen to be others than then, in
    /// order; none where it has had no delivery, or the job does not ask.
    pub(crate) fresh: Option<Vec<u32>>,
    /// What was counted to see probing, and what is remembered for the next night, where the job asks.
    pub(crate) probing: Option<ProbingLine>,
    pub(crate) marks: Option<Marks>,
}

impl SupplierMatch<'_> {
    /// A gate holds it back.
    pub(crate) fn is_held(&self) -> bool {
        !self.findings.is_empty()
    }
}

/// All that a night found.
pub(crate) struct Matched<'a> {
    pub(crate) job: &'a Job,
    pub(crate) shared: SharedInputs,
    pub(crate) suppliers: Vec<SupplierMatch<'a>>,
    /// Suppliers that the run is not for. Their accounts count where rebates are allocated, and nothing of
    /// them goes out or is listed.
    pub(crate) others: Vec<SupplierMatch<'a>>,
    pub(crate) held_back: Vec<(&'a Supplier, HeldBack)>,
    /// By scheme, the rebates that the next night starts from.
    pub(crate) rebates: Vec<Vec<Rebate>>,
    /// The date that the night is of, where it was said.
    pub(crate) night_of: Option<Date>,
}

/// Whether candidates are kept once accounts are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Candidates and verdicts, and the awards of all claims.
    Awards,
    /// Candidates and verdicts.
    Candidates,
    /// Verdicts alone.
    Verdicts,
}

/// Matches the suppliers of a job, and settles their accounts against each other.
pub(crate) fn match_all<'a>(
    job: &'a Job,
    options: &Options,
    keep: Keep,
    watch: &Watch<'_>,
) -> Result<Matched<'a>, NightError> {
    let mut matched = judge_all(job, options, None, None, keep, watch)?;
    watch.time(Stage::Settle, || matched.settle(None, Changes::GoOut))?;
    Ok(matched)
}

/// Matches the suppliers of a job and judges their accounts, each for itself, with a look at what is
/// different from their last deliveries where that is asked for.
pub(super) fn judge_all<'a>(
    job: &'a Job,
    options: &Options,
    published: Option<&Published>,
    look_for: Option<LookFor<'_>>,
    keep: Keep,
    watch: &Watch<'_>,
) -> Result<Matched<'a>, NightError> {
    let wanted = wanted(job, options)?;
    let owners = FileOwners::find(job);
    let mut shared = SharedInputs::read(job, published, options.night_of, keep, watch)?;
    let (mut suppliers, mut others) = (Vec::new(), Vec::new());
    let mut held_back = Vec::new();
    for supplier in job.current_suppliers() {
        let is_asked = wanted.contains(supplier.id.as_str());
        watch.go_on()?;
        let lookout = look_for.filter(|_| is_asked).map(|look_for| Lookout::new(look_for, &supplier.id)).transpose()?;
        let read = match owners.same_file(&supplier.id) {
            Some(why) => Err(why),
            None => supplier::read(job, supplier, &shared, lookout.as_ref(), watch),
        };
        match read {
            Ok((mut read, sightings)) => {
                let mut looked = lookout.map(|lookout| lookout.look(&read.accounts, sightings)).transpose()?;
                let verdicts = (0..job.schemes.len()).map(|scheme| {
                    let takes_part = supplier.takes_part_in(&job.schemes[scheme]);
                    takes_part.then(|| Verdicts::of(job, supplier, scheme, &read.accounts, &shared))
                });
                let verdicts: Vec<Option<Verdicts>> = watch.time(Stage::Judge, || verdicts.collect());
                if let Keep::Verdicts = keep {
                    read.accounts.forget_candidates();
                    memory::give_back();
                }
                let probing = looked.as_ref().and_then(|looked| looked.figures(job, &read.accounts, &verdicts));
                let fresh = looked.as_mut().and_then(Looked::fresh);
                let (findings, marks) = (Vec::new(), looked.map(|looked| looked.marks));
                let list = if is_asked { &mut suppliers } else { &mut others };
                list.push(SupplierMatch { supplier, read, verdicts, findings, fresh, probing, marks });
            }
            Err(why) if is_asked => held_back.push((supplier, why)),
            // Its rebates stay, and its accounts cannot be known.
            Err(_) => {}
        }
    }
    // It may be for no fault of the supplier's that reading ended.
    watch.go_on()?;
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
pub(super) fn wanted<'a>(job: &'a Job, options: &'a Options) -> Result<HashSet<&'a str>, NightError> {
    if options.suppliers.is_empty() {
        return Ok(job.current_suppliers().map(|supplier| supplier.id.as_str()).collect());
    }
    for id in &options.suppliers {
        if job.supplier(id).is_none_or(|supplier| supplier.former) {
            let known: Vec<&str> = job.current_suppliers().map(|supplier| supplier.id.as_str()).collect();
            return Err(NightError::UnknownSupplier { id: id.clone(), known: known.join(", ") });
        }
    }
    Ok(options.suppliers.iter().map(String::as_str).collect())
}

/// The suppliers that are held back, with the reason in one sentence.
pub(super) fn held(matched: &Matched<'_>) -> Vec<HeldSupplier> {
    let unusable = matched.held_back.iter().map(|(supplier, why)| HeldSupplier::unusable(supplier, why));
    let gated = matched.suppliers.iter().filter(|matched| matched.is_held());
    unusable.chain(gated.map(|matched| HeldSupplier::gated(matched.supplier, &matched.findings))).collect()
}

/// Whether changed flags of unchanged accounts go out tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changes {
    GoOut,
    Wait,
}

impl Matched<'_> {
    /// Keeps the suppliers whose files can be used, and holds the others back, each alone. Before accounts are
    /// settled nothing of a supplier has a bearing on another.
    pub(super) fn keep_if(
        &mut self,
        mut can_be_used: impl FnMut(&Supplier, &[InputFile]) -> Result<(), HeldBack>,
    ) -> Result<(), NightError> {
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
            return Err(NightError::NothingReleased(all.collect::<Vec<_>>().join("; ")));
        }
        Ok(())
    }

    /// All suppliers that were matched: those that the run is for, then the others.
    pub(crate) fn all_suppliers(&self) -> impl Iterator<Item = &SupplierMatch<'_>> {
        self.suppliers.iter().chain(&self.others)
    }

    /// Whether what a supplier's file says goes out tonight.
    pub(super) fn delivery(&self, supplier: &SupplierMatch<'_>) -> Delivery {
        let is_asked = self.suppliers.iter().any(|own| own.supplier.id == supplier.supplier.id);
        match is_asked {
            _ if supplier.is_held() => Delivery::HeldBack,
            false => Delivery::NotAsked,
            true => Delivery::GoesOut,
        }
    }

    /// Allocates the rebates of each scheme: what is released, then who gets one tonight.
    pub(super) fn settle(&mut self, published: Option<&Published>, changes: Changes) -> Result<(), NightError> {
        let mut all = published.map(|published| published.rebates(|_, _| true)).transpose()?.unwrap_or_default();
        for (number, scheme) in self.job.schemes.iter().enumerate() {
            let carried: Vec<Rebate> = all.extract_if(.., |rebate| rebate.scheme() == scheme.id).collect();
            let rebates = match published.filter(|_| changes == Changes::Wait) {
                Some(published) => {
                    let kept = waiting::kept(self, number, &carried, published)?;
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

    fn take_in(&mut self, scheme: usize, outcomes: &[(Place, AccountOutcome)]) {
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

    /// Takes in tonight's outcome, in which some accounts keep the flag that they have. What differs from the
    /// outcome of a release day waits.
    fn take_in_with_kept(
        &mut self,
        scheme: usize,
        carried: &[Rebate],
        kept: &[Kept],
        on_a_release_day: &[(Place, AccountOutcome)],
        tonight: &[(Place, AccountOutcome)],
    ) {
        self.take_in(scheme, tonight);
        let id = &self.job.schemes[scheme].id;
        let persons = self.shared.matcher.persons();
        for (number, (matched, kept)) in self.suppliers.iter_mut().zip(kept).enumerate() {
            let Some(verdicts) = matched.verdicts[scheme].as_mut() else { continue };
            let released = waiting::claims_of(carried, &matched.supplier.id, id);
            let mut rests_on = Vec::new();
            for (place, row) in verdicts.of_accounts.iter_mut().enumerate() {
                let Some(keeps) = kept.flag(row.account) else { continue };
                let then = on_a_release_day.binary_search_by_key(&(number, place), |(place, _)| *place);
                let then = then.ok().map(|found| on_a_release_day[found].1);
                if keeps && !row.flag {
                    // Two flags of one household are out, since the scheme's rule was another; one stays.
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

/// Why an account has its flag, where it is not for the match alone.
fn reason(outcome: AccountOutcome) -> Option<Reason> {
    match outcome.outcome {
        Outcome::Flagged => outcome.is_weak.then_some(Reason::Weakened),
        Outcome::ClaimUsed => Some(Reason::ClaimUsed),
        Outcome::ClaimFreed => Some(Reason::ClaimFreed),
        Outcome::Limit => Some(Reason::Limit),
        Outcome::NotFlagged => None,
    }
}

//! All suppliers matched, judged and settled: in go a job and the last published run, out comes all that
//! a release or an evaluation needs.

use std::collections::{HashMap, HashSet};

use super::Options;
use super::error::NightError;
use super::shared::SharedInputs;
use super::supplier::{self, HeldBack, HeldSupplier, SupplierAccounts};
use super::verdicts::Verdicts;
use super::watch::{Stage, Watch};
use crate::job::{Job, Supplier};
use crate::memory;
use crate::release::{Published, ReleasedFlag};
use crate::scheme::{Contender, Reason, Settled, Support, settle};

/// A supplier that was matched.
pub(crate) struct SupplierMatch<'a> {
    pub(crate) supplier: &'a Supplier,
    pub(crate) read: SupplierAccounts,
    /// Verdicts by scheme; none where the supplier takes no part.
    pub(crate) verdicts: Vec<Option<Verdicts>>,
}

/// All that a night found.
pub(crate) struct Matched<'a> {
    pub(crate) job: &'a Job,
    pub(crate) shared: SharedInputs,
    pub(crate) suppliers: Vec<SupplierMatch<'a>>,
    pub(crate) held_back: Vec<(&'a Supplier, HeldBack)>,
    /// Flags that suppliers outside this run have from their last delivery.
    pub(crate) fixed: Vec<ReleasedFlag>,
}

/// Whether candidates are kept once accounts are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Candidates and verdicts.
    Candidates,
    /// Verdicts alone.
    Verdicts,
}

/// Matches the suppliers of a job, and settles their accounts against each other and against what is
/// published.
pub(crate) fn match_all<'a>(
    job: &'a Job,
    options: &Options,
    published: Option<&Published>,
    keep: Keep,
    watch: &Watch<'_>,
) -> Result<Matched<'a>, NightError> {
    let wanted = wanted(job, options)?;
    let mut shared = SharedInputs::read(job, watch)?;
    let mut suppliers = Vec::new();
    let mut held_back = Vec::new();
    for supplier in &job.suppliers {
        if !wanted.contains(supplier.id.as_str()) {
            continue;
        }
        match supplier::read(job, supplier, &shared, watch) {
            Ok(mut read) => {
                let verdicts = (0..job.schemes.len()).map(|scheme| {
                    let takes_part = supplier.takes_part_in(&job.schemes[scheme]);
                    takes_part.then(|| Verdicts::of(job, supplier, scheme, &read.accounts, &shared))
                });
                let verdicts: Vec<Option<Verdicts>> = watch.time(Stage::Judge, || verdicts.collect());
                if let Keep::Verdicts = keep {
                    read.accounts.forget_candidates();
                    memory::give_back();
                }
                suppliers.push(SupplierMatch { supplier, read, verdicts });
            }
            Err(why) => held_back.push((supplier, why)),
        }
    }
    shared.matcher.forget_keys();
    memory::give_back();
    if suppliers.is_empty() {
        let all: Vec<String> = held_back.iter().map(|(supplier, why)| format!("{}: {why}", supplier.id)).collect();
        return Err(NightError::NothingReleased(all.join("; ")));
    }
    let mut matched = Matched { job, shared, suppliers, held_back, fixed: Vec::new() };
    watch.time(Stage::Settle, || matched.settle(published))?;
    Ok(matched)
}

/// The ids of the suppliers that a run is for.
pub(super) fn wanted<'a>(job: &'a Job, options: &'a Options) -> Result<HashSet<&'a str>, NightError> {
    if options.suppliers.is_empty() {
        return Ok(job.suppliers.iter().map(|supplier| supplier.id.as_str()).collect());
    }
    for id in &options.suppliers {
        if job.supplier(id).is_none() {
            let known: Vec<&str> = job.suppliers.iter().map(|supplier| supplier.id.as_str()).collect();
            return Err(NightError::UnknownSupplier { id: id.clone(), known: known.join(", ") });
        }
    }
    Ok(options.suppliers.iter().map(String::as_str).collect())
}

/// The suppliers that are held back, with the reason in one sentence.
pub(super) fn held(matched: &Matched<'_>) -> Vec<HeldSupplier> {
    let held = matched.held_back.iter();
    held.map(|(supplier, why)| HeldSupplier { id: supplier.id.clone(), reason: why.to_string() }).collect()
}

impl Matched<'_> {
    /// Settles the accounts of each scheme against each other.
    fn settle(&mut self, published: Option<&Published>) -> Result<(), NightError> {
        let mut released: HashMap<(String, String, String), String> = HashMap::new();
        if let Some(published) = published {
            for supplier in &self.job.suppliers {
                let flags = published.released_flags(&supplier.id)?;
                if self.suppliers.iter().any(|matched| matched.supplier.id == supplier.id) {
                    released.extend(
                        flags.into_iter().map(|flag| ((flag.supplier, flag.customer_ref, flag.scheme), flag.claim_ref)),
                    );
                } else {
                    self.fixed.extend(flags);
                }
            }
        }
        // A supplier that cannot act on a notice leaves the claim's rebate to others.
        let shared = &self.shared;
        self.fixed.retain(|flag| shared.exception(&flag.supplier, &flag.customer_ref, &flag.scheme).is_none());
        for scheme in 0..self.job.schemes.len() {
            let outcome = self.settle_scheme(scheme, &released);
            for (place, settled) in outcome {
                let verdicts = self.suppliers[place.0].verdicts[scheme].as_mut();
                let Some(row) = verdicts.and_then(|verdicts| verdicts.of_accounts.get_mut(place.1)) else { continue };
                row.flag = settled == Settled::Flagged;
                match settled {
                    Settled::Flagged => {}
                    Settled::ClaimUsed => row.verdict.reason = Reason::ClaimUsed,
                    Settled::Limit => row.verdict.reason = Reason::Limit,
                }
            }
        }
        Ok(())
    }

    /// What becomes of each account that would be flagged, by supplier and place among its verdicts.
    fn settle_scheme(
        &self,
        scheme: usize,
        released: &HashMap<(String, String, String), String>,
    ) -> Vec<((usize, usize), Settled)> {
        let rules = &self.job.schemes[scheme];
        let persons = self.shared.matcher.persons();
        let mut places = Vec::new();
        let mut contenders = Vec::new();
        for (number, matched) in self.suppliers.iter().enumerate() {
            let Some(verdicts) = &matched.verdicts[scheme] else { continue };
            for (place, row) in verdicts.of_accounts.iter().enumerate().filter(|(_, row)| row.flag) {
                let account = row.account as usize;
                let customer_ref = matched.read.accounts.reference(account);
                let own_claim = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                let decided = verdicts.decided(row.account);
                let claim_ref = match decided {
                    Some(named) if !named.is_empty() => named,
                    _ => own_claim,
                };
                let key = || (matched.supplier.id.clone(), customer_ref.to_owned(), rules.id.clone());
                let earlier = if released.is_empty() { None } else { released.get(&key()) };
                let support = match decided {
                    _ if earlier.is_some_and(|earlier| earlier == claim_ref) => Support::Released,
                    Some(_) => Support::Decided,
                    None => Support::Matched(row.verdict.support),
                };
                places.push((number, place));
                contenders.push(Contender {
                    supplier: &matched.supplier.id,
                    customer_ref,
                    claim_ref,
                    support,
                    energy_score: self.energy_score(matched, account, scheme, row.verdict.claim),
                });
            }
        }
        for flag in self.fixed.iter().filter(|flag| flag.scheme == rules.id) {
            contenders.push(Contender {
                supplier: &flag.supplier,
                customer_ref: &flag.customer_ref,
                claim_ref: &flag.claim_ref,
                support: Support::Fixed,
                energy_score: None,
            });
        }
        let settled = settle(&contenders, rules.one_rebate_per_claim, rules.limit);
        places.into_iter().zip(settled).collect()
    }

    /// The score at the claimant's UPRN, else at the account's.
    fn energy_score(
        &self,
        matched: &SupplierMatch<'_>,
        account: usize,
        scheme: usize,
        claim: Option<u32>,
    ) -> Option<f32> {
        self.job.schemes[scheme].limit?;
        let persons = self.shared.matcher.persons();
        let at_claim = claim.and_then(|claim| self.shared.scores.of_claim(claim, persons));
        at_claim.or_else(|| matched.read.accounts.energy_score(account, scheme))
    }
}

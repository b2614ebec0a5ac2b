//! All suppliers matched, judged and settled: in go a job and the last published run, out comes all that
//! a release or an evaluation needs.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::Options;
use super::error::NightError;
use super::file_owners::FileOwners;
use super::gates::Finding;
use super::lookout::{LookFor, Looked, Lookout};
use super::shared::{InputFile, SharedInputs};
use super::supplier::{self, HeldBack, HeldSupplier, SupplierAccounts};
use super::verdicts::Verdicts;
use super::waiting::{self, Kept, ReleasedClaims};
use super::watch::{Stage, Watch};
use crate::job::{Job, Scheme, Supplier};
use crate::ledger::ProbingLine;
use crate::memory;
use crate::release::{Marks, Published, ReleasedFlag};
use crate::scheme::{Contender, Reason, Settled, Support, settle};

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
    pub(crate) held_back: Vec<(&'a Supplier, HeldBack)>,
    /// Flags that suppliers have from their last delivery to which this run delivers nothing.
    pub(crate) fixed: Vec<ReleasedFlag>,
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
    let mut matched = judge_all(job, options, None, keep, watch)?;
    watch.time(Stage::Settle, || matched.settle(None, Changes::GoOut))?;
    Ok(matched)
}

/// Matches the suppliers of a job and judges their accounts, each for itself, with a look at what is
/// different from their last deliveries where that is asked for.
pub(super) fn judge_all<'a>(
    job: &'a Job,
    options: &Options,
    look_for: Option<LookFor<'_>>,
    keep: Keep,
    watch: &Watch<'_>,
) -> Result<Matched<'a>, NightError> {
    let wanted = wanted(job, options)?;
    let owners = FileOwners::find(job);
    let mut shared = SharedInputs::read(job, keep, watch)?;
    let mut suppliers = Vec::new();
    let mut held_back = Vec::new();
    for supplier in &job.suppliers {
        if !wanted.contains(supplier.id.as_str()) {
            continue;
        }
        watch.go_on()?;
        let lookout = look_for.map(|look_for| Lookout::new(look_for, &supplier.id)).transpose()?;
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
                suppliers.push(SupplierMatch { supplier, read, verdicts, findings, fresh, probing, marks });
            }
            Err(why) => held_back.push((supplier, why)),
        }
    }
    // It may be for no fault of the supplier's that reading ended.
    watch.go_on()?;
    shared.matcher.forget_keys();
    memory::give_back();
    let mut matched = Matched { job, shared, suppliers, held_back, fixed: Vec::new(), night_of: options.night_of };
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
        if self.suppliers.is_empty() {
            let all = self.held_back.iter().map(|(supplier, why)| format!("{}: {why}", supplier.id));
            return Err(NightError::NothingReleased(all.collect::<Vec<_>>().join("; ")));
        }
        Ok(())
    }

    /// Settles the accounts of each scheme against each other and against what is published.
    pub(super) fn settle(&mut self, published: Option<&Published>, changes: Changes) -> Result<(), NightError> {
        let mut released = ReleasedClaims::new();
        if let Some(published) = published {
            let suppliers: Vec<&str> = self.job.current_suppliers().map(|supplier| supplier.id.as_str()).collect();
            for flag in published.released_flags(&suppliers)? {
                let matched = self.suppliers.iter().find(|matched| matched.supplier.id == flag.supplier);
                if matched.is_none_or(SupplierMatch::is_held) {
                    self.fixed.push(flag.clone());
                }
                if matched.is_some() {
                    released.insert((flag.supplier, flag.customer_ref, flag.scheme), flag.claim_ref);
                }
            }
        }
        // A supplier that cannot act on a notice leaves the claim's rebate to others.
        let shared = &self.shared;
        self.fixed.retain(|flag| shared.exception(&flag.supplier, &flag.customer_ref, &flag.scheme).is_none());
        for scheme in 0..self.job.schemes.len() {
            match published.filter(|_| changes == Changes::Wait) {
                Some(published) => {
                    let kept = waiting::kept(self, scheme, &released, published)?;
                    let on_a_release_day = self.settle_scheme(scheme, &released, &[]);
                    let tonight = self.settle_scheme(scheme, &released, &kept);
                    self.take_in_with_kept(scheme, &released, &kept, &on_a_release_day, tonight);
                }
                None => {
                    let outcome = self.settle_scheme(scheme, &released, &[]);
                    self.take_in(scheme, outcome);
                }
            }
        }
        Ok(())
    }

    fn take_in(&mut self, scheme: usize, outcome: Vec<(Place, Settled)>) {
        for ((supplier, place), settled) in outcome {
            let verdicts = self.suppliers[supplier].verdicts[scheme].as_mut();
            let Some(row) = verdicts.and_then(|verdicts| verdicts.of_accounts.get_mut(place)) else { continue };
            row.flag = settled == Settled::Flagged;
            if let Some(reason) = lost_by(settled) {
                row.verdict.reason = reason;
            }
        }
    }

    /// Takes in tonight's outcome, in which some accounts keep the flag that they have. What differs from the
    /// outcome of a release day waits.
    fn take_in_with_kept(
        &mut self,
        scheme: usize,
        released: &ReleasedClaims,
        kept: &[Kept],
        on_a_release_day: &[(Place, Settled)],
        tonight: Vec<(Place, Settled)>,
    ) {
        self.take_in(scheme, tonight);
        let persons = self.shared.matcher.persons();
        for (number, (matched, kept)) in self.suppliers.iter_mut().zip(kept).enumerate() {
            let Some(verdicts) = matched.verdicts[scheme].as_mut() else { continue };
            let mut rests_on = Vec::new();
            for (place, row) in verdicts.of_accounts.iter_mut().enumerate() {
                let Some(keeps) = kept.flag(row.account) else { continue };
                let then = on_a_release_day.binary_search_by_key(&(number, place), |(place, _)| *place);
                let then = then.ok().map(|found| on_a_release_day[found].1);
                if keeps && !row.flag {
                    // Two flags of one claim are out, since the scheme's rule was another; one stays.
                    continue;
                }
                row.flag = keeps;
                row.waits = keeps != (then == Some(Settled::Flagged));
                if let Some(reason) = then.and_then(lost_by) {
                    row.verdict.reason = reason;
                }
                let own = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                let customer_ref = matched.read.accounts.reference(row.account as usize);
                let key = (matched.supplier.id.clone(), customer_ref.to_owned(), self.job.schemes[scheme].id.clone());
                if let Some(claim_ref) =
                    released.get(&key).filter(|claim_ref| keeps && (row.waits || *claim_ref != own))
                {
                    rests_on.push((row.account, claim_ref));
                }
            }
            rests_on.into_iter().for_each(|(account, claim_ref)| verdicts.keep(account, claim_ref));
        }
    }

    /// What becomes of each account that would be flagged, in the order of suppliers and of their verdicts.
    /// An account that keeps its flag has its claim before all others, and the limit cannot take it.
    fn settle_scheme(&self, scheme: usize, released: &ReleasedClaims, kept: &[Kept]) -> Vec<(Place, Settled)> {
        let rules = &self.job.schemes[scheme];
        let persons = self.shared.matcher.persons();
        let mut places = Vec::new();
        let mut contenders = Vec::new();
        let mut standing = Standing::new(&self.fixed, rules);
        for (number, matched) in self.suppliers.iter().enumerate() {
            let Some(verdicts) = &matched.verdicts[scheme] else { continue };
            for (place, row) in verdicts.of_accounts.iter().enumerate() {
                let keeps = kept.get(number).and_then(|kept| kept.flag(row.account));
                if !keeps.unwrap_or(row.flag) {
                    continue;
                }
                let account = row.account as usize;
                let customer_ref = matched.read.accounts.reference(account);
                let own_claim = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                let decided = verdicts.decided(row.account);
                let key = || (matched.supplier.id.clone(), customer_ref.to_owned(), rules.id.clone());
                let earlier = if released.is_empty() { None } else { released.get(&key()) };
                let claim_ref = match (decided, earlier.filter(|_| keeps.is_some())) {
                    (_, Some(earlier)) => earlier,
                    (Some(named), _) if !named.is_empty() => named,
                    _ => own_claim,
                };
                let support = match decided {
                    _ if earlier.is_some_and(|earlier| earlier == claim_ref) => Support::Released,
                    Some(_) => Support::Decided,
                    None => Support::Matched(row.verdict.support),
                };
                let stands = matched.is_held() && standing.take(&matched.supplier.id, customer_ref, claim_ref);
                places.push((number, place));
                contenders.push(Contender {
                    supplier: &matched.supplier.id,
                    customer_ref,
                    claim_ref,
                    support,
                    is_out: stands || keeps.is_some(),
                    energy_score: self.energy_score(matched, account, scheme, row.verdict.claim),
                });
            }
        }
        contenders.extend(standing.untaken().map(|flag| Contender {
            supplier: &flag.supplier,
            customer_ref: &flag.customer_ref,
            claim_ref: &flag.claim_ref,
            support: Support::Fixed,
            is_out: false,
            energy_score: None,
        }));
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
        at_claim.or_else(|| matched.read.accounts.at(account).energy_score(scheme))
    }
}

/// A supplier that was matched, and a row of its verdicts.
type Place = (usize, usize);

/// Why an account that would be flagged is not.
fn lost_by(settled: Settled) -> Option<Reason> {
    match settled {
        Settled::Flagged => None,
        Settled::ClaimUsed => Some(Reason::ClaimUsed),
        Settled::Limit => Some(Reason::Limit),
    }
}

/// The flags of one scheme that stand by earlier deliveries, while accounts of suppliers that are held
/// back take their places.
struct Standing<'a> {
    flags: Vec<&'a ReleasedFlag>,
    /// By supplier and what of a flag counts.
    places: HashMap<(&'a str, &'a str), Vec<usize>>,
    taken: Vec<bool>,
    /// One flag goes to a claim, under whichever reference; else each account has its own.
    by_claim: bool,
}

impl<'a> Standing<'a> {
    fn new(fixed: &'a [ReleasedFlag], rules: &Scheme) -> Standing<'a> {
        let flags: Vec<&ReleasedFlag> = fixed.iter().filter(|flag| flag.scheme == rules.id).collect();
        let by_claim = rules.one_rebate_per_claim;
        let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (place, flag) in flags.iter().enumerate() {
            let key = Self::key(by_claim, &flag.customer_ref, &flag.claim_ref);
            places.entry((&flag.supplier, key)).or_default().push(place);
        }
        Standing { taken: vec![false; flags.len()], flags, places, by_claim }
    }

    fn key<'k>(by_claim: bool, customer_ref: &'k str, claim_ref: &'k str) -> &'k str {
        if by_claim && !claim_ref.is_empty() { claim_ref } else { customer_ref }
    }

    /// An account of that supplier and claim takes the place of a flag that stands, if there is one.
    fn take(&mut self, supplier: &str, customer_ref: &str, claim_ref: &str) -> bool {
        let key = Self::key(self.by_claim, customer_ref, claim_ref);
        let Some(places) = self.places.get(&(supplier, key)) else { return false };
        let own = places.iter().filter(|place| self.flags[**place].claim_ref == claim_ref);
        let own: Vec<usize> = own.copied().collect();
        own.iter().for_each(|place| self.taken[*place] = true);
        !own.is_empty()
    }

    /// The flags whose place nobody took.
    fn untaken(self) -> impl Iterator<Item = &'a ReleasedFlag> {
        self.flags.into_iter().zip(self.taken).filter(|(_, taken)| !taken).map(|(flag, _)| flag)
    }
}

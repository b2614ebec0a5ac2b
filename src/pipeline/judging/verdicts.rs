//! Judges all accounts of a supplier in one scheme.

use std::collections::{HashMap, HashSet};
use std::fmt;

use rayon::prelude::*;

use crate::job::{Job, Supplier};
use crate::matching::Holder;
use crate::pipeline::accounts::grouping::{Account, AccountPresence, Accounts};
use crate::pipeline::inputs::released::Released;
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::bound_decisions::{Bound, bind, record_of};
use crate::pipeline::judging::verdict_rows::{AccountVerdict, Rows, VerdictRows};
use crate::release::DecisionRecord;
use crate::scheme::{
    AccountEvidence, Eligibility, Judgement, LikelyPerson, Reason, Ruling, SchemeView, Verdict, judge,
};

/// Verdicts of one supplier in one scheme: a row for each account with a candidate or a decision, in the
/// accounts' order. All other accounts are `N`: nobody was found, or they are not on supply.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    rows: VerdictRows,
    /// By account, the people whom a reviewer needs to see, for accounts that are flagged or in review.
    likely: Vec<(u32, LikelyPerson)>,
    /// By account, the decision that holds.
    decided: HashMap<u32, Decided>,
    /// By account, what the tables record about the last decision on it, whether it holds or not.
    records: HashMap<u32, DecisionRecord>,
    /// Decisions on accounts that the supplier does not have any more, by reference.
    pub(crate) gone: Vec<GoneDecision>,
    /// By account, the reference of the claim that its flag was released on, if the flag stays until a release
    /// day and tonight's verdict rests on something else.
    kept: HashMap<u32, String>,
    pub(crate) on_supply: u64,
    /// Accounts found eligible, before allocation.
    pub(crate) matched: u64,
}

/// A decision on an account that the supplier does not have. `Debug` shows no reference.
pub(crate) struct GoneDecision {
    pub(crate) customer_ref: String,
    pub(crate) claim_ref: String,
    /// What the tables record about it. `None` if it was never applied.
    pub(crate) record: Option<DecisionRecord>,
}

impl fmt::Debug for GoneDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// A decision that holds. `Debug` shows no reference.
#[derive(Clone)]
pub(crate) struct Decided {
    /// It names its claim or its person: the rebate moves to this account.
    pub(crate) is_named: bool,
    /// When it was made, as a number that orders moments.
    pub(crate) moment: u64,
    /// The claim that it rests on; empty if there is none.
    pub(crate) claim_ref: String,
}

impl fmt::Debug for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Accounts that one worker judges at a time.
const ACCOUNTS_A_PART: usize = 1 << 13;

/// Accounts whose candidates' claims are prefetched together.
const AT_ONCE: usize = 64;

/// An account that waits to be judged.
struct Waiting<'a> {
    number: u32,
    account: Account<'a>,
    standing: AccountPresence,
    ruling: Option<&'a Ruling>,
    /// The holders who are on supply.
    holders: Vec<Holder<'a>>,
}

impl Verdicts {
    /// Judges the accounts of a supplier in the scheme of that place.
    pub(crate) fn judge_accounts(
        job: &Job,
        supplier: &Supplier,
        scheme: usize,
        accounts: &Accounts,
        shared: &SharedInputs,
    ) -> Verdicts {
        let view = shared.view(job, scheme);
        let context = Context { job, supplier, shared, released: &shared.released, view };
        let count = accounts.count();
        let mut parts: Vec<Verdicts> = (0..count.div_ceil(ACCOUNTS_A_PART))
            .into_par_iter()
            .map(|part| {
                let mut verdicts = Verdicts::default();
                let start = part * ACCOUNTS_A_PART;
                let some = start..count.min(start + ACCOUNTS_A_PART);
                let mut waiting = Vec::with_capacity(AT_ONCE);
                for (number, account) in (start..).zip(accounts.each(some)) {
                    waiting.extend(verdicts.begin(number as u32, account, job, supplier, shared, scheme));
                    if waiting.len() == AT_ONCE {
                        verdicts.judge_all(&mut waiting, &context);
                    }
                }
                verdicts.judge_all(&mut waiting, &context);
                verdicts
            })
            .collect();
        let mut all = Verdicts {
            rows: VerdictRows::joined(parts.iter_mut().map(|part| std::mem::take(&mut part.rows)).collect()),
            likely: Vec::with_capacity(parts.iter().map(|part| part.likely.len()).sum()),
            ..Verdicts::default()
        };
        for part in parts {
            all.likely.extend(part.likely);
            all.decided.extend(part.decided);
            all.records.extend(part.records);
            all.on_supply += part.on_supply;
            all.matched += part.matched;
        }
        all.gone = context.gone(accounts, &all);
        all
    }

    /// Counts an account, and returns it if there is something to judge. `None` if nobody was found and no
    /// decision names it.
    fn begin<'a>(
        &mut self,
        number: u32,
        account: Account<'a>,
        job: &Job,
        supplier: &Supplier,
        shared: &'a SharedInputs,
        scheme: usize,
    ) -> Option<Waiting<'a>> {
        let standing = account.standing(scheme);
        self.on_supply += u64::from(standing.on_supply);
        let found = standing.found || standing.cut_off;
        if !found && shared.decisions.is_empty() {
            return None;
        }
        let ruling = shared.decisions.on(&supplier.id, account.reference(), &job.schemes[scheme].id);
        let to_be_judged = found || ruling.is_some();
        to_be_judged.then(|| Waiting { number, account, standing, ruling, holders: account.holders(scheme) })
    }

    /// Judges the waiting accounts in order, and empties the list.
    fn judge_all(&mut self, waiting: &mut Vec<Waiting<'_>>, context: &Context<'_>) {
        let holders = || waiting.iter().flat_map(|one| &one.holders);
        holders().for_each(|holder| context.view.prefetch_places(holder));
        holders().for_each(|holder| context.view.prefetch(holder));
        waiting.drain(..).for_each(|one| self.judge(&one, context));
    }

    /// Judges one account: by supply, objections, exceptions, decisions and the match, in this order.
    fn judge(&mut self, waiting: &Waiting<'_>, context: &Context<'_>) {
        let Context { supplier, shared, view, released, .. } = *context;
        let Waiting { number, account, standing, ruling, ref holders } = *waiting;
        let AccountPresence { on_supply, cut_off, .. } = standing;
        let scheme = context.scheme_id();
        let reference = account.reference();
        let objected = shared.objections.bars_account(&supplier.id, reference);
        let evidence = AccountEvidence { holders, energy_score: account.energy_score(view.scheme), cut_off, objected };
        let mut judged =
            if on_supply { judge(&evidence, &view) } else { Judgement::without_candidate(Reason::NotOnSupply) };
        let by_match = judged.verdict.reason;
        let record = ruling.and_then(|ruling| record_of(ruling, released.record(&supplier.id, reference, scheme)));
        let bound = ruling.filter(|_| on_supply).and_then(Ruling::decision);
        let bound = bound.map(|decision| bind(decision, record, &judged, judged.verdict.claim, shared));
        let kept = bound.as_ref().map(|bound| &bound.record).or(record);
        self.records.extend(kept.map(|record| (number, record.clone())));

        let mut flag = judged.verdict.is_eligible();
        let exception = shared.exception(&supplier.id, reference, scheme);
        let barred = bound.as_ref().is_some_and(|bound| is_barred(bound, &judged.verdict, &view));
        let objected = judged.objected;
        let verdict = &mut judged.verdict;
        if !on_supply {
            flag = false;
        } else if ruling.is_some() && (objected || barred || verdict.reason == Reason::Objected) {
            (verdict.reason, flag) = (Reason::Objected, false);
        } else if verdict.reason == Reason::Objected {
            flag = false;
        } else if let Some(kind) = exception {
            let is_due = flag || bound.is_some_and(|bound| bound.decision.eligible);
            if is_due || verdict.reason.is_for_review() || released.has_rebate(&supplier.id, reference, scheme) {
                verdict.reason = Reason::Excepted(kind);
            }
            flag = false;
        } else if let Some(ruling) = ruling {
            flag = self.rule(number, ruling, bound, &evidence, verdict, &view);
        }
        let verdict = judged.verdict;
        // Another account of the household may still get the rebate instead; this account then goes to review.
        if flag || verdict.reason.is_for_review() {
            self.likely.extend(judged.likely().map(|likely| (number, likely)));
        }
        self.matched += u64::from(flag);
        self.rows.push(&AccountVerdict { account: number, verdict, flag, waits: false, by_match });
    }

    /// Applies a decision, and returns the flag.
    fn rule(
        &mut self,
        number: u32,
        ruling: &Ruling,
        bound: Option<Bound<'_>>,
        evidence: &AccountEvidence<'_>,
        verdict: &mut Verdict,
        view: &SchemeView<'_>,
    ) -> bool {
        let Some(bound) = bound else {
            verdict.reason = Reason::DecisionVoid;
            return false;
        };
        let Bound { decision, is_outdated, claim, claim_ref, person, .. } = bound;
        if is_outdated {
            // With an outdated `N` the match decides, with an outdated `Y` staff do. Staff see both.
            let flag = verdict.is_eligible() && !decision.eligible;
            verdict.reason = Reason::DecisionOutdated;
            return flag;
        }
        verdict.reason = Reason::Decided;
        if claim != verdict.claim {
            (verdict.claim, verdict.person) = (claim, person.or(verdict.person));
            verdict.group = claim.and_then(|claim| group_of(claim, evidence.energy_score, view));
        }
        let is_named = !decision.claim_ref.is_empty() || !decision.person_ref.is_empty();
        self.decided.insert(number, Decided { is_named, moment: ruling.moment().number(), claim_ref });
        decision.eligible
    }

    /// All rows.
    pub(crate) fn rows(&self) -> Rows<'_> {
        self.rows.all()
    }

    /// Replaces the row at a place.
    pub(crate) fn set_row(&mut self, place: usize, row: &AccountVerdict) {
        self.rows.set(place, row);
    }

    /// Adds a row for each of these accounts that has none. The accounts are in order.
    pub(crate) fn add_rows(&mut self, accounts: &[u32]) {
        let rows = self.rows();
        let missing: Vec<u32> = accounts.iter().filter(|account| rows.find(**account).is_none()).copied().collect();
        let verdict = Judgement::without_candidate(Reason::NotFound).verdict;
        self.rows.add(missing.into_iter().map(|account| AccountVerdict::unflagged(account, verdict)));
    }

    /// Makes an account's flag rest on the claim that it was released on.
    pub(crate) fn keep(&mut self, account: u32, claim_ref: &str) {
        self.kept.insert(account, claim_ref.to_owned());
    }

    /// The reference of the claim that an account's flag was released on, if the flag stays until a release day
    /// and tonight's verdict rests on something else.
    pub(crate) fn kept(&self, account: u32) -> Option<&str> {
        if self.kept.is_empty() {
            return None;
        }
        self.kept.get(&account).map(String::as_str)
    }

    /// The decision on an account that holds.
    pub(crate) fn decided(&self, account: u32) -> Option<&Decided> {
        if self.decided.is_empty() {
            return None;
        }
        self.decided.get(&account)
    }

    /// What the tables record about the last decision on an account.
    pub(crate) fn record(&self, account: u32) -> Option<&DecisionRecord> {
        if self.records.is_empty() {
            return None;
        }
        self.records.get(&account)
    }

    /// The reference of the claim that an account's flag rests on, if the match did not find that claim: it was
    /// released on it, or a decision names it.
    pub(crate) fn claim_ref(&self, account: u32) -> Option<&str> {
        let decided = || self.decided(account).map(|decided| decided.claim_ref.as_str());
        self.kept(account).or_else(|| decided().filter(|named| !named.is_empty()))
    }

    /// The people whom a reviewer of an account needs to see.
    pub(crate) fn likely(&self, account: u32) -> impl Iterator<Item = LikelyPerson> {
        let start = self.likely.partition_point(|(other, _)| *other < account);
        self.likely[start..].iter().take_while(move |(other, _)| *other == account).map(|(_, likely)| *likely)
    }
}

/// The group through which a claim is eligible, if it is.
fn group_of(claim: u32, score: Option<f32>, view: &SchemeView<'_>) -> Option<u8> {
    match view.eligibilities.of_claim(claim, view.scheme, score) {
        Eligibility::Through(group) => Some(group),
        Eligibility::NotDecidable | Eligibility::No => None,
    }
}

/// Context for judging the accounts of a supplier.
#[derive(Clone, Copy)]
struct Context<'a> {
    job: &'a Job,
    supplier: &'a Supplier,
    shared: &'a SharedInputs,
    released: &'a Released,
    view: SchemeView<'a>,
}

impl<'a> Context<'a> {
    fn scheme_id(&self) -> &'a str {
        &self.job.schemes[self.view.scheme].id
    }

    /// Decisions on accounts that the supplier does not have any more. A decision that was never applied has no
    /// record.
    fn gone(&self, accounts: &Accounts, verdicts: &Verdicts) -> Vec<GoneDecision> {
        let rulings = self.shared.decisions.of_supplier(&self.supplier.id, self.scheme_id());
        if rulings.is_empty() {
            return Vec::new();
        }
        // Each account with a decision has a row.
        let here: HashSet<&str> =
            verdicts.rows().accounts().map(|account| accounts.reference(account as usize)).collect();
        let gone = rulings.into_iter().filter(|(customer_ref, _)| !here.contains(customer_ref));
        let gone = gone.filter_map(|(customer_ref, ruling)| {
            let decision = ruling.decision()?;
            let record = self.released.record(&self.supplier.id, customer_ref, self.scheme_id());
            let record = record_of(ruling, record).cloned();
            Some(GoneDecision {
                customer_ref: customer_ref.to_owned(),
                claim_ref: record.as_ref().map_or(&decision.claim_ref, |record| &record.claim_ref).clone(),
                record,
            })
        });
        gone.collect()
    }
}

/// Whether an objection bars what a decision rests on: its claim, or the person who was found. Without a claim,
/// it is barred if all claims of the person are. A person who objects bars all their claims.
fn is_barred(bound: &Bound<'_>, verdict: &Verdict, view: &SchemeView<'_>) -> bool {
    let SchemeView { objections, persons, .. } = *view;
    let person = bound.person.or(verdict.person.filter(|_| bound.claim == verdict.claim));
    bound.claim.is_some_and(|claim| objections.bars_claim(claim))
        || person.is_some_and(|person| {
            objections.bars_person(person)
                || bound.claim.is_none() && persons.claims_of(person).all(|claim| objections.bars_claim(claim))
        })
}

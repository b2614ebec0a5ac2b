//! Verdicts on all accounts of a supplier in one scheme.

use std::collections::HashMap;
use std::hint::black_box;

use rayon::prelude::*;

use super::accounts::{Account, Accounts, Standing};
use super::shared::SharedInputs;
use crate::job::{Job, Supplier};
use crate::matching::Holder;
use crate::scheme::{
    AccountEvidence, Decision, Eligibility, Judgement, LikelyPerson, Reason, SchemeView, Verdict, judge,
};

/// The verdict on one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountVerdict {
    /// The account, by its place.
    pub(crate) account: u32,
    pub(crate) verdict: Verdict,
    /// The flag, once accounts are settled against each other.
    pub(crate) flag: bool,
    /// Another flag waits for a release day.
    pub(crate) waits: bool,
}

impl AccountVerdict {
    /// Why the account has its flag, as `decisions.csv` names it.
    pub(crate) fn reason(&self) -> &'static str {
        if self.waits { "waits" } else { self.verdict.reason.name() }
    }
}

/// Verdicts of one supplier in one scheme: a row for each account with a candidate or a decision, in the
/// accounts' order. All others are `N`, since nobody was found or since they are not in play.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) of_accounts: Vec<AccountVerdict>,
    /// Those whom a reviewer needs to see of accounts that are flagged or in review, by account.
    likely: Vec<(u32, LikelyPerson)>,
    /// By account, the reference of the claim that a decision of the administrator's staff names, where
    /// there is a decision that holds; empty where it names none.
    decided: HashMap<u32, String>,
    /// By account, the reference of the claim that a flag was released on, where it stands until a release
    /// day and tonight's verdict rests on something else.
    kept: HashMap<u32, String>,
    pub(crate) in_play: u64,
    /// Accounts found due, before they are settled against each other.
    pub(crate) matched: u64,
}

/// Accounts that one worker judges at a time.
const ACCOUNTS_A_PART: usize = 1 << 13;

/// Accounts whose candidates' claims are asked for together.
const AT_ONCE: usize = 64;

/// An account that waits to be judged.
struct Waiting<'a> {
    number: u32,
    account: Account<'a>,
    standing: Standing,
    decision: Option<&'a Decision>,
    /// The holders who are in play.
    holders: Vec<Holder<'a>>,
}

impl Verdicts {
    /// Judges the accounts of a supplier in the scheme of that place.
    pub(super) fn of(
        job: &Job,
        supplier: &Supplier,
        scheme: usize,
        accounts: &Accounts,
        shared: &SharedInputs,
    ) -> Verdicts {
        let view = SchemeView {
            persons: shared.matcher.persons(),
            standings: &shared.standings,
            objections: &shared.objections,
            scheme,
            threshold: job.matching.threshold,
        };
        let count = accounts.count();
        let parts: Vec<Verdicts> = (0..count.div_ceil(ACCOUNTS_A_PART))
            .into_par_iter()
            .map(|part| {
                let mut verdicts = Verdicts::default();
                let start = part * ACCOUNTS_A_PART;
                let some = start..count.min(start + ACCOUNTS_A_PART);
                let mut waiting = Vec::with_capacity(AT_ONCE);
                for (number, account) in (start..).zip(accounts.each(some)) {
                    waiting.extend(verdicts.begin(number as u32, account, job, supplier, shared, scheme));
                    if waiting.len() == AT_ONCE {
                        verdicts.judge_all(&mut waiting, job, supplier, shared, &view);
                    }
                }
                verdicts.judge_all(&mut waiting, job, supplier, shared, &view);
                verdicts
            })
            .collect();
        let mut all = Verdicts {
            of_accounts: Vec::with_capacity(parts.iter().map(|part| part.of_accounts.len()).sum()),
            likely: Vec::with_capacity(parts.iter().map(|part| part.likely.len()).sum()),
            ..Verdicts::default()
        };
        for part in parts {
            all.of_accounts.extend(part.of_accounts);
            all.likely.extend(part.likely);
            all.decided.extend(part.decided);
            all.in_play += part.in_play;
            all.matched += part.matched;
        }
        all
    }

    /// Counts an account, and says what there is to judge; none where nobody was found and nothing decided.
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
        self.in_play += u64::from(standing.in_play);
        let found = standing.found || standing.cut_off;
        if !found && shared.decisions.is_empty() {
            return None;
        }
        let decision = shared.decisions.on(&supplier.id, account.reference(), &job.schemes[scheme].id);
        let to_be_judged = found || decision.is_some();
        to_be_judged.then(|| Waiting { number, account, standing, decision, holders: account.holders(scheme) })
    }

    /// Judges accounts that come after those judged already, and takes them from the list.
    fn judge_all(
        &mut self,
        waiting: &mut Vec<Waiting<'_>>,
        job: &Job,
        supplier: &Supplier,
        shared: &SharedInputs,
        view: &SchemeView<'_>,
    ) {
        let candidates = waiting.iter().flat_map(|one| &one.holders).flat_map(|holder| holder.candidates);
        let persons: Vec<u32> = candidates.map(|candidate| candidate.person).collect();
        black_box(view.touch(&persons));
        waiting.drain(..).for_each(|one| self.judge(&one, job, supplier, shared, view));
    }

    fn judge(
        &mut self,
        waiting: &Waiting<'_>,
        job: &Job,
        supplier: &Supplier,
        shared: &SharedInputs,
        view: &SchemeView<'_>,
    ) {
        let Waiting { number, account, standing, decision, ref holders } = *waiting;
        let Standing { in_play, cut_off, .. } = standing;
        let scheme = view.scheme;
        let reference = account.reference();
        let objected = shared.objections.bars_account(&supplier.id, reference);
        let evidence = AccountEvidence { holders, energy_score: account.energy_score(scheme), cut_off, objected };
        let mut judged = if in_play { judge(&evidence, view) } else { Judgement::without_candidate(Reason::NotInPlay) };
        let verdict = &mut judged.verdict;
        let mut decided = None;
        if let Some(decision) = decision
            && verdict.reason != Reason::NotInPlay
        {
            if objected || verdict.reason == Reason::Objected || is_barred(decision, verdict, view) {
                verdict.reason = Reason::Objected;
            } else {
                verdict.reason = Reason::Decided;
                if !decision.claim_ref.is_empty() && decision.claim != verdict.claim {
                    verdict.claim = decision.claim;
                    verdict.group = decision.claim.and_then(|claim| group_of(claim, evidence.energy_score, view));
                }
                decided = Some(decision);
            }
        }
        let mut flag = decided.map_or(verdict.is_eligible(), |decision| decision.eligible);
        if flag && let Some(kind) = shared.exception(&supplier.id, reference, &job.schemes[scheme].id) {
            (judged.verdict.reason, flag, decided) = (Reason::Excepted(kind), false, None);
        }
        let verdict = judged.verdict;
        if let Some(decision) = decided {
            self.decided.insert(number, decision.claim_ref.clone());
        }
        // A flag may yet be lost to another account of the claim, which then is for a person to see.
        if flag || verdict.reason.is_for_review() {
            self.likely.extend(judged.likely().map(|likely| (number, likely)));
        }
        self.matched += u64::from(flag);
        self.of_accounts.push(AccountVerdict { account: number, verdict, flag, waits: false });
    }

    /// Gives each of these accounts, which are in order, a row, where it has none.
    pub(super) fn add_rows(&mut self, accounts: &[u32]) {
        let rows = &self.of_accounts;
        let is_missing = |account: &&u32| rows.binary_search_by_key(*account, |row| row.account).is_err();
        let missing: Vec<u32> = accounts.iter().filter(is_missing).copied().collect();
        let verdict = Judgement::without_candidate(Reason::NotFound).verdict;
        let rows = missing.into_iter().map(|account| AccountVerdict { account, verdict, flag: false, waits: false });
        self.of_accounts.extend(rows);
        self.of_accounts.sort_by_key(|row| row.account);
    }

    /// Lets an account's flag rest on the claim that it was released on.
    pub(super) fn keep(&mut self, account: u32, claim_ref: &str) {
        self.kept.insert(account, claim_ref.to_owned());
    }

    /// The reference of the claim that an account's flag was released on, where it stands until a release
    /// day and tonight's verdict rests on something else.
    pub(crate) fn kept(&self, account: u32) -> Option<&str> {
        if self.kept.is_empty() {
            return None;
        }
        self.kept.get(&account).map(String::as_str)
    }

    /// The references of the claims whose flags stand until a release day.
    pub(super) fn kept_claims(&self) -> impl Iterator<Item = &str> {
        self.kept.values().map(String::as_str)
    }

    /// The reference of the claim that a decision names, where a decision on the account holds; empty where
    /// it names none.
    pub(crate) fn decided(&self, account: u32) -> Option<&str> {
        if self.decided.is_empty() {
            return None;
        }
        self.decided.get(&account).map(String::as_str)
    }

    /// The reference of the claim that an account's flag rests on, where it is not the one that the match
    /// found: the one that it was released on, or the one that a decision names.
    pub(crate) fn claim_ref(&self, account: u32) -> Option<&str> {
        self.kept(account).or_else(|| self.decided(account).filter(|named| !named.is_empty()))
    }

    /// Those whom a reviewer of an account needs to see.
    pub(crate) fn likely(&self, account: u32) -> impl Iterator<Item = LikelyPerson> {
        let start = self.likely.partition_point(|(other, _)| *other < account);
        self.likely[start..].iter().take_while(move |(other, _)| *other == account).map(|(_, likely)| *likely)
    }
}

/// The group through which a claim is eligible, if it is.
fn group_of(claim: u32, score: Option<f32>, view: &SchemeView<'_>) -> Option<u8> {
    match view.standings.of_claim(claim, view.scheme, score) {
        Eligibility::Through(group) => Some(group),
        Eligibility::NotDecidable | Eligibility::No => None,
    }
}

/// An objection stands against what a decision rests on: the claim that it names or everybody on it, or
/// the person who was found, if they are on that claim. A decision that names no claim rests on what the
/// match found.
fn is_barred(decision: &Decision, verdict: &Verdict, view: &SchemeView<'_>) -> bool {
    let SchemeView { persons, objections, .. } = *view;
    if let Some(claim) = decision.claim {
        let mut people = persons.rows_of_claim(claim).iter().map(|&row| persons.person_of(row));
        if objections.bars_claim(claim) || people.all(|person| objections.bars_person(person)) {
            return true;
        }
    }
    let Some(person) = verdict.person else { return false };
    match decision.claim {
        Some(claim) => objections.bars_person(person) && persons.claims_of(person).any(|own| own == claim),
        None => {
            let all_claims = || persons.claims_of(person).all(|claim| objections.bars_claim(claim));
            objections.bars_person(person)
                || verdict.claim.map_or_else(all_claims, |claim| objections.bars_claim(claim))
        }
    }
}

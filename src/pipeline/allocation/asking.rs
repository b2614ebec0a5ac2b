//! Collects the accounts that ask for a rebate, and what decides between those of one household.

use std::collections::HashSet;

use rayon::prelude::*;

use super::known::{Names, household_name};
use super::out::ByAccount;
use super::{SchemeAllocation, VerdictRow};
use crate::memory;
use crate::pipeline::allocation::deferred_changes::KeptFlags;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::release::Published;
use crate::scheme::{Basis, Contender, Contenders, Delivery, Reason, Rebate, Verdict};

/// Verdict rows that one worker handles at a time.
const ROWS_A_PART: usize = 1 << 14;

/// An account that asks for a rebate. There are as many as flags, so that it has no names: its row and its claim tell
/// them.
pub(super) struct Account {
    pub(super) place: VerdictRow,
    pub(super) claim: Option<u32>,
    pub(super) person: Option<u32>,
    /// See [`Contender::household`].
    pub(super) household: u32,
    pub(super) basis: Basis,
    /// It keeps the `Y` that it has, whatever tonight's match says.
    pub(super) keeps: bool,
    /// It was [moved](SchemeAllocation::holders) to the household of a rebate.
    pub(super) is_moved: bool,
    home_agrees: bool,
    was_delivered: bool,
}

/// The accounts that ask for a rebate, as allocation sees them.
pub(super) struct Asking<'n, 'a> {
    pub(super) night: &'n SchemeAllocation<'a>,
    pub(super) accounts: &'n [Account],
}

impl<'a> Contenders<'a> for Asking<'_, 'a> {
    fn count(&self) -> usize {
        self.accounts.len()
    }

    fn household(&self, at: usize) -> u32 {
        self.accounts[at].household
    }

    fn basis(&self, at: usize) -> Basis {
        self.accounts[at].basis
    }

    fn at(&self, at: usize) -> Contender<'a> {
        let (night, account) = (self.night, &self.accounts[at]);
        let row = night.row(account.place);
        Contender {
            supplier: night.supplier_of(account),
            customer_ref: night.reference(account.place),
            household: account.household,
            household_ref: night.household_ref(account),
            basis: account.basis,
            home_agrees: account.home_agrees,
            support: row.verdict.support,
            was_delivered: account.was_delivered,
            delivery: night.delivery_of(account),
            energy_score: night.energy_score(account, &row),
        }
    }
}

/// The row of the account that a rebate rests on.
#[derive(Clone, Copy)]
pub(super) struct RowOf {
    pub(super) place: VerdictRow,
    /// Its place among the accounts that ask for a rebate, if it asks for one.
    pub(super) account: Option<usize>,
}

impl<'a> SchemeAllocation<'a> {
    /// The accounts that ask for a rebate, in the order of their rows, and for each rebate the row of the
    /// account that it rests on.
    pub(super) fn accounts(
        &self,
        by_account: &ByAccount<'_>,
        carried: usize,
        kept: &[KeptFlags],
        names: &mut Names,
    ) -> (Vec<Account>, Vec<Option<RowOf>>) {
        // With room for all that may ask, and made in place: there are as many as flags.
        let matched = (0..self.suppliers.len()).filter_map(|supplier| self.verdicts(supplier as u32));
        let most = carried + matched.map(|verdicts| verdicts.matched as usize).sum::<usize>();
        let (mut accounts, mut rows): (Vec<Account>, _) = (memory::with_room(most), vec![None; carried]);
        for supplier in 0..self.suppliers.len() {
            let Some(verdicts) = self.verdicts(supplier as u32) else { continue };
            let chunks = verdicts.rows().par_chunks(ROWS_A_PART).enumerate();
            let parts: Vec<_> = chunks
                .map(|(part, some)| {
                    let (mut own, mut rows) = (Vec::new(), Vec::new());
                    for (row, verdict) in (part * ROWS_A_PART..).zip(some.iter()) {
                        let place = (supplier as u32, row as u32);
                        let asks = self.asks(place, &verdict, by_account, kept);
                        let account_at = asks.is_some().then_some(own.len());
                        own.extend(asks.map(|(basis, keeps)| (place, basis, keeps)));
                        if !by_account.is_without(supplier) {
                            let rebates = by_account.rebates_of(supplier, self.reference(place));
                            rows.extend(rebates.map(|number| (number, RowOf { place, account: account_at })));
                        }
                    }
                    (own, rows)
                })
                .collect();
            for (own, rows_of) in parts {
                for (number, RowOf { place, account }) in rows_of {
                    rows[number] = Some(RowOf { place, account: account.map(|at| at + accounts.len()) });
                }
                accounts.par_extend(own.into_par_iter().map(|(place, basis, keeps)| self.account(place, basis, keeps)));
            }
        }
        for account in accounts.iter_mut().filter(|account| account.claim.is_none()) {
            account.household = names.of_unknown_claim(self.claim_ref(account));
        }
        (accounts, rows)
    }

    /// Why the account asks for a rebate, if it does, and whether it keeps the `Y` that it has.
    fn asks(
        &self,
        place: VerdictRow,
        row: &AccountVerdict,
        by_account: &ByAccount<'_>,
        kept: &[KeptFlags],
    ) -> Option<(Basis, bool)> {
        let supplier = place.0 as usize;
        let keep = self.matched.job.matching.keep;
        let verdicts = self.verdicts(place.0)?;
        let stays = kept.get(supplier).and_then(|kept| kept.flag(row.account));
        let decided = verdicts.decided(row.account);
        let may_keep = || reaches(row.verdict.certain, keep) && is_of_match(row.verdict.reason);
        let has_rebate = || by_account.has(supplier, self.reference(place));
        let basis = match (stays, decided) {
            // A `Y` that stays without a recorded rebate asks like any other account.
            (Some(true), _) if has_rebate() => Basis::MayKeep,
            (Some(true), _) => Basis::Matched,
            (Some(false), _) => Basis::Waits,
            (None, Some(decided)) if row.flag && decided.is_named => Basis::DecidedClaim(decided.moment),
            (None, Some(decided)) if row.flag => Basis::Decided(decided.moment),
            (None, None) if row.flag => Basis::Matched,
            (None, None) if may_keep() && has_rebate() => Basis::MayKeep,
            _ => return None,
        };
        Some((basis, stays == Some(true)))
    }

    /// An account that asks for a rebate. Without a claim, its household is not known yet.
    fn account(&self, place: VerdictRow, basis: Basis, keeps: bool) -> Account {
        let Verdict { claim, person, .. } = self.row(place).verdict;
        let household = claim.map(|claim| self.matched.shared.households[self.scheme].of_claim(claim));
        Account {
            place,
            claim,
            person,
            household: household.unwrap_or_default(),
            basis,
            keeps,
            is_moved: false,
            home_agrees: false,
            was_delivered: false,
        }
    }

    /// The id of an account's supplier.
    pub(super) fn supplier_of(&self, account: &Account) -> &'a str {
        &self.suppliers[account.place.0 as usize].supplier.id
    }

    /// Whether this run delivers to an account's supplier.
    pub(super) fn delivery_of(&self, account: &Account) -> Delivery {
        self.deliveries[account.place.0 as usize]
    }

    /// The reference of the claim that an account's rebate would rest on.
    pub(super) fn claim_ref(&self, account: &Account) -> &'a str {
        account.claim.map_or_else(|| self.named(account), |claim| self.persons().claim_ref(claim))
    }

    /// The name of an account's household, which is the same in every run.
    pub(super) fn household_ref(&self, account: &Account) -> &'a str {
        match (account.household as usize) < self.persons().claim_count() || account.is_moved {
            true => household_name(self.persons(), account.household),
            false => self.named(account),
        }
    }

    /// The claim that a decision on an account names.
    fn named(&self, account: &Account) -> &'a str {
        let (supplier, row) = account.place;
        let decided =
            self.verdicts(supplier).and_then(|verdicts| verdicts.decided(self.rows(supplier).account(row as usize)));
        decided.map_or("", |decided| decided.claim_ref.as_str())
    }

    /// Finds what decides between accounts that ask for the rebate of the same household.
    pub(super) fn compare(
        &self,
        accounts: &mut [Account],
        rebates: &[Rebate<'_>],
        names: &Names,
        published: Option<&Published>,
    ) -> Result<(), PipelineError> {
        let mut has_rebate = vec![false; names.next as usize];
        rebates.iter().for_each(|rebate| has_rebate[rebate.household as usize] = true);
        let mut of_household = vec![0_u8; names.next as usize];
        for account in accounts.iter() {
            let count = &mut of_household[account.household as usize];
            *count = count.saturating_add(1);
        }
        let is_contested = |account: &Account| of_household[account.household as usize] > 1;
        let mut asked: Vec<HashSet<&str>> = vec![HashSet::new(); self.suppliers.len()];
        let is_open = |account: &&Account| !has_rebate[account.household as usize];
        for account in accounts.iter().filter(|account| is_contested(account)).filter(is_open) {
            asked[account.place.0 as usize].insert(self.reference(account.place));
        }
        let mut delivered: Vec<HashSet<&str>> = vec![HashSet::new(); self.suppliers.len()];
        for (place, asked) in asked.iter().enumerate().filter(|(_, asked)| !asked.is_empty()) {
            let Some(published) = published else { break };
            let own = &mut delivered[place];
            published.accounts(&self.suppliers[place].supplier.id, |customer_ref| {
                own.extend(asked.get(customer_ref).copied());
            })?;
        }
        for account in accounts.iter_mut().filter(|account| is_contested(account)) {
            let place = account.place.0 as usize;
            let own = self.suppliers[place];
            account.home_agrees = own.home_agrees(self.scheme, &self.row(account.place), &self.matched.shared);
            account.was_delivered = delivered[place].contains(self.reference(account.place));
        }
        Ok(())
    }

    /// The energy-cost score at the claimant's UPRN, else at the account's.
    fn energy_score(&self, account: &Account, row: &AccountVerdict) -> Option<f32> {
        self.matched.job.schemes[self.scheme].limit?;
        let own = self.suppliers[account.place.0 as usize];
        let at_claim = row.verdict.claim.and_then(|claim| self.matched.shared.scores.of_claim(claim, self.persons()));
        at_claim.or_else(|| own.read.accounts.at(row.account as usize).energy_score(self.scheme))
    }
}

/// Whether a match below the threshold has this reason.
fn is_of_match(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Uncertain | Reason::Ambiguous | Reason::InitialOnly | Reason::CutOff | Reason::NotDecidable
    )
}

/// Compares in whole hundredths: if two people with the same name are equally likely, each has just under one
/// half, and that has to count as one half.
pub(super) fn reaches(likelihood: f32, least: f64) -> bool {
    (f64::from(likelihood) * 100.0).round() >= (least * 100.0).round()
}

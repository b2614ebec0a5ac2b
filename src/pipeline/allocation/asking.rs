//! Collects the accounts that ask for a rebate, and what decides between those of one household.

use std::collections::HashSet;

use rayon::prelude::*;

use super::known::{Names, household_name};
use super::out::ByAccount;
use super::{SchemeAllocation, VerdictRow};
use crate::memory;
use crate::pipeline::allocation::deferred_changes::KeptFlags;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::SupplierMatch;
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::release::Published;
use crate::scheme::{Basis, Contender, Reason, Rebate};

/// Verdict rows that one worker handles at a time.
const ROWS_A_PART: usize = 1 << 14;

/// An account that asks for a rebate, with what its contender does not have.
pub(super) struct Account<'a> {
    pub(super) place: VerdictRow,
    pub(super) contender: Contender<'a>,
    pub(super) claim: Option<u32>,
    pub(super) claim_ref: &'a str,
    pub(super) person: Option<u32>,
    /// It keeps the `Y` that it has, whatever tonight's match says.
    pub(super) keeps: bool,
}

impl<'a> AsRef<Contender<'a>> for Account<'a> {
    fn as_ref(&self) -> &Contender<'a> {
        &self.contender
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
        names: &mut Names<'a>,
    ) -> (Vec<Account<'a>>, Vec<Option<RowOf>>) {
        // With room for all that may ask, and made in place: they are large, and there are as many as flags.
        let matched = (0..self.suppliers.len()).filter_map(|supplier| self.verdicts(supplier));
        let most = carried + matched.map(|verdicts| verdicts.matched as usize).sum::<usize>();
        let (mut accounts, mut rows): (Vec<Account<'_>>, _) = (memory::with_room(most), vec![None; carried]);
        for supplier in 0..self.suppliers.len() {
            let Some(verdicts) = self.verdicts(supplier) else { continue };
            let chunks = verdicts.rows().par_chunks(ROWS_A_PART).enumerate();
            let parts: Vec<_> = chunks
                .map(|(part, some)| {
                    let (mut own, mut rows) = (Vec::new(), Vec::new());
                    for (row, verdict) in (part * ROWS_A_PART..).zip(some.iter()) {
                        let place = (supplier, row);
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
            account.contender.household = names.of_unknown_claim(account.claim_ref);
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
        let (supplier, _) = place;
        let keep = self.matched.job.matching.keep;
        let verdicts = self.verdicts(supplier)?;
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
    fn account(&self, place: VerdictRow, basis: Basis, keeps: bool) -> Account<'a> {
        let row = self.row(place);
        let claim = row.verdict.claim;
        let decided = self.verdicts(place.0).and_then(|verdicts| verdicts.decided(row.account));
        let named = decided.map_or("", |decided| decided.claim_ref.as_str());
        let household = claim.map(|claim| self.matched.shared.households[self.scheme].of_claim(claim));
        let claim_ref = claim.map_or(named, |claim| self.persons().claim_ref(claim));
        let household_ref = match household {
            household if household == claim && self.persons().identifies_claim(claim_ref) => claim_ref,
            Some(household) => household_name(self.persons(), household),
            None => named,
        };
        let own = self.suppliers[place.0];
        Account {
            place,
            contender: Contender {
                supplier: &own.supplier.id,
                customer_ref: self.reference(place),
                household: household.unwrap_or_default(),
                household_ref,
                basis,
                home_agrees: false,
                support: row.verdict.support,
                was_delivered: false,
                delivery: self.deliveries[place.0],
                energy_score: self.energy_score(own, &row, claim),
            },
            claim,
            claim_ref,
            person: row.verdict.person,
            keeps,
        }
    }

    /// Finds what decides between accounts that ask for the rebate of the same household.
    pub(super) fn compare(
        &self,
        accounts: &mut [Account<'a>],
        rebates: &[Rebate<'_>],
        names: &Names<'_>,
        published: Option<&Published>,
    ) -> Result<(), PipelineError> {
        let mut has_rebate = vec![false; names.next as usize];
        rebates.iter().for_each(|rebate| has_rebate[rebate.household as usize] = true);
        let mut of_household = vec![0_u8; names.next as usize];
        for account in accounts.iter() {
            let count = &mut of_household[account.contender.household as usize];
            *count = count.saturating_add(1);
        }
        let is_contested = |account: &Account<'_>| of_household[account.contender.household as usize] > 1;
        let mut asked: Vec<HashSet<&str>> = vec![HashSet::new(); self.suppliers.len()];
        let is_open = |account: &&Account<'_>| !has_rebate[account.contender.household as usize];
        for account in accounts.iter().filter(|account| is_contested(account)).filter(is_open) {
            asked[account.place.0].insert(account.contender.customer_ref);
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
            let own = &self.suppliers[account.place.0];
            account.contender.home_agrees =
                own.home_agrees(self.scheme, &self.row(account.place), &self.matched.shared);
            account.contender.was_delivered = delivered[account.place.0].contains(account.contender.customer_ref);
        }
        Ok(())
    }

    /// The energy-cost score at the claimant's UPRN, else at the account's.
    fn energy_score(&self, own: &SupplierMatch<'_>, row: &AccountVerdict, claim: Option<u32>) -> Option<f32> {
        self.matched.job.schemes[self.scheme].limit?;
        let at_claim = claim.and_then(|claim| self.matched.shared.scores.of_claim(claim, self.persons()));
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

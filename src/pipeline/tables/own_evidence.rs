//! Finds what each household's own records say of each account, as if no other household were in the records.

use std::num::NonZeroU32;
use std::ops::Range;

use rayon::prelude::*;

use crate::matching::{Candidate, Holder};
use crate::memory;
use crate::pipeline::accounts::dropped::Kept;
use crate::pipeline::accounts::grouping::Account;
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::publishing::score_bands::{self, WEIGHTS};
use crate::privacy::first_two::{Claimed, FirstTwo};
use crate::scheme::{AccountEvidence, Households, Reason, SchemeView, Verdict, improbable, judge};

/// How far a household is found. A later one is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Found {
    /// No account reaches the posterior of review.
    #[default]
    No,
    /// One does.
    Review,
    /// One reaches the threshold.
    Matched,
}

/// What the accounts say of one household.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub(super) found: Found,
    /// The first group through which an account's energy score makes a claim eligible. It may be missing where a claim
    /// is eligible without that.
    pub(super) group: Option<u8>,
    pub(super) first_two: FirstTwo,
}

/// What tables of accounts show of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) reason: Reason,
    /// The band of the best candidate's weight, by its place; after the last band there is no candidate.
    pub(super) weight: u8,
}

impl Seen {
    /// What an account shows that has no candidate; it may be that some were left out.
    pub(super) fn without_candidate(cut_off: bool) -> Seen {
        Seen { reason: if cut_off { Reason::CutOff } else { Reason::NotFound }, weight: WEIGHTS as u8 }
    }

    /// What an account shows whose candidates are improbable, where the best one's odds are so many bits.
    pub(super) fn improbable(support: f32) -> Seen {
        Seen { reason: Reason::Improbable, weight: score_bands::weight(support) as u8 }
    }
}

impl From<&Verdict> for Seen {
    fn from(verdict: &Verdict) -> Seen {
        let weight = verdict.levels.map_or(WEIGHTS, |_| score_bands::weight(verdict.support));
        Seen { reason: verdict.reason, weight: weight as u8 }
    }
}

/// What an account of several households shows if one of them alone counts there.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfSeveral {
    pub(super) account: u32,
    pub(super) household: u32,
    pub(super) seen: Seen,
}

/// What the accounts say of all households.
pub(super) struct OwnEvidence<'a> {
    pub(super) households: &'a Households,
    /// By the claim that names the household.
    standings: Vec<Standing>,
    /// The number of each supplier's first account among those of all that were matched.
    first_accounts: Vec<u32>,
    /// By supplier and chunk, in the order of accounts.
    of_several: Vec<Vec<Vec<OfSeveral>>>,
}

/// What one household's records say of one account.
struct Pair {
    household: u32,
    found: Found,
    group: Option<u8>,
    claimed: Claimed,
}

impl<'a> OwnEvidence<'a> {
    /// Looks at the accounts of all suppliers that take part in a scheme.
    pub(super) fn gather(matched: &'a Matched<'_>, scheme: usize) -> OwnEvidence<'a> {
        let households = matched.own_households.as_ref();
        let households = households.expect("a run in which tables are due keeps what they need");
        let claims = matched.shared.matcher.persons().claim_count();
        let mut standings: Vec<Standing> = memory::zeroed(claims);
        let suppliers: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
        let before = |sum: &mut u32, supplier: &&SupplierMatch<'_>| {
            Some(std::mem::replace(sum, *sum + supplier.read.accounts.count() as u32))
        };
        let first_accounts: Vec<u32> = suppliers.iter().scan(0, before).collect();
        let mut of_several = Vec::new();
        for (supplier, &first) in suppliers.iter().zip(&first_accounts) {
            let Some(verdicts) = &supplier.verdicts[scheme] else {
                of_several.push(Vec::new());
                continue;
            };
            let view = matched.shared.view(matched.job, scheme);
            let look = Look { shared: &matched.shared, view, households, supplier, verdicts, first };
            let ranges: Vec<Range<usize>> = supplier.read.accounts.ranges().collect();
            let (pairs, several): (Vec<Vec<Pair>>, Vec<_>) =
                ranges.into_par_iter().map(|some| look.pairs(some)).unzip();
            // Each worker takes the pairs of some households, so that no two write to one.
            let some = claims.div_ceil(rayon::current_num_threads()).max(1);
            standings.par_chunks_mut(some).enumerate().for_each(|(part, own)| {
                let first = (part * some) as u32;
                for pair in pairs.iter().flatten() {
                    let place = pair.household.wrapping_sub(first) as usize;
                    own.get_mut(place).into_iter().for_each(|standing| standing.add(pair));
                }
            });
            of_several.push(several);
        }
        OwnEvidence { households, standings, first_accounts, of_several }
    }

    /// The accounts of several households among a chunk of a supplier's accounts, in their order.
    pub(super) fn of_several(&self, supplier: u16, chunk: usize) -> &[OfSeveral] {
        &self.of_several[usize::from(supplier)][chunk]
    }

    /// Whether a household counts as a candidate on a supplier's account.
    pub(super) fn counts_on(&self, household: u32, supplier: u16, account: u32) -> bool {
        let number = number_of(self.first_accounts[usize::from(supplier)], account);
        self.standing(household).first_two.counts_on(number)
    }

    pub(super) fn standing(&self, household: u32) -> &Standing {
        &self.standings[household as usize]
    }
}

impl Pair {
    /// What a household's records say of the account of that number and hash.
    fn new(household: u32, account: NonZeroU32, hash: u32, said: &Said) -> Pair {
        let found = match said.seen.reason {
            Reason::Matched => Found::Matched,
            reason if reason.is_for_review() => Found::Review,
            _ => Found::No,
        };
        Pair { household, found, group: said.group, claimed: Claimed { account, support: said.support, hash } }
    }
}

impl Standing {
    fn add(&mut self, pair: &Pair) {
        self.found = self.found.max(pair.found);
        self.group = self.group.into_iter().chain(pair.group).min();
        self.first_two.offer(pair.claimed);
    }
}

/// The number of an account among those of all suppliers, where the supplier's first has that number.
fn number_of(first: u32, account: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(first + account)
}

/// Decides between accounts on which a household is equally likely. It says nothing about anybody's records.
fn hash_of(supplier: &str, reference: &str) -> u32 {
    let name = [supplier.as_bytes(), reference.as_bytes()].join(&0);
    let [one, two, three, four, ..] = *blake3::hash(&name).as_bytes();
    u32::from_le_bytes([one, two, three, four])
}

/// What the match says of an account with some of its candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Said {
    pub(super) seen: Seen,
    /// The odds of the best candidate in bits.
    support: f32,
    group: Option<u8>,
}

impl From<&Verdict> for Said {
    fn from(verdict: &Verdict) -> Said {
        Said { seen: Seen::from(verdict), support: verdict.support, group: verdict.group }
    }
}

/// What is known of an account, with all candidates of its holders.
pub(super) fn evidence_of<'h>(
    account: Account<'_>,
    holders: &'h [Holder<'h>],
    supplier: &SupplierMatch<'_>,
    shared: &SharedInputs,
    scheme: usize,
) -> AccountEvidence<'h> {
    AccountEvidence {
        holders,
        energy_score: account.energy_score(scheme),
        cut_off: account.standing(scheme).cut_off,
        objected: shared.objections.bars_account(&supplier.supplier.id, account.reference()),
    }
}

/// The candidates of all holders, each with the holder's place.
pub(super) fn candidates_of<'a>(holders: &[Holder<'a>]) -> Vec<(usize, &'a Candidate)> {
    let own = |(place, holder): (usize, &Holder<'a>)| holder.candidates.iter().map(move |one| (place, one));
    holders.iter().enumerate().flat_map(own).collect()
}

/// What the match says of an account with some of its candidates, each with its holder's place. Most pairs that share
/// nothing but a name are improbable, and need not be judged.
pub(super) fn said_of<'c>(
    account: &AccountEvidence<'_>,
    some: impl Iterator<Item = (usize, &'c Candidate)> + Clone,
    view: &SchemeView<'_>,
) -> Said {
    let only_holder = some.clone().map(|(holder, _)| Some(holder)).reduce(|one, other| one.filter(|_| one == other));
    let improbable = only_holder
        .flatten()
        .and_then(|holder| improbable(some.clone().map(|(_, one)| one), account.holders[holder].couple, account, view));
    match improbable {
        Some((support, group)) => Said { seen: Seen::improbable(support), support, group },
        None => Said::from(&judge_with(account, some, view)),
    }
}

/// Judges an account with some of its candidates, each with its holder's place.
pub(super) fn judge_with<'c>(
    account: &AccountEvidence<'_>,
    some: impl Iterator<Item = (usize, &'c Candidate)>,
    view: &SchemeView<'_>,
) -> Verdict {
    let mut candidates: Vec<Vec<Candidate>> = vec![Vec::new(); account.holders.len()];
    some.for_each(|(holder, one)| candidates[holder].push(*one));
    let holders = account.holders.iter().zip(&candidates);
    let holders: Vec<Holder<'_>> =
        holders.map(|(holder, candidates)| Holder { candidates, couple: holder.couple }).collect();
    judge(&AccountEvidence { holders: &holders, ..*account }, view).verdict
}

struct Look<'a> {
    shared: &'a SharedInputs,
    view: SchemeView<'a>,
    households: &'a Households,
    supplier: &'a SupplierMatch<'a>,
    verdicts: &'a Verdicts,
    /// The number of the supplier's first account.
    first: u32,
}

impl Look<'_> {
    /// What households' records say of some accounts, and of those of several households what each alone shows.
    fn pairs(&self, some: Range<usize>) -> (Vec<Pair>, Vec<OfSeveral>) {
        let mut dropped = self.supplier.dropped.walk(&some);
        let (mut pairs, mut several) = (Vec::new(), Vec::new());
        let rows = self.verdicts.rows().among(some);
        for (row, account) in rows.iter().zip(self.supplier.read.accounts.those(rows.accounts())) {
            if !account.standing(self.view.scheme).found {
                continue;
            }
            let number = number_of(self.first, row.account);
            let hash = hash_of(&self.supplier.supplier.id, account.reference());
            let pair = |household, said: &Said| Pair::new(household, number, hash, said);
            match dropped.reach(row.account) {
                Some(Kept::One(household)) => pairs.push(pair(household, &Said::from(&row.of_match()))),
                Some(Kept::Improbable(all)) => {
                    pairs.extend(all.iter().map(|own| {
                        let support = own.support;
                        pair(own.household(), &Said { seen: Seen::improbable(support), support, group: None })
                    }));
                }
                None => self.of_several(account, |household, said| {
                    pairs.push(pair(household, said));
                    several.push(OfSeveral { account: row.account, household, seen: said.seen });
                }),
            }
        }
        (pairs, several)
    }

    /// Judges an account once with the candidates of each household.
    fn of_several(&self, account: Account<'_>, mut say: impl FnMut(u32, &Said)) {
        let holders = account.holders(self.view.scheme);
        let evidence = evidence_of(account, &holders, self.supplier, self.shared, self.view.scheme);
        let all = candidates_of(&holders);
        let household = |(_, one): &(usize, &Candidate)| self.households.of_person(self.view.persons, one.person);
        let mut by_household: Vec<(u32, u32)> = all.iter().map(household).zip(0..).collect();
        by_household.sort_unstable();
        for own in by_household.chunk_by(|one, other| one.0 == other.0) {
            say(own[0].0, &said_of(&evidence, own.iter().map(|(_, place)| all[*place as usize]), &self.view));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{job_with_namesakes, matched};
    use super::*;
    use crate::pipeline::Keep;

    /// Of each household on each account, and of each pair of its candidates' households.
    #[test]
    fn the_improbable_are_shown_as_judging_shows_them() {
        let (_folder, job) = job_with_namesakes();
        let matched = matched(&job, Keep::Candidates);
        let view = matched.shared.view(&job, 0);
        let households = Households::new(view.persons, |_| true);
        let household = |(_, one): &(usize, &Candidate)| households.of_person(view.persons, one.person);
        let (mut improbable, mut others) = (0, 0);
        for supplier in matched.all_suppliers() {
            let accounts = &supplier.read.accounts;
            for account in accounts.each(0..accounts.count()) {
                let holders = account.holders(0);
                let evidence = evidence_of(account, &holders, supplier, &matched.shared, 0);
                let all = candidates_of(&holders);
                let mut names: Vec<u32> = all.iter().map(household).collect();
                names.dedup();
                for pair in names.windows(2).chain(names.windows(1)) {
                    let some = all.iter().copied().filter(|one| pair.contains(&household(one)));
                    let judged = Said::from(&judge_with(&evidence, some.clone(), &view));
                    let said = said_of(&evidence, some, &view);
                    assert_eq!((said.seen, said.support), (judged.seen, judged.support));
                    // Without an energy score, the claim's own group is the only one.
                    assert!(said.group == judged.group || evidence.energy_score.is_none());
                    let count = if said.seen.reason == Reason::Improbable { &mut improbable } else { &mut others };
                    *count += 1;
                }
            }
        }
        assert!(improbable > 0 && others > 0, "{improbable} and {others}");
    }
}

//! Finds what each household's own records say of each account, as if no other household were in the records.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::ops::Range;

use rayon::prelude::*;

use super::own_households::OwnHouseholds;
use crate::matching::{Candidate, Holder};
use crate::pipeline::accounts::grouping::Account;
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::publishing::score_bands::{self, WEIGHTS};
use crate::privacy::first_two::{Claimed, FirstTwo};
use crate::scheme::{AccountEvidence, Judgement, Reason, SchemeView, Verdict, judge};

/// Accounts whose candidates' claims are prefetched together.
const AT_ONCE: usize = 64;

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
    /// The first group through which an account's energy score makes a claim eligible.
    pub(super) group: Option<u8>,
    pub(super) first_two: FirstTwo,
}

/// What tables of accounts show of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    pub(super) households: &'a OwnHouseholds,
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
    /// What the account shows if no other household counts there; `None` if there is no other.
    alone: Option<Seen>,
}

impl<'a> OwnEvidence<'a> {
    /// Looks at the accounts of all suppliers that take part in a scheme.
    pub(super) fn gather(matched: &'a Matched<'_>, scheme: usize) -> OwnEvidence<'a> {
        let households = matched.own_households.as_ref();
        let households = households.expect("a run in which tables are due keeps what they need");
        let mut standings = vec![Standing::default(); matched.shared.matcher.persons().claim_count()];
        let (mut of_several, mut first_accounts, mut next) = (Vec::new(), Vec::new(), 0);
        for supplier in matched.all_suppliers() {
            let first = next;
            first_accounts.push(first);
            next += supplier.read.accounts.count() as u32;
            let Some(verdicts) = &supplier.verdicts[scheme] else {
                of_several.push(Vec::new());
                continue;
            };
            let view = matched.shared.view(matched.job, scheme);
            let look = Look { shared: &matched.shared, view, households, supplier, verdicts, first };
            let chunks: Vec<Vec<Pair>> = supplier.read.accounts.chunks().map(|some| look.pairs(some)).collect();
            for pair in chunks.iter().flatten() {
                let own = &mut standings[pair.household as usize];
                own.found = own.found.max(pair.found);
                own.group = own.group.into_iter().chain(pair.group).min();
                own.first_two.offer(pair.claimed);
            }
            of_several.push(chunks.into_iter().map(|pairs| on_several(pairs, first)).collect());
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

/// The number of an account among those of all suppliers, where the supplier's first has that number.
fn number_of(first: u32, account: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(first + account)
}

fn on_several(pairs: Vec<Pair>, first: u32) -> Vec<OfSeveral> {
    let of_several = |pair: Pair| {
        let account = pair.claimed.account.get() - number_of(first, 0).get();
        pair.alone.map(|seen| OfSeveral { account, household: pair.household, seen })
    };
    pairs.into_iter().filter_map(of_several).collect()
}

/// Judges an account in a scheme with some of its candidates.
pub(super) fn judge_with<'a>(
    account: Account<'_>,
    holders: &'a [Holder<'a>],
    supplier: &SupplierMatch<'_>,
    shared: &'a SharedInputs,
    view: &SchemeView<'a>,
) -> Judgement<'a> {
    let evidence = AccountEvidence {
        holders,
        energy_score: account.energy_score(view.scheme),
        cut_off: account.standing(view.scheme).cut_off,
        objected: shared.objections.bars_account(&supplier.supplier.id, account.reference()),
    };
    judge(&evidence, view)
}

/// The candidates of each holder whose persons are wanted.
pub(super) fn candidates_of(holders: &[Holder<'_>], wanted: impl Fn(u32) -> bool) -> Vec<Vec<Candidate>> {
    let own = |holder: &Holder<'_>| holder.candidates.iter().filter(|one| wanted(one.person)).cloned().collect();
    holders.iter().map(own).collect()
}

/// Holders with other candidates.
pub(super) fn holders_with<'a>(holders: &[Holder<'_>], candidates: &'a [Vec<Candidate>]) -> Vec<Holder<'a>> {
    holders.iter().zip(candidates).map(|(holder, candidates)| Holder { candidates, couple: holder.couple }).collect()
}

struct Look<'a> {
    shared: &'a SharedInputs,
    view: SchemeView<'a>,
    households: &'a OwnHouseholds,
    supplier: &'a SupplierMatch<'a>,
    verdicts: &'a Verdicts,
    /// The number of the supplier's first account.
    first: u32,
}

impl Look<'_> {
    fn pairs(&self, some: Range<usize>) -> Vec<Pair> {
        let (supplier, scheme) = (self.supplier, self.view.scheme);
        let mut of_one = supplier.of_one(some.clone()).iter().peekable();
        let (mut pairs, mut several) = (Vec::new(), Vec::new());
        for row in self.verdicts.rows_of(some) {
            let number = row.account;
            while of_one.next_if(|own| own.account < number).is_some() {}
            let account = supplier.read.accounts.at(number as usize);
            if !account.standing(scheme).found {
                continue;
            }
            if let Some(own) = of_one.next_if(|own| own.account == number) {
                pairs.push(pair(own.household, &row.of_match(), self.claimed(number)));
                continue;
            }
            several.push((number, account.holders(scheme)));
        }
        for some in several.chunks(AT_ONCE) {
            let holders = some.iter().flat_map(|(_, holders)| holders);
            let persons: Vec<u32> = holders.flat_map(|holder| holder.candidates).map(|one| one.person).collect();
            black_box(self.view.prefetch(&persons));
            some.iter().for_each(|(number, holders)| self.of_several(*number, holders, &mut pairs));
        }
        pairs
    }

    /// Judges an account once with the candidates of each household.
    fn of_several(&self, number: u32, holders: &[Holder<'_>], pairs: &mut Vec<Pair>) {
        let account = self.supplier.read.accounts.at(number as usize);
        let household = |one: &Candidate| self.households.of_person(one.person);
        let mut all: Vec<u32> = holders.iter().flat_map(|holder| holder.candidates).map(household).collect();
        all.sort_unstable();
        all.dedup();
        let claimed = self.claimed(number);
        for own in all {
            let candidates = candidates_of(holders, |person| self.households.of_person(person) == own);
            let holders = holders_with(holders, &candidates);
            let verdict = judge_with(account, &holders, self.supplier, self.shared, &self.view).verdict;
            pairs.push(Pair { alone: Some(Seen::from(&verdict)), ..pair(own, &verdict, &claimed) });
        }
    }

    /// A household's claim to an account, by the support of its candidate there.
    fn claimed(&self, number: u32) -> impl Fn(f32) -> Claimed {
        let hash = hash(self.supplier, self.supplier.read.accounts.at(number as usize));
        let account = number_of(self.first, number);
        move |support| Claimed { account, support, hash }
    }
}

fn pair(household: u32, verdict: &Verdict, claimed: impl Fn(f32) -> Claimed) -> Pair {
    let found = match verdict.reason {
        Reason::Matched => Found::Matched,
        reason if reason.is_for_review() => Found::Review,
        _ => Found::No,
    };
    Pair { household, found, group: verdict.group, claimed: claimed(verdict.support), alone: None }
}

/// Decides between accounts on which a household is equally likely. It says nothing about anybody's records.
fn hash(supplier: &SupplierMatch<'_>, account: Account<'_>) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(supplier.supplier.id.as_bytes()).update(&[0]).update(account.reference().as_bytes());
    let [one, two, three, four, ..] = *hasher.finalize().as_bytes();
    u32::from_le_bytes([one, two, three, four])
}

//! Finds what each household's own records say of each account, as if no other household were in the records.

use std::ops::Range;

use rayon::prelude::*;

use crate::matching::{Candidate, Holder, Persons};
use crate::pipeline::accounts::grouping::{Account, Accounts};
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::privacy::first_two::{Claimed, FirstTwo};
use crate::scheme::{AccountEvidence, Households, Judgement, Reason, SchemeView, judge};

/// Accounts that one worker looks at at a time.
pub(super) const ACCOUNTS_A_CHUNK: usize = 1 << 14;

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

/// What the accounts say of all households. A household here is all claims that share a person, whether they are
/// eligible or not: the unit that is protected.
pub(super) struct OwnEvidence {
    pub(super) households: Households,
    /// By the claim that names the household.
    pub(super) standings: Vec<Standing>,
}

/// What one household's records say of one account.
struct Pair {
    household: u32,
    found: Found,
    group: Option<u8>,
    claimed: Claimed,
}

impl OwnEvidence {
    /// Looks at the accounts of all suppliers that take part in a scheme.
    pub(super) fn gather(matched: &Matched<'_>, scheme: usize) -> OwnEvidence {
        let persons = matched.shared.matcher.persons();
        let households = Households::new(persons, |_| true);
        let mut standings = vec![Standing::default(); persons.claim_count()];
        for (place, supplier) in (0..).zip(matched.all_suppliers()) {
            if supplier.verdicts[scheme].is_none() {
                continue;
            }
            let look = Look {
                shared: &matched.shared,
                view: matched.shared.view(matched.job, scheme),
                households: &households,
            };
            let chunks: Vec<Vec<Pair>> =
                chunks(&supplier.read.accounts).map(|some| look.pairs(supplier, place, some)).collect();
            for pair in chunks.into_iter().flatten() {
                let own = &mut standings[pair.household as usize];
                own.found = own.found.max(pair.found);
                own.group = own.group.into_iter().chain(pair.group).min();
                own.first_two.offer(pair.claimed);
            }
        }
        OwnEvidence { households, standings }
    }

    /// The household of a person.
    pub(super) fn of_person(&self, persons: &Persons, person: u32) -> u32 {
        household_of(persons, &self.households, person)
    }

    pub(super) fn standing(&self, household: u32) -> &Standing {
        &self.standings[household as usize]
    }
}

/// Ranges of accounts, to be looked at in parallel.
pub(super) fn chunks(accounts: &Accounts) -> impl IndexedParallelIterator<Item = Range<usize>> + use<> {
    let count = accounts.count();
    (0..count.div_ceil(ACCOUNTS_A_CHUNK))
        .into_par_iter()
        .map(move |chunk| chunk * ACCOUNTS_A_CHUNK..count.min((chunk + 1) * ACCOUNTS_A_CHUNK))
}

fn household_of(persons: &Persons, households: &Households, person: u32) -> u32 {
    // Each row names a claim, so each person is on one.
    persons.claims_of(person).next().map_or(u32::MAX, |claim| households.of_claim(claim))
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
    households: &'a Households,
}

impl Look<'_> {
    fn pairs(&self, supplier: &SupplierMatch<'_>, place: u16, some: Range<usize>) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (number, account) in (some.start as u32..).zip(supplier.read.accounts.each(some)) {
            if !account.standing(self.view.scheme).found {
                continue;
            }
            let holders = account.holders(self.view.scheme);
            let persons = holders.iter().flat_map(|holder| holder.candidates).map(|one| one.person);
            let household = |person| household_of(self.view.persons, self.households, person);
            let mut all: Vec<u32> = persons.map(household).collect();
            all.sort_unstable();
            all.dedup();
            let claimed = |odds| Claimed { account: (place, number), odds, hash: hash(supplier, account) };
            if let [only] = all[..] {
                let judged = judge_with(account, &holders, supplier, self.shared, &self.view);
                pairs.push(pair(only, &judged, claimed));
                continue;
            }
            for own in all {
                let candidates = candidates_of(&holders, |person| household(person) == own);
                let holders = holders_with(&holders, &candidates);
                let judged = judge_with(account, &holders, supplier, self.shared, &self.view);
                pairs.push(pair(own, &judged, claimed));
            }
        }
        pairs
    }
}

fn pair(household: u32, judged: &Judgement<'_>, claimed: impl Fn(f32) -> Claimed) -> Pair {
    let verdict = &judged.verdict;
    let found = match verdict.reason {
        Reason::Matched => Found::Matched,
        reason if reason.is_for_review() => Found::Review,
        _ => Found::No,
    };
    let odds = judged.best_of(|_| true).map_or(0.0, |best| best.odds as f32);
    Pair { household, found, group: verdict.group, claimed: claimed(odds) }
}

/// Decides between accounts on which a household is equally likely. It says nothing about anybody's records.
fn hash(supplier: &SupplierMatch<'_>, account: Account<'_>) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(supplier.supplier.id.as_bytes()).update(&[0]).update(account.reference().as_bytes());
    let [one, two, three, four, ..] = *hasher.finalize().as_bytes();
    u32::from_le_bytes([one, two, three, four])
}

//! Counts accounts on supply by what the match alone says of them, with each household as a candidate on two accounts.

use std::ops::Range;

use rayon::prelude::*;

use super::own_evidence::{OfSeveral, OwnEvidence, Seen, candidates_of, evidence_of, said_of};
use crate::normalise::postcode::{AREAS, place_of};
use crate::pipeline::accounts::dropped::Kept;
use crate::pipeline::accounts::grouping::Account;
use crate::pipeline::accounts::traits::{ByKind, Flagged, Kind};
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::publishing::score_bands::WEIGHTS;
use crate::privacy::counted::Counted;
use crate::release::{AnalystOutcome, AnalystTable};
use crate::scheme::{Reason, SchemeView};

/// Flat or house, and whether the first holder's date of birth is known.
pub(super) const KINDS: [&str; 4] =
    ["flat, birth date known", "flat, birth date unknown", "house, birth date known", "house, birth date unknown"];

/// What the first holder's name shows of its origin.
pub(super) const ORIGINS: [&str; 4] = ["diacritics and particle", "diacritics", "particle", "neither"];

/// Why the match alone does not flag an account.
pub(super) const REASONS: [Reason; 14] = [
    Reason::NotFound,
    Reason::Improbable,
    Reason::NotEligible,
    Reason::Ambiguous,
    Reason::BirthDateContradicts,
    Reason::ForenameDiffers,
    Reason::MiddleNameDiffers,
    Reason::SurnameDiffers,
    Reason::DwellingDiffers,
    Reason::InitialOnly,
    Reason::Uncertain,
    Reason::CutOff,
    Reason::NotDecidable,
    Reason::Objected,
];

/// What tables of accounts show of the accounts on supply. Accounts are counted by what they show, and not each in each
/// table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counts {
    /// By supplier, in the order of the scheme's suppliers in the table.
    suppliers: Vec<Flagged>,
    kinds: ByKind,
    /// By reason, those of [`REASONS`] first, then flagged ones, then others; and by weight.
    seen: [[u32; WEIGHTS + 1]; REASONS.len() + 2],
}

/// The place in [`Counts::seen`] of flagged accounts.
const FLAGGED: usize = REASONS.len();

impl Counts {
    fn new(suppliers: usize) -> Counts {
        let suppliers = vec![Flagged::default(); suppliers];
        Counts { suppliers, kinds: ByKind::new(), seen: [[0; WEIGHTS + 1]; REASONS.len() + 2] }
    }

    /// Counts what so many accounts show.
    fn add(&mut self, seen: Seen, count: u32) {
        let reason = match seen.reason {
            Reason::Matched => FLAGGED,
            reason => REASONS.iter().position(|own| *own == reason).unwrap_or(FLAGGED + 1),
        };
        self.seen[reason][usize::from(seen.weight)] += count;
    }

    fn and(mut self, other: &Counts) -> Counts {
        self.suppliers.iter_mut().zip(&other.suppliers).for_each(|(all, own)| *all = all.and(*own));
        let seen = self.seen.as_flattened_mut().iter_mut().zip(other.seen.as_flattened());
        seen.for_each(|(all, own)| *all += own);
        Counts { kinds: self.kinds.and(&other.kinds), ..self }
    }
}

/// Adds all accounts on supply in a scheme to tables of accounts.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence<'_>, empty: &[Counted]) -> Vec<Counted> {
    let suppliers = super::parts(matched.job, scheme, AnalystTable::AccountsBySupplier);
    let view = matched.shared.view(matched.job, scheme);
    let looks = (0..).zip(matched.all_suppliers()).filter_map(|(place, supplier)| {
        let part = suppliers.iter().position(|id| *id == supplier.supplier.id)?;
        Some(Look { matched, supplier, verdicts: supplier.verdicts[scheme].as_ref()?, place, part, own, view })
    });
    let looks: Vec<Look<'_>> = looks.collect();
    let chunks = looks.iter().flat_map(|look| {
        let ranges = look.supplier.read.accounts.ranges().enumerate();
        ranges.map(move |(chunk, some)| (look, some, own.of_several(look.place, chunk)))
    });
    let chunks: Vec<(&Look<'_>, Range<usize>, &[OfSeveral])> = chunks.collect();
    let none = || Counts::new(suppliers.len());
    let counts = chunks.into_par_iter().fold(none, |counts, (look, some, several)| look.count(some, several, counts));
    let counts = counts.reduce(none, |all, own| all.and(&own));
    let mut counted: Vec<Counted> = empty.iter().map(Counted::emptied).collect();
    counted.iter_mut().for_each(|table| fill(table, &counts));
    counted
}

/// The accounts of one supplier.
struct Look<'a> {
    matched: &'a Matched<'a>,
    supplier: &'a SupplierMatch<'a>,
    verdicts: &'a Verdicts,
    /// Its place among all suppliers that were matched.
    place: u16,
    /// Its part in the table by supplier.
    part: usize,
    own: &'a OwnEvidence<'a>,
    view: SchemeView<'a>,
}

impl Look<'_> {
    /// Counts some accounts; `several` has those with candidates of several households.
    fn count(&self, some: Range<usize>, several: &[OfSeveral], mut counts: Counts) -> Counts {
        let (accounts, scheme) = (&self.supplier.read.accounts, self.view.scheme);
        let mut own = Flagged::default();
        accounts.each(some.clone()).filter(|account| account.is_on_supply(scheme)).for_each(|account| {
            counts.kinds.add(account.packed_traits());
            own.on_supply += 1;
        });
        let mut without_row = own.on_supply;
        let mut several = several.chunk_by(|one, other| one.account == other.account).peekable();
        let mut dropped = self.supplier.dropped.walk(&some);
        let rows = self.verdicts.rows().among(some);
        for (row, account) in rows.iter().zip(accounts.those(rows.accounts())) {
            let number = row.account;
            let of_several = several.next_if(|own| own[0].account == number);
            let standing = account.standing(scheme);
            if !standing.on_supply {
                continue;
            }
            without_row -= 1;
            let seen = match (dropped.reach(number), of_several) {
                (Some(Kept::One(household)), _) if standing.found && self.counts(household, number) => {
                    Seen::from(&row.of_match())
                }
                (Some(Kept::Improbable(all)), _) if standing.found => {
                    let counted = all.iter().filter(|own| self.counts(own.household(), number));
                    let best = counted.map(|own| own.support).reduce(f32::max);
                    best.map_or_else(|| Seen::without_candidate(standing.cut_off), Seen::improbable)
                }
                (None, Some(all)) => {
                    let mut counted = all.iter().filter(|own| self.counts(own.household, number));
                    match (counted.next(), counted.count()) {
                        (None, _) => Seen::without_candidate(standing.cut_off),
                        (Some(only), 0) => only.seen,
                        (Some(_), others) if others + 1 == all.len() => Seen::from(&row.of_match()),
                        _ => self.seen(number, account),
                    }
                }
                _ => Seen::without_candidate(standing.cut_off),
            };
            counts.add(seen, 1);
            if seen.reason == Reason::Matched {
                counts.kinds.add_flag(account.packed_traits());
                own.flagged += 1;
            }
        }
        counts.add(Seen::without_candidate(false), without_row);
        counts.suppliers[self.part] = counts.suppliers[self.part].and(own);
        counts
    }

    /// Whether a household counts as a candidate on an account.
    fn counts(&self, household: u32, account: u32) -> bool {
        self.own.counts_on(household, self.place, account)
    }

    /// What the match shows of an account with the households alone that count as candidates there.
    fn seen(&self, number: u32, account: Account<'_>) -> Seen {
        let holders = account.holders(self.view.scheme);
        let mut some = candidates_of(&holders);
        some.retain(|(_, one)| self.counts(self.own.households.of_person(self.view.persons, one.person), number));
        let evidence = evidence_of(account, &holders, self.supplier, &self.matched.shared, self.view.scheme);
        said_of(&evidence, some.into_iter(), &self.view).seen
    }
}

/// Adds accounts to a table.
fn fill(table: &mut Counted, counts: &Counts) {
    let by_kind = |part: &dyn Fn(&Kind) -> usize| counts.kinds.each().map(|(kind, own)| (part(&kind), own)).collect();
    let pair = |first: bool, second: bool| 2 * usize::from(!first) + usize::from(!second);
    let of_weight = |weight: usize| {
        let on_supply = counts.seen.iter().map(|of_reason| of_reason[weight]).sum();
        (weight, Flagged { on_supply, flagged: counts.seen[FLAGGED][weight] })
    };
    let of_reason = |reason: usize| (reason, Flagged { on_supply: counts.seen[reason].iter().sum(), flagged: 0 });
    let parts: Vec<(usize, Flagged)> = match table.table() {
        AnalystTable::AccountsBySupplier => counts.suppliers.iter().copied().enumerate().collect(),
        AnalystTable::AccountsByArea => by_kind(&|kind| place_of(kind.letters().as_bytes()).unwrap_or(AREAS.len())),
        AnalystTable::AccountsByKind => by_kind(&|kind| pair(kind.flat, kind.birth_date)),
        AnalystTable::AccountsByNameOrigin => by_kind(&|kind| pair(kind.diacritics, kind.particle)),
        AnalystTable::AccountsByWeight => (0..=WEIGHTS).map(of_weight).collect(),
        AnalystTable::AccountsByReason => (0..REASONS.len()).map(of_reason).collect(),
        _ => Vec::new(),
    };
    for (part, Flagged { on_supply, flagged }) in parts {
        table.add(part, AnalystOutcome::Flagged, u64::from(flagged));
        table.add(part, AnalystOutcome::Unflagged, u64::from(on_supply - flagged));
    }
}

#[cfg(test)]
mod tests {
    use super::super::own_evidence::judge_with;
    use super::super::tests::{job_with_namesakes, matched};
    use super::*;
    use crate::pipeline::Keep;
    use crate::pipeline::accounts::grouping::ACCOUNTS_A_CHUNK;

    /// The plain way: each account is judged with the candidates of the households that count there.
    fn plainly(look: &Look<'_>) -> Counts {
        let (mut counts, accounts, scheme) = (Counts::new(1), &look.supplier.read.accounts, look.view.scheme);
        for (number, account) in (0..).zip(accounts.each(0..accounts.count())) {
            if !account.standing(scheme).on_supply {
                continue;
            }
            let holders = account.holders(scheme);
            let mut some = candidates_of(&holders);
            let household = |person| look.own.households.of_person(look.view.persons, person);
            some.retain(|(_, one)| look.counts(household(one.person), number));
            let evidence = evidence_of(account, &holders, look.supplier, &look.matched.shared, scheme);
            let seen = Seen::from(&judge_with(&evidence, some.into_iter(), &look.view));
            let is_flagged = seen.reason == Reason::Matched;
            counts.add(seen, 1);
            counts.kinds.add(account.packed_traits());
            (0..u8::from(is_flagged)).for_each(|_| counts.kinds.add_flag(account.packed_traits()));
            counts.suppliers[0] = counts.suppliers[0].and(Flagged { on_supply: 1, flagged: u32::from(is_flagged) });
        }
        counts
    }

    #[test]
    fn accounts_show_what_judging_each_anew_shows() {
        let (_folder, job) = job_with_namesakes();
        let (kept, all) = (matched(&job, Keep::ForTables), matched(&job, Keep::Candidates));
        let own = OwnEvidence::gather(&kept, 0);
        let (mut of_one, mut improbable, mut none, mut one, mut some, mut each) = (0, 0, 0, 0, 0, 0);
        for (place, (supplier, plain)) in (0..).zip(kept.all_suppliers().zip(all.all_suppliers())) {
            let fast = Look {
                matched: &kept,
                supplier,
                verdicts: supplier.verdicts[0].as_ref().unwrap(),
                place,
                part: 0,
                own: &own,
                view: kept.shared.view(&job, 0),
            };
            let plain = Look {
                matched: &all,
                supplier: plain,
                verdicts: plain.verdicts[0].as_ref().unwrap(),
                place,
                part: 0,
                own: &own,
                view: all.shared.view(&job, 0),
            };
            let several = own.of_several(place, 0);
            let count = supplier.read.accounts.count();
            assert!(count <= ACCOUNTS_A_CHUNK, "one chunk has all accounts");
            assert_eq!(fast.count(0..count, several, Counts::new(1)), plainly(&plain), "{}", supplier.supplier.id);
            let mut dropped = supplier.dropped.walk(&(0..count));
            for kept in (0..count as u32).filter_map(|account| dropped.reach(account)) {
                match kept {
                    Kept::One(_) => of_one += 1,
                    Kept::Improbable(_) => improbable += 1,
                }
            }
            for all in several.chunk_by(|one, other| one.account == other.account) {
                match all.iter().filter(|own| fast.counts(own.household, own.account)).count() {
                    0 => none += 1,
                    counted if counted == all.len() => each += 1,
                    1 => one += 1,
                    _ => some += 1,
                }
            }
        }
        let met = [of_one, improbable, none, one, some, each];
        assert!(met.iter().all(|count| *count > 0), "each case is met: {met:?}");
    }
}

//! Counts<Shown> accounts on supply by what the match alone says of them, with each household as a candidate on two accounts.

use std::ops::Range;

use rayon::prelude::*;

use super::own_evidence::{OfSeveral, OwnEvidence, Seen, candidates_of, holders_with, judge_with};
use super::{Counts, joined};
use crate::normalise::postcode::{AREAS, place_of};
use crate::pipeline::accounts::grouping::Account;
use crate::pipeline::accounts::traits::Traits;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
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

/// What tables of accounts show of an account. Many accounts are alike, so that these are counted, and not each account
/// in each table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Shown {
    /// By [`area`].
    area: u8,
    /// By [`KINDS`].
    kind: u8,
    /// By [`ORIGINS`].
    origin: u8,
    seen: Seen,
}

/// Adds all accounts on supply in a scheme to tables of accounts.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence<'_>, empty: &[Counted]) -> Vec<Counted> {
    let tables = super::parts(matched.job, scheme, AnalystTable::AccountsBySupplier);
    let view = matched.shared.view(matched.job, scheme);
    let mut counted: Vec<Counted> = empty.iter().map(Counted::emptied).collect();
    for (place, supplier) in (0..).zip(matched.all_suppliers()) {
        let part = tables.iter().position(|id| *id == supplier.supplier.id);
        let (Some(part), Some(verdicts)) = (part, &supplier.verdicts[scheme]) else { continue };
        let look = Look { matched, supplier, verdicts, place, own, view };
        let counts = supplier
            .read
            .accounts
            .chunks()
            .enumerate()
            .fold(Counts::default, |counts, (chunk, some)| look.count(some, own.of_several(place, chunk), counts));
        let counts = counts.reduce(Counts::default, joined);
        for (shown, count) in counts {
            counted.iter_mut().for_each(|table| add(table, shown, part, count));
        }
    }
    counted
}

/// The accounts of one supplier.
struct Look<'a> {
    matched: &'a Matched<'a>,
    supplier: &'a SupplierMatch<'a>,
    verdicts: &'a Verdicts,
    /// Its place among all suppliers that were matched.
    place: u16,
    own: &'a OwnEvidence<'a>,
    view: SchemeView<'a>,
}

impl Look<'_> {
    /// Counts<Shown> some accounts; `several` has those with candidates of several households.
    fn count(&self, some: Range<usize>, several: &[OfSeveral], mut counts: Counts<Shown>) -> Counts<Shown> {
        let mut several = several.chunk_by(|one, other| one.account == other.account).peekable();
        let mut rows = self.verdicts.rows_of(some.clone()).iter().peekable();
        let mut of_one = self.supplier.of_one(some.clone()).iter().peekable();
        for (number, account) in (some.start as u32..).zip(self.supplier.read.accounts.each(some)) {
            let row = rows.next_if(|row| row.account == number);
            let of_one = of_one.next_if(|own| own.account == number);
            let of_several = several.next_if(|own| own[0].account == number);
            let standing = account.standing(self.view.scheme);
            if !standing.on_supply {
                continue;
            }
            let seen = match (row, of_one, of_several) {
                (Some(row), Some(own), _) if standing.found && self.counts(own.household, number) => {
                    Seen::from(&row.of_match())
                }
                (Some(row), None, Some(all)) => {
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
            *counts.entry(Shown::new(&account.traits(), seen)).or_default() += 1;
        }
        counts
    }

    /// Whether a household counts as a candidate on an account.
    fn counts(&self, household: u32, account: u32) -> bool {
        self.own.counts_on(household, self.place, account)
    }

    /// What the match shows of an account with the households alone that count as candidates there.
    fn seen(&self, number: u32, account: Account<'_>) -> Seen {
        let holders = account.holders(self.view.scheme);
        let candidates = candidates_of(&holders, |person| self.counts(self.own.households.of_person(person), number));
        let holders = holders_with(&holders, &candidates);
        Seen::from(&judge_with(account, &holders, self.supplier, &self.matched.shared, &self.view).verdict)
    }
}

impl Shown {
    fn new(traits: &Traits, seen: Seen) -> Shown {
        let pair = |first: bool, second: bool| 2 * u8::from(!first) + u8::from(!second);
        Shown {
            area: area(traits) as u8,
            kind: pair(traits.flat, traits.birth_date),
            origin: pair(traits.diacritics, traits.particle),
            seen,
        }
    }
}

/// Adds accounts of a supplier to a table.
fn add(counted: &mut Counted, shown: Shown, supplier: usize, count: u64) {
    let Shown { area, kind, origin, seen } = shown;
    let part = match counted.table() {
        AnalystTable::AccountsBySupplier => supplier,
        AnalystTable::AccountsByArea => usize::from(area),
        AnalystTable::AccountsByKind => usize::from(kind),
        AnalystTable::AccountsByNameOrigin => usize::from(origin),
        AnalystTable::AccountsByWeight => usize::from(seen.weight),
        AnalystTable::AccountsByReason => match REASONS.iter().position(|own| *own == seen.reason) {
            Some(part) => part,
            None => return,
        },
        _ => 0,
    };
    let is_flagged = seen.reason == Reason::Matched;
    counted.add(part, if is_flagged { AnalystOutcome::Flagged } else { AnalystOutcome::Unflagged }, count);
}

/// The place of a postcode area among all; the last is for none and for what is no area.
fn area(traits: &Traits) -> usize {
    let letters = traits.area.split(|letter| *letter == 0).next().unwrap_or_default();
    place_of(letters).unwrap_or(AREAS.len())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{add_namesakes, nation};
    use super::*;
    use crate::job::Job;
    use crate::pipeline::accounts::grouping::ACCOUNTS_A_CHUNK;
    use crate::pipeline::{Keep, Options, StageTimer, match_all};
    use crate::progress::Unwatched;

    /// The plain way: each account is judged with the candidates of the households that count there.
    fn plainly(look: &Look<'_>) -> Counts<Shown> {
        let mut counts = Counts::default();
        for (number, account) in (0..).zip(look.supplier.read.accounts.each(0..look.supplier.read.accounts.count())) {
            if account.standing(look.view.scheme).on_supply {
                let shown = Shown::new(&account.traits(), look.seen(number, account));
                *counts.entry(shown).or_default() += 1;
            }
        }
        counts
    }

    #[test]
    fn accounts_show_what_judging_each_anew_shows() {
        let folder = tempfile::tempdir().unwrap();
        nation(folder.path());
        add_namesakes(folder.path());
        let job = Job::read(&folder.path().join("job.toml")).unwrap();
        let matched = |keep| match_all(&job, &Options::default(), keep, &StageTimer::new(&Unwatched)).unwrap();
        let (kept, all) = (matched(Keep::ForTables), matched(Keep::Candidates));
        let own = OwnEvidence::gather(&kept, 0);
        let (mut of_one, mut none, mut one, mut some, mut each) = (0, 0, 0, 0, 0);
        for (place, (supplier, plain)) in (0..).zip(kept.all_suppliers().zip(all.all_suppliers())) {
            let fast = Look {
                matched: &kept,
                supplier,
                verdicts: supplier.verdicts[0].as_ref().unwrap(),
                place,
                own: &own,
                view: kept.shared.view(&job, 0),
            };
            let plain = Look {
                matched: &all,
                supplier: plain,
                verdicts: plain.verdicts[0].as_ref().unwrap(),
                place,
                own: &own,
                view: all.shared.view(&job, 0),
            };
            let several = own.of_several(place, 0);
            let count = supplier.read.accounts.count();
            assert!(count <= ACCOUNTS_A_CHUNK, "one chunk has all accounts");
            assert_eq!(fast.count(0..count, several, Counts::default()), plainly(&plain), "{}", supplier.supplier.id);
            of_one += supplier.of_one(0..count).len();
            for all in several.chunk_by(|one, other| one.account == other.account) {
                match all.iter().filter(|own| fast.counts(own.household, own.account)).count() {
                    0 => none += 1,
                    counted if counted == all.len() => each += 1,
                    1 => one += 1,
                    _ => some += 1,
                }
            }
        }
        let met = [of_one, none, one, some, each];
        assert!(met.iter().all(|count| *count > 0), "each case is met: {met:?}");
    }
}

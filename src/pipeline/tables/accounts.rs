//! Counts accounts on supply by what the match alone says of them, with each household as a candidate on two accounts.

use std::ops::Range;

use rayon::prelude::*;

use super::both;
use super::own_evidence::{OwnEvidence, candidates_of, chunks, holders_with, judge_with};
use crate::normalise::postcode::AREAS;
use crate::pipeline::accounts::grouping::Account;
use crate::pipeline::accounts::traits::Traits;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::publishing::score_bands::{self, WEIGHTS};
use crate::privacy::counted::Counted;
use crate::release::{AnalystOutcome, AnalystTable};
use crate::scheme::{Judgement, Reason, SchemeView, Verdict};

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

/// Adds all accounts on supply in a scheme to tables of accounts.
pub(super) fn count(matched: &Matched<'_>, scheme: usize, own: &OwnEvidence, empty: &[Counted]) -> Vec<Counted> {
    let tables = super::parts(matched.job, scheme, AnalystTable::AccountsBySupplier);
    let view = matched.shared.view(matched.job, scheme);
    let fresh = || empty.iter().map(Counted::emptied).collect();
    let mut counted: Vec<Counted> = fresh();
    for (place, supplier) in (0..).zip(matched.all_suppliers()) {
        let part = tables.iter().position(|id| *id == supplier.supplier.id);
        let Some(part) = part.filter(|_| supplier.verdicts[scheme].is_some()) else { continue };
        let look = Look { matched, supplier, place, part, own, view };
        let of_supplier =
            chunks(&supplier.read.accounts).fold(fresh, |tables, some| look.count(some, tables)).reduce(fresh, both);
        counted = both(counted, of_supplier);
    }
    counted
}

/// The accounts of one supplier.
struct Look<'a> {
    matched: &'a Matched<'a>,
    supplier: &'a SupplierMatch<'a>,
    /// Its place among all suppliers that were matched.
    place: u16,
    /// Its part of the table by supplier.
    part: usize,
    own: &'a OwnEvidence,
    view: SchemeView<'a>,
}

impl Look<'_> {
    fn count(&self, some: Range<usize>, mut tables: Vec<Counted>) -> Vec<Counted> {
        for (number, account) in (some.start as u32..).zip(self.supplier.read.accounts.each(some)) {
            if !account.is_on_supply(self.view.scheme) {
                continue;
            }
            let verdict = self.verdict(number, account);
            let traits = account.traits();
            tables.iter_mut().for_each(|table| count_one(table, &verdict, &traits, self.part));
        }
        tables
    }

    /// The verdict of the match with the households alone that count as candidates on the account.
    fn verdict(&self, number: u32, account: Account<'_>) -> Verdict {
        let standing = account.standing(self.view.scheme);
        if !standing.found && !standing.cut_off {
            return Judgement::without_candidate(Reason::NotFound).verdict;
        }
        let holders = account.holders(self.view.scheme);
        let counts = |person: u32| {
            let household = self.own.of_person(self.view.persons, person);
            self.own.standing(household).first_two.counts_on((self.place, number))
        };
        let candidates = candidates_of(&holders, counts);
        let holders = holders_with(&holders, &candidates);
        judge_with(account, &holders, self.supplier, &self.matched.shared, &self.view).verdict
    }
}

fn count_one(counted: &mut Counted, verdict: &Verdict, traits: &Traits, supplier: usize) {
    let part = match counted.table() {
        AnalystTable::AccountsBySupplier => supplier,
        AnalystTable::AccountsByArea => area(traits),
        AnalystTable::AccountsByKind => 2 * usize::from(!traits.flat) + usize::from(!traits.birth_date),
        AnalystTable::AccountsByNameOrigin => 2 * usize::from(!traits.diacritics) + usize::from(!traits.particle),
        AnalystTable::AccountsByWeight if verdict.levels.is_some() => score_bands::weight(verdict.support),
        AnalystTable::AccountsByWeight => WEIGHTS,
        AnalystTable::AccountsByReason => match REASONS.iter().position(|own| *own == verdict.reason) {
            Some(part) => part,
            None => return,
        },
        _ => 0,
    };
    let outcome = if verdict.is_eligible() { AnalystOutcome::Flagged } else { AnalystOutcome::Unflagged };
    counted.add(part, outcome);
}

/// The place of a postcode area among all; the last is for none and for what is no area.
fn area(traits: &Traits) -> usize {
    let letters = traits.area.split(|letter| *letter == 0).next().unwrap_or_default();
    AREAS.binary_search_by(|own| own.as_bytes().cmp(letters)).unwrap_or(AREAS.len())
}

//! Counts the accounts on supply in one scheme: flagged shares by kind of account, and how accounts were found.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::share;
use crate::matching::KeyKind;
use crate::normalise::postcode::region;
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::accounts::traits::Traits;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::{AccountVerdict, Verdicts};
use crate::pipeline::publishing::score_bands::{self, WEIGHT_NAMES, WEIGHTS};
use crate::release::{FigureBreakdown, ReleaseError};
use crate::scheme::Reason;

/// Accounts that one worker counts at a time.
const ACCOUNTS_A_CHUNK: usize = 1 << 16;

const KEYS: usize = KeyKind::ALL.len();

/// Accounts on supply, and how many of them are flagged.
#[derive(Debug, Clone, Copy, Default)]
struct Flagged {
    on_supply: u64,
    flagged: u64,
}

/// Accounts by kind. An account is of one kind.
type ByKind = HashMap<Kind, Flagged, RandomState>;

/// A kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    area: [u8; 2],
    birth_date: bool,
    flat: bool,
    diacritics: bool,
    particle: bool,
}

impl From<Traits> for Kind {
    fn from(traits: Traits) -> Kind {
        let Traits { area, birth_date, flat, diacritics, particle, .. } = traits;
        Kind { area, birth_date, flat, diacritics, particle }
    }
}

impl Kind {
    fn area(&self) -> String {
        let letters = self.area.iter().take_while(|letter| **letter != 0);
        let area: String = letters.map(|letter| char::from(*letter)).collect();
        if area.is_empty() { "none".to_owned() } else { area }
    }

    fn name_origin(&self) -> &'static str {
        match (self.diacritics, self.particle) {
            (true, true) => "diacritics and particle",
            (true, false) => "diacritics",
            (false, true) => "particle",
            (false, false) => "neither",
        }
    }
}

/// How the accounts with a candidate were found.
#[derive(Clone, Default)]
struct Found {
    keys: [u64; KEYS],
    only_keys: [u64; KEYS],
    /// By band, unflagged and flagged.
    weights: [[u64; 2]; WEIGHTS],
    posteriors: BTreeMap<&'static str, [u64; 2]>,
    /// Of accounts that are not flagged.
    reasons: BTreeMap<Reason, u64>,
}

impl Found {
    fn add(&mut self, row: &AccountVerdict) {
        let verdict = &row.verdict;
        if verdict.levels.is_some() {
            self.weights[score_bands::weight(verdict.support)][usize::from(row.flag)] += 1;
            let band = score_bands::posterior(verdict.posterior);
            self.posteriors.entry(band).or_default()[usize::from(row.flag)] += 1;
        }
        if row.flag {
            for kind in KeyKind::ALL {
                self.keys[kind as usize] += u64::from(verdict.keys & kind.bit() != 0);
                self.only_keys[kind as usize] += u64::from(verdict.keys == kind.bit());
            }
        } else {
            *self.reasons.entry(verdict.reason).or_default() += 1;
        }
    }

    fn and(mut self, other: Found) -> Found {
        let add = |all: &mut [u64], own: &[u64]| all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
        add(&mut self.keys, &other.keys);
        add(&mut self.only_keys, &other.only_keys);
        self.weights.iter_mut().zip(&other.weights).for_each(|(all, own)| add(all, own));
        for (band, own) in &other.posteriors {
            add(self.posteriors.entry(band).or_default(), own);
        }
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self
    }
}

/// The accounts of the suppliers that a run is for, held back or not, in one scheme.
pub(crate) struct AccountCounts {
    suppliers: Vec<(String, Flagged)>,
    kinds: ByKind,
    found: Found,
}

impl AccountCounts {
    /// Counts the accounts of a scheme.
    pub(crate) fn new(matched: &Matched<'_>, scheme: usize) -> AccountCounts {
        let (mut suppliers, mut kinds, mut found) = (Vec::new(), ByKind::default(), Found::default());
        for supplier in &matched.suppliers {
            let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
            let own = by_kind(supplier, verdicts, scheme);
            let sum = own.values().fold(Flagged::default(), |sum, own| sum.and(*own));
            suppliers.push((supplier.supplier.id.clone(), sum));
            kinds = joined(kinds, own);
            let rows = verdicts.of_accounts.par_chunks(ACCOUNTS_A_CHUNK);
            let is_on_supply =
                |row: &&AccountVerdict| supplier.read.accounts.at(row.account as usize).is_on_supply(scheme);
            let own = rows.map(|rows| {
                let mut found = Found::default();
                rows.iter().filter(is_on_supply).for_each(|row| found.add(row));
                found
            });
            found = found.and(own.reduce(Found::default, Found::and));
        }
        AccountCounts { suppliers, kinds, found }
    }

    /// Passes each figure to `take`: breakdown, part, outcome, count and share.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(FigureBreakdown, &str, &str, u64, Option<f64>) -> Result<(), ReleaseError>,
    ) -> Result<(), ReleaseError> {
        let mut flagged = |breakdown, part: &str, own: &Flagged| {
            take(breakdown, part, "on-supply", own.on_supply, None)?;
            take(breakdown, part, "flagged", own.flagged, share(own.flagged, own.on_supply))
        };
        flagged(FigureBreakdown::All, "", &self.by(|_| ()).remove(&()).unwrap_or_default())?;
        for (supplier, own) in &self.suppliers {
            flagged(FigureBreakdown::Supplier, supplier, own)?;
        }
        for (part, own) in self.by(|kind| region::part_of(&kind.area())) {
            flagged(FigureBreakdown::Region, region::name(part), &own)?;
        }
        for (area, own) in self.by(Kind::area) {
            flagged(FigureBreakdown::Area, &area, &own)?;
        }
        for (is_flat, own) in self.by(|kind| kind.flat) {
            flagged(FigureBreakdown::Home, if is_flat { "flat" } else { "house" }, &own)?;
        }
        for (is_known, own) in self.by(|kind| kind.birth_date) {
            flagged(FigureBreakdown::BirthDate, if is_known { "known" } else { "unknown" }, &own)?;
        }
        for (origin, own) in self.by(Kind::name_origin) {
            flagged(FigureBreakdown::NameOrigin, origin, &own)?;
        }
        let found = &self.found;
        let all = self.kinds.values().map(|own| own.flagged).sum();
        for (breakdown, counts) in [(FigureBreakdown::Key, &found.keys), (FigureBreakdown::OnlyKey, &found.only_keys)] {
            for kind in KeyKind::ALL {
                let count = counts[kind as usize];
                take(breakdown, kind.name(), "flagged", count, share(count, all))?;
            }
        }
        let bands =
            WEIGHT_NAMES.iter().map(String::as_str).zip(found.weights).map(|own| (FigureBreakdown::Weight, own));
        let posteriors = score_bands::posteriors();
        let posteriors = posteriors.map(|band| (band, found.posteriors.get(band).copied().unwrap_or_default()));
        for (breakdown, (band, [unflagged, flagged])) in
            bands.chain(posteriors.map(|own| (FigureBreakdown::Posterior, own)))
        {
            let whole = unflagged + flagged;
            take(breakdown, band, "flagged", flagged, share(flagged, whole))?;
            take(breakdown, band, "unflagged", unflagged, share(unflagged, whole))?;
        }
        let whole = found.reasons.values().sum();
        for reason in Reason::of_unflagged() {
            let count = found.reasons.get(&reason).copied().unwrap_or(0);
            take(FigureBreakdown::Reason, reason.name(), "unflagged", count, share(count, whole))?;
        }
        Ok(())
    }

    /// Sums the kinds that `part` names the same.
    fn by<P: Ord>(&self, part: impl Fn(&Kind) -> P) -> BTreeMap<P, Flagged> {
        let mut parts: BTreeMap<P, Flagged> = BTreeMap::new();
        for (kind, own) in &self.kinds {
            let sum = parts.entry(part(kind)).or_default();
            *sum = sum.and(*own);
        }
        parts
    }
}

impl Flagged {
    fn and(self, other: Flagged) -> Flagged {
        Flagged { on_supply: self.on_supply + other.on_supply, flagged: self.flagged + other.flagged }
    }
}

fn joined(mut all: ByKind, own: ByKind) -> ByKind {
    for (kind, own) in own {
        let sum = all.entry(kind).or_default();
        *sum = sum.and(own);
    }
    all
}

/// Counts a supplier's accounts on supply.
fn by_kind(supplier: &SupplierMatch<'_>, verdicts: &Verdicts, scheme: usize) -> ByKind {
    let accounts = &supplier.read.accounts;
    let flagged: Vec<u32> = verdicts.flagged().collect();
    let starts: Vec<usize> = (0..accounts.count()).step_by(ACCOUNTS_A_CHUNK).collect();
    starts
        .par_iter()
        .map(|&start| count(accounts, start..accounts.count().min(start + ACCOUNTS_A_CHUNK), &flagged, scheme))
        .reduce(ByKind::default, joined)
}

/// Counts some accounts. `flagged` has the flagged accounts, in order.
fn count(accounts: &Accounts, some: Range<usize>, flagged: &[u32], scheme: usize) -> ByKind {
    let mut ahead = &flagged[flagged.partition_point(|account| (*account as usize) < some.start)..];
    let mut counts = ByKind::default();
    for (number, account) in (some.start..).zip(accounts.each(some)) {
        let is_flagged = ahead.first().is_some_and(|first| *first as usize == number);
        ahead = &ahead[usize::from(is_flagged)..];
        if account.is_on_supply(scheme) {
            let own = counts.entry(Kind::from(account.traits())).or_default();
            own.on_supply += 1;
            own.flagged += u64::from(is_flagged);
        }
    }
    counts
}

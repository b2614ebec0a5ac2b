//! Counts the accounts on supply in one scheme: flagged shares by kind of account, and how accounts were found.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::share;
use crate::matching::KeyKind;
use crate::normalise::postcode::region;
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::accounts::traits::{ByKind, Flagged, Kind};
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::publishing::score_bands::{self, POSTERIORS, WEIGHT_NAMES, WEIGHTS};
use crate::release::{FigureBreakdown, ReleaseError};
use crate::scheme::Reason;

const KEYS: usize = KeyKind::ALL.len();

/// What a kind's name tells of its origin.
fn name_origin(kind: &Kind) -> &'static str {
    match (kind.diacritics, kind.particle) {
        (true, true) => "diacritics and particle",
        (true, false) => "diacritics",
        (false, true) => "particle",
        (false, false) => "neither",
    }
}

/// How the accounts with a candidate were found.
#[derive(Clone, Default)]
struct Found {
    keys: [u64; KEYS],
    only_keys: [u64; KEYS],
    /// By band, unflagged and flagged.
    weights: [[u64; 2]; WEIGHTS],
    posteriors: [[u64; 2]; POSTERIORS],
    /// Of accounts that are not flagged.
    reasons: BTreeMap<Reason, u64>,
}

impl Found {
    fn add(&mut self, row: &AccountVerdict) {
        let verdict = &row.verdict;
        if verdict.levels.is_some() {
            self.weights[score_bands::weight(verdict.support)][usize::from(row.flag)] += 1;
            self.posteriors[score_bands::place_of_posterior(verdict.posterior)][usize::from(row.flag)] += 1;
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
        self.posteriors.iter_mut().zip(&other.posteriors).for_each(|(all, own)| add(all, own));
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self
    }
}

/// The accounts of the suppliers that a run is for, held back or not, in one scheme.
pub(crate) struct AccountCounts {
    /// The ids of the suppliers that take part, each with its accounts.
    suppliers: Vec<(String, Flagged)>,
    kinds: ByKind,
    found: Found,
}

impl AccountCounts {
    /// Counts the accounts of a scheme.
    pub(crate) fn new(matched: &Matched<'_>, scheme: usize) -> AccountCounts {
        let own = matched.suppliers.iter().filter_map(|own| Some((own, own.verdicts[scheme].as_ref()?)));
        let (suppliers, verdicts): (Vec<_>, Vec<&Verdicts>) = own.unzip();
        let chunks =
            (0..).zip(&suppliers).flat_map(|(place, own)| own.read.accounts.ranges().map(move |some| (place, some)));
        let chunks: Vec<(usize, Range<usize>)> = chunks.collect();
        let none = || AccountCounts {
            suppliers: suppliers.iter().map(|own| (own.supplier.id.clone(), Flagged::default())).collect(),
            kinds: ByKind::new(),
            found: Found::default(),
        };
        let counts = chunks.into_par_iter().fold(none, |mut counts, (place, some)| {
            let own = counts.count(&suppliers[place].read.accounts, verdicts[place], scheme, some);
            counts.suppliers[place].1 = counts.suppliers[place].1.and(own);
            counts
        });
        counts.reduce(none, AccountCounts::and)
    }

    /// Counts some accounts of a supplier, and returns how many they are.
    fn count(&mut self, accounts: &Accounts, verdicts: &Verdicts, scheme: usize, some: Range<usize>) -> Flagged {
        let mut all = Flagged::default();
        accounts.each(some.clone()).filter(|account| account.is_on_supply(scheme)).for_each(|account| {
            self.kinds.add(account.packed_traits());
            all.on_supply += 1;
        });
        let rows = verdicts.rows().among(some);
        let with_account = rows.iter().zip(accounts.those(rows.accounts()));
        for (row, account) in with_account.filter(|(_, account)| account.is_on_supply(scheme)) {
            self.found.add(&row);
            if row.flag {
                self.kinds.add_flag(account.packed_traits());
                all.flagged += 1;
            }
        }
        all
    }

    fn and(mut self, other: AccountCounts) -> AccountCounts {
        let suppliers = self.suppliers.iter_mut().zip(other.suppliers);
        suppliers.for_each(|((_, all), (_, own))| *all = all.and(own));
        AccountCounts { kinds: self.kinds.and(&other.kinds), found: self.found.and(other.found), ..self }
    }

    /// Passes each figure to `take`: breakdown, part, outcome, count and share.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(FigureBreakdown, &str, &str, u64, Option<f64>) -> Result<(), ReleaseError>,
    ) -> Result<(), ReleaseError> {
        let mut flagged = |breakdown, part: &str, own: &Flagged| {
            let [on_supply, flagged] = [own.on_supply, own.flagged].map(u64::from);
            take(breakdown, part, "on-supply", on_supply, None)?;
            take(breakdown, part, "flagged", flagged, share(flagged, on_supply))
        };
        flagged(FigureBreakdown::All, "", &self.by(|_| ()).remove(&()).unwrap_or_default())?;
        for (supplier, own) in &self.suppliers {
            flagged(FigureBreakdown::Supplier, supplier, own)?;
        }
        for (part, own) in self.by(|kind| region::part_of(kind.letters())) {
            flagged(FigureBreakdown::Region, region::name(part), &own)?;
        }
        let area = |kind: &Kind| Some(kind.letters().to_owned()).filter(|area| !area.is_empty());
        for (area, own) in self.by(|kind| area(kind).unwrap_or_else(|| "none".to_owned())) {
            flagged(FigureBreakdown::Area, &area, &own)?;
        }
        for (is_flat, own) in self.by(|kind| kind.flat) {
            flagged(FigureBreakdown::Home, if is_flat { "flat" } else { "house" }, &own)?;
        }
        for (is_known, own) in self.by(|kind| kind.birth_date) {
            flagged(FigureBreakdown::BirthDate, if is_known { "known" } else { "unknown" }, &own)?;
        }
        for (origin, own) in self.by(name_origin) {
            flagged(FigureBreakdown::NameOrigin, origin, &own)?;
        }
        let found = &self.found;
        let all = self.kinds.each().map(|(_, own)| u64::from(own.flagged)).sum();
        for (breakdown, counts) in [(FigureBreakdown::Key, &found.keys), (FigureBreakdown::OnlyKey, &found.only_keys)] {
            for kind in KeyKind::ALL {
                let count = counts[kind as usize];
                take(breakdown, kind.name(), "flagged", count, share(count, all))?;
            }
        }
        let bands =
            WEIGHT_NAMES.iter().map(String::as_str).zip(found.weights).map(|own| (FigureBreakdown::Weight, own));
        let posteriors = score_bands::posteriors().zip(found.posteriors);
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
        for (kind, own) in self.kinds.each() {
            let sum = parts.entry(part(&kind)).or_default();
            *sum = sum.and(own);
        }
        parts
    }
}

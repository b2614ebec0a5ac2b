//! The night's rates: in goes a matched night, its accounts are counted by place and scheme, and out comes
//! what disclosure control lets go of these counts.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::accounts::Accounts;
use super::customer_rows::Traits;
use super::matched::{Matched, SupplierMatch};
use crate::release::disclosure::{Night, Part, Place, Population, Rates, Rule};
use crate::release::{ReleaseError, RunId};

/// Accounts that one worker counts at a time.
const ACCOUNTS_A_CHUNK: usize = 1 << 16;

/// What may be told of the night's rates, beside those that are published.
pub(super) fn release(matched: &Matched<'_>, published: &Rates, run: &RunId) -> Result<Rates, ReleaseError> {
    let job = matched.job;
    let parts = job.current_suppliers().map(|supplier| {
        let in_run = matched.suppliers.iter().find(|own| own.supplier.id == supplier.id && !own.is_held());
        let schemes = job.schemes.iter().zip(0..).filter(|(scheme, _)| supplier.takes_part_in(scheme));
        Part {
            supplier: &supplier.id,
            schemes: schemes.fold(0, |set, (_, scheme)| set | 1 << scheme),
            places: in_run.map(places),
        }
    });
    let night = Night {
        date: run.date()?,
        schemes: job.schemes.iter().map(|scheme| scheme.id.as_str()).collect(),
        parts: parts.collect(),
    };
    Ok(night.release(&Rule::new(job.disclosure.threshold, job.disclosure.days), published))
}

impl Place {
    /// The place of an account with these traits.
    pub(super) fn of(traits: &Traits) -> Place {
        Place { area: traits.area, birth_date: traits.birth_date, flat: traits.flat }
    }
}

/// Accounts by place, and by the schemes in which they are in play and flagged.
type Counts = HashMap<(Place, u32, u32), u64, RandomState>;

/// A supplier's accounts, counted.
fn places(supplier: &SupplierMatch<'_>) -> BTreeMap<Place, Population> {
    let accounts = &supplier.read.accounts;
    let flagged: Vec<Vec<u32>> = supplier
        .verdicts
        .iter()
        .map(|verdicts| {
            let rows = verdicts.iter().flat_map(|verdicts| &verdicts.of_accounts);
            rows.filter(|row| row.flag).map(|row| row.account).collect()
        })
        .collect();
    let starts: Vec<usize> = (0..accounts.count()).step_by(ACCOUNTS_A_CHUNK).collect();
    let counts = starts
        .par_iter()
        .map(|&start| count(accounts, start..accounts.count().min(start + ACCOUNTS_A_CHUNK), &flagged))
        .reduce(Counts::default, |mut all, own| {
            own.into_iter().for_each(|(kind, count)| *all.entry(kind).or_default() += count);
            all
        });
    let mut places: BTreeMap<Place, Population> = BTreeMap::new();
    for ((place, in_play, flagged), accounts) in counts {
        places.entry(place).or_default().add(in_play, flagged, accounts);
    }
    places
}

/// Counts some accounts; the flagged ones of each scheme are in order.
fn count(accounts: &Accounts, some: Range<usize>, flagged: &[Vec<u32>]) -> Counts {
    let mut ahead: Vec<&[u32]> =
        flagged.iter().map(|own| &own[own.partition_point(|account| (*account as usize) < some.start)..]).collect();
    let mut counts = Counts::default();
    for (number, account) in (some.start..).zip(accounts.each(some)) {
        let in_play = account.in_play();
        let mut flags = 0;
        for (scheme, own) in ahead.iter_mut().enumerate() {
            if let Some((_, later)) = own.split_first().filter(|(first, _)| **first as usize == number) {
                flags |= 1 << scheme;
                *own = later;
            }
        }
        if in_play != 0 {
            *counts.entry((Place::of(&account.traits()), in_play, flags)).or_default() += 1;
        }
    }
    counts
}

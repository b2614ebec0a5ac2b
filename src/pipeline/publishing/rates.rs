//! Counts a run's accounts by place and scheme, and releases the counts that disclosure control allows.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::accounts::traits::Traits;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::release::disclosure::{Night, Part, Place, Population, Rates, Rule};
use crate::release::{ReleaseError, RunId};

/// Accounts that one worker counts at a time.
const ACCOUNTS_A_CHUNK: usize = 1 << 16;

/// The rates that may be published, given those that are published already.
pub(crate) fn release(matched: &Matched<'_>, published: &Rates, run: &RunId) -> Result<Rates, ReleaseError> {
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
    pub(crate) fn from_traits(traits: &Traits) -> Place {
        Place { area: traits.area, birth_date: traits.birth_date, flat: traits.flat }
    }
}

/// Accounts by place, and by the schemes in which they are on supply and flagged.
type Counts = HashMap<(Place, u32, u32), u64, RandomState>;

/// Counts a supplier's accounts.
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
    for ((place, on_supply, flagged), accounts) in counts {
        places.entry(place).or_default().add(on_supply, flagged, accounts);
    }
    places
}

/// Counts some accounts. `flagged` has the flagged accounts of each scheme, in order.
fn count(accounts: &Accounts, some: Range<usize>, flagged: &[Vec<u32>]) -> Counts {
    let mut ahead: Vec<&[u32]> =
        flagged.iter().map(|own| &own[own.partition_point(|account| (*account as usize) < some.start)..]).collect();
    let mut counts = Counts::default();
    for (number, account) in (some.start..).zip(accounts.each(some)) {
        let on_supply = account.on_supply();
        let mut flags = 0;
        for (scheme, own) in ahead.iter_mut().enumerate() {
            if let Some((_, later)) = own.split_first().filter(|(first, _)| **first as usize == number) {
                flags |= 1 << scheme;
                *own = later;
            }
        }
        if on_supply != 0 {
            *counts.entry((Place::from_traits(&account.traits()), on_supply, flags)).or_default() += 1;
        }
    }
    counts
}

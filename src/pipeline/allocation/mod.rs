//! Allocates the rebates of one scheme in one run.
//!
//! It brings accounts, households and released rebates together, lets [`allocate`] decide, and says what the
//! next run has to know.

pub(crate) mod apply;
mod asking;
pub(crate) mod claim_outcomes;
pub(crate) mod deferred_changes;
mod known;
mod next;
mod out;

use foldhash::HashMap;
use rayon::prelude::*;

use asking::{Account, Asking};
use known::Names;
pub(super) use next::{AccountOutcome, RestsOn};
use next::{Allocated, Then};
use out::Out;

use crate::matching::Persons;
use crate::pipeline::allocation::deferred_changes::KeptFlags;
use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::{AccountVerdict, Rows};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::release::{Published, Rebate as Carried};
use crate::scheme::{Delivery, Fate, Rebate, Rules, allocate};

/// A matched supplier, and a row of its verdicts.
pub(super) type VerdictRow = (u32, u32);

/// Allocates the rebates of a scheme. `carried` has the scheme's rebates from earlier runs, `kept` the flags
/// that stay until a release day. `kept` is empty if all flags go out.
pub(super) fn allocate_scheme<'a>(
    matched: &'a Matched<'_>,
    scheme: usize,
    carried: &[Carried],
    kept: &[KeptFlags],
    published: Option<&Published>,
) -> Result<Allocated<'a>, PipelineError> {
    let night = SchemeAllocation::new(matched, scheme);
    let mut names = Names::new(night.persons());
    let Parties { mut accounts, rebates, mut then } = night.parties(carried, kept, &mut names);
    night.compare(&mut accounts, &rebates, &names, published)?;
    let allocation = allocate(&Asking { night: &night, accounts: &accounts }, &rebates, night.rules());
    for (then, fate) in then.iter_mut().flatten().zip(&allocation.fates) {
        then.fate = *fate;
    }
    Ok(Allocated { night, accounts, outcomes: allocation.outcomes, then })
}

/// The accounts that ask for a rebate, and the rebates that there are. There are as many of both as flags, so that what
/// they are found by is gone before they are compared.
struct Parties<'c> {
    accounts: Vec<Account>,
    /// Those that are not free.
    rebates: Vec<Rebate<'c>>,
    /// By carried rebate, where it is. `None` if it is free.
    then: Vec<Option<Then>>,
}

/// One scheme in one run.
struct SchemeAllocation<'a> {
    matched: &'a Matched<'a>,
    scheme: usize,
    suppliers: Vec<&'a SupplierMatch<'a>>,
    /// By supplier.
    deliveries: Vec<Delivery>,
    /// By id.
    places: HashMap<&'a str, usize>,
}

impl<'a> SchemeAllocation<'a> {
    fn new(matched: &'a Matched<'_>, scheme: usize) -> SchemeAllocation<'a> {
        let suppliers: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
        let places = suppliers.iter().zip(0..).map(|(own, place)| (own.supplier.id.as_str(), place)).collect();
        let deliveries = suppliers.iter().map(|own| matched.delivery(own)).collect();
        SchemeAllocation { matched, scheme, suppliers, deliveries, places }
    }

    /// Finds the accounts that ask for a rebate, and where the carried ones are.
    fn parties<'c>(&self, carried: &'c [Carried], kept: &[KeptFlags], names: &mut Names) -> Parties<'c>
    where
        'a: 'c,
    {
        let carried: Vec<Out<'c>> = carried.par_iter().map(|rebate| self.out(rebate)).collect();
        let (mut accounts, rows) = self.accounts(&self.by_account(&carried), carried.len(), kept, names);
        let (households, found) = self.households_of(&carried, &rows, &accounts, names);
        let holders = self.holders(&carried, &rows, &households, &mut accounts);
        let then_of = |number: usize| {
            let place = rows[number].map(|row| row.place);
            let (position, gone_since) = self.position(&carried[number], holders[number], place, &found)?;
            Some(Then { fate: Fate::Stays, position, gone_since })
        };
        let then: Vec<Option<Then>> = (0..carried.len()).into_par_iter().map(then_of).collect();
        drop(rows);
        let mut rebates = Vec::with_capacity(carried.len());
        for (number, out) in carried.iter().enumerate() {
            let Some(Then { position, .. }) = then[number] else { continue };
            let household = match holders[number] {
                Some(holder) => accounts[holder].household,
                None => households[number].unwrap_or_else(|| names.of_nobody(out.rebate.household())),
            };
            rebates.push(Rebate {
                household,
                supplier: out.supplier.unwrap_or(out.rebate.supplier()),
                customer_ref: out.rebate.customer_ref(),
                released_on: out.rebate.released_on,
                position,
            });
        }
        Parties { accounts, rebates, then }
    }

    fn persons(&self) -> &'a Persons {
        self.matched.shared.matcher.persons()
    }

    fn rules(&self) -> Rules<'a> {
        let scheme = &self.matched.job.schemes[self.scheme];
        Rules { scheme: &scheme.id, one_rebate_per_claim: scheme.one_rebate_per_claim, limit: scheme.limit }
    }

    fn scheme_id(&self) -> &'a str {
        &self.matched.job.schemes[self.scheme].id
    }

    fn verdicts(&self, supplier: u32) -> Option<&'a Verdicts> {
        self.suppliers[supplier as usize].verdicts[self.scheme].as_ref()
    }

    fn row(&self, (supplier, row): VerdictRow) -> AccountVerdict {
        self.rows(supplier).at(row as usize)
    }

    fn rows(&self, supplier: u32) -> Rows<'a> {
        self.verdicts(supplier).expect("a place is in a scheme that its supplier takes part in").rows()
    }

    fn reference(&self, (supplier, row): VerdictRow) -> &'a str {
        let account = self.rows(supplier).account(row as usize);
        self.suppliers[supplier as usize].read.accounts.reference(account as usize)
    }
}

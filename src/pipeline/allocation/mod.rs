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
pub(super) type VerdictRow = (usize, usize);

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
    let carried: Vec<Out<'_>> = carried.par_iter().map(|rebate| night.out(rebate)).collect();
    let by_account = night.by_account(&carried);
    let mut names = Names::new(night.persons());
    let (mut accounts, rows) = night.accounts(&by_account, carried.len(), kept, &mut names);
    let (households, found) = night.households_of(&carried, &rows, &accounts, &mut names);
    let holders = night.holders(&carried, &rows, &households, &mut accounts, &names);

    let place_of = |number: usize| rows[number].map(|row| row.place);
    let mut then: Vec<Option<Then>> = (0..carried.len())
        .into_par_iter()
        .map(|number| {
            let (position, gone_since) = night.position(&carried[number], holders[number], place_of(number), &found)?;
            Some(Then { fate: Fate::Stays, position, gone_since })
        })
        .collect();
    let mut rebates = Vec::with_capacity(carried.len());
    for (number, out) in carried.iter().enumerate() {
        let Some(Then { position, .. }) = then[number] else { continue };
        let household = match holders[number] {
            Some(holder) => accounts[holder].contender.household,
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
    night.compare(&mut accounts, &rebates, &names, published)?;
    let allocation = allocate(&accounts, &rebates, night.rules());
    for (then, fate) in then.iter_mut().flatten().zip(&allocation.fates) {
        then.fate = *fate;
    }
    Ok(Allocated { night, accounts, outcomes: allocation.outcomes, then })
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

    fn verdicts(&self, supplier: usize) -> Option<&'a Verdicts> {
        self.suppliers[supplier].verdicts[self.scheme].as_ref()
    }

    fn row(&self, (supplier, row): VerdictRow) -> AccountVerdict {
        self.rows(supplier).at(row)
    }

    fn rows(&self, supplier: usize) -> Rows<'a> {
        self.verdicts(supplier).expect("a place is in a scheme that its supplier takes part in").rows()
    }

    fn reference(&self, (supplier, row): VerdictRow) -> &'a str {
        let account = self.rows(supplier).account(row);
        self.suppliers[supplier].read.accounts.reference(account as usize)
    }
}

//! Finds the rebate of an account or household, and the accounts that ask for it, by search instead of a look at all.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::pipeline::judging::matched::Matched;
use crate::release::Rebate;
use crate::scheme::Reason;

/// For each scheme, where rebates and the accounts of households are.
pub(crate) struct RebateIndex(Vec<OfScheme>);

struct OfScheme {
    /// The places of the rebates, in the order of suppliers and their accounts.
    by_account: Vec<u32>,
    /// The same in the order of the households' names.
    by_household: Vec<u32>,
    /// In order: a household, and the supplier and the verdict of an account that asks for its rebate.
    asking: Vec<(u32, u32, u32)>,
}

impl RebateIndex {
    pub(crate) fn new(matched: &Matched<'_>) -> RebateIndex {
        RebateIndex((0..matched.job.schemes.len()).map(|scheme| of_scheme(matched, scheme)).collect())
    }

    /// The rebate on an account.
    pub(super) fn on_account<'m>(
        &self,
        matched: &'m Matched<'_>,
        scheme: usize,
        account: (&str, &str),
    ) -> Option<&'m Rebate> {
        first(&matched.rebates[scheme], &self.0[scheme].by_account, |rebate| account_of(rebate).cmp(&account))
    }

    /// The rebate of the household that a claim names.
    pub(super) fn of_household<'m>(
        &self,
        matched: &'m Matched<'_>,
        scheme: usize,
        household: &str,
    ) -> Option<&'m Rebate> {
        first(&matched.rebates[scheme], &self.0[scheme].by_household, |rebate| rebate.household().cmp(household))
    }

    /// The accounts that ask for the rebate of a household: the supplier, by its place among all, and the verdict.
    pub(super) fn asking(&self, scheme: usize, household: u32) -> impl Iterator<Item = (usize, usize)> {
        let all = &self.0[scheme].asking;
        let start = all.partition_point(|(own, ..)| *own < household);
        let own = all[start..].iter().take_while(move |(own, ..)| *own == household);
        own.map(|(_, supplier, verdict)| (*supplier as usize, *verdict as usize))
    }
}

fn account_of(rebate: &Rebate) -> (&str, &str) {
    (rebate.supplier(), rebate.customer_ref())
}

/// The first rebate that is neither before nor behind what is wanted. `places` is in this order.
fn first<'r>(all: &'r [Rebate], places: &[u32], order: impl Fn(&Rebate) -> Ordering) -> Option<&'r Rebate> {
    let at = |place: &u32| &all[*place as usize];
    let found = places.get(places.partition_point(|place| order(at(place)).is_lt())).map(at);
    found.filter(|rebate| order(rebate).is_eq())
}

fn of_scheme(matched: &Matched<'_>, scheme: usize) -> OfScheme {
    let rebates = &matched.rebates[scheme];
    // A run has fewer than four milliard rebates. Of equal keys, the first rebate stays first.
    let places = || (0..rebates.len() as u32).collect::<Vec<u32>>();
    let (mut by_account, mut by_household) = (places(), places());
    let at = |place: u32| &rebates[place as usize];
    by_account.par_sort_by(|one, other| account_of(at(*one)).cmp(&account_of(at(*other))));
    by_household.par_sort_by(|one, other| at(*one).household().cmp(at(*other).household()));
    let households = &matched.shared.households[scheme];
    let mut asking = Vec::new();
    for (supplier, own) in matched.all_suppliers().enumerate() {
        for (place, row) in own.verdicts[scheme].iter().flat_map(|verdicts| verdicts.rows().iter().enumerate()) {
            let asks = row.flag || row.verdict.reason.is_for_review() || row.verdict.reason == Reason::Objected;
            if let Some(claim) = row.verdict.claim.filter(|_| asks) {
                asking.push((households.of_claim(claim), supplier as u32, place as u32));
            }
        }
    }
    asking.par_sort_unstable();
    OfScheme { by_account, by_household, asking }
}

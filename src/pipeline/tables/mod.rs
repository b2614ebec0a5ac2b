//! Counts the tables that analysts receive, so that one household moves each of them no further than is declared.
//!
//! The exact figures of a run depend on all households at once: one may be another's rival, take its rebate or push it
//! over a limit. These tables do not. A household stands in the tables of [households] with what its own records and
//! the accounts say, as if no other household were there. In the tables of [accounts] a household is a candidate on its
//! [first two accounts](crate::privacy::first_two) alone, so that a thousand copies of one person tell no more than two. Both show the
//! match: before rebates are allocated, and without decisions by staff and reports by suppliers.
//!
//! Weights, term frequencies, what intake takes in, and which keys are too common to be compared do depend on all
//! records. They are taken as given: `docs/disclosure.md` says so.

mod accounts;
mod households;
mod own_evidence;
#[cfg(test)]
mod tests;

use crate::job::Job;
use crate::normalise::postcode::{AREAS, region};
use crate::pipeline::figures::AGE_NAMES;
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::publishing::score_bands::WEIGHT_NAMES;
use crate::privacy::counted::Counted;
use crate::release::{AnalystTable, AnalystUnit};
use own_evidence::OwnEvidence;

/// Counts some tables of a scheme. Needs the candidates of all accounts.
pub(crate) fn count(matched: &Matched<'_>, scheme: usize, tables: &[AnalystTable]) -> Vec<Counted> {
    let own = OwnEvidence::gather(matched, scheme);
    let empty = tables.iter().map(|table| Counted::new(*table, parts(matched.job, scheme, *table).len()));
    let (of_accounts, of_households): (Vec<Counted>, Vec<Counted>) =
        empty.partition(|own| own.table().unit() == AnalystUnit::Accounts);
    let mut counted = households::count(matched, scheme, &own, &of_households);
    if !of_accounts.is_empty() {
        counted.extend(accounts::count(matched, scheme, &own, &of_accounts));
    }
    counted
}

/// The parts of a table: what there can be by the job, not what there is.
pub(crate) fn parts(job: &Job, scheme: usize, table: AnalystTable) -> Vec<String> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match table {
        AnalystTable::Households => owned(&[""]),
        AnalystTable::HouseholdsByRegion | AnalystTable::PersonsByRegion => {
            (0..region::PARTS).map(|part| region::name(part).to_owned()).collect()
        }
        AnalystTable::HouseholdsByGroup | AnalystTable::PersonsByGroup => {
            job.schemes[scheme].groups.iter().map(|group| group.id.clone()).collect()
        }
        AnalystTable::HouseholdsByAge | AnalystTable::PersonsByAge => owned(&AGE_NAMES),
        AnalystTable::HouseholdsByBirthDate | AnalystTable::PersonsByBirthDate => owned(&["unknown", "known"]),
        AnalystTable::AccountsBySupplier => {
            let own = job.current_suppliers().filter(|supplier| supplier.takes_part_in(&job.schemes[scheme]));
            own.map(|supplier| supplier.id.clone()).collect()
        }
        AnalystTable::AccountsByArea => {
            owned(&AREAS).into_iter().chain([region::name(region::PARTS - 1).to_owned()]).collect()
        }
        AnalystTable::AccountsByKind => owned(&accounts::KINDS),
        AnalystTable::AccountsByNameOrigin => owned(&accounts::ORIGINS),
        AnalystTable::AccountsByWeight => WEIGHT_NAMES.iter().cloned().chain(["no candidate".to_owned()]).collect(),
        AnalystTable::AccountsByReason => accounts::REASONS.iter().map(|reason| reason.name().to_owned()).collect(),
    }
}

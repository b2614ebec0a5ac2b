//! Makes small benefit records and jobs for the tables of examples.

use std::path::Path;

use crate::job::Job;
use crate::matching::{BenefitPerson, BenefitPersons, Persons, Role, RunKey};
use crate::normalise::Identity;
use crate::normalise::uprn::Uprn;

/// A row of the benefit records: a claim, a person on it, and the UPRN of their home.
pub(super) type Record<'a> = (&'a str, &'a str, Role, Option<u64>);

/// The persons of these rows, numbered by first appearance; so are the claims.
pub(super) fn persons(records: &[Record<'_>]) -> Persons {
    let key = RunKey::generate().unwrap();
    let mut rows = BenefitPersons::default();
    for &(claim_ref, person_ref, role, uprn) in records {
        let mut identity = Identity::default();
        identity.home.uprn = uprn.and_then(Uprn::new);
        rows.push(&key, &BenefitPerson { claim_ref, person_ref, role, identity: &identity });
    }
    rows.finish(&key);
    Persons::gather(vec![rows])
}

/// A job of one scheme, `whd`, with these groups and the qualifying date 23 August 2026.
pub(super) fn job(groups: &str) -> Job {
    let text = format!(
        "[[scheme]]\nid = 'whd'\nname = 'Rebate'\nqualifying_date = 2026-08-23\n{groups}\n\
         [benefits]\nfiles = ['benefits.csv']\n[properties]\nfiles = ['properties.csv']\n\
         [[supplier]]\nid = 'north'\nfiles = ['north.csv']\n"
    );
    Job::parse(&text, Path::new("")).unwrap()
}

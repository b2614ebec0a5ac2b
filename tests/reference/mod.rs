//! Flags the accounts of a job with a plain, slow matcher, to check the fast one against.
//!
//! It reads with the `csv` crate, keeps every value as it is, and compares every holder with every benefit row, without
//! a hash, index, packing, batch or second thread. It shares the engine's functions for normalising a field, for how
//! far two fields agree and for match weights, since these have tables of examples of their own. It works out anew
//! which rows are one person, who is a candidate, the posterior, and which account of a claim gets the rebate.
//!
//! The library includes this file in its tests, since it needs functions that are not public.

mod household;
mod people;
mod scoring;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::job::Job;
use crate::pipeline::{Options, run};
use crate::progress::Unwatched;
use crate::synth::{self, Nation, Noise};
use people::{Account, Benefits};
use scoring::{Scored, Scorer};

/// The posterior from which an account is flagged if the job sets no other.
const THRESHOLD: f64 = 0.98;

/// An account that would be flagged, before the allocation among the accounts of its claim.
struct Contender<'a> {
    supplier: &'a str,
    account: &'a Account,
    claim: &'a str,
    support: f32,
}

/// The accounts with a `Y`, by supplier and reference, and the number of accounts with a candidate.
fn flags(job: &Job) -> (BTreeSet<(String, String)>, usize) {
    let [scheme] = &job.schemes[..] else { panic!("the nation has one scheme") };
    let benefits = Benefits::read(job);
    let scorer = Scorer::new(&benefits, scheme.qualifying_date);
    let suppliers: Vec<(&str, Vec<Account>)> = job
        .suppliers
        .iter()
        .map(|supplier| (supplier.id.as_str(), people::accounts(supplier, scheme.qualifying_date)))
        .collect();
    let mut with_candidates = 0;
    let mut by_claim: BTreeMap<&str, Vec<Contender<'_>>> = BTreeMap::new();
    for (supplier, accounts) in &suppliers {
        for account in accounts {
            let found: Vec<Vec<Scored>> =
                account.holders.iter().map(|holder| scorer.candidates(&holder.identity)).collect();
            with_candidates += usize::from(found.iter().any(|candidates| !candidates.is_empty()));
            if let Some((claim, support)) = household::due(account, &found, &benefits, &scorer, THRESHOLD) {
                by_claim.entry(claim).or_default().push(Contender { supplier, account, claim, support });
            }
        }
    }
    let mut flagged = BTreeSet::new();
    for contenders in by_claim.values() {
        let best = contenders.iter().min_by(|one, other| {
            let place =
                |contender: &Contender<'_>| (contender.supplier.to_owned(), contender.account.reference.clone());
            other.support.total_cmp(&one.support).then_with(|| place(one).cmp(&place(other)))
        });
        let best = best.expect("a claim is listed with its first contender");
        assert!(!best.claim.is_empty());
        flagged.insert((best.supplier.to_owned(), best.account.reference.clone()));
    }
    (flagged, with_candidates)
}

/// The accounts that a run flagged.
fn released(job: &Job, out: &Path) -> BTreeSet<(String, String)> {
    let mut job = job.clone();
    job.output = out.to_owned();
    let summary = run(&job, &Options::default(), &Unwatched).expect("the nation can be matched");
    let folder = summary.folder.expect("the run is published");
    let mut flagged = BTreeSet::new();
    for supplier in &job.suppliers {
        let file = folder.join("suppliers").join(&supplier.id).join(format!("{}.flags.csv", job.schemes[0].id));
        let mut rows = csv::Reader::from_path(file).expect("every supplier has a flag file");
        for row in rows.records() {
            let row = row.expect("a flag file is CSV");
            if &row[1] == "Y" {
                flagged.insert((supplier.id.clone(), row[0].to_owned()));
            }
        }
    }
    flagged
}

#[test]
fn a_run_flags_whom_the_plain_matcher_flags() {
    for (seed, noise) in [(1, Noise::default()), (2, Noise::default()), (3, Noise::harder())] {
        let folder = tempfile::tempdir().expect("a folder for the nation");
        let nation = Nation { customers: 7_200, benefits: 2_400, suppliers: 3, seed, noise };
        synth::write(&nation, &folder.path().join("nation"), &Unwatched).expect("a nation is written");
        let job = Job::read(&folder.path().join("nation/job.toml")).expect("its job can be read");
        let (plain, with_candidates) = flags(&job);
        let fast = released(&job, &folder.path().join("out"));
        let more: Vec<_> = fast.difference(&plain).collect();
        let fewer: Vec<_> = plain.difference(&fast).collect();
        assert!(more.is_empty() && fewer.is_empty(), "seed {seed}: the run flags {more:?} besides, and not {fewer:?}");
        // Too few flags or candidates would prove nothing.
        assert!(plain.len() > 500, "seed {seed}: {} flags", plain.len());
        assert!(with_candidates > plain.len() + 150, "seed {seed}: {with_candidates} accounts have a candidate");
    }
}

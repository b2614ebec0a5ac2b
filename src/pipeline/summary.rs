//! Summarises a run for people and programs.
//!
//! The figures are for the administrator alone, and are never released.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;

use crate::intake::FaultReason;
use crate::matching::{KeyCounts, KeyKind};
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::figures::Figures;
use crate::pipeline::inputs::usable_fields::UsableFields;
use crate::pipeline::judging::matched::{Matched, SupplierMatch, undelivered};
use crate::pipeline::review;
use crate::release::run_record::{Comparisons, SchemeSummary, StageTime, Summary, SupplierSummary, UnknownReference};

impl Summary {
    pub(crate) fn new(matched: &Matched<'_>, figures: &Figures, begun: SystemTime) -> Summary {
        let persons = matched.shared.matcher.persons();
        let suppliers: Vec<SupplierSummary> =
            matched.suppliers.par_iter().map(|supplier| of_supplier(matched, supplier)).collect();
        let on_supply = suppliers.iter().filter_map(|supplier| supplier.on_supply).sum();
        Summary {
            run: None,
            folder: None,
            held_back: undelivered(matched),
            suppliers,
            forecast: None,
            match_rates: figures.match_rates(matched),
            review: review::bands(matched),
            benefit_rows: persons.row_count() as u64,
            shared_rejected: matched.shared.files.iter().map(|file| file.rejected).sum(),
            shared_noted: matched.shared.files.iter().map(|file| file.noted).sum(),
            unknown_references: unknown_references(matched),
            reports: matched.receipts.clone(),
            persons: persons.count() as u64,
            claims: persons.claim_count() as u64,
            keys_left_out: matched.shared.matcher.keys_left_out(),
            comparisons: Some(comparisons(matched, on_supply)),
            decoys: matched.decoys.clone(),
            seconds: begun.elapsed().unwrap_or_default().as_secs_f64(),
            hashing_seconds: 0.0,
            syncing_seconds: 0.0,
            ledger_behind: None,
            stages: Vec::new(),
            begun,
        }
    }

    /// Adds the seconds by kind of stage.
    pub(crate) fn timed(mut self, stages: Vec<StageTime>) -> Summary {
        self.stages = stages;
        self
    }

    /// Adds what is known once the run is published.
    pub(crate) fn published(mut self, run: String, folder: PathBuf, hashing: Duration, syncing: Duration) -> Summary {
        let all = self.begun.elapsed().unwrap_or_default();
        self.run = Some(run);
        self.folder = Some(folder);
        self.seconds = all.saturating_sub(hashing).saturating_sub(syncing).as_secs_f64();
        self.hashing_seconds = hashing.as_secs_f64();
        self.syncing_seconds = syncing.as_secs_f64();
        self
    }

    /// The suppliers that receive a delivery.
    pub fn released(&self) -> impl Iterator<Item = &SupplierSummary> {
        let is_held = |id: &str| self.held_back.iter().any(|held| held.id == id);
        self.suppliers.iter().filter(move |supplier| !is_held(&supplier.id))
    }

    /// Accounts of all suppliers that were matched.
    pub fn accounts(&self) -> u64 {
        self.suppliers.iter().map(|supplier| supplier.accounts).sum()
    }
}

fn of_supplier(matched: &Matched<'_>, supplier: &SupplierMatch<'_>) -> SupplierSummary {
    let sum =
        |count: fn(&crate::pipeline::inputs::input_file::InputFile) -> u64| supplier.read.files.iter().map(count).sum();
    let schemes = matched.job.schemes.iter().zip(&supplier.verdicts).filter_map(|(scheme, verdicts)| {
        let verdicts = verdicts.as_ref()?;
        // There are few reasons, and each is nearly always at the same address.
        let mut counts: Vec<(&str, u64)> = Vec::new();
        for reason in verdicts.rows().iter().map(|row| row.reason()) {
            match counts.iter_mut().find(|(known, _)| std::ptr::eq(*known, reason)) {
                Some((_, count)) => *count += 1,
                None => counts.push((reason, 1)),
            }
        }
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        counts.into_iter().for_each(|(reason, count)| *reasons.entry(reason.to_owned()).or_default() += count);
        let rows = || verdicts.rows().iter();
        Some(SchemeSummary {
            id: scheme.id.clone(),
            on_supply: verdicts.on_supply,
            matched: Some(verdicts.matched),
            flagged: verdicts.rows().flagged().count() as u64,
            review: rows().filter(|row| row.verdict.reason.is_for_review()).count() as u64,
            waiting: rows().filter(|row| row.waits).count() as u64,
            reasons,
        })
    });
    let on_supply = OnSupply::count(&supplier.read.accounts);
    SupplierSummary {
        id: supplier.supplier.id.clone(),
        rows: sum(|file| file.rows),
        rejected: sum(|file| file.rejected),
        noted: sum(|file| file.noted),
        exact_repeats: supplier.read.accounts.exact_repeats(),
        accounts: supplier.read.accounts.count() as u64,
        on_supply: Some(on_supply.accounts),
        dropped: supplier.read.accounts.count() as u64 - on_supply.accounts,
        birth_dates: Some(on_supply.usable.birth_dates),
        schemes: schemes.collect(),
        probing: supplier.probing.clone(),
    }
}

/// Accounts that one worker counts at a time.
const ACCOUNTS_A_CHUNK: usize = 1 << 16;

/// Accounts that are on supply in some scheme, and how many of them have each field that matching needs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OnSupply {
    pub(crate) accounts: u64,
    /// Date of birth and name are the first holder's.
    pub(crate) usable: UsableFields,
}

impl OnSupply {
    pub(crate) fn count(accounts: &Accounts) -> OnSupply {
        let starts: Vec<usize> = (0..accounts.count()).step_by(ACCOUNTS_A_CHUNK).collect();
        let counts = starts.par_iter().map(|&start| {
            let some = accounts.each(start..accounts.count().min(start + ACCOUNTS_A_CHUNK));
            some.filter(|account| account.on_supply() != 0).fold(OnSupply::default(), |sum, account| {
                let traits = account.traits();
                let usable = UsableFields {
                    birth_dates: u64::from(traits.birth_date),
                    postcodes: u64::from(traits.postcode),
                    names: u64::from(traits.tokens > 1),
                };
                sum.and(OnSupply { accounts: 1, usable })
            })
        });
        counts.reduce(OnSupply::default, OnSupply::and)
    }

    fn and(mut self, other: OnSupply) -> OnSupply {
        self.accounts += other.accounts;
        self.usable += other.usable;
        self
    }
}

/// `accounts` is how many are on supply.
fn comparisons(matched: &Matched<'_>, accounts: u64) -> Comparisons {
    let mut counts = KeyCounts::default();
    matched.suppliers.iter().for_each(|supplier| counts.add(&supplier.read.keys));
    Comparisons {
        accounts,
        pairs: counts.pairs(),
        by_key: KeyKind::ALL.into_iter().map(|kind| (kind.name().to_owned(), counts.compared(kind))).collect(),
    }
}

fn unknown_references(matched: &Matched<'_>) -> Vec<UnknownReference> {
    let faults = matched.shared.files.iter().flat_map(|file| file.faults.iter().map(move |fault| (file, fault)));
    let unknown = faults.filter_map(|(file, fault)| {
        let is_near = match fault.reason {
            FaultReason::UnknownReference => false,
            FaultReason::NearReference => true,
            _ => return None,
        };
        let (input, name) = (file.input.clone(), file.name.clone());
        Some(UnknownReference { input, file: name, line: fault.line, column: fault.column?.name().to_owned(), is_near })
    });
    unknown.collect()
}

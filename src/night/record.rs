//! The run's record, `administrator/run.json`: what went in, under which settings, and what came of it,
//! in counts. No name, date, address or reference of anybody is in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::matched::Matched;
use super::shared::InputFile;
use super::summary::Summary;
use crate::intake::{IntakeError, input_sum};
use crate::job::Job;
use crate::matching::{KeyCounts, KeyKind, Weights};
use crate::progress::Progress;

/// The record of a run.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    version: &'static str,
    /// The hash that the ledger ended with when the run began.
    ledger_head: &'a str,
    settings: Settings<'a>,
    inputs: Vec<Input<'a>>,
    keys: BTreeMap<&'static str, KeyRecord>,
    summary: &'a Summary,
    weights: &'a Weights,
}

#[derive(Serialize)]
struct Settings<'a> {
    threshold: f64,
    reject_limit: f64,
    disclosure_threshold: u64,
    disclosure_days: u32,
    schemes: Vec<SchemeRecord<'a>>,
}

#[derive(Serialize)]
struct SchemeRecord<'a> {
    id: &'a str,
    name: &'a str,
    qualifying_date: String,
    one_rebate_per_claim: bool,
    limit: Option<u64>,
    groups: Vec<GroupRecord<'a>>,
    purpose: Option<&'a str>,
    legal_power: Option<&'a str>,
    retention_days: Option<u32>,
}

#[derive(Serialize)]
struct GroupRecord<'a> {
    id: &'a str,
    benefits: &'a [String],
    max_income: Option<f64>,
    min_energy_cost_score: Option<f64>,
}

#[derive(Serialize)]
struct Input<'a> {
    input: &'a str,
    path: &'a Path,
    bytes: u64,
    blake3: String,
    rows: u64,
    rejected: u64,
    noted: u64,
}

/// What one kind of match key did.
#[derive(Serialize)]
struct KeyRecord {
    /// Keys of holders that were looked up.
    tried: u64,
    /// Benefit rows that they met.
    met: u64,
    /// Keys left out, since too many benefit rows share them.
    left_out: u64,
    /// Accounts flagged whose candidate this kind of key met.
    flagged: u64,
    /// Those of them that no other kind of key met.
    flagged_alone: u64,
}

impl<'a> Record<'a> {
    /// Sums the inputs, and puts the record together.
    pub(super) fn of(
        matched: &'a Matched<'_>,
        summary: &'a Summary,
        ledger_head: &'a str,
        progress: &dyn Progress,
    ) -> Result<Record<'a>, IntakeError> {
        let files = || {
            let suppliers = matched.suppliers.iter().flat_map(|supplier| &supplier.read.files);
            matched.shared.files.iter().chain(suppliers)
        };
        progress.begin("sum the inputs", files().map(|file| file.bytes).sum());
        let inputs = files()
            .map(|file| {
                let input = input(file)?;
                progress.advance(file.bytes);
                Ok(input)
            })
            .collect::<Result<_, IntakeError>>()?;
        progress.end();
        Ok(Record {
            version: env!("CARGO_PKG_VERSION"),
            ledger_head,
            settings: settings(matched.job),
            inputs,
            keys: keys(matched),
            summary,
            weights: matched.shared.matcher.weights(),
        })
    }
}

fn input(file: &InputFile) -> Result<Input<'_>, IntakeError> {
    Ok(Input {
        input: &file.input,
        path: &file.path,
        bytes: file.bytes,
        blake3: input_sum(&file.path)?,
        rows: file.rows,
        rejected: file.rejected,
        noted: file.noted,
    })
}

fn settings(job: &Job) -> Settings<'_> {
    let schemes = job.schemes.iter().map(|scheme| SchemeRecord {
        id: &scheme.id,
        name: &scheme.name,
        qualifying_date: scheme.qualifying_date.to_string(),
        one_rebate_per_claim: scheme.one_rebate_per_claim,
        limit: scheme.limit,
        groups: scheme
            .groups
            .iter()
            .map(|group| GroupRecord {
                id: &group.id,
                benefits: &group.benefits,
                max_income: group.max_income,
                min_energy_cost_score: group.min_energy_cost_score,
            })
            .collect(),
        purpose: scheme.purpose.as_deref(),
        legal_power: scheme.legal_power.as_deref(),
        retention_days: scheme.retention_days,
    });
    Settings {
        threshold: job.matching.threshold,
        reject_limit: job.intake.reject_limit,
        disclosure_threshold: job.disclosure.threshold,
        disclosure_days: job.disclosure.days,
        schemes: schemes.collect(),
    }
}

fn keys(matched: &Matched<'_>) -> BTreeMap<&'static str, KeyRecord> {
    let mut counts = KeyCounts::default();
    let mut flagged = [(0, 0); KeyKind::ALL.len()];
    for supplier in &matched.suppliers {
        counts.add(&supplier.read.keys);
        let rows = supplier.verdicts.iter().flatten().flat_map(|verdicts| &verdicts.of_accounts);
        for row in rows.filter(|row| row.flag) {
            for kind in KeyKind::ALL {
                let met = row.verdict.keys & kind.bit() != 0;
                flagged[kind as usize].0 += u64::from(met);
                flagged[kind as usize].1 += u64::from(row.verdict.keys == kind.bit());
            }
        }
    }
    KeyKind::ALL
        .into_iter()
        .map(|kind| {
            let (flagged, flagged_alone) = flagged[kind as usize];
            let record = KeyRecord {
                tried: counts.tried(kind),
                met: counts.met(kind),
                left_out: matched.shared.matcher.left_out(kind),
                flagged,
                flagged_alone,
            };
            (kind.name(), record)
        })
        .collect()
}

//! The run's record, `administrator/run.json`: what went in, under which settings, and what came of it,
//! in counts. No name, date, address or reference of anybody is in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::error::NightError;
use super::held::HeldRecord;
use super::matched::Matched;
use super::shared::InputFile;
use super::summary::Summary;
use crate::intake::{IntakeError, input_sum};
use crate::job::{Changes, Gates, Job, Probing};
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
    /// What a release by hand needs of each supplier that a gate holds back.
    held: Vec<HeldRecord>,
}

#[derive(Serialize)]
struct Settings<'a> {
    threshold: f64,
    reject_limit: f64,
    disclosure_threshold: u64,
    disclosure_days: u32,
    changes: Option<&'a Changes>,
    /// The date that the night is of, where it was said.
    night_of: Option<String>,
    gates: &'a Gates,
    probing: Option<&'a Probing>,
    schemes: Vec<SchemeRecord<'a>>,
}

#[derive(Serialize)]
struct SchemeRecord<'a> {
    id: &'a str,
    name: &'a str,
    qualifying_date: String,
    one_rebate_per_claim: bool,
    free_after_days: u32,
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
    blake3: &'a str,
    rows: u64,
    rejected: u64,
    noted: u64,
}

/// What one kind of match key did.
#[derive(Serialize)]
struct KeyRecord {
    /// Keys of holders that were looked up.
    tried: u64,
    /// Benefit rows that they met and that were like enough to be kept as candidates.
    met: u64,
    /// Keys left out, since too many benefit rows share them.
    left_out: u64,
    /// Accounts flagged whose candidate this kind of key met.
    flagged: u64,
    /// Those of them that no other kind of key met.
    flagged_alone: u64,
}

/// The BLAKE3 sums of a night's inputs.
pub(super) struct Sums {
    shared: Vec<String>,
    suppliers: Vec<Vec<String>>,
}

impl Sums {
    /// Sums the inputs that were used. A sum of anything else than what was read would be a false record: a
    /// supplier of which a file changed since is held back, and a shared input that changed stops the run.
    pub(super) fn of(matched: &mut Matched<'_>, progress: &dyn Progress) -> Result<Sums, NightError> {
        let suppliers = matched.all_suppliers().map(|supplier| &supplier.read.files);
        let all = matched.shared.files.iter().chain(suppliers.flatten());
        progress.begin("sum the inputs", all.map(|file| file.bytes).sum());
        let sum = |file: &InputFile| {
            let sum = input_sum(&file.path).and_then(|sum| file.is_unchanged().map(|()| sum));
            progress.advance(file.bytes);
            sum
        };
        let unreadable = |source| NightError::Unreadable { input: "an input, read again for its sum", source };
        let shared = matched.shared.files.iter().map(sum).collect::<Result<_, _>>().map_err(unreadable)?;
        let mut suppliers = Vec::new();
        matched.keep_if(|_, files| {
            suppliers.push(files.iter().map(sum).collect::<Result<Vec<_>, IntakeError>>()?);
            Ok(())
        })?;
        progress.end();
        Ok(Sums { shared, suppliers })
    }

    /// Those of each supplier's files, in the order of all suppliers that were matched.
    pub(super) fn suppliers(&self) -> impl Iterator<Item = &[String]> {
        self.suppliers.iter().map(Vec::as_slice)
    }
}

impl<'a> Record<'a> {
    /// Puts the record together.
    pub(super) fn of(
        matched: &'a Matched<'_>,
        sums: &'a Sums,
        summary: &'a Summary,
        ledger_head: &'a str,
        held: Vec<HeldRecord>,
    ) -> Record<'a> {
        let files = matched.all_suppliers().flat_map(|supplier| &supplier.read.files);
        let sums = sums.shared.iter().chain(sums.suppliers.iter().flatten());
        Record {
            version: env!("CARGO_PKG_VERSION"),
            ledger_head,
            settings: settings(matched),
            inputs: matched.shared.files.iter().chain(files).zip(sums).map(|(file, sum)| input(file, sum)).collect(),
            keys: keys(matched),
            summary,
            weights: matched.shared.matcher.weights(),
            held,
        }
    }
}

fn input<'a>(file: &'a InputFile, blake3: &'a str) -> Input<'a> {
    Input {
        input: &file.input,
        path: &file.path,
        bytes: file.bytes,
        blake3,
        rows: file.rows,
        rejected: file.rejected,
        noted: file.noted,
    }
}

fn settings<'a>(matched: &'a Matched<'_>) -> Settings<'a> {
    let job: &Job = matched.job;
    let schemes = job.schemes.iter().map(|scheme| SchemeRecord {
        id: &scheme.id,
        name: &scheme.name,
        qualifying_date: scheme.qualifying_date.to_string(),
        one_rebate_per_claim: scheme.one_rebate_per_claim,
        free_after_days: scheme.free_after_days,
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
        changes: job.changes.as_ref(),
        night_of: matched.night_of.map(|date| date.to_string()),
        gates: &job.gates,
        probing: job.probing.as_ref(),
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

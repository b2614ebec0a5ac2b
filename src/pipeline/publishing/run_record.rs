//! Builds the run's record, `administrator/run.json`: inputs, settings and results, in counts.
//!
//! It has no name, date, address or reference of any person.

use std::collections::BTreeMap;

use crate::job::Job;
use crate::matching::{KeyCounts, KeyKind};
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::Matched;
use crate::release::run_record::{
    InputRecord, KeyRecord, QuarantineRecord, RunRecord, SchemeRecord, SettingsRecord, Summary,
};

/// Builds the record.
pub(crate) fn run_record(
    matched: &Matched<'_>,
    summary: &Summary,
    ledger_head: &str,
    held: Vec<QuarantineRecord>,
) -> RunRecord {
    let files = matched.all_suppliers().flat_map(|supplier| &supplier.read.files);
    let weights = serde_json::value::to_raw_value(matched.shared.matcher.model().weights());
    RunRecord {
        format: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ledger_head: Some(ledger_head.to_owned()),
        release: None,
        settings: settings(matched),
        inputs: matched.shared.files.iter().chain(files).map(input).collect(),
        keys: keys(matched),
        summary: summary.clone(),
        weights: Some(weights.expect("weights are numbers under names, which JSON can say")),
        held,
    }
}

fn input(file: &InputFile) -> InputRecord {
    InputRecord {
        input: file.input.clone(),
        path: file.path.clone(),
        bytes: file.bytes,
        blake3: file.blake3.clone(),
        rows: file.rows,
        rejected: file.rejected,
        noted: file.noted,
    }
}

fn settings(matched: &Matched<'_>) -> SettingsRecord {
    let job: &Job = matched.job;
    SettingsRecord {
        threshold: Some(job.matching.threshold),
        reject_limit: Some(job.intake.reject_limit),
        disclosure: Some(job.disclosure.clone()),
        changes: job.changes.clone(),
        night_of: matched.night_of.map(|date| date.to_string()),
        gates: Some(job.gates),
        probing: job.probing,
        schemes: job.schemes.iter().map(SchemeRecord::from).collect(),
    }
}

fn keys(matched: &Matched<'_>) -> BTreeMap<String, KeyRecord> {
    let mut counts = KeyCounts::default();
    // The flagged accounts by their set of kinds.
    let mut flagged = [0_u64; 1 << KeyKind::ALL.len()];
    for supplier in &matched.suppliers {
        counts.add(&supplier.read.keys);
        let rows = supplier.verdicts.iter().flatten().flat_map(|verdicts| verdicts.rows().iter());
        rows.filter(|row| row.flag).for_each(|row| flagged[usize::from(row.verdict.keys)] += 1);
    }
    let met = |kind: KeyKind| flagged.iter().zip(0_u16..).filter(move |(_, kinds)| kinds & kind.bit() != 0);
    KeyKind::ALL
        .into_iter()
        .map(|kind| {
            let record = KeyRecord {
                tried: counts.tried(kind),
                compared: counts.compared(kind),
                met: counts.met(kind),
                left_out: matched.shared.matcher.left_out(kind),
                flagged: met(kind).map(|(accounts, _)| accounts).sum(),
                flagged_alone: flagged[usize::from(kind.bit())],
            };
            (kind.name().to_owned(), record)
        })
        .collect()
}

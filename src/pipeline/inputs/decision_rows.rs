//! Reads the rows of decisions files.

use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::job::Job;
use crate::pipeline::inputs::identity;
use crate::pipeline::inputs::unknown_references::Mentions;
use crate::scheme::{Decision, DecisionKey, Decisions};
use crate::text::unmarked;

/// The account and scheme that a decision's row is about, and the decided flag.
pub(crate) fn decision(row: &Row<'_>, job: &Job, faults: &mut Faults) -> Option<(DecisionKey, bool)> {
    let supplier = row.get(Column::Supplier).trim();
    let scheme = row.get(Column::Scheme).trim();
    let reference = row.reference(Column::CustomerRef).map(unmarked);
    let flag = match row.get(Column::Flag).trim() {
        "Y" | "y" => Some(true),
        "N" | "n" => Some(false),
        _ => None,
    };
    let reason = match (reference, flag) {
        (None, _) => FaultReason::NoReference,
        _ if job.supplier(supplier).is_none() => FaultReason::UnknownSupplier,
        _ if !job.schemes.iter().any(|known| known.id == scheme) => FaultReason::UnknownScheme,
        (_, None) => FaultReason::NotAFlag,
        (Some(reference), Some(flag)) => {
            return Some(((supplier.to_owned(), reference.to_owned(), scheme.to_owned()), flag));
        }
    };
    faults.reject(reason);
    None
}

/// Takes the rows of a chunk of a decisions file.
pub(crate) struct DecisionConsumer<'a> {
    job: &'a Job,
    pub(crate) decisions: Decisions,
    pub(crate) mentions: Mentions,
}

impl<'a> DecisionConsumer<'a> {
    pub(crate) fn new(job: &'a Job) -> DecisionConsumer<'a> {
        DecisionConsumer { job, decisions: Decisions::default(), mentions: Mentions::default() }
    }
}

impl Consumer for DecisionConsumer<'_> {
    const NEEDS_LINES: bool = true;

    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Some((key, eligible)) = decision(row, self.job, faults) else { return };
        let decision = Decision {
            eligible,
            claim_ref: unmarked(row.reference(Column::ClaimRef).unwrap_or_default()).to_owned(),
            person_ref: unmarked(row.reference(Column::PersonRef).unwrap_or_default()).to_owned(),
            moment: identity::moment(row, Column::DecidedOn, faults),
        };
        let (supplier, customer_ref, _) = &key;
        self.mentions.push(row.line(), Column::CustomerRef, supplier, customer_ref);
        self.mentions.push(row.line(), Column::ClaimRef, "", &decision.claim_ref);
        self.mentions.push(row.line(), Column::PersonRef, "", &decision.person_ref);
        self.decisions.push(key, decision);
    }

    fn lines_before(&mut self, lines: u64) {
        self.mentions.move_by(lines);
    }
}

//! Reads the rows of objections files.

use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::job::Job;
use crate::pipeline::inputs::unknown_references::Mentions;
use crate::scheme::ObjectionRows;
use crate::text::unmarked;

/// What an objection's row states: person, claim, supplier and account.
pub(crate) fn objection<'r>(row: &'r Row<'_>, job: &Job, faults: &mut Faults) -> Option<[&'r str; 4]> {
    let [person, claim, supplier, customer] =
        [Column::PersonRef, Column::ClaimRef, Column::Supplier, Column::CustomerRef]
            .map(|column| unmarked(row.reference(column).unwrap_or_default()));
    let supplier = supplier.trim();
    // A reference that cannot be read may be the one that the objection is about.
    let unreadable = |column| !row.get(column).trim().is_empty() && row.reference(column).is_none();
    if [Column::PersonRef, Column::ClaimRef, Column::CustomerRef].into_iter().any(unreadable) {
        faults.reject(FaultReason::NoReference);
        return None;
    }
    if person.is_empty() && claim.is_empty() && (supplier.is_empty() || customer.is_empty()) {
        faults.reject(FaultReason::NoReference);
        return None;
    }
    if supplier.is_empty() != customer.is_empty() {
        faults.note(if supplier.is_empty() { Column::Supplier } else { Column::CustomerRef }, FaultReason::Missing);
    }
    // A supplier that has left stays in the job as former. Any other unknown id is a slip, and the objection
    // would be lost.
    if !supplier.is_empty() && job.supplier(supplier).is_none() {
        faults.reject(FaultReason::UnknownSupplier);
        return None;
    }
    Some([person, claim, supplier, customer])
}

/// Takes the rows of a chunk of an objections file.
pub(crate) struct ObjectionConsumer<'a> {
    job: &'a Job,
    pub(crate) objections: ObjectionRows,
    pub(crate) mentions: Mentions,
}

impl<'a> ObjectionConsumer<'a> {
    pub(crate) fn new(job: &'a Job) -> ObjectionConsumer<'a> {
        ObjectionConsumer { job, objections: ObjectionRows::default(), mentions: Mentions::default() }
    }
}

impl Consumer for ObjectionConsumer<'_> {
    const NEEDS_LINES: bool = true;

    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        if let Some([person, claim, supplier, customer]) = objection(row, self.job, faults) {
            self.objections.push(person, claim, supplier, customer);
            self.mentions.push(row.line(), Column::PersonRef, "", person);
            self.mentions.push(row.line(), Column::ClaimRef, "", claim);
            if !supplier.is_empty() {
                self.mentions.push(row.line(), Column::CustomerRef, supplier, customer);
            }
        }
    }

    fn lines_before(&mut self, lines: u64) {
        self.mentions.move_by(lines);
    }
}

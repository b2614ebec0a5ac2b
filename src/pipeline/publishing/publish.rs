//! Counts a run's figures, writes its files and publishes them: `latest` then points to the run's folder.

use std::time::SystemTime;

use rayon::prelude::*;

use crate::ledger::Ledger;
use crate::pipeline::error::PipelineError;
use crate::pipeline::figures::Figures;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::notice::Notified;
use crate::pipeline::publishing::administrator_page::AdministratorPage;
use crate::pipeline::publishing::administrator_tables::{write_claims, write_decisions, write_rejects, write_review};
use crate::pipeline::publishing::analyst::{Analyst, DueTables};
use crate::pipeline::publishing::run_record::run_record;
use crate::pipeline::publishing::supplier_tables::{with_rejects, write_flags};
use crate::pipeline::quarantine::quarantined;
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::run_record::{QuarantineRecord, Summary};
use crate::release::{FinishedFolder, ReleaseError, Staging};

/// What makes the pages of a run.
pub(crate) struct Pages {
    pub(crate) analyst: Analyst,
    pub(crate) due: DueTables,
    pub(crate) administrator: AdministratorPage,
}

/// Writes a run's files and publishes them as a whole, with what analysts have already.
pub(crate) fn publish(
    mut matched: Matched<'_>,
    pages: &Pages,
    staging: Staging,
    begun: SystemTime,
    ledger_head: &str,
    timer: &StageTimer<'_>,
) -> Result<Summary, PipelineError> {
    let figures = timer.time(Stage::Count, || Figures::count(&matched));
    let summary = Summary::new(&matched, &figures, begun);
    let progress = timer.progress();
    progress.begin("write flags and decisions", summary.accounts());
    let (written, paid) = timer.time(Stage::Write, || {
        // Neither reads what the other writes.
        let (written, record) = rayon::join(
            || {
                matched
                    .suppliers
                    .par_iter()
                    .map(|supplier| write_supplier(&matched, supplier, &staging, timer))
                    .collect()
            },
            || write_administrator(&matched, &figures, &staging, timer),
        );
        let written: Result<Vec<Written<'_>>, PipelineError> = written;
        let written = written?;
        record?;
        let paid = pages.analyst.write(&pages.due, &matched, &staging)?;
        timer.go_on()?;
        Ok::<_, PipelineError>((written, paid))
    })?;
    let ledger_head = paid.as_deref().unwrap_or(ledger_head);
    let (mut held, mut deliveries) = (Vec::new(), Vec::new());
    for one in written {
        match one {
            Written::Held(record) => held.push(*record),
            Written::Delivery(folder) => deliveries.push(folder),
        }
    }
    let summary = summary.timed(timer.stages());
    staging.sync_while(|| {
        staging.seal(deliveries)?;
        progress.end();
        let record = run_record(&matched, &summary, ledger_head, held);
        pages.administrator.write(&record, &staging)?;
        Ok::<_, PipelineError>(staging.run_record(&record)?)
    })?;
    progress.begin("publish", 0);
    let (run, notices) = (staging.run_id().to_string(), staging.notices());
    let (output, notified) = (&matched.job.output, Notified::take(&mut matched));
    // Freeing all that a run has found takes as long as many a stage, and the disk is waited for anyway.
    let (publication, ()) = rayon::join(|| staging.publish_if(|| progress.commit()), || drop(matched));
    let publication = publication?.ok_or(PipelineError::Stopped)?;
    progress.end();
    notified.notify(&notices);
    let mut summary = summary.timed(timer.stages());
    // The run is published. From here on, the next run puts right what is wrong with the ledger.
    summary.ledger_behind = Ledger::catch_up(output).err().map(|error| error.to_string());
    let summary = summary.published(run, publication.folder, publication.hashing, publication.syncing);
    timer.log_stages();
    tracing::info!(
        accounts = summary.released().map(|supplier| supplier.accounts).sum::<u64>(),
        suppliers = summary.released().count(),
        held_back = summary.held_back.len(),
        seconds = summary.seconds,
        hashing_seconds = summary.hashing_seconds,
        syncing_seconds = summary.syncing_seconds,
        "run published"
    );
    Ok(summary)
}

/// What was written for one supplier.
enum Written<'s> {
    /// Its delivery, without the sums.
    Delivery(FinishedFolder<'s>),
    /// The record of a quarantined delivery.
    Held(Box<QuarantineRecord>),
}

fn write_supplier<'s>(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    staging: &'s Staging,
    timer: &StageTimer<'_>,
) -> Result<Written<'s>, PipelineError> {
    timer.go_on()?;
    let written = match supplier.is_held() {
        true => Written::Held(Box::new(quarantined::keep(matched, supplier, staging)?)),
        false => Written::Delivery(deliver(matched, supplier, staging)?),
    };
    timer.progress().advance(supplier.read.accounts.count() as u64);
    Ok(written)
}

fn write_administrator(
    matched: &Matched<'_>,
    figures: &Figures,
    staging: &Staging,
    timer: &StageTimer<'_>,
) -> Result<(), PipelineError> {
    figures.write(matched, staging)?;
    // The two largest tables, side by side: one alone keeps the system busy with writing, and no core.
    let (decisions, claims) = rayon::join(|| write_decisions(matched, staging), || write_claims(matched, staging));
    decisions?;
    claims?;
    timer.go_on()?;
    write_review(matched, staging)?;
    Ok(write_rejects(matched, staging)?)
}

/// Writes one supplier's delivery.
fn deliver<'s>(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    staging: &'s Staging,
) -> Result<FinishedFolder<'s>, ReleaseError> {
    let mut folder = staging.supplier(&supplier.supplier.id, supplier.supplier.age_recipient.as_ref())?;
    write_flags(matched, supplier, |scheme| folder.flags(scheme))?;
    if let Some(marks) = &supplier.marks {
        staging.edit_fingerprints(&supplier.supplier.id, marks)?;
    }
    if let Some((days, receipts)) = matched.receipts(supplier.supplier) {
        folder.reports(days, receipts)?;
    }
    with_rejects(&supplier.read.files, |rejects| folder.finish(rejects))
}

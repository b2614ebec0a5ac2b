//! Writes a run's files and publishes them: `latest` then points to the run's folder.

use std::ops::Range;

use rayon::prelude::*;

use crate::intake::FaultKind;
use crate::job::Scheme;
use crate::ledger::Ledger;
use crate::matching::{Evidence, names_of};
use crate::pipeline::allocation::claim_outcomes;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::shared_inputs::InputFile;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::{AccountVerdict, GoneDecision, Verdicts};
use crate::pipeline::publishing::analyst::Analyst;
use crate::pipeline::publishing::run_record::{Sums, run_record};
use crate::pipeline::publishing::score_bands;
use crate::pipeline::quarantine::quarantined;
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::run_record::{QuarantineRecord, Summary};
use crate::release::{
    Block, ClaimRow, Claims, DecisionRow, DecisionsTable, FinishedFolder, Flag, FlagBlock, FlagFile, Marked, Rebate,
    Reject, RejectKind, Rejects, ReleaseError, Review, ReviewRow, RowFile, Staging,
};
use crate::scheme::Reason;
use crate::text::leading;

/// Accounts or verdicts that one worker writes at a time.
const ROWS_A_BLOCK: usize = 1 << 14;

/// Blocks made before they are written, so that memory stays bounded.
const BLOCKS_AT_ONCE: usize = 16;

/// Writes a run's files and publishes them as a whole, with what analysts have already.
pub(crate) fn publish(
    matched: &Matched<'_>,
    sums: &Sums,
    analyst: &Analyst,
    staging: Staging,
    summary: Summary,
    ledger_head: &str,
    timer: &StageTimer<'_>,
) -> Result<Summary, PipelineError> {
    let progress = timer.progress();
    progress.begin("write flags and decisions", summary.accounts());
    let written = timer.time(Stage::Write, || {
        // Neither reads what the other writes.
        let (written, record) = rayon::join(
            || {
                matched
                    .suppliers
                    .par_iter()
                    .map(|supplier| write_supplier(matched, supplier, &staging, timer))
                    .collect()
            },
            || write_administrator(matched, &staging, timer),
        );
        let written: Result<Vec<Written<'_>>, PipelineError> = written;
        let written = written?;
        record?;
        analyst.write(matched, &staging)?;
        timer.go_on()?;
        Ok::<_, PipelineError>(written)
    })?;
    let (mut held, mut deliveries) = (Vec::new(), Vec::new());
    for one in written {
        match one {
            Written::Held(record) => held.push(*record),
            Written::Delivery(folder) => deliveries.push(folder),
        }
    }
    staging.seal(deliveries)?;
    progress.end();
    let summary = summary.timed(timer.stages());
    staging.run_record(&run_record(matched, sums, &summary, ledger_head, held))?;
    progress.begin("publish", 0);
    let run = staging.run_id().to_string();
    let publication = staging.publish_if(|| progress.commit())?.ok_or(PipelineError::Stopped)?;
    progress.end();
    let mut summary = summary.timed(timer.stages());
    // The run is published. From here on, the next run puts right what is wrong with the ledger.
    summary.ledger_behind = Ledger::catch_up(&matched.job.output).err().map(|error| error.to_string());
    let summary = summary.published(run, publication.folder, publication.hashing, publication.syncing);
    timer.log_stages();
    tracing::info!(
        accounts = summary.accounts(),
        suppliers = summary.suppliers.len(),
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

fn write_administrator(matched: &Matched<'_>, staging: &Staging, timer: &StageTimer<'_>) -> Result<(), PipelineError> {
    write_decisions(matched, staging)?;
    timer.go_on()?;
    write_review(matched, staging)?;
    write_claims(matched, staging)?;
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
        staging.marks(&supplier.supplier.id, marks)?;
    }
    with_rejects(&supplier.read.files, |rejects| folder.finish(rejects))
}

/// Writes a supplier's flags, one file for each scheme.
pub(crate) fn write_flags(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    mut begin: impl FnMut(&Scheme) -> Result<FlagFile, ReleaseError>,
) -> Result<(), ReleaseError> {
    let accounts = &supplier.read.accounts;
    for (scheme, verdicts) in matched.job.schemes.iter().zip(&supplier.verdicts) {
        let Some(verdicts) = verdicts else { continue };
        let mut file = begin(scheme)?;
        let flagged = flagged(verdicts);
        let starts: Vec<usize> = (0..accounts.count()).step_by(ROWS_A_BLOCK).collect();
        for some in starts.chunks(BLOCKS_AT_ONCE) {
            let blocks: Vec<FlagBlock> = some
                .par_iter()
                .map(|&start| {
                    let mut block = FlagBlock::default();
                    let mut ahead = &flagged[flagged.partition_point(|account| (*account as usize) < start)..];
                    let end = accounts.count().min(start + ROWS_A_BLOCK);
                    for (number, account) in (start..).zip(accounts.each(start..end)) {
                        let flag = match ahead.split_first() {
                            Some((first, later)) if *first as usize == number => {
                                ahead = later;
                                Flag::Y
                            }
                            _ => Flag::N,
                        };
                        block.push(account.reference(), flag);
                    }
                    block
                })
                .collect();
            for block in &blocks {
                file.append(block)?;
            }
        }
        file.finish()?;
    }
    Ok(())
}

/// The accounts that get a `Y`, in order.
fn flagged(verdicts: &Verdicts) -> Vec<u32> {
    verdicts.of_accounts.iter().filter(|row| row.flag).map(|row| row.account).collect()
}

/// Passes the rejects and notes of some files to `write`.
pub(crate) fn with_rejects<T>(files: &[InputFile], write: impl FnOnce(&mut dyn Iterator<Item = Reject<'_>>) -> T) -> T {
    let reasons: Vec<(&InputFile, &crate::intake::Fault, String)> = files
        .iter()
        .flat_map(|file| file.faults.iter().map(move |fault| (file, fault, fault.reason.to_string())))
        .collect();
    write(&mut reasons.iter().map(|(file, fault, reason)| Reject {
        file: &file.name,
        line: fault.line,
        kind: match fault.kind {
            FaultKind::Reject => RejectKind::Reject,
            FaultKind::Note => RejectKind::Note,
        },
        column: fault.column.map_or("", |column| column.name()),
        reason,
    }))
}

/// Writes `decisions.csv` for all suppliers with a delivery, sorted by scheme, supplier and account.
fn write_decisions(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let mut file = staging.rows::<DecisionsTable>()?;
    for (place, _) in matched.job.schemes.iter().enumerate() {
        for supplier in by_id(matched).into_iter().filter(|supplier| !supplier.is_held()) {
            write_decisions_of(matched, supplier, place, &mut file)?;
        }
    }
    file.finish()
}

/// The suppliers of the run, sorted by id.
fn by_id<'m, 'a>(matched: &'m Matched<'a>) -> Vec<&'m SupplierMatch<'a>> {
    let mut suppliers: Vec<&SupplierMatch<'_>> = matched.suppliers.iter().collect();
    suppliers.sort_unstable_by_key(|supplier| &supplier.supplier.id);
    suppliers
}

/// Rows of a supplier's verdicts, sorted by account reference.
fn in_order<'v>(
    supplier: &SupplierMatch<'_>,
    rows: impl Iterator<Item = &'v AccountVerdict>,
) -> Vec<&'v AccountVerdict> {
    let reference = |row: &AccountVerdict| supplier.read.accounts.reference(row.account as usize);
    let mut keyed: Vec<(u128, &AccountVerdict)> = rows.map(|row| (leading(reference(row)), row)).collect();
    keyed.par_sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| reference(one.1).cmp(reference(other.1))));
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Writes the decisions on a supplier's accounts in one scheme.
pub(crate) fn write_decisions_of(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    place: usize,
    file: &mut RowFile<DecisionsTable>,
) -> Result<(), ReleaseError> {
    let Some(verdicts) = &supplier.verdicts[place] else { return Ok(()) };
    let rows = in_order(supplier, verdicts.of_accounts.iter());
    let chunks: Vec<&[&AccountVerdict]> = rows.chunks(ROWS_A_BLOCK).collect();
    for some in chunks.chunks(BLOCKS_AT_ONCE) {
        let blocks: Vec<Block<DecisionsTable>> =
            some.par_iter().map(|rows| decision_block(matched, supplier, place, verdicts, rows)).collect();
        for block in &blocks {
            file.append(block)?;
        }
    }
    for GoneDecision { customer_ref, claim_ref, record } in &verdicts.gone {
        let record = record.as_ref();
        file.write(&DecisionRow {
            supplier: &supplier.supplier.id,
            customer_ref,
            scheme: &matched.job.schemes[place].id,
            flag: Flag::N,
            reason: Reason::DecisionOutdated.name(),
            group: "",
            claim_ref,
            keys: "",
            levels: "",
            posterior_band: "",
            lead_band: "",
            decided_on: record.and_then(|record| record.decided_on.as_deref()).unwrap_or_default(),
            decided_claim_ref: record.map_or("", |record| &record.claim_ref),
            decided_levels: record.map_or("", |record| &record.levels),
        })?;
    }
    Ok(())
}

fn decision_block(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    place: usize,
    verdicts: &Verdicts,
    rows: &[&AccountVerdict],
) -> Block<DecisionsTable> {
    let scheme = &matched.job.schemes[place];
    let persons = matched.shared.matcher.persons();
    let mut block = Block::default();
    let (mut keys, mut levels) = (String::new(), String::new());
    for row in rows {
        let verdict = &row.verdict;
        keys.clear();
        for name in names_of(verdict.keys) {
            if !keys.is_empty() {
                keys.push(' ');
            }
            keys.push_str(name);
        }
        levels.clear();
        if let Some(packed) = verdict.levels {
            Evidence::unpack(packed).describe(&mut levels);
        }
        let found = verdict.levels.is_some();
        let claim = verdict.claim.map_or("", |claim| persons.claim_ref(claim));
        block.push(&DecisionRow {
            supplier: &supplier.supplier.id,
            customer_ref: supplier.read.accounts.reference(row.account as usize),
            scheme: &scheme.id,
            flag: if row.flag { Flag::Y } else { Flag::N },
            reason: row.reason(),
            group: verdict.group.map_or("", |group| &scheme.groups[usize::from(group)].id),
            claim_ref: verdicts.claim_ref(row.account).unwrap_or(claim),
            keys: &keys,
            levels: &levels,
            posterior_band: if found { score_bands::posterior(verdict.posterior) } else { "" },
            lead_band: if found { score_bands::lead(verdict.lead) } else { "" },
            decided_on: verdicts
                .record(row.account)
                .and_then(|record| record.decided_on.as_deref())
                .unwrap_or_default(),
            decided_claim_ref: verdicts.record(row.account).map_or("", |record| &record.claim_ref),
            decided_levels: verdicts.record(row.account).map_or("", |record| &record.levels),
        });
    }
    block
}

/// Writes `review.csv`: what staff need to decide, one row for each candidate. It is sorted by scheme, supplier
/// and account, the likeliest candidate first.
fn write_review(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let persons = matched.shared.matcher.persons();
    let mut file = staging.rows::<Review>()?;
    for (place, scheme) in matched.job.schemes.iter().enumerate() {
        for supplier in by_id(matched) {
            let Some(verdicts) = &supplier.verdicts[place] else { continue };
            let for_review = verdicts.of_accounts.iter().filter(|row| row.verdict.reason.is_for_review());
            let row_of = |customer_ref, reason: Reason, (claim_ref, person_ref, posterior_band)| ReviewRow {
                supplier: &supplier.supplier.id,
                customer_ref: Marked(customer_ref),
                scheme: &scheme.id,
                reason: reason.name(),
                claim_ref: Marked(claim_ref),
                person_ref: Marked(person_ref),
                posterior_band,
            };
            for row in in_order(supplier, for_review) {
                let customer_ref = supplier.read.accounts.reference(row.account as usize);
                let mut shown: Vec<(f32, &str, &str)> = verdicts
                    .likely(row.account)
                    .map(|likely| (likely.likelihood, persons.person_of(likely.row)))
                    .flat_map(|(likelihood, person)| {
                        let person_ref = persons.first_person_ref(person);
                        persons.claims_of(person).map(move |claim| (likelihood, persons.claim_ref(claim), person_ref))
                    })
                    .collect();
                shown.sort_unstable_by(|one, other| {
                    other.0.total_cmp(&one.0).then_with(|| (one.1, one.2).cmp(&(other.1, other.2)))
                });
                shown.dedup_by_key(|(_, claim_ref, person_ref)| (*claim_ref, *person_ref));
                let reason = row.verdict.reason;
                for (likelihood, claim_ref, person_ref) in &shown {
                    let candidate = (*claim_ref, *person_ref, score_bands::posterior(*likelihood));
                    file.write(&row_of(customer_ref, reason, candidate))?;
                }
                if shown.is_empty() {
                    let claim = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
                    let claim_ref = verdicts.claim_ref(row.account).unwrap_or(claim);
                    file.write(&row_of(customer_ref, reason, (claim_ref, "", "")))?;
                }
            }
            for GoneDecision { customer_ref, claim_ref, .. } in &verdicts.gone {
                file.write(&row_of(customer_ref, Reason::DecisionOutdated, (claim_ref, "", "")))?;
            }
        }
    }
    file.finish()
}

/// The places of a claim's rebates. `rebates` is in the order of claims' references; `left` is where to search
/// from, and moves past them.
fn of_claim(rebates: &[Rebate], left: &mut usize, claim_ref: &str) -> Range<usize> {
    *left += rebates[*left..].iter().take_while(|rebate| rebate.claim_ref() < claim_ref).count();
    let start = *left;
    *left += rebates[start..].iter().take_while(|rebate| rebate.claim_ref() == claim_ref).count();
    start..*left
}

/// Writes `claims.csv`, in the order of the claims' references: each claim that may carry a rebate, and the
/// state of each rebate, including rebates whose claims are no longer in the records.
fn write_claims(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let persons = matched.shared.matcher.persons();
    let by_scheme: Vec<_> =
        (0..matched.job.schemes.len()).map(|place| claim_outcomes::of_claims(matched, place)).collect();
    let mut order: Vec<(u128, u32)> = (0..persons.claim_count() as u32)
        .into_par_iter()
        .filter(|&claim| by_scheme.iter().any(|outcomes| outcomes[claim as usize].is_some()))
        .map(|claim| (leading(persons.claim_ref(claim)), claim))
        .collect();
    order.par_sort_unstable_by(|one, other| {
        one.0.cmp(&other.0).then_with(|| persons.claim_ref(one.1).cmp(persons.claim_ref(other.1)))
    });
    let mut file = staging.rows::<Claims>()?;
    for (place, (outcomes, scheme)) in by_scheme.iter().zip(&matched.job.schemes).enumerate() {
        let rebates = &matched.rebates[place];
        let households = &matched.shared.households[place];
        let mut is_written = vec![false; rebates.len()];
        let chunks: Vec<&[(u128, u32)]> = order.chunks(ROWS_A_BLOCK).collect();
        for some in chunks.chunks(BLOCKS_AT_ONCE) {
            let made = some.par_iter().map(|claims| {
                let (mut block, mut met) = (Block::default(), Vec::new());
                let first = persons.claim_ref(claims[0].1);
                let mut left = rebates.partition_point(|rebate| rebate.claim_ref() < first);
                for &(_, claim) in *claims {
                    let Some(outcome) = outcomes[claim as usize] else { continue };
                    let claim_ref = persons.claim_ref(claim);
                    let named = Some(claim_ref).filter(|claim_ref| persons.identifies_claim(claim_ref));
                    let household = match households.of_claim(claim) {
                        same if same == claim => named,
                        other => persons.named_claim_ref(other),
                    };
                    let household = household.unwrap_or_default();
                    let own = named.map_or(0..0, |named| of_claim(rebates, &mut left, named));
                    let none = own.is_empty().then_some(None);
                    for rebate in rebates[own.clone()].iter().map(Some).chain(none) {
                        block.push(&ClaimRow::new(claim_ref, &scheme.id, household, outcome, rebate));
                    }
                    met.extend(own);
                }
                (block, met)
            });
            for (block, met) in made.collect::<Vec<_>>() {
                file.append(&block)?;
                met.into_iter().for_each(|at| is_written[at] = true);
            }
        }
        for (rebate, _) in rebates.iter().zip(is_written).filter(|(_, is_written)| !is_written) {
            let (claim_ref, household, outcome) = (rebate.claim_ref(), rebate.household(), rebate.state.outcome());
            file.write(&ClaimRow::new(claim_ref, &scheme.id, household, outcome, Some(rebate)))?;
        }
    }
    file.finish()
}

/// Writes the rejects of the shared inputs, which no supplier sees.
fn write_rejects(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let mut file = staging.rows::<Rejects>()?;
    with_rejects(&matched.shared.files, |rejects| {
        for reject in rejects {
            file.write(&reject)?;
        }
        Ok::<(), ReleaseError>(())
    })?;
    file.finish()
}

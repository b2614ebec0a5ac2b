//! Writes what there is of one supplier's accounts: flags, decisions and rejects.

use rayon::prelude::*;

use crate::intake::{ColumnMap, Fault, FaultKind};
use crate::job::Scheme;
use crate::matching::{Evidence, names_of};
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::{AccountVerdict, GoneDecision, Verdicts};
use crate::pipeline::publishing::score_bands;
use crate::release::{
    Block, DecisionRow, DecisionsTable, Flag, FlagBlock, FlagFile, Reject, RejectKind, ReleaseError, RowFile,
};
use crate::scheme::Reason;
use crate::text::leading;

/// Accounts or verdicts that one worker writes at a time.
pub(crate) const ROWS_A_BLOCK: usize = 1 << 14;

/// Blocks made before they are written, so that memory stays bounded.
pub(crate) const BLOCKS_AT_ONCE: usize = 16;

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
    let reasons: Vec<(&InputFile, &Fault, String)> = files
        .iter()
        .flat_map(|file| file.faults.iter().map(move |fault| (file, fault, fault.reason.to_string())))
        .collect();
    write(&mut reasons.iter().map(|(file, fault, reason)| reject(&file.name, fault, reason, &file.columns)))
}

/// The row of a fault in a file; `reason` is the fault's, in words.
pub(crate) fn reject<'a>(file: &'a str, fault: &Fault, reason: &'a str, columns: &'a ColumnMap) -> Reject<'a> {
    Reject {
        file,
        line: fault.line,
        kind: match fault.kind {
            FaultKind::Reject => RejectKind::Reject,
            FaultKind::Note => RejectKind::Note,
        },
        column: fault.column.map_or("", |column| column.name()),
        reason,
        heading: fault.column.map_or("", |column| columns.heading(column)),
    }
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

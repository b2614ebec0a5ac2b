//! Writes what there is of one supplier's accounts: flags, decisions and rejects.

use foldhash::HashMap;
use rayon::prelude::*;

use crate::intake::{ColumnMap, Fault, FaultKind};
use crate::job::Scheme;
use crate::matching::{Evidence, Levels, names_of};
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::judging::verdicts::{GoneDecision, Verdicts};
use crate::pipeline::publishing::score_bands;
use crate::release::{
    Block, DecisionRow, DecisionsTable, Flag, FlagBlock, FlagFile, Reject, RejectKind, ReleaseError, RowFile, in_blocks,
};
use crate::scheme::Reason;
use crate::text::ByText;

/// Accounts or verdicts that one worker writes at a time.
pub(crate) const ROWS_A_BLOCK: usize = 1 << 12;

/// Verdicts whose parts are gathered together, so that they wait for memory together.
const AT_ONCE: usize = 64;

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
        let make = |number: usize, block: &mut FlagBlock| {
            block.clear();
            let start = number * ROWS_A_BLOCK;
            let some = start..accounts.count().min(start + ROWS_A_BLOCK);
            let mut flagged = verdicts.rows().among(some.clone()).flagged().peekable();
            for (number, account) in (start as u32..).zip(accounts.each(some)) {
                let flag = if flagged.next_if_eq(&number).is_some() { Flag::Y } else { Flag::N };
                block.push(account.reference(), flag);
            }
        };
        in_blocks(accounts.count().div_ceil(ROWS_A_BLOCK), make, |block| file.append(block))?;
        file.finish()?;
    }
    Ok(())
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

/// Writes the decisions on a supplier's accounts in one scheme.
pub(crate) fn write_decisions_of(
    matched: &Matched<'_>,
    supplier: &SupplierMatch<'_>,
    place: usize,
    file: &mut RowFile<DecisionsTable>,
) -> Result<(), ReleaseError> {
    let Some(verdicts) = &supplier.verdicts[place] else { return Ok(()) };
    let of_supplier = Decisions { matched, supplier, place, verdicts };
    let rows = of_supplier.in_order();
    let chunks: Vec<&[ByText]> = rows.chunks(ROWS_A_BLOCK).collect();
    let make = |number: usize, made: &mut DecisionBlock| of_supplier.fill(made, chunks[number]);
    in_blocks(chunks.len(), make, |made| file.append(&made.block))?;
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

/// The decisions on a supplier's accounts in one scheme.
struct Decisions<'m> {
    matched: &'m Matched<'m>,
    supplier: &'m SupplierMatch<'m>,
    /// The scheme's place in the job.
    place: usize,
    verdicts: &'m Verdicts,
}

/// Rows of decisions, and the words of kinds of match key and of comparison levels that they share: there are a few
/// thousand sets of them among hundreds of thousands of rows.
#[derive(Default)]
struct DecisionBlock {
    block: Block<DecisionsTable>,
    words: HashMap<(u16, Option<Levels>), [String; 2]>,
}

impl Decisions<'_> {
    fn reference(&self, row: u32) -> &str {
        self.supplier.read.accounts.reference(self.verdicts.rows().account(row as usize) as usize)
    }

    /// The places of the verdicts, sorted by account reference.
    fn in_order(&self) -> Vec<ByText> {
        let rows = 0..self.verdicts.rows().len() as u32;
        let mut all: Vec<ByText> = rows.into_par_iter().map(|row| ByText::new(self.reference(row), row)).collect();
        ByText::sort(&mut all, |one, other| self.reference(one).cmp(self.reference(other)));
        all
    }

    /// Makes the rows of some verdicts.
    fn fill(&self, made: &mut DecisionBlock, rows: &[ByText]) {
        made.block.clear();
        let persons = self.matched.shared.matcher.persons();
        let (mut gathered, mut claim_refs) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
        for some in rows.chunks(AT_ONCE) {
            gathered.clear();
            gathered.extend(some.iter().map(|own| self.verdicts.rows().at(own.number as usize)));
            claim_refs.clear();
            claim_refs.extend(
                gathered
                    .iter()
                    .map(|row: &AccountVerdict| row.verdict.claim.map_or("", |claim| persons.claim_ref(claim))),
            );
            for ((own, row), claim_ref) in some.iter().zip(&gathered).zip(&claim_refs) {
                let mut bytes = [0; 16];
                made.push(self, row, own.text(&mut bytes, |row| self.reference(row)), claim_ref);
            }
        }
    }
}

impl DecisionBlock {
    /// Appends a row. `claim_ref` is of the verdict's claim.
    fn push(&mut self, decisions: &Decisions<'_>, row: &AccountVerdict, customer_ref: &str, claim_ref: &str) {
        let Decisions { matched, supplier, place, verdicts } = *decisions;
        let (scheme, verdict) = (&matched.job.schemes[place], &row.verdict);
        let [keys, levels] = self.words.entry((verdict.keys, verdict.levels)).or_insert_with(|| {
            let mut levels = String::new();
            verdict.levels.into_iter().for_each(|packed| Evidence::unpack(packed).describe(&mut levels));
            [names_of(verdict.keys).collect::<Vec<_>>().join(" "), levels]
        });
        let found = verdict.levels.is_some();
        let record = verdicts.record(row.account);
        self.block.push(&DecisionRow {
            supplier: &supplier.supplier.id,
            customer_ref,
            scheme: &scheme.id,
            flag: if row.flag { Flag::Y } else { Flag::N },
            reason: row.reason(),
            group: verdict.group.map_or("", |group| &scheme.groups[usize::from(group)].id),
            claim_ref: verdicts.claim_ref(row.account).unwrap_or(claim_ref),
            keys,
            levels,
            posterior_band: if found { score_bands::posterior(verdict.posterior) } else { "" },
            lead_band: if found { score_bands::lead(verdict.lead) } else { "" },
            decided_on: record.and_then(|record| record.decided_on.as_deref()).unwrap_or_default(),
            decided_claim_ref: record.map_or("", |record| &record.claim_ref),
            decided_levels: record.map_or("", |record| &record.levels),
        });
    }
}

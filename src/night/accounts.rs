//! Rows of one supplier to accounts: rows with the same reference are holders of one account.

use std::collections::HashMap;

use rayon::prelude::*;

use super::customer_rows::{CustomerRow, RowPart, Traits};
use crate::matching::{Candidate, Digest, Holder};

/// A row, by part and number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RowId {
    part: u32,
    row: u32,
}

/// The accounts of a supplier, in the order in which each first appears.
pub(crate) struct Accounts {
    parts: Vec<RowPart>,
    first: Vec<RowId>,
    further: HashMap<u32, Vec<RowId>>,
    exact_repeats: u64,
}

/// The same reference is in two files of a supplier that does not say that it sends parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RepeatedAcrossFiles {
    /// How many references.
    pub(super) references: u64,
}

impl Accounts {
    /// Gathers the rows of a supplier's files, each file's parts in order.
    pub(super) fn gather(files: Vec<Vec<RowPart>>, may_be_spread: bool) -> Result<Accounts, RepeatedAcrossFiles> {
        let mut file_of: Vec<u32> = Vec::new();
        let mut parts = Vec::new();
        for (file, own) in (0..).zip(files) {
            file_of.extend(std::iter::repeat_n(file, own.len()));
            parts.extend(own);
        }
        let mut ordered: Vec<(Digest, RowId)> = Vec::with_capacity(parts.iter().map(|part| part.rows.len()).sum());
        for (number, part) in (0..).zip(&mut parts) {
            let digests = std::mem::take(&mut part.digests);
            ordered.extend(digests.into_iter().zip(0..).map(|(digest, row)| (digest, RowId { part: number, row })));
        }
        ordered.par_sort_unstable();
        let mut accounts = Accounts { parts, first: Vec::new(), further: HashMap::new(), exact_repeats: 0 };
        let mut repeated = 0;
        let mut shared: HashMap<RowId, Vec<RowId>> = HashMap::new();
        let mut first: Vec<RowId> = Vec::with_capacity(ordered.len());
        for same in ordered.chunk_by(|one, other| one.0 == other.0) {
            first.push(same[0].1);
            if same.len() == 1 {
                continue;
            }
            let file = |id: RowId| file_of[id.part as usize];
            repeated += u64::from(same.iter().any(|(_, id)| file(*id) != file(same[0].1)));
            let mut kept: Vec<RowId> = vec![same[0].1];
            for (_, id) in &same[1..] {
                let fingerprint = accounts.row(*id).fingerprint;
                if kept.iter().any(|other| accounts.row(*other).fingerprint == fingerprint) {
                    accounts.exact_repeats += 1;
                } else {
                    kept.push(*id);
                }
            }
            if kept.len() > 1 {
                shared.insert(kept[0], kept.split_off(1));
            }
        }
        if repeated > 0 && !may_be_spread {
            return Err(RepeatedAcrossFiles { references: repeated });
        }
        first.par_sort_unstable();
        for (account, id) in (0..).zip(&first) {
            if let Some(further) = shared.remove(id) {
                accounts.further.insert(account, further);
            }
        }
        accounts.first = first;
        Ok(accounts)
    }

    /// How many accounts there are.
    pub(crate) fn count(&self) -> usize {
        self.first.len()
    }

    /// Rows that repeat another row of their account exactly, and were dropped.
    pub(crate) fn exact_repeats(&self) -> u64 {
        self.exact_repeats
    }

    /// The supplier's reference of an account.
    pub(crate) fn reference(&self, account: usize) -> &str {
        let RowId { part, row } = self.first[account];
        self.parts[part as usize].references.get(row as usize)
    }

    /// What there is of an account, by its first row.
    pub(crate) fn traits(&self, account: usize) -> Traits {
        self.row(self.first[account]).traits
    }

    /// A holder is in play in a scheme.
    pub(crate) fn is_in_play(&self, account: usize, scheme: usize) -> bool {
        self.rows_in_play(account, scheme).next().is_some()
    }

    /// Candidates of a holder in play were left out.
    pub(crate) fn is_cut_off(&self, account: usize, scheme: usize) -> bool {
        self.rows_in_play(account, scheme).any(|id| self.row(id).cut_off)
    }

    /// The highest energy-cost score at the account's UPRNs.
    pub(crate) fn energy_score(&self, account: usize, scheme: usize) -> Option<f32> {
        self.rows_in_play(account, scheme).filter_map(|id| self.row(id).energy_score).reduce(f32::max)
    }

    /// The candidates of each holder who has any, in any scheme.
    pub(crate) fn all_holders(&self) -> impl Iterator<Item = &[Candidate]> {
        self.parts
            .iter()
            .flat_map(|part| (0..part.rows.len()).map(|row| part.candidates_of(row)))
            .flat_map(|candidates| candidates.chunk_by(|one, other| one.holder == other.holder))
    }

    /// A holder in play in the scheme has a candidate.
    pub(crate) fn has_candidate(&self, account: usize, scheme: usize) -> bool {
        self.rows_in_play(account, scheme).any(|id| !self.candidates(id).is_empty())
    }

    /// The holders who are in play in a scheme, those without candidates too.
    pub(crate) fn holders(&self, account: usize, scheme: usize) -> Vec<Holder<'_>> {
        let mut holders = Vec::new();
        for id in self.rows_in_play(account, scheme) {
            let row = self.row(id);
            let mut rest = self.candidates(id);
            for number in 0..row.holders {
                let own = rest.iter().take_while(|candidate| candidate.holder == u32::from(number)).count();
                let (candidates, others) = rest.split_at(own);
                rest = others;
                holders.push(Holder { candidates, couple: row.couples >> number & 1 == 1 });
            }
        }
        holders
    }

    fn ids(&self, account: usize) -> impl Iterator<Item = RowId> {
        let further = if self.further.is_empty() { None } else { self.further.get(&(account as u32)) };
        std::iter::once(self.first[account]).chain(further.into_iter().flatten().copied())
    }

    fn rows_in_play(&self, account: usize, scheme: usize) -> impl Iterator<Item = RowId> {
        self.ids(account).filter(move |id| self.row(*id).in_play >> scheme & 1 == 1)
    }

    fn row(&self, id: RowId) -> &CustomerRow {
        &self.parts[id.part as usize].rows[id.row as usize]
    }

    fn candidates(&self, id: RowId) -> &[Candidate] {
        self.parts[id.part as usize].candidates_of(id.row as usize)
    }
}

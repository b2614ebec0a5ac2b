//! Finds the first row of each account of a supplier, and the account of each first row.
//!
//! Almost every row is the first of its account. So the index keeps only the other rows: an account's first row
//! is its own number, moved on by the number of other rows before it.

use std::ops::Range;

/// A row, by its chunk and its number in the chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId {
    pub(crate) part: u32,
    pub(crate) row: u32,
}

/// The first rows of accounts. Accounts are numbered in the order of rows.
pub(crate) struct AccountIndex {
    parts: Vec<Part>,
    count: u32,
    /// A directory: the chunk of every `STRIDE`th account, so that a lookup need not search all chunks.
    directory: Vec<u32>,
}

/// Accounts from one entry of the directory to the next.
const STRIDE: usize = if cfg!(test) { 4 } else { 1 << 12 };

struct Part {
    /// Accounts that begin in the chunks before it; `accounts` begin in the chunk itself.
    accounts_before: u32,
    accounts: u32,
    /// For each row that is not the first of its account, how many first rows come before it in the chunk.
    firsts_before_later: Vec<u32>,
}

impl Part {
    /// The first rows of the accounts at these places in the chunk.
    fn rows_of(&self, places: Range<u32>) -> impl Iterator<Item = u32> {
        let mut later = self.firsts_before_later.partition_point(|firsts| *firsts <= places.start);
        places.map(move |place| {
            while self.firsts_before_later.get(later).is_some_and(|firsts| *firsts <= place) {
                later += 1;
            }
            place + later as u32
        })
    }
}

impl AccountIndex {
    /// Numbers the accounts. `rows` has the number of rows of each chunk, and `later` the rows that are not the
    /// first of their account.
    pub(crate) fn new(rows: impl Iterator<Item = u32>, mut later: Vec<RowId>) -> AccountIndex {
        later.sort_unstable();
        let mut later = &later[..];
        let mut parts = Vec::new();
        let mut count = 0;
        for (number, rows) in (0..).zip(rows) {
            let own = later.iter().take_while(|id| id.part == number).count();
            let (in_part, rest) = later.split_at(own);
            later = rest;
            let firsts_before_later = in_part.iter().zip(0..).map(|(id, before)| id.row - before).collect();
            let accounts = rows - own as u32;
            parts.push(Part { accounts_before: count, accounts, firsts_before_later });
            count += accounts;
        }
        let mut directory = Vec::with_capacity(count as usize / STRIDE + 1);
        for (number, part) in (0..).zip(&parts) {
            let end = parts.get(number as usize + 1).map_or(count, |next| next.accounts_before) as usize;
            let due = end.div_ceil(STRIDE);
            if (part.accounts_before as usize) < end && directory.len() < due {
                directory.resize(due, number);
            }
        }
        AccountIndex { parts, count, directory }
    }

    /// How many accounts there are.
    pub(crate) fn count(&self) -> usize {
        self.count as usize
    }

    /// The first row of an account.
    pub(crate) fn row_of(&self, account: usize) -> RowId {
        let account = account as u32;
        let mut number = self.directory[account as usize / STRIDE] as usize;
        while self.parts.get(number + 1).is_some_and(|next| next.accounts_before <= account) {
            number += 1;
        }
        let part = &self.parts[number];
        let place = account - part.accounts_before;
        let later = part.firsts_before_later.partition_point(|firsts| *firsts <= place);
        RowId { part: number as u32, row: place + later as u32 }
    }

    /// The first rows of consecutive accounts.
    pub(crate) fn rows_of(&self, some: Range<usize>) -> impl Iterator<Item = RowId> {
        let (start, end) = (some.start as u32, some.end as u32);
        let first = if some.is_empty() { 0 } else { self.row_of(some.start).part };
        let parts =
            (first..).zip(&self.parts[first as usize..]).take_while(move |(_, part)| part.accounts_before < end);
        parts.flat_map(move |(number, part)| {
            let before = part.accounts_before;
            let rows = part.rows_of(start.saturating_sub(before)..(end - before).min(part.accounts));
            rows.map(move |row| RowId { part: number, row })
        })
    }

    /// The first rows of some accounts, which come in order.
    pub(crate) fn rows_of_some(&self, accounts: impl Iterator<Item = u32>) -> impl Iterator<Item = RowId> {
        let mut reached: Option<(usize, usize)> = None;
        accounts.map(move |account| {
            let (mut number, mut later) = reached.unwrap_or_else(|| (self.row_of(account as usize).part as usize, 0));
            while self.parts.get(number + 1).is_some_and(|next| next.accounts_before <= account) {
                (number, later) = (number + 1, 0);
            }
            let part = &self.parts[number];
            let place = account - part.accounts_before;
            while part.firsts_before_later.get(later).is_some_and(|firsts| *firsts <= place) {
                later += 1;
            }
            reached = Some((number, later));
            RowId { part: number as u32, row: place + later as u32 }
        })
    }

    /// Finds the accounts of a chunk's rows, which are asked for in order; `None` for a row that is not the first of
    /// its account.
    pub(crate) fn accounts_of(&self, part: usize) -> impl FnMut(u32) -> Option<u32> {
        let Part { accounts_before, firsts_before_later, .. } = &self.parts[part];
        let mut later = 0;
        move |row| {
            let row_at = |later: usize| firsts_before_later.get(later).map(|firsts| firsts + later as u32);
            while row_at(later).is_some_and(|other| other < row) {
                later += 1;
            }
            (row_at(later) != Some(row)).then(|| accounts_before + row - later as u32)
        }
    }

    /// The account whose first row this is.
    pub(crate) fn account_of(&self, first: RowId) -> u32 {
        let part = &self.parts[first.part as usize];
        let later = &part.firsts_before_later;
        let (mut before, mut end) = (0, later.len());
        while before < end {
            let middle = (before + end) / 2;
            // The row number of the later row at `middle`.
            if later[middle] as usize + middle < first.row as usize { before = middle + 1 } else { end = middle }
        }
        part.accounts_before + first.row - before as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_like_a_list_of_all_rows(parts in prop::collection::vec(prop::collection::vec(any::<bool>(), 0..20), 0..8)) {
            let (mut all, mut later) = (Vec::new(), Vec::new());
            for (part, rows) in (0..).zip(&parts) {
                for (row, is_first) in (0..).zip(rows) {
                    if *is_first { all.push(RowId { part, row }) } else { later.push(RowId { part, row }) }
                }
            }
            later.reverse();
            let first = AccountIndex::new(parts.iter().map(|rows| rows.len() as u32), later);
            prop_assert_eq!(first.count(), all.len());
            prop_assert_eq!(first.directory.len(), all.len().div_ceil(STRIDE));
            for (account, id) in all.iter().enumerate() {
                prop_assert_eq!(first.row_of(account), *id);
                prop_assert_eq!(first.account_of(*id), account as u32);
            }
            for step in 1..4 {
                let some = (0..all.len()).step_by(step);
                let rows = first.rows_of_some(some.clone().map(|account| account as u32));
                prop_assert!(rows.eq(some.map(|account| all[account])));
            }
            for (part, rows) in parts.iter().enumerate() {
                let mut account_of = first.accounts_of(part);
                for (row, is_first) in (0..).zip(rows) {
                    let expected = is_first.then(|| first.account_of(RowId { part: part as u32, row }));
                    prop_assert_eq!(account_of(row), expected);
                }
            }
            for from in 0..=all.len() {
                let to = all.len() - from / 2;
                prop_assert!(first.rows_of(from..to.max(from)).eq(all[from..to.max(from)].iter().copied()));
            }
        }
    }
}

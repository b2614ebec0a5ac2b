//! Where the accounts of a supplier begin: in go the rows that are not the first of their account, out
//! comes for each account its first row, and the other way round.
//!
//! Almost every row is the first of its account. So only the others are kept, and an account's row is
//! its own number moved on by those before it.

use std::ops::Range;

/// A row, by part and number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowId {
    pub(super) part: u32,
    pub(super) row: u32,
}

/// The first rows of accounts, which are numbered in the rows' order.
pub(super) struct FirstRows {
    parts: Vec<Part>,
    count: u32,
    /// The part of every so many-th account, so that nobody searches all parts.
    directory: Vec<u32>,
}

/// Accounts from one entry of the directory to the next.
const STRIDE: usize = 1 << 12;

struct Part {
    /// Accounts that begin in parts before it, and in it.
    accounts_before: u32,
    accounts: u32,
    /// How many rows of the part begin an account before each row that begins none.
    firsts_before_later: Vec<u32>,
}

impl Part {
    /// The rows that begin the accounts of those places in the part.
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

impl FirstRows {
    /// Numbers the accounts of parts with so many rows, of which some are not the first of their account.
    pub(super) fn of(rows: impl Iterator<Item = u32>, mut later: Vec<RowId>) -> FirstRows {
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
        FirstRows { parts, count, directory }
    }

    /// How many accounts there are.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// The first row of an account.
    pub(super) fn row_of(&self, account: usize) -> RowId {
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

    /// The first rows of accounts that follow one another.
    pub(super) fn rows_of(&self, some: Range<usize>) -> impl Iterator<Item = RowId> {
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

    /// The account that begins with a row.
    pub(super) fn account_of(&self, first: RowId) -> u32 {
        let part = &self.parts[first.part as usize];
        let later = &part.firsts_before_later;
        let (mut before, mut end) = (0, later.len());
        while before < end {
            let middle = (before + end) / 2;
            // The row of that place among the later ones.
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
            let first = FirstRows::of(parts.iter().map(|rows| rows.len() as u32), later);
            prop_assert_eq!(first.count(), all.len());
            prop_assert_eq!(first.directory.len(), all.len().div_ceil(STRIDE));
            for (account, id) in all.iter().enumerate() {
                prop_assert_eq!(first.row_of(account), *id);
                prop_assert_eq!(first.account_of(*id), account as u32);
            }
            for from in 0..=all.len() {
                let to = all.len() - from / 2;
                prop_assert!(first.rows_of(from..to.max(from)).eq(all[from..to.max(from)].iter().copied()));
            }
        }
    }
}

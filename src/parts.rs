//! Numbers the rows of several parts of files through, and finds a row's part. The parts stay where they are: joining
//! them would copy every row.

use std::ops::Deref;

/// Lists of rows, one after another.
pub(crate) struct Parts<T> {
    parts: Vec<T>,
    /// By part, the number of its first row; then the number of rows.
    firsts: Vec<u32>,
    /// The part of every 1,024th row.
    directory: Vec<u32>,
}

const STEP: usize = 1 << 10;

impl<T> Parts<T> {
    /// The parts in order; `rows` is how many rows one has.
    pub(crate) fn new(parts: Vec<T>, rows: impl Fn(&T) -> usize) -> Parts<T> {
        let (mut firsts, mut directory, mut end) = (vec![0], Vec::new(), 0);
        for (number, part) in (0..).zip(&parts) {
            end += rows(part);
            firsts.push(u32::try_from(end).expect("rows are numbered by 32 bits"));
            directory.resize(end.div_ceil(STEP), number);
        }
        Parts { parts, firsts, directory }
    }

    /// The part that a row is in, and the row's number in it.
    #[inline]
    pub(crate) fn find(&self, row: u32) -> (&T, usize) {
        let mut part = self.directory[row as usize / STEP] as usize;
        while self.firsts[part + 1] <= row {
            part += 1;
        }
        (&self.parts[part], (row - self.firsts[part]) as usize)
    }
}

impl<T, R> Parts<T>
where
    T: Deref<Target = [R]>,
{
    /// Lists.
    pub(crate) fn of_lists(lists: Vec<T>) -> Parts<T> {
        Parts::new(lists, |list| list.len())
    }

    /// A row.
    #[inline]
    pub(crate) fn get(&self, row: u32) -> &R {
        let (part, number) = self.find(row);
        &part[number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_is_found_in_its_part(parts in vec(vec(0..9_u8, 0..3000), 0..9)) {
            let all = parts.concat();
            let parts = Parts::of_lists(parts);
            for (row, expected) in (0..).zip(&all) {
                prop_assert_eq!(parts.get(row), expected);
            }
        }
    }
}

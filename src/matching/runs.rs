//! Stores many short runs of bytes in one list, and finds them by number.
//!
//! Each part of a file fills its own list. The lists are then joined on large pages, since runs are read in
//! random order.

use rayon::prelude::*;

use crate::memory;

/// Runs of bytes, one after another.
#[derive(Default)]
pub(crate) struct Runs {
    bytes: Vec<u8>,
    /// Where each run begins; it ends where the next begins.
    starts: Vec<u64>,
}

/// After so many joined parts, their freed memory is given back, so that copied data does not take memory twice.
pub(super) const PARTS_AT_ONCE: usize = 64;

/// Runs that one worker writes to at a time.
const RUNS_AT_ONCE: usize = 1 << 14;

impl Runs {
    /// Begins a run, and returns the list to which its bytes are to be appended.
    pub(crate) fn begin(&mut self) -> &mut Vec<u8> {
        self.starts.push(self.bytes.len() as u64);
        &mut self.bytes
    }

    /// The bytes of a run.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        let start = self.starts[number] as usize;
        let end = self.starts.get(number + 1).map_or(self.bytes.len(), |next| *next as usize);
        &self.bytes[start..end]
    }

    /// Calls `write` with the number and the bytes of each run, on all cores.
    pub(crate) fn each_mut(&mut self, write: impl Fn(usize, &mut [u8]) + Sync) {
        let mut some = Vec::with_capacity(self.starts.len() / RUNS_AT_ONCE + 1);
        let mut rest = self.bytes.as_mut_slice();
        for (first, starts) in (0..).step_by(RUNS_AT_ONCE).zip(self.starts.chunks(RUNS_AT_ONCE)) {
            let next = self.starts.get(first + starts.len());
            let (own, others) = rest.split_at_mut(next.map_or(rest.len(), |next| (next - starts[0]) as usize));
            rest = others;
            some.push((first, starts, own));
        }
        some.into_par_iter().for_each(|(first, starts, mut rest)| {
            for (place, start) in starts.iter().enumerate() {
                let length = starts.get(place + 1).map_or(rest.len(), |next| (next - start) as usize);
                let (own, others) = rest.split_at_mut(length);
                write(first + place, own);
                rest = others;
            }
        });
    }

    /// Joins the runs of parts, in order.
    pub(crate) fn joined(parts: Vec<Runs>) -> Runs {
        let mut all = Runs {
            bytes: memory::with_room(parts.iter().map(|part| part.bytes.len()).sum()),
            starts: memory::with_room(parts.iter().map(|part| part.starts.len()).sum()),
        };
        for (number, part) in parts.into_iter().enumerate() {
            let before = all.bytes.len() as u64;
            all.starts.extend(part.starts.iter().map(|start| before + start));
            all.bytes.extend_from_slice(&part.bytes);
            drop(part);
            if (number + 1).is_multiple_of(PARTS_AT_ONCE) {
                memory::give_back();
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(runs: &[Vec<u8>]) -> Runs {
        let mut part = Runs::default();
        runs.iter().for_each(|run| part.begin().extend(run));
        part
    }

    fn check(parts: &[Vec<Vec<u8>>]) {
        let runs: Vec<&Vec<u8>> = parts.iter().flatten().collect();
        let mut joined = Runs::joined(parts.iter().map(|runs| part(runs)).collect());
        assert_eq!(joined.starts.len(), runs.len());
        for (number, run) in runs.iter().enumerate() {
            assert_eq!(joined.get(number), run.as_slice());
        }
        joined.each_mut(|number, own| {
            assert_eq!(own, runs[number].as_slice());
            own.fill(number as u8);
        });
        for (number, run) in runs.iter().enumerate() {
            assert_eq!(joined.get(number), vec![number as u8; run.len()]);
        }
    }

    proptest! {
        #[test]
        fn what_went_in_comes_out(parts: Vec<Vec<Vec<u8>>>) {
            check(&parts);
        }
    }

    #[test]
    fn workers_share_many_runs() {
        let run = |number: usize| vec![number as u8; number % 3];
        check(&[(0..RUNS_AT_ONCE + 5).map(run).collect(), Vec::new(), (0..RUNS_AT_ONCE * 2).map(run).collect()]);
    }
}

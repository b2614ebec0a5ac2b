//! Stores many short runs of bytes, none of them empty, in large blocks, and finds them by number.
//!
//! Each part of a file has its own list of runs. Parts that are read one after another fill the same block, which a
//! pool hands from one to the next. So joining the parts copies no run, and a run lies on a large page of memory: runs
//! are read in random order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::memory;

/// Runs of bytes.
#[derive(Default)]
pub(crate) struct Runs {
    blocks: Vec<Vec<u8>>,
    places: Vec<Place>,
}

/// Runs of a part of a file, of which the pool has the blocks.
#[derive(Default)]
pub(crate) struct PartRuns {
    pool: Arc<BlockPool>,
    /// The block that is being filled.
    block: Option<Block>,
    places: Vec<Place>,
}

/// The blocks of the runs of several parts.
#[derive(Default)]
pub(crate) struct BlockPool {
    blocks: Mutex<Blocks>,
    /// How many runs the longest part has.
    most: AtomicUsize,
}

#[derive(Default)]
struct Blocks {
    /// Blocks with room, that no part is filling.
    idle: Vec<Block>,
    full: Vec<Block>,
    /// How many blocks there are.
    count: usize,
}

struct Block {
    number: usize,
    bytes: Vec<u8>,
}

impl Block {
    fn has_room(&self) -> bool {
        self.bytes.len() + LONGEST <= BLOCK
    }
}

/// The bytes of a block.
const BLOCK: usize = 1 << START_BITS;

/// The longest run.
const LONGEST: usize = 1 << LENGTH_BITS;

const START_BITS: u32 = 24;
const LENGTH_BITS: u32 = 13;

/// Where a run is: the block's number, where in the block it begins, and how long it is. Runs are ordered as they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

impl Place {
    fn new(block: usize, start: usize, length: usize) -> Place {
        assert!((1..LONGEST).contains(&length), "a run has at least one byte, and fewer than {LONGEST}");
        Place(((block << START_BITS | start) << LENGTH_BITS | length) as u64)
    }

    fn block(self) -> usize {
        self.0 as usize >> LENGTH_BITS >> START_BITS
    }

    fn start(self) -> usize {
        self.0 as usize >> LENGTH_BITS & (BLOCK - 1)
    }

    fn end(self) -> usize {
        self.start() + (self.0 as usize & (LONGEST - 1))
    }

    /// The next run begins where this one ends.
    fn is_before(self, next: Place) -> bool {
        self.block() == next.block() && self.end() == next.start()
    }
}

/// Appends a run to a block, and says where.
fn push(number: usize, bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> Place {
    let start = bytes.len();
    write(bytes);
    Place::new(number, start, bytes.len() - start)
}

impl BlockPool {
    /// How many runs a part is likely to have at most: lists with room for them need not grow.
    pub(crate) fn likely_most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    fn take(&self) -> Block {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.idle.pop().unwrap_or_else(|| {
            blocks.count += 1;
            Block { number: blocks.count - 1, bytes: memory::with_room(BLOCK) }
        })
    }

    fn give_back(&self, block: Block) {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if block.has_room() { blocks.idle.push(block) } else { blocks.full.push(block) }
    }

    /// The blocks by number; those still being filled are empty.
    fn take_all(&self) -> Vec<Vec<u8>> {
        let Blocks { idle, full, count } =
            std::mem::take(&mut *self.blocks.lock().unwrap_or_else(PoisonError::into_inner));
        let mut all = vec![Vec::new(); count];
        idle.into_iter().chain(full).for_each(|block| all[block.number] = block.bytes);
        all
    }
}

impl PartRuns {
    /// A list without runs. Only parts of one pool can be joined.
    pub(crate) fn new(pool: &Arc<BlockPool>) -> PartRuns {
        PartRuns { pool: Arc::clone(pool), block: None, places: Vec::with_capacity(pool.likely_most()) }
    }

    /// Adds the run that `write` appends.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.block.as_ref().is_none_or(|block| !block.has_room()) {
            self.give_back();
        }
        let Block { number, bytes } = self.block.get_or_insert_with(|| self.pool.take());
        self.places.push(push(*number, bytes, write));
    }

    /// Ends the part.
    pub(crate) fn finish(&mut self) {
        self.give_back();
        self.pool.most.fetch_max(self.places.len(), Ordering::Relaxed);
    }

    /// Gives the block back to the pool.
    fn give_back(&mut self) {
        if let Some(block) = self.block.take() {
            self.pool.give_back(block);
        }
    }
}

impl Runs {
    /// Adds the run that `write` appends.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.blocks.last().is_none_or(|block| block.len() + LONGEST > BLOCK) {
            self.blocks.push(Vec::new());
        }
        let number = self.blocks.len() - 1;
        self.places.push(push(number, &mut self.blocks[number], write));
    }

    /// Prefetches where a run is.
    pub(crate) fn prefetch_place(&self, number: usize) {
        memory::prefetch(&self.places[number..=number]);
    }

    /// The bytes of a run.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        let place = self.places[number];
        &self.blocks[place.block()][place.start()..place.end()]
    }

    /// The runs in stretches of up to `most`, to be written to on all cores.
    pub(crate) fn stretches_mut(&mut self, most: usize) -> Vec<Stretch<'_>> {
        let mut all: Vec<(usize, &[Place])> = Vec::new();
        let mut first = 0;
        for following in self.places.chunk_by(|one, next| one.is_before(*next)) {
            for places in following.chunks(most) {
                all.push((first, places));
                first += places.len();
            }
        }
        all.sort_unstable_by_key(|(first, places)| (places[0], *first));
        let (mut blocks, mut rest, mut at) = (self.blocks.iter_mut(), &mut [][..], (None, 0));
        let mut stretches = Vec::with_capacity(all.len());
        for (first, places) in all {
            let (block, start) = (places[0].block(), places[0].start());
            while at.0.is_none_or(|number| number < block) {
                rest = blocks.next().map_or(&mut [][..], Vec::as_mut_slice);
                at = (Some(at.0.map_or(0, |number| number + 1)), 0);
            }
            let end = places[places.len() - 1].end();
            let (own, others) = rest[start - at.1..].split_at_mut(end - start);
            (rest, at.1) = (others, end);
            stretches.push(Stretch { first, places, bytes: own });
        }
        stretches
    }

    /// Joins the runs of parts that share a pool, in order.
    pub(crate) fn joined(parts: Vec<PartRuns>) -> Runs {
        let Some(pool) = parts.first().map(|part| Arc::clone(&part.pool)) else { return Runs::default() };
        assert!(parts.iter().all(|part| Arc::ptr_eq(&pool, &part.pool)), "parts that are joined share a pool");
        let mut blocks = pool.take_all();
        let places = memory::joined(parts.into_iter().map(|part| part.places).collect());
        // A file that was read twice leaves blocks of parts that were dropped.
        let mut is_in_use = vec![false; blocks.len()];
        places.iter().for_each(|place| is_in_use[place.block()] = true);
        blocks.iter_mut().zip(is_in_use).filter(|(_, is_in_use)| !is_in_use).for_each(|(block, _)| *block = Vec::new());
        Runs { blocks, places }
    }
}

/// Runs that lie one after another, to be written to.
pub(crate) struct Stretch<'a> {
    first: usize,
    places: &'a [Place],
    bytes: &'a mut [u8],
}

impl Stretch<'_> {
    /// Calls `write` with the number and the bytes of each run.
    pub(crate) fn each(self, mut write: impl FnMut(usize, &mut [u8])) {
        let begin = self.places[0].start();
        for (number, place) in (self.first..).zip(self.places) {
            write(number, &mut self.bytes[place.start() - begin..place.end() - begin]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn check(parts: &[Vec<Vec<u8>>], most: usize) {
        let runs: Vec<&Vec<u8>> = parts.iter().flatten().collect();
        let pool = Arc::default();
        // Parts take turns, as on several threads.
        let mut written: Vec<PartRuns> = parts.iter().map(|_| PartRuns::new(&pool)).collect();
        for turn in 0..parts.iter().map(Vec::len).max().unwrap_or_default() {
            for (part, own) in written.iter_mut().zip(parts).filter(|(_, own)| turn < own.len()) {
                part.push(|bytes| bytes.extend(&own[turn]));
                if turn % 3 == 2 {
                    part.give_back();
                }
            }
        }
        written.iter_mut().for_each(PartRuns::finish);
        let mut joined = Runs::joined(written);
        let mut alone = Runs::default();
        runs.iter().for_each(|run| alone.push(|bytes| bytes.extend_from_slice(run)));
        assert_eq!(joined.places.len(), runs.len());
        for (number, run) in runs.iter().enumerate() {
            assert_eq!(joined.get(number), run.as_slice());
            assert_eq!(alone.get(number), run.as_slice());
        }
        let mut met = vec![0; runs.len()];
        for stretch in joined.stretches_mut(most) {
            assert!(stretch.places.len() <= most);
            stretch.each(|number, own| {
                assert_eq!(own, runs[number].as_slice());
                own.fill(number as u8);
                met[number] += 1;
            });
        }
        assert!(met.iter().all(|times| *times == 1));
        for (number, run) in runs.iter().enumerate() {
            assert_eq!(joined.get(number), vec![number as u8; run.len()]);
        }
    }

    proptest! {
        #[test]
        fn what_went_in_comes_out(parts in vec(vec(vec(any::<u8>(), 1..20), 0..20), 0..9), most in 1_usize..9) {
            check(&parts, most);
        }
    }

    #[test]
    fn full_blocks_are_followed_by_others() {
        let run = |number: usize| vec![number as u8; LONGEST - 1];
        check(&[(0..BLOCK / LONGEST + 5).map(run).collect(), Vec::new(), (0..9).map(run).collect()], 1000);
    }

    #[test]
    fn what_a_dropped_part_wrote_is_freed() {
        let pool = Arc::default();
        let (mut kept, mut dropped) = (PartRuns::new(&pool), PartRuns::new(&pool));
        dropped.push(|bytes| bytes.extend(b"dropped"));
        kept.push(|bytes| bytes.extend(b"kept"));
        dropped.finish();
        kept.finish();
        let joined = Runs::joined(vec![kept]);
        assert_eq!(joined.get(0), b"kept");
        assert_eq!(joined.blocks.iter().filter(|block| block.capacity() > 0).count(), 1);
    }
}

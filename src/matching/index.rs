//! The index over the benefit rows: in go digests of match keys with the row each belongs to, out come
//! the rows that share a digest.
//!
//! The entries are cut into shards by the first bits of a digest, so that shards are built on all cores
//! and each in cache. In a shard they stand in the order of their digests, and a directory over the next
//! bits says where each run begins.
//!
//! Most keys of an account meet nobody. A Bloom filter whose bits for one key all lie in one word (Putze,
//! Sanders and Singler 2007, *Cache-, hash- and space-efficient Bloom filters*) answers for these with one
//! load; and look-ups come many at a time, in three passes each of which is a row of independent loads, so
//! that the processor waits for many at once instead of one after another.

use rayon::prelude::*;

use super::hash::Digest;
use super::key::KeyKind;

const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;

/// Digests and rows on their way into the index.
pub(crate) struct Entries {
    shards: Vec<Shard>,
}

/// Entries of one shard, in blocks that never move: a list that grew by copying would need twice the
/// memory, and this is the largest thing a run holds.
#[derive(Default)]
struct Shard {
    blocks: Vec<Vec<Entry>>,
}

/// Entries in a block.
const BLOCK: usize = 1 << 10;

/// Twenty bytes: 128 bits of digest in the order in which they are compared, and the row with the key's
/// kind in its top four bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    digest: [u32; 4],
    row: u32,
}

const KIND_SHIFT: u32 = 28;

/// Rows that the index can tell apart.
pub(crate) const MOST_ROWS: usize = 1 << KIND_SHIFT;

impl Entry {
    fn new(digest: Digest, kind: KeyKind, row: u32) -> Entry {
        Entry { digest: words(digest), row: row | (kind as u32) << KIND_SHIFT }
    }

    /// The row.
    pub(crate) fn row(self) -> u32 {
        self.row & (MOST_ROWS as u32 - 1)
    }

    fn kind(self) -> KeyKind {
        KeyKind::ALL[(self.row >> KIND_SHIFT) as usize]
    }

    fn high(self) -> u64 {
        u64::from(self.digest[0]) << 32 | u64::from(self.digest[1])
    }

    fn low(self) -> u64 {
        u64::from(self.digest[2]) << 32 | u64::from(self.digest[3])
    }
}

fn words(digest: Digest) -> [u32; 4] {
    [(digest >> 96) as u32, (digest >> 64) as u32, (digest >> 32) as u32, digest as u32]
}

/// Rows by match key.
pub(crate) struct Index {
    shards: Vec<Table>,
    /// How many keys of each kind were left out, since too many rows share them.
    left_out: [u64; KeyKind::ALL.len()],
}

struct Table {
    filter: Vec<u64>,
    entries: Vec<Entry>,
    directory: Vec<u32>,
    left_out: [u64; KeyKind::ALL.len()],
}

/// Stands in place of the rows of a key that too many rows share.
const CUT_OFF: u32 = MOST_ROWS as u32 - 1;
/// Stands in place of the rows of a key whose cutting off changes nothing.
const NOT_RARE: u32 = CUT_OFF - 1;

/// What the index holds under a digest.
pub(crate) enum Hits<'a> {
    /// Entries of these rows.
    Rows(&'a [Entry]),
    /// More rows than a key may have: they were left out.
    CutOff,
}

/// A digest that the index knows, and where its entries are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    place: u32,
    shard: u32,
    from: u32,
    to: u32,
}

impl Hit {
    /// The digest's place among those that were looked up.
    pub(crate) fn place(self) -> usize {
        self.place as usize
    }
}

impl Entries {
    pub(crate) fn new() -> Entries {
        Entries { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    pub(crate) fn push(&mut self, digest: Digest, kind: KeyKind, row: u32) {
        let blocks = &mut self.shards[shard_of(digest)].blocks;
        let entry = Entry::new(digest, kind, row);
        match blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(entry),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(entry);
                blocks.push(block);
            }
        }
    }

    /// Builds the index from all that was gathered; the parts' order does not matter.
    pub(crate) fn into_index(parts: Vec<Entries>) -> Index {
        let mut shards: Vec<Shard> = (0..SHARDS).map(|_| Shard::default()).collect();
        for part in parts {
            for (all, shard) in shards.iter_mut().zip(part.shards) {
                all.blocks.extend(shard.blocks);
            }
        }
        let shards: Vec<Table> = shards.into_par_iter().map(Table::build).collect();
        let mut left_out = [0; KeyKind::ALL.len()];
        for table in &shards {
            for (sum, count) in left_out.iter_mut().zip(table.left_out) {
                *sum += count;
            }
        }
        Index { shards, left_out }
    }
}

fn shard_of(digest: Digest) -> usize {
    (digest >> (Digest::BITS - SHARD_BITS)) as usize
}

impl Index {
    /// Looks many digests up, and writes to `hits` those that are known, in order.
    pub(crate) fn look_up(&self, digests: &[Digest], hits: &mut Vec<Hit>) {
        hits.clear();
        for (place, &digest) in (0..).zip(digests) {
            let shard = shard_of(digest);
            if self.shards[shard].may_hold(digest) {
                hits.push(Hit { place, shard: shard as u32, from: 0, to: 0 });
            }
        }
        for hit in hits.iter_mut() {
            (hit.from, hit.to) = self.shards[hit.shard as usize].bucket_of(digests[hit.place()]);
        }
        hits.retain_mut(|hit| {
            let entries = &self.shards[hit.shard as usize].entries[hit.from as usize..hit.to as usize];
            let wanted = words(digests[hit.place()]);
            let before = entries.iter().take_while(|entry| entry.digest != wanted).count();
            let equal = entries[before..].iter().take_while(|entry| entry.digest == wanted).count();
            hit.from += before as u32;
            hit.to = hit.from + equal as u32;
            equal > 0
        });
    }

    /// The rows that a look-up met.
    pub(crate) fn rows(&self, hit: Hit) -> Hits<'_> {
        let entries = &self.shards[hit.shard as usize].entries[hit.from as usize..hit.to as usize];
        match entries.first().map(|entry| entry.row()) {
            Some(CUT_OFF) => Hits::CutOff,
            Some(NOT_RARE) => Hits::Rows(&[]),
            _ => Hits::Rows(entries),
        }
    }

    /// How many keys of a kind too many rows share.
    pub(crate) fn left_out(&self, kind: KeyKind) -> u64 {
        self.left_out[kind as usize]
    }
}

impl Table {
    fn build(shard: Shard) -> Table {
        let count: usize = shard.blocks.iter().map(Vec::len).sum();
        // Buckets of two to four entries, filter words of four to eight keys.
        let buckets = (count / 4).next_power_of_two();
        let mut table = Table {
            filter: vec![0; (count / 8).next_power_of_two()],
            entries: vec![Entry::default(); count],
            directory: vec![0; buckets + 1],
            left_out: [0; KeyKind::ALL.len()],
        };
        for entry in shard.blocks.iter().flatten() {
            table.directory[bucket(entry.high(), buckets) + 1] += 1;
        }
        for bucket in 1..=buckets {
            table.directory[bucket] += table.directory[bucket - 1];
        }
        let mut next = table.directory.clone();
        for block in shard.blocks {
            for entry in block {
                let place = &mut next[bucket(entry.high(), buckets)];
                table.entries[*place as usize] = entry;
                *place += 1;
            }
        }
        table.settle();
        table
    }

    /// Puts each bucket in order, drops repeats and what too many rows share, and notes the rest in the
    /// filter.
    fn settle(&mut self) {
        let (mut kept, mut from) = (0, 0);
        for bucket in 1..self.directory.len() {
            let to = self.directory[bucket] as usize;
            self.entries[from..to].sort_unstable();
            let mut at = from;
            while at < to {
                let first = self.entries[at];
                let end = at + self.entries[at..to].iter().take_while(|entry| entry.digest == first.digest).count();
                let start = kept;
                for place in at..end {
                    let entry = self.entries[place];
                    if place == at || entry != self.entries[place - 1] {
                        self.entries[kept] = entry;
                        kept += 1;
                    }
                }
                let kind = first.kind();
                if kept - start > kind.most_rows() {
                    self.left_out[kind as usize] += 1;
                    let sign = if kind.cut_off_matters() { CUT_OFF } else { NOT_RARE };
                    self.entries[start] = Entry { digest: first.digest, row: sign | (kind as u32) << KIND_SHIFT };
                    kept = start + 1;
                }
                let (word, bits) = filter_bits(first.low(), self.filter.len());
                self.filter[word] |= bits;
                at = end;
            }
            from = to;
            self.directory[bucket] = kept as u32;
        }
        self.entries.truncate(kept);
    }

    fn may_hold(&self, digest: Digest) -> bool {
        let (word, bits) = filter_bits(digest as u64, self.filter.len());
        self.filter[word] & bits == bits
    }

    fn bucket_of(&self, digest: Digest) -> (u32, u32) {
        let bucket = bucket((digest >> 64) as u64, self.directory.len() - 1);
        (self.directory[bucket], self.directory[bucket + 1])
    }
}

/// The bucket of a digest's upper half, by the bits behind those of the shard.
fn bucket(high: u64, buckets: usize) -> usize {
    (high << SHARD_BITS >> 32) as usize * buckets >> 32
}

/// The word of the filter and the four bits in it that stand for a digest's lower half.
fn filter_bits(low: u64, words: usize) -> (usize, u64) {
    let bits = (0..4).fold(0, |bits, turn| bits | 1 << (low >> (6 * turn) & 63));
    ((low >> 32) as usize & (words - 1), bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    fn spread(number: u8) -> Digest {
        let hash = blake3::hash(&[number]);
        Digest::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap())
    }

    proptest! {
        #[test]
        fn finds_what_a_map_finds(pairs in prop::collection::vec((0_u8..60, 0_u32..50), 0..300), cut in 0_usize..300) {
            let mut reference: BTreeMap<u8, BTreeSet<u32>> = BTreeMap::new();
            let mut parts = vec![Entries::new(), Entries::new()];
            for (at, (key, row)) in pairs.iter().enumerate() {
                reference.entry(*key).or_default().insert(*row);
                parts[usize::from(at < cut)].push(spread(*key), KeyKind::NamePostcode, *row);
            }
            let index = Entries::into_index(parts);
            let digests: Vec<Digest> = (0..80).map(spread).collect();
            let mut hits = Vec::new();
            index.look_up(&digests, &mut hits);
            let mut found: BTreeMap<u8, BTreeSet<u32>> = BTreeMap::new();
            for hit in hits {
                match index.rows(hit) {
                    Hits::Rows(rows) => {
                        let rows: BTreeSet<u32> = rows.iter().map(|entry| entry.row()).collect();
                        prop_assert_eq!(found.insert(hit.place() as u8, rows), None);
                    }
                    Hits::CutOff => prop_assert!(false, "key {} was cut off", hit.place()),
                }
            }
            prop_assert_eq!(found, reference);
        }
    }

    #[test]
    fn a_key_that_explodes_is_cut_off_and_counted() {
        let mut entries = Entries::new();
        for row in 0..=KeyKind::NamePostcode.most_rows() as u32 {
            entries.push(spread(1), KeyKind::NamePostcode, row);
            entries.push(spread(2), KeyKind::RareName, row);
        }
        let index = Entries::into_index(vec![entries]);
        let mut hits = Vec::new();
        index.look_up(&[spread(0), spread(1), spread(2)], &mut hits);
        assert_eq!(hits.iter().map(|hit| hit.place()).collect::<Vec<_>>(), [1, 2]);
        assert!(matches!(index.rows(hits[0]), Hits::CutOff));
        assert!(matches!(index.rows(hits[1]), Hits::Rows([])));
        assert_eq!(index.left_out(KeyKind::NamePostcode), 1);
        assert_eq!(index.left_out(KeyKind::RareName), 1);
        assert_eq!(index.left_out(KeyKind::UprnInitial), 0);
    }
}

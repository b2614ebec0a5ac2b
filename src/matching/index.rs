//! Indexes benefit rows by the digests of their match keys, and finds the rows that seem to share a digest.
//!
//! An entry is six bytes. Of the digest bits that its place does not imply it keeps 20, so that a whole bucket
//! lies in one or two cache lines. At ten million records some 44 bits of a digest are compared here, and some hundred
//! of the 3·10⁸ lookups of a run find a row that does not have the key. The caller must make the keys of a found
//! row again and compare them whole. This is cheap: few rows are found, and they are read anyway.
//!
//! The entries are divided into shards by the first bits of a digest, so that shards are built on all cores,
//! each in cache. In a shard, a directory over the next bits says where each bucket begins.
//!
//! Most keys of an account find nothing. A Bloom filter whose bits for one key all lie in one word (Putze,
//! Sanders and Singler 2007, *Cache-, hash- and space-efficient Bloom filters*) answers these with one load.
//! Lookups come in batches, in passes of independent loads, so that the processor waits for many loads
//! at once instead of one after another.

use rayon::prelude::*;

use super::hash::Digest;
use super::key::KeyKind;
use crate::memory;

const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;

/// Digests and rows from which an index is built.
pub(crate) struct Entries {
    shards: Vec<Shard>,
}

/// Entries of one shard, in blocks that never move: a list that grows by copying would need twice the memory, and these
/// are the largest data of a run. Blocks are small, so that they fit where the links of the rows were.
type Shard = Vec<Vec<Placed>>;

/// Words of the filter that are loaded together.
const AT_ONCE: usize = 64;

/// Entries in a block.
const BLOCK: usize = 1 << 10;

/// An entry, with the bits of its digest that give its place in the shard in front: place, tag, row. The row's top four
/// bits are the key's kind.
type Placed = [u32; 3];

/// The same while a shard's table is built: tag, then kind, then row.
type Tagged = u64;

const KIND_SHIFT: u32 = 28;

fn kind_of(entry: Tagged) -> KeyKind {
    KeyKind::ALL[(entry as u32 >> KIND_SHIFT) as usize]
}

/// A row that has a key, in 48 bits: the first [`TAG_BITS`] of the key's tag, whether too many rows share the key, and the
/// row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry(Packed);

type Packed = [u16; 3];

const TAG_BITS: u32 = 20;
const CUT_OFF: u32 = 1 << ROW_BITS;
const ROW_BITS: u32 = 48 - TAG_BITS - 1;

/// The most rows that the index can number.
pub(crate) const MOST_ROWS: usize = 1 << ROW_BITS;

impl Entry {
    fn new(entry: Tagged, cut_off: bool) -> Entry {
        let row = entry as u32 & (CUT_OFF - 1) | if cut_off { CUT_OFF } else { 0 };
        let bits = u64::from(first_bits((entry >> 32) as u32)) << (ROW_BITS + 1) | u64::from(row);
        Entry([bits as u16, (bits >> 16) as u16, (bits >> 32) as u16])
    }

    fn bits(self) -> u64 {
        let [low, middle, high] = self.0.map(u64::from);
        low | middle << 16 | high << 32
    }

    /// The row; if too many rows share the key, one of them.
    pub(crate) fn row(self) -> u32 {
        self.bits() as u32 & (CUT_OFF - 1)
    }

    /// Too many rows share the key: the others were left out.
    pub(crate) fn is_cut_off(self) -> bool {
        self.bits() as u32 & CUT_OFF != 0
    }

    /// The first bits of the key's tag.
    fn tag(self) -> u32 {
        (self.bits() >> (ROW_BITS + 1)) as u32
    }
}

/// The bits of a tag that an entry stores.
fn first_bits(tag: u32) -> u32 {
    tag >> (u32::BITS - TAG_BITS)
}

/// Rows by match key. The tables of all shards lie one after another in three lists, which are large
/// enough for large pages of memory.
#[derive(Default)]
pub(crate) struct Index {
    filter: Vec<u64>,
    entries: Vec<Packed>,
    directory: Vec<u32>,
    shards: Vec<Span>,
    /// How many keys of each kind were left out because too many rows share them.
    left_out: LeftOut,
}

type LeftOut = [u64; KeyKind::ALL.len()];

/// Where in the lists a shard's table is.
#[derive(Clone, Copy)]
struct Span {
    filter: usize,
    filter_words: usize,
    entries: usize,
    directory: usize,
    buckets: usize,
}

/// A shard's table while it is built.
struct ShardTable<'a> {
    filter: &'a mut [u64],
    entries: &'a mut [Packed],
    directory: &'a mut [u32],
}

/// A digest that the index seems to have, and where its entries are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    number: u32,
    shard: u32,
    from: u32,
    to: u32,
    /// The tag of the first entry of the bucket.
    first: u32,
}

impl Hit {
    /// The digest's number among those that were looked up.
    pub(crate) fn number(self) -> usize {
        self.number as usize
    }
}

impl Entries {
    pub(crate) fn new() -> Entries {
        Entries { shards: vec![Shard::new(); SHARDS] }
    }

    pub(crate) fn push(&mut self, digest: Digest, kind: KeyKind, row: u32) {
        let blocks = &mut self.shards[shard_of(digest)];
        let placed = [place(digest), tag(digest), row | (kind as u32) << KIND_SHIFT];
        match blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(placed),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(placed);
                blocks.push(block);
            }
        }
    }

    /// Builds the index; the order of the parts does not matter.
    pub(crate) fn into_index(parts: Vec<Entries>) -> Index {
        let mut shards = vec![Shard::new(); SHARDS];
        for part in parts {
            shards.iter_mut().zip(part.shards).for_each(|(all, blocks)| all.extend(blocks));
        }
        let mut index = Index::default();
        let (mut filter, mut entries, mut directory) = (0, 0, 0);
        for shard in &shards {
            let count: usize = shard.iter().map(Vec::len).sum();
            // Buckets of about six entries, filter words of about eight keys.
            let (filter_words, buckets) = (count / 8 + 1, count / 6 + 1);
            index.shards.push(Span { filter, filter_words, entries, directory, buckets });
            (filter, entries, directory) = (filter + filter_words, entries + count, directory + buckets + 1);
        }
        index.filter = memory::untouched_zeros(filter);
        index.entries = memory::untouched_zeros(entries);
        index.directory = memory::untouched_zeros(directory);
        index.left_out = index
            .tables()
            .into_par_iter()
            .zip(shards)
            .map(|(table, shard)| table.build(shard))
            .reduce(LeftOut::default, |one, other| std::array::from_fn(|kind| one[kind] + other[kind]));
        index
    }
}

fn shard_of(digest: Digest) -> usize {
    (digest >> (Digest::BITS - SHARD_BITS)) as usize
}

/// The 32 bits after those of the shard.
fn place(digest: Digest) -> u32 {
    (digest >> (Digest::BITS - SHARD_BITS - 32)) as u32
}

fn tag(digest: Digest) -> u32 {
    digest as u32
}

/// Maps a place to a number below `of`; all numbers get equal shares of the places.
fn share(place: u32, of: usize) -> usize {
    ((u64::from(place) * of as u64) >> 32) as usize
}

impl Index {
    /// Looks digests up, and writes those that the index seems to have to `hits`, in order.
    pub(crate) fn look_up(&self, digests: &[Digest], hits: &mut Vec<Hit>) {
        hits.clear();
        if self.shards.is_empty() {
            return;
        }
        // Load without branches: a mispredicted branch discards the loads after it.
        for (numbers, some) in (0..).step_by(AT_ONCE).zip(digests.chunks(AT_ONCE)) {
            let mut words = [0; AT_ONCE];
            for (word, &digest) in words.iter_mut().zip(some) {
                let Span { filter, filter_words, .. } = self.shards[shard_of(digest)];
                *word = self.filter[filter + share(place(digest), filter_words)];
            }
            let (mut passed, mut count) = ([0; AT_ONCE], 0);
            for (number, (word, &digest)) in (numbers..).zip(words.iter().zip(some)) {
                let bits = filter_bits(tag(digest));
                passed[count] = number;
                count += usize::from(word & bits == bits);
            }
            hits.extend(passed[..count].iter().map(|&number: &u32| {
                let shard = shard_of(digests[number as usize]) as u32;
                Hit { number, shard, from: 0, to: 0, first: 0 }
            }));
        }
        for hit in hits.iter_mut() {
            let Span { directory, buckets, .. } = self.shards[hit.shard as usize];
            let bucket = directory + share(place(digests[hit.number()]), buckets);
            (hit.from, hit.to) = (self.directory[bucket], self.directory[bucket + 1]);
        }
        for hit in hits.iter_mut() {
            let first = self.shards[hit.shard as usize].entries + hit.from as usize;
            hit.first = self.entries.get(first).map_or(0, |entry| Entry(*entry).tag());
        }
        hits.retain_mut(|hit| {
            let tag = first_bits(tag(digests[hit.number()]));
            let entries = self.entries(*hit);
            let before = match hit.first == tag {
                true => 0,
                false => entries.clone().take_while(|entry| entry.tag() != tag).count(),
            };
            let equal = entries.skip(before).take_while(|entry| entry.tag() == tag).count();
            hit.from += before as u32;
            hit.to = hit.from + equal as u32;
            equal > 0
        });
    }

    /// The entries of a hit.
    pub(crate) fn entries(&self, hit: Hit) -> impl Iterator<Item = Entry> + Clone {
        let of_shard = &self.entries[self.shards[hit.shard as usize].entries..];
        of_shard[hit.from as usize..hit.to as usize].iter().map(|entry| Entry(*entry))
    }

    /// Frees the entries; the counts of keys left out stay.
    pub(crate) fn forget(&mut self) {
        *self = Index { left_out: self.left_out, ..Index::default() };
    }

    /// Each shard's part of the lists.
    fn tables(&mut self) -> Vec<ShardTable<'_>> {
        let (mut filter, mut entries) = (self.filter.as_mut_slice(), self.entries.as_mut_slice());
        let mut directory = self.directory.as_mut_slice();
        let mut tables = Vec::with_capacity(self.shards.len());
        for (number, extent) in self.shards.iter().enumerate() {
            let count = self.shards.get(number + 1).map_or(entries.len(), |next| next.entries - extent.entries);
            let (own_filter, own_entries, own_directory);
            (own_filter, filter) = filter.split_at_mut(extent.filter_words);
            (own_entries, entries) = entries.split_at_mut(count);
            (own_directory, directory) = directory.split_at_mut(extent.buckets + 1);
            tables.push(ShardTable { filter: own_filter, entries: own_entries, directory: own_directory });
        }
        tables
    }

    /// How many keys of a kind were left out because too many rows share them.
    pub(crate) fn left_out(&self, kind: KeyKind) -> u64 {
        self.left_out[kind as usize]
    }
}

/// The four bits in a word of the filter that stand for a digest.
fn filter_bits(tag: u32) -> u64 {
    (0..4).fold(0, |bits, turn| bits | 1 << (tag >> (6 * turn) & 63))
}

impl ShardTable<'_> {
    /// Fills the table, and returns how many keys of each kind were left out.
    fn build(mut self, shard: Shard) -> LeftOut {
        let buckets = self.directory.len() - 1;
        for &[place, tag, _] in shard.iter().flatten() {
            self.directory[share(place, buckets) + 1] += 1;
            let word = share(place, self.filter.len());
            self.filter[word] |= filter_bits(tag);
        }
        for bucket in 1..=buckets {
            self.directory[bucket] += self.directory[bucket - 1];
        }
        let mut next = self.directory.to_vec();
        let mut entries: Vec<Tagged> = vec![0; self.entries.len()];
        for [place, tag, row] in shard.into_iter().flatten() {
            let at = &mut next[share(place, buckets)];
            entries[*at as usize] = u64::from(tag) << 32 | u64::from(row);
            *at += 1;
        }
        self.settle(&mut entries)
    }

    /// Sorts each bucket, and stores what is neither a repeat nor of a key that too many rows share.
    fn settle(&mut self, entries: &mut [Tagged]) -> LeftOut {
        let mut left_out = LeftOut::default();
        let (mut kept, mut from) = (0, 0);
        for bucket in 1..self.directory.len() {
            let to = self.directory[bucket] as usize;
            let own = &mut entries[from..to];
            own.sort_unstable();
            for same in own.chunk_by(|one, other| one >> KIND_SHIFT == other >> KIND_SHIFT) {
                let (start, kind) = (kept, kind_of(same[0]));
                for repeats in same.chunk_by(|one, other| one == other) {
                    self.entries[kept] = Entry::new(repeats[0], false).0;
                    kept += 1;
                }
                if kept - start > kind.most_rows() {
                    left_out[kind as usize] += 1;
                    kept = start;
                    // One entry stays, to report the lost candidates, if they matter.
                    if kind.cut_off_matters() {
                        self.entries[start] = Entry::new(same[0], true).0;
                        kept += 1;
                    }
                }
            }
            from = to;
            self.directory[bucket] = kept as u32;
        }
        left_out
    }
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
            // The rows of a key come in order, each once.
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
            let mut found: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
            for hit in hits {
                prop_assert!(!index.entries(hit).any(Entry::is_cut_off));
                prop_assert_eq!(found.insert(hit.number() as u8, index.entries(hit).map(Entry::row).collect()), None);
            }
            let reference = reference.into_iter().map(|(key, rows)| (key, rows.into_iter().collect())).collect();
            prop_assert_eq!(found, reference);
        }
    }

    #[test]
    fn an_entry_keeps_its_row_and_the_first_bits_of_its_tag() {
        for row in [0, 1, 1 << 15, 1 << 16, 1 << 26, MOST_ROWS as u32 - 1] {
            for kind in [KeyKind::ALL[0], KeyKind::ALL[KeyKind::ALL.len() - 1]] {
                for tag in [0, 1, 0xABCD_E123, u32::MAX] {
                    for cut_off in [false, true] {
                        let tagged = Tagged::from(tag) << 32 | Tagged::from(row | (kind as u32) << KIND_SHIFT);
                        let entry = Entry::new(tagged, cut_off);
                        assert_eq!((entry.row(), entry.is_cut_off(), entry.tag()), (row, cut_off, tag >> 12));
                        assert_eq!(kind_of(tagged), kind);
                    }
                }
            }
        }
    }

    /// Two keys of which an entry stores the same bits are limited each by itself.
    #[test]
    fn keys_that_entries_do_not_tell_apart_are_counted_apart() {
        let [one, other]: [Digest; 2] = [0xABCD_E123, 0xABCD_E456];
        let most = KeyKind::NamePostcode.most_rows() as u32;
        let mut entries = Entries::new();
        (0..most).for_each(|row| entries.push(one, KeyKind::NamePostcode, row));
        (most..2 * most + 1).for_each(|row| entries.push(other, KeyKind::NamePostcode, row));
        let index = Entries::into_index(vec![entries]);
        let mut hits = Vec::new();
        index.look_up(&[one], &mut hits);
        let found: Vec<Entry> = hits.iter().flat_map(|hit| index.entries(*hit)).collect();
        let of_one: Vec<u32> = found.iter().filter(|entry| !entry.is_cut_off()).map(|entry| entry.row()).collect();
        assert_eq!(of_one, (0..most).collect::<Vec<_>>());
        let cut_off: Vec<u32> = found.iter().filter(|entry| entry.is_cut_off()).map(|entry| entry.row()).collect();
        assert_eq!(cut_off, [most]);
        assert_eq!(index.left_out(KeyKind::NamePostcode), 1);
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
        let [hit] = hits[..] else { panic!("the key that matters is known, the rare name is not") };
        assert_eq!(hit.number(), 1);
        let [entry] = index.entries(hit).collect::<Vec<_>>()[..] else { panic!("one entry stands for all") };
        assert!(entry.is_cut_off());
        assert_eq!(index.left_out(KeyKind::NamePostcode), 1);
        assert_eq!(index.left_out(KeyKind::RareName), 1);
        assert_eq!(index.left_out(KeyKind::UprnInitial), 0);
    }
}

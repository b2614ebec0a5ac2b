//! The index over the benefit rows: in go digests of match keys with the row each belongs to, out come
//! the rows that share a digest.
//!
//! The table is cut into shards by the first bits of a digest, so that shards are built on all cores and
//! each in cache. In a shard the entries stand in the order of their digests, and a directory over the
//! next bits says where each run begins: a look-up is one step to the directory and one to the entries.

use rayon::prelude::*;

use super::hash::Digest;
use super::key::KeyKind;

const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;

/// Digests and rows on their way into the index.
pub(crate) struct Entries {
    shards: Vec<Shard>,
}

#[derive(Default)]
struct Shard {
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    high: u64,
    low: u64,
    /// The row, with the key's kind in the top four bits of the upper half.
    row: u32,
    kind: u32,
}

/// Rows by match key.
pub(crate) struct Index {
    shards: Vec<Table>,
    /// How many keys of each kind were left out, since too many rows share them.
    left_out: [u64; KeyKind::ALL.len()],
}

struct Table {
    digests: Vec<Digest>,
    rows: Vec<u32>,
    directory: Vec<u32>,
    shift: u32,
    left_out: [u64; KeyKind::ALL.len()],
}

/// Stands in place of the rows of a key that too many rows share.
const CUT_OFF: u32 = u32::MAX;
/// Stands in place of the rows of a key whose cutting off changes nothing.
const NOT_RARE: u32 = u32::MAX - 1;

/// What the index holds under a digest.
pub(crate) enum Hits<'a> {
    /// These rows; none where nobody shares the key.
    Rows(&'a [u32]),
    /// More rows than a key may have: they were left out.
    CutOff,
}

impl Entries {
    pub(crate) fn new() -> Entries {
        Entries { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }

    pub(crate) fn push(&mut self, digest: Digest, kind: KeyKind, row: u32) {
        let (high, low) = ((digest >> 64) as u64, digest as u64);
        self.shards[shard_of(digest)].entries.push(Entry { high, low, row, kind: kind as u32 });
    }

    /// Builds the index from all that was gathered; the parts' order does not matter.
    pub(crate) fn into_index(parts: Vec<Entries>) -> Index {
        let mut shards: Vec<Vec<Shard>> = (0..SHARDS).map(|_| Vec::with_capacity(parts.len())).collect();
        for part in parts {
            for (all, shard) in shards.iter_mut().zip(part.shards) {
                all.push(shard);
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
    /// The rows under a digest.
    pub(crate) fn get(&self, digest: Digest) -> Hits<'_> {
        let table = &self.shards[shard_of(digest)];
        let bucket = table.bucket(digest);
        let run = table.directory[bucket] as usize..table.directory[bucket + 1] as usize;
        let digests = &table.digests[run.clone()];
        let Some(first) = digests.iter().position(|other| *other == digest) else {
            return Hits::Rows(&[]);
        };
        let count = digests[first..].iter().take_while(|other| **other == digest).count();
        let rows = &table.rows[run][first..first + count];
        match rows {
            [CUT_OFF] => Hits::CutOff,
            [NOT_RARE] => Hits::Rows(&[]),
            rows => Hits::Rows(rows),
        }
    }

    /// How many keys of a kind too many rows share.
    pub(crate) fn left_out(&self, kind: KeyKind) -> u64 {
        self.left_out[kind as usize]
    }
}

impl Table {
    fn build(parts: Vec<Shard>) -> Table {
        let mut entries: Vec<Entry> = Vec::with_capacity(parts.iter().map(|part| part.entries.len()).sum());
        for part in parts {
            entries.extend(part.entries);
        }
        entries.sort_unstable();
        entries.dedup();
        let bits = entries.len().next_power_of_two().trailing_zeros().max(1);
        let mut table = Table {
            digests: Vec::with_capacity(entries.len()),
            rows: Vec::with_capacity(entries.len()),
            directory: vec![0; (1 << bits) + 1],
            shift: Digest::BITS - SHARD_BITS - bits,
            left_out: [0; KeyKind::ALL.len()],
        };
        for run in entries.chunk_by(|one, other| (one.high, one.low) == (other.high, other.low)) {
            let digest = Digest::from(run[0].high) << 64 | Digest::from(run[0].low);
            let kind = KeyKind::ALL[run[0].kind as usize];
            if run.len() > kind.most_rows() {
                table.left_out[kind as usize] += 1;
                table.digests.push(digest);
                table.rows.push(if kind.cut_off_matters() { CUT_OFF } else { NOT_RARE });
            } else {
                table.digests.extend(run.iter().map(|_| digest));
                table.rows.extend(run.iter().map(|entry| entry.row));
            }
        }
        for at in 0..table.digests.len() {
            let bucket = table.bucket(table.digests[at]);
            table.directory[bucket + 1] += 1;
        }
        for bucket in 1..table.directory.len() {
            table.directory[bucket] += table.directory[bucket - 1];
        }
        table
    }

    fn bucket(&self, digest: Digest) -> usize {
        (digest << SHARD_BITS >> (self.shift + SHARD_BITS)) as usize
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
            let mut reference: BTreeMap<u8, BTreeSet<u32>> = BTreeMap::new();
            let mut parts = vec![Entries::new(), Entries::new()];
            for (at, (key, row)) in pairs.iter().enumerate() {
                reference.entry(*key).or_default().insert(*row);
                parts[usize::from(at < cut)].push(spread(*key), KeyKind::NamePostcode, *row);
            }
            let index = Entries::into_index(parts);
            for key in 0..80 {
                let expected: Vec<u32> = reference.get(&key).map(|rows| rows.iter().copied().collect()).unwrap_or_default();
                match index.get(spread(key)) {
                    Hits::Rows(rows) => prop_assert_eq!(rows, &expected[..]),
                    Hits::CutOff => prop_assert!(false, "cut off {} rows", expected.len()),
                }
            }
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
        assert!(matches!(index.get(spread(1)), Hits::CutOff));
        assert!(matches!(index.get(spread(2)), Hits::Rows([])));
        assert_eq!(index.left_out(KeyKind::NamePostcode), 1);
        assert_eq!(index.left_out(KeyKind::RareName), 1);
        assert_eq!(index.left_out(KeyKind::UprnInitial), 0);
    }
}

//! Makes the links of benefit rows: digests of the row's claim, and of fields that only rows of one person share.
//!
//! Links are kept by shard, so that all cores gather them.
//!
//! The fields of most links fit one block. Blocks are hashed side by side, as many as the cache holds. Longer fields are
//! hashed at once; they cannot equal a block, since they are longer.

use arrayvec::ArrayVec;

use super::BenefitPerson;
use crate::matching::hash::{BATCH, Block, Digest, RunKey};
use crate::normalise::missing::is_missing;
use crate::normalise::postcode::Postcode;
use crate::normalise::{AddressView, View};

/// The first 96 bits of a digest, then the row. Rows that share the digest belong together: at ten million rows, two
/// digests share these bits by chance in one run of 10¹⁴.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link(u128);

const ROW_BITS: u32 = 32;

impl Link {
    fn new(digest: Digest, row: u32) -> Link {
        Link(digest >> ROW_BITS << ROW_BITS | u128::from(row))
    }

    pub(super) fn row(self) -> u32 {
        self.0 as u32
    }

    /// The bits of the digest, as a number.
    pub(super) fn digest(self) -> u128 {
        self.0 >> ROW_BITS
    }

    /// Links are divided into shards by the first bits of the digest.
    fn shard(self) -> usize {
        (self.0 >> (u128::BITS - SHARDS.ilog2())) as usize
    }
}

/// The number of shards of links; a power of two.
pub(super) const SHARDS: usize = 256;

/// What the rows of a link share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The claim's reference.
    Claim,
    /// The person's reference; or, if there is none, the claim's, with full name and birth date.
    Reference,
    /// Full name, birth date, postcode and dwelling.
    Dwelling,
    /// Full name, birth date and UPRN.
    Property,
}

const KINDS: usize = 4;

/// The links of a part's rows, by kind and shard. The rows are numbered within the part.
#[derive(Default)]
pub(super) struct Links {
    kinds: [Vec<Link>; KINDS],
    /// By kind and shard, where the shard's links end.
    ends: Vec<u32>,
}

impl Links {
    /// The links of a kind and a shard.
    pub(super) fn of_shard(&self, kind: Kind, shard: usize) -> &[Link] {
        let Some(ends) = self.ends.chunks_exact(SHARDS).nth(kind as usize) else { return &[] };
        let start = shard.checked_sub(1).map_or(0, |before| ends[before]);
        &self.kinds[kind as usize][start as usize..ends[shard] as usize]
    }

    /// Links of a kind and a shard from the parts of files, each with the number of its first row. Rows are numbered
    /// over all parts.
    pub(super) fn gathered(parts: &[(u32, Links)], kind: Kind, shard: usize) -> Vec<Link> {
        let of_parts = parts.iter().map(|(first, part)| (u128::from(*first), part.of_shard(kind, shard)));
        let mut all = Vec::with_capacity(of_parts.clone().map(|(_, links)| links.len()).sum());
        of_parts.for_each(|(first, links)| all.extend(links.iter().map(|link| Link(link.0 + first))));
        all
    }

    /// Divides links into shards.
    fn push_kind(&mut self, kind: usize, links: &[Link]) {
        let mut next = [0; SHARDS];
        links.iter().for_each(|link| next[link.shard()] += 1);
        let mut end = 0;
        for shard in &mut next {
            (*shard, end) = (end, end + *shard);
        }
        let mut sharded = vec![Link(0); links.len()];
        for link in links {
            let next = &mut next[link.shard()];
            sharded[*next as usize] = *link;
            *next += 1;
        }
        self.kinds[kind] = sharded;
        self.ends.extend(next);
    }
}

/// Makes the links of a part's rows.
#[derive(Default)]
pub(super) struct Linker {
    rows: u32,
    links: [Vec<Link>; KINDS],
    waiting: Vec<Block>,
    /// The row of each waiting block, and which of its links it is.
    places: Vec<(u32, Kind)>,
    digests: Vec<Digest>,
}

/// As many blocks are hashed at a time, and a few more.
const AT_ONCE: usize = 8 * BATCH;

impl Linker {
    /// A linker with room for so many rows.
    pub(super) fn with_room(rows: usize) -> Linker {
        let blocks = rows.min(AT_ONCE + KINDS);
        Linker {
            rows: 0,
            links: std::array::from_fn(|_| Vec::with_capacity(rows)),
            waiting: Vec::with_capacity(blocks),
            places: Vec::with_capacity(blocks),
            digests: Vec::with_capacity(blocks),
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>, identity: &View<'_>) {
        let View { name, birth_date, postcode, uprn, address } = identity;
        if self.waiting.len() >= AT_ONCE {
            self.hash_waiting(key);
        }
        let number = self.rows;
        self.rows += 1;
        let claim = says_something(row.claim_ref);
        if claim {
            self.hash(key, number, Kind::Claim, &[b"C", row.claim_ref.as_bytes()]);
        }
        let date = birth_date.map_or([0; 4], |date| date.packed().to_le_bytes());
        let given = name.given.first().copied().unwrap_or_default();
        // A forename and three parts of a surname, with a space before each part.
        let mut full_name = ArrayVec::<u8, 128>::new();
        let mut append = |text: &str| full_name.try_extend_from_slice(text.as_bytes()).unwrap_or_default();
        append(given);
        for part in &name.family {
            append(" ");
            append(part);
        }
        if says_something(row.person_ref) {
            self.hash(key, number, Kind::Reference, &[b"P", row.person_ref.as_bytes()]);
        } else if claim && !full_name.is_empty() {
            self.hash(key, number, Kind::Reference, &[b"N", row.claim_ref.as_bytes(), &full_name, &date]);
        }
        if given.len() < 2 || name.family.is_empty() || birth_date.is_none() {
            return;
        }
        if *postcode != Postcode::Absent && says_a_dwelling(address) {
            let number_of_house = address.number.map_or([0; 2], |number| number.first.to_le_bytes());
            let place = [postcode.as_str().as_bytes(), &number_of_house, address.flat.as_bytes()];
            let fields = [b"H", &full_name[..], &date, place[0], place[1], place[2], address.building.as_bytes()];
            self.hash(key, number, Kind::Dwelling, &fields);
        }
        if let Some(uprn) = uprn {
            self.hash(key, number, Kind::Property, &[b"U", &full_name, &date, &uprn.number().to_le_bytes()]);
        }
    }

    fn hash(&mut self, key: &RunKey, row: u32, kind: Kind, fields: &[&[u8]]) {
        match block_of(fields) {
            Some(block) => {
                self.waiting.push(block);
                self.places.push((row, kind));
            }
            None => self.links[kind as usize].push(Link::new(key.digest_text(&text_of(fields)), row)),
        }
    }

    fn hash_waiting(&mut self, key: &RunKey) {
        key.digest_all(&self.waiting, &mut self.digests);
        self.waiting.clear();
        for (digest, (row, kind)) in self.digests.drain(..).zip(self.places.drain(..)) {
            self.links[kind as usize].push(Link::new(digest, row));
        }
    }

    /// The links of all rows.
    pub(super) fn finish(mut self, key: &RunKey) -> Links {
        self.hash_waiting(key);
        let mut links = Links::default();
        self.links.iter().enumerate().for_each(|(kind, own)| links.push_kind(kind, own));
        links
    }
}

/// The fields, each with its length in front, padded with zeros; `None` if they do not fit one block.
fn block_of(fields: &[&[u8]]) -> Option<Block> {
    let mut block = [0; blake3::BLOCK_LEN];
    let mut at = 0;
    for field in fields {
        *block.get_mut(at)? = u8::try_from(field.len()).ok()?;
        block.get_mut(at + 1..at + 1 + field.len())?.copy_from_slice(field);
        at += 1 + field.len();
    }
    Some(block)
}

/// Fields that do not fit one block, each with its length in front.
fn text_of(fields: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    for field in fields {
        text.extend((field.len() as u64).to_le_bytes());
        text.extend_from_slice(field);
    }
    text
}

/// The reference is not a placeholder: it has a letter or a digit other than 0, and is not a word for "none".
///
/// ```text
/// CLM-0, 7, AB 12            identify somebody
/// 0, 000, -, N/A, unknown    identify nobody
/// ```
pub(crate) fn says_something(reference: &str) -> bool {
    // Nearly every reference has such a digit, and no placeholder has.
    if reference.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return true;
    }
    let reference = reference.trim();
    let marks = |letter: char| letter == '0' || !letter.is_alphanumeric();
    !reference.chars().all(marks) && !is_missing(reference)
}

fn says_a_dwelling(address: &AddressView<'_>) -> bool {
    address.number.is_some() || !address.building.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Fields = Vec<Vec<u8>>;

    /// Two lists of equally many fields, as one kind of link always has: empty fields at the end look like padding.
    fn pairs() -> impl Strategy<Value = (Fields, Fields)> {
        (1..5_usize).prop_flat_map(|count| {
            let fields = || prop::collection::vec(prop::collection::vec(0_u8..3, 0..40), count);
            (fields(), fields())
        })
    }

    proptest! {
        #[test]
        fn different_fields_never_make_one_message((one, other) in pairs()) {
            prop_assume!(one != other);
            fn message(fields: &[Vec<u8>]) -> Vec<u8> {
                let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
                block_of(&fields).map_or_else(|| text_of(&fields), |block| block.to_vec())
            }
            let (one, other) = (message(&one), message(&other));
            prop_assert_ne!(&one, &other);
        }
    }

    proptest! {
        #[test]
        fn links_are_found_by_their_shard(digests in prop::collection::vec(any::<u128>(), 0..300), cut in 0_usize..300) {
            let cut = cut.min(digests.len());
            let part = |digests: &[Digest]| {
                let mut links = Links::default();
                let own: Vec<Link> = digests.iter().zip(0..).map(|(digest, row)| Link::new(*digest, row)).collect();
                (0..KINDS).for_each(|kind| links.push_kind(kind, if kind == Kind::Dwelling as usize { &own } else { &[] }));
                links
            };
            let parts = [(0, part(&digests[..cut])), (cut as u32, part(&digests[cut..]))];
            let mut found: Vec<Link> =
                (0..SHARDS).flat_map(|shard| Links::gathered(&parts, Kind::Dwelling, shard)).collect();
            found.sort_unstable_by_key(|link| link.row());
            let expected: Vec<Link> = digests.iter().zip(0..).map(|(digest, row)| Link::new(*digest, row)).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!((0..SHARDS).map(|shard| Links::gathered(&parts, Kind::Property, shard).len()).sum::<usize>(), 0);
        }
    }

    #[test]
    fn a_placeholder_says_nothing() {
        for reference in ["CLM-0", "7", "AB 12", "NADIA", "0001", "É", "TBC1"] {
            assert!(says_something(reference), "{reference}");
        }
        for reference in ["", " ", "0", "000", "0-0", "-", "N/A", "n/a", "#N/A", "Unknown", " none ", "NULL", "..."] {
            assert!(!says_something(reference), "{reference}");
        }
    }

    #[test]
    fn what_fits_no_block_is_longer_than_one() {
        for length in 60..80 {
            let fields: [&[u8]; 2] = [b"P", &vec![b'7'; length]];
            assert_eq!(block_of(&fields).is_none(), length > 61);
            assert!(block_of(&fields).is_some() || text_of(&fields).len() > blake3::BLOCK_LEN);
        }
    }
}

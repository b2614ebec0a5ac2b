//! Makes the links of benefit rows: digests of the row's claim, and of fields that only rows of one person share.
//!
//! The fields of most links fit one block. Blocks are hashed side by side, as many as the cache holds. Longer fields are
//! hashed at once; they cannot equal a block, since they are longer.

use arrayvec::ArrayVec;

use super::hash::{BATCH, Block, Digest, RunKey};
use super::persons::BenefitPerson;
use crate::normalise::missing::is_missing;
use crate::normalise::postcode::Postcode;
use crate::normalise::{AddressView, View};

/// The halves of a digest; rows that share it belong together. Zeros if there is no link.
pub(super) type Link = [u64; 2];

/// No link.
pub(super) const NO_LINK: Link = [0; 2];

/// The links of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Links {
    /// Its claim; [`NO_LINK`] if the reference is a placeholder.
    pub(super) claim: Link,
    /// The person's reference (or claim, name and birth date); full name, birth date, postcode and dwelling;
    /// full name, birth date and UPRN.
    pub(super) person: [Link; 3],
}

/// Links of rows, some of which are still to be hashed.
#[derive(Default)]
pub(super) struct Linker {
    links: Vec<Links>,
    waiting: Vec<Block>,
    /// The row of each waiting block, and which of its links it is.
    places: Vec<(u32, Which)>,
    digests: Vec<Digest>,
}

/// As many blocks are hashed at a time, and a few more.
const AT_ONCE: usize = 8 * BATCH;

#[derive(Debug, Clone, Copy)]
enum Which {
    Claim,
    Person(u8),
}

impl Linker {
    /// Adds a row.
    pub(super) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>) {
        let View { name, birth_date, postcode, uprn, address } = row.identity.view();
        if self.waiting.len() >= AT_ONCE {
            self.hash_waiting(key);
        }
        let number = self.links.len() as u32;
        self.links.push(Links { claim: NO_LINK, person: [NO_LINK; 3] });
        let claim = says_something(row.claim_ref);
        if claim {
            self.hash(key, number, Which::Claim, &[b"C", row.claim_ref.as_bytes()]);
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
            self.hash(key, number, Which::Person(0), &[b"P", row.person_ref.as_bytes()]);
        } else if claim && !full_name.is_empty() {
            self.hash(key, number, Which::Person(0), &[b"N", row.claim_ref.as_bytes(), &full_name, &date]);
        }
        if given.len() < 2 || name.family.is_empty() || birth_date.is_none() {
            return;
        }
        if postcode != Postcode::Absent && says_a_dwelling(&address) {
            let number_of_house = address.number.map_or([0; 2], |number| number.first.to_le_bytes());
            let place = [postcode.as_str().as_bytes(), &number_of_house, address.flat.as_bytes()];
            let fields = [b"H", &full_name[..], &date, place[0], place[1], place[2], address.building.as_bytes()];
            self.hash(key, number, Which::Person(1), &fields);
        }
        if let Some(uprn) = uprn {
            self.hash(key, number, Which::Person(2), &[b"U", &full_name, &date, &uprn.number().to_le_bytes()]);
        }
    }

    fn hash(&mut self, key: &RunKey, row: u32, which: Which, fields: &[&[u8]]) {
        match block_of(fields) {
            Some(block) => {
                self.waiting.push(block);
                self.places.push((row, which));
            }
            None => self.set(row, which, key.digest_text(&text_of(fields))),
        }
    }

    fn set(&mut self, row: u32, which: Which, digest: Digest) {
        let link = [(digest >> 64) as u64, digest as u64];
        let links = &mut self.links[row as usize];
        match which {
            Which::Claim => links.claim = link,
            Which::Person(place) => links.person[usize::from(place)] = link,
        }
    }

    fn hash_waiting(&mut self, key: &RunKey) {
        let (mut digests, mut places) = (std::mem::take(&mut self.digests), std::mem::take(&mut self.places));
        key.digest_all(&self.waiting, &mut digests);
        self.waiting.clear();
        for (digest, (row, which)) in digests.drain(..).zip(places.drain(..)) {
            self.set(row, which, digest);
        }
        (self.digests, self.places) = (digests, places);
    }

    /// The links of all rows, in order.
    pub(super) fn finish(mut self, key: &RunKey) -> Vec<Links> {
        self.hash_waiting(key);
        self.links
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

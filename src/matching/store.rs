//! Stores the identities of benefit rows compactly: about 100 bytes each, a quarter of what they take when read.
//!
//! Everything that scoring needs of a row lies together, so that it waits for memory once. The row's person
//! and how common its names are stand in front, and are written later, when they are known.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::runs::{BlockPool, PartRuns, Runs, Stretch};
use crate::date::Date;
use crate::memory;
use crate::normalise::postcode::{BritishPostcode, Postcode};
use crate::normalise::uprn::Uprn;
use crate::normalise::{AddressView, Generation, HouseNumber, NameView, View};
use crate::text::Text;

/// Identities one after another.
#[derive(Default)]
pub(crate) struct Store {
    packed: Runs,
}

/// The identities of one part of a file.
#[derive(Default)]
pub(crate) struct PartStore {
    packed: PartRuns,
}

/// How common the names of a row are, as shares of the population.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct RowRates {
    pub(crate) given: f32,
    /// The commonest part of the surname: the one that others are likeliest to share.
    pub(crate) part: f32,
    /// The surname as a whole.
    pub(crate) family: f32,
    pub(crate) full: f32,
}

/// What is known of a row besides its identity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) person: u32,
    pub(crate) rates: RowRates,
}

/// The number of bytes of [`Facts`], which stand in front of the identity.
const FACTS: usize = 20;

/// The number of bytes of an identity before its texts: the shape of its name, birth date, postcode, UPRN and house
/// number.
const HEAD: usize = 1 + 4 + POSTCODE + UPRN + 4;

/// A packed postcode without its lowest byte, which is 0.
const POSTCODE: usize = 7;

/// Twelve digits.
const UPRN: usize = 5;

/// Stands in place of a British postcode if another code is stored among the texts.
const OPAQUE: u64 = 1 << 63;

impl Facts {
    fn to_bytes(self) -> [u8; FACTS] {
        let RowRates { given, part, family, full } = self.rates;
        let mut bytes = [0; FACTS];
        bytes[..4].copy_from_slice(&self.person.to_le_bytes());
        for (place, rate) in bytes[4..].chunks_exact_mut(4).zip([given, part, family, full]) {
            place.copy_from_slice(&rate.to_le_bytes());
        }
        bytes
    }

    fn read(reader: &mut Reader<'_>) -> Facts {
        let person = u32::from_le_bytes(reader.take());
        let [given, part, family, full] = std::array::from_fn(|_| f32::from_le_bytes(reader.take()));
        Facts { person, rates: RowRates { given, part, family, full } }
    }
}

/// Appends an identity, with room for its facts in front.
fn pack(identity: &View<'_>, bytes: &mut Vec<u8>) {
    let &View { ref name, birth_date, postcode, uprn, ref address } = identity;
    let generation = match name.generation {
        None => 0,
        Some(Generation::Senior) => 1,
        Some(Generation::Junior) => 2,
    };
    let (code, opaque) = match postcode {
        Postcode::Absent => (0, None),
        Postcode::British(code) => (code.packed(), None),
        Postcode::Opaque(ref text) => (OPAQUE, Some(text.as_str())),
    };
    let HouseNumber { first, last } = address.number.unwrap_or(HouseNumber { first: 0, last: 0 });
    let mut front = [0; FACTS + HEAD];
    let (_, head) = front.split_at_mut(FACTS);
    head[0] = name.given.len() as u8 | (name.family.len() as u8) << 3 | generation << 5;
    head[1..5].copy_from_slice(&birth_date.map_or(0, Date::packed).to_le_bytes());
    head[5..12].copy_from_slice(&code.to_le_bytes()[1..]);
    head[12..17].copy_from_slice(&uprn.map_or(0, Uprn::number).to_le_bytes()[..UPRN]);
    head[17..19].copy_from_slice(&first.to_le_bytes());
    head[19..21].copy_from_slice(&last.to_le_bytes());
    bytes.extend_from_slice(&front);
    let AddressView { flat, building, street, locality, town, .. } = *address;
    let mut texts = ArrayVec::<&str, 13>::new();
    texts.extend(opaque);
    texts.extend(name.given.iter().copied());
    texts.extend(name.family.iter().copied());
    texts.extend([flat, building, street, locality, town]);
    bytes.extend(texts.iter().map(|text| text.len() as u8));
    texts.iter().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
}

impl PartStore {
    /// A store without identities. Only stores of one pool can be joined.
    pub(crate) fn new(pool: &Arc<BlockPool>) -> PartStore {
        PartStore { packed: PartRuns::new(pool) }
    }

    /// Adds an identity; its number is the count of those before it.
    pub(crate) fn push(&mut self, identity: &View<'_>) {
        self.packed.push(|bytes| pack(identity, bytes));
    }

    /// Ends the part.
    pub(crate) fn finish(&mut self) {
        self.packed.finish();
    }
}

impl Store {
    /// Adds an identity; its number is the count of those before it.
    pub(crate) fn push(&mut self, identity: &View<'_>) {
        self.packed.push(|bytes| pack(identity, bytes));
    }

    /// Adds an identity as another store [packs](Store::packed) it.
    pub(crate) fn push_packed(&mut self, packed: &[u8]) {
        self.packed.push(|bytes| {
            bytes.extend([0; FACTS]);
            bytes.extend_from_slice(packed);
        });
    }

    /// Joins stores, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = PartStore>) -> Store {
        Store { packed: Runs::joined(parts.map(|part| part.packed).collect()) }
    }

    /// The stored bytes of the identity of that number; equal identities have equal bytes.
    pub(crate) fn packed(&self, number: usize) -> &[u8] {
        &self.packed.get(number)[FACTS..]
    }

    /// The identities in stretches of up to `most`, to note facts of them on all cores.
    pub(crate) fn identities_to_note(&mut self, most: usize) -> Vec<ToNote<'_>> {
        self.packed.stretches_mut(most).into_iter().map(|stretch| ToNote { stretch }).collect()
    }

    /// Prefetches where the identity of that number is, for which [`prefetch`](Self::prefetch) waits.
    pub(crate) fn prefetch_place(&self, number: usize) {
        self.packed.prefetch_place(number);
    }

    /// Prefetches the identity of that number.
    pub(crate) fn prefetch(&self, number: usize) {
        memory::prefetch(self.packed.get(number));
    }

    /// The UPRN of the identity of that number.
    pub(crate) fn uprn(&self, number: usize) -> Option<Uprn> {
        // After the shape, the birth date and the postcode.
        Reader { bytes: &self.packed(number)[1 + 4 + POSTCODE..] }.uprn()
    }

    /// The birth date and the British postcode of the identity of that number.
    pub(crate) fn birth_date_and_postcode(&self, number: usize) -> (Option<Date>, Option<BritishPostcode>) {
        let mut reader = Reader { bytes: self.packed(number) };
        let [_shape] = reader.take();
        let birth_date = Date::unpack(u32::from_le_bytes(reader.take()));
        let code = reader.code();
        (birth_date, (code != 0 && code != OPAQUE).then(|| BritishPostcode::unpack_known(code)))
    }

    /// The facts and the identity of that number.
    pub(crate) fn get(&self, number: usize) -> (Facts, View<'_>) {
        let mut reader = Reader { bytes: self.packed.get(number) };
        (Facts::read(&mut reader), view(&mut reader))
    }

    /// The name alone.
    pub(crate) fn name(&self, number: usize) -> NameView<'_> {
        name(self.packed(number))
    }

    /// The identity alone.
    pub(crate) fn identity(&self, number: usize) -> View<'_> {
        view(&mut Reader { bytes: self.packed(number) })
    }
}

/// Identities of which facts are to be noted.
pub(crate) struct ToNote<'a> {
    stretch: Stretch<'a>,
}

impl ToNote<'_> {
    /// Stores the facts of each identity; `facts` gets its number too.
    pub(crate) fn each(self, mut facts: impl FnMut(usize, &View<'_>) -> Facts) {
        self.stretch.each(|number, bytes| {
            let (front, identity) = bytes.split_at_mut(FACTS);
            front.copy_from_slice(&facts(number, &view(&mut Reader { bytes: identity })).to_bytes());
        });
    }
}

/// Reads an identity, without its facts.
fn view<'a>(reader: &mut Reader<'a>) -> View<'a> {
    let [shape] = reader.take();
    let birth_date = Date::unpack(u32::from_le_bytes(reader.take()));
    let code = reader.code();
    let uprn = reader.uprn();
    let first = u16::from_le_bytes(reader.take());
    let last = u16::from_le_bytes(reader.take());
    let count = usize::from(code == OPAQUE) + words_of_name(shape) + 5;
    let (lengths, texts) = reader.bytes.split_at(count);
    let mut texts = Texts { lengths, texts: str::from_utf8(texts).expect("a store holds the text it was given") };
    let postcode = match code {
        0 => Postcode::Absent,
        OPAQUE => Postcode::Opaque(Text::new(texts.next())),
        code => Postcode::British(BritishPostcode::unpack_known(code)),
    };
    let name = name_of(shape, &mut texts);
    let number = (first | last != 0).then_some(HouseNumber { first, last });
    let [flat, building, street, locality, town] = std::array::from_fn(|_| texts.next());
    let address = AddressView { flat, number, building, street, locality, town };
    View { name, birth_date, postcode, uprn, address }
}

/// Reads the name alone of an identity without its facts.
fn name(identity: &[u8]) -> NameView<'_> {
    let (head, texts) = identity.split_first_chunk::<HEAD>().expect("a store holds whole identities");
    let opaque = usize::from(Reader { bytes: &head[5..] }.code() == OPAQUE);
    let count = opaque + words_of_name(head[0]);
    let (lengths, texts) = texts.split_at(count + 5);
    let end = lengths[..count].iter().map(|length| usize::from(*length)).sum();
    let mut texts =
        Texts { lengths, texts: str::from_utf8(&texts[..end]).expect("a store holds the text it was given") };
    if opaque == 1 {
        texts.next();
    }
    name_of(head[0], &mut texts)
}

/// How many words a name of this shape has.
fn words_of_name(shape: u8) -> usize {
    usize::from(shape & 7) + usize::from(shape >> 3 & 3)
}

fn name_of<'a>(shape: u8, texts: &mut Texts<'a>) -> NameView<'a> {
    NameView {
        given: (0..shape & 7).map(|_| texts.next()).collect(),
        family: (0..shape >> 3 & 3).map(|_| texts.next()).collect(),
        generation: match shape >> 5 {
            1 => Some(Generation::Senior),
            2 => Some(Generation::Junior),
            _ => None,
        },
    }
}

/// Texts one after another, with all lengths before the first.
struct Texts<'a> {
    lengths: &'a [u8],
    texts: &'a str,
}

impl<'a> Texts<'a> {
    fn next(&mut self) -> &'a str {
        let Some((length, lengths)) = self.lengths.split_first() else { return "" };
        let (text, texts) = self.texts.split_at(usize::from(*length));
        (self.lengths, self.texts) = (lengths, texts);
        text
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.bytes.split_first_chunk().expect("a store holds whole identities");
        self.bytes = rest;
        *taken
    }

    /// A packed postcode, 0 for none, or [`OPAQUE`].
    fn code(&mut self) -> u64 {
        let mut bytes = [0; 8];
        bytes[1..].copy_from_slice(&self.take::<POSTCODE>());
        u64::from_le_bytes(bytes)
    }

    fn uprn(&mut self) -> Option<Uprn> {
        let mut bytes = [0; 8];
        bytes[..UPRN].copy_from_slice(&self.take::<UPRN>());
        Uprn::new(u64::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::{Identity, Reading, postcode};
    use crate::text::{Phrase, Word};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_went_in_comes_out_whole_or_its_name_alone(
            given in prop::collection::vec("[A-Z]{1,8}", 0..4),
            family in prop::collection::vec("[A-Z]{1,8}", 0..3),
            code in prop::sample::select(vec!["", "M1 1AE", "LS8 2QN", "DN55 1PT", "75008", "1234567 ABCD"]),
            street in "[A-Z ]{0,20}",
            uprn in prop_oneof![0_u64..=999_999_999_999, Just(0), Just(1), Just(999_999_999_999)],
        ) {
            let mut identity = Identity::default();
            identity.name.given.extend(given.iter().map(|word| Word::new(word)));
            identity.name.family.extend(family.iter().map(|word| Word::new(word)));
            identity.birth_date = Date::new(1951, 3, given.len() as u32);
            identity.name.generation = (given.len() == 1).then_some(Generation::Junior);
            identity.home.address.street = Phrase::new(&street);
            identity.home.uprn = Uprn::new(uprn);
            if let Reading::Known(code) = postcode::postcode(code) {
                identity.home.postcode = code;
            }
            let mut store = Store::default();
            store.push(&identity.view());
            let expected = identity.view();
            let (whole, alone) = (store.identity(0), store.name(0));
            prop_assert_eq!((whole.postcode, whole.address.street), (expected.postcode, expected.address.street));
            prop_assert_eq!((whole.uprn, store.uprn(0)), (expected.uprn, expected.uprn));
            let british = match expected.postcode {
                Postcode::British(code) => Some(code),
                _ => None,
            };
            prop_assert_eq!(store.birth_date_and_postcode(0), (expected.birth_date, british));
            for name in [whole.name, alone] {
                prop_assert_eq!(name.given, expected.name.given.clone());
                prop_assert_eq!(name.family, expected.name.family.clone());
                prop_assert_eq!(name.generation, expected.name.generation);
            }
        }
    }
}

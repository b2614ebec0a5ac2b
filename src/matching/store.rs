//! Identities kept compactly: in go identities of benefit rows, out they come again when a candidate is
//! scored. About a hundred bytes each, against four times that as they are worked on.

use arrayvec::ArrayVec;

use super::pieces::Pieces;
use crate::date::Date;
use crate::normalise::postcode::{BritishPostcode, Postcode};
use crate::normalise::uprn::Uprn;
use crate::normalise::{Address, Generation, Home, HouseNumber, Identity, Name};
use crate::text::Text;

/// Identities one after another.
#[derive(Default)]
pub(crate) struct Store {
    packed: Pieces,
}

const OPAQUE: u64 = 1 << 63;

impl Store {
    /// Keeps an identity; its number is the count of those before it.
    pub(crate) fn push(&mut self, identity: &Identity) {
        let Identity { name, birth_date, home } = identity;
        let address = &home.address;
        let bytes = self.packed.begin();
        let generation = match name.generation {
            None => 0,
            Some(Generation::Senior) => 1,
            Some(Generation::Junior) => 2,
        };
        bytes.push(name.given.len() as u8 | (name.family.len() as u8) << 3 | generation << 5);
        bytes.extend(birth_date.map_or(0, Date::packed).to_le_bytes());
        let (code, opaque) = match home.postcode {
            Postcode::Absent => (0, ""),
            Postcode::British(code) => (code.packed(), ""),
            Postcode::Opaque(ref text) => (OPAQUE, text.as_str()),
        };
        bytes.extend(code.to_le_bytes());
        bytes.extend(home.uprn.map_or(0, Uprn::number).to_le_bytes());
        bytes.extend(address.number.map_or(0, |number| number.first).to_le_bytes());
        bytes.extend(address.number.map_or(0, |number| number.last).to_le_bytes());
        if !opaque.is_empty() {
            text(bytes, opaque);
        }
        for word in name.given.iter().chain(&name.family) {
            text(bytes, word);
        }
        text(bytes, &address.flat);
        for phrase in [address.building, address.street, address.locality, address.town] {
            text(bytes, &phrase);
        }
    }

    /// Joins stores, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = Store>, count: usize) -> Store {
        Store { packed: Pieces::joined(parts.map(|part| part.packed), count) }
    }

    /// The bytes that the identity of that number is kept as; equal identities have equal bytes.
    pub(crate) fn packed(&self, number: usize) -> &[u8] {
        self.packed.get(number)
    }

    /// Loads the cache lines of the identity of that number.
    pub(crate) fn touch(&self, number: usize) -> u8 {
        let bytes = self.packed.get(number);
        bytes[0] ^ bytes[bytes.len() - 1]
    }

    /// The UPRN of the identity of that number.
    pub(crate) fn uprn(&self, number: usize) -> Option<Uprn> {
        // Behind the shape, the birth date and the postcode.
        let mut reader = Reader { bytes: &self.packed.get(number)[1 + 4 + 8..] };
        Uprn::new(u64::from_le_bytes(reader.take()))
    }

    /// The identity of that number, but for what its spelling said of its origin.
    pub(crate) fn get(&self, number: usize) -> Identity {
        let mut reader = Reader { bytes: self.packed.get(number) };
        let [shape] = reader.take();
        let birth_date = Date::unpack(u32::from_le_bytes(reader.take()));
        let code = u64::from_le_bytes(reader.take());
        let uprn = Uprn::new(u64::from_le_bytes(reader.take()));
        let first = u16::from_le_bytes(reader.take());
        let last = u16::from_le_bytes(reader.take());
        let postcode = match code {
            0 => Postcode::Absent,
            OPAQUE => Postcode::Opaque(reader.text()),
            code => BritishPostcode::unpack(code).map_or(Postcode::Absent, Postcode::British),
        };
        let given: ArrayVec<_, 4> = (0..shape & 7).map(|_| reader.text()).collect();
        let family: ArrayVec<_, 3> = (0..shape >> 3 & 3).map(|_| reader.text()).collect();
        let generation = match shape >> 5 {
            1 => Some(Generation::Senior),
            2 => Some(Generation::Junior),
            _ => None,
        };
        let number = (first | last != 0).then_some(HouseNumber { first, last });
        let flat = reader.text();
        let [building, street, locality, town] = std::array::from_fn(|_| reader.text());
        Identity {
            name: Name { given, family, generation, ..Name::default() },
            birth_date,
            home: Home { postcode, uprn, address: Address { flat, number, building, street, locality, town } },
        }
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(text.len() as u8);
    bytes.extend_from_slice(text.as_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.bytes.split_first_chunk().expect("a store holds whole identities");
        self.bytes = rest;
        *taken
    }

    fn text<const N: usize>(&mut self) -> Text<N> {
        let [length] = self.take();
        let (text, rest) = self.bytes.split_at(usize::from(length));
        self.bytes = rest;
        Text::new(str::from_utf8(text).expect("a store holds the text it was given"))
    }
}

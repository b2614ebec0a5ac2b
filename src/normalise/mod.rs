//! Brings each name, date and address into one spelling.
//!
//! Text as somebody typed it becomes an [`Identity`]: words in capitals A to Z, dates that exist, postcodes
//! of British form. Nothing here compares two records; the `matching` module does.

pub mod address;
pub mod birth_date;
mod digits;
mod fold;
pub mod frequency;
pub mod given_name;
pub(crate) mod memo;
pub(crate) mod missing;
pub mod name;
pub mod postcode;
pub mod sound;
pub mod uprn;
mod view;
mod word_map;

use arrayvec::ArrayVec;

pub(crate) use view::{AddressView, NameView, View};

use crate::date::Date;
use crate::text::{Phrase, Word};

/// The result of reading one optional field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading<T> {
    /// Empty, or a placeholder that stands for nothing.
    Absent,
    /// A usable value.
    Known(T),
    /// Something that cannot be used: it is noted, then treated as absent.
    Unusable,
}

impl<T> Reading<T> {
    /// The value, if it is usable.
    pub fn known(self) -> Option<T> {
        match self {
            Reading::Known(value) => Some(value),
            Reading::Absent | Reading::Unusable => None,
        }
    }
}

/// A person as one row describes them, in one spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The person's name.
    pub name: Name,
    /// The date of birth; `None` if it is not known.
    pub birth_date: Option<Date>,
    /// Where the person lives.
    pub home: Home,
}

/// A name in one spelling: capitals A to Z without spaces, hyphens or accents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Forename, then middle names. A word of one letter is an initial.
    pub given: ArrayVec<Word, 4>,
    /// Surname: one word, or the parts of a double-barrelled one in their order. Particles are part of
    /// the word they lead (`MCDONALD`, `OBRIEN`, `VANDERBERG`).
    pub family: ArrayVec<Word, 3>,
    /// Senior or junior, if the name says so.
    pub generation: Option<Generation>,
    /// What the typed spelling shows of the name's origin.
    pub origin: NameOrigin,
}

/// Which of two people of the same name in one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Snr, the Elder.
    Senior,
    /// Jnr, the Younger, II.
    Junior,
}

/// Features of a name as typed, by which match rates can be broken down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameOrigin {
    /// Whether a letter outside A to Z was folded.
    pub diacritics: bool,
    /// Whether the surname has a particle (Mc, O', van der, al).
    pub particle: bool,
}

/// Where a person lives, according to one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home {
    /// The postcode, British or not.
    pub postcode: postcode::Postcode,
    /// The Unique Property Reference Number.
    pub uprn: Option<uprn::Uprn>,
    /// The address lines, taken apart.
    pub address: Address,
}

/// An address taken apart. Words are in capitals, with one space between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The dwelling inside a building, in one form whatever the wording (`2`, `B`, `1F2`, `2/1`).
    pub flat: Word,
    /// The building's number in its street.
    pub number: Option<HouseNumber>,
    /// The building's name.
    pub building: Phrase,
    /// The street, abbreviations written out.
    pub street: Phrase,
    /// Locality or second street line, if there is one.
    pub locality: Phrase,
    /// The post town.
    pub town: Phrase,
}

/// A building's number or range of numbers (`12`, `12-14`). A letter after it belongs to the flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HouseNumber {
    /// The number, or the first of a range.
    pub first: u16,
    /// The last of a range; equal to `first` if there is only one number.
    pub last: u16,
}

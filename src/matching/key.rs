//! Match keys: in goes an identity, out come the blocks that are hashed. Equal keys make a candidate
//! pair; what the pair is worth is decided later, so a key may be generous.
//!
//! The list is ordered from the keys that find most to those that are there for what others miss.
//! Every field alone may be missing: some keys do without a date of birth, some without a postcode. No
//! key is made where one of its fields is absent.

use std::collections::HashMap;

use arrayvec::ArrayVec;
use foldhash::fast::RandomState;

use super::hash::Block;
use crate::normalise::given_name;
use crate::normalise::postcode::Postcode;
use crate::normalise::sound::{Sound, sound};
use crate::normalise::{Address, Identity};
use crate::text::Word;

/// What a match key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum KeyKind {
    /// Sound of the surname, initial of a forename, date of birth: finds those who moved.
    NameBirthDate,
    /// Date of birth and postcode: finds any spelling of a name at home.
    BirthDatePostcode,
    /// Sound of the surname, initial of a forename, postcode: needs no date of birth.
    NamePostcode,
    /// Forename, date of birth and district: a changed surname, a wrong postcode.
    GivenBirthDate,
    /// Forename, postcode and number: a garbled surname, no date of birth.
    GivenHome,
    /// Sound of the surname, initial, number and first word of the street: no date of birth, no postcode.
    NameStreet,
    /// UPRN and initial of a forename: the address written in a way of its own.
    UprnInitial,
    /// The whole name alone, where few persons of the benefit records bear it.
    RareName,
    /// Where there is no postcode of British form: the date of birth alone, or number and street, or
    /// number and code.
    NoPostcode,
}

impl KeyKind {
    pub(crate) const ALL: [KeyKind; 9] = [
        KeyKind::NameBirthDate,
        KeyKind::BirthDatePostcode,
        KeyKind::NamePostcode,
        KeyKind::GivenBirthDate,
        KeyKind::GivenHome,
        KeyKind::NameStreet,
        KeyKind::UprnInitial,
        KeyKind::RareName,
        KeyKind::NoPostcode,
    ];

    /// The key as `decisions.csv` and `run.json` name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            KeyKind::NameBirthDate => "name+birth-date",
            KeyKind::BirthDatePostcode => "birth-date+postcode",
            KeyKind::NamePostcode => "name+postcode",
            KeyKind::GivenBirthDate => "given+birth-date+district",
            KeyKind::GivenHome => "given+postcode+number",
            KeyKind::NameStreet => "name+street",
            KeyKind::UprnInitial => "uprn+initial",
            KeyKind::RareName => "rare-name",
            KeyKind::NoPostcode => "no-british-postcode",
        }
    }

    /// How many rows may share one key of this kind. Past that the key finds nothing.
    pub(crate) fn most_rows(self) -> usize {
        match self {
            KeyKind::RareName => 24,
            _ => 400,
        }
    }

    /// A key of this kind that too many rows share leaves out candidates that matter. A rare name that
    /// is not rare does not, nor a birthday that many share: whoever shares more is found by another key.
    pub(crate) fn cut_off_matters(self) -> bool {
        !matches!(self, KeyKind::RareName | KeyKind::NoPostcode)
    }

    /// The kind's place in a set of kinds.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The names of the kinds in a set.
pub(crate) fn names_of(kinds: u16) -> impl Iterator<Item = &'static str> {
    KeyKind::ALL.into_iter().filter(move |kind| kinds & kind.bit() != 0).map(KeyKind::name)
}

/// Makes keys; remembers what is known of words, since most names come again and again.
#[derive(Default)]
pub(crate) struct KeyMaker {
    words: HashMap<Word, Known, RandomState>,
}

/// What keys take from one word of a name.
#[derive(Clone, Copy)]
struct Known {
    sound: Option<Sound>,
    /// The groups of interchangeable forenames that it belongs to.
    groups: &'static [u16],
}

/// Words remembered before the memory is emptied and begun anew.
const MOST_WORDS: usize = 1 << 16;

type Initials = ArrayVec<u8, 8>;

impl KeyMaker {
    /// The keys under which a person of the benefit records is found.
    pub(crate) fn of_person(&mut self, identity: &Identity, emit: impl FnMut(KeyKind, Block)) {
        self.of_person_among(u16::MAX, identity, emit);
    }

    /// Those of the keys of a person that may be of the given kinds, and perhaps others.
    pub(crate) fn of_person_among(&mut self, kinds: u16, identity: &Identity, mut emit: impl FnMut(KeyKind, Block)) {
        let by_name = KeyKind::NameBirthDate.bit() | KeyKind::NamePostcode.bit();
        let by_birth_date = KeyKind::BirthDatePostcode.bit() | KeyKind::GivenBirthDate.bit();
        let forename = self.forename(identity);
        let parts = self.parts(identity, forename);
        if kinds & by_name != 0 {
            parts.by_name(identity, &mut emit);
        }
        if kinds & by_birth_date != 0 {
            parts.by_birth_date(identity, &mut emit);
        }
        if kinds & !(by_name | by_birth_date) != 0 {
            parts.without_birth_date(identity, &mut emit);
        }
    }

    /// The keys that a holder tries. Those that stand in for a missing date of birth or postcode are
    /// tried only where it is missing.
    pub(crate) fn of_holder(&mut self, identity: &Identity, mut emit: impl FnMut(KeyKind, Block)) {
        let forename = self.forename(identity);
        let parts = self.parts(identity, forename);
        parts.by_name(identity, &mut emit);
        parts.by_birth_date(identity, &mut emit);
        let british = matches!(identity.home.postcode, Postcode::British(_));
        if identity.birth_date.is_none() || !british {
            parts.without_birth_date(identity, &mut emit);
        }
        if let Some(swapped) = swapped(identity, forename) {
            swapped.by_name(identity, &mut emit);
        }
    }

    fn parts(&mut self, identity: &Identity, forename: Option<Known>) -> Parts {
        let mut sounds = ArrayVec::new();
        for part in &identity.name.family {
            if let Some(code) = self.know(part).sound
                && !sounds.contains(&code)
            {
                sounds.push(code);
            }
        }
        let mut tokens = ArrayVec::<Token, 3>::new();
        let groups = forename.map_or(&[][..], |forename| forename.groups);
        if identity.name.given.first().is_some_and(|word| word.len() > 1) {
            for group in groups.iter().take(3) {
                tokens.push(Token::Group(*group));
            }
            if tokens.is_empty()
                && let Some(code) = forename.and_then(|forename| forename.sound)
            {
                tokens.push(Token::Sound(code));
            }
        }
        Parts { sounds, initials: initials(&identity.name.given, groups), tokens }
    }

    fn forename(&mut self, identity: &Identity) -> Option<Known> {
        identity.name.given.first().map(|word| self.know(word))
    }

    fn know(&mut self, word: &Word) -> Known {
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        if self.words.len() >= MOST_WORDS {
            self.words.clear();
        }
        let known = Known { sound: sound(word), groups: given_name::groups(word) };
        self.words.insert(*word, known);
        known
    }
}

/// The parts of a name whose forename and surname have changed places.
fn swapped(identity: &Identity, forename: Option<Known>) -> Option<Parts> {
    identity.name.given.first().filter(|word| word.len() > 1)?;
    let family = identity.name.family.first()?;
    let code = forename?.sound?;
    Some(Parts {
        sounds: ArrayVec::from_iter([code]),
        initials: Initials::from_iter([family.as_bytes()[0]]),
        tokens: ArrayVec::new(),
    })
}

/// The initials under which a person may be known: of forename and middle names, and of the names that
/// the forename, with its groups, may stand for.
fn initials(given: &[Word], groups: &[u16]) -> Initials {
    let mut initials = Initials::new();
    let own = given.iter().map(|word| word.as_bytes()[0]);
    for letter in own.chain(given_name::initials(groups)) {
        if !initials.contains(&letter) {
            let _full = initials.try_push(letter);
        }
    }
    initials
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Group(u16),
    Sound(Sound),
}

impl Token {
    fn bytes(self) -> [u8; 5] {
        let (tag, code) = match self {
            Token::Group(group) => (0, u32::from(group)),
            Token::Sound(code) => (1, code.code()),
        };
        let [a, b, c, d] = code.to_le_bytes();
        [tag, a, b, c, d]
    }
}

/// What keys are made of, worked out once for an identity.
struct Parts {
    sounds: ArrayVec<Sound, 3>,
    initials: Initials,
    tokens: ArrayVec<Token, 3>,
}

impl Parts {
    /// Keys of surname and initial with the date of birth or the postcode.
    fn by_name(&self, identity: &Identity, emit: &mut impl FnMut(KeyKind, Block)) {
        let date = identity.birth_date.map(|date| date.packed().to_le_bytes());
        let postcode = postcode_text(&identity.home.postcode);
        for code in &self.sounds {
            let code = code.code().to_le_bytes();
            for letter in &self.initials {
                if let Some(date) = date {
                    emit(KeyKind::NameBirthDate, block(KeyKind::NameBirthDate, &[&code, &[*letter], &date]));
                }
                if let Some(postcode) = postcode {
                    let fields = [&code[..], &[*letter], postcode.as_bytes()];
                    emit(KeyKind::NamePostcode, block(KeyKind::NamePostcode, &fields));
                }
            }
        }
    }

    /// Keys of the date of birth that do without a surname.
    fn by_birth_date(&self, identity: &Identity, emit: &mut impl FnMut(KeyKind, Block)) {
        let Some(date) = identity.birth_date else { return };
        let date = date.packed().to_le_bytes();
        if let Some(postcode) = postcode_text(&identity.home.postcode) {
            let fields = [&date[..], postcode.as_bytes()];
            emit(KeyKind::BirthDatePostcode, block(KeyKind::BirthDatePostcode, &fields));
        }
        let district = match &identity.home.postcode {
            Postcode::British(code) => code.outward(),
            Postcode::Opaque(_) | Postcode::Absent => "",
        };
        for token in &self.tokens {
            let fields = [&token.bytes()[..], &date, district.as_bytes()];
            emit(KeyKind::GivenBirthDate, block(KeyKind::GivenBirthDate, &fields));
        }
    }

    /// Keys that need no date of birth, and for the most part no postcode.
    fn without_birth_date(&self, identity: &Identity, emit: &mut impl FnMut(KeyKind, Block)) {
        let Identity { name, home, .. } = identity;
        let address = &home.address;
        let number = number_text(address);
        if let (Some(postcode), Some(number)) = (postcode_text(&home.postcode), &number) {
            for token in &self.tokens {
                let fields = [&token.bytes()[..], postcode.as_bytes(), number];
                emit(KeyKind::GivenHome, block(KeyKind::GivenHome, &fields));
            }
        }
        if let Some(uprn) = home.uprn {
            for letter in &self.initials {
                let fields = [&uprn.number().to_le_bytes()[..], &[*letter]];
                emit(KeyKind::UprnInitial, block(KeyKind::UprnInitial, &fields));
            }
        }
        let street = address.street.split(' ').next().filter(|word| !word.is_empty());
        if !matches!(home.postcode, Postcode::British(_)) {
            let mut emit = |form: u8, first: &[u8], second: &[u8]| {
                emit(KeyKind::NoPostcode, block(KeyKind::NoPostcode, &[&[form], first, second]));
            };
            if let Some(date) = identity.birth_date {
                emit(1, &date.packed().to_le_bytes(), &[]);
            }
            if let Some(number) = &number {
                if let Some(street) = street {
                    emit(2, number, street.as_bytes());
                }
                if let Some(code) = postcode_text(&home.postcode) {
                    emit(3, number, code.as_bytes());
                }
            }
        }
        if let (Some(street), Some(number)) = (street, &number) {
            for code in &self.sounds {
                for letter in &self.initials {
                    let fields = [&code.code().to_le_bytes()[..], &[*letter], number, street.as_bytes()];
                    emit(KeyKind::NameStreet, block(KeyKind::NameStreet, &fields));
                }
            }
        }
        let (Some(given), Some(family)) = (name.given.first(), name.family.first()) else { return };
        if given.len() > 1 {
            emit(KeyKind::RareName, block(KeyKind::RareName, &[given.as_bytes(), family.as_bytes()]));
        }
    }
}

fn postcode_text(postcode: &Postcode) -> Option<&str> {
    match postcode {
        Postcode::Absent => None,
        Postcode::British(code) => Some(code.as_str()),
        Postcode::Opaque(text) => Some(text),
    }
}

fn number_text(address: &Address) -> Option<[u8; 2]> {
    address.number.map(|number| number.first.to_le_bytes())
}

/// Encodes a key: its kind, each field with its length, zeros. The fields of every kind together are
/// short enough for one block; text beyond it would be cut off on both sides alike.
fn block(kind: KeyKind, fields: &[&[u8]]) -> Block {
    let mut block = [0; blake3::BLOCK_LEN];
    block[0] = kind as u8 + 1;
    let mut at = 1;
    for field in fields {
        let length = field.len().min(block.len() - at - 1);
        block[at] = length as u8;
        block[at + 1..at + 1 + length].copy_from_slice(&field[..length]);
        at += 1 + length;
    }
    block
}

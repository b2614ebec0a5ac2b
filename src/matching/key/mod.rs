//! Makes the match keys of an identity, as blocks to be hashed.
//!
//! Equal keys make a candidate pair. What the pair is worth is decided later, so a key may be generous.
//!
//! The kinds are ordered from those that find most to those that find what the others miss. Any one field
//! may be missing: some keys need no date of birth, some no postcode. A key is made only if all of its
//! fields are present.

mod encoded;
mod kind;
mod known;

use arrayvec::ArrayVec;

use crate::normalise::given_name;
use crate::normalise::postcode::Postcode;
use crate::normalise::sound::Sound;
use crate::normalise::{NameView, View};
pub(crate) use encoded::Keys;
use encoded::{first_word, number_bytes, padded, zero_padded};
pub(crate) use kind::{KeyKind, names_of};
use known::{Known, KnownWords};

/// Makes match keys, with a cache of words.
#[derive(Default)]
pub(crate) struct KeyMaker {
    words: KnownWords,
    /// Keys for sparse records are made too.
    sparse: bool,
}

type Initials = ArrayVec<u8, 8>;

impl KeyMaker {
    /// Whether keys for sparse records are made too.
    pub(crate) fn set_sparse(&mut self, sparse: bool) {
        self.sparse = sparse;
    }

    /// Adds the keys under which a person of the benefit records is indexed.
    pub(crate) fn of_person(&mut self, identity: &View<'_>, keys: &mut Keys) {
        self.of_person_among(u16::MAX, identity, keys);
    }

    /// Adds a person's keys of the given kinds, and perhaps some of other kinds.
    pub(crate) fn of_person_among(&mut self, kinds: u16, identity: &View<'_>, keys: &mut Keys) {
        let by_name = KeyKind::NameBirthDate.bit() | KeyKind::NamePostcode.bit();
        let by_birth_date = KeyKind::BirthDatePostcode.bit() | KeyKind::GivenBirthDate.bit();
        let parts = Parts::new(identity, &self.known(&identity.name));
        if kinds & by_name != 0 {
            parts.by_name(keys);
        }
        if kinds & by_birth_date != 0 {
            parts.by_birth_date(&identity.postcode, keys);
        }
        if kinds & !(by_name | by_birth_date) != 0 {
            parts.without_birth_date(identity, keys);
            if self.sparse {
                parts.of_sparse(identity, keys);
            }
        }
    }

    /// Adds the keys under which a holder is looked up. Keys that replace a missing date of birth or postcode are
    /// made only if it is missing.
    pub(crate) fn of_holder(&self, identity: &View<'_>, known: &KnownName, keys: &mut Keys) {
        let parts = Parts::new(identity, known);
        parts.by_name(keys);
        parts.by_birth_date(&identity.postcode, keys);
        let british = matches!(identity.postcode, Postcode::British(_));
        if self.sparse || identity.birth_date.is_none() || !british {
            parts.without_birth_date(identity, keys);
        }
        if self.sparse {
            parts.of_sparse(identity, keys);
        }
        if let Some(swapped) = parts.swapped(identity, known.forename) {
            swapped.by_name(keys);
        }
    }

    /// What is known of the words of a name. Asked for many names one after another, it waits for memory less often
    /// than between the keys of one and the next.
    pub(crate) fn known(&mut self, name: &NameView<'_>) -> KnownName {
        KnownName {
            forename: name.given.first().map(|word| self.words.look_up(word)),
            family: name.family.iter().map(|word| self.words.look_up(word).sound).collect(),
        }
    }
}

/// What is known of the words of a name.
pub(crate) struct KnownName {
    forename: Option<Known>,
    /// The sounds of the surname's parts.
    family: ArrayVec<Option<Sound>, 3>,
}

/// The initials under which a person may be known: those of the forename and middle names, and those of the
/// names that the forename may stand for by its groups.
fn initials(given: &[&str], groups: &[u16]) -> Initials {
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

/// What an identity's keys are made of, worked out once.
struct Parts {
    sounds: ArrayVec<Sound, 3>,
    initials: Initials,
    tokens: ArrayVec<Token, 3>,
    birth_date: Option<[u8; 4]>,
    postcode: Option<[u8; 12]>,
}

impl Parts {
    fn new(identity: &View<'_>, KnownName { forename, family }: &KnownName) -> Parts {
        let mut sounds = ArrayVec::new();
        for code in family.iter().flatten() {
            if !sounds.contains(code) {
                sounds.push(*code);
            }
        }
        let mut tokens = ArrayVec::<Token, 3>::new();
        let groups = forename.map_or(&[][..], Known::groups);
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
        Parts {
            sounds,
            initials: initials(&identity.name.given, groups),
            tokens,
            birth_date: identity.birth_date.map(|date| date.packed().to_le_bytes()),
            postcode: padded(&identity.postcode),
        }
    }

    /// The parts of the name read with forename and surname exchanged; `None` if either is missing or the forename is
    /// an initial.
    fn swapped(&self, identity: &View<'_>, forename: Option<Known>) -> Option<Parts> {
        identity.name.given.first().filter(|word| word.len() > 1)?;
        let family = identity.name.family.first()?;
        let code = forename?.sound?;
        Some(Parts {
            sounds: ArrayVec::from_iter([code]),
            initials: Initials::from_iter([family.as_bytes()[0]]),
            tokens: ArrayVec::new(),
            ..*self
        })
    }

    /// Keys of surname and initial with the date of birth or the postcode.
    fn by_name(&self, keys: &mut Keys) {
        for sound in &self.sounds {
            let sound = sound.code().to_le_bytes();
            for letter in &self.initials {
                if let Some(date) = self.birth_date {
                    keys.begin(KeyKind::NameBirthDate).with(sound).with([*letter]).with(date);
                }
                if let Some(postcode) = self.postcode {
                    keys.begin(KeyKind::NamePostcode).with(sound).with([*letter]).with(postcode);
                }
            }
        }
    }

    /// Keys with the date of birth and without a surname.
    fn by_birth_date(&self, postcode: &Postcode, keys: &mut Keys) {
        let Some(date) = self.birth_date else { return };
        if let Some(postcode) = self.postcode {
            keys.begin(KeyKind::BirthDatePostcode).with(date).with(postcode);
        }
        let district = match postcode {
            Postcode::British(code) => zero_padded(code.outward()),
            Postcode::Opaque(_) | Postcode::Absent => [0; 4],
        };
        for token in &self.tokens {
            keys.begin(KeyKind::GivenBirthDate).with(token.bytes()).with(date).with(district);
        }
    }

    /// Keys that need no date of birth, and for the most part no postcode.
    fn without_birth_date(&self, identity: &View<'_>, keys: &mut Keys) {
        let View { name, address, postcode, .. } = identity;
        let number = number_bytes(address);
        if let (Some(postcode), Some(number)) = (self.postcode, number) {
            for token in &self.tokens {
                keys.begin(KeyKind::GivenHome).with(token.bytes()).with(postcode).with(number);
            }
        }
        if let Some(uprn) = identity.uprn {
            for letter in &self.initials {
                keys.begin(KeyKind::UprnInitial).with(uprn.number().to_le_bytes()).with([*letter]);
            }
        }
        let street = first_word(address.street);
        if !matches!(postcode, Postcode::British(_)) {
            if let Some(date) = self.birth_date {
                keys.begin(KeyKind::NoPostcode).with([1]).with(date);
            }
            if let Some(number) = number {
                if let Some(street) = street {
                    keys.begin(KeyKind::NoPostcode).with([2]).with(number).with_text(street);
                }
                if let Some(code) = self.postcode {
                    keys.begin(KeyKind::NoPostcode).with([3]).with(number).with(code);
                }
            }
        }
        if let (Some(street), Some(number)) = (street, number) {
            for sound in &self.sounds {
                for letter in &self.initials {
                    let key = keys.begin(KeyKind::NameStreet).with(sound.code().to_le_bytes()).with([*letter]);
                    key.with(number).with_text(street);
                }
            }
        }
        let (Some(given), Some(family)) = (name.given.first(), name.family.first()) else { return };
        if given.len() > 1 {
            keys.begin(KeyKind::RareName).with_text(given).with_text(family);
        }
    }

    /// Keys of two facts each, so that any other may be missing.
    fn of_sparse(&self, identity: &View<'_>, keys: &mut Keys) {
        let home = number_bytes(&identity.address).zip(first_word(identity.address.street));
        for sound in &self.sounds {
            let sound = sound.code().to_le_bytes();
            if let Some(date) = self.birth_date {
                keys.begin(KeyKind::FamilyAlone).with([1]).with(sound).with(date);
            }
            if let Some(postcode) = self.postcode {
                keys.begin(KeyKind::FamilyAlone).with([2]).with(sound).with(postcode);
            }
            if let Some((number, street)) = home {
                keys.begin(KeyKind::Street).with([1]).with(number).with(sound).with_text(street);
            }
        }
        for token in &self.tokens {
            if let Some(date) = self.birth_date {
                keys.begin(KeyKind::GivenAlone).with(token.bytes()).with(date);
            }
            if let Some((number, street)) = home {
                keys.begin(KeyKind::Street).with([2]).with(number).with(token.bytes()).with_text(street);
            }
        }
        if let Some((date, (number, street))) = self.birth_date.zip(home) {
            keys.begin(KeyKind::Street).with([3]).with(number).with(date).with_text(street);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::date::Date;
    use crate::matching::hash::Block;
    use crate::normalise::uprn::Uprn;
    use crate::normalise::{HouseNumber, Identity, Reading, postcode};
    use crate::text::{Phrase, Word};

    /// An identity of few names, dates and homes, so that two of them often share some.
    fn somebody() -> impl Strategy<Value = Identity> {
        let names = || prop::sample::select(vec!["", "J", "ANN", "NANCY", "WILLIAM", "SMITH", "SMYTH", "ODD"]);
        let code = prop::sample::select(vec!["", "LS8 2QN", "LS8 2QM", "75008"]);
        let street = prop::sample::select(vec!["", "HIGH STREET", "HIGH ROAD", "MILL LANE"]);
        let name = (names(), names(), names());
        (name, 0_u32..3, code, 0_u16..3, street, 0_u64..3).prop_map(|(name, day, code, number, street, property)| {
            let (given, middle, family) = name;
            let mut identity = Identity { birth_date: Date::new(1951, 3, day), ..Identity::default() };
            identity.name.given.extend([given, middle].into_iter().filter(|word| !word.is_empty()).map(Word::new));
            identity.name.family.extend(Some(family).filter(|word| !word.is_empty()).map(Word::new));
            if let Reading::Known(code) = postcode::postcode(code) {
                identity.home.postcode = code;
            }
            identity.home.address.number = (number > 0).then_some(HouseNumber { first: number, last: number });
            identity.home.address.street = Phrase::new(street);
            identity.home.uprn = Uprn::new(property);
            identity
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]
        #[test]
        fn who_surely_share_a_key_share_one(one in somebody(), other in somebody()) {
            let [keys, others] = [one.view(), other.view()].map(|identity| {
                let mut keys = Keys::default();
                KeyMaker::default().of_person(&identity, &mut keys);
                keys
            });
            let is_shared = |block: &&Block| keys.blocks().contains(block);
            let both = others.blocks().iter().zip(others.kinds()).filter(|(block, _)| is_shared(block));
            let shared = both.fold(0, |shared, (_, kind)| shared | kind.bit());
            for kind in KeyKind::ALL {
                let sure = kind.is_surely_shared(&one.view(), &other.view());
                prop_assert!(!sure || shared & kind.bit() != 0, "{}", kind.name());
            }
        }
    }

    #[test]
    fn two_with_the_same_fields_surely_share_most_keys() {
        let mut identity = Identity { birth_date: Date::new(1951, 3, 14), ..Identity::default() };
        identity.name.given.push(Word::new("ANN"));
        identity.name.family.push(Word::new("SMITH"));
        identity.home.address.number = Some(HouseNumber { first: 7, last: 7 });
        identity.home.address.street = Phrase::new("HIGH STREET");
        identity.home.uprn = Uprn::new(7);
        if let Reading::Known(code) = postcode::postcode("LS8 2QN") {
            identity.home.postcode = code;
        }
        let sure = KeyKind::ALL.into_iter().filter(|kind| kind.is_surely_shared(&identity.view(), &identity.view()));
        assert_eq!(
            sure.map(KeyKind::name).collect::<Vec<_>>(),
            [
                "name+birth-date",
                "birth-date+postcode",
                "name+postcode",
                "given+birth-date+district",
                "given+postcode+number",
                "name+street",
                "uprn+initial",
                "rare-name"
            ]
        );
    }
}

//! Says which fields an account has, and counts accounts by them, for the breakdown of figures.

use crate::date::Date;
use crate::normalise::Home;
use crate::normalise::name::Named;
use crate::normalise::postcode::Postcode;

/// Traits of an account: which fields it has, and its postcode area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// The first holder's date of birth is known.
    pub(crate) birth_date: bool,
    /// There is a postcode, of British form or not.
    pub(crate) postcode: bool,
    /// The address has a flat.
    pub(crate) flat: bool,
    /// The first holder's name has a letter with a diacritic.
    pub(crate) diacritics: bool,
    /// The first holder's surname has a particle.
    pub(crate) particle: bool,
    /// Words in the first holder's name, at most 3.
    pub(crate) tokens: u8,
    /// The letters of the postcode area; zeros if there is none.
    pub(crate) area: [u8; 2],
}

impl Traits {
    pub(crate) fn new(named: &Named, birth_date: Option<Date>, home: &Home) -> Traits {
        let mut area = [0; 2];
        if let Postcode::British(code) = home.postcode {
            for (to, from) in area.iter_mut().zip(code.area().bytes()) {
                *to = from;
            }
        }
        let name = named.people.first();
        Traits {
            birth_date: birth_date.is_some(),
            postcode: home.postcode != Postcode::Absent,
            flat: !home.address.flat.is_empty(),
            diacritics: name.is_some_and(|name| name.origin.diacritics),
            particle: name.is_some_and(|name| name.origin.particle),
            tokens: name.map_or(0, |name| (name.given.len() + name.family.len()).min(3) as u8),
            area,
        }
    }
}

/// [`Traits`] in three bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackedTraits {
    area: [u8; 2],
    facts: u8,
}

impl PackedTraits {
    pub(crate) fn pack(traits: Traits) -> PackedTraits {
        let Traits { birth_date, postcode, flat, diacritics, particle, tokens, area } = traits;
        let bits = [birth_date, postcode, flat, diacritics, particle].into_iter().zip(0..);
        let facts = bits.fold(tokens << 5, |facts, (holds, bit)| facts | u8::from(holds) << bit);
        PackedTraits { area, facts }
    }

    /// Its place in a list of all [kinds](Kind).
    fn place(self) -> usize {
        let [first, second] = self.area.map(|letter| usize::from(letter & LETTER));
        // All but whether there is a postcode, and how many words the name has.
        let facts = self.facts & 1 | self.facts >> 1 & 0b1110;
        (first << LETTER.count_ones() | second) << FACTS | usize::from(facts)
    }

    pub(crate) fn unpacked(self) -> Traits {
        let [birth_date, postcode, flat, diacritics, particle] = [0, 1, 2, 3, 4].map(|bit| self.facts >> bit & 1 == 1);
        Traits { birth_date, postcode, flat, diacritics, particle, tokens: self.facts >> 5, area: self.area }
    }
}

/// The bits that tell one capital from another, and from none.
const LETTER: u8 = 0b11111;

/// The number of yes-or-no facts of a [`Kind`].
const FACTS: u32 = 4;

/// A kind of account, as figures tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The letters of the postcode area; zeros if there is none.
    pub(crate) area: [u8; 2],
    pub(crate) birth_date: bool,
    pub(crate) flat: bool,
    pub(crate) diacritics: bool,
    pub(crate) particle: bool,
}

impl Kind {
    /// The kind of that place in a list of all kinds.
    fn at(place: usize) -> Kind {
        let letter = |bits: usize| Some((bits as u8) & LETTER).filter(|bits| *bits != 0).map_or(0, |bits| b'@' + bits);
        let area = place >> FACTS;
        let [birth_date, flat, diacritics, particle] = [0, 1, 2, 3].map(|bit| place >> bit & 1 == 1);
        Kind { area: [letter(area >> LETTER.count_ones()), letter(area)], birth_date, flat, diacritics, particle }
    }

    /// The letters of the postcode area; empty if there is none.
    pub(crate) fn letters(&self) -> &str {
        let length = self.area.iter().take_while(|letter| **letter != 0).count();
        str::from_utf8(&self.area[..length]).unwrap_or_default()
    }
}

/// Accounts on supply, and how many of them are flagged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flagged {
    pub(crate) on_supply: u32,
    pub(crate) flagged: u32,
}

impl Flagged {
    pub(crate) fn and(self, other: Flagged) -> Flagged {
        Flagged { on_supply: self.on_supply + other.on_supply, flagged: self.flagged + other.flagged }
    }
}

/// Counts accounts on supply by their kind: a counter for each kind that there can be, so that nothing is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByKind {
    counts: Vec<Flagged>,
}

impl ByKind {
    pub(crate) fn new() -> ByKind {
        ByKind { counts: vec![Flagged::default(); 1 << (2 * LETTER.count_ones() + FACTS)] }
    }

    /// Counts an account on supply.
    pub(crate) fn add(&mut self, traits: PackedTraits) {
        self.counts[traits.place()].on_supply += 1;
    }

    /// Counts a flag on an account that is counted too.
    pub(crate) fn add_flag(&mut self, traits: PackedTraits) {
        self.counts[traits.place()].flagged += 1;
    }

    pub(crate) fn and(mut self, other: &ByKind) -> ByKind {
        self.counts.iter_mut().zip(&other.counts).for_each(|(all, own)| *all = all.and(*own));
        self
    }

    /// The kinds that there are.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Kind, Flagged)> {
        let all = self.counts.iter().enumerate().filter(|(_, own)| **own != Flagged::default());
        all.map(|(place, own)| (Kind::at(place), *own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn traits_come_back(facts: [bool; 5], tokens in 0_u8..4, area: [u8; 2]) {
            let [birth_date, postcode, flat, diacritics, particle] = facts;
            let traits = Traits { birth_date, postcode, flat, diacritics, particle, tokens, area };
            prop_assert_eq!(PackedTraits::pack(traits).unpacked(), traits);
        }

        #[test]
        fn an_account_is_counted_as_its_kind(
            facts: [bool; 5], tokens in 0_u8..4, letters in "[A-Z]{0,2}", flags in prop::collection::vec(any::<bool>(), 1..4),
        ) {
            let [birth_date, postcode, flat, diacritics, particle] = facts;
            let mut area = [0; 2];
            area.iter_mut().zip(letters.bytes()).for_each(|(to, from)| *to = from);
            let packed =
                PackedTraits::pack(Traits { birth_date, postcode, flat, diacritics, particle, tokens, area });
            let mut counts = ByKind::new();
            for flag in &flags {
                counts.add(packed);
                (0..u8::from(*flag)).for_each(|_| counts.add_flag(packed));
            }
            let flagged = flags.iter().filter(|flag| **flag).count() as u32;
            let own = Flagged { on_supply: flags.len() as u32, flagged };
            let kind = Kind { area, birth_date, flat, diacritics, particle };
            prop_assert!(counts.each().eq([(kind, own)]));
            prop_assert_eq!(kind.letters(), letters);
        }
    }
}

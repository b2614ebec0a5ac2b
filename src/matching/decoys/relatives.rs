//! Invents people whom the table of unseen persons expects: a twin, a parent or child of the same name, or the next
//! occupier of a person of the benefit records.
//!
//! Each begins as a [decoy](super::recombined), who is nobody, and gets the levels that the table says: so what the table
//! leaves to chance (`any`) is as in the run, and so is whether a forename or a birth date is stated at all. A level at
//! which no forename is found is drawn again. Addresses are spelt as the benefit records spell them. Senior and junior
//! are left to chance, nearby is the next house or another flat, and nobody has a second holder.

use super::donors::{Share, limit};
use super::recombined::{Decoy, Decoys, TRIES, share_a_home, words};
use crate::date::Date;
use crate::draw::Draw;
use crate::matching::evidence::{BirthDate, Family, Given, Middle, NameComparison, compare_birth_dates};
use crate::matching::unseen::{Comparison, Kind, RelativesTable};
use crate::matching::weights::Field;
use crate::normalise::uprn::Uprn;
use crate::normalise::{AddressView, HouseNumber, Name, NameView, View, given_name};
use crate::text::Word;

/// The kinds that are invented.
pub(crate) const INVENTED: [Kind; 3] = [Kind::Twin, Kind::Namesake, Kind::Occupier];

/// The claims for whose people relatives are invented, each one of each kind. (Choices.)
const CLAIMS: Share = Share { fewest: 150.0, one_in: 250.0, most: 40_000.0 };

/// How many donors are asked for a forename that compares at a level.
const NAMES: usize = 64;

/// The fingerprint of a claim's reference below which relatives of its people are invented.
pub(crate) fn claim_limit(claims: usize) -> u64 {
    limit(CLAIMS, claims as u64)
}

/// Invents relatives.
pub(crate) struct Relatives<'a> {
    decoys: &'a Decoys<'a>,
    table: &'a RelativesTable,
}

impl<'a> Relatives<'a> {
    pub(crate) fn new(decoys: &'a Decoys<'a>, table: &'a RelativesTable) -> Relatives<'a> {
        Relatives { decoys, table }
    }

    /// People of a kind for each person of that age.
    pub(crate) fn rate(&self, kind: Kind, age: Option<u8>) -> f64 {
        self.table.rate(kind, age)
    }

    /// Invents somebody of a kind as the holder of an account; `number` seeds the draws. `None` if the donors do not
    /// suffice.
    pub(crate) fn invent(&self, kind: Kind, person: &View<'a>, number: u64) -> Option<Decoy<'a>> {
        if self.decoys.count() == 0 {
            return None;
        }
        let draw = &mut Decoys::draw(number, 1 + kind as u64);
        let strangers = (0..TRIES).filter_map(|_| self.decoys.stranger(self.decoys.any(draw), draw));
        let stranger = { strangers }.find(|stranger| !stranger.may_live_with(person))?;
        let name = self.name(kind, &person.name, &stranger.name(), draw)?;
        let home = self.home(kind, person, draw)?;
        let mut relative = stranger.living_at(&home);
        relative.name = name;
        if let (Some(born), Some(other)) = (person.birth_date, relative.rest.birth_date) {
            relative.rest.birth_date = Some(self.birth_date(kind, born, other, draw)?);
        }
        Some(relative)
    }

    /// The name of somebody of a kind; `stranger` has what the table leaves to chance.
    fn name(&self, kind: Kind, person: &NameView<'_>, stranger: &NameView<'_>, draw: &mut Draw) -> Option<Name> {
        let comparison = |field| self.table.comparison(kind, field);
        let mut name = Name { given: words(&stranger.given), generation: stranger.generation, ..Name::default() };
        if let (Some(typed), Some(own)) = (name.given.first_mut(), person.given.first()) {
            let is_initial = typed.len() == 1;
            match comparison(Field::Given)? {
                Comparison::Same(share) if !draw.chance(*share) => {}
                Comparison::Same(_) => *typed = Word::new(if is_initial { own.get(..1)? } else { own }),
                Comparison::Levels(shares) if is_initial => {
                    *typed = initial(own, shares[Given::Initial as usize], draw)?;
                }
                Comparison::Levels(shares) => {
                    let is_compared = |level: &Given| !matches!(level, Given::Initial | Given::Absent);
                    let drawn = (0..TRIES).find_map(|_| {
                        let level = level(Given::ALL, shares, draw, is_compared)?;
                        Some((level, self.forename_at(level, own, draw)?))
                    });
                    let (level, forename) = drawn?;
                    *typed = forename;
                    if level == Given::Middle {
                        name.given.truncate(1);
                        name.given.push(Word::new(own));
                    }
                }
            }
        }
        if let (Some(middle), Some(theirs)) = (name.given.get_mut(1), person.given.get(1)) {
            match comparison(Field::Middle)? {
                Comparison::Same(share) if !draw.chance(*share) => {}
                Comparison::Same(_) => *middle = Word::new(theirs),
                Comparison::Levels(shares) => {
                    match level(Middle::ALL, shares, draw, |level| *level != Middle::Absent)? {
                        Middle::Exact => *middle = Word::new(theirs),
                        Middle::Initial => *middle = Word::new(theirs.get(..1)?),
                        Middle::Absent | Middle::Different => {}
                    }
                }
            }
        }
        let same = match comparison(Field::Family)? {
            Comparison::Same(share) => *share,
            Comparison::Levels(shares) => shares[Family::Exact as usize],
        };
        name.family = words(if draw.chance(same) { &person.family } else { &stranger.family });
        Some(name)
    }

    /// A forename that compares with a person's at that level. At `Middle` it is another, and the person's has to
    /// follow it.
    fn forename_at(&self, wanted: Given, own: &str, draw: &mut Draw) -> Option<Word> {
        let fits = |name: &Word| compare(name, own) == wanted;
        match wanted {
            Given::Exact => Some(Word::new(own)),
            Given::Variant => {
                let variants: Vec<&str> = given_name::variants_of(own).collect();
                Some(Word::new(variants.get(draw.below(variants.len()))?)).filter(fits)
            }
            Given::Close | Given::CloseRare => (0..TRIES).filter_map(|_| slip(own, draw)).find(fits),
            Given::CutOff => (3..own.len()).rev().filter_map(|length| own.get(..length)).map(Word::new).find(fits),
            _ => {
                let wanted = if wanted == Given::Middle { Given::Different } else { wanted };
                let (from, count) = (self.decoys.any(draw) as usize, self.decoys.count());
                let donors = (0..count.min(NAMES)).map(|step| self.decoys.donor(((from + step) % count) as u32));
                let mut borne = donors.filter_map(|donor| donor.name.given.first().map(|name| Word::new(name)));
                borne.find(|name| compare(name, own) == wanted)
            }
        }
    }

    /// The date of birth of somebody of a kind; what a level leaves open is as in the other date.
    fn birth_date(&self, kind: Kind, born: Date, other: Date, draw: &mut Draw) -> Option<Date> {
        let shares = match self.table.comparison(kind, Field::BirthDate)? {
            Comparison::Same(share) => return Some(if draw.chance(*share) { born } else { other }),
            Comparison::Levels(shares) => shares,
        };
        (0..TRIES).find_map(|_| {
            let wanted = level(BirthDate::ALL, shares, draw, |level| *level != BirthDate::Absent)?;
            birth_date_at(wanted, born, other, draw)
        })
    }

    /// The home of somebody of a kind: the person's, one nearby, or anywhere, in the table's shares.
    fn home(&self, kind: Kind, person: &View<'a>, draw: &mut Draw) -> Option<View<'a>> {
        let [home, near] = self.table.homes(kind);
        let point = draw.unit();
        if point < home {
            return Some(person.clone());
        }
        if point < home + near {
            return Some(nearby(person));
        }
        (0..TRIES).map(|_| self.decoys.donor(self.decoys.any(draw))).find(|donor| !share_a_home(donor, person))
    }
}

/// Another flat of the same building, or the house next door.
fn nearby<'a>(person: &View<'a>) -> View<'a> {
    let address = person.address;
    let next = |number: u16| number.saturating_add(2);
    let address = match address.flat {
        "" => {
            let next_door = |HouseNumber { first, last }| HouseNumber { first: next(first), last: next(last) };
            AddressView { number: address.number.map(next_door), ..address }
        }
        flat => AddressView { flat: if flat == "1" { "2" } else { "1" }, ..address },
    };
    let uprn = person.uprn.and_then(|uprn| Uprn::new(uprn.number() + 1));
    View { address, uprn, ..person.clone() }
}

/// An initial that agrees with a forename at that rate.
fn initial(own: &str, rate: f64, draw: &mut Draw) -> Option<Word> {
    let wanted = if draw.chance(rate) { Given::Initial } else { Given::Different };
    let mut letters: Vec<u8> = (b'A'..=b'Z').collect();
    draw.shuffle(&mut letters);
    letters.iter().filter_map(|letter| Word::of_letters(&[*letter])).find(|letter| compare(letter, own) == wanted)
}

/// A forename with one letter another, missing, or exchanged with the next; `None` if it has fewer than three.
fn slip(own: &str, draw: &mut Draw) -> Option<Word> {
    let mut letters = own.as_bytes().to_vec();
    let inner = letters.len().checked_sub(2).filter(|inner| *inner > 0)?;
    let at = 1 + draw.below(inner);
    match draw.below(3) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters[at] = b'A' + draw.below(26) as u8,
    }
    Word::of_letters(&letters)
}

/// A date of birth that compares at that level; `None` if this draw gives none.
fn birth_date_at(wanted: BirthDate, born: Date, other: Date, draw: &mut Draw) -> Option<Date> {
    let (year, month, day) = (born.year(), born.month(), born.day());
    let earlier = |years: i64| year.saturating_sub(years as u32);
    let date = match wanted {
        BirthDate::Exact => Some(born),
        BirthDate::Exchanged => Date::new(year, day, month),
        BirthDate::Slip => Date::new(earlier(1), month, day),
        BirthDate::Neighbours => Date::new(year / 100 * 100 + year % 10 * 10 + year / 10 % 10, month, day),
        BirthDate::Decade => Date::new(earlier(10), month, day),
        BirthDate::YearOnly => Date::new(year, 1, 1),
        BirthDate::TwoParts => Date::new(earlier(draw.between(2, 14)), month, day),
        BirthDate::Year => Date::new(year, other.month(), other.day()),
        BirthDate::Different => Date::new(earlier(draw.between(2, 14)), other.month(), other.day()),
        // A parent: a child would be as far away.
        BirthDate::Generation => Date::new(earlier(draw.between(18, 45)), other.month(), other.day()),
        BirthDate::Absent => None,
    };
    date.filter(|date| compare_birth_dates(Some(*date), Some(born)) == wanted)
}

fn compare(typed: &str, own: &str) -> Given {
    let [typed, own] =
        [typed, own].map(|given| NameView { given: [given].into_iter().collect(), ..NameView::default() });
    NameComparison::straight(&typed, &own).given
}

/// Draws one of the levels that `may_be` accepts, in the shares of a table; `None` if these are all 0.
fn level<L: Copy>(levels: &[L], shares: &[f64], draw: &mut Draw, may_be: impl Fn(&L) -> bool) -> Option<L> {
    let possible = || levels.iter().zip(shares).filter(|(level, _)| may_be(level));
    let mut rest = draw.unit() * possible().map(|(_, share)| share).sum::<f64>();
    let drawn = possible().find(|(_, share)| {
        rest -= **share;
        rest < 0.0
    });
    drawn.map(|(level, _)| *level)
}

#[cfg(test)]
mod tests {
    use super::super::donors::Donors;
    use super::super::recombined::tests::{donors, identity};
    use super::*;
    use crate::normalise::Identity;

    /// A holder of each of these names at a home of their own.
    fn named(names: &[&str]) -> Donors {
        let identities: Vec<Identity> = (0..400)
            .map(|number| {
                let mut identity = identity(number, "LS");
                identity.name.given[0] = Word::new(names[number as usize % names.len()]);
                identity
            })
            .collect();
        donors(&identities)
    }

    const NAMES: [&str; 8] = ["PETER", "SUSAN", "DAVID", "J", "TIM", "ZAMEDON", "MARGARET", "KAREN"];

    fn person() -> Identity {
        let mut person = identity(900, "DN");
        person.name.given = ["ELIZABETH", "ROSE"].map(Word::new).into_iter().collect();
        person.birth_date = Date::new(1971, 7, 8);
        person
    }

    /// The relatives of one kind that a thousand draws invent.
    fn invented(kind: Kind, check: impl Fn(&View<'_>, &View<'_>) -> bool) -> usize {
        let (donors, table, person) = (named(&NAMES), RelativesTable::shipped(), person());
        let decoys = Decoys::new(&donors);
        let relatives = Relatives::new(&decoys, &table);
        let person = person.view();
        let all = (0..1000).filter_map(|number| relatives.invent(kind, &person, number));
        all.filter(|invented| check(&invented.view(), &person)).count()
    }

    #[test]
    fn relatives_are_as_the_table_has_them() {
        let own_home = |one: &View<'_>, person: &View<'_>| one.uprn == person.uprn;
        let surname = |one: &View<'_>, person: &View<'_>| one.name.family == person.name.family;
        let forename = |one: &View<'_>, person: &View<'_>| {
            matches!(NameComparison::straight(&one.name, &person.name).given, Given::Exact | Given::Initial)
        };
        let birth = |one: &View<'_>, person: &View<'_>| compare_birth_dates(one.birth_date, person.birth_date);
        type Check<'c> = (&'c str, Kind, std::ops::RangeInclusive<usize>, &'c dyn Fn(&View<'_>, &View<'_>) -> bool);
        let checks: [Check<'_>; 11] = [
            ("twins", Kind::Twin, 950..=1000, &|_, _| true),
            ("twins of the surname", Kind::Twin, 950..=1000, &surname),
            ("twins of the birth date", Kind::Twin, 950..=1000, &|one, all| birth(one, all) == BirthDate::Exact),
            ("twins at home: 4 %", Kind::Twin, 20..=60, &own_home),
            ("twins of the forename: a hundredth", Kind::Twin, 0..=50, &forename),
            ("namesakes of the names", Kind::Namesake, 950..=1000, &|one, all| forename(one, all) && surname(one, all)),
            ("namesakes at home: 70 %", Kind::Namesake, 620..=780, &own_home),
            ("namesakes a generation away: 98 %", Kind::Namesake, 930..=1000, &|one, all| {
                birth(one, all) == BirthDate::Generation
            }),
            ("occupiers at home", Kind::Occupier, 950..=1000, &own_home),
            ("occupiers of the surname", Kind::Occupier, 0..=0, &surname),
            ("occupiers of the birth date", Kind::Occupier, 0..=20, &|one, all| birth(one, all) == BirthDate::Exact),
        ];
        for (what, kind, expected, check) in checks {
            let found = invented(kind, check);
            assert!(expected.contains(&found), "{what}: {found}");
        }
    }

    /// Each level that a table may state can be made, and is what it says.
    #[test]
    fn dates_of_birth_compare_at_the_level_that_was_drawn() {
        let (born, other) = (Date::new(1971, 7, 8).unwrap(), Date::new(1950, 3, 21).unwrap());
        let mut draw = Decoys::draw(1, 1);
        for wanted in BirthDate::ALL.iter().filter(|level| **level != BirthDate::Absent) {
            let made = (0..100).filter_map(|_| birth_date_at(*wanted, born, other, &mut draw)).next();
            assert_eq!(compare_birth_dates(made, Some(born)), *wanted);
        }
    }

    #[test]
    fn forenames_compare_at_the_level_that_was_drawn() {
        let donors = named(&NAMES);
        let (decoys, table) = (Decoys::new(&donors), RelativesTable::shipped());
        let relatives = Relatives::new(&decoys, &table);
        let mut draw = Decoys::draw(1, 1);
        for (own, wanted) in [
            ("ELIZABETH", Given::Exact),
            ("ELIZABETH", Given::Variant),
            ("ELIZABETH", Given::Close),
            ("XHEVDET", Given::CloseRare),
            ("ELIZABETH", Given::CutOff),
            ("TOM", Given::CloseNames),
            ("SUSAN", Given::Unfamiliar),
            ("ELIZABETH", Given::Different),
        ] {
            let made = (0..1000).find_map(|_| relatives.forename_at(wanted, own, &mut draw));
            assert_eq!(compare(&made.unwrap_or_else(|| panic!("{wanted:?}")), own), wanted);
        }
        for short in ["JO", "J"] {
            assert!((0..100).all(|_| slip(short, &mut draw).is_none()), "{short} is too short for a slip");
        }
    }
}

//! Makes holders who are nobody, each from four donors at four homes.
//!
//! | from the donor | field |
//! |---|---|
//! | first | forenames and year of birth, and with them the sex; whether a birth date is stated at all |
//! | second, of the same postcode area | surname |
//! | third | day and month of birth |
//! | fourth, of the same postcode area | address, postcode and UPRN |
//!
//! So a decoy keeps what depends on each other within a field, and how complete the files are: forenames go with years
//! of birth, names and addresses with areas, 1 January is as common as in the files. It loses what ties the fields of
//! one person or family: communities in which certain forenames go with certain surnames, streets in which relatives
//! live near each other, second holders. Where such ties are strong, chance coincidences are commoner than decoys tell.
//!
//! By chance a decoy gets back what its donor had: the same surname, or the same day of birth. If it is then flagged for
//! its donor's own record, it is not nobody, and does not count.

use std::collections::HashMap;

use arrayvec::ArrayVec;
use foldhash::fast::RandomState;

use super::donors::Donors;
use crate::date::Date;
use crate::draw::Draw;
use crate::normalise::postcode::Postcode;
use crate::normalise::{Name, NameView, View};
use crate::text::Word;

/// Seeds all draws: the same inputs give the same decoys.
const SEED: u64 = 0x6465_636f_7973;

/// How often a donor is drawn anew where the first does not fit.
pub(super) const TRIES: usize = 16;

/// Makes decoys from donors.
pub(crate) struct Decoys<'d> {
    donors: &'d Donors,
    /// By donor, the place of the postcode area in `areas`.
    area_of: Vec<u32>,
    /// The donors of each postcode area; those without a British postcode are one area.
    areas: Vec<Vec<u32>>,
}

/// A holder who does not exist. No `Debug`: the parts are somebody's.
pub(crate) struct Decoy<'d> {
    pub(super) name: Name,
    /// Date of birth and home.
    pub(super) rest: View<'d>,
    /// The donors of name and date of birth.
    donors: ArrayVec<u32, 3>,
}

impl Decoy<'_> {
    /// The decoy as an account names it.
    pub(crate) fn view(&self) -> View<'_> {
        View { name: self.name.view(), ..self.rest.clone() }
    }

    /// The donors of name and date of birth. A decoy that meets a person whom one of them fits better has met its donor:
    /// it is not nobody.
    pub(crate) fn donors(&self) -> &[u32] {
        &self.donors
    }
}

/// A name and a date of birth, before they have a home.
pub(super) struct Stranger<'d> {
    /// The donors of forenames and surname.
    named: [View<'d>; 2],
    birth_date: Option<Date>,
    donors: ArrayVec<u32, 3>,
}

impl<'d> Decoys<'d> {
    pub(crate) fn new(donors: &'d Donors) -> Decoys<'d> {
        let mut places: HashMap<[u8; 2], u32, RandomState> = HashMap::default();
        let mut areas: Vec<Vec<u32>> = Vec::new();
        let mut area_of = Vec::with_capacity(donors.count());
        for number in 0..donors.count() as u32 {
            let place = *places.entry(area(&donors.holder(number))).or_insert(areas.len() as u32);
            areas.resize(areas.len().max(place as usize + 1), Vec::new());
            areas[place as usize].push(number);
            area_of.push(place);
        }
        Decoys { donors, area_of, areas }
    }

    /// How many decoys there are at most: one for each donor.
    pub(crate) fn count(&self) -> usize {
        self.donors.count()
    }

    /// The decoy of a donor, who gives the forenames; `None` if too few donors live in the area.
    pub(crate) fn decoy(&self, number: u32) -> Option<Decoy<'d>> {
        let mut draw = Decoys::draw(self.donors.fingerprint(number), 0);
        let stranger = self.stranger(number, &mut draw)?;
        let (_, home) = self.pick(self.neighbours(number), &mut draw, |home| !stranger.may_live_with(home))?;
        Some(stranger.living_at(&home))
    }

    /// The schemes in which a decoy is on supply, one bit each.
    pub(crate) fn on_supply(&self, number: u32) -> u32 {
        self.donors.on_supply(number)
    }

    /// A stream of draws; 0 is the purpose of decoys.
    pub(super) fn draw(number: u64, purpose: u64) -> Draw {
        Draw::new(SEED, number, purpose)
    }

    /// Any donor's number. There must be one.
    pub(super) fn any(&self, draw: &mut Draw) -> u32 {
        draw.below(self.donors.count()) as u32
    }

    /// The donor of that number.
    pub(crate) fn donor(&self, number: u32) -> View<'d> {
        self.donors.holder(number)
    }

    /// A name and a date of birth that are nobody's; the donor of that number gives the forenames.
    pub(super) fn stranger(&self, number: u32, draw: &mut Draw) -> Option<Stranger<'d>> {
        let first = self.donor(number);
        let (other, second) = self.pick(self.neighbours(number), draw, |other| !share_a_home(&first, other))?;
        let mut donors: ArrayVec<u32, 3> = [number, other].into_iter().collect();
        let mut birth_date = None;
        if let Some(born) = first.birth_date {
            let (third, day) = (0..TRIES).find_map(|_| {
                let number = self.any(draw);
                let third = self.donor(number);
                let day = third.birth_date.filter(|_| !share_a_home(&first, &third))?;
                Some((number, Date::new(born.year(), day.month(), day.day())?))
            })?;
            donors.push(third);
            birth_date = Some(day);
        }
        Some(Stranger { named: [first, second], birth_date, donors })
    }

    /// A donor who fits, of these, with the number.
    fn pick(&self, among: &[u32], draw: &mut Draw, fits: impl Fn(&View<'_>) -> bool) -> Option<(u32, View<'d>)> {
        let mut drawn = (0..TRIES).map(|_| draw.pick(among)).map(|number| (number, self.donor(number)));
        drawn.find(|(_, donor)| fits(donor))
    }

    /// The donors of the same postcode area.
    fn neighbours(&self, number: u32) -> &[u32] {
        &self.areas[self.area_of[number as usize] as usize]
    }
}

impl<'d> Stranger<'d> {
    /// The home may be that of a donor of the name.
    pub(super) fn may_live_with(&self, other: &View<'_>) -> bool {
        self.named.iter().any(|donor| share_a_home(donor, other))
    }

    /// The name.
    pub(super) fn name(&self) -> NameView<'d> {
        let [first, second] = &self.named;
        NameView { family: second.name.family.clone(), ..first.name.clone() }
    }

    /// The stranger as the holder of an account at the home.
    pub(super) fn living_at(self, home: &View<'d>) -> Decoy<'d> {
        let NameView { given, family, generation } = self.name();
        let name = Name { given: words(&given), family: words(&family), generation, ..Name::default() };
        let rest = View { name: NameView::default(), birth_date: self.birth_date, ..home.clone() };
        Decoy { name, rest, donors: self.donors }
    }
}

pub(super) fn words<const N: usize>(words: &[&str]) -> ArrayVec<Word, N> {
    words.iter().map(|word| Word::new(word)).collect()
}

fn area(holder: &View<'_>) -> [u8; 2] {
    let mut area = [0; 2];
    if let Postcode::British(code) = holder.postcode {
        area.iter_mut().zip(code.area().bytes()).for_each(|(to, from)| *to = from);
    }
    area
}

/// Two holders may be of one household. Neighbours count: families live near each other.
pub(super) fn share_a_home(one: &View<'_>, other: &View<'_>) -> bool {
    let has_postcode = one.postcode != Postcode::Absent || other.postcode != Postcode::Absent;
    let same_place = match has_postcode {
        true => one.postcode == other.postcode,
        false => one.address.number == other.address.number && one.address.street == other.address.street,
    };
    same_place || one.uprn.is_some() && one.uprn == other.uprn
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::normalise::uprn::Uprn;
    use crate::normalise::{HouseNumber, Identity, Reading, postcode};
    use crate::text::Phrase;

    /// A donor of that number: all that it states has the number in it.
    pub(in crate::matching::decoys) fn identity(number: u32, area: &str) -> Identity {
        let word = |letter: char| {
            let digits = number.to_string();
            Word::new(&digits.bytes().map(|digit| char::from(digit + 17)).chain([letter]).collect::<String>())
        };
        let mut identity = Identity::default();
        identity.name.given.push(word('X'));
        identity.name.family.push(word('Y'));
        identity.birth_date = Date::new(1900 + number % 100, 1 + number % 12, 1 + number % 28);
        let units = b"ABDEFGHJLN";
        let letter = |place: u32| char::from(units[(number / place % 10) as usize]);
        let code = format!("{area}{} {}{}{}", 1 + number / 1000 % 9, number % 10, letter(10), letter(100));
        identity.home.postcode = postcode::postcode(&code).known().unwrap();
        identity.home.uprn = Uprn::new(u64::from(10_000 + number));
        identity.home.address.number = Some(HouseNumber { first: number as u16 + 1, last: number as u16 + 1 });
        identity.home.address.street = Phrase::new(&word('Z'));
        identity
    }

    pub(in crate::matching::decoys) fn donors(identities: &[Identity]) -> Donors {
        let mut donors = Donors::default();
        for (number, identity) in (0..).zip(identities) {
            donors.offer(u64::MAX, (number << 32, 1), || identity.view());
        }
        Donors::gather(&[donors])
    }

    #[test]
    fn a_decoy_has_four_donors_at_four_homes() {
        let identities: Vec<Identity> =
            (0..200).map(|number| identity(number, if number < 100 { "LS" } else { "DN" })).collect();
        let donors = donors(&identities);
        let decoys = Decoys::new(&donors);
        let mut homes = BTreeSet::new();
        for number in 0..200 {
            let made = decoys.decoy(number).unwrap();
            let decoy = made.view();
            let donor_of = |has: &dyn Fn(&Identity) -> bool| identities.iter().position(has).unwrap() as u32;
            let forename = donor_of(&|one| one.name.given[0].as_str() == decoy.name.given[0]);
            let surname = donor_of(&|one| one.name.family[0].as_str() == decoy.name.family[0]);
            let home = donor_of(&|one| one.home.uprn == decoy.uprn);
            assert_eq!(forename, number);
            assert!(forename != surname && forename != home && surname != home, "{number}");
            assert!([surname, home].iter().all(|other| (*other < 100) == (number < 100)), "of the same area");
            let (home, born) = (&identities[home as usize].home, decoy.birth_date.unwrap());
            assert!(decoy.postcode == home.postcode && decoy.address.street == home.address.street.as_str());
            let own = identities[number as usize].birth_date.unwrap();
            assert_eq!(born.year(), own.year());
            let has_day = |one: &Identity| {
                one.birth_date.is_some_and(|day| (day.month(), day.day()) == (born.month(), born.day()))
            };
            assert!(identities.iter().enumerate().any(|(other, one)| other as u32 != number && has_day(one)));
            homes.insert(home.uprn);
            assert_eq!(made.donors()[..2], [forename, surname]);
            assert!(decoys.decoy(number).unwrap().view().uprn == decoy.uprn, "the same each time");
        }
        assert!(homes.len() > 80, "decoys are spread over homes: {}", homes.len());
    }

    /// What a donor lacks, the decoy lacks.
    #[test]
    fn decoys_are_as_complete_as_donors() {
        let mut identities: Vec<Identity> = (0..50).map(|number| identity(number, "LS")).collect();
        for (number, identity) in identities.iter_mut().enumerate() {
            if number % 5 == 0 {
                identity.birth_date = None;
            }
        }
        let donors = donors(&identities);
        let decoys = Decoys::new(&donors);
        for number in 0..50 {
            assert_eq!(decoys.decoy(number).unwrap().view().birth_date.is_none(), number % 5 == 0);
        }
    }

    #[test]
    fn too_few_homes_make_no_decoy() {
        for (homes, is_made) in [(1, false), (2, false), (3, true)] {
            // A donor without a home in common with the others gives the day of birth.
            let mut identities: Vec<Identity> = (0..3).map(|number| identity(number % homes, "LS")).collect();
            identities.push(identity(50, "DN"));
            let donors = donors(&identities);
            assert_eq!(Decoys::new(&donors).decoy(0).is_some(), is_made, "{homes} homes");
        }
    }

    #[test]
    fn who_may_be_of_one_household() {
        let home = |code: &str, uprn: u64, street: &str| {
            let mut identity = Identity::default();
            if let Reading::Known(code) = postcode::postcode(code) {
                identity.home.postcode = code;
            }
            identity.home.uprn = Uprn::new(uprn);
            identity.home.address.street = Phrase::new(street);
            identity
        };
        for (one, other, expected) in [
            (home("LS8 2QN", 0, ""), home("LS8 2QN", 0, "OTHER"), true),
            (home("LS8 2QN", 0, ""), home("LS8 2QP", 0, ""), false),
            (home("LS8 2QN", 7, ""), home("LS8 2QP", 7, ""), true),
            (home("LS8 2QN", 7, ""), home("", 7, ""), true),
            (home("LS8 2QN", 0, "ELM ROAD"), home("", 0, "ELM ROAD"), false),
            (home("", 0, "ELM ROAD"), home("", 0, "ELM ROAD"), true),
            (home("", 0, "ELM ROAD"), home("", 0, "OAK ROAD"), false),
        ] {
            assert_eq!(share_a_home(&one.view(), &other.view()), expected);
            assert_eq!(share_a_home(&other.view(), &one.view()), expected);
        }
    }
}

//! Makes homes of one to five adults with names and birth dates.
//!
//! Choices: the shares of kinds of home are near those of the 2021 census for homes by adults; ages follow
//! the mid-year population estimates of Great Britain, in bands, rounded; four in five couples share one
//! surname; children at home were born 18 to 40 years after the householder.

use arrayvec::ArrayVec;

use super::calendar::later;
use super::draw::{Draw, Weighted};
use super::names::{Names, Origin, agreeing};
use super::noise::Noise;
use super::places::Place;
use crate::date::Date;
use crate::text::{Phrase, Word};

/// One adult, with their true details.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) forename: Word,
    /// Empty for three people in ten.
    pub(crate) middle: Word,
    pub(crate) surname: Phrase,
    /// The surname before or after marriage, by which another body may know them.
    pub(crate) other_surname: Phrase,
    pub(crate) born: Date,
    pub(crate) female: bool,
}

/// People at one place. The householder comes first, then a partner if there is one.
pub(crate) struct Home {
    pub(crate) number: u64,
    pub(crate) place: Place,
    pub(crate) people: ArrayVec<Person, 6>,
    /// How many of `people` live here now; a person after them lived here before.
    pub(crate) residents: usize,
    pub(crate) couple: bool,
    pub(crate) energy_cost_score: u8,
}

/// The kinds of home, and the share of homes that each has by default.
const KINDS: [(Kind, f64); 6] = [
    (Kind::Single, 0.33),
    (Kind::Couple, 0.33),
    (Kind::CoupleWithChildren, 0.14),
    (Kind::ParentWithChildren, 0.10),
    (Kind::Housemates, 0.08),
    (Kind::Hostel, 0.02),
];

/// A kind of home, by its adults.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Single,
    Couple,
    /// With grown-up children.
    CoupleWithChildren,
    ParentWithChildren,
    Housemates,
    Hostel,
}

impl Kind {
    pub(crate) fn has_couple(self) -> bool {
        matches!(self, Kind::Couple | Kind::CoupleWithChildren)
    }

    fn has_children(self) -> bool {
        matches!(self, Kind::CoupleWithChildren | Kind::ParentWithChildren)
    }

    /// Whether adults other than the householder and a partner live here.
    pub(crate) fn has_others(self) -> bool {
        !matches!(self, Kind::Single | Kind::Couple)
    }
}

/// The share of homes that have grown-up children by default.
const WITH_CHILDREN: f64 = 0.24;

/// The shares of the kinds: homes of all other kinds make room for more with children, or take the place of fewer.
fn shares(noise: &Noise) -> [f64; 6] {
    let with_children = noise.grown_children_homes;
    KINDS.map(|(kind, share)| match kind.has_children() {
        true => share * (with_children / WITH_CHILDREN),
        false => share * ((1.0 - with_children) / (1.0 - WITH_CHILDREN)),
    })
}

/// The share of homes whose kind satisfies `holds`; not zero, so that a rate can be divided by it.
pub(crate) fn share(noise: &Noise, holds: impl Fn(Kind) -> bool) -> f64 {
    let held = KINDS.iter().zip(shares(noise)).filter(|((kind, _), _)| holds(*kind)).map(|(_, share)| share);
    held.sum::<f64>().max(f64::MIN_POSITIVE)
}

const MARRIED_NAME: f64 = 0.8;
/// About a third of twins differ in sex.
const TWINS_OF_ONE_SEX: f64 = 0.65;
const MIDDLE_NAME: f64 = 0.7;
/// Adults of Great Britain per five years of age from 15 (of which 18 and 19 count), in tens of thousands.
const AGES: [f64; 16] =
    [150.0, 400.0, 440.0, 470.0, 450.0, 430.0, 400.0, 440.0, 450.0, 420.0, 360.0, 310.0, 300.0, 210.0, 140.0, 90.0];
const FIRST_ADULT_AGE: i64 = 18;

/// Makes homes.
pub(crate) struct Homes {
    kinds: Weighted,
    ages: Weighted,
    /// How often a home with children has one named after a parent.
    namesake: f64,
    /// How often a householder who has housemates has a twin among them.
    twin: f64,
    today: Date,
}

impl Homes {
    /// Homes with the relatives that `noise` asks for, with ages as of `today`.
    pub(crate) fn new(noise: &Noise, today: Date) -> Self {
        Homes {
            kinds: Weighted::new(&shares(noise)),
            ages: Weighted::new(&AGES),
            namesake: noise.same_name_homes / share(noise, Kind::has_children),
            twin: noise.twin_homes / share(noise, |kind| kind == Kind::Housemates),
            today,
        }
    }

    /// Makes a home at a place.
    pub(crate) fn home(&self, number: u64, place: Place, names: &Names, draw: &mut Draw) -> Home {
        let (kind, _) = KINDS[self.kinds.draw(draw)];
        let origin = names.origin(draw);
        let with_children = kind.has_others() && !matches!(kind, Kind::Housemates | Kind::Hostel);
        let age = loop {
            let age = self.age(draw);
            if !with_children || age >= 2 * FIRST_ADULT_AGE + 2 {
                break age;
            }
        };
        let female = draw.chance(0.5);
        let mut people = ArrayVec::new();
        let first = self.person(origin, female, age, None, names, draw);
        people.push(first.clone());
        if kind.has_couple() {
            // Most partners are within a few years of each other: the sum of two draws peaks in the middle.
            let partner_age = (age + draw.between(-6, 6) + draw.between(-4, 4)).clamp(FIRST_ADULT_AGE, 97);
            let one_name = draw.chance(MARRIED_NAME);
            let partner_sex = if draw.chance(0.98) { !female } else { female };
            let surname = one_name.then_some(&first.surname);
            let mut partner = self.person(origin, partner_sex, partner_age, surname, names, draw);
            self.tell_apart(&mut partner, &people, origin, names, draw);
            people.push(partner);
        }
        if with_children {
            let parents = people.len();
            let children = if draw.chance(0.75) { 1 } else { 2 };
            for child in 0..children {
                let age = draw.between(FIRST_ADULT_AGE, (age - 18).clamp(FIRST_ADULT_AGE, 45));
                let sex = draw.chance(0.5);
                let mut grown = self.person(origin, sex, age, Some(&first.surname), names, draw);
                if child == 0 && draw.chance(self.namesake) {
                    // The child is named after a parent who has the children's surname.
                    let parent: &Person = &people[draw.below(parents)];
                    let parent = if parent.surname == first.surname { parent } else { &first };
                    grown.forename = parent.forename;
                    grown.female = parent.female;
                    grown.surname = parent.surname;
                } else {
                    self.tell_apart(&mut grown, &people, origin, names, draw);
                }
                people.push(grown);
            }
        }
        let mates = match kind {
            Kind::Housemates => 1 + draw.below(3),
            Kind::Hostel => 4,
            _ => 0,
        };
        let twin = kind == Kind::Housemates && self.twin > 0.0 && draw.chance(self.twin);
        for mate in 0..mates {
            if twin && mate == 0 {
                let sex = if draw.chance(TWINS_OF_ONE_SEX) { female } else { !female };
                let mut twin = self.person(origin, sex, age, Some(&first.surname), names, draw);
                twin.born = first.born;
                self.tell_apart(&mut twin, &people, origin, names, draw);
                people.push(twin);
                continue;
            }
            let age = if draw.chance(0.7) { draw.between(FIRST_ADULT_AGE, 38) } else { self.age(draw) };
            let origin = names.origin(draw);
            let sex = draw.chance(0.5);
            people.push(self.person(origin, sex, age, None, names, draw));
        }
        let score: i64 = (0..4).map(|_| draw.between(0, 25)).sum();
        Home {
            number,
            place,
            residents: people.len(),
            people,
            couple: kind.has_couple(),
            energy_cost_score: score as u8,
        }
    }

    /// Gives a person another forename if somebody in the home has the same two names. Families give one name
    /// twice only on purpose, and those namesakes have a rate of their own.
    fn tell_apart(&self, person: &mut Person, home: &[Person], origin: Origin, names: &Names, draw: &mut Draw) {
        let names_of = |person: &Person| (person.forename, person.surname);
        for _ in 0..8 {
            if !home.iter().any(|other| names_of(other) == names_of(person)) {
                break;
            }
            person.forename = names.forename(origin, person.female, person.born.year(), draw);
        }
    }

    /// Makes a person of no particular home.
    pub(crate) fn stranger(&self, names: &Names, draw: &mut Draw) -> Person {
        let origin = names.origin(draw);
        let female = draw.chance(0.5);
        let age = self.age(draw);
        self.person(origin, female, age, None, names, draw)
    }

    fn age(&self, draw: &mut Draw) -> i64 {
        match self.ages.draw(draw) as i64 {
            0 => draw.between(FIRST_ADULT_AGE, 19),
            15 => (90 + draw.below(4) + draw.below(3)) as i64,
            band => 15 + 5 * band + draw.below(5) as i64,
        }
    }

    fn person(
        &self,
        origin: Origin,
        female: bool,
        age: i64,
        surname: Option<&Phrase>,
        names: &Names,
        draw: &mut Draw,
    ) -> Person {
        let born = later(self.today, -((age * 1461 + 3) / 4 + 1 + draw.below(364) as i64));
        let middle = draw.chance(MIDDLE_NAME);
        let own = names.surname(origin, female, draw);
        let other = match surname {
            Some(_) => own,
            None => names.surname(origin, female, draw),
        };
        Person {
            forename: names.forename(origin, female, born.year(), draw),
            middle: if middle { names.forename(origin, female, born.year(), draw) } else { Word::default() },
            surname: surname.map_or(own, |surname| agreeing(surname, female)),
            other_surname: other,
            born,
            female,
        }
    }
}

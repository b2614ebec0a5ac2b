//! Where homes are: in goes the number of a home, out comes its place: postcode, street, number, flat
//! and UPRN, the same for the same number and seed.
//!
//! Choices: a unit postcode has 15 homes (the real mean is about 15 to 17) on one street, in a tenth of
//! cases on two; 600 homes lie together in one district; flats come five to a building.

use super::areas::{
    AREAS, BUILDINGS, COMMON_STREETS, COTTAGES, STREET_STEMS, STREET_TYPES, TENEMENT_AREAS,
};
use super::draw::{Draw, Weighted, disguise, scatter};
use crate::text::Text;

const HOMES_PER_UNIT: u64 = 15;
const UNITS_PER_QUARTER: u64 = 40;
/// Homes that lie together in one sector.
const HOMES_PER_QUARTER: u64 = HOMES_PER_UNIT * UNITS_PER_QUARTER;
/// A district's ten sectors of 400 unit postcodes.
const QUARTERS_PER_DISTRICT: u64 = 10 * 400 / UNITS_PER_QUARTER;
const HOMES_PER_BUILDING: u64 = 5;
const UNIT_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
/// Shares no factor with any number of quarters below it: a prime.
const QUARTER_MULTIPLIER: u64 = 982_451_653;
const COMMON_STREET_SHARE: f64 = 0.2;
const COTTAGE_SHARE: f64 = 0.025;

/// The country's geography under one seed.
pub(crate) struct Places {
    seed: u64,
    flats: f64,
    /// Every district: its area's place in the table, and its number.
    districts: Vec<(u8, u8)>,
    common_streets: Weighted,
    street_types: Weighted,
}

/// One home's address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    area: u8,
    district: u8,
    sector: u8,
    unit: u16,
    street: Street,
    number: u16,
    pub(crate) dwelling: Dwelling,
    pub(crate) uprn: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Street {
    Common(u8),
    Made(u16, u8),
}

/// What kind of dwelling stands at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dwelling {
    /// A house with a number.
    House,
    /// A house with a name and no number.
    Cottage(u8),
    /// `Flat 3, 12 High Street`.
    Numbered(u8),
    /// `Flat B, 12 High Street`.
    Lettered(u8),
    /// `12B High Street`.
    Suffixed(u8),
    /// `2F1, 12 High Street`: floor, then door.
    Tenement(u8, u8),
    /// `Flat 3, Rowan Court, High Street`: the flat, then the building's name.
    Block(u8, u8),
}

impl Dwelling {
    pub(crate) fn is_flat(self) -> bool {
        !matches!(self, Dwelling::House | Dwelling::Cottage(_))
    }
}

/// Up to three address lines.
pub(crate) type Lines = [Text<48>; 3];

impl Places {
    /// The country under a seed, with this share of flats.
    pub(crate) fn new(seed: u64, flats: f64) -> Self {
        let districts = AREAS
            .iter()
            .enumerate()
            .flat_map(|(area, table)| (1..=table.districts).map(move |d| (area as u8, d as u8)))
            .collect();
        let common: Vec<f64> = (0..COMMON_STREETS.len())
            .map(|rank| 1.0 / (rank as f64 + 3.0))
            .collect();
        let types: Vec<f64> = STREET_TYPES.iter().map(|(_, rate)| *rate).collect();
        Places {
            seed: scatter(seed),
            flats,
            districts,
            common_streets: Weighted::new(&common),
            street_types: Weighted::new(&types),
        }
    }

    /// How many homes there is room for.
    pub(crate) fn capacity(&self) -> u64 {
        self.quarters() * HOMES_PER_QUARTER
    }

    fn quarters(&self) -> u64 {
        self.districts.len() as u64 * QUARTERS_PER_DISTRICT
    }

    /// The place of a home. Homes with near numbers are neighbours.
    pub(crate) fn home(&self, home: u64) -> Place {
        let quarter = disguise(
            home / HOMES_PER_QUARTER,
            QUARTER_MULTIPLIER,
            self.seed >> 16,
            self.quarters(),
        );
        self.place(quarter, home % HOMES_PER_QUARTER)
    }

    /// Another home of the same outward district.
    pub(crate) fn nearby(&self, home: u64, draw: &mut Draw) -> Place {
        let first = home / HOMES_PER_QUARTER * HOMES_PER_QUARTER;
        let step = 1 + draw.below(HOMES_PER_QUARTER as usize - 1) as u64;
        self.home(first + (home - first + step) % HOMES_PER_QUARTER)
    }

    /// Some home of the same post area.
    pub(crate) fn same_area(&self, place: &Place, draw: &mut Draw) -> Place {
        // Districts of one area stand together in the table.
        let first = self
            .districts
            .partition_point(|&(area, _)| area < place.area);
        let count = AREAS[usize::from(place.area)].districts as usize;
        let district = (first + draw.below(count)) as u64;
        let slice = draw.below(QUARTERS_PER_DISTRICT as usize) as u64;
        let quarter = slice * self.districts.len() as u64 + district;
        self.place(quarter, draw.below(HOMES_PER_QUARTER as usize) as u64)
    }

    fn place(&self, quarter: u64, within: u64) -> Place {
        let districts = self.districts.len() as u64;
        let (area, district) = self.districts[(quarter % districts) as usize];
        let slice = quarter / districts;
        let of_quarter = within / HOMES_PER_UNIT;
        let position = within % HOMES_PER_UNIT;
        let chance = |purpose: u64, number: u64| {
            let hash = scatter(self.seed ^ scatter(quarter << 20 | purpose << 16 | number));
            (hash >> 11) as f64 / (1u64 << 53) as f64
        };
        // Two unit postcodes, one for each side, share a street; the end of some belongs to another.
        let pair = of_quarter / 2;
        let second = position >= 10 && chance(0, of_quarter) < 0.1;
        let street = self.street(quarter * 128 + pair * 2 + u64::from(second));
        let building = within / HOMES_PER_BUILDING;
        let flat = chance(1, building) < self.flats;
        // Odd numbers on one side, even on the other; flats of a building have one number.
        let along = if flat {
            position / HOMES_PER_BUILDING * HOMES_PER_BUILDING
        } else {
            position
        };
        let start = (chance(2, pair) * chance(3, pair) * 160.0) as u64;
        let number = ((start + along) * 2 + 1 + of_quarter % 2) as u16;
        let door = (position % HOMES_PER_BUILDING) as u8;
        let kind = chance(4, building);
        let named = ((chance(5, building) * 30.0) as u64 + building) as usize;
        let dwelling = if flat {
            let tenements = TENEMENT_AREAS.contains(&AREAS[usize::from(area)].letters);
            match kind {
                _ if tenements && chance(6, building) < 0.6 => {
                    Dwelling::Tenement(door / 2, door % 2 + 1)
                }
                kind if kind < 0.60 => Dwelling::Numbered(door + 1),
                kind if kind < 0.72 => Dwelling::Lettered(door),
                kind if kind < 0.85 => Dwelling::Suffixed(door),
                _ => Dwelling::Block(door + 1, (named % BUILDINGS.len()) as u8),
            }
        } else if chance(7, within) < COTTAGE_SHARE {
            Dwelling::Cottage(((pair + within) % COTTAGES.len() as u64) as u8)
        } else {
            Dwelling::House
        };
        Place {
            area,
            district,
            sector: (slice / 10) as u8,
            unit: (slice % 10 * UNITS_PER_QUARTER + of_quarter) as u16,
            street,
            number,
            dwelling,
            // Neighbours have neighbouring numbers, as in the national address list.
            uprn: 100_000_000_000 + quarter * 1_000 + within,
        }
    }

    fn street(&self, key: u64) -> Street {
        let mut draw = Draw::new(self.seed, key, 7);
        if draw.chance(COMMON_STREET_SHARE) {
            Street::Common(self.common_streets.draw(&mut draw) as u8)
        } else {
            let stem = draw.below(STREET_STEMS.len()) as u16;
            Street::Made(stem, self.street_types.draw(&mut draw) as u8)
        }
    }
}

impl Place {
    /// The postcode as it should be written.
    pub(crate) fn postcode(&self) -> Text<12> {
        let mut text = Text::new(AREAS[usize::from(self.area)].letters);
        push_number(&mut text, u64::from(self.district));
        text.push(' ');
        push_number(&mut text, u64::from(self.sector));
        text.push(char::from(UNIT_LETTERS[usize::from(self.unit / 20)]));
        text.push(char::from(UNIT_LETTERS[usize::from(self.unit % 20)]));
        text
    }

    /// The post town.
    pub(crate) fn town(&self) -> &'static str {
        let towns = AREAS[usize::from(self.area)].towns;
        // Every other district belongs to the chief town, the rest to all in turn.
        towns[if self.district.is_multiple_of(2) {
            0
        } else {
            usize::from(self.district / 2) % towns.len()
        }]
    }

    /// The address lines as they are usually written; `joined` puts flat and street on one line.
    pub(crate) fn usual_lines(&self, joined: bool) -> Lines {
        match self.dwelling {
            Dwelling::House => [
                self.numbered_street("", ""),
                Text::default(),
                Text::default(),
            ],
            Dwelling::Cottage(name) => {
                two(COTTAGES[usize::from(name)], &self.bare_street(), joined)
            }
            Dwelling::Numbered(flat) => two(
                &label("Flat ", flat, ""),
                &self.numbered_street("", ""),
                joined,
            ),
            Dwelling::Lettered(flat) => two(
                &label("Flat ", 0, letter(flat)),
                &self.numbered_street("", ""),
                joined,
            ),
            Dwelling::Suffixed(flat) => [
                self.numbered_street("", letter(flat)),
                Text::default(),
                Text::default(),
            ],
            Dwelling::Tenement(floor, door) => two(
                &tenement(floor, door),
                &self.numbered_street("", ""),
                joined,
            ),
            Dwelling::Block(flat, name) => {
                let mut first = label("Flat ", flat, "");
                first.push_str(if joined { ", " } else { " " });
                first.push_str(BUILDINGS[usize::from(name)]);
                [first, self.bare_street(), Text::default()]
            }
        }
    }

    /// The address lines of a flat in one of the other forms in use, or with the flat left out. Of a
    /// house they are the usual ones.
    pub(crate) fn other_lines(&self, draw: &mut Draw) -> Lines {
        let way = draw.below(10);
        let plain = self.numbered_street("", "");
        if way == 0 && self.dwelling.is_flat() {
            return match self.dwelling {
                Dwelling::Block(_, name) => {
                    two(BUILDINGS[usize::from(name)], &self.bare_street(), false)
                }
                _ => [plain, Text::default(), Text::default()],
            };
        }
        match self.dwelling {
            Dwelling::Numbered(flat) => match way {
                1..=3 => two(&label("Apartment ", flat, ""), &plain, false),
                4..=5 => {
                    let before = label("", flat, "/");
                    [
                        self.numbered_street(&before, ""),
                        Text::default(),
                        Text::default(),
                    ]
                }
                6..=7 => two(&plain, &label("Flat ", flat, ""), false),
                8 => two(&label("Flat ", 0, letter(flat - 1)), &plain, false),
                _ => two(&label("Unit ", flat, ""), &plain, false),
            },
            Dwelling::Lettered(flat) => match way {
                1..=5 => [
                    self.numbered_street("", letter(flat)),
                    Text::default(),
                    Text::default(),
                ],
                6..=7 => two(&label("Flat ", flat + 1, ""), &plain, false),
                _ => two(&label("Apartment ", 0, letter(flat)), &plain, false),
            },
            Dwelling::Suffixed(flat) => match way {
                1..=6 => two(&label("Flat ", 0, letter(flat)), &plain, false),
                7..=8 => two(&label("Flat ", flat + 1, ""), &plain, false),
                _ => two(&plain, &label("Flat ", 0, letter(flat)), false),
            },
            Dwelling::Tenement(floor, door) => match way {
                1..=5 => {
                    let mut first = label("Flat ", floor, "/");
                    if floor == 0 {
                        first = Text::new("Flat 0/");
                    }
                    push_number(&mut first, u64::from(door));
                    two(&first, &plain, false)
                }
                6..=7 => two(&plain, &tenement(floor, door), false),
                _ => two(&label("Flat ", floor * 2 + door, ""), &plain, false),
            },
            Dwelling::Block(flat, name) => {
                let building = BUILDINGS[usize::from(name)];
                match way {
                    1..=4 => {
                        let mut first = label("", flat, " ");
                        first.push_str(building);
                        [first, self.bare_street(), Text::default()]
                    }
                    5..=7 => [
                        label("Apartment ", flat, ""),
                        Text::new(building),
                        self.bare_street(),
                    ],
                    _ => two(building, &label("Flat ", flat, ""), false),
                }
            }
            Dwelling::House | Dwelling::Cottage(_) => self.usual_lines(false),
        }
    }

    fn bare_street(&self) -> Text<48> {
        match self.street {
            Street::Common(name) => Text::new(COMMON_STREETS[usize::from(name)]),
            Street::Made(stem, kind) => {
                let mut name = Text::new(STREET_STEMS[usize::from(stem)]);
                name.push(' ');
                name.push_str(STREET_TYPES[usize::from(kind)].0);
                name
            }
        }
    }

    fn numbered_street(&self, before: &str, after: &str) -> Text<48> {
        let mut line = Text::new(before);
        push_number(&mut line, u64::from(self.number));
        line.push_str(after);
        line.push(' ');
        line.push_str(&self.bare_street());
        line
    }
}

fn two(first: &str, second: &str, joined: bool) -> Lines {
    let mut line = Text::new(first);
    if joined {
        line.push_str(", ");
        line.push_str(second);
        [line, Text::default(), Text::default()]
    } else {
        [line, Text::new(second), Text::default()]
    }
}

/// Text, a number unless it is 0, and more text.
fn label(before: &str, number: u8, after: &str) -> Text<48> {
    let mut text = Text::new(before);
    if number > 0 {
        push_number(&mut text, u64::from(number));
    }
    text.push_str(after);
    text
}

fn letter(flat: u8) -> &'static str {
    ["A", "B", "C", "D", "E", "F"][usize::from(flat) % 6]
}

fn tenement(floor: u8, door: u8) -> Text<48> {
    if floor == 0 {
        label("GF", door, "")
    } else {
        label("", floor, label("F", door, "").as_str())
    }
}

/// Appends a number in decimal.
pub(crate) fn push_number<const N: usize>(text: &mut Text<N>, number: u64) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_near_by_share_postcode_and_street_and_no_uprn_comes_twice() {
        let places = Places::new(5, 0.22);
        let (first, last) = (places.home(0), places.home(9));
        assert_eq!(first.postcode(), last.postcode());
        assert_eq!(first.bare_street(), last.bare_street());
        let mut uprns: Vec<u64> = (0..50_000).map(|home| places.home(home).uprn).collect();
        uprns.sort_unstable();
        uprns.dedup();
        assert_eq!(uprns.len(), 50_000);
    }

    #[test]
    fn quarters_never_collide() {
        let places = Places::new(5, 0.22);
        let mut seen: Vec<u64> = (0..places.quarters())
            .map(|q| places.home(q * HOMES_PER_QUARTER).uprn)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len() as u64, places.quarters());
        assert!(places.capacity() > 100_000_000);
    }

    #[test]
    fn postcodes_have_british_form() {
        let places = Places::new(9, 0.22);
        for home in (0..2_000_000).step_by(997) {
            let postcode = places.home(home).postcode();
            let (outward, inward) = postcode.split_once(' ').unwrap();
            assert!(
                (2..=4).contains(&outward.len()) && inward.len() == 3,
                "{}",
                &*postcode
            );
            assert!(outward.ends_with(|last: char| last.is_ascii_digit()));
            assert!(inward.starts_with(|first: char| first.is_ascii_digit()));
        }
    }

    #[test]
    fn a_flat_has_its_usual_form_and_others() {
        let place = Place {
            dwelling: Dwelling::Numbered(3),
            number: 12,
            ..Places::new(1, 0.0).home(0)
        };
        let street = place.bare_street();
        let usual = place.usual_lines(true);
        assert_eq!(&*usual[0], format!("Flat 3, 12 {}", &*street));
        let mut draw = Draw::new(1, 0, 0);
        for _ in 0..50 {
            assert_ne!(
                place.other_lines(&mut draw).concat_words(),
                usual.concat_words()
            );
        }
        let tenement = Place {
            dwelling: Dwelling::Tenement(0, 2),
            ..place
        };
        assert_eq!(&*tenement.usual_lines(false)[0], "GF2");
    }

    trait Words {
        fn concat_words(&self) -> String;
    }
    impl Words for Lines {
        fn concat_words(&self) -> String {
            self.iter()
                .flat_map(|line| line.split([' ', ',']))
                .filter(|word| !word.is_empty())
                .collect()
        }
    }

    #[test]
    fn moves_stay_where_they_should() {
        let places = Places::new(2, 0.22);
        let mut draw = Draw::new(2, 0, 0);
        for home in [0, 599, 600, 40_000] {
            let place = places.home(home);
            let near = places.nearby(home, &mut draw);
            assert_eq!((near.area, near.district), (place.area, place.district));
            assert_ne!(near.uprn, place.uprn);
            assert_eq!(places.same_area(&place, &mut draw).area, place.area);
        }
    }
}

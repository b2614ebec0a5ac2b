//! Gives each home its place: postcode, street, number, flat and UPRN. The same number and seed give the same
//! place.
//!
//! Choices: a unit postcode has 15 homes (the real mean is about 15 to 17) on one street, in a tenth of
//! cases on two; 600 homes lie together in one district; flats come five to a building.

use super::areas::{AREAS, BUILDINGS, COMMON_STREETS, COTTAGES, STREET_STEMS, STREET_TYPES, TENEMENT_AREAS};
use super::draw::{Draw, Weighted, disguise, scatter};

const HOMES_PER_UNIT: u64 = 15;
const UNITS_PER_QUARTER: u64 = 40;
/// Homes that lie together in one sector.
const HOMES_PER_QUARTER: u64 = HOMES_PER_UNIT * UNITS_PER_QUARTER;
/// A district's ten sectors of 400 unit postcodes.
const QUARTERS_PER_DISTRICT: u64 = 10 * 400 / UNITS_PER_QUARTER;
const HOMES_PER_BUILDING: u64 = 5;
/// A prime, so that it shares no factor with any number of quarters below it.
const QUARTER_MULTIPLIER: u64 = 982_451_653;
const COMMON_STREET_SHARE: f64 = 0.2;
const COTTAGE_SHARE: f64 = 0.025;

/// The country's geography under one seed.
pub(crate) struct Places {
    seed: u64,
    flats: f64,
    /// Every district: its area's index in the table, and its number.
    districts: Vec<(u8, u8)>,
    common_streets: Weighted,
    street_types: Weighted,
}

/// One home's address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) area: u8,
    pub(crate) district: u8,
    pub(crate) sector: u8,
    pub(crate) unit: u16,
    pub(crate) street: Street,
    pub(crate) number: u16,
    pub(crate) dwelling: Dwelling,
    pub(crate) uprn: u64,
}

/// A street's name, by its indices in the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Street {
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

impl Places {
    /// The country under a seed, with this share of flats.
    pub(crate) fn new(seed: u64, flats: f64) -> Self {
        let districts = AREAS
            .iter()
            .enumerate()
            .flat_map(|(area, table)| (1..=table.districts).map(move |d| (area as u8, d as u8)))
            .collect();
        let common: Vec<f64> = (0..COMMON_STREETS.len()).map(|rank| 1.0 / (rank as f64 + 3.0)).collect();
        let types: Vec<f64> = STREET_TYPES.iter().map(|(_, rate)| *rate).collect();
        Places {
            seed: scatter(seed),
            flats,
            districts,
            common_streets: Weighted::new(&common),
            street_types: Weighted::new(&types),
        }
    }

    /// The number of homes that there is room for.
    pub(crate) fn capacity(&self) -> u64 {
        self.quarters() * HOMES_PER_QUARTER
    }

    fn quarters(&self) -> u64 {
        self.districts.len() as u64 * QUARTERS_PER_DISTRICT
    }

    /// The place of a home. Homes with near numbers are neighbours.
    pub(crate) fn home(&self, home: u64) -> Place {
        let quarter = disguise(home / HOMES_PER_QUARTER, QUARTER_MULTIPLIER, self.seed >> 16, self.quarters());
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
        // The districts of one area are next to each other in the table.
        let first = self.districts.partition_point(|&(area, _)| area < place.area);
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
        // Two unit postcodes share a street, one for each side; the end of some is on another street.
        let pair = of_quarter / 2;
        let second = position >= 10 && chance(0, of_quarter) < 0.1;
        let street = self.street(quarter * 128 + pair * 2 + u64::from(second));
        let building = within / HOMES_PER_BUILDING;
        let flat = chance(1, building) < self.flats;
        // Odd numbers on one side, even on the other; flats of a building have one number.
        let along = if flat { position / HOMES_PER_BUILDING * HOMES_PER_BUILDING } else { position };
        let start = (chance(2, pair) * chance(3, pair) * 160.0) as u64;
        let number = ((start + along) * 2 + 1 + of_quarter % 2) as u16;
        let door = (position % HOMES_PER_BUILDING) as u8;
        let kind = chance(4, building);
        let named = ((chance(5, building) * 30.0) as u64 + building) as usize;
        let dwelling = if flat {
            let tenements = TENEMENT_AREAS.contains(&AREAS[usize::from(area)].letters);
            match kind {
                _ if tenements && chance(6, building) < 0.6 => Dwelling::Tenement(door / 2, door % 2 + 1),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_near_by_share_postcode_and_street_and_no_uprn_comes_twice() {
        let places = Places::new(5, 0.22);
        let (first, last) = (places.home(0), places.home(9));
        assert_eq!(first.postcode(), last.postcode());
        assert!(first.street == last.street);
        let mut uprns: Vec<u64> = (0..50_000).map(|home| places.home(home).uprn).collect();
        uprns.sort_unstable();
        uprns.dedup();
        assert_eq!(uprns.len(), 50_000);
    }

    #[test]
    fn quarters_never_collide() {
        let places = Places::new(5, 0.22);
        let mut seen: Vec<u64> = (0..places.quarters()).map(|q| places.home(q * HOMES_PER_QUARTER).uprn).collect();
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
            assert!((2..=4).contains(&outward.len()) && inward.len() == 3, "{}", &*postcode);
            assert!(outward.ends_with(|last: char| last.is_ascii_digit()));
            assert!(inward.starts_with(|first: char| first.is_ascii_digit()));
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

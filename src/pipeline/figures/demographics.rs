//! Keeps the region and the age of the person of each benefit row in a byte.
//!
//! Figures ask for both once for a row's claim, its household and its person. The identities are read once, in their
//! order; what is asked for in another order is a list small enough for a cache.

use rayon::prelude::*;

use crate::date::Date;
use crate::matching::{Persons, Role};
use crate::normalise::postcode::{BritishPostcode, region};

/// The youngest age of each age band.
const AGES: [u32; 8] = [0, 25, 35, 45, 55, 65, 75, 85];

/// The parts by age: each band, and that the date of birth is not known.
pub(crate) const AGE_NAMES: [&str; AGES.len() + 1] =
    ["under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 to 74", "75 to 84", "85 and over", "not known"];

/// The region and the age of a person, on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Demographic(u8);

impl Demographic {
    /// How many there are.
    pub(crate) const COUNT: usize = region::PARTS * AGE_NAMES.len();

    fn new(birth_date: Option<Date>, postcode: Option<&BritishPostcode>, day: Date) -> Demographic {
        const { assert!(Demographic::COUNT <= u8::MAX as usize) };
        let region = region::part_of(postcode.map_or("", BritishPostcode::area));
        let age = birth_date.map_or(AGES.len(), |born| band_of(age(born, day)));
        Demographic((region * AGE_NAMES.len() + age) as u8)
    }

    /// All of them, by place.
    pub(crate) fn all() -> impl Iterator<Item = Demographic> {
        (0..Demographic::COUNT as u8).map(Demographic)
    }

    pub(crate) fn place(self) -> usize {
        usize::from(self.0)
    }

    /// The part of the region of the home.
    pub(crate) fn region(self) -> usize {
        self.place() / AGE_NAMES.len()
    }

    /// The part of the age.
    pub(crate) fn age(self) -> usize {
        self.place() % AGE_NAMES.len()
    }

    /// Whether the date of birth is known.
    pub(crate) fn is_birth_date_known(self) -> bool {
        self.age() < AGES.len()
    }
}

/// The region and the age that each benefit row states.
pub(crate) struct Demographics<'p> {
    persons: &'p Persons,
    of_rows: Vec<Demographic>,
}

impl<'p> Demographics<'p> {
    /// Ages are those on a day.
    pub(crate) fn new(persons: &'p Persons, day: Date) -> Demographics<'p> {
        let of_row = |row| {
            let (birth_date, postcode) = persons.birth_date_and_postcode(row);
            Demographic::new(birth_date, postcode.as_ref(), day)
        };
        Demographics { persons, of_rows: (0..persons.row_count() as u32).into_par_iter().map(of_row).collect() }
    }

    /// Of the row that stands for a claim.
    pub(crate) fn of_claim(&self, claim: u32) -> Demographic {
        self.of_row(self.row_of(claim))
    }

    /// The row that stands for a claim: its claimant's first, else its first.
    pub(crate) fn row_of(&self, claim: u32) -> u32 {
        let rows = self.persons.rows_of_claim(claim);
        rows.iter().copied().find(|row| self.persons.role(*row) == Role::Claimant).unwrap_or(rows[0])
    }

    /// Of a person's first row by content. Rows are compared only where it matters which is the first.
    pub(crate) fn of_person(&self, person: u32) -> Demographic {
        let mut rows = self.persons.rows_of(person).iter().map(|row| self.of_row(*row));
        match rows.next() {
            Some(first) if rows.all(|other| other == first) => first,
            _ => self.of_row(self.persons.first_row(person)),
        }
    }

    /// Of a row.
    pub(crate) fn of_row(&self, row: u32) -> Demographic {
        self.of_rows[row as usize]
    }
}

/// Whole years from birth to a day.
fn age(born: Date, day: Date) -> u32 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    (day.year() - born.year().min(day.year())).saturating_sub(u32::from(!had_birthday))
}

fn band_of(age: u32) -> usize {
    AGES.partition_point(|youngest| *youngest <= age) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::Reading;
    use crate::normalise::postcode::{Postcode, postcode};

    #[test]
    fn ages_are_whole_years_on_the_day() {
        let day = Date::new(2026, 8, 23).unwrap();
        for ((year, month, date), expected) in [
            ((2001, 8, 23), "25 to 34"),
            ((2001, 8, 24), "under 25"),
            ((2026, 9, 1), "under 25"),
            ((1941, 8, 23), "85 and over"),
            ((1941, 8, 24), "75 to 84"),
        ] {
            let own = Demographic::new(Date::new(year, month, date), None, day);
            assert_eq!(AGE_NAMES[own.age()], expected, "{year}-{month}-{date}");
            assert!(own.is_birth_date_known());
        }
    }

    #[test]
    fn a_region_and_an_age_share_a_byte() {
        let day = Date::new(2026, 8, 23).unwrap();
        for (code, born, region, age) in [
            ("LS8 2QN", Some(1951), "Yorkshire and the Humber", "75 to 84"),
            ("CF10 1AA", None, "Wales", "not known"),
            ("", Some(2005), "elsewhere or not known", "under 25"),
            ("", None, "elsewhere or not known", "not known"),
        ] {
            let code = match postcode(code) {
                Reading::Known(Postcode::British(code)) => Some(code),
                _ => None,
            };
            let own = Demographic::new(born.and_then(|year| Date::new(year, 1, 1)), code.as_ref(), day);
            assert_eq!((region::name(own.region()), AGE_NAMES[own.age()]), (region, age));
            assert_eq!(own.is_birth_date_known(), born.is_some());
        }
    }
}

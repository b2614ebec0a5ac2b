//! Tells how common a British name is: the share of adults who have it.
//!
//! The tables are shipped, so that a small benefit file does not make Smith rare. `data/README.md` gives
//! their sources and says how rough they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

/// The rate of a surname that is not in the table.
///
/// The table leaves out about 31 % of adults. They have some hundreds of thousands of surnames, most of them
/// with a handful of bearers; but a person met by chance has one of the larger of these. About 250 bearers
/// among 60 million is the middle of that: 4 per million.
pub const FAMILY_NAME_FLOOR: f64 = 4e-6;

/// The rate of a given name that is not in the table.
///
/// The table leaves out about 16 % of adults. At 5 per million they would have 32,000 names, which is about
/// what a hundred years of birth registers hold.
pub const GIVEN_NAME_FLOOR: f64 = 5e-6;

const FAMILY_NAMES: &str = include_str!("data/family_names.csv");
const GIVEN_NAMES: &str = include_str!("data/given_names.csv");

static FAMILY_RATES: LazyLock<HashMap<&'static str, f64, RandomState>> =
    LazyLock::new(|| rates(family_rows().collect()));
static GIVEN_RATES: LazyLock<HashMap<&'static str, f64, RandomState>> =
    LazyLock::new(|| rates(given_rows().map(|row| (row.name, row.rate)).collect()));

/// The sex that a given name is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    /// Women.
    Female,
    /// Men.
    Male,
    /// Both.
    Either,
}

/// A given name of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct CommonGivenName {
    /// The name, normalised.
    pub name: &'static str,
    /// The share of adults, of both sexes together, who have it.
    pub rate: f64,
    /// Who has it.
    pub gender: Gender,
    /// The years of birth in which it was common.
    pub birth_years: RangeInclusive<u16>,
}

/// The share of British adults with this surname (one normalised word), at least [`FAMILY_NAME_FLOOR`].
///
/// ```
/// use flagmatch::normalise::frequency::family_name_rate;
/// assert!(family_name_rate("SMITH") > 0.01);
/// assert!(family_name_rate("YELLAND") < 0.000_1);
/// ```
pub fn family_name_rate(name: &str) -> f64 {
    FAMILY_RATES.get(name).copied().unwrap_or(FAMILY_NAME_FLOOR)
}

/// The share of British adults with this forename (one normalised word), at least [`GIVEN_NAME_FLOOR`].
pub fn given_name_rate(name: &str) -> f64 {
    GIVEN_RATES.get(name).copied().unwrap_or(GIVEN_NAME_FLOOR)
}

/// The share of British adults whose forename begins with this letter (a capital), at least one in five
/// hundred. Names that the table lacks are assumed to begin as those in it do.
pub fn initial_rate(letter: u8) -> f64 {
    const LEAST: f64 = 0.002;
    static RATES: LazyLock<[f64; 26]> = LazyLock::new(|| {
        let mut rates = [0.0; 26];
        for (name, rate) in GIVEN_RATES.iter() {
            if let Some(sum) =
                name.bytes().next().and_then(|first| rates.get_mut(usize::from(first.wrapping_sub(b'A'))))
            {
                *sum += rate;
            }
        }
        let all: f64 = rates.iter().sum();
        rates.map(|sum| (sum / all).max(LEAST))
    });
    RATES.get(usize::from(letter.wrapping_sub(b'A'))).copied().unwrap_or(LEAST)
}

/// The surnames of the table with their rates, commonest first.
pub fn common_family_names() -> impl Iterator<Item = (&'static str, f64)> {
    family_rows()
}

/// The given names of the table, commonest first.
pub fn common_given_names() -> impl Iterator<Item = CommonGivenName> {
    given_rows()
}

fn rates(rows: Vec<(&'static str, f64)>) -> HashMap<&'static str, f64, RandomState> {
    let mut rates = HashMap::with_capacity_and_hasher(rows.len(), RandomState::default());
    for (name, rate) in rows {
        match rates.entry(name) {
            Entry::Vacant(place) => {
                place.insert(rate);
            }
            Entry::Occupied(mut place) => *place.get_mut() += rate,
        }
    }
    rates
}

/// The rows under the heading. The tables are part of the program and a test reads every row, so a row that
/// cannot be read never reaches a user.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().skip(1)
}

fn family_rows() -> impl Iterator<Item = (&'static str, f64)> {
    rows(FAMILY_NAMES).filter_map(|row| {
        let (name, per_million) = row.split_once(',')?;
        Some((name, share(per_million)?))
    })
}

fn given_rows() -> impl Iterator<Item = CommonGivenName> {
    rows(GIVEN_NAMES).filter_map(|row| {
        let mut fields = row.split(',');
        let (name, rate) = (fields.next()?, share(fields.next()?)?);
        let gender = match fields.next()? {
            "F" => Gender::Female,
            "M" => Gender::Male,
            "X" => Gender::Either,
            _ => return None,
        };
        let from = fields.next()?.parse().ok()?;
        let to = fields.next()?.parse().ok()?;
        Some(CommonGivenName { name, rate, gender, birth_years: from..=to })
    })
}

fn share(per_million: &str) -> Option<f64> {
    per_million.parse::<f64>().ok().map(|count| count / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Word;

    fn is_normalised(name: &str) -> bool {
        name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase()) && &*Word::new(name) == name
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        let family: Vec<_> = common_family_names().collect();
        assert_eq!(family.len(), rows(FAMILY_NAMES).count());
        assert!(family.len() > 1_000);
        assert_eq!(FAMILY_RATES.len(), family.len(), "a name stands twice");
        let given: Vec<_> = common_given_names().collect();
        assert_eq!(given.len(), rows(GIVEN_NAMES).count());
        assert!(given.len() > 800);
        assert_eq!(GIVEN_RATES.len(), given.len(), "a name stands twice");
        for (name, rate) in &family {
            assert!(is_normalised(name), "{name}");
            assert!(*rate >= FAMILY_NAME_FLOOR, "{name}");
        }
        for row in &given {
            assert!(is_normalised(row.name), "{}", row.name);
            assert!(row.birth_years.start() < row.birth_years.end(), "{}", row.name);
        }
    }

    #[test]
    fn common_names_are_common_and_in_order() {
        assert!((0.010..0.014).contains(&family_name_rate("SMITH")));
        assert!((0.007..0.010).contains(&family_name_rate("JONES")));
        let falling = ["SMITH", "JONES", "TAYLOR", "TURNER", "PALMER", "SINCLAIR", "ASHWORTH", "YELLAND"];
        for pair in falling.windows(2) {
            assert!(family_name_rate(pair[0]) > family_name_rate(pair[1]), "{pair:?}");
        }
        for name in ["PATEL", "KHAN", "SINGH", "NOWAK", "OKAFOR", "WONG", "MCDONALD", "OBRIEN", "GRIFFITHS"] {
            assert!(family_name_rate(name) > 0.000_1, "{name}");
        }
        assert_eq!(family_name_rate("ZZYZX"), FAMILY_NAME_FLOOR);
        assert_eq!(given_name_rate("ZZYZX"), GIVEN_NAME_FLOOR);
        assert!(given_name_rate("DAVID") > given_name_rate("RUPERT"));
    }

    #[test]
    fn the_tables_leave_a_plausible_rest() {
        let family: f64 = common_family_names().map(|(_, rate)| rate).sum();
        assert!((0.60..0.75).contains(&family), "{family}");
        let given: f64 = common_given_names().map(|row| row.rate).sum();
        assert!((0.75..0.90).contains(&given), "{given}");
        let women: f64 = common_given_names().filter(|row| row.gender == Gender::Female).map(|row| row.rate).sum();
        assert!((0.35..0.50).contains(&women), "{women}");
    }

    #[test]
    fn the_old_have_old_names() {
        let years = |name| common_given_names().find(|row| row.name == name).map(|row| row.birth_years);
        assert!(years("DOREEN").is_some_and(|years| *years.end() < 1960));
        assert!(years("CHLOE").is_some_and(|years| *years.start() > 1980));
    }
}

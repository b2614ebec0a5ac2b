//! Counts u among chance pairs: pairs of different benefit records taken at regular distances.
//!
//! u of places stays as shipped: it is the country's, not the file's, as the prior is.

use super::tally::Tally;
use crate::matching::evidence::{Evidence, NameComparison};
use crate::matching::persons::Persons;
use crate::matching::weights::{Field, LevelShares, Shares, levels};

/// The most pairs of benefit records among which u is counted.
const CHANCE_PAIRS: u64 = 2_000_000;

/// The weight of the shipped table, in chance pairs.
const SHIPPED_CHANCE_PAIRS: f64 = 1_000_000.0;

/// Replaces u of names and birth dates by what is counted among the benefit records.
pub(super) fn estimate_u(table: &mut LevelShares, persons: &Persons) {
    let count = persons.count() as u64;
    if count < 2 {
        return;
    }
    let mut tally = Tally::new();
    for pair in 0..CHANCE_PAIRS.min(count * 8) {
        let one = pair % count;
        // The distance grows with every round, and never leads back to the same person.
        let other = (one + 1 + (pair / count + 1) * 7919 % (count - 1)) % count;
        let [one, other] = [one, other].map(|person| persons.identity(persons.rows_of(person as u32)[0]));
        tally.add(&Evidence::compare(&one, &other, NameComparison::straight(&one.name, &other.name)), 1.0, 0.0);
    }
    for field in [Field::Given, Field::Family, Field::BirthDate] {
        let counted: Vec<_> = levels(field).filter(|level| !(field == Field::Given && *level == "initial")).collect();
        let all: f64 = counted.iter().map(|level| tally.count(field, level)).sum();
        for level in counted {
            if let Some(Shares { m, u }) = table.shares(field, level) {
                let blended = (tally.count(field, level) + SHIPPED_CHANCE_PAIRS * u) / (all + SHIPPED_CHANCE_PAIRS);
                table.set(field, level, Shares { m, u: blended });
            }
        }
    }
}

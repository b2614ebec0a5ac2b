//! Splits a candidate's match weight into the parts of its fields.

use super::Weights;
use super::field::{Cell, Field, name_cells, place_cells};
use crate::matching::matcher::Candidate;

/// One field's part of a match weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FieldWeight {
    /// The field's table in a weights file.
    pub(crate) field: &'static str,
    /// The field's comparison level.
    pub(crate) level: &'static str,
    pub(crate) bits: f64,
}

impl Weights {
    /// The parts of a candidate's weight, which add up to it. The parts of forename and surname include how
    /// common the names are.
    pub(crate) fn share_out(&self, candidate: &Candidate) -> Vec<FieldWeight> {
        let evidence = candidate.evidence();
        let part = |(field, level): Cell, bits: f64| FieldWeight {
            field: field.name(),
            level: field.levels().get(level).copied().unwrap_or("absent"),
            bits,
        };
        let [given, middle, family, order, swapped] = name_cells(&evidence.names());
        let birth_date = f64::from(candidate.birth_date_weight);
        let of_given = f64::from(candidate.own_weight) - birth_date;
        let place: Vec<FieldWeight> =
            place_cells(&evidence).into_iter().map(|cell| part(cell, self.bits(cell))).collect();
        let rest = [middle, order, swapped].map(|cell| part(cell, self.bits(cell)));
        let others: f64 = of_given
            + birth_date
            + rest.iter().map(|field| field.bits).sum::<f64>()
            + place.iter().map(|field| field.bits).sum::<f64>();
        // If forename and surname both agree exactly, they are weighed as one: the surname's part is what
        // exceeds the weight of the forename alone.
        let mut all = vec![part(given, of_given), part(family, f64::from(candidate.weight) - others)];
        all.extend(rest);
        all.push(part((Field::BirthDate, evidence.birth_date as usize), birth_date));
        all.extend(place);
        all.retain(|field| field.level != "absent" && (field.field != "swapped" || field.level == "yes"));
        all
    }
}

//! Measures which fields disagree together among true pairs more often than independent errors would.
//!
//! Match weights add up as if errors in different fields were independent given a match. Where they are not, a pair
//! with two errors is worth more than its weight says. The correlation is φ, between the two facts that each field
//! agrees less than exactly, over pairs in which both fields can be compared.

use super::each_pair;
use crate::matching::evidence::{BirthDate, Dwelling, Evidence, Family, Given, Postcode, Uprn};
use crate::matching::matcher::Candidate;
use crate::matching::model::Model;
use crate::matching::persons::Persons;

/// Two fields that disagree together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Correlation {
    pub(crate) fields: [&'static str; 2],
    /// From −1 to 1.
    pub(crate) phi: f64,
    /// The true pairs that it rests on.
    pub(crate) pairs: f64,
}

/// Below this a correlation changes no posterior that matters.
const NOTABLE: f64 = 0.05;

const FIELDS: [&str; 6] = ["given", "family", "birth-date", "postcode", "dwelling", "uprn"];

/// Whether each field disagrees; `None` where it cannot be compared.
fn disagrees(evidence: &Evidence) -> [Option<bool>; FIELDS.len()] {
    let unless = |absent: bool, exact: bool| (!absent).then_some(!exact);
    [
        unless(matches!(evidence.given, Given::Absent | Given::Initial), evidence.given == Given::Exact),
        unless(evidence.family == Family::Absent, evidence.family == Family::Exact),
        unless(evidence.birth_date == BirthDate::Absent, evidence.birth_date == BirthDate::Exact),
        unless(evidence.postcode == Postcode::Absent, evidence.postcode == Postcode::Exact),
        unless(evidence.dwelling == Dwelling::Absent, evidence.dwelling == Dwelling::Same),
        unless(evidence.uprn == Uprn::Absent, evidence.uprn == Uprn::Same),
    ]
}

/// The notable correlations, the strongest first. Those of one address are left out: its fields are weighed as
/// dependent.
pub(super) fn strongest(holders: &[&[Candidate]], persons: &Persons, before: &Model, now: &Model) -> Vec<Correlation> {
    let mut counts = [[[0.0_f64; 4]; FIELDS.len()]; FIELDS.len()];
    each_pair(holders, persons, before, now, |candidate, posterior| {
        let disagree = disagrees(&candidate.evidence());
        for one in 0..FIELDS.len() {
            for other in one + 1..FIELDS.len() {
                if let (Some(one_does), Some(other_does)) = (disagree[one], disagree[other]) {
                    counts[one][other][usize::from(one_does) * 2 + usize::from(other_does)] += posterior;
                }
            }
        }
    });
    let mut all = Vec::new();
    for one in 0..FIELDS.len() {
        for other in (one + 1).max(1)..FIELDS.len() {
            let of_one_address = one >= 3;
            let [neither, second, first, both] = counts[one][other];
            let spread = (first + both) * (neither + second) * (second + both) * (neither + first);
            if !of_one_address && spread > 0.0 {
                let phi = (both * neither - first * second) / spread.sqrt();
                let pairs = neither + first + second + both;
                all.push(Correlation { fields: [FIELDS[one], FIELDS[other]], phi, pairs });
            }
        }
    }
    all.retain(|one| one.phi.abs() >= NOTABLE);
    all.sort_by(|one, other| other.phi.abs().total_cmp(&one.phi.abs()).then(one.fields.cmp(&other.fields)));
    all
}

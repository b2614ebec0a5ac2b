//! Scores one pair of a holder and a benefit row.

use super::{Candidate, LEAST_ODDS, Matcher, ROUNDING};
use crate::matching::evidence::{AddressWords, Evidence, Exchanged, Family, Given, NameComparison, Postcode};
use crate::matching::store::{Facts, RowRates};
use crate::matching::term_frequency::TermFrequencies;
use crate::matching::weights::NameRates;
use crate::normalise::{NameView, View, frequency};

/// A holder who is compared with one row after another, and what the comparisons have in common.
pub(super) struct ComparedHolder<'a> {
    /// The holder's number in the batch.
    number: u16,
    identity: &'a View<'a>,
    /// The words of the holder's address.
    words: AddressWords<'a>,
    /// The name of the last row, and what its comparison gave.
    names: Option<(NameView<'a>, ComparedNames)>,
}

impl<'a> ComparedHolder<'a> {
    /// A holder before their first row.
    pub(super) fn new(number: u16, identity: &'a View<'a>) -> ComparedHolder<'a> {
        ComparedHolder { number, identity, words: AddressWords::new(&identity.address), names: None }
    }
}

/// What comparing two names gave.
#[derive(Clone, Copy)]
struct ComparedNames {
    comparison: NameComparison,
    weight: f64,
    /// The part of the weight that the forename gave alone.
    of_given: f64,
}

impl Matcher {
    /// Scores one pair of a holder and a row, without its keys; `None` if it is too unlike to be kept.
    pub(super) fn pair<'a>(
        &self,
        holder: &mut ComparedHolder<'a>,
        row: u32,
        facts: &Facts,
        person: &View<'a>,
    ) -> Option<Candidate> {
        let identity = holder.identity;
        let (weights, prior) = (self.model.weights(), self.model.prior());
        // The rows that a name leads to follow each other.
        let names = match &holder.names {
            Some((name, names)) if *name == person.name => *names,
            _ => {
                let names = self.names(&identity.name, &person.name, facts.rates);
                holder.names = Some((person.name.clone(), names));
                names
            }
        };
        let evidence = Evidence::begun(identity, person, names.comparison);
        let birth_date_weight = weights.of_birth_date(evidence.birth_date);
        let most = names.weight + birth_date_weight + weights.most_of_place(&evidence);
        // For a slip in the postcode this is no upper bound: comparing the streets may change the level.
        if evidence.postcode != Postcode::Slip && most + prior + ROUNDING < LEAST_ODDS {
            return None;
        }
        let evidence = evidence.finished(identity, &holder.words, person);
        let weight = (names.weight + birth_date_weight + weights.of_place(&evidence)) as f32;
        (f64::from(weight) + prior >= LEAST_ODDS).then(|| Candidate {
            holder: holder.number,
            person: facts.person,
            row,
            weight,
            birth_date_weight: birth_date_weight as f32,
            own_weight: (names.of_given + birth_date_weight) as f32,
            age: self.age(person.birth_date),
            levels: evidence.packed(),
            keys: 0,
        })
    }

    /// Compares a holder's name with that of a row, the way round in which they agree better. Rows of one name have the
    /// same rates.
    fn names(&self, holder: &NameView<'_>, person: &NameView<'_>, of_row: RowRates) -> ComparedNames {
        let weights = self.model.weights();
        let weighed = |comparison: NameComparison, rates: NameRates| ComparedNames {
            weight: weights.of_names(&comparison, &rates),
            of_given: weights.of_given(&comparison, &rates),
            comparison,
        };
        let straight = NameComparison::straight(holder, person);
        let straight = weighed(straight, self.name_rates(holder, person, &straight, of_row));
        let Some(exchanged) = Exchanged::new(holder, person) else { return straight };
        let names = exchanged.compare();
        let of_row = match exchanged.in_the_records {
            true => self.frequencies.of_name(&exchanged.person),
            false => of_row,
        };
        let turned = weighed(names, self.name_rates(&exchanged.holder, &exchanged.person, &names, of_row));
        if turned.weight > straight.weight { turned } else { straight }
    }

    fn name_rates(
        &self,
        holder: &NameView<'_>,
        person: &NameView<'_>,
        names: &NameComparison,
        rates: RowRates,
    ) -> NameRates {
        // Looked up only if a level needs them: each lookup waits for memory.
        let typed =
            |asks: fn(&NameComparison) -> bool, rate: fn(&TermFrequencies, &str) -> f64, word: Option<&&str>| {
                word.filter(|_| asks(names)).map_or(1.0, |word| rate(&self.frequencies, word))
            };
        let initial = match names.given {
            Given::Initial => {
                let initials = [holder.given.first(), person.given.first()].into_iter().flatten();
                let letter = initials.min_by_key(|word| word.len()).map(|word| word.as_bytes()[0]);
                letter.map_or(1.0, frequency::initial_rate)
            }
            _ => 1.0,
        };
        NameRates {
            given: f64::from(rates.given),
            family: f64::from(if names.family == Family::Exact { rates.family } else { rates.part }),
            full: f64::from(rates.full),
            holder_given: typed(NameRates::weigh_typed_given, TermFrequencies::given, holder.given.first()),
            holder_family: typed(NameRates::weigh_typed_family, TermFrequencies::family, holder.family.first()),
            initial,
        }
    }
}

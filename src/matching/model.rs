//! Holds what a run believes before it sees a pair: match weights, the prior, and unseen persons.

use super::evidence::Evidence;
use super::household::supported;
use super::matcher::Candidate;
use super::unseen::{Fields, KINDS, Prices, RelativesTable};
use super::weights::Weights;

/// People named on an electricity account in Great Britain.
pub(crate) const POPULATION: f64 = 34_000_000.0;

/// Match weights, the prior and the prices of unseen persons.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    weights: Weights,
    prices: Prices,
    /// The prior odds (log2) that a person of the benefit records is the holder.
    prior: f64,
}

impl Model {
    /// The model in which one in `population` people is the holder.
    pub(crate) fn new(weights: Weights, relatives: &RelativesTable, population: f64) -> Model {
        Model { prices: Prices::new(relatives, &weights), weights, prior: -population.log2() }
    }

    /// The model that ships with the program.
    pub(crate) fn shipped() -> Model {
        Model::new(Weights::shipped(), &RelativesTable::shipped(), POPULATION)
    }

    /// The same model with other weights.
    pub(super) fn with_weights(&self, weights: Weights, relatives: &RelativesTable) -> Model {
        Model { prices: Prices::new(relatives, &weights), weights, prior: self.prior }
    }

    /// The match weights.
    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The prices of unseen persons.
    pub(super) fn prices(&self) -> &Prices {
        &self.prices
    }

    /// The prior odds (log2) that a person of the benefit records is the holder of an account. They are the nation's,
    /// not the files': in a small file a pair is no likelier by chance.
    pub(crate) fn prior(&self) -> f64 {
        self.prior
    }

    /// The odds (log2) that the holder is the candidate rather than a stranger.
    pub(crate) fn log_odds(&self, candidate: &Candidate) -> f64 {
        f64::from(candidate.weight) + self.prior
    }

    /// The odds that the holder is an unseen person, by what they are to the candidate, rather than a stranger.
    /// `partner` is the likelihood ratio by which another holder is the candidate's partner.
    pub(super) fn unseen(&self, candidate: &Candidate, partner: f64) -> [f64; KINDS] {
        let evidence = candidate.evidence();
        let fields = self.fields(candidate, &evidence);
        let mut odds = self.prices.odds(&evidence, &fields, candidate.age, |share| supported(share, partner));
        odds.iter_mut().for_each(|odds| *odds *= self.prior.exp2());
        odds
    }

    /// How far (log2) a candidate alone is ahead of strangers and unseen persons, to 1/1024 bit.
    pub(super) fn lead(&self, candidate: &Candidate) -> i32 {
        let rivals: f64 = self.unseen(candidate, 1.0).iter().sum();
        ((self.log_odds(candidate) - (1.0 + rivals).log2()) * 1024.0) as i32
    }

    /// The likelihood ratios of a candidate's fields, whose product is 2 to the candidate's weight.
    fn fields(&self, candidate: &Candidate, evidence: &Evidence) -> Fields {
        let birth_date = f64::from(candidate.birth_date_weight);
        let given = f64::from(candidate.own_weight) - birth_date;
        let [middle, order] = self.weights.of_middle_and_order(evidence);
        let place = self.weights.of_place(evidence);
        let family = f64::from(candidate.weight) - birth_date - given - middle - order - place;
        Fields {
            given: given.exp2(),
            middle: middle.exp2(),
            family: family.exp2(),
            order: order.exp2(),
            birth_date: birth_date.exp2(),
            place: place.exp2(),
        }
    }
}

//! Finds a holder's candidates by comparing the holder with every benefit row: the persons who share a match key, each
//! scored by the row that agrees best.

use std::collections::{BTreeMap, BTreeSet};

use super::people::Benefits;
use crate::date::Date;
use crate::matching::evidence::{Evidence, Exchanged, Family, Given, NameComparison};
use crate::matching::hash::Block;
use crate::matching::key::{KeyKind, KeyMaker, Keys};
use crate::matching::unseen::{Prices, RelativesTable};
use crate::matching::weights::{NameRates, Weights};
use crate::normalise::{Identity, NameView, frequency};
use crate::text::Word;

/// log2 of one in 34 million.
pub(super) fn prior() -> f64 {
    -34_000_000_f64.log2()
}

/// Candidates with lower odds (log2) are dropped.
const LEAST_ODDS: f64 = -14.0;

/// How many persons the shipped tables of names count for, and how many the assumption that forename and surname are
/// independent.
const TABLE: f64 = 100_000.0;
const INDEPENDENT: f64 = 1_000_000.0;
const RAREST: f64 = 2e-7;

/// One candidate of a holder.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) person: usize,
    pub(super) weight: f32,
    pub(super) birth_date_weight: f32,
    pub(super) own_weight: f32,
    pub(super) age: Option<u32>,
    pub(super) evidence: Evidence,
    /// The benefit row.
    pub(super) row: usize,
}

pub(super) struct Scorer<'a> {
    benefits: &'a Benefits,
    pub(super) weights: Weights,
    pub(super) prices: Prices,
    day: Date,
    given: BTreeMap<Word, f64>,
    family: BTreeMap<Word, f64>,
    full: BTreeMap<(Word, Word), f64>,
    persons: f64,
    /// The keys of each row, without those that too many rows share.
    keys: Vec<BTreeSet<Block>>,
}

/// A nation so small is given the keys for sparse records too.
fn sparse() -> KeyMaker {
    let mut maker = KeyMaker::default();
    maker.set_sparse(true);
    maker
}

impl<'a> Scorer<'a> {
    pub(super) fn new(benefits: &'a Benefits, day: Date) -> Scorer<'a> {
        let (mut given, mut family, mut full) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let people = benefits.one_row_a_person();
        for row in &people {
            let name = &row.identity.name;
            if let Some(word) = name.given.first() {
                *given.entry(*word).or_insert(0.0) += 1.0;
            }
            for part in &name.family {
                *family.entry(*part).or_insert(0.0) += 1.0;
            }
            if let (Some(word), Some(part)) = (name.given.first(), name.family.first()) {
                *full.entry((*word, *part)).or_insert(0.0) += 1.0;
            }
        }
        let mut sharing: BTreeMap<Block, (KeyKind, BTreeSet<usize>)> = BTreeMap::new();
        for (number, row) in benefits.rows.iter().enumerate() {
            let mut own = Keys::default();
            sparse().of_person(&row.identity.view(), &mut own);
            for (block, kind) in own.blocks().iter().zip(own.kinds()) {
                sharing.entry(*block).or_insert((*kind, BTreeSet::new())).1.insert(number);
            }
        }
        let mut keys = vec![BTreeSet::new(); benefits.rows.len()];
        for (block, (kind, rows)) in sharing {
            if rows.len() > kind.most_rows() {
                assert!(!kind.cut_off_matters(), "a nation so small crowds no key");
                continue;
            }
            for row in rows {
                keys[row].insert(block);
            }
        }
        let persons = people.len() as f64;
        let weights = Weights::shipped();
        let prices = Prices::new(&RelativesTable::shipped(), &weights);
        Scorer { benefits, weights, prices, day, given, family, full, persons, keys }
    }

    /// The candidates of a holder, in any order.
    pub(super) fn candidates(&self, holder: &Identity) -> Vec<Scored> {
        let (mut maker, view, mut keys) = (sparse(), holder.view(), Keys::default());
        let known = maker.known(&view.name);
        maker.of_holder(&view, &known, &mut keys);
        let tried: BTreeSet<Block> = keys.blocks().iter().copied().collect();
        let mut best: BTreeMap<usize, Scored> = BTreeMap::new();
        for ((number, row), keys) in self.benefits.rows.iter().enumerate().zip(&self.keys) {
            if keys.intersection(&tried).next().is_none() {
                continue;
            }
            let scored = Scored { row: number, ..self.pair(holder, &row.identity, row.person) };
            if f64::from(scored.weight) + prior() < LEAST_ODDS {
                continue;
            }
            let rank = |scored: &Scored| (scored.weight, scored.evidence.packed());
            let kept = best.entry(row.person).or_insert_with(|| scored.clone());
            if rank(&scored) > rank(kept) {
                *kept = scored;
            }
        }
        best.into_values().collect()
    }

    fn pair(&self, holder: &Identity, person: &Identity, number: usize) -> Scored {
        let (of_holder, of_person) = (holder.name.view(), person.name.view());
        let mut names = NameComparison::straight(&of_holder, &of_person);
        let mut rates = self.rates(&of_holder, &of_person, &names);
        if let Some(exchanged) = Exchanged::new(&of_holder, &of_person) {
            let turned = exchanged.compare();
            let turned_rates = self.rates(&exchanged.holder, &exchanged.person, &turned);
            if self.weights.of_names(&turned, &turned_rates) > self.weights.of_names(&names, &rates) {
                (names, rates) = (turned, turned_rates);
            }
        }
        let evidence = Evidence::compare(&holder.view(), &person.view(), names);
        let birth_date = self.weights.of_birth_date(evidence.birth_date);
        let weight = self.weights.of_names(&names, &rates) + birth_date + self.weights.of_place(&evidence);
        Scored {
            person: number,
            weight: weight as f32,
            birth_date_weight: birth_date as f32,
            own_weight: (self.weights.of_given(&names, &rates) + birth_date) as f32,
            age: person.birth_date.map(|born| {
                let to_come = (born.month(), born.day()) > (self.day.month(), self.day.day());
                self.day.year() - born.year() - u32::from(to_come)
            }),
            evidence,
            row: 0,
        }
    }

    fn rates(&self, holder: &NameView<'_>, person: &NameView<'_>, names: &NameComparison) -> NameRates {
        let (given, family) = (&person.given, &person.family);
        let given_rate = given.first().map_or(1.0, |word| self.given_rate(word));
        let commonest = family.iter().map(|part| self.family_rate(part)).fold(0.0, f64::max);
        let part = if family.is_empty() { 1.0 } else { commonest };
        let whole = match &family[..] {
            [] | [_] => part,
            // About one bearer in twenty of the rarer part has a joined name with it.
            parts => (parts.iter().map(|part| self.family_rate(part)).fold(1.0, f64::min) * 0.05).max(RAREST),
        };
        let full = match (given.first(), &family[..]) {
            (Some(word), [only]) => {
                let seen = self
                    .full
                    .get(&(Word::new(word), Word::new(only)))
                    .filter(|count| **count > 1.0)
                    .map_or(0.0, |count| count - 1.0);
                (given_rate * part).max(seen / (self.persons + INDEPENDENT))
            }
            _ => given_rate * whole,
        };
        let initial = match names.given {
            Given::Initial => {
                let shorter = [holder.given.first(), given.first()].into_iter().flatten().min_by_key(|word| word.len());
                shorter.map_or(1.0, |word| frequency::initial_rate(word.as_bytes()[0]))
            }
            _ => 1.0,
        };
        let rounded = |rate: f64| f64::from(rate as f32);
        NameRates {
            given: rounded(given_rate),
            family: rounded(if names.family == Family::Exact { whole } else { part }),
            full: rounded(full),
            holder_given: holder.given.first().map_or(1.0, |word| self.given_rate(word)),
            holder_family: holder.family.first().map_or(1.0, |word| self.family_rate(word)),
            initial,
        }
    }

    fn given_rate(&self, word: &str) -> f64 {
        self.blended(self.given.get(&Word::new(word)), frequency::given_name_rate(word))
    }

    fn family_rate(&self, word: &str) -> f64 {
        self.blended(self.family.get(&Word::new(word)), frequency::family_name_rate(word))
    }

    /// The person's own row is not counted.
    fn blended(&self, count: Option<&f64>, table: f64) -> f64 {
        let others = count.map_or(0.0, |count| count - 1.0);
        ((others + TABLE * table) / (self.persons + TABLE)).max(RAREST)
    }
}

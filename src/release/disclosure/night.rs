//! Decides which cells a run releases, from true counts and the rates published before.
//!
//! All cells of a supplier are *looked at* together, once in a number of days, and only then can a cell appear or
//! disappear. In other runs a cell stays as published, except for a count that moved by the threshold.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;

use super::count::{Released, Rule};
use super::population::{Place, Population};
use super::rates::{Figures, Rates, SupplierRates};

/// A supplier of the job, with its accounts if it is in the run.
pub struct Part<'a> {
    /// The supplier's id.
    pub supplier: &'a str,
    /// The schemes it takes part in, one bit each, by their places in [`Night::schemes`].
    pub schemes: u32,
    /// Its accounts; `None` if it is held back or was not asked for. Its cells then stay as published.
    pub places: Option<BTreeMap<Place, Population>>,
}

/// The true counts of a run, from which rates are released.
pub struct Night<'a> {
    /// The run's day, in UTC.
    pub date: Date,
    /// The ids of the job's schemes, in its order.
    pub schemes: Vec<&'a str>,
    /// The job's suppliers, in its order.
    pub parts: Vec<Part<'a>>,
}

impl Night<'_> {
    /// Decides what is released, given what is published.
    pub fn release(&self, rule: &Rule, last: &Rates) -> Rates {
        let mut all: Vec<(usize, SupplierRates)> = Vec::new();
        for part in &self.parts {
            let own = match &part.places {
                Some(places) => self.of_supplier(part, places, rule, last),
                None => self
                    .schemes_of(part)
                    .filter_map(|(at, id)| Some((at, last.of_supplier(id, part.supplier)?.clone())))
                    .collect(),
            };
            all.extend(own);
        }
        // Suppliers and schemes that left the job are not shown any more. Their last figures stay as withdrawn, so that
        // new figures are compared with them if they come back.
        let is_here = |rates: &SupplierRates| all.iter().any(|(_, own)| own.is_of(&rates.scheme, &rates.supplier));
        let gone: Vec<&SupplierRates> = last.suppliers.iter().filter(|rates| !is_here(rates)).collect();
        let nowhere = self.schemes.len();
        let place = |id: &str| self.schemes.iter().position(|scheme| *scheme == id).unwrap_or(nowhere);
        all.extend(gone.into_iter().map(|rates| (place(&rates.scheme), rates.withdrawn())));
        // The sort is stable: suppliers of a scheme stay in the job's order.
        all.sort_by(|(one, own), (other, others)| {
            let of_gone = || if *one == nowhere { own.scheme.cmp(&others.scheme) } else { Ordering::Equal };
            one.cmp(other).then_with(of_gone)
        });
        Rates { suppliers: all.into_iter().map(|(_, rates)| rates).collect() }
    }

    fn schemes_of<'p>(&'p self, part: &'p Part<'_>) -> impl Iterator<Item = (usize, &'p str)> {
        self.schemes.iter().copied().enumerate().filter(|(scheme, _)| part.schemes >> scheme & 1 == 1)
    }

    fn of_supplier(
        &self,
        part: &Part<'_>,
        places: &BTreeMap<Place, Population>,
        rule: &Rule,
        last: &Rates,
    ) -> Vec<(usize, SupplierRates)> {
        let published: Vec<(usize, &str, Option<&SupplierRates>)> =
            self.schemes_of(part).map(|(at, id)| (at, id, last.of_supplier(id, part.supplier))).collect();
        let is_due = |rates: Option<&SupplierRates>| rates.is_none_or(|rates| self.is_due(rates.looked_at, rule));
        let due = published.iter().any(|(_, _, rates)| is_due(*rates));
        let mut own: Vec<(usize, SupplierRates)> = published
            .iter()
            .map(|(at, id, rates)| {
                let (scheme, supplier) = ((*id).to_owned(), part.supplier.to_owned());
                let looked_at = rates.filter(|_| !due).map_or(self.date, |rates| rates.looked_at);
                (*at, SupplierRates { scheme, supplier, looked_at, cells: BTreeMap::new(), withdrawn: BTreeMap::new() })
            })
            .collect();
        let mut all: Vec<Place> = places.keys().copied().collect();
        let before = || published.iter().filter_map(|(_, _, rates)| *rates);
        all.extend(before().flat_map(|rates| rates.cells.keys().chain(rates.withdrawn.keys()).copied()));
        all.sort_unstable();
        all.dedup();
        let nobody = Population::default();
        for place in all {
            let cell = Cell { population: places.get(&place).unwrap_or(&nobody), rule, date: self.date };
            let before: Vec<Before> = published
                .iter()
                .map(|(scheme, _, rates)| Before {
                    scheme: *scheme,
                    last: rates.and_then(|rates| rates.last(&place)),
                    is_shown: rates.is_some_and(|rates| rates.cells.contains_key(&place)),
                })
                .collect();
            let now = if due { cell.look(&before) } else { cell.keep(&before) };
            for (((_, rates), before), figures) in own.iter_mut().zip(before).zip(now) {
                match figures {
                    Some(figures) => rates.cells.extend([(place, figures)]),
                    None => rates.withdrawn.extend(before.last.map(|last| (place, last))),
                }
            }
        }
        own
    }

    fn is_due(&self, looked_at: Date, rule: &Rule) -> bool {
        let days = self.date.duration_since(looked_at).as_hours() / 24;
        days >= i64::from(rule.days())
    }
}

/// The published figures of a cell in one scheme.
struct Before {
    scheme: usize,
    last: Option<Figures>,
    /// The last figures are shown, and not withdrawn.
    is_shown: bool,
}

/// One place of one supplier, in all schemes.
struct Cell<'a> {
    population: &'a Population,
    rule: &'a Rule,
    date: Date,
}

impl Cell<'_> {
    /// Decides anew, scheme by scheme, what is released.
    fn look(&self, before: &[Before]) -> Vec<Option<Figures>> {
        let mut released: Vec<usize> = Vec::new();
        let decided = before.iter().map(|Before { scheme, last, .. }| {
            let (flagged, unflagged) = self.counts(*scheme)?;
            if !released.iter().all(|other| self.are_apart(*scheme, *other)) {
                return None;
            }
            released.push(*scheme);
            let stay = |last: Option<Released>, now| last.filter(|last| !self.rule.moved(*last, now)).unwrap_or(now);
            Some(Figures {
                flagged: stay(last.map(|last| last.flagged), flagged),
                unflagged: stay(last.map(|last| last.unflagged), unflagged),
                as_of: self.date,
            })
        });
        decided.collect()
    }

    /// Keeps the cell as published, except for counts that moved by the threshold and may be shown.
    fn keep(&self, before: &[Before]) -> Vec<Option<Figures>> {
        let shown = || before.iter().filter(|cell| cell.is_shown).map(|cell| cell.scheme);
        let kept = before.iter().map(|Before { scheme, last, is_shown }| {
            let last = last.filter(|_| *is_shown)?;
            let Some((flagged, unflagged)) = self.counts(*scheme) else { return Some(last) };
            let alone = shown().filter(|other| other != scheme).all(|other| self.are_apart(*scheme, other));
            let moved = [self.rule.moved(last.flagged, flagged), self.rule.moved(last.unflagged, unflagged)];
            if !alone || moved == [false, false] {
                return Some(last);
            }
            Some(Figures {
                flagged: if moved[0] { flagged } else { last.flagged },
                unflagged: if moved[1] { unflagged } else { last.unflagged },
                as_of: self.date,
            })
        });
        kept.collect()
    }

    /// Both counts, if both may be shown: with the cell's total, one count reveals the other.
    fn counts(&self, scheme: usize) -> Option<(Released, Released)> {
        let flagged = self.rule.release(self.population.flagged(scheme))?;
        let unflagged = self.rule.release(self.population.unflagged(scheme))?;
        Some((flagged, unflagged))
    }

    /// Whether two schemes may both be shown. If one's flags include the other's, the difference of their counts is a
    /// count of accounts too.
    fn are_apart(&self, one: usize, other: usize) -> bool {
        self.population.apart(one, other) >= self.rule.threshold()
    }
}

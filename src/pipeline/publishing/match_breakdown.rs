//! Breaks down how tonight's accounts were found: by match key, match weight and reason.
//!
//! It counts only accounts in cells that the rates release, and passes all counts through disclosure control.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::matching::KeyKind;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::AccountVerdict;
use crate::pipeline::publishing::score_bands;
use crate::release::disclosure::{
    Among, DetailBreakdown, Details, Figures, Place, Rates, Rule, Split, SupplierDetails,
};
use crate::scheme::Reason;

/// The published rates and tonight's. If a supplier's `looked_at` differs between them, its details are counted
/// anew.
pub(crate) struct Looks<'a> {
    pub(crate) published: &'a Rates,
    pub(crate) tonight: &'a Rates,
}

/// The details that may be published, given those that are published already.
pub(crate) fn release(matched: &Matched<'_>, looks: &Looks<'_>, told: &Details, day: Date) -> Details {
    let job = matched.job;
    let rule = Rule::new(job.disclosure.threshold, job.disclosure.days);
    let mut suppliers = Vec::new();
    let mut is_look = false;
    for supplier in job.current_suppliers() {
        let in_run = matched.suppliers.iter().find(|own| own.supplier.id == supplier.id && !own.is_held());
        let mut looked = None;
        for (place, scheme) in job.schemes.iter().enumerate() {
            let Some(tonight) = looks.tonight.of_supplier(&scheme.id, &supplier.id) else { continue };
            let before = looks.published.of_supplier(&scheme.id, &supplier.id);
            match in_run.filter(|_| before.is_none_or(|before| before.looked_at != tonight.looked_at)) {
                Some(own) => {
                    looked = Some(own);
                    let counts = Counts::new(own, place, &tonight.cells);
                    suppliers.push(SupplierDetails::look(tonight, &rule, &counts.splits()));
                }
                None => suppliers.extend(told.of_supplier(&scheme.id, &supplier.id).cloned()),
            }
        }
        match looked {
            Some(own) => {
                is_look = true;
                suppliers.push(of_files(own, day, &rule));
            }
            None => suppliers.extend(told.of_supplier("", &supplier.id).cloned()),
        }
    }
    if is_look {
        suppliers.push(of_benefits(matched, day, &rule));
    } else {
        suppliers.extend(told.of_supplier("", "").cloned());
    }
    Details { suppliers }
}

fn of_benefits(matched: &Matched<'_>, day: Date, rule: &Rule) -> SupplierDetails {
    let persons = matched.shared.matcher.persons();
    let counts = [
        ("rows", persons.row_count() as u64),
        ("persons", persons.count() as u64),
        ("claims", persons.claim_count() as u64),
    ];
    SupplierDetails::of_files("", day, rule, &counts)
}

fn of_files(supplier: &SupplierMatch<'_>, day: Date, rule: &Rule) -> SupplierDetails {
    let sum = |count: fn(&InputFile) -> u64| supplier.read.files.iter().map(count).sum();
    let counts = [
        ("rows", sum(|file| file.rows)),
        ("rejected", sum(|file| file.rejected)),
        ("noted", sum(|file| file.noted)),
        ("accounts", supplier.read.accounts.count() as u64),
    ];
    SupplierDetails::of_files(&supplier.supplier.id, day, rule, &counts)
}

/// True counts of the accounts in some cells. Only disclosure control may see them.
#[derive(Default, Clone)]
struct Counts {
    flagged: u64,
    keys: [u64; KeyKind::ALL.len()],
    only_keys: [u64; KeyKind::ALL.len()],
    flagged_weights: [u64; score_bands::WEIGHTS],
    unflagged_weights: [u64; score_bands::WEIGHTS],
    reasons: BTreeMap<Reason, u64>,
}

impl Counts {
    fn new(supplier: &SupplierMatch<'_>, scheme: usize, cells: &BTreeMap<Place, Figures>) -> Counts {
        let Some(verdicts) = &supplier.verdicts[scheme] else { return Counts::default() };
        let accounts = &supplier.read.accounts;
        let is_counted = |row: &AccountVerdict| {
            let account = accounts.at(row.account as usize);
            account.is_on_supply(scheme) && cells.contains_key(&Place::from_traits(&account.traits()))
        };
        verdicts
            .of_accounts
            .par_chunks(1 << 14)
            .map(|rows| {
                let mut counts = Counts::default();
                rows.iter().filter(|row| is_counted(row)).for_each(|row| counts.add(row));
                counts
            })
            .reduce(Counts::default, Counts::and)
    }

    fn add(&mut self, row: &AccountVerdict) {
        let verdict = &row.verdict;
        let weights = if row.flag { &mut self.flagged_weights } else { &mut self.unflagged_weights };
        if verdict.levels.is_some() {
            weights[score_bands::weight(verdict.support)] += 1;
        }
        if row.flag {
            self.flagged += 1;
            for kind in KeyKind::ALL {
                self.keys[kind as usize] += u64::from(verdict.keys & kind.bit() != 0);
                self.only_keys[kind as usize] += u64::from(verdict.keys == kind.bit());
            }
        } else {
            *self.reasons.entry(verdict.reason).or_default() += 1;
        }
    }

    fn and(mut self, other: Counts) -> Counts {
        self.flagged += other.flagged;
        let add = |all: &mut [u64], own: &[u64]| all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
        add(&mut self.keys, &other.keys);
        add(&mut self.only_keys, &other.only_keys);
        add(&mut self.flagged_weights, &other.flagged_weights);
        add(&mut self.unflagged_weights, &other.unflagged_weights);
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self
    }

    /// The breakdowns, each with all parts that there could be.
    fn splits(&self) -> Vec<Split<'_>> {
        let by_key = |counts: &[u64]| KeyKind::ALL.map(|kind| (kind.name(), counts[kind as usize])).to_vec();
        let by_weight =
            |counts: &[u64]| score_bands::WEIGHT_NAMES.iter().map(String::as_str).zip(counts.iter().copied()).collect();
        let reason = |reason: &Reason| (reason.name(), self.reasons.get(reason).copied().unwrap_or(0));
        vec![
            Split {
                breakdown: DetailBreakdown::Key,
                among: Among::Flagged,
                each_of: Some((self.flagged, DetailBreakdown::NotKey)),
                is_whole: false,
                parts: by_key(&self.keys),
            },
            Split {
                breakdown: DetailBreakdown::OnlyKey,
                among: Among::Flagged,
                each_of: None,
                is_whole: false,
                parts: by_key(&self.only_keys),
            },
            Split {
                breakdown: DetailBreakdown::Weight,
                among: Among::Flagged,
                each_of: None,
                is_whole: true,
                parts: by_weight(&self.flagged_weights),
            },
            Split {
                breakdown: DetailBreakdown::Weight,
                among: Among::Unflagged,
                each_of: None,
                is_whole: false,
                parts: by_weight(&self.unflagged_weights),
            },
            Split {
                breakdown: DetailBreakdown::Reason,
                among: Among::Unflagged,
                each_of: None,
                is_whole: false,
                parts: Reason::of_unflagged().map(|one| reason(&one)).collect(),
            },
        ]
    }
}

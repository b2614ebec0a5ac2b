//! References that objections and decisions name and that nothing in the run's inputs has.
//!
//! An objection with a slip in its reference would protect nobody, and say nothing. Each such row gets a note,
//! which `rejects.csv` and the summary list by line and column. A supplier whose files were not read tells
//! nothing of its accounts: rows about them get none.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::accounts::Accounts;
use super::shared::InputFile;
use crate::intake::{Column, Fault, FaultKind, Reason};
use crate::matching::Persons;

/// A reference, and where it stands. It has no `Debug`: the reference is somebody's.
pub(super) struct Mention {
    /// The file, by its place among the shared inputs.
    file: usize,
    line: u64,
    column: Column,
    /// The supplier whose account it is; empty for persons and claims.
    supplier: String,
    reference: String,
}

/// The references of one kind of rows, in file order.
#[derive(Default)]
pub(super) struct Mentions(Vec<Mention>);

impl Mentions {
    /// Takes in what stands on a line; what is empty is not there.
    pub(super) fn push(&mut self, line: u64, column: Column, supplier: &str, reference: &str) {
        if !reference.is_empty() {
            let (supplier, reference) = (supplier.to_owned(), reference.to_owned());
            self.0.push(Mention { file: 0, line, column, supplier, reference });
        }
    }

    /// So many lines come before the first that was counted.
    pub(super) fn move_by(&mut self, lines: u64) {
        self.0.iter_mut().for_each(|mention| mention.line += lines);
    }

    /// Takes in what stands in the shared file of that place.
    pub(super) fn append(&mut self, file: usize, others: Mentions) {
        self.0.extend(others.0.into_iter().map(|mention| Mention { file, ..mention }));
    }

    /// Notes the persons and claims that the benefit records do not have.
    pub(super) fn note_unknown_persons(&self, persons: &Persons, files: &mut [InputFile]) {
        let of = |column| self.0.iter().filter(|mention| mention.column == column).collect::<Vec<_>>();
        let persons_of = |rows: Range<usize>| rows.map(|row| persons.person_ref(row as u32));
        let claims_of = |claims: Range<usize>| claims.map(|claim| persons.claim_ref(claim as u32));
        let mut unknown = unknown(&of(Column::PersonRef), persons.row_count(), persons_of);
        unknown.extend(self::unknown(&of(Column::ClaimRef), persons.claim_count(), claims_of));
        note(&unknown, files);
    }

    /// Notes the accounts that a supplier's files do not have.
    pub(super) fn note_unknown_accounts(&self, supplier: &str, accounts: &Accounts, files: &mut [InputFile]) {
        let own = |mention: &&Mention| mention.column == Column::CustomerRef && mention.supplier == supplier;
        let own: Vec<&Mention> = self.0.iter().filter(own).collect();
        let references = |some: Range<usize>| accounts.each(some).map(|account| account.reference());
        note(&unknown(&own, accounts.count(), references), files);
    }
}

/// References that one worker looks through at a time.
const AT_ONCE: usize = 1 << 16;

type Known<'a> = HashMap<String, Near<'a>, RandomState>;

/// Which known references equal one but for capitals and spaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near<'a> {
    One(&'a str),
    Several,
}

impl<'a> Near<'a> {
    fn and(self, other: Near<'a>) -> Near<'a> {
        if self == other { self } else { Near::Several }
    }
}

/// The mentions that are not among so many known references, each with whether one equals it but for
/// capitals and spaces.
fn unknown<'m, 'k, Some: Iterator<Item = &'k str>>(
    mentions: &[&'m Mention],
    count: usize,
    known: impl Fn(Range<usize>) -> Some + Sync,
) -> Vec<(&'m Mention, Reason)> {
    if mentions.is_empty() {
        return Vec::new();
    }
    let starts: Vec<usize> = (0..count).step_by(AT_ONCE).collect();
    let part = |start: usize| known(start..count.min(start + AT_ONCE));
    let wanted: HashSet<&str, RandomState> = mentions.iter().map(|mention| mention.reference.as_str()).collect();
    let hits = starts
        .par_iter()
        .map(|&start| part(start).filter(|known| wanted.contains(known)).collect::<HashSet<&str, RandomState>>());
    let found = hits.reduce(HashSet::default, |mut one, other| {
        one.extend(other);
        one
    });
    let missing: Vec<&Mention> =
        mentions.iter().copied().filter(|mention| !found.contains(mention.reference.as_str())).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let folds: HashSet<String, RandomState> = missing.iter().map(|mention| folded(&mention.reference)).collect();
    let near = starts.par_iter().map(|&start| {
        let mut near = Known::default();
        let mut fold = String::new();
        for known in part(start) {
            fold_into(known, &mut fold);
            if folds.contains(&fold) {
                take(&mut near, fold.clone(), Near::One(known));
            }
        }
        near
    });
    let near = near.reduce(Known::default, |mut one, other| {
        other.into_iter().for_each(|(fold, known)| take(&mut one, fold, known));
        one
    });
    let reason = |mention: &Mention| match near.get(&folded(&mention.reference)) {
        Some(Near::One(_)) => Reason::NearReference,
        Some(Near::Several) | None => Reason::UnknownReference,
    };
    missing.into_iter().map(|mention| (mention, reason(mention))).collect()
}

fn take<'a>(near: &mut Known<'a>, fold: String, known: Near<'a>) {
    near.entry(fold).and_modify(|own| *own = own.and(known)).or_insert(known);
}

fn folded(reference: &str) -> String {
    let mut fold = String::new();
    fold_into(reference, &mut fold);
    fold
}

/// A reference without the spaces around it, in small letters.
fn fold_into(reference: &str, fold: &mut String) {
    fold.clear();
    let trimmed = reference.trim();
    if trimmed.is_ascii() {
        fold.push_str(trimmed);
        fold.make_ascii_lowercase();
    } else {
        fold.extend(trimmed.chars().flat_map(char::to_lowercase));
    }
}

/// Adds a note to each file for each of its references that is unknown.
fn note(unknown: &[(&Mention, Reason)], files: &mut [InputFile]) {
    for (place, file) in files.iter_mut().enumerate() {
        let own: Vec<&(&Mention, Reason)> = unknown.iter().filter(|(mention, _)| mention.file == place).collect();
        if own.is_empty() {
            continue;
        }
        let mut lines: HashSet<u64> = file.faults.iter().map(|fault| fault.line).collect();
        for (mention, reason) in own {
            let Mention { line, column, .. } = **mention;
            file.noted += u64::from(lines.insert(line));
            file.faults.push(Fault { line, kind: FaultKind::Note, column: Some(column), reason: *reason });
        }
        file.faults.sort_by_key(|fault| fault.line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_is_unknown_and_one_slip_is_told() {
        let known = ["A1", "b2", "B2", " C3", "É4", "É4", "0012"];
        for (reference, expected) in [
            ("A1", None),
            ("a1", Some(Reason::NearReference)),
            ("A1 ", Some(Reason::NearReference)),
            ("\u{a0}a1", Some(Reason::NearReference)),
            ("C3", Some(Reason::NearReference)),
            ("é4", Some(Reason::NearReference)),
            // Which of two is meant nobody can tell.
            (" b2", Some(Reason::UnknownReference)),
            ("A 1", Some(Reason::UnknownReference)),
            ("12", Some(Reason::UnknownReference)),
            ("D5", Some(Reason::UnknownReference)),
        ] {
            let mut mentions = Mentions::default();
            mentions.push(2, Column::PersonRef, "", reference);
            let of = |some: Range<usize>| known[some].iter().copied();
            let found = unknown(&[&mentions.0[0]], known.len(), of);
            assert_eq!(found.first().map(|(_, reason)| *reason), expected, "{reference:?}");
        }
    }
}

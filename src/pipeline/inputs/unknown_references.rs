//! Finds references that objections and decisions name and that the run's inputs do not have.
//!
//! An objection with a slip in its reference would protect nobody, without an error. Each such row gets a note,
//! which `rejects.csv` and the summary list by line and column. If a supplier's files were not read, its
//! accounts are not known: rows about them get no note.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::intake::{Column, Fault, FaultKind, FaultReason};
use crate::matching::Persons;
use crate::pipeline::inputs::input_file::InputFile;

/// A reference, and where it was found. It has no `Debug`, since the reference is personal data.
pub(crate) struct Mention {
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
pub(crate) struct Mentions(Vec<Mention>);

impl Mentions {
    /// Adds a reference found on a line. An empty one is ignored.
    pub(crate) fn push(&mut self, line: u64, column: Column, supplier: &str, reference: &str) {
        if !reference.is_empty() {
            let (supplier, reference) = (supplier.to_owned(), reference.to_owned());
            self.0.push(Mention { file: 0, line, column, supplier, reference });
        }
    }

    /// Moves all lines by the number of lines before this chunk.
    pub(crate) fn move_by(&mut self, lines: u64) {
        self.0.iter_mut().for_each(|mention| mention.line += lines);
    }

    /// Adds the references of the shared file at this place.
    pub(crate) fn append(&mut self, file: usize, others: Mentions) {
        self.0.extend(others.0.into_iter().map(|mention| Mention { file, ..mention }));
    }

    /// Adds notes on persons and claims that the benefit records do not have.
    pub(crate) fn note_unknown_persons(&self, persons: &Persons, files: &mut [InputFile]) {
        let of = |column| self.0.iter().filter(|mention| mention.column == column).collect::<Vec<_>>();
        let persons_of = |rows: Range<usize>| rows.map(|row| persons.person_ref(row as u32));
        let claims_of = |claims: Range<usize>| claims.map(|claim| persons.claim_ref(claim as u32));
        let mut unknown = unknown(&of(Column::PersonRef), persons.row_count(), persons_of);
        unknown.extend(self::unknown(&of(Column::ClaimRef), persons.claim_count(), claims_of));
        note(&unknown, files);
    }

    /// Adds notes on accounts that a supplier's files do not have.
    pub(crate) fn note_unknown_accounts<'a, I: Iterator<Item = &'a str>>(
        &self,
        supplier: &str,
        accounts: usize,
        references: impl Fn(Range<usize>) -> I + Sync,
        files: &mut [InputFile],
    ) {
        let own = |mention: &&Mention| mention.column == Column::CustomerRef && mention.supplier == supplier;
        let own: Vec<&Mention> = self.0.iter().filter(own).collect();
        note(&unknown(&own, accounts, references), files);
    }
}

/// References that one worker searches at a time.
const AT_ONCE: usize = 1 << 16;

type Known<'a> = HashMap<String, Near<'a>, RandomState>;

/// The known references that differ from one only in capitals and the spaces around it.
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

/// The mentions that are not among the `count` known references, with the reason: whether exactly one known
/// reference differs only in capitals and the spaces around it.
fn unknown<'m, 'k, Some: Iterator<Item = &'k str>>(
    mentions: &[&'m Mention],
    count: usize,
    known: impl Fn(Range<usize>) -> Some + Sync,
) -> Vec<(&'m Mention, FaultReason)> {
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
        Some(Near::One(_)) => FaultReason::NearReference,
        Some(Near::Several) | None => FaultReason::UnknownReference,
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

/// Writes a reference in lower case, without the spaces around it.
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

/// Adds a note to the file of each unknown reference.
fn note(unknown: &[(&Mention, FaultReason)], files: &mut [InputFile]) {
    for (place, file) in files.iter_mut().enumerate() {
        let own: Vec<&(&Mention, FaultReason)> = unknown.iter().filter(|(mention, _)| mention.file == place).collect();
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
            ("a1", Some(FaultReason::NearReference)),
            ("A1 ", Some(FaultReason::NearReference)),
            ("\u{a0}a1", Some(FaultReason::NearReference)),
            ("C3", Some(FaultReason::NearReference)),
            ("é4", Some(FaultReason::NearReference)),
            // It may mean either of two references.
            (" b2", Some(FaultReason::UnknownReference)),
            ("A 1", Some(FaultReason::UnknownReference)),
            ("12", Some(FaultReason::UnknownReference)),
            ("D5", Some(FaultReason::UnknownReference)),
        ] {
            let mut mentions = Mentions::default();
            mentions.push(2, Column::PersonRef, "", reference);
            let of = |some: Range<usize>| known[some].iter().copied();
            let found = unknown(&[&mentions.0[0]], known.len(), of);
            assert_eq!(found.first().map(|(_, reason)| *reason), expected, "{reference:?}");
        }
    }
}

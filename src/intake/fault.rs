//! Describes rows and fields that could not be used, never by their content.

use std::fmt;

use super::column::Column;

/// Why a row or a field cannot be used. `Display` gives the phrase that `rejects.csv` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultReason {
    /// More or fewer fields than the header has.
    WrongNumberOfFields,
    /// A closing quote with something other than a separator or a line end behind it, or a quote that is
    /// never closed.
    BrokenQuoting,
    /// The record is longer than the limit.
    RecordTooLong,
    /// The reference that the row is about is blank or contains control characters.
    NoReference,
    /// Bytes that are not text in the encoding of the whole file.
    ForeignBytes,
    /// A value is required here and is missing.
    Missing,
    /// A date that does not exist, or that is impossible here.
    ImpossibleDate,
    /// Not a date in a supported form, or one that may mean several days.
    UnsupportedDate,
    /// More rows name this account than it can have holders.
    TooManyHolders,
    /// Not a postcode of British form.
    NotAPostcode,
    /// Not a Unique Property Reference Number.
    NotAUprn,
    /// Not a number.
    NotANumber,
    /// A placeholder for a reference, or a reference that more people share than one household has.
    Placeholder,
    /// Neither claimant nor partner.
    UnknownRole,
    /// Neither `Y` nor `N`.
    NotAFlag,
    /// A scheme that the job does not have.
    UnknownScheme,
    /// A supplier that the job does not have.
    UnknownSupplier,
    /// A reference that occurs nowhere in the run's inputs.
    UnknownReference,
    /// An unknown reference, where exactly one reference differs only in capitals or surrounding spaces.
    NearReference,
    /// Not one of the reasons for an exception.
    UnknownException,
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultReason::WrongNumberOfFields => "wrong number of fields",
            FaultReason::BrokenQuoting => "broken quoting",
            FaultReason::RecordTooLong => "record too long",
            FaultReason::NoReference => "no readable reference",
            FaultReason::ForeignBytes => "bytes that are no text in this file's encoding",
            FaultReason::Missing => "value missing",
            FaultReason::ImpossibleDate => "impossible date",
            FaultReason::UnsupportedDate => "unsupported form of date",
            FaultReason::TooManyHolders => "more holders than an account can have",
            FaultReason::NotAPostcode => "not a British postcode",
            FaultReason::NotAUprn => "not a UPRN",
            FaultReason::NotANumber => "not a number",
            FaultReason::Placeholder => "a placeholder, which identifies nobody",
            FaultReason::UnknownRole => "neither claimant nor partner",
            FaultReason::NotAFlag => "neither Y nor N",
            FaultReason::UnknownScheme => "unknown scheme",
            FaultReason::UnknownSupplier => "unknown supplier",
            FaultReason::UnknownReference => "no such reference in this run's files",
            FaultReason::NearReference => {
                "no such reference in this run's files; one differs only in capitals or spaces"
            }
            FaultReason::UnknownException => "unknown reason of an exception",
        })
    }
}

/// What a fault costs the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The row is not used.
    Reject,
    /// A field is treated as absent; the row is used.
    Note,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultKind::Reject => "reject",
            FaultKind::Note => "note",
        })
    }
}

/// One fault of one row. A file can have millions, so it is small: the file's name is stored once, in
/// [`FileRead`](super::FileRead).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The physical line on which the record starts, in the decompressed file; the first line is 1.
    pub line: u64,
    /// Whether the row or only a field is lost.
    pub kind: FaultKind,
    /// The column, if one is to blame.
    pub column: Option<Column>,
    /// What is wrong.
    pub reason: FaultReason,
}

/// Collects what a consumer says is wrong with the row it was just given.
///
/// A rejected row counts once, for the first reason given. Its notes are dropped, because the row is not
/// used.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    row_begin: usize,
    rejected: u64,
    noted: u64,
}

impl Faults {
    /// Rejects the present row.
    pub fn reject(&mut self, reason: FaultReason) {
        self.push(FaultKind::Reject, None, reason);
    }

    /// Notes a field of the present row that cannot be used and is treated as absent.
    pub fn note(&mut self, column: Column, reason: FaultReason) {
        self.push(FaultKind::Note, Some(column), reason);
    }

    fn push(&mut self, kind: FaultKind, column: Option<Column>, reason: FaultReason) {
        self.found.push(Fault { line: 0, kind, column, reason });
    }

    /// Whether anything was said about the present row.
    pub(super) fn has_any_in_row(&self) -> bool {
        self.found.len() > self.row_begin
    }

    /// Closes the present row, which starts on `line` and stands for `rows` rows in the counts.
    pub(super) fn end_row(&mut self, line: u64, rows: u64) {
        let of_row = &mut self.found[self.row_begin..];
        if let Some(first) = of_row.iter().position(|fault| fault.kind == FaultKind::Reject) {
            of_row[0] = of_row[first];
            self.found.truncate(self.row_begin + 1);
            self.rejected += rows;
        } else if self.has_any_in_row() {
            self.noted += rows;
        }
        for fault in &mut self.found[self.row_begin..] {
            fault.line = line;
        }
        self.row_begin = self.found.len();
    }

    /// Gives back the capacity that is not used.
    pub(super) fn shrink(&mut self) {
        self.found.shrink_to_fit();
    }

    /// How many rejects and notes there are.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Rows rejected so far.
    pub(super) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Rows with a note so far.
    pub(super) fn noted(&self) -> u64 {
        self.noted
    }

    /// All faults, with `lines` added to each line number.
    pub(super) fn moved_by(self, lines: u64) -> impl Iterator<Item = Fault> {
        self.found.into_iter().map(move |fault| Fault { line: fault.line + lines, ..fault })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_row_counts_once_and_drops_its_notes() {
        let mut faults = Faults::default();
        faults.note(Column::Uprn, FaultReason::NotAUprn);
        faults.note(Column::Postcode, FaultReason::NotAPostcode);
        faults.end_row(1, 1);
        faults.note(Column::Uprn, FaultReason::NotAUprn);
        faults.reject(FaultReason::NoReference);
        faults.reject(FaultReason::Missing);
        faults.end_row(2, 1);
        faults.end_row(3, 1);
        assert_eq!((faults.noted(), faults.rejected()), (1, 1));
        let listed: Vec<_> = faults.moved_by(10).map(|fault| (fault.line, fault.kind, fault.reason)).collect();
        assert_eq!(
            listed,
            [
                (11, FaultKind::Note, FaultReason::NotAUprn),
                (11, FaultKind::Note, FaultReason::NotAPostcode),
                (12, FaultKind::Reject, FaultReason::NoReference),
            ]
        );
    }
}

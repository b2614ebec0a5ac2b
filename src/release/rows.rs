//! The rows of tables other than flags: in go typed rows, out come CSV files with their exact headers.

use std::fs::File;
use std::io::BufReader;
use std::marker::PhantomData;
use std::path::Path;

use jiff::civil::Date;

use super::encode;
use super::error::ReleaseError;
use super::flags::Flag;
use super::rebates::{Rebate, RebateNames};
use super::staged_file::StagedFile;
use crate::text::marked;

/// A kind of CSV file that a run writes.
pub trait Table {
    /// One row of it.
    type Row<'a>;
    /// The file's name.
    const FILE: &'static str;
    /// The names of its columns.
    const HEADER: &'static [&'static str];
    /// Hands the row's fields to `write`, in the header's order.
    fn fields(row: &Self::Row<'_>, write: impl FnOnce(&[&str]));
}

/// Rows of a table, made apart from its file, so that several threads can make them at once.
pub struct Block<T> {
    bytes: Vec<u8>,
    table: PhantomData<T>,
}

impl<T> Default for Block<T> {
    fn default() -> Block<T> {
        Block { bytes: Vec::new(), table: PhantomData }
    }
}

impl<T: Table> Block<T> {
    /// Appends a row.
    pub fn push(&mut self, row: &T::Row<'_>) {
        T::fields(row, |fields| {
            debug_assert_eq!(fields.len(), T::HEADER.len(), "{}", T::FILE);
            encode::row(fields.iter().copied(), &mut self.bytes);
        });
    }
}

/// The file of a table.
pub struct RowFile<T> {
    file: StagedFile,
    row: Block<T>,
}

impl<T: Table> RowFile<T> {
    pub(super) fn begin(file: StagedFile) -> Result<RowFile<T>, ReleaseError> {
        let mut begun = RowFile { file, row: Block::default() };
        encode::row(T::HEADER.iter().copied(), &mut begun.row.bytes);
        begun.file.append(&begun.row.bytes)?;
        Ok(begun)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written.
    pub fn write(&mut self, row: &T::Row<'_>) -> Result<(), ReleaseError> {
        self.row.bytes.clear();
        self.row.push(row);
        self.file.append(&self.row.bytes)
    }

    /// Writes the rows of a block.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written.
    pub fn append(&mut self, block: &Block<T>) -> Result<(), ReleaseError> {
        self.file.append(&block.bytes)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the last rows cannot be written.
    pub fn finish(self) -> Result<(), ReleaseError> {
        self.file.finish()
    }
}

/// Reads a table that flagmatch wrote, row by row; `header` is what its first line has to be.
pub(super) fn read_rows(
    path: &Path,
    header: &[&str],
    mut take: impl FnMut(&csv::StringRecord) -> Result<(), ReleaseError>,
) -> Result<(), ReleaseError> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| damaged(path, error))?;
    let found = reader.headers().map_err(|error| damaged(path, error))?;
    if !found.iter().eq(header.iter().copied()) {
        return Err(ReleaseError::Damaged { path: path.to_owned(), line: 1, reason: "not the header of this table" });
    }
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| damaged(path, error))? {
        take(&row)?;
    }
    Ok(())
}

/// The table, which flagmatch wrote, has a column of that name.
pub(super) fn has_column(path: &Path, column: &str) -> Result<bool, ReleaseError> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| damaged(path, error))?;
    Ok(reader.headers().map_err(|error| damaged(path, error))?.iter().any(|heading| heading == column))
}

/// Reads columns of a table that flagmatch wrote, by their names. Those after the first `required` are empty
/// where the table, written by an older version, does not have them.
pub(super) fn read_columns<const N: usize>(
    path: &Path,
    columns: [&str; N],
    required: usize,
    mut take: impl FnMut([&str; N], u64) -> Result<(), ReleaseError>,
) -> Result<(), ReleaseError> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| damaged(path, error))?;
    let header = reader.headers().map_err(|error| damaged(path, error))?;
    let places = columns.map(|column| header.iter().position(|heading| heading == column));
    if places[..required].iter().any(Option::is_none) {
        return Err(ReleaseError::Damaged { path: path.to_owned(), line: 1, reason: "not the header of this table" });
    }
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| damaged(path, error))? {
        let line = row.position().map_or(1, csv::Position::line);
        take(places.map(|place| place.and_then(|place| row.get(place)).unwrap_or_default()), line)?;
    }
    Ok(())
}

/// The csv crate's error without what it quotes.
fn damaged(path: &Path, error: csv::Error) -> ReleaseError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => ReleaseError::io("read this file", path)(source),
        _ => ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" },
    }
}

/// `administrator/decisions.csv`: each account with a candidate or a human decision.
pub enum Decisions {}

/// Why one account has its flag, for the administrator's audit alone. Empty text stands for nothing.
pub struct DecisionRow<'a> {
    /// The supplier's id.
    pub supplier: &'a str,
    /// The account.
    pub customer_ref: &'a str,
    /// The scheme's id.
    pub scheme: &'a str,
    /// What the supplier is told.
    pub flag: Flag,
    /// Which rule decided.
    pub reason: &'a str,
    /// The group through which the person is eligible.
    pub group: &'a str,
    /// The claim that the flag rests on.
    pub claim_ref: &'a str,
    /// The match keys that met.
    pub keys: &'a str,
    /// How far each field agreed.
    pub levels: &'a str,
    /// The band that the posterior lies in.
    pub posterior_band: &'a str,
    /// The band of the lead over the next candidate.
    pub lead_band: &'a str,
    /// The moment of the last decision on the account; empty where there is none.
    pub decided_on: &'a str,
    /// The claim that the decision is bound to.
    pub decided_claim_ref: &'a str,
    /// The levels on the night that first applied it.
    pub decided_levels: &'a str,
}

impl Table for Decisions {
    type Row<'a> = DecisionRow<'a>;
    const FILE: &'static str = "decisions.csv";
    const HEADER: &'static [&'static str] = &[
        "supplier",
        "customer_ref",
        "scheme",
        "flag",
        "reason",
        "group",
        "claim_ref",
        "keys",
        "levels",
        "posterior_band",
        "lead_band",
        "decided_on",
        "decided_claim_ref",
        "decided_levels",
    ];

    fn fields(row: &DecisionRow<'_>, write: impl FnOnce(&[&str])) {
        write(&[
            row.supplier,
            row.customer_ref,
            row.scheme,
            row.flag.as_str(),
            row.reason,
            row.group,
            row.claim_ref,
            row.keys,
            row.levels,
            row.posterior_band,
            row.lead_band,
            row.decided_on,
            row.decided_claim_ref,
            row.decided_levels,
        ]);
    }
}

/// `administrator/review.csv`: a row for each candidate of an account that a person has to decide. People
/// open it, so references are marked that a spreadsheet would take for a formula.
pub enum Review {}

/// One candidate of an account in review. Empty text stands for nothing.
pub struct ReviewRow<'a> {
    /// The supplier's id.
    pub supplier: &'a str,
    /// The account.
    pub customer_ref: &'a str,
    /// The scheme's id.
    pub scheme: &'a str,
    /// Why a person has to decide.
    pub reason: &'a str,
    /// The candidate's claim.
    pub claim_ref: &'a str,
    /// The candidate.
    pub person_ref: &'a str,
    /// The band that the candidate's posterior lies in.
    pub posterior_band: &'a str,
}

impl Table for Review {
    type Row<'a> = ReviewRow<'a>;
    const FILE: &'static str = "review.csv";
    const HEADER: &'static [&'static str] =
        &["supplier", "customer_ref", "scheme", "reason", "claim_ref", "person_ref", "posterior_band"];

    fn fields(row: &ReviewRow<'_>, write: impl FnOnce(&[&str])) {
        let [customer_ref, claim_ref, person_ref] = [row.customer_ref, row.claim_ref, row.person_ref].map(marked);
        write(&[row.supplier, &customer_ref, row.scheme, row.reason, &claim_ref, &person_ref, row.posterior_band]);
    }
}

/// `administrator/claims.csv`: what became of each claim, and where each rebate is.
pub enum Claims {}

/// What became of one claim in one scheme. Empty text stands for nothing.
pub struct ClaimRow<'a> {
    /// The claim.
    pub claim_ref: &'a str,
    /// The scheme's id.
    pub scheme: &'a str,
    /// The claim that names the household.
    pub household: &'a str,
    /// What became of it.
    pub outcome: Outcome,
    /// The rebate that rests on it, where there is one.
    pub rebate: Option<&'a Rebate>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its flag went out as `Y`.
    Matched,
    /// It is matched, and the supplier is held back.
    MatchedPending,
    /// No account was found.
    Unmatched,
    /// A person has to decide.
    Review,
    /// There were no rebates left.
    Limit,
    /// Its accounts are not on supply on the qualifying date.
    NotInPlay,
    /// Somebody objected.
    Objected,
    /// Its rebate was released on an account that has no `Y` any more, and is not free.
    Reserved,
}

impl Outcome {
    /// All outcomes.
    const ALL: [Outcome; 8] = [
        Outcome::Matched,
        Outcome::MatchedPending,
        Outcome::Unmatched,
        Outcome::Review,
        Outcome::Limit,
        Outcome::NotInPlay,
        Outcome::Objected,
        Outcome::Reserved,
    ];

    /// The outcome that `claims.csv` names so.
    pub(super) fn named(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// The outcome as `claims.csv` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Matched => "M",
            Outcome::MatchedPending => "M-pending",
            Outcome::Unmatched => "U",
            Outcome::Review => "review",
            Outcome::Limit => "limit",
            Outcome::NotInPlay => "not-in-play",
            Outcome::Objected => "objected",
            Outcome::Reserved => "reserved",
        }
    }
}

impl Table for Claims {
    type Row<'a> = ClaimRow<'a>;
    const FILE: &'static str = "claims.csv";
    const HEADER: &'static [&'static str] = &[
        "claim_ref",
        "scheme",
        "household",
        "outcome",
        "supplier",
        "customer_ref",
        "person_ref",
        "rebate",
        "released_on",
        "gone_since",
    ];

    fn fields(row: &ClaimRow<'_>, write: impl FnOnce(&[&str])) {
        let ClaimRow { claim_ref, scheme, household, outcome, rebate } = *row;
        let Some(rebate) = rebate else {
            write(&[claim_ref, scheme, household, outcome.as_str(), "", "", "", "", "", ""]);
            return;
        };
        let RebateNames { supplier, customer_ref, person_ref, .. } = rebate.names();
        let Rebate { state, released_on, gone_since, .. } = rebate;
        let day = |day: &Option<Date>| day.map_or(String::new(), |day| day.to_string());
        write(&[
            claim_ref,
            scheme,
            household,
            outcome.as_str(),
            supplier,
            customer_ref,
            person_ref,
            state.name(),
            &day(released_on),
            &day(gone_since),
        ]);
    }
}

/// `rejects.csv`: rows that could not be read, or not in full.
pub enum Rejects {}

/// A row that could not be read, or not in full. Neither column nor reason may hold a field's value.
pub struct Reject<'a> {
    /// The file's base name.
    pub file: &'a str,
    /// The line on which the record starts, from 1.
    pub line: u64,
    /// How bad it is.
    pub kind: RejectKind,
    /// The column it is about; empty for the whole row.
    pub column: &'a str,
    /// What is wrong.
    pub reason: &'a str,
}

/// What became of a row that could not be read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectKind {
    /// The row is left out.
    Reject,
    /// One field of it is treated as absent.
    Note,
}

impl Table for Rejects {
    type Row<'a> = Reject<'a>;
    const FILE: &'static str = "rejects.csv";
    const HEADER: &'static [&'static str] = &["file", "line", "kind", "column", "reason"];

    fn fields(row: &Reject<'_>, write: impl FnOnce(&[&str])) {
        let kind = match row.kind {
            RejectKind::Reject => "reject",
            RejectKind::Note => "note",
        };
        write(&[row.file, &row.line.to_string(), kind, row.column, row.reason]);
    }
}

/// Hands over the rows of a table that flagmatch wrote, if it has this header.
pub(super) fn read_table(
    path: &Path,
    header: &[&str],
    mut take: impl FnMut(&csv::StringRecord),
) -> Result<(), ReleaseError> {
    let damaged = |line| ReleaseError::Damaged { path: path.to_owned(), line, reason: "not a row of this table" };
    let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 18, file));
    if !reader.headers().map_err(|_| damaged(1))?.iter().eq(header.iter().copied()) {
        return Err(damaged(1));
    }
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => take(&row),
            Ok(false) => return Ok(()),
            Err(error) => return Err(damaged(error.position().map_or(1, csv::Position::line))),
        }
    }
}

//! Groups a supplier's rows into accounts: rows with the same reference name holders of one account.
//!
//! A reference that more rows name than an account has holders is no real account (`0`, `N/A`, a broken
//! reference column). It keeps its place and its `N`, and all its holders are dropped: if some were kept, the
//! flag would depend on the order of rows.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::matching::{Candidate, Holder};
use crate::memory;
use crate::pipeline::accounts::account_index::{AccountIndex, RowId};
use crate::pipeline::accounts::customer_chunk::{CustomerChunk, CustomerRow};
use crate::pipeline::accounts::row_fingerprint::mark_of_rows;
use crate::pipeline::accounts::traits::{PackedTraits, Traits};

/// The accounts of a supplier, in the order in which each first appears.
pub(crate) struct Accounts {
    parts: Vec<CustomerChunk>,
    first: AccountIndex,
    further: HashMap<u32, Vec<RowId>, RandomState>,
    /// The accounts in `further`, one bit each: few are, and every account is looked up several times.
    has_further: Vec<u64>,
    exact_repeats: u64,
    /// References that more rows name than an account has holders.
    crowded: HashSet<String>,
}

/// The most rows of one reference, without exact repeats, that count as holders of one account. The largest
/// shared houses have a dozen holders (a choice, with room).
pub(crate) const MOST_ROWS: usize = 50;

/// Accounts that one worker looks at at a time.
pub(crate) const ACCOUNTS_A_CHUNK: usize = 1 << 14;

/// What a scheme sees of an account: whether it is on supply, and whether it has candidates.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AccountPresence {
    /// A holder is on supply.
    pub(crate) on_supply: bool,
    /// A holder on supply has a candidate, whether kept or dropped.
    pub(crate) found: bool,
    /// Candidates of a holder on supply were left out.
    pub(crate) cut_off: bool,
}

/// The rows whose references may be repeated, with the references' hashes, ordered by hash and then by row. Nearly every
/// reference occurs once. So only hashes are sorted that share a bit with another, which few do by chance.
fn perhaps_repeated(parts: &mut [CustomerChunk]) -> Vec<(u64, RowId)> {
    const BITS_A_ROW: usize = 8;
    let rows: usize = parts.iter().map(|part| part.rows.len()).sum();
    let words = (rows * BITS_A_ROW).next_power_of_two().max(128) / 64;
    let mut met = memory::zeroed::<[u64; 2]>(words);
    let bit_of = |hash: u64| ((hash >> 6) as usize % words, 1 << (hash % 64));
    for hash in parts.iter().flat_map(|part| &part.reference_hashes) {
        let (word, bit) = bit_of(*hash);
        let [once, again] = &mut met[word];
        *again |= *once & bit;
        *once |= bit;
    }
    let mut ordered: Vec<(u64, RowId)> = Vec::new();
    for (number, part) in (0..).zip(parts) {
        let hashes = std::mem::take(&mut part.reference_hashes).into_iter().zip(0..);
        let met_again = hashes.filter(|(hash, _)| {
            let (word, bit) = bit_of(*hash);
            met[word][1] & bit != 0
        });
        ordered.extend(met_again.map(|(hash, row)| (hash, RowId { part: number, row })));
    }
    ordered.par_sort_unstable();
    ordered
}

fn reference(parts: &[CustomerChunk], id: RowId) -> &str {
    parts[id.part as usize].references.get(id.row as usize)
}

/// Rows that share a reference with an earlier row.
#[derive(Default)]
struct Repeats {
    /// By the reference's first row, its further rows that are holders too.
    of_first: HashMap<RowId, Vec<RowId>>,
    /// All rows that are not the first of their reference.
    later: Vec<RowId>,
    /// References that are in more than one file.
    across_files: u64,
    /// Rows that repeat another exactly.
    exact: u64,
    /// The rows of references that too many rows name.
    crowded: Vec<Vec<RowId>>,
}

/// Rows in order, without exact repeats of earlier rows.
fn distinct(rows: impl Iterator<Item = RowId>, mut fingerprint: impl FnMut(RowId) -> u64) -> Vec<RowId> {
    let mut all: Vec<(u64, RowId)> = rows.map(|id| (fingerprint(id), id)).collect();
    all.sort_unstable();
    all.dedup_by_key(|(fingerprint, _)| *fingerprint);
    let mut rows: Vec<RowId> = all.into_iter().map(|(_, id)| id).collect();
    rows.sort_unstable();
    rows
}

impl Repeats {
    /// Takes the rows of one reference, in order.
    fn take(&mut self, same: &[(u64, RowId)], parts: &[CustomerChunk], file_of: &[u32]) {
        let file = |id: RowId| file_of[id.part as usize];
        let fingerprint = |id: RowId| parts[id.part as usize].fingerprints[id.row as usize];
        let Some(((_, first), others)) = same.split_first() else { return };
        self.across_files += u64::from(others.iter().any(|(_, id)| file(*id) != file(*first)));
        self.later.extend(others.iter().map(|(_, id)| *id));
        let mut kept = distinct(same.iter().map(|(_, id)| *id), fingerprint);
        self.exact += (same.len() - kept.len()) as u64;
        if kept.len() > MOST_ROWS {
            self.crowded.push(same.iter().map(|(_, id)| *id).collect());
        } else if kept.len() > 1 {
            self.of_first.insert(*first, kept.split_off(1));
        }
    }
}

/// The same reference is in two files of a supplier without `parts = true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RepeatedAcrossFiles {
    /// How many references.
    pub(crate) references: u64,
}

/// Drops the holders of references that too many rows name. Keeps the first row of each, and returns the
/// references. The row's supply, fingerprint and score do not depend on the order of rows.
fn forget_holders(parts: &mut [CustomerChunk], crowded: &[Vec<RowId>]) -> HashSet<String> {
    let mut references = HashSet::new();
    let mut forgotten: Vec<RowId> = Vec::new();
    for rows in crowded {
        let Some(first) = rows.first() else { continue };
        let row = |id: &RowId| parts[id.part as usize].rows[id.row as usize];
        let on_supply = rows.iter().fold(0, |set, id| set | row(id).on_supply);
        let mark = mark_of_rows(rows.iter().map(|id| row(id).mark));
        let scores = rows.iter().filter_map(|id| parts[id.part as usize].energy_score(id.row as usize));
        let score = scores.reduce(f32::max);
        references.insert(reference(parts, *first).to_owned());
        parts[first.part as usize].rows[first.row as usize] = CustomerRow { mark, ..CustomerRow::on_supply(on_supply) };
        parts[first.part as usize].set_energy_score(first.row, score);
        forgotten.extend(rows);
    }
    forget_candidates_of(parts, forgotten);
    references
}

/// Drops the candidates of some rows.
fn forget_candidates_of(parts: &mut [CustomerChunk], mut rows: Vec<RowId>) {
    rows.sort_unstable();
    for of_part in rows.chunk_by(|one, other| one.part == other.part) {
        let rows: Vec<u32> = of_part.iter().map(|id| id.row).collect();
        parts[of_part[0].part as usize].forget_candidates_of(&rows);
    }
}

/// Adds a note to the rows of references that more rows name than an account has holders.
pub(crate) struct CrowdFinder<'a> {
    crowded: &'a HashSet<String>,
}

impl Consumer for CrowdFinder<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        if row.reference(Column::CustomerRef).is_some_and(|reference| self.crowded.contains(reference)) {
            faults.note(Column::CustomerRef, FaultReason::TooManyHolders);
        }
    }
}

impl Accounts {
    /// Gathers the rows of a supplier's files, each file's chunks in order.
    pub(crate) fn gather(files: Vec<Vec<CustomerChunk>>, may_be_spread: bool) -> Result<Accounts, RepeatedAcrossFiles> {
        let mut file_of: Vec<u32> = Vec::new();
        let mut parts = Vec::new();
        for (file, own) in (0..).zip(files) {
            file_of.extend(std::iter::repeat_n(file, own.len()));
            parts.extend(own);
        }
        let mut repeats = Repeats::default();
        let mut ordered = perhaps_repeated(&mut parts);
        for alike in ordered.chunk_by_mut(|one, other| one.0 == other.0).filter(|alike| alike.len() > 1) {
            // Equal hashes are almost always equal references; comparing the references makes sure.
            alike.sort_by_key(|(_, id)| (reference(&parts, *id), *id));
            for same in alike.chunk_by(|one, other| reference(&parts, one.1) == reference(&parts, other.1)) {
                repeats.take(same, &parts, &file_of);
            }
        }
        drop(ordered);
        if repeats.across_files > 0 && !may_be_spread {
            return Err(RepeatedAcrossFiles { references: repeats.across_files });
        }
        let Repeats { of_first, later, exact, crowded, .. } = repeats;
        let crowded = forget_holders(&mut parts, &crowded);
        parts.iter_mut().for_each(|part| part.fingerprints = Vec::new());
        let first = AccountIndex::new(parts.iter().map(|part| part.rows.len() as u32), later);
        let further: HashMap<u32, Vec<RowId>, RandomState> =
            of_first.into_iter().map(|(id, others)| (first.account_of(id), others)).collect();
        let mut has_further = vec![0; first.count().div_ceil(64)];
        further.keys().for_each(|account| has_further[*account as usize / 64] |= 1 << (account % 64));
        Ok(Accounts { parts, first, further, has_further, exact_repeats: exact, crowded })
    }

    /// How many accounts there are.
    pub(crate) fn count(&self) -> usize {
        self.first.count()
    }

    /// Rows that were dropped, since they repeat another row of their account exactly.
    pub(crate) fn exact_repeats(&self) -> u64 {
        self.exact_repeats
    }

    /// Finds the rows of references that more rows name than an account has holders. `None` if there is no such
    /// reference.
    pub(crate) fn crowd_finder<'a>(&'a self) -> Option<impl Fn() -> CrowdFinder<'a> + 'a> {
        let crowded = &self.crowded;
        (!crowded.is_empty()).then_some(move || CrowdFinder { crowded })
    }

    /// The supplier's reference of an account.
    pub(crate) fn reference(&self, account: usize) -> &str {
        self.at(account).reference()
    }

    /// One account.
    pub(crate) fn at(&self, number: usize) -> Account<'_> {
        Account { accounts: self, number: number as u32, first: self.first.row_of(number) }
    }

    /// Consecutive accounts.
    pub(crate) fn each(&self, some: Range<usize>) -> impl Iterator<Item = Account<'_>> {
        let start = some.start;
        let rows = self.first.rows_of(some).enumerate();
        rows.map(move |(place, first)| Account { accounts: self, number: (start + place) as u32, first })
    }

    /// Some accounts, which come in order.
    pub(crate) fn those(&self, numbers: impl Iterator<Item = u32> + Clone) -> impl Iterator<Item = Account<'_>> {
        let rows = self.first.rows_of_some(numbers.clone());
        numbers.zip(rows).map(|(number, first)| Account { accounts: self, number, first })
    }

    /// Ranges of accounts, to be looked at in parallel.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let count = self.count();
        (0..count).step_by(ACCOUNTS_A_CHUNK).map(move |start| start..count.min(start + ACCOUNTS_A_CHUNK))
    }

    /// Drops all candidates.
    pub(crate) fn forget_candidates(&mut self) {
        self.parts.iter_mut().for_each(CustomerChunk::forget_candidates);
    }

    /// The parts of files, to be changed, with the index of accounts and a bit for each account that has further rows.
    pub(super) fn parts_to_change(&mut self) -> (&mut [CustomerChunk], &AccountIndex, &[u64]) {
        (&mut self.parts, &self.first, &self.has_further)
    }

    /// The accounts of several rows.
    pub(super) fn of_several_rows(&self) -> impl ParallelIterator<Item = u32> {
        self.further.par_iter().map(|(account, _)| *account)
    }

    /// The candidates of each holder who has any, in any scheme.
    pub(crate) fn all_holders(&self) -> impl Iterator<Item = &[Candidate]> {
        self.parts
            .iter()
            .flat_map(CustomerChunk::all_candidates)
            .flat_map(|candidates| candidates.chunk_by(|one, other| one.holder == other.holder))
    }

    fn row(&self, id: RowId) -> &CustomerRow {
        &self.parts[id.part as usize].rows[id.row as usize]
    }
}

/// Whether the bit of that number is set.
pub(super) fn has_bit(words: &[u64], number: u32) -> bool {
    words[number as usize / 64] >> (number % 64) & 1 == 1
}

/// One account.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    accounts: &'a Accounts,
    number: u32,
    first: RowId,
}

impl<'a> Account<'a> {
    /// The supplier's reference.
    pub(crate) fn reference(self) -> &'a str {
        reference(&self.accounts.parts, self.first)
    }

    /// Its traits, by its first row.
    pub(crate) fn traits(self) -> Traits {
        self.packed_traits().unpacked()
    }

    /// The same, as they are stored.
    pub(crate) fn packed_traits(self) -> PackedTraits {
        self.accounts.row(self.first).traits
    }

    /// Its edit fingerprint; 0 for none.
    pub(crate) fn mark(self) -> u8 {
        mark_of_rows(self.rows().map(|(_, row)| row.mark))
    }

    /// The schemes in which a holder is on supply, one bit each.
    pub(crate) fn on_supply(self) -> u32 {
        match self.only_row() {
            Some(row) => row.on_supply,
            None => self.rows().fold(0, |set, (_, row)| set | row.on_supply),
        }
    }

    /// What a scheme sees of it.
    pub(crate) fn standing(self, scheme: usize) -> AccountPresence {
        let mut standing = AccountPresence::default();
        let mut add = |row: &CustomerRow| {
            if row.on_supply >> scheme & 1 == 1 {
                standing.on_supply = true;
                standing.found |= row.found;
                standing.cut_off |= row.cut_off;
            }
        };
        match self.only_row() {
            Some(row) => add(row),
            None => self.rows().for_each(|(_, row)| add(row)),
        }
        standing
    }

    /// Whether a holder is on supply in a scheme.
    pub(crate) fn is_on_supply(self, scheme: usize) -> bool {
        let is_first = self.accounts.row(self.first).on_supply >> scheme & 1 == 1;
        is_first || self.has_further() && self.rows_on_supply(scheme).next().is_some()
    }

    /// The highest energy-cost score at its UPRNs.
    pub(crate) fn energy_score(self, scheme: usize) -> Option<f32> {
        let of_row = |id: RowId| self.accounts.parts[id.part as usize].energy_score(id.row as usize);
        self.rows_on_supply(scheme).filter_map(|(id, _)| of_row(id)).reduce(f32::max)
    }

    /// The holders who are on supply in a scheme, including those without candidates.
    pub(crate) fn holders(self, scheme: usize) -> Vec<Holder<'a>> {
        let mut holders = Vec::new();
        for (id, row) in self.rows_on_supply(scheme) {
            let mut rest = self.accounts.parts[id.part as usize].candidates_of(id.row as usize);
            for number in 0..row.holders {
                let own = rest.iter().take_while(|candidate| candidate.holder == u16::from(number)).count();
                let (candidates, others) = rest.split_at(own);
                rest = others;
                holders.push(Holder { candidates, couple: row.couples >> number & 1 == 1 });
            }
        }
        holders
    }

    /// The candidates of all its holders.
    pub(super) fn all_candidates(self) -> impl Iterator<Item = &'a Candidate> {
        let found = self.rows().filter(|(_, row)| row.found);
        found.flat_map(move |(id, _)| self.accounts.parts[id.part as usize].candidates_of(id.row as usize))
    }

    /// Where the holders of [`holders`](Self::holders) are named: the row, by its place among the account's distinct
    /// rows, and the holder's number in it.
    pub(crate) fn holder_places(self, scheme: usize) -> Vec<(usize, u8)> {
        let rows = self.rows().enumerate().filter(|(_, (_, row))| row.on_supply >> scheme & 1 == 1);
        rows.flat_map(|(place, (_, row))| (0..row.holders).map(move |number| (place, number))).collect()
    }

    fn has_further(self) -> bool {
        has_bit(&self.accounts.has_further, self.number)
    }

    /// Its row, if it has only one, as nearly every account.
    fn only_row(self) -> Option<&'a CustomerRow> {
        (!self.has_further()).then(|| self.accounts.row(self.first))
    }

    pub(super) fn rows(self) -> impl Iterator<Item = (RowId, &'a CustomerRow)> {
        let further = if self.has_further() { self.accounts.further.get(&self.number) } else { None };
        let ids = std::iter::once(self.first).chain(further.into_iter().flatten().copied());
        ids.map(move |id| (id, self.accounts.row(id)))
    }

    fn rows_on_supply(self, scheme: usize) -> impl Iterator<Item = (RowId, &'a CustomerRow)> {
        self.rows().filter(move |(_, row)| row.on_supply >> scheme & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(row: u32) -> RowId {
        RowId { part: row / 1000, row: row % 1000 }
    }

    /// A quadratic search would ask for each fingerprint as often as there are rows.
    #[test]
    fn each_row_of_a_reference_is_looked_at_once() {
        for rows in [1, 2, 100, 20_000] {
            let mut asked = 0;
            let found = distinct((0..rows).map(id), |row| {
                asked += 1;
                u64::from(row.part * 1000 + row.row).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            });
            assert_eq!((found.len() as u32, asked), (rows, rows));
        }
    }

    #[test]
    fn of_rows_that_repeat_each_other_the_first_stays() {
        let fingerprints = [7, 3, 7, 9, 3, 7, 1];
        let found = distinct((0..7).map(id), |row| fingerprints[row.row as usize]);
        assert_eq!(found, [id(0), id(1), id(3), id(6)]);
    }
}

//! Finds the rows that differ between a supplier's last flag file and its new one.
//!
//! Both files are read side by side. From one run to the next nearly all rows keep their order, so memory holds only
//! the rows that wait for their counterpart. Rows are read by hand: through the `csv` crate, as all other tables are, a
//! run over unchanged accounts takes 2.5 % more instructions.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use super::flags::Flag;
use super::folder;
use super::layout::FLAGS_ENDING;
use super::published::Published;
use super::rows::{ChangeKind, Flags};
use super::staged_file::StagedFile;
use super::table::Block;
use crate::csv_row;
use crate::file_sum::fill;

/// A row that differs: its place in its flag file, from 1, its reference as written there, the flag before, the flag
/// now, and the kind of change.
struct Change {
    place: u64,
    reference: Box<[u8]>,
    before: Option<u8>,
    flag: u8,
    change: ChangeKind,
}

/// Rows of one file whose reference has not appeared in the other yet, with their place and flag.
type Waiting = HashMap<Box<[u8]>, (u64, u8)>;

/// Appends the changes of a scheme from the flag file `then` to the flag file `now`; either may be missing. First come
/// the rows of `now` that differ, in its order, then the rows that are gone, in their old order. A row that is gone is
/// written as `N`, so that applying the rows one by one gives the right flags.
pub(super) fn append(
    scheme: &str,
    then: Option<&Path>,
    now: Option<&Path>,
    out: &mut StagedFile,
) -> Result<(), ReleaseError> {
    // A row is its reference and one of these.
    let rest =
        |flag: u8, change: ChangeKind| format!(",{scheme},{},{}\n", char::from(flag), change.as_str()).into_bytes();
    let new = [b'Y', b'N'].map(|flag| rest(flag, ChangeKind::New));
    let mut write = |reference: &[u8], flag: u8, change: ChangeKind| {
        out.append(reference)?;
        match change {
            ChangeKind::New => out.append(&new[usize::from(flag != b'Y')]),
            _ => out.append(&rest(flag, change)),
        }
    };
    let Some(then) = then else {
        let Some(now) = now else { return Ok(()) };
        // A first delivery is all new and may be large, so it is streamed.
        let mut rows = FlagRows::open(now)?;
        while rows.advance()? {
            write(rows.reference(), rows.flag(), ChangeKind::New)?;
        }
        return Ok(());
    };
    let (mut changes, gone) = compare(then, now.map(FlagRows::open).transpose()?)?;
    changes.sort_unstable_by_key(|change| change.place);
    for Change { reference, flag, change, .. } in changes.iter().chain(&gone) {
        write(reference, *flag, *change)?;
    }
    Ok(())
}

/// Returns the new and changed rows, in no order, and the rows that are gone, in their old order.
///
/// Where the current rows differ, each waits until the other file reaches it. When a file reaches a waiting row, only
/// that file advances, so the two are aligned again right after a row that only one of them has.
fn compare<N: Rows>(then: &Path, mut new: Option<N>) -> Result<(Vec<Change>, Vec<Change>), ReleaseError> {
    let mut old = FlagRows::open(then)?;
    let (mut old_waiting, mut new_waiting) = (Waiting::new(), Waiting::new());
    let mut changes = Vec::new();
    let mut note = |place, reference: &[u8], before: u8, after: u8| {
        if before != after {
            let before = Some(before);
            changes.push(Change {
                place,
                reference: reference.into(),
                before,
                flag: after,
                change: ChangeKind::Changed,
            });
        }
    };
    let (mut more_old, mut more_new) = (true, new.is_some());
    let (mut take_old, mut take_new) = (true, true);
    loop {
        if take_old && more_old {
            more_old = old.advance()?;
        }
        if let Some(new) = new.as_mut().filter(|_| take_new && more_new) {
            more_new = new.advance()?;
        }
        let present_old = Some(&old).filter(|_| more_old);
        let present_new = new.as_ref().filter(|_| more_new);
        (take_old, take_new) = (true, true);
        if let (Some(old), Some(new)) = (present_old, present_new)
            && old.reference() == new.reference()
        {
            note(new.place(), new.reference(), old.flag(), new.flag());
        } else if let Some(old) = present_old
            && let Some((place, after)) = new_waiting.remove(old.reference())
        {
            note(place, old.reference(), old.flag(), after);
            take_new = false;
        } else if let Some(new) = present_new
            && let Some((_, before)) = old_waiting.remove(new.reference())
        {
            note(new.place(), new.reference(), before, new.flag());
            take_old = false;
        } else if present_old.is_none() && present_new.is_none() {
            break;
        } else {
            if let Some(rows) = present_old {
                old_waiting.insert(rows.reference().into(), (rows.place(), rows.flag()));
            }
            if let Some(rows) = present_new {
                new_waiting.insert(rows.reference().into(), (rows.place(), rows.flag()));
            }
        }
    }
    changes.extend(new_waiting.into_iter().map(|(reference, (place, flag))| Change {
        place,
        reference,
        before: None,
        flag,
        change: ChangeKind::New,
    }));
    let mut gone: Vec<Change> = old_waiting
        .into_iter()
        .map(|(reference, (place, before))| Change {
            place,
            reference,
            before: Some(before),
            flag: b'N',
            change: ChangeKind::Gone,
        })
        .collect();
    gone.sort_unstable_by_key(|change| change.place);
    Ok((changes, gone))
}

/// Rows of flags in order. References are as a flag file writes them, with their quotes: each reference has only one
/// spelling.
trait Rows {
    /// Advances to the next row; false if there is none.
    fn advance(&mut self) -> Result<bool, ReleaseError>;

    /// The place of the current row, from 1.
    fn place(&self) -> u64;

    fn reference(&self) -> &[u8];

    /// `Y` or `N`.
    fn flag(&self) -> u8;
}

/// Flags that are not in a file yet.
struct ListedRows<I> {
    rows: I,
    written: Vec<u8>,
    flag: u8,
    place: u64,
}

impl<'r, I: Iterator<Item = (&'r str, Flag)>> Rows for ListedRows<I> {
    fn advance(&mut self) -> Result<bool, ReleaseError> {
        let Some((reference, flag)) = self.rows.next() else { return Ok(false) };
        self.written.clear();
        csv_row::field(reference, &mut self.written);
        (self.flag, self.place) = (flag.as_str().as_bytes()[0], self.place + 1);
        Ok(true)
    }

    fn place(&self) -> u64 {
        self.place
    }

    fn reference(&self) -> &[u8] {
        &self.written
    }

    fn flag(&self) -> u8 {
        self.flag
    }
}

/// How unreleased flags differ from those of a supplier's newest delivery.
#[derive(Debug, Default)]
pub struct FlagChanges {
    /// Accounts whose flag changed: their place in the new list, from 0, and the new flag.
    pub changed: Vec<(usize, Flag)>,
    /// Accounts that the newest delivery does not have, in the same form.
    pub new: Vec<(usize, Flag)>,
    /// The number of accounts that are `Y` in the newest delivery and missing from the new list.
    pub gone_yes: u64,
    /// The number of accounts that are `N` in the newest delivery and missing from the new list.
    pub gone_no: u64,
}

impl Published {
    /// Compares flags, in the order of the accounts, with those of a supplier's newest delivery. `None` if that
    /// delivery has no flags of the scheme.
    ///
    /// # Errors
    /// [`ReleaseError`] if the flags of the newest delivery cannot be read.
    pub fn flag_changes<'r>(
        &self,
        supplier: &str,
        scheme: &str,
        now: impl Iterator<Item = (&'r str, Flag)>,
    ) -> Result<Option<FlagChanges>, ReleaseError> {
        let then = self.tables(supplier)?.map(|tables| tables.join(format!("{scheme}{FLAGS_ENDING}")));
        let Some(then) = then else { return Ok(None) };
        if !folder::is_there(&then)? {
            return Ok(None);
        }
        let rows = ListedRows { rows: now, written: Vec::new(), flag: b'N', place: 0 };
        let (listed, gone) = compare(&then, Some(rows))?;
        let mut changes = FlagChanges::default();
        for change in listed {
            let own = (change.place as usize - 1, if change.flag == b'Y' { Flag::Y } else { Flag::N });
            if change.before.is_some() { changes.changed.push(own) } else { changes.new.push(own) }
        }
        changes.gone_yes = gone.iter().filter(|change| change.before == Some(b'Y')).count() as u64;
        changes.gone_no = gone.len() as u64 - changes.gone_yes;
        Ok(Some(changes))
    }
}

/// Bytes of a flag file that are read at once.
const READ_AT_ONCE: usize = 1 << 18;

/// Reads a flag file that flagmatch wrote. References keep their spelling.
struct FlagRows {
    file: File,
    path: PathBuf,
    /// A part of the file: rows that were read, the current row, and what comes after it.
    buffer: Vec<u8>,
    /// The current row in the buffer, with its line end.
    row: Range<usize>,
    place: u64,
    line: u64,
}

impl FlagRows {
    fn open(path: &Path) -> Result<FlagRows, ReleaseError> {
        let file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
        let mut rows = FlagRows { file, path: path.to_owned(), buffer: Vec::new(), row: 0..0, place: 0, line: 0 };
        if rows.read_line()? && rows.row() == Block::<Flags>::with_header().into_bytes() {
            return Ok(rows);
        }
        Err(rows.damaged())
    }

    fn row(&self) -> &[u8] {
        &self.buffer[self.row.clone()]
    }

    /// Appends a line to the current row; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, ReleaseError> {
        self.line += 1;
        let mut looked_at = self.row.end;
        loop {
            if let Some(place) = memchr::memchr(b'\n', &self.buffer[looked_at..]) {
                self.row.end = looked_at + place + 1;
                return Ok(true);
            }
            self.buffer.drain(..self.row.start);
            self.row = 0..self.row.len();
            looked_at = self.buffer.len();
            if !self.read_more()? {
                let is_more = self.row.end < looked_at;
                self.row.end = looked_at;
                return Ok(is_more);
            }
        }
    }

    /// Reads the next part of the file; false at its end.
    fn read_more(&mut self) -> Result<bool, ReleaseError> {
        let before = self.buffer.len();
        self.buffer.resize(before + READ_AT_ONCE, 0);
        let read = fill(&mut self.file, &mut self.buffer[before..]);
        let read = read.map_err(ReleaseError::io("read this file", &self.path))?;
        self.buffer.truncate(before + read);
        Ok(read > 0)
    }

    fn damaged(&self) -> ReleaseError {
        let reason = "not a row of a flag file as flagmatch writes it";
        ReleaseError::Damaged { path: self.path.clone(), line: self.line, reason }
    }
}

impl Rows for FlagRows {
    fn advance(&mut self) -> Result<bool, ReleaseError> {
        self.row.start = self.row.end;
        if !self.read_line()? {
            return Ok(false);
        }
        // A quoted reference may contain line ends; it is complete when its number of quotes is even.
        while self.row()[0] == b'"' && self.row().iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            if !self.read_line()? {
                return Err(self.damaged());
            }
        }
        if !(self.row().ends_with(b",Y\n") || self.row().ends_with(b",N\n")) {
            return Err(self.damaged());
        }
        self.place += 1;
        Ok(true)
    }

    fn place(&self) -> u64 {
        self.place
    }

    fn reference(&self) -> &[u8] {
        &self.buffer[self.row.start..self.row.end - 3]
    }

    fn flag(&self) -> u8 {
        self.buffer[self.row.end - 2]
    }
}

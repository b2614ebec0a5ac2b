//! Reads any bytes as any kind of file: no panic, every row is accounted for, and the chunk size does not change the
//! rows.

#![no_main]

use std::cell::RefCell;
use std::fs;

use flagmatch::intake::{
    self, BENEFITS, CUSTOMERS, Column, ColumnMap, Consumer, DECISIONS, EXCEPTIONS, Faults, OBJECTIONS, PROPERTIES,
    ReadSettings, FaultReason, Row, Table,
};
use flagmatch::progress::Unwatched;
use libfuzzer_sys::fuzz_target;

const COLUMNS: [Column; 6] =
    [Column::CustomerRef, Column::Surname, Column::DateOfBirth, Column::ClaimRef, Column::Benefit, Column::Uprn];

struct Rows(Vec<([String; COLUMNS.len()], u64)>);

impl Consumer for Rows {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        if row.reference(Column::CustomerRef).is_none() {
            faults.note(Column::CustomerRef, FaultReason::NoReference);
        }
        self.0.push((COLUMNS.map(|column| row.get(column).to_owned()), row.fingerprint()));
    }
}

thread_local! {
    static FOLDER: RefCell<tempfile::TempDir> = RefCell::new(tempfile::tempdir().expect("a folder"));
}

const TABLES: [&Table; 6] = [&CUSTOMERS, &BENEFITS, &PROPERTIES, &OBJECTIONS, &DECISIONS, &EXCEPTIONS];
const ENDINGS: [&str; 3] = ["csv", "csv.gz", "csv.zst"];

fuzz_target!(|data: &[u8]| {
    let Some(([how, chunk], bytes)) = data.split_first_chunk::<2>() else { return };
    let table = TABLES[usize::from(how % 6)];
    let path =
        FOLDER.with_borrow(|folder| folder.path().join("file").with_extension(ENDINGS[usize::from(how / 6 % 3)]));
    fs::write(&path, bytes).expect("room for a file");
    let read = |chunk_bytes| {
        let settings = ReadSettings { chunk_bytes, record_limit: 4096, ..ReadSettings::default() };
        intake::read(&path, table, &ColumnMap::default(), &settings, &Unwatched, || Rows(Vec::new()))
    };
    let whole = read(1 << 20);
    let parts = read(usize::from(*chunk) + 1);
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => {
            let rows = |read: &intake::FileRead<Rows>| {
                read.consumers.iter().flat_map(|rows| rows.0.iter().cloned()).collect::<Vec<_>>()
            };
            assert!(rows(&whole) == rows(&parts), "the rows depend on how the file is cut up");
            assert_eq!((whole.rows, whole.rejected, whole.noted), (parts.rows, parts.rejected, parts.noted));
            assert_eq!(whole.faults.len(), parts.faults.len());
            let faults = whole.faults.iter().zip(&parts.faults);
            assert!(faults.into_iter().all(|(one, other)| one.line == other.line && one.reason == other.reason));
            // Every row is handed on or rejected. A broken record counts for all its lines.
            let handed_on = rows(&whole).len() as u64;
            assert!(handed_on + whole.rejected == whole.rows, "{handed_on} of {}", whole.rows);
        }
        // If a file has several faults, the chunk size may decide which one is met first.
        (Err(_), Err(_)) => {}
        _ => panic!("whether a file can be read depends on how it is cut up"),
    }
});

//! Checks that the records do not depend on where a file is cut. They are those of the `csv` crate, and after a quote
//! that has swallowed too much, those of a plain model of the rules.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use flagmatch::intake::{
    CUSTOMERS, Column, ColumnMap, Consumer, FaultKind, FaultReason, Faults, FileRead, OBJECTIONS, ReadSettings, Row,
    input_sum, read,
};
use flagmatch::progress::{Progress, Unwatched};
use proptest::prelude::*;

const HEADER: &str = "person_ref,claim_ref\n";

/// Keeps each row's two fields, and adds a note to each row so that its line is listed.
#[derive(Default)]
struct Kept(Vec<[String; 2]>);

impl Consumer for Kept {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        self.0.push([Column::PersonRef, Column::ClaimRef].map(|column| row.get(column).to_owned()));
        faults.note(Column::PersonRef, FaultReason::Missing);
    }
}

/// A row as read: its line, and its fields or why it was rejected.
type Outcome = (u64, Result<[String; 2], FaultReason>);

/// The rows read from a file, and how many were counted as rejected.
fn outcomes(file: FileRead<Kept>) -> (Vec<Outcome>, u64) {
    let mut kept = file.consumers.into_iter().flat_map(|consumer| consumer.0);
    let mut found = Vec::new();
    for fault in file.faults {
        found.push(match fault.kind {
            FaultKind::Note => (fault.line, Ok(kept.next().expect("a row for each note"))),
            FaultKind::Reject => (fault.line, Err(fault.reason)),
        });
    }
    assert_eq!(kept.next(), None);
    assert_eq!(file.rows, file.noted + file.rejected);
    (found, file.rejected)
}

fn read_at(path: &Path, chunk_bytes: usize, record_limit: usize) -> (Vec<Outcome>, u64) {
    let settings = ReadSettings { chunk_bytes, record_limit, ..ReadSettings::default() };
    let file = read(path, &OBJECTIONS, &ColumnMap::default(), &settings, &Unwatched, Kept::default);
    outcomes(file.expect("a readable file"))
}

/// The rules, applied byte by byte to a whole file without its header.
struct Model<'a> {
    text: &'a [u8],
    found: Vec<Outcome>,
    rejected: u64,
    /// A record had no end within the limit or the file, so reading went on after its first line.
    recovered: bool,
}

/// The position of the record's line end, its fields, whether its quoting is broken, and whether the text ended inside
/// quotes.
fn model_record(text: &[u8]) -> (usize, Vec<String>, bool, bool) {
    let (mut fields, mut field, mut at) = (Vec::new(), Vec::new(), 0);
    let (mut broken, mut quoted, mut closed, mut fresh) = (false, false, false, true);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' if quoted && text.get(at + 1) == Some(&b'"') => {
                field.push(b'"');
                at += 1;
            }
            b'"' if quoted => (quoted, closed) = (false, true),
            _ if quoted => field.push(byte),
            b'"' if fresh => quoted = true,
            b'\n' | b'\r' => break,
            b',' => fields.push(String::from_utf8(std::mem::take(&mut field)).unwrap()),
            _ => {
                broken |= closed;
                field.push(byte);
            }
        }
        fresh = byte == b',' && !quoted;
        closed &= !fresh;
        at += 1;
    }
    fields.push(String::from_utf8(field).unwrap());
    (at, fields, broken, quoted)
}

fn model(text: &str, limit: usize) -> Model<'_> {
    let mut model = Model { text: text.as_bytes(), found: Vec::new(), rejected: 0, recovered: false };
    let (mut at, mut by_line_until, mut line) = (0, 0, 2);
    while at < model.text.len() {
        let rest = &model.text[at..];
        if matches!(rest[0], b'\n' | b'\r') {
            line += u64::from(rest[0] == b'\n');
            at += 1;
            continue;
        }
        let line_length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let record_text = if at < by_line_until { &rest[..line_length] } else { rest };
        let (length, fields, broken, open) = model_record(record_text);
        let mut reject = |reason, rows| {
            model.found.push((line, Err(reason)));
            model.rejected += rows;
        };
        let mut taken = length;
        if length > limit || (open && at >= by_line_until) {
            let reason = if length > limit { FaultReason::RecordTooLong } else { FaultReason::BrokenQuoting };
            reject(reason, 1);
            let searched = if length > limit { at + limit } else { usize::MAX };
            by_line_until = by_line_until.max(searched);
            model.recovered = true;
            taken = line_length;
        } else if open || broken {
            let lines = 1 + rest[..length].iter().filter(|&&byte| byte == b'\n').count() as u64;
            reject(FaultReason::BrokenQuoting, lines);
        } else if let Ok(fields) = <[String; 2]>::try_from(fields) {
            model.found.push((line, Ok(fields)));
        } else {
            reject(FaultReason::WrongNumberOfFields, 1);
        }
        line += rest[..taken].iter().filter(|&&byte| byte == b'\n').count() as u64;
        at += taken;
    }
    model
}

/// The records of the `csv` crate, each with its line. The crate's own position is before any blank lines.
fn csv_records(text: &str) -> Vec<(u64, Vec<String>)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let place = usize::try_from(record.position().unwrap().byte()).unwrap();
        let start = place + text[place..].find(|letter| !matches!(letter, '\n' | '\r')).unwrap();
        let line = 2 + text[..start].matches('\n').count() as u64;
        found.push((line, record.iter().map(str::to_owned).collect()));
    }
    found
}

fn adversarial(longest: usize) -> impl Strategy<Value = String> {
    let pieces = vec!["a", "b", ",", "\"", "\n", "\r", "é", "\"\"", ",\"", "\",", "\r\n", "a,b\n"];
    prop::collection::vec(prop::sample::select(pieces), 0..longest).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1200))]

    #[test]
    fn the_model_agrees_with_the_csv_crate(text in adversarial(60)) {
        let model = model(&text, 1 << 20);
        if !model.recovered {
            let theirs = csv_records(&text);
            prop_assert_eq!(model.found.len(), theirs.len());
            for ((line, outcome), (their_line, fields)) in model.found.into_iter().zip(theirs) {
                prop_assert_eq!(line, their_line);
                match outcome {
                    Ok(ours) => prop_assert_eq!(&ours[..], &fields[..]),
                    Err(FaultReason::WrongNumberOfFields) => prop_assert_ne!(fields.len(), 2),
                    Err(reason) => prop_assert_eq!(reason, FaultReason::BrokenQuoting),
                }
            }
        }
    }

    #[test]
    fn wherever_a_file_is_cut_its_rows_are_those_of_the_model(
        text in adversarial(120), limit in prop_oneof![21usize..60, Just(1 << 20)]
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("objections.csv");
        std::fs::write(&path, format!("{HEADER}{text}")).unwrap();
        let model = model(&text, limit);
        for chunk_bytes in [1, 2, 3, 7, 16, 50, 1 << 16] {
            let (found, rejected) = read_at(&path, chunk_bytes, limit);
            prop_assert_eq!(&found, &model.found, "chunks of {} bytes", chunk_bytes);
            prop_assert_eq!(rejected, model.rejected);
        }
        // Semicolons or tabs in place of commas give the same rows.
        for separator in [";", "\t"] {
            std::fs::write(&path, format!("{HEADER}{text}").replace(',', separator)).unwrap();
            for chunk_bytes in [1, 7, 50] {
                let (mut found, rejected) = read_at(&path, chunk_bytes, limit);
                for fields in found.iter_mut().filter_map(|(_, outcome)| outcome.as_mut().ok()) {
                    fields.iter_mut().for_each(|field| *field = field.replace(separator, ","));
                }
                prop_assert_eq!(&found, &model.found, "{:?} in chunks of {} bytes", separator, chunk_bytes);
                prop_assert_eq!(rejected, model.rejected);
            }
        }
    }
}

const DOCUMENT: &str =
    "\u{2060}x,y\r\n\r\nA1,Zoë\nA2,\"two\r\nlines, \"\"quoted\"\"\"\r\nA3,5\" pipe\nA4\nA5,\"€ \"\nA6,last";

fn expected(document: &str) -> Vec<Outcome> {
    assert!(document.starts_with('\u{2060}'));
    let row = |line, first: &str, second: &str| (line, Ok([first.to_owned(), second.to_owned()]));
    vec![
        row(2, "\u{2060}x", "y"),
        row(4, "A1", "Zoë"),
        row(5, "A2", "two\r\nlines, \"quoted\""),
        row(7, "A3", "5\" pipe"),
        (8, Err(FaultReason::WrongNumberOfFields)),
        row(9, "A5", "€ "),
        row(10, "A6", "last"),
    ]
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_encoding_and_compression_gives_the_same_rows() {
    let text = format!("{HEADER}{DOCUMENT}");
    let marked = format!("\u{feff}{text}");
    let (front, back) = text.as_bytes().split_at(40);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("plain.csv", text.clone().into_bytes()),
        ("marked.csv", marked.clone().into_bytes()),
        ("little.csv", utf16(&text, u16::to_le_bytes)),
        ("little-marked.csv", utf16(&marked, u16::to_le_bytes)),
        ("big.csv", utf16(&text, u16::to_be_bytes)),
        ("big-marked.csv", utf16(&marked, u16::to_be_bytes)),
        ("one.csv.gz", gzip(text.as_bytes())),
        ("two.csv.GZ", [gzip(front), gzip(back)].concat()),
        ("one.csv.zst", zstd(text.as_bytes())),
        ("two.csv.zst", [zstd(front), zstd(back)].concat()),
        ("little-marked.csv.gz", gzip(&utf16(&marked, u16::to_le_bytes))),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        for chunk_bytes in [1, 5, 20, 1 << 16] {
            let (found, rejected) = read_at(&path, chunk_bytes, 1 << 20);
            assert_eq!(found, expected(DOCUMENT), "{name} in chunks of {chunk_bytes} bytes");
            assert_eq!(rejected, 1);
        }
        assert_eq!(sum_as_read(&path), blake3::hash(&bytes).to_hex().as_str(), "{name}");
    }
}

fn sum_as_read(path: &Path) -> String {
    let settings = ReadSettings::default();
    read(path, &OBJECTIONS, &ColumnMap::default(), &settings, &Unwatched, Kept::default).unwrap().blake3
}

fn row(line: u64, first: &str, second: &str) -> Outcome {
    (line, Ok([first.to_owned(), second.to_owned()]))
}

/// A fault: line, column and reason.
type Listed = (u64, Option<Column>, FaultReason);

/// All faults listed of a file, and the rows; the sum is that of its bytes. The test adds a note of its own to each row.
fn listed(bytes: &[u8], chunk_bytes: usize) -> (Vec<Listed>, Vec<[String; 2]>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("listed.csv");
    std::fs::write(&path, bytes).unwrap();
    let settings = ReadSettings { chunk_bytes, ..ReadSettings::default() };
    let file = read(&path, &OBJECTIONS, &ColumnMap::default(), &settings, &Unwatched, Kept::default).unwrap();
    assert_eq!(file.blake3, blake3::hash(bytes).to_hex().as_str());
    let faults = file.faults.iter().map(|fault| (fault.line, fault.column, fault.reason));
    let faults = faults.filter(|(.., reason)| *reason != FaultReason::Missing).collect();
    (faults, file.consumers.into_iter().flat_map(|consumer| consumer.0).collect())
}

/// One encoding is chosen for the whole file, wherever the bytes that show it stand.
#[test]
fn one_encoding_is_decided_for_the_whole_file() {
    use Column::{ClaimRef, PersonRef};
    use FaultReason::ForeignBytes;
    let plain: String = (0..2000).map(|number| format!("A{number},plain\n")).collect();
    let rows = |some: &[u8], more: &[u8]| [HEADER.as_bytes(), some, plain.as_bytes(), more].concat();
    let unreadable = "\u{1A}";
    // A name, the file, its faults, its first row and its last row.
    type Case = (&'static str, Vec<u8>, &'static [Listed], [&'static str; 2], [&'static str; 2]);
    let cases: [Case; 8] = [
        ("Windows-1252", rows(b"A1,Zo\xEB\n", b"\xEB,\x80 9\n"), &[], ["A1", "Zo\u{EB}"], ["\u{EB}", "\u{20AC} 9"]),
        ("UTF-8", rows(b"A1,Zo\xC3\xAB\n", b"B1,B\n"), &[], ["A1", "Zoë"], ["B1", "B"]),
        // A stray byte beside a reference in UTF-8 does not change the reference.
        (
            "a stray byte",
            rows(b"A1,\xE9\n", b"B1,\xC3\xA91\n"),
            &[(2, Some(ClaimRef), ForeignBytes)],
            ["A1", unreadable],
            ["B1", "é1"],
        ),
        (
            "in one row",
            rows(b"\xC3\xA91,\xE9\n", b"B1,B\n"),
            &[(2, Some(ClaimRef), ForeignBytes)],
            ["é1", unreadable],
            ["B1", "B"],
        ),
        (
            "at the end",
            rows(b"\xC3\xA91,x\n", b"\xE9,B\n"),
            &[(2003, Some(PersonRef), ForeignBytes)],
            ["é1", "x"],
            [unreadable, "B"],
        ),
        // The first bytes beyond ASCII look like UTF-8, but the file as a whole is not.
        (
            "misleading",
            rows(b"REN\xC9\x92S,x\n", b"\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9,B\n"),
            &[],
            ["REN\u{C9}\u{2019}S", "x"],
            ["ééééééééééé", "B"],
        ),
        (
            "misleading the other way",
            rows(b"\xE9,x\n", "é,éé\n".as_bytes()),
            &[(2, Some(PersonRef), ForeignBytes)],
            [unreadable, "x"],
            ["é", "éé"],
        ),
        (
            "undefined in Windows-1252",
            rows(b"\xEB,x\n", b"B1,\x81\n"),
            &[(2003, Some(ClaimRef), ForeignBytes)],
            ["\u{EB}", "x"],
            ["B1", unreadable],
        ),
    ];
    for (name, bytes, faults, first, last) in cases {
        for chunk_bytes in [1, 100, 1 << 16] {
            let (found, kept) = listed(&bytes, chunk_bytes);
            assert_eq!(found, faults, "{name} in chunks of {chunk_bytes} bytes");
            assert_eq!(kept.len(), 2002, "{name}");
            assert_eq!((&kept[0], &kept[2001]), (&first.map(str::to_owned), &last.map(str::to_owned)), "{name}");
        }
    }
}

/// The field is not a reference, once in a row with quotes and once in a column that is not read.
#[test]
fn a_field_of_another_encoding_is_absent_and_its_row_stays() {
    let text = b"customer_ref,surname,colour,town\n\
        \"\xC3\xA9 \"\"1\"\"\",\"Sm\xEFth, \"\"x\"\"\",b\xE9ige,\"Y\xC3\xB6rk\"\n\
        R2,Smith,b\xE9ige,York\nR\xE9,Smith,x,York\nR4,\xE9\n";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("customers.csv");
    std::fs::write(&path, text).unwrap();
    struct Rows(Vec<[String; 3]>);
    impl Consumer for Rows {
        fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
            match row.reference(Column::CustomerRef) {
                None => faults.reject(FaultReason::NoReference),
                Some(reference) => {
                    self.0.push([reference, row.get(Column::Surname), row.get(Column::Town)].map(str::to_owned));
                }
            }
        }
    }
    let settings = ReadSettings::default();
    let file = read(&path, &CUSTOMERS, &ColumnMap::default(), &settings, &Unwatched, || Rows(Vec::new())).unwrap();
    let rows: Vec<_> = file.consumers.into_iter().flat_map(|rows| rows.0).collect();
    assert_eq!(rows, [["é \"1\"", "", "Yörk"], ["R2", "Smith", "York"]]);
    let faults: Vec<_> = file.faults.iter().map(|fault| (fault.line, fault.kind, fault.column, fault.reason)).collect();
    assert_eq!(
        faults,
        [
            (2, FaultKind::Note, Some(Column::Surname), FaultReason::ForeignBytes),
            (4, FaultKind::Reject, None, FaultReason::NoReference),
            (5, FaultKind::Reject, None, FaultReason::WrongNumberOfFields),
        ]
    );
}

#[test]
fn half_a_character_of_utf_16_is_a_fault_of_its_line() {
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let mut units: Vec<u16> = format!("\u{feff}{HEADER}A1,Zoë\nA2,").encode_utf16().collect();
        units.push(0xD83D);
        units.extend("\nA3,😀\nA4,".encode_utf16());
        units.push(0xDE00);
        let mut bytes: Vec<u8> = units.into_iter().flat_map(to_bytes).collect();
        // And half a code unit at the end.
        bytes.push(b'x');
        for chunk_bytes in [1, 1 << 16] {
            let (found, kept) = listed(&bytes, chunk_bytes);
            let foreign = |line| (line, Some(Column::ClaimRef), FaultReason::ForeignBytes);
            assert_eq!(found, [foreign(3), foreign(5)]);
            assert_eq!((&kept[0][1][..], &kept[2][1][..]), ("Zoë", "😀"));
        }
    }
}

/// Any separator gives the same rows, also one named by the file's first line.
#[test]
fn separators_that_the_header_shows_are_read_as_commas_are() {
    let text = format!("{HEADER}{DOCUMENT}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("separated.csv");
    for (first, separator, lines) in
        [("", ';', 0), ("", '\t', 0), ("sep=;\r\n", ';', 1), ("\n\"sep=\t\"\n", '\t', 2), ("SEP=,\n\n", ',', 2)]
    {
        // Every comma of the document changes, also the only one within a field.
        let other = text.replace(',', &separator.to_string());
        for bytes in
            [format!("{first}{other}").into_bytes(), utf16(&format!("\u{feff}{first}{other}"), u16::to_le_bytes)]
        {
            std::fs::write(&path, bytes).unwrap();
            for chunk_bytes in [1, 5, 20, 1 << 16] {
                let (found, rejected) = read_at(&path, chunk_bytes, 1 << 20);
                let expected = expected(DOCUMENT).into_iter().map(|(line, outcome)| {
                    let fields = |fields: [String; 2]| fields.map(|field| field.replace(',', &separator.to_string()));
                    (line + lines, outcome.map(fields))
                });
                assert_eq!(found, expected.collect::<Vec<_>>(), "{first:?} {separator:?} in {chunk_bytes} bytes");
                assert_eq!(rejected, 1);
            }
        }
    }
    let semicolons = "person_ref;claim_ref\n1,5;2\n\"a;b\";\"c,\"\"d\"\n";
    std::fs::write(&path, semicolons).unwrap();
    assert_eq!(read_at(&path, 1, 1 << 20).0, [row(2, "1,5", "2"), row(3, "a;b", "c,\"d")]);
}

#[test]
fn one_stray_quote_does_not_lose_the_rest_of_a_large_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stray.csv");
    let mut text = HEADER.to_owned() + "A0,\"5 inch pipe\n";
    let rows = 60_000;
    for row in 1..=rows {
        text += &format!("A{row},an ordinary field\n");
    }
    std::fs::write(&path, text).unwrap();
    for chunk_bytes in [1 << 12, 1 << 20] {
        let (found, rejected) = read_at(&path, chunk_bytes, 1 << 20);
        assert_eq!(found[0], (2, Err(FaultReason::RecordTooLong)));
        assert_eq!((found.len(), rejected), (rows + 1, 1));
        assert_eq!(found[rows].0, rows as u64 + 2);
    }
}

#[test]
fn a_line_beyond_the_limit_is_rejected_and_passed_over_in_streams_too() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}A1,b\nA2,{}\nA3,b\n", "x".repeat(3 << 20));
    for (name, bytes) in [("long.csv", text.clone().into_bytes()), ("long.csv.gz", gzip(text.as_bytes()))] {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (found, rejected) = read_at(&path, 1 << 19, 1 << 20);
        let lines: Vec<_> = found.iter().map(|(line, outcome)| (*line, outcome.is_ok())).collect();
        assert_eq!(lines, [(2, true), (3, false), (4, true)], "{name}");
        assert_eq!(rejected, 1);
    }
}

#[test]
fn quotes_that_never_come_out_even_do_not_take_for_ever() {
    // Each line ends inside quotes, whether it begins inside or outside, so every record runs to the limit. A search
    // from every line would read up to a mebibyte for each of them.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("uneven.csv");
    std::fs::write(&path, HEADER.to_owned() + &"a\",b,\"c\n".repeat(400_000)).unwrap();
    let (found, rejected) = read_at(&path, 1 << 19, 1 << 20);
    assert_eq!((found.len() as u64, rejected), (rejected, 400_000));
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let directory = tempfile::tempdir().unwrap();
    let long = format!("{HEADER}{}", "A1,some text that does not repeat 0123456789\n".repeat(2000));
    let gz = gzip(long.as_bytes());
    let zst = zstd::encode_all(long.as_bytes(), 1).unwrap();
    for (name, bytes, said) in [
        ("empty.csv", &b""[..], "the file is empty"),
        ("blank.csv", b"\n\r\n", "the file is empty"),
        ("open.csv", b"\n\"person_ref,claim_ref\nA1,B1\n", "line 2: the header row cannot be read: broken quoting"),
        ("shut.csv", b"\"person_ref\" x,claim_ref\nA1,B1\n", "line 1: the header row cannot be read"),
        ("headless.csv", b"A1,Ellison\n", "add the header row"),
        ("cut.csv.gz", &gz[..gz.len() - 20], "break off"),
        ("cut.csv.zst", &zst[..zst.len() - 5], "break off"),
        ("empty.csv.gz", b"", "break off"),
        ("not.csv.gz", b"person_ref,claim_ref\n", "cannot be read"),
        ("bars.csv", b"person_ref|claim_ref\n", "line 1: columns are separated by '|'; save the file with"),
        ("stated.csv", b"sep=!\nperson_ref!claim_ref\n", "line 2: columns are separated by '!'"),
        ("unmapped.csv", b"a;b;c\n", "columns seem to be separated by ';'"),
        ("book.csv", b"PK\x03\x04\x14\0\x06\0", "this is an Excel workbook (.xlsx) or another zip archive, not CSV"),
        ("table.csv", b"<html><table>", "this is a web page or XML, not CSV; save the table as CSV"),
        ("name.csv", &gz, "this is gzip-compressed data, not CSV; let its name end in .gz"),
        ("name2.csv", &zst, "let its name end in .zst"),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let settings = ReadSettings::default();
        let result = read(&path, &OBJECTIONS, &ColumnMap::default(), &settings, &Unwatched, Kept::default);
        let message = result.map(|read| read.rows).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains(said), "{message}");
        assert!(!message.contains("Ellison"), "{message}");
    }
    let absent = directory.path().join("absent.csv");
    let settings = ReadSettings::default();
    let result = read(&absent, &OBJECTIONS, &ColumnMap::default(), &settings, &Unwatched, Kept::default);
    assert!(result.is_err());
}

#[test]
fn a_file_with_a_header_alone_has_no_rows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("header.csv");
    for text in ["person_ref,claim_ref", "\r\n\"Person_Ref \",claim_ref\r\n\r\n"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(read_at(&path, 1 << 19, 1 << 20), (Vec::new(), 0));
    }
}

/// Adds up what the reader reports.
#[derive(Default)]
struct Told {
    total: AtomicU64,
    done: AtomicU64,
    ended: AtomicU64,
}

impl Progress for Told {
    fn begin(&self, _stage: &str, total: u64) {
        self.total.fetch_add(total, Ordering::Relaxed);
    }
    fn advance(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }
    fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn progress_counts_the_bytes_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}{}", "A1,b\n".repeat(10_000));
    let settings = ReadSettings::default();
    for (name, bytes) in [("plain.csv", text.clone().into_bytes()), ("packed.csv.gz", gzip(text.as_bytes()))] {
        let path = directory.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let told = Told::default();
        let columns = ColumnMap::default();
        let file = read(&path, &OBJECTIONS, &columns, &settings, &told, Kept::default).unwrap();
        let stored = bytes.len() as u64;
        assert_eq!((file.bytes, file.rows, file.file.as_str()), (stored, 10_000, name));
        assert_eq!((told.total.into_inner(), told.done.into_inner()), (stored, stored));
        assert_eq!(told.ended.into_inner(), 1);
    }
}

#[test]
fn the_sum_is_that_of_the_bytes_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sum.csv");
    std::fs::write(&path, "").unwrap();
    // The published BLAKE3 hash of the empty input.
    let of_nothing = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    assert_eq!(input_sum(&path).unwrap(), of_nothing);
    let long = "A1,b\n".repeat(700_000);
    std::fs::write(&path, &long).unwrap();
    assert_eq!(input_sum(&path).unwrap(), blake3::hash(long.as_bytes()).to_hex().as_str());
    assert!(input_sum(directory.path()).is_err());
}

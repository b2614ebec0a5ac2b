//! Reads answers of reviewers: a reviewed sample as a spreadsheet saved it, or a log of `flagmatch review`.
//!
//! Spreadsheets write `;` or tabs between fields, a byte-order mark, CRLF, or UTF-16, and people answer `yes`.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::review_log::{EventKind, LogRow};
use super::run_data::{ReportError, damaged, unreadable};

/// Which part of the run an account belongs to. Each part has its own share of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Flagged,
    Review,
    Neither,
}

impl Group {
    pub(super) const ALL: [Group; 3] = [Group::Flagged, Group::Review, Group::Neither];

    /// The group's name in the sample.
    pub(super) fn name(self) -> &'static str {
        match self {
            Group::Flagged => "flagged",
            Group::Review => "review",
            Group::Neither => "neither",
        }
    }
}

/// What an estimate needs of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reviewed {
    pub(super) group: Group,
    pub(super) key: String,
    pub(super) band: String,
    pub(super) stratum_accounts: u64,
    /// `None` if the reviewer could not tell.
    pub(super) eligible: Option<bool>,
}

/// What a file of answers holds.
pub(super) enum Answers {
    /// The rows of a reviewed sample.
    Sample(Vec<Reviewed>),
    /// The answers to clear cases that stand in a log, the last one of each reviewer and account.
    ClearCases(Vec<LogRow>),
}

/// Reads all answers of a file.
pub(super) fn read(file: &Path) -> Result<Answers, ReportError> {
    let text = decoded(&std::fs::read(file).map_err(unreadable(file))?);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    if reader.headers().map_err(|error| damaged(file, error))?.iter().eq(LogRow::HEADER) {
        return Ok(Answers::ClearCases(clear_cases(file, reader)?));
    }
    Ok(Answers::Sample(rows(file, &text)?))
}

fn clear_cases(file: &Path, mut log: csv::Reader<&[u8]>) -> Result<Vec<LogRow>, ReportError> {
    let mut standing: Vec<LogRow> = Vec::new();
    for row in log.deserialize::<LogRow>() {
        let row = row.map_err(|error| damaged(file, error))?;
        if matches!(row.event, EventKind::Clear | EventKind::Undo) {
            standing.retain(|own| own.reviewer != row.reviewer || own.key_of() != row.key_of());
        }
        if row.event == EventKind::Clear {
            standing.push(row);
        }
    }
    Ok(standing)
}

/// The text of a file, by its byte-order mark; without one, UTF-8 or else Windows-1252.
fn decoded(bytes: &[u8]) -> String {
    let without_mark = if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let encoding = Encoding::for_bom(bytes).map_or(without_mark, |(encoding, _)| encoding);
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

fn rows(file: &Path, text: &str) -> Result<Vec<Reviewed>, ReportError> {
    let fault = |line, column, reason| ReportError::Answer { file: file.to_owned(), line, column, reason };
    // Excel may put `sep=;` before the header.
    let first = text.lines().next().unwrap_or_default();
    let (text, above) = match first.trim_matches('"').get(..4) {
        Some(word) if word.eq_ignore_ascii_case("sep=") => (text.split_once('\n').map_or("", |(_, rest)| rest), 1),
        _ => (text, 0),
    };
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    let separator = [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| damaged(file, error))?.clone();
    let place = |name: &str| headings.iter().position(|heading| heading.trim().eq_ignore_ascii_case(name));
    let needed = |name: &'static str| {
        place(name).ok_or_else(|| fault(1 + above, name, "the header does not have this column; keep all columns"))
    };
    let (flag, key, band) = (needed("flag")?, needed("key")?, needed("band")?);
    let accounts = needed("stratum_accounts")?;
    // Samples of early versions call the answer `due`, and have no `group`.
    let eligible = place("due").map_or_else(|| needed("eligible"), Ok)?;
    let group = place("group");
    let mut all = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| damaged(file, error))?;
        // A spreadsheet may save empty rows below the table.
        if row.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let line = row.position().map_or(1, csv::Position::line) + above;
        let fault = |column, reason| fault(line, column, reason);
        let field = |place: usize, column| {
            row.get(place).map(str::trim).ok_or_else(|| fault(column, "the row ends before this column"))
        };
        let is_flagged = yes_or_no(field(flag, "flag")?);
        all.push(Reviewed {
            group: match (group.map(|place| field(place, "group")).transpose()?, is_flagged) {
                (None, Some(true)) => Group::Flagged,
                (None, Some(false)) => Group::Review,
                (None, None) => return Err(fault("flag", "neither Y nor N")),
                (Some(name), _) => Group::ALL
                    .into_iter()
                    .find(|group| group.name().eq_ignore_ascii_case(name))
                    .ok_or_else(|| fault("group", "none of flagged, review and neither"))?,
            },
            key: field(key, "key")?.to_owned(),
            band: field(band, "band")?.to_owned(),
            stratum_accounts: field(accounts, "stratum_accounts")?
                .parse()
                .ok()
                .filter(|accounts| *accounts > 0)
                .ok_or_else(|| fault("stratum_accounts", "no whole number above 0; leave it as it was drawn"))?,
            eligible: match field(eligible, "eligible")? {
                "" => None,
                answer => Some(
                    yes_or_no(answer)
                        .ok_or_else(|| fault("eligible", "neither Y nor N; leave it empty if nobody can tell"))?,
                ),
            },
        });
    }
    Ok(all)
}

/// What people and spreadsheets write for `Y` and `N`.
fn yes_or_no(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["y", "yes", "true"]) {
        Some(true)
    } else if is(["n", "no", "false"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "group,flag,key,band,stratum_accounts,eligible\n\
                          flagged,Y,name,0.99-1,10,\"Y\"\nneither,N,,,900,n\nreview,N,name,0.2-0.5,5,\n";

    fn answers(bytes: &[u8]) -> Vec<(Group, u64, Option<bool>)> {
        let rows = rows(Path::new("reviewed.csv"), &decoded(bytes)).unwrap();
        rows.into_iter().map(|row| (row.group, row.stratum_accounts, row.eligible)).collect()
    }

    #[test]
    fn whatever_a_spreadsheet_saves_is_read() {
        let expected =
            vec![(Group::Flagged, 10, Some(true)), (Group::Neither, 900, Some(false)), (Group::Review, 5, None)];
        let utf_16 = |text: &str| [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let semicolons = SAMPLE.replace(',', ";");
        for bytes in [
            SAMPLE.as_bytes().to_vec(),
            format!("\u{feff}{SAMPLE}").into_bytes(),
            SAMPLE.replace('\n', "\r\n").into_bytes(),
            semicolons.clone().into_bytes(),
            format!("\u{feff}sep=;\r\n{}", semicolons.replace('\n', "\r\n")).into_bytes(),
            SAMPLE.replace(',', "\t").into_bytes(),
            utf_16(&SAMPLE.replace(',', "\t")),
            SAMPLE.replace("name", "Zo\u{eb}").into_bytes(),
            [b"Group,Flag,Key,Band,Stratum_Accounts,Eligible\n".as_slice(), b"flagged,Y,\xeb,0.99-1,10,TRUE\n"]
                .concat()
                .into_iter()
                .chain(*b"neither,N,,,900, No \nreview,N,name,0.2-0.5,5, \n,,,,,\n")
                .collect(),
        ] {
            assert_eq!(answers(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
        }
        for (answer, expected) in [
            ("Y", Some(true)),
            ("y", Some(true)),
            ("Yes", Some(true)),
            ("TRUE", Some(true)),
            ("N", Some(false)),
            ("no", Some(false)),
            ("False", Some(false)),
            ("perhaps", None),
            ("1", None),
            ("yes?", None),
        ] {
            assert_eq!(yes_or_no(answer), expected, "{answer}");
        }
    }

    #[test]
    fn a_sample_of_an_early_version_is_read() {
        let early = b"flag,key,band,stratum_accounts,due\nY,name,0.99-1,10,Y\nN,name,0.2-0.5,5,\n";
        assert_eq!(answers(early), [(Group::Flagged, 10, Some(true)), (Group::Review, 5, None)]);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line_and_column_and_never_shown() {
        for (from, to, place) in [
            ("900,n", "900,perhaps", "line 3, column eligible"),
            ("5,\n", "perhaps,\n", "line 4, column stratum_accounts"),
            ("5,\n", "0,\n", "line 4, column stratum_accounts"),
            ("5,\n", "5\n", "line 4, column eligible"),
            ("neither,N", "perhaps,N", "line 3, column group"),
            (",eligible", ",perhaps", "line 1, column eligible"),
            (",flag", ",perhaps", "line 1, column flag"),
        ] {
            let text = SAMPLE.replacen(from, to, 1);
            let message = rows(Path::new("reviewed.csv"), &text).unwrap_err().to_string();
            assert!(message.contains(place) && !message.contains("perhaps"), "{place}: {message}");
        }
        // A line `sep=` counts as a line, and so do those within quotes.
        let text = format!("sep=,\n{}", SAMPLE.replace("name,0.99-1", "\"na\nme\",0.99-1").replace("900,n", "900,x"));
        let message = rows(Path::new("reviewed.csv"), &text).unwrap_err().to_string();
        assert!(message.contains("line 5, column eligible"), "{message}");
    }
}

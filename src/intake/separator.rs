//! Finds the separator of a file from its first line.
//!
//! It is the comma, semicolon or tab that gives the most known headings, and the comma in a tie. A line
//! `sep=;`, as Excel writes it, states the separator and is no row.

use super::column_map::ColumnMap;
use super::header;
use super::record::{Records, Span, unescape};
use super::table::Table;

/// Separators to look for. The last is found only so that a message can name it; it is not supported.
const LOOKED_FOR: [u8; 4] = [b',', b';', b'\t', UNREAD];
const UNREAD: u8 = b'|';

/// Whether files with this separator are read.
pub(super) fn is_read(separator: u8) -> bool {
    separator != UNREAD && LOOKED_FOR.contains(&separator)
}

/// The separator that a line `sep=;` names.
pub(super) fn stated(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.split_at_checked(4)? {
        (word, [separator]) if word.eq_ignore_ascii_case(b"sep=") => Some(*separator),
        // Trimming removed the tab itself from the line's end.
        (word, []) if word.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

/// The separator that gives the most known headings of a line; `first` in a tie.
pub(super) fn found(line: &[u8], first: u8, table: &Table, map: &ColumnMap) -> u8 {
    let line = header::decoded(line);
    let known = |separator| header::known(&fields(&line, separator), table, map).len();
    let mut best = (first, known(first));
    for separator in LOOKED_FOR {
        let count = known(separator);
        if count > best.1 {
            best = (separator, count);
        }
    }
    best.0
}

/// What seems to separate the fields of a line without known headings, if not a comma.
pub(super) fn guessed(line: &str) -> Option<char> {
    let count = |separator: u8| memchr::memchr_iter(separator, line.as_bytes()).count();
    let most = LOOKED_FOR.into_iter().rev().max_by_key(|separator| count(*separator))?;
    (most != b',' && count(most) > 0).then_some(char::from(most))
}

/// The fields of a line.
pub(super) fn fields(line: &str, separator: u8) -> Vec<String> {
    let count = memchr::memchr_iter(separator, line.as_bytes()).count();
    let (mut fields, mut unescaped) = (vec![Span::default(); count + 1], String::new());
    let Some(record) = Records::new(line.as_bytes(), separator).next(&mut fields) else { return Vec::new() };
    fields.truncate(record.width);
    unescape(line, &mut fields, &mut unescaped);
    fields.iter().map(|field| field.content(line, &unescaped).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::table::{CUSTOMERS, OBJECTIONS};

    #[test]
    fn a_line_states_a_separator() {
        for (line, separator) in [
            (&b"sep=;"[..], Some(b';')),
            (b"SEP=,", Some(b',')),
            (b"\"sep=|\"", Some(b'|')),
            (b"sep=\t", Some(b'\t')),
            (b"sep=;;", None),
            (b"sep", None),
            (b"customer_ref", None),
        ] {
            assert_eq!(stated(line), separator, "{line:?}");
        }
    }

    #[test]
    fn the_header_shows_the_separator() {
        for (line, separator) in [
            ("customer_ref,surname", b','),
            ("customer_ref;surname", b';'),
            ("customer_ref\tsurname", b'\t'),
            ("customer_ref|surname", b'|'),
            ("\"customer_ref\";\"surname, as billed\";postcode", b';'),
            // The comma, if no heading is known or both separators give as many.
            ("account;name", b','),
            ("customer_ref", b','),
            ("customer_ref,x;surname", b','),
            ("customer_ref,surname;x;y;z", b','),
        ] {
            assert_eq!(found(line.as_bytes(), b',', &CUSTOMERS, &ColumnMap::default()), separator, "{line}");
        }
        let map = [("person_ref", "Person;No")].into_iter().collect();
        assert_eq!(found(b"claim_ref,Person;No", b',', &OBJECTIONS, &map), b',');
    }

    #[test]
    fn a_separator_is_guessed_where_no_heading_is_known() {
        for (line, separator) in
            [("a;b;c", Some(';')), ("a\tb", Some('\t')), ("a|b,c|d", Some('|')), ("a,b", None), ("a", None)]
        {
            assert_eq!(guessed(line), separator, "{line}");
        }
    }
}

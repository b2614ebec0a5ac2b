//! Finds which field of each row holds which column, from the header row.
//!
//! No message shows the content of the row, because it is somebody's data if the header was lost. Headings
//! are named as the table or the job file has them; the others are only counted.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use super::chunks::FirstRecord;
use super::column::Column;
use super::column_map::ColumnMap;
use super::error::IntakeError;
use super::fault::FaultReason;
use super::record::Records;
use super::separator;
use super::table::Table;
use super::unused::{UnusedHeading, unused};

/// The position of each column in a row.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    positions: [Option<u32>; Column::COUNT],
    columns: Vec<Option<Column>>,
    separator: u8,
    unused: Vec<UnusedHeading>,
}

impl Layout {
    /// The column's position among the fields of a row, if the file has that column.
    #[inline]
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize].map(|position| position as usize)
    }

    /// How many fields a row has.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The column at a position among the fields of a row, if it is one of the table's.
    pub(super) fn column_at(&self, position: usize) -> Option<Column> {
        self.columns.get(position).copied().flatten()
    }

    /// The headings that nothing reads.
    pub(super) fn into_unused(self) -> Vec<UnusedHeading> {
        self.unused
    }

    /// The byte between two fields.
    #[inline]
    pub(super) fn separator(&self) -> u8 {
        self.separator
    }

    /// Finds the table's columns among the headings, which are compared trimmed and ignoring case.
    pub(super) fn resolve(
        headings: &[String],
        separator: u8,
        table: &Table,
        map: &ColumnMap,
        (file, line): (&Path, u64),
    ) -> Result<Layout, IntakeError> {
        let comparable: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
        let mut layout = Layout {
            positions: [None; Column::COUNT],
            columns: vec![None; headings.len()],
            separator,
            unused: Vec::new(),
        };
        for column in table.columns() {
            let heading = map.heading(column);
            let wanted = fold(heading);
            let mut places = (0u32..).zip(&comparable).filter(|(_, found)| **found == wanted);
            if let Some((place, _)) = places.next() {
                layout.positions[column as usize] = Some(place);
                layout.columns[place as usize].get_or_insert(column);
            }
            if places.next().is_some() {
                let (file, heading) = (file.to_owned(), heading.to_owned());
                return Err(IntakeError::RepeatedHeading { file, line, column: column.name(), heading });
            }
        }
        let present = |column: Column| layout.position(column).is_some();
        let is_header = table.columns().any(present);
        let absent = table
            .columns()
            .find(|&column| !present(column) && (table.required().contains(&column) || map.mapped(column).is_some()));
        let one_of = table.one_of();
        let lacks_choice = !one_of.is_empty() && !one_of.iter().any(|set| set.iter().copied().all(present));
        match (absent, one_of.first().and_then(|set| set.first())) {
            (Some(column), _) if is_header => Err(IntakeError::MissingColumn {
                file: file.to_owned(),
                line,
                column: column.name(),
                heading: map.heading(column).to_owned(),
                found: listed(headings, table, map),
            }),
            (_, Some(_)) if is_header && lacks_choice => Err(IntakeError::MissingOneOf {
                file: file.to_owned(),
                line,
                wanted: choice(one_of, map),
                found: listed(headings, table, map),
            }),
            (Some(column), _) | (None, Some(&column)) if !is_header => Err(IntakeError::NoHeader {
                file: file.to_owned(),
                line,
                column: column.name(),
                heading: map.heading(column).to_owned(),
                separator: None,
            }),
            _ => {
                layout.unused = unused(headings, &layout.columns, table);
                Ok(layout)
            }
        }
    }
}

/// Brings a heading into the form in which headings are compared.
fn fold(heading: &str) -> String {
    heading.trim().to_lowercase()
}

/// The known headings that are there, as the table or the columns map has them.
pub(super) fn known<'m>(headings: &[String], table: &Table, map: &'m ColumnMap) -> Vec<&'m str> {
    let there: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
    let looked_for = table.columns().map(|column| map.heading(column));
    looked_for.filter(|heading| there.contains(&fold(heading))).collect()
}

/// How a message describes the headings that are there.
fn listed(headings: &[String], table: &Table, map: &ColumnMap) -> String {
    let known = known(headings, table, map);
    let others = match headings.len().saturating_sub(known.len()) {
        0 => String::new(),
        1 => " and 1 heading that is not looked for".to_owned(),
        count => format!(" and {count} headings that are not looked for"),
    };
    let known: Vec<String> = known.iter().map(|heading| format!("{heading:?}")).collect();
    format!("there are {}{others}", known.join(", "))
}

/// Decodes a file's first record, whatever its encoding. The text is only compared with headings.
pub(super) fn decoded(record: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(record) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(record).0,
    }
}

/// Finds the table's columns in a file's first record.
pub(super) fn read_header(
    first: &FirstRecord,
    separator: u8,
    table: &Table,
    columns: &ColumnMap,
    file: &Path,
) -> Result<Layout, IntakeError> {
    let line = 1 + first.line_feeds_before;
    let broken = |reason| IntakeError::BrokenHeader { file: file.to_owned(), line, reason };
    let text = decoded(first.record.as_deref().map_err(|reason| broken(*reason))?);
    if Records::new(text.as_bytes(), separator).next(&mut []).is_some_and(|record| record.broken) {
        return Err(broken(FaultReason::BrokenQuoting));
    }
    let headings = separator::fields(&text, separator);
    Layout::resolve(&headings, separator, table, columns, (file, line)).map_err(|error| match error {
        IntakeError::NoHeader { file, line, column, heading, .. } => {
            IntakeError::NoHeader { file, line, column, heading, separator: separator::guessed(&text) }
        }
        other => other,
    })
}

/// Lists the sets of columns, one of which must be there, by the headings looked for.
fn choice(sets: &[&[Column]], map: &ColumnMap) -> String {
    let named = |set: &&[Column]| {
        let headings: Vec<_> = set.iter().map(|&column| format!("{:?}", map.heading(column))).collect();
        headings.join(" with ")
    };
    sets.iter().map(named).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::table::{BENEFITS, CUSTOMERS, OBJECTIONS, PROPERTIES};

    fn resolve(headings: &[&str], table: &Table, map: &[(&str, &str)]) -> Result<Layout, String> {
        let map = map.iter().copied().collect();
        let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
        Layout::resolve(&headings, b',', table, &map, (Path::new("file.csv"), 1)).map_err(|e| e.to_string())
    }

    #[test]
    fn headings_are_found_whatever_their_case_and_padding() {
        let layout =
            resolve(&["Something", " Customer_Ref ", "LAST NAME", "surname"], &CUSTOMERS, &[("surname", "last name")])
                .unwrap();
        assert_eq!(layout.width(), 4);
        assert_eq!(layout.position(Column::CustomerRef), Some(1));
        assert_eq!(layout.position(Column::Surname), Some(2));
        assert_eq!(layout.position(Column::Postcode), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (headings, table, map, said) in [
            (&["surname"][..], &CUSTOMERS, &[][..], "column customer_ref is missing"),
            (&["account", "surname"], &CUSTOMERS, &[("customer_ref", "ACCOUNT NO")], "\"ACCOUNT NO\""),
            (&["customer_ref", "forename"], &CUSTOMERS, &[], "\"surname\" or \"full_name\""),
            (&["claim_ref", "surname"], &BENEFITS, &[], "column benefit is missing"),
            (&["uprn"], &PROPERTIES, &[], "column energy_cost_score is missing"),
            (&["customer_ref"], &OBJECTIONS, &[], "\"supplier\" with \"customer_ref\""),
            (&["customer_ref", "surname"], &CUSTOMERS, &[("town", "CITY")], "column town is missing"),
            (&["customer_ref", "surname", "Surname"], &CUSTOMERS, &[], "more than once"),
        ] {
            let message = resolve(headings, table, map).unwrap_err();
            assert!(message.starts_with("file.csv: line 1: "), "{message}");
            assert!(message.contains(said), "{message}");
        }
    }

    /// Also if one or more of its cells equal a heading.
    #[test]
    fn nothing_is_shown_of_a_row_that_may_be_data() {
        for (headings, said) in [
            (&["0001", "Ellison", "1960-01-01"][..], "add the header row"),
            (&["0001", "Ellison", "Town", "1960-01-01"], "there are \"town\" and 3 headings that are not looked for"),
            (&["Surname", "Forename", "Ellison"], "there are \"forename\", \"surname\" and 1 heading that"),
            (&["customer_ref", "Ellison", "0001"], "there are \"customer_ref\" and 2 headings"),
        ] {
            let message = resolve(headings, &CUSTOMERS, &[]).map(|_| ()).unwrap_err();
            assert!(message.contains(said), "{message}");
            for value in ["Ellison", "0001", "1960"] {
                assert!(!message.contains(value), "{message}");
            }
        }
    }

    #[test]
    fn unneeded_headings_may_repeat_and_any_one_set_will_do() {
        for headings in [&["person_ref", "x", "x"][..], &["claim_ref"], &["supplier", "customer_ref"]] {
            assert!(resolve(headings, &OBJECTIONS, &[]).is_ok());
        }
    }
}

//! The header row: in go the headings of a file, out comes which field of each row holds which column.

use std::path::Path;

use super::column::Column;
use super::column_map::ColumnMap;
use super::error::IntakeError;
use super::table::Table;

/// At most this many headings are listed in a message.
const LISTED: usize = 12;

/// Where each column stands in a row.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    positions: [Option<u32>; Column::COUNT],
    width: usize,
}

impl Layout {
    /// The column's place among the fields of a row, where the file has that column.
    #[inline]
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize].map(|position| position as usize)
    }

    /// How many fields a row has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Finds the table's columns among the headings, which are compared trimmed and without regard to
    /// case.
    pub(super) fn resolve(
        headings: &[&str],
        table: &Table,
        map: &ColumnMap,
        file: &Path,
        line: u64,
    ) -> Result<Layout, IntakeError> {
        let comparable: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
        let mut layout = Layout { positions: [None; Column::COUNT], width: headings.len() };
        for column in table.columns() {
            let heading = map.heading(column);
            let wanted = fold(heading);
            let mut places = (0u32..).zip(&comparable).filter(|(_, found)| **found == wanted);
            layout.positions[column as usize] = places.next().map(|(place, _)| place);
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
        // A file without a header row has somebody's data in its first row: nothing of it is shown
        // unless at least one heading proves that it is a header.
        match (absent, one_of.first().and_then(|set| set.first())) {
            (Some(column), _) if is_header => Err(IntakeError::MissingColumn {
                file: file.to_owned(),
                line,
                column: column.name(),
                heading: map.heading(column).to_owned(),
                found: listed(headings, Some(map.heading(column))),
            }),
            (_, Some(_)) if is_header && lacks_choice => Err(IntakeError::MissingOneOf {
                file: file.to_owned(),
                line,
                wanted: choice(one_of, map),
                found: listed(headings, None),
            }),
            (Some(column), _) | (None, Some(&column)) if !is_header => Err(IntakeError::NoHeader {
                file: file.to_owned(),
                line,
                column: column.name(),
                heading: map.heading(column).to_owned(),
            }),
            _ => Ok(layout),
        }
    }
}

/// A heading in the form in which headings are compared.
fn fold(heading: &str) -> String {
    heading.trim().to_lowercase()
}

/// The headings for a message; those most like the one looked for stand first.
fn listed(headings: &[&str], like: Option<&str>) -> String {
    let mut headings = headings.to_vec();
    if let Some(like) = like.map(fold) {
        let likeness = |heading: &str| strsim::jaro_winkler(&fold(heading), &like);
        headings.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    }
    let shown: Vec<String> = headings
        .iter()
        .take(LISTED)
        .map(|heading| format!("{:?}", heading.chars().take(40).collect::<String>()))
        .collect();
    let more = if headings.len() > LISTED { ", ..." } else { "" };
    shown.join(", ") + more
}

/// The sets of columns of which one must be there, by the headings looked for.
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
        Layout::resolve(headings, table, &map, Path::new("file.csv"), 1).map_err(|e| e.to_string())
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

    #[test]
    fn the_likeliest_heading_stands_first() {
        let message = resolve(&["zzz", "surname", "cust_ref"], &CUSTOMERS, &[]).unwrap_err();
        assert!(message.contains("there are \"cust_ref\""), "{message}");
    }

    #[test]
    fn a_row_that_may_be_data_is_not_shown() {
        for table in [&CUSTOMERS, &OBJECTIONS, &BENEFITS] {
            let message = resolve(&["0001", "Ellison", "1960-01-01"], table, &[]).unwrap_err();
            assert!(!message.contains("Ellison") && !message.contains("0001"), "{message}");
            assert!(message.contains("header row missing"), "{message}");
        }
    }

    #[test]
    fn unneeded_headings_may_repeat_and_any_one_set_will_do() {
        for headings in [&["person_ref", "x", "x"][..], &["claim_ref"], &["supplier", "customer_ref"]] {
            assert!(resolve(headings, &OBJECTIONS, &[]).is_ok());
        }
    }
}

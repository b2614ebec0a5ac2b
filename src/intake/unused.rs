//! Lists the headings of a file that nothing reads, each with the known column that it may mean.
//!
//! Only `check` shows them, to the administrator alone, and only if all required columns were found in the
//! row and the rows below fit it: then the row is a header. Even then, a cell that does not look like a
//! heading is not shown.

use serde::Serialize;

use super::column::Column::{self, *};
use super::table::Table;

/// A heading that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedHeading {
    /// Its position among the file's columns, from 1.
    pub position: usize,
    /// The heading, if it looks like one.
    pub heading: Option<String>,
    /// The name of the column that it may mean, if one is near and the file lacks that column.
    pub nearest: Option<&'static str>,
}

impl UnusedHeading {
    /// Keeps only its position.
    pub(crate) fn withhold(&mut self) {
        (self.heading, self.nearest) = (None, None);
    }
}

/// Finds the headings that nothing reads; `columns` are the columns found, by position.
pub(super) fn unused(headings: &[String], columns: &[Option<Column>], table: &Table) -> Vec<UnusedHeading> {
    let missing: Vec<Column> = table.columns().filter(|column| !columns.contains(&Some(*column))).collect();
    let unread = headings.iter().zip(columns).enumerate().filter(|(_, (_, column))| column.is_none());
    let unused = unread.map(|(place, (heading, _))| {
        let heading = heading.trim();
        let is_heading = looks_like_a_heading(heading);
        UnusedHeading {
            position: place + 1,
            heading: is_heading.then(|| heading.to_owned()),
            nearest: if is_heading { nearest(heading, &missing).map(Column::name) } else { None },
        }
    });
    unused.collect()
}

/// Whether a text looks like a heading: it begins with a letter, is short, and has no digits except one or
/// two at its end. No date, number, postcode, reference or address is like that.
fn looks_like_a_heading(text: &str) -> bool {
    let words = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_word = |letter: char| letter.is_alphabetic() || " _-./()#&'".contains(letter);
    text.chars().count() <= 40
        && text.len() - words.len() <= 2
        && words.starts_with(char::is_alphabetic)
        && words.chars().all(is_word)
}

/// Other words for columns, in lower case and without punctuation.
const OTHER_WORDS: [(&str, Column); 46] = [
    ("account", CustomerRef),
    ("accountid", CustomerRef),
    ("accountno", CustomerRef),
    ("accountnumber", CustomerRef),
    ("accountref", CustomerRef),
    ("customerid", CustomerRef),
    ("customerno", CustomerRef),
    ("customernumber", CustomerRef),
    ("reference", CustomerRef),
    ("salutation", Title),
    ("firstname", Forename),
    ("givenname", Forename),
    ("christianname", Forename),
    ("middlename", MiddleNames),
    ("othernames", MiddleNames),
    ("lastname", Surname),
    ("familyname", Surname),
    ("name", FullName),
    ("customername", FullName),
    ("accountholder", FullName),
    ("dob", DateOfBirth),
    ("birthdate", DateOfBirth),
    ("birthday", DateOfBirth),
    ("born", DateOfBirth),
    ("jointdob", JointDateOfBirth),
    ("dob2", JointDateOfBirth),
    ("address", AddressLine1),
    ("address1", AddressLine1),
    ("street", AddressLine1),
    ("address2", AddressLine2),
    ("address3", AddressLine3),
    ("address4", AddressLine4),
    ("address5", AddressLine5),
    ("posttown", Town),
    ("city", Town),
    ("postalcode", Postcode),
    ("zip", Postcode),
    ("startdate", SupplyStart),
    ("movein", SupplyStart),
    ("enddate", SupplyEnd),
    ("moveout", SupplyEnd),
    ("claimid", ClaimRef),
    ("claimnumber", ClaimRef),
    ("personid", PersonRef),
    ("benefitcode", Benefit),
    ("benefittype", Benefit),
];

/// The similarity (Jaro-Winkler) from which one name may be a slip for the other.
const ALIKE: f64 = 0.9;

/// The column that a heading may mean: by another word for it, by its name within the heading, or by a name
/// that is nearly the same.
fn nearest(heading: &str, columns: &[Column]) -> Option<Column> {
    let heading = plain(heading);
    let other_word = OTHER_WORDS.iter().find(|(word, column)| *word == heading && columns.contains(column));
    let by_word = other_word.map(|(_, column)| *column);
    let named = columns.iter().map(|column| (*column, plain(column.name())));
    let within = named.clone().filter(|(_, name)| heading.contains(name.as_str())).max_by_key(|(_, name)| name.len());
    let alike = named
        .map(|(column, name)| (column, strsim::jaro_winkler(&heading, &name)))
        .filter(|(_, alike)| *alike >= ALIKE)
        .max_by(|one, other| one.1.total_cmp(&other.1));
    by_word.or(within.map(|(column, _)| column)).or(alike.map(|(column, _)| column))
}

fn plain(heading: &str) -> String {
    heading.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::table::CUSTOMERS;

    #[test]
    fn the_nearest_column_by_example() {
        for (heading, found) in [
            ("DOB", Some(DateOfBirth)),
            ("Birth Date", Some(DateOfBirth)),
            ("customer_date_of_birth", Some(DateOfBirth)),
            ("Joint Date of Birth", Some(JointDateOfBirth)),
            ("date_of_brith", Some(DateOfBirth)),
            ("First name", Some(Forename)),
            ("Post Code", Some(Postcode)),
            ("Address 2", Some(AddressLine2)),
            ("Tariff", None),
            ("colour", None),
        ] {
            let columns: Vec<Column> = CUSTOMERS.columns().collect();
            assert_eq!(nearest(heading, &columns), found, "{heading}");
        }
        assert_eq!(nearest("DOB", &[Town]), None, "the file has that column");
    }

    #[test]
    fn what_does_not_look_like_a_heading_is_not_shown() {
        for (text, is_heading) in [
            ("DOB", true),
            ("Address line 1", true),
            ("tariff (new)", true),
            ("Straße", true),
            ("", false),
            ("1951-03-14", false),
            ("14/03/1951", false),
            ("LE12 8XQ", false),
            ("7 Zinnia Row", false),
            ("100099155119", false),
            ("REF-100", false),
            ("a\u{1b}[2J", false),
            ("a heading that goes on and on and on for ever", false),
        ] {
            assert_eq!(looks_like_a_heading(text), is_heading, "{text}");
        }
        let headings = ["customer_ref", "DOB", "1951-03-14"].map(str::to_owned);
        let found = unused(&headings, &[Some(CustomerRef), None, None], &CUSTOMERS);
        let dob = UnusedHeading { position: 2, heading: Some("DOB".to_owned()), nearest: Some(DateOfBirth.name()) };
        assert_eq!(found, [dob, UnusedHeading { position: 3, heading: None, nearest: None }]);
    }
}

//! Describes a table as a [Table Schema](https://datapackage.org/standard/table-schema/), for the manifest of a delivery
//! and for `docs/schemas`.

use serde::{Serialize, Serializer};

use super::table::Table;

/// A column, as its table declares it.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub(super) name: &'static str,
    /// What it means, in a sentence.
    pub(super) meaning: &'static str,
    pub(super) kind: Kind,
    /// A row may leave it empty.
    pub(super) may_be_empty: bool,
    /// Files of older versions lack it.
    pub(super) is_later: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number from 1.
    Count,
    /// A whole number from 0.
    Tally,
    /// A number from 0 to 1.
    Share,
    /// `true` or `false`.
    Boolean,
    /// A day.
    Date,
}

/// The schema of a table.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    #[serde(skip)]
    file: &'static str,
    #[serde(rename = "$schema")]
    profile: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    primary_key: &'static [&'static str],
    fields: &'static [Column],
}

impl Schema {
    /// The schema of a table.
    pub fn new<T: Table>() -> Schema {
        Schema {
            file: T::FILE,
            profile: "https://datapackage.org/profiles/2.0/tableschema.json",
            title: T::TITLE.trim(),
            primary_key: T::KEY,
            fields: T::COLUMNS,
        }
    }

    /// The file's name, or its ending if there is one for each scheme.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The names of the columns, in the order of the file.
    pub fn header(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|column| column.name)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
    constraints: Constraints,
    #[serde(skip_serializing_if = "Option::is_none")]
    true_values: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    false_values: Option<[&'static str; 1]>,
}

#[derive(Default, Serialize)]
struct Constraints {
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<u8>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    values: Option<&'static [&'static str]>,
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let any = Constraints { required: !self.may_be_empty, ..Constraints::default() };
        let (kind, constraints) = match self.kind {
            Kind::Text => ("string", any),
            Kind::OneOf(values) => ("string", Constraints { values: Some(values), ..any }),
            Kind::Count => ("integer", Constraints { minimum: Some(1), ..any }),
            Kind::Tally => ("integer", Constraints { minimum: Some(0), ..any }),
            Kind::Share => ("number", Constraints { minimum: Some(0), maximum: Some(1), ..any }),
            Kind::Boolean => ("boolean", any),
            Kind::Date => ("date", any),
        };
        let is_boolean = matches!(self.kind, Kind::Boolean);
        let (true_values, false_values) = (is_boolean.then_some(["true"]), is_boolean.then_some(["false"]));
        let (name, description) = (self.name, self.meaning.trim());
        Field { name, kind, description, constraints, true_values, false_values }.serialize(serializer)
    }
}

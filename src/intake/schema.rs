//! Describes an input file as a [Table Schema](https://datapackage.org/standard/table-schema/), for `docs/schemas`.

use serde::{Serialize, Serializer};

use super::column::Column;
use super::table::Table;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema<'a> {
    #[serde(rename = "$schema")]
    profile: &'a str,
    title: &'a str,
    /// Columns come in any order, optional ones may be missing, and others are passed over.
    fields_match: &'a str,
    /// An empty field counts as a text: it costs its row or nothing, and the file is still such a file. So `required`
    /// is about columns alone.
    missing_values: [&'a str; 0],
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<Constraints>,
}

#[derive(Serialize)]
struct Constraints {
    required: bool,
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = |column: Column| {
            let constraints = self.required().contains(&column).then_some(Constraints { required: true });
            let description = column.meaning().trim().to_owned() + &self.unless(column);
            Field { name: column.name(), kind: "string", description, constraints }
        };
        Schema {
            profile: "https://datapackage.org/profiles/2.0/tableschema.json",
            title: self.title(),
            fields_match: "partial",
            missing_values: [],
            fields: self.columns().map(field).collect(),
        }
        .serialize(serializer)
    }
}

impl Table {
    /// For a column that is one choice of several, a sentence that names the others.
    fn unless(&self, column: Column) -> String {
        let names = |set: &&[Column]| set.iter().map(|column| column.name()).collect::<Vec<_>>().join(" with ");
        let (own, others): (Vec<&[Column]>, Vec<&[Column]>) =
            self.one_of().iter().partition(|set| set.contains(&column));
        match own.first() {
            None => String::new(),
            Some(_) => format!(" Required without {}.", others.iter().map(names).collect::<Vec<_>>().join(" and ")),
        }
    }
}

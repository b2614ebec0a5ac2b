//! Maps canonical column names to the headings of a file.

use std::collections::BTreeMap;

use super::column::Column;

/// Canonical column names with the headings that a file has for them. A column that is not mapped is looked
/// for under its canonical name, a mapped one only under the given heading.
///
/// ```
/// use flagmatch::intake::ColumnMap;
/// let map: ColumnMap = [("customer_ref", "ACCOUNT NO")].into_iter().collect();
/// assert_eq!(map.names().collect::<Vec<_>>(), ["customer_ref"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(BTreeMap<String, String>);

impl ColumnMap {
    /// The canonical names that are mapped, to check against
    /// [`Table::column_names`](super::Table::column_names).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The heading that the map gives for a column, if any.
    pub(super) fn mapped(&self, column: Column) -> Option<&str> {
        self.0.get(column.name()).map(String::as_str)
    }

    /// The heading to look for.
    pub(crate) fn heading(&self, column: Column) -> &str {
        self.mapped(column).unwrap_or(column.name())
    }
}

impl<Name: Into<String>, Heading: Into<String>> FromIterator<(Name, Heading)> for ColumnMap {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Heading)>>(pairs: Pairs) -> Self {
        ColumnMap(pairs.into_iter().map(|(name, heading)| (name.into(), heading.into())).collect())
    }
}

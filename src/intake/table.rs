//! Declares which columns each input file may have, and which it must have.

use super::column::Column::{self, *};

/// The columns of one kind of input file.
///
/// ```
/// use flagmatch::intake::CUSTOMERS;
/// assert!(CUSTOMERS.column_names().any(|name| name == "supply_end"));
/// assert!(!CUSTOMERS.column_names().any(|name| name == "income"));
/// ```
#[derive(Debug)]
pub struct Table {
    title: &'static str,
    required: &'static [Column],
    optional: &'static [Column],
    one_of: &'static [&'static [Column]],
}

impl Table {
    /// The canonical names of all columns, the required ones first.
    pub fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns().map(Column::name)
    }

    /// All columns, the required ones first.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Column> {
        self.required.iter().chain(self.optional).copied()
    }

    /// What such a file is, in a sentence.
    pub(super) fn title(&self) -> &'static str {
        self.title
    }

    /// The columns without which the file cannot be used.
    pub(super) fn required(&self) -> &'static [Column] {
        self.required
    }

    /// Sets of columns, at least one of which must be there as a whole; empty if there is no such rule.
    pub(super) fn one_of(&self) -> &'static [&'static [Column]] {
        self.one_of
    }
}

/// A supplier's customer file: a row names one or two holders of an account.
pub static CUSTOMERS: Table = Table {
    title: "A supplier's customer file: a row names one or two holders of an account.",
    required: &[CustomerRef],
    optional: &[
        Title,
        Forename,
        MiddleNames,
        Surname,
        FullName,
        DateOfBirth,
        JointForename,
        JointSurname,
        JointDateOfBirth,
        AddressLine1,
        AddressLine2,
        AddressLine3,
        AddressLine4,
        AddressLine5,
        Town,
        Postcode,
        Uprn,
        SupplyStart,
        SupplyEnd,
    ],
    one_of: &[&[Surname], &[FullName]],
};

/// A benefit file: a row is one award to one person.
pub static BENEFITS: Table = Table {
    title: "A benefit file: a row is one award to one person.",
    required: &[ClaimRef, Benefit],
    optional: &[
        PersonRef,
        Role,
        Forename,
        MiddleNames,
        Surname,
        FullName,
        DateOfBirth,
        AddressLine1,
        AddressLine2,
        AddressLine3,
        AddressLine4,
        AddressLine5,
        Town,
        Postcode,
        Uprn,
        AwardStart,
        AwardEnd,
        Income,
    ],
    one_of: &[&[Surname], &[FullName]],
};

/// A property file: the energy-cost score of each home.
pub static PROPERTIES: Table = Table {
    title: "A property file: the energy-cost score of each home.",
    required: &[Uprn, EnergyCostScore],
    optional: &[],
    one_of: &[],
};

/// An objections file: a row is a person, a claim or an account that must not get a flag.
pub static OBJECTIONS: Table = Table {
    title: "An objections file: a row is a person, a claim or an account that must not get a flag.",
    required: &[],
    optional: &[PersonRef, ClaimRef, Supplier, CustomerRef],
    one_of: &[&[PersonRef], &[ClaimRef], &[Supplier, CustomerRef]],
};

/// A decisions file: what the administrator's staff decided.
pub static DECISIONS: Table = Table {
    title: "A decisions file: what the administrator's staff decided.",
    required: &[Supplier, CustomerRef, Scheme, Flag],
    optional: &[ClaimRef, PersonRef, DecidedBy, DecidedOn, Reason],
    one_of: &[],
};

/// An exceptions file: accounts whose notice the supplier cannot act on.
pub static EXCEPTIONS: Table = Table {
    title: "An exceptions file: accounts whose notice the supplier cannot act on.",
    required: &[CustomerRef, Reason],
    optional: &[Scheme, ReportedOn],
    one_of: &[],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::job::columns;

    #[test]
    fn a_job_may_map_the_columns_of_each_table_and_no_others() {
        for (table, mapped) in [
            (&CUSTOMERS, columns::CUSTOMER),
            (&BENEFITS, columns::BENEFIT),
            (&PROPERTIES, columns::PROPERTY),
            (&OBJECTIONS, columns::OBJECTION),
            (&DECISIONS, columns::DECISION),
            (&EXCEPTIONS, columns::EXCEPTION),
        ] {
            let sorted = |names: &mut dyn Iterator<Item = &'static str>| names.collect::<BTreeSet<_>>();
            assert_eq!(sorted(&mut table.column_names()), sorted(&mut mapped.iter().copied()));
        }
    }

    #[test]
    fn every_rule_is_about_columns_of_its_own_table() {
        for table in [&CUSTOMERS, &BENEFITS, &PROPERTIES, &OBJECTIONS, &DECISIONS, &EXCEPTIONS] {
            let columns: Vec<_> = table.columns().collect();
            for column in table.one_of().iter().copied().flatten() {
                assert!(columns.contains(column), "{column}");
            }
            for (place, column) in columns.iter().enumerate() {
                assert!(!columns[..place].contains(column), "{column} twice");
            }
        }
    }
}

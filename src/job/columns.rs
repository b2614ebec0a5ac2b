//! Lists the canonical column names of each kind of file, to which a `columns` map may give other headings.

pub(crate) const CUSTOMER: &[&str] = &[
    "customer_ref",
    "title",
    "forename",
    "middle_names",
    "surname",
    "full_name",
    "date_of_birth",
    "joint_forename",
    "joint_surname",
    "joint_date_of_birth",
    "address_line_1",
    "address_line_2",
    "address_line_3",
    "address_line_4",
    "address_line_5",
    "town",
    "postcode",
    "uprn",
    "supply_start",
    "supply_end",
];

pub(crate) const BENEFIT: &[&str] = &[
    "claim_ref",
    "person_ref",
    "role",
    "forename",
    "middle_names",
    "surname",
    "full_name",
    "date_of_birth",
    "address_line_1",
    "address_line_2",
    "address_line_3",
    "address_line_4",
    "address_line_5",
    "town",
    "postcode",
    "uprn",
    "benefit",
    "award_start",
    "award_end",
    "income",
];

pub(crate) const PROPERTY: &[&str] = &["uprn", "energy_cost_score"];

pub(crate) const OBJECTION: &[&str] = &["person_ref", "claim_ref", "supplier", "customer_ref"];

pub(crate) const DECISION: &[&str] =
    &["supplier", "customer_ref", "scheme", "flag", "claim_ref", "person_ref", "decided_by", "decided_on", "reason"];

pub(crate) const EXCEPTION: &[&str] = &["customer_ref", "reason", "scheme", "reported_on"];

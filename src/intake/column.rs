//! Names the columns of every input file.
//!
//! Tables that share a column share its [`Column`], so that one piece of code reads a name or an address from
//! a customer row and from a benefit row alike.

use std::fmt;

macro_rules! columns {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal,)*) => {
        /// A column of an input file, under its canonical name.
        ///
        /// ```
        /// use flagmatch::intake::Column;
        /// assert_eq!(Column::AddressLine1.name(), "address_line_1");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Column {
            $($(#[doc = $meaning])+ $variant,)*
        }

        impl Column {
            /// How many columns there are over all tables.
            pub(super) const COUNT: usize = [$(Column::$variant),*].len();

            /// The canonical name, as the job file and `rejects.csv` write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Column::$variant => $name,)*
                }
            }

            /// What it means, in a sentence.
            pub(super) fn meaning(self) -> &'static str {
                match self {
                    $(Column::$variant => concat!($($meaning),+),)*
                }
            }
        }
    };
}

columns! {
    /// The supplier's own opaque reference of an account. Rows with the same one are holders of one account.
    CustomerRef = "customer_ref",
    /// Mr, Ms, Dr.
    Title = "title",
    /// The first given name.
    Forename = "forename",
    /// Further given names.
    MiddleNames = "middle_names",
    /// The family name.
    Surname = "surname",
    /// The whole name in one field.
    FullName = "full_name",
    /// The birth date; the day comes before the month, unless the year comes first.
    DateOfBirth = "date_of_birth",
    /// A joint holder's first given name.
    JointForename = "joint_forename",
    /// A joint holder's family name; if empty, the first holder's.
    JointSurname = "joint_surname",
    /// A joint holder's birth date.
    JointDateOfBirth = "joint_date_of_birth",
    /// The first line of the address.
    AddressLine1 = "address_line_1",
    /// The second line of the address.
    AddressLine2 = "address_line_2",
    /// The third line of the address.
    AddressLine3 = "address_line_3",
    /// The fourth line of the address.
    AddressLine4 = "address_line_4",
    /// The fifth line of the address.
    AddressLine5 = "address_line_5",
    /// The post town.
    Town = "town",
    /// The postcode.
    Postcode = "postcode",
    /// The Unique Property Reference Number.
    Uprn = "uprn",
    /// The first day on supply; empty is unbounded.
    SupplyStart = "supply_start",
    /// The last day on supply; empty is unbounded.
    SupplyEnd = "supply_end",
    /// The reference of a household's claim.
    ClaimRef = "claim_ref",
    /// The reference of a person in the benefit records. Rows with the same one are one person.
    PersonRef = "person_ref",
    /// Claimant or partner; empty is claimant.
    Role = "role",
    /// The benefit awarded: a code that the job's groups name.
    Benefit = "benefit",
    /// The first day of the award; empty is open.
    AwardStart = "award_start",
    /// The last day of the award; empty is open.
    AwardEnd = "award_end",
    /// The claim's yearly income in pounds; a pound sign and commas are read.
    Income = "income",
    /// The home's energy-cost score: higher is colder, and dearer to heat.
    EnergyCostScore = "energy_cost_score",
    /// A supplier's id, as in the job file.
    Supplier = "supplier",
    /// A scheme's id, as in the job file.
    Scheme = "scheme",
    /// `Y` or `N`, as staff decided.
    Flag = "flag",
    /// Who decided.
    DecidedBy = "decided_by",
    /// The day of the decision, perhaps with a time; a later decision supersedes an earlier one.
    DecidedOn = "decided_on",
    /// The reason for a decision or an exception.
    Reason = "reason",
    /// The day on which a supplier reported something.
    ReportedOn = "reported_on",
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

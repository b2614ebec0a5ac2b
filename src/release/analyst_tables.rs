//! Declares the tables that analysts receive: what each counts, by what, and how far one household moves it.

use super::values::values;

values! {
    /// A table of published figures.
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum AnalystTable {
        /// Eligible households.
        Households = "households",
        /// Eligible households by region of Great Britain.
        HouseholdsByRegion = "households-by-region",
        /// Eligible households by the group of the scheme through which they are eligible.
        HouseholdsByGroup = "households-by-group",
        /// Eligible households by the claimant's age on the qualifying date.
        HouseholdsByAge = "households-by-age",
        /// Eligible households by whether the claimant's date of birth is known.
        HouseholdsByBirthDate = "households-by-birth-date",
        /// Persons of eligible households by region.
        PersonsByRegion = "persons-by-region",
        /// Persons of eligible households by group.
        PersonsByGroup = "persons-by-group",
        /// Persons of eligible households by age.
        PersonsByAge = "persons-by-age",
        /// Persons of eligible households by whether their date of birth is known.
        PersonsByBirthDate = "persons-by-birth-date",
        /// Accounts on supply by supplier.
        AccountsBySupplier = "accounts-by-supplier",
        /// Accounts on supply by postcode area.
        AccountsByArea = "accounts-by-area",
        /// Accounts on supply by flat or house, and by whether the first holder's date of birth is known.
        AccountsByKind = "accounts-by-kind",
        /// Accounts on supply by what the first holder's name shows of its origin.
        AccountsByNameOrigin = "accounts-by-name-origin",
        /// Accounts on supply by the match weight of the best candidate.
        AccountsByWeight = "accounts-by-weight",
        /// Accounts on supply that are not flagged, by the reason.
        AccountsByReason = "accounts-by-reason",
    }
}

values! {
    /// What became of a household, a person or an account in a table of published figures, by the match alone: before
    /// rebates are allocated, and without decisions by staff.
    pub enum AnalystOutcome {
        /// An account of the household reaches the threshold.
        Matched = "matched",
        /// None does, and one reaches the posterior of review.
        Review = "review",
        /// Somebody of the household objected.
        Objected = "objected",
        /// No account reaches the posterior of review.
        NotFound = "not-found",
        /// The account reaches the threshold.
        Flagged = "flagged",
        /// The account does not.
        Unflagged = "unflagged",
    }
}

const OF_HOUSEHOLDS: [AnalystOutcome; 4] =
    [AnalystOutcome::Matched, AnalystOutcome::Review, AnalystOutcome::Objected, AnalystOutcome::NotFound];

/// The sum, over the counts of a table, of the squares by which one household moves them at most: if its records come, go
/// or are others. Its root is the table's sensitivity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moves(u32);

impl Moves {
    /// A household is in one count. With other records it leaves one and enters another: 1² + 1².
    const ONE_ROW: Moves = Moves(2);
    /// A household counts with two persons at most, who may both leave one count and enter the same other: 2² + 2².
    const TWO_PERSONS: Moves = Moves(8);
    /// A household is a candidate on two accounts at most, so that its records decide the outcome of two. With other
    /// records it may leave two accounts and enter two others. At worst all four leave one count and enter the same
    /// other: 4² + 4².
    const FOUR_ACCOUNTS: Moves = Moves(32);
}

impl AnalystTable {
    /// The table of the headline.
    pub const HEADLINE: AnalystTable = AnalystTable::Households;

    /// All tables but the headline, in the order of the file.
    pub const DETAILS: [AnalystTable; 14] = [
        AnalystTable::HouseholdsByRegion,
        AnalystTable::HouseholdsByGroup,
        AnalystTable::HouseholdsByAge,
        AnalystTable::HouseholdsByBirthDate,
        AnalystTable::PersonsByRegion,
        AnalystTable::PersonsByGroup,
        AnalystTable::PersonsByAge,
        AnalystTable::PersonsByBirthDate,
        AnalystTable::AccountsBySupplier,
        AnalystTable::AccountsByArea,
        AnalystTable::AccountsByKind,
        AnalystTable::AccountsByNameOrigin,
        AnalystTable::AccountsByWeight,
        AnalystTable::AccountsByReason,
    ];

    /// The outcomes that its counts are of.
    pub fn outcomes(self) -> &'static [AnalystOutcome] {
        match self.unit() {
            AnalystUnit::Households | AnalystUnit::Persons => &OF_HOUSEHOLDS,
            AnalystUnit::Accounts if self == AnalystTable::AccountsByReason => &[AnalystOutcome::Unflagged],
            AnalystUnit::Accounts => &[AnalystOutcome::Flagged, AnalystOutcome::Unflagged],
        }
    }

    /// What it counts.
    pub fn unit(self) -> AnalystUnit {
        use AnalystTable::{
            Households, HouseholdsByAge, HouseholdsByBirthDate, HouseholdsByGroup, HouseholdsByRegion, PersonsByAge,
            PersonsByBirthDate, PersonsByGroup, PersonsByRegion,
        };
        match self {
            Households | HouseholdsByRegion | HouseholdsByGroup | HouseholdsByAge | HouseholdsByBirthDate => {
                AnalystUnit::Households
            }
            PersonsByRegion | PersonsByGroup | PersonsByAge | PersonsByBirthDate => AnalystUnit::Persons,
            _ => AnalystUnit::Accounts,
        }
    }

    /// The square of its sensitivity: how far one household moves it.
    pub(crate) fn moves(self) -> u32 {
        let Moves(squares) = match self.unit() {
            AnalystUnit::Households => Moves::ONE_ROW,
            AnalystUnit::Persons => Moves::TWO_PERSONS,
            AnalystUnit::Accounts => Moves::FOUR_ACCOUNTS,
        };
        squares
    }
}

/// What a table of published figures counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnalystUnit {
    /// Claims that share a person, of which one is eligible.
    Households,
    /// Persons of eligible households, two of each at most.
    Persons,
    /// Accounts on supply.
    Accounts,
}

//! Prices people whom no benefit record names, and who may be the holder in place of a person that was found: a twin,
//! a parent of the same name, the next occupier.
//!
//! Each [kind](Kind) has a rate, people of that kind who are named on an account for each person found, and a
//! distribution over the comparison levels of each field. The odds of an unseen person are the prior odds of one
//! person, times the rate, times the likelihood ratio of the levels under the kind against chance. The figures stand
//! in `shipped.toml`, each with its source.

mod price;
mod table;

pub(crate) use price::{Fields, Prices};
pub(crate) use table::{Comparison, RelativesTable};
pub use table::{RelativesError, RelativesFault};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $words:literal;)+) => {
        /// A kind of unseen person, by what they are to the person found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind { $($(#[$doc])* $kind,)+ }

        impl Kind {
            pub(crate) const ALL: &[Kind] = &[$(Kind::$kind,)+];

            /// The kind's name in the table.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)+ }
            }

            /// The kind in words.
            pub(crate) fn words(self) -> &'static str {
                match self { $(Kind::$kind => $words,)+ }
            }
        }
    };
}

kinds! {
    /// A twin.
    Twin = "twin", "a twin";
    /// A parent or child of the same forename and surname.
    Namesake = "namesake", "a parent or child of the same name";
    /// A brother or sister.
    Sibling = "sibling", "a brother or sister";
    /// The partner of a person whose claim names none.
    Partner = "partner", "a partner";
    /// Another adult of the family.
    Family = "family", "another adult of the family";
    /// Another adult of the home.
    Housemate = "housemate", "another adult of the home";
    /// The next or former occupier.
    Occupier = "occupier", "the next or former occupier";
    /// Another adult who was entered under the person's date of birth.
    Misdated = "misdated", "another adult entered under this date of birth";
}

/// The number of kinds.
pub(crate) const KINDS: usize = Kind::ALL.len();

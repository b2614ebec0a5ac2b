//! Postcodes: in comes text as typed, out comes a unit postcode of British form, opaque text, or nothing.

use crate::text::Text;

/// What an address's postcode field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Postcode {
    /// Nothing.
    #[default]
    Absent,
    /// A postcode of British form.
    British(BritishPostcode),
    /// Some other code, which can agree exactly or not at all.
    Opaque(Text<12>),
}

/// A unit postcode of British form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BritishPostcode(Text<7>);

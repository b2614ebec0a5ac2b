//! The fields that are weighed: in goes the evidence of a pair, out come the cells of the tables of m
//! and u that the pair falls into.
//!
//! Fields that say the same thing twice are not counted as independent: dwelling, street, town and UPRN
//! have a table for each thing that the postcodes may already have said, so that the sum over cells
//! follows the chain rule of probability.

use arrayvec::ArrayVec;

use crate::matching::evidence::{
    BirthDate, Dwelling, Evidence, Family, Given, Middle, Order, Postcode, Street, Town, Uprn,
};

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal, $levels:expr;)+) => {
        /// A table of m and u.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Field { $($(#[$doc])* $field,)+ }

        impl Field {
            pub(crate) const ALL: &[Field] = &[$(Field::$field,)+];

            /// The table's name in a weights file.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Field::$field => $name,)+ }
            }

            /// The names of the field's levels, in their order.
            pub(crate) fn levels(self) -> Vec<&'static str> {
                match self { $(Field::$field => $levels.iter().map(|level| level.name()).collect(),)+ }
            }
        }
    };
}

/// Whether forename and surname stand the other way round.
#[derive(Clone, Copy)]
enum Swapped {
    Yes,
    No,
}

impl Swapped {
    fn name(&self) -> &'static str {
        match self {
            Swapped::Yes => "yes",
            Swapped::No => "no",
        }
    }
}

const OPAQUE: [Postcode; 4] = [Postcode::Exact, Postcode::Slip, Postcode::Absent, Postcode::Different];

fields! {
    /// Forenames.
    Given = "given", Given::ALL;
    /// Middle names.
    Middle = "middle", Middle::ALL;
    /// Surnames.
    Family = "family", Family::ALL;
    /// Senior and junior.
    Order = "order", Order::ALL;
    /// The names as a whole, the other way round.
    Swapped = "swapped", [Swapped::Yes, Swapped::No];
    /// Dates of birth.
    BirthDate = "birth-date", BirthDate::ALL;
    /// Postcodes of British form.
    PostcodeBritish = "postcode.british", Postcode::ALL;
    /// Codes of an unknown system.
    PostcodeOpaque = "postcode.opaque", OPAQUE;
    /// Number and flat where the postcodes agree or nearly so, ...
    DwellingNear = "dwelling.near", Dwelling::ALL;
    /// ... where they differ, ...
    DwellingApart = "dwelling.apart", Dwelling::ALL;
    /// ... or where they cannot be compared.
    DwellingUnknown = "dwelling.unknown", Dwelling::ALL;
    /// Streets, likewise.
    StreetNear = "street.near", Street::ALL;
    /// Streets, likewise.
    StreetApart = "street.apart", Street::ALL;
    /// Streets, likewise.
    StreetUnknown = "street.unknown", Street::ALL;
    /// Towns, where the postcodes are of different areas, ...
    TownApart = "town.apart", Town::ALL;
    /// ... or cannot be compared.
    TownUnknown = "town.unknown", Town::ALL;
    /// UPRNs of what the addresses call one dwelling, ...
    UprnSameDwelling = "uprn.same-dwelling", Uprn::ALL;
    /// ... of neighbours or flats, ...
    UprnNear = "uprn.near", Uprn::ALL;
    /// ... or of homes that are nowhere near each other.
    UprnApart = "uprn.apart", Uprn::ALL;
}

/// No field has more levels.
pub(crate) const MOST_LEVELS: usize = 8;

/// A level of a field, by its place among the field's levels.
pub(crate) type Cell = (Field, usize);

/// The cells of the names.
pub(crate) fn name_cells(evidence: &Evidence) -> [Cell; 5] {
    let swapped = if evidence.swapped { Swapped::Yes } else { Swapped::No };
    [
        (Field::Given, evidence.given as usize),
        (Field::Middle, evidence.middle as usize),
        (Field::Family, evidence.family as usize),
        (Field::Order, evidence.order as usize),
        (Field::Swapped, swapped as usize),
    ]
}

/// The cells of the address.
pub(crate) fn place_cells(evidence: &Evidence) -> ArrayVec<Cell, 5> {
    let opaque = |level| OPAQUE.iter().position(|other| *other == level).unwrap_or(OPAQUE.len() - 1);
    let postcode = match evidence.british {
        true => (Field::PostcodeBritish, evidence.postcode as usize),
        false => (Field::PostcodeOpaque, opaque(evidence.postcode)),
    };
    let [dwelling, street] = match evidence.postcode {
        _ if evidence.is_near() => [Field::DwellingNear, Field::StreetNear],
        Postcode::Absent => [Field::DwellingUnknown, Field::StreetUnknown],
        _ if !evidence.british => [Field::DwellingUnknown, Field::StreetUnknown],
        _ => [Field::DwellingApart, Field::StreetApart],
    };
    // A town says nothing more where the postcodes agree in a part of it.
    let town = match evidence.postcode {
        Postcode::Absent => Some(Field::TownUnknown),
        Postcode::Slip | Postcode::Different if !evidence.british => Some(Field::TownUnknown),
        Postcode::Different => Some(Field::TownApart),
        _ => None,
    };
    let uprn = match evidence.dwelling {
        Dwelling::Same if evidence.is_near() => Field::UprnSameDwelling,
        _ if evidence.is_near() => Field::UprnNear,
        _ => Field::UprnApart,
    };
    let mut cells = ArrayVec::from_iter([
        postcode,
        (dwelling, evidence.dwelling as usize),
        (street, evidence.street as usize),
        (uprn, evidence.uprn as usize),
    ]);
    cells.extend(town.map(|field| (field, evidence.town as usize)));
    cells
}

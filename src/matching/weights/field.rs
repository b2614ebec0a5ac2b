//! Maps the evidence of a pair to its cells in the tables of m and u.
//!
//! Fields that depend on each other are not weighed as independent. Dwelling, street, town and UPRN have a
//! table for each way in which the postcodes may agree, so that the sum over cells follows the chain rule of
//! probability.

use arrayvec::ArrayVec;

use crate::matching::evidence::{
    BirthDate, Dwelling, Evidence, Family, Given, Middle, NameComparison, Order, Postcode, Street, Town, Uprn,
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

/// Whether forename and surname are exchanged.
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
    /// Whether forename and surname are exchanged.
    Swapped = "swapped", [Swapped::Yes, Swapped::No];
    /// Dates of birth.
    BirthDate = "birth-date", BirthDate::ALL;
    /// Postcodes of British form.
    PostcodeBritish = "postcode.british", Postcode::ALL;
    /// Postcodes of an unknown system.
    PostcodeOpaque = "postcode.opaque", OPAQUE;
    /// Number and flat, if the postcodes agree or nearly agree.
    DwellingNear = "dwelling.near", Dwelling::ALL;
    /// Number and flat, if the postcodes differ.
    DwellingApart = "dwelling.apart", Dwelling::ALL;
    /// Number and flat, if the postcodes cannot be compared.
    DwellingUnknown = "dwelling.unknown", Dwelling::ALL;
    /// Streets, if the postcodes agree or nearly agree.
    StreetNear = "street.near", Street::ALL;
    /// Streets, if the postcodes differ.
    StreetApart = "street.apart", Street::ALL;
    /// Streets, if the postcodes cannot be compared.
    StreetUnknown = "street.unknown", Street::ALL;
    /// Towns, if the postcodes are of different areas.
    TownApart = "town.apart", Town::ALL;
    /// Towns, if the postcodes cannot be compared.
    TownUnknown = "town.unknown", Town::ALL;
    /// UPRNs, if the addresses name one dwelling.
    UprnSameDwelling = "uprn.same-dwelling", Uprn::ALL;
    /// UPRNs, if the addresses are those of neighbours or flats.
    UprnNear = "uprn.near", Uprn::ALL;
    /// UPRNs, if the addresses are not near each other.
    UprnApart = "uprn.apart", Uprn::ALL;
}

/// The most levels of any field.
pub(crate) const MOST_LEVELS: usize = 12;

/// A level of a field, by its place among the field's levels.
pub(crate) type Cell = (Field, usize);

/// The cells of the names.
pub(crate) fn name_cells(names: &NameComparison) -> [Cell; 5] {
    let swapped = if names.swapped { Swapped::Yes } else { Swapped::No };
    [
        (Field::Given, names.given as usize),
        (Field::Middle, names.middle as usize),
        (Field::Family, names.family as usize),
        (Field::Order, names.order as usize),
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
    // A town adds nothing if the postcodes agree in their area.
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

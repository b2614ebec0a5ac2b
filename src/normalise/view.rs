//! Gives the words of an [`Identity`], or of the bytes in which one is stored, by reference, so that
//! comparing two records copies no text.

use arrayvec::ArrayVec;

use super::postcode::Postcode;
use super::uprn::Uprn;
use super::{Address, Generation, HouseNumber, Identity, Name};
use crate::date::Date;

/// A person as one row describes them, by reference. `Debug` prints none of it.
#[derive(Clone, Default)]
pub(crate) struct View<'a> {
    pub(crate) name: NameView<'a>,
    pub(crate) birth_date: Option<Date>,
    pub(crate) postcode: Postcode,
    pub(crate) uprn: Option<Uprn>,
    pub(crate) address: AddressView<'a>,
}

/// A [`Name`] by reference.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct NameView<'a> {
    pub(crate) given: ArrayVec<&'a str, 4>,
    pub(crate) family: ArrayVec<&'a str, 3>,
    pub(crate) generation: Option<Generation>,
}

/// An [`Address`] by reference.
#[derive(Clone, Copy, Default, Hash)]
pub(crate) struct AddressView<'a> {
    pub(crate) flat: &'a str,
    pub(crate) number: Option<HouseNumber>,
    pub(crate) building: &'a str,
    pub(crate) street: &'a str,
    pub(crate) locality: &'a str,
    pub(crate) town: &'a str,
}

impl Identity {
    /// The identity by reference.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            name: self.name.view(),
            birth_date: self.birth_date,
            postcode: self.home.postcode,
            uprn: self.home.uprn,
            address: self.home.address.view(),
        }
    }
}

impl Name {
    /// The name by reference.
    pub(crate) fn view(&self) -> NameView<'_> {
        NameView {
            given: self.given.iter().map(|word| word.as_str()).collect(),
            family: self.family.iter().map(|word| word.as_str()).collect(),
            generation: self.generation,
        }
    }
}

impl Address {
    /// The address by reference.
    pub(crate) fn view(&self) -> AddressView<'_> {
        AddressView {
            flat: &self.flat,
            number: self.number,
            building: &self.building,
            street: &self.street,
            locality: &self.locality,
            town: &self.town,
        }
    }
}

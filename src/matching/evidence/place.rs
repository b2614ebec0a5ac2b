//! Compares postcodes, addresses and UPRNs.

use strsim::osa_distance;

use super::closed_up::{AddressWords, ClosedUp, Words, closed_up};
use super::{Dwelling, Postcode, Street, Town, Uprn};
use crate::normalise::postcode::{Postcode as Code, is_one_slip};
use crate::normalise::uprn::Uprn as Number;
use crate::normalise::{AddressView, HouseNumber};

/// Compares postcodes. Two that differ by one character are a slip, unless the addresses are `elsewhere`:
/// then somebody moved within the neighbourhood.
pub(super) fn postcode(one: Code, other: Code, elsewhere: bool) -> Postcode {
    match (one, other) {
        (Code::Absent, _) | (_, Code::Absent) => Postcode::Absent,
        (Code::British(one), Code::British(other)) => {
            if one == other {
                Postcode::Exact
            } else if !elsewhere && is_one_slip(one.as_str(), other.as_str()) {
                Postcode::Slip
            } else if one.sector() == other.sector() {
                Postcode::Sector
            } else if one.outward() == other.outward() {
                Postcode::District
            } else if one.area() == other.area() {
                Postcode::Area
            } else {
                Postcode::Different
            }
        }
        (Code::Opaque(one), Code::Opaque(other)) => {
            if one == other {
                Postcode::Exact
            } else if one.len() == other.len() && osa_distance(&one, &other) == 1 {
                Postcode::Slip
            } else {
                Postcode::Different
            }
        }
        _ => Postcode::Different,
    }
}

/// Neither postcode is of an unknown system, so each part of a code means a place.
pub(super) fn both_british(one: Code, other: Code) -> bool {
    !matches!((one, other), (Code::Opaque(_), _) | (_, Code::Opaque(_)))
}

pub(super) fn uprn(one: Option<Number>, other: Option<Number>) -> Uprn {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Uprn::Same,
        (Some(_), Some(_)) => Uprn::Different,
        _ => Uprn::Absent,
    }
}

pub(super) fn dwelling(one: &AddressView<'_>, other: &AddressView<'_>) -> Dwelling {
    match (one.number, other.number) {
        (Some(number), Some(other_number)) if overlap(number, other_number) => flat(one.flat, other.flat),
        (Some(number), Some(other_number)) => {
            if stands_for(one.flat, other_number) && stands_for(other.flat, number) {
                Dwelling::Same
            } else if stands_for(one.flat, other_number) || stands_for(other.flat, number) {
                Dwelling::FlatAbsent
            } else {
                Dwelling::Different
            }
        }
        _ if one.building.is_empty() || other.building.is_empty() => match (one.number, other.number) {
            (Some(number), None) if stands_for(other.flat, number) => Dwelling::FlatAbsent,
            (None, Some(number)) if stands_for(one.flat, number) => Dwelling::FlatAbsent,
            _ => Dwelling::Absent,
        },
        (None, None) if same_building(one.building, other.building) => flat(one.flat, other.flat),
        (Some(number), None) if stands_for(other.flat, number) => Dwelling::FlatAbsent,
        (None, Some(number)) if stands_for(one.flat, number) => Dwelling::FlatAbsent,
        _ if same_building(one.building, other.building) => flat(one.flat, other.flat),
        (None, None) => Dwelling::Different,
        _ => Dwelling::Absent,
    }
}

fn overlap(one: HouseNumber, other: HouseNumber) -> bool {
    one.first <= other.last && other.first <= one.last
}

fn stands_for(flat: &str, number: HouseNumber) -> bool {
    flat.parse::<u16>().is_ok_and(|flat| flat == number.first)
}

fn flat(one: &str, other: &str) -> Dwelling {
    if one == other {
        Dwelling::Same
    } else if one.is_empty() || other.is_empty() || ordinal(one).is_some_and(|place| Some(place) == ordinal(other)) {
        Dwelling::FlatAbsent
    } else {
        Dwelling::FlatDifferent
    }
}

/// The place of a flat among its neighbours: A or 1 is the first, since buildings are known to use letters and
/// numbers side by side.
fn ordinal(flat: &str) -> Option<u32> {
    match flat.as_bytes() {
        [letter @ b'A'..=b'Z'] => Some(u32::from(letter - b'A') + 1),
        _ => flat.parse().ok(),
    }
}

pub(super) fn street(one: &AddressWords<'_>, other: &AddressWords<'_>) -> Street {
    let missing = |address: &AddressView<'_>| address.street.is_empty() && address.locality.is_empty();
    if missing(one.address()) || missing(other.address()) {
        return Street::Absent;
    }
    if !one.address().street.is_empty() && one.address().street == other.address().street {
        return Street::Exact;
    }
    for first in [Words::Street, Words::Locality] {
        for second in [Words::Street, Words::Locality, Words::Building] {
            if one.are_like(first, other, second) {
                return Street::Close;
            }
        }
    }
    if one.are_like(Words::Building, other, Words::Street) { Street::Close } else { Street::Different }
}

/// Compares towns. A place that one side gives as the town may stand as the locality on the other.
pub(super) fn town(one: &AddressWords<'_>, other: &AddressWords<'_>) -> Town {
    let (address, other_address) = (one.address(), other.address());
    let (town, other_town) = (address.town, other_address.town);
    let crossed = || {
        let pairs = [(town, other_address.locality), (address.locality, other_town)];
        pairs.iter().any(|(one, other)| !one.is_empty() && one == other)
    };
    if !town.is_empty() && town == other_town || crossed() {
        Town::Exact
    } else if town.is_empty() || other_town.is_empty() {
        Town::Absent
    } else if one.are_like(Words::Town, other, Words::Town) {
        Town::Close
    } else {
        Town::Different
    }
}

/// Two names of one building, with or without the article (The Laurels).
fn same_building(one: &str, other: &str) -> bool {
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let bare = |name: &str| closed_up(name.strip_prefix("THE ").unwrap_or(name));
    bare(one) == bare(other) || ClosedUp::new(one).is_like(&ClosedUp::new(other))
}

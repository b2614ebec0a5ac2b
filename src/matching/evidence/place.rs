//! Compares postcodes, addresses and UPRNs.

use strsim::osa_distance;

use super::likeness::{Pair, most_shared};
use super::{Dwelling, Postcode, Street, Town, Uprn};
use crate::normalise::postcode::{Postcode as Code, is_one_slip};
use crate::normalise::uprn::Uprn as Number;
use crate::normalise::{AddressView, HouseNumber};
use crate::text::Phrase;

/// The Jaro–Winkler similarity from which two streets or towns are nearly the same.
const CLOSE: f64 = 0.88;

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

pub(super) fn street(one: &AddressView<'_>, other: &AddressView<'_>) -> Street {
    let missing = |address: &AddressView<'_>| address.street.is_empty() && address.locality.is_empty();
    if missing(one) || missing(other) {
        return Street::Absent;
    }
    if !one.street.is_empty() && one.street == other.street {
        return Street::Exact;
    }
    for first in [one.street, one.locality] {
        for second in [other.street, other.locality, other.building] {
            if alike(first, second) {
                return Street::Close;
            }
        }
    }
    if alike(one.building, other.street) { Street::Close } else { Street::Different }
}

/// Compares towns. A place that one side gives as the town may stand as the locality on the other.
pub(super) fn town(one: &AddressView<'_>, other: &AddressView<'_>) -> Town {
    let (town, other_town) = (&one.town, &other.town);
    let crossed = || {
        let pairs = [(town, &other.locality), (&one.locality, other_town)];
        pairs.iter().any(|(one, other)| !one.is_empty() && one == other)
    };
    if !town.is_empty() && town == other_town || crossed() {
        Town::Exact
    } else if town.is_empty() || other_town.is_empty() {
        Town::Absent
    } else if alike(town, other_town) {
        Town::Close
    } else {
        Town::Different
    }
}

/// Two names of one building, with or without the article (The Laurels).
fn same_building(one: &str, other: &str) -> bool {
    let bare = |name: &str| closed_up(name.strip_prefix("THE ").unwrap_or(name));
    !one.is_empty() && bare(one) == bare(other) || alike(one, other)
}

/// The same phrase except for slips, spaces, or a missing word for the kind of street.
fn alike(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && share_letters(one, other) && alike_in_full(one, other)
}

/// Two phrases share so many letters that they may be [`alike`]: most streets of two people do not.
///
/// Of two that begin with different letters, a Jaro–Winkler similarity from 0.88 takes 0.64 of the letters of each stem,
/// since the other shares in its sum are at most 1; a distance within a quarter takes more. A word for the kind that both
/// have is shared, and one that one lacks only makes the other longer.
fn share_letters(one: &str, other: &str) -> bool {
    if one.as_bytes()[0] == other.as_bytes()[0] {
        return true;
    }
    let shorter = letters(one).count().min(letters(other).count());
    most_shared(letters(one), letters(other)) * 25 >= shorter * 16
}

/// The letters of a phrase without its spaces.
fn letters(phrase: &str) -> impl Iterator<Item = u8> {
    phrase.bytes().filter(|byte| *byte != b' ')
}

fn alike_in_full(one: &str, other: &str) -> bool {
    let (one, other) = (closed_up(one), closed_up(other));
    if one == other {
        return true;
    }
    let shorter = one.len().min(other.len());
    if shorter < 4 {
        return false;
    }
    let whole = Pair::new(&one, &other);
    if whole.similarity_from(0.93).is_some() {
        return true;
    }
    let (one_stem, other_stem) = (stem(&one), stem(&other));
    let pair = match (&one[one_stem.len()..], &other[other_stem.len()..]) {
        (kind, other_kind) if kind == other_kind => whole.without_ending(kind.len()),
        (kind, other_kind) if kind.is_empty() || other_kind.is_empty() => Pair::new(one_stem, other_stem),
        _ => return false,
    };
    let stems = one_stem.len().min(other_stem.len());
    stems >= 4 && (pair.similarity_from(CLOSE).is_some() || pair.distance_within(stems / 4).is_some())
}

/// The phrase without spaces.
fn closed_up(phrase: &str) -> Phrase {
    let mut letters = [0; 40];
    if !phrase.is_ascii() || phrase.len() > letters.len() {
        return phrase.split(' ').fold(Phrase::default(), |mut closed, word| {
            closed.push_str(word);
            closed
        });
    }
    // A space is overwritten by the letter behind it.
    let length = phrase.bytes().fold(0, |length, letter| {
        letters[length] = letter;
        length + usize::from(letter != b' ')
    });
    Phrase::of_ascii(&letters[..length]).unwrap_or_default()
}

/// A street's name without the word for its kind.
fn stem(closed_up: &str) -> &str {
    const KINDS: [&str; 16] = [
        "STREET", "ROAD", "AVENUE", "CRESCENT", "CLOSE", "COURT", "DRIVE", "LANE", "PLACE", "SQUARE", "TERRACE", "WAY",
        "GARDENS", "GROVE", "PARK", "CIRCUIT",
    ];
    let last = closed_up.as_bytes().last();
    let mut kinds = KINDS.iter().filter(|kind| kind.as_bytes().last() == last);
    kinds.find_map(|kind| closed_up.strip_suffix(kind)).filter(|stem| !stem.is_empty()).unwrap_or(closed_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]
        /// Phrases of few letters, and of one word and its slips, often are.
        #[test]
        fn phrases_that_share_few_letters_are_not_alike(
            one in "[A-D]{1,9}( [A-D]{1,6})?( (ROAD|CRESCENT|LANE))?",
            other in "[A-D]{1,9}( [A-D]{1,6})?( (ROAD|CRESCENT|LANE))?",
            at in 0_usize..20,
            letter in "[A-Z]",
        ) {
            let at = at % one.len();
            let slipped = format!("{}{letter}{}", &one[..at], &one[at + 1..]);
            let begun = format!("{letter}{}", one.trim_end_matches("ROAD").trim_end());
            for other in [&other, &slipped, &begun] {
                prop_assert_eq!(alike(&one, other), alike_in_full(&one, other), "{} {}", one, other);
            }
        }
    }
}

//! Knows the forms that Royal Mail gives to British postcodes.

use super::BritishPostcode;
use super::areas::is_area;
use crate::text::Text;

/// What may stand at a place of a postcode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// A letter of the area.
    Area,
    /// A digit of the district, or the inward part's.
    Digit,
    /// The letter that ends some districts of inner London.
    DistrictLetter,
    /// A letter of the inward part.
    Unit,
}

use Position::{Area, Digit, DistrictLetter, Unit};

/// The forms a postcode can have.
pub(super) const FORMS: [&[Position]; 6] = [
    &[Area, Area, Digit, Digit, Unit, Unit],
    &[Area, Area, Digit, Digit, Digit, Unit, Unit],
    &[Area, Digit, Digit, Digit, Unit, Unit],
    &[Area, Digit, Digit, Unit, Unit],
    &[Area, Area, Digit, DistrictLetter, Digit, Unit, Unit],
    &[Area, Digit, DistrictLetter, Digit, Unit, Unit],
];

/// Reads the form that nearly every postcode has: capitals, with one space or none, and no letter in the
/// district.
pub(super) fn plain(text: &[u8]) -> Option<BritishPostcode> {
    let (front, inward) = text.split_last_chunk::<3>()?;
    let outward = front.strip_suffix(b" ").unwrap_or(front);
    let letters = if outward.get(1)?.is_ascii_uppercase() { 2 } else { 1 };
    let (area, district) = outward.split_at(letters);
    let is_district = match district {
        [one] => one.is_ascii_digit(),
        [first, second] => matches!(first, b'1'..=b'9') && second.is_ascii_digit(),
        _ => false,
    };
    let [digit, unit @ ..] = inward;
    let is_inward = digit.is_ascii_digit() && unit.iter().all(|letter| is_unit_letter(*letter));
    if !is_district || !is_inward || !is_area(area) {
        return None;
    }
    let [digit, first, last] = *inward;
    let code = match *outward {
        [a, b] => [a, b, digit, first, last, 0, 0],
        [a, b, c] => [a, b, c, digit, first, last, 0],
        [a, b, c, d] => [a, b, c, d, digit, first, last],
        _ => return None,
    };
    Text::of_padded(code, outward.len() + inward.len()).map(BritishPostcode)
}

/// Whether a code has a form without repair.
pub(super) fn fits(code: &[u8], form: &[Position], is_district: impl Fn(&[u8]) -> bool) -> bool {
    let stands = |(byte, place): (&u8, &Position)| match place {
        Area => byte.is_ascii_uppercase(),
        Digit => byte.is_ascii_digit(),
        DistrictLetter => byte.is_ascii_uppercase(),
        Unit => is_unit_letter(*byte),
    };
    code.iter().zip(form).all(stands) && is_outward(code, form, is_district)
}

/// Whether the area exists and the district is written as districts are.
pub(super) fn is_outward(code: &[u8], form: &[Position], is_district: impl Fn(&[u8]) -> bool) -> bool {
    let letters = if form[1] == Area { 2 } else { 1 };
    let district = &code[..code.len() - 3];
    is_area(&code[..letters])
        && match form[letters + 1] {
            DistrictLetter => is_district(district),
            // A district of two digits never begins with 0.
            _ => district.len() == letters + 1 || district[letters] != b'0',
        }
}

/// Inward parts have no C, I, K, M, O or V, which are too easily misread.
pub(super) fn is_unit_letter(byte: u8) -> bool {
    const LETTERS: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    const BITS: u32 = {
        let (mut bits, mut at) = (0, 0);
        while at < LETTERS.len() {
            bits |= 1 << (LETTERS[at] - b'A');
            at += 1;
        }
        bits
    };
    byte.is_ascii_uppercase() && BITS >> (byte - b'A') & 1 == 1
}

/// Whether an outward part that ends in a letter is in use (Royal Mail, districts of E, EC, N, NW, SE, SW, W
/// and WC).
pub(super) fn is_district_in_use(outward: &[u8]) -> bool {
    let letters: &[u8] = match outward {
        [b'E', b'1', _] => b"W",
        [b'N', b'1', _] => b"CP",
        [b'W', b'1', _] => b"ABCDEFGHJKSTUW",
        [b'E', b'C', b'1', _] => b"AMNPRVY",
        [b'E', b'C', b'2', _] => b"AMNPRVY",
        [b'E', b'C', b'3', _] => b"AMNPRV",
        [b'E', b'C', b'4', _] => b"AMNPRVY",
        [b'N', b'W', b'1', _] => b"W",
        [b'S', b'E', b'1', _] => b"P",
        [b'S', b'W', b'1', _] => b"AEHPVWXY",
        [b'W', b'C', b'1', _] => b"ABEHNRVX",
        [b'W', b'C', b'2', _] => b"ABEHNR",
        _ => return false,
    };
    outward.last().is_some_and(|letter| letters.contains(letter))
}

/// Whether an outward part ends in a letter that its form allows.
pub(super) fn may_end_district(outward: &[u8]) -> bool {
    let letters: &[u8] = if outward.len() == 3 { b"ABCDEFGHJKPSTUW" } else { b"ABEHMNPRVWXY" };
    outward.last().is_some_and(|letter| letters.contains(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::british;
    use super::*;

    #[test]
    fn the_usual_form_needs_no_search() {
        for text in ["LS8 2QN", "LS82QN", "M1 1AE", "B33 8TH", "DN55 1PT", "CR0 1XX"] {
            assert!(plain(text.as_bytes()).is_some(), "{text}");
        }
        for text in
            ["", "8 2QN", "LS 2QN", "ls8 2qn", "LS8  2QN", "LS08 2QN", "LS888 2QN", "XX1 1AA", "LS8 2QC", "W1A 0AX"]
        {
            assert!(plain(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_usual_form_is_read_as_any_other(text in "[A-PR-Z]{1,2}[0-9A-Z]{1,3} {0,2}[0-9A-Z][A-Z]{2}") {
            if let Some(read) = plain(text.as_bytes()) {
                prop_assert_eq!(british(text.replace(' ', "").as_bytes()), Some(read));
            }
        }
    }
}

//! Reads postcodes: a unit postcode of British form, opaque text, or nothing.
//!
//! A British postcode is an outward part (area letters, then the district) and an inward part (a digit and
//! two letters). Which letters may stand where follows Royal Mail's Programmer's Guide to PAF. Therefore
//! `DN35OPX` can be read as `DN35 0PX` without guessing.

mod areas;
mod form;
pub(crate) mod region;
mod repair;
mod slip;

use std::fmt;

use super::Reading;
use super::missing::is_missing;
use crate::text::Text;

pub(crate) use areas::{AREAS, is_area, place_of};
use form::{FORMS, fits, is_district_in_use, may_end_district, plain};
use repair::{MOST_REPAIR, repaired};
pub use slip::is_one_slip;

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

impl Postcode {
    /// The code in capitals without spaces; empty if there is no code.
    pub fn as_str(&self) -> &str {
        match self {
            Postcode::Absent => "",
            Postcode::British(british) => british.as_str(),
            Postcode::Opaque(text) => text,
        }
    }
}

/// A unit postcode of British form.
///
/// ```
/// use flagmatch::normalise::{Reading, postcode::{Postcode, postcode}};
/// let Reading::Known(Postcode::British(read)) = postcode("ls8 2qn") else { panic!("a postcode") };
/// assert_eq!((read.as_str(), read.area()), ("LS82QN", "LS"));
/// assert_eq!((read.outward(), read.sector()), ("LS8", "LS82"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BritishPostcode(Text<7>);

impl BritishPostcode {
    /// The whole postcode without its space: `LS82QN`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Everything before the space: `LS8`.
    pub fn outward(&self) -> &str {
        &self.0[..self.0.len() - 3]
    }

    /// The outward part and the digit after it: `LS82`.
    pub fn sector(&self) -> &str {
        &self.0[..self.0.len() - 2]
    }

    /// The letters it begins with: `LS`.
    pub fn area(&self) -> &str {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        &self.0[..letters]
    }

    /// The postcode as one number that sorts as the text does; never 0.
    pub fn packed(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..7].copy_from_slice(self.0.padded());
        u64::from_be_bytes(bytes)
    }

    /// The postcode of a number that certainly comes from [`packed`](Self::packed).
    pub(crate) fn unpack_known(packed: u64) -> BritishPostcode {
        let bytes = packed.to_be_bytes();
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        BritishPostcode(text_of(&bytes[..length]))
    }

    /// The postcode that [`packed`](Self::packed) gave; `None` for a number that it never gives.
    pub fn unpack(packed: u64) -> Option<BritishPostcode> {
        let bytes = packed.to_be_bytes();
        let length = bytes.iter().position(|byte| *byte == 0)?;
        if bytes[length..].iter().any(|byte| *byte != 0) {
            return None;
        }
        british(&bytes[..length]).filter(|read| read.0.as_bytes() == &bytes[..length])
    }
}

impl fmt::Debug for BritishPostcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Reads a postcode. Case, spaces and punctuation do not count. A digit typed for a letter that looks like
/// it, or the other way round, is corrected if only one postcode can be meant.
///
/// A code that is not of British form but has a digit is kept as opaque text. Without a digit, or with more
/// than 12 letters and digits, it is no postcode; `N/A` and the like are absent.
pub fn postcode(text: &str) -> Reading<Postcode> {
    if let Some(british) = plain(text.as_bytes()) {
        return Reading::Known(Postcode::British(british));
    }
    let mut kept = [0; 12];
    let mut length = 0;
    for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = kept.get_mut(length) else {
            return Reading::Unusable;
        };
        *place = byte.to_ascii_uppercase();
        length += 1;
    }
    if !text.is_ascii() && text.chars().any(|character| !character.is_ascii() && character.is_alphanumeric()) {
        return Reading::Unusable;
    }
    let code = &kept[..length];
    if code.is_empty() {
        return Reading::Absent;
    }
    if let Some(british) = british(code) {
        return Reading::Known(Postcode::British(british));
    }
    if !code.iter().any(u8::is_ascii_digit) {
        return if is_missing(text) { Reading::Absent } else { Reading::Unusable };
    }
    Reading::Known(Postcode::Opaque(text_of(code)))
}

/// Reads capitals and digits as a British postcode: as they stand; else with the least repair, if only one
/// postcode takes so little; else as they stand, with a district letter that is not in use today.
fn british(code: &[u8]) -> Option<BritishPostcode> {
    if !(5..=7).contains(&code.len()) {
        return None;
    }
    let forms = || FORMS.iter().filter(|form| form.len() == code.len());
    for form in forms() {
        if fits(code, form, is_district_in_use) {
            return Some(BritishPostcode(text_of(code)));
        }
    }
    if let [b'G', b'I' | b'1', b'R', b'0' | b'O', b'A', b'A'] = code {
        return Some(BritishPostcode(Text::new("GIR0AA")));
    }
    let mut best = None;
    let mut least = MOST_REPAIR + 1;
    for form in forms() {
        let Some((cost, read)) = repaired(code, form) else {
            continue;
        };
        if cost < least {
            (least, best) = (cost, Some(read));
        } else if cost == least && best != Some(read) {
            best = None;
        }
    }
    if let Some(read) = best {
        return Some(BritishPostcode(text_of(&read[..code.len()])));
    }
    let fits_once = forms().any(|form| fits(code, form, may_end_district));
    fits_once.then(|| BritishPostcode(text_of(code)))
}

/// The capitals and digits of a code as text. They fit.
fn text_of<const N: usize>(code: &[u8]) -> Text<N> {
    Text::of_ascii(code).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn british_of(text: &str) -> Option<BritishPostcode> {
        match postcode(text) {
            Reading::Known(Postcode::British(read)) => Some(read),
            _ => None,
        }
    }

    #[test]
    fn one_postcode_however_typed() {
        for (text, expected) in [
            ("LS8 2QN", "LS82QN"),
            ("ls82qn", "LS82QN"),
            ("  L S 8 2 Q N ", "LS82QN"),
            ("LS8-2QN", "LS82QN"),
            ("L.S.8. 2QN", "LS82QN"),
            ("LS8\u{a0}2QN", "LS82QN"),
            ("LS8 2QN.", "LS82QN"),
            ("bd62lt", "BD62LT"),
            ("M1 1AE", "M11AE"),
            ("B33 8TH", "B338TH"),
            ("CR2 6XH", "CR26XH"),
            ("DN55 1PT", "DN551PT"),
            ("W1A 0AX", "W1A0AX"),
            ("EC1A 1BB", "EC1A1BB"),
            ("SW1A 2AA", "SW1A2AA"),
            ("E1W 1AA", "E1W1AA"),
            ("N1C 4AG", "N1C4AG"),
            ("SE1P 5LX", "SE1P5LX"),
            ("JE2 4WD", "JE24WD"),
            ("GY1 1AA", "GY11AA"),
            ("IM1 1AF", "IM11AF"),
            ("BT1 1AA", "BT11AA"),
            ("ZE1 0AA", "ZE10AA"),
            ("SS0 7AA", "SS07AA"),
            ("CR0 1XX", "CR01XX"),
            ("GIR 0AA", "GIR0AA"),
            // A letter the form allows, though no such district exists today.
            ("M1A 1AE", "M1A1AE"),
        ] {
            assert_eq!(british_of(text).expect(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn look_alikes_are_put_right_by_their_place() {
        for (text, expected) in [
            ("DN35OPX", "DN350PX"),
            ("SW1A OAA", "SW1A0AA"),
            ("0X1 1AA", "OX11AA"),
            ("P016 7GZ", "PO167GZ"),
            ("POl6 7GZ", "PO167GZ"),
            ("1P1 1AA", "IP11AA"),
            ("L1 IAA", "L11AA"),
            ("BI 1AA", "B11AA"),
            ("OLIO 4QS", "OL104QS"),
            ("EIO 5AA", "E105AA"),
            ("W1A OAX", "W1A0AX"),
            ("WIA 0AX", "W1A0AX"),
            ("NlC 4AG", "N1C4AG"),
            ("CF14 6H1", "CF146HL"),
            ("LS8 2QI", "LS82QL"),
            ("B1S 3LY", "B153LY"),
            ("5K14 5PD", "SK145PD"),
            ("LE2 7L5", "LE27LS"),
            ("BS 7RN", "B57RN"),
            ("G1R OAA", "GIR0AA"),
        ] {
            assert_eq!(british_of(text).expect(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn other_codes_stay_as_they_are() {
        for (text, expected) in [
            ("3138", "3138"),
            ("0830", "0830"),
            ("10115", "10115"),
            ("11215", "11215"),
            ("902101", "902101"),
            ("1012 LG", "1012LG"),
            ("1112 lg", "1112LG"),
            ("K1A 0B1", "K1A0B1"),
            ("H3Z 2Y7", "H3Z2Y7"),
            ("D02 AF30", "D02AF30"),
            ("BFPO 57", "BFPO57"),
            ("LS8", "LS8"),
            ("LS8 2", "LS82"),
            ("XX1 1AA", "XX11AA"),
            ("LS8 2QC", "LS82QC"),
            ("LS8 2Q0", "LS82Q0"),
            ("LS88 82QN", "LS8882QN"),
            ("0L1O 4Q5", "0L1O4Q5"),
            ("L58Z 2QN", "L58Z2QN"),
            ("ZZ99 3WZ", "ZZ993WZ"),
            ("L01 2LG", "L012LG"),
            ("A1 1AA", "A11AA"),
            ("MD-2043", "MD2043"),
            ("123456789012", "123456789012"),
        ] {
            let kept = Postcode::Opaque(Text::new(expected));
            assert_eq!(postcode(text), Reading::Known(kept), "{text}");
        }
    }

    #[test]
    fn what_is_no_code_is_absent_or_unusable() {
        for text in ["", "  ", "-", ".", "--", "\u{a0}", "?", "N/A", "unknown", "Not known"] {
            assert_eq!(postcode(text), Reading::Absent, "{text}");
        }
        for text in ["UNKNOWN ROAD", "Leeds", "LS", "1234567890123", "LS8 2QN Leeds UK", "ＬＳ８", "LÉ1 1AA"] {
            assert_eq!(postcode(text), Reading::Unusable, "{text}");
        }
    }

    #[test]
    fn parts_of_a_postcode() {
        for (text, area, outward, sector) in [
            ("M1 1AE", "M", "M1", "M11"),
            ("LS8 2QN", "LS", "LS8", "LS82"),
            ("DN35 0PX", "DN", "DN35", "DN350"),
            ("EC1A 1BB", "EC", "EC1A", "EC1A1"),
            ("GIR 0AA", "GIR", "GIR", "GIR0"),
        ] {
            let read = british_of(text).unwrap();
            assert_eq!((read.area(), read.outward(), read.sector()), (area, outward, sector));
        }
    }

    #[test]
    fn debug_and_numbers_that_are_no_postcode_give_nothing() {
        let read = british_of("LS8 2QN").unwrap();
        assert!(!format!("{:?}", Postcode::British(read)).contains("QN"));
        for number in [0, 1, u64::MAX, read.packed() + 1, u64::from_be_bytes(*b"DN35OPX\0")] {
            assert!(BritishPostcode::unpack(number).is_none());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _reading = postcode(&text);
        }

        #[test]
        fn reading_twice_is_reading_once(text in "[A-Z]{1,2}[0-9OILSZBGA-Z]{1,3} ?[0-9OIL]?[A-Z0-9]{2}") {
            if let Reading::Known(read) = postcode(&text) {
                prop_assert_eq!(postcode(read.as_str()), Reading::Known(read));
                if let Postcode::British(british) = read {
                    prop_assert_eq!(BritishPostcode::unpack(british.packed()), Some(british));
                }
            }
        }
    }
}

//! Reads postcodes: a unit postcode of British form, opaque text, or nothing.
//!
//! A British postcode is an outward part (area letters, then the district) and an inward part (a digit and
//! two letters). Which letters may stand where follows Royal Mail's Programmer's Guide to PAF. Therefore
//! `DN35OPX` can be read as `DN35 0PX` without guessing.

use std::fmt;

use super::Reading;
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
        bytes[..self.0.len()].copy_from_slice(self.0.as_bytes());
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
/// than 12 letters and digits, it is no postcode.
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
        return Reading::Unusable;
    }
    Reading::Known(Postcode::Opaque(text_of(code)))
}

/// Reads the form that nearly every postcode has: capitals, with one space or none, and no letter in the
/// district.
fn plain(text: &[u8]) -> Option<BritishPostcode> {
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
    let mut code = [0; 7];
    let length = outward.len() + inward.len();
    code[..outward.len()].copy_from_slice(outward);
    code[outward.len()..length].copy_from_slice(inward);
    Some(BritishPostcode(text_of(&code[..length])))
}

/// Whether one code could be the other with a typing slip: one character another, missing or too many,
/// or two neighbours exchanged. Equal codes are not a slip apart.
///
/// ```
/// use flagmatch::normalise::postcode::is_one_slip;
/// assert!(is_one_slip("DN357QX", "DN357QY"));
/// assert!(!is_one_slip("DN357QX", "DN367QY"));
/// ```
pub fn is_one_slip(a: &str, b: &str) -> bool {
    let (shorter, longer) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (shorter, longer) = (shorter.as_bytes(), longer.as_bytes());
    let same = shorter.iter().zip(longer).take_while(|(a, b)| a == b).count();
    let (shorter, longer) = (&shorter[same..], &longer[same..]);
    match longer.len() - shorter.len() {
        0 => match (shorter, longer) {
            ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
            ([a, b, rest_a @ ..], [c, d, rest_b @ ..]) => a == d && b == c && rest_a == rest_b,
            _ => false,
        },
        1 => *shorter == longer[1..],
        _ => false,
    }
}

/// The capitals and digits of a code as text. They fit.
fn text_of<const N: usize>(code: &[u8]) -> Text<N> {
    Text::of_ascii(code).unwrap_or_default()
}

/// What may stand at a place of a postcode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
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
const FORMS: [&[Position]; 6] = [
    &[Area, Area, Digit, Digit, Unit, Unit],
    &[Area, Area, Digit, Digit, Digit, Unit, Unit],
    &[Area, Digit, Digit, Digit, Unit, Unit],
    &[Area, Digit, Digit, Unit, Unit],
    &[Area, Area, Digit, DistrictLetter, Digit, Unit, Unit],
    &[Area, Digit, DistrictLetter, Digit, Unit, Unit],
];

/// The most that a repair may cost. To take a letter for a digit, or a digit for a letter, costs 1 if they
/// look alike in every hand and typeface (O, I, L) and 2 if only in some. Beyond 2 in all, the code may well
/// be a foreign one.
const MOST_REPAIR: u32 = 2;

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

/// Whether a code has a form without repair.
fn fits(code: &[u8], form: &[Position], is_district: impl Fn(&[u8]) -> bool) -> bool {
    let stands = |(byte, place): (&u8, &Position)| match place {
        Area => byte.is_ascii_uppercase(),
        Digit => byte.is_ascii_digit(),
        DistrictLetter => byte.is_ascii_uppercase(),
        Unit => is_unit_letter(*byte),
    };
    code.iter().zip(form).all(stands) && is_outward(code, form, is_district)
}

/// Whether the area exists and the district is written as districts are.
fn is_outward(code: &[u8], form: &[Position], is_district: impl Fn(&[u8]) -> bool) -> bool {
    let letters = if form[1] == Area { 2 } else { 1 };
    let district = &code[..code.len() - 3];
    is_area(&code[..letters])
        && match form[letters + 1] {
            DistrictLetter => is_district(district),
            // A district of two digits never begins with 0.
            _ => district.len() == letters + 1 || district[letters] != b'0',
        }
}

/// The code with each place filled as the form requires, and what that costs. `None` if a place cannot be
/// filled without guessing.
fn repaired(code: &[u8], form: &[Position]) -> Option<(u32, [u8; 7])> {
    let mut read = [0; 7];
    let mut cost = 0;
    for (at, (byte, place)) in code.iter().zip(form).enumerate() {
        let (mended, price) = match place {
            Area if byte.is_ascii_digit() => area_letter_for(code, form, at)?,
            Digit if byte.is_ascii_uppercase() => digit_for(*byte)?,
            Unit if !is_unit_letter(*byte) => unit_letter_for(*byte)?,
            DistrictLetter if byte.is_ascii_digit() => return None,
            _ => (*byte, 0),
        };
        read[at] = mended;
        cost += price;
    }
    let filled = &read[..code.len()];
    (cost <= MOST_REPAIR && is_outward(filled, form, is_district_in_use)).then_some((cost, read))
}

/// The letter that a digit in a two-letter area stands for, found from the other letter: `1P` can only be IP.
/// An area without any letter as typed (`10` in the Dutch `1012 LG`) is left alone.
fn area_letter_for(code: &[u8], form: &[Position], at: usize) -> Option<(u8, u32)> {
    if form[1] != Area || !code[1 - at].is_ascii_uppercase() {
        return None;
    }
    let (letters, price): (&[u8], u32) = match code[at] {
        b'0' => (b"O", 1),
        b'1' => (b"IL", 1),
        b'2' => (b"Z", 2),
        b'5' => (b"S", 2),
        b'6' => (b"G", 2),
        b'8' => (b"B", 2),
        _ => return None,
    };
    let makes_area = |letter: &&u8| {
        let mut area = [code[0], code[1]];
        area[at] = **letter;
        is_area(&area)
    };
    let mut found = letters.iter().filter(makes_area);
    match (found.next(), found.next()) {
        (Some(letter), None) => Some((*letter, price)),
        _ => None,
    }
}

fn digit_for(letter: u8) -> Option<(u8, u32)> {
    Some(match letter {
        b'O' => (b'0', 1),
        b'I' | b'L' => (b'1', 1),
        b'Z' => (b'2', 2),
        b'S' => (b'5', 2),
        b'G' => (b'6', 2),
        b'B' => (b'8', 2),
        _ => return None,
    })
}

fn unit_letter_for(typed: u8) -> Option<(u8, u32)> {
    Some(match typed {
        b'1' | b'I' => (b'L', 1),
        b'2' => (b'Z', 2),
        b'5' => (b'S', 2),
        b'6' => (b'G', 2),
        b'8' => (b'B', 2),
        _ => return None,
    })
}

/// Inward parts have no C, I, K, M, O or V, which are too easily misread.
fn is_unit_letter(byte: u8) -> bool {
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
fn is_district_in_use(outward: &[u8]) -> bool {
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
fn may_end_district(outward: &[u8]) -> bool {
    let letters: &[u8] = if outward.len() == 3 { b"ABCDEFGHJKPSTUW" } else { b"ABEHMNPRVWXY" };
    outward.last().is_some_and(|letter| letters.contains(letter))
}

/// The 121 areas of Great Britain and Northern Ireland and the three Crown dependencies, by first
/// letter; `.` stands for an area of that letter alone.
const AREAS: [(u8, &str); 23] = [
    (b'A', "BL"),
    (b'B', ".ABDHLNRST"),
    (b'C', "ABFHMORTVW"),
    (b'D', "ADEGHLNTY"),
    (b'E', ".CHNX"),
    (b'F', "KY"),
    (b'G', ".LUY"),
    (b'H', "ADGPRSUX"),
    (b'I', "GMPV"),
    (b'J', "E"),
    (b'K', "ATWY"),
    (b'L', ".ADELNSU"),
    (b'M', ".EKL"),
    (b'N', ".EGNPRW"),
    (b'O', "LX"),
    (b'P', "AEHLOR"),
    (b'R', "GHM"),
    (b'S', ".AEGKLMNOPRSTWY"),
    (b'T', "ADFNQRSW"),
    (b'U', "B"),
    (b'W', ".ACDFNRSV"),
    (b'Y', "O"),
    (b'Z', "E"),
];

/// [`AREAS`] as one word of bits for each first letter: bit 0 for that letter alone, bit 1 for A after it.
const AREA_BITS: [u32; 26] = {
    let mut bits = [0; 26];
    let mut row = 0;
    while row < AREAS.len() {
        let (first, seconds) = AREAS[row];
        let seconds = seconds.as_bytes();
        let mut at = 0;
        while at < seconds.len() {
            let bit = if seconds[at] == b'.' { 0 } else { seconds[at] - b'A' + 1 };
            bits[(first - b'A') as usize] |= 1 << bit;
            at += 1;
        }
        row += 1;
    }
    bits
};

/// Whether one or two capitals are a postcode area.
fn is_area(letters: &[u8]) -> bool {
    let (first, bit) = match *letters {
        [first] => (first, 0),
        [first, second] if second.is_ascii_uppercase() => (first, second - b'A' + 1),
        _ => return false,
    };
    first.is_ascii_uppercase() && AREA_BITS[usize::from(first - b'A')] >> bit & 1 == 1
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
        for text in ["", "  ", "-", ".", "--", "\u{a0}", "?"] {
            assert_eq!(postcode(text), Reading::Absent, "{text}");
        }
        for text in ["N/A", "UNKNOWN", "Leeds", "LS", "1234567890123", "LS8 2QN Leeds UK", "ＬＳ８", "LÉ1 1AA"] {
            assert_eq!(postcode(text), Reading::Unusable, "{text}");
        }
    }

    #[test]
    fn every_area_is_known_and_no_other() {
        let known: usize = AREAS.iter().map(|(_, seconds)| seconds.len()).sum();
        assert_eq!(known, 124);
        for area in ["B", "AB", "WV", "ZE", "TD", "JE", "GY", "IM", "LL", "HX"] {
            assert!(is_area(area.as_bytes()), "{area}");
        }
        for area in ["A", "C", "Q", "X", "AA", "BC", "LB", "ZA", "VV", "", "ABC", "a", "L1"] {
            assert!(!is_area(area.as_bytes()), "{area}");
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
    fn a_slip_is_one_typing_mistake() {
        for (a, b, expected) in [
            ("DN357QX", "DN357QY", true),
            ("LS82QN", "KS82QN", true),
            ("LS82QN", "LS28QN", true),
            ("LS82QN", "SL82QN", true),
            ("LS82QN", "LS82NQ", true),
            ("LS82QN", "LS182QN", true),
            ("LS82QN", "LS82Q", true),
            ("LS82QN", "S82QN", true),
            ("LS82QN", "LS82QN", false),
            ("LS82QN", "LS83QM", false),
            ("LS82QN", "LS8QN", true),
            ("LS82QN", "LSQ28N", false),
            ("LS82QN", "LS8N2Q", false),
            ("LS82QN", "LS8", false),
            ("", "", false),
            ("", "A", true),
        ] {
            assert_eq!(is_one_slip(a, b), expected, "{a} {b}");
            assert_eq!(is_one_slip(b, a), expected, "{b} {a}");
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

        #[test]
        fn the_usual_form_is_read_as_any_other(text in "[A-PR-Z]{1,2}[0-9A-Z]{1,3} {0,2}[0-9A-Z][A-Z]{2}") {
            if let Some(read) = plain(text.as_bytes()) {
                prop_assert_eq!(british(text.replace(' ', "").as_bytes()), Some(read));
            }
        }

        #[test]
        fn a_slip_is_found_from_both_sides(text in "[A-C]{1,5}", other in "[A-C]{1,5}") {
            prop_assert_eq!(is_one_slip(&text, &other), is_one_slip(&other, &text));
            let distance = strsim::osa_distance(&text, &other);
            prop_assert_eq!(is_one_slip(&text, &other), distance == 1);
        }
    }
}

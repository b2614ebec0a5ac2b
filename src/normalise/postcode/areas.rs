//! Lists the postcode areas.

/// The 121 areas of Great Britain and Northern Ireland and the three Crown dependencies.
#[rustfmt::skip]
pub(crate) const AREAS: [&str; 124] = [
    "AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH",
    "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E",
    "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS",
    "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL",
    "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX",
    "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM",
    "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW",
    "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

/// The place of each area among [`AREAS`], by its first letter and its second, 0 for none. Every account asks for one.
const PLACES: [[u8; 27]; 26] = {
    let mut places = [[NONE; 27]; 26];
    let mut place = 0;
    while place < AREAS.len() {
        let (first, second) = match *AREAS[place].as_bytes() {
            [first] => (first, 0),
            [first, second] => (first, second - b'A' + 1),
            _ => panic!("an area has one letter or two"),
        };
        places[(first - b'A') as usize][second as usize] = place as u8;
        place += 1;
    }
    places
};

const NONE: u8 = u8::MAX;

/// The place among [`AREAS`] of one or two capitals; `None` if they are no area.
pub(crate) const fn place_of(letters: &[u8]) -> Option<usize> {
    let (first, second) = match *letters {
        [first] => (first, 0),
        [first, second] if second.is_ascii_uppercase() => (first, second - b'A' + 1),
        _ => return None,
    };
    if !first.is_ascii_uppercase() {
        return None;
    }
    match PLACES[(first - b'A') as usize][second as usize] {
        NONE => None,
        place => Some(place as usize),
    }
}

/// Whether one or two capitals are a postcode area.
pub(crate) const fn is_area(letters: &[u8]) -> bool {
    place_of(letters).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_is_known_and_no_other() {
        assert!(AREAS.is_sorted());
        for (place, area) in AREAS.into_iter().enumerate() {
            assert_eq!(place_of(area.as_bytes()), Some(place), "{area}");
        }
        for area in ["A", "C", "Q", "X", "AA", "BC", "LB", "ZA", "VV", "", "ABC", "a", "L1", "1L", "l"] {
            assert!(!is_area(area.as_bytes()), "{area}");
        }
    }
}

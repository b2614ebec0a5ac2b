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

/// [`AREAS`] as one word of bits for each first letter: bit 0 for that letter alone, bit 1 for A after it.
const AREA_BITS: [u32; 26] = {
    let mut bits = [0; 26];
    let mut row = 0;
    while row < AREAS.len() {
        let (first, bit) = match *AREAS[row].as_bytes() {
            [first] => (first, 0),
            [first, second] => (first, second - b'A' + 1),
            _ => panic!("an area has one letter or two"),
        };
        bits[(first - b'A') as usize] |= 1 << bit;
        row += 1;
    }
    bits
};

/// Whether one or two capitals are a postcode area.
pub(crate) const fn is_area(letters: &[u8]) -> bool {
    let (first, bit) = match *letters {
        [first] => (first, 0),
        [first, second] if second.is_ascii_uppercase() => (first, second - b'A' + 1),
        _ => return false,
    };
    first.is_ascii_uppercase() && AREA_BITS[(first - b'A') as usize] >> bit & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_is_known_and_no_other() {
        assert!(AREAS.is_sorted());
        for area in AREAS {
            assert!(is_area(area.as_bytes()), "{area}");
        }
        for area in ["A", "C", "Q", "X", "AA", "BC", "LB", "ZA", "VV", "", "ABC", "a", "L1"] {
            assert!(!is_area(area.as_bytes()), "{area}");
        }
    }
}

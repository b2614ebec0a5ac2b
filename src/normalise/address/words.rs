//! Lists the words of addresses: what each abbreviation stands for, and which roles each word can have.

use std::sync::LazyLock;

use crate::normalise::word_map::WordMap;
use crate::text::Word;

/// What a word can be in an address; the roles of a word are added together.
pub(super) type Roles = u16;

/// Ends a street's name.
pub(super) const STREET: Roles = 1;
/// Ends a street's name or a locality's, or a house's.
pub(super) const GREEN: Roles = 1 << 1;
/// Ends the name of a building with several dwellings.
pub(super) const BLOCK: Roles = 1 << 2;
/// Ends the name of a building with several dwellings, or of a street.
pub(super) const COURT: Roles = 1 << 3;
/// Stands before a dwelling's number or letter.
pub(super) const UNIT: Roles = 1 << 4;
/// Names a dwelling by itself.
pub(super) const ALONE: Roles = 1 << 5;
/// Says which floor; its code is the floor's.
pub(super) const FLOOR: Roles = 1 << 6;
/// The word floor itself.
pub(super) const STOREY: Roles = 1 << 7;
/// Says where in a house or on a floor.
pub(super) const SIDE: Roles = 1 << 8;
/// A whole floor in one abbreviation (`GFF`); its code is the canonical one.
pub(super) const FLOOR_CODE: Roles = 1 << 9;
/// A point of the compass.
pub(super) const COMPASS: Roles = 1 << 10;
/// Begins a Welsh or Scots street's name.
pub(super) const LEADING: Roles = 1 << 11;
/// Short for its full form only as the last word of a name.
pub(super) const SHORT_LAST: Roles = 1 << 12;
/// Short for its full form only as the first word of a name.
pub(super) const SHORT_FIRST: Roles = 1 << 13;
/// "No", "number".
pub(super) const NUMBER: Roles = 1 << 14;
/// "and", "to": joins two numbers into a range.
pub(super) const JOINS: Roles = 1 << 15;

/// One known word.
pub(super) struct Known {
    word: &'static str,
    /// The word written out.
    pub(super) full: &'static str,
    /// What it adds to a flat's designation.
    pub(super) code: &'static str,
    /// What it can be.
    pub(super) roles: Roles,
}

const fn word(word: &'static str, full: &'static str, roles: Roles) -> Known {
    Known { word, full, code: "", roles }
}

const fn plain(full: &'static str, roles: Roles) -> Known {
    word(full, full, roles)
}

const fn inside(word: &'static str, full: &'static str, code: &'static str, roles: Roles) -> Known {
    Known { word, full, code, roles }
}

/// Abbreviations are those of Royal Mail's thoroughfare descriptors and of suppliers' systems.
static WORDS: [Known; 253] = [
    plain("ROAD", STREET),
    word("RD", "ROAD", STREET),
    plain("STREET", STREET),
    word("STR", "STREET", STREET | SHORT_LAST),
    word("STRT", "STREET", STREET),
    // Saint, too: see `saint_or_street`.
    word("ST", "STREET", STREET | SHORT_LAST),
    plain("AVENUE", STREET),
    word("AVE", "AVENUE", STREET),
    word("AV", "AVENUE", STREET | SHORT_LAST),
    word("AVEN", "AVENUE", STREET),
    plain("CRESCENT", STREET),
    word("CRES", "CRESCENT", STREET),
    word("CRESC", "CRESCENT", STREET),
    word("CRESENT", "CRESCENT", STREET),
    word("CR", "CRESCENT", STREET | SHORT_LAST),
    plain("CLOSE", STREET),
    word("CL", "CLOSE", STREET | SHORT_LAST),
    word("CLO", "CLOSE", STREET | SHORT_LAST),
    word("CLS", "CLOSE", STREET | SHORT_LAST),
    plain("COURT", COURT),
    word("CT", "COURT", COURT | SHORT_LAST),
    word("CRT", "COURT", COURT | SHORT_LAST),
    plain("DRIVE", STREET),
    word("DR", "DRIVE", STREET | SHORT_LAST),
    word("DRV", "DRIVE", STREET),
    plain("GARDENS", STREET),
    word("GDNS", "GARDENS", STREET),
    word("GDN", "GARDENS", STREET | SHORT_LAST),
    word("GDS", "GARDENS", STREET),
    word("GRDNS", "GARDENS", STREET),
    plain("GROVE", STREET),
    word("GR", "GROVE", STREET | SHORT_LAST),
    word("GRV", "GROVE", STREET),
    word("GRO", "GROVE", STREET),
    plain("LANE", STREET),
    word("LN", "LANE", STREET),
    word("LA", "LANE", STREET | SHORT_LAST),
    plain("PARK", GREEN),
    word("PK", "PARK", GREEN | SHORT_LAST),
    plain("PLACE", STREET),
    word("PL", "PLACE", STREET | SHORT_LAST),
    word("PLC", "PLACE", STREET | SHORT_LAST),
    plain("SQUARE", STREET),
    word("SQ", "SQUARE", STREET),
    plain("TERRACE", STREET),
    word("TER", "TERRACE", STREET),
    word("TERR", "TERRACE", STREET),
    word("TCE", "TERRACE", STREET),
    plain("WAY", STREET),
    word("WY", "WAY", STREET | SHORT_LAST),
    plain("RISE", STREET),
    word("RSE", "RISE", STREET),
    plain("WALK", STREET),
    word("WLK", "WALK", STREET),
    word("WK", "WALK", STREET | SHORT_LAST),
    plain("VIEW", GREEN),
    word("VW", "VIEW", GREEN | SHORT_LAST),
    plain("HEIGHTS", GREEN),
    word("HTS", "HEIGHTS", GREEN),
    word("HGTS", "HEIGHTS", GREEN),
    plain("BOULEVARD", STREET),
    word("BVD", "BOULEVARD", STREET),
    word("BLVD", "BOULEVARD", STREET),
    word("BOUL", "BOULEVARD", STREET),
    plain("PARADE", STREET),
    word("PDE", "PARADE", STREET),
    plain("ROW", STREET),
    plain("HILL", GREEN),
    word("HL", "HILL", GREEN | SHORT_LAST),
    plain("GREEN", GREEN),
    word("GRN", "GREEN", GREEN),
    plain("MEWS", STREET),
    word("MWS", "MEWS", STREET),
    plain("WYND", STREET),
    plain("LOAN", STREET),
    plain("BRAE", GREEN),
    plain("GATE", GREEN),
    plain("QUAY", GREEN),
    plain("BANK", GREEN),
    plain("CIRCUS", STREET),
    plain("CIRCUIT", STREET),
    plain("COMMON", GREEN),
    plain("CROSS", GREEN),
    plain("END", GREEN),
    plain("ESPLANADE", STREET),
    plain("FOLD", STREET),
    plain("PROMENADE", STREET),
    word("PROM", "PROMENADE", STREET),
    plain("QUADRANT", STREET),
    plain("CAUSEWAY", STREET),
    plain("BROADWAY", STREET),
    word("BDWY", "BROADWAY", STREET),
    plain("BROW", GREEN),
    plain("VALE", GREEN),
    plain("DALE", GREEN),
    plain("RIDGE", GREEN),
    plain("PATH", STREET),
    plain("PASSAGE", STREET),
    plain("YARD", STREET),
    plain("ALLEY", STREET),
    plain("APPROACH", STREET),
    plain("CHASE", GREEN),
    plain("COTTAGES", STREET),
    word("COTTS", "COTTAGES", STREET),
    word("COTS", "COTTAGES", STREET),
    plain("VILLAS", STREET),
    word("VLS", "VILLAS", STREET),
    word("VILLS", "VILLAS", STREET),
    plain("COTTAGE", 0),
    word("COTT", "COTTAGE", 0),
    word("COT", "COTTAGE", SHORT_LAST),
    plain("FARM", 0),
    word("FM", "FARM", SHORT_LAST),
    plain("ESTATE", GREEN),
    word("EST", "ESTATE", GREEN | SHORT_LAST),
    plain("CLIFF", GREEN),
    plain("HOUSE", BLOCK),
    word("HSE", "HOUSE", BLOCK),
    word("HO", "HOUSE", BLOCK | SHORT_LAST),
    plain("BUILDINGS", BLOCK),
    word("BLDGS", "BUILDINGS", BLOCK),
    plain("BUILDING", BLOCK),
    word("BLDG", "BUILDING", BLOCK),
    word("BLD", "BUILDING", BLOCK | SHORT_LAST),
    plain("MANSIONS", BLOCK),
    word("MANS", "MANSIONS", BLOCK | SHORT_LAST),
    plain("TOWER", BLOCK),
    word("TWR", "TOWER", BLOCK),
    plain("TOWERS", BLOCK),
    word("TWRS", "TOWERS", BLOCK),
    plain("LODGE", BLOCK),
    word("LDGE", "LODGE", BLOCK),
    plain("CHAMBERS", BLOCK),
    plain("APARTMENTS", BLOCK),
    word("APTS", "APARTMENTS", BLOCK),
    plain("FLATS", BLOCK),
    plain("MALTINGS", BLOCK),
    plain("MILL", BLOCK),
    plain("MILLS", BLOCK),
    plain("WAREHOUSE", BLOCK),
    plain("HALL", BLOCK),
    plain("POINT", COURT),
    plain("WHARF", COURT),
    word("WHF", "WHARF", COURT),
    plain("CENTRE", BLOCK),
    plain("MOUNT", 0),
    word("MT", "MOUNT", SHORT_FIRST),
    word("MNT", "MOUNT", SHORT_FIRST),
    plain("GREAT", 0),
    word("GT", "GREAT", SHORT_FIRST),
    word("GRT", "GREAT", SHORT_FIRST),
    plain("LITTLE", 0),
    word("LT", "LITTLE", SHORT_FIRST),
    word("LTL", "LITTLE", SHORT_FIRST),
    plain("NORTH", COMPASS),
    word("NTH", "NORTH", COMPASS),
    word("N", "NORTH", COMPASS | SHORT_FIRST | SHORT_LAST),
    plain("SOUTH", COMPASS),
    word("STH", "SOUTH", COMPASS),
    word("S", "SOUTH", COMPASS | SHORT_FIRST | SHORT_LAST),
    plain("EAST", COMPASS),
    word("E", "EAST", COMPASS | SHORT_FIRST | SHORT_LAST),
    plain("WEST", COMPASS),
    word("WST", "WEST", COMPASS),
    word("W", "WEST", COMPASS | SHORT_FIRST | SHORT_LAST),
    plain("HEOL", LEADING),
    plain("FFORDD", LEADING),
    plain("STRYD", LEADING),
    plain("LON", LEADING),
    plain("RHODFA", LEADING),
    plain("CLOS", LEADING),
    plain("MAES", LEADING),
    plain("FLAT", UNIT),
    word("FLT", "FLAT", UNIT),
    word("FT", "FLAT", UNIT),
    word("FL", "FLAT", UNIT | STOREY),
    plain("APARTMENT", UNIT),
    word("APPARTMENT", "APARTMENT", UNIT),
    word("APT", "APARTMENT", UNIT),
    word("APPT", "APARTMENT", UNIT),
    word("APART", "APARTMENT", UNIT),
    plain("UNIT", UNIT),
    plain("ROOM", UNIT),
    word("RM", "ROOM", UNIT),
    inside("STUDIO", "STUDIO", "STUDIO", UNIT),
    plain("MAISONETTE", UNIT),
    word("MAISONNETTE", "MAISONETTE", UNIT),
    word("MAIS", "MAISONETTE", UNIT),
    word("MSNT", "MAISONETTE", UNIT),
    plain("SUITE", UNIT),
    word("STE", "SUITE", UNIT),
    plain("FLATLET", UNIT),
    plain("BEDSIT", UNIT),
    inside("PENTHOUSE", "PENTHOUSE", "PENTHOUSE", UNIT | ALONE),
    inside("ANNEXE", "ANNEXE", "ANNEXE", UNIT | ALONE),
    inside("ANNEX", "ANNEXE", "ANNEXE", UNIT | ALONE),
    inside("BASEMENT", "BASEMENT", "B", FLOOR | ALONE),
    inside("BSMT", "BASEMENT", "B", FLOOR | ALONE),
    inside("BSMNT", "BASEMENT", "B", FLOOR | ALONE),
    inside("GROUND", "GROUND", "G", FLOOR),
    inside("GRD", "GROUND", "G", FLOOR),
    inside("GND", "GROUND", "G", FLOOR),
    inside("GRND", "GROUND", "G", FLOOR),
    inside("FIRST", "FIRST", "1", FLOOR),
    inside("1ST", "FIRST", "1", FLOOR),
    inside("SECOND", "SECOND", "2", FLOOR),
    inside("2ND", "SECOND", "2", FLOOR),
    inside("THIRD", "THIRD", "3", FLOOR),
    inside("3RD", "THIRD", "3", FLOOR),
    inside("FOURTH", "FOURTH", "4", FLOOR),
    inside("4TH", "FOURTH", "4", FLOOR),
    inside("FIFTH", "FIFTH", "5", FLOOR),
    inside("5TH", "FIFTH", "5", FLOOR),
    inside("SIXTH", "SIXTH", "6", FLOOR),
    inside("6TH", "SIXTH", "6", FLOOR),
    inside("SEVENTH", "SEVENTH", "7", FLOOR),
    inside("7TH", "SEVENTH", "7", FLOOR),
    inside("EIGHTH", "EIGHTH", "8", FLOOR),
    inside("8TH", "EIGHTH", "8", FLOOR),
    inside("TOP", "TOP", "T", FLOOR),
    plain("FLOOR", STOREY),
    word("FLR", "FLOOR", STOREY),
    word("FLOR", "FLOOR", STOREY),
    inside("UPPER", "UPPER", "UPPER", SIDE),
    inside("UPR", "UPPER", "UPPER", SIDE),
    inside("UPSTAIRS", "UPSTAIRS", "UPPER", SIDE | ALONE),
    inside("LOWER", "LOWER", "LOWER", SIDE),
    inside("LWR", "LOWER", "LOWER", SIDE),
    inside("DOWNSTAIRS", "DOWNSTAIRS", "LOWER", SIDE | ALONE),
    inside("GARDEN", "GARDEN", "GARDEN", SIDE),
    inside("ATTIC", "ATTIC", "ATTIC", SIDE | ALONE),
    inside("FRONT", "FRONT", "FRONT", SIDE),
    inside("REAR", "REAR", "REAR", SIDE),
    inside("BACK", "BACK", "REAR", SIDE),
    inside("MIDDLE", "MIDDLE", "M", SIDE),
    inside("LEFT", "LEFT", "L", SIDE),
    inside("RIGHT", "RIGHT", "R", SIDE),
    inside("GF", "GF", "GF", FLOOR_CODE),
    inside("GFF", "GFF", "GF", FLOOR_CODE),
    inside("FFF", "FFF", "1F", FLOOR_CODE),
    inside("SFF", "SFF", "2F", FLOOR_CODE),
    inside("TFF", "TFF", "TF", FLOOR_CODE),
    inside("TF", "TF", "TF", FLOOR_CODE),
    inside("BF", "BF", "BF", FLOOR_CODE),
    inside("BFF", "BFF", "BF", FLOOR_CODE),
    inside("PF", "PF", "PF", FLOOR_CODE),
    inside("LGF", "LGF", "LGF", FLOOR_CODE),
    inside("LGFF", "LGFF", "LGF", FLOOR_CODE),
    inside("UGF", "UGF", "UGF", FLOOR_CODE),
    word("NO", "NO", NUMBER),
    plain("NUMBER", NUMBER),
    plain("AND", JOINS),
    plain("TO", JOINS),
];

static KNOWN: LazyLock<WordMap<&Known>> = LazyLock::new(|| WORDS.iter().map(|known| (known.word, known)).collect());

/// A known word; `None` for a word without special meaning.
#[inline]
pub(super) fn find(word: &Word) -> Option<&'static Known> {
    KNOWN.get(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_only_once() {
        for known in &WORDS {
            let found = find(&Word::new(known.word)).expect(known.word);
            assert!(std::ptr::eq(found, known), "{}", known.word);
        }
        for other in ["", "R", "ROADS", "XYZZY", "ABCDEFGHIJKLMNOPQRST"] {
            assert!(find(&Word::new(other)).is_none(), "{other}");
        }
    }
}

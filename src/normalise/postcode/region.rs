//! Assigns each postcode area to a region of Great Britain.

/// The regions, as official statistics list them, each with the postcode areas that lie in it mostly. Areas cross the
/// borders of regions, and each is counted where most of its homes are (choice).
const REGIONS: [(&str, &str); 11] = [
    ("North East", "DH DL NE SR TS"),
    ("North West", "BB BL CA CH CW FY L LA M OL PR SK WA WN"),
    ("Yorkshire and the Humber", "BD DN HD HG HU HX LS S WF YO"),
    ("East Midlands", "DE LE LN NG NN"),
    ("West Midlands", "B CV DY HR ST SY TF WR WS WV"),
    ("East of England", "AL CB CM CO EN IP LU NR PE RM SG SS WD"),
    ("London", "BR CR E EC HA IG KT N NW SE SM SW TW UB W WC"),
    ("South East", "BN CT DA GU HP ME MK OX PO RG RH SL SO TN"),
    ("South West", "BA BH BS DT EX GL PL SN SP TA TQ TR"),
    ("Wales", "CF LD LL NP SA"),
    ("Scotland", "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE"),
];

/// How many parts a breakdown by region has: the regions, and elsewhere or not known.
pub(crate) const PARTS: usize = REGIONS.len() + 1;

/// The part of each area, by its first letter and its second, 0 for none. Every account and every claim asks for one.
const PARTS_OF_AREAS: [[u8; 27]; 26] = {
    let mut parts = [[REGIONS.len() as u8; 27]; 26];
    let mut part = 0;
    while part < REGIONS.len() {
        let areas = REGIONS[part].1.as_bytes();
        let mut at = 0;
        while at < areas.len() {
            let is_alone = at + 1 == areas.len() || areas[at + 1] == b' ';
            let second = if is_alone { 0 } else { areas[at + 1] - b'A' + 1 };
            parts[(areas[at] - b'A') as usize][second as usize] = part as u8;
            at += if is_alone { 2 } else { 3 };
        }
        part += 1;
    }
    parts
};

/// The part of an area's letters; the last is for areas outside Great Britain and for none.
pub(crate) fn part_of(area: &str) -> usize {
    let number = |letter: u8| usize::from(letter.wrapping_sub(b'A'));
    let part = match *area.as_bytes() {
        [first] => PARTS_OF_AREAS.get(number(first)).map(|parts| parts[0]),
        [first, second] => PARTS_OF_AREAS.get(number(first)).and_then(|parts| parts.get(number(second) + 1)).copied(),
        _ => None,
    };
    part.map_or(REGIONS.len(), usize::from)
}

/// The name of a part.
pub(crate) fn name(part: usize) -> &'static str {
    REGIONS.get(part).map_or("elsewhere or not known", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::postcode::areas::AREAS;

    #[test]
    fn an_area_lies_in_one_region() {
        for (area, region) in [
            ("LS", "Yorkshire and the Humber"),
            ("L", "North West"),
            ("CF", "Wales"),
            ("ZE", "Scotland"),
            ("BT", "elsewhere or not known"),
            ("", "elsewhere or not known"),
        ] {
            assert_eq!(name(part_of(area)), region, "{area}");
        }
        for (part, (_, areas)) in REGIONS.iter().enumerate() {
            assert!(areas.split(' ').all(|area| part_of(area) == part), "{areas}");
        }
        for other in ["A", "LB", "L1", "l", "1", "LSX", "É"] {
            assert_eq!(part_of(other), REGIONS.len(), "{other}");
        }
        let mut all: Vec<&str> = REGIONS.iter().flat_map(|(_, areas)| areas.split(' ')).collect();
        all.extend(["BT", "GY", "IM", "JE"]);
        all.sort_unstable();
        assert_eq!(all, AREAS);
    }
}

//! Lists the counties and countries that people write after the town.

/// Whether a name is one of them.
pub(super) fn is_county_or_country(name: &str) -> bool {
    COUNTIES.binary_search(&name).is_ok()
}

/// In alphabetical order, for the binary search.
const COUNTIES: [&str; 74] = [
    "ABERDEENSHIRE",
    "ANGUS",
    "AVON",
    "AYRSHIRE",
    "BEDFORDSHIRE",
    "BEDS",
    "BERKS",
    "BERKSHIRE",
    "BUCKINGHAMSHIRE",
    "BUCKS",
    "CAMBRIDGESHIRE",
    "CAMBS",
    "CHESHIRE",
    "CLEVELAND",
    "CLWYD",
    "CO DURHAM",
    "CORNWALL",
    "COUNTY DURHAM",
    "CUMBRIA",
    "CYMRU",
    "DERBYSHIRE",
    "DEVON",
    "DORSET",
    "DYFED",
    "EAST SUSSEX",
    "EAST YORKSHIRE",
    "ENGLAND",
    "ESSEX",
    "GB",
    "GLOS",
    "GLOUCESTERSHIRE",
    "GREAT BRITAIN",
    "GREATER LONDON",
    "GREATER MANCHESTER",
    "GWENT",
    "GWYNEDD",
    "HAMPSHIRE",
    "HANTS",
    "HEREFORDSHIRE",
    "HERTFORDSHIRE",
    "HERTS",
    "KENT",
    "LANARKSHIRE",
    "LANCASHIRE",
    "LANCS",
    "LEICESTERSHIRE",
    "LEICS",
    "LINCOLNSHIRE",
    "LINCS",
    "MERSEYSIDE",
    "MIDDLESEX",
    "MIDLOTHIAN",
    "NORFOLK",
    "NORTH YORKSHIRE",
    "NORTHAMPTONSHIRE",
    "NORTHANTS",
    "NORTHUMBERLAND",
    "NOTTINGHAMSHIRE",
    "NOTTS",
    "OXFORDSHIRE",
    "OXON",
    "SCOTLAND",
    "SHROPSHIRE",
    "SOMERSET",
    "SOUTH YORKSHIRE",
    "STAFFORDSHIRE",
    "SURREY",
    "TYNE AND WEAR",
    "UK",
    "UNITED KINGDOM",
    "WALES",
    "WEST MIDLANDS",
    "WEST SUSSEX",
    "WEST YORKSHIRE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counties_are_in_the_order_that_the_search_needs() {
        assert!(COUNTIES.is_sorted());
        assert!(is_county_or_country("KENT") && is_county_or_country("WEST YORKSHIRE"));
        assert!(!is_county_or_country("LEEDS") && !is_county_or_country(""));
    }
}

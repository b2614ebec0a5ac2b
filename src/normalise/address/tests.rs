use proptest::prelude::*;

use super::*;
use crate::normalise::HouseNumber;
use crate::text::Phrase;

/// `flat|number|building|street|locality|town`
fn shown(address: &Address) -> String {
    let number = match address.number {
        None => String::new(),
        Some(HouseNumber { first, last }) if first == last => first.to_string(),
        Some(HouseNumber { first, last }) => format!("{first}-{last}"),
    };
    let Address { flat, building, street, locality, town, .. } = address;
    format!(
        "{}|{number}|{}|{}|{}|{}",
        flat.as_str(),
        building.as_str(),
        street.as_str(),
        locality.as_str(),
        town.as_str()
    )
}

/// Reads lines separated by `;`, the town after `@`.
fn read(text: &str) -> Address {
    let (lines, town) = text.split_once('@').unwrap_or((text, ""));
    let lines: Vec<&str> = lines.split(';').collect();
    address(&lines, town)
}

fn check(table: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (expected, wordings) in table {
        for wording in *wordings {
            let found = shown(&read(wording));
            if found != *expected {
                wrong += &format!("{wording}\n    gave   {found}\n    wanted {expected}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn flats_with_a_number() {
    check(&[
        (
            "2|10||HIGH STREET||",
            &[
                "Flat 2, 10 High Street",
                "10 High Street, Flat 2",
                "10 High Street;Flat 2",
                "Flat 2;10 High Street",
                "FLAT 2 10 HIGH STREET",
                "Flat 02, 10 High St.",
                "Flat No. 2, 10 High St",
                "Flat 2 - 10 High Street",
                "Flat-2, 10 High Street",
                "Flat: 2, 10 High Street",
                "Apartment 2, 10 High St",
                "Apt 2, 10 High Street",
                "Apt. 2 10 High Street",
                "Unit 2, 10 High Street",
                "Room 2, 10 High Street",
                "Studio 2, 10 High Street",
                "Maisonette 2, 10 High Street",
                "Flt 2, No 10 High Street",
                "Fl 2, 10 High Street",
                "Studio Flat 2, 10 High Street",
                "2, 10 High Street",
                "2;10 High Street",
                "2 10 High Street",
                "2/10 High Street",
                "10 High Street (Flat 2)",
            ],
        ),
        (
            "B|10||CRANWICH ROAD||",
            &[
                "10B Cranwich Road",
                "10b Cranwich Rd",
                "10 B Cranwich Road",
                "Flat B, 10 Cranwich Road",
                "Flat B 10 Cranwich Road",
                "10 Cranwich Road, Flat B",
                "Flat B, 10B Cranwich Road",
                "B/10 Cranwich Road",
                "10/B Cranwich Road",
            ],
        ),
        ("B|153||HIGH STREET||", &["FLAT B 153 High Street"]),
        ("2|153||HIGH STREET||", &["FLAT 2 153 High Street"]),
        ("2B|153||HIGH STREET||", &["FLAT 2B 153 High Street", "Flat 2 B, 153 High Street"]),
        ("B2|153||HIGH STREET||", &["Flat B2, 153 High Street", "Flat B 2, 153 High Street"]),
        ("B/2|10||HIGH STREET||", &["Flat 2, 10B High Street", "10B High Street Flat 2"]),
        (
            "1/2|144||HIGH STREET||",
            &["144 & A HALF High Street", "144 1/2 High Street", "144½ High Street", "144 and a half High St"],
        ),
        ("PENTHOUSE|10||HIGH STREET||", &["The Penthouse, 10 High Street", "Penthouse;10 High Street"]),
        ("ANNEXE|10||HIGH STREET||", &["Annexe, 10 High Street", "The Annex, 10 High Street"]),
        ("STUDIO|10||HIGH STREET||", &["Studio Flat, 10 High Street"]),
    ]);
}

#[test]
fn tenements_and_floors() {
    check(&[
        (
            "1F2|12||MARCHMONT CRESCENT||",
            &[
                "1F2, 12 Marchmont Crescent",
                "12 (1F2) Marchmont Crescent",
                "12/1F2 Marchmont Crescent",
                "1F2/12 Marchmont Crescent",
                "Flat 1F2 12 Marchmont Cres",
                "Flat 1F2, 12 Marchmont Crescent",
                "12 1F2 Marchmont Crescent",
                "12 Marchmont Crescent 1F2",
                "12 Marchmont Crescent, 1F2",
                "1 F 2, 12 Marchmont Crescent",
                "Flat 1 F 2, 12 Marchmont Crescent",
                "First Floor Flat 2, 12 Marchmont Crescent",
                "Flat 2, First Floor, 12 Marchmont Crescent",
            ],
        ),
        (
            "2/1|55||DUMBARTON ROAD||",
            &[
                "2/1 55 Dumbarton Road",
                "2/1, 55 Dumbarton Road",
                "Flat 2/1, 55 Dumbarton Road",
                "Flat 2/1 55 Dumbarton Rd",
                "55 (2/1) Dumbarton Road",
                "55 2/1 Dumbarton Road",
                "55 Dumbarton Road 2/1",
                "55 Dumbarton Road, Flat 2/1",
                "Flat 2-1, 55 Dumbarton Road",
                "2-1 55 Dumbarton Road",
                "02/01, 55 Dumbarton Road",
            ],
        ),
        (
            "0/1|55||DUMBARTON ROAD||",
            &["0/1 55 Dumbarton Road", "G/1, 55 Dumbarton Road", "Flat 0/1 55 Dumbarton Road"],
        ),
        (
            "GF|10||HIGH STREET||",
            &[
                "Ground Floor Flat, 10 High Street",
                "Ground Flr Flat 10 High Street",
                "Gnd Floor, 10 High Street",
                "Ground Flat, 10 High Street",
                "GFF, 10 High Street",
                "GFF 10 High Street",
                "GF 10 High Street",
                "Flat GFF, 10 High Street",
                "Flat Ground Floor, 10 High Street",
                "10 High Street, Ground Floor Flat",
                "10 High Street GFF",
            ],
        ),
        (
            "GF1|10||HIGH STREET||",
            &["GF1, 10 High Street", "Ground Floor Flat 1, 10 High Street", "10 (GF1) High Street"],
        ),
        (
            "1F|10||HIGH STREET||",
            &[
                "First Floor Flat, 10 High Street",
                "FFF 10 High Street",
                "1st Floor Flat, 10 High Street",
                "1st Flr, 10 High Street",
                "10 High Street, First Floor",
                "1F 10 High Street",
            ],
        ),
        (
            "2F|10||HIGH STREET||",
            &["Second Floor Flat, 10 High Street", "2nd Floor, 10 High Street", "SFF, 10 High Street"],
        ),
        (
            "TF|10||HIGH STREET||",
            &[
                "Top Floor Flat, 10 High Street",
                "TFF 10 High Street",
                "Top Flat, 10 High Street",
                "Flat Top Floor, 10 High Street",
            ],
        ),
        (
            "BF|10||HIGH STREET||",
            &[
                "Basement Flat, 10 High Street",
                "BF, 10 High Street",
                "Basement, 10 High Street",
                "10 High Street, Basement Flat",
                "Bsmt Flat 10 High Street",
            ],
        ),
        ("LGF|10||HIGH STREET||", &["Lower Ground Floor Flat, 10 High Street", "LGF, 10 High Street"]),
        ("GARDEN|10||HIGH STREET||", &["Garden Flat, 10 High Street", "10 High Street, The Garden Flat"]),
        (
            "UPPER|1||PAISLEY ROAD||",
            &["Upstairs Flat, 1 Paisley Road", "Upper Flat, 1 Paisley Road", "Upstairs, 1 Paisley Road"],
        ),
        ("LOWER|1||PAISLEY ROAD||", &["Lower Flat, 1 Paisley Road", "Downstairs Flat 1 Paisley Road"]),
        (
            "1FL|10||HIGH STREET||",
            &["First Floor Left, 10 High Street", "1st Floor Left Flat, 10 High Street", "1FL, 10 High Street"],
        ),
        ("PF1|10||HIGH STREET||", &["PF1, 10 High Street", "10/PF1 High Street"]),
        ("3F1|10||HIGH STREET||", &["Flat 3F1, 10 High Street", "3 F 1, 10 High Street"]),
        ("3|12||MARCHMONT ROAD||", &["12/3 Marchmont Road", "Flat 3, 12 Marchmont Road"]),
    ]);
}

#[test]
fn numbers_and_ranges() {
    check(&[
        (
            "|12-14||MARKET PLACE||",
            &[
                "12-14 Market Place",
                "12 - 14 Market Place",
                "12–14 Market Pl",
                "12 to 14 Market Place",
                "12 & 14 Market Place",
                "12/14 Market Place",
                "12A-14 Market Place",
            ],
        ),
        ("|112-114||HIGH STREET||", &["112-114 High Street", "112-14 High Street", "112-4 High Street"]),
        ("|92||HIGH STREET||", &["92-92A High Street"]),
        ("3|12-14||MARKET PLACE||", &["Flat 3, 12-14 Market Place", "12-14 Market Place, Flat 3"]),
        (
            "|15||MEREWETHER STREET||",
            &["15;merewether street", "15, Merewether Street", "No 15 Merewether St", "Number 15 Merewether St"],
        ),
        ("|0||HIGH STREET||", &["0 High Street"]),
        ("|65535||HIGH STREET||", &["65535 High Street"]),
        ("||65536|HIGH STREET||", &["65536 High Street"]),
        ("||99999999999999999999|HIGH STREET||", &["99999999999999999999 High Street"]),
        ("||10BC|HIGH STREET||", &["10BC High Street"]),
        ("|12||||", &["12"]),
        ("|10||HIGH STREET||", &["10 High Street;;;", ";;10 High Street", "High Street 10", "High Street, 10"]),
    ]);
}

#[test]
fn streets_have_one_spelling() {
    for (typed, expected) in [
        ("High Rd", "HIGH ROAD"),
        ("High St", "HIGH STREET"),
        ("High St.", "HIGH STREET"),
        ("High St North", "HIGH STREET NORTH"),
        ("High St N", "HIGH STREET NORTH"),
        ("St John's Rd", "SAINT JOHNS ROAD"),
        ("St. Johns Road", "SAINT JOHNS ROAD"),
        ("St.Johns Road", "SAINT JOHNS ROAD"),
        ("Saint John’s Road", "SAINT JOHNS ROAD"),
        ("St Marys St", "SAINT MARYS STREET"),
        ("Great St Helens", "GREAT SAINT HELENS"),
        ("Gt St Helens", "GREAT SAINT HELENS"),
        ("Old St Marys Lane", "OLD SAINT MARYS LANE"),
        ("Church St Leeds", "CHURCH STREET LEEDS"),
        ("King's Ave", "KINGS AVENUE"),
        ("Kings Av", "KINGS AVENUE"),
        ("Park Cresc", "PARK CRESCENT"),
        ("Park Cl", "PARK CLOSE"),
        ("Park Clo", "PARK CLOSE"),
        ("Park Dr", "PARK DRIVE"),
        ("Park Gdns", "PARK GARDENS"),
        ("Park Gds", "PARK GARDENS"),
        ("Park Gr", "PARK GROVE"),
        ("Park Grv", "PARK GROVE"),
        ("Park Gro", "PARK GROVE"),
        ("Park Ln", "PARK LANE"),
        ("Hyde Pk", "HYDE PARK"),
        ("Hyde Pk Rd", "HYDE PK ROAD"),
        ("Park Pl", "PARK PLACE"),
        ("Park Sq", "PARK SQUARE"),
        ("Park Ter", "PARK TERRACE"),
        ("Park Terr", "PARK TERRACE"),
        ("Park Tce", "PARK TERRACE"),
        ("Park Wy", "PARK WAY"),
        ("Park Rse", "PARK RISE"),
        ("Park Wlk", "PARK WALK"),
        ("Park Vw", "PARK VIEW"),
        ("Park Hts", "PARK HEIGHTS"),
        ("Park Bvd", "PARK BOULEVARD"),
        ("Mt Pleasant", "MOUNT PLEASANT"),
        ("Gt Western Rd", "GREAT WESTERN ROAD"),
        ("Lwr Park Rd", "LOWER PARK ROAD"),
        ("Upr Park Rd", "UPPER PARK ROAD"),
        ("Nth Parade", "NORTH PARADE"),
        ("N. Parade", "NORTH PARADE"),
        ("Sth Parade", "SOUTH PARADE"),
        ("Rose Cotts", "ROSE COTTAGES"),
        ("1st Avenue", "FIRST AVENUE"),
        ("First Ave", "FIRST AVENUE"),
        ("11th Ave", "11TH AVENUE"),
        ("Back Lane", "BACK LANE"),
        ("Garden Street", "GARDEN STREET"),
        ("Upper Street", "UPPER STREET"),
        ("Basement Road", "BASEMENT ROAD"),
        ("Court Road", "COURT ROAD"),
        ("Flat Lane", "FLAT LANE"),
        ("Dr Johnson Avenue", "DR JOHNSON AVENUE"),
        ("Heol-y-Bryn", "HEOL Y BRYN"),
        ("Heol y Bryn", "HEOL Y BRYN"),
        ("Y Ddôl", "Y DDOL"),
        ("Llŷr Road", "LLYR ROAD"),
        ("Łódź Road", "LODZ ROAD"),
        ("Đặng Road", "DANG ROAD"),
        ("ＨＩＧＨ Ｒｄ", "HIGH ROAD"),
        ("St John‛s Road", "SAINT JOHNS ROAD"),
        ("Rue de l'Église", "RUE DE LEGLISE"),
        ("Smith & Jones Road", "SMITH AND JONES ROAD"),
        ("The Avenue", "THE AVENUE"),
        ("Broadway", "BROADWAY"),
        ("were street", "WERE STREET"),
    ] {
        let found = address(&[&format!("12 {typed}")], "");
        assert_eq!(shown(&found), format!("|12||{expected}||"), "{typed}");
    }
}

#[test]
fn buildings_and_house_names() {
    check(&[
        (
            "||THE OLD FORGE|BACK LANE||",
            &["The Old Forge, Back Lane", "The Old Forge;Back Ln", "The Old Forge - Back Lane"],
        ),
        ("|||BACK LANE|THORALBY|", &["Back Lane, Thoralby"]),
        ("||THE OLD FORGE|BACK LANE|THORALBY|", &["The Old Forge, Back Lane, Thoralby"]),
        ("||THE OLD FORGE||THORALBY|", &["The Old Forge;Thoralby"]),
        ("||ROSE COTTAGE|||", &["Rose Cottage", "Rose Cott"]),
        ("|2||ROSE COTTAGES||", &["2 Rose Cottages", "2, Rose Cotts", "Rose Cottages 2"]),
        ("4||THE MALTINGS|||", &["Unit 4 The Maltings", "4 The Maltings", "Unit 4, The Maltings"]),
        (
            "4||MALTINGS HOUSE|||",
            &["Maltings House 4", "4 Maltings House", "Flat 4 Maltings Hse", "Maltings House, Flat 4"],
        ),
        (
            "3|12|HARBOUR HOUSE|QUAY STREET||",
            &[
                "Flat 3 Harbour House 12 Quay Street",
                "Flat 3, Harbour House, 12 Quay Street",
                "Flat 3;Harbour House;12 Quay Street",
                "3 Harbour House, 12 Quay Street",
                "3 Harbour House 12 Quay Street",
                "Harbour House Flat 3, 12 Quay St",
                "Harbour House 3;12 Quay St",
                "Harbour House, 12 Quay St, Flat 3",
            ],
        ),
        ("3||HARBOUR HOUSE|QUAY STREET||", &["3 Harbour House, Quay Street", "Flat 3, Harbour House;Quay Street"]),
        ("|4||OAK COURT||", &["4 Oak Court", "Flat 4 Oak Court", "Flat 4, Oak Ct", "Oak Court 4"]),
        ("A|4||OAK COURT||", &["4A Oak Court", "Flat 4A Oak Court"]),
        ("4||OAK COURT|HIGH STREET||", &["4 Oak Court, High Street", "Flat 4 Oak Court, High Street"]),
        ("4|12|OAK COURT|HIGH STREET||", &["4 Oak Court, 12 High Street", "Flat 4;Oak Court;12 High Street"]),
        ("|8||FERNLEA||", &["8 Fernlea", "Fernlea 8", "8, Fernlea"]),
        ("|||||", &["PO Box 12", "P.O. Box 12;c/o Smith"]),
    ]);
}

#[test]
fn lines_after_the_street() {
    check(&[
        ("|11||WERE STREET|MARRIOTT DOWNS|SOUTH MELBOURNE", &["11 were street;marriott downs@south melbourne"]),
        (
            "|12||THORNHILL CLOSE||LEEDS",
            &[
                "12 Thornhill Close@Leeds",
                "12 Thornhill Close;Leeds@Leeds",
                "12 Thornhill Close;Leeds;LEEDS@Leeds",
                "12 Thornhill Close, Leeds@Leeds",
                "12 Thornhill Close Leeds@Leeds",
                "12 Thornhill Close;Leeds;West Yorkshire@Leeds",
                "12 Thornhill Close;Leeds;LS8 2QN@Leeds",
                "c/o Mr Smith;12 Thornhill Close@Leeds",
                "Care of Mr Smith;12 Thornhill Close;England@Leeds",
            ],
        ),
        (
            "|12||THORNHILL CLOSE|HEADINGLEY|LEEDS",
            &["12 Thornhill Close;Headingley;Leeds", "12 Thornhill Close, Headingley@Leeds"],
        ),
        ("|12||THORNHILL CLOSE|LEEDS|", &["12 Thornhill Close;Leeds"]),
        (
            "|5||ABBEY ROAD||BURY SAINT EDMUNDS",
            &["5 Abbey Rd@Bury St Edmunds", "5 Abbey Rd;Bury St. Edmunds@BURY ST EDMUNDS"],
        ),
        ("|5||LEEDS ROAD||LEEDS", &["5 Leeds Road@Leeds"]),
        ("|||||LEEDS", &["@Leeds", ";;@ leeds "]),
        ("|||||", &["", ";;;", " ", "-", ",,,", "()"]),
        ("|24||SUUNYBRAE|GOLDFINCH CIRCUIT|MONA VALE", &["24 suunybrae;goldfinch circuit@mona vale"]),
        ("|||BURRAMURRA AVENUE|KMART P PLAZA|SAN RMEO", &["burramurra avenue;kmart p plaza@san rmeo"]),
        ("|81||ROSE SCOTT CIRCUIT|SEC 1|ASHFOELD", &["81 rose scott circuit;sec 1@ashfoeld"]),
    ]);
}

#[test]
fn what_differs_stays_different() {
    for (one, other) in [
        ("Flat 2, 10 High Street", "Flat 3, 10 High Street"),
        ("Flat 2, 10 High Street", "10 High Street"),
        ("Flat 2, 10 High Street", "Flat 10, 2 High Street"),
        ("10B High Street", "10A High Street"),
        ("10 High Street", "10 High Road"),
        ("1F1, 12 Marchmont Crescent", "1F2, 12 Marchmont Crescent"),
        ("2/1, 55 Dumbarton Road", "1/2, 55 Dumbarton Road"),
        ("GFF, 10 High Street", "FFF, 10 High Street"),
        ("Basement Flat, 10 High Street", "Top Flat, 10 High Street"),
        ("12-14 Market Place", "12-16 Market Place"),
        ("12 Market Place", "14 Market Place"),
        ("St Johns Road", "Johns Road"),
        ("1 Oak House, Quay Street", "1 Elm House, Quay Street"),
        ("Upper Flat, 1 Paisley Road", "Lower Flat, 1 Paisley Road"),
        ("10 High Street North", "10 High Street South"),
    ] {
        assert_ne!(read(one), read(other), "{one} and {other}");
    }
}

/// An address in the order in which people write them.
fn written_back(address: &Address) -> Vec<String> {
    let mut lines = Vec::new();
    if !address.flat.is_empty() {
        lines.push(format!("FLAT {}", address.flat.as_str()));
    }
    lines.push(address.building.as_str().to_owned());
    let number = match address.number {
        None => String::new(),
        Some(number) if number.first == number.last => number.first.to_string(),
        Some(number) => format!("{}-{}", number.first, number.last),
    };
    lines.push(format!("{number} {}", address.street.as_str()));
    lines.push(address.locality.as_str().to_owned());
    lines
}

fn read_back(address: &Address) -> Address {
    let lines = written_back(address);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    super::address(&lines, &address.town)
}

/// An address of typical phrases in any order, of which at most one says which flat.
fn address_lines() -> impl Strategy<Value = Vec<String>> {
    let flat = prop::sample::select(vec![
        "",
        "Flat 2",
        "Apt 2B",
        "Unit B",
        "2/1",
        "1F2",
        "GFF",
        "Flat B",
        "First Floor Flat",
        "The Annexe",
        "Garden Flat",
        "Flat 3, Top Floor",
        "Basement",
        "First Floor Rear",
        "3rd Floor Flat 2",
    ]);
    let number = prop::sample::select(vec![
        "",
        "",
        "2",
        "10",
        "12-14",
        "10B",
        "12/14",
        "No 7",
        "144 and a half",
        "12A-12C",
        "70000",
        "12/3",
    ]);
    let name = prop::sample::select(vec![
        "",
        "High St",
        "St Mary's Rd",
        "Gt Western Road",
        "Heol-y-Bryn",
        "Harbour House",
        "Oak Court",
        "The Old Forge",
        "Rose Cottages",
        "Fernlea",
        "Primrose Hill",
        "Leeds",
        "Kent",
        "Thoralby",
        "PO Box 12",
        "LS8 2QN",
        "c/o Mr Smith",
        "N. Parade",
        "Bryn",
        "West Ave S",
        "The",
        "Leeds Road",
    ]);
    let joint = || prop::sample::select(vec![" ", ", ", " - ", "; "]);
    let line = (number, name, joint()).prop_map(|(number, name, joint)| format!("{number} {name}{joint}"));
    (flat, joint(), prop::collection::vec(line, 0..4), any::<bool>()).prop_map(|(flat, joint, mut lines, at_start)| {
        let place = if at_start { 0 } else { lines.len() };
        lines.insert(place, format!("{flat}{joint}"));
        lines
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_gives_capitals_digits_and_single_spaces(
        lines in prop::collection::vec(any::<String>(), 0..6),
        near in address_lines(),
        town in "\\PC{0,60}",
    ) {
        let near: Vec<&str> = near.iter().chain(&lines).map(String::as_str).collect();
        let found = address(&near, &town);
        let plain = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ')
                && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ")
        };
        for part in [found.building, found.street, found.locality, found.town] {
            prop_assert!(plain(&part));
        }
        prop_assert!(plain(&found.flat.replace('/', "")));
    }

    #[test]
    fn an_address_written_back_reads_as_itself(lines in address_lines()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let once = address(&lines, "Leeds");
        prop_assert_eq!(shown(&read_back(&once)), shown(&once), "{:?}", lines);
    }

    #[test]
    fn a_plain_address_written_back_reads_as_itself(
        flat in prop::sample::select(vec!["", "2", "2B", "B", "1F2", "GF", "2/1", "TF", "GARDEN", "B/2"]),
        number in prop::option::of(1u16..2000),
        more in 0u16..5,
        building in prop::sample::select(vec!["", "HARBOUR HOUSE", "THE OLD FORGE", "ROSE COTTAGE"]),
        street in prop::sample::select(vec!["HIGH STREET", "SAINT JOHNS ROAD", "BACK LANE", "HEOL Y BRYN", "FERNLEA"]),
        locality in prop::sample::select(vec!["", "THORALBY", "MARRIOTT DOWNS"]),
    ) {
        let number = number.map(|first| HouseNumber { first, last: first + more });
        // A name alone would be a house's.
        let street = if number.is_none() && street == "FERNLEA" { "BACK LANE" } else { street };
        let text = |text: &str| Phrase::new(text);
        let whole = Address {
            flat: crate::text::Word::new(flat), number, building: text(building), street: text(street),
            locality: text(locality), town: text("LEEDS"),
        };
        prop_assert_eq!(shown(&read_back(&whole)), shown(&whole));
    }
}

/// Streets and towns are remembered as they were typed, each without the other.
#[test]
fn an_address_is_read_the_same_again() {
    let streets = ["12 High Rd", "12 HIGH RD", "7 Oak Court", "7 Upper Mews Leeds", "9 Rosé Road", "4 Road", "4"];
    let towns = ["", "Leeds", "LEEDS", "St Ives", "Clacton-on-Sea", "Bury St Edmunds, Suffolk"];
    // Nothing stays of the address before.
    let mut reused = address(&["Flat 2, Harbour House", "10 High Street", "Thoralby"], "York");
    for _ in 0..2 {
        for (street, town) in streets.iter().flat_map(|street| towns.iter().map(move |town| (street, town))) {
            let expected = any_address(&[street], written::town(town));
            assert_eq!(address(&[street], town), expected, "{street}, {town}");
            super::read(&[street], town, &mut reused);
            assert_eq!(reused, expected, "{street}, {town}");
        }
    }
}

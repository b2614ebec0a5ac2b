//! Shows by examples how far two names agree. Each pair holds in both directions.

use super::*;
use crate::normalise::Name;
use crate::normalise::name::{NameFields, read};

fn name(full_name: &str) -> Name {
    let named = read(&NameFields { full_name, ..NameFields::default() });
    assert_eq!(named.people.len(), 1, "{full_name}");
    named.people[0].clone()
}

/// Compares two full names both ways.
fn compare(one: &str, other: &str) -> [NameComparison; 2] {
    let (first, second) = (name(one), name(other));
    [NameComparison::straight(&first.view(), &second.view()), NameComparison::straight(&second.view(), &first.view())]
}

#[test]
fn forenames() {
    use Given::*;
    let mut wrong = Vec::new();
    for (level, one, other) in [
        (Exact, "Thomas", "THOMAS"),
        (Exact, "Mary Ann", "Maryann"),
        (Variant, "Elizabeth", "Betty"),
        (Variant, "Catherine", "Kathryn"),
        (Variant, "Theophilus", "Theophile"),
        // A slip in an established name, or in one of its variants.
        (Close, "Margaret", "Margarte"),
        (Close, "Patricia", "Patrica"),
        (Close, "Kenneth", "Kenneith"),
        (Close, "Dennis", "Fennis"),
        (Close, "Bernard", "Bemard"),
        (Close, "Lionel", "Lyonel"),
        (Close, "Isabella", "Isablel"),
        (Close, "Percy", "Perceval"),
        (Close, "Geraldine", "Geraldin"),
        // More than a slip, and still nearly that name.
        (Close, "Christopher", "Chrsitopehr"),
        (Close, "Blake", "Blaw"),
        (CloseRare, "Cade", "Cadec"),
        (CloseRare, "Zephyrine", "Zepyhrine"),
        (CutOff, "Bernadette", "Bern"),
        (Loose, "Zephyrine", "Zephanie"),
        (Middle, "Gareth Thomas", "Thomas"),
        (Middle, "Gareth Thomas", "Tommy"),
        (Initial, "Thomas", "T"),
        (Initial, "Bill", "W"),
        (Initial, "John Robert", "JR"),
        (Initial, "Gareth Thomas", "T"),
        // Two names, however alike.
        (CloseNames, "Tim", "Tom"),
        (CloseNames, "Paul", "Paula"),
        (CloseNames, "Paul", "Pauline"),
        (CloseNames, "Farhan", "Farhana"),
        (CloseNames, "Sukhdev", "Sukhdeep"),
        (CloseNames, "Oluwatobi", "Oluwatosin"),
        (CloseNames, "Abdulrahman", "Abdulrahim"),
        (CloseNames, "Harpreet Singh", "Harpreet Kaur"),
        (Unfamiliar, "Thomas", "Xhevdet"),
        (Different, "Thomas", "Timothy"),
        (Different, "Kayleigh", "Hayleigh"),
        (Different, "Thomas", "R"),
        (Different, "William", "Liam"),
        (Different, "Christopher", "Christine"),
    ] {
        let compared = compare(&format!("{one} Marchbank"), &format!("{other} Marchbank"));
        let own = compared.map(|names| names.given);
        if own != [level; 2] {
            wrong.push(format!("{one} {other}: {level:?}, is {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn middle_names() {
    use Middle::*;
    let mut wrong = Vec::new();
    for (level, one, other) in [
        (Exact, "Thomas Alan", "Thomas Alan"),
        (Exact, "Thomas Allan", "Thomas Alan"),
        (Exact, "Thomas Alan Kevin", "Thomas Kevin"),
        (Initial, "Thomas A", "Thomas Alan"),
        (Absent, "Thomas", "Thomas Alan"),
        (Different, "Thomas Alan", "Thomas Kevin"),
        (Different, "Thomas K", "Thomas Alan"),
    ] {
        let compared = compare(&format!("{one} Marchbank"), &format!("{other} Marchbank"));
        let own = compared.map(|names| names.middle);
        if own != [level; 2] {
            wrong.push(format!("{one} {other}: {level:?}, is {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn surnames() {
    use Family::*;
    let mut wrong = Vec::new();
    for (level, one, other) in [
        (Exact, "Marchbank", "MARCHBANK"),
        (Exact, "O'Brien", "OBrien"),
        (Part, "Marchbank-Oxenbridge", "Marchbank"),
        (Part, "Marchbank-Oxenbridge", "Oxenbridge"),
        (Close, "Marchbank", "Marchbnak"),
        (Close, "Smith", "Smyth"),
        (Close, "Marchbank-Oxenbridge", "Oxenbrigde"),
        (Loose, "Williamson", "Wilkinson"),
        (Different, "Smith", "Jones"),
        (Different, "Marchbank", "Oxenbridge"),
    ] {
        let compared = compare(&format!("Thomas {one}"), &format!("Thomas {other}"));
        let own = compared.map(|names| names.family);
        if own != [level; 2] {
            wrong.push(format!("{one} {other}: {level:?}, is {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A holder's names the other way round, only where no part agrees as it stands.
#[test]
fn exchanged_names() {
    let swapped = |person: &str, holder: &str| NameComparison::swapped(&name(holder).view(), &name(person).view());
    for (person, holder, expected) in [
        ("Thomas Marchbank", "Marchbank Thomas", Some((Given::Exact, Family::Exact))),
        ("Thomas Marchbank", "Marchbnak Thomas", Some((Given::Exact, Family::Close))),
        ("Thomas Marchbank", "Marchbank Thmoas", Some((Given::Close, Family::Exact))),
        ("Thomas Marchbank", "Thomas Oxenbridge", None),
        ("Thomas Marchbank", "Gareth Marchbank", None),
        ("Thomas Marchbank", "M Thomas", None),
    ] {
        let levels = swapped(person, holder).map(|names| (names.given, names.family));
        assert_eq!(levels, expected, "{person} {holder}");
    }
}

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
        (CloseNames, "Oluwatimi", "Oluwatofunmi"),
        (CloseNames, "Oluwaseun", "Oluwasegun"),
        (CloseNames, "Harjit", "Harjot"),
        (CloseRare, "Gurjit", "Gurjeet"),
        (Close, "Harpreet", "Harprete"),
        (Close, "Harold", "Harols"),
        (CloseNames, "Abdulrahman", "Abdulrahim"),
        (CloseNames, "Harpreet Singh", "Harpreet Kaur"),
        (Unfamiliar, "Thomas", "Xhevdet"),
        (Different, "Thomas", "Timothy"),
        (Different, "Kayleigh", "Hayleigh"),
        (Different, "Thomas", "R"),
        (Different, "William", "Liam"),
        (CloseNames, "Robert", "Rupert"),
        (Different, "Margaret", "Marjorie"),
        // Brothers share the first name, and go by the second.
        (Different, "Mohammed Ali", "Mohammed Omar"),
        (Exact, "Mohammed Ali", "Mohammed"),
        (Exact, "Mohammed Ali", "Mohammed A"),
        (Variant, "Mohammed Ali", "Muhammad Ali"),
        (Variant, "Mohammed Umar", "Muhammad Omar"),
        (Exact, "Mohammed Imran", "Mohammed Irman"),
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

/// A name the other way round, in the one record or the other, only where no part agrees as it stands.
#[test]
fn exchanged_names() {
    let mut wrong = Vec::new();
    for (person, holder, expected) in [
        ("Thomas Marchbank", "Marchbank Thomas", Some((Given::Exact, Family::Exact))),
        ("Thomas Marchbank", "Marchbnak Thomas", Some((Given::Exact, Family::Close))),
        ("Thomas Marchbank", "Marchbank Thmoas", Some((Given::Close, Family::Exact))),
        ("Thomas Marchbank", "Marchbank Tom", Some((Given::Variant, Family::Exact))),
        ("Thomas Marchbank", "Marchbank Timothy", Some((Given::Different, Family::Exact))),
        ("Thomas Marchbank", "Thomas Oxenbridge", None),
        ("Thomas Marchbank", "Gareth Marchbank", None),
        ("Thomas Marchbank", "Gareth Oxenbridge", None),
        ("Thomas Marchbank", "M Thomas", None),
    ] {
        for (one, other) in [(person, holder), (holder, person)] {
            let names = Exchanged::new(&name(one).view(), &name(other).view()).map(|exchanged| exchanged.compare());
            let levels = names.map(|names| (names.given, names.family));
            if levels != expected {
                wrong.push(format!("{one}, {other}: {expected:?}, is {levels:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! Shows by examples who is taken for whom: a person on a list, whoever is looked up in it, and the outcome. Each
//! outcome is what a careful clerk would say, and why it is so stands in `docs/method.md`.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use common::{Folder, award, customer};
use flagmatch::linkage::{Candidate, Linker, Person, Relatives, Settings};
use serde_json::Value;

/// The posterior from which an account is flagged, and the one from which staff review it.
const THRESHOLD: f64 = 0.98;
const REVIEW: f64 = 0.20;

/// The addresses that the table names. Only the first three share a postcode.
const HOMES: &[(&str, &str, &str, &str)] = &[
    ("home", "7 Zinnia Row", "Quorndon", "LE12 8XQ"),
    ("next door", "9 Zinnia Row", "Quorndon", "LE12 8XQ"),
    ("flat 1", "Flat 1, 7 Zinnia Row", "Quorndon", "LE12 8XQ"),
    ("flat 2", "Flat 2, 7 Zinnia Row", "Quorndon", "LE12 8XQ"),
    ("elsewhere", "31 Vexford Gate", "Wibtoft", "HR3 6ZZ"),
];

/// Case | on the list: name | born | home | looked up: name | born | home | outcome | levels.
///
/// Nobody else is on the list. `Y`: a posterior of 0.98 or more. `review`: 0.20 or more. `N`: less, or nobody is found.
/// A dash is a date of birth that is not known.
const CASES: &str = "
# One name
the same in all             | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-14 | home | Y      | given:exact family:exact birth-date:exact
a common name               | John Smith         | 1951-03-14 | home | John Smith          | 1951-03-14 | home | Y      | given:exact family:exact
another spelling            | Catherine Marchbank| 1951-03-14 | home | Kathryn Marchbank   | 1951-03-14 | home | Y      | given:variant
a short form                | Elizabeth Marchbank| 1951-03-14 | home | Liz Marchbank       | 1951-03-14 | home | Y      | given:variant
written as one word         | Mary Ann Marchbank | 1951-03-14 | home | Maryann Marchbank   | 1951-03-14 | home | Y      | given:exact

# Slips in a forename: a slip is far likelier than a twin of nearly that name
letters exchanged           | Margaret Marchbank | 1951-03-14 | home | Margarte Marchbank  | 1951-03-14 | home | Y      | given:close
a letter is missing         | Patricia Marchbank | 1951-03-14 | home | Patrica Marchbank   | 1951-03-14 | home | Y      | given:close
a letter too many           | Kenneth Marchbank  | 1951-03-14 | home | Kenneith Marchbank  | 1951-03-14 | home | Y      | given:close
the key beside              | Dennis Marchbank   | 1951-03-14 | home | Fennis Marchbank    | 1951-03-14 | home | Y      | given:close
rn for m                    | Bernard Marchbank  | 1951-03-14 | home | Bemard Marchbank    | 1951-03-14 | home | Y      | given:close
a slip in a variant         | Isabella Marchbank | 1951-03-14 | home | Isablel Marchbank   | 1951-03-14 | home | Y      | given:close
the same, a common surname  | Isabella Smith     | 1951-03-14 | home | Isablel Smith       | 1951-03-14 | home | Y      | given:close
several slips               | Christopher Smith  | 1951-03-14 | home | Chrsitopehr Smith   | 1951-03-14 | home | Y      | given:close
a garbled common name       | Blake Marchbank    | 1951-03-14 | home | Blaw Marchbank      | 1951-03-14 | home | Y      | given:close
a slip in a long form       | Percy Marchbank    | 1951-03-14 | home | Perceval Marchbank  | 1951-03-14 | home | Y      | given:close
an old spelling             | Lionel Marchbank   | 1951-03-14 | home | Lyonel Marchbank    | 1951-03-14 | home | Y      | given:close
a foreign form              | Theophilus Smith   | 1951-03-14 | home | Theophile Smith     | 1951-03-14 | home | Y      | given:variant
a letter, both unusual      | Cade Marchbank     | 1951-03-14 | home | Cadec Marchbank     | 1951-03-14 | home | Y      | given:close-rare
two unusual, alike          | Zephyrine Marchbank| 1951-03-14 | home | Zephanie Marchbank  | 1951-03-14 | home | Y      | given:loose
cut off                     | Bernadette Smith   | 1951-03-14 | home | Bern Smith          | 1951-03-14 | home | Y      | given:cut-off

# Two names: an error is likelier than a twin at home, but not likely enough
two established names       | Thomas Marchbank   | 1951-03-14 | home | Timothy Marchbank   | 1951-03-14 | home | review | given:different
the same, short forms       | Tom Marchbank      | 1951-03-14 | home | Tim Marchbank       | 1951-03-14 | home | review | given:close-names
the same, a common surname  | Thomas Smith       | 1951-03-14 | home | Timothy Smith       | 1951-03-14 | home | review | given:different
another first letter        | Kayleigh Marchbank | 1991-03-14 | home | Hayleigh Marchbank  | 1991-03-14 | home | review | given:different
one begins with the other   | Paul Marchbank     | 1951-03-14 | home | Paula Marchbank     | 1951-03-14 | home | review | given:close-names
a feminine form             | Farhan Marchbank   | 1951-03-14 | home | Farhana Marchbank   | 1951-03-14 | home | review | given:close-names
a common head               | Sukhdev Marchbank  | 1951-03-14 | home | Sukhdeep Marchbank  | 1951-03-14 | home | review | given:close-names
two compounds               | Oluwatobi Marchbank| 1951-03-14 | home | Oluwatosin Marchbank| 1951-03-14 | home | review | given:different
brothers                    | Robert Marchbank   | 1951-03-14 | home | Rupert Marchbank    | 1951-03-14 | home | review | given:close-names
two compounds, one letter   | Oluwaseun Marchbank| 1951-03-14 | home | Oluwasegun Marchbank| 1951-03-14 | home | review | given:close-names
a first name brothers share | Mohammed Ali Khan  | 1951-03-14 | home | Mohammed Omar Khan  | 1951-03-14 | home | review | given:different
the same, the next is too   | Mohammed Ali Khan  | 1951-03-14 | home | Muhammad Ali Khan   | 1951-03-14 | home | Y      | given:variant middle:exact
Singh and Kaur              | Harpreet Singh Gill| 1951-03-14 | home | Harpreet Kaur Gill  | 1951-03-14 | home | review | given:close-names
Singh and Kaur, no date     | Harpreet Singh Gill| 1951-03-14 | home | Harpreet Kaur Gill  | -          | home | N      | given:close-names
an unknown word             | Thomas Marchbank   | 1951-03-14 | home | Xhevdet Marchbank   | 1951-03-14 | home | review | given:unfamiliar
another initial             | Thomas Marchbank   | 1951-03-14 | home | R Marchbank         | 1951-03-14 | home | review | given:different
a twin who lives elsewhere  | Thomas Marchbank   | 1951-03-14 | home | Timothy Marchbank   | 1951-03-14 | elsewhere | N | given:different

# Parents and children
a parent of the same name   | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1921-11-02 | home | review | birth-date:generation
born on a parent's birthday | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1929-03-14 | home | review | birth-date:generation
the same, thirty years      | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1981-03-14 | home | review | birth-date:generation
the same, elsewhere         | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1921-11-02 | elsewhere | N | birth-date:generation
another name and generation | Thomas Marchbank   | 1951-03-14 | home | Gareth Marchbank    | 1921-11-02 | home | N      | given:different birth-date:generation
junior and senior, no date  | Thomas Marchbank Jnr | 1951-03-14 | home | Thomas Marchbank Snr | -      | home | review | order:different
another middle name, no date| Thomas Alan Smith  | 1951-03-14 | home | Thomas Kevin Smith  | -          | home | review | middle:different
the same, with the date     | Thomas Alan Smith  | 1951-03-14 | home | Thomas Kevin Smith  | 1951-03-14 | home | Y      | middle:different
by a middle name, no date   | Gareth Thomas Smith| 1951-03-14 | home | Thomas Smith        | -          | home | review | given:middle
the same, with the date     | Gareth Thomas Smith| 1951-03-14 | home | Thomas Smith        | 1951-03-14 | home | Y      | given:middle

# An initial, or no date of birth
an initial                  | Thomas Marchbank   | 1951-03-14 | home | T Marchbank         | 1951-03-14 | home | Y      | given:initial
the initial of the full form| Bill Marchbank     | 1951-03-14 | home | W Marchbank         | 1951-03-14 | home | Y      | given:initial
a common initial, no date   | John Marchbank     | 1951-03-14 | home | J Marchbank         | -          | home | review | given:initial
the same, a common surname  | John Smith         | 1951-03-14 | home | J Smith             | -          | home | review | given:initial
a rare initial, no date     | Quentin Marchbank  | 1951-03-14 | home | Q Marchbank         | -          | home | Y      | given:initial
no date                     | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | -          | home | Y      | given:exact
no date, a common name      | John Smith         | 1951-03-14 | home | John Smith          | -          | home | Y      | given:exact
no date, a slip             | Margaret Marchbank | 1951-03-14 | home | Margarte Marchbank  | -          | home | Y      | given:close
no date, another forename   | Thomas Marchbank   | 1951-03-14 | home | Margaret Marchbank  | -          | home | N      | given:different
no date, moved              | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | -          | elsewhere | N |

# Dates of birth
day and month exchanged     | Thomas Marchbank   | 1951-03-12 | home | Thomas Marchbank    | 1951-12-03 | home | Y      | birth-date:exchanged
a digit                     | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-19 | home | Y      | birth-date:slip
neighbouring digits         | Thomas Marchbank   | 1984-03-14 | home | Thomas Marchbank    | 1948-03-14 | home | Y      | birth-date:neighbours
the decade                  | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1961-03-14 | home | Y      | birth-date:decade
the year alone is known     | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-01-01 | home | Y      | birth-date:year-only
another day                 | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-28 | home | Y      | birth-date:two-parts
the year                    | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-11-02 | home | Y      | birth-date:year
a date that contradicts     | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1955-11-02 | home | review | birth-date:different
a brother                   | Thomas Marchbank   | 1951-03-14 | home | Gareth Marchbank    | 1955-11-02 | home | N      | given:different birth-date:different

# Surnames
a slip                      | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbnak    | 1951-03-14 | home | Y      | family:close
the same, no date           | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbnak    | -          | home | Y      | family:close
half of a double name       | Ann Marchbank-Oxenbridge | 1951-03-14 | home | Ann Marchbank  | 1951-03-14 | home | Y     | family:part
married                     | Margaret Marchbank | 1951-03-14 | home | Margaret Oxenbridge | 1951-03-14 | home | Y      | family:different
married, no date            | Margaret Marchbank | 1951-03-14 | home | Margaret Oxenbridge | -          | home | review | family:different
married and moved           | Margaret Marchbank | 1951-03-14 | home | Margaret Oxenbridge | 1951-03-14 | elsewhere | N |
exchanged with the forename | Thomas Marchbank   | 1951-03-14 | home | Marchbank Thomas    | 1951-03-14 | home | Y      | swapped:yes given:exact family:exact
the same, no date           | Thomas Marchbank   | 1951-03-14 | home | Marchbank Thomas    | -          | home | Y      | swapped:yes
exchanged in the records    | Marchbank Thomas   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-14 | home | Y      | swapped:yes given:exact family:exact
exchanged, a twin           | Thomas Marchbank   | 1951-03-14 | home | Marchbank Timothy   | 1951-03-14 | home | review | swapped:yes given:different
a twin, in the records      | Marchbank Timothy  | 1951-03-14 | home | Thomas Marchbank    | 1951-03-14 | home | review | swapped:yes given:different
the same, a slip in one     | Thomas Marchbank   | 1951-03-14 | home | Marchbnak Thomas    | 1951-03-14 | home | Y      | swapped:yes family:close
the same, in the other      | Thomas Marchbank   | 1951-03-14 | home | Marchbank Thmoas    | 1951-03-14 | home | Y      | swapped:yes given:close

# Homes
moved                       | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-14 | elsewhere | Y | postcode:different
moved, a common name        | John Smith         | 1951-03-14 | home | John Smith          | 1951-03-14 | elsewhere | N | postcode:different
next door                   | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | 1951-03-14 | next door | Y | dwelling:different
next door, no date          | Thomas Marchbank   | 1951-03-14 | home | Thomas Marchbank    | -          | next door | review | dwelling:different
the next flat, no date      | Thomas Marchbank   | 1951-03-14 | flat 1 | Thomas Marchbank  | -          | flat 2 | review | dwelling:flat-different
no flat stated, no date     | Thomas Marchbank   | 1951-03-14 | flat 1 | Thomas Marchbank  | -          | home | Y      | dwelling:flat-absent
a neighbour                 | Thomas Marchbank   | 1951-03-14 | home | Gareth Oxenbridge   | 1948-11-02 | next door | N |
the next occupier           | Thomas Marchbank   | 1951-03-14 | home | Gareth Oxenbridge   | 1948-11-02 | home | N      |
the same, no date           | Thomas Marchbank   | 1951-03-14 | home | Gareth Oxenbridge   | -          | home | N      |
no name agrees, the date does| Thomas Marchbank  | 1951-03-14 | home | Gareth Oxenbridge   | 1951-03-14 | home | review | given:different family:different birth-date:exact
";

/// A person, by name, date of birth and the name of a home.
fn person(id: &str, full_name: &str, born: &str, home: &str) -> Person {
    let known = HOMES.iter().find(|(name, ..)| *name == home);
    let (_, lines, town, postcode) = known.unwrap_or_else(|| panic!("there is no home {home}"));
    Person {
        id: id.to_owned(),
        full_name: full_name.to_owned(),
        date_of_birth: if born == "-" { String::new() } else { born.to_owned() },
        address_lines: lines.split(", ").map(str::to_owned).collect(),
        town: (*town).to_owned(),
        postcode: (*postcode).to_owned(),
        ..Person::default()
    }
}

fn outcome(posterior: f64) -> &'static str {
    match posterior {
        THRESHOLD.. => "Y",
        REVIEW.. => "review",
        _ => "N",
    }
}

fn levels(candidate: &Candidate<'_>) -> Vec<String> {
    candidate.levels().map(|(field, level)| format!("{field}:{level}")).collect()
}

#[test]
fn each_case_has_its_outcome_and_levels() {
    let (mut cases, mut wrong) = (0, String::new());
    for row in CASES.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [case, known, known_born, known_home, asked, asked_born, asked_home, expected, stated] = cells[..] else {
            panic!("not nine cells: {row}");
        };
        cases += 1;
        let linker = Linker::new(&[person("A-1", known, known_born, known_home)]).unwrap();
        let found = linker.link(&person("", asked, asked_born, asked_home));
        let posterior = found.first().map_or(0.0, |candidate| candidate.posterior);
        let levels = found.first().map(levels).unwrap_or_default();
        let missing: Vec<&str> =
            stated.split_whitespace().filter(|level| !levels.iter().any(|own| own == level)).collect();
        if outcome(posterior) != expected || !missing.is_empty() {
            let levels: Vec<_> = levels.into_iter().filter(|level| !level.ends_with(":absent")).collect();
            let is = outcome(posterior);
            writeln!(
                wrong,
                "{case} ({known}, {asked}): {expected}, is {is} {posterior:.4}; lacks {missing:?} {levels:?}"
            )
            .unwrap();
        }
    }
    assert!(cases >= 40, "{cases}");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The posterior of each person on the list, by id.
fn posteriors(known: &[Person], asked: &Person) -> BTreeMap<String, f64> {
    let linker = Linker::new(known).unwrap();
    linker.link(asked).into_iter().map(|candidate| (candidate.id.to_owned(), candidate.posterior)).collect()
}

/// Relatives who are on the list themselves compete by name: nobody has to be guessed.
#[test]
fn relatives_on_the_list_compete() {
    let twins = [
        person("A-1", "Thomas Marchbank", "1951-03-14", "home"),
        person("A-2", "Timothy Marchbank", "1951-03-14", "home"),
    ];
    for (asked, id) in [("Thomas Marchbank", "A-1"), ("Timothy Marchbank", "A-2"), ("Timtohy Marchbank", "A-2")] {
        let found = posteriors(&twins, &person("", asked, "1951-03-14", "home"));
        assert_eq!(outcome(found[id]), "Y", "{asked}: {found:?}");
    }
    let initial = posteriors(&twins, &person("", "T Marchbank", "1951-03-14", "home"));
    assert!(initial.values().all(|posterior| outcome(*posterior) == "review"), "{initial:?}");
    assert!(initial.values().sum::<f64>() >= THRESHOLD, "one of the two: {initial:?}");

    let family = [
        person("A-1", "Thomas Marchbank", "1951-03-14", "home"),
        person("A-2", "Thomas Marchbank", "1921-11-02", "home"),
    ];
    let undated = posteriors(&family, &person("", "Thomas Marchbank", "-", "home"));
    assert!(undated.values().all(|posterior| outcome(*posterior) == "review"), "{undated:?}");
    assert!(undated.values().sum::<f64>() >= THRESHOLD, "father or son: {undated:?}");
    let dated = posteriors(&family, &person("", "Thomas Marchbank", "1921-11-02", "home"));
    assert_eq!(outcome(dated["A-2"]), "Y", "{dated:?}");

    let couple = [
        person("A-1", "Thomas Marchbank", "1951-03-14", "home"),
        person("A-2", "Theresa Marchbank", "1953-11-02", "home"),
    ];
    let initial = posteriors(&couple, &person("", "T Marchbank", "-", "home"));
    assert!(initial.values().all(|posterior| outcome(*posterior) == "review"), "{initial:?}");
}

/// A list without households, or of few people, states it.
#[test]
fn settings_change_who_the_rivals_are() {
    let folder = Folder::empty();
    let known = [person("A-1", "John Smith", "1951-03-14", "home")];
    let posterior = |settings: &Settings, asked: (&str, &str)| {
        let linker = Linker::with_settings(&known, settings).unwrap();
        linker.link(&person("", asked.0, "1951-03-14", asked.1))[0].posterior
    };
    let (moved, other_name) = (("John Smith", "elsewhere"), ("Timothy Smith", "home"));
    let shipped = Settings::default();
    assert_eq!(outcome(posterior(&shipped, moved)), "N");
    assert_eq!(outcome(posterior(&shipped.clone().population(5_000), moved)), "Y");
    assert_eq!(outcome(posterior(&shipped, other_name)), "review");
    assert_eq!(outcome(posterior(&shipped.clone().relatives(Relatives::None), other_name)), "Y");

    // A table in which twins live together, and weights by which forenames are often wrong.
    let table = include_str!("../src/matching/unseen/shipped.toml");
    let twins = table.replace("places = 1\nhome = 0.04", "places = 1\nhome = 1.0");
    assert_ne!(twins, table);
    folder.write("relatives.toml", twins);
    let together = shipped.clone().relatives(Relatives::File(folder.path("relatives.toml")));
    assert!(posterior(&together, other_name) < posterior(&shipped, other_name) - 0.1);
    let table = include_str!("../src/matching/weights/shipped.toml");
    let garbled = table.replace("different = { m = 0.006, u = 0.838 }", "different = { m = 0.06, u = 0.838 }");
    assert_ne!(garbled, table);
    folder.write("weights.toml", garbled);
    let garbled = shipped.clone().weights(folder.path("weights.toml"));
    assert!(posterior(&garbled, other_name) >= THRESHOLD);

    // Ages are unknown: a linkage has no qualifying date.
    let table = include_str!("../src/matching/unseen/shipped.toml");
    let of_old = table.replace("older = 0.0011, unknown", "older = 100.0, unknown");
    assert_ne!(of_old, table);
    folder.write("of-old.toml", of_old);
    let linker = |settings| Linker::with_settings(&known, &settings).unwrap();
    let undated = person("", "John Smith", "-", "home");
    let of_old = linker(shipped.clone().relatives(Relatives::File(folder.path("of-old.toml"))));
    assert_eq!(outcome(of_old.link(&undated)[0].posterior), "Y");

    for (settings, expected) in [
        (shipped.clone().population(1), "state 2 to 1000000000"),
        (shipped.clone().population(2_000_000_000), "state 2 to 1000000000"),
        (shipped.clone().relatives(Relatives::File(folder.path("weights.toml"))), "not a table of unseen persons"),
        (shipped.weights(folder.path("relatives.toml")), "not a table of levels"),
    ] {
        let fault = Linker::with_settings(&known, &settings).unwrap_err().to_string();
        assert!(fault.contains(expected), "{fault}");
    }
}

/// A row of the method's example: what it is, and a figure for each of the two accounts.
type Row = (String, [String; 2]);

/// The rows of the table in the method's section on posteriors, without its headings.
fn rows_of_the_method() -> (Vec<Row>, String) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/method.md")).unwrap();
    let (_, example) = text.split_once("\n### An example\n").unwrap();
    let (example, _) = example.split_once("\n## ").unwrap();
    let table = example.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rows = table.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, first, second] = cells[..] else { panic!("not three cells: {line}") };
        (name.to_owned(), [first, second].map(|cell| cell.replace('−', "-")))
    });
    (rows.collect(), example.to_owned())
}

/// The figures by which `explain` judges an account of this forename, where the benefit records have the other.
fn explained(recorded: &'static str, on_the_bill: &'static str) -> Value {
    let folder = Folder::sound();
    let of = |forename| common::Person {
        forename,
        surname: "Marchbank",
        born: "1951-03-14",
        street: "7 Zinnia Row",
        town: "Quorndon",
        postcode: "LE12 8XQ",
        uprn: "",
    };
    folder.benefits(&[award("CLM-1", &of(recorded))]);
    folder.customers("north", &[customer("REF-1", &of(on_the_bill))]);
    let said = folder.flagmatch(&["explain", "job.toml", "--supplier", "north", "--customer", "REF-1", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let mut json: Value = serde_json::from_str(&said.stdout).unwrap();
    json["schemes"][0].take()
}

#[test]
fn the_methods_example_has_the_programs_figures() {
    let schemes = [explained("Isabella", "Isablel"), explained("Thomas", "Timothy")];
    let (rows, example) = rows_of_the_method();
    let mut wrong = String::new();
    for (name, stated) in &rows {
        let own = schemes.each_ref().map(|scheme| {
            let candidate = &scheme["holders"][0]["likeliest"][0];
            let fields = candidate["fields"].as_array().unwrap();
            let rivals = scheme["holders"][0]["rivals"].as_array().unwrap();
            let field = fields.iter().find(|field| field["field"] == name.trim_matches('`'));
            let rival = rivals.iter().find(|rival| rival["words"] == name.as_str());
            let bits = |value: &Value| format!("{:.1}", value.as_f64().unwrap());
            match (name.as_str(), field, rival) {
                ("flag", ..) => scheme["flag"].as_str().unwrap().to_owned(),
                ("reason", ..) => format!("`{}`", scheme["reason"].as_str().unwrap()),
                ("prior", ..) => bits(&candidate["prior"]),
                ("the person found", ..) => bits(&candidate["odds"]),
                ("posterior", ..) => format!("{:.4}", scheme["posterior"].as_f64().unwrap()),
                (_, Some(field), _) => format!("`{}` {}", field["level"].as_str().unwrap(), bits(&field["bits"])),
                (_, _, Some(rival)) => bits(&rival["odds"]),
                _ => "-".to_owned(),
            }
        });
        if *stated != own {
            writeln!(wrong, "{name}: {stated:?}, is {own:?}").unwrap();
        }
    }
    let rivals = schemes.iter().flat_map(|scheme| scheme["holders"][0]["rivals"].as_array().unwrap());
    for rival in rivals.filter(|rival| !rows.iter().any(|(name, _)| rival["words"] == name.as_str())) {
        writeln!(wrong, "no row for {rival}").unwrap();
    }
    assert!(rows.len() >= 10, "{rows:?}");
    assert!(wrong.is_empty(), "\n{wrong}");

    // The odds of a twin, worked out from the tables' figures.
    let line = example.lines().find(|line| line.contains('×')).unwrap();
    let (product, result) = line.split_once('=').unwrap().1.split_once('=').unwrap();
    let number = |text: &str| text.trim().parse::<f64>().unwrap();
    let worked_out: f64 = product
        .split('×')
        .map(|factor| factor.split_once('/').map_or_else(|| number(factor), |(of, by)| number(of) / number(by)))
        .product();
    let [candidate, twin] = [&schemes[1]["holders"][0]["likeliest"][0], &schemes[1]["holders"][0]["rivals"][0]];
    assert_eq!(twin["rival"], "twin");
    let is = (twin["odds"].as_f64().unwrap() - candidate["odds"].as_f64().unwrap()).exp2();
    assert!((worked_out - is).abs() < 1e-5, "{worked_out} {is}");
    assert_eq!(result.trim(), format!("{is:.3}"));
}

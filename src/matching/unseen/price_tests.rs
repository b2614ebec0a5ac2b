//! Holds a household's posterior to a plain enumeration of who a holder may be, with figures read from the shipped
//! tables by name.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use toml::{Table, Value};

use crate::date::Date;
use crate::matching::evidence::Evidence;
use crate::matching::household::{Holder, Household};
use crate::matching::matcher::{Candidate, Found, Matcher};
use crate::matching::model::Model;
use crate::matching::persons::{BenefitPerson, BenefitPersons, Persons, Role};
use crate::matching::{RunKey, Weights};
use crate::normalise::uprn::Uprn;
use crate::normalise::{HouseNumber, Identity, postcode};
use crate::text::{Phrase, Word};

static RELATIVES: LazyLock<Table> = LazyLock::new(|| include_str!("shipped.toml").parse().unwrap());
static WEIGHTS: LazyLock<Table> = LazyLock::new(|| include_str!("../weights/shipped.toml").parse().unwrap());
static MODEL: LazyLock<Model> = LazyLock::new(Model::shipped);

const KINDS: [&str; 8] = ["twin", "namesake", "sibling", "partner", "family", "housemate", "occupier", "misdated"];

/// The odds of all candidates below which nobody is found, whoever else there may be.
const IMPROBABLE: f64 = 0.01;

/// The qualifying date.
const TODAY: (u32, u32, u32) = (2026, 8, 23);

type Day = (u32, u32, u32);

/// A person as a record has them; a UPRN of 0 is not known. There are so few names and days that people of one household are often relatives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Somebody {
    given: &'static str,
    family: &'static str,
    born: Option<Day>,
    home: usize,
    uprn: u64,
}

/// Number, street, postcode, property. The first two are neighbours.
const HOMES: [(u16, &str, &str, u64); 3] =
    [(7, "ZINNIA ROW", "LE12 8XQ", 101), (9, "ZINNIA ROW", "LE12 8XQ", 102), (31, "VEXFORD GATE", "HR3 6ZZ", 103)];

fn recorded() -> impl Strategy<Value = Somebody> {
    let given = prop::sample::select(vec!["THOMAS", "GARETH", "MARGARET"]);
    let family = prop::sample::select(vec!["MARCHBANK", "MARCHBANK", "OXENBRIDGE"]);
    let born = prop::sample::select(vec![(1951, 3, 14), (1954, 7, 25), (1921, 11, 2), (1996, 5, 8)]);
    (given, family, born).prop_map(|(given, family, born)| Somebody {
        given,
        family,
        born: Some(born),
        home: 0,
        uprn: 0,
    })
}

fn holder() -> impl Strategy<Value = Somebody> {
    let given = prop::sample::select(vec!["THOMAS", "GARETH", "MARGARET", "THOMSA", "TIMOTHY", "T"]);
    let born = prop::sample::select(vec![None, None, Some((1951, 3, 15)), Some((1954, 7, 25))]);
    // The holder lives in the first home. Its number may be missing or wrong.
    let uprn = prop::sample::select(vec![0, HOMES[0].3, 999]);
    (recorded(), given, prop::option::of(born), uprn).prop_map(|(same, given, born, uprn)| Somebody {
        given,
        born: born.unwrap_or(same.born),
        uprn,
        ..same
    })
}

fn identity(of: &Somebody) -> Identity {
    let (number, street, code, _) = HOMES[of.home];
    let mut identity = Identity {
        birth_date: of.born.and_then(|(year, month, day)| Date::new(year, month, day)),
        ..Identity::default()
    };
    identity.name.given.push(Word::new(of.given));
    identity.name.family.push(Word::new(of.family));
    identity.home.postcode = postcode::postcode(code).known().unwrap();
    identity.home.address.number = Some(HouseNumber { first: number, last: number });
    identity.home.address.street = Phrase::new(street);
    identity.home.uprn = Uprn::new(of.uprn);
    identity
}

/// Persons with a claim each; the second may be on the first one's claim.
fn persons(records: &[Somebody], couple: bool) -> Persons {
    let key = RunKey::from_bytes(&[7; 32]);
    let mut rows = BenefitPersons::default();
    for (number, record) in records.iter().enumerate() {
        let claim_ref = format!("C{}", if couple && number == 1 { 0 } else { number });
        let (person_ref, identity) = (format!("P{number}"), identity(record));
        let role = Role::Claimant;
        rows.push(&key, &BenefitPerson { claim_ref: &claim_ref, person_ref: &person_ref, role, identity: &identity });
    }
    rows.finish(&key);
    Persons::gather(vec![rows])
}

fn number(table: &Table, path: &[&str]) -> f64 {
    let (last, tables) = path.split_last().unwrap();
    let table = tables.iter().fold(table, |table, name| table[*name].as_table().unwrap());
    table[*last].as_float().or_else(|| table[*last].as_integer().map(|whole| whole as f64)).unwrap()
}

/// What a candidate's fields say for the same person against chance, as the weights have it.
struct Ratios {
    evidence: Evidence,
    /// Forename, middle names, surname, senior or junior, date of birth.
    fields: [(&'static str, &'static str, f64); 5],
    /// The address.
    place: f64,
}

fn ratios(candidate: &Candidate) -> Ratios {
    let evidence = candidate.evidence();
    let parts = Weights::shipped().share_out(candidate);
    let bits = |field: &str| parts.iter().find(|part| part.field == field).map_or(0.0, |part| part.bits);
    let names = ["given", "middle", "family", "order", "birth-date"];
    let place: f64 = parts.iter().filter(|part| !names.contains(&part.field)).map(|part| part.bits).sum();
    let fields = names.map(|field| {
        // Names that are not exchanged weigh a little, too, which no part shows.
        let exchanged = if field == "family" { number(&WEIGHTS, &["swapped", "no", "m"]) } else { 1.0 };
        let level = evidence.levels().into_iter().find(|(own, _)| *own == field).unwrap().1;
        (field, level, bits(field).exp2() * exchanged)
    });
    Ratios { evidence, fields, place: place.exp2() }
}

/// What a field says for a kind against chance, where it says `same` for the same person.
fn under(kind: &Table, field: &str, level: &str, same: f64) -> f64 {
    match &kind[field] {
        Value::String(name) if name == "same" => same,
        Value::String(name) if name == "any" => 1.0,
        Value::Table(mixed) => {
            let share = number(mixed, &["same"]);
            share * same + (1.0 - share)
        }
        _ if level == "absent" => 1.0,
        // The initial of another name agrees by chance, whichever letter it is.
        Value::String(name) if level == "initial" => {
            number(&RELATIVES, &["distributions", name, level]) / number(&WEIGHTS, &[field, level, "u"])
        }
        Value::String(name) => {
            same * number(&RELATIVES, &["distributions", name, level]) / number(&WEIGHTS, &[field, level, "m"])
        }
        _ => unreachable!("a field has a name or a mixture"),
    }
}

/// What the address says for somebody who lives next door to the person, against chance.
fn next_door(ratios: &Ratios) -> f64 {
    if !ratios.evidence.is_near() {
        return 0.0;
    }
    let (dwelling, uprn) = (ratios.evidence.dwelling.name(), ratios.evidence.uprn.name());
    let uprn_field = if dwelling == "same" { "same-dwelling" } else { "near" };
    let mut ratio = ratios.place * number(&RELATIVES, &["distributions", "near-dwelling", dwelling])
        / number(&WEIGHTS, &["dwelling", "near", dwelling, "m"]);
    if uprn != "absent" {
        ratio *= number(&RELATIVES, &["distributions", "near-uprn", uprn])
            / number(&WEIGHTS, &["uprn", uprn_field, uprn, "m"]);
    }
    ratio
}

/// The rate of a kind beside a person of an age.
fn rate(kind: &Table, born: Option<Day>) -> f64 {
    match &kind["rate"] {
        Value::Table(by_age) => {
            let age = born.map(|(year, ..)| TODAY.0 - year);
            let name = match age {
                Some(..35) => "under-35",
                Some(35..45) => "under-45",
                Some(_) => "older",
                None => "unknown",
            };
            number(by_age, &[name])
        }
        _ => number(kind, &["rate"]),
    }
}

/// What one recorded person is to another at the same home.
fn relation(one: &Somebody, other: &Somebody) -> Option<&'static str> {
    let years = one.born?.0.abs_diff(other.born?.0);
    let (same_given, same_family) = (one.given == other.given, one.family == other.family);
    match (same_given, same_family) {
        (true, true) if years > 0 => Some("namesake"),
        (true, _) => None,
        (false, true) if years == 0 => Some("twin"),
        (false, true) if years >= 15 => Some("family"),
        (false, true) => Some("sibling"),
        (false, false) => Some("housemate"),
    }
}

/// A household, and what is asked of it.
#[derive(Debug)]
struct Case {
    records: Vec<Somebody>,
    /// The second person is the first one's partner, on one claim.
    couple: bool,
    holders: Vec<Somebody>,
    /// The account says "Mr & Mrs".
    couple_form: bool,
}

impl Case {
    fn share_a_claim(&self, one: usize, other: usize) -> bool {
        self.couple && one != other && one.max(other) == 1
    }

    fn has_partner(&self, person: usize) -> bool {
        self.records.len() > 1 && self.couple && person <= 1
    }

    /// The posterior that the first holder is one of the eligible persons: each hypothesis with its odds, added up.
    fn enumerate(&self, found: &[Vec<Candidate>], eligible: impl Fn(usize) -> bool) -> f64 {
        let prior = 1.0 / 34_000_000.0;
        let own = &found[0];
        let (mut all, mut counted) = (1.0, 0.0);
        let mut partners = Vec::new();
        for candidate in own {
            let person = candidate.person as usize;
            let partner = found[1..]
                .iter()
                .flatten()
                .filter(|other| self.share_a_claim(person, other.person as usize))
                .map(|other| f64::from(other.own_weight).exp2())
                .fold(0.0, f64::max);
            let support = match partner {
                1.0.. => (0.4 + 0.6 * partner).min(1_048_576.0),
                _ if self.couple_form && self.has_partner(person) => 2.5,
                _ if self.couple_form => 0.4,
                _ => 1.0,
            };
            let odds = prior * f64::from(candidate.weight).exp2() * support;
            all += odds;
            counted += if eligible(person) { odds } else { 0.0 };
            partners.push(partner.max(1.0));
        }
        if all - 1.0 < IMPROBABLE {
            return counted / all;
        }
        for home in 0..HOMES.len() {
            for kind in KINDS {
                let mut most: f64 = 0.0;
                for (candidate, partner) in own.iter().zip(&partners) {
                    if self.records[candidate.person as usize].home == home {
                        most = most.max(prior * self.unseen(candidate, *partner, kind, own));
                    }
                }
                all += most;
            }
        }
        counted / all
    }

    /// The odds of an unseen person of a kind at a candidate's home.
    fn unseen(&self, candidate: &Candidate, partner: f64, kind: &str, own: &[Candidate]) -> f64 {
        let person = candidate.person as usize;
        if kind == "partner" && self.has_partner(person) {
            return 0.0;
        }
        let figures = RELATIVES[kind].as_table().unwrap();
        let figure = |name: &str| number(figures, &[name]);
        let looked_for = if kind == "misdated" { "twin" } else { kind };
        let already = own.iter().map(|other| other.person as usize).filter(|&other| {
            let is = match self.share_a_claim(person, other) {
                true => Some("partner"),
                false => relation(&self.records[person], &self.records[other]),
            };
            other != person && self.records[other].home == self.records[person].home && is == Some(looked_for)
        });
        let rate = match already.count() {
            0 => rate(figures, self.records[person].born),
            _ if figures.contains_key("again") => figure("again"),
            taken => rate(figures, self.records[person].born) * (1.0 - taken as f64 / figure("places")).max(0.0),
        };
        let ratios = ratios(candidate);
        let fields: f64 =
            ratios.fields.iter().map(|(field, level, same)| under(figures, field, level, *same)).product();
        let elsewhere = 1.0 - figure("home") - figure("near");
        let place = figure("home") * ratios.place + figure("near") * next_door(&ratios) + elsewhere;
        let support = (1.0 - figure("support") + figure("support") * partner).clamp(1.0, 1_048_576.0);
        rate * fields * place * support
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn a_posterior_is_that_of_all_hypotheses_added_up(
        records in prop::collection::vec(recorded(), 1..=4),
        homes in prop::collection::vec(prop::sample::select(vec![0_usize, 0, 0, 1, 2]), 4),
        couple in any::<bool>(),
        holders in prop::collection::vec(holder(), 1..=2),
        couple_form in any::<bool>(),
        eligible in any::<[bool; 4]>(),
    ) {
        // Rows of one name, date of birth and home are one person.
        let records: BTreeSet<Somebody> =
            records.into_iter().zip(homes).map(|(record, home)| Somebody { home, uprn: HOMES[home].3, ..record }).collect();
        let case = Case { records: records.into_iter().collect(), couple, holders, couple_form };
        let persons = persons(&case.records, couple);
        prop_assert_eq!(persons.count(), case.records.len());
        let (year, month, day) = TODAY;
        let matcher = Matcher::new(RunKey::from_bytes(&[7; 32]), persons, MODEL.clone(), Date::new(year, month, day));
        let identities: Vec<Identity> = case.holders.iter().map(identity).collect();
        let views: Vec<_> = identities.iter().map(Identity::view).collect();
        let (mut scratch, mut all) = (matcher.scratch(), Found::default());
        matcher.find(&views, &mut scratch, &mut all);
        let of_holder = |holder| all.candidates.iter().filter(|one| one.holder == holder).copied().collect();
        let found: Vec<Vec<Candidate>> = (0..views.len() as u16).map(of_holder).collect();
        let holders: Vec<Holder<'_>> =
            found.iter().map(|candidates| Holder { candidates, couple: couple_form }).collect();
        let weighed = Household::new(&holders, matcher.persons(), matcher.model()).weigh(0);
        let posterior = weighed.posterior(|one| eligible[one.candidate.person as usize]);
        let expected = case.enumerate(&found, |person| eligible[person]);
        // Unseen persons below one in a million are not looked at.
        prop_assert!((posterior - expected).abs() < 1e-5, "{posterior} {expected}");
    }
}

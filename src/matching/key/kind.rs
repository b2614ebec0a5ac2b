//! Kinds of match key: what each is made of, how many rows may share one, and when two people plainly do.

use super::encoded::{first_word, number_bytes};
use crate::normalise::View;
use crate::normalise::postcode::Postcode;

/// What a match key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum KeyKind {
    /// Sound of the surname, initial of a forename, date of birth: finds those who moved.
    NameBirthDate,
    /// Date of birth and postcode: finds any spelling of a name at home.
    BirthDatePostcode,
    /// Sound of the surname, initial of a forename, postcode: needs no date of birth.
    NamePostcode,
    /// Forename, date of birth and district: a changed surname, a wrong postcode.
    GivenBirthDate,
    /// Forename, postcode and number: a garbled surname, no date of birth.
    GivenHome,
    /// Sound of the surname, initial, number and first word of the street: no date of birth, no postcode.
    NameStreet,
    /// UPRN and initial of a forename: the address written in a way of its own.
    UprnInitial,
    /// The whole name alone, where few persons of the benefit records bear it.
    RareName,
    /// Where there is no postcode of British form: the date of birth alone, or number and street, or
    /// number and code.
    NoPostcode,
}

impl KeyKind {
    pub(crate) const ALL: [KeyKind; 9] = [
        KeyKind::NameBirthDate,
        KeyKind::BirthDatePostcode,
        KeyKind::NamePostcode,
        KeyKind::GivenBirthDate,
        KeyKind::GivenHome,
        KeyKind::NameStreet,
        KeyKind::UprnInitial,
        KeyKind::RareName,
        KeyKind::NoPostcode,
    ];

    /// The key as `decisions.csv` and `run.json` name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            KeyKind::NameBirthDate => "name+birth-date",
            KeyKind::BirthDatePostcode => "birth-date+postcode",
            KeyKind::NamePostcode => "name+postcode",
            KeyKind::GivenBirthDate => "given+birth-date+district",
            KeyKind::GivenHome => "given+postcode+number",
            KeyKind::NameStreet => "name+street",
            KeyKind::UprnInitial => "uprn+initial",
            KeyKind::RareName => "rare-name",
            KeyKind::NoPostcode => "no-british-postcode",
        }
    }

    /// How many rows may share one key of this kind. Past that the key finds nothing.
    pub(crate) fn most_rows(self) -> usize {
        match self {
            KeyKind::RareName => 24,
            _ => 400,
        }
    }

    /// A key of this kind that too many rows share leaves out candidates that matter. A rare name that
    /// is not rare does not, nor a birthday that many share: whoever shares more is found by another key.
    pub(crate) fn cut_off_matters(self) -> bool {
        !matches!(self, KeyKind::RareName | KeyKind::NoPostcode)
    }

    /// Two people plainly share a key of this kind: its fields are the same on both sides as they stand. Where
    /// it says no, they may share one all the same, by a sound or a short form.
    pub(crate) fn is_surely_shared(self, one: &View<'_>, other: &View<'_>) -> bool {
        let same_date = || one.birth_date.is_some() && one.birth_date == other.birth_date;
        let same_code = || one.postcode != Postcode::Absent && one.postcode == other.postcode;
        let same_word = |one: &[&str], other: &[&str]| {
            one.first().is_some_and(|word| word.len() > 1 && other.first() == Some(word))
        };
        let same_given = || same_word(&one.name.given, &other.name.given);
        let same_family = || same_word(&one.name.family, &other.name.family);
        let initial = |view: &View<'_>| view.name.given.first().map(|word| word.as_bytes()[0]);
        let same_initial = || initial(one).is_some() && initial(one) == initial(other);
        let same_number = || {
            let number = number_bytes(&one.address);
            number.is_some() && number == number_bytes(&other.address)
        };
        match self {
            KeyKind::NameBirthDate => same_date() && same_initial() && same_family(),
            KeyKind::BirthDatePostcode => same_date() && same_code(),
            KeyKind::NamePostcode => same_code() && same_initial() && same_family(),
            KeyKind::GivenBirthDate => same_date() && same_code() && same_given(),
            KeyKind::GivenHome => same_number() && same_code() && same_given(),
            KeyKind::NameStreet => {
                let street = first_word(one.address.street);
                street.is_some()
                    && street == first_word(other.address.street)
                    && same_number()
                    && same_initial()
                    && same_family()
            }
            KeyKind::UprnInitial => one.uprn.is_some() && one.uprn == other.uprn && same_initial(),
            KeyKind::RareName => same_given() && same_family(),
            KeyKind::NoPostcode => false,
        }
    }

    /// The kind's place in a set of kinds.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The names of the kinds in a set.
pub(crate) fn names_of(kinds: u16) -> impl Iterator<Item = &'static str> {
    KeyKind::ALL.into_iter().filter(move |kind| kinds & kind.bit() != 0).map(KeyKind::name)
}

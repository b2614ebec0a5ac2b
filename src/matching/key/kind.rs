//! Defines the kinds of match key: the fields of each, how many rows may share a key, and when two people surely
//! share one.

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
    /// Forename, date of birth and district: finds a changed surname or a wrong postcode.
    GivenBirthDate,
    /// Forename, postcode and number: finds a garbled surname, and needs no date of birth.
    GivenHome,
    /// Sound of the surname, initial, number and first word of the street: needs no date of birth and no postcode.
    NameStreet,
    /// UPRN and initial of a forename: finds an address that is written in an unusual way.
    UprnInitial,
    /// Forename and surname alone, if few rows of the benefit records share them.
    RareName,
    /// Without a postcode of British form: the date of birth alone, or number and street, or number and code.
    NoPostcode,
    /// Sound of the surname, and the date of birth or the postcode: needs no forename. For sparse records.
    FamilyAlone,
    /// Forename and date of birth: needs neither surname nor postcode. For sparse records.
    GivenAlone,
    /// Number and first word of the street, with the surname's sound, the forename or the date of birth. For sparse
    /// records.
    Street,
}

impl KeyKind {
    pub(crate) const ALL: [KeyKind; 12] = [
        KeyKind::NameBirthDate,
        KeyKind::BirthDatePostcode,
        KeyKind::NamePostcode,
        KeyKind::GivenBirthDate,
        KeyKind::GivenHome,
        KeyKind::NameStreet,
        KeyKind::UprnInitial,
        KeyKind::RareName,
        KeyKind::NoPostcode,
        KeyKind::FamilyAlone,
        KeyKind::GivenAlone,
        KeyKind::Street,
    ];

    /// The kind as `decisions.csv` and `run.json` name it.
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
            KeyKind::FamilyAlone => "surname-alone",
            KeyKind::GivenAlone => "given+birth-date",
            KeyKind::Street => "street",
        }
    }

    /// What the key is made of, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            KeyKind::NameBirthDate => "Surname, initial, date of birth",
            KeyKind::BirthDatePostcode => "Date of birth, postcode",
            KeyKind::NamePostcode => "Surname, initial, postcode",
            KeyKind::GivenBirthDate => "Forename, date of birth, district",
            KeyKind::GivenHome => "Forename, postcode, number",
            KeyKind::NameStreet => "Surname, initial, number, street",
            KeyKind::UprnInitial => "Property number (UPRN), initial",
            KeyKind::RareName => "Rare full name",
            KeyKind::NoPostcode => "No British postcode: stand-ins",
            KeyKind::FamilyAlone => "Surname, date of birth or postcode",
            KeyKind::GivenAlone => "Forename, date of birth",
            KeyKind::Street => "Number, street, a name or date of birth",
        }
    }

    /// The most rows that may share one key of this kind. A key that more rows share finds nobody.
    pub(crate) fn most_rows(self) -> usize {
        match self {
            KeyKind::RareName => 24,
            _ => 400,
        }
    }

    /// Whether candidates that matter are lost if too many rows share a key of this kind. A common name or a common
    /// birthday loses none: a candidate that agrees in more is found by another key.
    pub(crate) fn cut_off_matters(self) -> bool {
        !matches!(self, KeyKind::RareName | KeyKind::NoPostcode) && !self.is_for_sparse()
    }

    /// Whether keys of this kind are made for sparse records alone.
    pub(crate) fn is_for_sparse(self) -> bool {
        matches!(self, KeyKind::FamilyAlone | KeyKind::GivenAlone | KeyKind::Street)
    }

    /// Two people surely share a key of this kind: its fields are written the same on both sides. If `false`, they
    /// may still share one, by a sound or a short form.
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
            KeyKind::NoPostcode | KeyKind::FamilyAlone | KeyKind::GivenAlone | KeyKind::Street => false,
        }
    }

    /// The kind's bit in a set of kinds.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The names of the kinds in a set.
pub(crate) fn names_of(kinds: u16) -> impl Iterator<Item = &'static str> {
    KeyKind::ALL.into_iter().filter(move |kind| kinds & kind.bit() != 0).map(KeyKind::name)
}

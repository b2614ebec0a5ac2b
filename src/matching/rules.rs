//! Bars candidates by evidence that nothing outweighs: says why a holder cannot be a person, whatever the match
//! weight.

use super::evidence::{BirthDate, Evidence, Family, Given, Middle, Order};

/// Why a candidate is barred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Bar {
    /// Dates of birth are both known and contradict each other.
    BirthDate,
    /// Another forename: twins, a brother, a daughter.
    Forename,
    /// A forename that looks like the other, but is more than a slip away.
    ForenameAlike,
    /// Other middle names, or a forename that is only the other's middle name, and no date of birth that
    /// agrees: children are named after their parents.
    MiddleName,
    /// Another surname, without both birth date and home to make up for it.
    Surname,
    /// Neither name agrees: only an address or a UPRN does.
    NoName,
    /// Senior is not junior.
    Generation,
    /// Next door or another flat, and no date of birth that agrees.
    OtherDwelling,
    /// Neither date of birth nor home agrees.
    Thin,
}

impl Bar {
    /// The bar in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Bar::BirthDate => "dates of birth contradict",
            Bar::Forename => "another forename",
            Bar::ForenameAlike => "a forename that only looks alike",
            Bar::MiddleName => "other middle names",
            Bar::Surname => "another surname",
            Bar::NoName => "no name agrees",
            Bar::Generation => "senior is not junior",
            Bar::OtherDwelling => "another flat or number",
            Bar::Thin => "neither date of birth nor home agrees",
        }
    }

    /// The gravest bar that applies, if any.
    pub(crate) fn find(evidence: &Evidence) -> Option<Bar> {
        let Evidence { given, middle, family, order, birth_date, .. } = *evidence;
        let date_agrees = evidence.birth_date_agrees();
        let home_agrees = evidence.home_agrees();
        if matches!(given, Given::Different | Given::Absent) && matches!(family, Family::Different | Family::Absent) {
            return Some(Bar::NoName);
        }
        if birth_date == BirthDate::Different {
            return Some(Bar::BirthDate);
        }
        if given == Given::Different {
            return Some(Bar::Forename);
        }
        if given == Given::Loose {
            return Some(Bar::ForenameAlike);
        }
        if (middle == Middle::Different || given == Given::Middle) && !date_agrees {
            return Some(Bar::MiddleName);
        }
        if order == Order::Different && birth_date != BirthDate::Exact {
            return Some(Bar::Generation);
        }
        let known_forename = matches!(given, Given::Exact | Given::Variant | Given::Close);
        if !(names_a_family(family) || known_forename && date_agrees && home_agrees) {
            return Some(Bar::Surname);
        }
        if !date_agrees && evidence.home_contradicts() {
            return Some(Bar::OtherDwelling);
        }
        if !date_agrees && (!home_agrees || given == Given::Absent) {
            return Some(Bar::Thin);
        }
        None
    }
}

fn names_a_family(family: Family) -> bool {
    matches!(family, Family::Exact | Family::Part | Family::Close)
}

//! Translates the codes in a run's files into words for people who read no code.

use crate::matching::KeyKind;
use crate::scheme::Reason;
pub(super) use crate::text::count;

/// A kind of match key.
pub(super) fn key(name: &str) -> &str {
    KeyKind::ALL.into_iter().find(|kind| kind.name() == name).map_or(name, |kind| kind.words())
}

/// A field that is compared, or another step of a match weight.
pub(crate) fn field(name: &str) -> &str {
    match name {
        "prior" => "Starting odds",
        "given" => "Forename",
        "middle" => "Middle names",
        "family" => "Surname",
        "order" => "Senior or junior",
        "swapped" => "Names exchanged",
        "birth-date" => "Date of birth",
        "postcode" => "Postcode",
        "dwelling" => "Flat and number",
        "street" => "Street",
        "town" => "Town",
        "uprn" => "Property number (UPRN)",
        "household" => "Other holders",
        _ => name,
    }
}

/// Why an account has its flag, in a few words.
pub(super) fn reason(code: &str) -> &str {
    Reason::named(code).map_or(code, |reason| reason.words())
}

/// Why an account has its flag, in a sentence.
pub(super) fn decision(code: &str) -> &str {
    Reason::named(code).map_or(code, |reason| reason.sentence())
}

/// Whether staff have to look at accounts with this reason.
pub(super) fn is_for_review(code: &str) -> bool {
    Reason::named(code).is_some_and(Reason::is_for_review)
}

/// A kind of account, under the heading of its breakdown and on its own.
pub(super) fn account_kind(breakdown: &str, part: &str) -> (String, String) {
    let (short, long) = match (breakdown, part) {
        ("birth-date", "known") => ("Known", "Date of birth known"),
        ("birth-date", _) => ("Not known", "Date of birth not known"),
        ("home", "flat") => ("Flat", "Flat"),
        ("home", _) => ("House", "House"),
        (_, "diacritics") => ("Diacritics", "Name with diacritics"),
        (_, "particle") => ("Particle", "Name with a particle"),
        (_, "diacritics and particle") => ("Both", "Name with diacritics and a particle"),
        (_, "neither") => ("Neither", "Name with neither diacritics nor a particle"),
        (_, part) => (part, part),
    };
    (short.to_owned(), long.to_owned())
}

/// A kind of eligible household or person, under the heading of its breakdown and on its own.
pub(super) fn eligible_kind(breakdown: &str, part: &str) -> (String, String) {
    match (breakdown, part) {
        ("birth-date", _) => account_kind(breakdown, part),
        ("group", part) => (part.to_owned(), format!("Group {part}")),
        ("age", part) => (capital(part), format!("Age {part}")),
        (_, part) => (capital(part), part.to_owned()),
    }
}

/// A text with a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A share in percent, with a no-break space.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

/// A date in words, with no-break spaces; other text stays as it is.
pub(super) fn day(text: &str) -> String {
    text.parse::<jiff::civil::Date>().map_or(text.to_owned(), |day| day.strftime("%-d\u{a0}%B\u{a0}%Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::{Evidence, Levels};

    #[test]
    fn a_day_is_read_as_one() {
        assert_eq!(day("2026-11-03"), "3\u{a0}November\u{a0}2026");
        assert_eq!(day("soon"), "soon");
    }

    #[test]
    fn each_field_that_is_compared_has_words() {
        for (name, level) in Evidence::unpack(Levels::default()).levels() {
            assert_ne!(field(name), name);
            assert!(level == "absent" || Evidence::meaning(name, level).is_some(), "{name}: {level}");
        }
    }
}

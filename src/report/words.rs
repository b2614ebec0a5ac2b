//! What the codes in a run's files mean, in words for people who read no code.

pub(super) use crate::text::count;

/// A kind of match key.
pub(super) fn key(name: &str) -> &str {
    match name {
        "name+birth-date" => "Surname, initial, date of birth",
        "birth-date+postcode" => "Date of birth, postcode",
        "name+postcode" => "Surname, initial, postcode",
        "given+birth-date+district" => "Forename, date of birth, district",
        "given+postcode+number" => "Forename, postcode, number",
        "name+street" => "Surname, initial, number, street",
        "uprn+initial" => "Property number (UPRN), initial",
        "rare-name" => "Rare full name",
        "no-british-postcode" => "No British postcode: stand-ins",
        other => other,
    }
}

/// A field that is compared, or another step of a match weight. Where the rest of its name says beside what it
/// is weighed, that is left out.
pub(super) fn field(name: &str) -> &str {
    match name.split('.').next().unwrap_or(name) {
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

/// Why an account is not flagged.
pub(super) fn reason(name: &str) -> &str {
    match name {
        "decided" => "Staff decided: no",
        "ambiguous" => "Several people fit, not all eligible",
        "initial-only" => "Only an initial, nothing to support it",
        "uncertain" => "Likely, but below the threshold",
        "birth-date-contradicts" => "Dates of birth contradict",
        "forename-differs" => "All fits but the forename",
        "middle-name-differs" => "All fits but the middle name",
        "surname-differs" => "All fits but the surname",
        "dwelling-differs" => "All fits but flat or number",
        "cut-off" => "Too many people share a match key",
        "not-decidable" => "Income or energy score unknown",
        "claim-used" => "Household's rebate is on another account",
        "claim-freed" => "Account with the rebate is gone",
        "weakened" => "Keeps its flag, below the threshold",
        "decision-outdated" => "Decided, and looks different now",
        "decision-void" => "Two decisions contradict each other",
        "limit" => "The scheme's limit is reached",
        "objected" => "Objected",
        "not-eligible" => "Found, not on a qualifying benefit",
        "improbable" => "Somebody is alike, but too little",
        "not-found" => "Nobody is alike",
        "not-in-play" => "Not on supply",
        "exception-not-our-customer" => "Supplier: not our customer",
        "exception-unable-to-identify" => "Supplier: unable to identify",
        "exception-closed" => "Supplier: account closed",
        "exception-deceased" => "Supplier: holder has died",
        "exception-other" => "Supplier: other",
        other => other,
    }
}

/// Which rule decided, in a sentence.
pub(super) fn decision(name: &str) -> &str {
    match name {
        "matched" => "A holder is an eligible person, as surely as the threshold asks.",
        "decided" => "The administrator's staff decided; their word stands over the match.",
        "ambiguous" => "Several people fit, and not all of them are eligible: a person has to decide.",
        "initial-only" => "All there is of a forename is an initial, and nothing else supports it.",
        "uncertain" => "Perhaps found, but not as surely as the threshold asks: a person has to decide.",
        "birth-date-contradicts" => "All fits but for the dates of birth, which contradict each other.",
        "forename-differs" => "All fits but for the forename, which only looks like the other.",
        "middle-name-differs" => "All fits but for the middle names, and there is no date of birth.",
        "surname-differs" => "All fits but for the surname.",
        "dwelling-differs" => "All fits but for the flat or number, and there is no date of birth.",
        "cut-off" => "Too many people share a match key, so that candidates were left out.",
        "not-decidable" => "Found, but an income or energy score that the scheme asks for is not known.",
        "claim-used" => "Found, but the household's one rebate goes to another account.",
        "claim-freed" => "Found, but the household's rebate is with an account that is gone: a person may move it.",
        "weakened" => "It keeps the flag that was released, though the match is under the threshold now.",
        "decision-outdated" => "Staff decided, but name or birth date agree less than then, or the account is gone.",
        "decision-void" => "Staff decided twice at one moment, and the two contradict each other.",
        "limit" => "Found, but the scheme's limit is reached by colder homes.",
        "objected" => "Found, but the person, the claim or the account objected.",
        "not-eligible" => "Found, but on no qualifying claim.",
        "exception-not-our-customer" => "The supplier reported that it has no such customer.",
        "exception-unable-to-identify" => "The supplier reported that it cannot tell who is meant.",
        "exception-closed" => "The supplier reported that the account is closed.",
        "exception-deceased" => "The supplier reported that the account holder has died.",
        "exception-other" => "The supplier reported that it cannot act on the notice.",
        "improbable" => "Somebody resembles a holder, but too little.",
        "not-found" => "Nobody in the benefit records resembles a holder.",
        "not-in-play" => "No holder is on supply on the qualifying date.",
        other => other,
    }
}

/// The reasons for which a person has to decide.
pub(super) const REVIEW: [&str; 20] = [
    "ambiguous",
    "initial-only",
    "uncertain",
    "birth-date-contradicts",
    "forename-differs",
    "middle-name-differs",
    "surname-differs",
    "dwelling-differs",
    "cut-off",
    "not-decidable",
    "claim-used",
    "claim-freed",
    "weakened",
    "decision-outdated",
    "decision-void",
    "exception-not-our-customer",
    "exception-unable-to-identify",
    "exception-closed",
    "exception-deceased",
    "exception-other",
];

/// A share in percent, which no line end tears apart.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

/// A day as it is read, which no line end tears apart; what is none stays as it is.
pub(super) fn day(text: &str) -> String {
    text.parse::<jiff::civil::Date>().map_or(text.to_owned(), |day| day.strftime("%-d\u{a0}%B\u{a0}%Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::KeyKind;
    use crate::scheme::Reason;

    #[test]
    fn a_day_is_read_as_one() {
        assert_eq!(day("2026-11-03"), "3\u{a0}November\u{a0}2026");
        assert_eq!(day("soon"), "soon");
    }

    #[test]
    fn every_code_has_words() {
        for kind in KeyKind::ALL {
            assert_ne!(key(kind.name()), kind.name());
        }
        for (name, word) in [("family", "Surname"), ("uprn.near", "Property number (UPRN)"), ("sound", "sound")] {
            assert_eq!(field(name), word);
        }
        for one in Reason::OF_UNFLAGGED {
            assert_ne!(reason(one.name()), one.name());
            assert_ne!(decision(one.name()), one.name());
            assert_eq!(REVIEW.contains(&one.name()), one.is_for_review(), "{one:?}");
        }
    }
}

//! What the codes in a run's files mean, in words for people who read no code.

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
        "claim-used" => "Claim's rebate is on another account",
        "limit" => "The scheme's limit is reached",
        "objected" => "Objected",
        "not-eligible" => "Found, not on a qualifying benefit",
        "improbable" => "Somebody is alike, but too little",
        other => other,
    }
}

/// The reasons for which a person has to decide.
pub(super) const REVIEW: [&str; 11] = [
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
];

/// A count with commas: `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in percent, which no line end tears apart.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::KeyKind;
    use crate::scheme::Reason;

    #[test]
    fn every_code_has_words() {
        for kind in KeyKind::ALL {
            assert_ne!(key(kind.name()), kind.name());
        }
        for one in Reason::OF_UNFLAGGED {
            assert_ne!(reason(one.name()), one.name());
            assert_eq!(REVIEW.contains(&one.name()), one.is_for_review(), "{one:?}");
        }
    }
}

//! Tells the texts that people and systems write into a field for which they have no value.

/// Words that are never a name.
pub(super) const NEVER_A_NAME: [&str; 4] = ["UNKNOWN", "UNDEFINED", "TBA", "TBC"];

/// Words that some people have as a name. They stand for a missing one only where no other name is with them.
pub(super) const PERHAPS_A_NAME: [&str; 7] = ["BLANK", "MISSING", "NA", "NAN", "NIL", "NONE", "NULL"];

/// Texts with a sign or a space, which are never a name either.
const PHRASES: [&str; 14] = [
    "#N/A",
    "N.A",
    "N.A.",
    "N/A",
    "N/A.",
    "N/K",
    "NOT APPLICABLE",
    "NOT AVAILABLE",
    "NOT GIVEN",
    "NOT KNOWN",
    "NOT PROVIDED",
    "NOT STATED",
    "NOT SUPPLIED",
    "U/K",
];

/// Whether a text stands for a missing value in a field other than a name.
pub(crate) fn is_missing(text: &str) -> bool {
    // None of the texts has a digit, and most references have.
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let text = text.trim();
    let is_signs = text.bytes().all(|byte| byte.is_ascii_punctuation());
    is_signs || is_missing_name(text) || is_one_of(&PERHAPS_A_NAME, text)
}

/// Whether a text without spaces around it stands for a missing value even in the field of a name.
pub(super) fn is_missing_name(text: &str) -> bool {
    text.is_empty() || is_one_of(&NEVER_A_NAME, text) || is_one_of(&PHRASES, text)
}

fn is_one_of(texts: &[&str], text: &str) -> bool {
    texts.iter().any(|known| known.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_nothing_is_missing_and_a_name_is_not() {
        for (text, missing, missing_name) in [
            ("", true, true),
            (" ", true, true),
            ("-", true, false),
            ("???", true, false),
            ("N/A", true, true),
            (" n/a ", true, true),
            ("#N/A", true, true),
            ("Unknown", true, true),
            ("tbc", true, true),
            ("not known", true, true),
            ("None", true, false),
            ("NaN", true, false),
            ("Null", true, false),
            ("Na", true, false),
            ("N A", false, false),
            ("Unknown Smith", false, false),
            ("0", false, false),
            ("Notley", false, false),
        ] {
            assert_eq!((is_missing(text), is_missing_name(text.trim())), (missing, missing_name), "{text}");
        }
    }
}

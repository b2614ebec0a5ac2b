//! Marks references in tables that people open in a spreadsheet.
//!
//! A spreadsheet takes a text that begins with one of `= + - @` for a formula. Such a reference gets a `'` in
//! front, which makes a spreadsheet show it as text; reading the table back takes the mark off. Tables for
//! programs have references as they are.

use std::borrow::Cow;

const MARK: char = '\'';

fn begins_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@'])
}

/// Marks a reference for a table that people open, if it needs a mark.
pub(crate) fn marked(reference: &str) -> Cow<'_, str> {
    // A reference that looks as if it were marked gets a further mark.
    if begins_a_formula(reference) || unmarked(reference) != reference {
        Cow::Owned(format!("{MARK}{reference}"))
    } else {
        Cow::Borrowed(reference)
    }
}

/// Takes the mark off a reference from a table that people filled in, if it has one.
pub(crate) fn unmarked(text: &str) -> &str {
    match text.strip_prefix(MARK) {
        Some(rest) if rest.starts_with(MARK) || begins_a_formula(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_comes_back_as_it_was() {
        for (reference, shown) in [
            ("REF-1", "REF-1"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-7", "'-7"),
            ("@x", "'@x"),
            ("'", "'"),
            ("'quoted", "'quoted"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("''", "'''"),
            (" =1", " =1"),
        ] {
            assert_eq!(marked(reference), shown);
            assert_eq!(unmarked(shown), reference);
        }
        // A reference that somebody enters without the mark means the same.
        assert_eq!(unmarked("=1+1"), "=1+1");
    }
}

//! References in tables that people open in a spreadsheet, which takes a text that begins with one of
//! `= + - @` for a formula. There such a reference bears a mark in front, `'`, which a spreadsheet shows as
//! text; where it is read back the mark is taken off. Tables for programs have references as they are.

use std::borrow::Cow;

const MARK: char = '\'';

fn begins_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@'])
}

/// A reference for a table that people open.
pub(crate) fn marked(reference: &str) -> Cow<'_, str> {
    // One that looks as if it were marked gets a mark of its own.
    if begins_a_formula(reference) || unmarked(reference) != reference {
        Cow::Owned(format!("{MARK}{reference}"))
    } else {
        Cow::Borrowed(reference)
    }
}

/// The reference that a table which people filled in has, be it marked or not.
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
        // Whoever enters it without the mark means the same.
        assert_eq!(unmarked("=1+1"), "=1+1");
    }
}

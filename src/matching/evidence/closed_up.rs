//! Compares streets, buildings and towns, which may be spaced or typed differently, by their letters.

use std::cell::OnceCell;

use super::likeness::{Letters, Pair};
use crate::normalise::AddressView;
use crate::text::Phrase;

/// The Jaro–Winkler similarity from which two streets or towns are nearly the same.
const CLOSE: f64 = 0.88;

/// The words of an address that are compared by their letters.
#[derive(Clone, Copy)]
pub(super) enum Words {
    Street,
    Locality,
    Building,
    Town,
}

/// An address whose words are closed up once a comparison asks for them: most addresses of a holder's candidates differ,
/// and the holder's own are compared with each.
pub(crate) struct AddressWords<'a> {
    address: &'a AddressView<'a>,
    closed_up: [OnceCell<ClosedUp>; 4],
}

impl<'a> AddressWords<'a> {
    pub(crate) fn new(address: &'a AddressView<'a>) -> AddressWords<'a> {
        AddressWords { address, closed_up: Default::default() }
    }

    /// The address as it is.
    pub(super) fn address(&self) -> &'a AddressView<'a> {
        self.address
    }

    /// Whether some words of the address and some of another are there, and nearly the same.
    pub(super) fn are_like(&self, words: Words, other: &AddressWords<'_>, others: Words) -> bool {
        !self.text(words).is_empty()
            && !other.text(others).is_empty()
            && self.closed_up(words).is_like(other.closed_up(others))
    }

    fn text(&self, words: Words) -> &'a str {
        match words {
            Words::Street => self.address.street,
            Words::Locality => self.address.locality,
            Words::Building => self.address.building,
            Words::Town => self.address.town,
        }
    }

    fn closed_up(&self, words: Words) -> &ClosedUp {
        self.closed_up[words as usize].get_or_init(|| ClosedUp::new(self.text(words)))
    }
}

/// A phrase without its spaces.
pub(super) struct ClosedUp {
    phrase: Phrase,
    letters: Letters,
}

impl ClosedUp {
    pub(super) fn new(phrase: &str) -> ClosedUp {
        let phrase = closed_up(phrase);
        ClosedUp { letters: Letters::new(&phrase), phrase }
    }

    fn phrase(&self) -> &str {
        &self.phrase
    }

    /// The same phrase except for slips, spaces, or a missing word for the kind of street.
    pub(super) fn is_like(&self, other: &ClosedUp) -> bool {
        let shared = self.letters.shared_with(&other.letters);
        let (one, other) = (self.phrase(), other.phrase());
        if one == other {
            return true;
        }
        let shorter = one.len().min(other.len());
        shorter >= 4 && share_letters(one, other, shared) && are_like(Pair::sharing(one, other, shared), one, other)
    }
}

/// Two closed-up phrases share so many letters that they may be alike: most streets of two people do not.
///
/// Of two that begin with different letters, a Jaro–Winkler similarity from 0.88 takes 0.64 of the letters of each stem,
/// since the other shares in its sum are at most 1; a distance within a quarter takes more. A word for the kind that both
/// have is shared, and one that one lacks only makes the other longer.
fn share_letters(one: &str, other: &str, shared: usize) -> bool {
    one.as_bytes()[0] == other.as_bytes()[0] || shared * 25 >= one.len().min(other.len()) * 16
}

/// Two closed-up phrases that differ, of four letters or more, are nearly the same.
fn are_like(whole: Pair<'_>, one: &str, other: &str) -> bool {
    if whole.similarity_from(0.93).is_some() {
        return true;
    }
    let (one_stem, other_stem) = (stem(one), stem(other));
    let pair = match (&one[one_stem.len()..], &other[other_stem.len()..]) {
        (kind, other_kind) if kind == other_kind => whole.without_ending(kind.len()),
        (kind, other_kind) if kind.is_empty() || other_kind.is_empty() => Pair::new(one_stem, other_stem),
        _ => return false,
    };
    let stems = one_stem.len().min(other_stem.len());
    stems >= 4 && (pair.similarity_from(CLOSE).is_some() || pair.distance_within(stems / 4).is_some())
}

/// The phrase without spaces.
pub(super) fn closed_up(phrase: &str) -> Phrase {
    let mut letters = [0; 40];
    if !phrase.is_ascii() || phrase.len() > letters.len() {
        return phrase.split(' ').fold(Phrase::default(), |mut closed, word| {
            closed.push_str(word);
            closed
        });
    }
    // A space is overwritten by the letter behind it.
    let length = phrase.bytes().fold(0, |length, letter| {
        letters[length] = letter;
        length + usize::from(letter != b' ')
    });
    Phrase::of_ascii(&letters[..length]).unwrap_or_default()
}

/// A street's name without the word for its kind.
fn stem(closed_up: &str) -> &str {
    const KINDS: [&str; 16] = [
        "STREET", "ROAD", "AVENUE", "CRESCENT", "CLOSE", "COURT", "DRIVE", "LANE", "PLACE", "SQUARE", "TERRACE", "WAY",
        "GARDENS", "GROVE", "PARK", "CIRCUIT",
    ];
    let last = closed_up.as_bytes().last();
    let mut kinds = KINDS.iter().filter(|kind| kind.as_bytes().last() == last);
    kinds.find_map(|kind| closed_up.strip_suffix(kind)).filter(|stem| !stem.is_empty()).unwrap_or(closed_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]
        /// Phrases of few letters, and of one word and its slips, often are.
        #[test]
        fn phrases_that_share_few_letters_are_not_alike(
            one in "[A-D]{1,9}( [A-D]{1,6})?( (ROAD|CRESCENT|LANE))?",
            other in "[A-D]{1,9}( [A-D]{1,6})?( (ROAD|CRESCENT|LANE))?",
            at in 0_usize..20,
            letter in "[A-Z]",
        ) {
            let at = at % one.len();
            let slipped = format!("{}{letter}{}", &one[..at], &one[at + 1..]);
            let begun = format!("{letter}{}", one.trim_end_matches("ROAD").trim_end());
            let one = ClosedUp::new(&one);
            for other in [&other, &slipped, &begun].map(|other| ClosedUp::new(other)) {
                let (phrase, others) = (one.phrase(), other.phrase());
                let in_full = phrase == others
                    || phrase.len().min(others.len()) >= 4 && are_like(Pair::new(phrase, others), phrase, others);
                prop_assert_eq!(one.is_like(&other), in_full, "{} {}", phrase, others);
            }
        }
    }
}

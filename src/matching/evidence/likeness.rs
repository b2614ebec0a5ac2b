//! Measures how alike two words or phrases are, up to a bound of similarity or distance.
//!
//! Most compared pairs have little in common. The letters that they share bound both measures, and are counted
//! much faster. The measures are computed only if the letters leave the answer open.

use super::measures::{jaro_winkler, osa_distance};
use crate::normalise::sound::sound;

/// The tolerance of a bound, since it is added up in another order than the measure.
const ROUNDING: f64 = 1e-9;

/// How often each letter stands in a text.
#[derive(Clone, Copy)]
pub(super) struct Letters([u8; 32]);

impl Letters {
    pub(super) fn new(text: &str) -> Letters {
        let mut counts = [0; 32];
        // Letters that share a counter can only make too many of them shared.
        text.bytes().for_each(|byte| counts[usize::from(byte & 31)] += 1);
        Letters(counts)
    }

    /// The most letters that two texts share, each counted as often as it stands in both.
    pub(super) fn shared_with(&self, other: &Letters) -> usize {
        let least = self.0.iter().zip(&other.0).map(|(one, other)| u32::from(*one.min(other)));
        least.sum::<u32>() as usize
    }
}

/// Two texts with a bound on the letters that they share.
pub(super) struct Pair<'a> {
    one: &'a str,
    other: &'a str,
    /// The most letters that the texts share, each counted as often as it stands in both.
    shared: usize,
}

impl<'a> Pair<'a> {
    pub(super) fn new(one: &'a str, other: &'a str) -> Pair<'a> {
        Pair::sharing(one, other, Letters::new(one).shared_with(&Letters::new(other)))
    }

    /// Two texts that share so many letters at most.
    pub(super) fn sharing(one: &'a str, other: &'a str, shared: usize) -> Pair<'a> {
        Pair { one, other, shared }
    }

    /// The texts without an ending of so many letters that both have.
    pub(super) fn without_ending(&self, length: usize) -> Pair<'a> {
        let cut = |text: &'a str| &text[..text.len() - length];
        Pair { one: cut(self.one), other: cut(self.other), shared: self.shared - length }
    }

    /// The optimal string alignment distance; `None` if it is above `most`.
    pub(super) fn distance_within(&self, most: usize) -> Option<usize> {
        // Each letter of the longer text that is not shared takes an edit.
        let least = self.one.len().max(self.other.len()) - self.shared;
        if least > most {
            return None;
        }
        Some(osa_distance(self.one, self.other)).filter(|distance| *distance <= most)
    }

    /// The Jaro–Winkler similarity; `None` if it is below `least`.
    pub(super) fn similarity_from(&self, least: f64) -> Option<f64> {
        let (length, other_length) = (self.one.len() as f64, self.other.len() as f64);
        let shared = self.shared as f64;
        let jaro = (shared / length + shared / other_length + 1.0) / 3.0;
        let prefix = self.one.bytes().zip(self.other.bytes()).take(4).take_while(|(one, other)| one == other).count();
        let most = jaro + 0.1 * prefix as f64 * (1.0 - jaro);
        // Without a common letter the similarity is 0, but the bound would be a third.
        if self.shared == 0 || most + ROUNDING < least {
            return None;
        }
        Some(jaro_winkler(self.one, self.other)).filter(|similarity| *similarity >= least)
    }
}

/// The words are made of the same letters.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    let counts = |word: &str| {
        let mut counts = [0_u8; 26];
        for letter in word.bytes().filter(u8::is_ascii_uppercase) {
            counts[usize::from(letter - b'A')] += 1;
        }
        counts
    };
    one.len() == other.len() && counts(one) == counts(other)
}

/// The words sound alike.
pub(super) fn sounds_alike(one: &str, other: &str) -> bool {
    sound(one).is_some_and(|code| Some(code) == sound(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]
        #[test]
        fn the_bounds_change_no_answer(one in "[A-D ]{1,12}", other in "[A-D1]{1,12}", most in 0_usize..5, least in 0.5_f64..1.0) {
            let pair = Pair::new(&one, &other);
            let distance = osa_distance(&one, &other);
            prop_assert_eq!(pair.distance_within(most), (distance <= most).then_some(distance));
            let similarity = jaro_winkler(&one, &other);
            prop_assert_eq!(pair.similarity_from(least), (similarity >= least).then_some(similarity));
        }

        #[test]
        fn an_ending_that_both_have_can_be_cut_off(one in "[A-D]{1,9}", other in "[A-D]{1,9}", ending in "[A-D]{0,5}") {
            let [whole, other_whole] = [&one, &other].map(|text| format!("{text}{ending}"));
            let cut = Pair::new(&whole, &other_whole).without_ending(ending.len());
            let expected = Pair::new(&one, &other);
            prop_assert_eq!((cut.one, cut.other, cut.shared), (expected.one, expected.other, expected.shared));
        }

        #[test]
        fn the_bounds_hold_for_a_word_with_slips(word in "[A-Z]{3,20}", at in 0_usize..20, letter in "[A-Z]", least in 0.7_f64..1.0) {
            let at = at % word.len();
            for slipped in [
                format!("{}{}{letter}", &word[..at], &word[at + 1..]),
                format!("{}{}", &word[..at], &word[at + 1..]),
                format!("{}{letter}{}", &word[..at], &word[at..]),
                word[at..].to_owned() + &word[..at],
            ].iter().filter(|slipped| !slipped.is_empty()) {
                let pair = Pair::new(&word, slipped);
                let (distance, similarity) = (osa_distance(&word, slipped), jaro_winkler(&word, slipped));
                prop_assert_eq!(pair.distance_within(2), (distance <= 2).then_some(distance));
                prop_assert_eq!(pair.similarity_from(least), (similarity >= least).then_some(similarity));
            }
        }
    }
}

//! Computes a code of how a name sounds; names of one sound share it.
//!
//! The code is the primary one of Double Metaphone (Lawrence Philips, 2000), after a few changes that make
//! British spellings of one name meet.

mod metaphone;

use std::num::NonZeroU32;

use arrayvec::ArrayVec;

/// How a word sounds, as a number. Equal numbers mean the same code; the number itself means nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sound(NonZeroU32);

impl Sound {
    /// The code as a number, to make match keys of.
    pub(crate) fn code(self) -> u32 {
        self.0.get()
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[withheld]")
    }
}

/// How `word` (capitals A to Z) sounds; `None` if it is an initial or no such word.
///
/// ```
/// use flagmatch::normalise::sound::sound;
/// assert_eq!(sound("CATHERINE"), sound("KATHRYN"));
/// assert_ne!(sound("SMITH"), sound("JONES"));
/// ```
pub fn sound(word: &str) -> Option<Sound> {
    if word.len() < 2 || !word.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let code = metaphone::primary(&respelt(word));
    // Five bits a sign: A to Z are 1 to 26, and 27 is the zero for "th", the only other sign.
    let packed = code.iter().fold(0, |packed, sign| {
        let number = if sign.is_ascii_uppercase() { sign - b'A' + 1 } else { 27 };
        packed << 5 | u32::from(number)
    });
    NonZeroU32::new(packed).map(Sound)
}

/// The letters of a word; letters that do not fit come too late to change its code.
type Letters = ArrayVec<u8, 40>;

/// What is respelt where Double Metaphone would keep spellings of one name apart, in this order: as typed, as heard,
/// and the letters that a word needs for it.
const RESPELT: [(&str, &str, u32); 10] = [
    // Welsh: `LLOYD`, `FFION`, and `DD` as in `GRUFFYDD`, which the English write `TH`.
    respelt_as("LL", "L"),
    respelt_as("FF", "F"),
    respelt_as("YDD", "ITH"),
    respelt_as("EDD", "ETH"),
    respelt_as("GWY", "GW"),
    // A silent letter, or a letter that is heard as another.
    respelt_as("MPS", "MS"),
    respelt_as("MSON", "MSN"),
    respelt_as("PH", "F"),
    respelt_as("GHT", "T"),
    respelt_as("SCH", "SH"),
];

const fn respelt_as(typed: &'static str, heard: &'static str) -> (&'static str, &'static str, u32) {
    (typed, heard, letters_of(typed.as_bytes()))
}

/// Respells a word.
fn respelt(word: &str) -> Letters {
    // Mac and Mc are the same, but a short word in Mac is a name of its own (`MACEY`, `MACK`).
    let (start, rest) = match word.strip_prefix("MAC") {
        Some(rest) if rest.len() > 3 && !rest.starts_with(['E', 'H', 'I', 'Y']) => ("MC", rest),
        _ => ("", word),
    };
    let mut letters = Letters::new();
    for part in [start, rest] {
        let room = letters.remaining_capacity();
        letters.try_extend_from_slice(&part.as_bytes()[..part.len().min(room)]).unwrap_or_default();
    }
    let mut present = letters_of(&letters);
    for (typed, heard, needed) in RESPELT {
        // Few words have these letters, and searching for them is most of the work.
        if present & needed == needed {
            replace(&mut letters, typed.as_bytes(), heard.as_bytes());
            present = letters_of(&letters);
        }
    }
    letters
}

/// Replaces `typed` with `heard`, which is not longer, wherever it stands.
fn replace(letters: &mut Letters, typed: &[u8], heard: &[u8]) {
    let (mut from, mut to) = (0, 0);
    while from < letters.len() {
        if letters[from..].starts_with(typed) {
            letters[to..to + heard.len()].copy_from_slice(heard);
            (from, to) = (from + typed.len(), to + heard.len());
        } else {
            letters[to] = letters[from];
            (from, to) = (from + 1, to + 1);
        }
    }
    letters.truncate(to);
}

/// Which letters a word has, one bit each.
const fn letters_of(word: &[u8]) -> u32 {
    let (mut letters, mut at) = (0, 0);
    while at < word.len() {
        letters |= 1 << (word[at] & 31);
        at += 1;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_sound_alike() {
        for alike in [
            "CATHERINE KATHRYN KATHERINE CATHRYN",
            "CLARK CLARKE",
            "STEPHEN STEVEN",
            "PHILIP PHILLIP",
            "MCDONALD MACDONALD",
            "MACKENZIE MCKENZIE",
            "REID READ REED",
            "WRIGHT RIGHT",
            "THOMPSON TOMPSON THOMSON",
            "MEYER MAYER",
            "MOHAMMED MUHAMMAD MOHAMED",
            "HUSSAIN HUSSEIN HUSAIN",
            "LLOYD LOYD",
            "PHELAN FELAN",
            "KNOWLES NOLES",
            "BROWN BROWNE",
            "GRIFFITHS GRIFITHS",
            "SCHOFIELD SHOFIELD",
        ] {
            let sounds: Vec<_> = alike.split(' ').map(sound).collect();
            assert!(sounds[0].is_some());
            assert!(sounds.windows(2).all(|pair| pair[0] == pair[1]), "{alike}");
        }
    }

    #[test]
    fn other_names_sound_otherwise() {
        for (one, other) in [
            ("SMITH", "JONES"),
            ("TURNER", "TAYLOR"),
            ("EVANS", "OWENS"),
            ("PATEL", "PATERSON"),
            ("MACEY", "MCKAY"),
            ("ALI", "AHMED"),
            ("BROWN", "GREEN"),
            ("JOHN", "JANET"),
        ] {
            assert_ne!(sound(one), sound(other), "{one} {other}");
        }
        for nothing in ["", "J", "Smith", "SIÂN", "A B"] {
            assert_eq!(sound(nothing), None, "{nothing}");
        }
    }

    /// Respells by plain replacement, and codes with the crate that the code is compared with.
    fn reference(word: &str) -> String {
        let mut text = match word.strip_prefix("MAC") {
            Some(rest) if rest.len() > 3 && !rest.starts_with(['E', 'H', 'I', 'Y']) => format!("MC{rest}"),
            _ => word.to_owned(),
        };
        for (typed, heard) in "LL L FF F YDD ITH EDD ETH GWY GW MPS MS MSON MSN PH F GHT T SCH SH"
            .split(' ')
            .collect::<Vec<_>>()
            .chunks(2)
            .map(|pair| (pair[0], pair[1]))
        {
            text = text.replace(typed, heard);
        }
        rphonetic::DoubleMetaphone::new(Some(6)).double_metaphone(&text).primary()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn words_sound_alike_that_have_one_code(
            parts in prop::collection::vec("[A-Z]|LL|FF|YDD|EDD|GWY|MPS|MSON|PH|GHT|SCH|MAC|[AEIOU]", 2..8),
            other in "[A-Z]{2,6}",
        ) {
            let word = parts.concat();
            let same = reference(&word) == reference(&other);
            let (one, other) = (sound(&word), sound(&other));
            prop_assert_eq!(one == other, same);
            prop_assert_eq!(one.is_some(), !reference(&word).is_empty());
            let packed = |word: &str| reference(word).bytes().fold(0_u32, |packed, sign| {
                packed << 5 | if sign == b'0' { 27 } else { u32::from(sign - b'A' + 1) }
            });
            prop_assert_eq!(one.map_or(0, Sound::code), packed(&word));
        }

        #[test]
        fn only_words_in_capitals_have_a_sound(word in "[A-Z]{0,24}", any in any::<String>()) {
            prop_assert!(sound(&word).is_none() || word.len() > 1);
            prop_assert!(sound(&any).is_none() || any.bytes().all(|byte| byte.is_ascii_uppercase()));
        }
    }
}

//! How a name sounds: in comes a normalised word, out comes a code that names of one sound share.
//!
//! The code is the primary one of Double Metaphone (Lawrence Philips, 2000), after a few changes that make
//! British spellings of one name meet.

use std::num::NonZeroU32;

use rphonetic::DoubleMetaphone;

/// Letters of a code that are kept: more would part names that sound alike at the end.
const LENGTH: usize = 6;

/// How a word sounds, in a number. Equal numbers mean the same code; the number itself means nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sound(NonZeroU32);

impl Sound {
    /// The code as a number, to make keys of.
    pub(crate) fn code(self) -> u32 {
        self.0.get()
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[withheld]")
    }
}

/// How `word` (capitals A to Z) sounds; none for an initial and for what is no such word.
///
/// It allocates and takes some 400 ns: callers keep the answer by word.
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
    let code = DoubleMetaphone::new(Some(LENGTH)).double_metaphone(&respelt(word)).primary();
    // Five bits a letter: A to Z are 1 to 26, and the only other sign, `0` for "th", is 27.
    let packed = code.bytes().take(LENGTH).fold(0, |packed, sign| {
        let number = if sign.is_ascii_uppercase() { sign - b'A' + 1 } else { 27 };
        packed << 5 | u32::from(number)
    });
    NonZeroU32::new(packed).map(Sound)
}

/// Spellings that Double Metaphone would keep apart.
fn respelt(word: &str) -> String {
    // Mac and Mc are one; but a short word in Mac is a name of its own (`MACEY`, `MACK`).
    let mut text = match word.strip_prefix("MAC") {
        Some(rest) if rest.len() > 3 && !rest.starts_with(['E', 'H', 'I', 'Y']) => {
            format!("MC{rest}")
        }
        _ => word.to_owned(),
    };
    // Welsh: `LLOYD`, `FFION`, and `DD` as in `GRUFFYDD`, which English ears write `TH`.
    const WELSH: [(&str, &str); 5] = [("LL", "L"), ("FF", "F"), ("YDD", "ITH"), ("EDD", "ETH"), ("GWY", "GW")];
    // A silent letter, or one that is heard as another.
    const HEARD: [(&str, &str); 5] = [("MPS", "MS"), ("MSON", "MSN"), ("PH", "F"), ("GHT", "T"), ("SCH", "SH")];
    let mut letters = letters_of(&text);
    for (typed, heard) in WELSH.into_iter().chain(HEARD) {
        // Few words have the letters, and to look for them is most of the work.
        let needed = letters_of(typed);
        if letters & needed == needed && text.contains(typed) {
            text = text.replace(typed, heard);
            letters = letters_of(&text);
        }
    }
    text
}

/// The letters of a word, one bit each.
const fn letters_of(word: &str) -> u32 {
    let bytes = word.as_bytes();
    let (mut letters, mut at) = (0, 0);
    while at < bytes.len() {
        letters |= 1 << (bytes[at] & 31);
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

    proptest! {
        #[test]
        fn only_words_in_capitals_have_a_sound(word in "[A-Z]{0,24}", any in any::<String>()) {
            prop_assert!(sound(&word).is_none() || word.len() > 1);
            prop_assert!(sound(&any).is_none() || any.bytes().all(|byte| byte.is_ascii_uppercase()));
        }
    }
}

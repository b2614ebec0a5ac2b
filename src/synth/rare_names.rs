//! Makes names that no table of common names has, from syllables. The syllables, and how fast the rates fall,
//! are a choice.

use super::draw::{Draw, disguise};
use crate::text::{Phrase, Word};

const SURNAME_STARTS: &[&str] = &[
    "Ab", "Ack", "Al", "Am", "And", "Ar", "Ash", "Aud", "Ayl", "Bad", "Bam", "Bar", "Bas", "Bax", "Beck", "Bel", "Ben",
    "Ber", "Bid", "Bir", "Blen", "Bod", "Bol", "Bos", "Brad", "Bram", "Bras", "Brid", "Brom", "Bur", "Cal", "Cam",
    "Can", "Carl", "Cas", "Chad", "Chal", "Ches", "Chil", "Clar", "Cle", "Clif", "Col", "Com", "Cor", "Cot", "Cran",
    "Crof", "Cul", "Dal", "Dan", "Dar", "Den", "Der", "Dib", "Don", "Dor", "Dray", "Dud", "Dun", "Dur", "East", "Eg",
    "Eld", "Elm", "Em", "Ever", "Fal", "Far", "Fen", "Fer", "Flet", "Ford", "Fos", "Fro", "Gad", "Gal", "Gar", "Gil",
    "Glad", "God", "Gos", "Gran", "Gres", "Had", "Hal", "Ham", "Har", "Has", "Hat", "Haw", "Hel", "Hep", "Hin", "Hol",
    "Hor", "Hud", "Hun", "Ing", "Ken", "Ket", "Kil", "Kin", "Lam", "Lang", "Lav", "Led", "Lin", "Lit", "Lon", "Lud",
    "Mad", "Mal", "Mar", "Med", "Mel", "Mer", "Mid", "Mor", "Nar", "Nel", "New", "Nor", "Nut", "Oak", "Old", "Or",
    "Os", "Pad", "Pem", "Pen", "Pil", "Pol", "Pren", "Quar", "Rad", "Ram", "Red", "Ren", "Ros", "Rud", "Sal", "San",
    "Sed", "Shel", "Sher", "Sil", "Skel", "Stan", "Strat", "Sud", "Swin", "Tad", "Tar", "Thorn", "Tol", "Tred", "Twi",
    "Ul", "Up", "Wad", "Wal", "Wen", "Wil", "Win", "Yar",
];
const SURNAME_MIDDLES: &[&str] = &[
    "", "", "", "", "er", "en", "in", "a", "le", "ing", "o", "es", "el", "an", "i", "ber", "ster", "ner", "ring", "ker",
];
const SURNAME_ENDS: &[&str] = &[
    "ton", "ley", "ford", "worth", "ham", "field", "wood", "well", "stone", "bury", "by", "shaw", "wick", "thwaite",
    "man", "son", "s", "more", "den", "croft", "gate", "burn", "land", "bridge", "hurst", "combe", "stead", "ridge",
    "side", "brook", "don", "ard", "ett", "ow", "ock", "kin", "wright", "low", "mer", "ing", "bottom", "cock", "dale",
    "grave", "head", "hill", "house", "ingham", "lock", "march", "pool", "royd", "set", "sley", "wall", "water", "way",
    "yard", "house", "lin",
];

/// Draws a surname that no table lists.
pub(crate) fn rare_surname(draw: &mut Draw) -> Phrase {
    let count = SURNAME_STARTS.len() * SURNAME_MIDDLES.len() * SURNAME_ENDS.len();
    // The inverse of a distribution whose density falls as 1 / (rank + 3,000): the commonest made name is
    // then about as rare as the rarest of the table, and most made names have only a handful of bearers.
    let level = 3_000.0_f64;
    let rank = level * ((count as f64 / level + 1.0).powf(draw.unit()) - 1.0);
    // 1,000,003 is prime, so it shares no factor with the count.
    let place = disguise(rank as u64, 1_000_003, 0, count as u64) as usize;
    let (start, rest) = (place % SURNAME_STARTS.len(), place / SURNAME_STARTS.len());
    let mut name = Phrase::new(SURNAME_STARTS[start]);
    name.push_str(SURNAME_MIDDLES[rest % SURNAME_MIDDLES.len()]);
    name.push_str(SURNAME_ENDS[rest / SURNAME_MIDDLES.len()]);
    name
}

/// Draws a forename that no table lists.
pub(crate) fn rare_forename(female: bool, draw: &mut Draw) -> Word {
    const STARTS: &[&str] = &[
        "Al", "Am", "Ar", "Bel", "Bri", "Cal", "Cor", "Da", "Del", "El", "Em", "Far", "Gal", "Ha", "Is", "Ja", "Ka",
        "Kel", "La", "Lor", "Ma", "Mel", "Na", "Nor", "Or", "Pe", "Ra", "Ro", "Sa", "Sha", "Ta", "Tre", "Va", "Wyn",
        "Ya", "Za",
    ];
    const MIDDLES: &[&str] = &["", "li", "me", "ri", "sa", "vi", "ne", "do", "ma", "re", "ja", "ka"];
    const WOMEN: &[&str] = &["na", "lle", "sha", "ra", "lia", "tta", "nne", "dra", "ya", "beth", "wen"];
    const MEN: &[&str] = &["n", "don", "vin", "rick", "mir", "s", "ton", "ard", "ko", "wyn", "ron"];
    let mut name = Word::new(draw.pick(STARTS));
    name.push_str(draw.pick(MIDDLES));
    name.push_str(draw.pick(if female { WOMEN } else { MEN }));
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn rare_surnames_are_many_and_none_is_common() {
        let mut draw = Draw::new(1, 0, 0);
        let mut bearers: HashMap<String, u32> = HashMap::new();
        for _ in 0..100_000 {
            *bearers.entry(rare_surname(&mut draw).to_string()).or_default() += 1;
        }
        assert!(bearers.len() > 20_000, "{}", bearers.len());
        assert!(bearers.values().all(|bearers| *bearers < 100));
    }

    #[test]
    fn rare_forenames_tell_women_from_men() {
        let mut draw = Draw::new(1, 0, 0);
        for _ in 0..1_000 {
            assert_ne!(rare_forename(true, &mut draw), rare_forename(false, &mut draw));
        }
    }
}

//! Reads a character outside ASCII as the letters A to Z, digits and signs that it stands for.
//!
//! Unicode's decomposition takes accents off; a table has the letters that it leaves. Both are for the languages whose
//! names people in Britain have.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A part of what a character stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// A letter, digit or sign.
    Ascii(u8),
    /// The letters that are written for a letter which is none of A to Z.
    Letters(&'static str),
    /// An accent of the letter before it.
    Accent,
    Apostrophe,
    Dash,
    Quote,
    Space,
    /// A character that is not seen.
    Nothing,
    Other(char),
}

/// Calls `take` with each part of what a character stands for: `é` is an `e` and an accent.
pub(super) fn fold(character: char, mut take: impl FnMut(Folded)) {
    match part(character) {
        // An accent that stands alone would become a space with an accent.
        Folded::Other(_) => decompose_compatible(character, |character| take(part(character))),
        known => take(known),
    }
}

fn part(character: char) -> Folded {
    match character {
        '\0'..='\x7f' => Folded::Ascii(character as u8),
        '\u{B4}' | '\u{2B9}' | '\u{2BB}' | '\u{2BC}' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}' => {
            Folded::Apostrophe
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Folded::Dash,
        '\u{201C}'..='\u{201E}' => Folded::Quote,
        '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' => Folded::Nothing,
        _ if character.is_whitespace() => Folded::Space,
        _ if is_combining_mark(character) => Folded::Accent,
        _ => letters(character).map_or(Folded::Other(character), Folded::Letters),
    }
}

/// The letters A to Z for a letter that has no accent to take off.
fn letters(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "TH",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        'ħ' => "h",
        'Ħ' => "H",
        'ĸ' => "k",
        'ŋ' => "ng",
        'Ŋ' => "NG",
        'ŧ' => "t",
        'Ŧ' => "T",
        'ə' => "a",
        'Ə' => "A",
        'ɓ' => "b",
        'Ɓ' => "B",
        'ɗ' => "d",
        'Ɗ' => "D",
        'ƙ' => "k",
        'Ƙ' => "K",
        'ɛ' => "e",
        'Ɛ' => "E",
        'ɔ' => "o",
        'Ɔ' => "O",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters and signs as they are, and one sign for each other part.
    fn folded(text: &str) -> String {
        let mut out = String::new();
        for character in text.chars() {
            fold(character, |part| match part {
                Folded::Ascii(byte) => out.push(char::from(byte)),
                Folded::Letters(letters) => out.push_str(letters),
                Folded::Accent => out.push('^'),
                Folded::Apostrophe => out.push('\''),
                Folded::Dash => out.push('-'),
                Folded::Quote => out.push('"'),
                Folded::Space => out.push('_'),
                Folded::Nothing => {}
                Folded::Other(_) => out.push('?'),
            });
        }
        out
    }

    #[test]
    fn each_character_becomes_what_it_stands_for() {
        for (text, expected) in [
            ("Siân", "Sia^n"),
            ("Sia\u{302}n", "Sia^n"),
            ("Łódź", "Lo^dz^"),
            ("Đặng", "Da^^ng"),
            ("Groß", "Gross"),
            ("Þór", "THo^r"),
            ("Bakıcı", "Bakici"),
            ("Əliyev", "Aliyev"),
            ("O’Brien", "O'Brien"),
            ("O´Brien", "O'Brien"),
            ("Smith–Jones", "Smith-Jones"),
            ("“Bob”", "\"Bob\""),
            ("Ann\u{a0}Lee", "Ann_Lee"),
            ("An\u{ad}n", "Ann"),
            ("ＦＬＡＴ２", "FLAT2"),
            ("℅", "c/o"),
            ("Иван", "????"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }
}

//! Makes the mistakes of somebody who types a name, a date, a postcode or a UPRN. The result always differs,
//! even to a reader who ignores case and diacritics.

use super::calendar::{later, made};
use super::draw::Draw;
use crate::date::Date;
use crate::text::Text;

/// Keys next to each letter from a to z on a British keyboard.
const NEIGHBOURS: [&str; 26] = [
    "qsz", "vgn", "xvd", "sfe", "wrd", "dgr", "fht", "gjy", "uok", "hku", "jli", "ko", "nj", "bm", "ipl", "ol", "wa",
    "etf", "adw", "ryg", "yij", "cb", "qes", "zcs", "tuh", "xa",
];

/// A name with one slip: a letter exchanged with the next, left out, doubled or mistaken for the key beside
/// it.
pub(crate) fn typing_slip<const N: usize>(name: &Text<N>, draw: &mut Draw) -> Text<N> {
    let letters: Vec<char> = name.chars().collect();
    // The first letter is seldom wrong.
    let at = if letters.len() < 3 || draw.chance(0.1) { 0 } else { 1 + draw.below(letters.len() - 1) };
    let mut typed = letters.clone();
    let Some(&letter) = letters.get(at) else {
        return *name;
    };
    let next = letters.get(at + 1).copied();
    match draw.below(4) {
        0 if letter.is_alphabetic() && next.is_some_and(|next| next.is_alphabetic() && !same(next, letter)) => {
            let next = next.unwrap_or(letter);
            // The capital stays where it was.
            typed[at] = if letter.is_uppercase() { upper(next) } else { next };
            typed[at + 1] = if letter.is_uppercase() { lower(letter) } else { letter };
        }
        1 if letters.len() > 3 && letter.is_alphabetic() => {
            typed.remove(at);
        }
        2 if letter.is_alphabetic() => typed.insert(at + 1, lower(letter)),
        _ => {
            let place = (lower(letter) as usize).wrapping_sub('a' as usize);
            let keys = NEIGHBOURS.get(place).copied().unwrap_or("e");
            let key = char::from(keys.as_bytes()[draw.below(keys.len())]);
            typed[at] = if letter.is_uppercase() { upper(key) } else { key };
        }
    }
    let mut text = Text::default();
    typed.into_iter().for_each(|letter| text.push(letter));
    text
}

fn same(one: char, other: char) -> bool {
    lower(one) == lower(other)
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn upper(letter: char) -> char {
    letter.to_uppercase().next().unwrap_or(letter)
}

/// A wrong date of birth: six in ten with one digit wrong, 15 % on 1 January of the right year, 15 %
/// elsewhere in the right year, one in ten anywhere. The shares are a choice.
pub(crate) fn wrong_birth_date(date: Date, draw: &mut Draw) -> Date {
    loop {
        let kind = draw.unit();
        let wrong = if kind < 0.60 {
            one_digit_wrong(date, draw)
        } else if kind < 0.75 {
            made(date.year(), 1, 1)
        } else if kind < 0.90 {
            made(date.year(), 1 + draw.below(12) as u32, 1 + draw.below(31) as u32)
        } else {
            later(made(1931, 1, 1), draw.below(28_000) as i64)
        };
        // A date with day and month exchanged by chance would count as another kind of difference.
        let exchanged = wrong.day() == date.month() && wrong.month() == date.day();
        if wrong != date && !(exchanged && wrong.year() == date.year()) {
            return wrong;
        }
    }
}

fn one_digit_wrong(date: Date, draw: &mut Draw) -> Date {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let digit = draw.below(10) as u32;
    let changed = match draw.below(5) {
        0 => Date::new(year / 10 * 10 + digit, month, day),
        1 => Date::new(year / 100 * 100 + digit * 10 + year % 10, month, day),
        2 => Date::new(year, month / 10 * 10 + digit, day),
        3 => Date::new(year, month, day / 10 * 10 + digit),
        _ => Date::new(year, month, digit % 4 * 10 + day % 10),
    };
    changed.filter(|date| (1925..=2008).contains(&date.year())).unwrap_or(date)
}

/// The date with day and month exchanged; `None` if there is no such date, or it is the same.
pub(crate) fn exchanged(date: Date) -> Option<Date> {
    Date::new(date.year(), date.day(), date.month()).filter(|other| *other != date)
}

/// The share of birthdays for which [`exchanged`] is not `None`: 12 × 11 days of a year.
pub(crate) const EXCHANGEABLE: f64 = 132.0 / 365.25;

/// A right postcode, spelt in another way.
pub(crate) fn respelt(postcode: &Text<12>, draw: &mut Draw) -> Text<12> {
    let kind = draw.unit();
    let written: Vec<char> = match kind {
        kind if kind < 0.15 && postcode.contains('0') => {
            postcode.chars().map(|letter| if letter == '0' { 'O' } else { letter }).collect()
        }
        kind if kind < 0.60 => postcode.chars().filter(|letter| *letter != ' ').collect(),
        kind if kind < 0.75 => postcode.to_lowercase().chars().collect(),
        kind if kind < 0.85 => postcode.to_lowercase().chars().filter(|letter| *letter != ' ').collect(),
        kind if kind < 0.95 => postcode.replace(' ', "  ").chars().collect(),
        _ => postcode.replace(' ', "-").chars().collect(),
    };
    let mut text = Text::default();
    written.into_iter().for_each(|letter| text.push(letter));
    text
}

/// A postcode with one character of its inward half wrong, still of British form.
pub(crate) fn postcode_slip(postcode: &Text<12>, draw: &mut Draw) -> Text<12> {
    const LETTERS: &[char] =
        &['A', 'B', 'D', 'E', 'F', 'G', 'H', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'W', 'X', 'Y', 'Z'];
    let mut typed: Vec<char> = postcode.chars().collect();
    let at = typed.len() - 1 - draw.below(3);
    let before = typed[at];
    while typed[at] == before {
        typed[at] = match before.is_ascii_digit() {
            true => char::from(b'0' + draw.below(10) as u8),
            false => draw.pick(LETTERS),
        };
    }
    let mut text = Text::default();
    typed.into_iter().for_each(|letter| text.push(letter));
    text
}

/// Somebody else's UPRN: mostly a neighbour's, else with one digit wrong.
pub(crate) fn wrong_uprn(uprn: u64, draw: &mut Draw) -> u64 {
    if draw.chance(0.65) {
        let step = 1 + draw.below(6) as u64;
        return if draw.chance(0.5) { uprn + step } else { uprn - step };
    }
    let place = 10u64.pow(draw.below(9) as u32);
    let digit = uprn / place % 10;
    let other = (digit + 1 + draw.below(9) as u64) % 10;
    uprn - digit * place + other * place
}

#[cfg(test)]
mod tests {
    use super::super::names::fold;
    use super::*;

    #[test]
    fn slips_always_differ() {
        let mut draw = Draw::new(4, 0, 0);
        for name in ["Anna", "Łukasz", "O'Brien", "Ng", "Smith-Jones", "Yu", "Lee", "Aaa"] {
            for _ in 0..500 {
                let typed = typing_slip(&Text::<40>::new(name), &mut draw);
                let letters = |name: &str| -> String {
                    fold(name).to_lowercase().chars().filter(char::is_ascii_alphabetic).collect()
                };
                assert_ne!(letters(&typed), letters(name));
            }
        }
    }

    #[test]
    fn wrong_dates_are_wrong_and_not_exchanged() {
        let mut draw = Draw::new(4, 0, 0);
        for date in [made(1950, 1, 1), made(1984, 2, 29), made(2001, 12, 11)] {
            for _ in 0..1_000 {
                let wrong = wrong_birth_date(date, &mut draw);
                assert!(wrong != date && Some(wrong) != exchanged(date));
            }
        }
        assert_eq!(exchanged(made(1980, 3, 4)), Some(made(1980, 4, 3)));
        assert_eq!(exchanged(made(1980, 3, 3)), None);
        assert_eq!(exchanged(made(1980, 3, 13)), None);
    }

    #[test]
    fn postcodes_are_respelt_or_mistyped() {
        let mut draw = Draw::new(4, 0, 0);
        let postcode = Text::<12>::new("SW10 2QT");
        let plain = |text: &str| text.to_uppercase().replace([' ', '-'], "").replace('O', "0");
        for _ in 0..500 {
            let spelt = respelt(&postcode, &mut draw);
            assert!(spelt != postcode && plain(&spelt) == plain(&postcode));
            let typed = postcode_slip(&postcode, &mut draw);
            let wrong = typed.chars().zip(postcode.chars()).filter(|(a, b)| a != b).count();
            assert_eq!((wrong, typed.len()), (1, postcode.len()));
            assert_ne!(wrong_uprn(100_000_123_456, &mut draw), 100_000_123_456);
        }
    }
}

//! Finds the dwelling inside a building, in any wording, and takes it out of the address, so that the rest is
//! the building's own address.

use super::token::{Kind, Token, Tokens};
use super::words::{ALONE, FLOOR, FLOOR_CODE, JOINS, NUMBER, SIDE, STOREY, UNIT};
use crate::text::Word;

/// Tokens that say which dwelling, and what they say.
struct Found {
    from: usize,
    to: usize,
    flat: Word,
    /// Whether they name a floor, to which a number may be added.
    is_floor: bool,
}

/// Takes everything that says which dwelling out of an address. Floors come before numbers, so that
/// `Flat 2, First Floor` and `First Floor Flat 2` both give `1F2`; other parts are joined by `/`.
pub(super) fn take_flat(tokens: &mut Tokens) -> Word {
    let mut flat = Word::default();
    let mut is_floor = false;
    let mut at = 0;
    while at < tokens.len() {
        let Some(found) = find_at(tokens, at) else {
            at += 1;
            continue;
        };
        tokens.take(found.from, found.to);
        at = found.to.max(at + 1);
        if flat.is_empty() {
            flat = found.flat;
        } else if found.is_floor && !is_floor {
            flat = on_floor(&found.flat, &flat);
        } else if is_floor && !found.is_floor {
            flat = on_floor(&flat, &found.flat);
        } else if flat != found.flat {
            flat = joined(&[&flat, "/", &found.flat]);
        }
        is_floor |= found.is_floor;
    }
    flat
}

/// A floor with the number, letter or side that follows it. Only numbers, and single letters for a side, need
/// no slash.
fn on_floor(floor: &str, rest: &str) -> Word {
    let is_plain = rest.starts_with(|first: char| first.is_ascii_digit()) || matches!(rest, "L" | "R" | "M");
    joined(&[floor, if is_plain { "" } else { "/" }, rest])
}

pub(super) fn joined(parts: &[&str]) -> Word {
    let mut word = Word::default();
    for part in parts {
        word.push_str(part);
    }
    word
}

fn find_at(tokens: &mut Tokens, at: usize) -> Option<Found> {
    let token = tokens.at(at);
    match token.kind {
        Kind::Break | Kind::Dash => None,
        Kind::Slashed => slashed(tokens, at),
        Kind::Number => half(tokens, at).or_else(|| storey_letter(tokens, at)),
        Kind::Code => {
            let stands_apart = tokens.before(at).kind != Kind::Word || tokens.at(at + 1).kind == Kind::Break;
            let text = tokens.text(token);
            (stands_apart && is_floor_code(text)).then(|| Found {
                from: at,
                to: at + 1,
                flat: Word::new(text),
                is_floor: true,
            })
        }
        Kind::Word if token.roles() == 0 => None,
        Kind::Word => {
            if token.is(UNIT)
                && let Some(found) = unit(tokens, at)
            {
                return Some(found);
            }
            floor(tokens, at).or_else(|| stands_alone(tokens, at))
        }
    }
}

/// `Flat 2`, `Apt. 2B`, `Flat No 02`, `Flat B`, `Flat 1F2`, `Flat 2/1`, `Studio Flat`, `Flat Ground Floor`.
fn unit(tokens: &mut Tokens, from: usize) -> Option<Found> {
    let mut at = from;
    let mut named = "";
    while tokens.at(at).is(UNIT) {
        if let Some(known) = tokens.at(at).known() {
            named = if known.code.is_empty() { named } else { known.code };
        }
        at += 1;
    }
    while tokens.at(at).is(NUMBER) || tokens.at(at).kind == Kind::Dash {
        at += 1;
    }
    if let Some((to, flat)) = designation(tokens, at) {
        return Some(Found { from, to, flat, is_floor: false });
    }
    if let Some(found) = floor(tokens, at) {
        return Some(Found { from, ..found });
    }
    let known = tokens.at(at).known();
    if let Some(known) = known.filter(|known| known.roles & (FLOOR | SIDE) != 0)
        && ends_phrase(tokens, at + 1)
    {
        let is_floor = known.roles & FLOOR != 0;
        let flat = joined(&[known.code, if is_floor { "F" } else { "" }]);
        return Some(Found { from, to: at + 1, flat, is_floor });
    }
    let counts = !named.is_empty() && (at > from + 1 || tokens.at(from).is(ALONE)) && ends_phrase(tokens, at);
    start_of_name(tokens, from).filter(|_| counts).map(|from| Found {
        from,
        to: at,
        flat: Word::new(named),
        is_floor: false,
    })
}

/// What follows "flat": its number, letter or code, and where it ends.
fn designation(tokens: &mut Tokens, at: usize) -> Option<(usize, Word)> {
    let token = tokens.at(at);
    let mut flat = Word::default();
    match token.kind {
        Kind::Number if token.is_range() => {
            push_number(&mut flat, token.first);
            let next = tokens.at(at + 1).kind;
            if next == Kind::Word && token.last > token.first {
                // "Flat 2-10 High Street": the street number is the second.
                tokens.set_number(at, token.last);
                return Some((at, flat));
            }
            flat.push('/');
            push_number(&mut flat, token.last);
            return Some((at + 1, flat));
        }
        Kind::Number => {
            push_number(&mut flat, token.first);
            if token.letter != 0 {
                flat.push(char::from(token.letter));
            }
            return Some(after_number(tokens, at, flat));
        }
        Kind::Slashed => {
            if let Some((first, last)) = two_numbers(tokens.text(token))
                && tokens.at(at + 1).kind == Kind::Word
                && !has_number_besides(tokens, at)
            {
                push_number(&mut flat, first);
                tokens.set_number(at, last);
                return Some((at, flat));
            }
            flat = plain_slashed(tokens.text(token));
        }
        Kind::Code => flat = Word::new(tokens.text(token).trim_start_matches('0')),
        Kind::Word if token.is(FLOOR_CODE) => flat = Word::new(token.known()?.code),
        Kind::Word if is_floor_code(tokens.text(token)) => flat = Word::new(tokens.text(token)),
        Kind::Word if tokens.text(token).len() == 1 => {
            flat = Word::new(tokens.text(token));
            // "Flat B 2, 10 High Street", but not "Flat B 153 High Street".
            let next = tokens.at(at + 1);
            if next.kind == Kind::Number
                && next.letter == 0
                && !next.is_range()
                && tokens.at(at + 2).kind == Kind::Break
                && has_number_besides(tokens, at + 1)
            {
                push_number(&mut flat, next.first);
                return Some((at + 2, flat));
            }
        }
        _ => return None,
    }
    Some((at + 1, flat))
}

/// A flat's number with a letter or side that stands apart from it: `2 B`, `1 Left`, `3 F 1`.
fn after_number(tokens: &Tokens, at: usize, mut flat: Word) -> (usize, Word) {
    let next = tokens.at(at + 1);
    if next.kind != Kind::Word || !ends_phrase(tokens, at + 2) {
        return (at + 1, flat);
    }
    let text = tokens.text(next);
    if next.is(SIDE) {
        flat.push_str(next.known().map_or("", |known| known.code));
    } else if text.len() == 1 {
        flat.push_str(text);
        let last = tokens.at(at + 2);
        if text == "F" && last.kind == Kind::Number && has_number_besides(tokens, at + 2) {
            push_number(&mut flat, last.first);
            return (at + 3, flat);
        }
    } else {
        return (at + 1, flat);
    }
    (at + 2, flat)
}

/// `Ground Floor Flat`, `1st Flr Left`, `Top Flat`, `Garden Flat`, `First Floor Flat 2`, `GFF`.
fn floor(tokens: &Tokens, from: usize) -> Option<Found> {
    let token = tokens.at(from);
    let known = token.known()?;
    let mut flat = Word::default();
    let mut at = from + 1;
    let mut is_floor = true;
    let next = tokens.at(at);
    if known.roles & FLOOR_CODE != 0 {
        let apart = tokens.before(from).kind != Kind::Word || next.kind == Kind::Break;
        if !apart {
            return None;
        }
        flat.push_str(known.code);
    } else if known.code.len() == 5 && next.known().is_some_and(|known| known.code == "G") {
        // Upper or lower ground floor.
        flat.push_str(&known.code[..1]);
        flat.push_str("GF");
        at += 1;
        if !tokens.at(at).is(STOREY | UNIT) {
            return None;
        }
        at += usize::from(tokens.at(at).is(STOREY));
    } else if known.roles & FLOOR != 0 && next.is(STOREY) {
        flat.push_str(known.code);
        flat.push('F');
        at += 1;
    } else if known.roles & (FLOOR | SIDE) != 0 && next.is(UNIT) {
        is_floor = known.roles & FLOOR != 0;
        flat.push_str(known.code);
        if is_floor {
            flat.push('F');
        }
    } else {
        return None;
    }
    let side = tokens.at(at);
    if side.is(SIDE) && (tokens.at(at + 1).is(UNIT) || ends_phrase(tokens, at + 1)) {
        flat = on_floor(&flat, side.known().map_or("", |known| known.code));
        at += 1;
    }
    while tokens.at(at).is(UNIT) {
        at += 1;
    }
    let number = tokens.at(at);
    if number.kind == Kind::Number
        && number.letter == 0
        && !number.is_range()
        && ends_phrase(tokens, at + 1)
        && has_number_besides(tokens, at)
    {
        push_number(&mut flat, number.first);
        at += 1;
    }
    Some(Found { from, to: at, flat, is_floor })
}

/// `Basement, 10 High Street`; `Upstairs`.
fn stands_alone(tokens: &Tokens, at: usize) -> Option<Found> {
    let known = tokens.at(at).known().filter(|known| known.roles & ALONE != 0)?;
    let from = start_of_name(tokens, at).filter(|_| ends_phrase(tokens, at + 1))?;
    let is_floor = known.roles & FLOOR != 0;
    Some(Found { from, to: at + 1, flat: joined(&[known.code, if is_floor { "F" } else { "" }]), is_floor })
}

/// `144 and a half`, which is written `144 1/2` too.
fn half(tokens: &Tokens, at: usize) -> Option<Found> {
    let mut half = at + 1;
    if tokens.at(half).is(JOINS) {
        half += 1;
    }
    if tokens.text(tokens.at(half)) == "A" {
        half += 1;
    }
    (half > at + 1 && tokens.text(tokens.at(half)) == "HALF").then(|| Found {
        from: at + 1,
        to: half + 1,
        flat: Word::new("1/2"),
        is_floor: false,
    })
}

/// `3 F 1` without "flat", and `1F` before the building's number.
fn storey_letter(tokens: &Tokens, at: usize) -> Option<Found> {
    let token = tokens.at(at);
    if token.is_range() || token.first > 20 || !has_number_besides(tokens, at) {
        return None;
    }
    let starts = tokens.before(at).kind == Kind::Break;
    let mut flat = Word::default();
    push_number(&mut flat, token.first);
    flat.push('F');
    let next = tokens.at(at + 1);
    if token.letter == b'F' {
        let apart = next.kind == Kind::Number || (starts && next.kind == Kind::Break);
        return apart.then(|| Found { from: at, to: at + 1, flat, is_floor: true });
    }
    let last = tokens.at(at + 2);
    let spaced = starts
        && token.letter == 0
        && tokens.text(next) == "F"
        && last.kind == Kind::Number
        && last.first < 10
        && tokens.at(at + 3).kind != Kind::Word;
    spaced.then(|| {
        push_number(&mut flat, last.first);
        Found { from: at, to: at + 3, flat, is_floor: true }
    })
}

/// Numbers and codes with a slash between them and no "flat" before. With another number in the
/// address they are the flat (`2/1 55 Dumbarton Road`). Without one:
///
/// | as typed | read as | because |
/// |---|---|---|
/// | `12/1F2`, `1F2/12` | flat 1F2, number 12 | only one can be a house |
/// | `12/14` | range 12 to 14 | next door on one side of the street |
/// | `2/10` | flat 2, number 10 | the English order |
/// | `12/3`, `2/2` | flat 3, number 12 | the Edinburgh order: a flat's number is seldom the larger |
/// | `A/10`, `10/A` | flat A, number 10 | |
fn slashed(tokens: &mut Tokens, at: usize) -> Option<Found> {
    let token = tokens.at(at);
    let text = plain_slashed(tokens.text(token));
    let (first, last) = text.split_once('/')?;
    if text.as_str() == "C/O" || text.len() > 12 {
        return None;
    }
    let taken = |flat: Word| Found { from: at, to: at + 1, flat, is_floor: false };
    let kept = |flat: &str| Found { from: at, to: at, flat: Word::new(flat), is_floor: false };
    if let (Some(number), true) = (number_in(first), is_floor_code(last)) {
        tokens.set_number(at, number);
        return Some(kept(last));
    }
    if let (true, Some(number)) = (is_floor_code(first), number_in(last)) {
        tokens.set_number(at, number);
        return Some(kept(first));
    }
    if has_number_besides(tokens, at) {
        return Some(taken(text));
    }
    match (number_in(first), number_in(last)) {
        (Some(0), Some(_)) => Some(taken(text)),
        (Some(a), Some(b)) if a.checked_add(2) == Some(b) => {
            tokens.set_range(at, a, b);
            None
        }
        (Some(a), Some(b)) if a < b => {
            tokens.set_number(at, b);
            Some(kept(first))
        }
        (Some(number), _) if !last.is_empty() => {
            tokens.set_number(at, number);
            Some(kept(last))
        }
        (None, Some(number)) => {
            tokens.set_number(at, number);
            Some(kept(first))
        }
        (None, None) if first.bytes().any(|byte| byte.is_ascii_digit()) => Some(taken(text)),
        _ => None,
    }
}

/// A slashed code without leading zeros in its parts; Glasgow's `G/1` is the same as `0/1`.
fn plain_slashed(text: &str) -> Word {
    let mut plain = Word::default();
    for (at, part) in text.split('/').enumerate() {
        if at > 0 {
            plain.push('/');
        }
        let short = part.trim_start_matches('0');
        let part = match short.as_bytes() {
            [] if !part.is_empty() => "0",
            [b'G'] if at == 0 => "0",
            [byte, ..] if byte.is_ascii_digit() => short,
            _ => part,
        };
        plain.push_str(part);
    }
    plain
}

fn two_numbers(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('/')?;
    Some((number_in(first)?, number_in(last)?)).filter(|(first, _)| *first > 0)
}

fn number_in(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// `1F2`, `GF1`, `PF`, `BF1`, `TFL`, `LGF`: a floor, then a number or side.
fn is_floor_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let rest = match bytes {
        [b'L' | b'U', b'G', b'F', rest @ ..] => rest,
        [b'G' | b'P' | b'B' | b'T' | b'0'..=b'9', b'F', rest @ ..] => rest,
        [b'1'..=b'2', b'0'..=b'9', b'F', rest @ ..] => rest,
        _ => return false,
    };
    matches!(rest, [] | [b'0'..=b'9' | b'L' | b'R' | b'M'] | [b'0'..=b'9', b'0'..=b'9'])
}

/// Whether a phrase can end before this place: a break or the building's number comes.
fn ends_phrase(tokens: &Tokens, at: usize) -> bool {
    !matches!(tokens.at(at).kind, Kind::Word | Kind::Dash)
}

/// Where the name of the dwelling at this place begins: at a "the" before it, if there is one. `None` if it
/// is part of another name.
fn start_of_name(tokens: &Tokens, at: usize) -> Option<usize> {
    if tokens.before(at).kind != Kind::Word {
        return Some(at);
    }
    let is_article = tokens.text(tokens.before(at)) == "THE";
    (is_article && tokens.before(at - 1).kind != Kind::Word).then_some(at - 1)
}

/// Whether the address has another number that does not belong to a flat.
fn has_number_besides(tokens: &Tokens, at: usize) -> bool {
    (0..tokens.len())
        .any(|other| other != at && tokens.at(other).kind == Kind::Number && !tokens.before(other).is(UNIT | NUMBER))
}

pub(super) fn push_number(word: &mut Word, number: u16) {
    let mut digits = [0; 5];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        // A remainder of division by ten is one digit.
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    for digit in &digits[start..] {
        word.push(char::from(*digit));
    }
}

/// Whether this token can be the letter after a house number: `10 B`.
pub(super) fn is_house_letter(tokens: &Tokens, token: Token) -> bool {
    // Others are points of the compass or Welsh words (Y, O, I).
    token.kind == Kind::Word && matches!(tokens.text(token).as_bytes(), [b'A'..=b'H' | b'J'..=b'M'])
}

/// A number as a flat: `2`, `2B`, `2/1`.
pub(super) fn flat_of(token: Token) -> Word {
    let mut flat = Word::default();
    push_number(&mut flat, token.first);
    if token.is_range() {
        flat.push('/');
        push_number(&mut flat, token.last);
    } else if token.letter != 0 {
        flat.push(char::from(token.letter));
    }
    flat
}

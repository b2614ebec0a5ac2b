//! Writes the name that tokens make, with its abbreviations written out.

use super::flat::flat_of;
use super::token::{Kind, Span, Tokens};
use super::words::{self, COMPASS, COURT, GREEN, Roles, SHORT_FIRST, SHORT_LAST, STREET};
use crate::text::{Phrase, Word};

/// How many letters a [`Phrase`] holds.
const LONGEST_NAME: usize = 40;

/// Whether a name stands for a street, which decides what ST in its middle means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Street,
    Other,
}

/// A name with its abbreviations written out, one space between words.
pub(super) fn written(tokens: &Tokens, (from, to): Span, role: Role) -> Phrase {
    let mut phrase = Phrase::default();
    for at in from..to {
        let token = tokens.at(at);
        let fits = match token.kind {
            Kind::Word if token.known().is_none() => push_word(&mut phrase, tokens.text(token)),
            Kind::Word => push_word(&mut phrase, meaning(tokens, (from, to), at, role)),
            // The first of a range is enough here: the text would not be read as a range again.
            Kind::Number => push_word(&mut phrase, &flat_of(token.single())),
            Kind::Code => push_word(&mut phrase, tokens.text(token)),
            Kind::Slashed => {
                let mut parts = tokens.text(token).split('/').filter(|part| !part.is_empty());
                parts.all(|part| push_word(&mut phrase, part))
            }
            Kind::Break | Kind::Dash => true,
        };
        if !fits {
            break;
        }
    }
    phrase
}

/// Appends a word if all of it fits, so that a name is only ever cut off between words.
pub(super) fn push_word(phrase: &mut Phrase, word: &str) -> bool {
    let space = usize::from(!phrase.is_empty());
    if phrase.len() + space + word.len() > LONGEST_NAME {
        return false;
    }
    if space == 1 {
        phrase.push(' ');
    }
    phrase.push_str(word);
    true
}

/// A known word, written out if it is an abbreviation here.
fn meaning(tokens: &Tokens, span: Span, at: usize, role: Role) -> &str {
    let token = tokens.at(at);
    let text = tokens.text(token);
    if text == "ST" {
        return saint_or_street(tokens, span, at, role);
    }
    match token.known() {
        Some(known) if is_meant(tokens, span, at, known.roles) => known.full,
        _ => text,
    }
}

/// Whether an abbreviation has its full meaning at this place of a name.
fn is_meant(tokens: &Tokens, (from, to): Span, at: usize, roles: Roles) -> bool {
    if roles & (SHORT_FIRST | SHORT_LAST) == 0 {
        return to - from > 1 || roles & (STREET | GREEN) == 0;
    }
    let is_first = at == from && to > from + 1;
    let is_last = at > from && (at + 1 == to || (at + 2 == to && tokens.at(at + 1).is(COMPASS)));
    if roles & COMPASS != 0 && is_last && !is_first {
        return at + 1 == to && tokens.before(at).is(STREET | GREEN);
    }
    (roles & SHORT_FIRST != 0 && is_first) || (roles & SHORT_LAST != 0 && is_last)
}

/// ST: a saint before a name, a street after one. In the middle of a line (`10 Church St Leeds`) it is
/// a street unless a street's ending comes later or GREAT, LITTLE and the like go before.
fn saint_or_street(tokens: &Tokens, (from, to): Span, at: usize, role: Role) -> &'static str {
    let is_last = at + 1 == to || (at + 2 == to && tokens.at(at + 1).is(COMPASS));
    if at == from {
        return if to == from + 1 { "ST" } else { "SAINT" };
    }
    if is_last {
        return "STREET";
    }
    let qualified =
        matches!(tokens.text(tokens.at(at - 1)), "GREAT" | "GT" | "LITTLE" | "UPPER" | "UPR" | "LOWER" | "LWR");
    let ends_later = (at + 1..to).any(|later| tokens.at(later).is(STREET | GREEN | COURT));
    if role == Role::Other || qualified || ends_later { "SAINT" } else { "STREET" }
}

/// Drops the town at the end of a street's line.
pub(super) fn drop_town(street: &mut Phrase, town: &Phrase) {
    // Most streets end in another letter.
    if street.as_bytes().last() != town.as_bytes().last() {
        return;
    }
    let Some(rest) = street.strip_suffix(town.as_str()).and_then(|rest| rest.strip_suffix(' ')) else { return };
    let last = rest.rsplit(' ').next().unwrap_or_default();
    let is_street = words::find(&Word::new(last)).is_some_and(|known| known.roles & STREET != 0);
    if is_street && rest.len() > last.len() {
        *street = Phrase::new(rest);
    }
}

/// A town's name as [`written`] gives it.
pub(super) fn town(text: &str) -> Phrase {
    let tokens = Tokens::read(&[text]);
    let to = (0..tokens.len()).find(|at| tokens.at(*at).kind == Kind::Break);
    written(&tokens, (0, to.unwrap_or(tokens.len())), Role::Other)
}

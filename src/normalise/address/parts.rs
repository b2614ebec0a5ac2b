//! Reads what is left of an address without the flat: building, number, street, locality, town.

use arrayvec::ArrayVec;

use super::counties::is_county_or_country;
use super::flat::{flat_of, is_house_letter, joined, push_number};
use super::token::{Kind, Span, Token, Tokens};
use super::words::{BLOCK, COMPASS, COURT, GREEN, LEADING, NUMBER, Roles, STREET};
use super::written::{Role, drop_town, written};
use crate::normalise::postcode::{Postcode, postcode};
use crate::normalise::{Address, HouseNumber, Reading};
use crate::text::{Phrase, Word};

/// A few names in order; an address seldom has more than five.
type Spans = ArrayVec<Span, 8>;

/// The names and numbers of an address in order, before it is known which name is which.
#[derive(Default)]
struct Parts {
    flat: Word,
    town: Phrase,
    number: Option<HouseNumber>,
    /// The letter after the number.
    letter: u8,
    /// The name right after the number.
    street: Option<Span>,
    /// Names before a number.
    before: Spans,
    /// Names after the street.
    after: Spans,
}

/// Removes a post office box, because nobody lives in one.
pub(super) fn drop_post_box(tokens: &mut Tokens) {
    for at in 1..tokens.len() {
        if tokens.at(at).length() != 3 || tokens.text(tokens.at(at)) != "BOX" {
            continue;
        }
        let from = match (tokens.text(tokens.before(at)), tokens.text(tokens.before(at - 1))) {
            ("PO", _) => at - 1,
            ("O", "P") => at - 2,
            _ => continue,
        };
        let has_number = matches!(tokens.at(at + 1).kind, Kind::Number | Kind::Code);
        tokens.take(from, at + 1 + usize::from(has_number));
    }
}

/// Puts an address together from its flat, its town and the other tokens.
pub(super) fn assemble(tokens: &Tokens, flat: Word, town: Phrase) -> Address {
    let mut parts = Parts { flat, town, ..Parts::default() };
    let mut from = 0;
    while from < tokens.len() {
        let mut to = from;
        while tokens.at(to).kind != Kind::Break {
            to += 1;
        }
        if to > from + 1 && is_odd_number(tokens, from) {
            parts.read(tokens, (from, from + 1));
            from += 1;
        }
        if to > from {
            parts.read(tokens, (from, to));
        }
        from = to + 1;
    }
    parts.finish(tokens)
}

impl Parts {
    /// Reads the tokens between two breaks.
    fn read(&mut self, tokens: &Tokens, span: Span) {
        let (mut from, to) = without_postcode(tokens, span);
        if from == to {
            return;
        }
        if tokens.at(from).is(NUMBER) && tokens.at(from + 1).kind == Kind::Number {
            from += 1;
        }
        if tokens.at(from).kind == Kind::Number {
            self.read_number(tokens, (from, to));
        } else if !is_to_be_dropped(tokens, (from, to), &self.town) {
            self.read_name(tokens, (from, to));
        }
    }

    /// A number and the name after it, if any.
    fn read_number(&mut self, tokens: &Tokens, (from, to): Span) {
        let token = tokens.at(from);
        let mut at = from + 1;
        if at == to && self.number.is_some() && self.street.is_some() {
            // A number by itself after a numbered street is ambiguous.
            return;
        }
        let second = tokens.at(at);
        if at < to && second.kind == Kind::Number {
            // "2 10 High Street": the first is the flat.
            if self.flat.is_empty() {
                self.flat = flat_of(token);
            }
            return self.read_number(tokens, (at, to));
        }
        let mut letter = token.letter;
        if letter == 0 && at < to && is_house_letter(tokens, second) {
            letter = tokens.text(second).as_bytes()[0];
            at += 1;
        }
        if let Some(inner) = inner_number(tokens, (at, to)).filter(|inner| inner + 1 < to) {
            // "4 Harbour House 12 Quay Street".
            self.set_flat(house_number(token), letter);
            self.before.push_name((at, inner));
            return self.read_number(tokens, (inner, to));
        }
        if self.number.is_some() {
            let Some(street) = self.street else {
                // "2" on one line, "10 High Street" on the next.
                self.number_to_flat();
                return self.set_number(token, letter, (at, to));
            };
            if is_numbered_building(tokens, street) || is_street(tokens, (at, to)) {
                // "4 Oak Court" on one line, "12 High Street" on the next.
                self.number_to_flat();
                self.before.push_name(street);
                self.street = None;
                return self.set_number(token, letter, (at, to));
            }
            if !is_to_be_dropped(tokens, (at, to), &self.town) {
                self.after.push_name((at, to));
            }
            return;
        }
        if at < to && self.flat.is_empty() && tokens.at(to - 1).is(BLOCK) {
            // "4 Harbour House": a number of a dwelling in it.
            self.set_flat(house_number(token), letter);
            return self.before.push_name((at, to));
        }
        if at == to && self.before.last().is_some_and(|name| is_street(tokens, *name)) {
            // "High Street, 10".
            self.street = self.before.pop();
        }
        self.set_number(token, letter, (at, to));
    }

    fn set_number(&mut self, token: Token, letter: u8, street: Span) {
        self.number = Some(house_number(token));
        self.letter = if token.is_range() { 0 } else { letter };
        if street.0 < street.1 {
            self.street = Some(street);
        }
    }

    fn number_to_flat(&mut self) {
        if let Some(number) = self.number.take() {
            let letter = std::mem::take(&mut self.letter);
            self.set_flat(number, letter);
        }
    }

    fn set_flat(&mut self, number: HouseNumber, letter: u8) {
        if self.flat.is_empty() {
            push_number(&mut self.flat, number.first);
            if letter != 0 {
                self.flat.push(char::from(letter));
            }
        }
    }

    /// A name, perhaps with a number in it or at its end.
    fn read_name(&mut self, tokens: &Tokens, (from, to): Span) {
        let is_free = self.number.is_none() && self.street.is_none();
        if let Some(inner) = inner_number(tokens, (from, to)) {
            if self.number.is_some() && self.street.is_none() && is_street(tokens, (from, inner)) {
                // "2" on one line, "High Street 10" on the next.
                self.number_to_flat();
                return self.read_name(tokens, (from, to));
            }
            if is_free && inner + 1 < to {
                self.before.push_name((from, inner));
                return self.read_number(tokens, (inner, to));
            }
            if is_free && inner + 1 == to {
                let number = tokens.at(inner);
                if self.flat.is_empty() && tokens.at(inner - 1).is(BLOCK) {
                    self.set_flat(house_number(number), number.letter);
                    return self.before.push_name((from, inner));
                }
                return self.set_number(number, number.letter, (from, inner));
            }
        }
        let is_block = self.flat.is_empty() && tokens.at(to - 1).is(BLOCK);
        if is_free {
            self.before.push_name((from, to));
        } else if self.street.is_none() && is_block {
            // "4" on one line, "Harbour House" on the next.
            self.number_to_flat();
            self.before.push_name((from, to));
        } else if self.street.is_none() {
            self.street = Some((from, to));
        } else {
            self.after.push_name((from, to));
        }
    }

    /// Decides which name is which.
    fn finish(mut self, tokens: &Tokens) -> Address {
        if let (Some(street), Some(next), true) = (self.street, self.after.first().copied(), self.flat.is_empty()) {
            // "4 Oak Court, High Street": the street is the second.
            if self.number.is_some() && is_numbered_building(tokens, street) && is_street(tokens, next) {
                self.number_to_flat();
                self.before.push_name(street);
                self.street = Some(next);
                self.after.remove(0);
            }
        }
        let mut building = self.before.last().copied();
        if self.street.is_none() && self.number.is_none() {
            building = self.name_without_number(tokens);
        }
        building = building.filter(|name| !is_to_be_dropped(tokens, *name, &self.town));
        if self.letter != 0 {
            let letter = [self.letter];
            let letter = str::from_utf8(&letter).unwrap_or_default();
            if self.flat.is_empty() {
                self.flat = Word::new(letter);
            } else if &*self.flat != letter {
                self.flat = joined(&[letter, "/", &self.flat]);
            }
        }
        let written = |span: Option<Span>, role| span.map_or(Phrase::default(), |span| written(tokens, span, role));
        let mut street = written(self.street, Role::Street);
        drop_town(&mut street, &self.town);
        let mut after = self.after.iter().copied();
        let locality = written(after.next(), Role::Other);
        let mut town = self.town;
        if town.is_empty() {
            town = written(after.next_back(), Role::Other);
        }
        Address {
            flat: self.flat,
            number: self.number,
            building: written(building, Role::Other),
            street,
            locality,
            town,
        }
    }

    /// Finds building, street and locality among names without a number.
    fn name_without_number(&mut self, tokens: &Tokens) -> Option<Span> {
        let names = std::mem::take(&mut self.before);
        let find = |is: fn(&Tokens, Span) -> bool| names.iter().position(|span| is(tokens, *span));
        let street = find(is_street).or_else(|| find(is_like_street));
        let rest = street.map_or(1, |street| street + 1).min(names.len());
        let mut after: Spans = names[rest..].iter().copied().collect();
        for span in &self.after {
            after.push_name(*span);
        }
        self.after = after;
        let Some(street) = street else {
            let building = names.first().copied();
            if self.after.is_empty()
                && let Some(name) = building.filter(|name| tokens.at(name.1 - 1).is(COURT))
            {
                return self.court_as_street(name);
            }
            return building;
        };
        self.street = Some(names[street]);
        street.checked_sub(1).map(|before| names[before])
    }

    /// "Flat 4 Oak Court" and nothing else is what others call "4 Oak Court".
    fn court_as_street(&mut self, name: Span) -> Option<Span> {
        let digits = self.flat.bytes().take_while(u8::is_ascii_digit).count();
        let (number, letter) = self.flat.split_at(digits);
        let letter = match letter.as_bytes() {
            [] => 0,
            [letter] if letter.is_ascii_uppercase() => *letter,
            _ => return Some(name),
        };
        let Ok(first) = number.parse() else {
            return Some(name);
        };
        self.number = Some(HouseNumber { first, last: first });
        self.letter = letter;
        self.flat.clear();
        self.street = Some(name);
        None
    }
}

trait PushName {
    fn push_name(&mut self, span: Span);
}

impl PushName for Spans {
    /// Appends a name; names beyond the eighth are dropped.
    fn push_name(&mut self, span: Span) {
        if span.0 < span.1 {
            let _full = self.try_push(span);
        }
    }
}

/// The number of a house or of a row of them. `112-4` means 112 to 114.
fn house_number(token: Token) -> HouseNumber {
    let (first, last) = (token.first, token.last);
    if last >= first {
        return HouseNumber { first, last };
    }
    let unit = 10u16.saturating_pow(last.checked_ilog10().unwrap_or(0) + 1);
    match (first - first % unit).checked_add(last) {
        Some(last) if last > first => HouseNumber { first, last },
        _ => HouseNumber { first: last, last: first },
    }
}

/// Whether a number is too large or too odd for a house, so that it names the building. `11TH` is not.
fn is_odd_number(tokens: &Tokens, at: usize) -> bool {
    let token = tokens.at(at);
    let text = tokens.text(token).as_bytes();
    token.kind == Kind::Code
        && text.first().is_some_and(u8::is_ascii_digit)
        && !matches!(text, [.., b'T', b'H'] | [.., b'S', b'T'] | [.., b'N' | b'R', b'D'])
}

fn inner_number(tokens: &Tokens, (from, to): Span) -> Option<usize> {
    (from + 1..to).find(|at| tokens.at(*at).kind == Kind::Number)
}

/// A line without the postcode at its end.
fn without_postcode(tokens: &Tokens, (from, to): Span) -> Span {
    let last = tokens.before(to);
    if last.kind != Kind::Code || last.length() < 3 {
        return (from, to);
    }
    let start = if last.length() == 3 { to.saturating_sub(2).max(from) } else { to - 1 };
    let outward = if start + 1 < to { tokens.text(tokens.at(start)) } else { "" };
    let code = joined(&[outward, tokens.text(last)]);
    match postcode(&code) {
        Reading::Known(Postcode::British(_)) => (from, start),
        _ => (from, to),
    }
}

/// Whether a line says nothing about where the home is: care of somebody, the town again, a county or a
/// country.
fn is_to_be_dropped(tokens: &Tokens, (from, to): Span, town: &Phrase) -> bool {
    if from == to {
        return true;
    }
    let first = tokens.text(tokens.at(from));
    let second = tokens.text(tokens.at(from + 1));
    if first == "C/O" || (first == "CARE" && second == "OF") || (to == from + 1 && first == "THE") {
        return true;
    }
    if tokens.before(to).is(STREET | BLOCK | COURT) {
        return false;
    }
    let name = written(tokens, (from, to), Role::Other);
    name == *town || is_county_or_country(&name)
}

/// Whether a name is certainly a street's.
fn is_street(tokens: &Tokens, span: Span) -> bool {
    span.0 < span.1 && (ends_in(tokens, span, STREET) || tokens.at(span.0).is(LEADING))
}

/// Whether a name may be a street's, but also a locality's.
fn is_like_street(tokens: &Tokens, span: Span) -> bool {
    ends_in(tokens, span, GREEN)
}

/// Whether dwellings in a building of this name can be numbered like houses in a street.
fn is_numbered_building(tokens: &Tokens, (_, to): Span) -> bool {
    tokens.before(to).is(BLOCK | COURT)
}

/// Whether the last word, or the one before a point of the compass, has the role.
fn ends_in(tokens: &Tokens, (from, to): Span, role: Roles) -> bool {
    let last = tokens.before(to);
    last.is(role) || (last.is(COMPASS) && to > from + 1 && tokens.at(to - 2).is(role))
}

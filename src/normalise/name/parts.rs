//! Puts the words of one person together into a [`Name`].

use super::super::frequency::{FAMILY_NAME_FLOOR, family_name_rate};
use super::lexicon::{Meaning, meaning};
use super::token::Token;
use super::{Generation, Name, Tokens, is_given};
use crate::text::Word;

/// The words of one person.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) given: &'a [Token],
    pub(super) family: &'a [Token],
    /// Senior or junior, if it stands after the whole name.
    generation: Option<Generation>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(given: &'a [Token], family: &'a [Token]) -> Self {
        Parts { given, family, generation: None }
    }

    /// Parts `First Middle Last` and `LAST, First Middle`.
    pub(super) fn split(mut words: &'a [Token]) -> Self {
        let mut generation = None;
        while let [before @ .., last] = words
            && !before.is_empty()
            && !last.hyphen
        {
            let needed = if last.meaning == Meaning::Senior && &*last.word == "SENIOR" { 2 } else { 1 };
            match generation_of(last) {
                Some(found) if before.len() >= needed => generation = Some(found),
                None if last.meaning == Meaning::Honour => {}
                _ => break,
            }
            words = before;
        }
        let comma = words.iter().skip(1).position(|token| token.comma).map(|place| place + 1);
        if let Some(comma) = comma {
            return Parts { given: &words[comma..], family: &words[..comma], generation };
        }
        while let [first, second, ..] = words
            && is_title(first)
            && !second.hyphen
        {
            words = &words[1..];
        }
        if let Some(initials) = initials_start(words) {
            return Parts { given: &words[initials..], family: &words[..initials], generation };
        }
        let start = family_start(words);
        Parts { given: &words[..start], family: &words[start..], generation }
    }

    /// The name, with further given names and former surnames if there is room.
    pub(super) fn name<'b>(
        &self,
        further_given: impl Iterator<Item = &'b Token>,
        further_family: impl Iterator<Item = &'b Token>,
    ) -> Name {
        let mut name = Name { generation: self.generation, ..Name::default() };
        let mut given = Tokens::new();
        for token in self.given {
            let _full = given.try_push(*token);
        }
        for token in further_given {
            let _full = given.try_push(*token);
        }
        let mut family = Tokens::new();
        for token in self.family {
            let _full = family.try_push(*token);
        }
        for token in further_family {
            if !family.iter().any(|part| part.word == token.word) {
                let _full = family.try_push(Token { hyphen: !family.is_empty(), ..*token });
            }
        }
        fill_given(&mut name, &given);
        fill_family(&mut name, &family);
        name
    }
}

/// Where the initials behind a surname begin (`Yelland N A`), if there are any: no surname is one letter
/// long. Behind a word better known as a forename, a letter may be what is left of the surname.
fn initials_start(words: &[Token]) -> Option<usize> {
    let start = words.iter().rposition(|token| token.word.len() > 1 || token.apostrophe)? + 1;
    let stands_alone = words.get(start).is_some_and(|initial| !initial.hyphen);
    (stands_alone && !words[..start].iter().any(is_given)).then_some(start)
}

/// Where the surname begins in a name that is in its natural order.
fn family_start(words: &[Token]) -> usize {
    let Some(mut start) = words.len().checked_sub(1) else {
        return 0;
    };
    loop {
        if start == 0 {
            return 0;
        }
        let (before, first) = (&words[start - 1], &words[start]);
        let leads = first.hyphen
            || match before.meaning {
                Meaning::Particle => true,
                Meaning::ParticleOrName => start > 1,
                _ if before.word.len() > 1 => false,
                _ => before.apostrophe || is_o_of(before, first),
            };
        if !leads {
            return start;
        }
        start -= 1;
    }
}

/// Whether `O` is not an initial but the particle of a name that is known with it (`O Brien`).
fn is_o_of(o: &Token, word: &Token) -> bool {
    &*o.word == "O" && family_name_rate(&joined(&o.word, &word.word)) > FAMILY_NAME_FLOOR
}

fn joined(first: &Word, second: &Word) -> Word {
    let mut joined = *first;
    joined.push_str(second);
    joined
}

fn is_title(token: &Token) -> bool {
    matches!(token.meaning, Meaning::Title | Meaning::SisterOrSenior)
}

fn generation_of(token: &Token) -> Option<Generation> {
    match token.meaning {
        Meaning::Junior => Some(Generation::Junior),
        Meaning::Senior | Meaning::SisterOrSenior => Some(Generation::Senior),
        _ => None,
    }
}

fn fill_given(name: &mut Name, mut words: &[Token]) {
    while let [first, _, ..] = words
        && is_title(first)
    {
        words = &words[1..];
    }
    for (place, token) in words.iter().enumerate() {
        if place > 0 {
            if let Some(generation) = generation_of(token) {
                name.generation = Some(generation);
                continue;
            }
            if matches!(
                token.meaning,
                Meaning::Honour | Meaning::Formerly | Meaning::Alias | Meaning::Known | Meaning::As
            ) {
                continue;
            }
        }
        let _full = name.given.try_push(token.word);
    }
}

fn fill_family(name: &mut Name, mut words: &[Token]) {
    while let [first, second, ..] = words
        && is_title(first)
        && !second.hyphen
    {
        words = &words[1..];
    }
    let mut kept = Tokens::new();
    for (place, token) in words.iter().enumerate() {
        if place > 0 && !token.hyphen {
            if let Some(generation) = generation_of(token) {
                name.generation = Some(generation);
                continue;
            }
            if token.meaning == Meaning::Honour {
                continue;
            }
        }
        let _full = kept.try_push(*token);
    }
    let mut next = 0;
    while let Some(first) = kept.get(next) {
        let (mut part, mut whole) = (first.word, first.word);
        let mut leading = leads(&part, first.apostrophe);
        name.origin.particle |= first.apostrophe || shows_particle(&part, first.inner_capital);
        next += 1;
        let mut after = next;
        while leading && let Some(second) = kept.get(after) {
            whole.push_str(&second.word);
            after += 1;
            // Either the last word decides (`van der Berg`) or the word made so far (`De R Smith`).
            leading = leads(&second.word, second.apostrophe) || leads(&whole, false);
            // Make no word that would be dropped if it were read again.
            if matches!(
                meaning(&whole),
                Meaning::Plain | Meaning::Particle | Meaning::ParticleOrName | Meaning::PerhapsAnOrganisation
            ) {
                part = whole;
                next = after;
                name.origin.particle = true;
            }
        }
        let _full = name.family.try_push(part);
    }
}

/// Whether a word is joined with the one after it.
fn leads(part: &Word, apostrophe: bool) -> bool {
    &**part == "O"
        || matches!(meaning(part), Meaning::Particle | Meaning::ParticleOrName)
        || (apostrophe && part.len() == 1)
}

/// Whether a surname written as one word contains a particle: `McDonald` always, `MacDonald` by its second
/// capital (`Mackie` and `MACEY` have none).
pub(super) fn shows_particle(word: &str, inner_capital: bool) -> bool {
    word.len() > 3 && (word.starts_with("MC") || inner_capital && word.starts_with("MAC"))
}

//! Reads the name fields of a row into the people they name, in one spelling.
//!
//! A field may hold more or less than its heading says: titles, letters after the name, a former surname, two
//! people in one, a company, or words that stand for nobody. `token` makes words of letters, `lexicon` says
//! what a word may mean, `parts` puts a name together from its words, and this module decides which words
//! belong to whom.

mod lexicon;
mod parts;
#[cfg(test)]
mod tests;
mod token;

use arrayvec::ArrayVec;

use super::frequency::{FAMILY_NAME_FLOOR, GIVEN_NAME_FLOOR, family_name_rate, given_name_rate};
use super::missing::is_missing_name;
use super::{Generation, Name};
use crate::text::Word;
use lexicon::{Meaning, meaning};
use parts::Parts;
use token::Token;

/// The name fields of one row, as typed. Fields a file does not have are empty.
#[derive(Clone, Copy, Default)]
pub struct NameFields<'a> {
    /// Mr, Mrs, Dr; perhaps `Mr & Mrs`.
    pub title: &'a str,
    /// The first name, perhaps with all others.
    pub forename: &'a str,
    /// All names between the first and the surname.
    pub middle_names: &'a str,
    /// The surname.
    pub surname: &'a str,
    /// The whole name in one field; read if forename or surname is empty.
    pub full_name: &'a str,
}

impl std::fmt::Debug for NameFields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameFields([withheld])")
    }
}

/// The people that the name fields of one row name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Each of them; empty if the fields are empty or name nobody (`The Occupier`, a company).
    pub people: ArrayVec<Name, { Named::MOST }>,
    /// Whether the fields say that there are two people, even if they name only one (`Mr & Mrs A`).
    pub couple: bool,
}

/// Reads the name fields of one row.
///
/// ```
/// use flagmatch::normalise::name::{read, NameFields};
/// let named = read(&NameFields { full_name: "Mr & Mrs J. O’Brien", ..Default::default() });
/// assert!(named.couple);
/// assert_eq!(&*named.people[0].given[0], "J");
/// assert_eq!(&*named.people[0].family[0], "OBRIEN");
/// ```
pub fn read(fields: &NameFields<'_>) -> Named {
    let mut named = Named::default();
    named.read(fields);
    named
}

impl Named {
    /// How many people the name fields of one row may name.
    pub(crate) const MOST: usize = 3;

    /// Names nobody.
    pub(crate) fn clear(&mut self) {
        self.people.clear();
        self.couple = false;
    }

    /// Reads the name fields of one row, in place of what was here. Copying words that were just written would make
    /// the processor wait.
    pub(crate) fn read(&mut self, fields: &NameFields<'_>) {
        self.clear();
        self.people.push(Name::default());
        if !read_plain(fields, &mut self.people[0]) {
            *self = read_any(fields);
        }
    }
}

/// Reads the commonest shapes, plain words with spaces between them, without looking at each word's
/// neighbours. Gives whether the fields had such a shape; if not, `name` is of no use.
fn read_plain(fields: &NameFields<'_>, name: &mut Name) -> bool {
    let Name { given, family, origin, .. } = name;
    if names_a_couple(fields.title) {
        return false;
    }
    let (surname, typed) = if fields.surname.is_empty() {
        let apart_is_empty = fields.forename.is_empty() && fields.middle_names.is_empty();
        if !apart_is_empty || !push_plain_words(fields.full_name, given) || given.len() < 2 {
            return false;
        }
        // A letter at the end is an initial behind a surname.
        (given.pop().filter(|last| last.len() > 1), fields.full_name)
    } else {
        if !push_plain_words(fields.forename, given)
            || given.is_empty()
            || !push_plain_words(fields.middle_names, given)
        {
            return false;
        }
        let plain = plain_word(fields.surname.as_bytes()).filter(|(_, meaning)| *meaning == Meaning::Plain);
        (plain.map(|(word, _)| word), fields.surname)
    };
    let Some(surname) = surname else {
        return false;
    };
    if surname.starts_with("MC") || surname.starts_with("MAC") {
        let as_typed = typed.split(' ').find(|word| word.eq_ignore_ascii_case(&surname)).unwrap_or_default();
        origin.particle = parts::shows_particle(&surname, has_inner_capital(as_typed));
    }
    family.push(surname);
    true
}

/// Appends the words of a text, except those that are never names. Gives whether each of the others can only
/// be a name, and there is room for it.
#[inline]
fn push_plain_words(text: &str, words: &mut ArrayVec<Word, 4>) -> bool {
    if text.is_empty() {
        return true;
    }
    for word in text.as_bytes().split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        match plain_word(word) {
            Some((_, Meaning::Dropped)) => {}
            // An `O` may be a particle.
            Some((word, Meaning::Plain)) if word.as_bytes() != b"O" => {
                if words.try_push(word).is_err() {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

fn has_inner_capital(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

#[inline]
fn plain_word(text: &[u8]) -> Option<(Word, Meaning)> {
    let word = Word::of_letters(text).filter(|word| !word.is_empty())?;
    Some((word, meaning(&word)))
}

/// Whether a title stands for two people.
fn names_a_couple(title: &str) -> bool {
    title.len() > 4
        && (title.bytes().any(|byte| byte == b'&' || byte == b'+')
            || title.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("and")))
}

/// Which field words come from, if that decides what a further name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Given,
    Surname,
}

type Tokens = ArrayVec<Token, 16>;

/// Room for more further names than a person can have.
type FurtherTokens = ArrayVec<Token, 4>;

/// The words of one or more fields that are names.
#[derive(Default)]
struct Words {
    /// The name itself.
    main: Tokens,
    /// Names in brackets, and after "known as".
    further_given: FurtherTokens,
    /// Former surnames.
    further_family: FurtherTokens,
    /// Whether the text joins two people.
    couple: bool,
    /// Whether a letter outside A to Z was folded.
    folded: bool,
    /// Whether the text is the name of an organisation or an estate.
    nobody: bool,
}

impl Words {
    fn read(texts: &[&str], source: Source) -> Self {
        let mut words = Words::default();
        let mut tokens = Tokens::new();
        let (mut joint, mut comma, mut of) = (false, false, false);
        for text in texts.iter().map(|text| text.trim()) {
            if is_missing_name(text) {
                continue;
            }
            words.nobody |= text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("c/o"));
            words.couple |= text.bytes().any(|byte| byte == b'&' || byte == b'+');
            words.folded |= token::words(text, |mut token| {
                joint |= token.joint && !token.bracketed;
                comma |= token.comma;
                match token.meaning {
                    Meaning::Dropped => {}
                    Meaning::Of => of = true,
                    Meaning::And => {
                        joint = true;
                        words.couple = true;
                    }
                    Meaning::NeverAPerson => words.nobody = true,
                    _ => {
                        (token.joint, token.comma) = (joint, comma);
                        (joint, comma) = (false, false);
                        let _full = tokens.try_push(token);
                    }
                }
            });
        }
        words.nobody |= of && tokens.iter().any(|token| token.meaning == Meaning::Estate);
        words.sort(&tokens, source);
        words
    }

    /// Separates the name itself from further names.
    fn sort(&mut self, tokens: &[Token], source: Source) {
        #[derive(Clone, Copy, PartialEq)]
        enum Mode {
            Main,
            Given,
            Family,
        }
        let further = if source == Source::Surname { Mode::Family } else { Mode::Given };
        let brackets_matter = tokens.iter().any(|token| !token.bracketed);
        let mut mode = Mode::Main;
        for (place, token) in tokens.iter().enumerate() {
            if token.joint {
                mode = Mode::Main;
            }
            let bracketed = token.bracketed && brackets_matter;
            if !bracketed && place > 0 && tokens[place - 1].bracketed {
                mode = Mode::Main;
            }
            let next = tokens.get(place + 1);
            if (bracketed || (!self.main.is_empty() && !token.hyphen && !token.joint)) && next.is_some() {
                let is_known_as =
                    token.meaning == Meaning::Known && next.is_some_and(|next| next.meaning == Meaning::As);
                match token.meaning {
                    Meaning::Formerly => {
                        mode = Mode::Family;
                        continue;
                    }
                    Meaning::Alias | Meaning::As if token.meaning == Meaning::Alias || mode == further => {
                        mode = further;
                        continue;
                    }
                    _ if is_known_as => {
                        mode = further;
                        continue;
                    }
                    _ => {}
                }
            }
            if bracketed && mode == Mode::Main {
                mode = further;
            }
            let _full = match mode {
                Mode::Main => self.main.try_push(*token),
                Mode::Given => self.further_given.try_push(*token),
                Mode::Family => self.further_family.try_push(*token),
            };
        }
    }

    /// The words of each person.
    fn segments(&self) -> ArrayVec<&[Token], 3> {
        let mut segments = ArrayVec::new();
        let mut start = 0;
        for end in 1..=self.main.len() {
            if end == self.main.len() || self.main[end].joint {
                let _full = segments.try_push(&self.main[start..end]);
                start = end;
            }
        }
        segments
    }
}

fn read_any(fields: &NameFields<'_>) -> Named {
    let surname = Words::read(&[fields.surname], Source::Surname);
    let given = Words::read(&[fields.forename, fields.middle_names], Source::Given);
    if surname.nobody || given.nobody {
        return Named::default();
    }
    let couple = names_a_couple(fields.title);
    if surname.main.is_empty() || given.main.is_empty() {
        let full = Words::read(&[fields.full_name], Source::Given);
        if full.nobody {
            return Named::default();
        }
        if !full.main.is_empty() {
            return people_in_full(&full, couple);
        }
    }
    if surname.main.is_empty() {
        return match given.segments().as_slice() {
            [one] if one.len() == 1 => finish([Parts::new(one, &[])], &[&given], couple),
            _ => people_in_full(&given, couple),
        };
    }
    if given.main.is_empty() {
        if surname.main.iter().any(|token| token.comma) || is_whole(fields.surname, &surname) {
            return people_in_full(&surname, couple);
        }
        if is_organisation(&surname.main) {
            return Named::default();
        }
    }
    people_apart(fields, &given, &surname, couple)
}

/// Whether the words of one field are the whole name of somebody: more words than a title and a surname,
/// with a title or a forename before them.
fn is_whole(text: &str, words: &Words) -> bool {
    words.segments().iter().any(|segment| match segment {
        [first, second, ..] => {
            !second.hyphen && (is_given(first) || first.meaning == Meaning::Plain && is_titled(text))
        }
        _ => false,
    })
}

fn is_titled(text: &str) -> bool {
    let first = text.split_ascii_whitespace().next().unwrap_or_default();
    plain_word(first.trim_end_matches('.').as_bytes())
        .is_some_and(|(_, meaning)| matches!(meaning, Meaning::Dropped | Meaning::Title))
}

/// Reads the joint holder's names. A missing surname is in the forename's field (`Mrs Ann Lyle`), or is that
/// of the first holder.
pub fn read_joint(forename: &str, surname: &str, first_surname: &str) -> Named {
    read(&joint_fields(forename, surname, first_surname))
}

/// The joint holder's name fields, with the surname that is to be read.
pub(crate) fn joint_fields<'a>(forename: &'a str, surname: &'a str, first_surname: &'a str) -> NameFields<'a> {
    if !surname.trim().is_empty() {
        return NameFields { forename, surname, ..NameFields::default() };
    }
    let words = Words::read(&[forename], Source::Given);
    let has_surname = words.segments().iter().any(|segment| match segment {
        [_, .., last] => !is_given(last) && (is_titled(forename) || family_name_rate(&last.word) > FAMILY_NAME_FLOOR),
        _ => false,
    });
    let surname = if has_surname { "" } else { first_surname };
    NameFields { forename, surname, ..NameFields::default() }
}

/// People whose forename and surname are in separate fields.
fn people_apart(fields: &NameFields<'_>, given: &Words, surname: &Words, couple: bool) -> Named {
    let firsts = given.segments();
    let families = surname.segments();
    if let [_, _, ..] = firsts.as_slice() {
        // Nobody knows which of several people the middle names belong to.
        let own = Words::read(&[fields.forename], Source::Given);
        let firsts = own.segments();
        let people = firsts.iter().enumerate().map(|(place, first)| {
            if let [before @ .., last] = first
                && families.len() == 1
                && !before.is_empty()
                && place + 1 < firsts.len()
                && !is_given(last)
            {
                return Parts::new(before, std::slice::from_ref(last));
            }
            Parts::new(first, families[place.min(families.len() - 1)])
        });
        return finish(people, &[given, surname], couple);
    }
    if firsts.is_empty() && families.len() > 1 {
        let people = families.iter().map(|family| Parts::new(&[], family));
        return finish(people, &[given, surname], couple);
    }
    finish([Parts::new(&given.main, &surname.main)], &[given, surname], couple)
}

/// People whose whole name is in one field.
fn people_in_full(words: &Words, couple: bool) -> Named {
    if is_organisation(&words.main) {
        return Named::default();
    }
    let segments = words.segments();
    let mut people: ArrayVec<Parts<'_>, 3> = segments.iter().map(|segment| Parts::split(segment)).collect();
    if people.len() > 1 {
        // `John & Mary Smith`, `Smith, John & Mary`: one surname for both.
        for place in (0..people.len()).rev() {
            let segment = segments[place];
            let all_given = segment.iter().all(is_given);
            let lender = people
                .iter()
                .enumerate()
                .find(|(other, parts)| *other != place && !parts.given.is_empty() && !parts.family.is_empty())
                .map(|(other, parts)| (other, parts.family));
            let Some((lender, family)) = lender else {
                continue;
            };
            let single = segment.len() == 1 && (lender > place || all_given);
            if single || (all_given && lender > place && !segment[0].comma) {
                people[place].given = segment;
                people[place].family = family;
            }
        }
    }
    finish(people, &[words], couple)
}

/// Whether a word is an initial, or better known as a forename than as a surname.
fn is_given(token: &Token) -> bool {
    let rate = given_name_rate(&token.word);
    token.word.len() == 1 || (rate > GIVEN_NAME_FLOOR && rate > family_name_rate(&token.word))
}

/// Whether words that include no forename name an organisation.
fn is_organisation(words: &[Token]) -> bool {
    let [first, rest @ ..] = words else {
        return false;
    };
    rest.iter().any(|token| token.meaning == Meaning::PerhapsAnOrganisation && !token.hyphen)
        && !rest[0].comma
        && (rest.len() > 2 || !(first.word.len() == 1 || given_name_rate(&first.word) > GIVEN_NAME_FLOOR))
}

/// Makes the names, and leaves out those that are nobody's.
fn finish<'a>(people: impl IntoIterator<Item = Parts<'a>>, sources: &[&Words], couple: bool) -> Named {
    let mut named = Named { couple: couple || sources.iter().any(|words| words.couple), ..Default::default() };
    let people: ArrayVec<Parts<'a>, 3> = people.into_iter().take(3).collect();
    let alone = people.len() == 1;
    named.couple |= people.len() > 1;
    for parts in people {
        let further = sources.iter().filter(|_| alone);
        let mut name = parts.name(
            further.clone().flat_map(|words| words.further_given.iter()),
            further.flat_map(|words| words.further_family.iter()),
        );
        name.origin.diacritics = sources.iter().any(|words| words.folded);
        if name.family.is_empty() {
            // Read again, the last of several names would become the surname.
            name.given.truncate(1);
        }
        if is_somebody(&name) {
            let _full = named.people.try_push(name);
        }
    }
    if named.people.is_empty() {
        named.couple = false;
    }
    named
}

fn is_somebody(name: &Name) -> bool {
    let mut words = name.given.iter().chain(&name.family);
    let stands_for_nobody = |word: &Word| matches!(meaning(word), Meaning::Nobody | Meaning::Known);
    match (name.given.len(), name.family.len()) {
        (0, 0) => false,
        (0, 1) if family_name_rate(&name.family[0]) > FAMILY_NAME_FLOOR => true,
        // `The Occupier Flat A`.
        _ if words.clone().next().is_some_and(|first| &**first == "THE")
            && words.clone().skip(1).any(stands_for_nobody) =>
        {
            false
        }
        _ => !words.all(stands_for_nobody),
    }
}

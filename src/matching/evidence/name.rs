//! Compares names, as they stand or with forename and surname exchanged.

use super::likeness::Pair;
use super::{Family, Given, Middle, Order};
use crate::normalise::NameView;
use crate::normalise::frequency;
use crate::normalise::given_name;
use crate::normalise::sound::sound;
use crate::text::{Phrase, Word};

/// The share of the population from which a forename counts as established: two different established
/// forenames are two persons (twins Tim and Tom), not a slip.
const ESTABLISHED: f64 = 2e-5;

/// The Jaro–Winkler similarity from which words are close, as in the levels of Splink and NHS England.
const CLOSE: f64 = 0.88;

/// The Jaro–Winkler similarity from which words are alike.
const LOOSE: f64 = 0.80;

/// The Jaro–Winkler similarity from which a word that is no name is taken for a garbled established one.
const GARBLED: f64 = 0.84;

/// How far two names agree, and which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameComparison {
    pub(crate) given: Given,
    pub(crate) middle: Middle,
    pub(crate) family: Family,
    pub(crate) order: Order,
    pub(crate) swapped: bool,
}

impl NameComparison {
    /// Compares the names as they stand.
    pub(crate) fn straight(holder: &NameView<'_>, person: &NameView<'_>) -> NameComparison {
        NameComparison {
            given: match are_man_and_woman(holder, person) {
                true => Given::CloseNames,
                false => given(&holder.given, &person.given),
            },
            middle: middle(&holder.given, &person.given),
            family: family(&holder.family, &person.family),
            order: match (holder.generation, person.generation) {
                (Some(one), Some(other)) if one == other => Order::Same,
                (Some(_), Some(_)) => Order::Different,
                _ => Order::Absent,
            },
            swapped: false,
        }
    }

    /// Compares the holder's forename with the person's surname and the other way round; `None` if a part is
    /// missing or an initial, or if a part already agrees as it stands.
    pub(crate) fn swapped(holder: &NameView<'_>, person: &NameView<'_>) -> Option<NameComparison> {
        let (holder_given, person_given) = (*holder.given.first()?, *person.given.first()?);
        let (holder_family, person_family) = (*holder.family.first()?, *person.family.first()?);
        let initial = [holder_given, person_given, holder_family, person_family].iter().any(|word| word.len() == 1);
        let straight = holder_given == person_given || holder_family == person_family;
        if initial || straight {
            return None;
        }
        let given = match joined(&holder.family) == joined(&person.given) {
            true => Given::Exact,
            false => one_given(holder_family, person_given),
        };
        let family = match joined(&holder.given) == joined(&person.family) {
            true => Family::Exact,
            false => one_family(holder_given, person_family),
        };
        Some(NameComparison { given, middle: Middle::Absent, family, order: Order::Absent, swapped: true })
    }
}

/// One is a Singh and the other a Kaur: Sikh couples often share a forename, which these names tell apart.
fn are_man_and_woman(one: &NameView<'_>, other: &NameView<'_>) -> bool {
    let has = |name: &NameView<'_>, word: &str| name.given.iter().skip(1).chain(&name.family).any(|own| *own == word);
    let is_singh = |name| has(name, "SINGH") && !has(name, "KAUR");
    let is_kaur = |name| has(name, "KAUR") && !has(name, "SINGH");
    is_singh(one) && is_kaur(other) || is_kaur(one) && is_singh(other)
}

fn given(holder: &[&str], person: &[&str]) -> Given {
    let (Some(&first), Some(&other_first)) = (holder.first(), person.first()) else {
        return Given::Absent;
    };
    let level = one_given(first, other_first);
    if !matches!(level, Given::Different | Given::CloseNames | Given::Unfamiliar | Given::Loose | Given::CutOff) {
        return level;
    }
    if joined(holder) == joined(person) {
        return Given::Exact;
    }
    let agrees = |one: &str, other: &str| {
        one.len() > 1 && matches!(one_given(one, other), Given::Exact | Given::Variant | Given::Close)
    };
    let known_by_middle = person[1..].iter().any(|middle| agrees(first, middle))
        || holder[1..].iter().any(|middle| agrees(other_first, middle));
    if known_by_middle {
        return Given::Middle;
    }
    let initial_of_middle = first.len() == 1 && begins_any(first, &person[1..])
        || other_first.len() == 1 && begins_any(other_first, &holder[1..]);
    if initial_of_middle || are_initials(holder, person) || are_initials(person, holder) {
        return Given::Initial;
    }
    level
}

fn begins_any(initial: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.as_bytes()[0] == initial.as_bytes()[0])
}

/// A forename such as `JR` that is the initials of all of the other's names.
fn are_initials(short: &[&str], long: &[&str]) -> bool {
    let [initials] = short else { return false };
    initials.len() > 1 && initials.bytes().eq(long.iter().map(|word| word.as_bytes()[0]))
}

fn one_given(one: &str, other: &str) -> Given {
    if one.len() == 1 || other.len() == 1 {
        let agrees = one.as_bytes().first() == other.as_bytes().first()
            || starts_a_variant(one, other)
            || starts_a_variant(other, one);
        return if agrees { Given::Initial } else { Given::Different };
    }
    if one == other {
        return Given::Exact;
    }
    if given_name::are_variants(one, other) {
        return Given::Variant;
    }
    let is_slip = is_slip_of_forename(one, other);
    match (is_established(one), is_established(other)) {
        (true, true) if is_slip || begins_with(one, other) => Given::CloseNames,
        (true, true) => Given::Different,
        _ if is_feminine_form(one, other) => Given::CloseNames,
        (false, false) if is_slip => Given::CloseRare,
        _ if is_slip => Given::Close,
        _ if are_compounds(one, other) => Given::CloseNames,
        _ if is_cut_off(one, other) => Given::CutOff,
        (true, false) if is_garbled_name(one, other) => Given::Close,
        (false, true) if is_garbled_name(other, one) => Given::Close,
        _ if matches!(likeness(one, other), Likeness::None) => Given::Unfamiliar,
        _ => Given::Loose,
    }
}

fn begins_with(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    longer.starts_with(shorter)
}

/// One word is the other with a feminine ending: Farhan and Farhana are brother and sister.
fn is_feminine_form(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let ending = longer.strip_prefix(shorter).unwrap_or_default();
    ending == "A" && !shorter.ends_with('A') && (is_known(shorter) || !is_known(longer))
}

/// Two names made of one head and another ending, as parents name their children in some languages: Sukhdev and
/// Sukhdeep, Oluwatobi and Oluwatosin, Abdulrahman and Abdulrahim.
fn are_compounds(one: &str, other: &str) -> bool {
    const HEADS: [&str; 14] =
        ["ABDUL", "ABDUR", "AMAR", "BAL", "GUR", "HAR", "JAS", "KUL", "MAN", "OLA", "OLU", "PARAM", "RAJ", "SUKH"];
    const LEAST_ENDING: usize = 3;
    HEADS.iter().any(|head| {
        let endings = [one, other].map(|name| name.strip_prefix(head).unwrap_or_default());
        endings.iter().all(|ending| ending.len() >= LEAST_ENDING)
    })
}

/// One word is the beginning of the other, and is no name of its own.
fn is_cut_off(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    shorter.len() >= 3 && longer.starts_with(shorter) && longer.len() > shorter.len() + 1 && !is_known(shorter)
}

/// A word that is no established name is an established one, or a variant of it, with more than one slip.
fn is_garbled_name(name: &str, garbled: &str) -> bool {
    let alike = |name: &str| {
        let same_first_letter = name.as_bytes()[0] == garbled.as_bytes()[0];
        same_first_letter
            && name.len().min(garbled.len()) >= 4
            && Pair::new(name, garbled).similarity_from(GARBLED).is_some()
    };
    alike(name) || given_name::variants_of(name).any(|variant| is_slip_of_forename(variant, garbled))
}

/// One word is the other, typed, read or heard wrongly. Other words that look alike may well be the names of
/// two children of one family (Oluwatobi and Oluwatosin, Farhan and Farhana).
fn is_slip_of_forename(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if shorter.len() < 3 {
        return false;
    }
    if let Some(ending) = longer.strip_prefix(shorter) {
        return is_ending_of_one_name(shorter, longer, ending);
    }
    let first_letters = (one.as_bytes()[0], other.as_bytes()[0]);
    if same_length_and_rest(one, other) {
        return are_neighbours(first_letters.0, first_letters.1);
    }
    let distance = Pair::new(one, other).distance_within(2);
    let same_last_letter = one.as_bytes().last() == other.as_bytes().last();
    distance.is_some_and(|distance| {
        distance <= 1
            || shorter.len() >= 6 && same_letters(one, other)
            || shorter.len() >= 4 && same_last_letter && sounds_alike(one, other)
    }) || are_misread(one, other)
}

/// Two forenames, one of which begins with the other, are one name if one is cut short, has its last letter
/// typed twice, or has a Gujarati ending of respect. But two children may be Farhan and Farhana.
fn is_ending_of_one_name(shorter: &str, longer: &str, ending: &str) -> bool {
    let respect = matches!(ending, "BEN" | "BHAI");
    let typed_twice = ending.len() == 1 && shorter.ends_with(ending);
    let cut_short = is_known(longer) && !is_known(shorter) && (ending.len() == 1 || shorter.len() >= 5);
    let lengthened = !is_known(longer) && ending.len() == 1 && !matches!(ending, "A" | "E");
    respect || typed_twice || cut_short || lengthened
}

/// The name is in a table.
fn is_known(name: &str) -> bool {
    frequency::given_name_rate(name) > frequency::GIVEN_NAME_FLOOR || !given_name::groups(name).is_empty()
}

/// The words differ in their first letter alone.
fn same_length_and_rest(one: &str, other: &str) -> bool {
    one.len() == other.len() && one[1..] == other[1..]
}

/// Two keys that lie side by side on a British keyboard.
fn are_neighbours(one: u8, other: u8) -> bool {
    const ROWS: [&[u8]; 3] = [b"QWERTYUIOP", b"ASDFGHJKL", b"ZXCVBNM"];
    ROWS.iter().any(|row| row.windows(2).any(|pair| pair == [one, other] || pair == [other, one]))
}

/// The words are made of the same letters.
fn same_letters(one: &str, other: &str) -> bool {
    let counts = |word: &str| {
        let mut counts = [0_u8; 26];
        for letter in word.bytes().filter(u8::is_ascii_uppercase) {
            counts[usize::from(letter - b'A')] += 1;
        }
        counts
    };
    one.len() == other.len() && counts(one) == counts(other)
}

/// A scanner may have read one word as the other. Other words need no check: only `RN`, or letters beyond
/// the longest [`Word`], can make a word differ from its reading.
fn are_misread(one: &str, other: &str) -> bool {
    let may_be = |word: &str| word.contains("RN") || word.len() > Word::default().room();
    (may_be(one) || may_be(other)) && misread(one) == misread(other)
}

/// The word with `M` for each `RN`, which a scanner may read for `M`.
fn misread(word: &str) -> Word {
    let mut read = Word::default();
    for (place, part) in word.split("RN").enumerate() {
        if place > 0 {
            read.push('M');
        }
        read.push_str(part);
    }
    read
}

/// An initial can stand for the name that a nickname belongs to: W for Bill.
fn starts_a_variant(initial: &str, name: &str) -> bool {
    initial.len() == 1 && given_name::initials(given_name::groups(name)).any(|letter| initial.as_bytes()[0] == letter)
}

/// Many people have the forename, or it has short forms and spellings of its own (Christian is not a slip
/// for Christina).
fn is_established(name: &str) -> bool {
    frequency::given_name_rate(name) >= ESTABLISHED || !given_name::groups(name).is_empty()
}

fn middle(holder: &[&str], person: &[&str]) -> Middle {
    if holder.len() < 2 || person.len() < 2 {
        let both_initials = are_initials(holder, person) || are_initials(person, holder);
        return if both_initials { Middle::Initial } else { Middle::Absent };
    }
    let mut level = Middle::Different;
    for one in &holder[1..] {
        for other in &person[1..] {
            if one.len() == 1 || other.len() == 1 {
                if one.as_bytes()[0] == other.as_bytes()[0] {
                    level = level.min(Middle::Initial);
                }
            } else if one == other || given_name::are_variants(one, other) || is_slip_of_forename(one, other) {
                return Middle::Exact;
            }
        }
    }
    level
}

fn family(holder: &[&str], person: &[&str]) -> Family {
    if holder.is_empty() || person.is_empty() {
        return Family::Absent;
    }
    if holder == person || joined(holder) == joined(person) {
        return Family::Exact;
    }
    if holder.iter().any(|part| part.len() > 1 && person.contains(part)) {
        return Family::Part;
    }
    let (one, other) = (joined(holder), joined(person));
    let mut best = one_family(&one, &other);
    if holder.len() > 1 || person.len() > 1 {
        for one in holder {
            for other in person {
                best = best.min(one_family(one, other));
            }
        }
    }
    best
}

fn one_family(one: &str, other: &str) -> Family {
    if one == other {
        return Family::Exact;
    }
    match likeness(one, other) {
        Likeness::Close => Family::Close,
        Likeness::Loose => Family::Loose,
        Likeness::None => Family::Different,
    }
}

enum Likeness {
    Close,
    Loose,
    None,
}

fn likeness(one: &str, other: &str) -> Likeness {
    let shorter = one.len().min(other.len());
    let pair = Pair::new(one, other);
    let distance = pair.distance_within(3).unwrap_or(usize::MAX);
    let similarity = pair.similarity_from(LOOSE).unwrap_or(0.0);
    if distance <= 1 && shorter >= 3
        || are_misread(one, other)
        || distance <= 2 && shorter >= 6
        || similarity >= CLOSE && shorter >= 4
        || shorter >= 4 && distance <= 3 && sounds_alike(one, other)
    {
        Likeness::Close
    } else if similarity >= LOOSE && shorter >= 4 || distance <= 3 && shorter >= 7 {
        Likeness::Loose
    } else {
        Likeness::None
    }
}

fn sounds_alike(one: &str, other: &str) -> bool {
    sound(one).is_some_and(|code| Some(code) == sound(other))
}

fn joined(words: &[&str]) -> Phrase {
    let mut whole = Phrase::default();
    for word in words {
        whole.push_str(word);
    }
    whole
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;

//! Compares names, as they stand or with forename and surname exchanged.

use super::likeness::{Pair, same_letters, sounds_alike};
use super::sibling_names::{are_man_and_woman, are_two_endings, compounds, is_feminine_form, is_shared_by_brothers};
use super::{Family, Given, Middle, Order};
use crate::normalise::NameView;
use crate::normalise::frequency;
use crate::normalise::given_name::{self, is_known};
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
        let (given, middle) = match are_man_and_woman(holder, person) {
            true => (Given::CloseNames, middle(&holder.given, &person.given)),
            false => forenames(&holder.given, &person.given),
        };
        NameComparison {
            given,
            middle,
            family: family(&holder.family, &person.family),
            order: match (holder.generation, person.generation) {
                (Some(one), Some(other)) if one == other => Order::Same,
                (Some(_), Some(_)) => Order::Different,
                _ => Order::Absent,
            },
            swapped: false,
        }
    }
}

/// Two names, one of which is turned round: forename and surname stand in each other's place in one of the records.
pub(crate) struct Exchanged<'a> {
    pub(crate) holder: NameView<'a>,
    pub(crate) person: NameView<'a>,
    /// The person's name is the one that is turned round, not the holder's.
    pub(crate) in_the_records: bool,
}

impl<'a> Exchanged<'a> {
    /// `None` if a part is missing or an initial, if a part already agrees as it stands, or if no part agrees with
    /// the other's other one.
    pub(crate) fn new(holder: &NameView<'a>, person: &NameView<'a>) -> Option<Exchanged<'a>> {
        let of_holder = [*holder.given.first()?, *holder.family.first()?];
        let of_person = [*person.given.first()?, *person.family.first()?];
        let [given, family] = of_holder;
        let [other_given, other_family] = of_person;
        let initial = of_holder.iter().chain(&of_person).any(|word| word.len() == 1);
        if initial || given == other_given || family == other_family {
            return None;
        }
        let crosswise = [(family, other_given), (given, other_family)];
        let agrees = |(one, other)| one_family(one, other) != Family::Different;
        if !crosswise.into_iter().any(agrees) && joined(&holder.family) != joined(&person.given) {
            return None;
        }
        // Whoever is rarer called so has it the wrong way round.
        let rate = |given, family| frequency::given_name_rate(given) * frequency::family_name_rate(family);
        let in_the_records = rate(given, family) * rate(other_family, other_given)
            > rate(family, given) * rate(other_given, other_family);
        let (holder, person) = match in_the_records {
            true => (holder.clone(), turned(person)),
            false => (turned(holder), person.clone()),
        };
        Some(Exchanged { holder, person, in_the_records })
    }

    /// Compares the names.
    pub(crate) fn compare(&self) -> NameComparison {
        NameComparison { swapped: true, ..NameComparison::straight(&self.holder, &self.person) }
    }
}

/// A name whose surname stands where the first forename should, and the other way round.
fn turned<'a>(name: &NameView<'a>) -> NameView<'a> {
    let given = name.family.iter().chain(name.given.iter().skip(1)).copied();
    let family = name.given.first().into_iter().copied();
    let mut turned = NameView { generation: name.generation, ..NameView::default() };
    turned.given.extend(given.take(turned.given.capacity()));
    turned.family.extend(family);
    turned
}

/// Compares first and middle names. Where the first names are ones that brothers share, the next ones are compared
/// in their place: Mohammed Ali and Mohammed Omar.
fn forenames(holder: &[&str], person: &[&str]) -> (Given, Middle) {
    let (given, middle) = (given(holder, person), middle(holder, person));
    match (holder, person) {
        ([first, next, ..], [_, other_next, ..])
            if middle == Middle::Different
                && matches!(given, Given::Exact | Given::Variant)
                && is_shared_by_brothers(first) =>
        {
            (one_given(next, other_next), Middle::Absent)
        }
        _ => (given, middle),
    }
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
    let compounds = compounds(one, other);
    let are_two_names = compounds.is_some_and(are_two_endings);
    let is_slip = !are_two_names && is_slip_of_forename(one, other);
    match (is_established(one), is_established(other)) {
        (true, true) if is_slip || begins_with(one, other) => Given::CloseNames,
        (true, true) => Given::Different,
        _ if is_feminine_form(one, other) => Given::CloseNames,
        (false, false) if is_slip => Given::CloseRare,
        _ if is_slip => Given::Close,
        _ if compounds.is_some() => Given::CloseNames,
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

/// The words differ in their first letter alone.
fn same_length_and_rest(one: &str, other: &str) -> bool {
    one.len() == other.len() && one[1..] == other[1..]
}

/// Two keys that lie side by side on a British keyboard.
fn are_neighbours(one: u8, other: u8) -> bool {
    const ROWS: [&[u8]; 3] = [b"QWERTYUIOP", b"ASDFGHJKL", b"ZXCVBNM"];
    ROWS.iter().any(|row| row.windows(2).any(|pair| pair == [one, other] || pair == [other, one]))
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

//! Compares two records field by field, down to the letter, for people to see.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::date::Date;
use crate::intake::Column;
use crate::normalise::{birth_date, postcode, uprn};
use crate::pipeline::CandidateExplanation;
use crate::pipeline::casework::records::Record;

/// A part of a text; `differs` if the other record does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// How far a field agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    Same,
    WrittenDifferently,
    /// An initial, or a short form of the same name.
    Fits,
    Differs,
    OnlyAccount,
    OnlyBenefit,
}

impl Agreement {
    pub(super) fn words(self) -> &'static str {
        match self {
            Agreement::Same => "same",
            Agreement::WrittenDifferently => "same, written differently",
            Agreement::Fits => "fits: an initial or another form of the name",
            Agreement::Differs => "differs",
            Agreement::OnlyAccount => "only on the account",
            Agreement::OnlyBenefit => "only in the benefit record",
        }
    }
}

/// A field of both records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldPair {
    pub(super) name: &'static str,
    pub(super) agreement: Agreement,
    pub(super) account: Vec<Part>,
    pub(super) benefit: Vec<Part>,
}

/// The most letters of a field that are shown: a name of a thousand letters is none, and comparing it takes long.
const MOST_LETTERS: usize = 200;

/// Compares the row of an account with the row of a person.
pub(super) fn compare(
    account: Option<&Record>,
    is_joint: bool,
    benefit: Option<&Record>,
    explained: Option<&CandidateExplanation>,
    latest_birth: Date,
) -> Vec<FieldPair> {
    let level = |field: &str| {
        let found = explained.and_then(|own| own.fields.iter().find(|part| part.field == field));
        found.map_or("", |part| part.level)
    };
    let of = |record: Option<&Record>, column| record.map_or(String::new(), |record| shown(record.get(column)));
    let name_columns = [Column::Forename, Column::MiddleNames, Column::Surname, Column::DateOfBirth];
    let holder = if is_joint {
        [Some(Column::JointForename), None, Some(Column::JointSurname), Some(Column::JointDateOfBirth)]
    } else {
        name_columns.map(Some)
    };
    let account_field = |place: usize| holder[place].map_or(String::new(), |column| of(account, column));
    let [forename, middle, surname, born] = [0, 1, 2, 3].map(account_field);
    let full = if is_joint { String::new() } else { of(account, Column::FullName) };
    let title = if is_joint { String::new() } else { of(account, Column::Title) };
    let own = name_columns.map(|column| of(benefit, column));
    let own_full = of(benefit, Column::FullName);
    let mut pairs = vec![pair("Title", title, String::new(), Kind::Text, "")];
    let joined = |parts: [&str; 3]| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if full.is_empty() && own_full.is_empty() {
        pairs.push(pair("Forename", forename, own[0].clone(), Kind::Text, level("given")));
        pairs.push(pair("Middle names", middle, own[1].clone(), Kind::Text, level("middle")));
        pairs.push(pair("Surname", surname, own[2].clone(), Kind::Text, level("family")));
    } else {
        let whole = if full.is_empty() { joined([&forename, &middle, &surname]) } else { full };
        let own_whole = if own_full.is_empty() { joined([&own[0], &own[1], &own[2]]) } else { own_full };
        pairs.push(pair("Name", whole, own_whole, Kind::Text, ""));
    }
    pairs.push(pair("Date of birth", born, own[3].clone(), Kind::Date(latest_birth), ""));
    let lines =
        [Column::AddressLine1, Column::AddressLine2, Column::AddressLine3, Column::AddressLine4, Column::AddressLine5];
    let address = |record| {
        let lines = lines.iter().map(|line| of(record, *line)).filter(|line| !line.is_empty());
        shown(&lines.collect::<Vec<_>>().join(", "))
    };
    let place = if level("dwelling") == "same" && level("street") == "exact" { "exact" } else { "" };
    pairs.push(pair("Address", address(account), address(benefit), Kind::Text, place));
    pairs.push(pair("Town", of(account, Column::Town), of(benefit, Column::Town), Kind::Text, level("town")));
    let codes = [account, benefit].map(|record| of(record, Column::Postcode));
    let [code, own_code] = codes;
    pairs.push(pair("Postcode", code, own_code, Kind::Postcode, ""));
    pairs.push(pair("Property (UPRN)", of(account, Column::Uprn), of(benefit, Column::Uprn), Kind::Uprn, ""));
    pairs.retain(|pair| !(pair.account.is_empty() && pair.benefit.is_empty()));
    pairs
}

/// What a field holds, by which two values may be the same.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Date(Date),
    Postcode,
    Uprn,
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Compares two values. `level` is how the match compares them.
fn pair(name: &'static str, account: String, benefit: String, kind: Kind, level: &str) -> FieldPair {
    let plain = |text: &str| -> Vec<Part> {
        if text.is_empty() { Vec::new() } else { vec![Part { text: text.to_owned(), differs: false }] }
    };
    let whole = |agreement| FieldPair { name, agreement, account: plain(&account), benefit: plain(&benefit) };
    if let Kind::Date(latest) = kind {
        let read = |text: &str| birth_date::birth_date(text, latest).known();
        let alone = |text: &str, date| plain(&format!("{text} ({})", in_words(date).join(" ")));
        let none = Vec::new();
        match (read(&account), read(&benefit)) {
            (Some(one), Some(other)) => return dates(name, (&account, one), (&benefit, other)),
            (Some(one), None) if benefit.is_empty() => {
                return FieldPair {
                    name,
                    agreement: Agreement::OnlyAccount,
                    account: alone(&account, one),
                    benefit: none,
                };
            }
            (None, Some(other)) if account.is_empty() => {
                return FieldPair {
                    name,
                    agreement: Agreement::OnlyBenefit,
                    account: none,
                    benefit: alone(&benefit, other),
                };
            }
            _ => {}
        }
    }
    match (account.is_empty(), benefit.is_empty()) {
        (false, true) => return whole(Agreement::OnlyAccount),
        (true, false) => return whole(Agreement::OnlyBenefit),
        (true, true) => return whole(Agreement::Same),
        (false, false) => {}
    }
    let is_same = match kind {
        Kind::Postcode => known_same(postcode::postcode(&account).known(), postcode::postcode(&benefit).known()),
        Kind::Uprn => known_same(uprn::uprn(&account).known(), uprn::uprn(&benefit).known()),
        Kind::Text | Kind::Date(_) => folded(&account) == folded(&benefit),
    };
    if is_same {
        return whole(Agreement::Same);
    }
    if level == "exact" {
        return whole(Agreement::WrittenDifferently);
    }
    if ["variant", "initial"].contains(&level) {
        return whole(Agreement::Fits);
    }
    let (account, benefit) = match kind {
        Kind::Postcode => code_differences(&account, &benefit),
        _ => differences(&account, &benefit),
    };
    FieldPair { name, agreement: Agreement::Differs, account, benefit }
}

fn known_same<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && one == other
}

/// Day, month and year.
pub(super) fn in_words(date: Date) -> [String; 3] {
    let date = jiff::civil::Date::from(date);
    ["%-d", "%B", "%Y"].map(|part| date.strftime(part).to_string())
}

/// Dates may be written in many ways. So a date is shown in words beside what the file has, and day, month and year are
/// compared.
fn dates(name: &'static str, account: (&str, Date), benefit: (&str, Date)) -> FieldPair {
    let is_same = account.1 == benefit.1;
    let (one, other) = (in_words(account.1), in_words(benefit.1));
    let parts = |text: &str, own: &[String; 3], theirs: &[String; 3]| {
        let mut parts = vec![Part { text: format!("{text} ("), differs: false }];
        for place in 0..3 {
            let space = if place == 0 { "" } else { " " };
            parts.push(Part { text: space.to_owned(), differs: false });
            parts.push(Part { text: own[place].clone(), differs: own[place] != theirs[place] });
        }
        parts.push(Part { text: ")".to_owned(), differs: false });
        parts.retain(|part| !part.text.is_empty());
        parts
    };
    let agreement = match (is_same, account.0 == benefit.0) {
        (true, true) => Agreement::Same,
        (true, false) => Agreement::WrittenDifferently,
        (false, _) => Agreement::Differs,
    };
    FieldPair { name, agreement, account: parts(account.0, &one, &other), benefit: parts(benefit.0, &other, &one) }
}

/// Letters and digits, in capitals.
fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Marks what differs: word by word and, where as many words stand against each other, letter by letter. Capitals do
/// not count.
fn differences(one: &str, other: &str) -> (Vec<Part>, Vec<Part>) {
    let words = |text: &str| -> Vec<String> { text.split_inclusive(' ').map(str::to_owned).collect() };
    let (one, other) = (words(one), words(other));
    let keys = |words: &[String]| -> Vec<String> { words.iter().map(|word| folded(word)).collect() };
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &keys(&one), &keys(&other)) {
        let (own, theirs) = (&one[op.old_range()], &other[op.new_range()]);
        match op.tag() {
            DiffTag::Equal => {
                own.iter().for_each(|word| push(&mut left, word, false));
                theirs.iter().for_each(|word| push(&mut right, word, false));
            }
            DiffTag::Replace if own.len() == theirs.len() => {
                for (word, their_word) in own.iter().zip(theirs) {
                    letters(word, their_word, &mut left, &mut right);
                }
            }
            _ => {
                own.iter().for_each(|word| push(&mut left, word, true));
                theirs.iter().for_each(|word| push(&mut right, word, true));
            }
        }
    }
    (left, right)
}

/// The differences of two codes, whose spaces say nothing.
fn code_differences(one: &str, other: &str) -> (Vec<Part>, Vec<Part>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    letters(&bare(one), &bare(other), &mut left, &mut right);
    (spaced(one, &left), spaced(other, &right))
}

/// The parts of a text, with the spaces that the text has and the parts have not.
fn spaced(text: &str, parts: &[Part]) -> Vec<Part> {
    let mut marks = parts.iter().flat_map(|part| part.text.chars().map(|_| part.differs));
    let mut all = Vec::new();
    for letter in text.chars() {
        let differs = !letter.is_whitespace() && marks.next().unwrap_or(false);
        push(&mut all, letter.encode_utf8(&mut [0; 4]), differs);
    }
    all
}

/// Marks the letters of two words that differ.
fn letters(one: &str, other: &str, left: &mut Vec<Part>, right: &mut Vec<Part>) {
    let letters = |text: &str| -> Vec<char> { text.chars().collect() };
    let (one, other) = (letters(one), letters(other));
    let upper =
        |letters: &[char]| -> Vec<String> { letters.iter().map(|own| own.to_uppercase().to_string()).collect() };
    let ops = capture_diff_slices(Algorithm::Myers, &upper(&one), &upper(&other));
    let shared: usize = ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| op.old_range().len()).sum();
    // Of two different words, the letters that both happen to have say nothing.
    let is_start = |own: &[char], of: &[char]| {
        let [own, of] = [own, of].map(|letters| folded(&letters.iter().collect::<String>()));
        !own.is_empty() && of.starts_with(&own)
    };
    let are_alike = 2 * shared >= one.len().max(other.len()) || is_start(&one, &other) || is_start(&other, &one);
    for op in ops {
        let differs = op.tag() != DiffTag::Equal || !are_alike;
        push(left, &one[op.old_range()].iter().collect::<String>(), differs);
        push(right, &other[op.new_range()].iter().collect::<String>(), differs);
    }
}

/// Appends a part, or lengthens the last one. Spaces around words are never marked.
fn push(parts: &mut Vec<Part>, text: &str, differs: bool) {
    let (word, space) = match text.strip_suffix(' ') {
        Some(word) if differs => (word, " "),
        _ => (text, ""),
    };
    for (text, differs) in [(word, differs), (space, false)] {
        match parts.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.differs == differs => last.text.push_str(text),
            _ => parts.push(Part { text: text.to_owned(), differs }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts with what differs in brackets.
    fn said(parts: &[Part]) -> String {
        parts.iter().map(|part| if part.differs { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn what_differs_is_marked_to_the_letter() {
        for (one, other, left, right) in [
            ("Catherine", "Katherine", "[C]atherine", "[K]atherine"),
            ("SMITH", "Smyth", "SM[I]TH", "Sm[y]th"),
            ("Flat 2, 10 High St", "10 High Street", "[Flat] [2,] 10 High St", "10 High St[reet]"),
            ("Anne", "Anne Marie", "Anne", "Anne [Marie]"),
            ("<b>A</b>", "<b>B</b>", "<b>[A]</b>", "<b>[B]</b>"),
            ("M.", "Michelle", "M[.]", "M[ichelle]"),
            ("Milton", "Bedford", "[Milton]", "[Bedford]"),
        ] {
            let (own, theirs) = differences(one, other);
            let text = |parts: &[Part]| parts.iter().map(|part| part.text.as_str()).collect::<String>();
            assert_eq!((text(&own).trim_end(), text(&theirs).trim_end()), (one, other), "nothing is lost");
            assert_eq!((said(&own).trim_end(), said(&theirs).trim_end()), (left, right));
        }
    }

    #[test]
    fn a_field_is_the_same_however_it_is_written() {
        let latest = Date::new(2026, 8, 23).unwrap();
        for (account, benefit, kind, level, expected) in [
            ("O'Neil", "ONEIL", Kind::Text, "", Agreement::Same),
            ("Liz", "Elizabeth", Kind::Text, "variant", Agreement::Fits),
            ("M.", "Michelle", Kind::Text, "initial", Agreement::Fits),
            ("Liz", "Elizabeth", Kind::Text, "", Agreement::Differs),
            ("12 High St", "12 High Street", Kind::Text, "exact", Agreement::WrittenDifferently),
            ("27/06/1950", "1950-06-27", Kind::Date(latest), "", Agreement::WrittenDifferently),
            ("1950-06-27", "1950-06-27", Kind::Date(latest), "", Agreement::Same),
            ("1950-06-27", "1950-07-27", Kind::Date(latest), "", Agreement::Differs),
            ("le128xq", "LE12 8XQ", Kind::Postcode, "", Agreement::Same),
            ("100099155119", "100099155119.0", Kind::Uprn, "", Agreement::Same),
            ("x", "", Kind::Text, "", Agreement::OnlyAccount),
            ("", "x", Kind::Text, "", Agreement::OnlyBenefit),
        ] {
            let found = pair("", account.to_owned(), benefit.to_owned(), kind, level);
            assert_eq!(found.agreement, expected, "{account}, {benefit}");
        }
        let found = pair("", "LE128XQ".to_owned(), "LE12 8XR".to_owned(), Kind::Postcode, "");
        assert_eq!((said(&found.account).as_str(), said(&found.benefit).as_str()), ("LE128X[Q]", "LE12 8X[R]"));
        let found = pair("", "27/06/1950".to_owned(), "1950-07-27".to_owned(), Kind::Date(latest), "");
        assert_eq!(said(&found.account), "27/06/1950 (27 [June] 1950)");
        let found = pair("", String::new(), "06/07/1950".to_owned(), Kind::Date(latest), "");
        assert_eq!((said(&found.account).as_str(), said(&found.benefit).as_str()), ("", "06/07/1950 (6 July 1950)"));
    }

    #[test]
    fn a_field_without_end_is_cut() {
        assert_eq!(shown(&"é".repeat(1000)).chars().count(), MOST_LETTERS + 1);
    }
}

//! Reads the commonest addresses in one pass over their letters: a number and a street on one line, perhaps
//! with a numbered or lettered flat before them or on the line above, and nothing else.
//!
//! Every word in such an address means the same wherever it stands. All other addresses go to the general
//! reader, which gives the same result for these.

use super::words::{self, GREEN, STREET, UNIT};
use super::written::{drop_town, push_word};
use crate::normalise::memo::Memo;
use crate::normalise::{Address, HouseNumber};
use crate::text::{Phrase, Word};

/// Longer lines go to the general reader, which reads only a limited number of letters.
const LONGEST_LINE: usize = 96;

/// Reads an address of that shape into one that has nothing but the town; `None` if it has another shape. `streets`
/// has those that were read before.
pub(super) fn read(lines: &[&str], streets: &mut Memo<Option<Phrase>>, address: &mut Address) -> Option<()> {
    let mut filled = lines.iter().filter(|line| !line.is_empty());
    let first = *filled.next()?;
    let (unit, line) = match unit(first) {
        Some((unit, "")) => (Some(unit), *filled.next()?),
        Some((unit, rest)) => (Some(unit), rest),
        None => (None, first),
    };
    if filled.next().is_some() || line.len() > LONGEST_LINE {
        return None;
    }
    let (number, letter, typed) = house_number(line)?;
    address.street = streets.look_up(typed, || street(typed))?;
    match (unit, letter) {
        (None, 0) => {}
        (Some(unit), 0) => address.flat = unit,
        (None, letter) => address.flat = Word::of_letters(&[letter])?,
        // The general reader decides what a flat and a letter mean together.
        (Some(_), _) => return None,
    }
    address.number = Some(HouseNumber { first: number, last: number });
    drop_town(&mut address.street, &address.town);
    Some(())
}

/// A street whose words can only be one; `None` if the general reader has to read it.
fn street(typed: &str) -> Option<Phrase> {
    let mut street = Phrase::default();
    let mut room = true;
    let mut at = Place::Begin;
    for typed in typed.as_bytes().split(|byte| *byte == b' ') {
        let word = plain_word(typed)?;
        let known = words::find(&word);
        room = room
            && match known {
                Some(known) => push_word(&mut street, known.full),
                None => street.push_word(&word),
            };
        at = match (at, known) {
            (Place::Begin | Place::Name, None) if &*word != "BOX" => Place::Name,
            (Place::Begin, Some(known)) if known.roles == GREEN && known.full == &*word => Place::Green,
            (Place::Name, Some(known)) if known.roles == GREEN => Place::NameAndGreen,
            (Place::Name | Place::Green | Place::NameAndGreen, Some(known)) if known.roles == STREET => Place::End,
            _ => return None,
        };
    }
    (!matches!(at, Place::Begin | Place::Green)).then_some(street)
}

/// How far a street's name has been read.
enum Place {
    Begin,
    Name,
    /// A word such as "hill" stands at the front: a word such as "road" has to follow.
    Green,
    /// A word such as "hill" may be the last: only one such as "road" may follow.
    NameAndGreen,
    /// No word may follow.
    End,
}

/// The flat's number or letter behind a word such as "flat", and what follows a comma on its line.
fn unit(line: &str) -> Option<(Word, &str)> {
    let letters = line.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        return None;
    }
    let (word, rest) = (&line[..letters], line[letters..].strip_prefix(' ')?);
    words::find(&Word::of_letters(word.as_bytes())?).filter(|known| known.roles == UNIT)?;
    let (name, rest) = match rest.split_once(',') {
        Some((name, rest)) => (name, rest.strip_prefix(' ').filter(|rest| !rest.is_empty())?),
        None => (rest, ""),
    };
    match name.as_bytes() {
        [b'1'..=b'9', digits @ ..] if digits.len() < 3 && digits.iter().all(u8::is_ascii_digit) => {
            Some((Word::new(name), rest))
        }
        letter @ [_] => Some((Word::of_letters(letter)?, rest)),
        _ => None,
    }
}

/// A number up to 65535, the letter that may follow it, and what follows a space.
fn house_number(line: &str) -> Option<(u16, u8, &str)> {
    let (number, rest) = line.split_at(line.bytes().take_while(u8::is_ascii_digit).count());
    let (letter, rest) = match *rest.as_bytes() {
        [b' ', ..] => (0, &rest[1..]),
        [letter, b' ', ..] if letter.is_ascii_alphabetic() => (letter.to_ascii_uppercase(), &rest[2..]),
        _ => return None,
    };
    Some((number.parse().ok()?, letter, rest))
}

/// A word of two letters or more, A to Z, in capitals.
fn plain_word(typed: &[u8]) -> Option<Word> {
    Word::of_letters(typed).filter(|word| word.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::super::{any_address, written};
    use super::*;
    use proptest::prelude::*;

    /// Without anything that was read before.
    fn read(lines: &[&str], town: Phrase) -> Option<Address> {
        let mut address = Address { town, ..Address::default() };
        super::read(lines, &mut Memo::new(1), &mut address).map(|()| address)
    }

    #[test]
    fn only_a_number_and_a_street_are_plain() {
        assert!(read(&["Flat 2", "21 Gloucester Mews"], Phrase::default()).is_some());
        assert!(read(&["flat B, 21 Gloucester Mews"], Phrase::default()).is_some());
        for plain in [
            "12 Bank Avenue",
            "12 Larch Hill",
            "12 Larch Hill Road",
            "21 Gloucester Mews",
            "91E Eden Walk",
            "7 Broad",
            "0012 HIGH RD",
            "3F Oxgate Lane",
        ] {
            assert!(read(&["", plain, ""], Phrase::default()).is_some(), "{plain}");
        }
        for other in [
            "",
            "21",
            "Gloucester Mews",
            "21  Gloucester Mews",
            "21 Gloucester Mews ",
            "12-14 High Road",
            "12 Oak Court",
            "12 Church St",
            "4 Road",
            "4 Road End",
            "Flat 4",
            "1ST Floor",
            "99999 High Road",
            "12 B High Road",
            "2 PO Box",
            "4 Rosé Road",
        ] {
            assert!(read(&[other], Phrase::default()).is_none(), "{other}");
        }
        assert!(read(&["21 Gloucester Mews", "Hulme"], Phrase::default()).is_none());
    }

    #[test]
    fn a_flat_before_a_plain_address_is_read_as_the_general_reader_does() {
        let mut read_here = 0;
        for before in [
            "Flat 2",
            "flat b",
            "Apartment 102",
            "Flat 02",
            "Flat 0",
            "Apt 1234",
            "UNIT 12B",
            "Room 3",
            "Flat A1",
            "Flat",
            "No 3",
            "Flat 2,",
            "Flat  2",
            "Studio 1",
            "Oak 2",
            "Floor 2",
            "PO Box 2",
            "Flat 2-3",
            "Flat é",
            "Maisonette 4",
            "Suite 7",
            "Fl 3",
            "Ground 2",
            "Top B",
            "FT 9",
            "Rm C",
            "Flat 999",
            "Flat 2 ",
            " Flat 2",
            "Flat I",
            "Flat O",
            "Studio A",
            "The 2",
        ] {
            for line in
                ["12 High Road", "7A High Road", "1F High Road", "12 Oak Court", "12-14 High Road", "High Road", ""]
            {
                for joined in [", ", ",", ",  ", " ", " , "] {
                    let one_line = [before, joined, line].concat();
                    for lines in [[before, line, ""], ["", before, line], [&one_line, "", ""], [&one_line, "Hulme", ""]]
                    {
                        let plain = read(&lines, Phrase::default());
                        read_here += usize::from(plain.is_some());
                        assert!(plain.is_none_or(|plain| plain == any_address(&lines, Phrase::default())), "{lines:?}");
                    }
                }
            }
        }
        assert!(read_here > 100, "{read_here}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8000))]
        #[test]
        fn it_reads_as_the_general_reader_does(
            number in prop::sample::select(vec!["7", "12", "0", "007", "65535", "65536", "12a", "3F", "1st", "12B", "1F", "20f"]),
            words in prop::collection::vec(prop::sample::select(vec![
                "High", "ROAD", "rd", "street", "St", "Oak", "Court", "House", "Upper", "Mews", "Leeds", "York", "BOX", "po",
                "Half", "and", "Park", "the", "North", "Lane", "Close", "Estate", "Floor", "Flat", "no", "LLANFAIRPWLLGWYN",
                "Kent", "Heol", "of", "care", "Row", "GF", "Hill", "Hill", "Hts", "Bank", "Green", "Fld",
            ]), 0..5),
            town_words in prop::collection::vec(prop::sample::select(vec![
                "Leeds", "York", "Newport", "Pagnell", "Road", "St", "Ives", "Upon", "High", "king's", "x", "KENT",
            ]), 0..3),
            before in prop::sample::select(vec!["", "", "", "Flat 2"]),
        ) {
            let line = std::iter::once(number).chain(words).collect::<Vec<_>>().join(" ");
            let town_text = town_words.join(" ");
            let general_town = written::town(&town_text);
            let lines = [before, &line, ""];
            if let Some(plain) = read(&lines, general_town) {
                prop_assert_eq!(plain, any_address(&lines, general_town));
            }
        }
    }
}

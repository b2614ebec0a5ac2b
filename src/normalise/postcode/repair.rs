//! Puts right a digit typed for a letter that looks like it, or the other way round.

use super::areas::is_area;
use super::form::{Position, is_district_in_use, is_outward, is_unit_letter};
use Position::{Area, Digit, DistrictLetter, Unit};

/// The most that a repair may cost. To take a letter for a digit, or a digit for a letter, costs 1 if they
/// look alike in every hand and typeface (O, I, L) and 2 if only in some. Beyond 2 in all, the code may well
/// be a foreign one.
pub(super) const MOST_REPAIR: u32 = 2;

/// The code with each place filled as the form requires, and what that costs. `None` if a place cannot be
/// filled without guessing.
pub(super) fn repaired(code: &[u8], form: &[Position]) -> Option<(u32, [u8; 7])> {
    let mut read = [0; 7];
    let mut cost = 0;
    for (at, (byte, place)) in code.iter().zip(form).enumerate() {
        let (mended, price) = match place {
            Area if byte.is_ascii_digit() => area_letter_for(code, form, at)?,
            Digit if byte.is_ascii_uppercase() => digit_for(*byte)?,
            Unit if !is_unit_letter(*byte) => unit_letter_for(*byte)?,
            DistrictLetter if byte.is_ascii_digit() => return None,
            _ => (*byte, 0),
        };
        read[at] = mended;
        cost += price;
    }
    let filled = &read[..code.len()];
    (cost <= MOST_REPAIR && is_outward(filled, form, is_district_in_use)).then_some((cost, read))
}

/// The letter that a digit in a two-letter area stands for, found from the other letter: `1P` can only be IP.
/// An area without any letter as typed (`10` in the Dutch `1012 LG`) is left alone.
fn area_letter_for(code: &[u8], form: &[Position], at: usize) -> Option<(u8, u32)> {
    if form[1] != Area || !code[1 - at].is_ascii_uppercase() {
        return None;
    }
    let (letters, price): (&[u8], u32) = match code[at] {
        b'0' => (b"O", 1),
        b'1' => (b"IL", 1),
        b'2' => (b"Z", 2),
        b'5' => (b"S", 2),
        b'6' => (b"G", 2),
        b'8' => (b"B", 2),
        _ => return None,
    };
    let makes_area = |letter: &&u8| {
        let mut area = [code[0], code[1]];
        area[at] = **letter;
        is_area(&area)
    };
    let mut found = letters.iter().filter(makes_area);
    match (found.next(), found.next()) {
        (Some(letter), None) => Some((*letter, price)),
        _ => None,
    }
}

fn digit_for(letter: u8) -> Option<(u8, u32)> {
    Some(match letter {
        b'O' => (b'0', 1),
        b'I' | b'L' => (b'1', 1),
        b'Z' => (b'2', 2),
        b'S' => (b'5', 2),
        b'G' => (b'6', 2),
        b'B' => (b'8', 2),
        _ => return None,
    })
}

fn unit_letter_for(typed: u8) -> Option<(u8, u32)> {
    Some(match typed {
        b'1' | b'I' => (b'L', 1),
        b'2' => (b'Z', 2),
        b'5' => (b'S', 2),
        b'6' => (b'G', 2),
        b'8' => (b'B', 2),
        _ => return None,
    })
}

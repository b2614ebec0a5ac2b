//! Converts digits to a number, eight at a time.
//!
//! Dates and UPRNs have eight digits or more in nearly every row. Neighbouring digits are added up side by
//! side in one word, instead of one digit after another.

const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The number that eight digits make; `None` if some byte is not a digit.
pub(super) fn eight(digits: [u8; 8]) -> Option<u32> {
    const UPPER_HALVES: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let word = u64::from_le_bytes(digits);
    // Of all bytes that begin as digits do, only digits still do after 6 is added.
    let raised = word.wrapping_add(0x0606_0606_0606_0606);
    if word & UPPER_HALVES != ZEROS || raised & UPPER_HALVES != ZEROS {
        return None;
    }
    // The first digit is the lowest byte.
    let ones = word ^ ZEROS;
    let twos = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) as u32)
}

/// The number that nine to sixteen digits make; `None` for fewer or more, or if some byte is not a digit.
pub(super) fn nine_to_sixteen(digits: &[u8]) -> Option<u64> {
    let (first, rest) = digits.split_first_chunk::<8>()?;
    let last = digits.last_chunk::<8>()?;
    if rest.is_empty() || rest.len() > 8 {
        return None;
    }
    // The digits before the last eight, with zeros in front.
    let others = 8 * (8 - rest.len());
    let zeros = ZEROS & ((1 << others) - 1);
    let front = u64::from_le_bytes(*first) << others | zeros;
    Some(u64::from(eight(front.to_le_bytes())?) * 100_000_000 + u64::from(eight(*last)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the standard library reads it, which also takes a sign.
    fn plain(text: &[u8]) -> Option<u64> {
        let digits = text.iter().all(u8::is_ascii_digit);
        str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
    }

    proptest! {
        #[test]
        fn eight_bytes_are_read_as_one_by_one(digits in "[0-9]{8}", other: [u8; 8], at in 0..8_usize) {
            let mut bytes = <[u8; 8]>::try_from(digits.as_bytes()).unwrap();
            prop_assert_eq!(eight(bytes).map(u64::from), plain(&bytes));
            prop_assert_eq!(eight(other).map(u64::from), plain(&other));
            for byte in 0..=u8::MAX {
                bytes[at] = byte;
                prop_assert_eq!(eight(bytes).map(u64::from), plain(&bytes), "{} at {}", byte, at);
            }
        }

        #[test]
        fn longer_numbers_are_read_as_one_by_one(digits in "[0-9]{0,20}", at in 0..20_usize, byte: u8) {
            let mut bytes = digits.into_bytes();
            let fits = (9..=16).contains(&bytes.len());
            prop_assert_eq!(nine_to_sixteen(&bytes), plain(&bytes).filter(|_| fits));
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            prop_assert_eq!(nine_to_sixteen(&bytes), plain(&bytes).filter(|_| fits));
        }
    }
}

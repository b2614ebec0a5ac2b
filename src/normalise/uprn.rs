//! Reads Unique Property Reference Numbers, as typed or as a spreadsheet left them.

use super::Reading;
use super::digits;
use super::missing::is_missing;

/// A Unique Property Reference Number: 1 to 12 digits, never 0.
///
/// ```
/// use flagmatch::normalise::uprn::uprn;
/// let property = uprn("010023456701").known().expect("a UPRN");
/// assert_eq!(property.number(), 10_023_456_701);
/// assert_eq!(format!("{property:?}"), "[withheld]");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uprn(u64);

impl Uprn {
    const LARGEST: u64 = 999_999_999_999;

    /// The property with this number; `None` if it is 0 or has more than 12 digits.
    pub fn new(number: u64) -> Option<Uprn> {
        (1..=Self::LARGEST).contains(&number).then_some(Uprn(number))
    }

    /// The number itself.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl std::fmt::Debug for Uprn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Reads a UPRN. Leading zeros are dropped, and so is the `.0` of a spreadsheet. A number that no property
/// has (0, 1, all nines, 123456789) is absent; scientific notation has lost digits and is unusable.
pub fn uprn(text: &str) -> Reading<Uprn> {
    if let Some(number) = digits::nine_to_sixteen(text.as_bytes())
        && let Some(uprn) = Uprn::new(number).filter(|_| !is_placeholder(number))
    {
        return Reading::Known(uprn);
    }
    let text = text.trim();
    if text.is_empty() {
        return Reading::Absent;
    }
    let point = text.bytes().position(|byte| byte == b'.');
    let digits = match point.map(|point| (&text[..point], &text[point + 1..])) {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    let mut number = 0;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() || number > Uprn::LARGEST {
            return if is_missing(text) { Reading::Absent } else { Reading::Unusable };
        }
        number = number * 10 + u64::from(byte - b'0');
    }
    if digits.is_empty() || is_placeholder(number) {
        return Reading::Absent;
    }
    Uprn::new(number).map_or(Reading::Unusable, Reading::Known)
}

/// Whether people type the number to get past a form: 0, 1, nines only, one digit six times or more, or
/// counting up from 1.
fn is_placeholder(number: u64) -> bool {
    const COUNTING: [u64; 7] =
        [123_456, 1_234_567, 12_345_678, 123_456_789, 1_234_567_890, 12_345_678_901, 123_456_789_012];
    if number <= 9 {
        return matches!(number, 0 | 1 | 9);
    }
    // Nearly all numbers end in two different digits, so most calls end here.
    if !(number % 100).is_multiple_of(11) {
        return COUNTING.contains(&number);
    }
    let length = number.ilog10() + 1;
    let ones = (10u64.pow(length) - 1) / 9;
    let digit = number / ones;
    length <= 12 && number == digit * ones && (length >= 6 || digit == 9)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_however_written() {
        for text in [
            "10023456701",
            " 10023456701 ",
            "010023456701",
            "000000010023456701",
            "10023456701.0",
            "10023456701.00",
            "10023456701.",
        ] {
            assert_eq!(uprn(text), Reading::Known(Uprn(10_023_456_701)), "{text}");
        }
        for (text, number) in [("2", 2), ("42", 42), ("906700034567", 906_700_034_567), ("99998", 99_998), ("222", 222)]
        {
            assert_eq!(uprn(text), Reading::Known(Uprn(number)), "{text}");
        }
    }

    #[test]
    fn placeholders_are_absent() {
        for text in [
            "",
            "  ",
            "0",
            "000000000000",
            "0.0",
            "1",
            "000000000001",
            "999999999999",
            "99999999",
            "9999",
            "111111111111",
            "123456",
            "123456789",
            "1234567890",
            "123456789012",
            "-",
            ".",
            "N/A",
            "unknown",
            "Not applicable",
        ] {
            assert_eq!(uprn(text), Reading::Absent, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_unusable() {
        for text in [
            "1.00235E+11",
            "1E11",
            "10023456701.5",
            "1000000000000",
            "9999999999999",
            "18446744073709551617",
            "10 023 456 701",
            "10,023,456,701",
            "-10023456701",
            "+10023456701",
            "UPRN10023456701",
            "１００２３",
            "12 High Street",
        ] {
            assert_eq!(uprn(text), Reading::Unusable, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>(), typed in "[0-9. E+-]{0,30}") {
            let _readings = (uprn(&text), uprn(&typed));
        }

        #[test]
        fn a_number_written_out_reads_as_itself(number in 1u64..=999_999_999_999) {
            if let Reading::Known(read) = uprn(&number.to_string()) {
                prop_assert_eq!(read.number(), number);
                prop_assert_eq!(Uprn::new(read.number()), Some(read));
            } else {
                prop_assert!(is_placeholder(number));
            }
        }
    }
}

//! Writes fields of several kinds as CSV, one after another.

use crate::csv_row;
use crate::date::Date;

/// Writes one row after another.
pub(crate) struct Rows<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
    capitals: bool,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Rows { out, first: true, capitals: false }
    }

    /// Sets whether text is written in capitals from here on.
    pub(crate) fn capitals(&mut self, capitals: bool) {
        self.capitals = capitals;
    }

    /// Writes a field of text, quoted if it must be.
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        if self.capitals {
            csv_row::field(&text.to_uppercase(), self.out);
        } else {
            csv_row::field(text, self.out);
        }
    }

    /// Writes an empty field.
    pub(crate) fn nothing(&mut self) {
        self.separate();
    }

    /// Writes a whole number with at least `width` digits.
    pub(crate) fn number(&mut self, number: u64, width: usize) {
        self.separate();
        digits(self.out, number, width);
    }

    /// Writes a date, or an empty field: `2026-08-23`, or `23/08/2026` with the day first.
    pub(crate) fn date(&mut self, date: Option<Date>, day_first: bool) {
        self.separate();
        let Some(date) = date else { return };
        let (year, month, day) = (date.year().into(), date.month().into(), date.day().into());
        let (parts, mark) = match day_first {
            true => ([(day, 2), (month, 2), (year, 4)], b'/'),
            false => ([(year, 4), (month, 2), (day, 2)], b'-'),
        };
        for (place, (number, width)) in parts.into_iter().enumerate() {
            if place > 0 {
                self.out.push(mark);
            }
            digits(self.out, number, width);
        }
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        self.out.push(b'\n');
        self.first = true;
    }

    fn separate(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }
}

/// Appends a number in decimal, padded with zeros to `width`.
pub(crate) fn digits(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut reversed = [0u8; 20];
    let mut length = 0;
    while number > 0 || length < width.clamp(1, 20) {
        reversed[length] = b'0' + (number % 10) as u8;
        number /= 10;
        length += 1;
    }
    out.extend(reversed[..length].iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_as_written() {
        let texts = ["plain", "a, b", "say \"so\"", "", "two\nlines", "Łódź"];
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out);
        texts.iter().for_each(|text| rows.text(text));
        rows.number(42, 5);
        rows.date(Date::new(1999, 3, 7), true);
        rows.date(Date::new(1999, 3, 7), false);
        rows.date(None, false);
        rows.end();
        rows.capitals(true);
        rows.text("Siân, \"J\"");
        rows.end();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(out.as_slice());
        let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(&read[0].iter().collect::<Vec<_>>()[..6], &texts);
        assert_eq!(&read[0].iter().collect::<Vec<_>>()[6..], ["00042", "07/03/1999", "1999-03-07", ""]);
        assert_eq!(&read[1][0], "SIÂN, \"J\"");
    }

    #[test]
    fn digits_are_all_there() {
        for (number, width, text) in [(0, 1, "0"), (0, 0, "0"), (907, 2, "907"), (7, 3, "007")] {
            let mut out = Vec::new();
            digits(&mut out, number, width);
            assert_eq!(out, text.as_bytes());
        }
    }
}
